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
    if error.is_permanent() && !is_about_us(error) {
        MailError::Permanent(format!("{step}: {}", cause(error)))
    } else {
        transient(step, error)
    }
}

/// Returns whether the server refuses this client and not the mail: our name or address, our login, our domain's
/// records, or a command. The operator can mend that, so the mail waits.
/// Sources: RFC 3463 §3, RFC 4954 §6, RFC 5321 §4.2.
fn is_about_us(error: &Error) -> bool {
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    match enhanced(&text) {
        Some((1, 7 | 8) | (3, 2) | (5 | 7, _)) => true,
        Some(_) => false,
        None => error.status().is_some_and(|code| {
            matches!(u16::from(code), 500..=504 | 521 | 530 | 534 | 535 | 538 | 555)
        }),
    }
}

/// Returns the subject and the detail of an enhanced status code such as `5.1.1`.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.split_whitespace().next()?.split('.');
    let class = numbers.next()?;
    let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    (class == "5" && numbers.next().is_none()).then_some((subject, detail))
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
