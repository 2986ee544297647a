//! Group buys on the wire.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain::creators::{AccessMode, PageChange, PageStatus};
use tollgate_domain_testing::email;

use super::{Group, OWN, PUBLIC, together};
use crate::support::ROOT;

#[actix_web::test]
async fn group_buy_is_shown_as_the_contract_says() {
    let group = Group::new(&together()).await;
    let shown = group.app.get(ROOT, PUBLIC).send().await;
    let public = json!({
        "handle": "ada", "slug": "together", "title": "Together",
        "description": "Cheaper for all of us.",
        "page": {"slug": "guide", "title": "A guide"},
        "price": {"amount": 900, "currency": "usd"},
        "regularPrice": {"amount": 1200, "currency": "usd"},
        "targetQuantity": 3, "maxQuantity": null, "currentQuantity": 0, "status": "OPEN",
        "deadline": null, "offerEndsAt": null
    });
    assert_eq!((shown.status.as_u16(), shown.json()), (200, public.clone()));
    let mut own = group.own(Method::GET, "", None).await.json();
    assert!(own["id"].as_str().unwrap().starts_with("gb_"));
    let mut expected = public;
    expected["id"] = own["id"].take();
    own["id"] = expected["id"].clone();
    expected["createdAt"] = json!("2026-01-01T00:00:00Z");
    expected["offerDays"] = json!(7);
    expected["activatedAt"] = Value::Null;
    expected["version"] = own["version"].clone();
    let nothing = json!({"amount": 0, "currency": "usd"});
    expected["paid"] = json!({"visitors": 0, "quantity": 0, "amount": nothing});
    assert_eq!(own, expected);
    let list = group.app.get(ROOT, "/v2/handles/ada/group-buys").bearer(&group.token);
    assert_eq!(list.send().await.json(), json!({"items": [own], "nextCursor": null}));
}

#[actix_web::test]
async fn interest_is_expressed_replaced_and_withdrawn() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let mine = || group.visitor(Method::GET, "/my-interest", &bob, None);
    assert_eq!(mine().await.json(), json!({"interested": false}));
    let joined = group.visitor(Method::POST, "/interest", &bob, None).await;
    let at = "2026-01-01T00:00:00Z";
    let interest = |quantity| json!({"interested": true, "quantity": quantity, "createdAt": at});
    assert_eq!((joined.status.as_u16(), joined.json()), (201, interest(1)));
    let replaced = group.join(&bob, 100).await;
    assert_eq!((replaced.status.as_u16(), replaced.json()), (200, interest(100)));
    assert_eq!(mine().await.json(), interest(100));
    assert_eq!(group.app.get(ROOT, PUBLIC).send().await.json()["status"], "TARGET_REACHED");
    for _ in 0..2 {
        let gone = group.visitor(Method::DELETE, "/my-interest", &bob, None).await;
        assert_eq!(gone.status, 204);
    }
    assert_eq!(group.join(&bob, 2).await.status, 201);
    for body in [
        json!({"quantity": 0}),
        json!({"quantity": 101}),
        json!({"quantity": -1}),
        json!({"quantity": 1.5}),
        json!({"quantity": "2"}),
        json!({"quantity": 9_223_372_036_854_775_808_u64}),
    ] {
        let refused = group.visitor(Method::POST, "/interest", &bob, Some(&body)).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{body}");
        assert!(refused.json()["fields"]["quantity"].is_string(), "{body}");
    }
    let unknown = json!({"quantity": 1, "email": "x@example.com"});
    let refused = group.visitor(Method::POST, "/interest", &bob, Some(&unknown)).await;
    assert!(refused.json()["fields"]["email"].is_string(), "{refused:?}");
    assert_eq!(mine().await.json()["quantity"], 2);
}

