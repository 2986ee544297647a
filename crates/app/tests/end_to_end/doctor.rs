//! Tests of `tollgate doctor`.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::spawn_blocking,
};

use crate::support::{Backend, Place, Server};

on_each_database!(healthy_installation_has_no_problem, schema_of_another_version_is_a_problem);

/// Runs the command, and returns whether it found no problem, and its findings.
fn look(place: &Place, arguments: &[&str]) -> (bool, Vec<Value>) {
    let output = place.run(&[&["doctor", "--json"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(report["ok"], output.status.success(), "{report}");
    (output.status.success(), report["findings"].as_array().unwrap().clone())
}

/// Returns the finding of a check with this status.
#[track_caller]
fn found<'a>(findings: &'a [Value], check: &str, status: &str) -> &'a Value {
    let is_it = |found: &&Value| found["check"] == check && found["status"] == status;
    let found = findings.iter().find(is_it);
    let found = found.unwrap_or_else(|| panic!("no {status} of {check} in {findings:#?}"));
    assert_eq!(found["mend"].is_string(), status != "ok", "{found}");
    found
}

async fn healthy_installation_has_no_problem(backend: Backend) {
    let server = Server::fresh(backend).await;
    let url = format!("http://{}", server.place.domain());
    let place = server.place.clone();
    let (is_well, findings) = spawn_blocking(move || look(&place, &["--url", &url])).await.unwrap();
    assert!(is_well, "{findings:#?}");
    for check in [
        "domain",
        "database",
        "outbox",
        "mail",
        "disk",
        "files",
        "permissions",
        "payments",
        "dns",
        "site",
        "host",
    ] {
        found(&findings, check, "ok");
    }
    found(&findings, if backend == Backend::Postgres { "clock" } else { "damage" }, "ok");
    let text = server.place.run(&["doctor"]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("ok       database"));
}

#[tokio::test]
async fn another_installation_is_not_taken_for_this_one() {
    let other = Server::fresh(Backend::Sqlite).await;
    let url = format!("http://{}", other.place.domain());
    let place = Place::new(Backend::Sqlite).await;
    let own = format!("http://{}", place.domain());
    let (is_well, findings) = spawn_blocking(move || look(&place, &["--url", &url])).await.unwrap();
    assert!(!is_well, "{findings:#?}");
    found(&findings, "site", "ok");
    let host = found(&findings, "host", "problem");
    assert!(host["mend"].as_str().unwrap().contains(&own), "{host}");
}

#[tokio::test]
async fn proxy_that_names_no_client_is_a_warning() {
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_TRUSTED_PROXIES", "127.0.0.1,::1");
    let server = place.serve().await;
    let url = format!("http://{}", server.place.domain());
    let place = server.place.clone();
    let (is_well, findings) = spawn_blocking(move || look(&place, &["--url", &url])).await.unwrap();
    assert!(is_well, "{findings:#?}");
    let proxy = found(&findings, "proxy", "warning");
    assert!(proxy["mend"].as_str().unwrap().contains("X-Forwarded-For"), "{proxy}");
}

async fn schema_of_another_version_is_a_problem(backend: Backend) {
    let server = Server::fresh(backend).await;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
    server.place.database.execute(newer).await;
    let (is_well, findings) = look(&server.place, &[]);
    assert!(!is_well);
    let schema = found(&findings, "database", "problem");
    let mend = schema["mend"].as_str().unwrap();
    assert!(mend.contains("tollgate migrate") && mend.contains("newer version"), "{schema}");
    let refused = server.place.run(&["creator", "list"]);
    let line = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && line.contains("newer version"), "{line}");
}

#[tokio::test]
async fn damaged_file_is_restored_from_a_backup_say_doctor_and_the_server() {
    let place = Place::new(Backend::Sqlite).await;
    assert!(place.run(&["migrate"]).status.success());
    let path = place.path("var/tollgate.db");
    let whole = fs::read(&path).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap().to_vec();
    let mut overwritten = whole;
    for byte in overwritten.iter_mut().take(100) {
        *byte = b'x';
    }
    for (what, bytes) in
        [("cut off", half), ("overwritten", overwritten), ("a few bytes", b"SQLite".to_vec())]
    {
        fs::write(&path, bytes).unwrap();
        let (is_well, findings) = look(&place, &[]);
        assert!(!is_well, "{what}");
        let database = found(&findings, "database", "problem");
        let mend = database["mend"].as_str().unwrap();
        assert!(mend.contains("restore the newest backup"), "{what}: {database}");
        let output = place.run(&["serve"]);
        let line = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && line.lines().count() == 1, "{what}: {line}");
        assert!(line.starts_with("tollgate: TOLLGATE_DATABASE_URL: "), "{what}: {line}");
        assert!(line.contains("restore the newest backup"), "{what}: {line}");
    }
}

#[tokio::test]
async fn empty_database_is_well() {
    let place = Place::new(Backend::Postgres).await;
    let (_, findings) = look(&place, &[]);
    let database = found(&findings, "database", "ok");
    assert!(database["message"].as_str().unwrap().contains("when the server starts"), "{database}");
}

