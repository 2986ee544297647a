//! Payments that opened nothing and what waits for the creator, on the wire.

mod presses;
mod refused;

use serde_json::{Value, json};
use tollgate_domain::{
    creators::Page,
    mail::ports::MailError,
    payments::{AccountState, CheckoutSessionId, DisputeProgress, PaymentsError, Refusal},
    reconcile::SweepRequest,
};
use tollgate_domain_testing::{Call, Fault, Shop, a_page};

use crate::support::{ROOT, Reply, TestApp, rows_of, walk};

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
        let page = app.page(&shop, "guide").await;
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
        self.app.opened(&self.shop, page, &visitor).await
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
    desk.app.pay_later(&late).await;
    domain.clock.advance_seconds(60);
    let lost = desk.opened(&desk.page, "carol@example.com").await;
    desk.app.pay_later(&lost).await;
    domain.payments.fail_payment(&lost);
    domain.deliver_webhooks().await;
    domain.clock.advance_seconds(60);
    let other = a_page().slug("other").paid(1200, "usd").published();
    let other = domain.page(&desk.shop, other).await;
    let wrong = desk.opened(&other, "dave@example.com").await;
    desk.app.pay_another_amount(&wrong).await;

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
    let parts = walk(async |path: &str| desk.get(path).await, "/unfinished-payments", 1).await;
    assert_eq!(rows_of(&parts), *items);
}

#[actix_web::test]
async fn payment_on_its_way_is_explained_by_a_rule_of_its_own() {
    let desk = Desk::new().await;
    let late = desk.opened(&desk.page, "bob@example.com").await;
    desk.app.pay_later(&late).await;
    let told = desk.get("/explain?email=bob%40example.com&page=guide").await.json();
    assert_eq!(
        (&told["rule"]["id"], &told["reason"]),
        (&json!("payment_pending"), &json!("purchase_required"),)
    );
    assert_eq!(told["wouldChange"][0]["action"], "payment_arrives");
    let effect = told["wouldChange"][0]["effect"].as_str().unwrap();
    assert!(effect.starts_with("Opens the page: entitled."), "{effect}");
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

#[actix_web::test]
async fn shop_in_order_needs_nothing() {
    let desk = Desk::new().await;
    let needs = desk.get("/attention").await.json();
    let none = json!({
        "disputes": [], "quarantinedPayments": [], "unreadOrders": [], "heldPayments": [], "failedRefunds": [],
        "deadMails": [],
    });
    assert_eq!(needs, none);
}

#[actix_web::test]
async fn dispute_needs_the_creator_until_it_is_decided() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let bob = domain.sign_in("bob@example.com").await;
    let bought = domain.buy(&desk.shop, &desk.page, &bob).await;
    let payment = &bought.payment.as_ref().unwrap().payment_intent;
    let dispute = domain.payments.dispute(payment, DisputeProgress::Open).unwrap();
    domain.deliver_webhooks().await;
    let needs = desk.get("/attention").await.json();
    let awaited = &needs["disputes"][0];
    assert!(awaited["respondBy"].is_string(), "{needs}");
    assert_eq!(
        *awaited,
        json!({
            "id": dispute.to_string(), "purchaseId": bought.id.to_string(),
            "status": "NEEDS_RESPONSE", "amount": {"amount": 1200, "currency": "usd"},
            "respondBy": awaited["respondBy"], "connected": true,
        })
    );
    let sale = &desk.get("/purchases").await.json()["items"][0];
    assert_eq!((&sale["disputed"], &sale["status"]), (&json!(true), &json!("SUSPENDED")));
    domain.payments.decide_dispute(&dispute, DisputeProgress::Won);
    domain.deliver_webhooks().await;
    assert_eq!(desk.get("/attention").await.json()["disputes"], json!([]));
}

#[actix_web::test]
async fn payment_that_does_not_match_needs_the_creator_until_it_is_refunded() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let wrong = desk.opened(&desk.page, "bob@example.com").await;
    let payment = desk.app.pay_another_amount(&wrong).await;
    let needs = desk.get("/attention").await.json();
    let found = &needs["quarantinedPayments"][0];
    assert_eq!(
        (&found["email"], &found["status"]),
        (&json!("bob@example.com"), &json!("QUARANTINED"))
    );
    assert_eq!(found["disputed"], json!(false));
    domain.payments.refund_in_dashboard(&payment, 1_100).unwrap();
    domain.deliver_webhooks().await;
    assert_eq!(desk.get("/attention").await.json()["quarantinedPayments"], json!([]));
}

