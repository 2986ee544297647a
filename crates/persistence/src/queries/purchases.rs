//! Purchases.

use tollgate_domain::{
    access::{
        Purchase,
        ports::{PurchaseReads, Purchases},
    },
    id::{PageId, PurchaseId, VisitorId},
    payments::{AccountId, PaymentIntentId},
};

use super::prelude::*;
use crate::{rows::PurchaseRow, schema::purchases};

/// A visitor's purchases of a page, newest first.
macro_rules! purchases_of {
    ($visitor:expr, $page:expr) => {
        purchases::table
            .filter(purchases::page_id.eq(AsText($page)))
            .filter(purchases::visitor_id.eq(AsText($visitor)))
            .order((purchases::created_at.desc(), purchases::id.desc()))
    };
}

#[async_trait]
impl Purchases for Unit {
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError> {
        insert!(self, purchases, PurchaseRow::from(purchase))
    }

    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        // Updating a row, even without a change, locks it in both databases.
        let same = purchases::refunded.eq(purchases::refunded);
        updated!(self, PurchaseRow, diesel::update(purchases::table.find(AsText(id))).set(same))
    }

    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        find_all!(self, PurchaseRow, purchases_of!(visitor, page))
    }

    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError> {
        let sum = purchases::refunded + purchases::refund_reserved + amount;
        let has_enough =
            purchases::table.find(AsText(id)).filter(purchases::amount.ge(sum.nullable()));
        let reserved = purchases::refund_reserved.eq(purchases::refund_reserved + amount);
        changes!(self, diesel::update(has_enough).set(reserved))
    }

    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError> {
        let reserved = purchases::refund_reserved.eq(purchases::refund_reserved - amount);
        execute!(self, diesel::update(purchases::table.find(AsText(id))).set(reserved))
    }

    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError> {
        let state = (
            purchases::grant_type.eq(AsText(purchase.grant_type)),
            purchases::refunded.eq(purchase.refunded),
            purchases::suspended_at.eq(purchase.suspended_at.map(AsInt)),
            purchases::revoked_at.eq(purchase.revoked_at.map(AsInt)),
        );
        execute!(self, diesel::update(purchases::table.find(AsText(purchase.id))).set(state))
    }
}

#[async_trait]
impl PurchaseReads for Database {
    async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        read_first!(self, PurchaseRow, purchases::table.find(AsText(id)))
    }

    async fn purchase_by_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError> {
        let paid = purchases::table
            .filter(purchases::account.eq(AsText(account.clone())))
            .filter(purchases::payment_intent.eq(AsText(payment.clone())));
        read_first!(self, PurchaseRow, paid)
    }

    async fn purchases_of(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        let bought = purchases_of!(visitor, page).select(PurchaseRow::as_select());
        let rows: Vec<PurchaseRow> = read_all!(self, bought)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
