//! The parts of what mails say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{email::Email, money::Money, text_enum::text_enum};

/// The part of a payment that does not match its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// The payment was made in another checkout session.
    // Mails that an earlier version stored can name the account, which is another pay page as well.
    #[serde(alias = "account")]
    Session,
    /// The total amount is not the price of the order.
    Amount,
    /// The payment is in another currency than the order.
    Currency,
    /// The payment is for another page than the order.
    Page,
    /// The session is paid, but has no payment.
    Payment,
    /// The order is not stored any more, and the session does not say whose it is.
    Buyer,
}

text_enum!(
    Mismatch,
    Session = "session",
    Amount = "amount",
    Currency = "currency",
    Page = "page",
    Payment = "payment",
    Buyer = "buyer"
);

/// Why a second payment is not refunded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundHindrance {
    /// The balance of the account does not cover the refund yet. The refund is tried again.
    Balance,
    /// The account is restricted. The refund is tried again for some days.
    Restricted,
    /// The account is still restricted after these days. The refund is not tried again.
    StillRestricted,
    /// The account is no longer connected, so that only its owner can refund the payment. The refund is not tried again.
    Disconnected,
    /// The account is not connected now. The refund is tried again for some days.
    DisconnectedForNow,
    /// Stripe does not show what became of the payment before. The refund is tried again for some days.
    Unread,
    /// Stripe still does not show it after these days. The refund is not tried again.
    StillUnread,
    /// Stripe refuses the refund, with this message. The refund is not tried again.
    Refused(String),
    /// The creator has chosen to decide, so that no refund is tried.
    Held,
}

/// The facts about a payment that a receipt by mail names in addition to the page and the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFacts {
    /// The number, which no other receipt has.
    pub number: String,
    /// When it was paid.
    pub date: Timestamp,
    /// Who paid.
    pub payer: Email,
    /// The amount that was refunded, if any.
    pub refunded: Option<Money>,
    /// The amount that the payer's bank took back in a dispute, if any. Mails of earlier versions do not say so.
    #[serde(default)]
    pub lost: Option<Money>,
    /// The tax in the amount, if it is known. Mails of earlier versions do not say so.
    #[serde(default)]
    pub tax: Option<Money>,
    /// Whether the purchase opens the page.
    pub is_open: bool,
    /// Whether the page was open to the payer already, so that the payment is refunded. Mails of earlier versions do
    /// not say so.
    #[serde(default)]
    pub is_second: bool,
    /// Whether the page is open to the payer without this payment, which is held until the creator decides. Mails of earlier
    /// versions do not say so.
    #[serde(default)]
    pub is_held: bool,
    /// The URL of the receipt that can be printed; empty in mails of earlier versions.
    #[serde(default)]
    pub url: String,
}

/// What a visitor signs in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInTarget {
    /// The visitor wants to read a page.
    #[default]
    Page,
    /// The visitor wants to download a file.
    File,
    /// The visitor wants to join a group buy.
    GroupBuy,
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
