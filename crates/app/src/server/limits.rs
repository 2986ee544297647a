//! How long a connection may take for what.

use std::time::Duration;

/// The time that a client has to send the headers of a request.
pub(super) const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// The same from the beginning of a connection, or from the end of an answer, while most of the connections that there may
/// be are open.
const BUSY_HEADERS_WITHIN: Duration = Duration::from_secs(1);
/// The time that a client has to read something of an answer.
const READ_WITHIN: Duration = Duration::from_mins(1);
/// The same while most of the connections that there may be are open.
const BUSY_READ_WITHIN: Duration = Duration::from_secs(3);
/// The time that a connection is kept for the next request.
const KEPT_ALIVE: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For the headers of a request after the first one.
    pub(super) headers: Duration,
    /// For the client to read something of an answer.
    pub(super) unread_answer: Duration,
    /// The same while many connections are open.
    pub(super) busy_unread: Duration,
    /// For the headers of a request while many connections are open. After an answer it may be half of it.
    pub(super) busy_headers: Duration,
    /// More open connections than this are many.
    pub(super) busy_above: usize,
    /// For the next request, if few connections are open.
    pub(super) idle: Duration,
}

impl Limits {
    /// Returns the time limits of a connection to a server that takes at most so many.
    pub(super) fn of(connections: usize) -> Self {
        Self {
            headers: HEADERS_WITHIN,
            unread_answer: READ_WITHIN,
            busy_unread: BUSY_READ_WITHIN,
            busy_headers: BUSY_HEADERS_WITHIN,
            busy_above: connections / 4 * 3,
            idle: KEPT_ALIVE,
        }
    }
}
