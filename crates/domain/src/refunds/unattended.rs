//! Refunds that jobs make: of second payments, and of requests whose response was lost.

use super::{RefundError, RefundWish, Refunds, RefusalReason, refund::is_uncategorized};
use crate::{
    access::Purchase,
    id::{PurchaseId, RefundId},
    mail::MailContent,
    payments::PaymentsError,
};

/// The key of requests for refunds of second payments. It tells whether the creator knows of the payment.
pub(super) const SECOND_PAYMENT_KEY: &str = "tollgate-second-payment";

/// The reason that is stored for such a refund.
pub const PAID_TWICE: &str = "paid twice";

impl Refunds {
    /// Refunds a payment for a page that the buyer had access to already, if the buyer still has it
    /// without this payment, and tells the creator once. An error means that it is tried again: the
    /// balance may cover it later, or more may have been refunded at the provider than is known here.
    pub async fn refund_second(&self, id: PurchaseId) -> Result<(), RefundError> {
        let mut unit = self.runtime().begin().await?;
        let Some(purchase) = unit.purchases().lock(id).await? else { return Ok(()) };
        // Of two payments that are given back because of each other one stays.
        unit.pages().lock(purchase.page_id).await?;
        let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
        let is_other = |other: &&Purchase| other.id != id && other.holding().is_active();
        let others: Vec<_> = theirs.iter().filter(is_other).collect();
        if !purchase.holding().is_active() || others.is_empty() {
            return Ok(());
        }
        if others.iter().all(|other| other.refund_reserved > 0) {
            // Their access may be about to end.
            return Err(
                PaymentsError::Unavailable("another payment is being refunded".into()).into()
            );
        }
        let is_told = unit.refund_requests().by_key(&[id], SECOND_PAYMENT_KEY).await?.is_some();
        let wish = RefundWish {
            visitor_id: purchase.visitor_id,
            purchase_id: Some(id),
            reason: Some(PAID_TWICE.to_owned()),
            idempotency_key: Some(SECOND_PAYMENT_KEY.to_owned()),
        };
        let request = match self.request(&mut *unit, &purchase, &wish).await {
            Ok(request) => request,
            Err(RefundError::AlreadyRefunded | RefundError::Disputed) => return Ok(()),
            Err(error) => return Err(error),
        };
        if !is_told && let Some(about) = self.fulfilment.about(&mut *unit, &purchase).await? {
            let console_url =
                self.fulfilment.ports.links.person(&about.handle.name, &about.visitor);
            let content = MailContent::PaidTwice {
                title: about.page.title,
                visitor: about.visitor,
                amount: request.amount,
                shop: about.handle.title,
                console_url,
            };
            self.fulfilment.mail_creator(&mut *unit, about.handle.id, &content).await?;
        }
        unit.commit().await?;
        let outcome = self.execute(&purchase, request).await;
        if is_uncategorized(&outcome) {
            self.learn_refunds(&purchase).await?;
        }
        match outcome {
            // At an account that is disconnected only its owner can refund, who has been told.
            Ok(_)
            | Err(
                RefundError::AlreadyRefunded
                | RefundError::Refused(RefusalReason::AccountDisconnected),
            ) => Ok(()),
            Err(error) => {
                tracing::error!(purchase = %id, %error, "a second payment is not refunded yet");
                Err(error)
            }
        }
    }

    /// Repeats a request whose response was lost, with its original key.
    pub async fn resume(&self, id: RefundId) -> Result<(), RefundError> {
        let Some(request) = self.reads.unanswered_refund(id).await? else { return Ok(()) };
        let purchases = &self.fulfilment.ports.purchases;
        let Some(purchase) = purchases.purchase(request.purchase_id).await? else {
            return Ok(());
        };
        match self.send_to_provider(&purchase, &request).await {
            Ok(_) => Ok(()),
            Err(error) if self.reads.unanswered_refund(id).await?.is_some() => Err(error),
            Err(error) => {
                tracing::warn!(refund = %id, %error, "a refund was refused");
                Ok(())
            }
        }
    }
}
