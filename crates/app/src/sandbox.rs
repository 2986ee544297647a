//! The Stripe sandbox, run beside the server or alone.

use std::{
    fs::{self, File},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use tollgate_domain::random::Random;
use tollgate_http::STRIPE_WEBHOOK;
use tollgate_stripe_sandbox::{Sandbox, SandboxConfig, SandboxError};

use crate::{
    config::Config,
    keys,
    listen::cannot_listen,
    system::{OsRandom, interrupted},
};

/// How many times the address of a sandbox that another process starts is looked for: 400 × 25 ms are 10 s.
const MAX_ATTEMPTS: u32 = 400;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);
/// The file with the address of the sandbox that runs.
const ADDRESS: &str = "address";

/// A running sandbox, in this process or in another one.
#[derive(Debug)]
pub(crate) struct SandboxSite {
    pub(crate) url: String,
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secret: SecretString,
}

/// A sandbox in this process. Dropping it releases the lock.
pub(crate) struct OwnSandbox {
    server: Sandbox,
    _lock: File,
}

impl OwnSandbox {
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

/// Starts a sandbox that keeps its state in `state`, or returns the one that another process runs there.
/// Webhooks go to the server at `server`. The port stays the same after a restart, because stored pay pages
/// contain it.
pub(crate) async fn beside(
    state: &Path,
    server: SocketAddr,
) -> anyhow::Result<(SandboxSite, Option<OwnSandbox>)> {
    let secrets = Secrets::kept(state, &OsRandom)?;
    let port_file = state.join("port");
    let lock = match found(state).await? {
        Found::Running(url) => return Ok((secrets.site(url), None)),
        Found::Nobody(lock) => lock,
    };
    let before = fs::read_to_string(&port_file).ok().and_then(|port| port.trim().parse().ok());
    let before = before.map(|port| SocketAddr::new(server.ip(), port));
    let beside = server.port().checked_add(1).filter(|_| server.port() != 0);
    let wanted = before.or_else(|| Some(SocketAddr::new(server.ip(), beside?)));
    let webhook_url = Some(format!("http://{server}{STRIPE_WEBHOOK}"));
    let config = |listen| secrets.config(listen, state.to_owned(), webhook_url.clone());
    let started = match wanted {
        Some(wanted) => Sandbox::start(config(wanted)).await,
        None => Sandbox::start(config(any_port(server))).await,
    };
    let sandbox = match started {
        Ok(sandbox) => sandbox,
        Err(_) => Sandbox::start(config(any_port(server))).await?,
    };
    fs::write(&port_file, sandbox.addr().port().to_string())
        .and_then(|()| publish(state, &sandbox.url()))
        .context("cannot note the sandbox's address")?;
    let site = secrets.site(sandbox.url());
    Ok((site, Some(OwnSandbox { server: sandbox, _lock: lock })))
}

/// The result of looking for the sandbox of a directory.
enum Found {
    /// Another process runs it at this address.
    Running(String),
    /// No process runs it. This process holds the lock and may start it.
    Nobody(File),
}

/// Takes the directory's lock, or waits until the process that holds it has published its address.
async fn found(state: &Path) -> anyhow::Result<Found> {
    let lock = lock_file(state)?;
    for _ in 0..MAX_ATTEMPTS {
        if takes(&lock, state) {
            return Ok(Found::Nobody(lock));
        }
        if let Ok(url) = fs::read_to_string(state.join(ADDRESS)) {
            return Ok(Found::Running(url));
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
    bail!("another process holds {} and does not start", state.display())
}

fn lock_file(state: &Path) -> anyhow::Result<File> {
    fs::create_dir_all(state).with_context(|| format!("cannot make {}", state.display()))?;
    File::create(state.join("lock")).context("cannot make the sandbox's lock file")
}

/// Takes the directory's lock, unless another process holds it.
fn takes(lock: &File, state: &Path) -> bool {
    let is_taken = lock.try_lock().is_ok();
    if is_taken {
        // The address of an earlier run is no longer valid.
        let _ = fs::remove_file(state.join(ADDRESS));
    }
    is_taken
}

/// Tells other processes where the sandbox of a directory is.
fn publish(state: &Path, url: &str) -> io::Result<()> {
    // The file is written under another name first, so that readers never see a part of it.
    let draft = state.join("address.new");
    fs::write(&draft, url)?;
    fs::rename(draft, state.join(ADDRESS))
}

fn any_port(server: SocketAddr) -> SocketAddr {
    SocketAddr::new(server.ip(), 0)
}

/// Runs `tollgate stripe-sandbox` until it is interrupted.
pub(crate) async fn alone(
    config: &Config,
    listen: SocketAddr,
    state: PathBuf,
    webhook_url: Option<String>,
) -> anyhow::Result<()> {
    let lock = lock_file(&state)?;
    if !takes(&lock, &state) {
        bail!(
            "another process runs the sandbox of {}: stop it, or set --state to another directory",
            state.display()
        );
    }
    let secrets = match &config.stripe {
        Some(stripe) => Secrets {
            key: stripe.secret_key.clone(),
            webhook: stripe.webhook_secrets.first().context("no webhook secret")?.clone(),
        },
        None => Secrets::kept(&state, &OsRandom)?,
    };
    let started = Sandbox::start(secrets.config(listen, state.clone(), webhook_url.clone())).await;
    let sandbox = started.map_err(refused)?;
    if config.stripe.is_none() {
        publish(&state, &sandbox.url()).context("cannot note the sandbox's address")?;
    }
    say!("The Stripe sandbox is ready. Nobody is charged. Run Tollgate with:");
    say!("  TOLLGATE_STRIPE_API_URL={}", sandbox.url());
    say!("  TOLLGATE_STRIPE_SECRET_KEY={}", secrets.key.expose_secret());
    say!("  TOLLGATE_STRIPE_WEBHOOK_SECRETS={}", secrets.webhook.expose_secret());
    if config.jwt_secrets.is_empty() {
        // A server that takes payments elsewhere than in its own sandbox makes none.
        say!("  TOLLGATE_JWT_SECRET={}", keys::kept(&state.join("jwt-secret"), "", &OsRandom)?);
    }
    if webhook_url.is_none() {
        say!("No webhooks are sent: name their address with --webhook-url.");
    }
    interrupted().await;
    sandbox.stop().await;
    drop(lock);
    Ok(())
}

/// Names the option that keeps the sandbox from starting.
fn refused(error: SandboxError) -> anyhow::Error {
    match error {
        SandboxError::Listen { address, source } => cannot_listen("--listen", address, source),
        SandboxError::State { directory, source } => anyhow::Error::new(source)
            .context(format!("--state: {} cannot be used", directory.display())),
        other @ SandboxError::Webhooks(_) => other.into(),
    }
}

struct Secrets {
    key: SecretString,
    webhook: SecretString,
}

impl Secrets {
    fn kept(state: &Path, random: &dyn Random) -> anyhow::Result<Self> {
        let key = keys::kept(&state.join("secret-key"), "sk_test_", random)?;
        let webhook = keys::kept(&state.join("webhook-secret"), "whsec_", random)?;
        Ok(Self { key: key.into(), webhook: webhook.into() })
    }

    fn site(&self, url: String) -> SandboxSite {
        SandboxSite { url, secret_key: self.key.clone(), webhook_secret: self.webhook.clone() }
    }

    fn config(
        &self,
        listen: SocketAddr,
        state: PathBuf,
        webhook_url: Option<String>,
    ) -> SandboxConfig {
        SandboxConfig {
            listen,
            state_dir: Some(state),
            webhook_url,
            secret_key: self.key.expose_secret().to_owned(),
            webhook_secret: self.webhook.expose_secret().to_owned(),
        }
    }
}
