//! What can go wrong with a call, and what Tollgate makes of it.

use std::fmt::Display;

use miniserde::{Deserialize, json};
use reqwest::StatusCode;
use stripe_client_core::StripeClientErr;
use tollgate_domain::checkout::{PaymentsError, Refusal};

/// A call that did not succeed.
#[derive(Debug)]
pub(crate) enum CallError {
    /// Stripe understood and refused.
    Refused { refusal: Refusal, param: Option<String>, message: String },
    /// Stripe could not be reached or failed, or was not understood.
    Unavailable(String),
}

impl CallError {
    /// A refusal without asking Stripe: nothing there can have such an id.
    pub(crate) fn no_such_id() -> Self {
        let message = "the id is not one of Stripe's".to_owned();
        Self::Refused { refusal: Refusal::NotFound, param: None, message }
    }

    /// A refusal without asking Stripe: the key cannot be sent.
    pub(crate) fn bad_key() -> Self {
        let message = "the idempotency key cannot be sent".to_owned();
        Self::Refused { refusal: Refusal::Other, param: None, message }
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
        Self::Unavailable(format!("Stripe's answer was not understood: {reason}"))
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

/// Whether the same request may succeed in a moment. 409 says that another request with the same
/// idempotency key is under way, or that an object is locked.
pub(crate) fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 409 | 424 | 429 | 500..)
}

/// What an answer that is no success means.
pub(crate) fn read(status: StatusCode, request_id: Option<&str>, body: &[u8]) -> CallError {
    let code = status.as_u16();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let Ok(Envelope { error }) = json::from_str::<Envelope>(text) else {
        // A proxy, or another server altogether: whether Stripe ever saw the request is unknown.
        return CallError::Unavailable(format!(
            "{code} and no error of Stripe's: check TOLLGATE_STRIPE_API_URL and any proxy"
        ));
    };
    let message = error.describe(status, request_id);
    if passes(status) {
        return CallError::Unavailable(message);
    }
    CallError::Refused { refusal: error.refusal(status), param: error.param, message }
}

impl Problem {
    fn refusal(&self, status: StatusCode) -> Refusal {
        match (self.code.as_deref().unwrap_or_default(), status.as_u16()) {
            ("charge_already_refunded", _) => Refusal::AlreadyRefunded,
            ("charge_disputed" | "refund_disputed_payment", _) => Refusal::Disputed,
            // An account that the platform has no (more) access to; with 400, one that cannot yet do
            // what it was asked to.
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

/// Stripe's texts are for developers and may quote what was sent: keys and addresses are taken out.
fn without_secrets(text: &str) -> String {
    const LONGEST: usize = 400;
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
        if shown.len() + word.len() > LONGEST {
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
    fn an_answer_that_is_not_stripes_proves_nothing() {
        for body in ["", "<html>", "{}", r#"{"error":"no"}"#, "[]", "{", "\u{0}"] {
            assert_eq!(refused(404, body), None, "{body:?}");
        }
        assert_eq!(refused(302, ""), None);
    }

    #[test]
    fn messages_help_and_tell_no_secrets() {
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
    fn a_key_that_is_not_accepted_is_told_how_to_mend() {
        let body = r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_**1"}}"#;
        let error = PaymentsError::from(read(StatusCode::UNAUTHORIZED, None, body.as_bytes()));
        let text = error.to_string();
        assert!(text.contains("TOLLGATE_STRIPE_SECRET_KEY"), "{text}");
        assert!(!text.contains("sk_test"), "{text}");
    }

    #[test]
    fn long_messages_are_cut() {
        let message = "é ".repeat(10_000);
        assert!(without_secrets(&message).len() < 420);
        assert!(without_secrets(&"é".repeat(10_000)).len() < 420);
    }
}
