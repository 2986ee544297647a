//! Failed calls, and their conversion to the port's errors.

use std::{fmt::Display, time::Duration};

use miniserde::{
    Deserialize,
    json::{self, Value},
};
use reqwest::StatusCode;
use stripe_client_core::StripeClientErr;
use tollgate_domain::payments::{MAX_PAUSE_SECONDS, PaymentsError, Refusal};

use crate::values::text_of;

/// The error of a failed call.
#[derive(Debug)]
pub(crate) enum CallError {
    /// Stripe refused the request.
    Refused { refusal: Refusal, param: Option<String>, message: String },
    /// Stripe could not be reached, was busy, or sent an answer that cannot be read.
    Unavailable(String),
    /// The same, and Stripe said how many seconds to wait, or that its limit of requests is reached.
    Busy { reason: String, retry_after_seconds: u64 },
    /// Stripe answered that it failed.
    Failed(String),
}

impl CallError {
    /// Creates the refusal of an id that cannot be one of Stripe's. Nothing is sent.
    pub(crate) fn no_such_id() -> Self {
        let message = "the id is not one of Stripe's".to_owned();
        Self::Refused { refusal: Refusal::NotFound, param: None, message }
    }

    /// Creates the refusal of an account that was deleted.
    pub(crate) fn deleted_account() -> Self {
        let refusal = Refusal::AccountDisconnected;
        Self::Refused { refusal, param: None, message: "the account was deleted".to_owned() }
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
            Self::Unavailable(_) | Self::Busy { .. } | Self::Failed(_) => None,
        }
    }

    /// Adds the pause to make after an answer, if there is one.
    pub(crate) fn with_pause(self, pause: Option<Duration>) -> Self {
        match (self, pause) {
            (Self::Unavailable(reason), Some(pause)) => {
                let retry_after_seconds = pause.as_secs().clamp(1, MAX_PAUSE_SECONDS);
                Self::Busy { reason, retry_after_seconds }
            }
            (error, _) => error,
        }
    }
}

impl From<CallError> for PaymentsError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused { refusal, message, .. } => Self::Refused { refusal, message },
            CallError::Unavailable(reason) => Self::Unavailable(reason),
            CallError::Busy { reason, retry_after_seconds } => {
                Self::Busy { reason, retry_after_seconds }
            }
            CallError::Failed(reason) => Self::Failed(reason),
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
    error: Value,
}

/// The `error` member of an answer.
struct Problem {
    /// Its `type`.
    kind: Option<String>,
    code: Option<String>,
    /// A code that Stripe sends for some errors that have no `code`.
    message_code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

/// The parts of messages by which refusals are recognised that have no code, in lower case.
const NO_ACCESS: [&str; 2] = ["does not have access to account", "access may have been revoked"];
const NO_BALANCE: [&str; 2] =
    ["insufficient funds in your stripe", "insufficient available funds in your stripe"];
const RESTRICTED: [&str; 6] = [
    "cannot currently make live charges",
    "cannot currently make charges",
    "capability enabled",
    "capabilities enabled",
    "must set an account or business name",
    "no valid payment method types",
];

/// Returns whether the same request may succeed later. 409 means that another request with the same
/// idempotency key is in progress, or that an object is locked.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 409 | 424 | 429 | 500..)
}

/// Reads an answer whose status is an error.
pub(crate) fn read(status: StatusCode, request_id: Option<&str>, body: &[u8]) -> CallError {
    let code = status.as_u16();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let envelope = json::from_str::<Envelope>(text).ok();
    let Some(error) = envelope.and_then(|envelope| Problem::read(&envelope.error)) else {
        // The answer is not Stripe's, so Stripe may or may not have received the request.
        return CallError::Unavailable(format!(
            "answer {code} is not from Stripe: check TOLLGATE_STRIPE_API_URL and any proxy"
        ));
    };
    let message = error.describe(status, request_id);
    if status.is_server_error() {
        return CallError::Failed(message);
    }
    if is_transient(status) {
        return CallError::Unavailable(message);
    }
    CallError::Refused { refusal: error.refusal(status), param: error.param, message }
}

impl Problem {
    fn read(error: &Value) -> Option<Self> {
        let Value::Object(_) = error else { return None };
        let text = |key| text_of(error, key).map(ToOwned::to_owned);
        Some(Self {
            kind: text("type"),
            code: text("code"),
            message_code: text("message_code"),
            param: text("param"),
            message: text("message"),
        })
    }

