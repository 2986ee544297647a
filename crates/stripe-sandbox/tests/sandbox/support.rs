//! A sandbox, a client that checks every answer, and a receiver of webhooks.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use reqwest::header::HeaderMap;
use reqwest::{Client, redirect};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tollgate_stripe_contract::Contract;
use tollgate_stripe_sandbox::{Sandbox, SandboxConfig};

pub(crate) const KEY: &str = "sk_test_sandbox";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_sandbox";

/// The time limit of a test, which is longer than any of them takes.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// Asserts that the request was refused with this status and code.
    pub(crate) fn refused(&self, status: u16, code: &str) {
        let sent = self.body["error"]["code"].as_str().unwrap_or_default();
        assert_eq!((self.status, sent), (status, code), "{}", self.text);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) struct Api {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: Client,
}

pub(crate) fn config() -> SandboxConfig {
    SandboxConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        state_dir: None,
        webhook_url: None,
        secret_key: KEY.to_owned(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
    }
}

/// Returns the path of a directory for one test, which does not exist yet.
pub(crate) fn empty_dir(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::start_with(config()).await
    }

    /// Starts one that tells this receiver what happens.
    pub(crate) async fn start_for(receiver: &Receiver) -> Self {
        let webhook_url = Some(receiver.url.clone());
        Self::start_with(SandboxConfig { webhook_url, ..config() }).await
    }

    pub(crate) async fn start_with(config: SandboxConfig) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        let sandbox = Sandbox::start(config).await.unwrap();
        Self { sandbox, client }
    }

    pub(crate) fn address(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }

    /// Sends a GET to the API; `path` may have a query.
    pub(crate) async fn get(&self, account: Option<&str>, path: &str) -> Answer {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = self.client.get(self.address(path)).bearer_auth(KEY);
        if let Some(account) = account {
            request = request.header("Stripe-Account", account);
        }
        let answer = read(request.send().await.unwrap()).await;
        check("GET", bare, "", query, &answer);
        answer
    }

    pub(crate) async fn post(
        &self,
        account: Option<&str>,
        path: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        self.post_with_key(account, path, form, None).await
    }

    pub(crate) async fn post_with_key(
        &self,
        account: Option<&str>,
        path: &str,
        form: &[(&str, &str)],
        key: Option<&str>,
    ) -> Answer {
        let encoded = encode(form);
        let mut request = self
            .client
            .post(self.address(path))
            .bearer_auth(KEY)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(encoded.clone());
        if let Some(account) = account {
            request = request.header("Stripe-Account", account);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let answer = read(request.send().await.unwrap()).await;
        check("POST", path, &encoded, "", &answer);
        answer
    }

    pub(crate) async fn control(&self, path: &str, body: Value) -> Answer {
        let request = self.client.post(self.address(&format!("/_sandbox/{path}")));
        let request = request.bearer_auth(KEY).body(body.to_string());
        let answer = read(request.send().await.unwrap()).await;
        if let Some(object) = answer.body["object"].as_str() {
            assert_eq!(Contract::load().check_object(object, &answer.body), Ok(()));
        }
        answer
    }

    pub(crate) async fn control_get(&self, path: &str) -> Value {
        let request = self.client.get(self.address(&format!("/_sandbox/{path}")));
        read(request.bearer_auth(KEY).send().await.unwrap()).await.ok()
    }

    /// Requests a page as a browser does.
    pub(crate) async fn page(&self, address: &str) -> Answer {
        read(self.client.get(address).send().await.unwrap()).await
    }

    /// Sends a form as a browser does.
    pub(crate) async fn submit(&self, address: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.post(address).body(encode(form));
        read(request.send().await.unwrap()).await
    }

    /// Creates a connected account that can take charges, and returns its id.
    pub(crate) async fn enabled_account(&self) -> String {
        let form = [("type", "standard"), ("email", "creator@example.com")];
        let account = self.post(None, "/v1/accounts", &form).await.ok();
        let id = account["id"].as_str().unwrap().to_owned();
        let enabled = self.control(&format!("accounts/{id}/enable"), json!({})).await;
        assert_eq!(enabled.ok()["charges_enabled"], true);
        id
    }

    /// Creates a session of 12.00 USD with a fee of 0.12, and returns its id.
    pub(crate) async fn open_session(&self, account: &str) -> String {
        let created = self.post(Some(account), "/v1/checkout/sessions", &checkout()).await;
        created.ok()["id"].as_str().unwrap().to_owned()
    }

    /// Creates and pays a session, and returns the ids of its payment intent and charge.
    pub(crate) async fn paid(&self, account: &str) -> (String, String) {
        let id = self.open_session(account).await;
        let path = format!("sessions/{id}/pay");
        let session = self.control(&path, json!({"outcome": "succeed"})).await.ok();
        let intent = session["payment_intent"].as_str().unwrap().to_owned();
        let path = format!("/v1/payment_intents/{intent}");
        let charge = self.get(Some(account), &path).await.ok()["latest_charge"].clone();
        (intent, charge.as_str().unwrap().to_owned())
    }
}

