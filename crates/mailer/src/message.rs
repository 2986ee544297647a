//! Mails as RFC 5322 messages.

use lettre::{
    Address, Message,
    message::{
        Body, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use tollgate_domain::{
    Timestamp,
    mail::{Mail, SecretText, ports::MailError},
};

use crate::{lines::wrapped, rendering::RenderedMail, sender::Sender};

/// The limit of a line without its line end, in bytes. Source: RFC 5322 §2.1.1.
const MAX_LINE: usize = 998;

/// The bytes that the receiver of a message accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Any bytes (8BITMIME, or a file).
    EightBit,
    /// ASCII only.
    SevenBit,
}

/// Builds the message of a mail. The same mail always has the same bytes, so that a retry is
/// recognized as the same message.
pub(crate) fn compose(mail: &Mail, from: &Sender, wire: Wire) -> Result<Message, MailError> {
    let rendered =
        RenderedMail::of_mail(mail).map_err(|error| MailError::Permanent(error.to_string()))?;
    let to: Address = mail.to.as_str().parse().map_err(|_| {
        MailError::Permanent("the recipient's address cannot be written".to_owned())
    })?;
    let part = |kind, text: &str| SinglePart::builder().content_type(kind).body(body(text, wire));
    let mut message = Message::builder().raw_header(from.header(mail.content.seller()));
    if let Some(address) = support_address(mail) {
        message = message.reply_to(address.into());
    }
    // Mail programs show a button of their own, which needs no page. Source: RFC 8058.
    if let Some(SecretText(address)) = &mail.stop {
        message = message
            .raw_header(header("List-Unsubscribe", format!("<{address}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    message
        .to(to.into())
        .subject(literal(&rendered.subject))
        // The header's type panics for a time before 1970.
        .date(mail.queued_at.max(Timestamp::UNIX_EPOCH).into())
        .message_id(Some(format!("<{}@{}>", mail.id, from.host())))
        // Prevents automatic replies. Source: RFC 3834 §5.
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
        .multipart(
            // The id has 80 random bits, so the text cannot contain the boundary.
            MultiPart::alternative()
                .boundary(format!("part_{}", mail.id))
                .singlepart(part(ContentType::TEXT_PLAIN, &wrapped(&rendered.text, MAX_LINE)))
                .singlepart(part(ContentType::TEXT_HTML, &rendered.html)),
        )
        .map_err(|_| MailError::Permanent("the message cannot be written".to_owned()))
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// Returns where the recipient of a mail in a seller's name gets help from the seller.
pub(crate) fn support_address(mail: &Mail) -> Option<Address> {
    mail.content.seller()?;
    mail.signature.support_email.as_ref()?.as_str().parse().ok()
}

/// Returns a subject that mail programs show as it is. A typed text such as `=?utf-8?q?…?=` would be
/// decoded, so an invisible character breaks its start. Source: RFC 2047 §2.
fn literal(subject: &str) -> String {
    subject.replace("=?", "=\u{2060}?")
}

/// Encodes a part. Text is sent unencoded if the wire allows it, so that a link stays on one line
/// even for readers that do not decode. By default, lettre would encode lines of more than 76
/// characters as quoted-printable, which splits links.
fn body(text: &str, wire: Wire) -> Body {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    let lines_fit = text.split("\r\n").all(|line| line.len() <= MAX_LINE);
    let encoding = match wire {
        _ if !lines_fit => ContentTransferEncoding::QuotedPrintable,
        _ if text.is_ascii() => ContentTransferEncoding::SevenBit,
        Wire::EightBit => ContentTransferEncoding::EightBit,
        Wire::SevenBit => ContentTransferEncoding::QuotedPrintable,
    };
    match encoding {
        ContentTransferEncoding::QuotedPrintable => {
            // Does not fail, because this encoding can represent every text.
            Body::new_with_encoding(text, encoding).unwrap_or_else(Body::new)
        }
        _ => Body::dangerous_pre_encoded(text.into_bytes(), encoding),
    }
}