#[actix_web::test]
async fn interest_in_a_cancelled_group_buy_is_withdrawn() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 2).await;
    assert_eq!(group.own(Method::POST, "/cancel", None).await.status, 200);
    assert_eq!(group.join(&bob, 1).await.refusal(), "409 group_buy_not_open");
    for _ in 0..2 {
        let gone = group.visitor(Method::DELETE, "/my-interest", &bob, None).await;
        assert_eq!(gone.status, 204);
    }
    let mine = group.visitor(Method::GET, "/my-interest", &bob, None).await;
    assert_eq!(mine.json(), json!({"interested": false}));
    let shown = group.app.get(ROOT, PUBLIC).send().await.json();
    assert_eq!((&shown["status"], &shown["currentQuantity"]), (&json!("CANCELLED"), &json!(0)));
}

#[actix_web::test]
async fn what_does_not_fit_a_group_buy_is_named() {
    let group = Group::new(&together()).await;
    let with = |field: &str, value: Value| {
        let mut body = together();
        body["slug"] = json!("other");
        body[field] = value;
        body
    };
    for (field, value) in [
        ("slug", json!("Not a slug")),
        ("pageSlug", json!("..")),
        ("title", json!("")),
        ("description", json!(7)),
        ("price", json!({"amount": 900, "currency": "xyz"})),
        ("price", json!({"amount": 900, "currency": "eur"})),
        ("price", json!({"amount": 1201, "currency": "usd"})),
        ("price", json!({"amount": 1, "currency": "usd"})),
        ("price", json!([900, "usd"])),
        ("price", Value::Null),
        ("targetQuantity", json!(0)),
        ("targetQuantity", json!(1.5)),
        ("maxQuantity", json!(2)),
        ("deadline", json!("tomorrow")),
        ("deadline", json!("2025-12-31T23:59:59Z")),
        ("deadline", json!("2031-01-31T12:00:00Z")),
        ("deadline", json!("9999-12-30T12:00:00Z")),
        ("deadline", json!("0001-01-01T00:00:00Z")),
        ("offerDays", json!(0)),
        ("offerDays", json!(31)),
        ("status", json!("ACTIVE")),
    ] {
        let refused = group.create(&with(field, value.clone())).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{field} {value}");
        assert!(refused.json()["fields"][field].is_string(), "{field} {value}: {}", refused.body);
    }
    for field in ["slug", "title", "description", "pageSlug", "price", "targetQuantity"] {
        let mut body = with("offerDays", json!(7));
        body.as_object_mut().unwrap().remove(field);
        let refused = group.create(&body).await;
        assert!(refused.json()["fields"][field].is_string(), "{field}: {}", refused.body);
    }
    assert_eq!(group.create(&together()).await.refusal(), "409 slug_taken");
    let unknown = with("pageSlug", json!("unknown"));
    assert_eq!(group.create(&unknown).await.refusal(), "404 page_not_found");
}

#[actix_web::test]
async fn numbers_that_do_not_fit_are_named() {
    let group = Group::new(&together()).await;
    let create = async |field: &str, number: &str| {
        let mut body = together();
        body["slug"] = json!("other");
        match field {
            "price" => body["price"]["amount"] = json!("number"),
            field => body[field] = json!("number"),
        }
        let text = body.to_string().replace("\"number\"", number);
        let call = group.app.post(ROOT, "/v2/handles/ada/group-buys").bearer(&group.token);
        call.bytes(text.into()).send().await
    };
    for field in ["price", "targetQuantity", "maxQuantity", "offerDays"] {
        for number in [
            "-1",
            "0",
            "1.5",
            "5e-1",
            "1e30",
            "1e999",
            "-1e999",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999999",
            "\"7\"",
            "true",
            "[]",
            "{}",
        ] {
            let refused = create(field, number).await;
            assert_eq!(refused.refusal(), "422 validation_failed", "{field} {number}");
            let fields = refused.json()["fields"].clone();
            assert!(fields[field].is_string(), "{field} {number}: {fields}");
            assert_eq!(fields.as_object().unwrap().len(), 1, "{field} {number}: {fields}");
        }
        for number in ["01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "1e", "'1'"] {
            let refused = create(field, number).await;
            assert_eq!(refused.refusal(), "400 bad_request", "{field} {number}");
        }
    }
    assert_eq!(create("offerDays", "0.7e1").await.json()["offerDays"], 7);
}

