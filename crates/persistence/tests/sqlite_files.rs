//! Files of SQLite: one that is not there yet, and one that another program has locked.

use std::path::Path;

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use futures_util::future::join_all;
use tollgate_domain::{store::Stores, store_error::StoreError};
use tollgate_domain_testing::{a_job, start_of_time};
use tollgate_persistence::{DatabaseUrl, migrate, open};

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

#[test]
fn a_database_is_missing_until_its_file_has_content() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tollgate.db");
    let is_missing = |path: &Path| {
        let url = format!("sqlite:{}", path.display());
        url.parse::<DatabaseUrl>().unwrap().is_missing()
    };
    assert!(is_missing(&file));
    std::fs::write(&file, "").unwrap();
    assert!(is_missing(&file));
    std::fs::write(&file, "something").unwrap();
    assert!(!is_missing(&file));
    assert!(!is_missing(folder.path()));
    assert!(!"postgres://localhost/tollgate".parse::<DatabaseUrl>().unwrap().is_missing());
}
