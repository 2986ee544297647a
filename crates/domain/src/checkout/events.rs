//! Webhook events: stored when they come, dealt with by a worker until it succeeds.
//!
//! An event is a hint that something changed, no more. What it names is read from the provider and
//! settled, so duplicates and every order of arrival end in the same state.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    AccountId, Applied, ChargeId, CheckoutSessionId, DisputeId, Fulfilment, FulfilmentError,
    PaymentsError, ProviderRefundId, ProviderUpdate, Refusal,
    ports::{EventQueue, Payments},
};
use crate::{
    clock::{Clock, plus_seconds},
    outbox::backoff_seconds,
    store::{Store, StoreError},
};

/// The envelope of an event; its body is never believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The provider's id, `evt_…`.
    pub id: String,
    /// Its type, such as `checkout.session.completed`.
    pub kind: String,
    /// The connected account that it is about.
    pub account: Option<AccountId>,
    /// The id of the object that it names.
    pub object_id: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// How often it was worked on.
    pub attempts: u32,
}

/// What one step of [`ProviderEvents`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStep {
    /// Nothing was due.
    Idle,
    /// An event was dealt with.
    Done,
    /// An event was put off.
    Retried,
}

/// Receives events and works on them.
#[derive(Clone)]
pub struct ProviderEvents {
    store: Arc<dyn Store>,
    queue: Arc<dyn EventQueue>,
    payments: Arc<dyn Payments>,
    fulfilment: Fulfilment,
    clock: Arc<dyn Clock>,
}

/// A worker that dies holds its event for this long; longer than all calls of one step together.
const LEASE_SECONDS: i64 = 300;
/// Events are tried for as long as it takes, at least this often.
const MAX_PAUSE_SECONDS: i64 = 3600;

impl ProviderEvents {
    /// Events kept in `store` and worked on through `queue`.
    pub fn new(
        store: Arc<dyn Store>,
        queue: Arc<dyn EventQueue>,
        payments: Arc<dyn Payments>,
        fulfilment: Fulfilment,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, queue, payments, fulfilment, clock }
    }

    /// Stores an event whose signature was checked. Once this returns, the event will be dealt with;
    /// `false` means that it was received before.
    pub async fn receive(&self, event: &ProviderEvent) -> Result<bool, StoreError> {
        let mut unit = self.store.begin().await?;
        let new = unit.provider_events().insert(event).await?;
        unit.commit().await?;
        Ok(new)
    }

    /// Works on the event that has been due longest.
    pub async fn step(&self) -> Result<EventStep, StoreError> {
        let now = self.clock.now();
        let Some(event) = self.queue.claim(now, plus_seconds(now, LEASE_SECONDS)).await? else {
            return Ok(EventStep::Idle);
        };
        let result = self.work(&event).await;
        let now = self.clock.now();
        match result {
            Ok(applied) => {
                self.queue.done(&event.id, applied.as_str(), now).await?;
                Ok(EventStep::Done)
            }
            Err(error) => {
                let pause = backoff_seconds(event.attempts).min(MAX_PAUSE_SECONDS);
                tracing::warn!(event = event.id, kind = event.kind, %error, "event put off");
                self.queue.failed(&event.id, &error.to_string(), plus_seconds(now, pause)).await?;
                Ok(EventStep::Retried)
            }
        }
    }

    async fn work(&self, event: &ProviderEvent) -> Result<Applied, FulfilmentError> {
        let Some(account) = self.account_of(event).await? else {
            return Ok(Applied::Ignored);
        };
        match self.work_on(&account, event).await {
            // An object that the account does not have is a stranger's, not a reason to try again.
            Err(FulfilmentError::Payments(PaymentsError::Refused {
                refusal: Refusal::NotFound,
                ..
            })) => Ok(Applied::Ignored),
            other => other,
        }
    }

    async fn work_on(
        &self,
        account: &AccountId,
        event: &ProviderEvent,
    ) -> Result<Applied, FulfilmentError> {
        let object = event.object_id.as_str();
        let update = match event.kind.as_str() {
            "checkout.session.completed"
            | "checkout.session.expired"
            | "checkout.session.async_payment_succeeded"
            | "checkout.session.async_payment_failed" => {
                let session = CheckoutSessionId::new(object);
                ProviderUpdate::Session(self.payments.checkout(account, &session).await?)
            }
            "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
                let refund = ProviderRefundId::new(object);
                ProviderUpdate::Refunds(vec![self.payments.refund_state(account, &refund).await?])
            }
            "charge.refunded" => {
                let charge = ChargeId::new(object);
                ProviderUpdate::Refunds(self.payments.refunds_of_charge(account, &charge).await?)
            }
            kind if kind.starts_with("charge.dispute.") => {
                let dispute = DisputeId::new(object);
                ProviderUpdate::Dispute(self.payments.dispute(account, &dispute).await?)
            }
            "account.updated" => ProviderUpdate::Account(self.payments.account(account).await?),
            "account.application.deauthorized" => ProviderUpdate::Deauthorized,
            _ => return Ok(Applied::Ignored),
        };
        self.fulfilment.apply(account, update).await
    }

    /// The account that an event is about. A session is known here, so an event about one needs not
    /// say; but one that names another account than the order's is not about the order.
    async fn account_of(&self, event: &ProviderEvent) -> Result<Option<AccountId>, StoreError> {
        if !event.kind.starts_with("checkout.session.") {
            return Ok(event.account.clone());
        }
        let session = CheckoutSessionId::new(event.object_id.as_str());
        let mut unit = self.store.begin().await?;
        let order = unit.checkout_orders().by_session(&session).await?;
        Ok(match (order, &event.account) {
            (Some(order), Some(account)) => (order.account == *account).then_some(order.account),
            (Some(order), None) => Some(order.account),
            // The session may have been opened by a request that died before noting it.
            (None, account) => account.clone(),
        })
    }
}

impl std::fmt::Debug for ProviderEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProviderEvents")
    }
}
