//! Another program that holds the lock of an SQLite file.

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use futures_util::future::join_all;
use tollgate_domain::{store::Stores, store_error::StoreError};
use tollgate_domain_testing::{a_job, start_of_time};
use tollgate_persistence::{migrate, open};

async fn change(stores: &Stores) -> Result<(), StoreError> {
    let mut unit = stores.store.begin().await?;
    unit.jobs().ensure(&a_job(start_of_time())).await?;
    unit.commit().await
}

#[tokio::test]
async fn all_who_waited_for_a_lock_are_refused_together() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    let file = folder.join("tollgate.db").to_str().unwrap().to_owned();
    let database = format!("sqlite:{file}").parse().unwrap();
    migrate(&database).await.unwrap();
    let stores = open(&database).await.unwrap();
    let mut other = SqliteConnection::establish(&file).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let locked = StoreError::Unavailable("database is locked".into());
    for changed in join_all((0..4).map(|_| change(&stores))).await {
        assert_eq!(changed, Err(locked.clone()));
    }
    other.batch_execute("ROLLBACK").unwrap();
    change(&stores).await.unwrap();
}
