//! The payment account of a shop.

use tollgate_domain::mail::MailContent;

use super::{Typed, console_url};

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let reference = || typed.reference.to_owned();
    let account_closed = |disconnected| MailContent::AccountClosed {
        shop: seller(),
        disconnected,
        refused: None,
        console_url: console_url(),
    };
    vec![
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
    ]
}
