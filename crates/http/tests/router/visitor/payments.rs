//! What a visitor pays for, and what the history says of it.

use futures_util::FutureExt;
use serde_json::{Value, json};
use tollgate_domain::creators::{AccessMode, PageChange};
use tollgate_domain_testing::{a_page, money};

use crate::support::{ROOT, TestApp, rows_of, walk};

#[actix_web::test]
async fn checkout_is_the_same_while_it_is_open() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let session = app.domain.sign_in("bob@example.com").await;
    let start = || app.post(ROOT, "/v2/public/pages/ada/guide/checkout").visitor(&session);
    let urls = json!({"successUrl": "https://example.com/thanks", "cancelUrl": "https://example.com/cancelled"});
    let first = start().json(&urls).send().await.json();
    assert!(first["checkoutId"].as_str().unwrap().starts_with("chk_"));
    assert_eq!(start().send().await.json()["checkoutUrl"], first["checkoutUrl"]);
    for (body, field) in [
        (json!({"price": 1}), "price"),
        (json!({"successUrl": "javascript:alert(1)"}), "successUrl"),
        (json!({"successUrl": "http://evil.example#.tollgate.localhost"}), "successUrl"),
        (json!({"cancelUrl": "http://evil.example#.tollgate.localhost"}), "cancelUrl"),
        (json!({"cancelUrl": "//evil.example"}), "cancelUrl"),
    ] {
        let reply = start().json(&body).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed");
        assert!(reply.json()["fields"][field].is_string());
    }
    let free = app.post(ROOT, "/v2/public/pages/ada/free/checkout").visitor(&session).send().await;
    assert_eq!(free.refusal(), "409 page_not_paid");
}

#[actix_web::test]
async fn one_key_is_one_answer() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let free = a_page().slug("free").free_with_login().published();
    let free = app.domain.page(&shop, free).await;
    let session = app.domain.sign_in("bob@example.com").await;
    let other = app.domain.sign_in("eve@example.com").await;
    let start = |slug: &str, key: &str| {
        let path = format!("/v2/public/pages/ada/{slug}/checkout");
        app.post(ROOT, &path).visitor(&session).with("idempotency-key", key)
    };
    let first = start("guide", "k").send().await;
    let again = start("guide", "k").send().await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(again.header("content-type"), "application/json");
    for same in [json!({}), json!({"successUrl": null}), json!({"cancelUrl": null})] {
        let again = start("guide", "k").json(&same).send().await;
        assert_eq!((again.status, again.body), (first.status, first.body.clone()), "{same}");
    }
    let elsewhere = json!({"successUrl": "https://example.com/thanks"});
    let elsewhere = start("guide", "k").json(&elsewhere).send().await;
    assert_eq!(elsewhere.refusal(), "409 idempotency_conflict");
    assert_eq!(start("free", "k").send().await.refusal(), "409 idempotency_conflict");
    for _ in 0..2 {
        assert_eq!(start("free", "l").send().await.refusal(), "409 page_not_paid");
    }
    assert_eq!(start("guide", &"k".repeat(256)).send().await.refusal(), "400 bad_request");
    let theirs = app.post(ROOT, "/v2/public/pages/ada/free/checkout").visitor(&other);
    assert_eq!(theirs.with("idempotency-key", "k").send().await.refusal(), "409 page_not_paid");
    // The same request under the same key, once its reason is mended.
    let price = Some(Some(money(1_200, "usd")));
    let paid = PageChange { mode: Some(AccessMode::Paid), price, ..PageChange::default() };
    app.domain.change(&shop, &free, paid).await;
    assert_eq!(start("free", "l").send().await.status, 200);
}

#[actix_web::test]
async fn same_request_waits_five_seconds_for_the_first_one() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let start = || {
        let call = app.post(ROOT, "/v2/public/pages/ada/guide/checkout").visitor(&session);
        call.with("idempotency-key", "k").send()
    };
    assert_eq!(app.get(ROOT, "/healthz").send().await.status, 200);
    // The first one goes on only when it is polled: it is about to call the provider.
    let mut first = start().boxed_local();
    while app.domain.store.orders().is_empty() {
        assert!((&mut first).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let second = start().await;
    let waited = begun.elapsed();
    assert_eq!(second.refusal(), "503 unavailable");
    assert_eq!(second.header("retry-after"), "4");
    assert!((5_000..5_500).contains(&waited.as_millis()), "{waited:?}");
    let first = first.await;
    assert_eq!(first.status, 200);
    assert_eq!(start().await.body, first.body);
    assert_eq!(app.domain.payments.sessions().len(), 1);
}

#[actix_web::test]
async fn history_leads_to_the_receipts_of_what_was_paid() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let bought =
        app.domain.page(&shop, a_page().slug("bought").paid(1_200, "usd").published()).await;
    let given = app.domain.page(&shop, a_page().slug("given").paid(1_200, "usd").published()).await;
    app.domain.buy(&shop, &bought, &bob).await;
    app.domain.give(&shop, &given, "bob@example.com").await;
    let history = app.get(ROOT, "/v2/visitor/access").visitor(&bob).send().await.json();
    let rows = history["items"].as_array().unwrap();
    let row = |slug: &str| rows.iter().find(|row| row["slug"] == slug).unwrap();
    assert!(row("given").get("purchaseId").is_none(), "{history}");
    let id = row("bought")["purchaseId"].as_str().unwrap();
    let path = format!("/v2/visitor/purchases/{id}/receipt");
    let receipt = app.get(ROOT, &path).visitor(&bob).send().await;
    assert_eq!(receipt.status, 200);
    assert_eq!(receipt.json()["purchaseId"], id);
}

#[actix_web::test]
async fn payments_on_their_way_have_their_place_in_the_history() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    for (number, slug) in ["first", "second", "third", "fourth"].into_iter().enumerate() {
        let page = a_page().slug(slug).paid(1_200, "usd").published();
        let page = app.domain.page(&shop, page).await;
        app.domain.clock.advance_seconds(60);
        if number % 2 == 0 {
            app.pay_later(&app.opened(&shop, &page, &bob).await).await;
        } else {
            app.domain.buy(&shop, &page, &bob).await;
        }
    }
    let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let newest_first =
        [("fourth", "ACTIVE"), ("third", "PENDING"), ("second", "ACTIVE"), ("first", "PENDING")];
    let newest_first = newest_first.map(|(slug, status)| (slug.to_owned(), status.to_owned()));
    for limit in [1, 2, 3, 4, 50] {
        let ask = async |path: &str| app.get(ROOT, path).visitor(&bob).send().await;
        let rows = rows_of(&walk(ask, "/v2/visitor/access", limit).await);
        let seen: Vec<_> =
            rows.iter().map(|row| (word(row, "slug"), word(row, "status"))).collect();
        assert_eq!(seen, newest_first, "in parts of {limit}");
    }
}
