//! Every mail that Tollgate writes, with usual or unusual texts in it.

use tollgate_domain::{
    email::Email,
    language::Language,
    mail::{MailContent, Mismatch, ReceiptFacts, RefundHindrance, SecretText, SignInTarget},
    money::Money,
};

pub(crate) fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

pub(crate) fn bob() -> Email {
    "bob@example.com".parse().unwrap()
}

/// The texts that come from a person or a payment provider.
pub(crate) struct Typed<'a> {
    seller: &'a str,
    title: &'a str,
    reference: &'a str,
}

pub(crate) const USUAL: Typed<'_> =
    Typed { seller: "Ada's corner", title: "Bees & gardens", reference: "pi_3Example" };

pub(crate) fn same(text: &str) -> Typed<'_> {
    Typed { seller: text, title: text, reference: text }
}

pub(crate) fn every_mail(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    let reference = || typed.reference.to_owned();
    let link = || SecretText("https://example.com/confirm?token=abc&x=1".to_owned());
    let old = || "b•••@example.com".to_owned();
    let page_url = || "https://ada.example.com/garden".to_owned();
    let console_url = || "https://app.example.com/ada/revenue".to_owned();
    let receipt_url = || "https://example.com/access/receipts/01j9zq".to_owned();
    let payment_failed = |is_withdrawn| MailContent::PaymentFailed {
        seller: seller(),
        title: title(),
        page_url: page_url(),
        is_open: false,
        is_withdrawn,
    };
    let refunded = |access_ended| MailContent::Refunded {
        seller: seller(),
        title: title(),
        amount: usd(1_200),
        access_ended,
        was_closed: false,
        was_second: false,
    };
    let account_closed = |disconnected| MailContent::AccountClosed {
        shop: seller(),
        disconnected,
        refused: None,
        console_url: console_url(),
    };
    let refund_failed_in_part = |is_open| MailContent::RefundFailed {
        title: title(),
        visitor: bob(),
        amount: usd(700),
        besides: Some(usd(500)),
        is_open: Some(is_open),
        shop: seller(),
        console_url: console_url(),
    };
    let inquiry = |is_quarantined| MailContent::Inquiry {
        title: title(),
        visitor: bob(),
        reference: reference(),
        amount: Some(usd(1_200)),
        respond_by: Some("2026-01-08T09:30:00Z".parse().unwrap()),
        is_quarantined,
        shop: seller(),
        console_url: console_url(),
    };
    let dispute_decided = |is_won, is_open| MailContent::DisputeDecided {
        shop: seller(),
        title: title(),
        visitor: bob(),
        reference: reference(),
        is_won,
        lost: (!is_won).then(|| usd(1_200)),
        is_part: false,
        is_open: Some(is_open),
        is_quarantined: false,
        console_url: console_url(),
    };
    let quarantined_decided = |is_won| MailContent::DisputeDecided {
        shop: seller(),
        title: title(),
        visitor: bob(),
        reference: reference(),
        is_won,
        lost: (!is_won).then(|| usd(1_200)),
        is_part: false,
        is_open: Some(false),
        is_quarantined: true,
        console_url: console_url(),
    };
    let access_disputed = |is_over, page_url| MailContent::AccessDisputed {
        seller: seller(),
        title: title(),
        is_over,
        lost: None,
        is_part: false,
        page_url,
        can_buy: true,
        buy_url: Some("https://ada.example.com/garden".to_owned()),
    };
    let refund_not_paid = |page_url| MailContent::RefundNotPaid {
        seller: seller(),
        title: title(),
        amount: usd(1_200),
        besides: None,
        page_url,
    };
    let paid_twice = |hindrance| MailContent::PaidTwice {
        title: title(),
        visitor: bob(),
        amount: usd(1_200),
        hindrance,
        is_closed: false,
        shop: seller(),
        console_url: console_url(),
    };
    vec![
        ("magic_link", magic_link(15, None, None)),
        ("magic_link_to_a_seller", magic_link(15, Some(typed.seller), None)),
        ("magic_link_to_a_page", magic_link(15, Some(typed.seller), Some(typed.title))),
        ("magic_link_from_a_seller", magic_link_from(typed.seller, Some(typed.title))),
        ("verify_email", MailContent::VerifyEmail { link: link(), valid_hours: 48 }),
        ("password_reset", MailContent::PasswordReset { link: link(), valid_minutes: 30 }),
        (
            "confirm_move",
            MailContent::ConfirmMove {
                seller: seller(),
                link: link(),
                from: old(),
                valid_hours: 48,
            },
        ),
        (
            "moved",
            MailContent::Moved {
                seller: seller(), from: old(), to: "r•••@example.org".to_owned()
            },
        ),
        (
            "receipt",
            MailContent::Receipt {
                seller: seller(),
                title: title(),
                page_url: page_url(),
                paid: usd(1_200),
                facts: Some(ReceiptFacts {
                    number: "ADA-01J9ZQ".to_owned(),
                    date: "2026-11-28T10:30:00Z".parse().unwrap(),
                    payer: "bob@example.com".parse().unwrap(),
                    refunded: None,
                    lost: None,
                    tax: Some(usd(192)),
                    is_open: true,
                    is_second: false,
                    is_held: false,
                    url: receipt_url(),
                }),
            },
        ),
        (
            "receipt_of_a_refunded_purchase",
            MailContent::Receipt {
                seller: seller(),
                title: title(),
                page_url: page_url(),
                paid: usd(1_200),
                facts: Some(ReceiptFacts {
                    number: "ADA-01J9ZQ".to_owned(),
                    date: "2026-11-28T10:30:00Z".parse().unwrap(),
                    payer: "bob@example.com".parse().unwrap(),
                    refunded: Some(usd(1_200)),
                    lost: None,
                    tax: None,
                    is_open: false,
                    is_second: false,
                    is_held: false,
                    url: receipt_url(),
                }),
            },
        ),
        (
            "receipt_of_a_disputed_purchase",
            MailContent::Receipt {
                seller: seller(),
                title: title(),
                page_url: page_url(),
                paid: usd(1_200),
                facts: Some(ReceiptFacts {
                    number: "ADA-01J9ZQ".to_owned(),
                    date: "2026-11-28T10:30:00Z".parse().unwrap(),
                    payer: "bob@example.com".parse().unwrap(),
                    refunded: Some(usd(500)),
                    lost: Some(usd(700)),
                    tax: None,
                    is_open: false,
                    is_second: false,
                    is_held: false,
                    url: receipt_url(),
                }),
            },
        ),
        (
            "granted",
            MailContent::Granted { seller: seller(), title: title(), page_url: page_url() },
        ),
        ("payment_failed", payment_failed(false)),
        ("payment_failed_for_what_is_not_sold", payment_failed(true)),
        ("refunded_and_closed", refunded(true)),
        ("refunded_and_open", refunded(false)),
        ("refund_not_paid_and_open", refund_not_paid(Some(page_url()))),
        ("refund_not_paid_and_closed", refund_not_paid(None)),
        (
            "refund_failed",
            MailContent::RefundFailed {
                title: title(),
                visitor: bob(),
                amount: usd(1_200),
                besides: None,
                is_open: None,
                shop: seller(),
                console_url: console_url(),
            },
        ),
        ("refund_failed_in_part_and_open", refund_failed_in_part(true)),
        ("refund_failed_in_part_and_closed", refund_failed_in_part(false)),
        (
            "refund_not_paid_in_part",
            MailContent::RefundNotPaid {
                seller: seller(),
                title: title(),
                amount: usd(700),
                besides: Some(usd(500)),
                page_url: Some(page_url()),
            },
        ),
        (
            "payment_quarantined",
            MailContent::PaymentQuarantined {
                title: title(),
                reference: reference(),
                mismatch: Mismatch::Amount,
                visitor: Some(bob()),
                ordered: Some(usd(1_200)),
                paid: Some(usd(1_100)),
                shop: seller(),
                console_url: console_url(),
            },
        ),
        (
            "payment_matched",
            MailContent::PaymentMatched {
                title: title(),
                reference: reference(),
                visitor: bob(),
                paid: usd(1_200),
                is_second: false,
                is_held: false,
                shop: seller(),
                console_url: console_url(),
            },
        ),
        (
            "payment_unread",
            MailContent::PaymentUnread {
                title: title(),
                reference: reference(),
                visitor: bob(),
                ordered: usd(1_200),
                shop: seller(),
                console_url: console_url(),
            },
        ),
        ("paid_twice", paid_twice(None)),
        (
            "paid_twice_and_closed",
            MailContent::PaidTwice {
                title: title(),
                visitor: bob(),
                amount: usd(1_200),
                hindrance: None,
                is_closed: true,
                shop: seller(),
                console_url: console_url(),
            },
        ),
        ("paid_twice_and_waiting", paid_twice(Some(RefundHindrance::Balance))),
        ("paid_twice_and_restricted", paid_twice(Some(RefundHindrance::Restricted))),
        ("paid_twice_and_given_up", paid_twice(Some(RefundHindrance::StillRestricted))),
        ("paid_twice_and_disconnected", paid_twice(Some(RefundHindrance::Disconnected))),
        (
            "paid_twice_and_disconnected_for_now",
            paid_twice(Some(RefundHindrance::DisconnectedForNow)),
        ),
        ("paid_twice_and_held", paid_twice(Some(RefundHindrance::Held))),
        ("paid_twice_and_refused", paid_twice(Some(RefundHindrance::Refused(reference())))),
        (
            "disputed",
            MailContent::Disputed {
                title: title(),
                visitor: bob(),
                reference: reference(),
                amount: Some(usd(1_200)),
                respond_by: Some("2026-01-08T09:30:00Z".parse().unwrap()),
                needs_no_answer: false,
                is_kept_open: false,
                is_quarantined: false,
                shop: seller(),
                console_url: console_url(),
            },
        ),
        (
            "disputed_and_quarantined",
            MailContent::Disputed {
                title: title(),
                visitor: bob(),
                reference: reference(),
                amount: Some(usd(1_200)),
                respond_by: Some("2026-01-08T09:30:00Z".parse().unwrap()),
                needs_no_answer: false,
                is_kept_open: false,
                is_quarantined: true,
                shop: seller(),
                console_url: console_url(),
            },
        ),
        ("inquiry", inquiry(false)),
        ("inquiry_of_quarantined", inquiry(true)),
        ("dispute_won", dispute_decided(true, true)),
        ("dispute_lost", dispute_decided(false, false)),
        ("dispute_of_quarantined_won", quarantined_decided(true)),
        ("dispute_of_quarantined_lost", quarantined_decided(false)),
        ("access_paused", access_disputed(false, None)),
        ("access_back", access_disputed(true, Some(page_url()))),
        ("access_ended", access_disputed(true, None)),
        ("account_restricted", account_closed(false)),
        ("account_disconnected", account_closed(true)),
        ("account_ready", MailContent::AccountReady { shop: seller(), console_url: console_url() }),
        (
            "checkout_refused",
            MailContent::AccountClosed {
                shop: seller(),
                disconnected: false,
                refused: Some(reference()),
                console_url: console_url(),
            },
        ),
        (
            "group_buy_activated",
            MailContent::GroupBuyActivated {
                seller: seller(),
                title: title(),
                price: usd(900),
                offer_url: "https://ada.example.com/-/group-buys/garden".to_owned(),
                ends_at: "2026-01-08T09:30:00Z".parse().unwrap(),
            },
        ),
        (
            "group_buy_reached",
            MailContent::GroupBuyReached {
                shop: seller(),
                title: title(),
                joined: 5,
                target: 4,
                console_url: "https://app.example.com/ada/group-buys/garden/activate".to_owned(),
            },
        ),
        (
            "group_buy_missed",
            MailContent::GroupBuyMissed {
                shop: seller(),
                title: title(),
                joined: 3,
                target: 4,
                console_url: "https://app.example.com/ada/group-buys/garden".to_owned(),
            },
        ),
        ("group_buy_expired", MailContent::GroupBuyExpired { seller: seller(), title: title() }),
        (
            "group_buy_cancelled",
            MailContent::GroupBuyCancelled { seller: seller(), title: title() },
        ),
    ]
}

pub(crate) fn magic_link(
    valid_minutes: i64,
    seller: Option<&str>,
    title: Option<&str>,
) -> MailContent {
    MailContent::MagicLink {
        link: SecretText("https://example.com/sign-in?token=abc&x=1".to_owned()),
        code: SecretText("042917".to_owned()),
        valid_minutes,
        valid_seconds: None,
        seller: seller.map(ToOwned::to_owned),
        title: title.map(ToOwned::to_owned),
        wanted: SignInTarget::Page,
        sent_by_seller: false,
    }
}

pub(crate) fn magic_link_from(seller: &str, title: Option<&str>) -> MailContent {
    let mut content = magic_link(15, Some(seller), title);
    if let MailContent::MagicLink { sent_by_seller, .. } = &mut content {
        *sent_by_seller = true;
    }
    content
}

/// Every mail in every language.
pub(crate) fn in_every_language(typed: &Typed<'_>) -> Vec<(&'static str, MailContent, Language)> {
    let languages = [Language::English, Language::German];
    let all = |language| every_mail(typed).into_iter().map(move |(name, it)| (name, it, language));
    languages.into_iter().flat_map(all).collect()
}
