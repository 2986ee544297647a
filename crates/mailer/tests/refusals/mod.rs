//! What refusals of a mail server mean.

use mailin::{Response, response};
use tollgate_domain::mail::ports::MailError;

use super::{outcome, server::Behaviour};

#[tokio::test]
async fn refused_recipient_or_message_is_permanent_without_the_address() {
    let refusal =
        || Some(Response::custom(550, "<bob+news@xn--bcher-kva.example> unknown".to_owned()));
    assert_eq!(
        outcome(Behaviour { to_recipient: refusal(), ..Behaviour::default() }).await,
        Err(MailError::Permanent("recipient: answer 550".to_owned())),
    );
    assert_eq!(
        outcome(Behaviour { to_message: refusal(), ..Behaviour::default() }).await,
        Err(MailError::Permanent("message: answer 550".to_owned())),
    );
}

#[tokio::test]
async fn failure_that_the_operator_can_correct_is_transient() {
    let refusal = || Some(response::NO_MAILBOX);
    let wants_login = || Some(response::AUTHENTICATION_REQUIRED);
    for (behaviour, reason) in [
        (Behaviour { to_sender: refusal(), ..Behaviour::default() }, "sender: answer 550"),
        (Behaviour { to_sender: wants_login(), ..Behaviour::default() }, "sender: answer 530"),
        (
            Behaviour { to_recipient: wants_login(), ..Behaviour::default() },
            "recipient: answer 530",
        ),
        (
            Behaviour { to_recipient: Some(response::OUT_OF_SPACE), ..Behaviour::default() },
            "recipient: answer 452",
        ),
        (
            Behaviour { to_message: Some(response::INTERNAL_ERROR), ..Behaviour::default() },
            "message: answer 451",
        ),
        (to_recipient(504, "5.5.2 need a fully-qualified hostname"), "recipient: answer 504 5.5.2"),
        (to_recipient(550, "5.7.1 relaying denied"), "recipient: answer 550 5.7.1"),
        (to_recipient(554, "5.7.26 unauthenticated: check SPF"), "recipient: answer 554 5.7.26"),
        (to_recipient(553, "5.1.8 sender's domain not found"), "recipient: answer 553 5.1.8"),
        (to_recipient(502, "command not implemented"), "recipient: answer 502"),
        (to_recipient(450, "4.2.1 bob@example.com is busy"), "recipient: answer 450 4.2.1"),
    ] {
        assert_eq!(outcome(behaviour).await, Err(MailError::Transient(reason.to_owned())));
    }
}

fn to_recipient(code: u16, text: &str) -> Behaviour {
    let to_recipient = Some(Response::custom(code, text.to_owned()));
    Behaviour { to_recipient, ..Behaviour::default() }
}

fn to_message(code: u16, text: &str) -> Behaviour {
    let to_message = Some(Response::custom(code, text.to_owned()));
    Behaviour { to_message, ..Behaviour::default() }
}

#[tokio::test]
async fn refusal_whose_text_is_about_this_server_is_transient_and_does_not_quote_it() {
    for (behaviour, reason) in [
        (to_recipient(550, "relay not permitted"), "recipient: answer 550"),
        (to_recipient(550, "Sender verify failed"), "recipient: answer 550"),
        (to_recipient(550, "No Such User Here: Sender verify failed"), "recipient: answer 550"),
        (to_recipient(550, "Access denied - Invalid HELO name"), "recipient: answer 550"),
        (to_recipient(550, "Authentication is required for relay"), "recipient: answer 550"),
        (to_recipient(553, "Too high a rate from 192.0.2.1"), "recipient: answer 553"),
        (to_message(554, "Message rejected due to DMARC policy"), "message: answer 554"),
        (to_message(550, "5.4.5 Daily user sending limit exceeded"), "message: answer 550 5.4.5"),
        (to_message(550, "5.4.6 Unusual sending rate"), "message: answer 550 5.4.6"),
        (to_message(554, "Relay access denied"), "message: answer 554"),
        (to_message(554, "Client host blocked"), "message: answer 554"),
        (to_message(554, "Blocked - see https://example.org/dnsbl"), "message: answer 554"),
        (to_message(550, "Message rejected as spam by content filtering"), "message: answer 550"),
        (to_message(552, "unsolicited message rejected"), "message: answer 552"),
        (to_message(550, "Maximum credits exceeded"), "message: answer 550"),
        (to_recipient(550, "Too many messages from this host"), "recipient: answer 550"),
        (to_recipient(554, "No PTR record for 192.0.2.1"), "recipient: answer 554"),
    ] {
        assert_eq!(outcome(behaviour).await, Err(MailError::Transient(reason.to_owned())));
    }
}

