//! A Stripe-compatible server of our own, for the demo and the tests.
//!
//! It answers the few `/v1` calls that Tollgate makes, shows a pay page and an onboarding page, keeps
//! what happened in a state directory, and delivers signed webhooks. Its objects follow Stripe's
//! published contract. It can be told to fail: see the README of this crate for the control calls.
//!
//! It is no payment system: whoever reaches its pay page can "pay".

mod api;
mod clock;
mod control;
mod error;
mod faults;
mod ids;
mod model;
mod money;
mod pages;
mod params;
mod render;
mod shared;
mod state;
mod store;
mod table;
mod webhooks;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use tokio::task::JoinHandle;

pub use crate::shared::RecordedRequest;
use crate::shared::Shared;
use crate::store::Store;

/// Bodies are form-encoded parameters; a real one has a few kilobytes.
const BODY_LIMIT: usize = 512 * 1024;
/// How often sessions are looked through for those that expired.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// How a sandbox is run. Its `Debug` shows no secrets.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The only address that is bound; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the state is kept; without it, in memory only.
    pub state_dir: Option<PathBuf>,
    /// Where events are delivered; without it they are only stored.
    pub webhook_url: Option<String>,
    /// What clients authenticate with.
    pub secret_key: String,
    /// What webhooks are signed with.
    pub webhook_secret: String,
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SandboxConfig")
            .field("listen", &self.listen)
            .field("state_dir", &self.state_dir)
            .field("webhook_url", &self.webhook_url)
            .finish_non_exhaustive()
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The state directory cannot be used, or what is in it is not a state.
    #[error("the sandbox's state directory {} cannot be used: {source}", directory.display())]
    State {
        /// The directory.
        directory: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// The address cannot be bound.
    #[error("the sandbox cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What went wrong.
        source: io::Error,
    },
    /// The client that delivers webhooks cannot be made.
    #[error("the sandbox cannot deliver webhooks: {0}")]
    Webhooks(#[source] reqwest::Error),
}

/// A running sandbox. Dropping it ends it at once; [`Sandbox::stop`] ends it in order.
pub struct Sandbox {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: ServerHandle,
    running: Option<JoinHandle<io::Result<()>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox. Must be called within a tokio runtime; returns once requests are accepted.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        let (store, mut state) = match &config.state_dir {
            None => (None, model::State::default()),
            Some(directory) => {
                let opened = Store::open(directory.clone()).await;
                let (store, state) = opened.map_err(|source| SandboxError::State {
                    directory: directory.clone(),
                    source,
                })?;
                (Some(store), state)
            }
        };
        let listening = |source| SandboxError::Listen { address: config.listen, source };
        let listener = std::net::TcpListener::bind(config.listen).map_err(listening)?;
        let addr = listener.local_addr().map_err(listening)?;
        state.base_url = base_url(addr);
        state.delivers = config.webhook_url.is_some();
        let client = webhooks::client().map_err(SandboxError::Webhooks)?;
        let webhook_url = config.webhook_url.clone();
        let shared = Arc::new(Shared::new(config, state, store));

        let data = Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || App::new().app_data(data.clone()).configure(routes))
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)
            .map_err(|source| SandboxError::Listen { address: addr, source })?
            .run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        let mut tasks = vec![
            tokio::spawn(keep_saving(Arc::clone(&shared))),
            tokio::spawn(keep_expiring(Arc::clone(&shared))),
        ];
        if let Some(url) = webhook_url {
            tasks.push(tokio::spawn(webhooks::deliver(Arc::clone(&shared), client, url)));
        }
        tracing::info!(%addr, "the Stripe sandbox is listening");
        Ok(Self { addr, shared, server: handle, running: Some(running), tasks })
    }

    /// The address that is listened on, with the port that was taken.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where clients on this machine reach the sandbox, without a slash at the end.
    pub fn url(&self) -> String {
        base_url(self.addr)
    }

    /// The API requests so far, oldest first: the last 10,000.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests()
    }

    /// Answers what is under way, for a second at most, and saves the state.
    pub async fn stop(mut self) {
        self.server.stop(true).await;
        if let Some(running) = self.running.take()
            && let Ok(Err(error)) = running.await
        {
            tracing::warn!(%error, "the sandbox's server ended with an error");
        }
        for task in self.tasks.drain(..) {
            task.abort();
            // Cancelled, which is what was asked for.
            let _ = task.await;
        }
        self.shared.save(true).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        if self.running.is_some() {
            // The command is sent by the call; the future only waits for its effect.
            drop(self.server.stop(false));
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").field("addr", &self.addr).finish_non_exhaustive()
    }
}

async fn keep_saving(shared: Arc<Shared>) {
    shared.keep_saving().await;
}

/// Sessions expire without anybody asking for them.
async fn keep_expiring(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(EXPIRY_INTERVAL).await;
        shared.with(|_| ());
    }
}

fn base_url(addr: SocketAddr) -> String {
    let ip = if addr.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { addr.ip() };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

fn routes(config: &mut ServiceConfig) {
    config
        .app_data(PayloadConfig::new(BODY_LIMIT))
        .service(
            web::resource("/pay/{session}")
                .route(web::get().to(pages::show_pay))
                .route(web::post().to(pages::pay)),
        )
        .service(
            web::resource("/connect/{link}")
                .route(web::get().to(pages::show_connect))
                .route(web::post().to(pages::connect)),
        )
        .route("/sandbox.css", web::get().to(pages::stylesheet))
        .route("/_sandbox/{tail:.*}", web::to(control::handle))
        .route("/v1/{tail:.*}", web::to(api::handle));
}
