//! Requests and answers of an API client.

use std::time::Duration;

use reqwest::{
    Client, Method, RequestBuilder,
    header::{HOST, HeaderMap},
};
use serde_json::Value;

/// How often a patient client is refused before it gives up.
const MAX_REFUSALS: u32 = 10;

/// A request to one process.
pub(crate) struct Call {
    request: RequestBuilder,
    host: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Call {
    pub(super) fn new(client: &Client, method: &str, port: u16, host: &str, path: &str) -> Self {
        let method: Method = method.parse().unwrap();
        let request = client.request(method, format!("http://127.0.0.1:{port}{path}"));
        Self { request, host: host.to_owned() }
    }

    /// Sets a host other than the installation's own.
    pub(crate) fn host(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Sets the cookie, as `name=value`.
    pub(crate) fn cookie(self, cookie: &str) -> Self {
        self.with("cookie", cookie)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let Self { request, host } = self.with("content-type", content_type);
        Self { request: request.body(body.into()), host }
    }

    pub(crate) async fn send(self) -> Reply {
        self.try_send().await.expect("the server did not answer")
    }

    /// Sends the request, and again after the time that the server asks for while it is too busy: of many that wait for one
    /// row on a slow machine, some wait for longer than a statement may.
    pub(crate) async fn send_patiently(self) -> Reply {
        for _ in 0..MAX_REFUSALS {
            let request = self.request.try_clone().expect("the body is not a stream");
            let reply = Self { request, host: self.host.clone() }.send().await;
            if reply.status != 503 {
                return reply;
            }
            let seconds = reply.header("retry-after").parse().expect("a number of seconds");
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
        self.send().await
    }

    /// Sends the request, and returns the status, the headers and the raw body.
    pub(crate) async fn bytes(self) -> (Reply, Vec<u8>) {
        let answer = self.request.header(HOST, self.host).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().await.unwrap().to_vec();
        (Reply { status, headers, body: String::new() }, body)
    }

    /// Returns the length of the answer's body, which is discarded.
    pub(crate) async fn length(self) -> usize {
        let mut answer = self.request.header(HOST, self.host).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let mut length = 0;
        while let Some(chunk) = answer.chunk().await.unwrap() {
            length += chunk.len();
        }
        length
    }

    pub(crate) async fn try_send(self) -> reqwest::Result<Reply> {
        let answer = self.request.header(HOST, self.host).send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok(Reply { status, headers, body: answer.text().await? })
    }
}

impl Reply {
    /// Returns the body of a successful answer.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// Returns a header that occurs at most once; empty if it is missing.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        assert!(self.headers.get_all(name).iter().count() <= 1, "{name} is repeated: {self:?}");
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Returns the status and the code of a problem, such as `401 visitor_unauthorized`.
    #[track_caller]
    pub(crate) fn refusal(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert_eq!(problem["type"], "about:blank", "{problem}");
        for member in ["title", "detail", "requestId"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        format!("{} {}", self.status, problem["error"].as_str().unwrap())
    }

    /// Returns the visitor cookie that was set, as `name=value`.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.header("set-cookie").split(';').next().unwrap();
        assert!(cookie.starts_with("_10x_visitor="), "{self:?}");
        cookie.to_owned()
    }
}
