//! What mails say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{email::Email, money::Money};

/// What a mail says. The mailer's templates put it in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// The way in for a visitor.
    MagicLink {
        /// The page with the button that redeems the link.
        link: SecretText,
        /// Six digits, for signing in on another device.
        code: SecretText,
        /// How long both are good for.
        valid_minutes: i64,
    },
    /// A visitor paid.
    Receipt {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// Where to read it.
        page_url: String,
        /// What was paid.
        paid: Money,
    },
    /// A delayed payment did not come.
    PaymentFailed {
        /// The page's title.
        title: String,
        /// Where to try again.
        page_url: String,
    },
    /// A visitor gets money back.
    Refunded {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// How much.
        amount: Money,
        /// Whether the page is closed to the visitor now.
        access_ended: bool,
    },
    /// A creator gave a visitor access.
    Granted {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// Where to read it.
        page_url: String,
    },
    /// For the creator: a refund that Stripe had accepted failed later.
    RefundFailed {
        /// The page's title.
        title: String,
        /// Who was to get it.
        visitor: Email,
        /// How much.
        amount: Money,
    },
    /// For the creator: a payment does not match its order and opened nothing.
    PaymentQuarantined {
        /// The page's title.
        title: String,
        /// The Stripe object to look at.
        reference: String,
        /// What does not match.
        mismatch: String,
    },
    /// For the creator: a buyer's bank disputes a payment.
    Disputed {
        /// The page's title.
        title: String,
        /// Who bought it.
        visitor: Email,
        /// The Stripe object to look at.
        reference: String,
    },
    /// A group buy that the visitor is interested in has become an offer.
    GroupBuyActivated {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
        /// What the visitor pays.
        price: Money,
        /// Where to pay.
        offer_url: String,
        /// Until when.
        ends_at: Timestamp,
    },
    /// Too few visitors were interested in a group buy.
    GroupBuyExpired {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
    /// The creator has called a group buy off.
    GroupBuyCancelled {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
}

impl MailContent {
    /// The kind as it is stored and listed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MagicLink { .. } => "magic_link",
            Self::Receipt { .. } => "receipt",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::Refunded { .. } => "refunded",
            Self::Granted { .. } => "granted",
            Self::RefundFailed { .. } => "refund_failed",
            Self::PaymentQuarantined { .. } => "payment_quarantined",
            Self::Disputed { .. } => "disputed",
            Self::GroupBuyActivated { .. } => "group_buy_activated",
            Self::GroupBuyExpired { .. } => "group_buy_expired",
            Self::GroupBuyCancelled { .. } => "group_buy_cancelled",
        }
    }
}

/// A text that must not be printed: `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}
