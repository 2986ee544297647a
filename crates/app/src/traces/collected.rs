//! Sending traces to a collector: OTLP over HTTP.

use std::{
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{
    dev::ServiceRequest,
    http::header::{HeaderMap, HeaderName},
};
use anyhow::Context;
use async_trait::async_trait;
use bytes::Bytes;
use opentelemetry::{
    KeyValue,
    context::{FutureExt, WithContext},
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use reqwest::redirect::Policy;
use tokio::runtime::{Handle, Runtime};
use tollgate_http::TrustedProxies;
use tollgate_outbound::innermost_cause;
use tracing::Subscriber;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

use super::{ENDPOINTS, TARGET};
use crate::{config::Config, trust};

/// How long a collector may take.
const COLLECTOR_LIMIT: Duration = Duration::from_secs(10);
/// How often at most it is logged that a collector takes no traces.
const WARNINGS_INTERVAL: Duration = Duration::from_mins(1);
/// How long the last traces may take when the program ends.
const LAST_LIMIT: Duration = Duration::from_secs(3);

/// The traces of this process. Those that are left are sent when it is dropped, which is not possible on a thread that
/// runs tasks.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
    /// Where the collector is talked to, until the end.
    runtime: Option<Runtime>,
}

impl Traces {
    /// Returns the traces of this process if the environment names a collector.
    pub(crate) fn start(config: &Config) -> anyhow::Result<Option<Self>> {
        if !super::are_wanted() {
            return Ok(None);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("traces")
            .enable_all()
            .build()?;
        let client = Collector {
            http: reqwest::Client::builder()
                .user_agent(concat!("tollgate/", env!("CARGO_PKG_VERSION")))
                .tls_backend_preconfigured(trust::tls(&trust::authorities(config))?)
                .redirect(Policy::none())
                .timeout(COLLECTOR_LIMIT)
                .build()?,
            runtime: runtime.handle().clone(),
            warned: Mutex::default(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .build()
            .context(ENDPOINTS.join(" or "))?;
        let provider =
            SdkTracerProvider::builder().with_resource(resource()).with_batch_exporter(exporter);
        Ok(Some(Self { provider: provider.build(), runtime: Some(runtime) }))
    }

    /// Returns the layer that notes the spans.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("tollgate"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown_with_timeout(LAST_LIMIT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
        // Not waiting for whatever still looks up a name.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Returns what the collector is told of this process, unless the environment tells it otherwise.
fn resource() -> Resource {
    let of_environment = Resource::builder().build();
    let is_told = |name: &'static str| {
        let value = of_environment.get(&name.into()).map(|value| value.to_string());
        value.is_some_and(|value| !value.starts_with("unknown_service"))
    };
    let ours = [("service.name", "tollgate"), ("service.version", env!("CARGO_PKG_VERSION"))];
    let ours = ours.into_iter().filter(|(name, _)| !is_told(name));
    Resource::builder()
        .with_attributes(ours.map(|(name, value)| KeyValue::new(name, value)))
        .build()
}

/// The HTTP client for the collector. It is called on a thread that runs no tasks.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    /// When a failure was logged last.
    warned: Mutex<Option<Instant>>,
}

impl Collector {
    /// Logs that traces were not taken, at most once a minute.
    fn warn(&self, why: &dyn Display) {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_none_or(|at| at.elapsed() > WARNINGS_INTERVAL) {
            *warned = Some(Instant::now());
            tracing::warn!(%why, "the collector takes no traces");
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), request.try_into()?);
        let answer = self.runtime.spawn(async move {
            let answer = http.execute(request).await?;
            let status = answer.status();
            reqwest::Result::Ok((status, answer.bytes().await?))
        });
        // Without the address, which may hold a key.
        let answer = answer.await?.map_err(reqwest::Error::without_url);
        let (status, body) = answer.inspect_err(|error| self.warn(&innermost_cause(error)))?;
        if !status.is_success() {
            self.warn(&status);
        }
        Ok(Response::builder().status(status).body(body)?)
    }
}

/// The callers whose traces go on here: the proxies that are trusted. Anybody else could choose what is collected.
#[derive(Clone)]
pub(crate) struct Parents(Arc<TrustedProxies>);

impl Parents {
    pub(crate) fn of(proxies: &TrustedProxies) -> Self {
        Self(Arc::new(proxies.clone()))
    }

    /// Returns the trace that the headers of a request name, if its peer is trusted.
    /// Source: <https://www.w3.org/TR/trace-context/>
    pub(crate) fn parent(&self, req: &ServiceRequest) -> Parent {
        let peer = req.peer_addr().map(|peer| peer.ip().to_canonical());
        Parent(if peer.is_some_and(|peer| self.0.trusts(peer)) {
            TraceContextPropagator::new().extract(&Headers(req.headers()))
        } else {
            opentelemetry::Context::new()
        })
    }
}

/// The trace that a request is a part of.
pub(crate) struct Parent(opentelemetry::Context);

impl Parent {
    /// Makes an answer a part of it.
    pub(crate) fn of<F: Future>(self, answer: F) -> WithContext<F> {
        answer.with_context(self.0)
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    /// Returns the trace alone: what else a client can name would be sent on as it is.
    fn get(&self, key: &str) -> Option<&str> {
        if key != "traceparent" {
            return None;
        }
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}
