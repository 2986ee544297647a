//! PostgreSQL: a pool of connections for units of work, and shared connections that pipeline reads.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use async_trait::async_trait;
use diesel::{ConnectionError, QueryResult};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, TransactionManager,
    methods::LoadQuery,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
    },
};
use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use rustls::pki_types::CertificateDer;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Config, NoTls, config::SslMode};
use tollgate_domain::{
    store::{Store, UnitOfWork},
    store_error::StoreError,
};

use crate::{
    error::{OpenError, store_error},
    url::PgAddress,
    wakeup::{UnitWakeup, Wakeup},
};

#[path = "queries/mod.rs"]
mod queries;

pub(crate) type Database = PgStore;
pub(crate) type Conn = AsyncPgConnection;
pub(crate) type ReadConn<'c> = &'c AsyncPgConnection;

/// Returns the connection in the form that diesel's methods take.
pub(crate) fn on<'a, 'c>(conn: &'a mut ReadConn<'c>) -> &'a mut &'c AsyncPgConnection {
    conn
}

/// Loads a query of the hot path.
pub(crate) fn load<'c, Q, T>(query: Q, mut conn: ReadConn<'c>) -> BoxFuture<'c, QueryResult<Vec<T>>>
where
    Q: LoadQuery<'static, ReadConn<'c>, T> + Send + 'static,
    T: Send + 'static,
{
    async move { query.internal_load(&mut conn).await?.try_collect().await }.boxed()
}

type Transactions = <Conn as AsyncConnection>::TransactionManager;
type Manager = AsyncDieselConnectionManager<AsyncPgConnection>;

/// The size of the pool. Units of work are short, and more connections make PostgreSQL slower.
const UNITS_AT_ONCE: u16 = 8;
/// The longest that a unit of work waits for its turn.
const MAX_WAIT_FOR_TURN: Duration = Duration::from_secs(10);
/// The longest wait for a connection, or for the answer to a statement.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// Time limits of the server, below those of the client, so that it cancels a statement first.
const SERVER_SETTINGS: &str =
    "-c statement_timeout=4500 -c lock_timeout=4000 -c idle_in_transaction_session_timeout=15000";

/// The store on a PostgreSQL server.
pub struct PgStore {
    pool: bb8::Pool<Manager>,
    /// One permit for each connection of the pool, which tells a wait for other units of work from a
    /// wait for a server that does not answer.
    turns: Arc<Semaphore>,
    reads: Shared,
    /// A connection for each thread that makes access decisions. That thread's own runtime drives it, so
    /// that a query and its answer wake no other thread.
    hot: RwLock<HashMap<ThreadId, Arc<Shared>>>,
    connector: Arc<Connector>,
    wakeup: Wakeup,
}

impl PgStore {
    /// Connects to the server.
    pub async fn open(address: &PgAddress) -> Result<Self, OpenError> {
        let connector = Connector::new(address)?;
        // Connect once without the pool, which would report the cause of a failure as a timeout.
        let failed = |error: ConnectionError| OpenError::Connect(error.to_string());
        let reads = Shared::new(connector.clone());
        reads.connect().await.map_err(failed)?;
        let for_units = connector.clone();
        let mut manager_config = ManagerConfig::default();
        manager_config.recycling_method = RecyclingMethod::Fast;
        manager_config.custom_setup = Box::new(move |_| {
            let connector = for_units.clone();
            async move { Ok(connector.connect().await?.conn) }.boxed()
        });
        let manager = Manager::new_with_config("", manager_config);
        let pool = bb8::Pool::builder()
            .max_size(u32::from(UNITS_AT_ONCE))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(MAX_WAIT)
            .error_sink(Box::new(LoggedErrors))
            .build(manager)
            .await
            .map_err(|error| OpenError::Connect(error.to_string()))?;
        let turns = Arc::new(Semaphore::new(usize::from(UNITS_AT_ONCE)));
        Ok(Self {
            pool,
            turns,
            reads,
            hot: RwLock::default(),
            connector,
            wakeup: Wakeup::default(),
        })
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.reads.read(query).await
    }

