//! Logs: one JSON object a line on standard error, or plain lines when a person is watching.

use std::io::{IsTerminal, stderr};

use anyhow::Context;
use tracing_subscriber::EnvFilter;

/// Starts logging what `filter` lets through, such as `info` or `tollgate_domain=debug,warn`.
pub(crate) fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).context("TOLLGATE_LOG is not a log filter")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    if stderr().is_terminal() {
        lines.compact().init();
    } else {
        lines.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
    }
    Ok(())
}
