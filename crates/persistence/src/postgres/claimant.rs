//! Which processes run the jobs of a database, so that the leases of those that are gone can be told from others.
//!
//! Every process that runs jobs shares a lock of the server from its first claim on, over a connection that it keeps. When the
//! process ends, in whatever way, its connection does, and the server releases its share.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use diesel::{QueryableByName, sql_types::Bool};
use diesel_async::RunQueryDsl;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tollgate_domain::store_error::StoreError;

use super::connection::{Connected, Connector};

/// The key of the lock. It may be any number that nothing else on the server uses.
const LOCK: i64 = 0x746f_6c6c_6a6f_6273;
/// The pause between two attempts to take a share that was lost.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(10);

/// The lock that the processes share which run jobs.
pub(super) struct Claimant {
    connector: Arc<Connector>,
    share: Mutex<Share>,
}

/// What a process has of the lock.
enum Share {
    /// This process has claimed no job yet.
    NotTaken,
    /// This connection has a share.
    Held(Box<Connected>),
    /// The connection has ended, or there was none, since then. Others may take this process for gone, which starts nothing
    /// twice unless they start at this moment.
    Without(Instant),
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    is_done: bool,
}

impl Claimant {
    /// Creates the lock without taking it.
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        Self { connector, share: Mutex::new(Share::NotTaken) }
    }

    /// Returns whether this process may claim jobs. Before its first claim it takes its share of the lock; if no other
    /// process has one, all leases belong to processes that are gone, and `end_leases` comes first.
    pub(super) async fn may_claim<'a>(
        &self,
        end_leases: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>> + Send,
    ) -> Result<bool, StoreError> {
        let mut share = self.share.lock().await;
        let is_first = match &*share {
            Share::NotTaken => true,
            Share::Held(connected) if !connected.is_closed() => return Ok(true),
            Share::Without(since) if since.elapsed() < BETWEEN_ATTEMPTS => return Ok(true),
            Share::Held(_) | Share::Without(_) => false,
        };
        *share = if is_first { self.take(end_leases).await? } else { self.take_again().await };
        Ok(!matches!(*share, Share::NotTaken))
    }

    /// Takes a share of the lock, unless another process ends leases at this moment: it would end that of a job which
    /// this process claims.
    async fn take<'a>(
        &self,
        end_leases: impl FnOnce() -> BoxFuture<'a, Result<(), StoreError>> + Send,
    ) -> Result<Share, StoreError> {
        let without = Share::Without(Instant::now());
        let Some(connected) = self.connect().await else { return Ok(without) };
        let Ok(is_alone) = self.ask(&connected, "pg_try_advisory_lock").await else {
            return Ok(without);
        };
        if is_alone {
            // If it fails, the lock is released with the connection.
            end_leases().await?;
        }
        let is_shared = self.ask(&connected, "pg_try_advisory_lock_shared").await;
        if is_alone && self.ask(&connected, "pg_advisory_unlock").await.is_err() {
            return Ok(without);
        }
        Ok(match is_shared {
            Ok(true) => Share::Held(Box::new(connected)),
            Ok(false) => Share::NotTaken,
            Err(_) => without,
        })
    }

    /// Takes a share once more. No lease ends: there may be some of this process.
    async fn take_again(&self) -> Share {
        let without = Share::Without(Instant::now());
        let Some(connected) = self.connect().await else { return without };
        match self.ask(&connected, "pg_try_advisory_lock_shared").await {
            Ok(true) => Share::Held(Box::new(connected)),
            Ok(false) | Err(_) => without,
        }
    }

    /// Opens a connection, unless the server is away.
    async fn connect(&self) -> Option<Connected> {
        let connect = async { Ok(self.connector.connect().await) };
        self.connector.unless_unreachable(connect).await.ok()?.ok()
    }

    /// Calls a function of the server on the lock.
    async fn ask(&self, connected: &Connected, function: &str) -> Result<bool, StoreError> {
        let query = diesel::sql_query(format!("SELECT {function}({LOCK}) AS is_done"));
        let mut conn = connected.conn();
        let asked = async { query.get_result::<Answer>(&mut conn).await };
        self.connector.in_time(asked).await.map(|answer| answer.is_done)
    }
}
