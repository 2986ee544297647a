//! What the provider knows.

use std::collections::{BTreeMap, VecDeque};

use super::{Call, Fault, start_of_time};
use tollgate_domain::{
    id::{CheckoutId, RefundId},
    payments::{
        AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress,
        EventSubject, OpenCheckout, PaymentIntentId, PaymentsError, ProviderEvent,
        ProviderRefundId, RefundProgress, RefundState, Refusal, SessionState,
    },
};

#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) down: bool,
    pub(super) faults: BTreeMap<Call, VecDeque<Fault>>,
    pub(super) calls: BTreeMap<Call, u32>,
    pub(super) events: Vec<ProviderEvent>,
    pub(super) accounts: BTreeMap<AccountId, AccountState>,
    pub(super) account_keys: BTreeMap<String, AccountId>,
    pub(super) sessions: BTreeMap<CheckoutSessionId, Session>,
    pub(super) session_keys: BTreeMap<CheckoutId, (OpenCheckout, CheckoutSessionId)>,
    pub(super) charges: BTreeMap<PaymentIntentId, Charge>,
    pub(super) refunds: BTreeMap<ProviderRefundId, Refund>,
    pub(super) refund_keys: BTreeMap<RefundId, ProviderRefundId>,
    pub(super) refund_progress: Option<RefundProgress>,
    pub(super) disputes: BTreeMap<DisputeId, Dispute>,
    last_id: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) url: String,
    pub(super) state: SessionState,
}

#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) id: ChargeId,
    pub(super) account: AccountId,
    pub(super) amount: i64,
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) account: AccountId,
    pub(super) request: Option<RefundId>,
    pub(super) payment: PaymentIntentId,
    pub(super) amount: i64,
    pub(super) progress: RefundProgress,
}

#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) account: AccountId,
    pub(super) payment: PaymentIntentId,
    pub(super) progress: DisputeProgress,
}

impl Records {
    /// An id that sorts after those before.
    pub(super) fn next_id<T>(&mut self, prefix: &str, make: impl Fn(String) -> T) -> T {
        self.last_id += 1;
        make(format!("{prefix}_{:06}", self.last_id))
    }

    pub(super) fn tell(&mut self, kind: &str, account: &AccountId, object: &str) {
        let event = ProviderEvent {
            id: self.next_id("evt", |id| id),
            kind: kind.to_owned(),
            subject: subject_of(kind),
            account: Some(account.clone()),
            object_id: object.to_owned(),
            received_at: start_of_time(),
        };
        self.events.push(event);
    }

    pub(super) fn refund(
        &mut self,
        payment: &PaymentIntentId,
        amount: i64,
        request: Option<RefundId>,
    ) -> Result<ProviderRefundId, PaymentsError> {
        let charge = self.charges.get(payment).cloned().ok_or_else(not_found)?;
        let disputed = self.disputes.values().any(|dispute| {
            dispute.payment == *payment
                && matches!(dispute.progress, DisputeProgress::Open | DisputeProgress::Lost)
        });
        if disputed {
            return Err(refused(Refusal::Disputed));
        }
        let given_back: i64 = self
            .refunds
            .values()
            .filter(|refund| refund.payment == *payment)
            .filter(|refund| refund.progress != RefundProgress::Failed)
            .map(|refund| refund.amount)
            .sum();
        if given_back >= charge.amount {
            return Err(refused(Refusal::AlreadyRefunded));
        }
        if amount <= 0 || given_back + amount > charge.amount {
            return Err(refused(Refusal::Other));
        }
        let id = self.next_id("re", ProviderRefundId::new);
        let refund = Refund {
            account: charge.account.clone(),
            request,
            payment: payment.clone(),
            amount,
            progress: self.refund_progress.unwrap_or(RefundProgress::Succeeded),
        };
        self.refunds.insert(id.clone(), refund);
        self.tell("refund.created", &charge.account, id.as_str());
        self.tell("charge.refunded", &charge.account, charge.id.as_str());
        Ok(id)
    }

    pub(super) fn refund_state(
        &self,
        account: &AccountId,
        id: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        let refund = self.refunds.get(id).filter(|refund| refund.account == *account);
        let refund = refund.ok_or_else(not_found)?;
        Ok(RefundState {
            refund: id.clone(),
            refund_id: refund.request,
            payment_intent: Some(refund.payment.clone()),
            amount: refund.amount,
            progress: refund.progress,
        })
    }
}

/// Returns what an event of this type is about, by Stripe's names.
pub fn subject_of(kind: &str) -> EventSubject {
    match kind {
        "checkout.session.completed"
        | "checkout.session.expired"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed" => EventSubject::CheckoutSession,
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            EventSubject::Refund
        }
        "charge.refunded" => EventSubject::Charge,
        kind if kind.starts_with("charge.dispute.") => EventSubject::Dispute,
        "account.updated" => EventSubject::Account,
        "account.application.deauthorized" => EventSubject::Deauthorization,
        _ => EventSubject::Other,
    }
}

pub(super) fn refused(refusal: Refusal) -> PaymentsError {
    PaymentsError::Refused { refusal, message: format!("{refusal:?}") }
}

pub(super) fn not_found() -> PaymentsError {
    refused(Refusal::NotFound)
}
