//! A mail as the bytes of RFC 5322.

use lettre::{
    Address, Message,
    message::{
        Body, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use tollgate_domain::{
    Timestamp,
    outbox::{Mail, MailError},
};

use crate::{rendering::RenderedMail, sender::Sender};

/// Longest line that RFC 5322 §2.1.1 lets a message have, without its line end.
const MAX_LINE: usize = 998;

/// What the other side takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Any bytes (8BITMIME, or a file).
    EightBit,
    /// ASCII only.
    SevenBit,
}

/// The same mail always becomes the same bytes: a retry is the same message to everyone who sees it.
pub(crate) fn compose(mail: &Mail, from: &Sender, wire: Wire) -> Result<Message, MailError> {
    let words =
        RenderedMail::of_mail(mail).map_err(|error| MailError::Permanent(error.to_string()))?;
    let to: Address = mail.to.as_str().parse().map_err(|_| {
        MailError::Permanent("the recipient's address cannot be written".to_owned())
    })?;
    let part = |kind, text: &str| SinglePart::builder().content_type(kind).body(body(text, wire));
    Message::builder()
        .from(from.mailbox().clone())
        .to(to.into())
        .subject(words.subject)
        // The header's type cannot say a year before 1970, and would panic.
        .date(mail.queued_at.max(Timestamp::UNIX_EPOCH).into())
        .message_id(Some(format!("<{}@{}>", mail.id, from.host())))
        // RFC 3834 §5: keeps vacation notices and other robots from answering.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(
            // The id has 80 random bits, so no text that a person wrote holds the boundary.
            MultiPart::alternative()
                .boundary(format!("part_{}", mail.id))
                .singlepart(part(ContentType::TEXT_PLAIN, &words.text))
                .singlepart(part(ContentType::TEXT_HTML, &words.html)),
        )
        .map_err(|_| MailError::Permanent("the message cannot be written".to_owned()))
}

/// Writes a part literally where the wire allows it, so that a link stays on one line for every
/// reader, also one that does not decode. The choice that lettre makes by itself would write each
/// line above 76 characters as quoted-printable, which breaks a link in two.
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
            // Never refused: this encoding can write everything.
            Body::new_with_encoding(text, encoding).unwrap_or_else(Body::new)
        }
        _ => Body::dangerous_pre_encoded(text.into_bytes(), encoding),
    }
}
