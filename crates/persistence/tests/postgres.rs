//! PostgreSQL servers as they are found: with certificates of their own, several of them, demoted, or away.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "postgres/deletions.rs"]
mod deletions;
#[path = "postgres/pooler.rs"]
mod pooler;
#[path = "support/proxy.rs"]
mod proxy;
#[path = "postgres/reads.rs"]
mod reads;
#[path = "postgres/settings.rs"]
mod settings;
mod support;
#[path = "postgres/transactions.rs"]
mod transactions;

use std::time::Duration;

use diesel::{QueryableByName, sql_types::BigInt};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::future::join_all;
use proxy::{Certificates, Proxy, certificates};
use tollgate_domain::{jobs::NewJob, store::Stores, store_error::StoreError};
use tollgate_domain_testing::{a_job, a_mail, start_of_time};
use tollgate_persistence::{DatabaseUrl, check_encoding, migrate, open, server_time};

const HOST: &str = "localhost";

async fn change(stores: &Stores) -> Result<(), StoreError> {
    enqueue(stores.clone(), a_job(start_of_time())).await
}

/// Waits until the server can be reached again.
async fn come_back(stores: &Stores) {
    let back = async {
        while change(stores).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), back).await.unwrap();
    stores.jobs.depth().await.unwrap();
}

async fn enqueue(stores: Stores, job: NewJob) -> Result<(), StoreError> {
    let mut unit = stores.store.begin().await?;
    unit.jobs().enqueue(&job).await?;
    unit.commit().await
}

async fn connects(url: &str) -> bool {
    server_time(&url.parse().unwrap()).await.is_ok()
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn certificates_are_checked_as_sslmode_says() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (right, wrong_host, stranger) =
        (certificates(HOST), certificates("elsewhere.example"), certificates(HOST));
    let stranger = written(&folder, "stranger.pem", &stranger.authority);
    let cases = [
        ("right", right, [true, true, true, true, false, false]),
        ("wrong-host", wrong_host, [true, true, true, false, false, false]),
    ];
    for (name, Certificates { authority, acceptor }, expected) in cases {
        let known = written(&folder, name, &authority);
        let proxy = Proxy::start(Some(acceptor)).await;
        let url = proxy.in_front_of(&support::server(), HOST);
        let queries = [
            "sslmode=require".to_owned(),
            "sslmode=prefer&connect_timeout=5".to_owned(),
            format!("sslmode=verify-ca&sslrootcert={known}"),
            format!("sslmode=verify-full&sslrootcert={known}"),
            format!("sslmode=require&sslrootcert={stranger}"),
            "sslmode=verify-full".to_owned(),
        ];
        for (query, expected) in queries.into_iter().zip(expected) {
            assert_eq!(connects(&format!("{url}?{query}")).await, expected, "{name}: {query}");
        }
    }
}

#[tokio::test]
async fn authorities_of_the_installation_are_trusted() {
    let Certificates { authority, acceptor } = certificates(HOST);
    let proxy = Proxy::start(Some(acceptor)).await;
    let url = proxy.in_front_of(&support::server(), HOST) + "?sslmode=verify-full";
    let url: DatabaseUrl = url.parse().unwrap();
    assert!(server_time(&url).await.is_err());
    let der = rcgen_der(&authority);
    assert!(server_time(&url.trusting(&[der])).await.is_ok());
}

