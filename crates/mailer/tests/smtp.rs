//! Mails to a mail server on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod contract;
mod server;

use std::time::Duration;

use contract::{magic_link, mail, receipt};
use mailin::{Response, response};
use server::{Behaviour, TestServer, TlsStart, certificate};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
use tollgate_domain::mail::ports::{MailError, Mailer};
use tollgate_mailer::{Limits, MailUrl, MailerOptions, Sender, SmtpMailer, SmtpServer};

/// The time limit of a test, which is longer than any of them takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// Limits that are short enough for a test, and long enough for a busy machine.
const SHORT: Limits = Limits { connect: Duration::from_secs(2), send: Duration::from_secs(3) };

fn from() -> Sender {
    Sender::parse("Tollgate <no-reply@tollgate.localhost>").unwrap()
}

fn at(url: &str) -> SmtpServer {
    match MailUrl::parse(url).unwrap() {
        MailUrl::Smtp(server) => server,
        MailUrl::Directory(_) | MailUrl::Api(_) => panic!("{url}"),
    }
}

fn mailer_to(port: u16) -> SmtpMailer {
    SmtpMailer::new(at(&format!("smtp://127.0.0.1:{port}")), from()).unwrap()
}

async fn started(behaviour: Behaviour) -> (SmtpMailer, TestServer) {
    let server = TestServer::start(behaviour).await;
    (mailer_to(server.port), server)
}

/// Sends one mail to a server with this behaviour.
async fn outcome(behaviour: Behaviour) -> Result<(), MailError> {
    let (mailer, _server) = started(behaviour).await;
    timeout(PATIENCE, mailer.send(&mail(1, magic_link()))).await.unwrap()
}

#[tokio::test]
async fn accepted_mail_is_readable_on_the_other_side() {
    let (mailer, server) = started(Behaviour::default()).await;
    contract::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
}

#[tokio::test]
async fn accepted_mail_is_readable_where_only_ascii_passes() {
    let (mailer, server) = started(Behaviour { is_seven_bit: true, ..Behaviour::default() }).await;
    contract::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
}

#[tokio::test]
async fn link_and_code_are_written_literally_on_lines_of_their_own() {
    let (mailer, server) = started(Behaviour::default()).await;
    contract::link_and_code_are_written_literally_on_lines_of_their_own(&mailer, &server).await;
}

#[tokio::test]
async fn same_mail_twice_keeps_its_id_and_its_bytes() {
    let (mailer, server) = started(Behaviour::default()).await;
    contract::same_mail_twice_keeps_its_id_and_its_bytes(&mailer, &server).await;
}

#[tokio::test]
async fn envelope_names_sender_and_recipient() {
    let (mailer, server) = started(Behaviour::default()).await;
    mailer.send(&mail(1, magic_link())).await.unwrap();
    let message = server.seen(|seen| seen.messages.first().cloned()).unwrap();
    assert_eq!(message.from, "no-reply@tollgate.localhost");
    assert_eq!(message.to, ["bob+news@xn--bcher-kva.example"]);
}

#[tokio::test]
async fn connection_is_used_again() {
    let (mailer, server) = started(Behaviour::default()).await;
    for number in 1..=5 {
        mailer.send(&mail(number, receipt())).await.unwrap();
    }
    assert_eq!(server.seen(|seen| (seen.connections, seen.messages.len())), (1, 5));
}

#[tokio::test]
async fn connection_that_the_server_closed_is_replaced() {
    let (mailer, server) = started(Behaviour { hangs_up: true, ..Behaviour::default() }).await;
    for number in 1..=3 {
        mailer.send(&mail(number, receipt())).await.unwrap();
    }
    assert_eq!(server.seen(|seen| (seen.connections, seen.messages.len())), (3, 3));
}

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

#[tokio::test]
async fn greeting_has_the_name_of_the_installation() {
    let behaviour = Behaviour { wants_full_name: true, ..Behaviour::default() };
    let server = TestServer::start(behaviour).await;
    let to = at(&format!("smtp://127.0.0.1:{}", server.port));
    let named = |name: &str| {
        let options = MailerOptions { hello: Some(name.to_owned()), ..MailerOptions::default() };
        SmtpMailer::with(to.clone(), from(), &options).unwrap()
    };
    let refused = named("machine").send(&mail(1, receipt())).await;
    assert_eq!(refused, Err(MailError::Transient("recipient: answer 504 5.5.2".to_owned())));
    named("shop.example").send(&mail(1, receipt())).await.unwrap();
}

#[tokio::test]
async fn refusal_of_one_mail_does_not_affect_the_next() {
    let refusing =
        Behaviour { to_message: Some(response::TRANSACTION_FAILED), ..Behaviour::default() };
    let (mailer, server) = started(refusing).await;
    for number in 1..=2 {
        let refused = mailer.send(&mail(number, receipt())).await;
        assert_eq!(refused, Err(MailError::Permanent("message: answer 554".to_owned())));
    }
    assert_eq!(server.seen(|seen| seen.messages.len()), 0);
}

#[tokio::test]
async fn server_that_is_down_is_transient() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = mailer_to(port).send(&mail(1, magic_link())).await;
    assert_eq!(refused, Err(MailError::Transient("connecting: connection refused".to_owned())));
}

#[tokio::test]
async fn server_that_never_answers_is_transient_within_the_limit() {
    // The kernel accepts the connection, but nobody answers.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mailer = mailer_to(listener.local_addr().unwrap().port()).with_limits(SHORT);
    let refused = timeout(PATIENCE, mailer.send(&mail(1, magic_link()))).await.unwrap();
    assert_eq!(refused, Err(MailError::Transient("did not answer in time".to_owned())));
}

