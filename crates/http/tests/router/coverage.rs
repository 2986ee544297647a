//! Every route of the interface, taken from its own description, tried by who may not.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain::names::{NameError, Slug};
use tollgate_domain_testing::a_page;

use crate::support::{ROOT, TestApp};

/// A route and who may call it.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// What has to be there: `creator`, `visitor`, or nothing.
    pub(crate) needs: Option<String>,
}

pub(crate) fn routes() -> Vec<Route> {
    let described = serde_json::to_value(tollgate_http::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let ways = operation["security"].as_array().cloned().unwrap_or_default();
            let needs = match ways.as_slice() {
                [only] => only.as_object().unwrap().keys().next().cloned(),
                _ => None,
            };
            let method = method.to_uppercase().parse().unwrap();
            routes.push(Route { method, path: path.clone(), needs });
        }
    }
    routes
}

/// A page with such a name could not be opened, since its address leads elsewhere.
#[test]
fn no_page_can_be_named_like_what_every_host_serves() {
    for path in routes().into_iter().map(|route| route.path).chain(["/docs".to_owned()]) {
        let first = path.split('/').nth(1).unwrap();
        assert_eq!(first.parse::<Slug>(), Err(NameError::Reserved), "{path}");
    }
}

/// The id of nothing.
pub(crate) const NO_ID: &str = "pur_01j9z3k5v7w8x9y0z1a2b3c4d5";

/// The path of a route or a screen with Ada's own things in it, and with this id.
pub(crate) fn filled(pattern: &str, id: &str) -> String {
    let mut before = "";
    let mut parts = Vec::new();
    for part in pattern.split('/') {
        parts.push(match (part, before) {
            ("{handle}", _) => "ada",
            ("{email}", _) => "bob@example.com",
            ("{id}" | "{name}", _) => id,
            ("{pageSlug}", _) | ("{slug}", "pages") => "guide",
            ("{fileSlug}", _) | ("{slug}", "files") => "book",
            ("{groupBuySlug}", _) | ("{slug}", "group-buys") => "together",
            _ => part,
        });
        before = part;
    }
    let path = parts.join("/");
    assert!(
        !path.contains('{'),
        "say what is Ada's in {pattern}, so that others can be refused it"
    );
    path
}

/// What a creator would send there, and with which query.
fn sound(method: &Method, path: &str) -> (Option<Value>, &'static str) {
    let page = json!({
        "slug": "x", "title": "X", "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    let together = json!({
        "slug": "together", "title": "X", "description": "", "pageSlug": "guide",
        "price": {"amount": 500, "currency": "usd"}, "targetQuantity": 2,
    });
    match (method.as_str(), path) {
        ("PATCH", "/v2/handles/{handle}") => {
            (Some(json!({"name": "Mine", "frontendOrigins": ["https://evil.example"]})), "")
        }
        ("POST", "/v2/handles/{handle}/pages") => (Some(page), ""),
        ("PATCH", "/v2/handles/{handle}/pages/{pageSlug}") => (Some(json!({"title": "Mine"})), ""),
        ("POST", "/v2/handles/{handle}/pages/{pageSlug}/refund") => {
            (Some(json!({"visitorId": "vis_abc123"})), "")
        }
        ("POST", "/v2/handles/{handle}/pages/{pageSlug}/grants") => {
            (Some(json!({"email": "eve@example.com"})), "")
        }
        ("POST", "/v2/handles/{handle}/group-buys") => (Some(together), ""),
        ("PATCH", "/v2/handles/{handle}/group-buys/{groupBuySlug}") => {
            (Some(json!({"title": "Mine"})), "")
        }
        ("PATCH", "/v2/handles/{handle}/files/{fileSlug}") => (Some(json!({"name": "Mine"})), ""),
        ("POST", "/v2/handles/{handle}/preview") => (Some(json!({"markdown": "Mine"})), ""),
        ("POST", "/v2/handles/{handle}/preview/mail") => (Some(json!({"mailFooter": "Mine"})), ""),
        ("POST", "/v2/handles/{handle}/preview/price") => {
            (Some(json!({"price": {"amount": 500, "currency": "usd"}})), "")
        }
        ("POST", "/v2/handles/{handle}/files/{fileSlug}/allowlist") => {
            (Some(json!({"emails": ["eve@example.com"]})), "")
        }
        ("POST", "/v2/handles/{handle}/people/move") => {
            (Some(json!({"from": "bob@example.com", "to": "eve@example.com"})), "")
        }
        ("POST", "/v2/handles/{handle}/people/sign-in-link") => {
            (Some(json!({"email": "bob@example.com", "pageSlug": "guide"})), "")
        }
        ("DELETE", "/v2/handles/{handle}/people/move") => (None, "?from=bob%40example.com"),
        ("GET", "/v2/handles/{handle}/explain") => (None, "?email=bob%40example.com&page=guide"),
        (
            "POST",
            "/v2/handles/{handle}/stripe/connect"
            // Who it is comes before the form.
            | "/v2/handles/{handle}/files"
            | "/v2/handles/{handle}/group-buys/{groupBuySlug}/activate"
            | "/v2/handles/{handle}/group-buys/{groupBuySlug}/cancel"
            | "/v2/handles/{handle}/purchases/{id}/receipt/resend"
            | "/v2/handles/{handle}/emails/{id}/resend",
        )
        | ("PUT", "/v2/handles/{handle}/files/{fileSlug}/allowlist/{email}")
        | ("GET" | "DELETE", _) => (None, ""),
        _ => panic!("say what to send to {method} {path}, so that a stranger can be refused there"),
    }
}

