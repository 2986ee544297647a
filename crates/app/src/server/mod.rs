//! The web server: connections with limits in time and number, and the service of the HTTP adapter on them.
//!
//! `actix_web::HttpServer` limits the time of the headers of the first request of a connection only, and never
//! that of an answer, so the server is built from its parts with streams of our own.

mod capacity;
mod chunks;
mod limits;
mod phase;
mod stream;
mod timer;

use std::{io, net::TcpListener, time::Duration};

use actix_http::{HttpService, Protocol};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::{
    App, Error, HttpMessage,
    dev::{AppConfig, Service, ServiceRequest},
    http::header,
    rt::net::TcpStream,
    web::ServiceConfig,
};

#[cfg(target_os = "linux")]
use socket2::SockRef;
use tollgate_http::TrustedProxies;

pub(crate) use self::capacity::{Capacity, open};
use self::{
    chunks::{AnswerBody, Chunks},
    limits::{HEADERS_WITHIN, Limits},
    phase::{Handling, Phase},
    stream::Guarded,
};
use crate::traces::Parents;

/// How many bytes the system takes of an answer ahead of what it has sent. Left to itself it takes megabytes, and a client that
/// reads slowly then looks for a long time as if it read nothing.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 128 * 1024;
/// The time that a client has to notice that its connection is closed.
const CLOSED_WITHIN: Duration = Duration::from_millis(500);
/// The time that running requests have to finish when the server stops.
const SHUTDOWN_SECONDS: u64 = 10;

/// A server before it runs.
pub(crate) struct Builder {
    server: ServerBuilder,
    limits: Limits,
    parents: Parents,
}

/// Returns how many bytes the body of a request has; `None` if it comes in chunks.
fn body_length(req: &ServiceRequest) -> Option<u64> {
    if req.chunked().unwrap_or(false) {
        return None;
    }
    let announced = req.headers().get(header::CONTENT_LENGTH);
    Some(announced.and_then(|length| length.to_str().ok()?.parse().ok()).unwrap_or(0))
}

impl Builder {
    /// Creates a server that takes at most this many connections.
    pub(crate) fn new(capacity: Capacity, parents: Parents) -> Self {
        let workers = std::thread::available_parallelism().map_or(1, Into::into);
        Self::with_workers(workers, capacity.connections, parents)
    }

    fn with_workers(workers: usize, connections: usize, parents: Parents) -> Self {
        let server = Server::build()
            .workers(workers)
            .max_concurrent_connections((connections / workers).max(1))
            .shutdown_timeout(SHUTDOWN_SECONDS);
        Self { server, limits: Limits::of(connections), parents }
    }

    /// Creates a small server for few clients, which leaves signals to another one.
    pub(crate) fn small() -> Self {
        let parents = Parents::of(&TrustedProxies::default());
        let Self { server, limits, parents } = Self::with_workers(1, 16, parents);
        // The connections of the other server are counted with its own.
        let server = server.disable_signals();
        Self { server, limits: Limits { busy_above: usize::MAX, ..limits }, parents }
    }

