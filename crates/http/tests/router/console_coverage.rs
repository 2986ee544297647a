//! Every screen below a handle, taken from the sources of the console, tried by who may not.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;
use tollgate_domain::{files::FileAccess, payments::DisputeProgress};

use crate::{
    console_browser::Browser,
    site_files::upload,
    support::{ROOT, TestApp},
};

const DISPUTE: &str = "/{handle}/purchases/{id}/dispute";

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

/// The path of a pattern with Ada's own things in it.
fn filled(pattern: &str, purchase: &str) -> String {
    let named = match pattern.split('/').nth(2) {
        Some("pages") => "guide",
        Some("files") => "book",
        Some("group-buys") => "together",
        _ => "",
    };
    let path = pattern.replace("{handle}", "ada").replace("{slug}", named);
    let path = path.replace("{id}", purchase).replace("{email}", "bob@example.com");
    assert!(
        !path.contains('{'),
        "say what is Ada's in {pattern}, so that others can be refused it"
    );
    path
}

/// Ada's shop with a page, a list of people for a file, a group buy and a disputed purchase, whose id is returned; and Eve's.
async fn shops() -> (TestApp, String) {
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
    (app, purchase.id.to_string())
}

#[actix_web::test]
async fn every_screen_below_a_handle_is_closed_to_other_creators() {
    let (app, purchase) = shops().await;
    let (ada, eve) = (Browser::of(&app, "ada").await, Browser::of(&app, "eve").await);
    assert_eq!(ada.get(&filled(DISPUTE, &purchase)).await.status, 200);
    let before = app.domain.store.purchases();
    for pattern in patterns() {
        let path = filled(&pattern, &purchase);
        let mut paths = vec![path.clone(), path.replacen("/ada", "/nobody", 1)];
        if pattern.contains("{slug}") || pattern.contains("{id}") {
            assert_ne!(ada.get(&path).await.status, 404, "{path}");
            // Ada's names at Eve's own handle.
            paths.push(path.replacen("/ada", "/eve", 1));
        }
        for path in paths {
            let opened = eve.get(&path).await.status.as_u16();
            let sent = eve.post(&path, &[("name", "Mine")]).await.status.as_u16();
            let is_closed = matches!((opened, sent), (404, 404 | 405) | (405, 404));
            assert!(is_closed, "{path}: {opened}, {sent}");
        }
    }
    assert_eq!(app.domain.store.purchases(), before);
}

#[actix_web::test]
async fn every_screen_below_a_handle_leads_to_signing_in_and_back() {
    let (app, purchase) = shops().await;
    for pattern in patterns() {
        let path = filled(&pattern, &purchase);
        let browser = Browser::new(&app);
        let opened = browser.get(&path).await;
        if opened.status != 405 {
            let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
            let sign_in = format!("/sign-in?next={next}");
            assert_eq!(opened.status, 303, "{path}");
            assert_eq!(opened.header("location"), sign_in, "{path}");
            let fields = [
                ("email", "ada@creators.example"),
                ("password", "correct horse"),
                ("next", &*path),
            ];
            let back = browser.post("/sign-in", &fields).await;
            assert_eq!(back.header("location"), path);
        }
        // A form cannot be sent again, so that it leads to the start.
        let sent = Browser::new(&app).post(&path, &[]).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/sign-in"), "{path}");
        // What was typed is kept, and nothing else is said.
        let sent = Browser::new(&app).post(&path, &[("name", "Mine")]).await;
        let is_kept = sent.body.contains("name=\"name\" value=\"Mine\">");
        assert_eq!((sent.status.as_u16(), is_kept), (401, true), "{path}");
    }
}