#[actix_web::test]
async fn payment_that_does_not_match_and_is_disputed_needs_the_creator_until_that_is_lost() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let wrong = desk.opened(&desk.page, "bob@example.com").await;
    let payment = desk.app.pay_another_amount(&wrong).await;
    let dispute = domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    domain.deliver_webhooks().await;
    let needs = desk.get("/attention").await.json();
    assert_eq!(needs["quarantinedPayments"][0]["disputed"], json!(true));
    domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    domain.deliver_webhooks().await;
    assert_eq!(desk.get("/attention").await.json()["quarantinedPayments"], json!([]));
}

#[actix_web::test]
async fn refund_that_failed_and_payment_that_is_held_need_the_creator() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    desk.app.hold_second_payments(&desk.shop).await;
    let session = domain.sign_in("bob@example.com").await;
    let bob = domain.visitor(&session).await;
    let first = domain.buy(&desk.shop, &desk.page, &session).await;
    domain.clock.advance_seconds(60);
    let receipt = domain.refund(&desk.shop, &desk.page, &bob).await.unwrap();
    domain.clock.advance_seconds(60);
    let second = domain.buy(&desk.shop, &desk.page, &session).await;
    domain.payments.fail_refund(&receipt.refund);
    domain.deliver_webhooks().await;
    let needs = desk.get("/attention").await.json();
    let open = |id: String| json!([{"purchaseId": id, "email": "bob@example.com"}]);
    assert_eq!(needs["failedRefunds"], open(first.id.to_string()), "{needs}");
    assert_eq!(needs["heldPayments"], open(second.id.to_string()), "{needs}");
    let sales = desk.get("/purchases").await.json();
    let failed = sales["items"].as_array().unwrap().iter();
    let failed: Vec<_> = failed.map(|sale| (&sale["id"], &sale["refundFailed"])).collect();
    let [second, first] = [second.id, first.id].map(|id| json!(id.to_string()));
    assert_eq!(failed, [(&second, &json!(false)), (&first, &json!(true))]);
}

#[actix_web::test]
async fn refund_without_an_answer_is_told_with_its_sale() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let session = domain.sign_in("bob@example.com").await;
    let bob = domain.visitor(&session).await;
    domain.buy(&desk.shop, &desk.page, &session).await;
    let pending = async || desk.get("/purchases").await.json()["items"][0]["refundPending"].clone();
    assert_eq!(pending().await, json!(false));
    domain.payments.fail_next(Call::Refund, Fault::lost_request());
    assert!(domain.refund(&desk.shop, &desk.page, &bob).await.is_err());
    assert_eq!(pending().await, json!(true));
    domain.refund(&desk.shop, &desk.page, &bob).await.unwrap();
    assert_eq!(pending().await, json!(false));
}

#[actix_web::test]
async fn what_a_bank_took_back_is_told_with_its_sale() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let session = domain.sign_in("bob@example.com").await;
    let bought = domain.buy(&desk.shop, &desk.page, &session).await;
    let payment = bought.payment.unwrap().payment_intent;
    let dispute = domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    domain.deliver_webhooks().await;
    domain.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    domain.deliver_webhooks().await;
    let sale = desk.get("/purchases").await.json()["items"][0].clone();
    let usd = |amount: i64| json!({"amount": amount, "currency": "usd"});
    assert_eq!((&sale["lost"], &sale["refunded"]), (&usd(1_200), &usd(0)), "{sale}");
    assert_eq!(sale["refundFailed"], json!(false), "{sale}");
}

#[actix_web::test]
async fn mail_that_was_given_up_needs_the_creator_for_a_week() {
    let mut desk = Desk::new().await;
    let domain = &desk.app.domain;
    domain.deliver_mails().await;
    domain.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    domain.give(&desk.shop, &desk.page, "carol@example.com").await;
    domain.work().await;
    let needs = desk.get("/attention").await.json();
    let dead = needs["deadMails"].as_array().unwrap();
    assert_eq!(dead.len(), 1, "{needs}");
    assert_eq!((&dead[0]["to"], &dead[0]["status"]), (&json!("carol@example.com"), &json!("DEAD")));
    assert_eq!(dead[0]["lastError"], "could not be delivered");
    domain.clock.advance_seconds(7 * 24 * 3600);
    desk.token = desk.app.token("ada").await;
    assert_eq!(desk.get("/attention").await.json()["deadMails"], json!([]));
}

