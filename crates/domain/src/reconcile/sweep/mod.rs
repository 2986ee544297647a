//! Sweeps: comparing what is stored about each connected account with what the provider has, so that nothing
//! is lost when webhooks are.
//!
//! A sweep reads lists, and applies only what differs. Sessions come first, so that the payments of all purchases are
//! known when refunds and disputes are compared: those of other payments are not about anything of ours. In an account
//! where everything was learnt it writes nothing but the time of the sweep.

mod account;
mod awaited;
mod findings;
mod kept;
mod orders;
mod outcome;
mod places;
mod refunds;
mod reversals;
mod sessions;
mod unread;
mod walk;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;

pub use self::outcome::{Finding, FindingKind, SweepOutcome, SweepPause};
use self::{
    kept::{
        Ends, Kept, MAX_AHEAD_SECONDS, OwnEnds, Rest, certainly_swept_at, compared_until,
        is_certain,
    },
    places::{OrderPart, Part, Unfinished},
    walk::Walk,
};
use super::{
    ProviderUpdates,
    ports::{SweepReads, SweptAccount},
};
use crate::{
    access::FactKind,
    checkout::{Fulfilment, FulfilmentError},
    clock::{DAY_SECONDS, plus_seconds},
    id::{CheckoutId, HandleId},
    jobs::{Finish, Job, NewJob, Outcome, Priority},
    names::HandleName,
    opaque_debug::opaque_debug,
    payments::{AccountId, Payments, PaymentsError, ProviderRefundId},
    store::Runtime,
    store_error::StoreError,
};

/// How many sweeps one unit of work schedules.
const SCHEDULED_AT_ONCE: usize = 100;
/// How far before the last sweep sessions are listed again, in seconds. A session lives for a day; payments
/// that take longer are read one by one.
const SESSIONS_SECONDS: i64 = 3 * DAY_SECONDS;
/// The same for refunds: one may wait for 45 days for the buyer, and fail weeks after it was thought to have arrived. Those that
/// are pending are read one by one as well.
const REFUNDS_SECONDS: i64 = 75 * DAY_SECONDS;
/// The same for disputes: an inquiry may become a dispute after 120 days, and a lost dispute may be appealed for months.
/// Those that are open are read one by one as well.
const DISPUTES_SECONDS: i64 = 180 * DAY_SECONDS;
/// For how long after its pause a sweep can be finished, in seconds.
const MAX_REST_SECONDS: i64 = 900;
/// The shortest pause before a sweep goes on that the provider asked to pause, in seconds. The longest one is what
/// [`PaymentsError::Busy`] promises.
const MIN_PAUSE_SECONDS: u64 = 5;

/// What a sweep is to do.
#[derive(Debug, Clone, Default)]
pub struct SweepRequest {
    /// Only the account of this handle.
    pub handle: Option<HandleName>,
    /// Lists everything from this instant on as well, if that is more than what a sweep lists by itself: it begins some time
    /// before the last complete one.
    pub since: Option<Timestamp>,
    /// Reports what differs and changes nothing.
    pub dry_run: bool,
    /// Counts the objects that were looked at, for who waits for the sweep. If it goes on after a pause, it counts on.
    pub looked_at: Arc<AtomicU64>,
}

/// Sweeps connected accounts.
#[derive(Clone)]
pub struct Reconciler {
    runtime: Runtime,
    reads: Arc<dyn SweepReads>,
    payments: Arc<dyn Payments>,
    updates: ProviderUpdates,
    fulfilment: Fulfilment,
    own_ends: OwnEnds,
}

