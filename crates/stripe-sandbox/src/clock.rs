//! The system clock. Only this module reads it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the sandbox is a server with a clock of its own")]
pub(crate) fn millis() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
        .unwrap_or_default()
}

/// Returns the seconds since the Unix epoch.
pub(crate) fn seconds() -> i64 {
    millis() / 1000
}
