//! Lanes: one account's calls to the provider never hold up another's.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::AccountId;

/// How many jobs of a process call the provider for one account at the same time.
pub const MAX_PER_ACCOUNT: usize = 4;

/// Limits the jobs that call the provider for the same account at the same time. When an account's objects
/// hang, the other jobs are free for other accounts.
#[derive(Debug, Clone, Default)]
pub struct AccountLanes {
    /// How many places of each account are taken.
    taken: Arc<Mutex<HashMap<AccountId, usize>>>,
}

/// A place in the lane of an account, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Lane {
    lanes: AccountLanes,
    account: AccountId,
}

impl AccountLanes {
    /// Takes a place in the lane of an account; `None` if all [`MAX_PER_ACCOUNT`] are taken.
    pub fn enter(&self, account: &AccountId) -> Option<Lane> {
        let mut all = self.taken();
        let taken = all.entry(account.clone()).or_default();
        if *taken >= MAX_PER_ACCOUNT {
            return None;
        }
        *taken += 1;
        Some(Lane { lanes: self.clone(), account: account.clone() })
    }

    /// Returns the accounts whose places are all taken.
    pub fn full(&self) -> Vec<AccountId> {
        let all = self.taken();
        let full = all.iter().filter(|(_, taken)| **taken >= MAX_PER_ACCOUNT);
        full.map(|(account, _)| account.clone()).collect()
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<AccountId, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut all = self.lanes.taken();
        if let Some(taken) = all.get_mut(&self.account) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                all.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_as_many_places_as_are_left_to_it() {
        let lanes = AccountLanes::default();
        let (ada, bob) = (AccountId::new("acct_ada"), AccountId::new("acct_bob"));
        let mut taken: Vec<_> = (0..MAX_PER_ACCOUNT).map(|_| lanes.enter(&ada).unwrap()).collect();
        assert!(lanes.enter(&ada).is_none());
        assert_eq!(lanes.full(), std::slice::from_ref(&ada));
        drop(lanes.enter(&bob).unwrap());
        taken.pop();
        assert_eq!(lanes.full(), []);
        assert!(lanes.enter(&ada).is_some());
        taken.clear();
        assert!(lanes.taken().is_empty());
    }
}
