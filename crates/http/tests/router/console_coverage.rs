//! Every screen below a handle, taken from the sources of the console, tried by who may not.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use tollgate_domain::{files::FileAccess, payments::DisputeProgress};
use tollgate_domain_testing::Shop;

use crate::{
    console_browser::{APP, Browser},
    coverage::filled,
    site_files::upload,
    support::{ROOT, Reply, TestApp},
};

const DISPUTE: &str = "/{handle}/purchases/{id}/dispute";
/// There is no gift that it could be about.
const REVOKE: &str = "/{handle}/people/revoke";

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The patterns of the routes below a handle.
fn patterns() -> BTreeSet<String> {
    let mut patterns = BTreeSet::new();
    for file in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console")) {
        let source = fs::read_to_string(&file).unwrap();
        let literals = source.split("\"/{handle}").skip(1);
        let ends = literals.map(|literal| literal.split('"').next().unwrap());
        let ends = ends.filter(|end| end.is_empty() || end.starts_with('/'));
        patterns.extend(ends.map(|end| format!("/{{handle}}{end}")));
    }
    assert!(patterns.len() >= 35 && patterns.contains(DISPUTE), "{patterns:?}");
    patterns
}

/// The path of a pattern with Ada's own things in it, and the same with a query if it can have one.
fn addresses(pattern: &str, purchase: &str) -> BTreeSet<String> {
    let path = filled(pattern, purchase);
    let query = match pattern {
        "/{handle}/people/person" | "/{handle}/people/move" => "?email=bob%40example.com",
        "/{handle}/purchases" => "?page=guide&email=bob%40example.com",
        "/{handle}/revenue" => "?from=2025-12-01&to=2026-01-01",
        _ => "",
    };
    BTreeSet::from([format!("{path}{query}"), path])
}

/// The screens below Ada's handle that open for her.
pub(crate) async fn opened(ada: &Browser<'_>, purchase: &str) -> Vec<String> {
    let mut opened = Vec::new();
    for path in patterns().iter().flat_map(|pattern| addresses(pattern, purchase)) {
        let reply = ada.get(&path).await;
        let reply = ada.follow(reply).await;
        if reply.status == 200 && reply.header("content-type").starts_with("text/html") {
            opened.push(path);
        }
    }
    assert!(opened.len() >= 30, "{opened:?}");
    opened
}

