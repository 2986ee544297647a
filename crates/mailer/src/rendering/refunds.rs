//! Mails about money that is refunded.

use tollgate_domain::{
    language::Language,
    mail::{MailContent, RefundHindrance},
};
use tollgate_formats::money;

use super::{RenderError, Rendered, RenderedMail};
use crate::lines::{one_line, shortened};

pub(super) fn refunded(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Refunded { seller, title, amount, access_ended, was_closed, was_second } =
        content
    else {
        return Err(RenderError);
    };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let amount = &money(language, *amount);
    let (access_ended, was_closed) = (*access_ended, *was_closed);
    let was_second = *was_second;
    let english = format!("Your refund for {}", shortened(title));
    let german = format!("Ihre Erstattung für {}", shortened(title));
    fill! { language, english, german, Refunded {
        seller, title, amount, access_ended, was_closed, was_second
    } }
}

pub(super) fn refund_not_paid(content: &MailContent, language: Language) -> Rendered {
    let MailContent::RefundNotPaid { seller, title, amount, besides, page_url } = content else {
        return Err(RenderError);
    };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let amount = &money(language, *amount);
    let besides = &besides.map(|it| money(language, it)).unwrap_or_default();
    let page_url = page_url.as_deref().unwrap_or_default();
    let english = format!("Your refund for {} failed", shortened(title));
    let german = format!("Ihre Erstattung für {} ist fehlgeschlagen", shortened(title));
    fill!(language, english, german, RefundNotPaid { seller, title, amount, besides, page_url })
}

pub(super) fn refund_failed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::RefundFailed { title, visitor, amount, besides, is_open, shop, console_url } =
        content
    else {
        return Err(RenderError);
    };
    let (title, visitor) = (&one_line(title), &visitor.shown());
    let shop = &one_line(shop);
    let amount = &money(language, *amount);
    let besides = &besides.map(|it| money(language, it)).unwrap_or_default();
    let (is_open, is_closed) = (*is_open == Some(true), *is_open == Some(false));
    let english = format!("A refund for {} failed", shortened(title));
    let german = format!("Eine Erstattung für {} ist fehlgeschlagen", shortened(title));
    fill! { language, english, german, RefundFailed {
        title, visitor, amount, besides, is_open, is_closed, shop, console_url
    } }
}

pub(super) fn paid_twice(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PaidTwice { title, visitor, amount, hindrance, is_closed, shop, console_url } =
        content
    else {
        return Err(RenderError);
    };
    let is_closed = *is_closed;
    let (title, visitor) = (&one_line(title), &visitor.shown());
    let shop = &one_line(shop);
    let amount = &money(language, *amount);
    let (english, german) = paid_twice_subjects(hindrance.as_ref(), title);
    let is_accepted = hindrance.is_none();
    let is_waiting = matches!(hindrance, Some(RefundHindrance::Balance));
    let is_restricted = matches!(hindrance, Some(RefundHindrance::Restricted));
    let is_given_up = matches!(hindrance, Some(RefundHindrance::StillRestricted));
    let is_disconnected = matches!(hindrance, Some(RefundHindrance::Disconnected));
    let is_disconnected_for_now = matches!(hindrance, Some(RefundHindrance::DisconnectedForNow));
    let is_unread = matches!(hindrance, Some(RefundHindrance::Unread));
    let is_still_unread = matches!(hindrance, Some(RefundHindrance::StillUnread));
    let is_held = matches!(hindrance, Some(RefundHindrance::Held));
    let refused = &match hindrance {
        Some(RefundHindrance::Refused(reason)) => one_line(reason),
        _ => String::new(),
    };
    fill! { language, english, german, PaidTwice {
        title, visitor, amount, is_closed, is_accepted, is_waiting, is_restricted, is_given_up,
        is_disconnected, is_disconnected_for_now, is_unread, is_still_unread, is_held, refused,
        shop, console_url
    } }
}

/// Returns the subjects of a mail about a second payment, in English and in German.
fn paid_twice_subjects(hindrance: Option<&RefundHindrance>, title: &str) -> (String, String) {
    let title = shortened(title);
    match hindrance {
        None => (
            format!("A second payment for {title} is refunded"),
            format!("Eine zweite Zahlung für {title} wird erstattet"),
        ),
        Some(
            RefundHindrance::Balance
            | RefundHindrance::Restricted
            | RefundHindrance::DisconnectedForNow
            | RefundHindrance::Unread,
        ) => (
            format!("A second payment for {title} is not refunded yet"),
            format!("Eine zweite Zahlung für {title} ist noch nicht erstattet"),
        ),
        Some(RefundHindrance::Held | RefundHindrance::StillUnread) => (
            format!("A second payment for {title} is held"),
            format!("Eine zweite Zahlung für {title} wartet auf Ihre Entscheidung"),
        ),
        Some(
            RefundHindrance::StillRestricted
            | RefundHindrance::Disconnected
            | RefundHindrance::Refused(_),
        ) => (
            format!("Please refund a second payment for {title}"),
            format!("Bitte erstatten Sie eine zweite Zahlung für {title}"),
        ),
    }
}
