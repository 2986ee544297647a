//! Connections to the server: how they are opened, shared by reads, and given up.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};

use diesel::{
    ConnectionError, QueryResult,
    result::{DatabaseErrorKind, Error},
};
use diesel_async::AsyncPgConnection;
use futures_util::future::BoxFuture;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    runtime::Handle,
    time::timeout,
};
use tokio_postgres::{
    Client, Config, Connection, NoTls, Socket,
    config::{SslMode, TargetSessionAttrs},
};
use tollgate_domain::store_error::StoreError;

use super::{
    ISOLATION, MAX_WAIT, ReadConn, SERVER_SETTINGS,
    backend::Backend,
    reachability::{BETWEEN_ATTEMPTS, Reachability},
    refusal::ConnectError,
};
use crate::{
    error::{OpenError, store_error},
    tls,
    url::PgAddress,
    waiting::Counted,
};

/// The longest life of a connection that answers reads: if the address leads to another server, reads follow
/// after this time at the latest.
const MAX_LIFE: Duration = Duration::from_secs(10);

/// A connection that many reads share. It is opened when it is first needed, and again when it breaks, when
/// it has lived long enough, or when new connections lead to another server.
pub(super) struct Shared {
    connector: Arc<Connector>,
    current: RwLock<Option<Arc<Connected>>>,
    connecting: tokio::sync::Mutex<()>,
    /// Whether its statements may take long, so that one without an answer says nothing about the server.
    is_slow: bool,
}

impl Shared {
    pub(super) fn new(connector: Arc<Connector>) -> Self {
        let (current, connecting) = (RwLock::new(None), tokio::sync::Mutex::new(()));
        Self { connector, current, connecting, is_slow: false }
    }

    /// Creates a connection for statements that may take long.
    pub(super) fn for_reports(connector: Arc<Connector>) -> Self {
        Self { is_slow: true, ..Self::new(connector) }
    }

    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(ReadConn<'c>) -> BoxFuture<'c, QueryResult<T>> + Send + 'static,
    {
        let current = self.connection().await?;
        let Ok(answer) = timeout(MAX_WAIT, query(&current.conn)).await else {
            // Later reads must not wait behind this one. Those that wait already still get their answers.
            current.is_given_up.store(true, Ordering::Release);
            return Err(if self.is_slow {
                StoreError::Unavailable("the report took too long".into())
            } else {
                self.connector.timed_out()
            });
        };
        if self.is_current(&current) {
            return answer.map_err(store_error);
        }
        // The server may have answered from an older state.
        Err(answer.err().map_or_else(
            || StoreError::Unavailable("the server that answered may take no writes".into()),
            store_error,
        ))
    }

    /// Returns whether another read can begin on a connection.
    fn is_usable(&self, connected: &Connected) -> bool {
        !connected.is_given_up.load(Ordering::Acquire) && self.is_current(connected)
    }

    /// Returns whether the server of a connection takes writes as far as is known, so that its answers count.
    fn is_current(&self, connected: &Connected) -> bool {
        !connected.has_ended.load(Ordering::Acquire)
            && self.connector.reachability.is_newest(connected.backend.server)
    }

    fn current(&self) -> Option<Arc<Connected>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        current.filter(|current| self.is_usable(current))
    }

    async fn connection(&self) -> Result<Arc<Connected>, StoreError> {
        let Some(current) = self.current() else {
            let connected =
                self.connector.unless_unreachable(async { Ok(self.connect().await) }).await?;
            return connected.map_err(|error| {
                tracing::error!(%error, "cannot connect to the database");
                StoreError::Unavailable("no connection to the database".into())
            });
        };
        if current.born.elapsed() < MAX_LIFE {
            return Ok(current);
        }
        // One read renews the connection. The others go on with the old one until then.
        let Ok(_turn) = self.connecting.try_lock() else { return Ok(current) };
        let replaced =
            self.connector.unless_unreachable(async { Ok(self.replace().await) }).await?;
        match replaced {
            Ok(fresh) => Ok(fresh),
            Err(error) if self.connector.reachability.is_away() => {
                Err(StoreError::Unavailable(error.to_string()))
            }
            // The server is there and takes no further connection.
            Err(_) => Ok(current),
        }
    }

