//! Mails about disputes, and about what banks ask.

use tollgate_domain::{language::Language, mail::MailContent};
use tollgate_formats::{day_and_time, money};

use super::{RenderError, Rendered, RenderedMail};
use crate::lines::{one_line, shortened};

pub(super) fn disputed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Disputed {
        title,
        visitor,
        reference,
        amount,
        respond_by,
        needs_no_answer,
        is_kept_open,
        is_quarantined,
        shop,
        console_url,
    } = content
    else {
        return Err(RenderError);
    };
    let (title, reference) = (&one_line(title), &one_line(reference));
    let shop = &one_line(shop);
    let visitor = &visitor.shown();
    let (needs_no_answer, is_kept_open) = (*needs_no_answer, *is_kept_open);
    let is_quarantined = *is_quarantined;
    let amount = &amount.map(|amount| money(language, amount)).unwrap_or_default();
    let deadline = &respond_by.map(|at| day_and_time(language, at)).unwrap_or_default();
    let english = format!("A payment for {} is disputed", shortened(title));
    let german = format!("Eine Zahlung für {} ist angefochten", shortened(title));
    fill! { language, english, german, Disputed {
        title, visitor, reference, amount, deadline, needs_no_answer, is_kept_open, is_quarantined,
        shop, console_url
    } }
}

pub(super) fn inquiry(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Inquiry {
        title,
        visitor,
        reference,
        amount,
        respond_by,
        is_quarantined,
        shop,
        console_url,
    } = content
    else {
        return Err(RenderError);
    };
    let is_quarantined = *is_quarantined;
    let (title, reference) = (&one_line(title), &one_line(reference));
    let (shop, visitor) = (&one_line(shop), &visitor.shown());
    let amount = &amount.map(|amount| money(language, amount)).unwrap_or_default();
    let deadline = &respond_by.map(|at| day_and_time(language, at)).unwrap_or_default();
    let english = format!("A bank asks about a payment for {}", shortened(title));
    let german = format!("Eine Bank fragt nach einer Zahlung für {}", shortened(title));
    fill! { language, english, german, Inquiry {
        title, visitor, reference, amount, deadline, is_quarantined, shop, console_url
    } }
}

pub(super) fn dispute_decided(content: &MailContent, language: Language) -> Rendered {
    let MailContent::DisputeDecided {
        shop,
        title,
        visitor,
        reference,
        is_won,
        lost,
        is_part,
        is_open,
        is_quarantined,
        console_url,
    } = content
    else {
        return Err(RenderError);
    };
    let (title, reference) = (&one_line(title), &one_line(reference));
    let (shop, visitor, is_won) = (&one_line(shop), &visitor.shown(), *is_won);
    let (is_open, is_quarantined) = (is_open.unwrap_or(is_won), *is_quarantined);
    let lost = &lost.map(|amount| money(language, amount)).unwrap_or_default();
    let is_part = *is_part;
    let short = shortened(title);
    let (english, german) = if is_won {
        (
            format!("You won the dispute about {short}"),
            format!("Die Anfechtung zu {short} ist gewonnen"),
        )
    } else {
        (
            format!("You lost the dispute about {short}"),
            format!("Die Anfechtung zu {short} ist verloren"),
        )
    };
    fill! { language, english, german, DisputeDecided {
        shop, title, visitor, reference, is_won, lost, is_part, is_open, is_quarantined, console_url
    } }
}

pub(super) fn access_disputed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::AccessDisputed {
        seller,
        title,
        is_over,
        lost,
        is_part,
        page_url,
        can_buy,
        buy_url,
    } = content
    else {
        return Err(RenderError);
    };
    let (seller, title, is_over) = (&one_line(seller), &one_line(title), *is_over);
    let (page_url, can_buy) = (page_url.as_deref().unwrap_or_default(), *can_buy);
    let lost = &lost.map(|amount| money(language, amount)).unwrap_or_default();
    let is_part = *is_part;
    let may_buy = is_over && page_url.is_empty() && can_buy;
    let buy_url = buy_url.as_deref().filter(|_| may_buy).unwrap_or_default();
    let short = shortened(title);
    let (english, german) = match (is_over, page_url.is_empty()) {
        (false, _) => {
            (format!("Your access to {short} is paused"), format!("Ihr Zugang zu {short} ruht"))
        }
        (true, false) => (
            format!("Your access to {short} is back"),
            format!("Ihr Zugang zu {short} ist wieder da"),
        ),
        (true, true) => (
            format!("Your access to {short} has ended"),
            format!("Ihr Zugang zu {short} ist beendet"),
        ),
    };
    fill! { language, english, german, AccessDisputed {
        seller, title, is_over, lost, is_part, page_url, can_buy, buy_url
    } }
}
