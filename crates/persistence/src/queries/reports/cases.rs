//! What is stored of a person and a page or file, for explanations.

use std::{cmp::Reverse, collections::BTreeSet};

use diesel::dsl::exists;
use tollgate_domain::{
    access::{Fact, FactKind},
    checkout::{CheckoutOrder, OrderStatus, QuarantinedPayment},
    email::Email,
    files::FileAccess,
    id::{FileId, HandleId, PageId, VisitorId},
    names::Slug,
    reports::ports::{
        MAX_FACTS, MAX_FAILED, MAX_UNPAID, PendingPayment, ResourceCase, UnpaidOrder,
    },
};

use super::super::prelude::*;
use crate::{
    rows::{FactRow, FileState, HoldingColumns, OrderRow, PurchaseRow, holding},
    schema::{checkout_orders, file_allowlist, files, ledger, pages, purchases, visitors},
};

/// Purchases, facts, the payment that is being processed, and the one that was quarantined last.
type PageCaseRows =
    (Vec<PurchaseRow>, Vec<FactRow>, Option<OrderRow>, Option<(OrderRow, AsInt<Timestamp>)>);

/// The newest facts that are asked for.
macro_rules! newest_facts {
    () => {
        ledger::table
            .order((ledger::at.desc(), ledger::id.desc()))
            .limit(i64::from(MAX_FACTS))
            .select(FactRow::as_select())
    };
}

/// Loads the facts about a visitor and a page.
macro_rules! facts_about {
    ($conn:ident, $visitor:expr, $page:expr) => {{
        let mut facts: Vec<FactRow> = newest_facts!()
            .filter(ledger::page_id.eq($page))
            .filter(ledger::visitor_id.eq($visitor))
            .load(on(&mut $conn))
            .await?;
        // A purchase that moved has facts about the visitor who had it before, and about the next one.
        let purchases: BTreeSet<_> =
            facts.iter().filter_map(|fact| Some(fact.purchase_id?.0)).collect();
        let of_purchases: Vec<FactRow> = newest_facts!()
            .filter(ledger::purchase_id.eq_any(purchases.into_iter().map(AsText)))
            .filter(ledger::visitor_id.ne($visitor))
            .load(on(&mut $conn))
            .await?;
        facts.extend(of_purchases);
        facts
    }};
}

impl Database {
    /// Returns the newest orders of a person for a page in one of these statuses that got a pay page: at most `most`, oldest
    /// first.
    async fn opened_orders(
        &self,
        page: PageId,
        email: &Email,
        statuses: &[OrderStatus],
        most: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let statuses: Vec<_> = statuses.iter().copied().map(AsText).collect();
        let opened = checkout_orders::table
            .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
            .filter(checkout_orders::page_id.eq(AsText(page)))
            .filter(checkout_orders::status.eq_any(statuses))
            .filter(checkout_orders::session.is_not_null())
            .filter(visitors::email.eq(AsText(email.clone())))
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
            .limit(most.into())
            .select(OrderRow::as_select());
        let opened: Vec<OrderRow> = report_all!(self, opened)?;
        Ok(opened.into_iter().rev().map(Into::into).collect())
    }

