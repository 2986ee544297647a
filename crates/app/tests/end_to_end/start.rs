//! Tests of refused starts and of simultaneous starts.

use std::process::Output;

use url::Url;

use crate::support::{Backend, Database, Place, free_port, until};

on_each_database!(
    each_bad_setting_stops_the_start_with_one_line_that_names_it,
    sandbox_is_refused_on_a_public_domain,
);

/// Returns the one line that the program prints when it refuses to start.
fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    assert!(output.status.code().is_some(), "ended by a signal");
    assert!(output.stdout.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.ends_with('\n'));
    text
}

async fn each_bad_setting_stops_the_start_with_one_line_that_names_it(backend: Backend) {
    for (name, value) in [
        ("LISTEN", "8080"),
        ("LISTEN", "nowhere:http"),
        ("PUBLIC_DOMAIN", "http://tollgate.localhost"),
        ("PUBLIC_DOMAIN", "tollgate .localhost"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("MAIL_URL", "pigeon:coop"),
        ("MAIL_FROM", "nobody"),
        ("PLATFORM_FEE_BPS", "10001"),
        ("MAGIC_LINK_SECONDS", "901"),
        ("MAGIC_LINK_SECONDS", "0"),
        ("MAGIC_LINK_SECONDS", "soon"),
        ("CLIENT_REQUESTS_PER_MINUTE", "0"),
        ("JWT_SECRET", "short"),
        ("TRUSTED_PROXIES", "everyone"),
        ("STRIPE_API_URL", "http://127.0.0.1:1"),
        ("STRIPE_SECRET_KEY", "sk_test_1"),
        ("STRIPE_SECRET_KEY", "sk_live"),
        ("STRIPE_SECRET_KEY", "sk_test_..."),
        ("LOG", "=loud="),
        ("CONFIG", "none.toml"),
    ] {
        let name = format!("TOLLGATE_{name}");
        let place = Place::new(backend).await.with(&name, value);
        for arguments in [&[][..], &["migrate"]] {
            let line = refusal(&place.run(arguments));
            assert!(line.contains(&name), "{name}={value}: {line}");
        }
        assert!(!place.path("var").exists(), "{name}={value} left something behind");
    }
}

#[tokio::test]
async fn what_cannot_be_opened_stops_the_start_and_is_named() {
    for (name, value) in [
        ("DATABASE_URL", "sqlite:folder"),
        ("DATABASE_URL", "sqlite:file/tollgate.db"),
        ("DATABASE_URL", "postgres://tollgate@127.0.0.1:1/none"),
        ("MAIL_URL", "dir:file/mail"),
        ("FILES_URL", "dir:file/files"),
    ] {
        let name = format!("TOLLGATE_{name}");
        let place = Place::new(Backend::Sqlite).await.with(&name, value);
        std::fs::write(place.path("file"), "").unwrap();
        std::fs::create_dir(place.path("folder")).unwrap();
        // A server waits for PostgreSQL to start.
        let command = if value.starts_with("postgres") { "migrate" } else { "serve" };
        let line = refusal(&place.run(&[command]));
        assert!(line.starts_with(&format!("tollgate: {name}: ")), "{name}={value}: {line}");
        let named = value.split_once(':').unwrap().1.trim_end_matches("/tollgate.db");
        let is_named = value.starts_with("postgres") || line.contains(named);
        assert!(is_named, "{name}={value}: {line}");
        assert!(!place.path("var/tollgate.db").exists(), "{name}={value} left something behind");
    }
}

/// As it is from PostgreSQL 15 on for a user who does not own the database.
#[tokio::test]
async fn user_who_may_not_make_tables_is_told_how_it_is_mended() {
    let place = Place::new(Backend::Postgres).await;
    let Database::Postgres(name) = &place.database else { panic!("another database") };
    let mut url: Url = std::env::var("TOLLGATE_TEST_POSTGRES_URL").unwrap().parse().unwrap();
    url.set_path(name);
    url.set_username(name).unwrap();
    let made = format!("CREATE ROLE {name} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    place.database.execute(&made).await;
    let lost = format!("ALTER ROLE {name} SET search_path = nowhere");
    let place = place.with("TOLLGATE_DATABASE_URL", url.as_str());
    let doctor = || String::from_utf8(place.run(&["doctor"]).stdout).unwrap();
    let owner = "CREATE DATABASE tollgate OWNER tollgate";
    let line = refusal(&place.run(&["migrate"]));
    assert!(line.starts_with("tollgate: TOLLGATE_DATABASE_URL: "), "{line}");
    assert!(line.contains(owner), "{line}");
    assert!(doctor().contains(owner), "{}", doctor());
    place.database.execute(&lost).await;
    let line = refusal(&place.run(&["migrate"]));
    assert!(line.contains("search_path"), "{line}");
    assert!(doctor().contains("search_path"), "{}", doctor());
}

#[tokio::test]
async fn address_that_cannot_be_listened_on_is_asked_about_only_if_it_is_in_use() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = held.local_addr().unwrap().to_string();
    // An address for documentation, which no machine has.
    for (address, asks) in [(in_use.as_str(), true), ("192.0.2.1:8080", false)] {
        let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_LISTEN", address);
        let line = refusal(&place.run(&["serve"]));
        let start = format!("tollgate: TOLLGATE_LISTEN: cannot listen on {address}");
        assert!(line.starts_with(&start), "{line}");
        assert_eq!(line.contains("is it in use?"), asks, "{line}");
    }
}

#[tokio::test]
async fn metrics_that_cannot_be_listened_for_stop_the_start_before_anything_is_stored() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let in_use = held.local_addr().unwrap().to_string();
    let own = format!("127.0.0.1:{}", free_port());
    for (address, asks) in [(&*in_use, true), (&*own, true), ("192.0.2.1:9999", false)] {
        let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_LISTEN", &own);
        let place = place.with("TOLLGATE_METRICS_LISTEN", address);
        let line = refusal(&place.run(&["serve"]));
        let start = format!("tollgate: TOLLGATE_METRICS_LISTEN: cannot listen on {address}");
        assert!(line.starts_with(&start), "{line}");
        assert_eq!(line.contains("is it in use?"), asks, "{line}");
        assert!(!place.path("var").exists(), "{address} left something behind");
    }
}

