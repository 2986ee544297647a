//! Remembered answers.

use super::fixture::parallel;
use crate::{a_job, at};
use tollgate_domain::{
    idempotency::{KeyClaim, KeyClaimOutcome, LEASE_SECONDS, StoredResponse},
    store::Stores,
};

const ONE: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

fn of<'a>(scope: &'a str, key: &'a str) -> KeyClaim<'a> {
    KeyClaim { scope, key, owner: "req_1" }
}

fn response(status: u16) -> StoredResponse {
    StoredResponse { status, body: format!("{{\"status\":{status},\"text\":\"☃ 'x'\"}}") }
}

async fn claim(on: &Stores, scope: &str, key: &str, fingerprint: [u8; 32]) -> KeyClaimOutcome {
    on.idempotency.claim(of(scope, key), fingerprint, at(1)).await.unwrap()
}

async fn answer(on: &Stores, scope: &str, key: &str, status: u16) {
    on.idempotency.store(of(scope, key), &response(status)).await.unwrap();
}

pub async fn a_new_key_is_fresh(on: Stores) {
    assert_eq!(claim(&on, "vis_1 checkout", "key", ONE).await, KeyClaimOutcome::Fresh);
}

pub async fn an_answered_key_replays_its_answer(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    answer(&on, "scope", "key", 201).await;
    for _ in 0..2 {
        assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(201)));
    }
}

/// A request that died half-way is taken up again, once, when its lease is over.
pub async fn an_unanswered_key_is_busy_until_its_lease_ends(on: Stores) {
    let claim_at = |seconds| on.idempotency.claim(of("scope", "key"), ONE, at(seconds));
    assert_eq!(claim_at(0).await, Ok(KeyClaimOutcome::Fresh));
    assert_eq!(claim_at(LEASE_SECONDS - 1).await, Ok(KeyClaimOutcome::Busy));
    assert_eq!(claim_at(LEASE_SECONDS).await, Ok(KeyClaimOutcome::Fresh));
    assert_eq!(claim_at(LEASE_SECONDS).await, Ok(KeyClaimOutcome::Busy));
}

/// Waiting for an answer does not hold up those who write, and is not held up by them.
pub async fn a_key_in_use_is_told_while_somebody_writes(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    let mut unit = on.store.begin().await.unwrap();
    assert_eq!(unit.jobs().is_waiting(&a_job(at(0)).job).await, Ok(false));
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Busy);
    assert_eq!(claim(&on, "scope", "key", OTHER).await, KeyClaimOutcome::Conflict);
    unit.commit().await.unwrap();
    answer(&on, "scope", "key", 200).await;
    let mut unit = on.store.begin().await.unwrap();
    assert_eq!(unit.jobs().is_waiting(&a_job(at(0)).job).await, Ok(false));
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(200)));
    unit.commit().await.unwrap();
}

/// A request that takes long keeps its key, and one that was answered has nothing to keep.
pub async fn a_renewed_key_stays_busy(on: Stores) {
    let claim_at = |seconds| on.idempotency.claim(of("scope", "key"), ONE, at(seconds));
    assert_eq!(claim_at(0).await, Ok(KeyClaimOutcome::Fresh));
    for seconds in [3, 6, 9] {
        on.idempotency.renew(of("scope", "key"), at(seconds)).await.unwrap();
        assert_eq!(claim_at(seconds + LEASE_SECONDS - 1).await, Ok(KeyClaimOutcome::Busy));
    }
    on.idempotency.renew(of("scope", "unknown"), at(9)).await.unwrap();
    assert_eq!(claim_at(9 + LEASE_SECONDS).await, Ok(KeyClaimOutcome::Fresh));
    answer(&on, "scope", "key", 200).await;
    on.idempotency.renew(of("scope", "key"), at(20)).await.unwrap();
    on.idempotency.forget_before(at(20), 9).await.unwrap();
    assert_eq!(claim_at(20).await, Ok(KeyClaimOutcome::Fresh));
}

/// What was given back can be taken at once; what was answered cannot be given back.
pub async fn a_released_key_is_fresh_again(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    on.idempotency.release(of("scope", "key")).await.unwrap();
    on.idempotency.release(of("scope", "unknown")).await.unwrap();
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    answer(&on, "scope", "key", 200).await;
    on.idempotency.release(of("scope", "key")).await.unwrap();
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(200)));
}

