//! Forms sent by pages.

use actix_web::http::header::{self, HeaderValue};
use percent_encoding::percent_decode;

use super::body::{Incoming, essence};
use crate::problem::{Code, Problem};

/// Enough for every field at its limit, of which each character may take twelve bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The largest form that contains the text of a page, in which every character may take several bytes.
const MAX_LONG_BYTES: usize = 1024 * 1024;

/// The largest form of a creator who is signed in, except for those with the text of a page.
const MAX_TYPED_BYTES: usize = 512 * 1024;
/// The largest form of the console that anybody may send.
const MAX_OPEN_BYTES: usize = 256 * 1024;
/// The longest text that is kept of a field of such a form, in bytes. It is more than any of them may have.
const MAX_KEPT: usize = 32 * 1024;
/// What is kept of all fields of a form that anybody may send.
const MAX_OPEN_KEPT: usize = 4 * MAX_KEPT;

/// The most fields of a form. Each takes far more memory than the one byte between two empty ones.
const MAX_FIELDS: usize = 512;

/// The largest form that the console itself makes of a list of addresses. One that was typed may be larger.
pub(crate) const MAX_LIST_BYTES: usize = 256 * 1024;

/// A form that has not been read yet.
pub(crate) struct Form {
    content_type: Option<HeaderValue>,
    incoming: Incoming,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Form {
    pub(crate) async fn read(self) -> Result<Fields, Problem> {
        self.read_up_to(MAX_BYTES).await
    }

    /// Reads a form in which a field may be far too long. Such a field is cut off, but stays longer than its limit, so that the form can be
    /// shown again with the error.
    pub(crate) async fn read_typed(self) -> Result<Fields, Problem> {
        Ok(self.read_up_to(MAX_TYPED_BYTES).await?.cut_to(MAX_KEPT))
    }

    /// Reads a form like [`read_typed`](Self::read_typed), and keeps less of it: anybody may send it, and several of them wait for a
    /// password to be hashed.
    pub(crate) async fn read_open(self) -> Result<Fields, Problem> {
        Ok(self.read_up_to(MAX_OPEN_BYTES).await?.cut_to(MAX_KEPT).within(MAX_OPEN_KEPT))
    }

    /// Reads a form that contains the text of a page.
    pub(crate) async fn read_long(self) -> Result<Fields, Problem> {
        self.read_up_to(MAX_LONG_BYTES).await
    }

    /// Reads a form that contains a list of addresses.
    pub(crate) async fn read_list(self) -> Result<Fields, Problem> {
        self.read_up_to(MAX_TYPED_BYTES).await
    }

    async fn read_up_to(self, most: usize) -> Result<Fields, Problem> {
        let essence = self.content_type.as_ref().map(essence).unwrap_or_default();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::because(
                Code::UnsupportedMediaType,
                "This address takes the form of its page.",
            ));
        }
        let bytes = self.incoming.receive(most).await?;
        if bytes.split(|byte| *byte == b'&').nth(MAX_FIELDS).is_some() {
            let told = format!("The form has more than {MAX_FIELDS} fields.");
            return Err(Problem::because(Code::BadRequest, told));
        }
        // What is not text would be read as something else, and a password as another one.
        if percent_decode(&bytes).decode_utf8().is_err() {
            return Err(Problem::because(Code::BadRequest, "The form is not UTF-8."));
        }
        Ok(Fields(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

impl Fields {
    pub(crate) fn add(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    /// Puts a text into a field, replacing its content.
    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(field, _)| field != name);
        self.add(name, value);
    }

    /// Returns all fields in the order in which they were sent.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// Returns the texts of all fields of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Cuts off longer texts, and marks where.
    fn cut_to(mut self, most: usize) -> Self {
        for (_, value) in &mut self.0 {
            if value.len() > most {
                let end = (0..=most).rev().find(|end| value.is_char_boundary(*end));
                value.truncate(end.unwrap_or_default());
                value.push('…');
                value.shrink_to_fit();
            }
        }
        self
    }

    /// Leaves out the fields for which there is no room in so many bytes.
    fn within(mut self, mut room: usize) -> Self {
        self.0.retain(|(name, value)| {
            let left = room.checked_sub(name.len() + value.len());
            room = left.unwrap_or(room);
            left.is_some()
        });
        self
    }

    /// Writes line breaks as one character, as the JSON interface does; browsers send two.
    pub(crate) fn with_plain_breaks(mut self) -> Self {
        for (_, value) in &mut self.0 {
            if value.contains('\r') {
                *value = value.replace("\r\n", "\n").replace('\r', "\n");
            }
        }
        self
    }

    /// Returns the field's text; empty if the field is missing or duplicate.
    pub(crate) fn get(&self, name: &str) -> &str {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            _ => "",
        }
    }

    /// Returns the field's text if it is not empty.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

extractor!(Form, |req, payload| {
    let content_type = req.headers().get(header::CONTENT_TYPE).cloned();
    Self { content_type, incoming: Incoming::of(req, payload) }
});
