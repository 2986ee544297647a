//! Waiting for the database, as parts of traces.

use std::future::Future;

use tracing::{Instrument, instrument::Instrumented};

/// Waits for the database.
pub(crate) trait Traced: Future + Sized {
    /// Completes like this future, which is a span of this name if traces are collected.
    fn traced(self, name: &'static str) -> Instrumented<Self> {
        self.instrument(tracing::trace_span!(
            target: "tollgate::trace",
            "database",
            otel.name = name,
            otel.kind = "client"
        ))
    }
}

impl<F: Future> Traced for F {}
