//! Tests of malformed bodies, methods, cookies and signatures. They change nothing.

use serde_json::{Value, json};

use crate::support::{Backend, Call, Server};

on_each_database!(
    bad_bodies_are_refused_by_name,
    wrong_methods_and_addresses_are_refused,
    forged_cookies_are_nobodys,
    unsigned_webhooks_are_refused,
    places_to_return_to_are_on_our_hosts,
    checkout_takes_neither_price_nor_account_nor_odd_addresses,
);

const MAGIC_LINK: &str = "/v2/visitor/auth/magic-link";
const VERIFY: &str = "/v2/visitor/auth/verify";

/// Sends each request, expects its refusal, and checks that nothing has changed.
async fn all_refused(server: &Server, calls: Vec<(&str, Call, &str)>) {
    let before = server.place.database.census().await;
    for (what, call, refusal) in calls {
        let reply = call.send().await;
        assert_eq!(reply.refusal(), refusal, "{what}");
        assert_eq!(reply.header("set-cookie"), "", "{what}");
        let problem = reply.json();
        let named = problem["fields"].as_object().is_some_and(|fields| !fields.is_empty());
        assert_eq!(named, reply.status == 422, "{what}: {problem}");
    }
    assert_eq!(server.place.database.census().await, before);
    assert!(server.place.letters().is_empty());
}

async fn bad_bodies_are_refused_by_name(backend: Backend) {
    let server = Server::fresh(backend).await;
    let json = |path: &str, body: &str| server.post(path).body("application/json", body);
    let ask = |body: &str| json(MAGIC_LINK, body);
    let large = json!({"email": format!("{}@example.com", "a".repeat(64 * 1024))}).to_string();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let long = json!({"email": format!("{}@example.com", "a".repeat(400))}).to_string();
    all_refused(
        &server,
        vec![
            ("malformed", ask("{\"email\":"), "400 bad_request"),
            ("trailing", ask("{\"email\":\"a@b.example\"} x"), "400 bad_request"),
            ("empty", ask(""), "400 bad_request"),
            (
                "not UTF-8",
                server
                    .post(MAGIC_LINK)
                    .body("application/json", b"{\"email\":\"\xff\"}".as_slice()),
                "400 bad_request",
            ),
            ("deep", ask(&deep), "422 validation_failed"),
            ("array", ask("[\"a@b.example\"]"), "422 validation_failed"),
            ("null", ask("null"), "422 validation_failed"),
            (
                "unknown field",
                ask("{\"email\":\"a@b.example\",\"admin\":true}"),
                "422 validation_failed",
            ),
            (
                "repeated field",
                ask("{\"email\":\"a@b.example\",\"email\":\"c@d.example\"}"),
                "422 validation_failed",
            ),
            ("missing field", ask("{}"), "422 validation_failed"),
            ("wrong type", ask("{\"email\":7}"), "422 validation_failed"),
            ("no address", ask("{\"email\":\"bob\"}"), "422 validation_failed"),
            (
                "two addresses",
                ask("{\"email\":\"a@b.example,c@d.example\"}"),
                "422 validation_failed",
            ),
            (
                "line break",
                ask("{\"email\":\"a@b.example\\r\\nBcc: c@d.example\"}"),
                "422 validation_failed",
            ),
            ("NUL", ask("{\"email\":\"a\\u0000@b.example\"}"), "422 validation_failed"),
            ("long address", ask(&long), "422 validation_failed"),
            ("too large", ask(&large), "413 payload_too_large"),
            (
                "text",
                server.post(MAGIC_LINK).body("text/plain", "{\"email\":\"a@b.example\"}"),
                "415 unsupported_media_type",
            ),
            (
                "form",
                server
                    .post(MAGIC_LINK)
                    .body("application/x-www-form-urlencoded", "email=a@b.example"),
                "415 unsupported_media_type",
            ),
            (
                "compressed",
                ask("{}").with("content-encoding", "gzip"),
                "415 unsupported_media_type",
            ),
            ("nothing", server.post(MAGIC_LINK), "415 unsupported_media_type"),
            (
                "token and code",
                json(VERIFY, "{\"token\":\"x\",\"code\":\"123456\"}"),
                "422 validation_failed",
            ),
            ("neither", json(VERIFY, "{}"), "422 validation_failed"),
            ("no token", json(VERIFY, "{\"token\":\"' OR 1=1 --\"}"), "401 invalid_magic_link"),
            (
                "short password",
                json(
                    "/v2/creator/auth/register",
                    "{\"email\":\"c@d.example\",\"password\":\"short\"}",
                ),
                "422 validation_failed",
            ),
        ],
    )
    .await;
    let named = ask("{\"email\":\"a@b.example\",\"admin\":true}").send().await.json();
    assert!(named["fields"]["admin"].is_string(), "{named}");
}

