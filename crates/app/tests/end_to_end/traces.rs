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
);

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const PARENT: u64 = 0xb7ad_6b71_6920_3331;
const CHECK: &str = "/v2/public/pages/ada/guide/access-check";

/// A collector that keeps what it gets.
struct Collector {
    url: String,
    got: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::<Mutex<Vec<_>>>::default();
        let keep = got.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, keep.clone()));
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

/// Answers the requests of a connection with 200.
async fn answer(stream: TcpStream, keep: Arc<Mutex<Vec<Vec<u8>>>>) -> Option<()> {
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
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.ok()?;
    }
}

fn attribute(span: &Span, name: &str) -> Value {
    let found = span.attributes.iter().find(|KeyValue { key, .. }| key == name);
    found.unwrap_or_else(|| panic!("{name}: {span:?}")).value.clone().unwrap().value.unwrap()
}

/// Asks for access as a part of [`TRACE`], without a session.
async fn check_in_trace(server: &Server) {
    let check =
        server.post(CHECK).with("traceparent", &format!("00-{TRACE:032x}-{PARENT:016x}-01"));
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
    collector.part(&request, "read").await;
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
