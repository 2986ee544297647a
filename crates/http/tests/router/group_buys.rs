//! Group buys on the wire and on their page.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain::{
    creators::{AccessMode, Page, PageChange},
    token::Token,
};
use tollgate_domain_testing::{Shop, email, money};

use crate::{
    site_browser::Window,
    support::{ADA, ROOT, Reply, TestApp},
};

const PUBLIC: &str = "/v2/public/group-buys/ada/together";
const OWN: &str = "/v2/handles/ada/group-buys/together";
const PAGE: &str = "/-/group-buys/together";

fn together() -> Value {
    json!({
        "slug": "together", "title": "Together", "description": "Cheaper for all of us.",
        "pageSlug": "guide", "price": {"amount": 900, "currency": "usd"}, "targetQuantity": 3
    })
}

struct Group {
    app: TestApp,
    shop: Shop,
    page: Page,
    token: String,
}

impl Group {
    async fn new(body: &Value) -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let slug = "guide".parse().unwrap();
        let (_, page) =
            app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
        let token = app.token("ada").await;
        let group = Self { app, shop, page, token };
        let made = group.create(body).await;
        assert_eq!(made.status, 201, "{made:?}");
        group
    }

    async fn create(&self, body: &Value) -> Reply {
        let call = self.app.post(ROOT, "/v2/handles/ada/group-buys").bearer(&self.token);
        call.json(body).send().await
    }

    async fn own(&self, method: Method, end: &str, body: Option<&Value>) -> Reply {
        let call = self.app.call(method, ROOT, &format!("{OWN}{end}")).bearer(&self.token);
        match body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        }
    }

    async fn visitor(&self, method: Method, end: &str, who: &Token, body: Option<&Value>) -> Reply {
        let call = self.app.call(method, ROOT, &format!("{PUBLIC}{end}")).visitor(who);
        match body {
            Some(body) => call.json(body).send().await,
            // A program without a browser's marks says that it sends JSON.
            None => call.with("content-type", "application/json").send().await,
        }
    }

    async fn join(&self, who: &Token, quantity: i64) -> Reply {
        let body = json!({"quantity": quantity});
        self.visitor(Method::POST, "/interest", who, Some(&body)).await
    }
}

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

#[actix_web::test]
async fn full_group_buy_does_not_say_until_when_to_join() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    body["deadline"] = json!("2026-01-20T00:00:00Z");
    let group = Group::new(&body).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let page = async || group.app.get(ADA, PAGE).send().await.body;
    group.join(&bob, 2).await;
    assert!(page().await.contains("You can join until"));
    group.join(&bob, 3).await;
    let full = page().await;
    assert!(!full.contains("You can join until") && full.contains("no room left"), "{full}");
    let day = "<time datetime=\"2026-01-20T00:00:00Z\">20 Jan 2026, 00:00 UTC</time>";
    assert!(full.contains(&format!("19 days left ({day})")), "{full}");
}

