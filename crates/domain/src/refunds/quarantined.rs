//! Refunds of payments that do not match their orders, and made no purchase.

use std::collections::BTreeSet;

use super::{Refunds, apply::is_refunded_in_whole};
use crate::{
    access::{Fact, FactKind, Purchase},
    checkout::{Applied, CheckoutOrder, FulfilmentError, QuarantineRefund, lock_quarantined},
    mail::MailContent,
    money::Money,
    payments::{
        AccountId, DisputeProgress, PaymentIntentId, PaymentsError, RefundProgress, RefundState,
        SessionState, refunds_of_payment,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

/// How often the refunds of a payment are read while others note that one of them failed.
const MAX_READS: u32 = 4;

impl Refunds {
    /// Notes that the payment of a quarantined order was refunded in whole, so that its visitor may buy again, or that it is back
    /// after all, and tells the creator of refunds that failed.
    pub(super) async fn note_quarantine_refund(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        order: &CheckoutOrder,
    ) -> Result<Applied, FulfilmentError> {
        let Some(opened) = &order.opened else { return Ok(Applied::Ignored) };
        let session = self.payments().checkout(account, &opened.session).await?;
        // Somebody can have paid in another session that names the order.
        if session.payment_intent.as_ref() != Some(payment) {
            return Ok(Applied::Ignored);
        }
        let mut failed = BTreeSet::new();
        for _ in 0..MAX_READS {
            let refunds = refunds_of_payment(self.payments(), account, payment).await?;
            let Some(refunds) = refunds else { return Ok(Applied::Ignored) };
            let noted = self.note_as_read(order, &session, &refunds, &mut failed).await?;
            if let Some(applied) = noted {
                return Ok(applied);
            }
        }
        let reason = "refunds fail while they are read".to_owned();
        Err(PaymentsError::Unavailable(reason).into())
    }

    /// Notes what these refunds of a quarantined payment say. `None` if they are to be read again, with the failures that are known
    /// by now in `failed`: another worker has noted one that was not among them before the read, and may have read after it that other
    /// refunds of the payment have succeeded since.
    async fn note_as_read(
        &self,
        order: &CheckoutOrder,
        session: &SessionState,
        refunds: &[RefundState],
        failed: &mut BTreeSet<String>,
    ) -> Result<Option<Applied>, FulfilmentError> {
        let is_whole = is_refunded_in_whole(order, session, refunds)?;
        let is_back = !is_whole && self.is_back(order, session, refunds).await?;
        let runtime = &self.fulfilment.runtime;
        let mut unit = runtime.begin().await?;
        let order = lock_quarantined(&mut *unit, order.id).await?;
        let known = QuarantineRefund::of(&mut *unit, &session.session).await?;
        if is_back && known.is_refunded {
            let noted = noted_failures(&mut *unit, session, refunds).await?;
            if !noted.is_subset(failed) {
                *failed = noted;
                return Ok(None);
            }
        }
        let mut is_news = self.note_failed(&mut *unit, &order, session, refunds).await?;
        // An answer from before a refund failed may come after one from then.
        let is_late =
            is_whole && QuarantineRefund::is_late(&mut *unit, &session.session, refunds).await?;
        if (is_whole && !is_late) || is_back {
            is_news |= known.note(runtime, &mut *unit, &order, is_whole).await?;
        }
        unit.commit().await?;
        Ok(Some(if is_news { Applied::Changed } else { Applied::Unchanged }))
    }

    /// Returns whether money of a quarantined payment is with the seller again, since a refund failed, and was neither refunded
    /// otherwise nor lost in a dispute.
    async fn is_back(
        &self,
        order: &CheckoutOrder,
        session: &SessionState,
        refunds: &[RefundState],
    ) -> Result<bool, FulfilmentError> {
        let has_failed = refunds.iter().any(|it| it.progress == RefundProgress::Failed);
        let Some(payment) = session.payment_intent.as_ref().filter(|_| has_failed) else {
            return Ok(false);
        };
        let (paid, code) = order.paid_in(session);
        let paid_at = session.paid_at.unwrap_or(order.created_at);
        let disputes = self.disputes.of_payment(&order.account, payment, paid_at).await?;
        let lost = disputes.iter().filter(|(it, _)| it.progress == DisputeProgress::Lost);
        // A lost dispute in another currency counts as the whole amount.
        let lost = lost.map(|(it, _)| if it.currency == code { it.amount } else { paid });
        let refunded = RefundState::sum_succeeded(refunds, code);
        Ok(lost.fold(refunded, i64::saturating_add) < paid)
    }

    /// Notes which refunds of a quarantined payment failed, and tells the creator of each. The payment does not count as
    /// revenue, so that these facts have no amounts.
    async fn note_failed(
        &self,
        unit: &mut dyn UnitOfWork,
        order: &CheckoutOrder,
        session: &SessionState,
        refunds: &[RefundState],
    ) -> Result<bool, FulfilmentError> {
        let Some(handle) = unit.handles().find(order.handle_id).await? else { return Ok(false) };
        let currency = session.currency.parse().unwrap_or(order.price.currency);
        let besides = RefundState::sum_accepted(refunds, currency.code());
        // The buyer may have been given the page since, or have bought it anew.
        let theirs = unit.purchases().of_visitor(order.visitor_id, order.page_id).await?;
        let is_open = Purchase::is_any_active(&theirs);
        let mut is_news = false;
        for refund in refunds.iter().filter(|it| it.progress == RefundProgress::Failed) {
            let kind = FactKind::RefundFailed;
            let reference = Fact::refund_of(&session.session, &refund.refund);
            let fact = Fact::new(self.runtime(), kind, &reference, order.subject());
            if !unit.ledger().record(&fact).await? {
                continue;
            }
            is_news = true;
            let visitor = order.customer_email.clone();
            let content = MailContent::RefundFailed {
                title: order.title.clone(),
                amount: Money::new(refund.amount, currency),
                besides: (besides > 0).then_some(Money::new(besides, currency)),
                is_open: Some(is_open),
                shop: handle.title.clone(),
                console_url: self.fulfilment.ports.links.person(&handle.name, &visitor),
                visitor,
            };
            self.fulfilment.mail_creator(unit, handle.id, &content).await?;
        }
        Ok(is_news)
    }
}

/// Returns which of these refunds of a quarantined payment are noted as failed, by the references of the facts.
async fn noted_failures(
    unit: &mut dyn UnitOfWork,
    session: &SessionState,
    refunds: &[RefundState],
) -> Result<BTreeSet<String>, StoreError> {
    let mut noted = BTreeSet::new();
    for refund in refunds.iter().filter(|it| it.progress == RefundProgress::Failed) {
        let reference = Fact::refund_of(&session.session, &refund.refund);
        if unit.ledger().has(FactKind::RefundFailed, &reference).await? {
            noted.insert(reference);
        }
    }
    Ok(noted)
}
