//! Why a server does not let a program in.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use tokio_postgres::error::SqlState;

use crate::error::OpenError;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// The server cannot be reached, takes no writes, or does not let this program in.
    #[error("{0}")]
    Unreachable(String),
    /// Nothing listens at the address, or the server is starting.
    #[error("{0}")]
    Starting(String),
    /// A pooler in front of the server does not keep connections apart, or takes no settings for them.
    #[error("{0}")]
    Pooler(String),
    /// The server has too many connections. Those that there are go on.
    #[error("{0}")]
    TooManyConnections(String),
    /// The attempt ended early, which says nothing about the server.
    #[error("{0}")]
    Interrupted(String),
}

impl ConnectError {
    pub(super) fn of(error: &tokio_postgres::Error) -> Self {
        let source = Error::source(error);
        let cause = source.map_or_else(|| error.to_string(), ToString::to_string);
        let told = source.and_then(|source| source.downcast_ref::<io::Error>());
        if told.is_some_and(|told| told.kind() == ErrorKind::ConnectionRefused)
            || error.code() == Some(&SqlState::CANNOT_CONNECT_NOW)
        {
            Self::Starting(cause)
        } else if error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) {
            Self::TooManyConnections(cause)
        } else {
            Self::told(cause)
        }
    }

    /// Returns what somebody means who answers, but does not let this program in.
    pub(super) fn told(cause: String) -> Self {
        // No server says the first, and each connection to one has statements of its own.
        let poolers = ["unsupported startup parameter", "prepared statement"];
        if poolers.iter().any(|it| cause.contains(it)) {
            Self::Pooler(cause)
        } else {
            Self::Unreachable(cause)
        }
    }

    /// Returns whether nobody needs to try the server until it can be reached.
    pub(super) fn is_away(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Starting(_) | Self::Pooler(_))
    }
}

impl From<ConnectError> for OpenError {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Starting(cause) => Self::Starting(cause),
            ConnectError::Pooler(cause) => Self::Pooler(cause),
            ConnectError::Unreachable(cause)
            | ConnectError::TooManyConnections(cause)
            | ConnectError::Interrupted(cause) => Self::Connect(cause),
        }
    }
}
