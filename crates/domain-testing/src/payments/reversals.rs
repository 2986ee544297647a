//! Money that goes back: refunds made at the provider, and disputes.

use super::{FakePayments, records::Dispute};
use tollgate_domain::{
    id::RefundId,
    payments::{
        DisputeId, DisputeProgress, EventSubject, PaymentIntentId, PaymentsError, ProviderRefundId,
        RefundProgress,
    },
};

impl FakePayments {
    /// Sets how far refunds come at first, which is [`RefundProgress::Succeeded`] unless set.
    pub fn set_refund_progress(&self, progress: RefundProgress) {
        self.records().refund_progress = Some(progress);
    }

    /// Has the creator refund money in the provider's own dashboard.
    pub fn refund_in_dashboard(
        &self,
        payment: &PaymentIntentId,
        amount: i64,
    ) -> Result<ProviderRefundId, PaymentsError> {
        self.records().refund(payment, amount, None)
    }

    /// Has the account's owner refund, and write the id of a request of ours into it.
    pub fn refund_naming(
        &self,
        payment: &PaymentIntentId,
        amount: i64,
        request: RefundId,
    ) -> Result<ProviderRefundId, PaymentsError> {
        self.records().refund(payment, amount, Some(request))
    }

    /// Has the money of a refund that was pending reach the buyer.
    pub fn complete_refund(&self, refund: &ProviderRefundId) {
        let mut records = self.records();
        let Some(it) = records.refunds.get_mut(refund) else { return };
        it.progress = RefundProgress::Succeeded;
        let account = it.account.clone();
        records.tell(EventSubject::Refund, &account, refund.as_str());
    }

    /// Has a refund fail after it was accepted.
    pub fn fail_refund(&self, refund: &ProviderRefundId) {
        let mut records = self.records();
        let Some(it) = records.refunds.get_mut(refund) else { return };
        it.progress = RefundProgress::Failed;
        let account = it.account.clone();
        records.tell(EventSubject::Refund, &account, refund.as_str());
        records.tell(EventSubject::Refund, &account, refund.as_str());
    }

    /// Returns the refunds of a payment, oldest first.
    pub fn refunds_of(&self, payment: &PaymentIntentId) -> Vec<(ProviderRefundId, i64)> {
        let records = self.records();
        let of_it = records.refunds.iter().filter(|(_, refund)| refund.payment == *payment);
        of_it.map(|(id, refund)| (id.clone(), refund.amount)).collect()
    }

    /// Has a bank dispute a payment; `None` if there is no such payment.
    pub fn dispute(
        &self,
        payment: &PaymentIntentId,
        progress: DisputeProgress,
    ) -> Option<DisputeId> {
        let mut records = self.records();
        let account = records.charges.get(payment)?.account.clone();
        let dispute = records.next_id("du", DisputeId::new);
        let (created, payment) = (records.now, payment.clone());
        let row = Dispute::new(&account, created, payment, progress);
        records.disputes.insert(dispute.clone(), row);
        records.tell(EventSubject::Dispute, &account, dispute.as_str());
        Some(dispute)
    }

    /// Has a bank dispute a part of a payment; `None` if there is no such payment.
    pub fn dispute_part(
        &self,
        payment: &PaymentIntentId,
        part: i64,
        progress: DisputeProgress,
    ) -> Option<DisputeId> {
        let dispute = self.dispute(payment, progress)?;
        self.records().disputes.get_mut(&dispute)?.part = Some(part);
        Some(dispute)
    }

    /// Returns the disputes that were opened, oldest first.
    pub fn disputes(&self) -> Vec<DisputeId> {
        self.records().disputes.keys().cloned().collect()
    }

    /// Moves a dispute on.
    pub fn decide_dispute(&self, dispute: &DisputeId, progress: DisputeProgress) {
        let mut records = self.records();
        let Some(it) = records.disputes.get_mut(dispute) else { return };
        it.progress = progress;
        it.is_prevented = false;
        let account = it.account.clone();
        records.tell(EventSubject::Dispute, &account, dispute.as_str());
    }
}
