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
const OF_THE_RECIPIENT: [&str; 20] = [
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
    "size limit",
    "storage limit",
    "mailbox limit",
    "message size",
];

/// How the words begin with which servers speak of the client, its domain, how much it sends or what it is known for.
const OF_THE_CLIENT: [&str; 23] = [
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
    "blocklist",
    "spf",
    "dkim",
    "dmarc",
    "limit",
    "polic",
    "reputation",
    "starttls",
    "spam",
    "unsolicited",
    "throttl",
    "outbound",
    "credit",
];

/// Whole words of the same kind.
const OF_THE_CLIENT_WHOLE: [&str; 7] = ["rate", "rbl", "dnsbl", "uribl", "surbl", "rdns", "ptr"];

/// What servers say of our address, our account and our rights alone, whatever code stands before it. Some quote beside it
/// what another server says of the recipient.
/// Sources: the answers of Amazon SES (`Email address is not verified`, `not authorized to perform`), Microsoft 365
/// (`SendAsDenied`, `not allowed to send as`, `Submission quota exceeded`, `reached your daily limit`), Fastmail, IONOS
/// and Postfix (`Sender address rejected: not owned by user`).
const OF_OUR_SENDER: [&str; 28] = [
    "sender verif",
    "sender address",
    "sender rejected",
    "sender denied",
    "sender not allowed",
    "sender is not",
    "sender identit",
    "sender signature",
    "sender domain",
    "domain of sender",
    "not owned by",
    "not verified",
    "verified sender",
    "sendas",
    "send as",
    "send on behalf",
    "send from",
    "submissionquota",
    "submission quota",
    "sending quota",
    "sending limit",
    "from address",
    "from header",
    "not authorized to perform",
    "your account",
    "your domain",
    "your daily",
    "reverse dns",
];

/// Returns whether the server refuses this client and not the mail: our name or address, our login, our domain's
/// records, how much we send, or a command. The operator can mend that, so the mail waits.
/// Sources: RFC 3463 §3, RFC 4954 §6, RFC 5321 §4.2. Gmail and Zoho say with 5.4.5 and 5.4.6 that too much was sent.
fn is_about_us(error: &Error) -> bool {
    let text = || error.source().map(ToString::to_string).unwrap_or_default();
    match enhanced(error) {
        Some((5, 1, 7 | 8) | (5, 3, 2) | (5, 4, 5 | 6) | (5, 5 | 7, _)) => true,
        // That there is no such mailbox or domain.
        Some((5, 1, 1 | 2 | 3 | 10)) => false,
        // A status that says nothing: mail servers put it before texts of every kind.
        Some((5, 0..=4, 0)) => names_us(&sentence(&text())),
        // Servers have numbers of their own, and use others' loosely: Microsoft's 5.2.252 is about the sender.
        Some((5, ..)) => names_our_sender(&sentence(&text())),
        _ => error.status().is_some_and(|code| match u16::from(code) {
            500..=504 | 521 | 530 | 534 | 535 | 538 | 555 => true,
            // Servers give these for the recipient and for the client. What they write tells which, if anything does.
            550..=554 => names_us(&sentence(&text())),
            _ => false,
        }),
    }
}

/// Returns the words of an answer in small letters, without addresses, which may contain any word.
fn sentence(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn names_our_sender(sentence: &str) -> bool {
    OF_OUR_SENDER.iter().any(|phrase| sentence.contains(phrase))
}

/// Returns whether the words of an answer are about this client. Of those that name the recipient, too, only what is about our
/// address is: `User unknown in relay recipient table` is not.
fn names_us(sentence: &str) -> bool {
    if names_our_sender(sentence) {
        return true;
    }
    if OF_THE_RECIPIENT.iter().any(|phrase| sentence.contains(phrase)) {
        return false;
    }
    let is_ours = |word: &str| {
        OF_THE_CLIENT_WHOLE.contains(&word) || OF_THE_CLIENT.iter().any(|it| word.starts_with(it))
    };
    sentence.contains("too many") || sentence.split(' ').any(is_ours)
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