#[actix_web::test]
async fn every_route_asks_who_is_there() {
    let app = TestApp::new();
    app.shop().await;
    let mut tried = BTreeSet::new();
    for Route { method, path, needs } in routes() {
        let Some(needs) = needs else { continue };
        let reply = app.call(method.clone(), ROOT, &filled(&path, NO_ID)).send().await;
        assert_eq!(reply.refusal(), format!("401 {needs}_unauthorized"), "{method} {path}");
        let challenge = reply.header("www-authenticate");
        let scheme = if needs == "creator" { "Bearer" } else { "Cookie " };
        assert!(challenge.starts_with(scheme), "{method} {path}: {challenge}");
        let garbage = app.call(method.clone(), ROOT, &filled(&path, NO_ID)).bearer("garbage");
        let garbage = garbage.with("cookie", "_10x_visitor=garbage").send().await;
        assert_eq!(garbage.refusal(), format!("401 {needs}_unauthorized"), "{method} {path}");
        tried.insert(needs);
    }
    assert_eq!(tried, BTreeSet::from(["creator".to_owned(), "visitor".to_owned()]));
}

#[actix_web::test]
async fn every_route_of_a_handle_is_closed_to_other_creators() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.shop("eve").await;
    let token = app.token("eve").await;
    let before = app.domain.store.purchases();
    let mut tried = 0;
    for Route { method, path, needs } in routes() {
        if needs.as_deref() != Some("creator") || !path.contains("{handle}") {
            continue;
        }
        let (body, query) = sound(&method, &path);
        let filled = format!("{}{query}", filled(&path, NO_ID));
        for (address, refusal) in [
            (filled.clone(), "404 handle_not_found"),
            (filled.replace("/ada", "/nobody"), "404 handle_not_found"),
        ] {
            let call = app.call(method.clone(), ROOT, &address).bearer(&token);
            let call = match &body {
                Some(body) => call.json(body),
                None => call,
            };
            let reply = call.send().await;
            assert_eq!(reply.refusal(), refusal, "{method} {address}: {}", reply.body);
        }
        tried += 1;
    }
    assert!(tried >= 47, "{tried}");
    assert_eq!(app.domain.store.purchases(), before);
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!((settings.handle, settings.frontend_origins), (shop.handle, Vec::new()));
}

