//! What a failure at the mail server means for the mail.

use std::{error::Error as _, io};

use lettre::transport::smtp::Error;
use tollgate_domain::outbox::MailError;

/// A failure that says nothing about this mail.
pub(super) fn later(step: &str, error: &Error) -> MailError {
    MailError::Transient(format!("{step}: {}", cause(error)))
}

/// A failure at a step at which the server judges this mail.
pub(super) fn verdict(step: &str, error: &Error) -> MailError {
    if error.is_permanent() && !wants_login(error) {
        MailError::Permanent(format!("{step}: {}", cause(error)))
    } else {
        later(step, error)
    }
}

/// RFC 4954 §6: the server will not go on without a login, or without a better one.
fn wants_login(error: &Error) -> bool {
    error.status().is_some_and(|code| matches!(u16::from(code), 530 | 534 | 535 | 538))
}

/// The answer's code or the kind of fault. Never the server's text: it often repeats the recipient.
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
