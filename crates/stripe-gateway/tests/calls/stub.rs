//! An HTTP server with prepared replies.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The reply to a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    /// Closes the connection in the middle of the answer.
    Half,
    /// Closes the connection without an answer.
    Close,
    /// Never answers.
    Hang,
}

impl Reply {
    pub(crate) fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    /// Returns an error in Stripe's format.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let error =
            format!(r#"{{"type":"invalid_request_error","code":"{code}","message":"Text."}}"#);
        Self::json(status, format!(r#"{{"error":{error}}}"#))
    }

    pub(crate) fn with(self, name: &'static str, value: &'static str) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name, value));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The method and path: `POST /v1/refunds?a=b`.
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Returns the decoded body and query.
    pub(crate) fn fields(&self) -> HashMap<String, String> {
        let query = self.line.split_once('?').map_or("", |(_, query)| query);
        let pairs = form_urlencoded::parse(self.body.as_bytes()).into_owned();
        pairs.chain(form_urlencoded::parse(query.as_bytes()).into_owned()).collect()
    }
}

#[derive(Default)]
struct Inner {
    replies: Mutex<VecDeque<Reply>>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
}

pub(crate) struct Stub {
    pub(crate) addr: SocketAddr,
    inner: Arc<Inner>,
}

impl Stub {
    /// Starts a server that sends the replies in order, and then repeats the last one.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let inner = Arc::new(Inner {
            replies: Mutex::new(replies.into_iter().collect()),
            ..Inner::default()
        });
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { addr, inner }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let mut stream = BufReader::new(stream);
    while let Some(received) = read(&mut stream).await {
        inner.received.lock().unwrap().push(received);
        let reply = {
            let mut replies = inner.replies.lock().unwrap();
            let reply = replies.pop_front().unwrap();
            if replies.is_empty() {
                replies.push_back(reply.clone());
            }
            reply
        };
        let text = match reply {
            Reply::Answer(status, headers, body) => {
                let mut text = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.extend([name, ": ", value, "\r\n"]);
                }
                text + "\r\n" + &body
            }
            Reply::Half => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_owned(),
            Reply::Close => return,
            Reply::Hang => std::future::pending().await,
        };
        if stream.write_all(text.as_bytes()).await.is_err() || text.ends_with("\n{") {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let mut headers = HashMap::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received {
        line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    })
}
