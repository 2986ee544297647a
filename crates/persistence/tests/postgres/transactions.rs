//! Units of work that wait at the same time share a transaction, and hold up nobody else.

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use tollgate_domain::{
    idempotency::{KeyClaim, KeyClaimOutcome, LEASE_SECONDS},
    jobs::{JobKind, ports::QueueDepth},
    limits::{Admission, Limit},
    store::Stores,
    store_error::StoreError,
    visitor_auth::MagicLink,
};
use tollgate_domain_testing::{a_job, a_link, at, start_of_time};

use super::{change, database, enqueue, waiting};

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    jobs: i64,
    #[diesel(sql_type = BigInt)]
    transactions: i64,
}

#[tokio::test]
async fn units_that_wait_at_the_same_time_share_a_transaction() {
    let (stores, mut conn) = database().await;
    let units = (0..40).map(|_| change(&stores));
    for committed in join_all(units).await {
        committed.unwrap();
    }
    let query = "SELECT count(*) AS jobs, count(DISTINCT xmin::text) AS transactions FROM jobs";
    let counted: Counted = diesel::sql_query(query).get_result(&mut conn).await.unwrap();
    assert_eq!(counted.jobs, 40);
    assert!(counted.transactions <= 4, "{} transactions", counted.transactions);
}

async fn keep(stores: Stores, link: MagicLink) -> Result<(), StoreError> {
    let mut unit = stores.store.begin().await?;
    unit.magic_links().insert(&link).await?;
    unit.jobs().enqueue(&a_job(start_of_time())).await?;
    unit.commit().await
}

#[tokio::test]
async fn a_unit_that_fails_takes_no_other_with_it() {
    let (stores, _) = database().await;
    let stored = a_link().build();
    keep(stores.clone(), stored.clone()).await.unwrap();
    // All of them are queued before the first transaction begins.
    let others = async { join_all((0..10).map(|_| change(&stores))).await };
    let (failed, others) = tokio::join!(keep(stores.clone(), stored), others);
    assert!(failed.is_err(), "the link is stored already");
    for committed in others {
        committed.unwrap();
    }
    let waiting = QueueDepth::of(&stores.jobs.depth().await.unwrap()).waiting;
    assert_eq!(waiting, 11, "of each that was committed one, and none of the one that failed");
}

#[tokio::test]
async fn a_unit_that_waits_for_a_lock_holds_up_no_other() {
    let (stores, mut holder) = database().await;
    let locked = a_job(start_of_time());
    enqueue(stores.clone(), locked.clone()).await.unwrap();
    holder.batch_execute("BEGIN; UPDATE jobs SET attempts = 7").await.unwrap();
    let others = async {
        for committed in join_all((0..10).map(|_| change(&stores))).await {
            committed.unwrap();
        }
        // Until now the lock was held.
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    // All of them are queued before the first transaction begins.
    let (waited, ()) = tokio::join!(enqueue(stores.clone(), locked), others);
    waited.unwrap();
}

#[tokio::test]
async fn a_key_that_is_released_in_the_middle_of_a_claim_is_had_by_the_next() {
    let (stores, mut holder) = database().await;
    let claim = |owner, seconds| {
        let claim = KeyClaim { scope: "scope", key: "key", owner };
        stores.idempotency.claim(claim, [1; 32], at(seconds))
    };
    assert_eq!(claim("req_1", 0).await, Ok(KeyClaimOutcome::Fresh));
    // The key is there for the first statement of the claim, and waited for by the second.
    holder.batch_execute("BEGIN; SELECT 1 FROM idempotency_keys FOR UPDATE").await.unwrap();
    let released = async {
        while waiting(&mut holder).await == 0 {}
        holder.batch_execute("DELETE FROM idempotency_keys; COMMIT").await.unwrap();
    };
    let (claimed, ()) = tokio::join!(claim("req_2", LEASE_SECONDS), released);
    assert_eq!(claimed, Ok(KeyClaimOutcome::Busy), "neither had nor refused: it is asked again");
    assert_eq!(claim("req_2", LEASE_SECONDS).await, Ok(KeyClaimOutcome::Fresh));
}

#[tokio::test]
async fn a_claim_that_waits_for_a_lock_holds_up_no_limit() {
    let (stores, mut holder) = database().await;
    change(&stores).await.unwrap();
    holder.batch_execute("BEGIN; SELECT job_key FROM jobs FOR UPDATE").await.unwrap();
    let limited = async {
        while waiting(&mut holder).await == 0 {}
        let limit = Limit::per_minute("test", 3, 1);
        let admitted = stores.limits.admit(limit, "somebody", start_of_time()).await;
        assert_eq!(admitted, Ok(Admission::Admitted));
        assert_eq!(waiting(&mut holder).await, 1, "the claim still waits");
        holder.batch_execute("ROLLBACK").await.unwrap();
    };
    let claim = stores.jobs.claim(JobKind::SendMail, &[], start_of_time());
    let (claimed, ()) = tokio::join!(claim, limited);
    assert!(claimed.unwrap().is_some());
}