#[tokio::test]
async fn what_does_not_answer_is_named_with_its_setting() {
    let place = Place::new(Backend::Sqlite)
        .await
        .with("TOLLGATE_DATABASE_URL", "postgres://tollgate@127.0.0.1:1/none")
        .with("TOLLGATE_MAIL_URL", "smtp://127.0.0.1:1")
        .with("TOLLGATE_STRIPE_API_URL", "http://127.0.0.1:1")
        .with("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1")
        .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1")
        .with("TOLLGATE_FILES_URL", "s3://shop")
        .with("AWS_ENDPOINT", "http://127.0.0.1:1")
        .with("AWS_ACCESS_KEY_ID", "key")
        .with("AWS_SECRET_ACCESS_KEY", "secret")
        .with("TOLLGATE_JWT_SECRET", &"a".repeat(32));
    let (is_well, findings) = look(&place, &["--url", "http://127.0.0.1:1"]);
    assert!(!is_well);
    for (check, setting) in [
        ("database", "TOLLGATE_DATABASE_URL"),
        ("mail", "TOLLGATE_MAIL_URL"),
        ("bucket", "TOLLGATE_FILES_URL"),
        ("payments", "TOLLGATE_STRIPE_API_URL"),
        ("secrets", "openssl rand"),
        ("site", "proxy"),
    ] {
        let mend = found(&findings, check, "problem")["mend"].as_str().unwrap();
        assert!(mend.contains(setting), "{check}: {mend}");
    }
}

#[tokio::test]
async fn setting_that_is_wrong_is_a_finding_for_scripts_and_one_line_for_people() {
    for (name, value) in [("TOLLGATE_JWT_SECRET", "short"), ("TOLLGATE_LOG", "garbage")] {
        let place = Place::new(Backend::Sqlite).await.with(name, value);
        let (is_well, findings) = look(&place, &[]);
        assert!(!is_well && findings.len() == 1, "{findings:#?}");
        let wrong = found(&findings, "settings", "problem");
        assert!(wrong["message"].as_str().unwrap().starts_with(name), "{wrong}");
        let output = place.run(&["doctor"]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.starts_with(&format!("tollgate: {name} ")), "{told}");
        assert!(told.lines().count() == 1 && output.stdout.is_empty(), "{told}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[tokio::test]
async fn files_that_others_can_read_are_named() {
    let server = Server::fresh(Backend::Sqlite).await;
    let path = server.place.path("var/tollgate.db");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let (is_well, findings) = look(&server.place, &[]);
    assert!(is_well, "it works all the same: {findings:#?}");
    let open = found(&findings, "permissions", "warning");
    assert!(open["mend"].as_str().unwrap().contains("chmod -R go= var/tollgate.db"), "{open}");
}

#[tokio::test]
async fn secrets_that_others_can_read_are_named() {
    let place = Place::new(Backend::Sqlite).await;
    let (settings, key) = (place.path("tollgate.toml"), place.path("jwt-key"));
    for (path, text) in [(&settings, ""), (&key, "0123456789abcdef0123456789abcdef")] {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, PermissionsExt::from_mode(0o644)).unwrap();
    }
    let place = place
        .with("TOLLGATE_CONFIG", settings.to_str().unwrap())
        .with("TOLLGATE_JWT_SECRET_FILES", key.to_str().unwrap());
    for (text, names_settings) in [
        ("log = \"info\"", false),
        ("mail_webhook_secrets = \"0123456789abcdef0123456789abcdef\"", true),
    ] {
        fs::write(&settings, text).unwrap();
        let (_, findings) = look(&place, &[]);
        let open = found(&findings, "permissions", "warning")["mend"].as_str().unwrap();
        assert!(open.contains("chmod o= ") && open.contains("jwt-key"), "{open}");
        assert_eq!(open.contains("tollgate.toml"), names_settings, "{open}");
    }
}

#[tokio::test]
async fn template_of_a_mail_service_that_others_can_read_is_named() {
    let place = Place::new(Backend::Sqlite).await;
    let template = place.path("mail.json");
    let body = r#"{"url": "http://127.0.0.1:1/send", "body": {"to": "{to}", "text": "{text}"}}"#;
    fs::write(&template, body).unwrap();
    fs::set_permissions(&template, PermissionsExt::from_mode(0o644)).unwrap();
    let place = place.with("TOLLGATE_MAIL_URL", &format!("json:{}", template.display()));
    let (_, findings) = look(&place, &[]);
    let open = found(&findings, "permissions", "warning")["mend"].as_str().unwrap();
    assert!(open.contains("chmod o= ") && open.contains("mail.json"), "{open}");
}

/// Answers each request of a path with a body, as Stripe or S3 would at this time.
async fn remote(answers: &'static [(&'static str, u16, String)], date: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let answer = answers.iter().find(|(path, ..)| request.contains(path));
            let (_, status, body) = answer.unwrap();
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} X\r\nDate: {date}\r\nETag: \"1\"\r\nConnection: close\r\n\
                 Content-Length: {length}\r\n\r\n"
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn what_is_wrong_at_stripe_is_named() {
    let answers = vec![
        ("/v1/account ", 200, "{\"charges_enabled\": false}".to_owned()),
        ("/v1/webhook_endpoints", 200, "{\"data\": []}".to_owned()),
    ];
    let url = remote(Vec::leak(answers), "Thu, 01 Jan 2026 00:00:00 GMT").await;
    let place = Place::new(Backend::Sqlite)
        .await
        .with("TOLLGATE_STRIPE_API_URL", &url)
        .with("TOLLGATE_STRIPE_SECRET_KEY", "sk_test_1")
        .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1")
        .with("TOLLGATE_JWT_SECRET", "0123456789abcdef0123456789abcdef");
    let findings = spawn_blocking(move || look(&place, &[])).await.unwrap().1;
    found(&findings, "key", "ok");
    found(&findings, "account", "problem");
    found(&findings, "clock", "problem");
    let webhooks = found(&findings, "webhooks", "problem");
    let mend = webhooks["mend"].as_str().unwrap();
    assert!(mend.contains("TOLLGATE_STRIPE_WEBHOOK_SECRETS"), "{mend}");
}

