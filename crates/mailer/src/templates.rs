//! The templates in `templates/` with their fields. Both parts of a mail have the same fields,
//! except that only the HTML part contains the subject. A template leaves out an empty seller or title.
#![expect(unused_qualifications, reason = "askama's derive qualifies the variants of an enum")]

use std::borrow::Cow;

use askama::Template;
use tollgate_formats::MailEnd;

/// Declares the parts of all mails in each language: the mail, its templates, and its fields. The heads of the enums
/// come from outside the macro, since the derive writes `self` into methods of theirs.
macro_rules! templates {
    (
        { $($text_head:tt)+ } { $($html_head:tt)+ } { $($german_text_head:tt)+ } { $($german_html_head:tt)+ }
        $($mail:ident $text:tt $html:tt $german_text:tt $german_html:tt { $($field:ident: $type:ty),+ })+
    ) => {
        $($text_head)+ { $(#[template(path = $text)] $mail { $($field: $type),+ }),+ }
        $($html_head)+ {
            $(#[template(path = $html)] $mail { subject: Cow<'a, str>, $($field: $type),+ }),+
        }
        $($german_text_head)+ { $(#[template(path = $german_text)] $mail { $($field: $type),+ }),+ }
        $($german_html_head)+ {
            $(#[template(path = $german_html)] $mail { subject: Cow<'a, str>, $($field: $type),+ }),+
        }
    };
}

templates! {
    {
        /// The text parts in English.
        #[derive(Template)]
        pub(crate) enum Text<'a>
    }
    {
        /// The HTML parts in English. Values are escaped.
        #[derive(Template)]
        pub(crate) enum Html<'a>
    }
    {
        /// The text parts in German.
        #[derive(Template)]
        pub(crate) enum GermanText<'a>
    }
    {
        /// The HTML parts in German. Values are escaped.
        #[derive(Template)]
        pub(crate) enum GermanHtml<'a>
    }
    MagicLink "magic_link.txt" "magic_link.html" "de/magic_link.txt" "de/magic_link.html" { seller: Cow<'a, str>, title: Cow<'a, str>, this: Cow<'a, str>, label: Cow<'a, str>, link: Cow<'a, str>, code: Cow<'a, str>, lifetime: Cow<'a, str>, sent_by_seller: bool }
    VerifyEmail "verify_email.txt" "verify_email.html" "de/verify_email.txt" "de/verify_email.html" { link: Cow<'a, str>, lifetime: Cow<'a, str> }
    PasswordReset "password_reset.txt" "password_reset.html" "de/password_reset.txt" "de/password_reset.html" { link: Cow<'a, str>, lifetime: Cow<'a, str> }
    ConfirmMove "confirm_move.txt" "confirm_move.html" "de/confirm_move.txt" "de/confirm_move.html" { seller: Cow<'a, str>, link: Cow<'a, str>, from: Cow<'a, str>, lifetime: Cow<'a, str> }
    Moved "moved.txt" "moved.html" "de/moved.txt" "de/moved.html" { seller: Cow<'a, str>, from: Cow<'a, str>, to: Cow<'a, str> }
    Receipt "receipt.txt" "receipt.html" "de/receipt.txt" "de/receipt.html" { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str>, paid: Cow<'a, str>, number: String, date: String, payer: String, refunded: Cow<'a, str>, lost: Cow<'a, str>, tax: Cow<'a, str>, is_open: bool, is_second: bool, is_held: bool, receipt_url: String }
    PaymentFailed "payment_failed.txt" "payment_failed.html" "de/payment_failed.txt" "de/payment_failed.html" { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str>, is_open: bool, is_withdrawn: bool }
    Refunded "refunded.txt" "refunded.html" "de/refunded.txt" "de/refunded.html" { seller: Cow<'a, str>, title: Cow<'a, str>, amount: Cow<'a, str>, access_ended: bool, was_closed: bool, was_second: bool }
    Granted "granted.txt" "granted.html" "de/granted.txt" "de/granted.html" { seller: Cow<'a, str>, title: Cow<'a, str>, page_url: Cow<'a, str> }
    RefundNotPaid "refund_not_paid.txt" "refund_not_paid.html" "de/refund_not_paid.txt" "de/refund_not_paid.html" { seller: Cow<'a, str>, title: Cow<'a, str>, amount: Cow<'a, str>, besides: Cow<'a, str>, page_url: Cow<'a, str> }
    RefundFailed "refund_failed.txt" "refund_failed.html" "de/refund_failed.txt" "de/refund_failed.html" { title: Cow<'a, str>, visitor: Cow<'a, str>, amount: Cow<'a, str>, besides: Cow<'a, str>, is_open: bool, is_closed: bool, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    PaymentQuarantined "payment_quarantined.txt" "payment_quarantined.html" "de/payment_quarantined.txt" "de/payment_quarantined.html" { title: Cow<'a, str>, reference: Cow<'a, str>, mismatch: Cow<'a, str>, visitor: Cow<'a, str>, ordered: Cow<'a, str>, paid: Cow<'a, str>, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    PaymentMatched "payment_matched.txt" "payment_matched.html" "de/payment_matched.txt" "de/payment_matched.html" { title: Cow<'a, str>, reference: Cow<'a, str>, visitor: Cow<'a, str>, paid: Cow<'a, str>, is_second: bool, is_held: bool, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    PaymentUnread "payment_unread.txt" "payment_unread.html" "de/payment_unread.txt" "de/payment_unread.html" { title: Cow<'a, str>, reference: Cow<'a, str>, visitor: Cow<'a, str>, ordered: Cow<'a, str>, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    PaidTwice "paid_twice.txt" "paid_twice.html" "de/paid_twice.txt" "de/paid_twice.html" { title: Cow<'a, str>, visitor: Cow<'a, str>, amount: Cow<'a, str>, is_closed: bool, is_accepted: bool, is_waiting: bool, is_restricted: bool, is_given_up: bool, is_disconnected: bool, is_disconnected_for_now: bool, is_unread: bool, is_still_unread: bool, is_held: bool, refused: Cow<'a, str>, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    Disputed "disputed.txt" "disputed.html" "de/disputed.txt" "de/disputed.html" { title: Cow<'a, str>, visitor: Cow<'a, str>, reference: Cow<'a, str>, amount: Cow<'a, str>, deadline: Cow<'a, str>, needs_no_answer: bool, is_kept_open: bool, is_quarantined: bool, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    Inquiry "inquiry.txt" "inquiry.html" "de/inquiry.txt" "de/inquiry.html" { title: Cow<'a, str>, visitor: Cow<'a, str>, reference: Cow<'a, str>, amount: Cow<'a, str>, deadline: Cow<'a, str>, is_quarantined: bool, shop: Cow<'a, str>, console_url: Cow<'a, str> }
    DisputeDecided "dispute_decided.txt" "dispute_decided.html" "de/dispute_decided.txt" "de/dispute_decided.html" { shop: Cow<'a, str>, title: Cow<'a, str>, visitor: Cow<'a, str>, reference: Cow<'a, str>, is_won: bool, lost: Cow<'a, str>, is_part: bool, is_open: bool, is_quarantined: bool, console_url: Cow<'a, str> }
    AccessDisputed "access_disputed.txt" "access_disputed.html" "de/access_disputed.txt" "de/access_disputed.html" { seller: Cow<'a, str>, title: Cow<'a, str>, is_over: bool, lost: Cow<'a, str>, is_part: bool, page_url: Cow<'a, str>, can_buy: bool, buy_url: Cow<'a, str> }
    AccountClosed "account_closed.txt" "account_closed.html" "de/account_closed.txt" "de/account_closed.html" { shop: Cow<'a, str>, disconnected: bool, refused: Cow<'a, str>, console_url: Cow<'a, str> }
    AccountReady "account_ready.txt" "account_ready.html" "de/account_ready.txt" "de/account_ready.html" { shop: Cow<'a, str>, console_url: Cow<'a, str> }
    GroupBuyActivated "group_buy_activated.txt" "group_buy_activated.html" "de/group_buy_activated.txt" "de/group_buy_activated.html" { seller: Cow<'a, str>, title: Cow<'a, str>, price: Cow<'a, str>, offer_url: Cow<'a, str>, end: Cow<'a, str> }
    GroupBuyReached "group_buy_reached.txt" "group_buy_reached.html" "de/group_buy_reached.txt" "de/group_buy_reached.html" { shop: Cow<'a, str>, title: Cow<'a, str>, joined: String, target: String, console_url: Cow<'a, str> }
    GroupBuyMissed "group_buy_missed.txt" "group_buy_missed.html" "de/group_buy_missed.txt" "de/group_buy_missed.html" { shop: Cow<'a, str>, title: Cow<'a, str>, joined: String, target: String, console_url: Cow<'a, str> }
    GroupBuyExpired "group_buy_expired.txt" "group_buy_expired.html" "de/group_buy_expired.txt" "de/group_buy_expired.html" { seller: Cow<'a, str>, title: Cow<'a, str> }
    GroupBuyCancelled "group_buy_cancelled.txt" "group_buy_cancelled.html" "de/group_buy_cancelled.txt" "de/group_buy_cancelled.html" { seller: Cow<'a, str>, title: Cow<'a, str> }
}

/// The creator's signature of a mail to a visitor, for the text part.
#[derive(Template)]
#[template(path = "signature.txt")]
pub(crate) struct TextSignature<'a> {
    pub(crate) end: &'a MailEnd,
}

/// The creator's signature of a mail to a visitor, for the HTML part.
#[derive(Template)]
#[template(path = "signature.html")]
pub(crate) struct HtmlSignature<'a> {
    pub(crate) end: &'a MailEnd,
}

/// The link that stops mails of a shop, for the text part.
#[derive(Template)]
#[template(path = "stop.txt")]
pub(crate) struct TextStop<'a> {
    pub(crate) label: &'a str,
    pub(crate) address: &'a str,
}

/// The link that stops mails of a shop, for the HTML part.
#[derive(Template)]
#[template(path = "stop.html")]
pub(crate) struct HtmlStop<'a> {
    pub(crate) label: &'a str,
    pub(crate) address: &'a str,
}
