//! What a mail service reports.

use serde_json::json;
use tollgate_domain::mail::Returned;
use tollgate_domain_testing::email;

use crate::support::{Call, ROOT, TestApp};

const BOB: &str = "bob@example.com";

fn report<'a>(app: &'a TestApp, authorization: &str) -> Call<'a> {
    app.post(ROOT, "/v2/webhooks/mail").with("authorization", authorization)
}

async fn known_of(app: &TestApp) -> Returned {
    app.domain.mail_reports.of(&email(BOB)).await.unwrap()
}

#[actix_web::test]
async fn reports_mark_an_address() {
    let app = TestApp::new();
    for body in ["bounced bob@example.com", "complained bob@example.com", "confirm https://a"] {
        // Amazon sends JSON as text.
        let reply = report(&app, "good").body("text/plain; charset=UTF-8", body).send().await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({"received": true})));
    }
    let known = known_of(&app).await;
    assert!(known.bounced_at.is_some() && known.complained_at.is_some());
}

#[actix_web::test]
async fn report_that_is_not_believed_changes_nothing() {
    let app = TestApp::new();
    let reply =
        report(&app, "bad").body("application/json", "bounced bob@example.com").send().await;
    assert_eq!(reply.refusal(), "401 mail_service_unauthorized");
    assert_eq!(reply.header("www-authenticate"), "Basic realm=\"mail reports\"");
    let twice = report(&app, "good").with("authorization", "good");
    let reply = twice.body("application/json", "bounced bob@example.com").send().await;
    assert_eq!(reply.refusal(), "401 mail_service_unauthorized");
    let reply = report(&app, "good").body("application/json", "bounced").send().await;
    assert_eq!(reply.refusal(), "400 bad_request");
    let large = report(&app, "good").bytes(vec![b'x'; 512 * 1024 + 1]).send().await;
    assert_eq!(large.refusal(), "413 payload_too_large");
    assert_eq!(known_of(&app).await, Returned::default());
}

#[actix_web::test]
async fn body_of_a_stranger_is_not_waited_for() {
    let app = TestApp::new();
    let reply = report(&app, "bad").with("content-length", "523264").without_end().await;
    assert_eq!(reply.refusal(), "401 mail_service_unauthorized");
}
