//! The subject and the parts of a mail.

use askama::Template;
use tollgate_domain::{
    email::Email,
    language::Language,
    mail::{HandleTexts, Mail, MailContent, Mismatch, RefundHindrance, SecretText, Wanted},
};
use tollgate_formats::{day_and_time, money};

use crate::{
    lines::{one_line, plain_lines, shortened},
    templates::{
        GermanHtml, GermanText, Html, HtmlSignature, HtmlStop, Text, TextSignature, TextStop,
    },
};

/// The subject and the parts of a mail. `Debug` hides them, because they may contain a sign-in
/// link.
#[derive(Clone, PartialEq, Eq)]
pub struct RenderedMail {
    /// The subject, on one line and without control characters.
    pub subject: String,
    /// The text part. Lines end in `\n`. Each link and code has a line of its own.
    pub text: String,
    /// The HTML part: a complete document without scripts or external resources.
    pub html: String,
}

impl std::fmt::Debug for RenderedMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RenderedMail(…)")
    }
}

/// A template could not be rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail cannot be rendered")]
pub struct RenderError;

/// Renders both parts of a mail from local variables with the names of the template's fields. The subject is given
/// in each language.
macro_rules! fill {
    ($language:expr, $english:expr, $german:expr, $mail:ident { $($field:ident),+ }) => {{
        let subject: String = match $language {
            Language::English => $english,
            Language::German => $german,
        };
        let (text, html) = match $language {
            Language::English => (
                Text::$mail { $($field: $field.into()),+ }.render(),
                Html::$mail { subject: (&subject).into(), $($field: $field.into()),+ }.render(),
            ),
            Language::German => (
                GermanText::$mail { $($field: $field.into()),+ }.render(),
                GermanHtml::$mail { subject: (&subject).into(), $($field: $field.into()),+ }.render(),
            ),
        };
        let (text, html) = (text.map_err(|_| RenderError)?, html.map_err(|_| RenderError)?);
        Ok(RenderedMail { subject, text, html })
    }};
}

/// Returns what a visitor signs in for: as it follows "for", and as a label.
fn wanted_in_words(language: Language, wanted: Wanted) -> (&'static str, &'static str) {
    match (language, wanted) {
        (Language::English, Wanted::Page) => ("this page", "Page"),
        (Language::English, Wanted::File) => ("this file", "File"),
        (Language::English, Wanted::GroupBuy) => ("this group buy", "Group buy"),
        (Language::German, Wanted::Page) => ("diese Seite", "Seite"),
        (Language::German, Wanted::File) => ("diese Datei", "Datei"),
        (Language::German, Wanted::GroupBuy) => ("diesen Gruppenkauf", "Gruppenkauf"),
    }
}

/// Returns what does not match, as a part of a sentence.
fn in_words(language: Language, mismatch: Mismatch) -> &'static str {
    match (language, mismatch) {
        (Language::English, Mismatch::Session) => "it was paid on another pay page",
        (Language::English, Mismatch::Amount) => "the amount",
        (Language::English, Mismatch::Currency) => "the currency",
        (Language::English, Mismatch::Page) => "it names another page, or none",
        (Language::English, Mismatch::Payment) => "Stripe names no payment",
        (Language::German, Mismatch::Session) => "sie kam von einer anderen Bezahlseite",
        (Language::German, Mismatch::Amount) => "der Betrag",
        (Language::German, Mismatch::Currency) => "die Währung",
        (Language::German, Mismatch::Page) => "sie nennt eine andere Seite oder keine",
        (Language::German, Mismatch::Payment) => "Stripe nennt keine Zahlung",
    }
}

impl RenderedMail {
    /// Renders a mail with the creator's signature, and the link that stops such mails if it has one.
    pub fn of_mail(mail: &Mail) -> Result<Self, RenderError> {
        let rendered =
            Self::of(&mail.content, mail.language)?.signed(&mail.signature, mail.language)?;
        match &mail.stop {
            Some(SecretText(address)) => rendered.stoppable(address, mail.language),
            None => Ok(rendered),
        }
    }

    fn stoppable(self, address: &str, language: Language) -> Result<Self, RenderError> {
        let label = match language {
            Language::English => "No more mails from this shop",
            Language::German => "Keine Mails mehr von diesem Shop",
        };
        let text = TextStop { label, address }.render().map_err(|_| RenderError)?;
        let html = HtmlStop { label, address }.render().map_err(|_| RenderError)?;
        self.ending_with(&text, &html)
    }

