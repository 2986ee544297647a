//! Whether a payment is a second one: what is stored of the others that open its page, and what the provider says of them.

use std::{borrow::Borrow, collections::BTreeSet};

use super::{RefundError, Refunds};
use crate::{
    access::{FactKind, Purchase},
    checkout::FulfilmentError,
    id::PurchaseId,
    payments::{AccountId, PaymentsError},
    store::UnitOfWork,
    store_error::StoreError,
};

/// What is to become of a payment for a page that its buyer has.
pub(super) enum SecondPaymentRuling {
    /// It is a second payment, and is refunded.
    Refund,
    /// It is not a second payment, or its creator decides.
    Keep,
    /// That depends on what becomes of another payment.
    Wait,
}

impl Refunds {
    /// Reads the refunds and disputes of the other payments that make this one a second payment, and applies them: an event about them may
    /// be lost, and then this payment is the one that opens the page. Returns the ids of those of which nothing more can be learnt now:
    /// payments that were read, or gifts if there are any.
    ///
    /// A payment at another account that is out of reach, such as one that the handle was connected to before, counts as it is stored,
    /// since nothing more can be learnt of it.
    ///
    /// # Errors
    ///
    /// The first failure, if a payment could not be read and none of the others opens the page for certain. It has a reason only if the
    /// payment is at the same account as this one. A rate limit, or an error that is not the provider's, is returned at once.
    pub(super) async fn learn_of_others(
        &self,
        id: PurchaseId,
    ) -> Result<BTreeSet<PurchaseId>, RefundError> {
        let (mut known, mut unread, mut has_standing) = (BTreeSet::new(), None, false);
        for (other, is_at_same_account) in self.others_of_second(id).await? {
            let error = match self.learn_of_other(&other).await {
                Ok(()) => {
                    known.insert(other.id);
                    has_standing |= self.stands(other.id).await?;
                    continue;
                }
                Err(RefundError::Payments(error))
                    if !is_at_same_account && error.is_out_of_reach() =>
                {
                    tracing::warn!(purchase = %other.id, %error, "a payment was not looked at");
                    known.insert(other.id);
                    continue;
                }
                // Stop here: the provider is rate-limiting us, or the failure is not the provider's.
                Err(
                    error @ (RefundError::Payments(PaymentsError::Busy { .. })
                    | RefundError::Mail(_)
                    | RefundError::Store(_)),
                ) => return Err(error),
                Err(error) if is_at_same_account => error.with_reason(),
                Err(error) => error,
            };
            tracing::warn!(purchase = %other.id, %error, "a payment could not be looked at");
            unread.get_or_insert(error);
        }
        unread.filter(|_| !has_standing).map_or(Ok(known), Err)
    }

    /// Returns whether a payment opens its page and no refund of it is under way.
    async fn stands(&self, id: PurchaseId) -> Result<bool, StoreError> {
        let purchase = self.fulfilment.ports.purchases.purchase(id).await?;
        Ok(purchase.is_some_and(|it| it.holding().is_active() && it.refund_reserved == 0))
    }

    /// Returns whether a payment is to be refunded as a second one, by what is stored, without waiting for what is about to change
    /// that. The same as [`rule`] otherwise.
    pub(super) async fn is_to_go_back(&self, purchase: &Purchase) -> Result<bool, StoreError> {
        let purchases = &self.fulfilment.ports.purchases;
        if purchases.was_held(purchase.id).await? {
            return Ok(false);
        }
        let theirs = purchases.purchases_of(purchase.visitor_id, purchase.page_id).await?;
        Ok(matches!(rule_by(purchase, &theirs), SecondPaymentRuling::Refund))
    }

    async fn learn_of_other(&self, other: &Purchase) -> Result<(), RefundError> {
        // A gift has no payment at the provider, so what is stored of it is complete.
        if other.payment.is_none() {
            return Ok(());
        }
        self.learn_refunds(other).await?;
        match Box::pin(self.disputes.read_of(other, self)).await {
            // A dispute that cannot be understood is ignored here, since sweeps report it.
            Err(FulfilmentError::Unusable(reason)) => {
                tracing::warn!(purchase = %other.id, reason, "a dispute was left out");
                Ok(())
            }
            read => Ok(read.map(drop)?),
        }
    }

    /// Returns the purchases that make this payment a second one, as far as is stored, each with whether it was paid to the same account.
    /// If there is a gift, only gifts are returned, since a gift opens the page in any case. A payment about which its creator decides
    /// has none.
    async fn others_of_second(&self, id: PurchaseId) -> Result<Vec<(Purchase, bool)>, StoreError> {
        let purchases = &self.fulfilment.ports.purchases;
        let Some(purchase) = purchases.purchase(id).await? else { return Ok(Vec::new()) };
        if !self.is_to_go_back(&purchase).await? {
            return Ok(Vec::new());
        }
        let theirs = purchases.purchases_of(purchase.visitor_id, purchase.page_id).await?;
        let mut others: Vec<_> = others_that_open(&purchase, theirs).collect();
        if others.iter().any(|other| other.payment.is_none()) {
            others.retain(|other| other.payment.is_none());
        }
        let account = account_of(&purchase);
        let others = others.into_iter().map(|other| {
            let is_at_same_account = account_of(&other) == account;
            (other, is_at_same_account)
        });
        Ok(others.collect())
    }
}

fn account_of(purchase: &Purchase) -> Option<&AccountId> {
    purchase.payment.as_ref().map(|payment| &payment.account)
}

/// Decides what becomes of a payment. Its visitor is locked, so that what is learnt at the same moment is decided before or
/// after it.
pub(super) async fn rule(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
) -> Result<SecondPaymentRuling, StoreError> {
    // If two payments are each to be refunded because of the other, only one of them is.
    unit.pages().lock(purchase.page_id).await?;
    // The creator was told to decide about this payment.
    if unit.ledger().has(FactKind::SecondPaymentHeld, &purchase.id.to_string()).await? {
        return Ok(SecondPaymentRuling::Keep);
    }
    let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
    Ok(rule_by(purchase, &theirs))
}

/// Decides what becomes of a payment from all purchases of the page by its visitor. The creator was not told to decide about it.
fn rule_by(purchase: &Purchase, theirs: &[Purchase]) -> SecondPaymentRuling {
    let others: Vec<_> = others_that_open(purchase, theirs).collect();
    if !purchase.holding().is_active() || others.is_empty() {
        return SecondPaymentRuling::Keep;
    }
    // Each of the others is being refunded, so its access may be about to end.
    let is_unclear = others.iter().all(|other| other.refund_reserved > 0);
    if is_unclear { SecondPaymentRuling::Wait } else { SecondPaymentRuling::Refund }
}

/// Returns the visitor's other active purchases of the page.
fn others_that_open<P: Borrow<Purchase>>(
    purchase: &Purchase,
    theirs: impl IntoIterator<Item = P>,
) -> impl Iterator<Item = P> {
    theirs.into_iter().filter(|other| {
        let other: &Purchase = other.borrow();
        other.id != purchase.id && other.holding().is_active()
    })
}

/// Returns whether the page of this purchase is also open by one of `others`.
pub(super) async fn is_open_by(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
    others: &BTreeSet<PurchaseId>,
) -> Result<bool, StoreError> {
    let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
    Ok(others_that_open(purchase, theirs).any(|other| others.contains(&other.id)))
}

/// Returns whether a purchase opens its page, and no other one does.
pub(super) async fn is_alone(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
) -> Result<bool, StoreError> {
    let mut others = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
    others.retain(|other| other.id != purchase.id);
    Ok(purchase.holding().is_active() && !Purchase::is_any_active(&others))
}
