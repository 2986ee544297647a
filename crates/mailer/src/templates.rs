//! The templates in `templates/` with their fields. Both parts of a mail have the same fields,
//! except that only the HTML part contains the subject. A template leaves out an empty seller or title.
#![expect(unused_qualifications, reason = "askama's derive qualifies the variants of an enum")]

use std::borrow::Cow;

use askama::Template;
use tollgate_domain::money::Money;

/// The text parts.
#[derive(Template)]
pub(crate) enum Text<'a> {
    #[template(path = "magic_link.txt")]
    MagicLink {
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        link: Cow<'a, str>,
        code: Cow<'a, str>,
        lifetime: Cow<'a, str>,
    },
    #[template(path = "verify_email.txt")]
    VerifyEmail { link: Cow<'a, str>, lifetime: Cow<'a, str> },
    #[template(path = "password_reset.txt")]
    PasswordReset { link: Cow<'a, str>, lifetime: Cow<'a, str> },
    #[template(path = "confirm_move.txt")]
    ConfirmMove {
        seller: Cow<'a, str>,
        link: Cow<'a, str>,
        from: Cow<'a, str>,
        lifetime: Cow<'a, str>,
    },
    #[template(path = "moved.txt")]
    Moved { seller: Cow<'a, str>, from: Cow<'a, str>, to: Cow<'a, str> },
    #[template(path = "receipt.txt")]
    Receipt { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str>, paid: Money },
    #[template(path = "payment_failed.txt")]
    PaymentFailed { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str> },
    #[template(path = "refunded.txt")]
    Refunded { seller: Cow<'a, str>, title: Cow<'a, str>, amount: Money, access_ended: bool },
    #[template(path = "granted.txt")]
    Granted { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str> },
    #[template(path = "refund_failed.txt")]
    RefundFailed { title: Cow<'a, str>, visitor: Cow<'a, str>, amount: Money },
    #[template(path = "payment_quarantined.txt")]
    PaymentQuarantined { title: Cow<'a, str>, reference: Cow<'a, str>, mismatch: Cow<'a, str> },
    #[template(path = "paid_twice.txt")]
    PaidTwice { title: Cow<'a, str>, visitor: Cow<'a, str>, amount: Money },
    #[template(path = "disputed.txt")]
    Disputed { title: Cow<'a, str>, visitor: Cow<'a, str>, reference: Cow<'a, str> },
    #[template(path = "account_closed.txt")]
    AccountClosed { shop: Cow<'a, str>, disconnected: bool },
    #[template(path = "group_buy_activated.txt")]
    GroupBuyActivated {
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        price: Money,
        offer_url: Cow<'a, str>,
        end: Cow<'a, str>,
    },
    #[template(path = "group_buy_expired.txt")]
    GroupBuyExpired { seller: Cow<'a, str>, title: Cow<'a, str> },
    #[template(path = "group_buy_cancelled.txt")]
    GroupBuyCancelled { seller: Cow<'a, str>, title: Cow<'a, str> },
}

/// The HTML parts. Values are escaped.
#[derive(Template)]
pub(crate) enum Html<'a> {
    #[template(path = "magic_link.html")]
    MagicLink {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        link: Cow<'a, str>,
        code: Cow<'a, str>,
        lifetime: Cow<'a, str>,
    },
    #[template(path = "verify_email.html")]
    VerifyEmail { subject: Cow<'a, str>, link: Cow<'a, str>, lifetime: Cow<'a, str> },
    #[template(path = "password_reset.html")]
    PasswordReset { subject: Cow<'a, str>, link: Cow<'a, str>, lifetime: Cow<'a, str> },
    #[template(path = "confirm_move.html")]
    ConfirmMove {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        link: Cow<'a, str>,
        from: Cow<'a, str>,
        lifetime: Cow<'a, str>,
    },
    #[template(path = "moved.html")]
    Moved { subject: Cow<'a, str>, seller: Cow<'a, str>, from: Cow<'a, str>, to: Cow<'a, str> },
    #[template(path = "receipt.html")]
    Receipt {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        page_url: Cow<'a, str>,
        paid: Money,
    },
    #[template(path = "payment_failed.html")]
    PaymentFailed {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        page_url: Cow<'a, str>,
    },
    #[template(path = "refunded.html")]
    Refunded {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        amount: Money,
        access_ended: bool,
    },
    #[template(path = "granted.html")]
    Granted {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        page_url: Cow<'a, str>,
    },
    #[template(path = "refund_failed.html")]
    RefundFailed {
        subject: Cow<'a, str>,
        title: Cow<'a, str>,
        visitor: Cow<'a, str>,
        amount: Money,
    },
    #[template(path = "payment_quarantined.html")]
    PaymentQuarantined {
        subject: Cow<'a, str>,
        title: Cow<'a, str>,
        reference: Cow<'a, str>,
        mismatch: Cow<'a, str>,
    },
    #[template(path = "paid_twice.html")]
    PaidTwice { subject: Cow<'a, str>, title: Cow<'a, str>, visitor: Cow<'a, str>, amount: Money },
    #[template(path = "disputed.html")]
    Disputed {
        subject: Cow<'a, str>,
        title: Cow<'a, str>,
        visitor: Cow<'a, str>,
        reference: Cow<'a, str>,
    },
    #[template(path = "account_closed.html")]
    AccountClosed { subject: Cow<'a, str>, shop: Cow<'a, str>, disconnected: bool },
    #[template(path = "group_buy_activated.html")]
    GroupBuyActivated {
        subject: Cow<'a, str>,
        seller: Cow<'a, str>,
        title: Cow<'a, str>,
        price: Money,
        offer_url: Cow<'a, str>,
        end: Cow<'a, str>,
    },
    #[template(path = "group_buy_expired.html")]
    GroupBuyExpired { subject: Cow<'a, str>, seller: Cow<'a, str>, title: Cow<'a, str> },
    #[template(path = "group_buy_cancelled.html")]
    GroupBuyCancelled { subject: Cow<'a, str>, seller: Cow<'a, str>, title: Cow<'a, str> },
}

/// The creator's signature of a mail to a visitor, for the text part.
#[derive(Template)]
#[template(path = "signature.txt")]
pub(crate) struct TextSignature<'a> {
    pub(crate) support_email: Option<&'a str>,
    pub(crate) footer: Option<&'a str>,
}

/// The creator's signature of a mail to a visitor, for the HTML part.
#[derive(Template)]
#[template(path = "signature.html")]
pub(crate) struct HtmlSignature<'a> {
    pub(crate) support_email: Option<&'a str>,
    pub(crate) footer: Vec<&'a str>,
}

/// The link that stops mails of a shop, for the text part.
#[derive(Template)]
#[template(path = "stop.txt")]
pub(crate) struct TextStop<'a> {
    pub(crate) address: &'a str,
}

/// The link that stops mails of a shop, for the HTML part.
#[derive(Template)]
#[template(path = "stop.html")]
pub(crate) struct HtmlStop<'a> {
    pub(crate) address: &'a str,
}
