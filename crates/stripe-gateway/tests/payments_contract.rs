//! The port's promises, kept against the sandbox over real HTTP. Every request that was sent is held
//! against Stripe's published contract when a test ends.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tollgate_domain::{
    checkout::{
        AccountId, AccountState, ChargeId, CheckoutSessionId, DisputeId, DisputeProgress,
        OpenCheckout, PaymentIntentId, PaymentsError, ProviderRefundId, RefundOrder,
        RefundProgress, Refusal, SessionProgress, SessionState,
        ports::{Payments, WebhookVerifier},
    },
    money::Money,
};
use tollgate_stripe_contract::Contract;
use tollgate_stripe_gateway::{StripeConfig, StripeGateway, StripeWebhooks};
use tollgate_stripe_sandbox::{RecordedRequest, Sandbox, SandboxConfig};

const KEY: &str = "sk_test_contract";
const WEBHOOK_SECRET: &str = "whsec_contract";
const SESSIONS: &str = "/v1/checkout/sessions";
const REFUNDS: &str = "/v1/refunds";

static SERIAL: AtomicU32 = AtomicU32::new(0);

struct World {
    sandbox: Sandbox,
    gateway: StripeGateway,
    http: reqwest::Client,
    /// Requests that a test sent itself, not the gateway.
    by_hand: AtomicU32,
}

impl World {
    async fn new() -> Self {
        Self::with_webhooks(None).await
    }

    async fn with_webhooks(webhook_url: Option<String>) -> Self {
        let config = SandboxConfig {
            listen: ([127, 0, 0, 1], 0).into(),
            state_dir: None,
            webhook_url,
            secret_key: KEY.into(),
            webhook_secret: WEBHOOK_SECRET.into(),
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let gateway = gateway(&sandbox, KEY);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { sandbox, gateway, http, by_hand: AtomicU32::new(0) }
    }

    /// A call of the sandbox's own, or one that somebody makes in Stripe's dashboard.
    async fn send(&self, account: Option<&AccountId>, path: &str, body: Option<String>) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        let request = match body {
            Some(body) => self.http.post(url).body(body),
            None => self.http.get(url),
        };
        let request = match account {
            Some(account) => {
                self.by_hand.fetch_add(1, Ordering::SeqCst);
                request.header("Stripe-Account", account.as_str())
            }
            None => request,
        };
        let answer = request.bearer_auth(KEY).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn control(&self, call: &str, body: Value) -> Value {
        self.send(None, &format!("/_sandbox/{call}"), Some(body.to_string())).await
    }

    async fn count(&self, what: &str) -> u64 {
        self.send(None, "/_sandbox/stats", None).await[what].as_u64().unwrap()
    }

    async fn fault(&self, fault: Value) {
        self.control("faults", json!({"api": fault})).await;
    }

    async fn account(&self) -> AccountId {
        let serial = SERIAL.fetch_add(1, Ordering::SeqCst);
        let email = "ada@example.com".parse().unwrap();
        let key = format!("account-{serial}");
        let account = self.gateway.create_account(&key, &email).await.unwrap();
        self.control(&format!("accounts/{account}/enable"), json!({})).await;
        account
    }

    async fn session(&self, account: &AccountId, session: &CheckoutSessionId) -> SessionState {
        self.gateway.checkout(account, session).await.unwrap()
    }

    /// An order of 12.00 USD that was paid by card.
    async fn paid(&self, order: &OpenCheckout) -> PaymentIntentId {
        let opened = self.gateway.open_checkout(order).await.unwrap();
        self.pay(&opened.session, "succeed").await;
        self.session(&order.account, &opened.session).await.payment_intent.unwrap()
    }

    async fn pay(&self, session: &CheckoutSessionId, outcome: &str) {
        self.control(&format!("sessions/{session}/pay"), json!({"outcome": outcome})).await;
    }

    async fn charge_of(&self, account: &AccountId, payment: &PaymentIntentId) -> ChargeId {
        let path = format!("/v1/payment_intents/{payment}");
        let payment = self.send(Some(account), &path, None).await;
        ChargeId::new(payment["latest_charge"].as_str().unwrap())
    }

    fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        let requests = self.sandbox.requests().into_iter();
        requests.filter(|request| request.path == path).collect()
    }

