//! What mails say.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{email::Email, money::Money, text_enum::text_enum};

/// The part of a payment that does not match its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mismatch {
    /// It was made in another checkout session.
    // Mails that an earlier version stored can name the account, which is another pay page as well.
    #[serde(alias = "account")]
    Session,
    /// The amount.
    Amount,
    /// The currency.
    Currency,
    /// It is for another page.
    Page,
    /// The session is paid, but has no payment.
    Payment,
}

impl Mismatch {
    /// Returns the name for logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Page => "page",
            Self::Payment => "payment",
        }
    }
}

/// What a receipt by mail names besides what was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFacts {
    /// The number, which no other receipt has.
    pub number: String,
    /// When it was paid.
    pub date: Timestamp,
    /// Who paid.
    pub payer: Email,
    /// What was given back, if anything.
    pub refunded: Option<Money>,
    /// Whether the purchase opens the page.
    pub is_open: bool,
    /// Where the receipt is to be printed. Mails of earlier versions have none.
    #[serde(default)]
    pub url: String,
}

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
        /// The storefront's name, if the link was asked for on a handle's pages.
        #[serde(default)]
        seller: Option<String>,
        /// The title of the page that the visitor wants to see, if there is one.
        #[serde(default)]
        title: Option<String>,
        /// Whether the seller sends it, and the visitor did not ask for it. Mails of earlier versions do not say so.
        #[serde(default)]
        sent_by_seller: bool,
    },
    /// For a creator: the way to prove the account's address.
    VerifyEmail {
        /// The page with the button.
        link: SecretText,
        /// How long it is good for.
        valid_hours: i64,
    },
    /// For a creator: the way to a new password.
    PasswordReset {
        /// The page that asks for the password.
        link: SecretText,
        /// How long it is good for.
        valid_minutes: i64,
    },
    /// What was bought from a seller is to move to the recipient's address.
    ConfirmMove {
        /// The storefront's name.
        seller: String,
        /// The page with the button.
        link: SecretText,
        /// The address that the purchases are under now, partly hidden.
        from: String,
        /// How long the link is good for.
        valid_hours: i64,
    },
    /// What was bought from a seller has moved from one address to another.
    Moved {
        /// The storefront's name.
        seller: String,
        /// The old address, partly hidden unless it is the recipient's.
        from: String,
        /// The new address, partly hidden unless it is the recipient's.
        to: String,
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
        /// The number, the day and the payer. Mails of earlier versions have none.
        #[serde(default)]
        facts: Option<ReceiptFacts>,
    },
    /// A delayed payment did not come.
    PaymentFailed {
        /// The storefront's name.
        #[serde(default)]
        seller: String,
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
    /// For the buyer: a refund that was announced to them could not be paid out.
    RefundNotPaid {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// How much was to be given back.
        amount: Money,
        /// Where to read the page, if it is open to them.
        page_url: Option<String>,
    },
    /// For the creator: a refund that Stripe had accepted failed later.
    RefundFailed {
        /// The page's title.
        title: String,
        /// Who was to get it.
        visitor: Email,
        /// How much.
        amount: Money,
        /// The storefront's name. Mails of earlier versions have none.
        #[serde(default)]
        shop: String,
        /// Where the console shows the purchase. Mails of earlier versions do not say it.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a visitor paid for a page that they had already, and gets the money back.
    PaidTwice {
        /// The page's title.
        title: String,
        /// Who paid.
        visitor: Email,
        /// How much is given back.
        amount: Money,
        /// The storefront's name. Mails of earlier versions have none.
        #[serde(default)]
        shop: String,
        /// Where the console shows the buyer. Mails of earlier versions do not say it.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a payment does not match its order and opened nothing.
    PaymentQuarantined {
        /// The page's title.
        title: String,
        /// The Stripe object to look at.
        reference: String,
        /// What does not match.
        mismatch: Mismatch,
        /// The visitor who ordered. Mails of earlier versions do not name one.
        #[serde(default)]
        visitor: Option<Email>,
        /// The price of the order. Mails of earlier versions do not say it.
        #[serde(default)]
        ordered: Option<Money>,
        /// What was paid, if its currency is known.
        #[serde(default)]
        paid: Option<Money>,
        /// The storefront's name. Mails of earlier versions have none.
        #[serde(default)]
        shop: String,
        /// Where the console shows the buyer. Mails of earlier versions do not say it.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a buyer's bank disputes a payment.
    Disputed {
        /// The page's title.
        title: String,
        /// Who bought it.
        visitor: Email,
        /// The Stripe object to look at.
        reference: String,
        /// The disputed amount, if its currency is known. Mails of earlier versions do not say it.
        #[serde(default)]
        amount: Option<Money>,
        /// Until when the creator can answer, if an answer is awaited. Mails of earlier versions do not say it.
        #[serde(default)]
        respond_by: Option<Timestamp>,
        /// The storefront's name. Mails of earlier versions have none.
        #[serde(default)]
        shop: String,
        /// Where the console shows the dispute. Mails of earlier versions do not say it.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: the payment account takes no payments any more.
    AccountClosed {
        /// The storefront's name.
        shop: String,
        /// Whether the account is no longer connected; otherwise Stripe restricts it.
        disconnected: bool,
        /// Where the console shows its payments. Mails of earlier versions do not say it.
        #[serde(default)]
        console_url: String,
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

/// The kind of a [`MailContent`], as it is stored and listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MailKind {
    /// See [`MailContent::MagicLink`].
    MagicLink,
    /// See [`MailContent::VerifyEmail`].
    VerifyEmail,
    /// See [`MailContent::PasswordReset`].
    PasswordReset,
    /// See [`MailContent::ConfirmMove`].
    ConfirmMove,
    /// See [`MailContent::Moved`].
    Moved,
    /// See [`MailContent::Receipt`].
    Receipt,
    /// See [`MailContent::PaymentFailed`].
    PaymentFailed,
    /// See [`MailContent::Refunded`].
    Refunded,
    /// See [`MailContent::Granted`].
    Granted,
    /// See [`MailContent::RefundNotPaid`].
    RefundNotPaid,
    /// See [`MailContent::RefundFailed`].
    RefundFailed,
    /// See [`MailContent::PaidTwice`].
    PaidTwice,
    /// See [`MailContent::PaymentQuarantined`].
    PaymentQuarantined,
    /// See [`MailContent::Disputed`].
    Disputed,
    /// See [`MailContent::AccountClosed`].
    AccountClosed,
    /// See [`MailContent::GroupBuyActivated`].
    GroupBuyActivated,
    /// See [`MailContent::GroupBuyExpired`].
    GroupBuyExpired,
    /// See [`MailContent::GroupBuyCancelled`].
    GroupBuyCancelled,
}

text_enum!(
    MailKind,
    MagicLink = "magic_link",
    VerifyEmail = "verify_email",
    PasswordReset = "password_reset",
    ConfirmMove = "confirm_move",
    Moved = "moved",
    Receipt = "receipt",
    PaymentFailed = "payment_failed",
    Refunded = "refunded",
    Granted = "granted",
    RefundNotPaid = "refund_not_paid",
    RefundFailed = "refund_failed",
    PaidTwice = "paid_twice",
    PaymentQuarantined = "payment_quarantined",
    Disputed = "disputed",
    AccountClosed = "account_closed",
    GroupBuyActivated = "group_buy_activated",
    GroupBuyExpired = "group_buy_expired",
    GroupBuyCancelled = "group_buy_cancelled"
);

impl MailKind {
    /// Mails to people who did not ask for them. A creator may cause a limited number of these.
    pub const UNASKED: [Self; 2] = [Self::Granted, Self::ConfirmMove];

    /// Mails that their recipients can stop: those that a creator causes. Who joins a group buy asks for its mails, so
    /// they are in this list alone.
    pub const STOPPABLE: [Self; 5] = [
        Self::Granted,
        Self::ConfirmMove,
        Self::GroupBuyActivated,
        Self::GroupBuyExpired,
        Self::GroupBuyCancelled,
    ];

    /// Returns whether its recipient can stop such mails.
    pub fn is_stoppable(self) -> bool {
        Self::STOPPABLE.contains(&self)
    }

    /// Returns whether such mails carry a secret, so that their content is not kept once they are sent.
    pub const fn is_secret(self) -> bool {
        matches!(
            self,
            Self::MagicLink | Self::VerifyEmail | Self::PasswordReset | Self::ConfirmMove
        )
    }
}

impl MailContent {
    /// Returns the kind.
    pub fn kind(&self) -> MailKind {
        match self {
            Self::MagicLink { .. } => MailKind::MagicLink,
            Self::VerifyEmail { .. } => MailKind::VerifyEmail,
            Self::PasswordReset { .. } => MailKind::PasswordReset,
            Self::ConfirmMove { .. } => MailKind::ConfirmMove,
            Self::Moved { .. } => MailKind::Moved,
            Self::Receipt { .. } => MailKind::Receipt,
            Self::PaymentFailed { .. } => MailKind::PaymentFailed,
            Self::Refunded { .. } => MailKind::Refunded,
            Self::Granted { .. } => MailKind::Granted,
            Self::RefundNotPaid { .. } => MailKind::RefundNotPaid,
            Self::RefundFailed { .. } => MailKind::RefundFailed,
            Self::PaidTwice { .. } => MailKind::PaidTwice,
            Self::PaymentQuarantined { .. } => MailKind::PaymentQuarantined,
            Self::Disputed { .. } => MailKind::Disputed,
            Self::AccountClosed { .. } => MailKind::AccountClosed,
            Self::GroupBuyActivated { .. } => MailKind::GroupBuyActivated,
            Self::GroupBuyExpired { .. } => MailKind::GroupBuyExpired,
            Self::GroupBuyCancelled { .. } => MailKind::GroupBuyCancelled,
        }
    }

    /// Returns the storefront's name, if the mail is written in a creator's name.
    pub fn seller(&self) -> Option<&str> {
        match self {
            Self::MagicLink { seller, .. } => seller.as_deref(),
            Self::Receipt { seller, .. }
            | Self::PaymentFailed { seller, .. }
            | Self::Refunded { seller, .. }
            | Self::RefundNotPaid { seller, .. }
            | Self::Granted { seller, .. }
            | Self::ConfirmMove { seller, .. }
            | Self::Moved { seller, .. }
            | Self::GroupBuyActivated { seller, .. }
            | Self::GroupBuyExpired { seller, .. }
            | Self::GroupBuyCancelled { seller, .. } => {
                Some(seller).filter(|s| !s.is_empty()).map(String::as_str)
            }
            Self::VerifyEmail { .. }
            | Self::PasswordReset { .. }
            | Self::RefundFailed { .. }
            | Self::PaidTwice { .. }
            | Self::PaymentQuarantined { .. }
            | Self::Disputed { .. }
            | Self::AccountClosed { .. } => None,
        }
    }

    /// Returns for how many seconds the way in that the mail carries is good, if it carries one. After that the
    /// mail serves no purpose.
    pub fn valid_seconds(&self) -> Option<i64> {
        match self {
            Self::MagicLink { valid_minutes, .. } | Self::PasswordReset { valid_minutes, .. } => {
                Some(valid_minutes * 60)
            }
            Self::VerifyEmail { valid_hours, .. } | Self::ConfirmMove { valid_hours, .. } => {
                Some(valid_hours * 3600)
            }
            _ => None,
        }
    }

    /// Returns whether the mail carries a secret, so that its content is not kept once it is sent.
    pub fn is_secret(&self) -> bool {
        self.kind().is_secret()
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
