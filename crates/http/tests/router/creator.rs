//! The creator's part of the interface.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{ROOT, TestApp, rows_of, walk};

async fn registered(app: &TestApp) -> Value {
    let body = json!({"email": "ada@example.com", "password": "correct horse", "name": "Ada"});
    let reply = app.post(ROOT, "/v2/creator/auth/register").json(&body).send().await;
    assert_eq!(reply.status, 201);
    reply.json()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[actix_web::test]
async fn creator_signs_up_in_and_out() {
    let app = TestApp::new();
    let tokens = registered(&app).await;
    assert_eq!(tokens["expiresIn"], 900);
    assert_eq!(tokens["creator"]["name"], "Ada");
    let call = |path: &str, body: Value| {
        app.post(ROOT, &format!("/v2/creator/auth/{path}")).json(&body).send()
    };
    let same = json!({"email": "ADA@example.com", "password": "correct horse"});
    assert_eq!(call("register", same.clone()).await.refusal(), "409 email_taken");
    let short = call("register", json!({"email": "x@example.com", "password": "short"})).await;
    assert!(short.json()["fields"]["password"].is_string());
    let logged_in = call("login", same).await;
    assert_eq!(logged_in.status, 200);
    for body in [
        json!({"email": "ada@example.com", "password": "wrong horse"}),
        json!({"email": "ada@example.com", "password": "short"}),
        json!({"email": "ada@example.com", "password": "x".repeat(257)}),
        json!({"email": "eve@example.com", "password": "correct horse"}),
    ] {
        let refused = call("login", body).await;
        assert_eq!(refused.refusal(), "401 creator_unauthorized");
        assert_eq!(refused.json()["detail"], "Unknown account or wrong credentials.");
    }

    let refreshed = call("refresh", json!({"refreshToken": tokens["refreshToken"]})).await.json();
    let token = text(&refreshed, "accessToken").to_owned();
    let reply = app.get(ROOT, "/v2/creator/me").bearer(&token).send().await;
    assert_eq!(reply.json(), tokens["creator"]);
    let out = app.post(ROOT, "/v2/creator/auth/logout").bearer(&token).send().await;
    assert_eq!(out.status, 204);
    let gone = app.get(ROOT, "/v2/creator/me").bearer(&token).send().await;
    assert_eq!(gone.refusal(), "401 creator_unauthorized");
    let again = call("refresh", json!({"refreshToken": refreshed["refreshToken"]})).await;
    assert_eq!(again.refusal(), "401 creator_unauthorized");
    let other = logged_in.json();
    assert_eq!(call("logout", json!({"refreshToken": other["refreshToken"]})).await.status, 204);
    let gone = app.get(ROOT, "/v2/creator/me").bearer(text(&other, "accessToken")).send().await;
    assert_eq!(gone.refusal(), "401 creator_unauthorized");
    assert_eq!(call("logout", json!({"refreshToken": "x"})).await.status, 204);
    assert_eq!(app.post(ROOT, "/v2/creator/auth/logout").bearer("x").send().await.status, 204);
}

#[actix_web::test]
async fn sessions_are_told_in_parts() {
    let app = TestApp::new();
    let tokens = registered(&app).await;
    let token = text(&tokens, "accessToken");
    let login = json!({"email": "ada@example.com", "password": "correct horse"});
    for _ in 0..2 {
        let reply = app.post(ROOT, "/v2/creator/auth/login").json(&login).send().await;
        assert_eq!(reply.status, 200);
    }
    let get = async |path: &str| app.get(ROOT, path).bearer(token).send().await;
    let all = get("/v2/creator/sessions").await.json();
    let parts = walk(get, "/v2/creator/sessions", 1).await;
    let rows = rows_of(&parts);
    assert_eq!((parts.len(), rows.len()), (3, 3));
    assert_eq!(rows, *all["items"].as_array().unwrap());
    let next = parts[0]["nextCursor"].as_str().unwrap();
    let path = format!("/v2/handles?cursor={next}");
    let foreign = app.get(ROOT, &path).bearer(token).send().await;
    assert_eq!(foreign.refusal(), "422 validation_failed");
    assert!(foreign.json()["fields"]["cursor"].is_string());
    let bad = app.get(ROOT, "/v2/creator/sessions?limit=0").bearer(token).send().await;
    assert!(bad.json()["fields"]["limit"].is_string());
}

#[actix_web::test]
async fn creator_makes_and_renames_a_handle() {
    let app = TestApp::new();
    let tokens = registered(&app).await;
    let token = text(&tokens, "accessToken");
    let make = |body: Value| app.post(ROOT, "/v2/handles").bearer(token).json(&body).send();
    let made = make(json!({"handle": "ada", "name": "Ada's"})).await;
    assert_eq!(made.status, 201);
    assert_eq!(
        made.json(),
        json!({"handle": "ada", "name": "Ada's", "createdAt": "2026-01-01T00:00:00Z"})
    );
    let shown = app.get(ROOT, "/v2/handles/ada").bearer(token).send().await;
    assert!(made.header("etag").starts_with('"'));
    assert_eq!(made.header("etag"), shown.header("etag"));
    assert_eq!(make(json!({"handle": "ada", "name": "x"})).await.refusal(), "409 handle_taken");
    for handle in ["app", "a", "Ada", "a_b", "../x"] {
        let reply = make(json!({"handle": handle, "name": "x"})).await;
        assert_eq!(reply.refusal(), "422 validation_failed");
        assert!(reply.json()["fields"]["handle"].is_string());
    }
    let renamed =
        app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(token).json(&json!({"name": "B"}));
    assert_eq!(renamed.send().await.json()["name"], "B");
    let list = app.get(ROOT, "/v2/handles?limit=1").bearer(token).send().await.json();
    assert_eq!(list["items"][0]["handle"], "ada");
    let bad = app.get(ROOT, "/v2/handles?limit=0").bearer(token).send().await;
    assert!(bad.json()["fields"]["limit"].is_string());
    let account = app.get(ROOT, "/v2/handles/ada/stripe").bearer(token).send().await.json();
    assert_eq!(
        account,
        json!({
            "accountId": null, "chargesEnabled": false, "payoutsEnabled": false,
            "status": "not_connected",
        })
    );
    let missing = app.get(ROOT, "/v2/handles/ada/stripe/requirements").bearer(token).send();
    assert_eq!(missing.await.json(), json!({"due": [], "disconnected": false}));
    let connect = || app.post(ROOT, "/v2/handles/ada/stripe/connect").bearer(token).send();
    assert_eq!(connect().await.refusal(), "409 email_not_verified");
    let proof = json!({"token": app.mailed_token("ada@example.com").await});
    let proved = app.post(ROOT, "/v2/creator/auth/verify-email").json(&proof).send().await;
    assert_eq!(proved.status, 200);
    let begun = connect().await;
    assert_eq!(begun.status, 200);
    assert!(begun.json()["onboardingUrl"].is_string());
}

#[actix_web::test]
async fn creator_makes_changes_and_deletes_a_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let page = json!({
        "slug": "new", "title": "New", "teaser": "t", "body": "b", "accessMode": "PAID",
        "price": {"amount": 1200, "currency": "usd"},
    });
    let make =
        |body: Value| app.post(ROOT, "/v2/handles/ada/pages").bearer(&token).json(&body).send();
    let made = make(page.clone()).await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(
        (&made["status"], &made["handle"], &made["price"]["amount"]),
        (&json!("DRAFT"), &json!("ada"), &json!(1200))
    );
    assert!(text(&made, "id").starts_with("pag_"));
    assert_eq!(make(page.clone()).await.refusal(), "409 slug_taken");
    for (field, value) in [
        ("price", json!(null)),
        ("price", json!({"amount": 1, "currency": "usd"})),
        ("price", json!({"amount": 1200, "currency": "doubloon"})),
        ("price", json!({"amount": 12.5, "currency": "usd"})),
        ("price", json!([1200, "usd"])),
        ("slug", json!("-/x")),
        ("title", json!("")),
        ("accessMode", json!("OPEN")),
        ("status", json!("GONE")),
    ] {
        let mut body = page.clone();
        body[field] = value;
        let reply = make(body.clone()).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}: {}", reply.body);
    }
    let path = "/v2/handles/ada/pages/new";
    let change =
        |body: Value| app.call(Method::PATCH, ROOT, path).bearer(&token).json(&body).send();
    let changed = change(json!({"title": "Newer"})).await.json();
    assert_eq!((&changed["title"], &changed["price"]["amount"]), (&json!("Newer"), &json!(1200)));
    assert!(change(json!({"price": null})).await.json()["fields"]["price"].is_string());
    let free =
        change(json!({"price": null, "accessMode": "PUBLIC", "status": "PUBLISHED"})).await.json();
    assert!(free["price"].is_null());
    assert!(change(json!({"slug": "x"})).await.json()["fields"]["slug"].is_string());
    let gone = app.call(Method::DELETE, ROOT, path).bearer(&token).send().await;
    assert_eq!((gone.status.as_u16(), gone.header("etag")), (204, ""));
    assert_eq!(app.get(ROOT, path).bearer(&token).send().await.refusal(), "404 page_not_found");
    // A page that somebody has is archived, and the answer says so.
    let path = "/v2/handles/ada/pages/guide";
    let give = app.post(ROOT, &format!("{path}/grants")).bearer(&token);
    assert_eq!(give.json(&json!({"email": "bob@example.com"})).send().await.status, 201);
    let kept = app.call(Method::DELETE, ROOT, path).bearer(&token).send().await;
    let shown = app.get(ROOT, path).bearer(&token).send().await;
    assert_eq!((kept.status.as_u16(), kept.header("etag")), (204, shown.header("etag")));
    assert_eq!(shown.json()["status"], "ARCHIVED");
    drop(shop);
}

