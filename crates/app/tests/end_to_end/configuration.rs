//! Tests of how settings are reported.

use std::fs;

use serde_json::Value;

use crate::support::{Backend, Place, free_port, until};

#[tokio::test]
async fn misspelt_setting_is_reported_with_the_nearest_and_does_not_stop_the_server() {
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_DATABSE_URL", "sqlite:x.db");
    let server = place.serve().await;
    let logged = server.logged();
    let line = logged.lines().find(|line| line.contains("TOLLGATE_DATABSE_URL")).unwrap();
    assert!(line.contains("did you mean TOLLGATE_DATABASE_URL?"), "{line}");
    assert!(!server.place.path("x.db").exists());
}

#[tokio::test]
async fn misspelt_key_of_the_file_stops_the_start() {
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_CONFIG", "tollgate.toml");
    fs::write(place.path("tollgate.toml"), "magic_link_secnds = 60\n").unwrap();
    let output = place.run(&["serve"]);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("magic_link_secnds"), "{text}");
    assert!(text.contains("did you mean magic_link_seconds?"), "{text}");
}

#[tokio::test]
async fn settings_in_effect_are_printed_without_secrets_and_can_be_read_again() {
    let secret = "0123456789abcdef0123456789abcdef";
    let place = Place::new(Backend::Sqlite)
        .await
        .with("TOLLGATE_JWT_SECRET", secret)
        .with("TOLLGATE_MAIL_URL", "smtp://ada:hush@mail.example")
        .with("TOLLGATE_MAIL_WEBHOOK_SECRETS", secret)
        .with("TOLLGATE_MAGIC_LINK_SECONDS", "60");
    let output = place.run(&["config"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("magic_link_seconds = 60  # environment"), "{text}");
    assert!(text.contains("database_url = \"sqlite:var/tollgate.db\"  # default"), "{text}");
    assert!(!text.contains(secret) && !text.contains("hush"), "{text}");
    assert!(!place.path("var").exists(), "it needs no database");

    // The text can be used as a file, and what is hidden in it is not taken for a value.
    fs::write(place.path("printed.toml"), &text).unwrap();
    let place = place.with("TOLLGATE_CONFIG", "printed.toml");
    let again = place.run(&["config"]);
    assert!(again.status.success(), "{again:?}");
    let place = place.with("TOLLGATE_JWT_SECRET", "");
    let refused = String::from_utf8(place.run(&["serve"]).stderr).unwrap();
    assert!(refused.contains("TOLLGATE_JWT_SECRET is (hidden) in the file"), "{refused}");
    assert!(!place.path("var").exists());
    let place = place.with("TOLLGATE_JWT_SECRET", secret);

    let output = place.run(&["config", "--schema"]);
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(' ').next().unwrap();
        assert!(schema["properties"][name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn metrics_are_served_with_everything_else_or_alone() {
    let server = Place::new(Backend::Sqlite).await.serve().await;
    let metrics = server.get("/metrics").send().await;
    assert!(metrics.header("content-type").starts_with("text/plain"), "{metrics:?}");
    for name in [
        "# HELP tollgate_requests_total Answered requests.",
        "tollgate_requests_total{route=\"/readyz\",method=\"GET\",status=\"200\"}",
        "tollgate_request_duration_seconds_bucket{route=\"/readyz\",le=\"0.1\"}",
        "tollgate_jobs_waiting{kind=\"forget_expired\"} 1",
        "tollgate_jobs_dead{kind=\"forget_expired\"} 0",
        "tollgate_jobs_waiting{kind=\"close_checkout\"} 0",
        "tollgate_units_of_work_waiting ",
        "tollgate_database_up 1",
        "tollgate_log_lines_dropped_total 0",
        "tollgate_overload_refusals_total 0",
    ] {
        assert!(metrics.body.contains(name), "{name} in {}", metrics.body);
    }

    let server = Place::new(Backend::Postgres).await.serve().await;
    let metrics = server.get("/metrics").send().await.body;
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {metrics}")).parse::<u32>().unwrap()
    };
    let (open, busy) =
        (value("tollgate_database_connections"), value("tollgate_database_connections_busy"));
    assert!((1..=40).contains(&open) && busy <= open, "{open} {busy}");

    let alone = format!("127.0.0.1:{}", free_port());
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_METRICS_LISTEN", &alone);
    let mut server = place.serve().await;
    assert_eq!(server.get("/metrics").send().await.refusal(), "404 not_found");
    let text = until("the metrics are served", async || {
        reqwest::get(format!("http://{alone}/metrics")).await.ok()?.text().await.ok()
    })
    .await;
    assert!(text.contains("tollgate_jobs_waiting"), "{text}");
    let other = reqwest::get(format!("http://{alone}/healthz")).await.unwrap();
    assert_eq!(other.status(), 404);
    let (status, _) = server.terminate().await;
    assert_eq!(status.code(), Some(0));
}
