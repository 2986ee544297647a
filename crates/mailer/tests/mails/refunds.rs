//! Money that goes back, or does not.

use tollgate_domain::mail::{MailContent, RefundHindrance};

use super::{Typed, bob, console_url, page_url, usd};

pub(super) fn mails(typed: &Typed<'_>) -> Vec<(&'static str, MailContent)> {
    let seller = || typed.seller.to_owned();
    let title = || typed.title.to_owned();
    let reference = || typed.reference.to_owned();
    let refunded = |access_ended| MailContent::Refunded {
        seller: seller(),
        title: title(),
        amount: usd(1_200),
        access_ended,
        was_closed: false,
        was_second: false,
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
        ("paid_twice_and_unread", paid_twice(Some(RefundHindrance::Unread))),
        ("paid_twice_and_still_unread", paid_twice(Some(RefundHindrance::StillUnread))),
        ("paid_twice_and_held", paid_twice(Some(RefundHindrance::Held))),
        ("paid_twice_and_refused", paid_twice(Some(RefundHindrance::Refused(reference())))),
    ]
}