#[actix_web::test]
async fn pages_of_the_greatest_length_are_taken() {
    let app = TestApp::new();
    let _shop = app.shop().await;
    let token = app.token("ada").await;
    let send = |method: Method, path: &str, body: String| {
        let call = app.call(method, ROOT, &format!("/v2/handles/ada/{path}"));
        call.bearer(&token).bytes(body.into_bytes()).send()
    };
    // 64 KiB of letters, each of which is written as six bytes.
    let body = "\\u00e9".repeat(32 * 1024);
    let (teaser, rest) = ("\\ud83d\\ude00".repeat(10_000), r#""accessMode":"PUBLIC""#);
    let new =
        format!(r#"{{"slug":"long","title":"t","teaser":"{teaser}","body":"{body}",{rest}}}"#);
    let made = send(Method::POST, "pages", new).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["body"].as_str().map(str::len), Some(64 * 1024));
    let change = format!(r#"{{"body":"{body}"}}"#);
    assert_eq!(send(Method::PATCH, "pages/long", change).await.status, 200);
    let preview = format!(r#"{{"markdown":"{body}"}}"#);
    assert_eq!(send(Method::POST, "preview", preview).await.status, 200);
    let longer = format!(r#"{{"body":"{body}\u00e9"}}"#);
    let longer = send(Method::PATCH, "pages/long", longer).await;
    assert!(longer.json()["fields"]["body"].is_string(), "{}", longer.body);
    let spaces = " ".repeat(512 * 1024 + 1);
    let large = send(Method::PATCH, "pages/long", spaces).await;
    assert_eq!(large.refusal(), "413 payload_too_large");
}

#[actix_web::test]
async fn refund_of_what_was_not_bought_is_not_found() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let refund = |slug: &str, body: Value| {
        app.post(ROOT, &format!("/v2/handles/ada/pages/{slug}/refund"))
            .bearer(&token)
            .json(&body)
            .send()
    };
    let nobody = json!({"visitorId": "vis_abc123"});
    assert_eq!(refund("guide", nobody.clone()).await.refusal(), "404 purchase_not_found");
    assert_eq!(refund("nothing", nobody).await.refusal(), "404 page_not_found");
    for (body, field) in [
        (json!({}), "visitorId"),
        (json!({"visitorId": "bob"}), "visitorId"),
        (json!({"visitorId": "vis_abc123", "purchaseId": "x"}), "purchaseId"),
        (json!({"visitorId": "vis_abc123", "amount": 1}), "amount"),
    ] {
        let reply = refund("guide", body.clone()).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}");
    }
}

#[actix_web::test]
async fn common_password_is_refused_and_one_is_the_same_in_each_writing() {
    let app = TestApp::new();
    let call = |path: &str, body: Value| {
        app.post(ROOT, &format!("/v2/creator/auth/{path}")).json(&body).send()
    };
    for password in ["password123", "12345678", "e\u{301}".repeat(7).as_str()] {
        let reply = call("register", json!({"email": "a@example.com", "password": password})).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{password}");
        assert!(reply.json()["fields"]["password"].is_string());
    }
    let tokens = registered(&app).await;
    let change = json!({"currentPassword": "correct horse", "newPassword": "Password1"});
    let change = app.post(ROOT, "/v2/creator/auth/password").json(&change);
    let reply = change.bearer(text(&tokens, "accessToken")).send().await;
    assert_eq!(reply.refusal(), "422 validation_failed");
    assert!(reply.json()["fields"]["newPassword"].is_string());
    let new = json!({"email": "b@example.com", "password": "gr\u{fc}ne Wiese"});
    assert_eq!(call("register", new).await.status, 201);
    let decomposed = json!({"email": "b@example.com", "password": "gru\u{308}ne Wiese"});
    assert_eq!(call("login", decomposed).await.status, 200);
}

#[actix_web::test]
async fn refresh_token_works_twice_within_ten_seconds_and_then_ends_the_session() {
    let app = TestApp::new();
    let tokens = registered(&app).await;
    let refresh = || {
        let body = json!({"refreshToken": tokens["refreshToken"]});
        app.post(ROOT, "/v2/creator/auth/refresh").json(&body).send()
    };
    let (one, other) = (refresh().await, refresh().await);
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (200, 200));
    for reply in [one, other] {
        let token = text(&reply.json(), "accessToken").to_owned();
        assert_eq!(app.get(ROOT, "/v2/creator/me").bearer(&token).send().await.status, 200);
    }
    app.domain.clock.advance_seconds(10);
    assert_eq!(refresh().await.refusal(), "401 creator_unauthorized");
    let token = text(&tokens, "accessToken");
    let gone = app.get(ROOT, "/v2/creator/me").bearer(token).send().await;
    assert_eq!(gone.refusal(), "401 creator_unauthorized");
}
