//! Events: their storage, and their delivery according to the current fault of webhooks.

use serde_json::Value;

use crate::error::ApiError;
use crate::faults::WebhookFaultMode;
use crate::model::{Delivery, Event, Owner, State};
use crate::render::{self, Expand};
use crate::state::Cause;
use crate::{clock, ids};

/// The type of the event that tells the platform that an account's owner has withdrawn its access.
pub(crate) const DEAUTHORIZED: &str = "account.application.deauthorized";
/// The time that a reordered event waits for the next one.
const HOLD_MILLIS: i64 = 1_000;

impl State {
    pub(crate) fn emit_session(&mut self, id: &str, kind: &str, cause: &Cause) {
        if let Some(session) = self.sessions.get(id) {
            let object = render::session(self, session, &Expand::default());
            let owner = session.owner.clone();
            self.emit(&owner, kind, object, cause);
        }
    }

    pub(crate) fn emit_refund(&mut self, id: &str, kind: &str, cause: &Cause) {
        if let Some(refund) = self.refunds.get(id) {
            let object = render::refund(self, refund, &Expand::default());
            let owner = refund.owner.clone();
            self.emit(&owner, kind, object, cause);
        }
    }

    pub(crate) fn emit_dispute(&mut self, id: &str, kind: &str) {
        if let Some(dispute) = self.disputes.get(id) {
            let object = render::dispute(self, dispute, &Expand::default());
            let owner = dispute.owner.clone();
            self.emit(&owner, kind, object, &Cause::default());
        }
    }

    /// Stores an event and queues its delivery.
    pub(crate) fn emit(&mut self, owner: &Owner, kind: &str, object: Value, cause: &Cause) {
        let fault = self.faults.webhooks.clone().unwrap_or_default();
        let mode = fault.mode_for(kind);
        let is_old = mode == WebhookFaultMode::OldVersion;
        let object = if is_old { render::older(object) } else { object };
        let id = ids::random("evt_", 24);
        self.version += 1;
        let event = Event {
            id: id.clone(),
            owner: owner.clone(),
            created: self.now(),
            kind: kind.to_owned(),
            object,
            version: is_old.then(|| render::OLD_VERSION.to_owned()),
            request: cause.request.clone(),
            idempotency_key: cause.idempotency_key.clone(),
        };
        let key = self.next_key();
        self.events.insert(key, event);
        // A platform hears nothing of an account that it has no access to, except that.
        let account = owner.as_ref().and_then(|owner| self.accounts.get(owner));
        let hidden = account.is_some_and(|account| account.disconnected) && kind != DEAUTHORIZED;
        if !self.delivers || hidden {
            return;
        }
        match mode {
            WebhookFaultMode::Drop => {}
            WebhookFaultMode::Duplicate => {
                self.queue(&id, 0, false);
                self.queue(&id, 0, false);
            }
            WebhookFaultMode::Reorder => self.queue_overtaking(&id),
            WebhookFaultMode::Delay => drop(self.queue(&id, fault.millis.into(), false)),
            WebhookFaultMode::None
            | WebhookFaultMode::WrongSignature
            | WebhookFaultMode::OldVersion => drop(self.queue(&id, 0, false)),
        }
    }

    /// Queues a delivery of an event again, as the button in Stripe's dashboard does.
    pub(crate) fn resend(&mut self, event: &str) -> Result<(), ApiError> {
        if !self.events.values().any(|known| known.id == event) {
            return Err(ApiError::missing("event", event));
        }
        self.queue(event, 0, false);
        Ok(())
    }

    /// Queues a delivery before the one that is held back, or holds it back itself.
    fn queue_overtaking(&mut self, event: &str) {
        let held = self.deliveries.iter().find(|(_, delivery)| delivery.held);
        let overtaken = held.map(|(key, _)| key.clone());
        let hold = if overtaken.is_none() { HOLD_MILLIS } else { 0 };
        let later = self.queue(event, hold, overtaken.is_none());
        if let Some(earlier) = overtaken.and_then(|key| self.deliveries.get_mut(&key)) {
            earlier.held = false;
            earlier.after = Some(later);
        }
    }

    /// Queues a delivery after some time, and returns its key.
    fn queue(&mut self, event: &str, delay_millis: i64, held: bool) -> String {
        let key = self.next_key();
        let delivery = Delivery {
            event: event.to_owned(),
            attempts: 0,
            due: clock::millis() + delay_millis,
            after: None,
            held,
            active: false,
        };
        self.deliveries.insert(key.clone(), delivery);
        key
    }
}
