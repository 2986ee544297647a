//! The subject and the parts of a mail.

use askama::Template;
use tollgate_domain::{
    email::Email,
    mail::{HandleTexts, Mail, MailContent, SecretText},
};

use crate::{
    lines::{one_line, plain_lines, shortened},
    templates::{Html, HtmlSignature, HtmlStop, Text, TextSignature, TextStop},
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

/// Renders both parts of a mail from local variables with the names of the template's fields.
macro_rules! fill {
    ($subject:expr, $mail:ident { $($field:ident),+ }) => {{
        let subject: String = $subject;
        let text = Text::$mail { $($field: $field.into()),+ };
        let html = Html::$mail { subject: (&subject).into(), $($field: $field.into()),+ };
        let text = text.render().map_err(|_| RenderError)?;
        let html = html.render().map_err(|_| RenderError)?;
        Ok(RenderedMail { subject, text, html })
    }};
}

impl RenderedMail {
    /// Renders a mail with the creator's signature, and the link that stops such mails if it has one.
    pub fn of_mail(mail: &Mail) -> Result<Self, RenderError> {
        let rendered = Self::of(&mail.content)?.signed(&mail.signature)?;
        match &mail.stop {
            Some(SecretText(address)) => rendered.stoppable(address),
            None => Ok(rendered),
        }
    }

    fn stoppable(self, address: &str) -> Result<Self, RenderError> {
        let text = TextStop { address }.render().map_err(|_| RenderError)?;
        let html = HtmlStop { address }.render().map_err(|_| RenderError)?;
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
    fn signed(self, texts: &HandleTexts) -> Result<Self, RenderError> {
        let support_email = texts.support_email.as_ref().map(Email::as_str);
        let footer = texts.mail_footer.as_deref().map(plain_lines).unwrap_or_default();
        if support_email.is_none() && footer.is_empty() {
            return Ok(self);
        }
        let joined = footer.join("\n");
        let joined = Some(joined.as_str()).filter(|text| !text.is_empty());
        let text = TextSignature { support_email, footer: joined };
        let text = text.render().map_err(|_| RenderError)?;
        let footer = footer.iter().map(String::as_str).collect();
        let html = HtmlSignature { support_email, footer };
        let html = html.render().map_err(|_| RenderError)?;
        self.ending_with(&text, &html)
    }

    /// Renders `content`. Titles and names cannot add lines, markup or headers.
    pub fn of(content: &MailContent) -> Result<Self, RenderError> {
        match content {
            MailContent::MagicLink { link, code, valid_minutes, seller, title } => {
                let (link, code) = (&link.0, &in_groups(&code.0));
                let lifetime = &duration(*valid_minutes, "minute");
                let seller = &seller.as_deref().map(one_line).unwrap_or_default();
                let title = &title.as_deref().map(one_line).unwrap_or_default();
                let subject = if seller.is_empty() {
                    format!("Your sign-in code: {code}")
                } else {
                    format!("Sign in to {}: code {code}", shortened(seller))
                };
                fill!(subject, MagicLink { seller, title, link, code, lifetime })
            }
            MailContent::VerifyEmail { link, valid_hours } => {
                let (link, lifetime) = (&link.0, &duration(*valid_hours, "hour"));
                fill!("Confirm your e-mail address".to_owned(), VerifyEmail { link, lifetime })
            }
            MailContent::PasswordReset { link, valid_minutes } => {
                let (link, lifetime) = (&link.0, &duration(*valid_minutes, "minute"));
                fill!("Choose a new password".to_owned(), PasswordReset { link, lifetime })
            }
            MailContent::ConfirmMove { seller, link, from, valid_hours } => {
                let (seller, from) = (&one_line(seller), &one_line(from));
                let (link, lifetime) = (&link.0, &duration(*valid_hours, "hour"));
                let subject = format!("Confirm your new address for {}", shortened(seller));
                fill!(subject, ConfirmMove { seller, link, from, lifetime })
            }
            MailContent::Moved { seller, from, to } => {
                let (seller, from, to) = (&one_line(seller), &one_line(from), &one_line(to));
                let subject = format!("Your access to {} has moved", shortened(seller));
                fill!(subject, Moved { seller, from, to })
            }
            MailContent::Receipt { seller, title, page_url, paid } => {
                let paid = *paid;
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("Your receipt for {}", shortened(title));
                fill!(subject, Receipt { seller, title, page_url, paid })
            }
            MailContent::PaymentFailed { seller, title, page_url } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("Your payment for {} did not arrive", shortened(title));
                fill!(subject, PaymentFailed { seller, title, page_url })
            }
            MailContent::Refunded { seller, title, amount, access_ended } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let (amount, access_ended) = (*amount, *access_ended);
                let subject = format!("Your refund for {}", shortened(title));
                fill!(subject, Refunded { seller, title, amount, access_ended })
            }
            MailContent::Granted { seller, title, page_url } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("You have access to {}", shortened(title));
                fill!(subject, Granted { seller, title, page_url })
            }
            MailContent::RefundFailed { title, visitor, amount } => {
                let (title, visitor, amount) = (&one_line(title), visitor.as_str(), *amount);
                let subject = format!("A refund for {} failed", shortened(title));
                fill!(subject, RefundFailed { title, visitor, amount })
            }
            MailContent::PaymentQuarantined { title, reference, mismatch } => {
                let (title, mismatch) = (&one_line(title), &one_line(mismatch));
                let reference = &one_line(reference);
                let subject = format!("A payment for {} needs your attention", shortened(title));
                fill!(subject, PaymentQuarantined { title, reference, mismatch })
            }
            MailContent::PaidTwice { title, visitor, amount } => {
                let (title, visitor, amount) = (&one_line(title), visitor.as_str(), *amount);
                let subject = format!("A second payment for {} is given back", shortened(title));
                fill!(subject, PaidTwice { title, visitor, amount })
            }
            MailContent::Disputed { title, visitor, reference } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                let visitor = visitor.as_str();
                let subject = format!("A payment for {} is disputed", shortened(title));
                fill!(subject, Disputed { title, visitor, reference })
            }
            MailContent::AccountClosed { shop, disconnected } => {
                let (shop, disconnected) = (&one_line(shop), *disconnected);
                let subject = format!("{} can take no payments now", shortened(shop));
                fill!(subject, AccountClosed { shop, disconnected })
            }
            MailContent::GroupBuyActivated { seller, title, price, offer_url, ends_at } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let (price, end) = (*price, &ends_at.strftime("%Y-%m-%d %H:%M UTC").to_string());
                let subject = format!("{} is on: your group price", shortened(title));
                fill!(subject, GroupBuyActivated { seller, title, price, offer_url, end })
            }
            MailContent::GroupBuyExpired { seller, title } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("{} did not come about", shortened(title));
                fill!(subject, GroupBuyExpired { seller, title })
            }
            MailContent::GroupBuyCancelled { seller, title } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("{} was called off", shortened(title));
                fill!(subject, GroupBuyCancelled { seller, title })
            }
        }
    }
}

/// Returns six digits in two groups of three, which are easier to read and to type.
fn in_groups(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

/// Returns a number of units in words.
fn duration(number: i64, unit: &str) -> String {
    match number {
        1 => format!("1 {unit}"),
        number => format!("{number} {unit}s"),
    }
}
