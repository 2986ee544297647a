//! Mails about payments and what they open.

use tollgate_domain::{
    email::Email,
    language::Language,
    mail::{MailContent, Mismatch},
};
use tollgate_formats::{day_and_time, money};

use super::{RenderError, Rendered, RenderedMail};
use crate::lines::{one_line, shortened};

pub(super) fn receipt(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Receipt { seller, title, page_url, paid, facts } = content else {
        return Err(RenderError);
    };
    let paid = &money(language, *paid);
    let is_open = facts.as_ref().is_none_or(|facts| facts.is_open);
    let is_second = facts.as_ref().is_some_and(|facts| facts.is_second);
    let is_held = facts.as_ref().is_some_and(|facts| facts.is_held);
    let facts = facts.as_ref().map(|facts| {
        let date = day_and_time(language, facts.date);
        let refunded = facts.refunded.map(|amount| money(language, amount));
        let lost = facts.lost.map(|amount| money(language, amount));
        let tax = facts.tax.map(|amount| money(language, amount));
        let (number, receipt_url) = (facts.number.clone(), facts.url.clone());
        (number, date, facts.payer.shown(), refunded, lost, tax, receipt_url)
    });
    let (number, date, payer, refunded, lost, tax, receipt_url) = &facts.unwrap_or_default();
    let refunded = refunded.as_deref().unwrap_or_default();
    let lost = lost.as_deref().unwrap_or_default();
    let tax = tax.as_deref().unwrap_or_default();
    let (seller, title) = (&one_line(seller), &one_line(title));
    let english = format!("Your receipt for {}", shortened(title));
    let german = format!("Ihr Beleg für {}", shortened(title));
    fill! { language, english, german, Receipt {
        seller, title, page_url, paid, number, date, payer, refunded, lost, tax, is_open, is_second,
        is_held, receipt_url
    } }
}

pub(super) fn payment_failed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PaymentFailed { seller, title, page_url, is_open, is_withdrawn } = content
    else {
        return Err(RenderError);
    };
    let is_open = *is_open;
    let is_withdrawn = *is_withdrawn && !is_open;
    let (seller, title) = (&one_line(seller), &one_line(title));
    let english = format!("Your payment for {} did not arrive", shortened(title));
    let german = format!("Ihre Zahlung für {} ist nicht angekommen", shortened(title));
    fill! { language, english, german, PaymentFailed {
        seller, title, page_url, is_open, is_withdrawn
    } }
}

pub(super) fn granted(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Granted { seller, title, page_url } = content else { return Err(RenderError) };
    let (seller, title) = (&one_line(seller), &one_line(title));
    let english = format!("You have access to {}", shortened(title));
    let german = format!("Sie haben Zugang zu {}", shortened(title));
    fill!(language, english, german, Granted { seller, title, page_url })
}

pub(super) fn payment_quarantined(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PaymentQuarantined {
        title,
        reference,
        mismatch,
        visitor,
        ordered,
        paid,
        shop,
        console_url,
    } = content
    else {
        return Err(RenderError);
    };
    let (title, mismatch) = (&one_line(title), in_words(language, *mismatch));
    let (reference, shop) = (&one_line(reference), &one_line(shop));
    let visitor = &visitor.as_ref().map(Email::shown).unwrap_or_default();
    let [ordered, paid] = [ordered, paid]
        .map(|amount| amount.map(|amount| money(language, amount)).unwrap_or_default());
    let (ordered, paid) = (&ordered, &paid);
    let english = format!("A payment for {} needs your attention", shortened(title));
    let german = format!("Bitte prüfen Sie eine Zahlung für {}", shortened(title));
    fill! { language, english, german, PaymentQuarantined {
        title, reference, mismatch, visitor, ordered, paid, shop, console_url
    } }
}

pub(super) fn payment_matched(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PaymentMatched {
        title,
        reference,
        visitor,
        paid,
        is_second,
        is_held,
        shop,
        console_url,
    } = content
    else {
        return Err(RenderError);
    };
    let (is_second, is_held) = (*is_second, *is_held);
    let (title, reference) = (&one_line(title), &one_line(reference));
    let (visitor, shop) = (&visitor.shown(), &one_line(shop));
    let paid = &money(language, *paid);
    let english = format!("A payment for {} is in order after all", shortened(title));
    let german = format!("Eine Zahlung für {} ist doch in Ordnung", shortened(title));
    fill! { language, english, german, PaymentMatched {
        title, reference, visitor, paid, is_second, is_held, shop, console_url
    } }
}

pub(super) fn payment_unread(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PaymentUnread { title, reference, visitor, ordered, shop, console_url } =
        content
    else {
        return Err(RenderError);
    };
    let (title, reference) = (&one_line(title), &one_line(reference));
    let (visitor, shop) = (&visitor.shown(), &one_line(shop));
    let ordered = &money(language, *ordered);
    let english = format!("Stripe does not show a payment for {}", shortened(title));
    let german = format!("Stripe zeigt eine Zahlung für {} nicht", shortened(title));
    fill! { language, english, german, PaymentUnread {
        title, reference, visitor, ordered, shop, console_url
    } }
}

pub(super) fn account_closed(content: &MailContent, language: Language) -> Rendered {
    let MailContent::AccountClosed { shop, disconnected, refused, console_url } = content else {
        return Err(RenderError);
    };
    let (shop, disconnected) = (&one_line(shop), *disconnected);
    let refused = &refused.as_deref().map(one_line).unwrap_or_default();
    let name = shortened(shop);
    let (english, german) = if refused.is_empty() {
        (
            format!("{name} can take no payments now"),
            format!("{name} kann keine Zahlungen annehmen"),
        )
    } else {
        (
            format!("Stripe refuses a pay page of {name}"),
            format!("Stripe lehnt eine Bezahlseite von {name} ab"),
        )
    };
    fill!(language, english, german, AccountClosed { shop, disconnected, refused, console_url })
}

pub(super) fn account_ready(content: &MailContent, language: Language) -> Rendered {
    let MailContent::AccountReady { shop, console_url } = content else { return Err(RenderError) };
    let shop = &one_line(shop);
    let name = shortened(shop);
    let english = format!("{name} can take payments again");
    let german = format!("{name} kann wieder Zahlungen annehmen");
    fill!(language, english, german, AccountReady { shop, console_url })
}

/// Returns what does not match, as a part of a sentence.
fn in_words(language: Language, mismatch: Mismatch) -> &'static str {
    match (language, mismatch) {
        (Language::English, Mismatch::Session) => "it was paid on another pay page",
        (Language::English, Mismatch::Amount) => "the amount",
        (Language::English, Mismatch::Currency) => "the currency",
        (Language::English, Mismatch::Page) => "it names another page, or none",
        (Language::English, Mismatch::Payment) => "Stripe names no payment",
        (Language::English, Mismatch::Buyer) => {
            "the order is lost, and Stripe does not say whose it is"
        }
        (Language::German, Mismatch::Session) => "sie kam von einer anderen Bezahlseite",
        (Language::German, Mismatch::Amount) => "der Betrag",
        (Language::German, Mismatch::Currency) => "die Währung",
        (Language::German, Mismatch::Page) => "sie nennt eine andere Seite oder keine",
        (Language::German, Mismatch::Payment) => "Stripe nennt keine Zahlung",
        (Language::German, Mismatch::Buyer) => {
            "die Bestellung fehlt, und Stripe nennt nicht, wer bestellt hat"
        }
    }
}
