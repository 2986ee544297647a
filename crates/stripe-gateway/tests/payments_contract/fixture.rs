//! A sandbox and a gateway that uses it.

use std::{
    sync::atomic::{AtomicI64, AtomicU32, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tollgate_domain::{
    money::Money,
    payments::{
        AccountId, CheckoutSessionId, OpenCheckout, PaymentExtras, PaymentIntentId, Payments,
        PaymentsError, RefundOrder, Refusal, SessionState,
    },
};
use tollgate_stripe_contract::Contract;
use tollgate_stripe_gateway::{StripeConfig, StripeGateway};
use tollgate_stripe_sandbox::{RecordedRequest, Sandbox, SandboxConfig};

pub(crate) const KEY: &str = "sk_test_contract";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_contract";
pub(crate) const SESSIONS: &str = "/v1/checkout/sessions";
pub(crate) const REFUNDS: &str = "/v1/refunds";

pub(crate) static SERIAL: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Fixture {
    pub(crate) sandbox: Sandbox,
    pub(crate) gateway: StripeGateway,
    pub(crate) http: reqwest::Client,
    /// The number of API requests that a test sent itself.
    pub(crate) by_hand: AtomicU32,
    /// The number of seconds that the sandbox's clock is ahead of the system's.
    pub(crate) ahead: AtomicI64,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with_webhooks(None).await
    }

    pub(crate) async fn with_webhooks(webhook_url: Option<String>) -> Self {
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
        Self { sandbox, gateway, http, by_hand: AtomicU32::new(0), ahead: AtomicI64::new(0) }
    }

    /// Sends a control call, or an API request as somebody in Stripe's dashboard would.
    pub(crate) async fn send(
        &self,
        account: Option<&AccountId>,
        path: &str,
        body: Option<String>,
    ) -> Value {
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

    pub(crate) async fn control(&self, call: &str, body: Value) -> Value {
        self.send(None, &format!("/_sandbox/{call}"), Some(body.to_string())).await
    }

    pub(crate) async fn count(&self, what: &str) -> u64 {
        let stats = self.send(None, "/_sandbox/stats", None).await;
        stats.get(what).and_then(Value::as_u64).unwrap()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control("faults", json!({"api": fault})).await;
    }

    pub(crate) async fn account(&self) -> AccountId {
        let serial = SERIAL.fetch_add(1, Ordering::SeqCst);
        let email = "ada@example.com".parse().unwrap();
        let key = format!("account-{serial}");
        let account = self.gateway.create_account(&key, "", &email).await.unwrap();
        self.control(&format!("accounts/{account}/enable"), json!({})).await;
        account
    }

    pub(crate) async fn session(
        &self,
        account: &AccountId,
        session: &CheckoutSessionId,
    ) -> SessionState {
        self.gateway.checkout(account, session).await.unwrap()
    }

    /// Opens and pays a checkout, and returns its payment intent.
    pub(crate) async fn paid(&self, order: &OpenCheckout) -> PaymentIntentId {
        let opened = self.gateway.open_checkout(order).await.unwrap();
        self.pay(&opened.session, "succeed").await;
        self.session(&order.account, &opened.session).await.payment_intent.unwrap()
    }

    pub(crate) async fn pay(&self, session: &CheckoutSessionId, outcome: &str) {
        self.control(&format!("sessions/{session}/pay"), json!({"outcome": outcome})).await;
    }

    pub(crate) fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        let requests = self.sandbox.requests().into_iter();
        requests.filter(|request| request.path == path).collect()
    }

    /// Checks that every request follows the contract and has the pinned version, an idempotency
    /// key if it changes something, and the connected account if it belongs to one.
    pub(crate) fn end(&self) {
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
            assert_eq!(request.stripe_version.as_deref(), Some(contract.api_version()));
            let keyed = method == "POST" && path != "/v1/account_links";
            assert_eq!(request.idempotency_key.is_some(), keyed, "{method} {path}");
            let on_account = !path.starts_with("/v1/account");
            assert_eq!(request.stripe_account.is_some(), on_account, "{method} {path}");
        }
    }
}

pub(crate) fn gateway(sandbox: &Sandbox, key: &str) -> StripeGateway {
    let config = StripeConfig {
        request_timeout: Duration::from_millis(700),
        ..StripeConfig::new(SecretString::from(key)).at(sandbox.url().parse().unwrap())
    };
    StripeGateway::new(&config).unwrap()
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str) -> T {
    let serial = SERIAL.fetch_add(1, Ordering::SeqCst);
    format!("{prefix}01arz3ndektsv4rrffq{serial:07}").parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the sandbox uses the system clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

pub(crate) fn order(account: &AccountId) -> OpenCheckout {
    OpenCheckout {
        checkout_id: id("chk_"),
        attempt: 0,
        page_id: id("pag_"),
        group_buy_id: None,
        account: account.clone(),
        title: "Ten & more [things] 🎫".into(),
        price: usd(1_200),
        fee: 0,
        customer_email: "bob@example.com".parse().unwrap(),
        success_url: "http://ada.tollgate.localhost:8080/ten/return?checkout=chk_1".into(),
        cancel_url: "http://ada.tollgate.localhost:8080/ten".into(),
        extras: PaymentExtras::default(),
        expires_at: now().saturating_add(jiff::SignedDuration::from_hours(23)).unwrap(),
    }
}

pub(crate) fn refund_of(
    order: &OpenCheckout,
    payment: &PaymentIntentId,
    amount: i64,
) -> RefundOrder {
    RefundOrder {
        refund_id: id("rfd_"),
        attempt: 0,
        account: order.account.clone(),
        payment_intent: payment.clone(),
        amount: usd(amount),
        with_fee: order.fee > 0,
    }
}

pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, PaymentsError>) -> Refusal {
    match result {
        Err(PaymentsError::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