#[actix_web::test]
async fn page_of_a_group_buy_shows_the_way_on() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let page = async |who: Option<&Token>| {
        let call = app.get(ADA, PAGE);
        let reply = who.map_or(app.get(ADA, PAGE), |who| call.visitor(who)).send().await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            reply.body.matches("<form").count(),
            reply.body.matches("method=\"post\"").count()
        );
        assert!(!reply.body.contains("<script") && !reply.body.contains("style="));
        reply.body
    };
    let post = async |end: &str, form: &str| {
        app.post(ADA, &format!("{PAGE}/{end}")).visitor(&bob).form(form).send().await
    };
    let gate = page(None).await;
    assert!(gate.contains("$9.00") && gate.contains("$12.00"), "{gate}");
    assert!(gate.contains("name=\"returnTo\" value=\"/-/group-buys/together\""));
    assert!(gate.contains("name=\"email\""));
    assert!(page(Some(&bob)).await.contains("Count me in"));
    for quantity in ["0", "101", "", "x", "1.5"] {
        let refused = post("interest", &format!("quantity={quantity}&do=join")).await;
        assert_eq!(refused.status, 422, "{quantity}");
        assert!(refused.body.contains("1 to 100"));
    }
    let joined = post("interest", "quantity=3&do=join").await;
    assert_eq!((joined.status.as_u16(), joined.header("location")), (303, PAGE));
    assert!(page(Some(&bob)).await.contains("quantity of 3"));
    post("interest", "do=leave").await;
    assert!(page(Some(&bob)).await.contains("Count me in"));
    post("interest", "quantity=3&do=join").await;
    assert_eq!(post("checkout", "").await.header("location"), PAGE);
    group.own(Method::POST, "/activate", None).await;
    assert!(page(Some(&bob)).await.contains("Buy for $9.00"));
    let started = post("checkout", "").await;
    assert_eq!(started.status, 303);
    assert!(started.header("location").starts_with("http"), "{started:?}");
    let other = app.get(ROOT, PAGE).send().await;
    assert_eq!(other.status, 404);
    assert_eq!(app.get(ADA, "/-/group-buys/unknown").send().await.status, 404);
    let forged = app.post(ADA, &format!("{PAGE}/interest")).visitor(&bob);
    let forged = forged.body("application/x-www-form-urlencoded", "do=leave").send().await;
    assert_eq!(forged.status, 403);
}

#[actix_web::test]
async fn address_that_is_none_is_said_on_the_page_of_the_group_buy() {
    let group = Group::new(&together()).await;
    let typed = [("on", "page"), ("email", "bob@"), ("returnTo", PAGE)];
    let again = Window::new(&group.app, ADA).post("/-/sign-in", &typed).await;
    assert_eq!(again.status, 422);
    for part in [
        "<title>Error: Together",
        "0 of 3 joined",
        "value=\"bob@\"",
        "id=\"email-error\"",
        "aria-invalid=\"true\" autofocus",
    ] {
        assert!(again.body.contains(part), "{part}: {}", again.body);
    }
}

#[actix_web::test]
async fn joining_changing_and_leaving_are_each_said_once() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&group.app, ADA, &bob);
    let interest = format!("{PAGE}/interest");
    for (quantity, button, told) in [
        ("2", "join", "You are in, with a quantity of 2."),
        ("3", "join", "You are in, with a quantity of 3 now."),
        ("3", "leave", "You have left this group buy."),
    ] {
        let fields = [("quantity", quantity), ("do", button)];
        let told = format!("role=\"status\">{told}");
        let page = window.submit(&interest, &fields).await;
        assert!(page.body.contains(&told), "{}", page.body);
        assert!(!window.get(PAGE).await.body.contains("role=\"status\""));
    }
    window.set("_tollgate_notice", "joined.101");
    assert!(!window.get(PAGE).await.body.contains("role=\"status\""));
}

#[actix_web::test]
async fn quantity_typed_before_the_session_ended_is_there_after_signing_in() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    let window = Window::new(&group.app, ADA);
    let interest = format!("{PAGE}/interest");
    let page = window.submit(&interest, &[("quantity", "4"), ("do", "join")]).await.body;
    let place = format!("{PAGE}?quantity=4");
    assert!(page.contains("You are signed out here."), "{page}");
    assert!(page.contains(&format!("name=\"returnTo\" value=\"{place}\"")), "{page}");
    let asked = [("email", "bob@example.com"), ("returnTo", &*place)];
    window.post("/-/sign-in", &asked).await;
    domain.deliver_mails().await;
    let (_, code) = domain.link_mailed_to("bob@example.com");
    let typed = [("email", "bob@example.com"), ("returnTo", &*place), ("code", code.reveal())];
    let back = window.submit("/-/code", &typed).await.body;
    assert!(back.contains("required value=\"4\""), "{back}");
    for odd in ["0", "101", "x", "%22%3E"] {
        let page = window.get(&format!("{PAGE}?quantity={odd}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("required value=\"1\""), "{odd}: {}", page.body);
    }
    // What is no quantity is not carried on.
    let stranger = Window::new(&group.app, ADA);
    let lost = stranger.post(&interest, &[("quantity", "0"), ("do", "join")]).await;
    assert_eq!(lost.header("location"), PAGE);
}