#[actix_web::test]
async fn explanation_tells_of_pay_pages_without_payment_and_why_money_was_refunded() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let explained = || desk.get("/explain?email=bob%40example.com&page=guide");
    let opened = desk.opened(&desk.page, "bob@example.com").await;
    let told = explained().await.json();
    let unpaid = told["unpaidCheckouts"].as_array().unwrap();
    assert_eq!(unpaid.len(), 1, "{told}");
    assert_eq!(
        (&unpaid[0]["closed"], &unpaid[0]["since"]),
        (&json!(false), &json!("2026-01-01T00:00:00Z"))
    );
    domain.payments.pay(&opened).unwrap();
    domain.deliver_webhooks().await;
    assert_eq!(explained().await.json()["unpaidCheckouts"], json!([]));

    let visitor = domain.store.purchases()[0].visitor_id.to_string();
    let wish = json!({"visitorId": visitor, "reason": "as agreed"});
    let refund = desk.app.post(ROOT, "/v2/handles/ada/pages/guide/refund").bearer(&desk.token);
    assert_eq!(refund.json(&wish).send().await.status, 200);
    let told = explained().await.json();
    let of_kind = |kind: &str| {
        let facts = told["facts"].as_array().unwrap().iter();
        facts.filter(|fact| fact["kind"] == kind).map(|fact| &fact["reason"]).collect::<Vec<_>>()
    };
    assert_eq!(of_kind("refund_accepted"), [&json!("as agreed")], "{told}");
    assert_eq!(of_kind("purchased"), [&Value::Null], "{told}");
}

#[actix_web::test]
async fn account_that_was_disconnected_is_told() {
    let desk = Desk::new().await;
    assert_eq!(desk.get("/stripe").await.json()["status"], "active");
    let missing = async || desk.get("/stripe/requirements").await.json();
    assert_eq!(missing().await, json!({"due": [], "disconnected": false}));
    desk.app.domain.payments.deauthorize(&desk.shop.account);
    desk.app.domain.deliver_webhooks().await;
    assert_eq!(
        desk.get("/stripe").await.json(),
        json!({
            "accountId": null, "chargesEnabled": false, "payoutsEnabled": false,
            "status": "not_connected",
        })
    );
    assert_eq!(missing().await, json!({"due": [], "disconnected": true}));
}

/// Also if the event of the change was lost; what cannot be asked is not told as nothing.
#[actix_web::test]
async fn what_stripe_asks_for_is_told() {
    let desk = Desk::new().await;
    let (domain, account) = (&desk.app.domain, &desk.shop.account);
    let started = AccountState { details_submitted: true, ..AccountState::default() };
    domain.payments.set_account(account, started);
    domain.payments.take_events();
    let missing = async || desk.get("/stripe/requirements").await.json();
    assert_eq!(missing().await, json!({"due": ["external_account"], "disconnected": false}));
    let told = desk.get("/stripe").await.json();
    assert_eq!(
        told,
        json!({
            "accountId": account.to_string(), "chargesEnabled": false, "payoutsEnabled": false,
            "status": "restricted",
        })
    );
    domain.payments.set_down(true);
    assert_eq!(missing().await, json!({"due": null, "disconnected": false}));
    domain.payments.set_down(false);
    assert_eq!(missing().await["due"], json!(["external_account"]));
}

#[actix_web::test]
async fn order_that_stripe_does_not_show_needs_the_creator_until_it_is_read() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    let missing = PaymentsError::Refused { refusal: Refusal::NotFound, message: "404".to_owned() };
    let session = desk.opened(&desk.page, "bob@example.com").await;
    domain.payments.pay(&session).unwrap();
    domain.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing.clone()));
    domain.deliver_webhooks().await;
    assert_eq!(desk.get("/attention").await.json()["unreadOrders"], json!([]));
    domain.payments.fail_next(Call::Checkout, Fault::BeforeEffect(missing));
    domain.clock.advance_seconds(3 * 24 * 3600);
    domain.work().await;
    let order = domain.store.orders().remove(0);
    // The access token has ended in the meantime.
    let desk = Desk { token: desk.app.token("ada").await, ..desk };
    let needs = desk.get("/attention").await.json();
    assert_eq!(
        needs["unreadOrders"],
        json!([{
            "checkoutId": order.id.to_string(), "email": "bob@example.com",
            "amount": {"amount": 1200, "currency": "usd"}, "since": order.created_at.to_string(),
        }])
    );
    let request = SweepRequest::default();
    let account = desk.app.domain.reconciler.accounts(&request).await.unwrap().remove(0);
    assert_eq!(desk.app.domain.reconciler.sweep(&account, &request).await.error, None);
    assert_eq!(desk.get("/attention").await.json()["unreadOrders"], json!([]));
}
