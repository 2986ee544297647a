//! Files of SQLite: one that is not there yet, and one that another program has locked.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

use diesel::{Connection, SqliteConnection, connection::SimpleConnection};
use futures_util::future::join_all;
use tollgate_domain::{
    access::ports::ResourceQuery, jobs::JobKind, paging::PageRequest, store::Stores,
    store_error::StoreError,
};
use tollgate_domain_testing::{a_job, at, start_of_time};
use tollgate_persistence::{DatabaseUrl, migrate, open};

fn a_folder() -> PathBuf {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep()
}

fn url_of(file: &Path) -> DatabaseUrl {
    format!("sqlite:{}", file.display()).parse().unwrap()
}

/// Makes a file with all tables.
async fn migrated(file: &Path) -> DatabaseUrl {
    let database = url_of(file);
    migrate(&database).await.unwrap();
    database
}

/// Another program that uses the file.
fn connect(file: &Path) -> SqliteConnection {
    SqliteConnection::establish(file.to_str().unwrap()).unwrap()
}

/// Claims a job, and returns how often it was tried.
async fn claim(stores: &Stores, seconds: i64) -> Option<u32> {
    let claimed = stores.jobs.claim(JobKind::SendMail, &[], at(seconds)).await.unwrap();
    claimed.map(|job| job.attempts)
}

async fn change(stores: &Stores) -> Result<(), StoreError> {
    let mut unit = stores.store.begin().await?;
    unit.jobs().ensure(&a_job(start_of_time())).await?;
    unit.commit().await
}

#[tokio::test]
async fn all_who_waited_for_a_lock_are_refused_together() {
    let file = a_folder().join("tollgate.db");
    let database = migrated(&file).await;
    let stores = open(&database).await.unwrap();
    let mut other = connect(&file);
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let locked = StoreError::Unavailable("database is locked".into());
    for changed in join_all((0..4).map(|_| change(&stores))).await {
        assert_eq!(changed, Err(locked.clone()));
    }
    other.batch_execute("ROLLBACK").unwrap();
    change(&stores).await.unwrap();
}

#[tokio::test]
async fn the_lease_of_a_process_that_is_gone_ends_when_the_next_one_claims() {
    let folder = a_folder();
    let database = migrated(&folder.join("tollgate.db")).await;
    let first = open(&database).await.unwrap();
    change(&first).await.unwrap();
    assert_eq!(claim(&first, 0).await, Some(1));
    let beside = open(&database).await.unwrap();
    assert_eq!(claim(&beside, 1).await, None, "the first one is alive");
    drop((first, beside));
    // The threads of the store end a moment later, and the lock with them.
    let lock = std::fs::File::open(folder.join("tollgate.db-jobs")).unwrap();
    tokio::task::spawn_blocking(move || lock.lock()).await.unwrap().unwrap();
    let next = open(&database).await.unwrap();
    assert_eq!(claim(&next, 2).await, Some(2));
    assert_eq!(claim(&next, 3).await, None, "its own lease does not end");
}

/// So that what failed together is not tried again at once by every start.
#[tokio::test]
async fn a_job_whose_attempt_failed_keeps_its_pause_when_a_process_starts() {
    let folder = a_folder();
    let database = migrated(&folder.join("tollgate.db")).await;
    let stores = open(&database).await.unwrap();
    change(&stores).await.unwrap();
    let claimed = stores.jobs.claim(JobKind::SendMail, &[], at(0)).await.unwrap().unwrap();
    let mut unit = stores.store.begin().await.unwrap();
    unit.jobs().reschedule(&claimed, at(9), Some("no answer")).await.unwrap();
    unit.commit().await.unwrap();
    drop(stores);
    let lock = std::fs::File::open(folder.join("tollgate.db-jobs")).unwrap();
    tokio::task::spawn_blocking(move || lock.lock()).await.unwrap().unwrap();
    let next = open(&database).await.unwrap();
    assert_eq!(claim(&next, 2).await, None);
    assert_eq!(claim(&next, 9).await, Some(2));
}

/// A restart that starts the new process before the old one ends, done twice: a process that came while another one was there
/// is known to be alive, too.
#[tokio::test]
async fn the_lease_of_a_process_that_came_while_another_was_there_does_not_end() {
    let folder = a_folder();
    let database = migrated(&folder.join("tollgate.db")).await;
    let lock = || std::fs::File::open(folder.join("tollgate.db-jobs")).unwrap();
    let first = open(&database).await.unwrap();
    assert_eq!(claim(&first, 0).await, None);
    let second = open(&database).await.unwrap();
    assert_eq!(claim(&second, 0).await, None, "there is nothing to do");
    drop(first);
    change(&second).await.unwrap();
    assert_eq!(claim(&second, 1).await, Some(1));
    assert!(lock().try_lock().is_err(), "the second one is known");
    let third = open(&database).await.unwrap();
    assert_eq!(claim(&third, 2).await, None, "the second one is alive");
    drop(second);
    assert_eq!(claim(&third, 3).await, None, "its lease ends by time");
    assert_eq!(claim(&third, 11).await, Some(2));
}

#[tokio::test]
async fn nobody_claims_while_another_process_ends_leases() {
    let folder = a_folder();
    let database = migrated(&folder.join("tollgate.db")).await;
    let stores = open(&database).await.unwrap();
    change(&stores).await.unwrap();
    let other = std::fs::File::create(folder.join("tollgate.db-jobs")).unwrap();
    other.lock().unwrap();
    assert_eq!(claim(&stores, 1).await, None);
    other.unlock().unwrap();
    assert_eq!(claim(&stores, 1).await, Some(1));
}