/// What well-known services answer about the address that mails come from, or about what the account may.
#[tokio::test]
async fn refusal_of_the_sender_is_transient_whatever_its_code() {
    for (code, text, told) in [
        (
            554,
            "Message rejected: Email address is not verified. The following identities failed the \
             check in region EU-CENTRAL-1: no-reply@shop.example",
            "554",
        ),
        (
            554,
            "Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform \
             `ses:SendRawEmail' on resource `arn:aws:ses:eu-central-1:1:identity/bob@shop.example'",
            "554",
        ),
        (554, "Sending suspended for this account", "554"),
        (
            554,
            "5.2.252 SendAsDenied; a@shop.example not allowed to send as b@shop.example",
            "554 5.2.252",
        ),
        (
            554,
            "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; \
             Failed to process message due to a permanent exception",
            "554 5.2.0",
        ),
        (
            550,
            "5.2.2 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; mailbox full of quota",
            "550 5.2.2",
        ),
        (
            550,
            "5.1.90 Your message can't be sent because you've reached your daily limit",
            "550 5.1.90",
        ),
        (553, "5.1.0 <a@shop.example>: Sender address rejected: not owned by user a", "553 5.1.0"),
        (550, "5.0.0 The from address does not match a verified Sender Identity", "550 5.0.0"),
        (550, "5.2.0 Message refused: sender denied", "550 5.2.0"),
        (
            550,
            "Requested action not taken: mailbox unavailable Sender address is not allowed.",
            "550",
        ),
    ] {
        let refused = outcome(to_message(code, text)).await;
        assert_eq!(refused, Err(MailError::Transient(format!("message: answer {told}"))), "{text}");
    }
}

#[tokio::test]
async fn refusal_of_the_recipient_is_permanent_whatever_its_code() {
    for (code, text, told) in [
        (550, "5.1.1 no such user", "550 5.1.1"),
        (550, "5.4.1 recipient address rejected", "550 5.4.1"),
        (552, "5.2.2 mailbox full for good", "552 5.2.2"),
        (554, "no such user", "554"),
        (554, "192.0.2.1 is refused", "554"),
        (550, "<relay@blocked.example>: address refused", "550"),
        (550, "Recipient address rejected: User unknown in relay recipient table", "550"),
        (550, "Unknown user (sender/recipient check)", "550"),
        (550, "Blocked: no such mailbox", "550"),
        (550, "does not operate a mailbox", "550"),
        (550, "5.1.1 relay: user unknown", "550 5.1.1"),
        (550, "5.1.1 Recipient address rejected: Sender address rejected there", "550 5.1.1"),
        (550, "5.2.1 The account that you tried to reach is disabled", "550 5.2.1"),
        (552, "5.2.2 Quota exceeded (mailbox for user is full)", "552 5.2.2"),
        (552, "Mailbox size limit exceeded", "552"),
        (550, "5.1.0 Address rejected", "550 5.1.0"),
    ] {
        let refused = outcome(to_recipient(code, text)).await;
        assert_eq!(refused, Err(MailError::Permanent(format!("recipient: answer {told}"))));
    }
}
