//! The Stripe sandbox, beside the server or alone.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tollgate_domain::random::Random;
use tollgate_stripe_sandbox::{Sandbox, SandboxConfig};

use crate::{config::Config, keys, system::OsRandom};

/// A sandbox that runs, in this process or in another one.
#[derive(Debug)]
pub(crate) struct SandboxSite {
    pub(crate) url: String,
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secret: SecretString,
}

/// A sandbox that runs in this process. The lock ends with it.
pub(crate) struct OwnSandbox {
    server: Sandbox,
    _lock: File,
}

impl OwnSandbox {
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

/// Starts a sandbox that keeps its state in `state`, or finds the one that another process runs
/// there. Webhooks go to the server at `server`. The port stays the same over restarts, since stored
/// pay pages name it.
pub(crate) async fn beside(
    state: &Path,
    server: SocketAddr,
) -> anyhow::Result<(SandboxSite, Option<OwnSandbox>)> {
    let secrets = Secrets::kept(state, &OsRandom)?;
    let address_file = state.join("address");
    let lock = File::create(state.join("lock")).context("cannot make the sandbox's lock file")?;
    if lock.try_lock().is_err() {
        let url = fs::read_to_string(&address_file)
            .context("another process is starting the sandbox: try again")?;
        return Ok((secrets.site(url), None));
    }
    let before = fs::read_to_string(&address_file).ok();
    let before = before.and_then(|url| url.strip_prefix("http://")?.parse::<SocketAddr>().ok());
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
    fs::write(&address_file, sandbox.url()).context("cannot note the sandbox's address")?;
    let site = secrets.site(sandbox.url());
    Ok((site, Some(OwnSandbox { server: sandbox, _lock: lock })))
}

fn any_port(server: SocketAddr) -> SocketAddr {
    SocketAddr::new(server.ip(), 0)
}

/// `tollgate stripe-sandbox`: runs until it is interrupted.
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
    println!("The Stripe sandbox is ready. Nobody is charged. Run Tollgate with:");
    println!("  TOLLGATE_STRIPE_API_URL={}", sandbox.url());
    println!("  TOLLGATE_STRIPE_SECRET_KEY={}", secrets.key.expose_secret());
    println!("  TOLLGATE_STRIPE_WEBHOOK_SECRETS={}", secrets.webhook.expose_secret());
    if webhook_url.is_none() {
        println!("No webhooks are sent: name their address with --webhook-url.");
    }
    crate::serve::interrupted().await;
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
