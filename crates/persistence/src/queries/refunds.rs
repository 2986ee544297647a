//! Refund requests.

use tollgate_domain::{
    checkout::ProviderRefundId,
    id::{PurchaseId, RefundId},
    refunds::{RefundRequest, ports::RefundRequests},
};

use super::prelude::*;
use crate::{rows::RefundRequestRow, schema::refund_requests};

#[async_trait]
impl RefundRequests for Unit {
    async fn insert(&mut self, request: &RefundRequest) -> Result<(), StoreError> {
        let row = RefundRequestRow::from(request);
        run!(self, |conn| {
            diesel::insert_into(refund_requests::table).values(row).execute(conn).await.map(drop)
        })
    }

    async fn unanswered_of(
        &mut self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let purchase = purchase.to_string();
        run!(self, |conn| {
            refund_requests::table
                .filter(refund_requests::purchase_id.eq(purchase))
                .filter(refund_requests::answered_at.is_null())
                .order((refund_requests::requested_at, refund_requests::id))
                .select(RefundRequestRow::as_select())
                .first(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn by_key(
        &mut self,
        purchases: &[PurchaseId],
        key: &str,
    ) -> Result<Option<(RefundRequest, Option<ProviderRefundId>)>, StoreError> {
        let purchases: Vec<_> = purchases.iter().map(ToString::to_string).collect();
        let key = key.to_owned();
        let found: Option<(RefundRequestRow, Option<String>)> = run!(self, |conn| {
            refund_requests::table
                .filter(refund_requests::purchase_id.eq_any(purchases))
                .filter(refund_requests::idempotency_key.eq(key))
                .order((refund_requests::requested_at.desc(), refund_requests::id.desc()))
                .select((RefundRequestRow::as_select(), refund_requests::provider_refund))
                .first(conn)
                .await
                .optional()
        })?;
        let Some((request, refund)) = found else { return Ok(None) };
        Ok(Some((request.try_into()?, refund.map(ProviderRefundId::new))))
    }

    async fn answer(
        &mut self,
        id: RefundId,
        accepted: bool,
        refund: Option<ProviderRefundId>,
        now: Timestamp,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        run!(self, |conn| {
            let unanswered =
                refund_requests::table.find(id).filter(refund_requests::answered_at.is_null());
            diesel::update(unanswered)
                .set((
                    refund_requests::answered_at.eq(now),
                    refund_requests::accepted.eq(accepted),
                    refund_requests::provider_refund
                        .eq(refund.map(|refund| refund.as_str().to_owned())),
                ))
                .returning(RefundRequestRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn unanswered_since(
        &mut self,
        instant: Timestamp,
        limit: u32,
    ) -> Result<Vec<RefundRequest>, StoreError> {
        let instant = micros(instant);
        run!(self, |conn| {
            refund_requests::table
                .filter(refund_requests::answered_at.is_null())
                .filter(refund_requests::requested_at.lt(instant))
                .order((refund_requests::requested_at, refund_requests::id))
                .limit(i64::from(limit))
                .select(RefundRequestRow::as_select())
                .load(conn)
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }
}
