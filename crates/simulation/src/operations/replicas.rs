//! What replicas do by themselves, and the passing of time.

use jiff::Timestamp;
use tollgate_domain::{
    jobs::{Job, NewJob},
    reconcile::SweepRequest,
};

use crate::{
    machine::ReplicaId,
    operations::{choose, note, nothing},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// For how long operations may be under way, in seconds. The provider and the domain count on requests
/// that end within minutes.
const MAX_OPERATION_SECONDS: i64 = 100;
/// How much time passes in a history at most, in seconds: less than a refund may fail after it was made.
const MAX_HISTORY_SECONDS: i64 = 12 * 24 * 3600;
/// More time than a session lasts, and than lists of refunds go back, in seconds.
const MONTHS: i64 = 100 * 24 * 3600;

impl Simulation {
    pub(super) fn deliver(&mut self, replica: ReplicaId, nth: u8, is_doubled: bool) {
        let Some(nth) = choose(nth, self.events.len()) else { return };
        let Some(event) = self.events.get(nth).cloned() else { return };
        let app = self.app(replica);
        let received_at: Timestamp = self.now();
        self.begin(replica, async move {
            let event = tollgate_domain::payments::ProviderEvent { received_at, ..event };
            let result = app.events.receive(&event).await;
            note(move |simulation, is_undisturbed| {
                if let Err(error) = result {
                    // The provider delivers it again.
                    return Rule::UndisturbedSucceeds
                        .check(!is_undisturbed, || format!("receiving an event: {error}"));
                }
                if !is_doubled {
                    simulation.events.retain(|it| it.id != event.id);
                }
                simulation.model.answered_events.insert(event.id);
                Ok(())
            })
        });
    }

    pub(super) fn work(&mut self, replica: ReplicaId) {
        let Some(runner) = self.replicas.get(replica).map(|it| it.runner.clone()) else {
            return;
        };
        self.begin(replica, async move {
            let result = runner.step().await;
            note(move |_, is_undisturbed| {
                let holds = result.is_ok() || !is_undisturbed;
                Rule::UndisturbedSucceeds.check(holds, || format!("a job: {result:?}"))
            })
        });
    }

    pub(super) fn sweep(&mut self, replica: ReplicaId) {
        let app = self.app(replica);
        self.begin(replica, async move {
            let request = SweepRequest::default();
            let accounts = app.reconciler.accounts(&request).await;
            for account in accounts.iter().flatten() {
                app.reconciler.sweep(account, &request).await;
            }
            note(move |_, is_undisturbed| {
                let holds = accounts.is_ok() || !is_undisturbed;
                Rule::UndisturbedSucceeds.check(holds, || format!("a sweep: {accounts:?}"))
            })
        });
    }

    pub(super) fn forget(&mut self, replica: ReplicaId) {
        let Some(stores) = self.replicas.get(replica).map(|it| it.stores.clone()) else {
            return;
        };
        let now = self.now();
        self.begin(replica, async move {
            if let Ok(mut unit) = stores.store.begin().await
                && unit.jobs().ensure(&NewJob::new(Job::ForgetExpired, now)).await.is_ok()
            {
                // A failure leaves everything as it is.
                let _ = unit.commit().await;
            }
            nothing()
        });
    }

    /// Time passes. What takes longer than operations may last is waited for first.
    pub(super) fn wait(&mut self, seconds: u32) -> Result<(), Violation> {
        let seconds = i64::from(seconds);
        if self.model.passed_seconds + seconds > MAX_HISTORY_SECONDS {
            return Ok(());
        }
        if self.model.under_way_seconds + seconds > MAX_OPERATION_SECONDS {
            self.quiet()?;
        } else if !self.tasks.is_empty() {
            self.model.under_way_seconds += seconds;
        }
        self.pass(seconds);
        Ok(())
    }

    /// Months pass, after which no visitor is signed in.
    pub(super) fn wait_for_months(&mut self) -> Result<(), Violation> {
        self.quiet()?;
        for person in &mut self.model.people {
            person.sessions.clear();
            person.cookie = None;
        }
        self.pass(MONTHS);
        Ok(())
    }

    /// Moves the clock, and ends the sessions whose time is up.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.tasks.disturb();
        self.model.passed_seconds += seconds;
        self.clock.advance_seconds(seconds);
        self.payments.expire_due();
    }
}
