//! Refunds of purchases: the list of them, and those that were pending when they were read last.

use jiff::Timestamp;

use super::{FindingKind, Sweep, is_known, orders::tried_until, places::Part};
use crate::{
    access::FactKind,
    checkout::FulfilmentError,
    payments::{PaymentsError, RefundProgress, RefundState, Refusal},
    reconcile::ProviderUpdate,
};

/// How many refunds that are pending here one sweep reads one by one.
const PENDING_AT_ONCE: usize = 200;
/// How many refunds are kept as pending at most, so that what is stored with an account stays small. Further ones are in the list
/// for as long as it goes back to them, and may be kept later.
const MAX_PENDING: usize = 2_000;

impl Sweep<'_> {
    /// Compares the list of refunds.
    pub(super) async fn refunds(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut walk = self.walk();
        loop {
            let account = &self.account.account;
            let page = self.on.payments.refunds_since(account, since, walk.after()).await?;
            self.leave_out_unreadable(FindingKind::Refund, page.unreadable);
            let pending = page.items.iter().filter(|it| it.progress == RefundProgress::Pending);
            self.listed.extend(pending.map(|refund| refund.refund.clone()));
            self.compare_refunds(page.items).await?;
            if !self.next_page(&mut walk, page.next)? {
                return Ok(());
            }
        }
    }

    /// Reads the refunds that were pending and that the list did not show: they may end, or fail, long after they were made. If
    /// there are many, or the provider ends the part, the next sweep goes on where this one ends.
    pub(super) async fn pending_refunds(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let place = self.place(Part::PendingRefunds);
        let pending = self.pending.iter().filter(|id| {
            let is_next = place.as_deref().is_none_or(|place| id.as_str() > place);
            is_next && !self.listed.contains(*id)
        });
        let pending: Vec<_> = pending.take(PENDING_AT_ONCE).cloned().collect();
        let is_more = pending.len() == PENDING_AT_ONCE;
        let (mut tried, mut refunds, mut read) = (place, Vec::new(), Ok(()));
        for id in pending {
            match self.on.payments.refund_state(account, &id).await {
                Ok(refund) => {
                    self.unanswered = 0;
                    refunds.push(refund);
                }
                Err(error) => {
                    if matches!(error, PaymentsError::Refused { refusal: Refusal::NotFound, .. }) {
                        // The refund is not expected to appear later. If it does, the list of refunds shows it for a while.
                        self.pending.remove(&id);
                    }
                    read = self.leave_out(FindingKind::Refund, id.to_string(), error.into());
                }
            }
            tried = tried_until(&read, id.to_string(), tried);
            if read.is_err() {
                break;
            }
        }
        self.note_place(Part::PendingRefunds, tried.filter(|_| is_more || read.is_err()));
        // The refunds that were read are compared even if others could not be read.
        self.compare_refunds(refunds).await?;
        read
    }

    async fn compare_refunds(&mut self, refunds: Vec<RefundState>) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = refunds.iter().map(|refund| refund.refund.to_string()).collect();
        let known = self.on.reads.known_facts(&ids).await?;
        let payments = refunds.iter().filter_map(|refund| refund.payment_intent.clone());
        let ours = self.ours(payments.collect()).await?;
        for refund in refunds {
            self.look();
            let is_ours = refund.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
            let facts = FactKind::of_refund(refund.progress);
            let is_news = is_ours && !is_known(&known, refund.refund.as_str(), facts);
            self.keep_pending(&refund, is_ours, is_news);
            if is_news {
                let id = refund.refund.to_string();
                let update = ProviderUpdate::Refunds(vec![refund]);
                self.found(FindingKind::Refund, id, update).await?;
            }
        }
        Ok(())
    }

    /// Keeps a refund for later sweeps while it is pending. One that has ended is kept until its end is known here.
    fn keep_pending(&mut self, refund: &RefundState, is_ours: bool, is_news: bool) {
        if is_ours && refund.progress == RefundProgress::Pending {
            if self.pending.len() < MAX_PENDING {
                self.pending.insert(refund.refund.clone());
            }
        } else if !is_news {
            self.pending.remove(&refund.refund);
        }
    }
}