fn rcgen_der(pem: &str) -> Vec<u8> {
    use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

#[tokio::test]
async fn a_server_without_tls_is_taken_unless_it_is_required() {
    let url = support::server();
    for (mode, expected) in
        [("disable", true), ("allow", true), ("prefer", true), ("require", false)]
    {
        assert_eq!(connects(&format!("{url}?sslmode={mode}")).await, expected, "{mode}");
    }
    for (query, message) in [
        ("sslmode=sometimes", "sslmode must be"),
        ("sslmode=verify-ca&sslrootcert=/no/such.pem", "sslrootcert /no/such.pem"),
        ("sslmode=disable&pool=5", "has a parameter that is not known: pool"),
    ] {
        let error = format!("{url}?{query}").parse::<DatabaseUrl>().unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let name = support::random_name("latin");
    let create = format!(
        "CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    );
    support::as_admin(&create).await;
    let url = support::server().replace("/postgres", &format!("/{name}")).parse().unwrap();
    for refused in [migrate(&url).await.map(drop), check_encoding(&url).await] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("LATIN1") && error.contains("ENCODING 'UTF8'"), "{error}");
    }
    assert!(check_encoding(&support::postgres_url().await.parse().unwrap()).await.is_ok());
}

#[test]
fn password_that_is_not_percent_encoded_is_refused_and_not_shown() {
    for url in [
        "postgres://ada:hush@hush#w/rd@db.example/shop",
        "postgres://ada:p@ss?hush=w@db.example/shop",
        "postgres://ada:hush:x@db.example:port/shop",
    ] {
        let error = url.parse::<DatabaseUrl>().unwrap_err();
        assert!(error.contains("percent-encoded") && !error.contains("hush"), "{error}");
    }
}

#[test]
fn what_others_could_read_is_known() {
    let file = support::sqlite_url();
    let cases = [
        ("postgres://a@127.0.0.1/b", false),
        ("postgres://a@db.example/b", true),
        ("postgres://a@db.example/b?sslmode=require", true),
        ("postgres://a@db.example/b?sslmode=verify-full", false),
        (file.as_str(), false),
    ];
    for (url, expected) in cases {
        assert_eq!(url.parse::<DatabaseUrl>().unwrap().is_exposed(), expected, "{url}");
    }
}

#[tokio::test]
async fn options_of_the_url_hold_for_migrating_too() {
    let url = support::postgres_url().await;
    let mut conn = AsyncPgConnection::establish(&url).await.unwrap();
    conn.batch_execute("CREATE SCHEMA apart").await.unwrap();
    let joined = if url.contains('?') { '&' } else { '?' };
    let apart = format!("{url}{joined}options=-c%20search_path%3Dapart");
    let apart: DatabaseUrl = apart.parse().unwrap();
    migrate(&apart).await.unwrap();
    let stores = open(&apart).await.unwrap();
    assert_eq!(stores.store.ready().await, Ok(()));
    change(&stores).await.unwrap();
    let elsewhere = open(&url.parse().unwrap()).await.unwrap();
    assert!(elsewhere.store.ready().await.is_err(), "nothing is in the schema `public`");
    conn.batch_execute("CREATE SCHEMA before").await.unwrap();
    let hidden = format!("{url}{joined}options=-c%20search_path%3Dbefore,apart");
    let refused = migrate(&hidden.parse().unwrap()).await.unwrap_err().to_string();
    assert!(refused.contains("search_path"), "{refused}");
}

#[tokio::test]
async fn of_several_servers_the_one_that_takes_writes_is_used() {
    let writes = support::postgres_url().await;
    let reads = Proxy::start(None).await;
    let name = writes.rsplit('/').next().unwrap();
    let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    support::as_admin(&sql).await;
    // Each address leads to the same server; what differs is the database's setting.
    assert!(!connects(&writes).await);
    assert!(!connects(&reads.in_front_of(&writes, "127.0.0.1")).await);
    support::as_admin(&format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    assert!(connects(&writes.replace('@', &format!("@{closed},"))).await);
}

async fn behind(proxy: &Proxy) -> Stores {
    let url = proxy.in_front_of(&support::postgres_url().await, "127.0.0.1");
    let url: DatabaseUrl = url.parse().unwrap();
    migrate(&url).await.unwrap();
    open(&url).await.unwrap()
}

#[tokio::test]
async fn a_server_that_takes_no_writes_is_left_at_once() {
    let proxy = Proxy::start(None).await;
    let stores = behind(&proxy).await;
    stores.jobs.depth().await.unwrap();
    let before = proxy.accepted();
    stores.jobs.depth().await.unwrap();
    assert_eq!(proxy.accepted(), before);

    proxy.demote();
    // The news may arrive during the first read, whose answer then does not count.
    for _ in 0..2 {
        let _ = stores.jobs.depth().await;
    }
    stores.jobs.depth().await.unwrap();
    assert!(proxy.accepted() > before, "reads go on over the old connection");
    // The news may reach the connection of a unit of work just when it is used.
    if change(&stores).await.is_err() {
        change(&stores).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_is_known_to_be_away() {
    let proxy = Proxy::start(None).await;
    let stores = behind(&proxy).await;
    proxy.set_hanging(true);
    assert!(stores.jobs.depth().await.is_err());
    // Each would wait for five seconds, one after the other.
    let refusals = async {
        for _ in 0..100 {
            assert!(stores.jobs.depth().await.is_err());
            assert!(change(&stores).await.is_err());
        }
    };
    tokio::time::timeout(Duration::from_mins(1), refusals).await.unwrap();
    proxy.set_hanging(false);
    come_back(&stores).await;
}

/// `too_many_connections` and `cannot_connect_now`.
#[tokio::test]
async fn a_server_that_is_full_or_starts_is_unavailable_until_it_lets_in() {
    for (code, is_full) in [("53300", true), ("57P03", false)] {
        let proxy = Proxy::start(None).await;
        let stores = behind(&proxy).await;
        proxy.set_refusal(Some(code));
        // The first report opens a connection.
        let refused = stores.jobs.depth().await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{code}: {refused:?}");
        // If the server is only full, the connections that there are go on.
        let changed = change(&stores).await;
        assert_eq!(changed.is_ok(), is_full, "{code}: {changed:?}");
        assert!(is_full || matches!(changed, Err(StoreError::Unavailable(_))), "{changed:?}");
        proxy.set_refusal(None);
        come_back(&stores).await;
    }
}

/// Statements that wait for a lock one after another take longer than anybody waits for the server.
#[tokio::test]
async fn statements_that_wait_for_a_lock_do_not_make_the_server_unreachable() {
    let (stores, mut holder) = database().await;
    holder.batch_execute("BEGIN; LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mail = a_mail(start_of_time()).id;
    for read in join_all((0..4).map(|_| stores.outbox.queued_mail(mail))).await {
        assert!(read.is_err(), "the table is locked");
    }
    change(&stores).await.unwrap();
    holder.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(stores.outbox.queued_mail(mail).await, Ok(None));
}

async fn database() -> (Stores, AsyncPgConnection) {
    let url = support::postgres_url().await;
    let parsed: DatabaseUrl = url.parse().unwrap();
    migrate(&parsed).await.unwrap();
    (open(&parsed).await.unwrap(), AsyncPgConnection::establish(&url).await.unwrap())
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    locks: i64,
}

/// Returns how many connections wait for a lock.
async fn waiting(holder: &mut AsyncPgConnection) -> i64 {
    // The statistics of a transaction are those of its first look.
    holder.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
    let query = "SELECT count(*) AS locks FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let found: Waiting = diesel::sql_query(query).get_result(holder).await.unwrap();
    found.locks
}
