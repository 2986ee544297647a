//! The payment provider's identifiers and states that Tollgate uses.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    email::Email,
    id::{CheckoutId, GroupBuyId, PageId, RefundId},
    money::Money,
    text_enum::text_enum,
    text_form::text_form,
};

/// Declares types of ids that the provider assigns. Their form is not checked.
macro_rules! provider_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// Creates an id from the text that the provider sent.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// Returns the id as the provider wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_form!($name);
    )*};
}

provider_ids! {
    /// A connected account, `acct_…`.
    AccountId;
    /// A hosted checkout session, `cs_…`.
    CheckoutSessionId;
    /// A payment, `pi_…`.
    PaymentIntentId;
    /// A charge of a payment, `ch_…`.
    ChargeId;
    /// A refund, `re_…`.
    ProviderRefundId;
    /// A dispute, `du_…`.
    DisputeId;
}

/// The capabilities of a connected account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountState {
    /// Whether the account can take payments.
    pub charges_enabled: bool,
    /// Whether the provider can pay out to the account's owner.
    pub payouts_enabled: bool,
    /// Whether the owner has submitted everything that the provider asked for.
    pub details_submitted: bool,
}

impl AccountState {
    /// Returns whether the account can do everything.
    pub const fn is_ready(self) -> bool {
        self.charges_enabled && self.payouts_enabled
    }
}

/// The provider's report on a connected account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountReport {
    /// What the account can do.
    pub state: AccountState,
    /// What the provider still asks the owner for, in the provider's words, such as `external_account`.
    pub due: Vec<String>,
}

/// Additional services of the provider for a payment, which the seller can turn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaymentExtras {
    /// Sends the buyer an invoice.
    pub invoice: bool,
    /// Computes the tax that the price includes.
    pub automatic_tax: bool,
    /// Asks businesses for their tax id.
    pub tax_id: bool,
}

/// The parameters for opening a hosted checkout session. They are built only from the stored order, so
/// every retry sends the same request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCheckout {
    /// The order. The idempotency key is derived from its id and the attempt.
    pub checkout_id: CheckoutId,
    /// 0 for the first request. A new number makes a new idempotency key, for a request that the provider
    /// answered with an error that it keeps.
    pub attempt: u32,
    /// The page. Its id is stored in the session and compared with the order later.
    pub page_id: PageId,
    /// The group buy that sets the price, if one does. Its id is stored in the session as well.
    pub group_buy_id: Option<GroupBuyId>,
    /// The connected account that receives the money.
    pub account: AccountId,
    /// The title shown to the visitor on the pay page.
    pub title: String,
    /// The amount to charge.
    pub price: Money,
    /// The platform fee in minor units, included in the price.
    pub fee: i64,
    /// The address that is prefilled on the pay page. It has no effect on access.
    pub customer_email: Email,
    /// The URL that the visitor returns to after paying.
    pub success_url: String,
    /// The URL that the visitor returns to after cancelling.
    pub cancel_url: String,
    /// When the provider closes the session if it has not been paid.
    pub expires_at: Timestamp,
    /// Additional services of the provider, which the seller can turn on.
    pub extras: PaymentExtras,
}

/// A checkout session that the provider has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The provider's id of the session.
    pub session: CheckoutSessionId,
    /// The URL of the hosted pay page. It is empty if the session was found when it was completed already.
    pub url: String,
}

/// A page of a list at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderPage<T> {
    /// The objects, newest first.
    pub items: Vec<T>,
    /// The ids of objects that are listed, may be of interest, and cannot be understood.
    pub unreadable: Vec<String>,
    /// What to pass as `after` for the next page; `None` if this is the last one.
    pub next: Option<String>,
}

/// The progress of a checkout session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionProgress {
    /// The visitor has not paid yet.
    Open,
    /// The visitor has completed the pay page, but the payment is still being processed.
    Pending,
    /// The payment succeeded.
    Paid,
    /// The payment failed.
    Failed,
    /// The session was closed without payment.
    Expired,
}

