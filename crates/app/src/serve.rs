//! `tollgate serve` and `tollgate migrate`.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    path::{Path, absolute},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_domain::store::Stores;
use tollgate_http::{Dependencies, Http};
use tollgate_mailer::MailUrl;

use crate::{
    config::Config,
    demo,
    payments::{Provider, VAR},
    sandbox::{self, OwnSandbox},
    wiring::UseCases,
    workers::{Notifiers, Workers},
};

/// A client has this long to send its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// Requests under way when the server is told to stop have this long.
const SHUTDOWN_SECONDS: u64 = 10;

/// `tollgate migrate`.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let names = bring_up_to_date(config).await?;
    if names.is_empty() {
        println!("The database is up to date.");
    }
    for name in names {
        println!("Migrated: {name}");
    }
    Ok(())
}

async fn bring_up_to_date(config: &Config) -> anyhow::Result<Vec<String>> {
    tollgate_persistence::migrate(&config.database).await.context("TOLLGATE_DATABASE_URL")
}

/// Everything that commands work with.
pub(crate) struct Started {
    pub(crate) stores: Stores,
    pub(crate) provider: Provider,
    pub(crate) use_cases: UseCases,
    pub(crate) sandbox: Option<OwnSandbox>,
}

impl Started {
    /// Migrates and opens the database, and starts the sandbox if payments go there; its webhooks go
    /// to `server`.
    pub(crate) async fn new(config: &Config, server: SocketAddr) -> anyhow::Result<Self> {
        for name in bring_up_to_date(config).await? {
            tracing::info!(name, "migrated");
        }
        let stores = tollgate_persistence::open(&config.database).await;
        let stores = stores.context("TOLLGATE_DATABASE_URL")?;
        let mut own_sandbox = None;
        let provider = Provider::open(config, async || {
            let state = Path::new(VAR).join("stripe-sandbox");
            let (site, own) = sandbox::beside(&state, server).await?;
            own_sandbox = own;
            Ok(site)
        })
        .await?;
        let mailer = tollgate_mailer::mailer(&config.mail, &config.mail_from);
        let mailer = mailer.context("TOLLGATE_MAIL_URL")?;
        // What is no text is no setting of a bucket.
        let environment = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let objects =
            tollgate_file_store::open(&config.files, environment).context("TOLLGATE_FILES_URL")?;
        let use_cases = UseCases::new(config, &stores, &provider, mailer, &objects)?;
        Ok(Self { stores, provider, use_cases, sandbox: own_sandbox })
    }
}

/// `tollgate serve`: runs until it is interrupted.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!("TOLLGATE_LISTEN: cannot listen on {} (is it in use?)", config.listen)
    })?;
    let address = Config::local_address(listener.local_addr()?);
    let Started { stores, provider, use_cases, sandbox } = Started::new(&config, address).await?;
    if provider.sandbox.is_some() && demo::is_empty(&stores).await? {
        demo::fill(&use_cases, &provider).await.context("the demo could not be made")?;
    }
    let wakes = Notifiers::default();
    let http = Http::new(dependencies(&config, &stores, &provider, &use_cases, &wakes));
    let server = HttpServer::new(move || {
        let http = http.clone();
        App::new().configure(move |app| tollgate_http::configure(app, &http))
    })
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .listen(listener)?
    .run();
    let workers = Workers::start(&use_cases, &stores, &wakes);
    print_addresses(&config, &stores, &provider).await?;
    tracing::info!(%address, "ready");
    server.await?;
    workers.stop().await;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

fn dependencies(
    config: &Config,
    stores: &Stores,
    provider: &Provider,
    use_cases: &UseCases,
    wakes: &Notifiers,
) -> Dependencies {
    let UseCases {
        clock,
        random,
        sign_in,
        sessions,
        gate,
        checkouts,
        connect,
        events,
        refunds,
        grants,
        reports,
        accounts,
        handles,
        pages,
        group_buys,
        offers,
        files,
        downloads,
        access_tokens,
        delivery: _,
        file_sweep: _,
    } = use_cases.clone();
    let (mail, event) = (wakes.clone(), wakes.clone());
    Dependencies {
        sign_in,
        sessions,
        gate,
        checkouts,
        connect,
        provider_events: events,
        refunds,
        grants,
        reports,
        accounts,
        handles,
        pages,
        group_buys,
        offers,
        files,
        downloads,
        installation: config.installation.clone(),
        store: stores.store.clone(),
        clock,
        random,
        access_tokens,
        webhooks: provider.webhooks.clone(),
        idempotency: stores.idempotency.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        checkout_form_action: provider.pay_page_origins.clone(),
        on_event: Arc::new(move || event.event()),
        on_mail: Arc::new(move || mail.mail()),
    }
}

async fn print_addresses(
    config: &Config,
    stores: &Stores,
    provider: &Provider,
) -> anyhow::Result<()> {
    println!("Tollgate is ready at {}", config.installation.origin());
    if provider.sandbox.is_some() && demo::is_there(stores).await? {
        print_pages(config);
    }
    if let MailUrl::Directory(path) = &config.mail {
        println!("  Mail is written to  {}", absolute(path)?.display());
    }
    if let Some(site) = &provider.sandbox {
        println!("  Payments            sandbox at {}: nobody is charged", site.url);
    }
    Ok(())
}

/// The addresses of the demo, for a person to open.
pub(crate) fn print_pages(config: &Config) {
    println!();
    let domain = config.installation.public_domain();
    for (slug, meaning) in demo::pages() {
        println!("  {meaning:<18}  http://{}.{domain}/{slug}", demo::HANDLE);
    }
    let (handle, group_buy) = (demo::HANDLE, demo::GROUP_BUY);
    println!("  group buy           http://{handle}.{domain}/-/group-buys/{group_buy}");
    println!("  creator             {} with the password {}", demo::EMAIL, demo::PASSWORD);
    println!();
}

/// Returns when the process is asked to end.
pub(crate) async fn interrupted() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::error!(%error, "cannot listen for signals");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
