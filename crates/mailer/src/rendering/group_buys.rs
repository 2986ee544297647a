//! Mails about group buys.

use tollgate_domain::{language::Language, mail::MailContent};
use tollgate_formats::{day_and_time, money};

use super::{RenderError, Rendered, RenderedMail};
use crate::lines::{one_line, shortened};

pub(super) fn group_buy_activated(content: &MailContent, language: Language) -> Rendered {
    let MailContent::GroupBuyActivated { seller, title, price, offer_url, ends_at } = content
    else {
        return Err(RenderError);
    };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let (price, end) = (&money(language, *price), &day_and_time(language, *ends_at));
    let english = format!("{} is on: your group price", shortened(title));
    let german = format!("{} ist da: Ihr Gruppenpreis", shortened(title));
    fill!(language, english, german, GroupBuyActivated { seller, title, price, offer_url, end })
}

pub(super) fn group_buy_reached(content: &MailContent, language: Language) -> Rendered {
    let MailContent::GroupBuyReached { shop, title, joined, target, console_url } = content else {
        return Err(RenderError);
    };
    let (shop, title) = (&one_line(shop), &one_line(title));
    let (joined, target) = (&joined.to_string(), &target.to_string());
    let english = format!("{} has reached its target", shortened(title));
    let german = format!("{} hat das Ziel erreicht", shortened(title));
    fill!(language, english, german, GroupBuyReached { shop, title, joined, target, console_url })
}

pub(super) fn group_buy_missed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::GroupBuyMissed { shop, title, joined, target, console_url } = content else {
        return Err(RenderError);
    };
    let (shop, title) = (&one_line(shop), &one_line(title));
    let (joined, target) = (&joined.to_string(), &target.to_string());
    let english = format!("{} ended below its target", shortened(title));
    let german = format!("{} hat das Ziel verfehlt", shortened(title));
    fill!(language, english, german, GroupBuyMissed { shop, title, joined, target, console_url })
}

pub(super) fn group_buy_expired(content: &MailContent, language: Language) -> Rendered {
    let MailContent::GroupBuyExpired { seller, title } = content else { return Err(RenderError) };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let english = format!("{} did not come about", shortened(title));
    let german = format!("{} kommt nicht zustande", shortened(title));
    fill!(language, english, german, GroupBuyExpired { seller, title })
}

pub(super) fn group_buy_cancelled(content: &MailContent, language: Language) -> Rendered {
    let MailContent::GroupBuyCancelled { seller, title } = content else { return Err(RenderError) };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let english = format!("{} was called off", shortened(title));
    let german = format!("{} wurde abgesagt", shortened(title));
    fill!(language, english, german, GroupBuyCancelled { seller, title })
}