#[actix_web::test]
async fn patch_tells_null_from_what_is_not_mentioned() {
    let mut body = together();
    body["maxQuantity"] = json!(10);
    body["deadline"] = json!("2026-02-01T12:00:00+01:00");
    let group = Group::new(&body).await;
    let patch = async |body: Value| group.own(Method::PATCH, "", Some(&body)).await;
    let same = patch(json!({})).await.json();
    assert_eq!(
        (&same["maxQuantity"], &same["deadline"]),
        (&json!(10), &json!("2026-02-01T11:00:00Z"))
    );
    let none = patch(json!({"maxQuantity": null, "title": "New"})).await.json();
    assert_eq!((&none["maxQuantity"], &none["title"]), (&Value::Null, &json!("New")));
    assert_eq!(none["deadline"], "2026-02-01T11:00:00Z");
    assert_eq!(patch(json!({"deadline": null})).await.json()["deadline"], Value::Null);
    for (field, value) in [
        ("slug", json!("other")),
        ("currentQuantity", json!(5)),
        ("deadline", json!(5)),
        ("maxQuantity", json!(2)),
        ("price", json!({"amount": 1201, "currency": "usd"})),
    ] {
        let refused = patch(json!({field: value})).await;
        assert_eq!(refused.refusal(), "422 validation_failed", "{field}");
        assert!(refused.json()["fields"][field].is_string(), "{field}: {}", refused.body);
    }
}

#[actix_web::test]
async fn activation_says_what_is_wrong_with_the_page() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    for (status, mode, refusal) in [
        (PageStatus::Draft, AccessMode::Paid, "404 page_not_found"),
        (PageStatus::Archived, AccessMode::Public, "404 page_not_found"),
        (PageStatus::Published, AccessMode::Public, "409 page_not_paid"),
    ] {
        let change = PageChange { status: Some(status), mode: Some(mode), ..PageChange::default() };
        group.app.domain.change(&group.shop, &group.page, change).await;
        let refused = group.own(Method::POST, "/activate", None).await;
        assert_eq!(refused.refusal(), refusal, "{status:?} {mode:?}");
    }
}

#[actix_web::test]
async fn activation_is_answered_once_for_each_key() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let activate = |key: &'static str| {
        let call = group.app.post(ROOT, &format!("{OWN}/activate")).bearer(&group.token);
        call.with("idempotency-key", key).send()
    };
    assert_eq!(activate("early").await.refusal(), "409 group_buy_target_not_reached");
    group.join(&bob, 3).await;
    let active = activate("key").await;
    assert_eq!(active.json()["status"], "ACTIVE");
    assert_eq!(active.json()["offerEndsAt"], "2026-01-08T00:00:00Z");
    let version = active.json()["version"].as_str().unwrap().to_owned();
    let again = activate("key").await;
    assert_eq!(again.body, active.body);
    for answer in [&active, &again, &group.own(Method::GET, "", None).await] {
        assert_eq!(answer.header("etag"), format!("\"{version}\""));
    }
    assert_eq!(activate("other").await.refusal(), "409 group_buy_not_open");
    assert_eq!(group.own(Method::POST, "/cancel", None).await.refusal(), "409 group_buy_not_open");
    let late = group.visitor(Method::DELETE, "/my-interest", &bob, None).await;
    assert_eq!(late.refusal(), "409 group_buy_not_open");
    let price = json!({"price": {"amount": 800, "currency": "usd"}});
    let late = group.own(Method::PATCH, "", Some(&price)).await;
    assert_eq!(late.refusal(), "409 group_buy_not_open");
    let interests = group.own(Method::GET, "/interests", None).await.json();
    let me = group.app.get(ROOT, "/v2/visitor/me").visitor(&bob).send().await.json();
    let expected = json!({
        "visitorId": me["id"], "email": "bob@example.com", "quantity": 3,
        "createdAt": "2026-01-01T00:00:00Z", "committed": true, "paid": false
    });
    assert_eq!(interests, json!({"items": [expected], "nextCursor": null}));
    let shown = group.app.get(ROOT, PUBLIC).visitor(&bob).send().await;
    assert!(!shown.body.contains("bob") && !shown.body.contains("vis_"));
}