    /// Returns the kind of a refusal. Codes: docs.stripe.com/error-codes. `account_closed` and
    /// `bank_account_restricted` are about the buyer's bank account, so they have no kind.
    fn refusal(&self, status: StatusCode) -> Refusal {
        let code = self.code.as_deref().or(self.message_code.as_deref()).unwrap_or_default();
        match (code, status.as_u16()) {
            ("charge_already_refunded", _) => Refusal::AlreadyRefunded,
            ("charge_disputed" | "refund_disputed_payment", _) => Refusal::Disputed,
            (
                "balance_insufficient" | "insufficient_funds" | "insufficient_balance_for_refund",
                _,
            ) => Refusal::InsufficientBalance,
            ("resource_missing", _) => Refusal::NotFound,
            ("account_invalid", 401 | 403 | 404) => Refusal::AccountDisconnected,
            // `account_invalid` with another status: the account cannot do this yet or any more.
            (
                "account_invalid"
                | "capability_not_active"
                | "insufficient_capabilities_for_transfer"
                | "testmode_charges_only"
                | "transfers_not_allowed",
                _,
            ) => Refusal::AccountRestricted,
            // Tollgate sent a request that is not valid, which is a bug.
            (code, _) if code.starts_with("parameter_") => Refusal::Other,
            (_, status) => self.refusal_in_words(status),
        }
    }

    /// Returns the kind of a refusal that is known only by its message.
    fn refusal_in_words(&self, status: u16) -> Refusal {
        let message = self.message.as_deref().unwrap_or_default().to_lowercase();
        let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
        match status {
            // A restricted key without the permission has the same status, and another message.
            401 | 403 if says(&NO_ACCESS) => Refusal::AccountDisconnected,
            400 | 402 if says(&NO_BALANCE) => Refusal::InsufficientBalance,
            400 | 402 | 403 if says(&RESTRICTED) => Refusal::AccountRestricted,
            400 | 402 if self.kind.as_deref() != Some("idempotency_error") => Refusal::WithMessage,
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
            (403, "account_invalid", Some(Refusal::AccountDisconnected)),
            (401, "account_invalid", Some(Refusal::AccountDisconnected)),
            (404, "account_invalid", Some(Refusal::AccountDisconnected)),
            (400, "account_invalid", Some(Refusal::AccountRestricted)),
            (400, "capability_not_active", Some(Refusal::AccountRestricted)),
            (400, "insufficient_capabilities_for_transfer", Some(Refusal::AccountRestricted)),
            (402, "testmode_charges_only", Some(Refusal::AccountRestricted)),
            (400, "transfers_not_allowed", Some(Refusal::AccountRestricted)),
            (400, "amount_too_small", Some(Refusal::WithMessage)),
            (402, "balance_insufficient", Some(Refusal::InsufficientBalance)),
            (400, "balance_insufficient", Some(Refusal::InsufficientBalance)),
            (400, "insufficient_funds", Some(Refusal::InsufficientBalance)),
            (400, "account_closed", Some(Refusal::WithMessage)),
            (400, "parameter_invalid_empty", Some(Refusal::Other)),
            (400, "parameter_unknown", Some(Refusal::Other)),
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
    fn refusals_without_a_code_are_told_apart_by_their_message() {
        let no_access = "The provided key 'sk_test_***' does not have access to account 'acct_1' (or \
            that account does not exist). Application access may have been revoked.";
        let no_permission = "The provided key 'rk_test_***' does not have the required permissions \
            for this endpoint on account 'acct_1'.";
        let restricted = "This Connect account cannot currently make live charges. The \
            `requirements.disabled_reason` property on the account will provide information.";
        let no_capability = "You cannot create a charge on a connected account without the \
            `card_payments` capability enabled.";
        let no_balance = "Insufficient funds in your Stripe balance to refund this amount.";
        for (status, message, expected) in [
            (403, no_access, Refusal::AccountDisconnected),
            (401, no_access, Refusal::AccountDisconnected),
            (403, no_permission, Refusal::Other),
            (400, restricted, Refusal::AccountRestricted),
            (400, no_capability, Refusal::AccountRestricted),
            (400, no_balance, Refusal::InsufficientBalance),
            (400, "Your card has insufficient funds.", Refusal::WithMessage),
            (400, "", Refusal::WithMessage),
        ] {
            let body =
                format!(r#"{{"error":{{"type":"invalid_request_error","message":"{message}"}}}}"#);
            assert_eq!(refused(status, &body), Some(expected), "{status} {message}");
        }
        let body = r#"{"error":{"type":"invalid_request_error","message":"In other words.",
            "message_code":"insufficient_balance_for_refund"}}"#;
        assert_eq!(refused(400, body), Some(Refusal::InsufficientBalance));
        let key = r#"{"error":{"type":"idempotency_error","message":"Keys for requests"}}"#;
        assert_eq!(refused(400, key), Some(Refusal::Other));
    }

    #[test]
    fn an_answer_that_is_not_from_stripe_is_not_a_refusal() {
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