#[actix_web::test]
async fn page_of_a_group_buy_tells_what_became_of_a_payment() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let post = async |end: &str, form: &str| {
        app.post(ADA, &format!("{PAGE}/{end}")).visitor(&bob).form(form).send().await
    };
    let page = async || app.get(ADA, PAGE).visitor(&bob).send().await.body;
    post("interest", "quantity=3&do=join").await;
    group.own(Method::POST, "/activate", None).await;
    let payments = &app.domain.payments;
    let session = async || {
        let pay_page = post("checkout", "").await;
        payments.session_at(pay_page.header("location")).unwrap()
    };
    let debit = session().await;
    payments.pay_later(&debit).unwrap();
    app.domain.deliver_webhooks().await;
    let waiting = page().await;
    assert!(waiting.contains("on its way") && !waiting.contains("Buy for"), "{waiting}");
    let order = app.domain.store.orders()[0].id;
    assert!(waiting.contains(&format!("href=\"/guide/return?checkout={order}\"")), "{waiting}");
    assert!(!waiting.contains("What happens next"), "{waiting}");
    let window = Window::of(app, ADA, &bob);
    let turn_back =
        async || window.follow(window.get(&format!("{PAGE}/cancelled")).await).await.body;
    let turned = turn_back().await;
    assert!(turned.contains("on its way") && !turned.contains("Nothing was paid"), "{turned}");
    assert!(payments.fail_payment(&debit));
    app.domain.deliver_webhooks().await;
    let failed = page().await;
    assert!(failed.contains("did not arrive") && failed.contains("Buy for $9.00"), "{failed}");
    payments.pay(&session().await).unwrap();
    app.domain.deliver_webhooks().await;
    let owned = turn_back().await;
    assert!(owned.contains("You have it already") && !owned.contains("turned back"), "{owned}");
    let who = app.domain.visitor(&bob).await;
    app.domain.refund(&group.shop, &group.page, &who).await.unwrap();
    let refunded = page().await;
    assert!(
        refunded.contains("was given back") && refunded.contains("Buy for $9.00"),
        "{refunded}"
    );
}

#[actix_web::test]
async fn offer_is_not_sold_again_while_a_payment_is_not_confirmed() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    group.own(Method::POST, "/activate", None).await;
    let window = Window::of(app, ADA, &bob);
    let pay = window.post(&format!("{PAGE}/checkout"), &[]).await;
    let hosted = app.domain.payments.session_at(pay.header("location")).unwrap();
    app.domain.payments.pay(&hosted).unwrap();
    let back = format!("/guide/return?checkout={}", app.domain.store.orders()[0].id);
    app.domain.payments.set_down(true);
    window.follow(window.get(&back).await).await;
    let page = window.get(PAGE).await.body;
    assert!(page.contains("do not pay again"), "{page}");
    assert!(page.contains(&format!("href=\"{back}\"")) && !page.contains("Buy for"), "{page}");
    assert!(!page.contains("What happens next"), "{page}");
    app.domain.payments.set_down(false);
    app.domain.clock.advance_seconds(4);
    window.follow(window.get(&back).await).await;
    let page = window.get(PAGE).await.body;
    assert!(page.contains("You have it already"), "{page}");
}

#[actix_web::test]
async fn who_turns_back_from_an_offer_that_is_over_is_not_told_to_buy_here() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    group.own(Method::POST, "/activate", None).await;
    let window = Window::of(app, ADA, &bob);
    let turn_back =
        async || window.follow(window.get(&format!("{PAGE}/cancelled")).await).await.body;
    let active = turn_back().await;
    assert!(active.contains("role=\"status\"") && active.contains("Buy for $9.00"), "{active}");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    let over = turn_back().await;
    assert!(over.contains("It is over") && !over.contains("role=\"status\""), "{over}");
}

