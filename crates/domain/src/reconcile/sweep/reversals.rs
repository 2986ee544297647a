//! What takes a payment back: disputes, and refunds of payments that do not match their orders.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    FindingKind, Sweep, is_known,
    orders::{is_full, tried_until},
    places::Part,
};
use crate::{
    access::{Fact, FactKind},
    checkout::{CheckoutOrder, FulfilmentError},
    payments::{
        DisputeId, DisputeProgress, DisputeStage, DisputeState, PaymentIntentId, RefundProgress,
        RefundState, SessionState, refunds_of_payment,
    },
    reconcile::ProviderUpdate,
    refunds::is_refunded_in_whole,
    store_error::StoreError,
};

/// How many disputes that are open here one sweep reads one by one.
const OPEN_AT_ONCE: u32 = 200;

impl Sweep<'_> {
    /// Returns which of these payments made a purchase, and in a dry run all that may have made one.
    pub(super) async fn ours(
        &self,
        payments: Vec<PaymentIntentId>,
    ) -> Result<Vec<PaymentIntentId>, StoreError> {
        let mut ours = self.on.reads.known_payments(&self.account.account, &payments).await?;
        ours.extend(self.unfinished.expected.iter().cloned());
        Ok(ours)
    }

    /// Applies the refunds of a payment that does not match its order, if they add up to the whole.
    pub(super) async fn quarantined_payment(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<(), FulfilmentError> {
        self.look();
        let refunds = self.refunds_in_whole(order).await;
        self.found_refunds(order, refunds).await
    }

    /// Applies the refunds of a payment that does not match its order and was refunded, if one of them failed after all.
    pub(super) async fn quarantine_refunded_payment(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<(), FulfilmentError> {
        self.look();
        let refunds = self.refunds_of_which_one_failed(order).await;
        self.found_refunds(order, refunds).await
    }

    /// Applies refunds of an order's payment, if there are any to apply.
    async fn found_refunds(
        &mut self,
        order: &CheckoutOrder,
        refunds: Result<Vec<RefundState>, FulfilmentError>,
    ) -> Result<(), FulfilmentError> {
        match refunds {
            Ok(refunds) if refunds.is_empty() => self.unanswered = 0,
            Ok(refunds) => {
                let update = ProviderUpdate::Refunds(refunds);
                self.found(FindingKind::Refund, order.id.to_string(), update).await?;
            }
            Err(error) => self.leave_out(FindingKind::Refund, order.id.to_string(), error)?,
        }
        Ok(())
    }

    /// Returns the refunds of an order's payment if they add up to the whole, or else none.
    async fn refunds_in_whole(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<Vec<RefundState>, FulfilmentError> {
        let Some((session, refunds)) = self.refunds_of_quarantined(order).await? else {
            return Ok(Vec::new());
        };
        let is_whole = is_refunded_in_whole(order, &session, &refunds)?;
        Ok(if is_whole { refunds } else { Vec::new() })
    }

    /// Returns the refunds of an order's payment if one of them failed, or else none. Only applying them tells whether that is news,
    /// which a dry run does not: there it is, if the failure is not known.
    async fn refunds_of_which_one_failed(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<Vec<RefundState>, FulfilmentError> {
        let Some((session, refunds)) = self.refunds_of_quarantined(order).await? else {
            return Ok(Vec::new());
        };
        let failed = refunds.iter().filter(|refund| refund.progress == RefundProgress::Failed);
        let mut failed: Vec<_> =
            failed.map(|refund| Fact::refund_of(&session.session, &refund.refund)).collect();
        if self.dry_run && !failed.is_empty() {
            let known = self.on.reads.known_facts(&failed).await?;
            failed.retain(|reference| !is_known(&known, reference, &[FactKind::RefundFailed]));
        }
        Ok(if failed.is_empty() { Vec::new() } else { refunds })
    }

    /// Returns the session and the refunds of an order's payment, if it is shown with one. The payment is noted: its disputes are
    /// compared later.
    async fn refunds_of_quarantined(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<Option<(SessionState, Vec<RefundState>)>, FulfilmentError> {
        let (account, payments) = (&order.account, &self.on.payments);
        let Some(opened) = &order.opened else { return Ok(None) };
        let session = payments.checkout(account, &opened.session).await?;
        let Some(payment) = &session.payment_intent else { return Ok(None) };
        self.unfinished.quarantined.insert(payment.clone(), opened.session.clone());
        let refunds = refunds_of_payment(&**payments, account, payment).await?;
        Ok(Some((session, refunds.unwrap_or_default())))
    }

    pub(super) async fn disputes(&mut self, since: Timestamp) -> Result<(), FulfilmentError> {
        let mut walk = self.walk();
        loop {
            let account = &self.account.account;
            let read_at = self.on.runtime.now();
            let page = self.on.payments.disputes_since(account, since, walk.after()).await?;
            self.leave_out_unreadable(FindingKind::Dispute, page.unreadable);
            self.compare_disputes(page.items, read_at).await?;
            if !self.next_page(&mut walk, page.next)? {
                return Ok(());
            }
        }
    }

    async fn compare_disputes(
        &mut self,
        disputes: Vec<DisputeState>,
        read_at: Timestamp,
    ) -> Result<(), FulfilmentError> {
        let ids: Vec<_> = disputes.iter().map(|dispute| dispute.dispute.clone()).collect();
        let mut references: Vec<_> = ids.iter().map(ToString::to_string).collect();
        references.extend(disputes.iter().filter_map(|dispute| self.quarantined_by(dispute)));
        let known = self.on.reads.known_facts(&references).await?;
        let stored = self.on.reads.known_disputes(&ids).await?;
        let payments = disputes.iter().filter_map(|dispute| dispute.payment_intent.clone());
        let ours = self.ours(payments.collect()).await?;
        for dispute in disputes {
            self.look();
            // Inquiries have no facts, and a dispute has stages between its facts.
            let is_stored = stored.iter().any(|known| known.is_as(&dispute));
            let facts = FactKind::of_dispute(dispute.progress);
            let is_ours = dispute.payment_intent.as_ref().is_some_and(|it| ours.contains(it));
            let differs = !is_stored || !is_known(&known, dispute.dispute.as_str(), facts);
            // Only applying it tells whether that is so, which a dry run does not.
            let is_doubtful = !self.dry_run && may_lack_a_turn(&known, &dispute);
            let unmatched = self.quarantined_by(&dispute).filter(|_| !is_ours);
            let is_news = unmatched.map_or(is_ours && (differs || is_doubtful), |reference| {
                may_be_news(&known, &reference, &dispute, self.dry_run)
            });
            if is_news {
                let id = dispute.dispute.to_string();
                let update = ProviderUpdate::Dispute(dispute, read_at);
                self.found(FindingKind::Dispute, id, update).await?;
            }
        }
        Ok(())
    }

    /// Returns the reference of the facts about a dispute of a payment that does not match its order, if it is about such a one.
    fn quarantined_by(&self, dispute: &DisputeState) -> Option<String> {
        let session = self.unfinished.quarantined.get(dispute.payment_intent.as_ref()?)?;
        Some(Fact::dispute_of(session, &dispute.dispute))
    }

    /// Reads the disputes that are open here, which may have been decided long after they began. If there are many, or the
    /// provider ends the part, the next sweep goes on where this one ends.
    pub(super) async fn open_disputes(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let place = self.place(Part::OpenDisputes);
        let after = place.clone().map(DisputeId::new);
        let open = self.on.reads.open_disputes_at(account, after, OPEN_AT_ONCE).await?;
        let is_more = is_full(&open, OPEN_AT_ONCE);
        let (mut tried, mut disputes, mut read) = (place, Vec::new(), Ok(()));
        let read_at = self.on.runtime.now();
        for dispute in open {
            match self.on.payments.dispute(account, &dispute).await {
                Ok(dispute) => {
                    self.unanswered = 0;
                    disputes.push(dispute);
                }
                Err(error) => {
                    let id = dispute.to_string();
                    read = self.leave_out(FindingKind::Dispute, id, error.into());
                }
            }
            tried = tried_until(&read, dispute.to_string(), tried);
            if read.is_err() {
                break;
            }
        }
        self.note_place(Part::OpenDisputes, tried.filter(|_| is_more || read.is_err()));
        // The disputes that were read are compared even if others could not be read.
        self.compare_disputes(disputes, read_at).await?;
        read
    }
}

/// Returns whether there may be something to note of a dispute about a payment that does not match its order. Only applying a
/// loss tells whether all went back with it, which a dry run does not.
fn may_be_news(
    known: &BTreeSet<(&'static str, String)>,
    reference: &str,
    dispute: &DisputeState,
    is_dry_run: bool,
) -> bool {
    let has = |kinds: &[FactKind]| is_known(known, reference, kinds);
    let is_over = dispute.stage == DisputeStage::Closed;
    match dispute.progress {
        DisputeProgress::Inquiry if has(&[FactKind::Disputed]) => {
            is_over && !has(&[FactKind::DisputeWon])
        }
        DisputeProgress::Inquiry => {
            dispute.stage == DisputeStage::NeedsResponse && !has(&[FactKind::Inquired])
        }
        DisputeProgress::Lost if !is_dry_run => true,
        DisputeProgress::Open | DisputeProgress::Won | DisputeProgress::Lost => {
            !has(FactKind::of_dispute(dispute.progress))
        }
    }
}

/// Returns whether a turn of a dispute may be stored without a fact, as versions before left some.
fn may_lack_a_turn(known: &BTreeSet<(&'static str, String)>, dispute: &DisputeState) -> bool {
    let has = |kind: FactKind| is_known(known, dispute.dispute.as_str(), &[kind]);
    let (is_won, is_lost) = (has(FactKind::DisputeWon), has(FactKind::DisputeLost));
    match dispute.progress {
        DisputeProgress::Inquiry => {
            dispute.stage == DisputeStage::Closed && has(FactKind::Disputed) && !is_won
        }
        DisputeProgress::Open => is_won || is_lost,
        DisputeProgress::Won | DisputeProgress::Lost => is_won && is_lost,
    }
}