/// The current state of a checkout session at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    /// The provider's id of the session.
    pub session: CheckoutSessionId,
    /// The order that the session was opened for, if the session names one.
    pub checkout_id: Option<CheckoutId>,
    /// The page stored in the session, if there is one.
    pub page_id: Option<PageId>,
    /// The group buy stored in the session, if there is one. Sessions that earlier versions opened name none.
    pub group_buy_id: Option<GroupBuyId>,
    /// Whether the session is open, paid or closed.
    pub progress: SessionProgress,
    /// The total amount in minor units.
    pub amount: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// The tax in the amount, in minor units, if the provider has computed it.
    pub tax: Option<i64>,
    /// The payment, once one exists.
    pub payment_intent: Option<PaymentIntentId>,
    /// When the buyer paid, if the answer says so.
    pub paid_at: Option<Timestamp>,
    /// The platform's fee in the payment, in minor units; 0 if there is none, or no payment yet.
    pub fee: i64,
    /// Where the visitor is led after paying, as it was asked for when the session was opened; empty if the answer does not say.
    pub success_url: String,
    /// The address that was passed on when the session was opened, if one was. It is not the one that is typed at the provider.
    pub customer_email: Option<Email>,
    /// Whether the answer has all that is compared with the order. It does not if the session is paid and is shown without
    /// metadata, or was opened by Tollgate and is shown without its amount, currency or payment. What is lacking is zero,
    /// empty or `None`.
    pub is_whole: bool,
}

/// The parameters for making a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The refund request. The idempotency key is derived from its id and the attempt.
    pub refund_id: RefundId,
    /// 0 for the first request. A new number makes a new idempotency key, for a request that the provider
    /// answered with an error that it keeps.
    pub attempt: u32,
    /// The connected account that received the payment.
    pub account: AccountId,
    /// The payment to refund.
    pub payment_intent: PaymentIntentId,
    /// The amount to refund.
    pub amount: Money,
    /// Whether a platform fee was taken. If so, it is refunded in proportion.
    pub with_fee: bool,
}

/// How far a refund has come at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundProgress {
    /// The provider has accepted the refund, but the buyer has not received the money yet.
    Pending,
    /// The buyer has received the money.
    Succeeded,
    /// The refund failed or was cancelled.
    Failed,
}

/// The current state of a refund at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundState {
    /// The provider's id of the refund.
    pub refund: ProviderRefundId,
    /// The refund request, if the refund was made by Tollgate.
    pub refund_id: Option<RefundId>,
    /// The payment that is refunded, if the provider names one.
    pub payment_intent: Option<PaymentIntentId>,
    /// The refunded amount in minor units.
    pub amount: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// Whether the refund is pending, has succeeded or has failed.
    pub progress: RefundProgress,
}

impl RefundState {
    /// Returns whether the refund is in the currency with this code. That of a payment in it always should be.
    pub(crate) fn is_in(&self, code: &str) -> bool {
        self.currency == code
    }

    /// Returns the sum of the refunds in the currency with this code that did not fail, in minor units.
    pub(crate) fn sum_accepted(refunds: &[Self], code: &str) -> i64 {
        Self::sum_of(refunds, code, |progress| progress != RefundProgress::Failed)
    }

    /// Returns the sum of the refunds in the currency with this code that have reached the buyer, in minor units.
    pub(crate) fn sum_succeeded(refunds: &[Self], code: &str) -> i64 {
        Self::sum_of(refunds, code, |progress| progress == RefundProgress::Succeeded)
    }

    fn sum_of(refunds: &[Self], code: &str, counts: impl Fn(RefundProgress) -> bool) -> i64 {
        let counted = refunds.iter().filter(|it| counts(it.progress) && it.is_in(code));
        counted.fold(0_i64, |sum, refund| sum.saturating_add(refund.amount))
    }
}

/// How far a dispute has come, and who won it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeProgress {
    /// The bank has made an inquiry; no money has moved.
    Inquiry,
    /// The dispute has not been decided.
    Open,
    /// The creator won and keeps the money.
    Won,
    /// The buyer won and received the money.
    Lost,
}

