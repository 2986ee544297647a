//! Group buys.

use tollgate_domain::mail::MailContent;

use super::{Typed, usd};

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    vec![
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
