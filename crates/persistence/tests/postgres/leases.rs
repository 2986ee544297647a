//! Leases of jobs of processes that are gone.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tollgate_domain::{
    jobs::{JobKind, LEASE_SECONDS},
    store::Stores,
};
use tollgate_domain_testing::at;
use tollgate_persistence::{DatabaseUrl, migrate, open};

use crate::{change, support};

/// The key of the lock that processes share which run jobs.
const RUNS_JOBS: i64 = 0x746f_6c6c_6a6f_6273;

/// As when the only server is killed and started again.
#[tokio::test]
async fn the_lease_of_a_process_that_is_gone_ends_when_the_next_one_claims() {
    let url = support::postgres_url().await;
    let database: DatabaseUrl = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let claim = async |stores: &Stores, seconds| {
        let claimed = stores.jobs.claim(&JobKind::ALL, &[], at(seconds)).await.unwrap();
        claimed.map(|job| job.attempts)
    };
    let first = open(&database).await.unwrap();
    change(&first).await.unwrap();
    assert_eq!(claim(&first, 0).await, Some(1));
    let beside = open(&database).await.unwrap();
    assert_eq!(claim(&beside, 1).await, None, "the first one is alive");
    drop((first, beside));
    // Their connections end a moment later, and the lock with them.
    let mut other = AsyncPgConnection::establish(&url).await.unwrap();
    other.batch_execute(&format!("SELECT pg_advisory_lock({RUNS_JOBS})")).await.unwrap();
    let next = open(&database).await.unwrap();
    assert_eq!(claim(&next, 2).await, None, "another process ends leases at this moment");
    other.batch_execute(&format!("SELECT pg_advisory_unlock({RUNS_JOBS})")).await.unwrap();
    assert_eq!(claim(&next, 2).await, Some(2));
    assert_eq!(claim(&next, 3).await, None, "its own lease does not end");
}

/// So that what failed together is not tried again at once by every start.
#[tokio::test]
async fn a_job_whose_attempt_failed_keeps_its_pause_when_a_process_starts() {
    let url = support::postgres_url().await;
    let database: DatabaseUrl = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let first = open(&database).await.unwrap();
    change(&first).await.unwrap();
    let claimed = first.jobs.claim(&JobKind::ALL, &[], at(0)).await.unwrap().unwrap();
    let mut unit = first.store.begin().await.unwrap();
    unit.jobs().reschedule(&claimed, at(9), Some("no answer")).await.unwrap();
    unit.commit().await.unwrap();
    drop(first);
    let mut other = AsyncPgConnection::establish(&url).await.unwrap();
    other.batch_execute(&format!("SELECT pg_advisory_lock({RUNS_JOBS})")).await.unwrap();
    other.batch_execute(&format!("SELECT pg_advisory_unlock({RUNS_JOBS})")).await.unwrap();
    let next = open(&database).await.unwrap();
    let claim = async |seconds| next.jobs.claim(&JobKind::ALL, &[], at(seconds)).await.unwrap();
    assert_eq!(claim(2).await, None);
    assert_eq!(claim(9).await.map(|job| job.attempts), Some(2));
}

#[tokio::test]
async fn a_process_whose_connection_was_cut_claims_on_and_ends_no_lease() {
    let url = support::postgres_url().await;
    let database: DatabaseUrl = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let stores = open(&database).await.unwrap();
    let claim = async |seconds| stores.jobs.claim(&JobKind::ALL, &[], at(seconds)).await;
    change(&stores).await.unwrap();
    assert!(claim(0).await.unwrap().is_some());
    let mut other = AsyncPgConnection::establish(&url).await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' \
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    other.batch_execute(cut).await.unwrap();
    other.batch_execute(&format!("SELECT pg_advisory_lock({RUNS_JOBS})")).await.unwrap();
    other.batch_execute(&format!("SELECT pg_advisory_unlock({RUNS_JOBS})")).await.unwrap();
    assert_eq!(claim(1).await, Ok(None), "the lease of its job goes on");
    assert!(claim(LEASE_SECONDS).await.unwrap().is_some());
}