    /// Opens the connection, unless another read has just done so.
    async fn connect(&self) -> Result<Arc<Connected>, ConnectionError> {
        let _turn = self.connecting.lock().await;
        match self.current() {
            Some(current) => Ok(current),
            None => self.replace().await,
        }
    }

    async fn replace(&self) -> Result<Arc<Connected>, ConnectionError> {
        Ok(self.keep(self.connector.connect().await?))
    }

    /// Uses a fresh connection from now on.
    pub(super) fn keep(&self, fresh: Connected) -> Arc<Connected> {
        let fresh = Arc::new(fresh);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(fresh.clone());
        fresh
    }
}

/// Opens connections, which live on its runtime. That is the runtime on which the store was opened, since
/// a web worker's own may end before the store does, or the caller's with [`Connector::on_current_runtime`].
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
    runtime: Handle,
    /// The runtime on which the store was opened.
    home: Handle,
    reachability: Arc<Reachability>,
}

impl Connector {
    /// Creates a connector with the time limits of [`SERVER_SETTINGS`], which the URL's options override.
    pub(super) fn new(address: &PgAddress) -> Result<Arc<Self>, OpenError> {
        let options = address.config.get_options().unwrap_or_default();
        Self::with_options(address, &format!("{SERVER_SETTINGS} {options}"))
    }

    /// Creates a connector for migrating: with the URL's options, but with time limits of its own, since creating an
    /// index on a large table takes long.
    pub(crate) fn for_migrating(address: &PgAddress) -> Result<Arc<Self>, OpenError> {
        let options = address.config.get_options().unwrap_or_default();
        let limits = "-c statement_timeout=0 -c lock_timeout=60000";
        Self::with_options(address, &format!("{options} {limits}"))
    }

    fn with_options(address: &PgAddress, options: &str) -> Result<Arc<Self>, OpenError> {
        let mut config = address.config.clone();
        // If a setting is given twice, PostgreSQL uses the last one.
        config.options(format!("{options} {ISOLATION}"));
        config.application_name("tollgate").connect_timeout(MAX_WAIT);
        // If there are several hosts, the one that takes writes is used, and never a standby that lags behind.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let runtime = Handle::current();
        Ok(Arc::new(Self {
            config,
            tls: tls::connector(address.checks, &address.trust)?,
            home: runtime.clone(),
            runtime,
            reachability: Arc::default(),
        }))
    }

    /// Returns a connector whose connections have one more setting of the server.
    pub(super) fn with_option(&self, setting: &str) -> Arc<Self> {
        let mut this = self.clone();
        let options = this.config.get_options().unwrap_or_default();
        let options = format!("{options} -c {setting}");
        this.config.options(options);
        Arc::new(this)
    }

    /// Returns a connector whose connections live on the caller's runtime.
    pub(super) fn on_current_runtime(&self) -> Arc<Self> {
        Arc::new(Self { runtime: Handle::current(), ..self.clone() })
    }

