//! What a mail says, in words.

use askama::Template;
use tollgate_domain::{email::Email, money::Money, outbox::MailContent};

/// The words of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// One line without control characters.
    pub subject: String,
    /// The part for programs that show no HTML. Lines end in `\n`. A link or a code stands alone on
    /// its line.
    pub text: String,
    /// A whole HTML document without scripts and without anything to be fetched.
    pub html: String,
}

/// Words may hold a link that signs someone in.
impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words(…)")
    }
}

/// A template could not be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the mail cannot be put in words")]
pub struct WordsError;

/// Most characters of a title in a subject; mail programs show fewer.
const LONGEST_IN_SUBJECT: usize = 80;

#[derive(Template)]
enum Text<'a> {
    #[template(path = "magic_link.txt")]
    MagicLink { link: &'a str, code: &'a str, lifetime: &'a str },
    #[template(path = "receipt.txt")]
    Receipt { seller: &'a str, title: &'a str, page_url: &'a str, paid: Money },
    #[template(path = "payment_failed.txt")]
    PaymentFailed { title: &'a str, page_url: &'a str },
    #[template(path = "refunded.txt")]
    Refunded { seller: &'a str, title: &'a str, amount: Money, access_ended: bool },
    #[template(path = "refund_failed.txt")]
    RefundFailed { title: &'a str, visitor: &'a Email, amount: Money },
    #[template(path = "payment_quarantined.txt")]
    PaymentQuarantined { title: &'a str, reference: &'a str, mismatch: &'a str },
    #[template(path = "disputed.txt")]
    Disputed { title: &'a str, visitor: &'a Email, reference: &'a str },
}

#[derive(Template)]
enum Html<'a> {
    #[template(path = "magic_link.html")]
    MagicLink { subject: &'a str, link: &'a str, code: &'a str, lifetime: &'a str },
    #[template(path = "receipt.html")]
    Receipt { subject: &'a str, seller: &'a str, title: &'a str, page_url: &'a str, paid: Money },
    #[template(path = "payment_failed.html")]
    PaymentFailed { subject: &'a str, title: &'a str, page_url: &'a str },
    #[template(path = "refunded.html")]
    Refunded { subject: &'a str, seller: &'a str, title: &'a str, amount: Money, access_ended: bool },
    #[template(path = "refund_failed.html")]
    RefundFailed { subject: &'a str, title: &'a str, visitor: &'a Email, amount: Money },
    #[template(path = "payment_quarantined.html")]
    PaymentQuarantined { subject: &'a str, title: &'a str, reference: &'a str, mismatch: &'a str },
    #[template(path = "disputed.html")]
    Disputed { subject: &'a str, title: &'a str, visitor: &'a Email, reference: &'a str },
}

impl Words {
    /// Puts `content` in words. What people typed (titles, names) cannot add lines, markup or headers.
    pub fn of(content: &MailContent) -> Result<Self, WordsError> {
        match content {
            MailContent::MagicLink { link, code, valid_minutes } => {
                let lifetime = &match valid_minutes {
                    1 => "1 minute".to_owned(),
                    minutes => format!("{minutes} minutes"),
                };
                Self::fill(
                    "Your sign-in link".to_owned(),
                    &Text::MagicLink { link: &link.0, code: &code.0, lifetime },
                )
            }
            MailContent::Receipt { seller, title, page_url, paid } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                Self::fill(
                    format!("Your receipt for {}", shortened(title)),
                    &Text::Receipt { seller, title, page_url, paid: *paid },
                )
            }
            MailContent::PaymentFailed { title, page_url } => {
                let title = &one_line(title);
                Self::fill(
                    format!("Your payment for {} did not arrive", shortened(title)),
                    &Text::PaymentFailed { title, page_url },
                )
            }
            MailContent::Refunded { seller, title, amount, access_ended } => {
                let (seller, title) = (&one_line(seller), &one_line(title));
                Self::fill(
                    format!("Your refund for {}", shortened(title)),
                    &Text::Refunded { seller, title, amount: *amount, access_ended: *access_ended },
                )
            }
            MailContent::RefundFailed { title, visitor, amount } => {
                let title = &one_line(title);
                Self::fill(
                    format!("A refund for {} failed", shortened(title)),
                    &Text::RefundFailed { title, visitor, amount: *amount },
                )
            }
            MailContent::PaymentQuarantined { title, reference, mismatch } => {
                let (title, reference, mismatch) =
                    (&one_line(title), &one_line(reference), &one_line(mismatch));
                Self::fill(
                    format!("A payment for {} needs your attention", shortened(title)),
                    &Text::PaymentQuarantined { title, reference, mismatch },
                )
            }
            MailContent::Disputed { title, visitor, reference } => {
                let (title, reference) = (&one_line(title), &one_line(reference));
                Self::fill(
                    format!("A payment for {} is disputed", shortened(title)),
                    &Text::Disputed { title, visitor, reference },
                )
            }
        }
    }

    fn fill(subject: String, text: &Text<'_>) -> Result<Self, WordsError> {
        let (text, html) = fill(&subject, text).map_err(|_| WordsError)?;
        Ok(Self { subject, text, html })
    }
}

/// `text` on one line, without control characters and without the marks that turn the direction of
/// writing for everything after them.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.replace(is_direction_mark, "")
}

/// Unicode's explicit embeddings, overrides and isolates.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn shortened(line: &str) -> String {
    if line.chars().count() <= LONGEST_IN_SUBJECT {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST_IN_SUBJECT - 1).collect();
    format!("{}…", start.trim_end())
}