pub async fn of_parallel_claims_of_one_request_one_is_fresh(on: Stores) {
    let claims = parallel(20, |_| claim(&on, "scope", "key", ONE)).await;
    assert_eq!(claims.iter().filter(|claim| **claim == KeyClaimOutcome::Fresh).count(), 1);
    assert_eq!(claims.iter().filter(|claim| **claim == KeyClaimOutcome::Busy).count(), 19);
}

/// It conflicts before the first request is answered and after.
pub async fn a_key_of_another_request_conflicts(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    assert_eq!(claim(&on, "scope", "key", OTHER).await, KeyClaimOutcome::Conflict);
    answer(&on, "scope", "key", 200).await;
    assert_eq!(claim(&on, "scope", "key", OTHER).await, KeyClaimOutcome::Conflict);
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(200)));
}

pub async fn scopes_and_keys_are_kept_apart(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    answer(&on, "scope", "key", 200).await;
    assert_eq!(claim(&on, "other scope", "key", OTHER).await, KeyClaimOutcome::Fresh);
    assert_eq!(claim(&on, "scope", "other key", OTHER).await, KeyClaimOutcome::Fresh);
    answer(&on, "other scope", "key", 409).await;
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(200)));
    assert_eq!(
        claim(&on, "other scope", "key", OTHER).await,
        KeyClaimOutcome::Replay(response(409))
    );
}

pub async fn the_first_answer_stays(on: Stores) {
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Fresh);
    answer(&on, "scope", "key", 200).await;
    answer(&on, "scope", "key", 502).await;
    assert_eq!(claim(&on, "scope", "key", ONE).await, KeyClaimOutcome::Replay(response(200)));
}

pub async fn of_parallel_claims_of_one_key_with_many_requests_one_request_has_it(on: Stores) {
    let other = |number: usize| [u8::try_from(number).unwrap(); 32];
    let claims = parallel(10, |number| claim(&on, "scope", "key", other(number))).await;
    let fresh = claims.iter().filter(|claim| **claim == KeyClaimOutcome::Fresh).count();
    let conflicts = claims.iter().filter(|claim| **claim == KeyClaimOutcome::Conflict).count();
    assert_eq!((fresh, conflicts), (1, 9));
}

pub async fn old_keys_are_forgotten_and_others_kept(on: Stores) {
    on.idempotency.claim(of("scope", "old"), ONE, at(10)).await.unwrap();
    on.idempotency.claim(of("scope", "new"), ONE, at(20)).await.unwrap();
    on.idempotency.store(of("scope", "old"), &response(200)).await.unwrap();
    on.idempotency.store(of("scope", "new"), &response(200)).await.unwrap();
    on.idempotency.forget_before(at(20), 9).await.unwrap();
    let old = on.idempotency.claim(of("scope", "old"), OTHER, at(40)).await.unwrap();
    let new = on.idempotency.claim(of("scope", "new"), ONE, at(40)).await.unwrap();
    assert_eq!((old, new), (KeyClaimOutcome::Fresh, KeyClaimOutcome::Replay(response(200))));
}

/// A request that was slow until its lease ended does not disturb the one that took over.
pub async fn a_request_that_lost_its_key_changes_nothing(on: Stores) {
    let (slow, next) = (of("scope", "key"), KeyClaim { owner: "req_2", ..of("scope", "key") });
    let claim_at = |claim, seconds| on.idempotency.claim(claim, ONE, at(seconds));
    assert_eq!(claim_at(slow, 0).await, Ok(KeyClaimOutcome::Fresh));
    assert_eq!(claim_at(next, LEASE_SECONDS).await, Ok(KeyClaimOutcome::Fresh));
    on.idempotency.release(slow).await.unwrap();
    on.idempotency.store(slow, &response(502)).await.unwrap();
    on.idempotency.renew(slow, at(100)).await.unwrap();
    let third = KeyClaim { owner: "req_3", ..slow };
    assert_eq!(claim_at(third, LEASE_SECONDS + 1).await, Ok(KeyClaimOutcome::Busy));
    on.idempotency.store(next, &response(200)).await.unwrap();
    assert_eq!(
        claim_at(third, LEASE_SECONDS + 1).await,
        Ok(KeyClaimOutcome::Replay(response(200)))
    );
}
