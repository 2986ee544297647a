//! Failed calls, and their conversion to the port's errors.

use std::fmt::Display;

use miniserde::{Deserialize, json};
use reqwest::StatusCode;
use stripe_client_core::StripeClientErr;
use tollgate_domain::payments::{PaymentsError, Refusal};

/// The error of a failed call.
#[derive(Debug)]
pub(crate) enum CallError {
    /// Stripe refused the request.
    Refused { refusal: Refusal, param: Option<String>, message: String },
    /// Stripe could not be reached, failed, or sent an answer that cannot be read.
    Unavailable(String),
}

impl CallError {
    /// Creates the refusal of an id that cannot be one of Stripe's. Nothing is sent.
    pub(crate) fn no_such_id() -> Self {
        let message = "the id is not one of Stripe's".to_owned();
        Self::Refused { refusal: Refusal::NotFound, param: None, message }
    }

    /// Creates the refusal of an idempotency key that cannot be sent.
    pub(crate) fn bad_key() -> Self {
        let message = "the idempotency key cannot be sent".to_owned();
        Self::Refused { refusal: Refusal::Other, param: None, message }
    }

    /// Creates the error of a successful answer that cannot be used.
    pub(crate) fn bad_answer(reason: impl Display) -> Self {
        Self::Unavailable(format!("Stripe's answer was not understood: {reason}"))
    }

    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(*refusal),
            Self::Unavailable(_) => None,
        }
    }
}

impl From<CallError> for PaymentsError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { refusal, message, .. } => Self::Refused { refusal, message },
            CallError::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}

impl StripeClientErr for CallError {
    fn deserialize_err(reason: impl Display) -> Self {
        Self::bad_answer(reason)
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: Problem,
}

/// The `error` member of an answer.
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

/// Returns whether the same request may succeed later. 409 means that another request with the same
/// idempotency key is in progress, or that an object is locked.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 409 | 424 | 429 | 500..)
}

/// Reads an answer whose status is an error.
pub(crate) fn read(status: StatusCode, request_id: Option<&str>, body: &[u8]) -> CallError {
    let code = status.as_u16();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Ok(Envelope { error }) = json::from_str::<Envelope>(text) else {
        // The answer is not Stripe's, so Stripe may or may not have received the request.
        return CallError::Unavailable(format!(
            "answer {code} is not from Stripe: check TOLLGATE_STRIPE_API_URL and any proxy"
        ));
    };
    let message = error.describe(status, request_id);
    if is_transient(status) {
        return CallError::Unavailable(message);
    }
    CallError::Refused { refusal: error.refusal(status), param: error.param, message }
}

impl Problem {
    fn refusal(&self, status: StatusCode) -> Refusal {
        match (self.code.as_deref().unwrap_or_default(), status.as_u16()) {
            ("charge_already_refunded", _) => Refusal::AlreadyRefunded,
            ("charge_disputed" | "refund_disputed_payment", _) => Refusal::Disputed,
            // The platform has no access to the account. With 400, the account cannot do this yet.
            ("resource_missing", _) | ("account_invalid", 401 | 403 | 404) => Refusal::NotFound,
            _ => Refusal::Other,
        }
    }

    fn describe(&self, status: StatusCode, request_id: Option<&str>) -> String {
        let code = self.code.as_deref().or(self.kind.as_deref()).unwrap_or("error");
        let mut text = format!("{} {code}", status.as_u16());
        if let Some(param) = &self.param {
            text.push_str(" for ");
            text.push_str(param);
        }
        if let Some(id) = request_id {
            text.push_str(" (");
            text.push_str(id);
            text.push(')');
        }
        if let Some(message) = &self.message {
            text.push_str(": ");
            text.push_str(message);
        }
        let mut text = without_secrets(&text);
        if status == StatusCode::UNAUTHORIZED && self.code.as_deref() != Some("account_invalid") {
            text.push_str("; Stripe does not accept the key: check TOLLGATE_STRIPE_SECRET_KEY");
        }
        text
    }
}

/// Removes keys and email addresses from a text, because Stripe's messages may quote the request,
/// and shortens it.
fn without_secrets(text: &str) -> String {
    const MAX_BYTES: usize = 400;
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut shown = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        let key = ["sk_", "rk_", "pk_", "whsec_"].iter().any(|prefix| word.contains(prefix));
        let word = if key {
            "[key]"
        } else if word.contains('@') {
            "[address]"
        } else {
            word
        };
        if shown.len() + word.len() > MAX_BYTES {
            shown.push('…');
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(word);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &str) -> Option<Refusal> {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        read(status, Some("req_1"), body.as_bytes()).refusal()
    }

    fn coded(code: &str) -> String {
        format!(r#"{{"error":{{"type":"invalid_request_error","code":"{code}","new":[1]}}}}"#)
    }

    #[test]
    fn refusals_are_told_apart() {
        for (status, code, expected) in [
            (400, "charge_already_refunded", Some(Refusal::AlreadyRefunded)),
            (400, "charge_disputed", Some(Refusal::Disputed)),
            (400, "refund_disputed_payment", Some(Refusal::Disputed)),
            (404, "resource_missing", Some(Refusal::NotFound)),
            (400, "resource_missing", Some(Refusal::NotFound)),
            (403, "account_invalid", Some(Refusal::NotFound)),
            (401, "account_invalid", Some(Refusal::NotFound)),
            (400, "account_invalid", Some(Refusal::Other)),
            (400, "amount_too_small", Some(Refusal::Other)),
            (402, "balance_insufficient", Some(Refusal::Other)),
            (401, "", Some(Refusal::Other)),
            (404, "", Some(Refusal::Other)),
            (409, "idempotency_key_in_use", None),
            (409, "lock_timeout", None),
            (424, "", None),
            (429, "rate_limit", None),
            (500, "", None),
            (503, "resource_missing", None),
        ] {
            assert_eq!(refused(status, &coded(code)), expected, "{status} {code}");
        }
    }

    #[test]
    fn an_answer_that_is_not_from_stripe_is_no_refusal() {
        for body in ["", "<html>", "{}", r#"{"error":"no"}"#, "[]", "{", "\u{0}"] {
            assert_eq!(refused(404, body), None, "{body:?}");
        }
        assert_eq!(refused(302, ""), None);
    }

    #[test]
    fn messages_contain_the_code_and_no_secrets() {
        let body = r#"{"error":{"type":"invalid_request_error","code":"email_invalid",
            "param":"customer_email","message":"Invalid email address: \"bob@example.com\"\r\nsent with 'sk_live_1234***6789'"}}"#;
        let error = read(StatusCode::BAD_REQUEST, Some("req_1"), body.as_bytes());
        let CallError::Refused { message, param, .. } = error else { unreachable!("a refusal") };
        assert_eq!(
            message,
            "400 email_invalid for customer_email (req_1): Invalid email address: [address] sent with [key]"
        );
        assert_eq!(param.as_deref(), Some("customer_email"));
    }

    #[test]
    fn long_messages_are_cut() {
        let message = "é ".repeat(10_000);
        assert!(without_secrets(&message).len() < 420);
        assert!(without_secrets(&"é".repeat(10_000)).len() < 420);
    }
}