    /// Every request was one that Stripe describes, at the pinned version, under a key where it
    /// changes something, and on the connected account where that is what it is about.
    fn end(self) {
        let contract = Contract::load();
        let requests = self.sandbox.requests();
        let by_hand = usize::try_from(self.by_hand.load(Ordering::SeqCst)).unwrap();
        let ours: Vec<_> =
            requests.iter().filter(|request| request.stripe_version.is_some()).collect();
        assert_eq!(ours.len() + by_hand, requests.len());
        assert!(!ours.is_empty());
        for request in ours {
            let RecordedRequest { method, path, form, query, .. } = request;
            if let Err(problems) = contract.check_request(method, path, form, query) {
                panic!("{method} {path}: {}", problems.join("; "));
            }
            assert_eq!(request.stripe_version.as_deref(), Some("2026-09-30.endive"));
            let keyed = method == "POST" && path != "/v1/account_links";
            assert_eq!(request.idempotency_key.is_some(), keyed, "{method} {path}");
            let on_account = !path.starts_with("/v1/account");
            assert_eq!(request.stripe_account.is_some(), on_account, "{method} {path}");
        }
    }
}

fn gateway(sandbox: &Sandbox, key: &str) -> StripeGateway {
    let config = StripeConfig {
        request_timeout: Duration::from_millis(700),
        ..StripeConfig::new(SecretString::from(key)).at(sandbox.url().parse().unwrap())
    };
    StripeGateway::new(&config).unwrap()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    let serial = SERIAL.fetch_add(1, Ordering::SeqCst);
    format!("{prefix}01arz3ndektsv4rrffq{serial:07}").parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox runs by the real clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

fn order(account: &AccountId) -> OpenCheckout {
    OpenCheckout {
        checkout_id: id("chk_"),
        page_id: id("pag_"),
        account: account.clone(),
        title: "Ten & more [things] 🎫".into(),
        price: usd(1_200),
        fee: 0,
        customer_email: "bob@example.com".parse().unwrap(),
        success_url: "http://ada.tollgate.localhost:8080/ten/return?checkout=chk_1".into(),
        cancel_url: "http://ada.tollgate.localhost:8080/ten".into(),
        expires_at: now().saturating_add(jiff::SignedDuration::from_hours(23)).unwrap(),
    }
}

fn refund_of(order: &OpenCheckout, payment: &PaymentIntentId, amount: i64) -> RefundOrder {
    RefundOrder {
        refund_id: id("rfd_"),
        account: order.account.clone(),
        payment_intent: payment.clone(),
        amount: usd(amount),
        with_fee: order.fee > 0,
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, PaymentsError>) -> Refusal {
    match result {
        Err(PaymentsError::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_account_is_made_once_and_onboarded_by_a_fresh_link_each_time() {
    let world = World::new().await;
    let email = "ada@example.com".parse().unwrap();
    let made = || world.gateway.create_account("account-hdl_1-0", &email);
    let account = made().await.unwrap();
    assert_eq!(made().await.unwrap(), account);
    let another = world.gateway.create_account("account-hdl_1-1", &email).await.unwrap();
    assert_ne!(another, account);
    assert_eq!(world.gateway.account(&account).await.unwrap(), AccountState::default());

    let link = || {
        world.gateway.onboarding_link(&account, "http://a.localhost/r", "http://a.localhost/again")
    };
    assert_ne!(link().await.unwrap(), link().await.unwrap());

    world.control(&format!("accounts/{account}/enable"), json!({})).await;
    let ready =
        AccountState { charges_enabled: true, payouts_enabled: true, details_submitted: true };
    assert_eq!(world.gateway.account(&account).await.unwrap(), ready);
    world.end();
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_not_found() {
    let world = World::new().await;
    let nobody = AccountId::new("acct_nobody");
    let gateway = &world.gateway;
    assert_eq!(refusal(gateway.account(&nobody).await), Refusal::NotFound);
    let link = gateway.onboarding_link(&nobody, "http://a.localhost/r", "http://a.localhost/s");
    assert_eq!(refusal(link.await), Refusal::NotFound);
    let session = gateway.checkout(&nobody, &CheckoutSessionId::new("cs_1")).await;
    assert_eq!(refusal(session), Refusal::NotFound);
    world.end();
}

#[tokio::test]
async fn a_checkout_goes_from_open_to_paid_and_says_what_it_was_for() {
    let world = World::new().await;
    let order = OpenCheckout { fee: 60, ..order(&world.account().await) };
    let opened = world.gateway.open_checkout(&order).await.unwrap();
    assert!(opened.url.starts_with(&world.sandbox.url()), "{}", opened.url);
    let open = world.session(&order.account, &opened.session).await;
    let expected = SessionState {
        session: opened.session.clone(),
        checkout_id: Some(order.checkout_id),
        page_id: Some(order.page_id),
        progress: SessionProgress::Open,
        amount: 1_200,
        currency: "usd".into(),
        payment_intent: None,
    };
    assert_eq!(open, expected);

    world.pay(&opened.session, "decline").await;
    assert_eq!(world.session(&order.account, &opened.session).await, expected);

    world.pay(&opened.session, "succeed").await;
    let paid = world.session(&order.account, &opened.session).await;
    let payment = paid.payment_intent.clone().unwrap();
    let expected = SessionState {
        progress: SessionProgress::Paid,
        payment_intent: Some(payment.clone()),
        ..expected
    };
    assert_eq!(paid, expected);
    let found = world.gateway.checkout_of_payment(&order.account, &payment).await.unwrap();
    assert_eq!(found, Some(order.checkout_id));
    world.end();
}

#[tokio::test]
async fn money_that_comes_later_is_pending_until_it_came_or_did_not() {
    let world = World::new().await;
    let account = world.account().await;
    for (outcome, expected) in
        [("succeeded", SessionProgress::Paid), ("failed", SessionProgress::Failed)]
    {
        let opened = world.gateway.open_checkout(&order(&account)).await.unwrap();
        world.pay(&opened.session, "later").await;
        let state = world.session(&account, &opened.session).await;
        assert_eq!(state.progress, SessionProgress::Pending);
        let settle = format!("sessions/{}/settle", opened.session);
        world.control(&settle, json!({"outcome": outcome})).await;
        let state = world.session(&account, &opened.session).await;
        assert_eq!(state.progress, expected, "{outcome}");
    }
    world.end();
}

#[tokio::test]
async fn currencies_without_decimals_are_charged_in_whole_units() {
    let world = World::new().await;
    let account = world.account().await;
    for (amount, code) in [(1_200, "jpy"), (10_000, "isk"), (99_999_999, "eur")] {
        let price = Money::price(amount, code.parse().unwrap()).unwrap();
        let opened =
            world.gateway.open_checkout(&OpenCheckout { price, ..order(&account) }).await.unwrap();
        let state = world.session(&account, &opened.session).await;
        assert_eq!((state.amount, state.currency.as_str()), (amount, code));
    }
    world.end();
}

#[tokio::test]
async fn one_order_has_one_session_however_often_and_however_many_ask() {
    let world = World::new().await;
    let order = OpenCheckout { fee: 1, ..order(&world.account().await) };
    let opened = join_all((0..20).map(|_| world.gateway.open_checkout(&order))).await;
    let first = opened[0].clone().unwrap();
    for opened in opened {
        assert_eq!(opened.unwrap(), first);
    }
    assert_eq!(world.gateway.open_checkout(&order).await.unwrap(), first);
    assert_eq!(world.count("checkoutSessions").await, 1);
    world.end();
}

#[tokio::test]
async fn another_process_with_the_same_order_gets_the_same_session() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let first = world.gateway.open_checkout(&order).await.unwrap();
    let restarted = gateway(&world.sandbox, KEY);
    assert_eq!(restarted.open_checkout(&order).await.unwrap(), first);
    assert_eq!(world.count("checkoutSessions").await, 1);
    world.end();
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_session() {
    let world = World::new().await;
    let account = world.account().await;
    for (sessions, mode) in (1..).zip(["500", "429", "timeout"]) {
        let order = order(&account);
        let fault = json!({"mode": mode, "times": 1, "path": SESSIONS, "after_effect": true});
        world.fault(fault).await;
        let before = world.requests_to(SESSIONS).len();
        let opened = world.gateway.open_checkout(&order).await.unwrap();
        let sent = world.requests_to(SESSIONS).split_off(before);
        assert_eq!(sent.len(), 2, "{mode}");
        let key = format!("checkout-{}", order.checkout_id);
        assert!(sent.iter().all(|sent| sent.idempotency_key.as_deref() == Some(&key)));
        assert_eq!(world.gateway.open_checkout(&order).await.unwrap(), opened);
        assert_eq!(world.count("checkoutSessions").await, sessions, "{mode}");
    }
    world.end();
}

#[tokio::test]
async fn trouble_that_passes_is_not_noticed_and_trouble_that_stays_is_told() {
    join_all(["409", "429", "500", "timeout"].map(trouble)).await;
}

async fn trouble(mode: &str) {
    let world = World::new().await;
    let account = world.account().await;
    world.fault(json!({"mode": mode, "times": 2, "path": SESSIONS})).await;
    let opened = world.gateway.open_checkout(&order(&account)).await;
    assert!(opened.is_ok(), "{mode}: {opened:?}");

    world.fault(json!({"mode": mode, "path": SESSIONS})).await;
    let order = order(&account);
    let opened = world.gateway.open_checkout(&order).await;
    assert!(matches!(opened, Err(PaymentsError::Unavailable(_))), "{mode}: {opened:?}");
    world.fault(json!({"mode": "none"})).await;
    assert!(world.gateway.open_checkout(&order).await.is_ok(), "{mode}");
    world.end();
}

#[tokio::test]
async fn closing_a_session_is_done_once_and_does_no_harm_later() {
    let world = World::new().await;
    let account = world.account().await;
    let opened = world.gateway.open_checkout(&order(&account)).await.unwrap();
    for _ in 0..3 {
        world.gateway.expire_checkout(&account, &opened.session).await.unwrap();
        let state = world.session(&account, &opened.session).await;
        assert_eq!(state.progress, SessionProgress::Expired);
    }

    let paid = world.gateway.open_checkout(&order(&account)).await.unwrap();
    world.pay(&paid.session, "succeed").await;
    world.gateway.expire_checkout(&account, &paid.session).await.unwrap();
    let state = world.session(&account, &paid.session).await;
    assert_eq!(state.progress, SessionProgress::Paid);

    let unknown = CheckoutSessionId::new("cs_test_unknown");
    let expired = world.gateway.expire_checkout(&account, &unknown).await;
    assert_eq!(refusal(expired), Refusal::NotFound);
    world.end();
}

#[tokio::test]
async fn one_account_cannot_see_what_is_anothers() {
    let world = World::new().await;
    let (ours, theirs) = (world.account().await, world.account().await);
    let order = order(&ours);
    let payment = world.paid(&order).await;
    let session = world.gateway.open_checkout(&order).await.unwrap().session;
    let charge = world.charge_of(&ours, &payment).await;
    let refund = world.gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap().refund;
    let gateway = &world.gateway;
    assert_eq!(refusal(gateway.checkout(&theirs, &session).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.expire_checkout(&theirs, &session).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.refund_state(&theirs, &refund).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.refunds_of_charge(&theirs, &charge).await), Refusal::NotFound);
    assert_eq!(refusal(gateway.checkout_of_payment(&theirs, &payment).await), Refusal::NotFound);
    let foreign = RefundOrder { account: theirs, ..refund_of(&order, &payment, 100) };
    assert_eq!(refusal(gateway.refund(&foreign).await), Refusal::NotFound);
    world.end();
}

#[tokio::test]
async fn one_request_gives_money_back_once() {
    let world = World::new().await;
    let order = OpenCheckout { fee: 60, ..order(&world.account().await) };
    let payment = world.paid(&order).await;
    let half = refund_of(&order, &payment, 500);
    let refunded = join_all((0..10).map(|_| world.gateway.refund(&half))).await;
    let first = refunded[0].clone().unwrap();
    assert_eq!(first.refund_id, Some(half.refund_id));
    assert_eq!(first.payment_intent.as_ref(), Some(&payment));
    assert_eq!((first.amount, first.progress), (500, RefundProgress::Succeeded));
    for refunded in refunded {
        assert_eq!(refunded.unwrap(), first);
    }
    let read = world.gateway.refund_state(&order.account, &first.refund).await.unwrap();
    assert_eq!(read, first);
    assert_eq!(world.count("refunds").await, 1);

    let over = refund_of(&order, &payment, 701);
    assert_eq!(refusal(world.gateway.refund(&over).await), Refusal::Other);
    world.gateway.refund(&refund_of(&order, &payment, 700)).await.unwrap();
    let more = refund_of(&order, &payment, 1);
    assert_eq!(refusal(world.gateway.refund(&more).await), Refusal::AlreadyRefunded);
    world.end();
}

#[tokio::test]
async fn a_lost_answer_gives_no_money_back_twice() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let payment = world.paid(&order).await;
    for (refunds, mode) in (1..).zip(["500", "timeout"]) {
        let fault = json!({"mode": mode, "times": 1, "path": REFUNDS, "after_effect": true});
        world.fault(fault).await;
        let refund = refund_of(&order, &payment, 100);
        let made = world.gateway.refund(&refund).await.unwrap();
        assert_eq!(made.refund_id, Some(refund.refund_id));
        assert_eq!(world.count("refunds").await, refunds, "{mode}");
    }
    world.end();
}

#[tokio::test]
async fn a_refund_to_a_bank_is_pending_and_may_fail() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let opened = world.gateway.open_checkout(&order).await.unwrap();
    world.pay(&opened.session, "later").await;
    let settle = format!("sessions/{}/settle", opened.session);
    world.control(&settle, json!({"outcome": "succeeded"})).await;
    let payment = world.session(&order.account, &opened.session).await.payment_intent.unwrap();
    for (status, expected) in
        [("failed", RefundProgress::Failed), ("succeeded", RefundProgress::Succeeded)]
    {
        let made = world.gateway.refund(&refund_of(&order, &payment, 1_200)).await.unwrap();
        assert_eq!(made.progress, RefundProgress::Pending);
        let control = format!("refunds/{}", made.refund);
        world.control(&control, json!({"status": status})).await;
        let state = world.gateway.refund_state(&order.account, &made.refund).await.unwrap();
        assert_eq!(state.progress, expected);
        assert_eq!(state.refund_id, made.refund_id);
    }
    world.end();
}

#[tokio::test]
async fn partial_refunds_from_the_dashboard_are_seen_next_to_ours() {
    let world = World::new().await;
    let order = order(&world.account().await);
    let payment = world.paid(&order).await;
    let charge = world.charge_of(&order.account, &payment).await;
    let none = world.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    assert_eq!(none, []);

    let ours = world.gateway.refund(&refund_of(&order, &payment, 100)).await.unwrap();
    for amount in [200, 300] {
        let form = format!("charge={charge}&amount={amount}");
        world.send(Some(&order.account), REFUNDS, Some(form)).await;
    }
    let mut refunds = world.gateway.refunds_of_charge(&order.account, &charge).await.unwrap();
    refunds.sort_by_key(|refund| refund.amount);
    let seen: Vec<_> = refunds.iter().map(|refund| (refund.amount, refund.refund_id)).collect();
    assert_eq!(seen, [(100, ours.refund_id), (200, None), (300, None)]);
    assert!(refunds.iter().all(|refund| refund.payment_intent.as_ref() == Some(&payment)));
    assert!(refunds.iter().all(|refund| refund.progress == RefundProgress::Succeeded));
    world.end();
}

#[tokio::test]
async fn a_disputed_payment_is_not_refunded_and_its_end_is_seen() {
    let world = World::new().await;
    let account = world.account().await;
    for (status, expected) in [("won", DisputeProgress::Won), ("lost", DisputeProgress::Lost)] {
        let order = order(&account);
        let payment = world.paid(&order).await;
        let opened = world.control(&format!("payment_intents/{payment}/dispute"), json!({})).await;
        let dispute = DisputeId::new(opened["id"].as_str().unwrap());
        let state = world.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.dispute, dispute);
        assert_eq!(state.payment_intent, Some(payment.clone()));
        assert_eq!(state.progress, DisputeProgress::Open);
        let refund = world.gateway.refund(&refund_of(&order, &payment, 1_200)).await;
        assert_eq!(refusal(refund), Refusal::Disputed);
        world.control(&format!("disputes/{dispute}/close"), json!({"status": status})).await;
        let state = world.gateway.dispute(&account, &dispute).await.unwrap();
        assert_eq!(state.progress, expected);
    }
    world.end();
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::new().await;
    let account = world.account().await;
    let gateway = &world.gateway;
    let session = gateway.checkout(&account, &CheckoutSessionId::new("cs_no")).await;
    assert_eq!(refusal(session), Refusal::NotFound);
    let refund = gateway.refund_state(&account, &ProviderRefundId::new("re_no")).await;
    assert_eq!(refusal(refund), Refusal::NotFound);
    let refunds = gateway.refunds_of_charge(&account, &ChargeId::new("ch_no")).await;
    assert_eq!(refusal(refunds), Refusal::NotFound);
    let dispute = gateway.dispute(&account, &DisputeId::new("du_no")).await;
    assert_eq!(refusal(dispute), Refusal::NotFound);
    let payment = gateway.checkout_of_payment(&account, &PaymentIntentId::new("pi_no")).await;
    assert_eq!(refusal(payment), Refusal::NotFound);
    world.end();
}

#[tokio::test]
async fn an_offer_that_stripe_does_not_take_is_refused() {
    let world = World::new().await;
    let account = world.account().await;
    let small = OpenCheckout { price: usd(49), ..order(&account) };
    assert_eq!(refusal(world.gateway.open_checkout(&small).await), Refusal::Other);
    let changed = order(&account);
    world.gateway.open_checkout(&changed).await.unwrap();
    let changed = OpenCheckout { price: usd(1_300), ..changed };
    assert_eq!(refusal(world.gateway.open_checkout(&changed).await), Refusal::Other);
    assert_eq!(world.count("checkoutSessions").await, 1);
    world.end();
}

#[tokio::test]
async fn a_wrong_key_is_refused_with_a_hint() {
    let world = World::new().await;
    let stranger = gateway(&world.sandbox, "sk_test_wrong");
    let error = stranger.account(&AccountId::new("acct_1")).await.unwrap_err();
    assert!(matches!(error, PaymentsError::Refused { refusal: Refusal::Other, .. }), "{error:?}");
    assert!(error.to_string().contains("TOLLGATE_STRIPE_SECRET_KEY"), "{error}");
    world.end();
}

#[tokio::test]
async fn the_sandboxes_webhooks_are_believed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2/webhooks/stripe", listener.local_addr().unwrap());
    let world = World::with_webhooks(Some(url)).await;
    let key = SecretString::from(KEY);
    let webhooks = StripeWebhooks::new([SecretString::from(WEBHOOK_SECRET)], &key);
    let stranger = StripeWebhooks::new([SecretString::from("whsec_other")], &key);
    let order = order(&world.account().await);
    let opened = world.gateway.open_checkout(&order).await.unwrap();
    world.pay(&opened.session, "succeed").await;
    loop {
        let (signature, body) = webhook(&listener).await;
        assert!(stranger.verify(&body, &signature, now()).is_err());
        let event = webhooks.verify(&body, &signature, now()).unwrap();
        assert_eq!(event.account.as_ref(), Some(&order.account));
        if event.kind == "checkout.session.completed" {
            assert_eq!(event.object_id, opened.session.as_str());
            break;
        }
    }
    world.end();
}

/// The next delivery: its signature and its body.
async fn webhook(listener: &TcpListener) -> (String, Vec<u8>) {
    let next = tokio::time::timeout(Duration::from_secs(20), listener.accept());
    let mut stream = BufReader::new(next.await.unwrap().unwrap().0);
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "stripe-signature" => value.clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    (signature, body)
}
