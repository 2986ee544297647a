//! A mail service on loopback, and the contract of mailers on those that use one.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tollgate_domain::mail::ports::Mailer;
use tollgate_domain_testing::{
    ManualClock,
    contract::mailer::{AcceptedMail, Fixture},
};
use tollgate_mailer::{ApiMailer, MailUrl, Sender};

use crate::mime;

/// A request that a service got.
pub(crate) struct Request {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A mail service that gives the same answer to every request.
pub(crate) struct Stub {
    pub(crate) origin: String,
    pub(crate) received: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub(crate) async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let all = received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let request = serve(stream, answer).await;
                all.lock().unwrap().push(request);
            }
        });
        Self { origin, received }
    }

    pub(crate) async fn accepting() -> Self {
        Self::start("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await
    }

    pub(crate) fn take(&self) -> Request {
        self.received.lock().unwrap().pop().unwrap()
    }
}

async fn serve(stream: TcpStream, answer: &str) -> Request {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<_> = lines[1..]
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").unwrap();
    let mut body = vec![0; length.1.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap();
    Request { line: lines[0].clone(), headers, body }
}

pub(crate) fn mailer(url: &str) -> ApiMailer {
    let MailUrl::Api(server) = MailUrl::parse(url).unwrap() else { panic!("{url}") };
    let from = Sender::parse("Tollgate <no-reply@tollgate.localhost>").unwrap();
    ApiMailer::new(server, from, Arc::new(ManualClock::default()), &[]).unwrap()
}

/// Returns an origin at which nobody listens.
pub(crate) async fn closed() -> String {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    format!("http://{address}")
}

struct ToService {
    service: &'static str,
    mailer: ApiMailer,
    stub: Stub,
    read: fn(&Value) -> AcceptedMail,
}

impl ToService {
    async fn new(service: &'static str, read: fn(&Value) -> AcceptedMail) -> Self {
        let stub = Stub::accepting().await;
        let mailer = mailer(&format!("{service}@{}", stub.origin));
        Self { service, mailer, stub, read }
    }
}

#[async_trait]
impl Fixture for ToService {
    fn mailer(&self) -> &dyn Mailer {
        &self.mailer
    }

    async fn accepted(&self) -> Vec<AcceptedMail> {
        let received = self.stub.received.lock().unwrap();
        received.iter().map(|request| (self.read)(&request.body)).collect()
    }

    async fn out_of_reach(&self) -> Box<dyn Mailer> {
        Box::new(mailer(&format!("{}@{}", self.service, closed().await)))
    }
}

/// Returns the message that Amazon SES gets.
pub(crate) fn raw(body: &Value) -> Vec<u8> {
    STANDARD.decode(body["Content"]["Raw"]["Data"].as_str().unwrap()).unwrap()
}

/// Reads a mail whose parts are in places of their own.
fn in_parts(to: &Value, text: &Value) -> AcceptedMail {
    let to = to.as_str().unwrap().parse().unwrap();
    AcceptedMail { to, text: text.as_str().unwrap().to_owned() }
}

async fn postmark() -> ToService {
    ToService::new("postmark:a-token", |body| in_parts(&body["To"], &body["TextBody"])).await
}

async fn resend() -> ToService {
    ToService::new("resend:re_key", |body| in_parts(&body["to"][0], &body["text"])).await
}

async fn ses() -> ToService {
    ToService::new("ses:AKID:a%2Fsecret@eu-central-1", |body| mime::accepted(&raw(body))).await
}

mod contract_of_postmark {
    tollgate_domain_testing::mailer_contract!(
        #[tokio::test]
        super::postmark
    );
}

mod contract_of_resend {
    tollgate_domain_testing::mailer_contract!(
        #[tokio::test]
        super::resend
    );
}

mod contract_of_ses {
    tollgate_domain_testing::mailer_contract!(
        #[tokio::test]
        super::ses
    );
}
