//! Requests that are not HTTP. The HTTP library logs each as an error, so that any client could fill the log;
//! here they are counted, and shown only when its debug lines are wanted.

use std::{
    fmt::{Debug, Write},
    sync::atomic::{AtomicU64, Ordering},
};

use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};
use tracing_subscriber::layer::{Context, Filter};

/// The start of the names of the modules that read requests.
const READERS: &str = "actix_http::h1";
/// The starts of the messages that a client causes.
const CAUSED_BY_CLIENTS: [&str; 2] = ["stream error", "MAX_BUFFER_SIZE"];

static COUNT: AtomicU64 = AtomicU64::new(0);

pub(super) fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Counts them, and hides them from the log.
pub(super) struct Malformed {
    is_shown: bool,
}

impl Malformed {
    /// Reads from the log filter whether they are shown.
    pub(super) fn new(filter: &str) -> Self {
        let is_shown = filter.split(',').map(str::trim).any(|part| {
            let (target, level) = part.split_once('=').unwrap_or(("", part));
            let is_deep = ["debug", "trace"].iter().any(|deep| level.eq_ignore_ascii_case(deep));
            is_deep && (target.is_empty() || target.starts_with("actix_http"))
        });
        Self { is_shown }
    }
}

impl<S> Filter<S> for Malformed {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        let is_of_readers = metadata.target().starts_with(READERS);
        let is_of_accepting = metadata.target().starts_with("actix_server::accept");
        if *metadata.level() != Level::ERROR || !(is_of_readers || is_of_accepting) {
            return true;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if is_of_accepting {
            // A client that connects while the server stops.
            return message.0 != "No workers";
        }
        if !CAUSED_BY_CLIENTS.iter().any(|start| message.0.starts_with(start)) {
            return true;
        }
        COUNT.fetch_add(1, Ordering::Relaxed);
        self.is_shown
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing to a string never fails.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_requests_are_shown_only_when_debugging() {
        for (filter, is_shown) in [
            ("info", false),
            ("info,tollgate_domain=debug", false),
            ("debug", true),
            ("info,actix_http=trace", true),
        ] {
            assert_eq!(Malformed::new(filter).is_shown, is_shown, "{filter}");
        }
    }
}
