//! Webhook events: stored when they come, applied by a job.
//!
//! An event is only a hint that something changed. What it names is read from the provider and applied, so
//! duplicates and every order of arrival end in the same state.

use std::sync::Arc;

use super::{ProviderUpdate, ProviderUpdates, ports::EventReads};
use crate::{
    checkout::{Applied, CheckoutOrder, FulfilmentError, OrderStatus, ports::CheckoutReads},
    clock::{DAY_SECONDS, plus_seconds},
    id::CheckoutId,
    jobs::{Finish, Job, NewJob, Priority},
    opaque_debug::opaque_debug,
    payments::{
        AccountId, ChargeId, CheckoutSessionId, DisputeId, EventSubject, Payments, PaymentsError,
        ProviderEvent, ProviderRefundId, SessionProgress, SessionState, read_account,
    },
    store::Runtime,
    store_error::StoreError,
};

/// How long an event about an order of ours is tried while the provider does not have what it names, or the
/// order's session, or shows that as it was before, in seconds: three days.
const AWAITED_SECONDS: i64 = 3 * DAY_SECONDS;
/// How long an event about a refund, a dispute or an account is tried while the provider refuses to show it, in seconds: it
/// may appear later, and a key that is exchanged is refused for a while. A sweep finds what appears after that.
const APPEARING_SECONDS: i64 = 3600;

/// Returns which of several events comes first: a buyer waits for the page that was paid.
const fn urgency(subject: EventSubject) -> Priority {
    match subject {
        EventSubject::CheckoutSession => Priority::Urgent,
        _ => Priority::Normal,
    }
}

/// Receives events and applies what they name.
#[derive(Clone)]
pub struct ProviderEvents {
    runtime: Runtime,
    reads: Arc<dyn EventReads>,
    checkout: Arc<dyn CheckoutReads>,
    payments: Arc<dyn Payments>,
    updates: ProviderUpdates,
}