#[actix_web::test]
async fn every_list_refuses_the_same_limits_and_cursors() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let (token, bob) = (app.token("ada").await, app.domain.sign_in("bob@example.com").await);
    app.domain.page(&shop, a_page().slug("other").published()).await;
    let pages = app.get(ROOT, "/v2/handles/ada/pages?limit=1").bearer(&token).send().await.json();
    let (foreign, long) = (pages["nextCursor"].as_str().unwrap(), "x".repeat(2_000));
    let described = serde_json::to_value(tollgate_http::openapi()).unwrap();
    let mut tried = 0;
    for Route { method, path, needs } in routes() {
        let operation = &described["paths"][&path][method.as_str().to_lowercase()];
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        if !parameters.iter().any(|parameter| parameter["name"] == "cursor") {
            continue;
        }
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=abc", "limit"),
            ("limit=", "limit"),
            ("limit=-1", "limit"),
            ("limit=%2B1", "limit"),
            ("limit=1.0", "limit"),
            ("limit=99999999999999999999", "limit"),
            ("limit=1&limit=2", "limit"),
            ("limit=1&limit=1", "limit"),
            ("cursor=", "cursor"),
            ("cursor=abc", "cursor"),
            ("cursor=%00", "cursor"),
            (&*format!("cursor={long}"), "cursor"),
            (&*format!("cursor={foreign}"), "cursor"),
            (&*format!("cursor={foreign}&cursor={foreign}"), "cursor"),
        ] {
            if path == "/v2/handles/{handle}/pages" && query.ends_with(foreign) && field == "cursor"
            {
                continue;
            }
            let call = app.get(ROOT, &format!("{}?{query}", filled(&path, NO_ID)));
            let reply = match needs.as_deref() {
                Some("creator") => call.bearer(&token).send().await,
                _ => call.visitor(&bob).send().await,
            };
            assert_eq!(reply.refusal(), "422 validation_failed", "{path}?{query}");
            let told = reply.json()["fields"][field].to_string();
            let hint = ["from 1 to 100", "that this list gave", "is there twice"];
            assert!(hint.iter().any(|hint| told.contains(hint)), "{path}?{query}: {}", reply.body);
        }
        tried += 1;
    }
    assert!(tried >= 14, "{tried}");
    // The cursor is right where it comes from, and at no other handle.
    let pages = format!("/v2/handles/ada/pages?cursor={foreign}");
    assert_eq!(app.get(ROOT, &pages).bearer(&token).send().await.status, 200);
    app.domain.shop("eve").await;
    let theirs = app.get(ROOT, &pages.replace("/ada/", "/eve/")).bearer(&app.token("eve").await);
    assert_eq!(theirs.send().await.refusal(), "422 validation_failed");
}

#[actix_web::test]
async fn what_is_wrong_with_a_query_comes_before_what_is_not_there() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for handle in ["ada", "nobody", "Not-a-handle"] {
        for (end, fields) in [
            ("pages?status=x&limit=0", vec!["limit", "status"]),
            ("files?limit=0", vec!["limit"]),
            ("files/unknown/allowlist?limit=0&cursor=x", vec!["cursor", "limit"]),
            ("group-buys?limit=0", vec!["limit"]),
            ("group-buys/unknown/interests?limit=0", vec!["limit"]),
            (
                "purchases?visitor=x&email=x&limit=0&cursor=x",
                vec!["cursor", "email", "limit", "visitor"],
            ),
            (
                "unfinished-payments?visitor=x&email=x&limit=0&cursor=x",
                vec!["cursor", "email", "limit", "visitor"],
            ),
            ("visitors?q=a&q=b&limit=0", vec!["limit", "q"]),
            ("emails?q=a&q=b&limit=0", vec!["limit", "q"]),
            ("revenue?from=x&to=x&limit=0&cursor=x", vec!["cursor", "from", "limit", "to"]),
            ("explain?email=x", vec!["email", "page"]),
            ("explain?email=x&page=PD", vec!["email", "page"]),
            ("explain?email=x&file=PD", vec!["email", "file"]),
        ] {
            let path = format!("/v2/handles/{handle}/{end}");
            let reply = app.get(ROOT, &path).bearer(&token).send().await;
            assert_eq!(reply.refusal(), "422 validation_failed", "{path}");
            let told =
                reply.json()["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(told, fields, "{path}");
        }
        let listed = format!("/v2/handles/{handle}/files/unknown/allowlist/nobody");
        for method in [Method::PUT, Method::DELETE] {
            let reply = app.call(method, ROOT, &listed).bearer(&token).send().await;
            assert_eq!(reply.refusal(), "422 validation_failed", "{listed}");
        }
        for query in ["", "?from=nobody", "?from=a%40x.example&from=b%40x.example"] {
            let moved = format!("/v2/handles/{handle}/people/move{query}");
            let reply = app.call(Method::DELETE, ROOT, &moved).bearer(&token).send().await;
            assert_eq!(reply.refusal(), "422 validation_failed", "{moved}");
            assert!(reply.json()["fields"]["from"].is_string(), "{moved}: {}", reply.body);
        }
    }
}

