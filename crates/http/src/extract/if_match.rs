//! The version that a change is based on.

use actix_web::http::header::{self, HeaderValue};
use tollgate_domain::Timestamp;

use crate::problem::{Code, Problem};

/// The `If-Match` header of a request, before it is parsed.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<HeaderValue>);

impl IfMatch {
    /// Returns the version that the stored one has to be; `None` if any will do. A tag that no version has
    /// matches nothing.
    pub(crate) fn read(self) -> Result<Option<Timestamp>, Problem> {
        let Some(value) = self.0 else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(None);
        }
        let tag = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        version(tag.unwrap_or(text)).map(Some).ok_or_else(|| Problem::new(Code::VersionConflict))
    }
}

/// Returns the `ETag` of a version: the instant of the last change.
pub(crate) fn entity_tag(version: Timestamp) -> String {
    format!("\"{}\"", version.as_microsecond())
}

/// Reads a version, as it is written in bodies and forms.
pub(crate) fn version(text: &str) -> Option<Timestamp> {
    Timestamp::from_microsecond(text.parse().ok()?).ok()
}

extractor!(IfMatch, |req, _| Self(req.headers().get(header::IF_MATCH).cloned()));
