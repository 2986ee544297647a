//! A payment provider in memory.

mod checkouts;
mod faults;
mod lists;
mod port;
mod records;
mod reversals;
mod session_records;

use std::sync::{Arc, Mutex, MutexGuard};

use self::records::Records;
pub use self::{
    faults::{Call, Fault},
    session_records::SessionRecord,
};
use super::{ManualClock, locked, start_of_time};
use tollgate_domain::clock::Clock;
use tollgate_domain::payments::{AccountId, AccountState, EventSubject, ProviderEvent};

/// A payment provider with accounts, hosted sessions, payments, refunds and disputes, all in memory.
///
/// It keeps to what `Payments` asks for: the same order or key gives the same object, and an object
/// is known only at its own account. What people do at the provider is done with the other methods
/// ([`FakePayments::pay`], [`FakePayments::dispute`], …), each of which notes the webhook that the
/// provider would send; [`FakePayments::take_events`] gives them to be delivered, lost, doubled or
/// reordered.
///
/// Like Stripe it keeps the first answer under an idempotency key for a day and repeats it as it was,
/// also when the object has changed. Its pages have at most three objects.
#[derive(Debug, Default)]
pub struct FakePayments {
    records: Mutex<Records>,
    clock: Arc<ManualClock>,
}

impl FakePayments {
    /// Creates a provider without accounts, for which no time passes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a provider without accounts that goes by this clock.
    pub fn with_clock(clock: Arc<ManualClock>) -> Self {
        Self { records: Mutex::default(), clock }
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        let mut records = locked(&self.records);
        records.now = self.clock.now();
        records
    }

    /// Sets how many objects the pages of lists have.
    pub fn list_by(&self, per_page: usize) {
        self.records().per_page = Some(per_page);
    }

    /// Returns the webhooks that were sent since the last time, oldest first.
    pub fn take_events(&self) -> Vec<ProviderEvent> {
        std::mem::take(&mut self.records().events)
    }

    /// Creates an account that can do everything, as if its owner had come through onboarding.
    pub fn an_active_account(&self) -> AccountId {
        let mut records = self.records();
        let account = records.next_id("acct", AccountId::new);
        records.accounts.insert(account.clone(), active());
        account
    }

    /// Has the account's owner come through onboarding.
    pub fn activate(&self, account: &AccountId) {
        self.set_account(account, active());
    }

    /// Has the provider change what the account can do.
    pub fn set_account(&self, account: &AccountId, state: AccountState) {
        let mut records = self.records();
        records.accounts.insert(account.clone(), state);
        records.tell(EventSubject::Account, account, account.as_str());
    }

    /// Has the account's owner take the platform's access away.
    pub fn deauthorize(&self, account: &AccountId) {
        let mut records = self.records();
        records.accounts.remove(account);
        records.tell(EventSubject::Deauthorization, account, "ca_platform");
    }

    /// Sets whether the account's balance covers refunds.
    pub fn set_balance(&self, account: &AccountId, is_sufficient: bool) {
        let mut records = self.records();
        if is_sufficient {
            records.without_balance.remove(account);
        } else {
            records.without_balance.insert(account.clone());
        }
    }
}

fn active() -> AccountState {
    AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true }
}
