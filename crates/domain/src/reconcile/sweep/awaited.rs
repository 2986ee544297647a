//! Orders that were closed although the provider has not confirmed that their sessions are closed.

use super::{FindingKind, Sweep, orders::session_or_order};
use crate::{
    checkout::{CheckoutOrder, FulfilmentError, may_be_processed},
    id::CheckoutId,
    payments::{PaymentsError, Refusal, SessionProgress},
    store_error::StoreError,
};

impl Sweep<'_> {
    /// Reads the session of such an order, and records its end if no payment can come any more.
    pub(super) async fn awaited_end(
        &mut self,
        order: &CheckoutOrder,
    ) -> Result<(), FulfilmentError> {
        self.awaited.insert(order.id);
        self.look();
        let may_come = may_be_processed(order.created_at, self.on.runtime.now());
        match self.session_of(order).await {
            Ok(Some(state)) if state.progress == SessionProgress::Open => self.unanswered = 0,
            // A payment that is still being processed after so long is not expected to succeed.
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
            // The session may be missing only for a while.
            Err(PaymentsError::Refused { refusal: Refusal::NotFound, .. }) => {
                self.unanswered = 0;
                if !may_come {
                    self.end(order.id).await?;
                }
            }
            // A session that can never be read must not keep every sweep from being complete.
            Err(error @ (PaymentsError::Refused { .. } | PaymentsError::Failed(_)))
                if !may_come =>
            {
                self.unanswered = 0;
                tracing::warn!(checkout = %order.id, %error, "the end of a session is not known");
            }
            Err(error) => {
                self.leave_out(FindingKind::Session, session_or_order(order), error.into())?;
            }
        }
        Ok(())
    }

    /// Records that nothing more can be learnt of an order's session. Sweeps do not read it again, and the creator is no longer told that
    /// it is not known whether the order was paid.
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