    /// Returns what is stored of a person and a page.
    pub(super) async fn page_case(
        &self,
        page: PageId,
        email: &Email,
    ) -> Result<ResourceCase, StoreError> {
        let failed = self.opened_orders(page, email, &[OrderStatus::Failed], MAX_FAILED).await?;
        let unpaid = self.opened_orders(page, email, &UnpaidOrder::STATUSES, MAX_UNPAID).await?;
        let (page, email) = (AsText(page), AsText(email.clone()));
        let rows: PageCaseRows = report!(self, |conn| {
            let visitor: Option<AsText<VisitorId>> = visitors::table
                .filter(visitors::email.eq(email))
                .select(visitors::id)
                .first(on(&mut conn))
                .await
                .optional()?;
            let Some(visitor) = visitor else { return Ok(PageCaseRows::default()) };
            let bought = purchases::table
                .filter(purchases::page_id.eq(page))
                .filter(purchases::visitor_id.eq(visitor))
                .order((purchases::created_at.desc(), purchases::id.desc()))
                .select(PurchaseRow::as_select())
                .load(on(&mut conn))
                .await?;
            let facts = facts_about!(conn, visitor, page);
            let pending = checkout_orders::table
                .filter(checkout_orders::visitor_id.eq(visitor))
                .filter(checkout_orders::page_id.eq(page))
                .filter(checkout_orders::status.eq(Literal(OrderStatus::Pending.as_str())))
                .select(OrderRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()?;
            let quarantined = quarantined!(visitor, page);
            let quarantined: Option<(OrderRow, AsInt<Timestamp>)> =
                quarantined.get_result(on(&mut conn)).await.optional()?;
            QueryResult::Ok((bought, facts, pending, quarantined))
        })?;
        Ok(ResourceCase {
            failed: failed.iter().map(PendingPayment::of).collect(),
            unpaid: unpaid.iter().map(UnpaidOrder::of).collect(),
            ..case_of(rows)
        })
    }

    /// Returns what is stored of a person and a file.
    pub(super) async fn file_case(
        &self,
        file: FileId,
        email: &Email,
    ) -> Result<ResourceCase, StoreError> {
        let (file, email) = (AsText(file), AsText(email.clone()));
        let (places, facts): (Vec<(String, Option<i64>)>, Vec<FactRow>) = report!(self, |conn| {
            let places: Vec<(String, Option<i64>)> = file_allowlist::table
                .filter(file_allowlist::file_id.eq(file))
                .filter(file_allowlist::email.eq(email))
                .order((file_allowlist::added_at.desc(), file_allowlist::id.desc()))
                .limit(i64::from(MAX_FACTS))
                .select((file_allowlist::id, file_allowlist::removed_at))
                .load(on(&mut conn))
                .await?;
            let ids: Vec<_> = places.iter().map(|(id, _)| id.clone()).collect();
            let facts = newest_facts!()
                .filter(ledger::file_id.eq(file))
                .filter(ledger::reference.eq_any(ids))
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((places, facts))
        })?;
        Ok(ResourceCase {
            listed: places.iter().any(|(_, removed_at)| removed_at.is_none()),
            facts: facts.into_iter().rev().map(Into::into).collect(),
            ..ResourceCase::default()
        })
    }

    /// Returns whether a person has a page that is open to the person.
    pub(super) async fn is_open_to(&self, page: PageId, email: &Email) -> Result<bool, StoreError> {
        let held = purchases::table
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .filter(purchases::page_id.eq(AsText(page)))
            .filter(visitors::email.eq(AsText(email.clone())))
            .select((
                purchases::grant_type.nullable(),
                purchases::revoked_at,
                purchases::suspended_at,
            ));
        let rows: Vec<HoldingColumns> = read_all!(self, held)?;
        Ok(rows.iter().filter_map(holding).any(|held| held.is_active()))
    }

    /// Returns the newest pages about which something of a person is stored.
    pub(super) async fn known_pages(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        let known = ledger::table
            .inner_join(visitors::table.on(ledger::visitor_id.eq(visitors::id.nullable())))
            .filter(ledger::page_id.eq(pages::id.nullable()))
            .filter(visitors::email.eq(AsText(email.clone())));
        let ordered = checkout_orders::table
            .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
            .filter(checkout_orders::page_id.eq(pages::id))
            .filter(checkout_orders::session.is_not_null())
            .filter(visitors::email.eq(AsText(email.clone())));
        let is_known = exists(known).or(exists(ordered));
        let pages = pages::table
            .filter(pages::handle_id.eq(AsText(handle)))
            .filter(is_known)
            .order((pages::created_at.desc(), pages::id.desc()))
            .limit(limit.into())
            .select(pages::slug);
        let slugs: Vec<AsText<Slug>> = report_all!(self, pages)?;
        Ok(slugs.into_iter().map(|slug| slug.0).collect())
    }

    /// Returns the newest files for those on a list on which a person is or was.
    pub(super) async fn listing_files(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        let places = file_allowlist::table
            .filter(file_allowlist::email.eq(AsText(email.clone())))
            .select(file_allowlist::file_id);
        let files = files::table
            .filter(files::handle_id.eq(AsText(handle)))
            .filter(files::state.eq(FileState::Ready.as_str()))
            .filter(files::access.eq(AsText(FileAccess::Allowlist)))
            .filter(files::id.eq_any(places))
            .order((files::created_at.desc(), files::id.desc()))
            .limit(limit.into())
            .select(files::slug);
        let slugs: Vec<AsText<Slug>> = report_all!(self, files)?;
        Ok(slugs.into_iter().map(|slug| slug.0).collect())
    }
}

/// Returns the case of a page, without the payments that failed and the pay pages that were not paid.
fn case_of((bought, facts, pending, quarantined): PageCaseRows) -> ResourceCase {
    let pending = pending.map(CheckoutOrder::from);
    let quarantined = quarantined.map(|(order, since)| {
        let found = QuarantinedPayment { order: order.into(), since: since.0 };
        PendingPayment::of_quarantined(&found)
    });
    ResourceCase {
        purchases: bought.into_iter().map(Into::into).collect(),
        facts: newest_of(facts),
        pending: pending.as_ref().map(PendingPayment::of),
        quarantined,
        ..ResourceCase::default()
    }
}

/// Returns the newest facts that a case tells of, oldest first.
fn newest_of(facts: Vec<FactRow>) -> Vec<Fact> {
    let mut facts: Vec<Fact> = facts.into_iter().map(Into::into).collect();
    facts.sort_by_key(|fact| Reverse((fact.at, fact.id)));
    facts.truncate(usize::try_from(MAX_FACTS).unwrap_or(usize::MAX));
    facts.reverse();
    facts
}