#[actix_web::test]
async fn who_joined_an_offer_buys_at_its_price_everywhere() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let (bob, eve) =
        (app.domain.sign_in("bob@example.com").await, app.domain.sign_in("eve@example.com").await);
    group.join(&bob, 3).await;
    group.own(Method::POST, "/activate", None).await;
    let button = format!("action=\"{PAGE}/checkout\"");
    let gate = app.get(ADA, "/guide").visitor(&bob).send().await.body;
    for text in [&*button, "Buy for $9.00", "<p class=\"price\">$9.00</p>", "instead of $12.00"] {
        assert!(gate.contains(text), "{text}: {gate}");
    }
    assert!(!gate.contains("Buy for $12.00"), "{gate}");
    let theirs = app.get(ADA, "/guide").visitor(&eve).send().await.body;
    assert!(theirs.contains("Buy for $12.00") && !theirs.contains("$9.00"), "{theirs}");
    // Signing in at the page leads to its gate, not to a pay page at the regular price.
    app.domain.clock.advance_seconds(60);
    let window = Window::new(app, ADA);
    let asked = [("email", "bob@example.com"), ("returnTo", "/guide")];
    window.post("/-/sign-in", &asked).await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to("bob@example.com");
    let typed = [("email", "bob@example.com"), ("code", code.reveal())];
    let back = window.post("/-/code", &typed).await;
    assert!(back.header("location").ends_with("/guide"), "{back:?}");

    let payments = &app.domain.payments;
    let paid = app.post(ADA, &format!("{PAGE}/checkout")).visitor(&bob).form("").send().await;
    let debit = payments.session_at(paid.header("location")).unwrap();
    payments.pay_later(&debit).unwrap();
    app.domain.deliver_webhooks().await;
    assert!(payments.fail_payment(&debit));
    app.domain.deliver_webhooks().await;
    let gate = app.get(ADA, "/guide").visitor(&bob).send().await.body;
    assert!(gate.contains("did not arrive") && gate.contains("Buy for $9.00"), "{gate}");
    let link = format!("href=\"http://ada.tollgate.localhost:8080{PAGE}\"");
    let list = app.get(ROOT, "/access").visitor(&bob).send().await.body;
    assert!(list.contains("Did not arrive") && list.contains(&link), "{list}");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    let list = app.get(ROOT, "/access").visitor(&bob).send().await.body;
    assert!(list.contains("Did not arrive") && !list.contains(&link), "{list}");
}

#[actix_web::test]
async fn heading_of_a_group_buy_fits_its_state() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let (bob, eve) =
        (app.domain.sign_in("bob@example.com").await, app.domain.sign_in("eve@example.com").await);
    let heading = async |who: Option<&Token>| {
        let call = app.get(ADA, PAGE);
        let page = match who {
            Some(who) => call.visitor(who),
            None => call,
        };
        let page = page.send().await.body;
        let (_, rest) = page.split_once("<h2 id=\"gate\">").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert_eq!(heading(None).await, "Take part");
    group.join(&bob, 3).await;
    assert_eq!(heading(Some(&bob)).await, "You have joined");
    assert_eq!(heading(Some(&eve)).await, "Take part");
    group.own(Method::POST, "/activate", None).await;
    assert_eq!(heading(None).await, "Pay the group price");
    assert_eq!(heading(Some(&bob)).await, "Pay the group price");
    assert_eq!(heading(Some(&eve)).await, "The offer has begun");
    let pay = app.post(ADA, &format!("{PAGE}/checkout")).visitor(&bob).form("").send().await;
    let hosted = app.domain.payments.session_at(pay.header("location")).unwrap();
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    assert_eq!(heading(Some(&bob)).await, "Your access");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    assert_eq!(heading(None).await, "It is over");

    let other = Group::new(&together()).await;
    other.own(Method::POST, "/cancel", None).await;
    let page = other.app.get(ADA, PAGE).send().await.body;
    assert!(page.contains("<h2 id=\"gate\">Called off</h2>"), "{page}");
}