async fn wrong_methods_and_addresses_are_refused(backend: Backend) {
    let server = Server::fresh(backend).await;
    for (method, path, allow) in [
        ("GET", MAGIC_LINK, "POST"),
        ("DELETE", "/v2/visitor/me", "GET, HEAD"),
        ("PUT", "/v2/public/pages/ada/guide/access-check", "POST"),
        ("BREW", "/v2/handles/ada/pages/guide", "DELETE, GET, HEAD, PATCH"),
        ("GET", "/v2/webhooks/stripe", "POST"),
        ("PUT", "/readyz", "GET, HEAD"),
    ] {
        let reply = server.call(method, path).send().await;
        assert_eq!(reply.refusal(), "405 method_not_allowed", "{method} {path}");
        let mut allowed: Vec<_> = reply.header("allow").split(", ").collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(", "), allow, "{method} {path}");
    }
    for path in [
        "/v2",
        "/v2/",
        "/v2/none",
        "/v2/visitor/me/",
        "/v2//visitor/me",
        "/v2/visitor/../visitor/me.css",
    ] {
        assert_eq!(server.get(path).send().await.refusal(), "404 not_found", "{path}");
    }
    // A page has only one address.
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let ada = server.place.host("ada");
    let slash = server.get("/guide/").host(&ada).cookie(&bob.cookie).send().await;
    assert_eq!(slash.status, 308);
    assert_eq!(slash.header("location"), format!("http://{ada}/guide"));
    for path in
        ["//guide", "/Guide", "/%67uide", "/guide.css", "/guide/x.css", "/guide%2f", "/./guide%00"]
    {
        let reply = server.get(path).host(&ada).cookie(&bob.cookie).send().await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(!reply.body.contains("Wash the pots"), "{path}");
    }
}

