//! Tests of the traces that a collector gets.

use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span,
};
use prost::Message;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::support::{Backend, Place, Server, until};

on_each_database!(
    request_goes_on_in_the_trace_of_a_trusted_proxy_down_to_the_database,
    trace_that_a_stranger_names_is_not_gone_on_with,
    checkout_shows_the_call_to_stripe_and_nothing_about_a_person,
    traces_that_are_left_are_sent_when_the_program_ends,
    what_is_not_http_hides_no_request_that_follows,
    collector_that_takes_nothing_is_logged_once_and_delays_nothing,
);

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const PARENT: u64 = 0xb7ad_6b71_6920_3331;
const CHECK: &str = "/v2/public/pages/ada/guide/access-check";

/// A collector that keeps what it gets, and answers with a status.
struct Collector {
    url: String,
    got: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    async fn start() -> Self {
        Self::answering("200 OK").await
    }

    async fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<_>>>::default();
        let keep = got.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, status, keep.clone()));
            }
        });
        Self { url, got }
    }

    async fn serve(&self, place: Place) -> Server {
        let place = place.with("OTEL_EXPORTER_OTLP_ENDPOINT", &self.url);
        place.with("OTEL_BSP_SCHEDULE_DELAY", "20").serve().await
    }

    fn spans(&self) -> Vec<Span> {
        let got = self.got.lock().unwrap();
        let requests = got.iter().map(|body| ExportTraceServiceRequest::decode(body.as_slice()));
        let resources = requests.flat_map(|request| request.unwrap().resource_spans);
        resources.flat_map(|of| of.scope_spans).flat_map(|of| of.spans).collect()
    }

    /// Waits for a span of this name.
    async fn span(&self, name: &str) -> Span {
        let look = async || self.spans().into_iter().find(|span| span.name == name);
        until(&format!("a span {name}"), look).await
    }

    /// Waits for a span of this name that is a part of another one.
    async fn part(&self, whole: &Span, name: &str) -> Span {
        let is_part = |span: &Span| {
            span.name == name
                && span.parent_span_id == whole.span_id
                && span.trace_id == whole.trace_id
        };
        until(&format!("{name} in {}", whole.name), async || self.spans().into_iter().find(is_part))
            .await
    }
}

/// Answers the requests of a connection.
async fn answer(stream: TcpStream, status: &str, keep: Arc<Mutex<Vec<Vec<u8>>>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        keep.lock().unwrap().push(body);
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).await.ok()?;
    }
}

fn attribute(span: &Span, name: &str) -> Value {
    let found = span.attributes.iter().find(|KeyValue { key, .. }| key == name);
    found.unwrap_or_else(|| panic!("{name}: {span:?}")).value.clone().unwrap().value.unwrap()
}

/// Asks for access as a part of [`TRACE`], without a session.
async fn check_in_trace(server: &Server) {
    let check = server.post(CHECK).with("tracestate", "chosen=by-a-client");
    let check = check.with("traceparent", &format!("00-{TRACE:032x}-{PARENT:016x}-01"));
    assert_eq!(check.send().await.ok()["reason"], "visitor_auth_required");
}

async fn request_goes_on_in_the_trace_of_a_trusted_proxy_down_to_the_database(backend: Backend) {
    let collector = Collector::start().await;
    let place = Place::new(backend).await.with("TOLLGATE_TRUSTED_PROXIES", "127.0.0.1");
    let server = collector.serve(place).await;
    check_in_trace(&server).await;
    let request = collector.span("POST /v2/public/pages/*/*/access-check").await;
    assert_eq!(request.trace_id, TRACE.to_be_bytes());
    assert_eq!(request.parent_span_id, PARENT.to_be_bytes());
    assert_eq!(attribute(&request, "http.response.status_code"), Value::IntValue(200));
    let route = Value::StringValue("/v2/public/pages/*/*/access-check".to_owned());
    assert_eq!(attribute(&request, "http.route"), route);
    assert_eq!(request.trace_state, "");
    collector.part(&request, "read").await;
    // What an idle program looks for is not a trace.
    let is_stray = |span: &Span| span.name == "read" && span.parent_span_id.is_empty();
    assert_eq!(collector.spans().into_iter().find(is_stray), None);
}

async fn trace_that_a_stranger_names_is_not_gone_on_with(backend: Backend) {
    let collector = Collector::start().await;
    let server = collector.serve(Place::new(backend).await).await;
    check_in_trace(&server).await;
    let request = collector.span("POST /v2/public/pages/*/*/access-check").await;
    assert_ne!(request.trace_id, TRACE.to_be_bytes());
    assert_eq!(request.parent_span_id, [0; 0]);
}

async fn checkout_shows_the_call_to_stripe_and_nothing_about_a_person(backend: Backend) {
    let collector = Collector::start().await;
    let server = collector.serve(Place::new(backend).await).await;
    let bob = server.sign_in("bob@example.com").await;
    server.checkout(&bob).await;
    let request = collector.span("POST /v2/public/pages/*/*/checkout").await;
    collector.part(&request, "Stripe POST checkout/sessions").await;
    collector.part(&request, "commit").await;
    let mail = collector.span("send_urgent_mail").await;
    assert_ne!(mail.trace_id, request.trace_id);
    let secrets = [bob.cookie.split_once('=').unwrap().1, "bob@example.com", "guide"];
    for span in collector.spans() {
        let told = format!("{span:?}");
        assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
    }
}

async fn traces_that_are_left_are_sent_when_the_program_ends(backend: Backend) {
    let collector = Collector::start().await;
    let place = Place::new(backend).await.with("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url);
    let mut server = place.with("OTEL_BSP_SCHEDULE_DELAY", "3600000").serve().await;
    check_in_trace(&server).await;
    let (status, _) = server.terminate().await;
    assert!(status.success(), "{status}");
    collector.span("POST /v2/public/pages/*/*/access-check").await;
}

async fn what_is_not_http_hides_no_request_that_follows(backend: Backend) {
    let collector = Collector::start().await;
    let server = collector.serve(Place::new(backend).await).await;
    // On each of the server's threads.
    for _ in 0..8 {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port())).await.unwrap();
        stream.write_all(b"what is this\r\n\r\n").await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
    for number in 0..8 {
        check_in_trace(&server).await;
        let is_check = |span: &Span| span.name.ends_with("/access-check");
        let count = || collector.spans().into_iter().filter(is_check).count();
        until(&format!("check {number}"), async || (count() == number + 1).then_some(())).await;
    }
}

async fn collector_that_takes_nothing_is_logged_once_and_delays_nothing(backend: Backend) {
    let collector = Collector::answering("401 Unauthorized").await;
    let mut server = collector.serve(Place::new(backend).await).await;
    for number in 1..4 {
        check_in_trace(&server).await;
        let count = async || (collector.got.lock().unwrap().len() >= number).then_some(());
        until("the collector is asked", count).await;
    }
    let (status, _) = server.terminate().await;
    assert!(status.success(), "{status}");
    let log = server.logged();
    assert_eq!(log.matches("the collector takes no traces").count(), 1, "{log}");
    assert!(log.contains("401 Unauthorized"), "{log}");
}
