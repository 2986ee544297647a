//! The subject and the parts of a mail.

use askama::Template;
use tollgate_domain::{
    email::Email,
    mail::{HandleTexts, Mail, MailContent},
};

use crate::templates::{Html, HtmlSignature, Text, TextSignature};

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

/// The limit of a title in a subject, in characters. Mail programs show fewer.
const MAX_IN_SUBJECT: usize = 80;

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
    /// Renders a mail with the creator's signature.
    pub fn of_mail(mail: &Mail) -> Result<Self, RenderError> {
        Self::of(&mail.content)?.signed(&mail.signature)
    }

    /// Appends the creator's signature to both parts.
    fn signed(mut self, texts: &HandleTexts) -> Result<Self, RenderError> {
        let support_email = texts.support_email.as_ref().map(Email::as_str);
        let footer = texts.mail_footer.as_deref().map(plain_lines).unwrap_or_default();
        if support_email.is_none() && footer.is_empty() {
            return Ok(self);
        }
        let joined = footer.join("\n");
        let joined = Some(joined.as_str()).filter(|text| !text.is_empty());
        let text = TextSignature { support_email, footer: joined };
        self.text = format!("{}{}", self.text, text.render().map_err(|_| RenderError)?);
        let footer = footer.iter().map(String::as_str).collect();
        let html = HtmlSignature { support_email, footer };
        let html = html.render().map_err(|_| RenderError)?;
        // Values are escaped, so the last `</main>` is that of the template.
        let (before, after) = self.html.rsplit_once("</main>").ok_or(RenderError)?;
        self.html = format!("{before}{html}</main>{after}");
        Ok(self)
    }

    /// Renders `content`. Titles and names cannot add lines, markup or headers.
    pub fn of(content: &MailContent) -> Result<Self, RenderError> {
        match content {
            MailContent::MagicLink { link, code, valid_minutes } => {
                let (link, code) = (&link.0, &code.0);
                let lifetime = &match valid_minutes {
                    1 => "1 minute".to_owned(),
                    minutes => format!("{minutes} minutes"),
                };
                fill!("Your sign-in link".to_owned(), MagicLink { link, code, lifetime })
            }
            MailContent::Receipt { seller, title, page_url, paid } => {
                let paid = *paid;
                let (seller, title) = (&one_line(seller), &one_line(title));
                let subject = format!("Your receipt for {}", shortened(title));
                fill!(subject, Receipt { seller, title, page_url, paid })
            }
            MailContent::PaymentFailed { title, page_url } => {
                let title = &one_line(title);
                let subject = format!("Your payment for {} did not arrive", shortened(title));
                fill!(subject, PaymentFailed { title, page_url })
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
            MailContent::Disputed { title, visitor, reference } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                let visitor = visitor.as_str();
                let subject = format!("A payment for {} is disputed", shortened(title));
                fill!(subject, Disputed { title, visitor, reference })
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

/// Returns `text` on one line, without control characters and direction marks.
fn one_line(text: &str) -> String {
    let text = text.replace(is_direction_mark, "");
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the lines of a text, each without control characters and direction marks.
fn plain_lines(text: &str) -> Vec<String> {
    text.lines().map(one_line).collect()
}

/// Returns whether a character is an embedding, override or isolate of Unicode, which changes the
/// direction of the text after it.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= MAX_IN_SUBJECT {
        return line.to_owned();
    }
    let start: String = line.chars().take(MAX_IN_SUBJECT - 1).collect();
    format!("{}…", start.trim_end())
}
