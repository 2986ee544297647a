//! The pool of connections of units of work.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tollgate_domain::store_error::StoreError;

use super::{
    Connector, MAX_WAIT, MAX_WAIT_FOR_TURN, UNITS_AT_ONCE,
    transaction::{DeferredStatement, Manager},
};
use crate::{error::OpenError, waiting::Counted};

/// The longest life of a connection of the pool. A server that no longer takes writes says so itself.
const MAX_LIFE_IN_POOL: Duration = Duration::from_mins(5);

/// Opens the transactions of units of work.
#[derive(Clone)]
pub(super) struct Units {
    pool: bb8::Pool<Manager>,
    /// One permit for each connection of the pool, which tells a wait for other units of work from a
    /// wait for a server that does not answer.
    turns: Arc<Semaphore>,
    pub(super) connector: Arc<Connector>,
}

/// A connection with the transaction of a unit.
pub(super) struct Begun {
    pub(super) conn: bb8::PooledConnection<'static, Manager>,
    _busy: Counted,
    /// Released after the connection.
    _turn: OwnedSemaphorePermit,
}

impl Units {
    /// Opens a pool of `at_once` connections.
    pub(super) async fn new(connector: Arc<Connector>, at_once: u16) -> Result<Self, OpenError> {
        let pool = bb8::Pool::builder()
            .max_size(u32::from(at_once))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(MAX_WAIT)
            .max_lifetime(Some(MAX_LIFE_IN_POOL))
            .error_sink(Box::new(LoggedErrors))
            .build(Manager(connector.clone()))
            .await
            .map_err(|error| OpenError::Connect(error.to_string()))?;
        Ok(Self { pool, turns: Arc::new(Semaphore::new(usize::from(at_once))), connector })
    }

    /// Runs the last statements of a unit and commits it.
    pub(super) async fn commit(
        &self,
        mut begun: Begun,
        last: impl Iterator<Item = &DeferredStatement> + Send,
    ) -> Result<(), StoreError> {
        self.connector.in_time(begun.conn.commit(last)).await
    }

    /// Waits for a connection.
    pub(super) async fn begin(&self) -> Result<Begun, StoreError> {
        let waiting = Counted::waiting();
        let turn = self.connector.unless_unreachable(self.turn()).await?;
        drop(waiting);
        // After the server was down, all connections in the pool may have ended.
        for _ in 0..=UNITS_AT_ONCE {
            let mut conn = self.connector.unless_unreachable(self.connection()).await?;
            if !conn.is_broken() {
                return Ok(Begun { conn, _busy: Counted::busy(), _turn: turn });
            }
        }
        Err(StoreError::Unavailable("the connections to the database have ended".into()))
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        tokio::time::timeout(MAX_WAIT_FOR_TURN, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| StoreError::Unavailable("too many units of work are waiting".into()))?
            .map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn connection(&self) -> Result<bb8::PooledConnection<'static, Manager>, StoreError> {
        let connection = self.pool.get_owned().await;
        connection.map_err(|_| StoreError::Unavailable("no connection to the database".into()))
    }
}

/// Logs why a connection failed; the pool reports to its callers only that time ran out.
#[derive(Debug, Clone)]
struct LoggedErrors;

impl<E: std::fmt::Display> bb8::ErrorSink<E> for LoggedErrors {
    fn sink(&self, error: E) {
        tracing::error!(%error, "database connection failed");
    }

    fn boxed_clone(&self) -> Box<dyn bb8::ErrorSink<E>> {
        Box::new(self.clone())
    }
}
