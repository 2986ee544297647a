//! Stored values that cannot be read are reported by column and type, without the value.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tollgate_domain::{
    Timestamp,
    jobs::{Job, JobKind, ports::QueueDepth},
    store_error::StoreError,
};
use tollgate_persistence::{DatabaseUrl, migrate, open};

const VISITOR: &str = "vis_01arz3ndektsv4rrffq69g5fav";

/// Rows with an address that is none, and with a purchase that has an amount without a currency.
const ROWS: &str = "
    INSERT INTO visitors (id, email, created_at)
        VALUES ('vis_01arz3ndektsv4rrffq69g5fav', 'hidden', 0);
    INSERT INTO creators (id, email, name, password_hash, created_at)
        VALUES ('cre_01arz3ndektsv4rrffq69g5fav', 'a@example.com', '', '', 9223372036854775807);
    INSERT INTO handles (id, creator_id, name, title, created_at)
        VALUES ('hdl_01arz3ndektsv4rrffq69g5fav', 'cre_01arz3ndektsv4rrffq69g5fav', 'ada', '', 0);
    INSERT INTO pages (id, handle_id, slug, title, teaser, body, mode, status, created_at, updated_at)
        VALUES ('pag_01arz3ndektsv4rrffq69g5fav', 'hdl_01arz3ndektsv4rrffq69g5fav', 'a', '', '', '',
                'PUBLIC', 'DRAFT', 0, 0);
    INSERT INTO purchases (id, visitor_id, handle_id, page_id, created_at, granted_as, grant_type,
                           refunded, refund_reserved, amount)
        VALUES ('pur_01arz3ndektsv4rrffq69g5fav', 'vis_01arz3ndektsv4rrffq69g5fav',
                'hdl_01arz3ndektsv4rrffq69g5fav', 'pag_01arz3ndektsv4rrffq69g5fav', 0,
                'COMPLIMENTARY', 'COMPLIMENTARY', 0, 0, 4711);";

async fn assert_unreadable(url: &DatabaseUrl) {
    let stores = open(url).await.unwrap();
    let mut unit = stores.store.begin().await.unwrap();
    let visitor = unit.visitors().find(VISITOR.parse().unwrap()).await;
    assert_eq!(visitor, Err(StoreError::Corrupt("email: not a Email".into())));

    // On PostgreSQL, too, an error in reading leaves the unit usable.
    let purchase = "pur_01arz3ndektsv4rrffq69g5fav".parse().unwrap();
    let purchase = unit.purchases().lock(purchase).await;
    assert_eq!(purchase, Err(StoreError::Corrupt("not a Payment in purchases".into())));

    let creator = stores.creators.creator_by_email(&"a@example.com".parse().unwrap()).await;
    assert_eq!(creator, Err(StoreError::Corrupt("created_at: not a Timestamp".into())));
}

#[tokio::test]
async fn unreadable_value_is_named_by_column_and_type_in_sqlite() {
    let url = support::sqlite_url();
    let database = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(ROWS).unwrap();
    assert_unreadable(&database).await;
}

#[tokio::test]
async fn unreadable_value_is_named_by_column_and_type_in_postgresql() {
    let url = support::postgres_url().await;
    let database = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    conn.batch_execute(ROWS).await.unwrap();
    assert_unreadable(&database).await;
}

/// Jobs of which nobody can tell what is to be done, one of them of a kind that is not known, before one that can be read.
const JOBS: &str = r#"
    INSERT INTO jobs (job_key, kind, payload, priority, due_at, attempts)
        VALUES ('hidden', 'hidden', '{"kind":"hidden"}', 0, 0, 0),
               ('sweep_account/hidden', 'sweep_account', '{"kind":"hidden"}', 0, 0, 0),
               ('sweep_account/acct_1', 'sweep_account', '{"kind":"sweep_account","id":"acct_1"}',
                10, 0, 0);"#;

async fn assert_both_are_claimed(url: &DatabaseUrl) {
    let stores = open(url).await.unwrap();
    let claim = async || {
        let now = Timestamp::from_second(1).unwrap();
        let claimed = stores.jobs.claim(JobKind::SweepAccount, &[], now).await.unwrap();
        claimed.map(|claimed| claimed.job)
    };
    let unreadable = Job::Unreadable(JobKind::SweepAccount, "sweep_account/hidden".into());
    assert_eq!(claim().await, Some(unreadable));
    assert_eq!(claim().await, Some(Job::SweepAccount("acct_1".into())));
    assert_eq!(claim().await, None);
    let depth = QueueDepth::of(&stores.jobs.depth().await.unwrap());
    assert_eq!((depth.waiting, depth.dead), (2, 0));
}

#[tokio::test]
async fn unreadable_job_holds_up_no_other_in_sqlite() {
    let url = support::sqlite_url();
    let database = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let mut conn = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap()).unwrap();
    conn.batch_execute(JOBS).unwrap();
    assert_both_are_claimed(&database).await;
}

#[tokio::test]
async fn unreadable_job_holds_up_no_other_in_postgresql() {
    let url = support::postgres_url().await;
    let database = url.parse().unwrap();
    migrate(&database).await.unwrap();
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    conn.batch_execute(JOBS).await.unwrap();
    assert_both_are_claimed(&database).await;
}
