//! Payments that opened nothing and what waits for the creator, on the wire.

use serde_json::{Value, json};
use tollgate_domain::{creators::Page, payments::CheckoutSessionId};
use tollgate_domain_testing::{Shop, a_page};

use crate::support::{ROOT, Reply, TestApp};

/// Ada's shop with the page `guide`.
struct Desk {
    app: TestApp,
    shop: Shop,
    page: Page,
    token: String,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let slug = "guide".parse().unwrap();
        let (_, page) =
            app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
        let token = app.token("ada").await;
        Self { app, shop, page, token }
    }

    async fn get(&self, path: &str) -> Reply {
        let path = format!("/v2/handles/ada{path}");
        self.app.get(ROOT, &path).bearer(&self.token).send().await
    }

    /// Opens the pay page of a visitor.
    async fn opened(&self, page: &Page, address: &str) -> CheckoutSessionId {
        let visitor = self.app.domain.sign_in(address).await;
        let started = self.app.domain.start(&self.shop, page, &visitor).await.unwrap();
        self.app.domain.payments.session_at(&started.url).unwrap()
    }
}

fn addresses(list: &Value) -> Vec<&str> {
    let rows = list["items"].as_array().unwrap().iter();
    rows.map(|row| row["email"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn payments_that_opened_nothing_are_listed() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let none = desk.get("/unfinished-payments").await.json();
    assert_eq!(none, json!({"items": [], "nextCursor": null}));

    let late = desk.opened(&desk.page, "bob@example.com").await;
    domain.payments.pay_later(&late).unwrap();
    domain.deliver_webhooks().await;
    domain.clock.advance_seconds(60);
    let lost = desk.opened(&desk.page, "carol@example.com").await;
    domain.payments.pay_later(&lost).unwrap();
    domain.deliver_webhooks().await;
    domain.payments.fail_payment(&lost);
    domain.deliver_webhooks().await;
    domain.clock.advance_seconds(60);
    let other = a_page().slug("other").paid(1200, "usd").published();
    let other = domain.page(&desk.shop, other).await;
    let wrong = desk.opened(&other, "dave@example.com").await;
    domain.payments.pay(&wrong).unwrap();
    domain.payments.tamper(&wrong, |state| state.amount = 1_100);
    domain.deliver_webhooks().await;

    let listed = desk.get("/unfinished-payments").await.json();
    let items = listed["items"].as_array().unwrap();
    let told: Vec<_> = items.iter().map(|row| (&row["email"], &row["status"])).collect();
    let expected = [("dave", "QUARANTINED"), ("carol", "FAILED"), ("bob", "PENDING")]
        .map(|(name, status)| (json!(format!("{name}@example.com")), json!(status)));
    assert_eq!(told, expected.iter().map(|(email, status)| (email, status)).collect::<Vec<_>>());
    let bob = &items[2];
    let id = bob["checkoutId"].as_str().unwrap();
    assert!(id.starts_with("chk_"));
    assert_eq!(
        *bob,
        json!({
            "checkoutId": id, "email": "bob@example.com", "pageSlug": "guide",
            "title": desk.page.title, "amount": {"amount": 1200, "currency": "usd"},
            "status": "PENDING", "since": "2026-01-01T00:00:00Z",
        })
    );
    for (query, expected) in [
        ("?page=other", vec!["dave@example.com"]),
        ("?page=nothing", vec![]),
        ("?email=carol%40example.com", vec!["carol@example.com"]),
        ("?q=CA", vec!["carol@example.com"]),
        ("?visitor=vis_bob", vec![]),
    ] {
        let found = desk.get(&format!("/unfinished-payments{query}")).await.json();
        assert_eq!(addresses(&found), expected, "{query}");
    }
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let part = desk.get(&format!("/unfinished-payments?limit=1{cursor}")).await.json();
        walked.extend(part["items"].as_array().unwrap().clone());
        let Some(next) = part["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, *items);
}

#[actix_web::test]
async fn start_of_an_address_that_is_too_long_comes_before_what_is_not_there() {
    let desk = Desk::new().await;
    let long = "a".repeat(300);
    for list in ["purchases", "unfinished-payments", "visitors"] {
        for handle in ["ada", "nobody"] {
            let path = format!("/v2/handles/{handle}/{list}?q={long}");
            let reply = desk.app.get(ROOT, &path).bearer(&desk.token).send().await;
            assert_eq!(reply.refusal(), "422 validation_failed", "{path}");
            assert!(reply.json()["fields"]["q"].is_string(), "{path}");
        }
    }
}