#[tokio::test]
async fn key_that_may_not_list_endpoints_is_a_warning() {
    let answers = vec![
        ("/v1/account ", 200, "{\"charges_enabled\": true}".to_owned()),
        ("/v1/webhook_endpoints", 403, "{}".to_owned()),
    ];
    let url = remote(Vec::leak(answers), "Thu, 01 Jan 2026 00:00:00 GMT").await;
    let place = Place::new(Backend::Sqlite)
        .await
        .with("TOLLGATE_STRIPE_API_URL", &url)
        .with("TOLLGATE_STRIPE_SECRET_KEY", "rk_test_1")
        .with("TOLLGATE_STRIPE_WEBHOOK_SECRETS", "whsec_1")
        .with("TOLLGATE_JWT_SECRET", "0123456789abcdef0123456789abcdef");
    let findings = spawn_blocking(move || look(&place, &[])).await.unwrap().1;
    found(&findings, "webhooks", "warning");
}

#[tokio::test]
async fn site_that_leads_to_https_is_to_be_named_so() {
    let moved = remote(Vec::leak(vec![("/readyz", 308, String::new())]), "now").await;
    let place = Place::new(Backend::Sqlite).await;
    let findings = spawn_blocking(move || look(&place, &["--url", &moved])).await.unwrap().1;
    let site = found(&findings, "site", "problem");
    assert_eq!(site["mend"], "give --url its https address");
}

#[tokio::test]
async fn bucket_is_tried_out() {
    let empty = "<ListBucketResult><Name>shop</Name><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys>\
                 <IsTruncated>false</IsTruncated></ListBucketResult>";
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let deleted = "<DeleteResult><Deleted><Key>files/fil_x</Key></Deleted></DeleteResult>";
    for (list, put, delete, expected) in [
        (200, 200, 200, "ok"),
        (403, 200, 200, "problem"),
        (200, 403, 200, "problem"),
        (200, 200, 403, "problem"),
    ] {
        let or_denied = |status, body: &str| if status == 200 { body } else { denied }.to_owned();
        let answers = vec![
            ("list-type=2", list, or_denied(list, empty)),
            ("PUT /shop/files/fil_", put, or_denied(put, "")),
            ("GET /shop/files/fil_", 200, "tollgate doctor".to_owned()),
            ("POST /shop?delete", delete, or_denied(delete, deleted)),
        ];
        let endpoint = remote(Vec::leak(answers), "Thu, 01 Jan 2026 00:00:00 GMT").await;
        let place = Place::new(Backend::Sqlite)
            .await
            .with("TOLLGATE_FILES_URL", "s3://shop/files")
            .with("AWS_ENDPOINT", &endpoint)
            .with("AWS_ACCESS_KEY_ID", "key")
            .with("AWS_SECRET_ACCESS_KEY", "secret");
        let findings = spawn_blocking(move || look(&place, &[])).await.unwrap().1;
        let bucket = found(&findings, "bucket", expected);
        let message = bucket["message"].as_str().unwrap();
        assert!(message.contains("shop"), "{bucket}");
        assert_eq!(message.contains("AccessDenied"), expected != "ok", "{bucket}");
        assert!(!bucket.to_string().contains("secret"), "{bucket}");
        assert!(!bucket.to_string().contains('<'), "{bucket}");
    }
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_counted() {
    let place = Place::new(Backend::Sqlite).await;
    let path = place.path("ca.pem");
    let wrong = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    fs::write(&path, wrong).unwrap();
    let place = place.with("TOLLGATE_CA_FILE", path.to_str().unwrap());
    let (is_well, findings) = look(&place, &[]);
    assert!(!is_well);
    let authorities = found(&findings, "authorities", "problem");
    assert!(authorities["message"].as_str().unwrap().starts_with("1 of "), "{authorities}");
}
