//! Failures of a mail server, and their conversion to the port's errors.

use std::{error::Error as _, io};

use lettre::transport::smtp::Error;
use tollgate_domain::mail::ports::MailError;

/// Converts a failure that does not depend on the mail.
pub(super) fn transient(step: &str, error: &Error) -> MailError {
    MailError::Transient(format!("{step}: {}", cause(error)))
}

/// Converts a failure of a step in which the server may refuse the mail.
pub(super) fn refusal(step: &str, error: &Error) -> MailError {
    if error.is_permanent() && !wants_login(error) {
        MailError::Permanent(format!("{step}: {}", cause(error)))
    } else {
        transient(step, error)
    }
}

/// Returns whether the server requires a login, or another one. Source: RFC 4954 §6.
fn wants_login(error: &Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

/// Returns the code of the answer or the kind of failure, without the server's text, which often
/// contains the recipient.
fn cause(error: &Error) -> String {
    if let Some(code) = error.status() {
        return format!("answer {code}");
    }
    if error.is_client() {
        return "the server does not offer what is needed".to_owned();
    }
    if error.is_response() {
        return "no readable answer".to_owned();
    }
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(fault) = inner.downcast_ref::<io::Error>() {
            return fault.kind().to_string();
        }
        source = inner.source();
    }
    "no connection".to_owned()
}
