//! The commands `tollgate serve` and `tollgate migrate`.

use std::{path::absolute, pin::pin, sync::Arc};

use actix_web::web::ServiceConfig;
use anyhow::Context;
use futures_util::future::join;
use sd_notify::NotifyState;
use tollgate_domain::mail::ports::MailReportReader;
use tollgate_http::{Dependencies, Http};
use tollgate_mailer::{MailUrl, ReportReader};

use crate::{
    config::Config,
    database, demo, listen,
    payments::Provider,
    process::Metrics,
    server::{self, Capacity},
    started::{Schema, Started, bring_up_to_date},
    system::hung_up,
    traces::Parents,
    wiring::Wired,
    workers::Workers,
};

/// Runs `tollgate migrate`.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let names = bring_up_to_date(config).await?;
    if names.is_empty() {
        say!("The database is up to date.");
    }
    for name in names {
        say!("Migrated: {name}");
    }
    Ok(())
}

/// Runs `tollgate serve` until it is interrupted.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    let listener = listen::at("TOLLGATE_LISTEN", config.listen)?;
    let beside = config.metrics_listen.map(|at| listen::at("TOLLGATE_METRICS_LISTEN", at));
    let beside = beside.transpose()?;
    let address = listen::local_address(&listener)?;
    let metrics = Metrics::install()?;
    let Started { provider, wired, sandbox } =
        Started::new(&config, Schema::Migrate, address).await?;
    let is_sandbox = provider.sandbox.is_some();
    if is_sandbox && demo::is_empty(&wired).await.map_err(database::with_mend)? {
        demo::fill(&wired.use_cases, &provider).await.context("the demo could not be made")?;
    }
    let capacity = Capacity::of_process();
    let http = Http::new(dependencies(&config, &provider, &wired, capacity, metrics.clone()));
    let alone = match beside {
        Some(listener) => {
            let http = http.clone();
            let add = move |app: &mut ServiceConfig| tollgate_http::configure_metrics(app, &http);
            let server = server::Builder::small().serve("metrics", listener, add)?;
            let handle = server.handle();
            Some((handle, tokio::spawn(server)))
        }
        None => None,
    };
    let add = move |app: &mut ServiceConfig| tollgate_http::configure(app, &http);
    let parents = Parents::of(&config.trusted_proxies);
    let server = server::Builder::new(capacity, parents).serve("http", listener, add)?;
    let mut workers =
        Workers::start(wired.use_cases.runner(), wired.use_cases.gate.views().clone(), metrics);
    print_addresses(&config, &wired, &provider).await?;
    tracing::info!(%address, "ready");
    tell_supervisor(NotifyState::Ready);
    let (handle, mut server) = (server.handle(), pin!(server));
    let outcome = tokio::select! {
        outcome = &mut server => outcome.map_err(Into::into),
        error = workers.ended() => {
            // The server stops as it does when it is interrupted.
            drop(join(handle.stop(true), &mut server).await);
            Err(error)
        }
        () = hung_up() => {
            // The server itself listens for the other signals only.
            let ((), outcome) = join(handle.stop(true), &mut server).await;
            outcome.map_err(Into::into)
        }
    };
    tell_supervisor(NotifyState::Stopping);
    workers.stop().await;
    if let Some((handle, task)) = alone {
        handle.stop(false).await;
        if let Err(error) = task.await? {
            tracing::error!(%error, "the server of metrics ended early");
        }
    }
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    tracing::info!("stopped");
    outcome
}

/// Tells systemd, if it started the program.
fn tell_supervisor(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}

fn dependencies(
    config: &Config,
    provider: &Provider,
    wired: &Wired,
    capacity: Capacity,
    metrics: Metrics,
) -> Dependencies {
    let Wired { ports, use_cases, access_tokens } = wired.clone();
    Dependencies {
        use_cases,
        installation: config.installation.clone(),
        store: ports.stores.store,
        clock: ports.clock,
        random: ports.random,
        access_tokens,
        webhooks: provider.webhooks.clone(),
        mail_reports: mail_reports(config),
        idempotency: ports.stores.idempotency,
        trusted_proxies: config.trusted_proxies.clone(),
        metrics: Arc::new(move || metrics.text()),
        max_bodies: capacity.bodies,
        metrics_elsewhere: config.metrics_listen.is_some(),
        checkout_form_action: provider.pay_page_origins.clone(),
        is_sandbox: provider.sandbox.is_some(),
    }
}

fn mail_reports(config: &Config) -> Option<Arc<dyn MailReportReader>> {
    let secrets = config.mail_report_secrets.clone();
    if secrets.is_empty() {
        return None;
    }
    Some(Arc::new(ReportReader::new(secrets)))
}

async fn print_addresses(
    config: &Config,
    wired: &Wired,
    provider: &Provider,
) -> anyhow::Result<()> {
    say!("Tollgate is ready at {}", config.installation.origin());
    if provider.sandbox.is_some() && demo::is_there(wired).await? {
        demo::print_pages(config);
    }
    if let MailUrl::Directory(path) = &config.mail {
        say!("  Mail is written to  {}", absolute(path)?.display());
    }
    if let Some(site) = &provider.sandbox {
        say!("  Payments            sandbox at {}: nobody is charged", site.url);
    }
    Ok(())
}