    /// Runs a query on a connection for access decisions, which never waits for a long list.
    async fn read_hot<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        self.hot().read(query).await
    }

    /// Returns this thread's connection for access decisions.
    fn hot(&self) -> Arc<Shared> {
        let thread = thread::current().id();
        let known = self.hot.read().unwrap_or_else(PoisonError::into_inner).get(&thread).cloned();
        known.unwrap_or_else(|| {
            let shared = Arc::new(Shared::new(self.connector.here()));
            let mut hot = self.hot.write().unwrap_or_else(PoisonError::into_inner);
            hot.entry(thread).or_insert(shared).clone()
        })
    }

    /// Runs statements in a unit of work of its own.
    async fn write<T, F>(&self, statements: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let mut unit = self.unit().await?;
        let result = unit.run(statements).await?;
        unit.finish().await?;
        Ok(result)
    }

    async fn unit(&self) -> Result<Unit, StoreError> {
        let turn = tokio::time::timeout(MAX_WAIT_FOR_TURN, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| StoreError::Unavailable("too many units of work are waiting".into()))?
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        // After the server was down, all connections in the pool may have ended.
        for _ in 0..UNITS_AT_ONCE {
            let mut conn = self.connection().await?;
            let has_ended = conn.is_broken();
            let begun = in_time(Transactions::begin_transaction(&mut *conn)).await;
            match begun {
                Ok(()) => return Ok(Unit { conn, _turn: turn, wakeup: self.wakeup.of_unit() }),
                Err(_) if has_ended => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the connections to the database have ended".into()))
    }

    async fn connection(&self) -> Result<bb8::PooledConnection<'static, Manager>, StoreError> {
        let connection = self.pool.get_owned().await;
        connection.map_err(|_| StoreError::Unavailable("no connection to the database".into()))
    }
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(self.unit().await?))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.schema_is_current().await
    }
}

/// A unit of work: a connection with an open transaction. When it is dropped, the pool finds the
/// transaction open, considers the connection broken and closes it, so that the server rolls back.
pub(crate) struct Unit {
    conn: bb8::PooledConnection<'static, Manager>,
    /// Released after the connection.
    _turn: OwnedSemaphorePermit,
    wakeup: UnitWakeup,
}

impl Unit {
    async fn run<T, F>(&mut self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        in_time(query(&mut self.conn)).await
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        in_time(Transactions::commit_transaction(&mut *self.conn)).await?;
        self.wakeup.committed();
        Ok(())
    }
}

/// Runs a statement with a time limit: a server that is stopped or unreachable does not close its
/// connections.
async fn in_time<T>(work: impl Future<Output = QueryResult<T>>) -> Result<T, StoreError> {
    tokio::time::timeout(MAX_WAIT, work).await.map_err(|_| silent())?.map_err(store_error)
}

fn silent() -> StoreError {
    StoreError::Unavailable("the database did not answer in time".into())
}

/// A connection that many reads share. It is opened when it is first needed, and again when it breaks.
struct Shared {
    connector: Arc<Connector>,
    current: RwLock<Option<Arc<Connected>>>,
    connecting: tokio::sync::Mutex<()>,
}

impl Shared {
    fn new(connector: Arc<Connector>) -> Self {
        Self { connector, current: RwLock::new(None), connecting: tokio::sync::Mutex::new(()) }
    }

    /// Returns the connection, if there is one that has not ended.
    fn current(&self) -> Option<Arc<Connected>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().filter(|current| !current.is_closed.load(Ordering::Acquire)).cloned()
    }

    async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let current = match self.current() {
            Some(current) => current,
            None => tokio::time::timeout(MAX_WAIT, self.connect())
                .await
                .map_err(|_| silent())?
                .map_err(|error| {
                    tracing::error!(%error, "cannot connect to the database");
                    StoreError::Unavailable("no connection to the database".into())
                })?,
        };
        let Ok(answer) = tokio::time::timeout(MAX_WAIT, query(&current.conn)).await else {
            // The server does not answer: later reads must not wait behind this one.
            current.is_closed.store(true, Ordering::Release);
            return Err(silent());
        };
        answer.map_err(store_error)
    }

    /// Opens the connection, unless another read has just done so.
    async fn connect(&self) -> Result<Arc<Connected>, ConnectionError> {
        let _turn = self.connecting.lock().await;
        if let Some(current) = self.current() {
            return Ok(current);
        }
        let fresh = Arc::new(self.connector.connect().await?);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(fresh.clone());
        Ok(fresh)
    }
}