    /// Runs a task on the runtime on which the store was opened.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.home.spawn(task);
    }

    pub(crate) async fn connect(self: &Arc<Self>) -> Result<Connected, ConnectionError> {
        self.attempt_on_runtime().await.map_err(|refused| {
            let cause = refused.to_string();
            if refused.is_away() {
                self.lost(&cause);
            }
            ConnectionError::BadConnection(cause)
        })
    }

    /// Connects when there is nothing yet that could wait for the server: without one, this only fails.
    pub(crate) async fn connect_first(self: &Arc<Self>) -> Result<Connected, OpenError> {
        Ok(self.attempt_on_runtime().await?)
    }

    /// Tries the server on the runtime on which the connection lives.
    async fn attempt_on_runtime(self: &Arc<Self>) -> Result<Connected, ConnectError> {
        let this = self.clone();
        let tried = self.runtime.spawn(async move { this.attempt().await }).await;
        tried.unwrap_or_else(|error| Err(ConnectError::Interrupted(error.to_string())))
    }

    /// Waits for what needs the server, unless it is away.
    pub(super) async fn unless_unreachable<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.reachability.unless_unreachable(work).await
    }

    /// Runs a statement with a time limit: a server that is stopped or unreachable does not close its
    /// connections.
    pub(super) async fn in_time<T>(
        self: &Arc<Self>,
        work: impl Future<Output = QueryResult<T>>,
    ) -> Result<T, StoreError> {
        let answer = timeout(MAX_WAIT, work).await.map_err(|_| self.timed_out())?;
        if let Err(Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _)) = &answer {
            self.reachability.mark_read_only();
        }
        answer.map_err(store_error)
    }

    /// Records that the server did not answer a statement. It may only have waited for a lock or for other statements, so
    /// whether the server is away is for a new connection to tell.
    fn timed_out(self: &Arc<Self>) -> StoreError {
        if self.reachability.begin_probe() {
            let this = self.clone();
            self.home.spawn(async move {
                if let Err(refused) = this.attempt().await
                    && refused.is_away()
                {
                    this.lost(&refused.to_string());
                }
                this.reachability.end_probe();
            });
        }
        StoreError::Unavailable("the database did not answer in time".into())
    }

    /// Records that the server is away, and tries to reach it until it is back.
    ///
    /// It stays away while the server that answers has too many connections. Which server that is, and whether it takes
    /// writes, is known only once it lets in: connections to the one before, whose answers may be old, would be used again,
    /// and requests would wait for a connection instead of being refused at once.
    fn lost(self: &Arc<Self>, cause: &str) {
        if !self.reachability.mark_unreachable() {
            return;
        }
        tracing::error!(cause, "the database cannot be reached");
        let this = Arc::downgrade(self);
        self.home.spawn(async move {
            loop {
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
                let Some(this) = this.upgrade() else { return };
                if this.attempt().await.is_ok() || !this.reachability.is_away() {
                    tracing::info!("the database can be reached again");
                    return;
                }
            }
        });
    }

    async fn attempt(&self) -> Result<Connected, ConnectError> {
        // `connect_timeout` covers the TCP connection only; the server's greeting needs a limit too.
        let connected = timeout(MAX_WAIT, self.open()).await;
        let connected = connected
            .unwrap_or_else(|_| Err(ConnectError::Unreachable("no greeting in time".into())))?;
        self.reachability.mark_reachable(connected.backend.server);
        Ok(connected)
    }

    async fn open(&self) -> Result<Connected, ConnectError> {
        if self.config.get_ssl_mode() == SslMode::Disable {
            let (client, driver) =
                self.config.connect(NoTls).await.map_err(|error| ConnectError::of(&error))?;
            Connected::new(client, driver).await
        } else {
            let tls = self.tls.clone();
            let (client, driver) =
                self.config.connect(tls).await.map_err(|error| ConnectError::of(&error))?;
            Connected::new(client, driver).await
        }
    }
}

/// A connection that knows whether it has ended.
pub(crate) struct Connected {
    conn: AsyncPgConnection,
    backend: Backend,
    born: Instant,
    /// Whether it has ended, or its server takes no writes any more.
    has_ended: Arc<AtomicBool>,
    /// Whether no other read may begin, since one took too long.
    is_given_up: AtomicBool,
}

impl Connected {
    async fn new<S>(client: Client, driver: Connection<Socket, S>) -> Result<Self, ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = has_ended.clone();
        let open = Counted::open();
        tokio::spawn(async move {
            drive(driver).await;
            drop(open);
            ended.store(true, Ordering::Release);
        });
        let backend = Backend::of(&client).await.map_err(|error| ConnectError::of(&error))?;
        let conn = AsyncPgConnection::try_from(client).await;
        let conn = conn.map_err(|error| ConnectError::told(error.to_string()))?;
        let is_given_up = AtomicBool::new(false);
        Ok(Self { conn, backend, born: Instant::now(), has_ended, is_given_up })
    }

    /// Returns the process that served it first.
    pub(super) fn backend(&self) -> Backend {
        self.backend
    }

    /// Lends the connection to diesel.
    pub(super) fn diesel(&mut self) -> &mut AsyncPgConnection {
        &mut self.conn
    }

    /// Returns the connection for diesel.
    pub(crate) fn into_diesel(self) -> AsyncPgConnection {
        self.conn
    }
}

/// Drives a connection until it ends, or until the server says that it takes no writes any more: then what it
/// answers may be older than what another server has confirmed. PostgreSQL says so from version 14 on.
async fn drive<S>(driver: Connection<Socket, S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut driver = pin!(driver);
    poll_fn(|cx| {
        loop {
            match driver.poll_message(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                // The callers that wait for answers receive the error; only the end matters here.
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let is_on = |name| driver.parameter(name) == Some("on");
        if is_on("default_transaction_read_only") || is_on("in_hot_standby") {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}