/// Returns the parameters of a session as Tollgate sends them.
pub(crate) fn checkout() -> Vec<(&'static str, &'static str)> {
    vec![
        ("mode", "payment"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "1200"),
        ("line_items[0][price_data][product_data][name]", "A <b>page</b>"),
        ("line_items[0][quantity]", "1"),
        ("payment_intent_data[metadata][checkout]", "chk_1"),
        ("payment_intent_data[application_fee_amount]", "12"),
        ("payment_intent_data[description]", "A page"),
        ("metadata[checkout]", "chk_1"),
        ("client_reference_id", "chk_1"),
        ("customer_email", "buyer@example.com"),
        ("success_url", "https://shop.example.com/thanks?session={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "https://shop.example.com/back"),
    ]
}

/// Returns the same parameters with one changed or added, or removed if `value` is empty.
pub(crate) fn checkout_with(
    name: &'static str,
    value: &'static str,
) -> Vec<(&'static str, &'static str)> {
    let mut form = checkout();
    form.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        form.push((name, value));
    }
    form
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) async fn read(response: reqwest::Response) -> Answer {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    Answer { status, headers, text, body }
}

/// Checks every answer, and the request of a successful answer, against the contract.
fn check(method: &str, path: &str, form: &str, query: &str, answer: &Answer) {
    let contract = Contract::load();
    assert!(answer.header("request-id").starts_with("req_"));
    if answer.status == 200 {
        assert_eq!(contract.check_request(method, path, form, query), Ok(()));
        assert_eq!(contract.check_response(method, path, &answer.body), Ok(()));
    } else {
        let checked = contract.check_object("error", &answer.body);
        assert_eq!(checked, Ok(()), "{}", answer.text);
    }
}

/// A webhook that was delivered.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Received {
    /// Returns the event, after checking it against the contract.
    pub(crate) fn event(&self) -> Value {
        let event: Value = serde_json::from_str(&self.body).unwrap();
        let schema = format!("event.{}", event["type"].as_str().unwrap());
        assert_eq!(Contract::load().check_object(&schema, &event), Ok(()));
        event
    }
}

struct Inbox {
    arrived: mpsc::UnboundedSender<Received>,
    /// The statuses of the next answers; 200 when it is empty.
    statuses: Mutex<VecDeque<u16>>,
}

/// A webhook endpoint.
pub(crate) struct Receiver {
    pub(crate) url: String,
    arrived: mpsc::UnboundedReceiver<Received>,
    server: ServerHandle,
}

impl Receiver {
    /// Starts an endpoint that answers with `statuses` and then with 200.
    pub(crate) fn start(statuses: &[u16]) -> Self {
        let (sender, arrived) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox {
            arrived: sender,
            statuses: Mutex::new(statuses.iter().copied().collect()),
        });
        let data = Data::from(inbox);
        let server = HttpServer::new(move || {
            let app = App::new().app_data(data.clone());
            app.route("/hook", web::post().to(receive))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, arrived, server: handle }
    }

    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        next.expect("a webhook arrives").unwrap()
    }

    /// Waits for the next event, and returns its type.
    pub(crate) async fn next_type(&mut self) -> String {
        self.next().await.event()["type"].as_str().unwrap().to_owned()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

async fn receive(request: HttpRequest, body: Bytes, inbox: Data<Inbox>) -> HttpResponse {
    let signature = request.headers().get("Stripe-Signature");
    let signature = signature.map_or("", |value| value.to_str().unwrap()).to_owned();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let status = inbox.statuses.lock().unwrap().pop_front().unwrap_or(200);
    let _ = inbox.arrived.send(Received { signature, body });
    HttpResponse::build(status.try_into().unwrap()).finish()
}
