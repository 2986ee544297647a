//! Forms sent by pages.

use actix_web::{
    dev::Payload,
    http::header::{self, HeaderMap, HeaderValue},
};

use super::body::{essence, receive};
use crate::problem::{Code, Problem};

const MAX_BYTES: usize = 16 * 1024;

/// A form that has not been read yet.
pub(crate) struct Form {
    content_type: Option<HeaderValue>,
    payload: Payload,
}

/// The fields of a form.
pub(crate) struct Fields(Vec<(String, String)>);

impl Form {
    pub(crate) async fn read(self) -> Result<Fields, Problem> {
        let essence = self.content_type.as_ref().map(essence).unwrap_or_default();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::because(
                Code::UnsupportedMediaType,
                "This address takes the form of its page.",
            ));
        }
        let bytes = receive(&HeaderMap::new(), self.payload, MAX_BYTES).await?;
        Ok(Fields(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

impl Fields {
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
    Self { content_type, payload: payload.take() }
});
