//! Traces of requests, jobs, calls to Stripe and visits to the database, for an OpenTelemetry collector. The program
//! has them if it is built with the feature `opentelemetry`, and sends them if the environment names a collector.
//!
//! The spans are `tracing` spans of the target `tollgate::trace`, at a level that the log leaves out.

use std::env;

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

/// The variables that name a collector.
/// Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Returns whether the environment asks for traces.
fn are_wanted() -> bool {
    let is_disabled = env::var("OTEL_SDK_DISABLED").is_ok_and(|it| it.eq_ignore_ascii_case("true"));
    let is_set = |name| env::var(name).is_ok_and(|value| !value.is_empty());
    !is_disabled && ENDPOINTS.into_iter().any(is_set)
}