#[actix_web::test]
async fn each_state_of_a_group_buy_is_one_sentence() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    body["deadline"] = json!("2026-01-20T00:00:00Z");
    let open = Group::new(&body).await;
    let shown = async |group: &Group| group.app.get(ADA, PAGE).send().await.body;
    assert!(shown(&open).await.contains("<p>This group buy is open. You can join until"));
    let bob = open.app.domain.sign_in("bob@example.com").await;
    open.join(&bob, 3).await;
    let full = shown(&open).await;
    assert!(full.contains("<p>The target is reached, and there is no room left;"), "{full}");
    assert!(full.contains("<h2 id=\"gate\">Closed to new people</h2>"), "{full}");
    open.own(Method::POST, "/activate", None).await;
    let active = shown(&open).await;
    assert!(active.contains("<p>The offer has begun: those who joined can buy"), "{active}");
    open.app.domain.clock.advance_seconds(8 * 24 * 3600);
    let ended = shown(&open).await;
    assert!(ended.contains("<p>This group buy is over: the offer has ended.</p>"), "{ended}");
    assert!(ended.contains("The page by itself: <a href=\"/guide\">"), "{ended}");

    let missed = Group::new(&body).await;
    missed.app.domain.clock.advance_seconds(30 * 24 * 3600);
    let page = shown(&missed).await;
    assert!(page.contains("the target was not reached in time. Nobody pays anything."), "{page}");
    let cancelled = Group::new(&body).await;
    cancelled.own(Method::POST, "/cancel", None).await;
    let page = shown(&cancelled).await;
    assert!(page.contains("<p>The seller has called it off. Nobody pays anything.</p>"), "{page}");
}

#[actix_web::test]
async fn group_buy_of_a_suspended_seller_is_not_available() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    let bob = domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    let page = async || group.app.get(ADA, PAGE).visitor(&bob).send().await.body;
    let creator = &group.shop.creator.email;
    domain.administration.suspend(creator).await.unwrap();
    let pending = page().await;
    assert!(pending.contains("<p>Not available at the moment"), "{pending}");
    assert!(pending.contains("quantity of 3") && pending.contains("value=\"leave\""), "{pending}");
    assert!(!pending.contains("value=\"join\"") && !pending.contains("<ol>"), "{pending}");
    let carol = domain.sign_in("carol@example.com").await;
    let window = Window::of(&group.app, ADA, &carol);
    let form = [("quantity", "2"), ("do", "join")];
    let page_of_carol = window.submit(&format!("{PAGE}/interest"), &form).await.body;
    for told in ["<h2 id=\"gate\">Closed to new people</h2>", "Nobody can join at the moment."] {
        assert!(page_of_carol.contains(told), "{page_of_carol}");
    }
    assert!(!page_of_carol.contains("Count me in"), "{page_of_carol}");
    let nobody = group.app.get(ADA, PAGE).send().await.body;
    assert!(nobody.contains("Nobody can join at the moment. Joined before?"), "{nobody}");
    assert!(!nobody.contains("Take part"), "{nobody}");
    let gate = group.app.get(ADA, "/guide").send().await.body;
    assert!(!gate.contains(PAGE), "{gate}");
    domain.administration.lift(creator).await.unwrap();
    let token = group.app.token("ada").await;
    let activate = group.app.post(ROOT, &format!("{OWN}/activate")).bearer(&token);
    assert_eq!(activate.send().await.status, 200);
    domain.administration.suspend(creator).await.unwrap();
    let active = page().await;
    assert!(
        active.contains("<p>The offer has begun, but cannot be paid at the moment.</p>"),
        "{active}"
    );
    assert!(!active.contains("Buy for") && !active.contains("You can pay until"), "{active}");
    assert!(!active.contains("can pay now"), "{active}");
    let stranger = group.app.get(ADA, PAGE).send().await.body;
    assert!(stranger.contains("cannot be bought at the moment"), "{stranger}");
    assert!(!stranger.contains("name=\"email\""), "{stranger}");
    assert!(!stranger.contains("The page by itself"), "{stranger}");
}

