//! Idempotency keys, with the responses to their requests.

use tollgate_domain::{
    clock::plus_seconds,
    idempotency::{IdempotencyKeys, KeyClaim, KeyClaimOutcome, LEASE_SECONDS, StoredResponse},
};

use super::prelude::*;
use crate::schema::idempotency_keys;

/// Fingerprint of the request, status and body of the response, and the instant of the claim.
type Remembered = (AsBytes<[u8; 32]>, Option<AsInt<u16>>, Option<String>, AsInt<Timestamp>);

/// What is known of a key.
macro_rules! remembered {
    ($scope:expr, $key:expr) => {
        idempotency_keys::table.find(($scope, $key)).select((
            idempotency_keys::fingerprint,
            idempotency_keys::status,
            idempotency_keys::body,
            idempotency_keys::created_at,
        ))
    };
}

/// The key of a request, as long as that has no response.
macro_rules! unanswered {
    ($claim:ident) => {
        idempotency_keys::table
            .find(($claim.scope.to_owned(), $claim.key.to_owned()))
            .filter(idempotency_keys::owner.eq($claim.owner.to_owned()))
            .filter(idempotency_keys::status.is_null())
    };
}

/// Returns what a request with this fingerprint is told of a key that another one has.
fn told(known: Remembered, fingerprint: AsBytes<[u8; 32]>) -> KeyClaimOutcome {
    let (known, status, body, _) = known;
    if known != fingerprint {
        return KeyClaimOutcome::Conflict;
    }
    match (status, body) {
        (Some(AsInt(status)), Some(body)) => {
            KeyClaimOutcome::Replay(StoredResponse { status, body })
        }
        _ => KeyClaimOutcome::Busy,
    }
}

#[async_trait]
impl IdempotencyKeys for Database {
    async fn claim<'a>(
        &self,
        claim: KeyClaim<'a>,
        fingerprint: [u8; 32],
        now: Timestamp,
    ) -> Result<KeyClaimOutcome, StoreError> {
        let (scope, key) = (claim.scope.to_owned(), claim.key.to_owned());
        let owner = idempotency_keys::owner.eq(claim.owner.to_owned());
        let (died_before, now) = (AsInt(plus_seconds(now, -LEASE_SECONDS)), AsInt(now));
        let fingerprint = AsBytes(fingerprint);
        // Those who wait for an answer look again and again, and must not hold up who writes.
        let known = remembered!(scope.clone(), key.clone());
        let known: Option<Remembered> = read!(self, |conn| {
            CachedStatement(known).get_result(on(&mut conn)).await.optional()
        })?;
        if let Some(known) = known {
            let claimed_at = known.3;
            let outcome = told(known, fingerprint);
            if outcome != KeyClaimOutcome::Busy || claimed_at.0 > died_before.0 {
                return Ok(outcome);
            }
        }
        write!(self, |conn| {
            let insert = diesel::insert_into(idempotency_keys::table)
                .values((
                    idempotency_keys::scope.eq(scope.clone()),
                    idempotency_keys::idempotency_key.eq(key.clone()),
                    idempotency_keys::fingerprint.eq(fingerprint),
                    idempotency_keys::created_at.eq(now),
                    owner.clone(),
                ))
                .on_conflict_do_nothing();
            if CachedStatement(insert).execute(conn).await? > 0 {
                return Ok(KeyClaimOutcome::Fresh);
            }
            let dead = idempotency_keys::table
                .find((scope.clone(), key.clone()))
                .filter(idempotency_keys::fingerprint.eq(fingerprint))
                .filter(idempotency_keys::status.is_null())
                .filter(idempotency_keys::created_at.le(died_before));
            let take_over = diesel::update(dead).set((idempotency_keys::created_at.eq(now), owner));
            if CachedStatement(take_over).execute(conn).await? > 0 {
                return Ok(KeyClaimOutcome::Fresh);
            }
            let known: Option<Remembered> = remembered!(scope, key).first(conn).await.optional()?;
            // Released between the statements: it can be claimed at the next try.
            Ok(known.map_or(KeyClaimOutcome::Busy, |known| told(known, fingerprint)))
        })
    }

    async fn renew<'a>(&self, claim: KeyClaim<'a>, now: Timestamp) -> Result<(), StoreError> {
        let unanswered = unanswered!(claim);
        let renewed = diesel::update(unanswered).set(idempotency_keys::created_at.eq(AsInt(now)));
        write!(self, |conn| { CachedStatement(renewed).execute(conn).await.map(drop) })
    }

    async fn store<'a>(
        &self,
        claim: KeyClaim<'a>,
        response: &StoredResponse,
    ) -> Result<(), StoreError> {
        let (status, body) = (AsInt(response.status), response.body.clone());
        let answer = (idempotency_keys::status.eq(status), idempotency_keys::body.eq(body));
        let answered = diesel::update(unanswered!(claim)).set(answer);
        write!(self, |conn| { CachedStatement(answered).execute(conn).await.map(drop) })
    }

    async fn release<'a>(&self, claim: KeyClaim<'a>) -> Result<(), StoreError> {
        let released = diesel::delete(unanswered!(claim));
        write!(self, |conn| { released.execute(conn).await.map(drop) })
    }

    async fn forget_before(&self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(AsInt(instant)));
        write!(self, |conn| {
            Ok(oldest!(conn, old, idempotency_keys::created_at, most, |some| diesel::delete(some)))
        })
    }
}