    /// Serves what `configure` adds at a listener.
    pub(crate) fn serve<F>(
        self,
        name: &str,
        listener: TcpListener,
        configure: F,
    ) -> io::Result<Server>
    where
        F: Fn(&mut ServiceConfig) + Send + Clone + 'static,
    {
        let address = listener.local_addr()?;
        let (limits, parents) = (self.limits, self.parents);
        let stopping = self.server.graceful_shutdown_signal();
        let server = self.server.listen(name, listener, move || {
            let (configure, parents) = (configure.clone(), parents.clone());
            let app =
                App::new().configure(move |app| configure(app)).wrap_fn(move |mut req, service| {
                    // While a request is handled, the handler sees to the time that its body takes.
                    let phase = req.conn_data::<Phase>().cloned();
                    let handling = phase.as_ref().map(|phase| phase.begin(body_length(&req)));
                    let chunks = Chunks::of(&mut req, phase);
                    let response = parents.parent(&req).of(service.call(req));
                    async move {
                        let response = response.await;
                        let answering = handling.map(Handling::answer);
                        response.map(|response| {
                            response.map_body(|_, body| AnswerBody::new(body, chunks, answering))
                        })
                    }
                });
            let app = app.into_factory().map_err(|error: Error| error.error_response());
            let stopping = stopping.clone();
            let http = HttpService::build()
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .client_request_timeout(HEADERS_WITHIN)
                .client_disconnect_timeout(CLOSED_WITHIN)
                .local_addr(address)
                .on_connect_ext(|stream: &Guarded, data| drop(data.insert(stream.phase())))
                .finish(map_config(app, |()| AppConfig::default()));
            fn_service(move |stream: TcpStream| async move {
                // The head and the body of an answer are two writes. Without this the second waits until
                // the client has acknowledged the first, which takes 40 ms.
                let _ = stream.set_nodelay(true);
                #[cfg(target_os = "linux")]
                let _ = SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES);
                let peer = stream.peer_addr().ok();
                Ok((Guarded::new(stream, limits), Protocol::Http1, peer))
            })
            .and_then(http)
        })?;
        Ok(server.run())
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use actix_server::ServerHandle;
    use actix_web::{
        HttpResponse, rt,
        web::{self, Bytes},
    };
    use futures_util::future::{join, join_all};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        time::timeout,
    };

    use super::*;

    /// Starts a server that reads bodies at one address only.
    fn serving() -> (SocketAddr, ServerHandle) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let add = |app: &mut ServiceConfig| {
            let nothing = || async { HttpResponse::NoContent().finish() };
            let read = |_: Bytes| async { HttpResponse::NoContent().finish() };
            app.route("/text", web::to(|| async { "text" }))
                .route("/read", web::to(read))
                .default_service(web::to(nothing));
        };
        let server = Builder::small().serve("test", listener, add).unwrap();
        let handle = server.handle();
        rt::spawn(server);
        (address, handle)
    }

    fn chunked(path: &str, chunks: &str) -> String {
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")
    }

    /// Sends the beginning of a request, and returns what is answered until the server closes the connection.
    async fn said_before_the_end(address: SocketAddr, sent: String) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let end = timeout(HEADERS_WITHIN, stream.read_to_string(&mut answer)).await;
        end.expect("the connection ends").unwrap();
        answer.to_lowercase()
    }

    #[actix_web::test]
    async fn connection_whose_chunks_are_not_read_to_their_end_ends_with_the_answer() {
        let (address, server) = serving();
        let begun = ["", "1\r\n{\r\n"];
        let requests = ["/", "/text"].into_iter().flat_map(|path| begun.map(|it| (path, it)));
        let ends = requests.map(|(path, it)| said_before_the_end(address, chunked(path, it)));
        for answer in join_all(ends).await {
            assert!(answer.starts_with("http/1.1 20"), "{answer}");
            assert!(answer.contains("connection: close"), "{answer}");
        }
        for path in ["/read", "/", "/text"] {
            let answer = said_before_the_end(address, chunked(path, "zz\r\nabc\r\n")).await;
            let expected = if path == "/read" { "http/1.1 400" } else { "http/1.1 " };
            assert!(answer.starts_with(expected), "{path}: {answer}");
        }
        server.stop(false).await;
    }

    #[actix_web::test]
    async fn requests_that_are_sent_ahead_are_all_answered() {
        const SENT: usize = 3_000;
        let (address, server) = serving();
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut answers, mut requests) = stream.into_split();
        let send = async {
            let request = "GET /text HTTP/1.1\r\nHost: x\r\n\r\n";
            requests.write_all(request.repeat(SENT).as_bytes()).await.unwrap();
        };
        let receive = async {
            let mut seen = Vec::new();
            while String::from_utf8_lossy(&seen).matches("HTTP/1.1 200").count() < SENT {
                assert_ne!(answers.read_buf(&mut seen).await.unwrap(), 0, "the connection ends");
            }
        };
        timeout(Duration::from_secs(30), join(send, receive)).await.unwrap();
        server.stop(false).await;
    }

    #[actix_web::test]
    async fn connection_whose_chunks_were_read_is_used_again() {
        let (address, server) = serving();
        let mut stream = TcpStream::connect(address).await.unwrap();
        for chunks in ["1\r\nx\r\n0\r\n\r\n", "0\r\n\r\n", "1\r\nx\r\n0\r\n\r\n"] {
            stream.write_all(chunked("/read", chunks).as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(stream.read_u8().await.unwrap());
            }
            let answer = String::from_utf8(answer).unwrap().to_lowercase();
            assert!(answer.starts_with("http/1.1 204"), "{answer}");
            assert!(!answer.contains("connection: close"), "{answer}");
        }
        drop(stream);
        server.stop(false).await;
    }
}
