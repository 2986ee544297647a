//! Gifts, and how many mails they may cause.

use serde_json::json;

use super::Desk;
use crate::support::ROOT;

#[actix_web::test]
async fn gift_is_given_once_and_taken_back() {
    let desk = Desk::new().await;
    let given = desk.give("Carol@Example.com").await;
    assert_eq!(given.status, 201);
    let body = given.json();
    let (id, visitor) = (body["id"].as_str().unwrap(), body["visitorId"].as_str().unwrap());
    assert!(id.starts_with("pur_") && visitor.starts_with("vis_"));
    assert_eq!(
        body,
        json!({
            "id": id, "visitorId": visitor, "email": "carol@example.com",
            "grantType": "COMPLIMENTARY", "grantedAt": "2026-01-01T00:00:00Z",
        })
    );
    let again = desk.give("carol@example.com").await;
    assert_eq!((again.status.as_u16(), again.json()), (200, body.clone()));
    for _ in 0..2 {
        assert_eq!(desk.take_back(id).await.status, 204);
    }
    for unknown in ["pur_01j9z3k5v7w8x9y0z1a2b3c4d5", "pur_x", "vis_1", "x"] {
        assert_eq!(desk.take_back(unknown).await.refusal(), "404 purchase_not_found");
    }
    assert_ne!(desk.give("carol@example.com").await.json()["id"], body["id"]);
}

#[actix_web::test]
async fn unsound_gifts_are_refused() {
    let desk = Desk::new().await;
    for (body, field) in [
        (json!({}), "email"),
        (json!({"email": "nobody"}), "email"),
        (json!({"email": 1}), "email"),
        (json!({"email": "a@b.example", "grantType": "PURCHASE"}), "grantType"),
    ] {
        let call = desk.app.post(ROOT, "/v2/handles/ada/pages/guide/grants");
        let reply = call.bearer(&desk.token).json(&body).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}");
    }
    let call = desk.app.post(ROOT, "/v2/handles/ada/pages/nothing/grants").bearer(&desk.token);
    let reply = call.json(&json!({"email": "a@b.example"})).send().await;
    assert_eq!(reply.refusal(), "404 page_not_found");
}

#[actix_web::test]
async fn fourth_mail_to_a_person_in_a_day_is_limited() {
    let desk = Desk::new().await;
    for _ in 0..3 {
        let given = desk.give("bob@example.com").await;
        assert_eq!(given.status, 201);
        let id = given.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.take_back(&id).await.status, 204);
    }
    let limited = desk.give("bob@example.com").await;
    assert_eq!(limited.refusal(), "429 rate_limited");
    assert_eq!(limited.header("retry-after"), "86400");
    let sales = desk.get("/purchases?email=bob@example.com").await.json();
    let alive = sales["items"].as_array().unwrap().iter().filter(|sale| sale["status"] == "ACTIVE");
    assert_eq!(alive.count(), 0, "nothing was given");
}
