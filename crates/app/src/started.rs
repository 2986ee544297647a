//! The start of every command that uses the database.

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, bail};
use tokio::time::sleep;
use tollgate_domain::{files::ports::FileStore, mail::ports::Mailer, store::Stores};
use tollgate_mailer::MailerOptions;
use tollgate_persistence::DatabaseUrl;

use crate::{
    config::Config,
    database, patience,
    payments::{Provider, VAR},
    sandbox::{self, OwnSandbox},
    system::{SystemClock, variables},
    trust,
    wiring::Wired,
};

pub(crate) async fn bring_up_to_date(config: &Config) -> anyhow::Result<Vec<String>> {
    let url = config.database.clone().trusting(&trust::authorities(config));
    tollgate_persistence::migrate(&url).await.map_err(database::told)
}

/// Brings the database up to date, and waits for a server that is just starting.
async fn bring_up_to_date_once_started(
    config: &Config,
    authorities: &[Vec<u8>],
) -> anyhow::Result<Vec<String>> {
    let url = config.database.clone().trusting(authorities);
    let migrate = async || tollgate_persistence::migrate(&url).await;
    patience::until_started(migrate, sleep, |line| note!("tollgate: {line}")).await
}

pub(crate) struct Started {
    pub(crate) provider: Provider,
    pub(crate) wired: Wired,
    pub(crate) sandbox: Option<OwnSandbox>,
}

/// How a database is treated that another version made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The database is brought up to date; a new one is made.
    Migrate,
    /// The database is refused, and so is one that is missing: the command is about what a server has stored.
    Keep,
}

/// Opens a database that a server has made and whose schema is up to date.
async fn stored(config: &Config, authorities: &[Vec<u8>]) -> anyhow::Result<Stores> {
    if let DatabaseUrl::Sqlite(path) = &config.database
        && config.database.is_missing()
    {
        bail!(
            "there is no database at {}; run `tollgate` (or `tollgate migrate`) first",
            path.display()
        );
    }
    let stores = open(config, authorities).await?;
    if let Err(error) = stores.store.ready().await {
        if let Some(mend) = database::mend_of(&error.to_string()) {
            bail!("TOLLGATE_DATABASE_URL: {error}; {mend}");
        }
        return Err(error).context(
            "this command does not change the schema: run `tollgate migrate` first, or, if a newer version of \
             Tollgate changed it, use that one",
        );
    }
    Ok(stores)
}

async fn open(config: &Config, authorities: &[Vec<u8>]) -> anyhow::Result<Stores> {
    let url = config.database.clone().trusting(authorities);
    tollgate_persistence::open(&url).await.map_err(database::told)
}

fn mails_and_files(
    config: &Config,
    authorities: Vec<Vec<u8>>,
) -> anyhow::Result<(Arc<dyn Mailer>, Arc<dyn FileStore>)> {
    let hello = Some(config.installation.host().to_owned());
    let smtp = MailerOptions { hello, authorities };
    let clock = Arc::new(SystemClock);
    let mailer = tollgate_mailer::mailer(&config.mail, &config.mail_from, &smtp, clock);
    let mailer = mailer.context("TOLLGATE_MAIL_URL")?;
    let objects = tollgate_file_store::open(&config.files, variables()?);
    Ok((mailer, objects.context("TOLLGATE_FILES_URL")?))
}

/// Starts, does some work, and stops the sandbox if it was started.
pub(crate) async fn run<T>(
    config: &Config,
    schema: Schema,
    work: impl AsyncFnOnce(&Started) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let started = Started::new(config, schema, config.listen).await?;
    let done = work(&started).await;
    if let Some(sandbox) = started.sandbox {
        sandbox.stop().await;
    }
    done
}

impl Started {
    /// Opens the database, mails and files, and starts the sandbox if payments go to it. The sandbox sends its webhooks to
    /// `server`. Before a database is made or brought up to date, mails and files are opened, so that a start that they
    /// refuse has stored and logged nothing. A command about what is stored makes nothing without a database.
    pub(crate) async fn new(
        config: &Config,
        schema: Schema,
        server: SocketAddr,
    ) -> anyhow::Result<Self> {
        let authorities = trust::authorities(config);
        let (stores, mailer, objects) = match schema {
            Schema::Keep => {
                let stores = stored(config, &authorities).await?;
                let (mailer, objects) = mails_and_files(config, authorities.clone())?;
                (stores, mailer, objects)
            }
            Schema::Migrate => {
                let (mailer, objects) = mails_and_files(config, authorities.clone())?;
                let migrations = bring_up_to_date_once_started(config, &authorities).await?;
                if let Some(newest) = migrations.last() {
                    tracing::info!(
                        migrations = migrations.len(),
                        newest,
                        "the database was brought up to date"
                    );
                }
                (open(config, &authorities).await?, mailer, objects)
            }
        };
        let mut own_sandbox = None;
        let provider = Provider::open(config, &authorities, async || {
            let state = Path::new(VAR).join("stripe-sandbox");
            let (site, own) = sandbox::beside(&state, server).await?;
            own_sandbox = own;
            Ok(site)
        })
        .await?;
        let wired = Wired::new(config, stores, &provider, mailer, objects)?;
        Ok(Self { provider, wired, sandbox: own_sandbox })
    }
}
