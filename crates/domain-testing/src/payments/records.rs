//! What the provider knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{Call, Fault, start_of_time};
use tollgate_domain::{
    email::Email,
    id::RefundId,
    payments::{
        AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress,
        DisputeStage, DisputeState, EventSubject, OpenedSession, PaymentIntentId, PaymentsError,
        ProviderEvent, ProviderRefundId, RefundProgress, RefundState, Refusal, SessionProgress,
        SessionState,
    },
};

/// How long the provider keeps an answer under its idempotency key, as Stripe does.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) down: bool,
    /// How the next calls of a kind fail, if they do.
    pub(super) faults: BTreeMap<Call, VecDeque<Option<Fault>>>,
    pub(super) calls: BTreeMap<Call, u32>,
    pub(super) events: Vec<ProviderEvent>,
    pub(super) accounts: BTreeMap<AccountId, AccountState>,
    /// The accounts that were created with a label, and when.
    pub(super) labels: BTreeMap<AccountId, (String, Timestamp)>,
    /// The accounts whose balance covers no refund.
    pub(super) without_balance: BTreeSet<AccountId>,
    /// The answers by idempotency key.
    pub(super) answers: BTreeMap<String, Answer>,
    pub(super) sessions: BTreeMap<CheckoutSessionId, Session>,
    pub(super) charges: BTreeMap<PaymentIntentId, Charge>,
    pub(super) refunds: BTreeMap<ProviderRefundId, Refund>,
    pub(super) refund_progress: Option<RefundProgress>,
    pub(super) disputes: BTreeMap<DisputeId, Dispute>,
    /// How many objects a page of a list has, if that is not the usual number.
    pub(super) per_page: Option<usize>,
    /// Whether every page of a list is the first one.
    pub(super) ignores_cursors: bool,
    /// What time it is at the provider.
    pub(super) now: Timestamp,
    last_id: u64,
}

/// What was answered to a request with an idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// The parameters. A request with the same key and other parameters is refused.
    request: String,
    kept: Kept,
    at: Timestamp,
}

/// A request with an idempotency key.
#[derive(Debug)]
pub(super) struct Keyed {
    pub(super) key: String,
    pub(super) request: String,
    /// The account that it is about, if it is about one.
    pub(super) account: Option<AccountId>,
}

#[derive(Debug, Clone)]
pub(super) enum Kept {
    Account(AccountId),
    Session(OpenedSession),
    Refund(RefundState),
    Error(PaymentsError),
}

/// What can be answered again under an idempotency key.
pub(super) trait Keep: Clone + Into<Kept> {
    /// Returns the answer again, as it was given.
    fn again(kept: Kept) -> Result<Self, PaymentsError>;
}

macro_rules! keep {
    ($($answer:ident in $variant:ident;)*) => {$(
        impl From<$answer> for Kept {
            fn from(answer: $answer) -> Self {
                Self::$variant(answer)
            }
        }

        impl Keep for $answer {
            fn again(kept: Kept) -> Result<Self, PaymentsError> {
                match kept {
                    Kept::$variant(answer) => Ok(answer),
                    Kept::Error(error) => Err(error),
                    _ => Err(refused(Refusal::Other)),
                }
            }
        }
    )*};
}

keep! {
    AccountId in Account;
    OpenedSession in Session;
    RefundState in Refund;
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) account: AccountId,
    pub(super) created: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    /// The address that the platform passed on, if the platform opened the session.
    pub(super) email: Option<Email>,
    /// What the platform takes of the payment.
    pub(super) fee: i64,
    pub(super) url: String,
    pub(super) state: SessionState,
}

#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub(super) id: ChargeId,
    pub(super) account: AccountId,
    pub(super) amount: i64,
    pub(super) currency: String,
}

#[derive(Debug, Clone)]
pub(super) struct Refund {
    pub(super) account: AccountId,
    pub(super) created: Timestamp,
    pub(super) request: Option<RefundId>,
    pub(super) payment: PaymentIntentId,
    pub(super) amount: i64,
    pub(super) currency: String,
    pub(super) progress: RefundProgress,
}