#[tokio::test]
async fn server_that_stops_answering_is_transient_and_the_next_mail_is_sent() {
    let mut cases = JoinSet::new();
    for command in ["EHLO", "MAIL", "RCPT", "DATA", ".\r\n"] {
        cases.spawn(async move {
            let (mailer, server) =
                started(Behaviour { mute_once_at: Some(command), ..Behaviour::default() }).await;
            let mailer = mailer.with_limits(SHORT);
            let cut_off = timeout(PATIENCE, mailer.send(&mail(1, magic_link()))).await.unwrap();
            let late = MailError::Transient("did not answer in time".to_owned());
            assert_eq!(cut_off, Err(late), "{command}");

            let mailer = mailer.with_limits(Limits::default());
            mailer.send(&mail(2, receipt())).await.unwrap();
            let seen = server.seen(|seen| (seen.connections, seen.messages.len()));
            assert_eq!(seen, (2, 1), "{command}");
        });
    }
    cases.join_all().await;
}

#[tokio::test]
async fn idle_connection_that_fell_silent_is_replaced() {
    let (mailer, server) =
        started(Behaviour { mute_once_at: Some("NOOP"), ..Behaviour::default() }).await;
    let mailer = mailer.with_limits(Limits { connect: SHORT.connect, send: PATIENCE });
    for number in 1..=2 {
        mailer.send(&mail(number, receipt())).await.unwrap();
    }
    assert_eq!(server.seen(|seen| (seen.connections, seen.messages.len())), (2, 2));
}

#[tokio::test]
async fn mail_goes_through_tls_with_a_login() {
    for (start, scheme, option) in
        [(TlsStart::AtCommand, "smtp", "?tls=starttls"), (TlsStart::AtOnce, "smtps", "")]
    {
        let (pem, tls) = certificate();
        let server = TestServer::start(Behaviour {
            tls: Some((tls, start)),
            login: Some(("ada@example.com", "p:a/s s")),
            ..Behaviour::default()
        })
        .await;
        let url =
            format!("{scheme}://ada%40example.com:p%3Aa%2Fs%20s@localhost:{}{option}", server.port);
        let mailer = SmtpMailer::trusting(at(&url), from(), pem.as_bytes()).unwrap();
        contract::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
        let user =
            server.seen(|seen| seen.messages.first().and_then(|message| message.user.clone()));
        assert_eq!(user.as_deref(), Some("ada@example.com"));
    }
}

#[tokio::test]
async fn certificate_that_the_operator_names_is_trusted() {
    let (pem, tls) = certificate();
    let behaviour = Behaviour { tls: Some((tls, TlsStart::AtOnce)), ..Behaviour::default() };
    let server = TestServer::start(behaviour).await;
    let to = at(&format!("smtps://localhost:{}", server.port));
    let named = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec();
    let with = |authorities: Vec<Vec<u8>>| {
        let options = MailerOptions { authorities, ..MailerOptions::default() };
        SmtpMailer::with(to.clone(), from(), &options).unwrap()
    };
    with(vec![named]).probe().await.unwrap();
    assert!(with(Vec::new()).probe().await.is_err());
}

#[tokio::test]
async fn wrong_password_is_transient() {
    let login = Some(("ada", "right"));
    let server = TestServer::start(Behaviour { login, ..Behaviour::default() }).await;
    let url = format!("smtp://ada:wrong@127.0.0.1:{}", server.port);
    let mailer = SmtpMailer::new(at(&url), from()).unwrap();
    let refused = mailer.send(&mail(1, magic_link())).await;
    assert_eq!(refused, Err(MailError::Transient("login: answer 535".to_owned())));
}

#[tokio::test]
async fn server_without_starttls_gets_neither_login_nor_mail() {
    let login = Some(("ada", "right"));
    let server = TestServer::start(Behaviour { login, ..Behaviour::default() }).await;
    let url = format!("smtp://ada:right@localhost:{}?tls=starttls", server.port);
    let mailer = SmtpMailer::new(at(&url), from()).unwrap();
    let refused = mailer.send(&mail(1, magic_link())).await;
    assert_eq!(
        refused,
        Err(MailError::Transient("STARTTLS: the server does not offer what is needed".to_owned())),
    );
    assert_eq!(server.seen(|seen| (seen.logins, seen.messages.len())), (0, 0));
}

#[tokio::test]
async fn server_with_an_unknown_certificate_gets_neither_login_nor_mail() {
    for (start, scheme, option) in
        [(TlsStart::AtCommand, "smtp", "?tls=starttls"), (TlsStart::AtOnce, "smtps", "")]
    {
        let (_, tls) = certificate();
        let behaviour = Behaviour {
            tls: Some((tls, start)),
            login: Some(("ada", "right")),
            ..Behaviour::default()
        };
        let server = TestServer::start(behaviour).await;
        let url = format!("{scheme}://ada:right@localhost:{}{option}", server.port);
        let refused = SmtpMailer::new(at(&url), from()).unwrap().send(&mail(1, magic_link())).await;
        let step = if start == TlsStart::AtCommand { "STARTTLS" } else { "connecting" };
        let reason = format!("{step}: invalid peer certificate: UnknownIssuer");
        assert_eq!(refused, Err(MailError::Transient(reason)));
        assert_eq!(server.seen(|seen| (seen.logins, seen.messages.len())), (0, 0));
    }
}

#[tokio::test]
async fn debug_hides_the_login() {
    let mailer = SmtpMailer::new(at("smtps://ada:secret@mail.example"), from()).unwrap();
    let shown = format!("{mailer:?}");
    assert!(shown.contains("mail.example") && !shown.contains("ada") && !shown.contains("secret"));
}
