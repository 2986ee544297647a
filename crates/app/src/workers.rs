//! Work that goes on behind the requests: mails, webhook events, refunds whose answer was lost, group
//! buys that end, clearing up behind files, and forgetting what is no longer needed.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};
use tollgate_domain::{
    checkout::EventStep,
    clock::{Clock, plus_seconds},
    files::SweepStep,
    outbox::DeliveryStep,
    store::{StoreError, Stores},
};

use crate::wiring::UseCases;

/// A mail server may be slow: several mails are under way at once.
const MAILS_AT_ONCE: usize = 4;
const EVENTS_AT_ONCE: usize = 2;
/// Work that other replicas queued, or that is due again, is found this soon.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const GROUP_BUYS_EVERY: Duration = Duration::from_secs(2);
const REFUNDS_EVERY: Duration = Duration::from_mins(1);
const FILES_EVERY: Duration = Duration::from_secs(5);
const STRAYS_EVERY: Duration = Duration::from_hours(1);
const HOUSEKEEPING_EVERY: Duration = Duration::from_mins(10);
/// How long what nobody can use any more is kept, so that errors can still say why.
const LINKS_KEPT_SECONDS: i64 = 24 * 3600;
const SESSIONS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const ANSWERS_KEPT_SECONDS: i64 = 24 * 3600;

/// Wakes the workers when there is something to do.
#[derive(Clone, Default)]
pub(crate) struct Notifiers {
    mail: Arc<Notify>,
    event: Arc<Notify>,
}

impl Notifiers {
    pub(crate) fn mail(&self) {
        self.mail.notify_one();
    }

    pub(crate) fn event(&self) {
        self.event.notify_one();
    }
}

/// The running workers.
pub(crate) struct Workers {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Workers {
    pub(crate) fn start(use_cases: &UseCases, stores: &Stores, wakes: &Notifiers) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for _ in 0..MAILS_AT_ONCE {
            let delivery = use_cases.delivery.clone();
            tasks.spawn(repeat("mail", wakes.mail.clone(), LOOK_AGAIN, stopped.clone(), {
                async move || delivery.step().await.map(|step| step != DeliveryStep::Idle)
            }));
        }
        for _ in 0..EVENTS_AT_ONCE {
            let events = use_cases.events.clone();
            let mails = wakes.mail.clone();
            tasks.spawn(repeat("event", wakes.event.clone(), LOOK_AGAIN, stopped.clone(), {
                async move || {
                    let step = events.step().await?;
                    // What was settled may have queued a receipt.
                    if step == EventStep::Done {
                        mails.notify_one();
                    }
                    Ok::<_, StoreError>(step != EventStep::Idle)
                }
            }));
        }
        let refunds = use_cases.refunds.clone();
        tasks.spawn(repeat("refund", Arc::default(), REFUNDS_EVERY, stopped.clone(), {
            async move || refunds.resume().await.map(|_| false)
        }));
        let group_buys = use_cases.group_buys.clone();
        let mails = wakes.mail.clone();
        tasks.spawn(repeat("group buy", Arc::default(), GROUP_BUYS_EVERY, stopped.clone(), {
            async move || {
                let ended = group_buys.end_overdue().await?;
                if ended {
                    mails.notify_one();
                }
                Ok::<_, StoreError>(ended)
            }
        }));
        let sweep = use_cases.file_sweep.clone();
        tasks.spawn(repeat("files", Arc::default(), FILES_EVERY, stopped.clone(), {
            async move || sweep.step().await.map(|step| step == SweepStep::Cleared)
        }));
        let sweep = use_cases.file_sweep.clone();
        tasks.spawn(repeat("stray files", Arc::default(), STRAYS_EVERY, stopped.clone(), {
            async move || sweep.strays().await.map(|_| false)
        }));
        let (stores, clock) = (stores.clone(), use_cases.clock.clone());
        tasks.spawn(repeat("housekeeping", Arc::default(), HOUSEKEEPING_EVERY, stopped, {
            async move || keep_house(&stores, &*clock).await.map(|()| false)
        }));
        Self { tasks, stop }
    }

    /// Lets each worker finish what it is doing.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Takes steps while there is work (`Ok(true)`), then waits to be woken or for `pause`.
async fn repeat<E: std::fmt::Display>(
    name: &'static str,
    wake: Arc<Notify>,
    pause: Duration,
    mut stopped: watch::Receiver<bool>,
    step: impl AsyncFn() -> Result<bool, E>,
) {
    while !*stopped.borrow() {
        match step().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(worker = name, %error, "will try again"),
        }
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn keep_house(stores: &Stores, clock: &dyn Clock) -> Result<(), StoreError> {
    let now = clock.now();
    let mut unit = stores.store.begin().await?;
    unit.magic_links().forget_expired(plus_seconds(now, -LINKS_KEPT_SECONDS)).await?;
    unit.visitor_sessions().forget_ended(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
    unit.creator_sessions().forget_expired(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
    unit.commit().await?;
    stores.limits.forget_idle(now).await?;
    stores.idempotency.forget_before(plus_seconds(now, -ANSWERS_KEPT_SECONDS)).await
}
