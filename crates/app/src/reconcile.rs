//! `tollgate reconcile`: one sweep of each account that is or was connected.

use std::{
    io::{IsTerminal, stderr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tollgate_domain::{
    Timestamp,
    clock::Clock,
    names::HandleName,
    reconcile::{FindingKind, Reconciler, SweepOutcome, SweepRequest, ports::SweptAccount},
};

use crate::{
    config::Config,
    output::counted,
    started::{self, Schema, Started},
    system::SystemClock,
};

/// How often it is said how far the sweep of an account has come.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// The longest time that the command waits because Stripe asks for it, in all pauses together.
const MAX_WAITED: Duration = Duration::from_mins(10);

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

/// Sweeps, with progress and pauses on standard error, unless a program reads along, and what was found on standard output.
pub(crate) async fn command(config: &Config, options: Options) -> anyhow::Result<()> {
    if let Some(since) = options.since.filter(|since| *since > SystemClock.now()) {
        bail!("--since {since} is in the future; give a time that has passed");
    }
    let sweeping =
        started::run(config, Schema::Keep, async |started| sweep_all(started, &options).await);
    let outcomes = Box::pin(sweeping).await?;
    if options.json {
        let accounts: Vec<_> = outcomes.iter().map(as_json).collect();
        say!("{:#}", json!({"dryRun": options.dry_run, "accounts": accounts}));
    } else {
        print(&outcomes, options.dry_run);
    }
    let incomplete = outcomes.iter().filter(|outcome| outcome.error.is_some()).count();
    if incomplete > 0 {
        bail!(
            "{incomplete} of {} accounts could not be compared completely; try again",
            outcomes.len()
        );
    }
    Ok(())
}

/// Sweeps the accounts that the command is about, one after the other.
async fn sweep_all(started: &Started, options: &Options) -> anyhow::Result<Vec<SweepOutcome>> {
    let reconciler = &started.wired.use_cases.reconciler;
    let request = SweepRequest {
        handle: options.handle.clone(),
        since: options.since,
        dry_run: options.dry_run,
        ..SweepRequest::default()
    };
    let accounts = reconciler.accounts(&request).await.context("the database")?;
    if let (Some(handle), []) = (&options.handle, accounts.as_slice()) {
        bail!("no Stripe account is or was connected to the handle {handle}");
    }
    let mut patience = Patience { left: MAX_WAITED };
    let mut outcomes = Vec::new();
    for (number, account) in (1..).zip(&accounts) {
        let place = format!("[{number}/{}] {}", accounts.len(), account.handle);
        if !options.json {
            note!("{place} ({})", account.account);
        }
        let request = SweepRequest { looked_at: Arc::default(), ..request.clone() };
        let sweep = AccountSweep { reconciler, account, request, place, is_silent: options.json };
        outcomes.push(sweep.run(&mut patience).await);
    }
    Ok(outcomes)
}

/// How much longer the command waits when Stripe asks for a pause.
struct Patience {
    left: Duration,
}

impl Patience {
    /// Returns the pause of so many seconds, and takes it from what is left; `None` if that is less.
    fn take(&mut self, seconds: u64) -> Option<Duration> {
        let pause = Duration::from_secs(seconds);
        self.left = self.left.checked_sub(pause)?;
        Some(pause)
    }
}

struct AccountSweep<'a> {
    reconciler: &'a Reconciler,
    account: &'a SweptAccount,
    request: SweepRequest,
    /// What begins the lines about it on standard error.
    place: String,
    /// Whether nothing is said on standard error.
    is_silent: bool,
}

impl AccountSweep<'_> {
    /// Sweeps the account, and goes on after each pause that Stripe asks for while there is patience left.
    async fn run(&self, patience: &mut Patience) -> SweepOutcome {
        let Self { reconciler, account, request, place, is_silent } = self;
        let mut outcome = self.watched(Box::pin(reconciler.sweep(account, request))).await;
        while let Some(pause) = outcome.pause.as_ref().and_then(|it| patience.take(it.seconds)) {
            if !is_silent {
                note!("{place}: Stripe asks to wait {} s; going on then", pause.as_secs());
            }
            sleep(pause).await;
            let rest = Box::pin(reconciler.go_on(account, request, outcome));
            outcome = self.watched(rest).await;
        }
        outcome
    }

    /// Sweeps, and says now and then how far the sweep has come, if somebody watches.
    async fn watched(&self, sweep: impl Future<Output = SweepOutcome>) -> SweepOutcome {
        if self.is_silent || !stderr().is_terminal() {
            return sweep.await;
        }
        let tell = |count: u64| note!("{}: {} so far", self.place, counted(count, "object"));
        telling(sweep, &self.request.looked_at, TOLD_EVERY, tell).await
    }
}

/// Does work, and tells now and then what a counter shows, when that has changed.
async fn telling<T>(
    work: impl Future<Output = T>,
    counter: &AtomicU64,
    every: Duration,
    tell: impl Fn(u64),
) -> T {
    let mut work = pin!(work);
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once.
    ticks.tick().await;
    let mut told = counter.load(Ordering::Relaxed);
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let count = counter.load(Ordering::Relaxed);
                if count != told {
                    tell(count);
                    told = count;
                }
            }
        }
    }
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
                (false, false) if finding.waits => "waits until it is read again, in a few minutes",
                (false, false) => "not mended",
            };
            say!("{}  {:<12} {}  {state}", outcome.handle, kind_name(finding.kind), finding.id);
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

/// Returns the name of a kind of difference, which programs read as well.
fn kind_name(kind: FindingKind) -> &'static str {
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
        let (kind, id) = (kind_name(finding.kind), &finding.id);
        json!({"kind": kind, "id": id, "mended": finding.is_mended, "waits": finding.waits})
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::sync::Notify;

    use super::*;

    #[test]
    fn patience_ends() {
        let mut patience = Patience { left: MAX_WAITED };
        assert_eq!(patience.take(60), Some(Duration::from_mins(1)));
        assert_eq!((0..20).filter_map(|_| patience.take(60)).count(), 9);
        assert_eq!(patience.take(5), None);
    }

    #[tokio::test]
    async fn progress_is_told_while_the_work_goes_on() {
        let (counter, told, heard) = (AtomicU64::new(0), RefCell::new(Vec::new()), Notify::new());
        let work = async {
            for count in [100, 250] {
                counter.store(count, Ordering::Relaxed);
                heard.notified().await;
            }
            "done"
        };
        let tell = |count| {
            told.borrow_mut().push(count);
            heard.notify_one();
        };
        let done = telling(work, &counter, Duration::from_millis(1), tell).await;
        assert_eq!((done, told.into_inner()), ("done", vec![100, 250]));
    }
}
