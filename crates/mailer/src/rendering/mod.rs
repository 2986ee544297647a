//! The subject and the parts of a mail.

use askama::Template;
use tollgate_domain::{
    language::Language,
    mail::{HandleTexts, Mail, MailContent, SecretText},
};
use tollgate_formats::MailEnd;

use crate::templates::{HtmlSignature, HtmlStop, TextSignature, TextStop};

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

/// What the functions of the groups of mails return. Each is called for the content that it is named after.
type Rendered = Result<RenderedMail, RenderError>;

/// Renders both parts of a mail from local variables with the names of the template's fields. The subject is given
/// in each language.
macro_rules! fill {
    ($language:expr, $english:expr, $german:expr, $mail:ident { $($field:ident),+ }) => {{
        use askama::Template as _;
        use $crate::templates::{GermanHtml, GermanText, Html, Text};

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

// These use the macro above.
mod accounts;
mod disputes;
mod group_buys;
mod purchases;
mod refunds;

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
        let Some(end) = MailEnd::of(texts, language) else { return Ok(self) };
        let text = TextSignature { end: &end }.render().map_err(|_| RenderError)?;
        let html = HtmlSignature { end: &end }.render().map_err(|_| RenderError)?;
        self.ending_with(&text, &html)
    }

    /// Renders `content` in a language. Titles and names cannot add lines, markup or headers.
    pub fn of(content: &MailContent, language: Language) -> Result<Self, RenderError> {
        match content {
            MailContent::MagicLink { .. } => accounts::magic_link(content, language),
            MailContent::VerifyEmail { .. } => accounts::verify_email(content, language),
            MailContent::PasswordReset { .. } => accounts::password_reset(content, language),
            MailContent::ConfirmMove { .. } => accounts::confirm_move(content, language),
            MailContent::Moved { .. } => accounts::moved(content, language),
            MailContent::Receipt { .. } => purchases::receipt(content, language),
            MailContent::PaymentFailed { .. } => purchases::payment_failed(content, language),
            MailContent::Refunded { .. } => refunds::refunded(content, language),
            MailContent::RefundNotPaid { .. } => refunds::refund_not_paid(content, language),
            MailContent::Granted { .. } => purchases::granted(content, language),
            MailContent::RefundFailed { .. } => refunds::refund_failed(content, language),
            MailContent::PaymentQuarantined { .. } => {
                purchases::payment_quarantined(content, language)
            }
            MailContent::PaymentMatched { .. } => purchases::payment_matched(content, language),
            MailContent::PaymentUnread { .. } => purchases::payment_unread(content, language),
            MailContent::PaidTwice { .. } => refunds::paid_twice(content, language),
            MailContent::Disputed { .. } => disputes::disputed(content, language),
            MailContent::Inquiry { .. } => disputes::inquiry(content, language),
            MailContent::DisputeDecided { .. } => disputes::dispute_decided(content, language),
            MailContent::AccessDisputed { .. } => disputes::access_disputed(content, language),
            MailContent::AccountClosed { .. } => purchases::account_closed(content, language),
            MailContent::AccountReady { .. } => purchases::account_ready(content, language),
            MailContent::GroupBuyActivated { .. } => {
                group_buys::group_buy_activated(content, language)
            }
            MailContent::GroupBuyReached { .. } => group_buys::group_buy_reached(content, language),
            MailContent::GroupBuyMissed { .. } => group_buys::group_buy_missed(content, language),
            MailContent::GroupBuyExpired { .. } => group_buys::group_buy_expired(content, language),
            MailContent::GroupBuyCancelled { .. } => {
                group_buys::group_buy_cancelled(content, language)
            }
        }
    }
}
