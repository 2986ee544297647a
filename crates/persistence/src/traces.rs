//! Waiting for the database, as parts of traces.

use std::future::Future;

use tracing::{Instrument, Level, Span, instrument::Instrumented};

/// Waits for the database.
pub(crate) trait Traced: Future + Sized {
    /// Returns this future within a span of this name, if it is part of something that is traced. The polls of an idle program
    /// are not.
    fn traced(self, name: &'static str) -> Instrumented<Self> {
        let is_part = tracing::enabled!(target: "tollgate::trace", Level::TRACE)
            && !Span::current().is_none();
        self.instrument(if is_part {
            tracing::trace_span!(
                target: "tollgate::trace",
                "database",
                otel.name = name,
                otel.kind = "client"
            )
        } else {
            Span::none()
        })
    }
}

impl<F: Future> Traced for F {}
