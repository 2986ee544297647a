//! The sender of mails.

use std::str::FromStr;

use lettre::{
    Address,
    message::{
        Mailbox, Mailboxes,
        header::{self, Header, HeaderValue},
    },
};
use tollgate_domain::email::ascii_domain;

use crate::lines::{one_line, shortened};

/// The length that lines of a header should not exceed. Source: RFC 5322 §2.1.1.
const MAX_LINE: usize = 78;

/// The mailbox in the `From` header and the envelope, such as `Tollgate <no-reply@example.com>`. The name
/// of a mail in a seller's name also has the seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is not a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a mailbox such as \"Tollgate <no-reply@example.com>\"")]
pub struct SenderError;

impl Sender {
    /// Parses `address` or `Name <address>`. The name may be in quotes, as in headers. The domain may be a host without
    /// dots; it is sent in ASCII. The part before it must be ASCII, because not every mail server accepts other senders.
    pub fn parse(text: &str) -> Result<Self, SenderError> {
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>') {
            Some(rest) => rest.rsplit_once('<').ok_or(SenderError)?,
            None => ("", text),
        };
        let name = unquoted(name.trim()).ok_or(SenderError)?;
        let name = name.trim();
        if name.contains(char::is_control) {
            return Err(SenderError);
        }
        let (user, domain) = address.trim().rsplit_once('@').ok_or(SenderError)?;
        let domain = if domain.is_ascii() {
            domain.to_owned()
        } else {
            ascii_domain(domain).map_err(|_| SenderError)?
        };
        let address = Address::new(user, domain).map_err(|_| SenderError)?;
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b',' | b';');
        if !<Address as AsRef<str>>::as_ref(&address).bytes().all(plain) {
            return Err(SenderError);
        }
        Ok(Self(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)))
    }

    /// Returns the mailbox of a mail in a seller's name, such as `Ada's balcony via Tollgate
    /// <no-reply@example.com>`, or of a mail without one.
    pub(crate) fn mailbox(&self, seller: Option<&str>) -> Mailbox {
        let seller = seller.map(one_line).unwrap_or_default();
        if seller.is_empty() {
            return self.0.clone();
        }
        let own = self.0.name.as_deref().unwrap_or(self.host());
        let name = format!("{} via {own}", shortened(&seller));
        Mailbox::new(Some(name), self.0.email.clone())
    }

    /// Returns the header `From` with that mailbox.
    pub(crate) fn header(&self, seller: Option<&str>) -> HeaderValue {
        let mailbox = self.mailbox(seller);
        match mailbox.name.as_deref().filter(|name| is_quoted(name)) {
            Some(name) => {
                let written = quoted(name, &mailbox.email);
                let name = header::From::name();
                HeaderValue::dangerous_new_pre_encoded(name, mailbox.to_string(), written)
            }
            None => header::From::from(Mailboxes::from(mailbox)).display(),
        }
    }

    /// Returns the part after the `@`.
    pub fn host(&self) -> &str {
        self.0.email.domain()
    }
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        Self::parse(text)
    }
}

/// Returns a name without the quotes around it, and without the backslashes that they need inside.
fn unquoted(name: &str) -> Option<String> {
    let inside = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    let Some(inside) = inside else {
        return (!name.contains(['"', '<', '>', '\\'])).then(|| name.to_owned());
    };
    let (mut plain, mut letters) = (String::new(), inside.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => return None,
            '\\' => plain.push(letters.next()?),
            letter => plain.push(letter),
        }
    }
    Some(plain)
}

/// Returns whether a name is written in quotes. Lettre would encode most of them, which filters take for spam if there is
/// nothing to encode. A name that looks encoded is left to it: some mail programs decode such words in quotes, too.
fn is_quoted(name: &str) -> bool {
    let is_word = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let is_printable = name.bytes().all(|b| matches!(b, b' '..=b'~'));
    is_printable && !is_word && !name.contains("=?")
}

/// Returns a mailbox with its name in quotes, as the header `From` has it. It is printable ASCII if both parts are, and a
/// line ends only before a space.
fn quoted(name: &str, address: &Address) -> String {
    let name = name.replace('\\', r"\\").replace('"', "\\\"");
    let text = format!("\"{name}\" <{address}>");
    let (mut written, mut length) = (String::new(), "From:".len());
    for word in text.split_whitespace() {
        let fits = length + 1 + word.len() <= MAX_LINE;
        if !written.is_empty() {
            written.push_str(if fits { " " } else { "\r\n " });
        }
        length = word.len() + 1 + if fits { length } else { 0 };
        written.push_str(word);
    }
    written
}
