//! What becomes of several payments of a visitor for a page.

use super::Fulfilment;
use crate::{
    access::Purchase,
    checkout::{FulfilmentError, Overlap, SecondPaymentRule},
    creators::SecondPayments,
    payments::close_open_order,
    store::UnitOfWork,
};

impl Fulfilment {
    /// Has the payment refunded or holds it if the visitor had access to the page before it, and returns what becomes of it
    /// then.
    pub(super) async fn decide_second(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<Option<SecondPayments>, FulfilmentError> {
        let (visitor, page, new) = (purchase.visitor_id, purchase.page_id, purchase.id);
        let overlap = Overlap::Bought(new);
        let decided = self.second_payments().decide(unit, visitor, page, overlap).await?;
        Ok(decided.into_iter().find_map(|(id, wish)| (id == new).then_some(wish)))
    }

    /// Ends what is not needed since a purchase opens its page again: has all payments of the visitor for the page refunded
    /// or held but the first, and closes the order that could still be paid.
    pub(crate) async fn end_other_payments(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
    ) -> Result<(), FulfilmentError> {
        let (visitor, page) = (purchase.visitor_id, purchase.page_id);
        let overlap = Overlap::OpenedAgain(purchase.id);
        self.second_payments().decide(unit, visitor, page, overlap).await?;
        Ok(close_open_order(unit, visitor, page, self.runtime.now()).await?)
    }

    pub(crate) fn second_payments(&self) -> SecondPaymentRule<'_> {
        SecondPaymentRule { runtime: &self.runtime, links: &*self.ports.links, mails: &self.mails }
    }
}
