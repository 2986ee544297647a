//! Mails about signing in, accounts and addresses.

use tollgate_domain::{
    language::Language,
    mail::{MailContent, SignInTarget},
};

use super::{RenderError, Rendered, RenderedMail};
use crate::lines::{one_line, shortened};

pub(super) fn magic_link(content: &MailContent, language: Language) -> Rendered {
    let MailContent::MagicLink {
        link,
        code,
        valid_minutes,
        valid_seconds,
        seller,
        title,
        wanted,
        sent_by_seller,
    } = content
    else {
        return Err(RenderError);
    };
    let (link, code) = (&link.0, &in_groups(&code.0));
    let lifetime = &match valid_seconds {
        Some(number) => seconds(language, *number),
        None => minutes(language, *valid_minutes),
    };
    let (this, label) = wanted_in_words(language, *wanted);
    let seller = &seller.as_deref().map(one_line).unwrap_or_default();
    let title = &title.as_deref().map(one_line).unwrap_or_default();
    let sent_by_seller = *sent_by_seller && !seller.is_empty();
    let (english, german) = if seller.is_empty() {
        (format!("Your sign-in code: {code}"), format!("Ihr Code zum Anmelden: {code}"))
    } else {
        let seller = shortened(seller);
        let german = format!("Anmelden bei {seller}: Code {code}");
        (format!("Sign in to {seller}: code {code}"), german)
    };
    fill! { language, english, german, MagicLink {
        seller, title, this, label, link, code, lifetime, sent_by_seller
    } }
}

pub(super) fn verify_email(content: &MailContent, language: Language) -> Rendered {
    let MailContent::VerifyEmail { link, valid_hours } = content else { return Err(RenderError) };
    let (link, lifetime) = (&link.0, &hours(language, *valid_hours));
    let english = "Confirm your e-mail address".to_owned();
    let german = "Bestätigen Sie Ihre E-Mail-Adresse".to_owned();
    fill!(language, english, german, VerifyEmail { link, lifetime })
}

pub(super) fn password_reset(content: &MailContent, language: Language) -> Rendered {
    let MailContent::PasswordReset { link, valid_minutes } = content else {
        return Err(RenderError);
    };
    let (link, lifetime) = (&link.0, &minutes(language, *valid_minutes));
    let english = "Choose a new password".to_owned();
    let german = "Wählen Sie ein neues Passwort".to_owned();
    fill!(language, english, german, PasswordReset { link, lifetime })
}

pub(super) fn confirm_move(content: &MailContent, language: Language) -> Rendered {
    let MailContent::ConfirmMove { seller, link, from, valid_hours } = content else {
        return Err(RenderError);
    };
    let (seller, from) = (&one_line(seller), &one_line(from));
    let (link, lifetime) = (&link.0, &hours(language, *valid_hours));
    let english = format!("Confirm your new address for {}", shortened(seller));
    let german = format!("Bestätigen Sie Ihre neue Adresse für {}", shortened(seller));
    fill!(language, english, german, ConfirmMove { seller, link, from, lifetime })
}

pub(super) fn moved(content: &MailContent, language: Language) -> Rendered {
    let MailContent::Moved { seller, from, to } = content else { return Err(RenderError) };
    let (seller, from, to) = (&one_line(seller), &one_line(from), &one_line(to));
    let english = format!("Your access to {} has moved", shortened(seller));
    let german = format!("Ihr Zugang zu {} wurde übertragen", shortened(seller));
    fill!(language, english, german, Moved { seller, from, to })
}

/// Returns what a visitor signs in for: as it follows "for", and as a label.
fn wanted_in_words(language: Language, wanted: SignInTarget) -> (&'static str, &'static str) {
    match (language, wanted) {
        (Language::English, SignInTarget::Page) => ("this page", "Page"),
        (Language::English, SignInTarget::File) => ("this file", "File"),
        (Language::English, SignInTarget::GroupBuy) => ("this group buy", "Group buy"),
        (Language::German, SignInTarget::Page) => ("diese Seite", "Seite"),
        (Language::German, SignInTarget::File) => ("diese Datei", "Datei"),
        (Language::German, SignInTarget::GroupBuy) => ("diesen Gruppenkauf", "Gruppenkauf"),
    }
}

/// Returns six digits in two groups of three, which are easier to read and to type.
fn in_groups(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

/// Returns a number of seconds in words, as they follow "within".
fn seconds(language: Language, number: i64) -> String {
    match (language, number) {
        (Language::English, 1) => "1 second".to_owned(),
        (Language::English, number) => format!("{number} seconds"),
        (Language::German, 1) => "1 Sekunde".to_owned(),
        (Language::German, number) => format!("{number} Sekunden"),
    }
}

/// Returns a number of minutes in words, as they follow "within".
fn minutes(language: Language, number: i64) -> String {
    match (language, number) {
        (Language::English, 1) => "1 minute".to_owned(),
        (Language::English, number) => format!("{number} minutes"),
        (Language::German, 1) => "1 Minute".to_owned(),
        (Language::German, number) => format!("{number} Minuten"),
    }
}

/// Returns a number of hours in words, as they follow "within"; in days if there are several whole ones.
fn hours(language: Language, number: i64) -> String {
    let days = (number > 24 && number % 24 == 0).then_some(number / 24);
    match (language, days, number) {
        (Language::English, Some(days), _) => format!("{days} days"),
        (Language::English, None, 1) => "1 hour".to_owned(),
        (Language::English, None, number) => format!("{number} hours"),
        (Language::German, Some(days), _) => format!("{days} Tagen"),
        (Language::German, None, 1) => "1 Stunde".to_owned(),
        (Language::German, None, number) => format!("{number} Stunden"),
    }
}
