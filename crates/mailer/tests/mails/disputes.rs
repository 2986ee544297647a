//! Disputes, and what they do to the access.

use tollgate_domain::mail::MailContent;

use super::{Typed, bob, console_url, page_url, usd};

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    let reference = || typed.reference.to_owned();
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
    vec![
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
    ]
}
