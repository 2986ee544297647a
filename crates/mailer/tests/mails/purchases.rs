//! Purchases, gifts, and payments that opened nothing.

use tollgate_domain::mail::{MailContent, Mismatch, ReceiptFacts};

use super::{Typed, bob, console_url, page_url, usd};

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    let reference = || typed.reference.to_owned();
    let receipt_url = || "https://example.com/access/receipts/01j9zq".to_owned();
    let payment_failed = |is_withdrawn| MailContent::PaymentFailed {
        seller: seller(),
        title: title(),
        page_url: page_url(),
        is_open: false,
        is_withdrawn,
    };
    vec![
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
    ]
}
