//! Orders that were closed here without the provider's word for it.

use super::{
    FindingKind, Sweep,
    places::Part,
    sessions::{is_full, tried_until},
};
use crate::{
    checkout::{CheckoutOrder, FulfilmentError, may_be_processed},
    id::CheckoutId,
    payments::{PaymentsError, Refusal, SessionProgress},
    store_error::StoreError,
};

/// How many sessions of closed orders one sweep reads.
const AWAITED_AT_ONCE: u32 = 200;

impl Sweep<'_> {
    /// Reads the sessions of orders that were closed here while these could not be read, until their end is known: what became of
    /// them may be older than the list goes back. Sessions that can be paid are in the list, and are closed there. If there are
    /// many, or the provider ends the part, the next sweep goes on where this one ends.
    pub(super) async fn awaited_ends(&mut self) -> Result<(), FulfilmentError> {
        let account = &self.account.account;
        let after = self.order_place(Part::AwaitedEnds);
        let orders = self.on.reads.awaited_orders_at(account, after, AWAITED_AT_ONCE).await?;
        let is_more = is_full(&orders, AWAITED_AT_ONCE);
        let (mut tried, mut read) = (after.map(|id| id.to_string()), Ok(()));
        for order in orders {
            let id = order.id.to_string();
            self.awaited.insert(order.id);
            read = self.awaited_end(order).await;
            tried = tried_until(&read, id, tried);
            if read.is_err() {
                break;
            }
        }
        self.note_place(Part::AwaitedEnds, tried.filter(|_| is_more || read.is_err()));
        read
    }

    async fn awaited_end(&mut self, order: CheckoutOrder) -> Result<(), FulfilmentError> {
        self.look();
        let may_come = may_be_processed(order.created_at, self.on.runtime.now());
        match self.session_of(&order).await {
            Ok(Some(state)) if state.progress == SessionProgress::Open => self.unanswered = 0,
            // One that is still being processed after so long is not expected to be paid.
            Ok(Some(state))
                if state.progress == SessionProgress::Paid
                    || (may_come && state.progress == SessionProgress::Pending) =>
            {
                self.found_session(state.session.to_string(), state).await?;
            }
            Ok(_) => {
                self.unanswered = 0;
                self.end(order.id).await?;
            }
            // One that is not there may only be missing for a while.
            Err(PaymentsError::Refused { refusal: Refusal::NotFound, .. }) => {
                self.unanswered = 0;
                if !may_come {
                    self.end(order.id).await?;
                }
            }
            // What can never be read does not keep every sweep from being complete.
            Err(error @ (PaymentsError::Refused { .. } | PaymentsError::Failed(_)))
                if !may_come =>
            {
                self.unanswered = 0;
                tracing::warn!(checkout = %order.id, %error, "the end of a session is not known");
            }
            Err(error) => {
                let session = order.opened.map(|opened| opened.session.to_string());
                let id = session.unwrap_or_else(|| order.id.to_string());
                self.leave_out(FindingKind::Session, id, error.into())?;
            }
        }
        Ok(())
    }

    /// Notes that nothing more is to be learnt of an order's session: sweeps do not read it again, and its creator is no longer
    /// told that nobody knows whether it was paid.
    pub(super) async fn end(&self, id: CheckoutId) -> Result<(), StoreError> {
        if self.dry_run {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        unit.checkout_orders().await_end(id, false).await?;
        unit.checkout_orders().read_again(id, self.on.runtime.now()).await?;
        unit.commit().await
    }
}
