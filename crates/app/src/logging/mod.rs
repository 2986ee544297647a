//! Logging to standard error: JSON, one object a line, or plain lines in a terminal.

mod line;
mod malformed;
mod queue;

use std::{
    io::{IsTerminal, stderr},
    sync::OnceLock,
    thread,
};

use anyhow::Context;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::{malformed::Malformed, queue::Lines};
use crate::traces::{self, Traces};

/// The lines of this process.
static LINES: OnceLock<Lines> = OnceLock::new();

/// Starts logging the events that `filter` selects, such as `info` or `tollgate_domain=debug,warn`, and noting the
/// spans of traces. Waiting lines are written when the returned value is dropped.
pub(crate) fn start(filter: &str, traces: Option<&Traces>) -> anyhow::Result<Flush> {
    let mut directives = EnvFilter::try_new(filter).context("TOLLGATE_LOG is not a log filter")?;
    if traces.is_some() {
        directives = directives.add_directive(traces::SPANS.parse()?);
    }
    let lines = LINES.get_or_init(Lines::default).clone();
    let writer = lines.clone();
    thread::Builder::new().name("log".into()).spawn(move || writer.write_forever(stderr()))?;
    let base = tracing_subscriber::registry().with(directives).with(traces.map(Traces::layer));
    let shown = Malformed::new(filter).and(filter_fn(is_news));
    let format = tracing_subscriber::fmt::layer().with_writer(lines);
    // A terminal that is stopped is not waited for either.
    let is_started = if stderr().is_terminal() {
        base.with(format.compact().with_filter(shown)).try_init()
    } else {
        base.with(format.event_format(line::JsonLine).with_filter(shown)).try_init()
    };
    is_started.context("the log cannot be started")?;
    Ok(Flush)
}

/// Returns whether a line tells something that ours do not. The server library says at every start how many threads it has.
fn is_news(metadata: &Metadata<'_>) -> bool {
    *metadata.level() != Level::INFO || !metadata.target().starts_with("actix_server")
}

/// Returns how many lines were dropped because nobody read the log.
pub(crate) fn dropped() -> u64 {
    LINES.get().map_or(0, Lines::dropped)
}

/// Returns how many connections sent something that is not HTTP.
pub(crate) fn malformed() -> u64 {
    malformed::count()
}

/// Writes the waiting lines when it is dropped.
pub(crate) struct Flush;

impl Drop for Flush {
    fn drop(&mut self) {
        if let Some(lines) = LINES.get() {
            lines.flush();
        }
    }
}
