//! Mails to a mail server on loopback.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod mime;
mod refusals;
mod server;

use std::time::Duration;

use async_trait::async_trait;
use mailin::response;
use mime::{magic_link, mail, receipt};
use server::{Behaviour, Received, TestServer, TlsStart, certificate};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
use tollgate_domain::mail::ports::{MailError, Mailer};
use tollgate_domain_testing::contract::mailer::{AcceptedMail, Fixture};
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

/// Returns a port that nobody listens at.
async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

struct ToServer {
    mailer: SmtpMailer,
    server: TestServer,
}

#[async_trait]
impl Fixture for ToServer {
    fn mailer(&self) -> &dyn Mailer {
        &self.mailer
    }

    async fn accepted(&self) -> Vec<AcceptedMail> {
        let accepted = |message: &Received| mime::accepted(&message.bytes);
        self.server.seen(|seen| seen.messages.iter().map(accepted).collect())
    }

    async fn out_of_reach(&self) -> Box<dyn Mailer> {
        Box::new(mailer_to(closed_port().await))
    }
}

async fn make() -> ToServer {
    let (mailer, server) = started(Behaviour::default()).await;
    ToServer { mailer, server }
}

tollgate_domain_testing::mailer_contract!(
    #[tokio::test]
    make
);

#[tokio::test]
async fn accepted_mail_is_readable_on_the_other_side() {
    let (mailer, server) = started(Behaviour::default()).await;
    mime::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
}

#[tokio::test]
async fn accepted_mail_is_readable_where_only_ascii_passes() {
    let (mailer, server) = started(Behaviour { is_seven_bit: true, ..Behaviour::default() }).await;
    mime::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
}

#[tokio::test]
async fn link_and_code_are_written_literally_on_lines_of_their_own() {
    let (mailer, server) = started(Behaviour::default()).await;
    mime::link_and_code_are_written_literally_on_lines_of_their_own(&mailer, &server).await;
}

#[tokio::test]
async fn same_mail_twice_keeps_its_id_and_its_bytes() {
    let (mailer, server) = started(Behaviour::default()).await;
    mime::same_mail_twice_keeps_its_id_and_its_bytes(&mailer, &server).await;
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
    let refused = mailer_to(closed_port().await).send(&mail(1, magic_link())).await;
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
        mime::accepted_mail_is_readable_on_the_other_side(&mailer, &server).await;
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
