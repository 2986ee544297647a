//! A proxy in front of the PostgreSQL server for tests: it speaks TLS, says what a demoted server says or one that lets
//! nobody in, and hangs.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};

/// The proxy. It ends with the test's runtime.
pub(crate) struct Proxy {
    port: u16,
    state: Arc<State>,
}

struct State {
    upstream: String,
    tls: Option<TlsAcceptor>,
    accepted: AtomicUsize,
    hangs: AtomicBool,
    /// The code by which new connections are refused.
    refusal: Mutex<Option<&'static str>>,
    /// How often the server was demoted.
    demotions: watch::Sender<usize>,
}

impl Proxy {
    /// Starts a proxy that speaks TLS if it is given a certificate.
    pub(crate) async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            upstream: authority(&crate::support::server()),
            tls,
            accepted: AtomicUsize::new(0),
            hangs: AtomicBool::new(false),
            refusal: Mutex::new(None),
            demotions: watch::Sender::new(0),
        });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                shared.accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(client, shared.clone()));
            }
        });
        Self { port, state }
    }

    /// Returns `url` with the proxy at `host` in the place of the server.
    pub(crate) fn in_front_of(&self, url: &str, host: &str) -> String {
        url.replace(&authority(url), &format!("{host}:{}", self.port))
    }

    /// Returns how many connections were opened.
    pub(crate) fn accepted(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Tells the clients that are connected that the server takes no writes any more.
    pub(crate) fn demote(&self) {
        self.state.demotions.send_modify(|count| *count += 1);
    }

    /// From now on nothing is passed on, and new connections are not greeted.
    pub(crate) fn set_hanging(&self, hangs: bool) {
        self.state.hangs.store(hangs, Ordering::SeqCst);
    }

    /// From now on new connections are refused by this code, or are not. Those that there are go on.
    pub(crate) fn set_refusal(&self, code: Option<&'static str>) {
        *self.state.refusal.lock().unwrap() = code;
    }
}

/// Returns the host and port of an address.
pub(crate) fn authority(url: &str) -> String {
    let start = url.find('@').unwrap() + 1;
    url[start..].split('/').next().unwrap().to_owned()
}

async fn serve(mut client: TcpStream, state: Arc<State>) {
    if state.hangs.load(Ordering::SeqCst) {
        return std::future::pending().await;
    }
    let refusal = *state.refusal.lock().unwrap();
    if let Some(code) = refusal {
        // A client that has gone needs no answer.
        let _ = refuse(client, code).await;
        return;
    }
    let Some(tls) = &state.tls else { return pass(client, &state).await };
    // The client asks for TLS before anything else.
    let mut asked = [0; 8];
    if client.read_exact(&mut asked).await.is_err() || client.write_all(b"S").await.is_err() {
        return;
    }
    if let Ok(client) = tls.accept(client).await {
        pass(client, &state).await;
    }
}

async fn pass(client: impl AsyncRead + AsyncWrite, state: &State) {
    let server = TcpStream::connect(&state.upstream).await.unwrap();
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let mut demotions = state.demotions.subscribe();
    let down = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            tokio::select! {
                read = from_server.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(count) => {
                        if state.hangs.load(Ordering::SeqCst) {
                            return std::future::pending().await;
                        }
                        if to_client.write_all(&buffer[..count]).await.is_err() { return }
                    }
                },
                _ = demotions.changed() => {
                    if to_client.write_all(&read_only()).await.is_err() { return }
                }
            }
        }
    };
    tokio::select! {
        () = down => {}
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
    }
}

/// Lets a client ask for TLS and begin, and ends the connection with an `ErrorResponse`.
async fn refuse(mut client: TcpStream, code: &str) -> std::io::Result<()> {
    loop {
        let length = usize::try_from(client.read_u32().await?).unwrap();
        client.read_exact(&mut vec![0; length - 4]).await?;
        // Only the question for TLS is as short.
        if length > 8 {
            break;
        }
        client.write_all(b"N").await?;
    }
    let content = format!("SFATAL\0VFATAL\0C{code}\0Mnobody is let in\0\0");
    let length = u32::try_from(content.len() + 4).unwrap();
    client
        .write_all(&[b"E".as_slice(), &length.to_be_bytes(), content.as_bytes()].concat())
        .await?;
    client.shutdown().await
}

/// The message `ParameterStatus` of a server that was made read-only.
fn read_only() -> Vec<u8> {
    let content = b"default_transaction_read_only\0on\0";
    let length = u32::try_from(content.len() + 4).unwrap();
    [b"S".as_slice(), &length.to_be_bytes(), content].concat()
}

/// An authority, with the certificate that it made for a host.
pub(crate) struct Certificates {
    /// The authority's certificate, in PEM.
    pub(crate) authority: String,
    /// What a server with the certificate does.
    pub(crate) acceptor: TlsAcceptor,
}

/// Makes an authority and a certificate for `host`.
pub(crate) fn certificates(host: &str) -> Certificates {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new([host.to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    Certificates { authority: issuer.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) }
}
