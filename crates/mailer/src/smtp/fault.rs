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

/// What an answer says only of a recipient or a mailbox.
const OF_THE_RECIPIENT: [&str; 16] = [
    "user unknown",
    "unknown user",
    "unknown mailbox",
    "mailbox unknown",
    "unknown recipient",
    "recipient unknown",
    "no such",
    "user not found",
    "mailbox not found",
    "recipient not found",
    "mailbox unavailable",
    "mailbox disabled",
    "mailbox full",
    "invalid mailbox",
    "invalid recipient",
    "over quota",
];

/// How the words begin with which servers speak of the client, its domain or how much it sends.
const OF_THE_CLIENT: [&str; 18] = [
    "relay",
    "sender",
    "sending",
    "client",
    "helo",
    "ehlo",
    "authenticat",
    "unauthenticat",
    "block",
    "blacklist",
    "spf",
    "dkim",
    "dmarc",
    "limit",
    "polic",
    "reputation",
    "starttls",
    "spamhaus",
];

/// Returns whether the server refuses this client and not the mail: our name or address, our login, our domain's
/// records, how much we send, or a command. The operator can mend that, so the mail waits.
/// Sources: RFC 3463 §3, RFC 4954 §6, RFC 5321 §4.2. Gmail and Zoho say with 5.4.5 and 5.4.6 that too much was sent.
fn is_about_us(error: &Error) -> bool {
    match enhanced(error) {
        Some((5, 1, 7 | 8) | (5, 3, 2) | (5, 4, 5 | 6) | (5, 5 | 7, _)) => true,
        Some((5, ..)) => false,
        _ => error.status().is_some_and(|code| match u16::from(code) {
            500..=504 | 521 | 530 | 534 | 535 | 538 | 555 => true,
            // Servers give these for the recipient and for the client. What they write tells which, if anything does.
            550 | 551 | 553 | 554 => error.source().is_some_and(|text| names_us(&text.to_string())),
            _ => false,
        }),
    }
}

/// Returns whether the text of an answer is about this client. One that names the recipient, too, is about the recipient,
/// as `User unknown in relay recipient table` is.
fn names_us(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    // Addresses may contain any word.
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let sentence = words.join(" ");
    // Beside these, servers quote what the sender's own server says of our address.
    if ["sender verif", "sender address", "sender rejected"].iter().any(|it| sentence.contains(it))
    {
        return true;
    }
    if OF_THE_RECIPIENT.iter().any(|phrase| sentence.contains(phrase)) {
        return false;
    }
    let is_ours = |word: &&str| {
        matches!(*word, "rate" | "rbl" | "dnsbl")
            || OF_THE_CLIENT.iter().any(|it| word.starts_with(it))
    };
    words.iter().any(is_ours)
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
