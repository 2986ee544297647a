//! Traces of requests, jobs, calls to Stripe and visits to the database, for an OpenTelemetry collector. The program
//! has them if it is built with the feature `opentelemetry`, and sends them if the environment names a collector.
//!
//! The spans are `tracing` spans of the target `tollgate::trace`. Without a collector none of them is made.

#[cfg(not(feature = "opentelemetry"))]
mod absent;
#[cfg(feature = "opentelemetry")]
mod collected;

#[cfg(not(feature = "opentelemetry"))]
pub(crate) use absent::{Parents, Traces};
#[cfg(feature = "opentelemetry")]
pub(crate) use collected::{Parents, Traces};

/// The log filter that lets the spans through.
pub(crate) const SPANS: &str = "tollgate::trace=trace";
/// The target of the spans.
#[cfg(feature = "opentelemetry")]
const TARGET: &str = "tollgate::trace";

/// Returns whether the environment names a collector. These names are OpenTelemetry's own.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>
fn is_collector_named() -> bool {
    let is_set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    is_set("OTEL_EXPORTER_OTLP_ENDPOINT") || is_set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
}
