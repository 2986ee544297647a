//! Refunds that are learnt of before their payment is recorded.

use async_trait::async_trait;

use super::{
    Refunds,
    apply::{RecordedRefunds, RefundNews},
};
use crate::{
    access::Purchase,
    checkout::{FulfilmentError, Learnt, ToTell, Untold, recompute},
    money::Money,
    payments::RefundState,
    store::UnitOfWork,
};

/// Refunds of a payment that is not recorded yet.
pub(super) struct LearntRefunds<'a> {
    of: &'a Refunds,
    refunds: &'a [RefundState],
}

#[async_trait]
impl Learnt for LearntRefunds<'_> {
    async fn note<'a>(
        &'a self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
    ) -> Result<ToTell<'a>, FulfilmentError> {
        self.of.note_of_new(unit, purchase, self.refunds).await
    }
}

/// What is new about refunds of a purchase that is being stored.
struct UntoldRefunds<'a> {
    of: &'a Refunds,
    /// Whether the page was open to the buyer without it.
    was_open: bool,
    news: Vec<RefundNews>,
}

#[async_trait]
impl Untold for UntoldRefunds<'_> {
    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError> {
        self.of.tell_of_refunds(unit, self.was_open, purchase, &self.news).await
    }
}

impl Refunds {
    /// Returns the refunds of a payment that may not be recorded yet, to be noted together with its purchase.
    pub(super) fn learnt<'a>(&'a self, refunds: &'a [RefundState]) -> LearntRefunds<'a> {
        LearntRefunds { of: self, refunds }
    }

    /// Notes refunds of a purchase that this unit of work stores, and returns what people are to be told of them. The purchase never
    /// opened its page before them. One in another currency is left out.
    pub(crate) async fn note_of_new(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        refunds: &[RefundState],
    ) -> Result<ToTell<'_>, FulfilmentError> {
        let Some(currency) = purchase.payment.as_ref().map(|payment| payment.paid.currency) else {
            return Ok(ToTell::new());
        };
        let mut recorded = RecordedRefunds::default();
        for refund in refunds.iter().filter(|refund| refund.is_in(currency.code())) {
            let amount = Money::new(refund.amount, currency);
            recorded.add(self.record(unit, purchase, refund, amount, false).await?);
        }
        if !recorded.changed {
            return Ok(ToTell::new());
        }
        let mut others = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
        others.retain(|other| other.id != purchase.id);
        let was_open = Purchase::is_any_active(&others);
        recompute(unit, purchase, self.runtime().now()).await?;
        let untold: Box<dyn Untold + '_> =
            Box::new(UntoldRefunds { of: self, was_open, news: recorded.news });
        Ok(vec![untold])
    }
}
