//! Refund requests.

use tollgate_domain::{
    id::{PurchaseId, RefundId},
    payments::ProviderRefundId,
    refunds::{
        AcceptedRefund, RefundRequest,
        ports::{RefundReads, RefundRequests},
    },
};

use super::prelude::*;
use crate::{rows::RefundRequestRow, schema::refund_requests};

/// The requests for a refund of a purchase that have no answer, oldest first.
macro_rules! unanswered_of {
    ($purchase:expr) => {
        refund_requests::table
            .filter(refund_requests::purchase_id.eq(AsText($purchase)))
            .filter(refund_requests::answered_at.is_null())
            .order((refund_requests::requested_at, refund_requests::id))
    };
}

/// The requests for refunds of these purchases that the provider accepted, with its refunds and when it did.
macro_rules! accepted_of {
    ($purchases:expr) => {{
        let purchases = padded($purchases.iter().copied().map(AsText).collect());
        refund_requests::table
            .filter(refund_requests::purchase_id.eq_any(purchases))
            .filter(refund_requests::accepted.eq(true))
            .filter(refund_requests::provider_refund.is_not_null())
            .filter(refund_requests::answered_at.is_not_null())
            .select((
                RefundRequestRow::as_select(),
                refund_requests::provider_refund.assume_not_null(),
                refund_requests::answered_at.assume_not_null(),
            ))
    }};
}

type AcceptedRow = (RefundRequestRow, AsText<ProviderRefundId>, AsInt<Timestamp>);

fn accepted_refunds(rows: Vec<AcceptedRow>) -> Vec<AcceptedRefund> {
    let rows = rows.into_iter();
    let refund = |(request, AsText(refund), AsInt(accepted_at)): AcceptedRow| AcceptedRefund {
        request: request.into(),
        refund,
        accepted_at,
    };
    rows.map(refund).collect()
}

#[async_trait]
impl RefundRequests for Unit {
    async fn insert(&mut self, request: &RefundRequest) -> Result<(), StoreError> {
        let row = RefundRequestRow::from(request);
        execute!(self, diesel::insert_into(refund_requests::table).values(row))
    }

    async fn unanswered_of(
        &mut self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        find!(self, RefundRequestRow, unanswered_of!(purchase))
    }

    async fn by_key(
        &mut self,
        purchases: &[PurchaseId],
        key: &str,
    ) -> Result<Option<(RefundRequest, Option<ProviderRefundId>)>, StoreError> {
        let purchases: Vec<_> = purchases.iter().copied().map(AsText).collect();
        let key = key.to_owned();
        let found: Option<(RefundRequestRow, Option<AsText<_>>)> = run!(self, |conn| {
            refund_requests::table
                .filter(refund_requests::purchase_id.eq_any(purchases))
                .filter(refund_requests::idempotency_key.eq(key))
                .order((
                    refund_requests::provider_refund.is_null(),
                    refund_requests::requested_at.desc(),
                    refund_requests::id.desc(),
                ))
                .select((RefundRequestRow::as_select(), refund_requests::provider_refund))
                .first(conn)
                .await
                .optional()
        })?;
        Ok(found.map(|(request, refund)| (request.into(), refund.map(|refund| refund.0))))
    }

    async fn accepted_of(
        &mut self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError> {
        let query = accepted_of!(purchases);
        let rows: Vec<AcceptedRow> = run!(self, |conn| { query.load(conn).await })?;
        Ok(accepted_refunds(rows))
    }

    async fn sent(&mut self, id: RefundId, now: Timestamp) -> Result<(), StoreError> {
        let request = refund_requests::table.find(AsText(id));
        execute!(self, diesel::update(request).set(refund_requests::sent_at.eq(AsInt(now))))
    }

    async fn answer(
        &mut self,
        id: RefundId,
        accepted: bool,
        refund: Option<ProviderRefundId>,
        now: Timestamp,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let unanswered =
            refund_requests::table.find(AsText(id)).filter(refund_requests::answered_at.is_null());
        let answer = (
            refund_requests::answered_at.eq(AsInt(now)),
            refund_requests::accepted.eq(accepted),
            refund_requests::provider_refund.eq(refund.map(AsText)),
        );
        updated!(self, RefundRequestRow, diesel::update(unanswered).set(answer))
    }
}

#[async_trait]
impl RefundReads for Database {
    async fn unanswered_refund(&self, id: RefundId) -> Result<Option<RefundRequest>, StoreError> {
        let request = refund_requests::table.find(AsText(id));
        read_first!(self, RefundRequestRow, request.filter(refund_requests::answered_at.is_null()))
    }

    async fn unanswered_refund_of(
        &self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        read_first!(self, RefundRequestRow, unanswered_of!(purchase))
    }

    async fn refund_under(
        &self,
        purchase: PurchaseId,
        key: &str,
    ) -> Result<Option<RefundRequest>, StoreError> {
        let made = refund_requests::table
            .filter(refund_requests::purchase_id.eq(AsText(purchase)))
            .filter(refund_requests::idempotency_key.eq(key.to_owned()))
            .order((refund_requests::requested_at.desc(), refund_requests::id.desc()));
        read_first!(self, RefundRequestRow, made)
    }

    async fn accepted_refunds(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<AcceptedRefund>, StoreError> {
        let rows: Vec<AcceptedRow> = read_all!(self, CachedStatement(accepted_of!(purchases)))?;
        Ok(accepted_refunds(rows))
    }

    async fn refund_reasons(
        &self,
        purchases: &[PurchaseId],
    ) -> Result<Vec<(ProviderRefundId, String)>, StoreError> {
        let purchases = padded(purchases.iter().copied().map(AsText).collect());
        let given = refund_requests::table
            .filter(refund_requests::purchase_id.eq_any(purchases))
            .filter(refund_requests::provider_refund.is_not_null())
            .filter(refund_requests::reason.is_not_null())
            .select((
                refund_requests::provider_refund.assume_not_null(),
                refund_requests::reason.assume_not_null(),
            ));
        let rows: Vec<(AsText<ProviderRefundId>, String)> =
            report_all!(self, CachedStatement(given))?;
        Ok(rows.into_iter().map(|(refund, reason)| (refund.0, reason)).collect())
    }
}
