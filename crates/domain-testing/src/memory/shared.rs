//! Limits and remembered answers: they belong to no unit of work.

use std::collections::{BTreeMap, btree_map::Entry};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, state::forget_oldest};
use crate::locked;
use tollgate_domain::{
    clock::{just_after, plus_seconds},
    idempotency::{IdempotencyKeys, KeyClaim, KeyClaimOutcome, LEASE_SECONDS, StoredResponse},
    limits::{Admission, Limit, LimitRule, RateLimits},
    store_error::StoreError,
};

#[derive(Default)]
pub(super) struct Shared {
    limits: BTreeMap<(&'static str, String), Count>,
    answers: BTreeMap<(String, String), Answer>,
}

/// How far the clocks of two replicas may differ, in microseconds.
const CLOCKS_DIFFER: i64 = 60_000_000;

/// The requests that one key has counted under a limit.
#[derive(Clone, Copy)]
struct Count {
    /// For a bucket, when it is full again; for a window, when it ends. In microseconds.
    until: i64,
    /// Requests in the window.
    requests: i64,
}

struct Answer {
    owner: String,
    fingerprint: [u8; 32],
    at: Timestamp,
    response: Option<StoredResponse>,
}

fn name(claim: KeyClaim<'_>) -> (String, String) {
    (claim.scope.to_owned(), claim.key.to_owned())
}

impl Shared {
    /// Returns a key that has no response and belongs to this request.
    fn unanswered(&mut self, claim: KeyClaim<'_>) -> Option<&mut Answer> {
        let answer = self.answers.get_mut(&name(claim))?;
        (answer.response.is_none() && answer.owner == claim.owner).then_some(answer)
    }
}

impl Count {
    /// The count with one more request, or the instant from which there is room for it.
    fn with_one_more(self, rule: LimitRule, now: i64) -> Result<Self, i64> {
        // What a clock that was ahead has stored counts as nothing.
        let longest = match rule {
            LimitRule::Bucket { burst, refill } => burst * refill,
            LimitRule::Window { length, .. } => length,
        };
        if self.until > now + longest + CLOCKS_DIFFER {
            return Self { until: now, requests: 0 }.with_one_more(rule, now);
        }
        match rule {
            LimitRule::Bucket { burst, refill } => {
                let until = self.until.max(now) + refill;
                let room_at = until - burst * refill;
                if room_at > now { Err(room_at) } else { Ok(Self { until, requests: 0 }) }
            }
            LimitRule::Window { length, .. } if now >= self.until => {
                Ok(Self { until: now + length, requests: 1 })
            }
            LimitRule::Window { most, .. } if self.requests >= most => Err(self.until),
            LimitRule::Window { .. } => Ok(Self { requests: self.requests + 1, ..self }),
        }
    }
}

#[async_trait]
impl RateLimits for MemoryStore {
    async fn admit_all(
        &self,
        limits: Vec<(Limit, String)>,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.inner.faults.pass().await?;
        let now = now.as_microsecond();
        let mut shared = locked(&self.inner.shared);
        for (limit, subject) in limits {
            let key = (limit.name, subject);
            let count = shared.limits.entry(key).or_insert(Count { until: now, requests: 0 });
            match count.with_one_more(limit.rule, now) {
                Ok(counted) => *count = counted,
                Err(room_at) => {
                    let seconds = (room_at - now + 999_999) / 1_000_000;
                    let retry_after_seconds = u64::try_from(seconds).unwrap_or_default().max(1);
                    return Ok(Admission::Limited { retry_after_seconds });
                }
            }
        }
        Ok(Admission::Admitted)
    }

    async fn forget_idle(&self, now: Timestamp, most: u32) -> Result<bool, StoreError> {
        self.inner.faults.pass().await?;
        let limits = &mut locked(&self.inner.shared).limits;
        let idle_at = |count: &Count| Timestamp::from_microsecond(count.until).ok();
        Ok(forget_oldest(limits, just_after(now), most, idle_at))
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryStore {
    async fn claim<'a>(
        &self,
        claim: KeyClaim<'a>,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<KeyClaimOutcome, StoreError> {
        self.inner.faults.pass().await?;
        let mut shared = locked(&self.inner.shared);
        let owner = claim.owner.to_owned();
        let fresh = Answer { owner, fingerprint, at: now, response: None };
        let answer = match shared.answers.entry(name(claim)) {
            Entry::Vacant(place) => {
                place.insert(fresh);
                return Ok(KeyClaimOutcome::Fresh);
            }
            Entry::Occupied(place) => place.into_mut(),
        };
        Ok(match &answer.response {
            _ if answer.fingerprint != fingerprint => KeyClaimOutcome::Conflict,
            Some(response) => KeyClaimOutcome::Replay(response.clone()),
            None if now < plus_seconds(answer.at, LEASE_SECONDS) => KeyClaimOutcome::Busy,
            None => {
                *answer = fresh;
                KeyClaimOutcome::Fresh
            }
        })
    }

    async fn renew<'a>(&self, claim: KeyClaim<'a>, now: Timestamp) -> Result<(), StoreError> {
        self.inner.faults.pass().await?;
        if let Some(answer) = locked(&self.inner.shared).unanswered(claim) {
            answer.at = now;
        }
        Ok(())
    }

    async fn store<'a>(
        &self,
        claim: KeyClaim<'a>,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        self.inner.faults.pass().await?;
        if let Some(answer) = locked(&self.inner.shared).unanswered(claim) {
            answer.response = Some(response.clone());
        }
        Ok(())
    }

    async fn release<'a>(&self, claim: KeyClaim<'a>) -> Result<(), StoreError> {
        self.inner.faults.pass().await?;
        let mut shared = locked(&self.inner.shared);
        if shared.unanswered(claim).is_some() {
            shared.answers.remove(&name(claim));
        }
        Ok(())
    }

    async fn forget_before(&self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        self.inner.faults.pass().await?;
        let answers = &mut locked(&self.inner.shared).answers;
        Ok(forget_oldest(answers, instant, most, |answer| Some(answer.at)))
    }
}
