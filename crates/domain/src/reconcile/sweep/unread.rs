//! Orders whose sessions the provider told of and did not show for days, of which their creators were told.

use super::{FindingKind, Sweep, sessions::differs};
use crate::{
    checkout::{CheckoutOrder, FulfilmentError, may_be_processed},
    id::CheckoutId,
    payments::{PaymentsError, Refusal, SessionProgress},
    reconcile::ports::OrderState,
    store_error::StoreError,
};

impl Sweep<'_> {
    /// Reads the session of such an order, and notes that it was read unless something may still come of it.
    pub(super) async fn unread_order(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<(), FulfilmentError> {
        // Its session was just read for another reason.
        if self.awaited.contains(&order.id) {
            return Ok(());
        }
        self.look();
        let may_come = may_be_processed(order.created_at, self.on.runtime.now());
        let state = match self.session_of(order).await {
            Ok(Some(state)) => state,
            // A payment would have come to an end by now.
            Ok(None) | Err(PaymentsError::Refused { refusal: Refusal::NotFound, .. })
                if !may_come =>
            {
                self.unanswered = 0;
                return Ok(self.end(order.id).await?);
            }
            // It is still missing, which the creator knows.
            Ok(None) | Err(PaymentsError::Refused { .. }) => {
                self.unanswered = 0;
                return Ok(());
            }
            Err(error) => {
                let id = order.id.to_string();
                return self.leave_out(FindingKind::Session, id, error.into());
            }
        };
        let progress = state.progress;
        if differs(order.status, order.opened.is_some(), progress) {
            self.found_session(state.session.to_string(), state).await?;
        } else {
            self.unanswered = 0;
        }
        if progress == SessionProgress::Pending && !may_come {
            return Ok(self.end(order.id).await?);
        }
        // What is under way may still come to anything.
        if matches!(progress, SessionProgress::Open | SessionProgress::Pending) || self.dry_run {
            return Ok(());
        }
        Ok(self.note_read(order.id, progress).await?)
    }

    /// Notes that an order's session was read, unless what was read could not be applied.
    async fn note_read(&self, id: CheckoutId, progress: SessionProgress) -> Result<(), StoreError> {
        let orders = self.on.reads.order_states(&[id]).await?;
        let is_news = |order: &OrderState| differs(order.status, order.session.is_some(), progress);
        if orders.iter().any(is_news) {
            return Ok(());
        }
        let mut unit = self.on.runtime.begin().await?;
        unit.checkout_orders().read_again(id, self.on.runtime.now()).await?;
        unit.commit().await
    }
}
