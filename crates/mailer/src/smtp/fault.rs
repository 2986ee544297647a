//! Failures of a mail server, and their conversion to the port's errors.

use std::{error::Error as _, io};

use lettre::transport::smtp::Error;
use tollgate_domain::mail::ports::MailError;
use tollgate_outbound::innermost_cause;

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
    match enhanced(error) {
        Some((5, 1, 7 | 8) | (5, 3, 2) | (5, 5 | 7, _)) => true,
        Some((5, ..)) => false,
        _ => error.status().is_some_and(|code| {
            matches!(u16::from(code), 500..=504 | 521 | 530 | 534 | 535 | 538 | 555)
        }),
    }
}

/// Returns the numbers of the enhanced status code at the start of an answer's text, such as `5.1.1`.
/// Source: RFC 2034 §4.
fn enhanced(error: &Error) -> Option<(u16, u16, u16)> {
    let text = error.source()?.to_string();
    let mut numbers = text.split_whitespace().next()?.split('.').map(str::parse::<u16>);
    let code = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    numbers.next().is_none().then_some(code)
}

/// Returns the codes of the answer or the cause of the failure, without the server's text, which often
/// contains the recipient.
fn cause(error: &Error) -> String {
    if let Some(code) = error.status() {
        return match enhanced(error) {
            Some((class, subject, detail)) => format!("answer {code} {class}.{subject}.{detail}"),
            None => format!("answer {code}"),
        };
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
            // What TLS and the name service say; they know nothing of the mail.
            let inner = fault.get_ref().map(|inner| innermost_cause(inner));
            return inner.unwrap_or_else(|| fault.kind().to_string());
        }
        source = inner.source();
    }
    "no connection".to_owned()
}
