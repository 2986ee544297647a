//! What takes a payment back: refunds and disputes.

use jiff::Timestamp;

use super::{FindingKind, Sweep, is_known};
use crate::{
    access::FactKind,
    checkout::FulfilmentError,
    payments::{DisputeState, PaymentIntentId},
    reconcile::ProviderUpdate,
    store_error::StoreError,
};

impl Sweep<'_> {
    /// Returns which of these payments made a purchase, and all that may have made one but for a dry run.
    async fn ours(
        &self,
        payments: Vec<PaymentIntentId>,
    ) -> Result<Vec<PaymentIntentId>, StoreError> {
        let mut ours = self.on.reads.known_payments(&self.account.account, &payments).await?;
        ours.extend(self.expected.iter().cloned());
        Ok(ours)
    }

    pub(super) async fn refunds(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let page = self.on.payments.refunds_since(account, since, after.as_deref()).await?;
            self.leave_out_unreadable(FindingKind::Refund, page.unreadable);
            let ids: Vec<_> = page.items.iter().map(|refund| refund.refund.to_string()).collect();
            let known = self.on.reads.known_facts(&ids).await?;
            let payments = page.items.iter().filter_map(|refund| refund.payment_intent.clone());
            let ours = self.ours(payments.collect()).await?;
            for refund in page.items {
                self.looked_at += 1;
                let is_ours = refund.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
                if is_ours
                    && !is_known(
                        &known,
                        refund.refund.as_str(),
                        FactKind::of_refund(refund.progress),
                    )
                {
                    let id = refund.refund.to_string();
                    let update = ProviderUpdate::Refunds(vec![refund]);
                    self.found(FindingKind::Refund, id, update).await?;
                }
            }
            let Some(next) = page.next else { return Ok(()) };
            after = Some(next);
        }
    }

    pub(super) async fn disputes(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut after: Option<String> = None;
        loop {
            let account = &self.account.account;
            let read_at = self.on.runtime.now();
            let page = self.on.payments.disputes_since(account, since, after.as_deref()).await?;
            self.leave_out_unreadable(FindingKind::Dispute, page.unreadable);
            self.compare_disputes(page.items, read_at).await?;
            let Some(next) = page.next else { return Ok(()) };
            after = Some(next);
        }
    }

    async fn compare_disputes(
        &mut self,
        disputes: Vec<DisputeState>,
        read_at: Timestamp,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = disputes.iter().map(|dispute| dispute.dispute.clone()).collect();
        let references: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let known = self.on.reads.known_facts(&references).await?;
        let stored = self.on.reads.known_disputes(&ids).await?;
        let payments = disputes.iter().filter_map(|dispute| dispute.payment_intent.clone());
        let ours = self.ours(payments.collect()).await?;
        for dispute in disputes {
            self.looked_at += 1;
            // Inquiries have no facts, and a dispute has stages between its facts.
            let is_stored = stored.iter().any(|known| known.is_as(&dispute));
            let facts = FactKind::of_dispute(dispute.progress);
            let is_ours = dispute.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
            if is_ours && (!is_stored || !is_known(&known, dispute.dispute.as_str(), facts)) {
                let id = dispute.dispute.to_string();
                let update = ProviderUpdate::Dispute(dispute, read_at);
                self.found(FindingKind::Dispute, id, update).await?;
            }
        }
        Ok(())
    }

    /// Reads the disputes that are open here, which may have been decided long after they began.
    pub(super) async fn open_disputes(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let (mut disputes, mut read) = (Vec::new(), Ok(()));
        let read_at = self.on.runtime.now();
        for dispute in self.on.reads.open_disputes_at(account).await? {
            match self.on.payments.dispute(account, &dispute).await {
                Ok(dispute) => {
                    self.unanswered = 0;
                    disputes.push(dispute);
                }
                Err(error) => {
                    let id = dispute.to_string();
                    read = self.leave_out(FindingKind::Dispute, id, error.into());
                    if read.is_err() {
                        break;
                    }
                }
            }
        }
        // What was read counts, also if the rest was not.
        self.compare_disputes(disputes, read_at).await?;
        read
    }
}
