//! Purchases.

use tollgate_domain::{
    access::{Purchase, ports::Purchases},
    checkout::{AccountId, PaymentIntentId},
    id::{PageId, PurchaseId, VisitorId},
};

use super::prelude::*;
use crate::{rows::PurchaseRow, schema::purchases};

#[async_trait]
impl Purchases for Unit {
    async fn insert(&mut self, purchase: &Purchase) -> Result<bool, StoreError> {
        let row = PurchaseRow::from(purchase);
        run!(self, |conn| {
            let affected = diesel::insert_into(purchases::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn lock(&mut self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            // Writing a row, even as it was, is the lock that both databases know.
            diesel::update(purchases::table.find(id))
                .set(purchases::refunded.eq(purchases::refunded))
                .returning(PurchaseRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn by_payment(
        &mut self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<Option<Purchase>, StoreError> {
        let (account, payment) = (account.to_string(), payment.to_string());
        run!(self, |conn| {
            purchases::table
                .filter(purchases::account.eq(account))
                .filter(purchases::payment_intent.eq(payment))
                .select(PurchaseRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn of_visitor(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Vec<Purchase>, StoreError> {
        let (visitor, page) = (visitor.to_string(), page.to_string());
        run!(self, |conn| {
            purchases::table
                .filter(purchases::page_id.eq(page))
                .filter(purchases::visitor_id.eq(visitor))
                .order((purchases::created_at.desc(), purchases::id.desc()))
                .select(PurchaseRow::as_select())
                .load(conn)
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }

    async fn reserve_refund(&mut self, id: PurchaseId, amount: i64) -> Result<bool, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            let spoken_for = purchases::refunded + purchases::refund_reserved + amount;
            let affected = diesel::update(
                purchases::table.find(id).filter(purchases::amount.ge(spoken_for.nullable())),
            )
            .set(purchases::refund_reserved.eq(purchases::refund_reserved + amount))
            .execute(conn)
            .await?;
            Ok(affected == 1)
        })
    }

    async fn release_refund(&mut self, id: PurchaseId, amount: i64) -> Result<(), StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            diesel::update(purchases::table.find(id))
                .set(purchases::refund_reserved.eq(purchases::refund_reserved - amount))
                .execute(conn)
                .await
                .map(drop)
        })
    }

    async fn store_state(&mut self, purchase: &Purchase) -> Result<(), StoreError> {
        let id = purchase.id.to_string();
        let standing = (
            purchases::grant_type.eq(purchase.grant_type.as_str()),
            purchases::refunded.eq(purchase.refunded),
            purchases::suspended_at.eq(purchase.suspended_at.map(micros)),
            purchases::revoked_at.eq(purchase.revoked_at.map(micros)),
        );
        run!(self, |conn| {
            diesel::update(purchases::table.find(id)).set(standing).execute(conn).await.map(drop)
        })
    }
}
