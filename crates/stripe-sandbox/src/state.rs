//! Payments, refunds, disputes, onboarding and expiry, with the events that they cause.

use serde_json::Value;

use crate::error::ApiError;
use crate::faults::WebhookFaultMode;
use crate::model::{
    Delivery, Dispute, DisputeStatus, Event, Item, Method, Owner, Payment, PaymentStatus, Refund,
    RefundStatus, Session, SessionStatus, State,
};
use crate::render::{self, Expand};
use crate::{clock, ids};

/// The age at which Stripe deletes events: 30 days.
const EVENT_SECONDS: i64 = 30 * 24 * 3600;
/// The age at which an idempotency key can be used again: one day.
const ANSWER_SECONDS: i64 = 24 * 3600;
/// The time that a reordered event waits for the next one.
const HOLD_MILLIS: i64 = 1_000;

/// The request that caused an event. Both fields are `None` if no request did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl Item {
    pub(crate) fn total(&self) -> i64 {
        self.unit_amount.saturating_mul(self.quantity)
    }
}

impl Session {
    pub(crate) fn total(&self) -> i64 {
        self.items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.total()))
    }

    /// Returns the URL that the buyer returns to after paying, with its placeholder filled in.
    pub(crate) fn success_address(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }
}

impl State {
    /// Returns the seconds since the Unix epoch on the sandbox's clock.
    pub(crate) fn now(&self) -> i64 {
        clock::seconds() + self.numbers.get("clock").copied().unwrap_or_default()
    }

    pub(crate) fn refunds_of(&self, payment: &str) -> impl Iterator<Item = &Refund> {
        self.refunds.values().filter(move |refund| refund.payment == payment)
    }

    pub(crate) fn disputes_of(&self, payment: &str) -> impl Iterator<Item = &Dispute> {
        self.disputes.values().filter(move |dispute| dispute.payment == payment)
    }

    /// Returns the refunded amount of a payment, without failed refunds.
    pub(crate) fn refunded(&self, payment: &str) -> i64 {
        self.refunds_of(payment)
            .filter(|refund| refund.status != RefundStatus::Failed)
            .map(|refund| refund.amount)
            .sum()
    }

    /// Expires sessions that are due, and deletes old events and answers. Searches at most once a
    /// second, because nothing new becomes due within the second of its creation.
    pub(crate) fn expire_due(&mut self) {
        let now = self.now();
        if self.expired_until >= now {
            return;
        }
        self.expired_until = now;
        let due: Vec<String> = self
            .sessions
            .values()
            .filter(|session| session.status == SessionStatus::Open && session.expires_at <= now)
            .map(|session| session.id.clone())
            .collect();
        for id in due {
            self.expire(&id, &Cause::default());
        }
        self.events.retain(|event| event.created >= now - EVENT_SECONDS);
        self.answers.retain(|answer| answer.created >= now - ANSWER_SECONDS);
    }

