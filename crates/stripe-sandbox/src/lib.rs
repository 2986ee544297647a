//! A Stripe-compatible server for the demo and the tests.
//!
//! The server answers the `/v1` calls that Tollgate makes, serves a pay page and an onboarding
//! page, saves its state in a directory, and delivers signed webhooks. Its objects follow Stripe's
//! published contract. Control calls make it fail on purpose; the README of this crate lists them.
//!
//! It moves no money: anyone who can open its pay page can complete a payment.

mod accounts;
mod api;
mod batch;
mod clock;
mod config;
mod connection;
mod control;
mod dispute_page;
mod disputes;
mod emit;
mod error;
mod faults;
mod html;
mod ids;
mod model;
mod money;
mod pages;
mod params;
mod render;
mod shared;
mod state;
mod status;
mod store;
mod table;
mod texts;
mod trouble;
mod webhooks;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};
use actix_web::{App, HttpServer};
use tokio::task::JoinHandle;

pub use crate::config::{SandboxConfig, SandboxError};
pub use crate::shared::RecordedRequest;
use crate::shared::Shared;
use crate::store::Store;

/// The limit of a request body, in bytes. Real requests have a few kilobytes.
const BODY_LIMIT: usize = 512 * 1024;
/// The interval between two searches for expired sessions.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);

/// A running sandbox. Dropping it stops it immediately; [`Sandbox::stop`] shuts it down gracefully.
pub struct Sandbox {
    addr: SocketAddr,
    shared: Arc<Shared>,
    server: ServerHandle,
    running: Option<JoinHandle<io::Result<()>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox and returns once it accepts requests. Must be called within a tokio
    /// runtime.
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
            .on_connect(connection::Connection::keep)
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)
            .map_err(|source| SandboxError::Listen { address: addr, source })?
            .run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        let mut tasks = vec![
            tokio::spawn(Arc::clone(&shared).keep_saving()),
            tokio::spawn(keep_expiring(Arc::clone(&shared))),
        ];
        if let Some(url) = webhook_url {
            tasks.push(tokio::spawn(webhooks::deliver(Arc::clone(&shared), client, url)));
        }
        tracing::info!(%addr, "the Stripe sandbox is listening");
        Ok(Self { addr, shared, server: handle, running: Some(running), tasks })
    }

    /// Returns the address that the sandbox listens on, with the actual port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the base URL for clients on this machine, without a trailing slash.
    pub fn url(&self) -> String {
        base_url(self.addr)
    }

    /// Returns the last 10,000 API requests, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests()
    }

    /// Answers the requests in progress, for at most one second, and saves the state.
    pub async fn stop(mut self) {
        self.server.stop(true).await;
        if let Some(running) = self.running.take()
            && let Ok(Err(error)) = running.await
        {
            tracing::warn!(%error, "the sandbox's server ended with an error");
        }
        for task in self.tasks.drain(..) {
            task.abort();
            // The result is the cancellation itself.
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
            // Calling `stop` sends the command; the future only waits for its effect.
            drop(self.server.stop(false));
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sandbox").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Expires sessions that no request asks for.
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
        .route("/pay/{session}/faults", web::post().to(trouble::submit))
        .service(
            web::resource("/disputes/{dispute}")
                .route(web::get().to(dispute_page::show))
                .route(web::post().to(dispute_page::submit)),
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
