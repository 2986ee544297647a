//! The commands `tollgate serve` and `tollgate migrate`.

use std::{net::TcpListener, path::absolute, time::Duration};

use actix_web::{App, HttpServer};
use anyhow::Context;
use tollgate_http::{Dependencies, Http};
use tollgate_mailer::MailUrl;

use crate::{
    config::Config,
    demo,
    payments::Provider,
    started::{Started, bring_up_to_date},
    wiring::Wired,
    workers::Workers,
};

/// The time that a client has to send its headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(5);
/// The time that running requests have to finish when the server stops.
const SHUTDOWN_SECONDS: u64 = 10;

/// Runs `tollgate migrate`.
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

/// Runs `tollgate serve` until it is interrupted.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = TcpListener::bind(config.listen).with_context(|| {
        format!("TOLLGATE_LISTEN: cannot listen on {} (is it in use?)", config.listen)
    })?;
    let address = Config::local_address(listener.local_addr()?);
    let Started { provider, wired, sandbox } = Started::new(&config, address).await?;
    if provider.sandbox.is_some() && demo::is_empty(&wired).await? {
        demo::fill(&wired.use_cases, &provider).await.context("the demo could not be made")?;
    }
    let http = Http::new(dependencies(&config, &provider, &wired));
    let server = HttpServer::new(move || {
        let http = http.clone();
        App::new().configure(move |app| tollgate_http::configure(app, &http))
    })
    .client_request_timeout(HEADERS_WITHIN)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .listen(listener)?
    .run();
    let workers = Workers::start(wired.use_cases.runner(), wired.use_cases.gate.views().clone());
    print_addresses(&config, &wired, &provider).await?;
    tracing::info!(%address, "ready");
    server.await?;
    workers.stop().await;
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

fn dependencies(config: &Config, provider: &Provider, wired: &Wired) -> Dependencies {
    let Wired { ports, use_cases, access_tokens } = wired.clone();
    Dependencies {
        use_cases,
        installation: config.installation.clone(),
        store: ports.stores.store,
        clock: ports.clock,
        random: ports.random,
        access_tokens,
        webhooks: provider.webhooks.clone(),
        idempotency: ports.stores.idempotency,
        trusted_proxies: config.trusted_proxies.clone(),
        checkout_form_action: provider.pay_page_origins.clone(),
    }
}

async fn print_addresses(
    config: &Config,
    wired: &Wired,
    provider: &Provider,
) -> anyhow::Result<()> {
    println!("Tollgate is ready at {}", config.installation.origin());
    if provider.sandbox.is_some() && demo::is_there(wired).await? {
        demo::print_pages(config);
    }
    if let MailUrl::Directory(path) = &config.mail {
        println!("  Mail is written to  {}", absolute(path)?.display());
    }
    if let Some(site) = &provider.sandbox {
        println!("  Payments            sandbox at {}: nobody is charged", site.url);
    }
    Ok(())
}