    pub(crate) fn expire(&mut self, id: &str, cause: &Cause) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        session.status = SessionStatus::Expired;
        self.emit_session(id, "checkout.session.expired", cause);
    }

    /// Completes a session as if the buyer had confirmed. A card pays immediately, a bank debit
    /// later.
    pub(crate) fn pay(
        &mut self,
        id: &str,
        method: Method,
        email: Option<String>,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let session = self.sessions.find_mut("checkout.session", id)?;
        if session.status != SessionStatus::Open {
            return Err(ApiError::refused(
                "checkout_session_not_open",
                "The session is no longer open.",
            ));
        }
        let key = ids::random("", 24);
        let payment = Payment {
            intent_id: format!("pi_{key}"),
            charge_id: format!("ch_{key}"),
            owner: session.owner.clone(),
            created: now,
            session: id.to_owned(),
            amount: session.total(),
            currency: session.currency.clone(),
            data: session.intent.clone(),
            email: session.customer_email.clone().or(email),
            method,
            status: match method {
                Method::Card => PaymentStatus::Succeeded,
                Method::BankDebit => PaymentStatus::Processing,
            },
        };
        session.status = SessionStatus::Complete;
        session.payment = Some(payment.intent_id.clone());
        self.payments.insert(payment.intent_id.clone(), payment);
        self.emit_session(id, "checkout.session.completed", &Cause::default());
        Ok(())
    }

    /// Records that the money of a bank debit arrived or was returned.
    pub(crate) fn finish_debit(&mut self, id: &str, succeeded: bool) -> Result<(), ApiError> {
        let session = self.sessions.find("checkout.session", id)?;
        let payment = session
            .payment
            .as_ref()
            .and_then(|payment| self.payments.get_mut(payment))
            .filter(|payment| payment.status == PaymentStatus::Processing)
            .ok_or_else(|| ApiError::invalid("The session has no payment in processing."))?;
        let (status, kind) = if succeeded {
            let kind = "checkout.session.async_payment_succeeded";
            (PaymentStatus::Succeeded, kind)
        } else {
            (PaymentStatus::Failed, "checkout.session.async_payment_failed")
        };
        payment.status = status;
        self.emit_session(id, kind, &Cause::default());
        Ok(())
    }

    /// Adds a refund, which the caller has checked, and emits its events.
    pub(crate) fn add_refund(&mut self, refund: Refund, cause: &Cause) {
        let id = refund.id.clone();
        let payment = refund.payment.clone();
        self.refunds.insert(id.clone(), refund);
        self.emit_refund(&id, "refund.created", cause);
        if let Some(payment) = self.payments.get(&payment) {
            let object = render::charge(self, payment, &Expand::default());
            let owner = payment.owner.clone();
            self.emit(&owner, "charge.refunded", object, cause);
        }
    }

    /// Sets the status of a refund, as a bank does later.
    pub(crate) fn set_refund(&mut self, id: &str, status: RefundStatus) -> Result<(), ApiError> {
        let refund = self.refunds.find_mut("refund", id)?;
        if refund.status == RefundStatus::Failed || refund.status == status {
            return Err(ApiError::invalid("The refund cannot take this status."));
        }
        refund.status = status;
        self.emit_refund(id, "refund.updated", &Cause::default());
        if status == RefundStatus::Failed {
            self.emit_refund(id, "refund.failed", &Cause::default());
        }
        Ok(())
    }

    /// Opens a dispute over a payment, and returns its id.
    pub(crate) fn open_dispute(&mut self, payment_id: &str) -> Result<String, ApiError> {
        let payment = self.payments.find("payment_intent", payment_id)?;
        if payment.status != PaymentStatus::Succeeded {
            return Err(ApiError::invalid("Only a payment that succeeded can be disputed."));
        }
        if self.disputes_of(payment_id).next().is_some() {
            return Err(ApiError::invalid("The payment was disputed before."));
        }
        let dispute = Dispute {
            id: ids::random("du_", 24),
            owner: payment.owner.clone(),
            created: self.now(),
            payment: payment_id.to_owned(),
            amount: payment.amount,
            status: DisputeStatus::NeedsResponse,
        };
        let id = dispute.id.clone();
        self.disputes.insert(id.clone(), dispute);
        self.emit_dispute(&id, "charge.dispute.created");
        Ok(id)
    }

    pub(crate) fn close_dispute(&mut self, id: &str, won: bool) -> Result<(), ApiError> {
        let dispute = self.disputes.find_mut("dispute", id)?;
        if dispute.status != DisputeStatus::NeedsResponse {
            return Err(ApiError::invalid("The dispute is closed."));
        }
        dispute.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
        self.emit_dispute(id, "charge.dispute.closed");
        Ok(())
    }

    /// Completes the onboarding of an account, so that it can take charges.
    pub(crate) fn enable_account(&mut self, id: &str) {
        let Some(account) = self.accounts.get_mut(id) else {
            return;
        };
        account.enabled = true;
        if let Some(account) = self.accounts.get(id) {
            let object = render::account(account);
            let owner = Some(id.to_owned());
            self.emit(&owner, "account.updated", object, &Cause::default());
        }
    }

    fn emit_session(&mut self, id: &str, kind: &str, cause: &Cause) {
        if let Some(session) = self.sessions.get(id) {
            let object = render::session(self, session, &Expand::default());
            let owner = session.owner.clone();
            self.emit(&owner, kind, object, cause);
        }
    }

    fn emit_refund(&mut self, id: &str, kind: &str, cause: &Cause) {
        if let Some(refund) = self.refunds.get(id) {
            let object = render::refund(self, refund, &Expand::default());
            let owner = refund.owner.clone();
            self.emit(&owner, kind, object, cause);
        }
    }

    fn emit_dispute(&mut self, id: &str, kind: &str) {
        if let Some(dispute) = self.disputes.get(id) {
            let object = render::dispute(self, dispute, &Expand::default());
            let owner = dispute.owner.clone();
            self.emit(&owner, kind, object, &Cause::default());
        }
    }

    /// Stores an event and queues its delivery according to the current webhook fault.
    fn emit(&mut self, owner: &Owner, kind: &str, object: Value, cause: &Cause) {
        let id = ids::random("evt_", 24);
        self.version += 1;
        let event = Event {
            id: id.clone(),
            owner: owner.clone(),
            created: self.now(),
            kind: kind.to_owned(),
            object,
            request: cause.request.clone(),
            idempotency_key: cause.idempotency_key.clone(),
        };
        let key = self.next_key();
        self.events.insert(key, event);
        if !self.delivers {
            return;
        }
        match self.faults.webhooks.as_ref().map(|fault| fault.mode) {
            Some(WebhookFaultMode::Drop) => {}
            Some(WebhookFaultMode::Duplicate) => {
                self.queue(&id, false);
                self.queue(&id, false);
            }
            Some(WebhookFaultMode::Reorder) => {
                let overtaken = self
                    .deliveries
                    .iter()
                    .find(|(_, delivery)| delivery.held)
                    .map(|(key, _)| key.clone());
                let later = self.queue(&id, overtaken.is_none());
                let earlier = overtaken.and_then(|key| self.deliveries.get_mut(&key));
                if let Some(earlier) = earlier {
                    earlier.held = false;
                    earlier.after = Some(later);
                }
            }
            Some(WebhookFaultMode::None) | None => {
                self.queue(&id, false);
            }
        }
    }

    /// Queues a delivery, and returns its key.
    fn queue(&mut self, event: &str, held: bool) -> String {
        let key = self.next_key();
        let delivery = Delivery {
            event: event.to_owned(),
            attempts: 0,
            due: clock::millis() + if held { HOLD_MILLIS } else { 0 },
            after: None,
            held,
            active: false,
        };
        self.deliveries.insert(key.clone(), delivery);
        key
    }
}
