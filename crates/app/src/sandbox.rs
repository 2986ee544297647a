//! The Stripe sandbox, run beside the server or alone.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use tollgate_domain::random::Random;
use tollgate_stripe_sandbox::{Sandbox, SandboxConfig};

use crate::{
    config::Config,
    keys,
    system::{OsRandom, interrupted},
};

/// How many times the address of a sandbox that another process starts is looked for: 400 × 25 ms are 10 s.
const MAX_ATTEMPTS: u32 = 400;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);

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
    let address_file = state.join("address");
    let port_file = state.join("port");
    let lock = match found(state, &address_file).await? {
        Found::Running(url) => return Ok((secrets.site(url), None)),
        Found::Nobody(lock) => lock,
    };
    let before = fs::read_to_string(&port_file).ok().and_then(|port| port.trim().parse().ok());
    let before = before.map(|port| SocketAddr::new(server.ip(), port));
    let beside = server.port().checked_add(1).filter(|_| server.port() != 0);
    let wanted = before.or_else(|| Some(SocketAddr::new(server.ip(), beside?)));
    let webhook_url = Some(format!("http://{server}/v2/webhooks/stripe"));
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
        .and_then(|()| fs::write(state.join("address.new"), sandbox.url()))
        // The file is written under another name first, so that readers never see a part of it.
        .and_then(|()| fs::rename(state.join("address.new"), &address_file))
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
async fn found(state: &Path, address_file: &Path) -> anyhow::Result<Found> {
    let lock = File::create(state.join("lock")).context("cannot make the sandbox's lock file")?;
    for _ in 0..MAX_ATTEMPTS {
        if lock.try_lock().is_ok() {
            // The address of an earlier run is no longer valid.
            let _ = fs::remove_file(address_file);
            return Ok(Found::Nobody(lock));
        }
        if let Ok(url) = fs::read_to_string(address_file) {
            return Ok(Found::Running(url));
        }
        tokio::time::sleep(BETWEEN_ATTEMPTS).await;
    }
    bail!("another process holds {} and does not start", state.display())
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
    let secrets = match &config.stripe {
        Some(stripe) => Secrets {
            key: stripe.secret_key.clone(),
            webhook: stripe.webhook_secrets.first().context("no webhook secret")?.clone(),
        },
        None => Secrets::kept(&state, &OsRandom)?,
    };
    let sandbox = Sandbox::start(secrets.config(listen, state, webhook_url.clone())).await?;
    say!("The Stripe sandbox is ready. Nobody is charged. Run Tollgate with:");
    say!("  TOLLGATE_STRIPE_API_URL={}", sandbox.url());
    say!("  TOLLGATE_STRIPE_SECRET_KEY={}", secrets.key.expose_secret());
    say!("  TOLLGATE_STRIPE_WEBHOOK_SECRETS={}", secrets.webhook.expose_secret());
    if webhook_url.is_none() {
        say!("No webhooks are sent: name their address with --webhook-url.");
    }
    interrupted().await;
    sandbox.stop().await;
    Ok(())
}

struct Secrets {
    key: SecretString,
    webhook: SecretString,
}

impl Secrets {
    fn kept(state: &Path, random: &dyn Random) -> anyhow::Result<Self> {
        let key = keys::kept(&state.join("secret-key"), random)?;
        let webhook = keys::kept(&state.join("webhook-secret"), random)?;
        Ok(Self {
            key: format!("sk_test_{key}").into(),
            webhook: format!("whsec_{webhook}").into(),
        })
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
