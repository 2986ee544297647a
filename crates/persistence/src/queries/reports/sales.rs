//! The list of sales.

use diesel::dsl::{exists, not};
use tollgate_domain::{
    access::{FactKind, GrantType},
    email::Email,
    id::HandleId,
    names::Slug,
    refunds::REFUSED_KEY,
    reports::{Sale, SaleFilter},
};

use super::super::{people::after_all, prelude::*};
use crate::{
    rows::PurchaseRow,
    schema::{disputes, ledger, pages, people, purchases, refund_requests, visitors},
};

#[derive(Queryable)]
struct SaleRow {
    purchase: PurchaseRow,
    email: AsText<Email>,
    slug: AsText<Slug>,
    title: String,
    is_disputed: bool,
    last_refund_failed: bool,
    refund_was_refused: bool,
}

impl From<SaleRow> for Sale {
    fn from(row: SaleRow) -> Self {
        Self {
            purchase: row.purchase.into(),
            email: row.email.0,
            slug: row.slug.0,
            title: row.title,
            is_disputed: row.is_disputed,
            last_refund_failed: row.last_refund_failed,
            refund_was_refused: row.refund_was_refused,
        }
    }
}

/// A query for the facts that a purchase in `purchases` is held as a second payment since its refund was refused for good, if no
/// other refund was made since. A request that has led to no refund may have been closed for another reason.
macro_rules! refused {
    () => {{
        let refused = refund_requests::table
            .filter(refund_requests::purchase_id.nullable().eq(ledger::purchase_id))
            .filter(refund_requests::idempotency_key.eq(Literal(REFUSED_KEY).nullable()))
            .select(refund_requests::id);
        ledger::table
            .filter(ledger::purchase_id.eq(purchases::id.nullable()))
            .filter(ledger::kind.eq(Literal(FactKind::SecondPaymentHeld.as_str())))
            .filter(not(exists(newer_refund!())))
            .filter(exists(refused))
    }};
}

impl Database {
    /// Returns a page of the sales of a handle, newest first.
    pub(super) async fn sales_of(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError> {
        let failed_refunds = ledger::table
            .filter(ledger::purchase_id.eq(purchases::id.nullable()))
            .filter(ledger::kind.eq(Literal(FactKind::RefundFailed.as_str())))
            .filter(not(exists(newer_refund!())));
        let sales = purchases::table
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
            .filter(purchases::handle_id.eq(AsText(handle)))
            .select((
                PurchaseRow::as_select(),
                visitors::email,
                pages::slug,
                pages::title,
                exists(disputes::table.filter(disputes::purchase_id.eq(purchases::id))),
                exists(failed_refunds),
                exists(refused!()).and(exists(other_purchase!())),
            ));
        let mut query = seek!(page, purchases::created_at, purchases::id, sales);
        if let Some(page) = filter.page {
            query = query.filter(purchases::page_id.eq(AsText(page)));
        }
        if let Some(visitor) = filter.visitor {
            query = query.filter(purchases::visitor_id.eq(AsText(visitor)));
        }
        if let Some(email) = filter.email.clone() {
            query = query.filter(visitors::email.eq(AsText(email)));
        }
        if let Some(prefix) = filter.prefix.clone() {
            // Only among the people of the handle, however many others there are.
            let called = people::table
                .filter(people::handle_id.eq(AsText(handle)))
                .filter(people::email.lt(after_all(&prefix)))
                .filter(people::email.ge(prefix));
            query = query.filter(visitors::email.eq_any(called.select(people::email)));
        }
        let rows: Vec<SaleRow> = report_all!(self, query)?;
        Ok(listing(rows, page, |sale: &Sale| (sale.purchase.created_at, sale.purchase.id)))
    }
}
