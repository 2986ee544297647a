//! Lanes: one account's calls to the provider never hold up another's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::SignedDuration;

use super::AccountId;

/// How many jobs of a process call the provider for one account at the same time.
pub const MAX_PER_ACCOUNT: usize = 2;

/// The time between two jobs of an account that were told to wait.
const BETWEEN_JOBS: SignedDuration = SignedDuration::from_millis(200);
/// The longest time that a job is told to wait.
const MAX_PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// Limits the jobs that call the provider for the same account at the same time. When an account's objects
/// hang, the other jobs are free for other accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountLanes {
    accounts: Arc<Mutex<HashMap<AccountId, Lanes>>>,
}

/// The lanes of one account.
#[derive(Debug, Default)]
struct Lanes {
    taken: usize,
    /// How many jobs were sent away since the lanes were empty.
    sent_away: u32,
}

/// A place in the lanes of an account, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Lane {
    lanes: AccountLanes,
    account: AccountId,
}

impl AccountLanes {
    /// Takes a place in the lanes of an account. If all [`MAX_PER_ACCOUNT`] are taken, it returns the time to
    /// wait before the next try: the longer, the more others were told to wait, so that they come back one
    /// after the other.
    pub fn enter(&self, account: &AccountId) -> Result<Lane, SignedDuration> {
        let mut accounts = self.accounts();
        let lanes = accounts.entry(account.clone()).or_default();
        if lanes.taken < MAX_PER_ACCOUNT {
            lanes.taken += 1;
            return Ok(Lane { lanes: self.clone(), account: account.clone() });
        }
        lanes.sent_away = lanes.sent_away.saturating_add(1);
        let pause = BETWEEN_JOBS.checked_mul(i32::try_from(lanes.sent_away).unwrap_or(i32::MAX));
        Err(pause.map_or(MAX_PAUSE, |pause| pause.min(MAX_PAUSE)))
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<AccountId, Lanes>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut accounts = self.lanes.accounts();
        if let Some(lanes) = accounts.get_mut(&self.account) {
            lanes.taken = lanes.taken.saturating_sub(1);
            if lanes.taken == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_as_many_lanes_as_are_left_to_it() {
        let lanes = AccountLanes::default();
        let (ada, bob) = (AccountId::new("acct_ada"), AccountId::new("acct_bob"));
        let mut taken: Vec<_> = (0..MAX_PER_ACCOUNT).map(|_| lanes.enter(&ada).unwrap()).collect();
        drop(lanes.enter(&bob).unwrap());
        taken.pop();
        assert!(lanes.enter(&ada).is_ok());
        taken.clear();
        assert!(lanes.accounts().is_empty());
    }

    #[test]
    fn those_who_wait_come_back_one_after_the_other() {
        let (lanes, ada) = (AccountLanes::default(), AccountId::new("acct_ada"));
        let taken: Vec<_> = (0..MAX_PER_ACCOUNT).map(|_| lanes.enter(&ada).unwrap()).collect();
        let pause = || lanes.enter(&ada).unwrap_err().as_millis();
        assert_eq!([pause(), pause(), pause()], [200, 400, 600]);
        let longest = (0..4_000).map(|_| pause()).max();
        assert_eq!(longest, Some(600_000));
        drop(taken);
        assert!(lanes.enter(&ada).is_ok());
    }
}