/// A sweep of one account under way.
struct Sweep<'a> {
    on: &'a Reconciler,
    account: &'a SweptAccount,
    dry_run: bool,
    looked_at: u64,
    /// The same, for who waits for it.
    counter: &'a AtomicU64,
    findings: Vec<Finding>,
    /// Where each difference is among the findings.
    places: HashMap<(FindingKind, String), usize>,
    /// How many objects in a row the provider did not show.
    unanswered: u32,
    /// The orders whose sessions were read since their end is awaited.
    awaited: BTreeSet<CheckoutId>,
    /// What is left if this one does not come to its end.
    unfinished: Unfinished,
    /// Where the reading of its parts ended, for the next one.
    ends: Ends,
    /// The refunds that are pending, as far as that is known.
    pending: BTreeSet<ProviderRefundId>,
    /// Those of them that the list has shown.
    listed: BTreeSet<ProviderRefundId>,
}

impl Reconciler {
    /// Creates the use case.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn SweepReads>,
        payments: Arc<dyn Payments>,
        updates: ProviderUpdates,
        fulfilment: Fulfilment,
    ) -> Self {
        let own_ends = OwnEnds::default();
        Self { runtime, reads, payments, updates, fulfilment, own_ends }
    }

    /// Returns the accounts that a request is about, in the order in which they are swept.
    pub async fn accounts(&self, request: &SweepRequest) -> Result<Vec<SweptAccount>, StoreError> {
        let mut accounts = self.reads.accounts_to_sweep().await?;
        accounts.retain(|account| request.handle.as_ref().is_none_or(|h| *h == account.handle));
        Ok(accounts)
    }

    /// Returns when the last complete sweep of a handle's account began.
    pub async fn last_sweep(&self, handle: HandleId) -> Result<Option<Timestamp>, StoreError> {
        self.reads.swept_at(handle).await
    }

    /// Has every account swept by a job of its own.
    pub async fn schedule(&self) -> Result<(), StoreError> {
        let now = self.runtime.now();
        for some in self.reads.accounts_to_sweep().await?.chunks(SCHEDULED_AT_ONCE) {
            let mut unit = self.runtime.begin().await?;
            for account in some {
                let job = Job::SweepAccount(account.account.to_string());
                // One that was put off for longer than any pause was so by a clock that was ahead.
                let latest = plus_seconds(now, MAX_AHEAD_SECONDS);
                unit.jobs().bring_forward(&job, latest, now).await?;
                // A sweep that waits keeps its place, and one that runs goes on.
                unit.jobs().ensure(&NewJob::new(job, now).with(Priority::Low)).await?;
            }
            unit.commit().await?;
        }
        Ok(())
    }

    /// Sweeps an account, if it is or was connected to a handle, and logs what came of it. An earlier sweep of it that the provider
    /// asked to pause is finished first, whichever process made it; if it asks for a pause now, the sweep goes on after that. One
    /// that left something out is tried again, unless it was paused: it may have been asked for since something about a payment is
    /// not known here, and access waits for what it reads.
    pub async fn sweep_account(&self, account: &AccountId) -> Result<Finish, StoreError> {
        let Some(account) = self.reads.account_to_sweep(account).await? else {
            return Ok(Finish::done());
        };
        let Kept { ends, unfinished: earlier, pending } = Kept::of(&account);
        let now = self.runtime.now();
        let earlier = earlier.filter(|it| is_certain(it.started, now));
        // Another process may have swept everything since.
        let swept_at = certainly_swept_at(&account, now);
        let earlier = earlier.filter(|it| swept_at.is_none_or(|at| at < it.started));
        // What it had compared may have changed since, such as while no server ran.
        let oldest = plus_seconds(now, -MAX_REST_SECONDS);
        let earlier = earlier.filter(|it| it.paused_until.is_none_or(|at| at >= oldest));
        let was_paused = earlier.is_some();
        let unfinished = earlier.unwrap_or_else(|| Unfinished::new(now));
        let stored = account.place.clone();
        let rest = Rest { unfinished, ends, pending, stored, is_asked_for: false };
        let request = SweepRequest::default();
        let outcome = self.sweep_the_rest(&account, &request, rest, 0, Vec::new()).await;
        if let Some(error) = &outcome.error {
            tracing::warn!(account = %outcome.account, error, "a sweep was not complete");
        }
        if !outcome.findings.is_empty() {
            let count = outcome.findings.len();
            tracing::warn!(account = %outcome.account, count, "a sweep found differences");
        }
        if let Some(pause) = outcome.pause {
            let again = plus_seconds(self.runtime.now(), pause.seconds.cast_signed());
            return Ok(Finish::of(Outcome::NotBefore(again)));
        }
        // The provider is not asked for more at once by a sweep that it asked to pause.
        let error = outcome.error.filter(|_| !was_paused);
        Ok(error.map_or_else(Finish::done, |error| Finish::of(Outcome::Retry(error))))
    }

    /// Sweeps one account from the start, whatever sweeps of it are to be finished.
    pub async fn sweep(&self, account: &SweptAccount, request: &SweepRequest) -> SweepOutcome {
        let unfinished = Unfinished::new(self.runtime.now());
        let ends = self.own_ends.of(&account.account);
        let (pending, stored) = (Kept::of(account).pending, account.place.clone());
        let rest = Rest { unfinished, ends, pending, stored, is_asked_for: true };
        self.sweep_the_rest(account, request, rest, 0, Vec::new()).await
    }

    /// Goes on with a sweep that the provider asked to pause, of the same account and with the same request. Returns what all of
    /// it has come to so far. The caller MUST have waited for the pause.
    pub async fn go_on(
        &self,
        account: &SweptAccount,
        request: &SweepRequest,
        mut paused: SweepOutcome,
    ) -> SweepOutcome {
        let Some(pause) = paused.pause.take() else { return paused };
        let (looked_at, findings) = (paused.looked_at, paused.findings);
        self.sweep_the_rest(account, request, pause.rest, looked_at, findings).await
    }

    /// Sweeps what is left of an account, of which so many objects were looked at and these differences found, and stores where the
    /// next sweep goes on.
    async fn sweep_the_rest(
        &self,
        account: &SweptAccount,
        request: &SweepRequest,
        rest: Rest,
        looked_at: u64,
        findings: Vec<Finding>,
    ) -> SweepOutcome {
        let Rest { unfinished, ends, pending, stored, is_asked_for } = rest;
        let places = findings.iter().enumerate();
        let places = places.map(|(place, it)| ((it.kind, it.id.clone()), place)).collect();
        let mut sweep = Sweep {
            on: self,
            account,
            dry_run: request.dry_run,
            looked_at,
            counter: &request.looked_at,
            findings,
            places,
            unanswered: 0,
            awaited: BTreeSet::new(),
            unfinished,
            ends,
            pending,
            listed: BTreeSet::new(),
        };
        let swept = sweep.run(request.since, self.runtime.now()).await;
        let Sweep { looked_at, findings, unfinished, ends, pending, .. } = sweep;
        let failed = swept.as_ref().err().map(ToString::to_string);
        let mut error = failed.or_else(|| unfinished.left_out.clone());
        let is_complete = error.is_none() && matches!(swept, Ok(true));
        let seconds = swept.as_ref().err().and_then(pause_of);
        let mut rest = Rest { unfinished, ends, pending, stored, is_asked_for };
        let paused_until =
            seconds.map(|seconds| plus_seconds(self.runtime.now(), seconds.cast_signed()));
        rest.unfinished.paused_until = paused_until;
        if !request.dry_run {
            let kept = rest.kept(Kept::of(account), is_complete, seconds.is_some());
            self.own_ends.keep(&account.account, rest.ends.clone());
            let noted = self.note_end(account, &mut rest, &kept, is_complete).await;
            error = error.or_else(|| Some(noted.err()?.to_string()));
        }
        let pause = seconds.map(|seconds| SweepPause { seconds, rest });
        SweepOutcome {
            account: account.account.clone(),
            handle: account.handle.clone(),
            looked_at,
            findings,
            is_out_of_reach: matches!(swept, Ok(false)),
            error,
            pause,
        }
    }
}