async fn forged_cookies_are_nobodys(backend: Backend) {
    let server = Server::fresh(backend).await;
    let bob = server.sign_in("bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let before = server.place.database.census().await;
    let last = bob.cookie.chars().last().unwrap();
    let altered =
        bob.cookie.strip_suffix(last).unwrap().to_owned() + if last == 'A' { "E" } else { "A" };
    let value = bob.cookie.strip_prefix("_10x_visitor=").unwrap();
    let check = || server.post("/v2/public/pages/ada/letters/access-check");
    for (what, call) in [
        ("altered", check().cookie(&altered)),
        ("made up", check().cookie(&format!("_10x_visitor={}", "A".repeat(43)))),
        ("the visitor's id", check().cookie(&format!("_10x_visitor={}", bob.id))),
        ("empty", check().cookie("_10x_visitor=")),
        ("8 KiB", check().cookie(&format!("_10x_visitor={}", "A".repeat(8 * 1024)))),
        ("other name", check().cookie(&format!("_10X_VISITOR={value}"))),
        ("quoted", check().cookie(&format!("_10x_visitor=\"{value}\""))),
        ("twice the same", check().cookie(&format!("{0}; {0}", bob.cookie))),
        ("two sessions", check().cookie(&format!("{}; {}", bob.cookie, eve.cookie))),
        ("two sessions turned", check().cookie(&format!("{}; {}", eve.cookie, bob.cookie))),
        ("two headers", check().cookie(&bob.cookie).cookie(&eve.cookie)),
        ("one good of two", check().cookie(&format!("_10x_visitor=x; {}", bob.cookie))),
    ] {
        let decision = call.send().await.ok();
        let nobody = json!({"hasAccess": false, "reason": "visitor_auth_required"});
        assert_eq!(decision, nobody, "{what}");
    }
    assert_eq!(server.place.database.census().await, before);
    let theme = format!("theme=dark; {}; x_10x_visitor=x", bob.cookie);
    assert_eq!(server.access(&theme, "letters").await, "entitled");
}

async fn unsigned_webhooks_are_refused(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    sandbox.webhooks("drop").await;
    let buyer = server.sign_in("bob@example.com").await;
    let opened = server.checkout(&buyer).await;
    sandbox.pay(&opened.session).await;
    let account = server.account(&server.ada().await).await;
    let events = sandbox.events(&account, &[&opened.session]).await;
    let event = events.iter().find(|e| e["type"] == "checkout.session.completed").unwrap();
    let body = event.to_string();
    let good = sandbox.sign(&body, 0);
    let forger = crate::support::Sandbox::new(&sandbox.url, "", "whsec_guess");
    let before = server.place.database.census().await;
    for (what, body, signature) in [
        ("no signature", &body, String::new()),
        ("another secret", &body, forger.sign(&body, 0)),
        ("another body", &body.replacen("usd", "eur", 1), good.clone()),
        ("too old", &body, sandbox.sign(&body, 301)),
        ("no time", &body, good.split_once(',').unwrap().1.to_owned()),
        ("another scheme", &body, good.replace("v1=", "v0=")),
        ("nonsense", &body, "t=now,v1=zz".to_owned()),
    ] {
        let reply = server.post_webhook(body, &signature).await;
        assert_eq!(reply.refusal(), "400 invalid_signature", "{what}");
    }
    let unsigned =
        server.post("/v2/webhooks/stripe").body("application/json", body.clone()).send().await;
    assert_eq!(unsigned.refusal(), "400 invalid_signature");
    let large = format!("\"{}\"", "a".repeat(512 * 1024));
    let large = server.post_webhook(&large, &sandbox.sign(&large, 0)).await;
    assert_eq!(large.refusal(), "413 payload_too_large");
    let nothing = server.post_webhook("[]", &sandbox.sign("[]", 0)).await;
    assert_eq!(nothing.refusal(), "400 bad_request");
    assert_eq!(server.place.database.census().await, before);
    assert_eq!(server.access(&buyer.cookie, "guide").await, "purchase_required");
    // A signature just inside the tolerance is accepted, and one valid signature of two is enough.
    let two = format!("{},v1={}", sandbox.sign(&body, 290), "0".repeat(64));
    assert_eq!(server.post_webhook(&body, &two).await.status, 200);
}

async fn places_to_return_to_are_on_our_hosts(backend: Backend) {
    let server = Server::fresh(backend).await;
    let domain = server.place.domain();
    let before = server.place.database.census().await;
    for place in [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "http://evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "guide",
        "",
        "/a b",
        "/\u{9}/evil.example",
        &format!("http://{domain}@evil.example/"),
        &format!("http://user@{domain}/"),
        &format!("http://{domain}.evil.example/"),
        &format!("http://evil{domain}/"),
        &format!("https://{domain}/"),
        "http://tollgate.localhost:1/",
        &format!("/{}", "a".repeat(3000)),
    ] {
        let body = json!({"email": "bob@example.com", "returnTo": place});
        let reply = server.post(MAGIC_LINK).json(&body).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{place:?}");
        assert!(reply.json()["fields"]["returnTo"].is_string(), "{place:?}");
    }
    assert_eq!(server.place.database.census().await, before);
    let place = server.place.url("ada", "/guide?from=mail");
    let body = json!({"email": "bob@example.com", "returnTo": place});
    assert_eq!(server.post(MAGIC_LINK).json(&body).send().await.status, 202);
    let letter = server.place.link_letter("bob@example.com", 1).await;
    let verified = server.post(VERIFY).json(&json!({"token": letter.token()})).send().await.ok();
    assert_eq!(verified["returnTo"], place);
}

async fn checkout_takes_neither_price_nor_account_nor_odd_addresses(backend: Backend) {
    let server = Server::fresh(backend).await;
    let bob = server.sign_in("bob@example.com").await;
    let before = server.place.database.census().await;
    let checkout = async |body: &Value| {
        let call = server.post("/v2/public/pages/ada/guide/checkout").cookie(&bob.cookie);
        call.json(body).send().await
    };
    for (field, value) in [
        ("price", json!({"amount": 1, "currency": "usd"})),
        ("amount", json!(1)),
        ("account", json!("acct_1")),
        ("successUrl", json!("javascript:alert(1)")),
        ("successUrl", json!("/thanks")),
        ("successUrl", json!("//evil.example")),
        ("successUrl", json!("https://user:pass@example.com/")),
        ("successUrl", json!("https:/\\evil.example")),
        ("cancelUrl", json!("data:text/html,x")),
        ("cancelUrl", json!(7)),
    ] {
        let reply = checkout(&json!({field: value})).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{field} {value}");
        assert!(reply.json()["fields"][field].is_string(), "{field} {value}");
    }
    assert_eq!(server.place.database.census().await, before);
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 0);
}