#[actix_web::test]
async fn only_the_names_that_a_call_has_are_read_of_its_query() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().paid(500, "usd").published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    let token = app.token("ada").await;
    let ask = async |query: &str| {
        let path = format!("/v2/handles/ada/purchases{query}");
        app.get(ROOT, &path).bearer(&token).send().await
    };
    let all = ask("").await.json();
    assert_eq!(all["items"][0]["disputed"], json!(false), "{all}");
    for query in ["?disputed=true", "?disputed=x&disputed=y", "?utm_source=mail", "?Page=x"] {
        assert_eq!(ask(query).await.json(), all, "{query}");
    }
    for query in ["?page=Not+a+slug", "?email=x", "?visitor=x", "?q=a&q=b", "?limit=0"] {
        assert_eq!(ask(query).await.refusal(), "422 validation_failed", "{query}");
    }
}

#[actix_web::test]
async fn calls_of_creators_are_refused_in_one_order() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let described = serde_json::to_value(tollgate_http::openapi()).unwrap();
    let mut tried = 0;
    for Route { method, path, needs } in routes() {
        let operation = &described["paths"][&path][method.as_str().to_lowercase()];
        let takes_json = operation["requestBody"]["content"]["application/json"].is_object();
        if needs.as_deref() != Some("creator") || !takes_json {
            continue;
        }
        // There is nothing at this address, which is said last.
        let address = filled(&path, NO_ID).replace("/ada", "/nobody");
        let call = || app.call(method.clone(), ROOT, &address);
        let stranger = call().body("text/plain", "{").send().await;
        assert_eq!(stranger.refusal(), "401 creator_unauthorized", "{method} {path}");
        for (content_type, body, refusal) in [
            ("text/plain", r#"{"zzz":1"#, "415 unsupported_media_type"),
            ("application/json", r#"{"zzz":1"#, "400 bad_request"),
            ("application/json", r#"{"zzz":1}"#, "422 validation_failed"),
            ("application/json", &*" ".repeat(600_000), "413 payload_too_large"),
        ] {
            let reply = call().bearer(&token).body(content_type, body).send().await;
            assert_eq!(reply.refusal(), refusal, "{method} {path}");
        }
        tried += 1;
    }
    assert!(tried >= 24, "{tried}");
}

/// A call that passed over its body would take what it does not know.
#[test]
fn every_call_that_sends_something_reads_its_body() {
    let described = serde_json::to_value(tollgate_http::openapi()).unwrap();
    for Route { method, path, .. } in routes() {
        let operation = &described["paths"][&path][method.as_str().to_lowercase()];
        let sends = matches!(method.as_str(), "POST" | "PUT" | "PATCH");
        assert_eq!(operation["requestBody"].is_object(), sends, "{method} {path}");
    }
}

#[actix_web::test]
async fn every_path_names_its_methods() {
    let app = TestApp::new();
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Route { method, path, .. } in routes() {
        let methods = paths.entry(path).or_default();
        if method == Method::GET {
            methods.insert("HEAD".to_owned());
        }
        methods.insert(method.to_string());
    }
    for (path, methods) in paths {
        for method in ["BREW", "TRACE", "OPTIONS"] {
            let reply = app.call(method.parse().unwrap(), ROOT, &filled(&path, NO_ID)).send().await;
            assert_eq!(reply.refusal(), "405 method_not_allowed", "{method} {path}");
            let mut allowed: Vec<_> = reply.header("allow").split(", ").collect();
            allowed.sort_unstable();
            assert_eq!(allowed, methods.iter().collect::<Vec<_>>(), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn every_get_answers_head() {
    let app = TestApp::new();
    app.shop().await;
    let (token, bob) = (app.token("ada").await, app.domain.sign_in("bob@example.com").await);
    for Route { path, .. } in routes().into_iter().filter(|route| route.method == Method::GET) {
        let ask = async |method: Method| {
            let call = app.call(method, ROOT, &filled(&path, NO_ID)).visitor(&bob);
            call.bearer(&token).send().await
        };
        let (get, head) = (ask(Method::GET).await, ask(Method::HEAD).await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
    }
}
