//! The Stripe sandbox, used as Stripe's dashboard, a bank, or a test.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use super::client;

/// A running sandbox.
pub(crate) struct Sandbox {
    pub(crate) url: String,
    key: String,
    webhook_secret: String,
    client: Client,
}

impl Sandbox {
    pub(crate) fn new(url: &str, key: &str, webhook_secret: &str) -> Self {
        let (url, key) = (url.trim().to_owned(), key.to_owned());
        Self { url, key, webhook_secret: webhook_secret.to_owned(), client: client() }
    }

    async fn answer(&self, request: RequestBuilder) -> (u16, Value) {
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    async fn success(&self, request: RequestBuilder) -> Value {
        let (status, body) = self.answer(request).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Sends a control request.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}/_sandbox/{path}", self.url));
        self.success(request.header("content-type", "application/json").body(body.to_string()))
            .await
    }

    pub(crate) async fn webhooks(&self, mode: &str) {
        self.control("faults", &json!({"webhooks": {"mode": mode}})).await;
    }

    /// Returns one of the counters.
    pub(crate) async fn count(&self, what: &str) -> i64 {
        let stats = self.success(self.client.get(format!("{}/_sandbox/stats", self.url))).await;
        stats[what].as_i64().unwrap_or_else(|| panic!("no {what} in {stats}"))
    }

    /// Returns the number of requests to a path of the API so far.
    pub(crate) async fn requests(&self, method: &str, path: &str) -> Vec<Value> {
        let all = self.success(self.client.get(format!("{}/_sandbox/requests", self.url))).await;
        let all = all.as_array().unwrap().iter();
        all.filter(|r| r["method"] == method && r["path"] == path).cloned().collect()
    }

    /// Reads from the API as a connected account.
    pub(crate) async fn read(&self, account: &str, path: &str) -> Value {
        let request = self.client.get(format!("{}/v1/{path}", self.url));
        self.success(request.header("Stripe-Account", account)).await
    }

    /// Calls the API as a connected account.
    pub(crate) async fn write(&self, account: &str, path: &str, form: &str) -> Value {
        let request = self
            .client
            .post(format!("{}/v1/{path}", self.url))
            .header("Stripe-Account", account)
            .header("content-type", "application/x-www-form-urlencoded");
        self.success(request.body(form.to_owned())).await
    }

    /// Pays an open checkout session without the pay page and without a return.
    pub(crate) async fn pay(&self, session: &str) {
        self.control(&format!("sessions/{session}/pay"), &json!({"outcome": "succeed"})).await;
    }

    /// Does the same if the sandbox is there to answer, and returns whether it could be paid.
    pub(crate) async fn try_pay(&self, session: &str) -> Option<bool> {
        let url = format!("{}/_sandbox/sessions/{session}/pay", self.url);
        let request = self.client.post(url).bearer_auth(&self.key);
        let body = json!({"outcome": "succeed"}).to_string();
        let answer = request.header("content-type", "application/json").body(body).send().await;
        Some(answer.ok()?.status().is_success())
    }

    /// Returns the payment intent of a paid checkout session.
    pub(crate) async fn intent(&self, account: &str, session: &str) -> String {
        let session = self.read(account, &format!("checkout/sessions/{session}")).await;
        session["payment_intent"].as_str().unwrap_or_else(|| panic!("unpaid: {session}")).to_owned()
    }

    /// Returns the events of an account that are about one object or name it, oldest first.
    pub(crate) async fn events(&self, account: &str, named: &[&str]) -> Vec<Value> {
        let list = self.read(account, "events?limit=100").await;
        assert_eq!(list["has_more"], false);
        let mut events = list["data"].as_array().unwrap().clone();
        events.retain(|event| {
            let object = event["data"]["object"].to_string();
            named.iter().any(|id| object.contains(id))
        });
        events.reverse();
        events
    }

    /// Returns a signature that is this many seconds old.
    pub(crate) fn sign(&self, body: &str, age: i64) -> String {
        let time = now() - age;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.webhook_secret.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
    }
}

#[expect(clippy::disallowed_methods, reason = "Stripe signs by the time that it is")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