/// Ada's shop with a page, a list of people for a file, a group buy and a disputed purchase, whose id is returned; and Eve's.
pub(crate) async fn shops() -> (TestApp, Shop, String) {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    let together = json!({
        "slug": "together", "title": "Together", "description": "", "pageSlug": "guide",
        "price": {"amount": 500, "currency": "usd"}, "targetQuantity": 2,
    });
    let call = app.post(ROOT, "/v2/handles/ada/group-buys").bearer(&app.token("ada").await);
    assert_eq!(call.json(&together).send().await.status, 201);
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let purchase = app.domain.buy(&shop, &page, &bob).await;
    let intent = purchase.payment.unwrap().payment_intent;
    app.domain.payments.dispute(&intent, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    app.domain.shop("eve").await;
    (app, shop, purchase.id.to_string())
}

#[actix_web::test]
async fn every_screen_below_a_handle_is_closed_to_other_creators() {
    let (app, shop, purchase) = shops().await;
    let (ada, eve) = (Browser::of(&app, "ada").await, Browser::of(&app, "eve").await);
    assert_eq!(ada.get(&filled(DISPUTE, &purchase)).await.status, 200);
    let before = app.domain.store.purchases();
    for pattern in patterns() {
        let own = addresses(&pattern, &purchase);
        let at = |handle: &str| -> Vec<_> {
            own.iter().map(|path| path.replacen("/ada", handle, 1)).collect()
        };
        let mut paths = [at("/ada"), at("/nobody"), at("/X")].concat();
        if pattern.contains("{slug}") || pattern.contains("{id}") {
            for path in &own {
                assert_ne!(ada.get(path).await.status, 404, "{path}");
            }
            // Ada's names at Eve's own handle.
            paths.extend(at("/eve"));
        }
        for path in paths {
            let opened = eve.get(&path).await.status.as_u16();
            let sent = eve.post(&path, &[("name", "Mine")]).await.status.as_u16();
            let is_closed = matches!((opened, sent), (404, 404 | 405) | (405, 404));
            assert!(is_closed, "{path}: {opened}, {sent}");
        }
    }
    assert_eq!(app.domain.store.purchases(), before);
    let handle = app.domain.handles.owned(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(handle.title, shop.handle.title);
}

#[actix_web::test]
async fn every_screen_below_a_handle_leads_to_signing_in_and_back() {
    let (app, _, purchase) = shops().await;
    for pattern in patterns() {
        for path in addresses(&pattern, &purchase) {
            let browser = Browser::new(&app);
            let opened = browser.get(&path).await;
            if opened.status != 405 {
                assert_eq!(opened.status, 303, "{path}");
                let back = signed_in(&browser, &path, opened.header("location")).await;
                let expected = if pattern == REVOKE { 404 } else { 200 };
                assert_eq!(browser.follow(back).await.status, expected, "{path}");
            }
            // A form cannot be sent again, so that it leads to the start.
            let sent = Browser::new(&app).post(&path, &[]).await;
            let led = (sent.status.as_u16(), sent.header("location"));
            assert_eq!(led, (303, "/sign-in"), "{path}");
            // What was typed is kept, and nothing else is said.
            let sent = Browser::new(&app).post(&path, &[("name", "Mine")]).await;
            let is_kept = sent.body.contains("name=\"name\" value=\"Mine\">");
            assert_eq!((sent.status.as_u16(), is_kept), (401, true), "{path}");
        }
    }
}

/// Signs Ada in at the address that a path has led to, which has to lead back to the path.
pub(crate) async fn signed_in(browser: &Browser<'_>, path: &str, sign_in: &str) -> Reply {
    let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    let expected =
        if path == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={next}") };
    assert_eq!(sign_in, expected, "{path}");
    let form = browser.get(sign_in).await;
    let next = format!("name=\"next\" value=\"{}\"", path.replace('&', "&#38;"));
    assert!(form.body.contains(&next), "{path}");
    let fields = [("email", "ada@creators.example"), ("password", "correct horse"), ("next", path)];
    let back = browser.post("/sign-in", &fields).await;
    assert_eq!(back.header("location"), path);
    back
}

/// Tries a form as pages of others would send it with Ada's cookies.
pub(crate) async fn is_refused_to_other_pages(app: &TestApp, ada: &Browser<'_>, path: &str) {
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://ada.tollgate.localhost:8080"),
        ("origin", "https://evil.example"),
        ("referer", "http://app.tollgate.localhost:8080/"),
    ] {
        let call = app.post(APP, path).with(name, value).with("cookie", &ada.cookies());
        let call = call.body("application/x-www-form-urlencoded", "name=Mine");
        assert_eq!(call.send().await.status, 403, "{path} {name}: {value}");
    }
}

#[actix_web::test]
async fn form_of_another_page_is_refused_below_a_handle() {
    let (app, shop, purchase) = shops().await;
    let ada = Browser::of(&app, "ada").await;
    let mut tried = 0;
    for path in patterns().iter().flat_map(|pattern| addresses(pattern, &purchase)) {
        // Not every screen has a form.
        let sent = app.post(APP, &path).with("sec-fetch-site", "same-origin").send().await;
        if sent.status != 405 {
            is_refused_to_other_pages(&app, &ada, &path).await;
            tried += 1;
        }
    }
    assert!(tried >= 25, "{tried}");
    let handle = app.domain.handles.owned(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(handle.title, shop.handle.title);
    assert_eq!(ada.get("/ada").await.status, 200);
}
