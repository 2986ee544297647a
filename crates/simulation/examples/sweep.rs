//! `sweep`: what a sweep over many sales in order asks the provider for and writes, on both databases. `scripts/sweep` runs it.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use clap::Parser;
use tollgate_domain::{
    reconcile::SweepRequest,
    store::{Store, Stores, UnitOfWork},
    store_error::StoreError,
};
use tollgate_domain_testing::{TestApp, sales_in_order};
use tollgate_persistence::{DatabaseUrl, migrate, open};

/// How many objects Stripe lists in a page.
const PER_PAGE: usize = 100;

/// Measures sweeps over many sales in order.
#[derive(Debug, Parser)]
struct Arguments {
    /// The number of sales.
    #[arg(long, default_value_t = 10_000)]
    sales: u32,
    /// The address of an empty PostgreSQL database.
    #[arg(long)]
    postgres: String,
}

/// Counts the units of work that are begun. Whatever is read outside of one writes nothing.
struct Counting {
    inner: Arc<dyn Store>,
    begun: AtomicU64,
}

#[async_trait]
impl Store for Counting {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.inner.begin().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { sales, postgres } = Arguments::parse();
    let directory = tempfile::tempdir()?;
    let sqlite = format!("sqlite:{}/tollgate.db", directory.path().display());
    println!("| sweep | looked at | calls | units of work that write | seconds |");
    println!("|---|---|---|---|---|");
    Box::pin(measure("SQLite", &sqlite, sales)).await?;
    Box::pin(measure("PostgreSQL", &postgres, sales)).await
}

/// Sells, sweeps twice, and prints a row for each sweep. The first one begins when the account was connected, the next one some
/// days before the first.
async fn measure(database: &str, url: &str, sales: u32) -> Result<(), Box<dyn Error>> {
    let url: DatabaseUrl = url.parse()?;
    migrate(&url).await?;
    let stores = open(&url).await?;
    let app = TestApp::new();
    app.payments.list_by(PER_PAGE);
    sales_in_order(&stores, &app.payments, &app.clock, sales).await;
    let counting = Arc::new(Counting { inner: stores.store.clone(), begun: AtomicU64::new(0) });
    let reconciler = app.over(Stores { store: counting.clone(), ..stores }).reconciler;
    let request = SweepRequest::default();
    for sweep in ["first", "next"] {
        let accounts = reconciler.accounts(&request).await?;
        let account = accounts.first().ok_or("there is no account")?;
        let (calls, began) = (app.payments.all_calls(), Instant::now());
        counting.begun.store(0, Ordering::Relaxed);
        let outcome = Box::pin(reconciler.sweep(account, &request)).await;
        let seconds = began.elapsed().as_secs_f64();
        if !outcome.findings.is_empty() || outcome.error.is_some() {
            return Err(format!("{:?}, {} findings", outcome.error, outcome.findings.len()).into());
        }
        let calls = app.payments.all_calls() - calls;
        let units = counting.begun.load(Ordering::Relaxed);
        let looked_at = outcome.looked_at;
        println!("| {database}: {sweep} | {looked_at} | {calls} | {units} | {seconds:.2} |");
    }
    Ok(())
}