impl Sweep<'_> {
    /// Compares everything of the account. Returns `false` if the platform has no access to it.
    async fn run(
        &mut self,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool, FulfilmentError> {
        let last = compared_until(self.account, now);
        let from = |overlap: i64| {
            // The clock that noted it may be ahead of the provider's.
            let last = plus_seconds(last, -overlap).max(Timestamp::UNIX_EPOCH);
            // A later instant would leave a gap that no sweep compares, since this one counts as complete.
            since.map_or(last, |since| since.min(last))
        };
        if !self.account_state().await? {
            return Ok(false);
        }
        // An earlier sweep, which this one finishes, has compared the others.
        let first = self.unfinished.part;
        for part in Part::ALL.into_iter().filter(|part| *part >= first) {
            self.unfinished.part = part;
            let compared = match part {
                Part::LostAnswers => self.lost_answers(now).await,
                Part::Sessions => self.sessions(from(SESSIONS_SECONDS)).await,
                Part::SlowPayments => self.orders(OrderPart::Slow).await,
                Part::AwaitedEnds => self.orders(OrderPart::Awaited).await,
                Part::UnreadOrders => self.orders(OrderPart::Unread).await,
                Part::Refunds => self.refunds(from(REFUNDS_SECONDS)).await,
                Part::PendingRefunds => self.pending_refunds().await,
                Part::QuarantineRefunds => self.orders(OrderPart::QuarantineRefunded).await,
                Part::QuarantinedPayments => self.orders(OrderPart::Quarantined).await,
                Part::Disputes => self.disputes(from(DISPUTES_SECONDS)).await,
                Part::OpenDisputes => self.open_disputes().await,
            };
            self.ended(compared)?;
            self.unfinished.after = None;
        }
        Ok(true)
    }

    /// Returns a walk through the list of the part under way, from where an earlier sweep has come to.
    fn walk(&self) -> Walk {
        Walk::from(self.unfinished.after.clone())
    }

    /// Goes on to the next page of the list of the part under way; `false` if there is none.
    fn next_page(&mut self, walk: &mut Walk, next: Option<String>) -> Result<bool, PaymentsError> {
        let is_more = walk.go_on(next)?;
        self.unfinished.after = walk.after().map(ToOwned::to_owned);
        Ok(is_more)
    }

    /// Goes on after a part that the provider ended early, since the other parts ask it for something else, unless it asked
    /// not to be called for a while. The sweep is not complete then.
    fn ended(&mut self, part: Result<(), FulfilmentError>) -> Result<(), FulfilmentError> {
        self.unanswered = 0;
        match part {
            Err(error) if is_busy(&error) => Err(error),
            Err(
                error @ (FulfilmentError::Payments(_) | FulfilmentError::SessionOutOfReach { .. }),
            ) => {
                tracing::warn!(account = %self.account.account, %error, "a part of a sweep ended early");
                self.unfinished.left_out.get_or_insert_with(|| error.to_string());
                Ok(())
            }
            part => part,
        }
    }

    /// Counts an object that is looked at.
    fn look(&mut self) {
        self.looked_at += 1;
        self.counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Returns whether the provider asked not to be called for a while, which the rest of a sweep would do.
fn is_busy(error: &FulfilmentError) -> bool {
    matches!(error, FulfilmentError::Payments(PaymentsError::Busy { .. }))
}

/// Returns how many seconds to wait before the provider is called again, if it asked for that.
fn pause_of(error: &FulfilmentError) -> Option<u64> {
    let FulfilmentError::Payments(PaymentsError::Busy { retry_after_seconds, .. }) = error else {
        return None;
    };
    Some((*retry_after_seconds).max(MIN_PAUSE_SECONDS))
}

fn is_known(known: &BTreeSet<(&'static str, String)>, reference: &str, kinds: &[FactKind]) -> bool {
    kinds.iter().all(|kind| known.contains(&(kind.as_str(), reference.to_owned())))
}

opaque_debug!(Reconciler);
