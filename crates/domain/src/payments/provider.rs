//! The payment provider's names and states, as far as Tollgate needs them.

use std::fmt;

use crate::{
    email::Email,
    id::{CheckoutId, PageId, RefundId},
    money::Money,
};

macro_rules! provider_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes an id as the provider gave it.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The id.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
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

/// What a connected account can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountState {
    /// It can take payments.
    pub charges_enabled: bool,
    /// It can be paid out.
    pub payouts_enabled: bool,
    /// Its owner has told the provider all that was asked.
    pub details_submitted: bool,
}

/// What a hosted checkout session is to be opened with. It is made from the stored order alone, so
/// that every try asks for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCheckout {
    /// The order; also what the idempotency key is derived from.
    pub checkout_id: CheckoutId,
    /// The page, noted in the session to be compared later.
    pub page_id: PageId,
    /// The connected account that the money goes to.
    pub account: AccountId,
    /// What the visitor reads on the pay page.
    pub title: String,
    /// What is charged.
    pub price: Money,
    /// The platform's part of it, in minor units.
    pub fee: i64,
    /// Fills in the address on the pay page. It decides nothing.
    pub customer_email: Email,
    /// Where the visitor comes back to after paying.
    pub success_url: String,
    /// Where the visitor comes back to otherwise.
    pub cancel_url: String,
    /// When the session closes by itself.
    pub expires_at: jiff::Timestamp,
}

/// A session that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The provider's id.
    pub session: CheckoutSessionId,
    /// The hosted pay page.
    pub url: String,
}

/// How far a session has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionProgress {
    /// Waiting for the visitor.
    Open,
    /// The visitor is done; the money is still on its way.
    Pending,
    /// Paid.
    Paid,
    /// The money did not come.
    Failed,
    /// Closed without payment.
    Expired,
}

/// A session as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionState {
    /// The provider's id.
    pub session: CheckoutSessionId,
    /// The order that it was opened for.
    pub checkout_id: Option<CheckoutId>,
    /// The page that was noted in it.
    pub page_id: Option<PageId>,
    /// How far it has come.
    pub progress: SessionProgress,
    /// Minor units in total.
    pub amount: i64,
    /// Lower-case currency code.
    pub currency: String,
    /// The payment, once there is one.
    pub payment_intent: Option<PaymentIntentId>,
}

/// A refund to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// The request; also what the idempotency key is derived from.
    pub refund_id: RefundId,
    /// The account that was paid.
    pub account: AccountId,
    /// The payment to give back.
    pub payment_intent: PaymentIntentId,
    /// How much of it.
    pub amount: Money,
    /// Whether a platform fee was taken, which is then given back in proportion.
    pub with_fee: bool,
}

/// How far a refund has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundProgress {
    /// Accepted, on its way.
    Pending,
    /// The buyer has the money.
    Succeeded,
    /// It failed or was cancelled.
    Failed,
}

/// A refund as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundState {
    /// The provider's id.
    pub refund: ProviderRefundId,
    /// The request that it was made for, if it was made here.
    pub refund_id: Option<RefundId>,
    /// The payment that it gives back.
    pub payment_intent: Option<PaymentIntentId>,
    /// Minor units.
    pub amount: i64,
    /// How far it has come.
    pub progress: RefundProgress,
}

/// How far a dispute has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeProgress {
    /// A question by the bank; no money has moved.
    Inquiry,
    /// Undecided.
    Open,
    /// The creator keeps the money.
    Won,
    /// The buyer got the money.
    Lost,
}

/// A dispute as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeState {
    /// The provider's id.
    pub dispute: DisputeId,
    /// The payment that it is about.
    pub payment_intent: Option<PaymentIntentId>,
    /// How far it has come.
    pub progress: DisputeProgress,
}

/// Why the provider did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentsError {
    /// It understood and refused. Trying again changes nothing.
    #[error("the payment provider refused: {message}")]
    Refused {
        /// What kind of refusal it is.
        refusal: Refusal,
        /// The provider's words, for the operator.
        message: String,
    },
    /// It could not be reached, or failed. Whether anything happened is unknown; the same request may
    /// be sent again.
    #[error("the payment provider is unavailable: {0}")]
    Unavailable(String),
}

/// The refusals that Tollgate tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The payment was refunded before.
    AlreadyRefunded,
    /// The payment is disputed.
    Disputed,
    /// The provider does not know the object.
    NotFound,
    /// Anything else.
    Other,
}