#[tokio::test]
async fn stripe_address_that_cannot_be_used_stops_the_start_before_anything_is_stored() {
    for url in ["ftp://127.0.0.1", "https://user@127.0.0.1", "http://127.0.0.1/?a=b"] {
        let place = Place::new(Backend::Sqlite)
            .await
            .with("TOLLGATE_STRIPE_API_URL", url)
            .with("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1")
            .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1")
            .with("TOLLGATE_JWT_SECRET", &"a".repeat(32));
        for command in ["serve", "migrate"] {
            let line = refusal(&place.run(&[command]));
            assert!(line.starts_with("tollgate: TOLLGATE_STRIPE_API_URL must"), "{url}: {line}");
        }
        assert!(!place.path("var").exists(), "{url} left something behind");
    }
}

async fn sandbox_is_refused_on_a_public_domain(backend: Backend) {
    for domain in ["tollgate.example", "localhost.example:8080", "tollgate.localhost.example"] {
        let place = Place::new(backend).await.with("TOLLGATE_PUBLIC_DOMAIN", domain);
        let line = refusal(&place.run(&["serve"]));
        assert!(line.contains("TOLLGATE_STRIPE_SECRET_KEY"), "{line}");
        assert!(line.contains(domain), "{line}");
        assert!(!place.path("var").exists());
    }
}

#[tokio::test]
async fn replicas_start_at_once_on_an_empty_database_and_agree() {
    let place = Place::new(Backend::Postgres).await;
    let [first, second, third] = place.serve_thrice().await;
    assert_eq!(first.place.database.census().await["creators"], 1);
    assert_eq!(first.place.database.census().await["pages"], 3);
    let bob = second.sign_in("bob@example.com").await;
    assert_eq!(third.access(&bob.cookie, "letters").await, "entitled");
    // A change made through one process is visible to the next check of another.
    let ada = third.ada().await;
    let (eve, _) = third.bought(&third.place.sandbox(), "eve@example.com").await;
    assert_eq!(first.access(&eve.cookie, "guide").await, "entitled");
    assert_eq!(second.refund(&ada, &eve).await.status, 200);
    assert_eq!(first.access(&eve.cookie, "guide").await, "purchase_required");
    let out = second.post("/v2/visitor/auth/logout").cookie(&bob.cookie).send().await;
    assert_eq!(out.status, 204);
    assert_eq!(third.access(&bob.cookie, "letters").await, "visitor_auth_required");
    let out = first.post("/v2/creator/auth/logout").bearer(&ada.token).send().await;
    assert_eq!(out.status, 204);
    let me = second.get("/v2/creator/me").bearer(&ada.token).send().await;
    assert_eq!(me.refusal(), "401 creator_unauthorized");
}

#[tokio::test]
async fn supervisor_is_told_when_the_server_is_ready_and_when_it_stops() {
    let place = Place::new(Backend::Sqlite).await;
    let path = place.path("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let place = place.with("NOTIFY_SOCKET", path.to_str().unwrap());
    let mut server = place.serve().await;
    let told = async || {
        let mut message = [0; 64];
        let read = socket.recv(&mut message).ok()?;
        Some(String::from_utf8_lossy(&message[..read]).trim().to_owned())
    };
    assert_eq!(until("a message", told).await, "READY=1");
    assert_eq!(server.terminate().await.0.code(), Some(0));
    assert_eq!(until("a message", told).await, "STOPPING=1");
}
