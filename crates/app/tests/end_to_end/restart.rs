//! Tests of restarts and of how the process ends.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::support::{Backend, Browser, Server, until_so};

on_each_database!(
    key_of_a_request_that_was_killed_is_soon_free,
    killed_server_has_lost_nothing,
    mail_that_was_queued_is_sent_after_a_restart_and_never_twice,
    server_ends_when_it_is_asked_to,
    server_ends_the_same_way_with_its_terminal,
);

async fn killed_server_has_lost_nothing(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let opened = server.checkout(&eve).await;
    let ada = server.ada().await;
    let before = server.place.database.census().await;
    for _ in 0..2 {
        server.restart().await;
    }
    let sandbox = server.place.sandbox();
    assert!(opened.url.starts_with(&sandbox.url), "the pay page moved to {}", sandbox.url);
    let after = server.place.database.census().await;
    for table in
        ["visitors", "visitor_sessions", "pages", "purchases", "checkout_orders", "creators"]
    {
        assert_eq!(after[table], before[table], "{table}");
    }
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let me = server.get("/v2/creator/me").bearer(&ada.token).send().await;
    assert_eq!(me.status, 200);
    // A pay page from before the restart can still be paid, and the payment gives access.
    assert_eq!(server.checkout(&eve).await.url, opened.url);
    let mut browser = Browser::new();
    browser.open(&opened.url).await;
    browser.submit(&[]).await;
    assert_eq!(server.access(&eve.cookie, "guide").await, "entitled");
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    assert_eq!(sandbox.count("paymentIntents").await, 2);
}

async fn key_of_a_request_that_was_killed_is_soon_free(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let bob = server.sign_in("bob@example.com").await;
    let checkout = |server: &Server| {
        let call = server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
        call.with("Idempotency-Key", "once")
    };
    sandbox.control("faults", &json!({"api": {"mode": "timeout", "method": "POST"}})).await;
    let cut_off = tokio::spawn(checkout(&server).try_send());
    until_so("the session is asked for", async || {
        !sandbox.requests("POST", "/v1/checkout/sessions").await.is_empty()
    })
    .await;
    server.restart().await;
    assert!(cut_off.await.unwrap().is_err());
    server.place.sandbox().control("faults", &json!({"api": {"mode": "none"}})).await;
    let asked = Instant::now();
    let opened = checkout(&server).send().await.ok();
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert_eq!(checkout(&server).send().await.ok(), opened);
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 1);
}

async fn mail_that_was_queued_is_sent_after_a_restart_and_never_twice(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    let folder = server.place.path("var/mail");
    server.sign_in("bob@example.com").await;
    until_so("the mail is noted as sent", async || sent(&server).await == 1).await;
    // A file in place of the directory makes writing fail.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "in the way").unwrap();
    server.ask_link("eve@example.com").await;
    let tried = "SELECT count(*) FROM outbox WHERE last_error IS NOT NULL AND status = 'QUEUED'";
    until_so("sending has failed", async || server.place.database.number(tried).await == 1).await;
    fs::remove_file(&folder).unwrap();
    server.restart().await;
    server.place.link_letter("eve@example.com", 1).await;
    until_so("both are noted as sent", async || sent(&server).await == 2).await;
    server.restart().await;
    // Jobs run in the order in which they were enqueued.
    server.ask_link("carol@example.com").await;
    server.place.link_letter("carol@example.com", 1).await;
    let to: Vec<_> = server.place.letters().into_iter().map(|letter| letter.to).collect();
    assert_eq!(to, ["eve@example.com", "carol@example.com"]);
}

async fn sent(server: &Server) -> i64 {
    server.place.database.number("SELECT count(*) FROM outbox WHERE status = 'SENT'").await
}

async fn server_ends_when_it_is_asked_to(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    server.ask_link("bob@example.com").await;
    // A client that keeps an idle connection open delays the shutdown only briefly.
    let idle = tokio::net::TcpStream::connect(("127.0.0.1", server.place.port)).await.unwrap();
    let (status, took) = server.terminate().await;
    assert_eq!(status.code(), Some(0), "{}", server.printed());
    assert!(took < Duration::from_secs(12), "{took:?}");
    drop(idle);
    assert!(!server.logged().contains("\"level\":\"ERROR\""), "{}", server.logged());
    server.launch().await;
    server.place.link_letter("bob@example.com", 1).await;
    let (status, _) = server.terminate().await;
    assert_eq!(status.code(), Some(0));
}

async fn server_ends_the_same_way_with_its_terminal(backend: Backend) {
    // When the tests run under `nohup`, the server ignores the signal.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    if u64::from_str_radix(ignored.trim(), 16).unwrap() & 1 == 1 {
        return;
    }
    let mut server = Server::fresh(backend).await;
    let status = server.hang_up().await;
    assert_eq!(status.code(), Some(0), "{}", server.printed());
    assert!(server.logged().contains("stopped"), "{}", server.logged());
}
