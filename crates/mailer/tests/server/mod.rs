//! A mail server on loopback. `mailin` implements the protocol; this file adds sockets, TLS and
//! faults.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::mime::OtherSide;

/// The behaviour of the server. By default it accepts every mail without encryption.
#[derive(Clone, Default)]
pub(crate) struct Behaviour {
    /// The answer to the sender, instead of OK.
    pub(crate) to_sender: Option<Response>,
    /// The answer to the recipient, instead of OK.
    pub(crate) to_recipient: Option<Response>,
    /// Whether a recipient is refused if the client did not greet with a full domain name.
    pub(crate) wants_full_name: bool,
    /// The answer to the message, instead of OK.
    pub(crate) to_message: Option<Response>,
    /// The login that the server offers and accepts.
    pub(crate) login: Option<(&'static str, &'static str)>,
    /// Whether only ASCII is accepted.
    pub(crate) is_seven_bit: bool,
    /// Whether the connection is closed after each message.
    pub(crate) hangs_up: bool,
    /// The start of a line that is never answered. This happens once; later connections are served.
    pub(crate) mute_once_at: Option<&'static str>,
    /// The TLS configuration, and when TLS starts.
    pub(crate) tls: Option<(Arc<ServerConfig>, TlsStart)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsStart {
    AtCommand,
    AtOnce,
}

/// A message that was received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) user: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// The connections, logins and messages of the server.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) connections: usize,
    pub(crate) logins: usize,
    pub(crate) messages: Vec<Received>,
}

pub(crate) struct TestServer {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl TestServer {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let mute_once = Arc::new(Mutex::new(behaviour.mute_once_at));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                let (behaviour, seen) = (behaviour.clone(), Arc::clone(&shared));
                let connection = serve(stream, behaviour, seen, Arc::clone(&mute_once));
                // Ignores errors of clients that disconnect.
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { port, seen }
    }

    pub(crate) fn seen<T>(&self, read: impl FnOnce(&Seen) -> T) -> T {
        read(&self.seen.lock().unwrap())
    }
}

impl OtherSide for TestServer {
    async fn messages(&self) -> Vec<Vec<u8>> {
        self.seen(|seen| seen.messages.iter().map(|message| message.bytes.clone()).collect())
    }
}

/// Returns a self-signed certificate for `localhost` as PEM, and the server's TLS configuration.
pub(crate) fn certificate() -> (String, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (made.cert.pem(), Arc::new(config))
}

type MuteOnce = Arc<Mutex<Option<&'static str>>>;

async fn serve(
    stream: TcpStream,
    behaviour: Behaviour,
    seen: Arc<Mutex<Seen>>,
    mute_once: MuteOnce,
) -> io::Result<()> {
    let mut builder = SessionBuilder::new("mail.example");
    if behaviour.login.is_some() {
        builder.enable_auth(AuthMechanism::Plain);
        // Offered without TLS too, so that tests notice a login that is sent unencrypted.
        builder.insecure_enable_plaintext_auth();
    }
    if let Some((_, TlsStart::AtCommand)) = behaviour.tls {
        builder.enable_start_tls();
    }
    let peer = stream.peer_addr()?.ip();
    let tls = behaviour.tls.clone();
    let desk = Desk {
        behaviour: behaviour.clone(),
        seen,
        message: Received::default(),
        hello: String::new(),
    };
    let mut session = builder.build(peer, desk);
    let mut line = Conversation { behaviour, mute_once };
    match tls {
        None => line.greet_and_talk(stream, &mut session).await.map(drop),
        Some((config, TlsStart::AtOnce)) => {
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            line.greet_and_talk(stream, &mut session).await.map(drop)
        }
        Some((config, TlsStart::AtCommand)) => {
            let Some(stream) = line.greet_and_talk(stream, &mut session).await? else {
                return Ok(());
            };
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            session.tls_active();
            line.talk(BufReader::new(stream), &mut session).await.map(drop)
        }
    }
}

struct Conversation {
    behaviour: Behaviour,
    mute_once: MuteOnce,
}

impl Conversation {
    async fn greet_and_talk<S>(
        &mut self,
        stream: S,
        session: &mut Session<Desk>,
    ) -> io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = BufReader::new(stream);
        self.answer(&mut stream, &session.greeting()).await?;
        self.talk(stream, session).await
    }

    /// Serves the connection. Returns the stream if the client starts TLS.
    async fn talk<S>(
        &mut self,
        mut stream: BufReader<S>,
        session: &mut Session<Desk>,
    ) -> io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut line = Vec::new();
        loop {
            line.clear();
            if stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None);
            }
            if self.falls_silent(&line) {
                std::future::pending::<()>().await;
            }
            let answer = session.process(&line);
            self.answer(&mut stream, &answer).await?;
            match answer.action {
                Action::UpgradeTls => return Ok(Some(stream.into_inner())),
                Action::Close => return Ok(None),
                Action::Reply if self.behaviour.hangs_up && line == b".\r\n" => return Ok(None),
                Action::Reply | Action::NoReply => {}
            }
        }
    }

    fn falls_silent(&self, line: &[u8]) -> bool {
        let mut mute_once = self.mute_once.lock().unwrap();
        let is_now = mute_once.is_some_and(|start| line.starts_with(start.as_bytes()));
        if is_now {
            *mute_once = None;
        }
        is_now
    }

    async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut BufReader<S>,
        answer: &Response,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        answer.write_to(&mut bytes)?;
        let mut text = String::from_utf8(bytes).unwrap();
        if self.behaviour.is_seven_bit {
            text = text.replace("8BITMIME", "X-ASCII-ONLY");
        }
        stream.get_mut().write_all(text.as_bytes()).await?;
        stream.get_mut().flush().await
    }
}

/// The handler that `mailin` calls.
struct Desk {
    behaviour: Behaviour,
    seen: Arc<Mutex<Seen>>,
    message: Received,
    hello: String,
}

impl Handler for Desk {
    fn helo(&mut self, _ip: IpAddr, domain: &str) -> Response {
        domain.clone_into(&mut self.hello);
        response::OK
    }

    fn mail(&mut self, _ip: IpAddr, _domain: &str, from: &str) -> Response {
        self.message = Received {
            from: from.to_owned(),
            user: self.message.user.take(),
            ..Received::default()
        };
        self.behaviour.to_sender.clone().unwrap_or(response::OK)
    }

    fn rcpt(&mut self, to: &str) -> Response {
        self.message.to.push(to.to_owned());
        if self.behaviour.wants_full_name && !self.hello.contains('.') {
            return Response::custom(504, "5.5.2 need a fully-qualified hostname".to_owned());
        }
        self.behaviour.to_recipient.clone().unwrap_or(response::OK)
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        assert!(bytes.is_ascii() || !self.behaviour.is_seven_bit);
        self.message.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if let Some(refusal) = &self.behaviour.to_message {
            return refusal.clone();
        }
        self.seen.lock().unwrap().messages.push(self.message.clone());
        response::OK
    }

    fn auth_plain(&mut self, _as: &str, user: &str, password: &str) -> Response {
        self.seen.lock().unwrap().logins += 1;
        if self.behaviour.login != Some((user, password)) {
            return response::INVALID_CREDENTIALS;
        }
        self.message.user = Some(user.to_owned());
        response::AUTH_OK
    }
}