/// Opens connections, which live on its runtime. That is the runtime on which the store was opened, since
/// a web worker's own may end before the store does, or the caller's with [`Connector::here`].
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
    runtime: tokio::runtime::Handle,
}

impl Connector {
    /// Creates a connector with the time limits of [`SERVER_SETTINGS`], which the URL's options override.
    fn new(address: &PgAddress) -> Result<Arc<Self>, OpenError> {
        let options = address.config.get_options().unwrap_or_default();
        Self::with_options(address, &format!("{SERVER_SETTINGS} {options}"))
    }

    /// Creates a connector with these `options` for the server.
    pub(crate) fn with_options(address: &PgAddress, options: &str) -> Result<Arc<Self>, OpenError> {
        let mut config = address.config.clone();
        config.options(options).application_name("tollgate").connect_timeout(MAX_WAIT);
        let mut roots = rustls::RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        // The system's list may hold certificates that rustls cannot read.
        let authorities = address.authorities.iter().cloned();
        roots.add_parsable_certificates(authorities.map(CertificateDer::from));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| OpenError::Connect(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(Self {
            config,
            tls: tokio_postgres_rustls::MakeRustlsConnect::new(tls),
            runtime: tokio::runtime::Handle::current(),
        }))
    }

    /// Returns a connector whose connections live on the caller's runtime.
    fn here(&self) -> Arc<Self> {
        Arc::new(Self { runtime: tokio::runtime::Handle::current(), ..self.clone() })
    }

    pub(crate) async fn connect(self: &Arc<Self>) -> Result<Connected, ConnectionError> {
        let this = self.clone();
        // `connect_timeout` covers the TCP connection only; the server's greeting needs a limit too.
        let connecting = async move {
            tokio::time::timeout(MAX_WAIT, this.connect_here()).await.unwrap_or_else(|_| {
                Err(ConnectionError::BadConnection("no greeting in time".into()))
            })
        };
        let connected = self.runtime.spawn(connecting).await;
        connected.map_err(|error| ConnectionError::BadConnection(error.to_string()))?
    }

    async fn connect_here(&self) -> Result<Connected, ConnectionError> {
        let failed = |error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            ConnectionError::BadConnection(cause.unwrap_or_else(|| error.to_string()))
        };
        if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, driver) = self.config.connect(NoTls).await.map_err(failed)?;
            Connected::new(client, driver).await
        } else {
            let (client, driver) = self.config.connect(self.tls.clone()).await.map_err(failed)?;
            Connected::new(client, driver).await
        }
    }
}

/// A connection that knows whether it has ended.
pub(crate) struct Connected {
    pub(crate) conn: AsyncPgConnection,
    is_closed: Arc<AtomicBool>,
}

impl Connected {
    async fn new<D>(client: tokio_postgres::Client, driver: D) -> Result<Self, ConnectionError>
    where
        D: Future<Output = Result<(), tokio_postgres::Error>> + Send + 'static,
    {
        let is_closed = Arc::new(AtomicBool::new(false));
        let ended = is_closed.clone();
        tokio::spawn(async move {
            // The callers that wait for answers receive the error; only the end matters here.
            let _ = driver.await;
            ended.store(true, Ordering::Release);
        });
        Ok(Self { conn: AsyncPgConnection::try_from(client).await?, is_closed })
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

#[derive(diesel::QueryableByName)]
struct Time {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    micros: i64,
}

/// Returns the server's time in microseconds since 1970.
pub(crate) async fn server_time(address: &PgAddress) -> Result<i64, OpenError> {
    let connector = Connector::new(address)?;
    let connected = connector.connect().await;
    let mut conn = connected.map_err(|error| OpenError::Connect(error.to_string()))?.conn;
    let query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros";
    let time: QueryResult<Time> =
        diesel_async::RunQueryDsl::get_result(diesel::sql_query(query), &mut conn).await;
    time.map(|time| time.micros).map_err(|error| OpenError::Connect(error.to_string()))
}

impl std::fmt::Debug for PgStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PgStore")
    }
}
