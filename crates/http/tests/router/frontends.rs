//! Frontends of creators' own, on origins that they registered.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain_testing::a_page;

use crate::support::{ADA, ROOT, Reply, TestApp};

mod unused_names;

const SHOP: &str = "https://shop.example";
const OWN: &str = "http://tollgate.localhost:8080";
const ADAS_HOST: &str = "http://ada.tollgate.localhost:8080";
/// The host of a handle that does not exist.
const UNUSED: &str = "http://nope.tollgate.localhost:8080";

/// Ada's shop, whose frontend is at [`SHOP`], and Eve's, which has none.
async fn app() -> (TestApp, String) {
    let app = TestApp::new();
    app.shop().await;
    let eve = app.domain.shop("eve").await;
    app.domain.page(&eve, a_page().slug("guide").paid(500, "usd").published()).await;
    let token = app.token("ada").await;
    let set = change(&app, &token, &json!({"frontendOrigins": [SHOP]})).await;
    assert_eq!(set.status, 200, "{}", set.body);
    (app, token)
}

async fn change(app: &TestApp, token: &str, body: &Value) -> Reply {
    app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(token).json(body).send().await
}

fn allowed(reply: &Reply) -> (&str, &str) {
    (reply.header("access-control-allow-origin"), reply.header("access-control-allow-credentials"))
}

/// The cookie of Bob, who signs in on the frontend.
async fn signed_in_on_the_frontend(app: &TestApp) -> String {
    let (token, _) = app.domain.request_link("bob@example.com").await;
    let verify = app.post(ROOT, "/v2/visitor/auth/verify").with("origin", SHOP);
    let reply = verify.json(&json!({"token": token.reveal()})).send().await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.cookie()
}

/// The names in a header that lists them.
fn names<'a>(reply: &'a Reply, header: &str) -> Vec<&'a str> {
    reply.header(header).split(',').map(str::trim).collect()
}