impl Refund {
    pub(super) fn state(&self, id: &ProviderRefundId) -> RefundState {
        RefundState {
            refund: id.clone(),
            refund_id: self.request,
            payment_intent: Some(self.payment.clone()),
            amount: self.amount,
            currency: self.currency.clone(),
            progress: self.progress,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Dispute {
    pub(super) account: AccountId,
    pub(super) created: Timestamp,
    pub(super) payment: PaymentIntentId,
    pub(super) progress: DisputeProgress,
    /// The disputed part; `None` for the whole payment.
    pub(super) part: Option<i64>,
    /// Whether the dispute ended before the bank took any money back.
    pub(super) is_prevented: bool,
}

impl Dispute {
    pub(super) fn new(
        account: &AccountId,
        created: Timestamp,
        payment: PaymentIntentId,
        progress: DisputeProgress,
    ) -> Self {
        let account = account.clone();
        Self { account, created, payment, progress, part: None, is_prevented: false }
    }
}

impl Records {
    /// An id that sorts after those before.
    pub(super) fn next_id<T>(&mut self, prefix: &str, make: impl Fn(String) -> T) -> T {
        self.last_id += 1;
        make(format!("{prefix}_{:06}", self.last_id))
    }

    /// Counts a call that arrives, and returns how it fails, if it does.
    pub(super) fn arrives(&mut self, call: Call) -> Result<Option<Fault>, PaymentsError> {
        *self.calls.entry(call).or_default() += 1;
        if self.down {
            return Err(PaymentsError::Unavailable("the provider is down".into()));
        }
        Ok(self.faults.get_mut(&call).and_then(VecDeque::pop_front).flatten())
    }

    /// Returns the account, unless the platform has no access to it.
    pub(super) fn account(&self, account: &AccountId) -> Result<AccountState, PaymentsError> {
        let state = self.accounts.get(account).copied();
        state.ok_or_else(|| refused(Refusal::AccountDisconnected))
    }

    /// Returns what was answered under a key, if it is still kept.
    pub(super) fn answered(&mut self, keyed: &Keyed) -> Option<Kept> {
        let now = self.now;
        self.answers.retain(|_, answer| now.duration_since(answer.at) < KEPT);
        let before = self.answers.get(&keyed.key)?;
        // Stripe refuses a key that comes again with other parameters.
        let same = before.request == keyed.request;
        Some(if same { before.kept.clone() } else { Kept::Error(refused(Refusal::Other)) })
    }

    pub(super) fn keep(&mut self, keyed: Keyed, kept: Kept) {
        let answer = Answer { request: keyed.request, kept, at: self.now };
        self.answers.insert(keyed.key, answer);
    }

    pub(super) fn tell(&mut self, subject: EventSubject, account: &AccountId, object: &str) {
        let event = ProviderEvent {
            id: self.next_id("evt", |id| id),
            kind: subject.as_str().to_owned(),
            subject,
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
        // Stripe does not say that it refuses a refund after a loss, so that the platform's is taken. An owner sees the loss.
        let refuses = |progress: DisputeProgress| match progress {
            DisputeProgress::Open => true,
            DisputeProgress::Lost => request.is_none(),
            DisputeProgress::Inquiry | DisputeProgress::Won => false,
        };
        let of_it = self.disputes.values().filter(|dispute| dispute.payment == *payment);
        if of_it.map(|dispute| dispute.progress).any(refuses) {
            return Err(refused(Refusal::Disputed));
        }
        let has_not_arrived = |session: &Session| {
            let progress = session.state.progress;
            session.state.payment_intent.as_ref() == Some(payment)
                && matches!(progress, SessionProgress::Pending | SessionProgress::Failed)
        };
        if self.sessions.values().any(has_not_arrived) {
            return Err(refused(Refusal::WithMessage));
        }
        let refunded: i64 = self
            .refunds
            .values()
            .filter(|refund| refund.payment == *payment)
            .filter(|refund| refund.progress != RefundProgress::Failed)
            .map(|refund| refund.amount)
            .sum();
        if refunded >= charge.amount {
            return Err(refused(Refusal::AlreadyRefunded));
        }
        if amount <= 0 || refunded + amount > charge.amount {
            return Err(refused(Refusal::WithMessage));
        }
        if self.without_balance.contains(&charge.account) {
            return Err(refused(Refusal::InsufficientBalance));
        }
        let id = self.next_id("re", ProviderRefundId::new);
        let refund = Refund {
            account: charge.account.clone(),
            created: self.now,
            request,
            payment: payment.clone(),
            amount,
            currency: charge.currency.clone(),
            progress: self.refund_progress.unwrap_or(RefundProgress::Succeeded),
        };
        self.refunds.insert(id.clone(), refund);
        self.tell(EventSubject::Refund, &charge.account, id.as_str());
        self.tell(EventSubject::Charge, &charge.account, charge.id.as_str());
        Ok(id)
    }

    pub(super) fn refund_state(
        &self,
        account: &AccountId,
        id: &ProviderRefundId,
    ) -> Result<RefundState, PaymentsError> {
        self.account(account)?;
        let refund = self.refunds.get(id).filter(|refund| refund.account == *account);
        let refund = refund.ok_or_else(not_found)?;
        Ok(refund.state(id))
    }

    pub(super) fn dispute_state(
        &self,
        account: &AccountId,
        id: &DisputeId,
    ) -> Result<DisputeState, PaymentsError> {
        self.account(account)?;
        let dispute = self.disputes.get(id).filter(|dispute| dispute.account == *account);
        let dispute = dispute.ok_or_else(not_found)?;
        let charge = self.charges.get(&dispute.payment);
        let is_decided = matches!(dispute.progress, DisputeProgress::Won | DisputeProgress::Lost);
        let is_over = is_decided || dispute.is_prevented;
        let respond_by = dispute.created + SignedDuration::from_hours(7 * 24);
        Ok(DisputeState {
            dispute: id.clone(),
            payment_intent: Some(dispute.payment.clone()),
            progress: dispute.progress,
            stage: if is_over { DisputeStage::Closed } else { DisputeStage::NeedsResponse },
            reason: "fraudulent".to_owned(),
            amount: dispute.part.unwrap_or_else(|| charge.map_or(0, |charge| charge.amount)),
            currency: charge.map(|charge| charge.currency.clone()).unwrap_or_default(),
            opened_at: dispute.created,
            respond_by: (!is_over).then_some(respond_by),
        })
    }
}

pub(super) fn refused(refusal: Refusal) -> PaymentsError {
    PaymentsError::Refused { refusal, message: format!("{refusal:?}") }
}

pub(super) fn not_found() -> PaymentsError {
    refused(Refusal::NotFound)
}
