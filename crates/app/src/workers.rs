//! The workers that run jobs beside the web server.

use std::{pin::pin, time::Duration};

use anyhow::anyhow;
use futures_util::{FutureExt, future::join_all};
use metrics::counter;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, timeout},
};
use tokio_util::task::TaskTracker;
use tollgate_domain::{
    access::Views,
    jobs::{Finish, JobKind, Outcome, Runner, RunningJob},
    store_error::StoreError,
};
use tracing::Instrument;

use crate::process::Metrics;

/// The interval at which workers look for jobs that other replicas enqueued or that became due.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The interval at which it is seen to that recurring jobs are stored, and due soon enough.
const SCHEDULE_INTERVAL: Duration = Duration::from_mins(10);

/// The interval at which views are stored.
const VIEWS_INTERVAL: Duration = Duration::from_secs(5);

/// The interval at which measurements are added up.
const METRICS_INTERVAL: Duration = Duration::from_secs(2);

/// The interval at which the claims of running jobs are renewed.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(3);

/// How long running jobs are waited for when the program stops.
const MAX_WAIT_FOR_JOBS: Duration = Duration::from_secs(45);

/// The running workers.
pub(crate) struct Workers {
    dispatcher: JoinHandle<()>,
    views: JoinHandle<()>,
    metrics: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Workers {
    pub(crate) fn start(runner: Runner, views: Views, metrics: Metrics) -> Self {
        let (stop, stopped) = watch::channel(false);
        let store = move || {
            let views = views.clone();
            async move { views.store().await }
        };
        let views = tokio::spawn(store_views(store, stopped.clone()));
        let metrics = tokio::spawn(tidy(metrics, stopped.clone()));
        Self { dispatcher: tokio::spawn(dispatch(runner, stopped)), views, metrics, stop }
    }

    /// Waits until a worker ends although nobody told it to: without it nothing that happens later would happen.
    pub(crate) async fn ended(&mut self) -> anyhow::Error {
        let ended = tokio::select! {
            ended = &mut self.dispatcher => ended,
            ended = &mut self.views => ended,
            ended = &mut self.metrics => ended,
        };
        let reason =
            ended.err().map_or_else(|| "it returned".to_owned(), |error| error.to_string());
        anyhow!("a worker ended: {reason}")
    }

    /// Stops claiming jobs, and waits for the jobs that are running. Those that take too long are done again by
    /// another process, as after a crash.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(true);
        let workers = [self.dispatcher, self.views, self.metrics];
        let running = workers.into_iter().filter(|worker| !worker.is_finished());
        let Ok(ended) = timeout(MAX_WAIT_FOR_JOBS, join_all(running)).await else {
            tracing::warn!("jobs that take too long are left to be done again");
            return;
        };
        for error in ended.into_iter().filter_map(Result::err) {
            tracing::error!(%error, "the workers ended early");
        }
    }
}

/// Claims jobs and runs each in its own task, until it is told to stop.
async fn dispatch(runner: Runner, mut stopped: watch::Receiver<bool>) {
    let tasks = TaskTracker::new();
    // When a job ends, another of its kind can be claimed.
    let (ended, mut has_ended) = watch::channel(());
    let mut scheduled: Option<Instant> = None;
    let mut is_unscheduled = false;
    let mut poll = tokio::time::interval(POLL_INTERVAL);
    poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !*stopped.borrow() {
        // At every tick, so that this process also looks for jobs of others while it is busy with its own.
        if poll.tick().now_or_never().is_some() {
            runner.look_for_all();
        }
        if scheduled.is_none_or(|at| at.elapsed() > SCHEDULE_INTERVAL) {
            let done = runner.schedule_recurring().await;
            let was_unscheduled = std::mem::replace(&mut is_unscheduled, done.is_err());
            // It is told once, not at every try.
            let told = if was_unscheduled { done.ok() } else { note(done) };
            scheduled = told.map(|()| Instant::now());
        }
        // The runner tells of errors.
        if let Ok(Some(claim)) = runner.claim().await {
            let (runner, ended) = (runner.clone(), ended.clone());
            let kind = claim.kind();
            let work = async move {
                let finish = while_renewing(&runner, &claim).await;
                let outcome = note(runner.finish(claim, finish).await);
                count(kind, outcome.as_ref());
                ended.send_replace(());
            };
            tasks.spawn(work.instrument(tracing::trace_span!(
                target: "tollgate::trace",
                "job",
                otel.name = kind.as_str()
            )));
            continue;
        }
        tokio::select! {
            () = runner.enqueued() => {}
            _ = has_ended.changed() => {}
            _ = poll.tick() => runner.look_for_all(),
            _ = stopped.changed() => {}
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// Does the work of a job, and renews its claim in the meantime.
async fn while_renewing(runner: &Runner, claim: &RunningJob) -> Finish {
    let mut work = pin!(runner.work(claim));
    loop {
        tokio::select! {
            finish = &mut work => return finish,
            () = tokio::time::sleep(RENEWAL_INTERVAL) => {}
        }
        // The work goes on, since what it does may be what the renewal waits for. A renewal that is left unanswered may take
        // place: the end of the job names the claim with and without it.
        tokio::select! {
            renewed = runner.renew(claim) => drop(note(renewed)),
            finish = &mut work => return finish,
        }
    }
}

/// Stores the views that were noted, until it is told to stop, and then once more.
async fn store_views<F>(store: impl Fn() -> F, mut stopped: watch::Receiver<bool>)
where
    F: Future<Output = Result<(), StoreError>>,
{
    loop {
        // A stop that comes while views are stored is seen here: those that were noted since are stored, too.
        let is_last = tokio::select! {
            () = tokio::time::sleep(VIEWS_INTERVAL) => false,
            _ = stopped.changed() => true,
        };
        note(store().await);
        if is_last {
            return;
        }
    }
}

/// Adds up what was measured, until it is told to stop.
async fn tidy(metrics: Metrics, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        tokio::select! {
            () = tokio::time::sleep(METRICS_INTERVAL) => metrics.tidy(),
            _ = stopped.changed() => {}
        }
    }
}

fn count(kind: JobKind, outcome: Option<&Outcome>) {
    let outcome = match outcome {
        Some(Outcome::Done) => "done",
        Some(Outcome::NotBefore(_) | Outcome::InLane(_)) => "not_yet",
        Some(Outcome::Retry(_)) => "retry",
        Some(Outcome::Dead(_)) => "dead",
        None => "unknown",
    };
    counter!("tollgate_job_runs_total", "kind" => kind.as_str(), "outcome" => outcome).increment(1);
}

/// Logs an error of the store. The work is tried again later.
fn note<T>(result: Result<T, impl std::fmt::Display>) -> Option<T> {
    result.inspect_err(|error| tracing::warn!(%error, "will try again")).ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn views_are_stored_once_more_if_the_stop_comes_while_they_are_stored() {
        let (stop, stopped) = watch::channel(false);
        let times = Cell::new(0);
        let store = || async {
            stop.send_replace(true);
            times.set(times.get() + 1);
            Ok(())
        };
        store_views(store, stopped).await;
        assert_eq!(times.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn views_are_stored_once_more_at_a_stop_between_two_times() {
        let (stop, stopped) = watch::channel(false);
        stop.send_replace(true);
        let times = Cell::new(0);
        let store = || async {
            times.set(times.get() + 1);
            Ok(())
        };
        store_views(store, stopped).await;
        assert_eq!(times.get(), 1);
    }
}
