//! What waits for a creator, if it takes more than one condition to find it.

use diesel::{
    dsl::{exists, not},
    sql_types::Bool,
};
use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::OrderStatus,
    disputes::Dispute,
    email::Email,
    id::HandleId,
    names::Slug,
    payments::{DisputeProgress, DisputeStage},
    reports::ports::{AwaitedDispute, MAX_OPEN, UnmatchedPayment},
};

use super::{super::prelude::*, unfinished};
use crate::{
    rows::{DisputeRow, OrderRow},
    schema::{checkout_orders, connected_accounts, disputes, ledger, pages, purchases, visitors},
};

/// Whether a dispute about the payment in the order's own session is not decided yet. The references are those of
/// `Fact::dispute_of`. Few payments without purchase are disputed, so that they are looked for by that.
const IS_DISPUTED: &str = "EXISTS (SELECT 1 FROM ledger opened \
    WHERE opened.kind = 'disputed' AND opened.purchase_id IS NULL \
    AND opened.handle_id = checkout_orders.handle_id \
    AND substr(opened.reference, length(opened.reference) - length(checkout_orders.session)) \
        = '@' || checkout_orders.session \
    AND NOT EXISTS (SELECT 1 FROM ledger decided WHERE decided.reference = opened.reference \
        AND decided.kind IN ('dispute_won', 'dispute_lost')))";

/// A dispute, the address of the buyer, the title of the page, and whether the account is still connected.
type AwaitedRow = (DisputeRow, AsText<Email>, String, bool);

/// An order, the address of its visitor, the slug and title of its page, and whether a bank disputes its payment.
type UnmatchedRow = (OrderRow, AsText<Email>, AsText<Slug>, String, bool);

impl Database {
    /// Returns the disputes of a handle that wait for an answer.
    pub(super) async fn awaited(
        &self,
        handle: HandleId,
        now: Timestamp,
    ) -> Result<Vec<AwaitedDispute>, StoreError> {
        let is_in_time = disputes::respond_by
            .is_null()
            .or(disputes::respond_by.assume_not_null().gt(AsInt(now)));
        // There is nothing left to answer then.
        let is_settled = disputes::progress
            .eq(Literal(DisputeProgress::Inquiry.as_str()))
            .and(purchases::grant_type.eq(Literal(GrantType::Refunded.as_str())));
        let account = connected_accounts::table
            .filter(connected_accounts::live_handle_id.eq(purchases::handle_id.nullable()))
            .filter(connected_accounts::account.nullable().eq(purchases::account));
        let is_connected = purchases::account.is_null().or(exists(account));
        let awaited = disputes::table
            .inner_join(purchases::table.on(purchases::id.eq(disputes::purchase_id)))
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
            .filter(purchases::handle_id.eq(AsText(handle)))
            .filter(disputes::stage.eq(Literal(DisputeStage::NeedsResponse.as_str())))
            .filter(is_in_time)
            .filter(not(is_settled))
            .order((disputes::respond_by.is_null(), disputes::respond_by, disputes::id))
            .limit(MAX_OPEN.into())
            .select((DisputeRow::as_select(), visitors::email, pages::title, is_connected));
        let rows: Vec<AwaitedRow> = report_all!(self, awaited)?;
        let awaited = |(dispute, email, title, is_connected): AwaitedRow| AwaitedDispute {
            dispute: Dispute::from(dispute),
            email: email.0,
            title,
            is_connected,
        };
        Ok(rows.into_iter().map(awaited).collect())
    }

    /// Returns the payments of a handle that do not match their orders and were not refunded.
    pub(super) async fn unmatched(
        &self,
        handle: HandleId,
        limit: u32,
    ) -> Result<Vec<UnmatchedPayment>, StoreError> {
        let is_of_session = ledger::reference.nullable().eq(checkout_orders::session);
        // The status is in the text, as the partial index has it.
        let unmatched = checkout_orders::table
            .inner_join(ledger::table.on(is_of_session))
            .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
            .inner_join(pages::table.on(pages::id.eq(checkout_orders::page_id)))
            .filter(checkout_orders::handle_id.eq(AsText(handle)))
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Quarantined.as_str())))
            .filter(ledger::kind.eq(Literal(FactKind::PaymentQuarantined.as_str())))
            .filter(not(is_quarantine_refunded!()))
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
            .limit(limit.into())
            .select((
                OrderRow::as_select(),
                visitors::email,
                pages::slug,
                pages::title,
                sql::<Bool>(IS_DISPUTED),
            ));
        let rows: Vec<UnmatchedRow> = report_all!(self, unmatched)?;
        let unmatched = |(order, email, slug, title, is_disputed): UnmatchedRow| {
            let payment = unfinished((order, email, slug, title))?;
            Some(UnmatchedPayment { payment, is_disputed })
        };
        Ok(rows.into_iter().filter_map(unmatched).collect())
    }
}
