//! Tests of the operator's commands for creators' accounts.

use serde_json::{Value, json};

use crate::support::{Backend, Server, until_so};

on_each_database!(
    operator_suspends_a_creator_and_lifts_it,
    operator_gives_a_link_for_a_new_password,
    operator_has_mails_sent_again,
);

/// Runs a command, and returns what it printed.
fn run(server: &Server, arguments: &[&str]) -> String {
    let output = server.place.run(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn operator_suspends_a_creator_and_lifts_it(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let ada = server.ada().await;
    let login = || {
        let body = json!({"email": "ada@example.com", "password": "tollgate-demo"});
        server.post("/v2/creator/auth/login").json(&body)
    };
    let me = || server.get("/v2/creator/me").bearer(&ada.token);
    let checkout = || server.post("/v2/public/pages/ada/guide/checkout").cookie(&eve.cookie);
    assert_eq!(me().send().await.status, 200);

    run(&server, &["creator", "suspend", "ada@example.com"]);
    assert_eq!(me().send().await.refusal(), "401 creator_unauthorized");
    let refused = login().send().await;
    assert_eq!(refused.refusal(), "401 creator_unauthorized");
    assert!(refused.json()["detail"].as_str().unwrap().contains("suspended"), "{refused:?}");
    assert_eq!(checkout().send().await.refusal(), "409 connect_not_configured");
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let list: Value = serde_json::from_str(&run(&server, &["creator", "list", "--json"])).unwrap();
    assert!(list["creators"][0]["suspendedAt"].is_string(), "{list}");
    let output = server.place.run(&["creator", "reset-password", "ada@example.com"]);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("suspended") && line.contains("--lift ada@example.com"), "{line}");

    run(&server, &["creator", "suspend", "--lift", "ada@example.com"]);
    assert_eq!(login().send().await.status, 200);
    assert_eq!(me().send().await.refusal(), "401 creator_unauthorized");
    until_so("the page is on sale", async || checkout().send().await.status == 200).await;
    assert!(run(&server, &["creator", "list"]).contains("ada@example.com  active"));
}

async fn operator_gives_a_link_for_a_new_password(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let told = run(&server, &["creator", "reset-password", "ada@example.com"]);
    let link = told.lines().find(|line| line.starts_with("http")).unwrap();
    assert!(link.starts_with(&server.place.console("/")), "{link}");
    let token = link.split_once("token=").unwrap().1;
    let body = json!({"token": token, "password": "battery staple"});
    let confirm = || server.post("/v2/creator/auth/password-reset/confirm").json(&body);
    assert_eq!(confirm().send().await.status, 200);
    assert_ne!(confirm().send().await.status, 200, "the link works once");
    let old = server.get("/v2/creator/me").bearer(&ada.token).send().await;
    assert_eq!(old.refusal(), "401 creator_unauthorized");

    let body = json!({"email": "ada@example.com", "password": "battery staple"});
    let login = || server.post("/v2/creator/auth/login").json(&body);
    let token = login().send().await.ok()["accessToken"].as_str().unwrap().to_owned();
    run(&server, &["creator", "end-sessions", "ada@example.com"]);
    let ended = server.get("/v2/creator/me").bearer(&token).send().await;
    assert_eq!(ended.refusal(), "401 creator_unauthorized");

    let output = server.place.run(&["creator", "suspend", "nobody@example.com"]);
    assert!(!output.status.success());
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("nobody@example.com") && line.contains("creator list"), "{line}");
}

async fn operator_has_mails_sent_again(backend: Backend) {
    let server = Server::fresh(backend).await;
    let database = &server.place.database;
    server.bought(&server.place.sandbox(), "bob@example.com").await;
    let sent = "SELECT count(*) FROM outbox WHERE kind = 'receipt' AND status = 'SENT'";
    until_so("the receipt is sent", async || database.number(sent).await == 1).await;
    assert!(run(&server, &["mail", "list"]).contains("0 mails"));
    let nothing = server.place.run(&["mail", "retry", "mal_01arz3ndektsv4rrffq69g5fav"]);
    assert!(!nothing.status.success());
    let line = String::from_utf8(nothing.stderr).unwrap();
    assert!(line.contains("tollgate mail list"), "{line}");

    let died = "UPDATE outbox SET status = 'DEAD', attempts = 14, sent_at = NULL, \
                last_error = 'the server is busy' WHERE kind = 'receipt'";
    database.execute(died).await;
    let list: Value = serde_json::from_str(&run(&server, &["mail", "list", "--json"])).unwrap();
    assert_eq!(list["mails"][0]["to"], "bob@example.com");
    assert_eq!(list["mails"][0]["error"], "the server is busy");
    let told = run(&server, &["mail", "retry", "--all"]);
    assert!(told.contains("Queued again: 1 mail\n"), "{told}");
    until_so("the receipt is sent again", async || database.number(sent).await == 1).await;
    assert!(run(&server, &["mail", "retry", "--all"]).contains("Queued again: 0 mails"));

    let refused = "UPDATE outbox SET status = 'DEAD', attempts = 1, sent_at = NULL, \
                   last_error = 'message: answer 554' WHERE kind = 'receipt'";
    database.execute(refused).await;
    assert!(run(&server, &["mail", "retry", "--all"]).contains("Queued again: 0 mails"));
    let told = run(&server, &["mail", "retry", "--all", "--refused"]);
    assert!(told.contains("Queued again: 1 mail\n"), "{told}");
    until_so("the receipt is sent once more", async || database.number(sent).await == 1).await;
}
