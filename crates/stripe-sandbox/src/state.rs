//! Payments, refunds and expiry, with the events that they cause.

use serde::Deserialize;

use crate::error::ApiError;
use crate::ids;
use crate::model::{Payment, Refund, State};
use crate::render::{self, Expand};
use crate::status::{DisputeStatus, Method, PaymentStatus, RefundStatus, SessionStatus};

/// The age at which Stripe deletes events: 30 days.
const EVENT_SECONDS: i64 = 30 * 24 * 3600;
/// The age at which an idempotency key can be used again: one day.
const ANSWER_SECONDS: i64 = 24 * 3600;
/// The time after which a bank returns the refund of a payment that was made for it.
const REFUND_FAILS_SECONDS: i64 = 5;

/// What the buyer does on the pay page, and what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PayOutcome {
    /// The card is charged.
    Succeed,
    /// The bank is debited later.
    Later,
    /// The card is declined.
    Decline,
    /// The card is charged, and its bank disputes that immediately.
    Dispute,
    /// The card is charged, and its bank makes an inquiry immediately.
    Inquiry,
    /// The card is charged, and its bank returns refunds some seconds after they were made.
    RefundFails,
}

/// The request that caused an event. Both fields are `None` if no request did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cause {
    pub(crate) request: Option<String>,
    pub(crate) idempotency_key: Option<String>,
}

impl State {
    /// Expires sessions and returns refunds that are due, and deletes old events and answers. Searches at most once a
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
        let due: Vec<String> = self
            .refunds
            .values()
            .filter(|refund| refund.fails_at.is_some_and(|at| at <= now))
            .filter(|refund| !refund.status.is_undone())
            .map(|refund| refund.id.clone())
            .collect();
        for id in due {
            if let Err(error) = self.set_refund(&id, RefundStatus::Failed) {
                tracing::warn!(id, status = error.status, "a refund could not fail");
            }
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

    /// Carries out what a buyer does on the pay page. A declined card does not change the session.
    pub(crate) fn buy(
        &mut self,
        id: &str,
        outcome: PayOutcome,
        email: Option<String>,
    ) -> Result<(), ApiError> {
        let method = match outcome {
            PayOutcome::Decline => return Ok(()),
            PayOutcome::Later => Method::BankDebit,
            _ => Method::Card,
        };
        let payment = self.pay(id, method, email)?;
        match outcome {
            PayOutcome::Dispute => {
                self.open_dispute(&payment, DisputeStatus::NeedsResponse, None, None)?;
            }
            PayOutcome::Inquiry => {
                self.open_dispute(&payment, DisputeStatus::WarningNeedsResponse, None, None)?;
            }
            PayOutcome::RefundFails => {
                self.payments.find_mut("payment_intent", &payment)?.refunds_fail = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Completes a session as if the buyer had confirmed, and returns the payment intent. A card pays
    /// immediately, a bank debit later.
    fn pay(&mut self, id: &str, method: Method, email: Option<String>) -> Result<String, ApiError> {
        let now = self.now();
        let owner = self.sessions.find("checkout.session", id)?.owner.as_ref();
        if owner.and_then(|owner| self.accounts.get(owner)).is_some_and(|it| !it.charges_enabled())
        {
            return Err(ApiError::restricted());
        }
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
            refunds_fail: false,
        };
        let intent = payment.intent_id.clone();
        session.status = SessionStatus::Complete;
        session.payment = Some(intent.clone());
        self.payments.insert(intent.clone(), payment);
        self.emit_session(id, "checkout.session.completed", &Cause::default());
        Ok(intent)
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

    /// Adds a refund, which the caller has checked, and emits its events. What the current fault of
    /// refunds says takes precedence.
    pub(crate) fn add_refund(&mut self, mut refund: Refund, cause: &Cause) {
        let fault = self.faults.refunds.unwrap_or_default();
        let payment = self.payments.get(&refund.payment);
        let returned = payment.is_some_and(|payment| payment.refunds_fail);
        let fails_after = fault.fails_after_seconds.map(|seconds| i64::from(seconds.max(1)));
        let fails_after = fails_after.or(returned.then_some(REFUND_FAILS_SECONDS));
        refund.status = fault.status.unwrap_or(refund.status);
        refund.fails_at = fails_after.map(|seconds| refund.created + seconds);
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
        let settled = refund.status == RefundStatus::Succeeded && status != RefundStatus::Failed;
        if refund.status.is_undone() || refund.status == status || settled {
            return Err(ApiError::invalid("The refund cannot take this status."));
        }
        refund.status = status;
        self.emit_refund(id, "refund.updated", &Cause::default());
        if status == RefundStatus::Failed {
            self.emit_refund(id, "refund.failed", &Cause::default());
        }
        Ok(())
    }
}
