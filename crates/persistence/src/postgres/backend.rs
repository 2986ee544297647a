//! Which process of which server serves a connection.

use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// The process of a server that serves a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Backend {
    /// When the server was started, in microseconds since 1970.
    pub(super) server: i64,
    /// The id of the process; zero if the server tells none.
    pub(super) process: i64,
}

impl Backend {
    /// Asks which process serves a connection.
    pub(super) async fn of(client: &Client) -> Result<Self, Error> {
        let query = "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, \
                     pg_backend_pid()";
        let answer = client.simple_query(query).await?;
        let row = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let number = |column: usize| -> i64 {
            row.and_then(|row| row.get(column)?.parse().ok()).unwrap_or_default()
        };
        Ok(Self { server: number(0), process: number(1) })
    }
}
