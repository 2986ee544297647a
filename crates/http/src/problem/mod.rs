//! Problem details (RFC 9457). A handler returns a [`Problem`]; the edge turns it into JSON under `/v2` and
//! into a page elsewhere.

mod code;
mod domain;
mod fields;
mod page;
mod reason;

use std::{borrow::Cow, fmt, str::FromStr};

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde::Serialize;
use tollgate_domain::validation::{self, FieldError};

pub(crate) use code::Code;
pub(crate) use domain::of_webhook;
pub(crate) use fields::FieldErrors;
pub(crate) use page::{Aside, Surroundings};
pub(crate) use reason::Reason;

/// The result of every handler.
pub(crate) type Answer = Result<HttpResponse, Problem>;

/// Parses the text of a field; an error names the field.
pub(crate) fn parsed<T: FromStr<Err: Into<FieldError>>>(
    field: &str,
    text: &str,
) -> Result<T, FieldErrors> {
    text.parse().map_err(|error: T::Err| FieldErrors::one(field, error))
}

/// Returns both values, or the problem of all fields that are wrong in either.
pub(crate) fn both<A, B>(
    one: Result<A, Problem>,
    other: Result<B, Problem>,
) -> Result<(A, B), Problem> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(one), Err(other)) => {
            let (Some(fields), Some(more)) = (&one.fields, &other.fields) else { return Err(one) };
            let mut fields = fields.clone();
            fields.extend(more.clone());
            Err(Problem::invalid(fields))
        }
        (Err(problem), Ok(_)) | (Ok(_), Err(problem)) => Err(problem),
    }
}

/// An error for a client. It contains nothing that must not be logged.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    fields: Option<FieldErrors>,
    reason: Option<Reason>,
    retry_after: Option<u64>,
    /// How many bytes are taken, where more were sent.
    most: Option<u64>,
    /// Whether it is a limit of what one day allows.
    is_of_a_day: bool,
}

/// Problem details as they are written on the wire.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// Always `about:blank`: `error` tells problems apart.
    r#type: &'static str,
    /// The problem in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    error: &'static str,
    /// The problem in a sentence.
    detail: &'a str,
    /// Names this request in the operator's log.
    request_id: &'a str,
    /// With `validation_failed`: what is wrong, field by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>)]
    fields: Option<&'a FieldErrors>,
    /// With `refund_refused`, `connect_not_configured` and `quota_exceeded`: what a person can mend. With
    /// `creator_unauthorized`: `account_suspended`, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    reason: Option<Reason>,
}

impl Problem {
    pub(crate) fn new(code: Code) -> Self {
        let detail = Cow::Borrowed(code.title());
        Self {
            code,
            detail,
            fields: None,
            reason: None,
            retry_after: None,
            most: None,
            is_of_a_day: false,
        }
    }

    pub(crate) fn because(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..Self::new(code) }
    }

    /// Returns the problem of a body of more than `most` bytes.
    pub(crate) fn larger_than(most: usize) -> Self {
        let problem =
            Self::because(Code::PayloadTooLarge, format!("At most {most} bytes are taken."));
        Self { most: u64::try_from(most).ok(), ..problem }
    }

    pub(crate) fn invalid(fields: FieldErrors) -> Self {
        let detail = "Some fields are not valid; see fields.";
        Self { fields: Some(fields), ..Self::because(Code::ValidationFailed, detail) }
    }

    pub(crate) fn field(name: &str, error: impl Into<FieldError>) -> Self {
        Self::invalid(FieldErrors::one(name, error))
    }

    /// Returns the problem of who asks too often.
    pub(crate) fn limited(retry_after_seconds: u64) -> Self {
        Self::new(Code::RateLimited).again_in(retry_after_seconds)
    }

    /// Names what a person can mend.
    pub(crate) fn with_reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    pub(crate) fn again_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Says that the limit is one of what a day allows.
    pub(crate) fn of_a_day(self) -> Self {
        Self { is_of_a_day: true, ..self }
    }

    /// Returns the problem for a status that the router itself answered with.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self::new(match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Code::PayloadTooLarge,
            status if status.is_client_error() => Code::BadRequest,
            _ => Code::InternalError,
        })
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn fields(&self) -> Option<&FieldErrors> {
        self.fields.as_ref()
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        self.reason
    }

    pub(crate) fn is_limit_of_a_day(&self) -> bool {
        self.is_of_a_day
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    pub(crate) fn to_json(&self, request_id: &str) -> String {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.code.title(),
            status: self.code.status().as_u16(),
            error: self.code.as_str(),
            detail: &self.detail,
            request_id,
            fields: self.fields.as_ref(),
            reason: self.reason,
        };
        // A struct of texts and numbers always serialises.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl From<FieldErrors> for Problem {
    fn from(fields: FieldErrors) -> Self {
        Self::invalid(fields)
    }
}

impl From<validation::FieldErrors> for Problem {
    fn from(fields: validation::FieldErrors) -> Self {
        Self::invalid(fields.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Leaves the body to the edge, which knows the request.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.code.status());
        response.extensions_mut().insert(self.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_is_written_as_the_contract_says() {
        insta::assert_snapshot!(
            Problem::new(Code::VisitorUnauthorized).to_json("req-1"),
            @r#"{"type":"about:blank","title":"A valid visitor session is required","status":401,"error":"visitor_unauthorized","detail":"A valid visitor session is required","requestId":"req-1"}"#
        );
    }

    #[test]
    fn invalid_input_names_its_fields() {
        let problem = Problem::field("price", "is below the smallest amount");
        insta::assert_snapshot!(
            problem.to_json("req-1"),
            @r#"{"type":"about:blank","title":"The input is not valid","status":422,"error":"validation_failed","detail":"Some fields are not valid; see fields.","requestId":"req-1","fields":{"price":"is below the smallest amount"}}"#
        );
    }

    #[test]
    fn every_code_is_told_apart() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
