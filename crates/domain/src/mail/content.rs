//! What mails say. One enum has all mails, each with the fields of its template, which makes the file long: it has nothing else.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::{Mismatch, ReceiptFacts, RefundHindrance, SecretText, SignInTarget};
use crate::{email::Email, money::Money};

/// The content of a mail. The mailer's templates turn it into text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// A sign-in link for a visitor.
    MagicLink {
        /// The page with the button that redeems the link.
        link: SecretText,
        /// Six digits, for signing in on another device.
        code: SecretText,
        /// How long the link and the code are valid, in minutes.
        valid_minutes: i64,
        /// How long the link and the code are valid, in seconds, if that is less than a minute.
        #[serde(default)]
        valid_seconds: Option<i64>,
        /// The storefront's name, if the link was asked for on a handle's pages.
        #[serde(default)]
        seller: Option<String>,
        /// The title of what the visitor wants to see, if there is one.
        #[serde(default)]
        title: Option<String>,
        /// What has the title. Mails of earlier versions name pages only.
        #[serde(default)]
        wanted: SignInTarget,
        /// Whether the seller sends it, and the visitor did not ask for it. Mails of earlier versions do not say so.
        #[serde(default)]
        sent_by_seller: bool,
    },
    /// For a creator: a link that proves the account's address.
    VerifyEmail {
        /// The page with the button.
        link: SecretText,
        /// How long the link is valid, in hours.
        valid_hours: i64,
    },
    /// For a creator: a link for setting a new password.
    PasswordReset {
        /// The page that asks for the password.
        link: SecretText,
        /// How long the link is valid, in minutes.
        valid_minutes: i64,
    },
    /// A link that moves purchases from a seller to the recipient's address.
    ConfirmMove {
        /// The storefront's name.
        seller: String,
        /// The page with the button.
        link: SecretText,
        /// The address that the purchases are under now, partly hidden.
        from: String,
        /// How long the link is valid, in hours.
        valid_hours: i64,
    },
    /// Purchases from a seller have moved from one address to another.
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
        /// The URL of the page.
        page_url: String,
        /// The amount that was paid.
        paid: Money,
        /// The number, the day and the payer. Mails of earlier versions have none.
        #[serde(default)]
        facts: Option<ReceiptFacts>,
    },
    /// A payment that was being processed has failed.
    PaymentFailed {
        /// The storefront's name.
        #[serde(default)]
        seller: String,
        /// The page's title.
        title: String,
        /// The URL at which the visitor can pay again, or read the page.
        page_url: String,
        /// Whether the page is open to the visitor all the same. Mails of earlier versions do not say so.
        #[serde(default)]
        is_open: bool,
        /// Whether the page is not for sale any more. Mails of earlier versions do not say so.
        #[serde(default)]
        is_withdrawn: bool,
    },
    /// A payment was refunded, in whole or in part.
    Refunded {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// The amount that is refunded.
        amount: Money,
        /// Whether this refund has closed the page to the visitor.
        access_ended: bool,
        /// Whether the page was closed to the visitor before, or paused, and still is. Mails of earlier versions say of such a
        /// page that the refund has closed it.
        #[serde(default)]
        was_closed: bool,
        /// Whether the page was open to the visitor already when this was paid. Mails of earlier versions do not say so.
        #[serde(default)]
        was_second: bool,
    },
    /// A creator gave a visitor access.
    Granted {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// The URL of the page.
        page_url: String,
    },
    /// For the buyer: a refund that an earlier mail announced, which may be a receipt, could not be paid out.
    RefundNotPaid {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// The amount of the refund.
        amount: Money,
        /// The amount of the payment's other refunds, if there are any.
        #[serde(default)]
        besides: Option<Money>,
        /// The URL of the page, if it is open to the buyer.
        page_url: Option<String>,
    },
    /// For the creator: a refund that Stripe had accepted failed later.
    RefundFailed {
        /// The page's title.
        title: String,
        /// The visitor whose payment was to be refunded.
        visitor: Email,
        /// The amount of the refund.
        amount: Money,
        /// The amount of the payment's other refunds, if there are any.
        #[serde(default)]
        besides: Option<Money>,
        /// Whether the buyer can read the page now; `None` in mails of earlier versions.
        #[serde(default)]
        is_open: Option<bool>,
        /// The storefront's name; empty in mails of earlier versions.
        #[serde(default)]
        shop: String,
        /// The URL of the purchase in the console; empty in mails of earlier versions.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a visitor who had access already paid for the page, and is refunded, or the creator decides.
    PaidTwice {
        /// The page's title.
        title: String,
        /// Who paid.
        visitor: Email,
        /// The amount that is refunded.
        amount: Money,
        /// Why it is not refunded, if it is not. Otherwise Stripe has accepted the refund; mails of earlier versions were
        /// written before that.
        #[serde(default)]
        hindrance: Option<RefundHindrance>,
        /// Whether the page is closed to the buyer now, since what kept it open has ended. Mails of earlier versions do
        /// not say so.
        #[serde(default)]
        is_closed: bool,
        /// The storefront's name; empty in mails of earlier versions.
        #[serde(default)]
        shop: String,
        /// The URL of the buyer in the console; empty in mails of earlier versions.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a payment does not match its order and opened nothing.
    PaymentQuarantined {
        /// The page's title.
        title: String,
        /// The id of the object at Stripe.
        reference: String,
        /// The part of the payment that does not match the order.
        mismatch: Mismatch,
        /// The visitor who ordered. Mails of earlier versions do not name one.
        #[serde(default)]
        visitor: Option<Email>,
        /// The price of the order. Mails of earlier versions do not say it.
        #[serde(default)]
        ordered: Option<Money>,
        /// The amount that was paid, if its currency is known. Mails of earlier versions do not say it.
        #[serde(default)]
        paid: Option<Money>,
        /// The storefront's name; empty in mails of earlier versions.
        #[serde(default)]
        shop: String,
        /// The URL of the buyer in the console; empty in mails of earlier versions.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a payment that did not match its order matches it after all, and is a purchase now.
    PaymentMatched {
        /// The page's title.
        title: String,
        /// The id of the object at Stripe.
        reference: String,
        /// The visitor who ordered.
        visitor: Email,
        /// The amount that was paid.
        paid: Money,
        /// Whether the page was open to the visitor already, so that the payment is refunded. Mails of earlier versions do not
        /// say so.
        #[serde(default)]
        is_second: bool,
        /// Whether the page was open to the visitor already, and the payment is held until the creator decides. Mails of earlier
        /// versions do not say so.
        #[serde(default)]
        is_held: bool,
        /// The storefront's name.
        shop: String,
        /// The URL of the buyer in the console.
        console_url: String,
    },
    /// For the creator: the provider told of an order and does not show its session, so that nobody knows whether it was paid.
    PaymentUnread {
        /// The page's title.
        title: String,
        /// The id of the object at Stripe.
        reference: String,
        /// The visitor who ordered.
        visitor: Email,
        /// The price of the order.
        ordered: Money,
        /// The storefront's name.
        shop: String,
        /// The URL of the buyer in the console.
        console_url: String,
    },
    /// For the creator: a buyer's bank disputes a payment.
    Disputed {
        /// The page's title.
        title: String,
        /// The visitor whose payment is disputed.
        visitor: Email,
        /// The id of the object at Stripe.
        reference: String,
        /// The disputed amount, if its currency is known. Mails of earlier versions do not say it.
        #[serde(default)]
        amount: Option<Money>,
        /// When the time for the creator's answer ends, if an answer is awaited. Mails of earlier versions do not say it.
        #[serde(default)]
        respond_by: Option<Timestamp>,
        /// Whether the creator need not answer any more when this is learnt. Mails of earlier versions do not say so.
        #[serde(default)]
        needs_no_answer: bool,
        /// Whether another purchase or a gift keeps the page open to the visitor. Mails of earlier versions do not say so.
        #[serde(default)]
        is_kept_open: bool,
        /// Whether the payment does not match its order and opened nothing. Mails of earlier versions do not say so.
        #[serde(default)]
        is_quarantined: bool,
        /// The storefront's name; empty in mails of earlier versions.
        #[serde(default)]
        shop: String,
        /// The URL of the dispute in the console; empty in mails of earlier versions.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: a buyer's bank asks about a payment, and awaits an answer. It is neither disputed nor refunded in whole.
    Inquiry {
        /// The page's title.
        title: String,
        /// The visitor whose payment it is.
        visitor: Email,
        /// The id of the object at Stripe.
        reference: String,
        /// The amount that the bank asks about, if its currency is known.
        amount: Option<Money>,
        /// When the time for the creator's answer ends.
        respond_by: Option<Timestamp>,
        /// Whether the payment does not match its order and opened nothing. Mails of earlier versions do not say so.
        #[serde(default)]
        is_quarantined: bool,
        /// The storefront's name.
        shop: String,
        /// The URL of the inquiry in the console, or of the buyer if the payment does not match its order.
        console_url: String,
    },
    /// For the creator: a dispute was decided.
    DisputeDecided {
        /// The storefront's name.
        shop: String,
        /// The page's title.
        title: String,
        /// Who bought it.
        visitor: Email,
        /// The Stripe object to look at.
        reference: String,
        /// Whether the creator won it.
        is_won: bool,
        /// What went back to the buyer. Mails of earlier versions do not say so.
        #[serde(default)]
        lost: Option<Money>,
        /// Whether the rest of the payment stays with the creator after a loss. Mails of earlier versions do not say so.
        #[serde(default)]
        is_part: bool,
        /// Whether the page is open to the visitor now. Mails of earlier versions do not say so: it was then if the dispute was
        /// won.
        #[serde(default)]
        is_open: Option<bool>,
        /// Whether the payment does not match its order and opened nothing. Mails of earlier versions do not say so.
        #[serde(default)]
        is_quarantined: bool,
        /// Where the console shows its payments.
        console_url: String,
    },
    /// For the buyer: what a dispute of their payment does to their access.
    AccessDisputed {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// Whether the dispute was decided; until then the access is paused.
        is_over: bool,
        /// What the bank took back. Mails of earlier versions do not say so.
        #[serde(default)]
        lost: Option<Money>,
        /// Whether the rest of the payment stays with the seller after that. Mails of earlier versions do not say so.
        #[serde(default)]
        is_part: bool,
        /// Where to read the page, if it is open again.
        page_url: Option<String>,
        /// Whether the page is for sale, so that it can be bought again. Mails of earlier versions do not say so.
        #[serde(default)]
        can_buy: bool,
        /// Where it can be bought again. Mails of earlier versions do not say so.
        #[serde(default)]
        buy_url: Option<String>,
    },
    /// For the creator: the payment account can no longer take payments, or the provider refuses to open a pay page.
    AccountClosed {
        /// The storefront's name.
        shop: String,
        /// Whether the account is no longer connected; otherwise Stripe restricts it.
        disconnected: bool,
        /// The provider's words, if it refuses to open a pay page for a reason that the creator can mend. The account itself
        /// is in order then.
        #[serde(default)]
        refused: Option<String>,
        /// The URL of the storefront's payments in the console; empty in mails of earlier versions.
        #[serde(default)]
        console_url: String,
    },
    /// For the creator: the payment account can take payments again.
    AccountReady {
        /// The storefront's name.
        shop: String,
        /// The URL of the storefront's payments in the console.
        console_url: String,
    },
    /// A group buy that the visitor is interested in has become an offer.
    GroupBuyActivated {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
        /// The group price.
        price: Money,
        /// The URL at which the visitor can pay.
        offer_url: String,
        /// When the offer ends.
        ends_at: Timestamp,
    },
    /// For the creator: enough visitors want a group buy, so that it can be activated.
    GroupBuyReached {
        /// The storefront's name.
        shop: String,
        /// The group buy's title.
        title: String,
        /// The sum of the quantities.
        joined: i64,
        /// The target.
        target: i64,
        /// Where the console activates it.
        console_url: String,
    },
    /// For the creator: a group buy ended below its target.
    GroupBuyMissed {
        /// The storefront's name.
        shop: String,
        /// The group buy's title.
        title: String,
        /// The sum of the quantities.
        joined: i64,
        /// The target.
        target: i64,
        /// The URL of the group buy in the console.
        console_url: String,
    },
    /// Too few visitors were interested in a group buy.
    GroupBuyExpired {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
    /// The creator has cancelled a group buy.
    GroupBuyCancelled {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
}