#[actix_web::test]
async fn settings_of_a_handle_are_shown_and_changed_in_parts() {
    let (app, token) = app().await;
    let set = json!({
        "supportEmail": "Help@Example.com", "mailFooter": "Ada's shop\n1 Mill Lane",
        "frontendOrigins": [SHOP, "http://localhost:3000", SHOP],
    });
    let expected = json!({
        "handle": "ada", "name": "A shop", "createdAt": "2026-01-01T00:00:00Z",
        "frontendOrigins": [SHOP, "http://localhost:3000"],
        "supportEmail": "help@example.com", "mailFooter": "Ada's shop\n1 Mill Lane",
        "description": null, "picture": null,
        "invoiceCreation": false, "automaticTax": false, "taxIdCollection": false, "secondPayments": "REFUND",
    });
    assert_eq!(change(&app, &token, &set).await.json(), expected);
    assert_eq!(change(&app, &token, &json!({})).await.json(), expected);
    let shown = app.get(ROOT, "/v2/handles/ada").bearer(&token).send().await;
    assert_eq!(shown.json(), expected);
    let held = change(&app, &token, &json!({"secondPayments": "HOLD"})).await.json();
    assert_eq!(held["secondPayments"], "HOLD");
    let unset = json!({"supportEmail": null, "mailFooter": " ", "frontendOrigins": []});
    let shown = change(&app, &token, &unset).await.json();
    assert_eq!((&shown["supportEmail"], &shown["mailFooter"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["frontendOrigins"], json!([]));
    assert_eq!((&shown["name"], &shown["secondPayments"]), (&json!("A shop"), &json!("HOLD")));
}

#[actix_web::test]
async fn unsound_settings_are_refused_by_field() {
    let (app, token) = app().await;
    let many: Vec<_> = (0..21).map(|n| format!("https://a{n}.example")).collect();
    for (body, field) in [
        (json!({"frontendOrigins": ["https://shop.example/app"]}), "frontendOrigins"),
        (json!({"secondPayments": "KEEP"}), "secondPayments"),
        (json!({"frontendOrigins": ["HTTPS://shop.example"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["https://shop.example:443"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["https://*.example"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["http://shop.example"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["https://u:p@shop.example"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["null"]}), "frontendOrigins"),
        (json!({"frontendOrigins": ["https://x;sandbox"]}), "frontendOrigins"),
        (json!({"frontendOrigins": many}), "frontendOrigins"),
        (json!({"frontendOrigins": SHOP}), "frontendOrigins"),
        (json!({"supportEmail": "nobody"}), "supportEmail"),
        (json!({"supportEmail": "a@b.example\r\nBcc: c@d.example"}), "supportEmail"),
        (json!({"mailFooter": "x".repeat(501)}), "mailFooter"),
        (json!({"mailFooter": "a\u{0}b"}), "mailFooter"),
        (json!({"name": ""}), "name"),
        (json!({"handle": "mine"}), "handle"),
    ] {
        let reply = change(&app, &token, &body).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert!(reply.json()["fields"][field].is_string(), "{body}: {}", reply.body);
    }
}

#[actix_web::test]
async fn registered_frontend_reads_and_writes_the_visitors_part() {
    let (app, _) = app().await;
    let cookie = signed_in_on_the_frontend(&app).await;
    for (method, path, status) in [
        ("GET", "/v2/visitor/me", 200),
        ("GET", "/v2/public/pages/ada/guide", 200),
        ("POST", "/v2/public/pages/ada/guide/access-check", 200),
        ("POST", "/v2/public/pages/ada/guide/checkout", 200),
        ("GET", "/v2/visitor/nothing", 404),
    ] {
        let call = app.call(method.parse().unwrap(), ROOT, path).with("cookie", &cookie);
        let call = call.with("origin", SHOP).with("sec-fetch-site", "same-site");
        let reply = call.send().await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert_eq!(allowed(&reply), (SHOP, "true"), "{path}");
        assert!(reply.header("vary").contains("Origin"));
        let ask = app.call(Method::OPTIONS, ROOT, path).with("origin", SHOP);
        let ask = ask.with("access-control-request-method", method).send().await;
        assert_eq!(ask.status, 204, "{path}");
        assert_eq!(allowed(&ask), (SHOP, "true"));
        assert!(ask.header("access-control-allow-methods").contains(method));
        for name in ["content-type", "idempotency-key", "if-none-match", "if-range", "range"] {
            assert!(names(&ask, "access-control-allow-headers").contains(&name), "{name}");
        }
        for name in [
            "accept-ranges",
            "content-disposition",
            "content-length",
            "content-range",
            "etag",
            "retry-after",
            "x-request-id",
        ] {
            assert!(names(&reply, "access-control-expose-headers").contains(&name), "{name}");
        }
        assert!(ask.header("vary").contains("Origin"));
    }
}

#[actix_web::test]
async fn frontend_reaches_nothing_else() {
    let (app, token) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    for (origin, path) in [
        // Another creator's pages.
        (SHOP, "/v2/public/pages/eve/guide"),
        (SHOP, "/v2/public/pages/nobody/guide"),
        (SHOP, "/v2/public/pages/%61da/guide"),
        (SHOP, "/v2/public/"),
        // Creators' calls, webhooks, pages.
        (SHOP, "/v2/handles/ada"),
        (SHOP, "/v2/creator/me"),
        (SHOP, "/v2/webhooks/stripe"),
        (SHOP, "/healthz"),
        // What only looks like it.
        ("https://shop.example:8443", "/v2/visitor/me"),
        ("http://shop.example", "/v2/visitor/me"),
        ("https://SHOP.example", "/v2/visitor/me"),
        ("https://shop.example:443", "/v2/visitor/me"),
        ("https://sub.shop.example", "/v2/visitor/me"),
        ("https://shop.example.evil.example", "/v2/visitor/me"),
        ("null", "/v2/visitor/me"),
    ] {
        let ask = app.call(Method::OPTIONS, ROOT, path).with("origin", origin);
        let ask = ask.with("access-control-request-method", "POST").send().await;
        let read = app.get(ROOT, path).visitor(&session).with("origin", origin).send().await;
        for reply in [ask, read] {
            assert_eq!(allowed(&reply), ("", ""), "{origin} {path}");
        }
    }
    for path in ["/v2/public/pages/eve/guide/checkout", "/v2/handles/ada/stripe/connect"] {
        let call = app.post(ROOT, path).visitor(&session).bearer(&token).with("origin", SHOP);
        assert_eq!(call.send().await.refusal(), "403 cross_site_request", "{path}");
    }
    let form = app.post(ADA, "/-/sign-out").visitor(&session).with("origin", SHOP);
    assert_eq!(form.body("application/x-www-form-urlencoded", "").send().await.status, 403);
}

#[actix_web::test]
async fn removed_origin_is_closed_at_once() {
    let (app, token) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let write =
        || app.post(ROOT, "/v2/visitor/auth/logout").visitor(&session).with("origin", SHOP).send();
    change(&app, &token, &json!({"frontendOrigins": []})).await;
    let refused = write().await;
    assert_eq!(refused.refusal(), "403 cross_site_request");
    assert_eq!(allowed(&refused), ("", ""));
    change(&app, &token, &json!({"frontendOrigins": [SHOP]})).await;
    assert_eq!(write().await.status, 204);
}

#[actix_web::test]
async fn origin_is_looked_up_only_if_it_is_not_own_by_its_name() {
    let (app, _) = app().await;
    app.domain.store.set_down(true);
    // Without a store nothing else of this answer can come.
    let check = |host: &str| {
        let call = app.call(Method::OPTIONS, host, "/v2/visitor/me");
        call.with("access-control-request-method", "GET")
    };
    assert_eq!(check(ROOT).send().await.status, 405);
    for (host, origin) in
        [(ADA, ADAS_HOST), (ROOT, OWN), (ADA, OWN), (ADA, "http://app.tollgate.localhost:8080")]
    {
        assert_eq!(check(host).with("origin", origin).send().await.status, 204, "{origin}");
    }
    for (host, origin) in [(ROOT, SHOP), (ADA, SHOP), (ROOT, ADAS_HOST), (ROOT, UNUSED)] {
        let refused = check(host).with("origin", origin).send().await;
        assert_eq!(refused.refusal(), "503 unavailable", "{origin}");
        assert_eq!(allowed(&refused), ("", ""), "{origin}");
    }
}

/// The store has enough to do.
#[actix_web::test]
async fn origin_of_a_request_too_many_is_not_looked_up() {
    let (app, _) = app().await;
    let ask = |origin| app.get(ROOT, "/v2/visitor/me").with("origin", origin).send();
    assert_eq!(allowed(&ask(SHOP).await), (SHOP, "true"));
    let waiting = app.overload();
    for (origin, expected) in [(SHOP, ("", "")), (ADAS_HOST, ("", "")), (OWN, (OWN, "true"))] {
        let refused = ask(origin).await;
        assert_eq!(refused.refusal(), "503 unavailable");
        assert_eq!(allowed(&refused), expected, "{origin}");
    }
    drop(waiting);
    assert_eq!(allowed(&ask(SHOP).await), (SHOP, "true"));
}

#[actix_web::test]
async fn confirmation_leads_to_the_frontend_that_was_asked_for() {
    let (app, _) = app().await;
    let place = "https://shop.example/read?x=1";
    let ask = json!({"email": "bob@example.com", "returnTo": place});
    let asked = app.post(ROOT, "/v2/visitor/auth/magic-link").json(&ask).send().await;
    assert_eq!(asked.status, 202);
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to("bob@example.com");
    let link = format!("/-/verify?token={}", token.reveal());
    let looked = app.get(ROOT, &link).send().await;
    let policy = looked.header("content-security-policy");
    assert!(policy.contains("http://127.0.0.1:4242 https://shop.example; base-uri"), "{policy}");
    assert!(looked.body.contains("You go on to shop.example."), "{}", looked.body);
    let german = app.get(ROOT, &link).with("accept-language", "de").send().await.body;
    assert!(german.contains("Danach geht es weiter zu shop.example."), "{german}");
    let form = format!("token={}", token.reveal());
    let pressed = app.post(ROOT, "/-/verify").form(&form).send().await;
    assert_eq!((pressed.status.as_u16(), pressed.header("location")), (303, place));

    // The page with the field for the code leads there, too; other pages lead nowhere new.
    let form = "email=bob%40example.com&returnTo=https%3A%2F%2Fshop.example%2F";
    let sent = app.post(ADA, "/-/sign-in").form(form).send().await;
    let sent = app.get(ADA, "/-/code").with("cookie", &sent.cookie()).send().await;
    assert!(sent.header("content-security-policy").contains(" https://shop.example;"));
    assert!(sent.body.contains("You go on to shop.example."), "{}", sent.body);
    let start = app.get(ADA, "/").send().await;
    assert!(!start.header("content-security-policy").contains("shop.example"));
    let evil = "email=bob%40example.com&returnTo=https%3A%2F%2Fevil.example%2F";
    let refused = app.post(ADA, "/-/sign-in").form(evil).send().await;
    assert_eq!(refused.status, 422);
    let code = format!("{evil}&code=000000");
    let refused = app.post(ADA, "/-/code").form(&code).send().await;
    assert!(!refused.header("content-security-policy").contains("evil.example"));
    assert!(!refused.body.contains("You go on to"), "{}", refused.body);
}

#[actix_web::test]
async fn pages_say_where_to_ask_for_help() {
    let (app, token) = app().await;
    let before = app.get(ADA, "/guide").send().await.body;
    assert!(!before.contains("Questions?"));
    change(&app, &token, &json!({"supportEmail": "help+ada@example.com"})).await;
    for path in ["/", "/guide"] {
        let page = app.get(ADA, path).send().await.body;
        assert!(
            page.contains("Questions? Write to <a href=\"mailto:help%2Bada@example.com\">"),
            "{page}"
        );
    }
}

#[actix_web::test]
async fn frontend_sees_of_a_visitor_what_concerns_its_handles() {
    let (app, _) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let from_shop = |path: &str| app.get(ROOT, path).visitor(&session).with("origin", SHOP).send();
    assert_eq!(from_shop("/v2/visitor/me").await.refusal(), "401 visitor_unauthorized");
    let own = app.get(ROOT, "/v2/visitor/me").visitor(&session).send().await;
    assert_eq!(own.status, 200);
    for handle in ["eve", "ada"] {
        let token = app.token(handle).await;
        let path = format!("/v2/handles/{handle}/pages/guide/grants");
        let give = app.post(ROOT, &path).bearer(&token).json(&json!({"email": "bob@example.com"}));
        assert_eq!(give.send().await.status, 201);
        let status = from_shop("/v2/visitor/me").await.status.as_u16();
        assert_eq!(status, if handle == "ada" { 200 } else { 401 }, "{handle}");
    }
    let all = app.get(ROOT, "/v2/visitor/access").visitor(&session).send().await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let here = from_shop("/v2/visitor/access").await.json();
    let [row] = here["items"].as_array().unwrap().as_slice() else { panic!("{here}") };
    assert_eq!(row["handle"], "ada");
}

#[actix_web::test]
async fn frontend_shows_and_ends_only_sessions_that_began_there() {
    let (app, _) = app().await;
    let elsewhere = app.domain.sign_in("bob@example.com").await;
    app.domain.clock.advance_seconds(60);
    let here = signed_in_on_the_frontend(&app).await;
    let list = async |cookie: &str, origin: Option<&str>| {
        let mut call = app.get(ROOT, "/v2/visitor/sessions").with("cookie", cookie);
        if let Some(origin) = origin {
            call = call.with("origin", origin);
        }
        call.send().await.json()["items"].as_array().unwrap().clone()
    };
    let own = format!("_10x_visitor={}", elsewhere.reveal());
    assert_eq!(list(&here, None).await.len(), 2);
    let shown = list(&here, Some(SHOP)).await;
    assert_eq!((shown.len(), &shown[0]["current"]), (1, &json!(true)));
    let other = list(&own, None).await.into_iter().find(|row| row["current"] == true).unwrap();
    let path = format!("/v2/visitor/sessions/{}", other["id"].as_str().unwrap());
    let end = app.call(Method::DELETE, ROOT, &path).with("cookie", &here).with("origin", SHOP);
    assert_eq!(end.send().await.status, 204);
    let logout = async |cookie: &str| {
        let call = app.post(ROOT, "/v2/visitor/auth/logout").with("cookie", cookie);
        call.with("origin", SHOP).send().await
    };
    let kept = logout(&own).await;
    assert_eq!((kept.status.as_u16(), kept.header("set-cookie")), (204, ""));
    assert_eq!(app.get(ROOT, "/v2/visitor/me").visitor(&elsewhere).send().await.status, 200);
    let ended = logout(&here).await;
    assert!(ended.header("set-cookie").contains("Max-Age=0"), "{ended:?}");
    let me = app.get(ROOT, "/v2/visitor/me").with("cookie", &here).send().await;
    assert_eq!(me.status, 401);
}

#[actix_web::test]
async fn escaped_path_is_not_a_way_around_the_origin() {
    let (app, _) = app().await;
    let cookie = signed_in_on_the_frontend(&app).await;
    for path in ["/v2/%76isitor/me", "/v2/visi%74or/access", "/v2/p%75blic/pages/ada/guide"] {
        let call = app.get(ROOT, path).with("origin", "https://evil.example");
        assert_eq!(call.with("cookie", &cookie).send().await.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn look_from_a_page_on_another_site_is_not_recorded() {
    let (app, token) = app().await;
    let page = json!({
        "slug": "free", "title": "Free", "teaser": "", "body": "Read.",
        "accessMode": "FREE_WITH_LOGIN", "status": "PUBLISHED",
    });
    let made = app.post(ROOT, "/v2/handles/ada/pages").bearer(&token).json(&page).send().await;
    assert_eq!(made.status, 201, "{}", made.body);
    let cookie = signed_in_on_the_frontend(&app).await;
    let me = || async {
        let history =
            app.get(ROOT, "/v2/visitor/access").with("cookie", &cookie).send().await.json();
        history["items"].as_array().unwrap().len()
    };
    let look = async |origin: &str| {
        let call = app.get(ROOT, "/v2/public/pages/ada/free").with("cookie", &cookie);
        assert_eq!(call.with("origin", origin).send().await.status, 200);
    };
    look("https://evil.example").await;
    assert_eq!(me().await, 0);
    look(SHOP).await;
    assert_eq!(me().await, 1);
}