#[actix_web::test]
async fn group_buy_leads_to_its_page_once_that_costs_no_more() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    let gate = async || app.get(ADA, "/guide").visitor(&bob).send().await.body;
    assert!(gate().await.contains("<h3>Cheaper together</h3>"));
    let sell_for = async |amount| {
        let price = Some(Some(money(amount, "usd")));
        let change = PageChange { price, ..PageChange::default() };
        app.domain.change(&group.shop, &group.page, change).await;
    };
    sell_for(700).await;
    let dearer = gate().await;
    assert!(dearer.contains("<h3>Your group buy</h3>") && dearer.contains(PAGE), "{dearer}");
    for call in [app.get(ADA, PAGE), app.get(ADA, PAGE).visitor(&bob)] {
        let open = call.send().await.body;
        assert!(open.contains("The page itself costs $7.00 now"), "{open}");
    }
    // An offer begins only below the price of the page.
    sell_for(1_200).await;
    assert_eq!(group.own(Method::POST, "/activate", None).await.status, 200);
    sell_for(700).await;
    let page = app.get(ADA, PAGE).visitor(&bob).send().await.body;
    assert_eq!(page.matches("The page itself costs $7.00 now").count(), 1, "{page}");
    assert!(!page.contains("Buy for $9.00"), "{page}");
    let pay = app.post(ADA, &format!("{PAGE}/checkout")).visitor(&bob).form("").send().await;
    assert_eq!((pay.status.as_u16(), pay.header("location")), (303, PAGE));
}

#[actix_web::test]
async fn full_group_buy_leads_once_to_its_page_that_costs_no_more() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    let group = Group::new(&body).await;
    let app = &group.app;
    let (bob, eve) =
        (app.domain.sign_in("bob@example.com").await, app.domain.sign_in("eve@example.com").await);
    group.join(&bob, 3).await;
    let page = async || app.get(ADA, PAGE).visitor(&eve).send().await.body;
    let full = page().await;
    assert!(full.contains("The page by itself: <a href=\"/guide\">"), "{full}");
    let price = Some(Some(money(700, "usd")));
    let change = PageChange { price, ..PageChange::default() };
    app.domain.change(&group.shop, &group.page, change).await;
    let full = page().await;
    assert!(full.contains("The page itself costs $7.00 now"), "{full}");
    assert!(!full.contains("The page by itself"), "{full}");
}

#[actix_web::test]
async fn group_buy_of_a_page_that_is_not_for_sale_says_only_that() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let joined = app.post(ADA, &format!("{PAGE}/interest")).visitor(&bob);
    assert_eq!(joined.form("quantity=3&do=join").send().await.status, 303);
    let change = PageChange { mode: Some(AccessMode::FreeWithLogin), ..PageChange::default() };
    app.domain.change(&group.shop, &group.page, change).await;
    let page = app.get(ADA, PAGE).send().await.body;
    assert!(page.contains("not for sale any more") && page.contains("nothing to join"), "{page}");
    for told in
        ["The target is reached", "You can join until", "What happens next", "name=\"email\""]
    {
        assert!(!page.contains(told), "{told}: {page}");
    }
    let theirs = app.get(ADA, PAGE).visitor(&bob).send().await.body;
    assert!(theirs.contains("quantity of 3") && theirs.contains("value=\"leave\""), "{theirs}");
}

#[actix_web::test]
async fn typed_markup_is_inert_on_the_page() {
    let mut body = together();
    body["title"] = json!("<script>alert(1)</script>");
    body["description"] = json!("\"><img src=x onerror=alert(1)>\nline");
    let group = Group::new(&body).await;
    let page = group.app.get(ADA, PAGE).send().await;
    assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{}", page.body);
}