impl ProviderEvents {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn EventReads>,
        checkout: Arc<dyn CheckoutReads>,
        payments: Arc<dyn Payments>,
        updates: ProviderUpdates,
    ) -> Self {
        Self { runtime, reads, checkout, payments, updates }
    }

    /// Stores an event whose signature was checked, with the job that applies it; `false` if the event
    /// was received before.
    pub async fn receive(&self, event: &ProviderEvent) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        let is_new = unit.event_log().insert(event).await?;
        if is_new {
            let job = NewJob::new(Job::ApplyEvent(event.id.clone()), self.runtime.now());
            unit.jobs().enqueue(&job.with(urgency(event.subject))).await?;
        }
        unit.commit().await?;
        Ok(is_new)
    }

    /// Applies what a received event names.
    pub async fn apply(&self, id: &str) -> Result<Finish, FulfilmentError> {
        let Some(event) = self.reads.pending_event(id).await? else { return Ok(Finish::done()) };
        let mut unread = None;
        let applied = match self.account_of(&event).await? {
            None => Applied::Ignored,
            Some(account) => match self.apply_at(&account, &event).await {
                // The account has no such object, or the platform has no access to it just now.
                Err(FulfilmentError::Payments(error @ PaymentsError::Refused { .. })) => {
                    unread = self.awaiting(&event).await?;
                    let is_awaited = unread.is_some() && self.is_early(&event);
                    if is_awaited || self.may_appear(&event) {
                        return Err(error.into());
                    }
                    Applied::Ignored
                }
                Err(FulfilmentError::SessionOutOfReach { checkout, error }) => {
                    if self.is_early(&event) {
                        return Err(FulfilmentError::SessionOutOfReach { checkout, error });
                    }
                    unread = Some(checkout);
                    Applied::Ignored
                }
                // What the provider says of it cannot be, which seldom changes.
                Err(error @ FulfilmentError::Unusable(_)) => {
                    if self.is_early(&event) {
                        return Err(error);
                    }
                    tracing::error!(event = event.id, %error, "an event is given up");
                    Applied::Ignored
                }
                applied => applied?,
            },
        };
        let mut unit = self.runtime.begin().await?;
        unit.event_log().applied(id, applied, self.runtime.now()).await?;
        if let Some(checkout) = unread
            && self.updates.fulfilment.leave_unread(&mut *unit, checkout).await?
        {
            tracing::error!(event = event.id, %checkout, "an event is given up");
        }
        Ok(Finish::done().within(unit))
    }

    async fn apply_at(
        &self,
        account: &AccountId,
        event: &ProviderEvent,
    ) -> Result<Applied, FulfilmentError> {
        let object = event.object_id.as_str();
        let read_at = self.runtime.now();
        let update = match event.subject {
            EventSubject::CheckoutSession => {
                let session = CheckoutSessionId::new(object);
                let state = self.payments.checkout(account, &session).await?;
                if self.is_out_of_date(account, event, &state).await? {
                    let reason = "a session is shown as open that was paid or has ended".to_owned();
                    return Err(PaymentsError::Unavailable(reason).into());
                }
                ProviderUpdate::Session(state)
            }
            EventSubject::Refund => {
                let refund = ProviderRefundId::new(object);
                ProviderUpdate::Refunds(vec![self.payments.refund_state(account, &refund).await?])
            }
            EventSubject::Charge => {
                let charge = ChargeId::new(object);
                let refunds = self.payments.refunds_of_charge(account, &charge).await?;
                if refunds.is_empty() && self.is_early(event) {
                    let reason = "a charge is shown without a refund of it".to_owned();
                    return Err(PaymentsError::Unavailable(reason).into());
                }
                ProviderUpdate::Refunds(refunds)
            }
            EventSubject::Dispute => {
                let dispute = DisputeId::new(object);
                ProviderUpdate::Dispute(self.payments.dispute(account, &dispute).await?, read_at)
            }
            EventSubject::Account => {
                ProviderUpdate::Account(self.payments.account(account).await?.state, read_at)
            }
            // The event may be late or replayed, so the account is asked.
            EventSubject::Deauthorization => match read_account(&*self.payments, account).await? {
                Some(told) => ProviderUpdate::Account(told.state, read_at),
                None => ProviderUpdate::Deauthorized,
            },
            EventSubject::Other => return Ok(Applied::Ignored),
        };
        self.updates.apply(account, update).await
    }

    /// Returns whether a session that an event names is shown as it was before the event, while its order waits for it: every event
    /// about a session says that it is not open any more.
    async fn is_out_of_date(
        &self,
        account: &AccountId,
        event: &ProviderEvent,
        state: &SessionState,
    ) -> Result<bool, StoreError> {
        if state.progress != SessionProgress::Open || !self.is_early(event) {
            return Ok(false);
        }
        let order = match state.checkout_id {
            Some(id) => self.checkout.order(id).await?,
            None => self.checkout.order_of_session(&state.session).await?,
        };
        let awaits =
            |order: CheckoutOrder| order.account == *account && order.status != OrderStatus::Paid;
        Ok(order.is_some_and(awaits))
    }

    /// Returns the order of ours that the event is about, if its outcome is not known, so that what the event names has to be
    /// there. After a few days the creator is told, and it is left to sweeps.
    async fn awaiting(&self, event: &ProviderEvent) -> Result<Option<CheckoutId>, StoreError> {
        if event.subject != EventSubject::CheckoutSession {
            return Ok(None);
        }
        let session = CheckoutSessionId::new(event.object_id.as_str());
        let order = self.checkout.order_of_session(&session).await?;
        Ok(order.filter(|order| order.status != OrderStatus::Paid).map(|order| order.id))
    }

    /// Returns whether an event is about a refund, a dispute or an account that the provider may show later.
    fn may_appear(&self, event: &ProviderEvent) -> bool {
        let is_new = self.runtime.now() < plus_seconds(event.received_at, APPEARING_SECONDS);
        match event.subject {
            EventSubject::CheckoutSession | EventSubject::Other => false,
            EventSubject::Refund
            | EventSubject::Charge
            | EventSubject::Dispute
            | EventSubject::Account
            | EventSubject::Deauthorization => is_new,
        }
    }

    /// Returns whether an event that cannot be applied is tried again.
    fn is_early(&self, event: &ProviderEvent) -> bool {
        self.runtime.now() < plus_seconds(event.received_at, AWAITED_SECONDS)
    }

    /// Returns the account that an event is about. An event about a known session need not name it; one
    /// that names another account than the order's is not about the order.
    async fn account_of(&self, event: &ProviderEvent) -> Result<Option<AccountId>, StoreError> {
        if event.subject != EventSubject::CheckoutSession {
            return Ok(event.account.clone());
        }
        let session = CheckoutSessionId::new(event.object_id.as_str());
        let order = self.checkout.order_of_session(&session).await?;
        Ok(match (order, &event.account) {
            (Some(order), Some(account)) => (order.account == *account).then_some(order.account),
            (Some(order), None) => Some(order.account),
            // The session may have been opened by a request that died before storing it.
            (None, account) => account.clone(),
        })
    }
}

opaque_debug!(ProviderEvents);
