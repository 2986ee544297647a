//! Forms that pages send.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap, HeaderValue},
};

use super::body::receive;
use crate::problem::{Code, Problem};

const LARGEST: usize = 16 * 1024;

/// A form that has not been read yet.
pub(crate) struct Form {
    content_type: Option<HeaderValue>,
    payload: Payload,
}

/// The fields of a form.
pub(crate) struct Fields(Vec<(String, String)>);

impl Form {
    pub(crate) async fn read(self) -> Result<Fields, Problem> {
        let content_type = self.content_type.as_ref().and_then(|value| value.to_str().ok());
        let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        if !essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::because(
                Code::UnsupportedMediaType,
                "This address takes the form of its page.",
            ));
        }
        let bytes = receive(&HeaderMap::new(), self.payload, LARGEST).await?;
        Ok(Fields(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}

impl Fields {
    /// The field's text; empty if it is not there, or there twice.
    pub(crate) fn get(&self, name: &str) -> &str {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => value,
            _ => "",
        }
    }

    /// The field's text if there is any.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|text| !text.is_empty())
    }
}

impl FromRequest for Form {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let content_type = req.headers().get(header::CONTENT_TYPE).cloned();
        ready(Ok(Self { content_type, payload: payload.take() }))
    }
}
