//! Events from the payment provider.

use serde_json::json;

use crate::support::{ROOT, TestApp};

#[actix_web::test]
async fn signed_event_is_stored_once() {
    let app = TestApp::new();
    for _ in 0..2 {
        let call = app.post(ROOT, "/v2/webhooks/stripe").with("stripe-signature", "good");
        let reply = call.body("application/json; charset=utf-8", "evt_1").send().await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({"received": true})));
    }
    assert_eq!(app.domain.store.events().len(), 1);
}

#[actix_web::test]
async fn event_that_is_not_believed_leaves_no_trace() {
    let app = TestApp::new();
    let send = |signature: &'static str| {
        let call = app.post(ROOT, "/v2/webhooks/stripe").with("stripe-signature", signature);
        call.body("application/json", "evt_1")
    };
    assert_eq!(send("bad").send().await.refusal(), "400 invalid_signature");
    assert_eq!(
        send("good").with("stripe-signature", "good").send().await.refusal(),
        "400 invalid_signature"
    );
    assert_eq!(send("no event").send().await.refusal(), "400 bad_request");
    assert_eq!(send("other mode").send().await.json(), json!({"received": true}));
    let large = app.post(ROOT, "/v2/webhooks/stripe").with("stripe-signature", "good");
    assert_eq!(
        large.bytes(vec![b'x'; 512 * 1024 + 1]).send().await.refusal(),
        "413 payload_too_large"
    );
    assert_eq!(app.domain.store.events().len(), 0);
}

#[actix_web::test]
async fn header_is_looked_at_before_the_body_has_arrived() {
    let app = TestApp::new();
    let call = || app.post(ROOT, "/v2/webhooks/stripe").with("content-length", "523264");
    assert_eq!(call().without_end().await.refusal(), "400 invalid_signature");
    for header in ["old", "malformed"] {
        let reply = call().with("stripe-signature", header).without_end().await;
        assert_eq!(reply.refusal(), "400 invalid_signature", "{header}");
    }
    let two = call().with("stripe-signature", "good").with("stripe-signature", "good");
    assert_eq!(two.without_end().await.refusal(), "400 invalid_signature");
}
