//! What reaches the log. A program of its own: which lines are wanted is settled once a process, and
//! tests beside this one want none.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../router/support.rs"]
#[expect(dead_code, reason = "the router's tests use the rest")]
mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use support::{ADA, ROOT, TestApp};

#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Paper {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[actix_web::test]
async fn log_has_routes_and_no_secrets() {
    let paper = Paper::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(paper.clone());
    let listening = tracing::subscriber::set_default(subscriber.finish());

    let app = TestApp::new();
    app.shop().await;
    app.post(ADA, "/-/sign-in").form("email=bob%40example.com&returnTo=%2Fguide").send().await;
    app.domain.deliver_mails().await;
    let (token, code) = app.domain.link_mailed_to("bob@example.com");
    let path = format!("/-/verify?token={}", token.reveal());
    app.get(ADA, &path).send().await;
    let in_ = app.post(ADA, "/-/verify").form(&format!("token={}", token.reveal())).send().await;
    let cookie = in_.cookie();
    app.get(ROOT, "/v2/visitor/me").with("cookie", &cookie).send().await;
    app.post(ROOT, "/v2/visitor/auth/verify").json(&json!({"token": token.reveal()})).send().await;
    let access = app.token("ada").await;
    app.get(ROOT, "/v2/creator/me").bearer(&access).send().await;
    app.get(ROOT, "/v2/nothing/secret-path").send().await;
    app.domain.store.set_down(true);
    app.get(ROOT, "/v2/visitor/me").with("cookie", &cookie).send().await;
    drop(listening);

    let log = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = log.lines().filter(|line| line.contains("tollgate_http")).collect();
    for expected in [
        "route=\"/-/verify\"",
        "route=\"/v2/visitor/me\"",
        "status=200",
        "route=\"/v2/*/*\"",
        "status=503",
    ] {
        assert!(ours.iter().any(|line| line.contains(expected)), "{expected} in {ours:#?}");
    }
    let cookie = cookie.split('=').nth(1).unwrap();
    let token = token.reveal();
    for secret in [
        &*token,
        code.reveal(),
        cookie,
        &access,
        "bob@example.com",
        "bob%40",
        "correct horse",
        "secret-path",
    ] {
        assert!(!ours.iter().any(|line| line.contains(secret)), "{secret} in {ours:#?}");
    }
}