/// What has to be done about a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeStage {
    /// The creator has to answer.
    NeedsResponse,
    /// The creator has answered; the bank decides.
    UnderReview,
    /// The dispute is over.
    Closed,
}

text_enum!(DisputeProgress, Inquiry = "INQUIRY", Open = "OPEN", Won = "WON", Lost = "LOST");

text_enum!(
    DisputeStage,
    NeedsResponse = "NEEDS_RESPONSE",
    UnderReview = "UNDER_REVIEW",
    Closed = "CLOSED"
);

/// The current state of a dispute at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeState {
    /// The provider's id of the dispute.
    pub dispute: DisputeId,
    /// The disputed payment, if the provider names one.
    pub payment_intent: Option<PaymentIntentId>,
    /// Whether the dispute is open or decided.
    pub progress: DisputeProgress,
    /// What has to be done about it.
    pub stage: DisputeStage,
    /// The buyer's reason, as a word of the provider such as `fraudulent`.
    pub reason: String,
    /// The disputed amount in minor units.
    pub amount: i64,
    /// The currency code in lower case.
    pub currency: String,
    /// When the dispute was opened.
    pub opened_at: Timestamp,
    /// When the time for the creator's answer ends, if an answer is awaited.
    pub respond_by: Option<Timestamp>,
}

/// The longest wait that [`PaymentsError::Busy`] asks for, in seconds. A provider that wants a longer one says so again when it is
/// asked after that.
pub const MAX_PAUSE_SECONDS: u64 = 60;

/// The error of a failed request to the payment provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentsError {
    /// The provider refused the request. A retry would fail in the same way.
    #[error("the payment provider refused: {message}")]
    Refused {
        /// The kind of refusal.
        refusal: Refusal,
        /// The provider's message, for the operator.
        message: String,
    },
    /// The provider did not answer, or was busy. The request may have taken effect, or may still do so. It
    /// may be sent again under the same idempotency key, and under no other.
    #[error("the payment provider is unavailable: {0}")]
    Unavailable(String),
    /// The same as [`Unavailable`](Self::Unavailable), and the provider said when to ask again, or too much is asked for. It is
    /// not to be asked for anything before the wait is over.
    #[error("the payment provider is busy: {reason}")]
    Busy {
        /// What the provider answered.
        reason: String,
        /// The whole seconds to wait. An adapter MUST keep them from 1 to [`MAX_PAUSE_SECONDS`].
        retry_after_seconds: u64,
    },
    /// The provider answered that it failed. The request may have taken effect, but nothing is under way any
    /// more. The provider may keep this answer under the idempotency key, so another attempt needs a new key,
    /// after a look at what was made.
    #[error("the payment provider failed: {0}")]
    Failed(String),
}

impl PaymentsError {
    /// Returns whether the outcome of the request is not known: it may have taken effect, or may still do so.
    pub fn is_unanswered(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy { .. })
    }

    /// Returns whether the provider says that the object does not exist, or that the platform has no access to its account.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        let (missing, closed) = (Refusal::NotFound, Refusal::AccountDisconnected);
        matches!(self, Self::Refused { refusal, .. } if *refusal == missing || *refusal == closed)
    }

    /// Returns the error of a request whose outcome was looked for, and the look failed like this: the outcome is
    /// not known.
    pub(crate) fn unknown(self) -> Self {
        match self {
            Self::Failed(reason) => Self::Unavailable(reason),
            error => error,
        }
    }
}

/// The kinds of refusal that Tollgate distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The payment has already been refunded.
    AlreadyRefunded,
    /// The payment is disputed.
    Disputed,
    /// The provider has no such object.
    NotFound,
    /// The account's balance does not cover it.
    InsufficientBalance,
    /// The platform has no access to the account any more.
    AccountDisconnected,
    /// The account cannot take payments or refund now.
    AccountRestricted,
    /// The provider cannot do what was asked for, and its message says why.
    WithMessage,
    /// Any other refusal, which is for the operator to mend.
    Other,
}