/// Addresses that were on a list and were taken off it, more of them than are looked up for one part.
const FORMER_PEOPLE: &str = "
    INSERT INTO creators (id, email, name, password_hash, created_at)
        VALUES ('cre_01arz3ndektsv4rrffq69g5fav', 'a@example.com', '', '', 0);
    INSERT INTO handles (id, creator_id, name, title, created_at)
        VALUES ('hdl_01arz3ndektsv4rrffq69g5fav', 'cre_01arz3ndektsv4rrffq69g5fav', 'ada', '', 0);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
        INSERT INTO visitors (id, email, created_at)
        SELECT printf('vis_%026d', i), printf('p%05d@example.com', i), 0 FROM n;
    INSERT INTO people (handle_id, email)
        SELECT 'hdl_01arz3ndektsv4rrffq69g5fav', email FROM visitors;";

#[tokio::test]
async fn people_who_left_are_passed_over_in_parts() {
    let file = a_folder().join("tollgate.db");
    let database = migrated(&file).await;
    connect(&file).batch_execute(FORMER_PEOPLE).unwrap();
    let stores = open(&database).await.unwrap();
    let handle = "hdl_01arz3ndektsv4rrffq69g5fav".parse().unwrap();
    let first = PageRequest { limit: 50, after: None };
    let part = stores.reports.people(handle, None, &first).await.unwrap();
    assert!(part.items.is_empty() && part.next.is_some(), "{part:?}");
    let second = PageRequest { limit: 50, after: part.next };
    let part = stores.reports.people(handle, None, &second).await.unwrap();
    assert!(part.items.is_empty() && part.next.is_none(), "{part:?}");
}

/// A long body is not read again until its page has another version.
#[tokio::test]
async fn a_long_body_is_read_once_for_each_version() {
    let file = a_folder().join("tollgate.db");
    let database = migrated(&file).await;
    let stores = open(&database).await.unwrap();
    let mut other = connect(&file);
    let page = "INSERT INTO creators (id, email, name, password_hash, created_at)
            VALUES ('cre_ID', 'ada@example.com', '', '', 0);
        INSERT INTO handles (id, creator_id, name, title, created_at)
            VALUES ('hdl_ID', 'cre_ID', 'ada', '', 0);
        INSERT INTO pages (id, handle_id, slug, title, teaser, body, mode, status, created_at,
                           updated_at)
            VALUES ('pag_ID', 'hdl_ID', 'guide', '', '', '', 'PUBLIC', 'PUBLISHED', 0, 0);";
    let page = page.replace("_ID", "_01arz3ndektsv4rrffq69g5fav");
    other.batch_execute(&page).unwrap();
    let (long, short) = ("'a' || printf('%.5000c', 'b')", "'short'");
    for (body, version, first) in [
        (long, 1, 'a'),
        // The version is the same, so the text is not looked at.
        ("'x' || printf('%.5000c', 'b')", 1, 'a'),
        ("'x' || printf('%.5000c', 'b')", 2, 'x'),
        (short, 3, 's'),
    ] {
        let change = format!("UPDATE pages SET body = {body}, updated_at = {version}");
        other.batch_execute(&change).unwrap();
        let query = ResourceQuery {
            handle: "ada".parse().unwrap(),
            slug: "guide".parse().unwrap(),
            session: None,
            now: start_of_time(),
        };
        let found = stores.access.page_with_access(&query).await.unwrap().unwrap();
        assert!(found.page.body.starts_with(first), "{body} {version}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_or_written_is_refused_with_its_path_and_the_cause() {
    let folder = a_folder();
    let refusal = async |path: &Path| {
        let error = migrate(&url_of(path)).await.unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        error
    };
    assert!(refusal(&folder).await.contains("is a directory"));
    let file = folder.join("tollgate.db");
    std::fs::write(&file, "a text that somebody wrote, and that is not a database").unwrap();
    assert!(refusal(&file).await.contains("is not a database"));
    std::fs::remove_file(&file).unwrap();

    let url = migrated(&file).await;
    let mut permissions = std::fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).unwrap();
    // An administrator writes it all the same.
    if std::fs::File::options().append(true).open(&file).is_err() {
        assert!(refusal(&file).await.contains("cannot be written"));
        let error = open(&url).await.err().unwrap().to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
    }
}

/// Another program may be writing when this one starts.
#[tokio::test]
async fn a_file_that_is_locked_is_opened() {
    let file = a_folder().join("tollgate.db");
    let database = migrated(&file).await;
    let mut other = connect(&file);
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert!(migrate(&database).await.unwrap().is_empty());
    let stores = open(&database).await.unwrap();
    other.batch_execute("ROLLBACK").unwrap();
    change(&stores).await.unwrap();
}

#[test]
fn a_database_is_missing_until_its_file_has_content() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tollgate.db");
    let is_missing = |path: &Path| url_of(path).is_missing();
    assert!(is_missing(&file));
    std::fs::write(&file, "").unwrap();
    assert!(is_missing(&file));
    std::fs::write(&file, "something").unwrap();
    assert!(!is_missing(&file));
    assert!(!is_missing(folder.path()));
    // Nobody knows what is there.
    assert!(!is_missing(&file.join("tollgate.db")));
    assert!(!"postgres://localhost/tollgate".parse::<DatabaseUrl>().unwrap().is_missing());
}
