//! Where the sweeps of an account go on that are not done with everything.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Reconciler,
    places::{Part, Unfinished},
};
use crate::{
    clock::plus_seconds,
    payments::{AccountId, ProviderRefundId},
    reconcile::ports::SweptAccount,
    store_error::StoreError,
};

/// By how many seconds the clock that noted an instant may have been ahead, for the instant to say anything of what came before it.
/// Every list goes back further than that.
pub(super) const MAX_AHEAD_SECONDS: i64 = 3600;

/// The id at which the reading of each part ended whose objects are read one by one.
pub(super) type Ends = BTreeMap<Part, String>;

/// Where the sweeps of an account go on that are not done with everything. It is stored with the account, so that any process goes
/// on there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    pub(super) ends: Ends,
    /// The sweep that is to be finished.
    pub(super) unfinished: Option<Unfinished>,
    /// The refunds that were pending when they were read last. Lists do not go back as far as they may last.
    pub(super) pending: BTreeSet<ProviderRefundId>,
}

impl Kept {
    /// Returns what is stored of an account. What another version wrote in another form counts as nothing: sweeps begin from the
    /// start then.
    pub(super) fn of(account: &SweptAccount) -> Self {
        Self::read(account.place.as_deref())
    }

    fn read(stored: Option<&str>) -> Self {
        stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Returns the text that is stored.
    pub(super) fn text(&self) -> Option<String> {
        if *self == Self::default() { None } else { serde_json::to_string(self).ok() }
    }
}

/// The part of a sweep that is left to do when it begins or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rest {
    pub(super) unfinished: Unfinished,
    pub(super) ends: Ends,
    /// The refunds that are pending, as far as that is known.
    pub(super) pending: BTreeSet<ProviderRefundId>,
    /// The text that is stored of it now, see [`Kept::text`].
    pub(super) stored: Option<String>,
    /// Whether a person asked for the sweep and waits for it. Such a sweep does not change the place where the server's own sweeps go on,
    /// unless it is complete.
    pub(super) is_asked_for: bool,
}

impl Rest {
    /// Returns what is kept after a sweep, which was complete, was paused by the provider, or ended otherwise. `before` is what was kept
    /// when it began.
    pub(super) fn kept(&self, before: Kept, is_complete: bool, is_paused: bool) -> Kept {
        let unfinished = if is_complete {
            None
        } else if is_paused && !self.is_asked_for {
            Some(self.unfinished.clone())
        } else {
            before.unfinished.filter(|_| self.is_asked_for)
        };
        let ends = if self.is_asked_for { before.ends } else { self.ends.clone() };
        Kept { ends, unfinished, pending: self.pending.clone() }
    }
}

/// Where the sweeps of this process ended, by account. A sweep that a person asks for goes on there and not where another process ended, so
/// that it leaves out nothing that one sweep can read.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnEnds(Arc<Mutex<HashMap<AccountId, Ends>>>);

impl OwnEnds {
    pub(super) fn of(&self, account: &AccountId) -> Ends {
        self.ends().get(account).cloned().unwrap_or_default()
    }

    pub(super) fn keep(&self, account: &AccountId, ends: Ends) {
        self.ends().insert(account.clone(), ends);
    }

    fn ends(&self) -> MutexGuard<'_, HashMap<AccountId, Ends>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a stored time can be relied on. A time far ahead of `now` was stored by a process whose clock was ahead by an unknown
/// amount.
pub(super) fn is_certain(noted: Timestamp, now: Timestamp) -> bool {
    noted <= plus_seconds(now, MAX_AHEAD_SECONDS)
}

/// Returns when the last complete sweep of an account began, if that is certain.
pub(super) fn certainly_swept_at(account: &SweptAccount, now: Timestamp) -> Option<Timestamp> {
    account.swept_at.filter(|at| is_certain(*at, now))
}

/// Returns from when on an account has to be compared: from the last complete sweep, or else from when it was connected. If neither
/// is certain, from the beginning.
pub(super) fn compared_until(account: &SweptAccount, now: Timestamp) -> Timestamp {
    let connected_at = Some(account.connected_at).filter(|at| is_certain(*at, now));
    let last = certainly_swept_at(account, now).or(connected_at);
    last.map_or(Timestamp::UNIX_EPOCH, |at| at.min(now))
}

impl Reconciler {
    /// Records that a sweep was complete, if it was, and where the next sweep of the account goes on.
    pub(super) async fn note_end(
        &self,
        account: &SweptAccount,
        rest: &mut Rest,
        kept: &Kept,
        is_complete: bool,
    ) -> Result<(), StoreError> {
        let place = kept.text();
        // The server's own sweep of the account may have gone on in the meantime, which counts then.
        let is_moved = place != rest.stored && (is_complete || !rest.is_asked_for);
        if !is_moved && !is_complete {
            return Ok(());
        }
        let mut unit = self.runtime.begin().await?;
        // If the clock was put back since the sweep began, its time cannot be relied on, and that of an earlier sweep is kept.
        if is_complete && is_certain(rest.unfinished.started, self.runtime.now()) {
            unit.sweeps().swept(&account.account, rest.unfinished.started).await?;
        }
        if is_moved {
            unit.sweeps().keep_place(&account.account, place.clone()).await?;
        }
        unit.commit().await?;
        rest.stored = place;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::{CheckoutSessionId, PaymentIntentId};

    #[test]
    fn what_is_stored_is_read_as_it_was() {
        let mut unfinished = Unfinished::new("2026-01-01T00:00:00.000001Z".parse().unwrap());
        unfinished.part = Part::QuarantinedPayments;
        unfinished.after = Some("re_1".to_owned());
        unfinished.left_out = Some("cs_2 was left out".to_owned());
        let quarantined = [(PaymentIntentId::new("pi_1"), CheckoutSessionId::new("cs_1"))];
        unfinished.quarantined.extend(quarantined);
        let ends = Ends::from([(Part::SlowPayments, "chk_1".to_owned())]);
        let pending = BTreeSet::from([ProviderRefundId::new("re_2")]);
        let kept = Kept { ends, unfinished: Some(unfinished), pending };
        let text = kept.text();
        assert!(text.is_some());
        assert_eq!(Kept::read(text.as_deref()), kept);
        assert_eq!(Kept::default().text(), None);
        // Versions before kept no refunds.
        let before =
            Kept::read(Some("{\"ends\":{\"slow_payments\":\"chk_1\"},\"unfinished\":null}"));
        assert_eq!(before, Kept { ends: kept.ends, ..Kept::default() });
        // Another version may write it in another form.
        for text in ["", "null", "[]", "{\"ends\":7}", "{\"ends\":{\"new_part\":\"x\"}}"] {
            assert_eq!(Kept::read(Some(text)), Kept::default(), "{text}");
        }
        assert_eq!(Kept::read(None), Kept::default());
    }
}