    /// Appends a text to each part.
    fn ending_with(mut self, text: &str, html: &str) -> Result<Self, RenderError> {
        self.text.push_str(text);
        // Values are escaped, so the last `</main>` is that of the template.
        let (before, after) = self.html.rsplit_once("</main>").ok_or(RenderError)?;
        self.html = format!("{before}{html}</main>{after}");
        Ok(self)
    }

    /// Appends the creator's signature to both parts.
    fn signed(self, texts: &HandleTexts, language: Language) -> Result<Self, RenderError> {
        let questions = match language {
            Language::English => "Questions? Write to",
            Language::German => "Fragen? Schreiben Sie an",
        };
        let support_email = texts.support_email.as_ref().map(Email::as_str);
        let footer = texts.mail_footer.as_deref().map(plain_lines).unwrap_or_default();
        if support_email.is_none() && footer.is_empty() {
            return Ok(self);
        }
        let joined = footer.join("\n");
        let joined = Some(joined.as_str()).filter(|text| !text.is_empty());
        let text = TextSignature { questions, support_email, footer: joined };
        let text = text.render().map_err(|_| RenderError)?;
        let footer = footer.iter().map(String::as_str).collect();
        let html = HtmlSignature { questions, support_email, footer };
        let html = html.render().map_err(|_| RenderError)?;
        self.ending_with(&text, &html)
    }