#[actix_web::test]
async fn activation_of_another_version_is_another_request() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    let shown = group.own(Method::GET, "", None).await;
    let activate = |tag: Option<&str>| {
        let call = group.app.post(ROOT, &format!("{OWN}/activate")).bearer(&group.token);
        let mut call = call.with("idempotency-key", "key");
        if let Some(tag) = tag {
            call = call.with("if-match", tag);
        }
        call.send()
    };
    let tag = Some(shown.header("etag"));
    assert_eq!(activate(Some("\"1\"")).await.refusal(), "409 version_conflict");
    let active = activate(tag).await;
    assert_eq!(active.json()["status"], "ACTIVE");
    assert_eq!(activate(tag).await.body, active.body);
    for other in [None, Some("*"), Some("\"1\"")] {
        assert_eq!(activate(other).await.refusal(), "409 idempotency_conflict", "{other:?}");
    }
}

#[actix_web::test]
async fn suspended_creator_is_off_sale_and_cannot_come_back() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let ada = "ada@creators.example";
    app.domain.administration.suspend(&email(ada)).await.unwrap();
    assert_eq!(group.join(&bob, 1).await.refusal(), "409 connect_not_configured");
    let checkout = app.post(ROOT, "/v2/public/pages/ada/guide/checkout").visitor(&bob);
    assert_eq!(checkout.json(&json!({})).send().await.refusal(), "409 connect_not_configured");
    assert_eq!(app.get(ROOT, PUBLIC).send().await.status, 200);
    let reset = async |address: &str| {
        let call = app.post(ROOT, "/v2/creator/auth/password-reset");
        call.json(&json!({"email": address})).send().await
    };
    let (known, unknown) = (reset(ada).await, reset("nobody@example.com").await);
    assert_eq!((known.status.as_u16(), &known.body), (202, &unknown.body));
    let connect = app.post(ROOT, "/v2/handles/ada/stripe/connect").bearer(&group.token);
    assert_eq!(connect.send().await.refusal(), "401 creator_unauthorized");
}

#[actix_web::test]
async fn full_and_unfinished_group_buys_refuse() {
    let mut body = together();
    body["maxQuantity"] = json!(4);
    let group = Group::new(&body).await;
    let domain = &group.app.domain;
    let (bob, carol) =
        (domain.sign_in("bob@example.com").await, domain.sign_in("c@example.com").await);
    group.join(&bob, 3).await;
    assert_eq!(group.join(&carol, 2).await.refusal(), "409 group_buy_full");
    let checkout = async |who| group.visitor(Method::POST, "/checkout", who, None).await;
    assert_eq!(checkout(&bob).await.refusal(), "409 group_buy_not_active");
    group.own(Method::POST, "/activate", None).await;
    assert_eq!(checkout(&carol).await.refusal(), "409 interest_required");
    let bad = json!({"successUrl": "javascript:alert(1)"});
    let refused = group.visitor(Method::POST, "/checkout", &bob, Some(&bad)).await;
    assert!(refused.json()["fields"]["successUrl"].is_string(), "{refused:?}");
    let started = checkout(&bob).await.json();
    assert!(started["checkoutId"].as_str().unwrap().starts_with("chk_"));
    assert_eq!(checkout(&bob).await.json(), started);
}
