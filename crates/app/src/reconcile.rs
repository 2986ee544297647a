//! `tollgate reconcile`: one sweep of the connected accounts.

use anyhow::{Context, bail};
use serde_json::json;
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    names::HandleName,
    reconcile::{FindingKind, SweepOutcome, SweepRequest},
};

use crate::{
    config::Config,
    output::counted,
    started::{self, Schema, Started},
    system::SystemClock,
};

/// What the command was asked to do.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only the account of this handle
    #[arg(long)]
    handle: Option<HandleName>,
    /// Look at everything from this time on (RFC 3339), and not only from some days before the last sweep; a later time
    /// leaves nothing out
    #[arg(long)]
    since: Option<Timestamp>,
    /// Say what differs, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Sweeps, with progress on standard error and what was found on standard output.
pub(crate) async fn command(config: &Config, options: Options) -> anyhow::Result<()> {
    if let Some(since) = options.since.filter(|since| *since > SystemClock.now()) {
        bail!("--since {since} is in the future; give a time that has passed");
    }
    let sweeping =
        started::run(config, Schema::Keep, async |started| sweep(started, &options).await);
    let outcomes = Box::pin(sweeping).await?;
    if options.json {
        let accounts: Vec<_> = outcomes.iter().map(as_json).collect();
        say!("{:#}", json!({"dryRun": options.dry_run, "accounts": accounts}));
    } else {
        print(&outcomes, options.dry_run);
    }
    let failed = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    if failed > 0 {
        bail!(
            "{failed} of {} accounts could not be compared completely; try again",
            outcomes.len()
        );
    }
    Ok(())
}

async fn sweep(started: &Started, options: &Options) -> anyhow::Result<Vec<SweepOutcome>> {
    let reconciler = &started.wired.use_cases.reconciler;
    let request = SweepRequest {
        handle: options.handle.clone(),
        since: options.since,
        dry_run: options.dry_run,
    };
    let accounts = reconciler.accounts(&request).await.context("the database")?;
    if let (Some(handle), []) = (&options.handle, accounts.as_slice()) {
        bail!("no Stripe account is or was connected to the handle {handle}");
    }
    let mut outcomes = Vec::new();
    for (number, account) in (1..).zip(&accounts) {
        eprintln!("[{number}/{}] {} ({})", accounts.len(), account.handle, account.account);
        outcomes.push(reconciler.sweep(account, &request).await);
    }
    Ok(outcomes)
}

fn print(outcomes: &[SweepOutcome], dry_run: bool) {
    let (mut looked_at, mut found) = (0, 0_usize);
    for outcome in outcomes {
        looked_at += outcome.looked_at;
        for finding in &outcome.findings {
            found += 1;
            let state = match (finding.is_mended, dry_run) {
                (true, _) => "mended",
                (false, true) => "would be mended",
                (false, false) => "not mended",
            };
            say!("{}  {:<12} {}  {state}", outcome.handle, word(finding.kind), finding.id);
        }
        if outcome.is_out_of_reach {
            say!("{}  not compared: Stripe does not show {}", outcome.handle, outcome.account);
        }
        if let Some(error) = &outcome.error {
            say!("{}  not complete: {error}", outcome.handle);
        }
    }
    let accounts = counted(outcomes.len(), "account");
    let (objects, differences) = (counted(looked_at, "object"), counted(found, "difference"));
    say!("{accounts}, {objects} looked at, {differences}");
}

/// Returns the word for a kind of difference, which programs read as well.
fn word(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Account => "account",
        FindingKind::Session => "session",
        FindingKind::LeftOpen => "left_open",
        FindingKind::LostAnswer => "lost_answer",
        FindingKind::Refund => "refund",
        FindingKind::Dispute => "dispute",
    }
}

fn as_json(outcome: &SweepOutcome) -> serde_json::Value {
    let findings = outcome.findings.iter().map(|finding| {
        json!({"kind": word(finding.kind), "id": finding.id, "mended": finding.is_mended})
    });
    json!({
        "handle": outcome.handle.to_string(),
        "account": outcome.account.to_string(),
        "lookedAt": outcome.looked_at,
        "findings": findings.collect::<Vec<_>>(),
        "outOfReach": outcome.is_out_of_reach,
        "error": outcome.error,
    })
}