    /// Renders `content` in a language. Titles and names cannot add lines, markup or headers.
    pub fn of(content: &MailContent, language: Language) -> Result<Self, RenderError> {
        match content {
            MailContent::MagicLink {
                link,
                code,
                valid_minutes,
                valid_seconds,
                seller,
                title,
                wanted,
                sent_by_seller,
            } => {
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
                fill!(
                    language,
                    english,
                    german,
                    MagicLink { seller, title, this, label, link, code, lifetime, sent_by_seller }
                )
            }
            MailContent::VerifyEmail { link, valid_hours } => {
                let (link, lifetime) = (&link.0, &hours(language, *valid_hours));
                let english = "Confirm your e-mail address".to_owned();
                let german = "Bestätigen Sie Ihre E-Mail-Adresse".to_owned();
                fill!(language, english, german, VerifyEmail { link, lifetime })
            }
            MailContent::PasswordReset { link, valid_minutes } => {
                let (link, lifetime) = (&link.0, &minutes(language, *valid_minutes));
                let english = "Choose a new password".to_owned();
                let german = "Wählen Sie ein neues Passwort".to_owned();
                fill!(language, english, german, PasswordReset { link, lifetime })
            }
            MailContent::ConfirmMove { seller, link, from, valid_hours } => {
                let (seller, from) = (&one_line(seller), &one_line(from));
                let (link, lifetime) = (&link.0, &hours(language, *valid_hours));
                let english = format!("Confirm your new address for {}", shortened(seller));
                let german = format!("Bestätigen Sie Ihre neue Adresse für {}", shortened(seller));
                fill!(language, english, german, ConfirmMove { seller, link, from, lifetime })
            }
            MailContent::Moved { seller, from, to } => {
                let (seller, from, to) = (&one_line(seller), &one_line(from), &one_line(to));
                let english = format!("Your access to {} has moved", shortened(seller));
                let german = format!("Ihr Zugang zu {} ist umgezogen", shortened(seller));
                fill!(language, english, german, Moved { seller, from, to })
            }
            MailContent::Receipt { seller, title, page_url, paid, facts } => {
                let paid = &money(language, *paid);
                let is_open = facts.as_ref().is_none_or(|facts| facts.is_open);
                let is_second = facts.as_ref().is_some_and(|facts| facts.is_second);
                let facts = facts.as_ref().map(|facts| {
                    let date = day_and_time(language, facts.date);
                    let refunded = facts.refunded.map(|amount| money(language, amount));
                    let (number, receipt_url) = (facts.number.clone(), facts.url.clone());
                    (number, date, facts.payer.shown(), refunded, receipt_url)
                });
                let (number, date, payer, refunded, receipt_url) = &facts.unwrap_or_default();
                let refunded = refunded.as_deref().unwrap_or_default();
                let (seller, title) = (&one_line(seller), &one_line(title));
                let english = format!("Your receipt for {}", shortened(title));
                let german = format!("Ihr Beleg für {}", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    Receipt {
                        seller,
                        title,
                        page_url,
                        paid,
                        number,
                        date,
                        payer,
                        refunded,
                        is_open,
                        is_second,
                        receipt_url
                    }
                )
            }
            MailContent::PaymentFailed { seller, title, page_url } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let english = format!("Your payment for {} did not arrive", shortened(title));
                let german = format!("Ihre Zahlung für {} ist nicht angekommen", shortened(title));
                fill!(language, english, german, PaymentFailed { seller, title, page_url })
            }
            MailContent::Refunded { seller, title, amount, access_ended, was_second } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let amount = &money(language, *amount);
                let (access_ended, was_second) = (*access_ended, *was_second);
                let english = format!("Your refund for {}", shortened(title));
                let german = format!("Ihre Erstattung für {}", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    Refunded { seller, title, amount, access_ended, was_second }
                )
            }
            MailContent::RefundNotPaid { seller, title, amount, besides, page_url } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let amount = &money(language, *amount);
                let besides = &besides.map(|it| money(language, it)).unwrap_or_default();
                let page_url = page_url.as_deref().unwrap_or_default();
                let english = format!("Your refund for {} failed", shortened(title));
                let german = format!("Ihre Erstattung für {} ist fehlgeschlagen", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    RefundNotPaid { seller, title, amount, besides, page_url }
                )
            }
            MailContent::Granted { seller, title, page_url } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let english = format!("You have access to {}", shortened(title));
                let german = format!("Sie haben Zugang zu {}", shortened(title));
                fill!(language, english, german, Granted { seller, title, page_url })
            }
            MailContent::RefundFailed {
                title,
                visitor,
                amount,
                besides,
                is_open,
                shop,
                console_url,
            } => {
                let (title, visitor) = (&one_line(title), &visitor.shown());
                let shop = &one_line(shop);
                let amount = &money(language, *amount);
                let besides = &besides.map(|it| money(language, it)).unwrap_or_default();
                let (is_open, is_closed) = (*is_open == Some(true), *is_open == Some(false));
                let english = format!("A refund for {} failed", shortened(title));
                let german = format!("Eine Erstattung für {} ist fehlgeschlagen", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    RefundFailed {
                        title,
                        visitor,
                        amount,
                        besides,
                        is_open,
                        is_closed,
                        shop,
                        console_url
                    }
                )
            }
            MailContent::PaymentQuarantined {
                title,
                reference,
                mismatch,
                visitor,
                ordered,
                paid,
                shop,
                console_url,
            } => {
                let (title, mismatch) = (&one_line(title), in_words(language, *mismatch));
                let (reference, shop) = (&one_line(reference), &one_line(shop));
                let visitor = &visitor.as_ref().map(Email::shown).unwrap_or_default();
                let [ordered, paid] = [ordered, paid]
                    .map(|amount| amount.map(|amount| money(language, amount)).unwrap_or_default());
                let (ordered, paid) = (&ordered, &paid);
                let english = format!("A payment for {} needs your attention", shortened(title));
                let german = format!("Bitte prüfen Sie eine Zahlung für {}", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    PaymentQuarantined {
                        title,
                        reference,
                        mismatch,
                        visitor,
                        ordered,
                        paid,
                        shop,
                        console_url
                    }
                )
            }
            MailContent::PaymentMatched { title, reference, visitor, paid, shop, console_url } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                let (visitor, shop) = (&visitor.shown(), &one_line(shop));
                let paid = &money(language, *paid);
                let english = format!("A payment for {} is in order after all", shortened(title));
                let german = format!("Eine Zahlung für {} ist doch in Ordnung", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    PaymentMatched { title, reference, visitor, paid, shop, console_url }
                )
            }
            MailContent::PaidTwice { title, visitor, amount, hindrance, shop, console_url } => {
                let (title, visitor) = (&one_line(title), &visitor.shown());
                let shop = &one_line(shop);
                let amount = &money(language, *amount);
                let (english, german) = paid_twice_subjects(hindrance.as_ref(), title);
                let is_accepted = hindrance.is_none();
                let is_waiting = matches!(hindrance, Some(RefundHindrance::Balance));
                let is_restricted = matches!(hindrance, Some(RefundHindrance::Restricted));
                let is_given_up = matches!(hindrance, Some(RefundHindrance::StillRestricted));
                let is_disconnected = matches!(hindrance, Some(RefundHindrance::Disconnected));
                let refused = &match hindrance {
                    Some(RefundHindrance::Refused(reason)) => one_line(reason),
                    _ => String::new(),
                };
                fill!(
                    language,
                    english,
                    german,
                    PaidTwice {
                        title,
                        visitor,
                        amount,
                        is_accepted,
                        is_waiting,
                        is_restricted,
                        is_given_up,
                        is_disconnected,
                        refused,
                        shop,
                        console_url
                    }
                )
            }
            MailContent::Disputed {
                title,
                visitor,
                reference,
                amount,
                respond_by,
                shop,
                console_url,
            } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                let shop = &one_line(shop);
                let visitor = &visitor.shown();
                let amount = &amount.map(|amount| money(language, amount)).unwrap_or_default();
                let deadline = &respond_by.map(|at| day_and_time(language, at)).unwrap_or_default();
                let english = format!("A payment for {} is disputed", shortened(title));
                let german = format!("Eine Zahlung für {} ist angefochten", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    Disputed { title, visitor, reference, amount, deadline, shop, console_url }
                )
            }
            MailContent::DisputeDecided {
                shop,
                title,
                visitor,
                reference,
                is_won,
                console_url,
            } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                let (shop, visitor, is_won) = (&one_line(shop), &visitor.shown(), *is_won);
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
                fill!(
                    language,
                    english,
                    german,
                    DisputeDecided { shop, title, visitor, reference, is_won, console_url }
                )
            }
            MailContent::AccessDisputed { seller, title, is_over, page_url } => {
                let (seller, title, is_over) = (&one_line(seller), &one_line(title), *is_over);
                let page_url = page_url.as_deref().unwrap_or_default();
                let short = shortened(title);
                let (english, german) = match (is_over, page_url.is_empty()) {
                    (false, _) => (
                        format!("Your access to {short} is paused"),
                        format!("Ihr Zugang zu {short} ruht"),
                    ),
                    (true, false) => (
                        format!("Your access to {short} is back"),
                        format!("Ihr Zugang zu {short} ist wieder da"),
                    ),
                    (true, true) => (
                        format!("Your access to {short} has ended"),
                        format!("Ihr Zugang zu {short} ist beendet"),
                    ),
                };
                fill!(
                    language,
                    english,
                    german,
                    AccessDisputed { seller, title, is_over, page_url }
                )
            }
            MailContent::AccountClosed { shop, disconnected, refused, console_url } => {
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
                fill!(
                    language,
                    english,
                    german,
                    AccountClosed { shop, disconnected, refused, console_url }
                )
            }
            MailContent::GroupBuyActivated { seller, title, price, offer_url, ends_at } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let (price, end) = (&money(language, *price), &day_and_time(language, *ends_at));
                let english = format!("{} is on: your group price", shortened(title));
                let german = format!("{} ist da: Ihr Gruppenpreis", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    GroupBuyActivated { seller, title, price, offer_url, end }
                )
            }
            MailContent::GroupBuyReached { shop, title, joined, target, console_url } => {
                let (shop, title) = (&one_line(shop), &one_line(title));
                let (joined, target) = (&joined.to_string(), &target.to_string());
                let english = format!("{} has reached its target", shortened(title));
                let german = format!("{} hat das Ziel erreicht", shortened(title));
                fill!(
                    language,
                    english,
                    german,
                    GroupBuyReached { shop, title, joined, target, console_url }
                )
            }
            MailContent::GroupBuyExpired { seller, title } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let english = format!("{} did not come about", shortened(title));
                let german = format!("{} kommt nicht zustande", shortened(title));
                fill!(language, english, german, GroupBuyExpired { seller, title })
            }
            MailContent::GroupBuyCancelled { seller, title } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let english = format!("{} was called off", shortened(title));
                let german = format!("{} wurde abgesagt", shortened(title));
                fill!(language, english, german, GroupBuyCancelled { seller, title })
            }
        }
    }
}

/// Returns the subjects of a mail about a second payment, in English and in German.
fn paid_twice_subjects(hindrance: Option<&RefundHindrance>, title: &str) -> (String, String) {
    let title = shortened(title);
    match hindrance {
        None => (
            format!("A second payment for {title} is given back"),
            format!("Eine zweite Zahlung für {title} wird erstattet"),
        ),
        Some(RefundHindrance::Balance | RefundHindrance::Restricted) => (
            format!("A second payment for {title} is not given back yet"),
            format!("Eine zweite Zahlung für {title} ist noch nicht erstattet"),
        ),
        Some(
            RefundHindrance::StillRestricted
            | RefundHindrance::Disconnected
            | RefundHindrance::Refused(_),
        ) => (
            format!("Please give a second payment for {title} back"),
            format!("Bitte erstatten Sie eine zweite Zahlung für {title}"),
        ),
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
