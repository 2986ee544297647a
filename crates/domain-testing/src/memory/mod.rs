//! A store in memory that keeps to the contract of [`super::contract`].

mod access;
mod activity;
mod checkout;
mod creators;
mod disputes;
mod events;
mod faults;
mod files;
mod group_buys;
mod jobs;
mod mail;
mod moves;
mod refunds;
mod reports;
mod shared;
mod state;
mod sweeps;
mod unit;
mod visitor_auth;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;

use self::{faults::Faults, jobs::Enqueued, shared::Shared, state::State, unit::MemoryUnit};
use super::locked;
use tollgate_domain::{
    access::{Fact, FactKind, Purchase, Resource},
    checkout::{Applied, CheckoutOrder},
    jobs::Job,
    mail::{MailStatus, QueuedMail},
    payments::ProviderEvent,
    refunds::RefundRequest,
    store::{Store, UnitOfWork},
    store_error::StoreError,
    visitor_auth::{MagicLink, Visitor},
};

/// Everything in memory. Implements [`Store`] and all ports that read or queue; clones share their
/// content, like replicas that share a database.
///
/// Units of work run one after the other: [`Store::begin`] waits until the unit before has ended, as
/// does a claim of a job. Reads see what was committed and never wait.
#[derive(Clone, Default)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Held by the unit that is open.
    turn: Arc<async_lock::Mutex<()>>,
    /// How many units have begun.
    units: AtomicUsize,
    committed: Mutex<State>,
    shared: Mutex<Shared>,
    enqueued: Enqueued,
    faults: Faults,
}

impl MemoryStore {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Has the next `operations` calls fail with [`StoreError::Unavailable`] and do nothing.
    pub fn fail_next(&self, operations: u32) {
        self.inner.faults.fail_after(0, operations);
    }

    /// Lets `passes` calls through and then fails one: a crash at every possible point, if a test
    /// counts `passes` up.
    pub fn fail_after(&self, passes: u32) {
        self.inner.faults.fail_after(passes, 1);
    }

    /// Works again: forgets what [`MemoryStore::fail_next`], [`MemoryStore::fail_after`] and
    /// [`MemoryStore::lose_answer_of_next_commit`] were told; `true` if a failure was still to come.
    pub fn heal(&self) -> bool {
        self.inner.faults.heal()
    }

    /// Has the answer of the next commit be lost, which takes effect.
    pub fn lose_answer_of_next_commit(&self) {
        self.inner.faults.lose_answer();
    }

    /// Has every call fail with [`StoreError::Unavailable`] while it is down.
    pub fn set_down(&self, down: bool) {
        self.inner.faults.set_down(down);
    }

    /// Returns a store of its own that has what is stored now, as a backup has it.
    pub fn backup(&self) -> Self {
        let copy = Self::new();
        copy.restore(self);
        copy
    }

    /// Has this store hold what another one has, and nothing else.
    pub fn restore(&self, backup: &Self) {
        let state = backup.snapshot();
        *locked(&self.inner.committed) = state;
    }

    /// Returns the purchases, by id: oldest first, to the millisecond.
    pub fn purchases(&self) -> Vec<Purchase> {
        self.snapshot().purchases.values().cloned().collect()
    }

    /// Returns the refund requests, by id: oldest first, to the millisecond.
    pub fn refund_requests(&self) -> Vec<RefundRequest> {
        self.snapshot().refunds.values().map(|row| row.request.clone()).collect()
    }

    /// Returns the checkout orders, by id: oldest first, to the millisecond.
    pub fn orders(&self) -> Vec<CheckoutOrder> {
        self.snapshot().orders.values().cloned().collect()
    }

    /// Returns the ledger, by kind and reference.
    pub fn facts(&self) -> Vec<Fact> {
        self.snapshot().ledger.values().cloned().collect()
    }

    /// Returns the visitors, in no order.
    pub fn visitors(&self) -> Vec<Visitor> {
        self.snapshot().visitors.values().cloned().collect()
    }

    /// Returns the magic links, by id: oldest first, to the millisecond.
    pub fn magic_links(&self) -> Vec<MagicLink> {
        self.snapshot().magic_links.values().cloned().collect()
    }

    /// Returns how many sessions of visitors there are, living or not.
    pub fn count_visitor_sessions(&self) -> usize {
        self.snapshot().visitor_sessions.len()
    }

    /// Returns the mails with their statuses, by id: oldest first, to the millisecond.
    pub fn mails(&self) -> Vec<(QueuedMail, MailStatus)> {
        let mails = self.snapshot().mails;
        mails.values().map(|row| (row.mail.clone(), row.status)).collect()
    }

    /// Returns the received events, with what came of those that were applied.
    pub fn events(&self) -> Vec<(ProviderEvent, Option<Applied>)> {
        let events = self.snapshot().events;
        events.values().map(|row| (row.event.clone(), row.outcome)).collect()
    }

    /// Returns the jobs that are stored, dead or alive, by key.
    pub fn jobs(&self) -> Vec<Job> {
        self.snapshot().jobs.values().map(|row| row.job.clone()).collect()
    }

    /// Returns how many facts of this kind there are about a page or file.
    pub fn count_facts(&self, resource: Resource, kind: FactKind) -> usize {
        let facts = self.facts();
        facts.iter().filter(|fact| fact.subject.resource == resource && fact.kind == kind).count()
    }

    /// Returns how many files are known: those that are being uploaded, are there, or are being deleted.
    pub fn count_files(&self) -> usize {
        let files = self.snapshot().files;
        files.values().filter(|row| row.state != state::FileState::Gone).count()
    }

    /// Returns how many units of work have begun: what only reads begins none.
    pub fn count_units(&self) -> usize {
        self.inner.units.load(Ordering::Relaxed)
    }

    fn snapshot(&self) -> State {
        locked(&self.inner.committed).clone()
    }

    /// Returns what was committed, unless the store fails just now.
    async fn read(&self) -> Result<State, StoreError> {
        self.inner.faults.pass().await?;
        Ok(self.snapshot())
    }

    /// Makes a change of its own, outside a unit of work.
    async fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let _turn = self.inner.turn.lock().await;
        self.inner.faults.pass().await?;
        Ok(change(&mut locked(&self.inner.committed)))
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let turn = Arc::clone(&self.inner.turn).lock_arc().await;
        self.inner.units.fetch_add(1, Ordering::Relaxed);
        self.inner.faults.pass().await?;
        Ok(Box::new(MemoryUnit::new(self.clone(), self.snapshot(), turn)))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.faults.pass().await
    }
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryStore")
    }
}
