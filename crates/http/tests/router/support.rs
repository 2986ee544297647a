//! A program over the fakes, and requests to it.

use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex},
};

use actix_http::Request;
use actix_web::{
    App,
    dev::{Payload, ServiceResponse},
    error::PayloadError,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    test::{self, TestRequest},
    web::Bytes,
};
use futures_util::{FutureExt, Stream, future::LocalBoxFuture, stream};
use serde_json::Value;
use tollgate_domain::{
    Timestamp,
    creators::Page,
    mail::{
        MailContent, MailMessage, MailReport,
        ports::{Envelope, MailReportError, MailReportReader},
    },
    payments::{EventSubject, ProviderEvent, WebhookError, WebhookVerifier},
    token::Token,
};
use tollgate_domain_testing::{self as fakes, Shop, a_page};
use tollgate_http::{AccessTokens, Dependencies, Http, TrustedProxies, configure};

pub(crate) const ROOT: &str = "tollgate.localhost:8080";
pub(crate) const ADA: &str = "ada.tollgate.localhost:8080";
const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// The program.
pub(crate) struct TestApp {
    pub(crate) domain: fakes::TestApp,
    http: Http,
    /// Its routes, which are built at the first request: that takes longer than to answer one.
    routes: RefCell<Option<Routes>>,
}

type Routes = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, ServiceResponse>>;

/// Believes the signature `good`; the body is the event's id.
#[derive(Default)]
struct Verifier(Mutex<()>);

impl WebhookVerifier for Verifier {
    fn check_header(&self, signature: &str, _: Timestamp) -> Result<(), WebhookError> {
        match signature {
            "old" | "malformed" => Err(WebhookError::InvalidSignature),
            _ => Ok(()),
        }
    }

    fn verify(
        &self,
        body: &[u8],
        signature: &str,
        now: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        let _held = self.0.lock();
        match signature {
            "good" => Ok(ProviderEvent {
                id: String::from_utf8_lossy(body).into_owned(),
                kind: "account.updated".to_owned(),
                account: None,
                object_id: "acct_1".to_owned(),
                subject: EventSubject::Account,
                received_at: now,
            }),
            "other mode" => Err(WebhookError::WrongMode),
            "no event" => Err(WebhookError::BadRequest),
            _ => Err(WebhookError::InvalidSignature),
        }
    }
}

/// Believes the authorization `good`; the body is what happened and the address.
struct Reader;

impl MailReportReader for Reader {
    fn check(&self, envelope: Envelope<'_>, _: Timestamp) -> Result<(), MailReportError> {
        let is_good = envelope("authorization") == Some("good");
        is_good.then_some(()).ok_or(MailReportError::Unproved)
    }

    fn read(
        &self,
        body: &[u8],
        envelope: Envelope<'_>,
        now: Timestamp,
    ) -> Result<MailMessage, MailReportError> {
        self.check(envelope, now)?;
        let text = str::from_utf8(body).map_err(|_| MailReportError::Unreadable)?;
        let (kind, email) = text.split_once(' ').ok_or(MailReportError::Unreadable)?;
        Ok(match kind {
            "bounced" => MailMessage::Reports(vec![MailReport::Bounced(fakes::email(email))]),
            "complained" => MailMessage::Reports(vec![MailReport::Complained(fakes::email(email))]),
            _ => MailMessage::Confirm(email.to_owned()),
        })
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code, such as `401 visitor_unauthorized`.
    pub(crate) fn refusal(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert_eq!(problem["type"], "about:blank");
        assert_eq!(problem["requestId"], self.header("x-request-id"));
        format!("{} {}", self.status.as_u16(), problem["error"].as_str().unwrap())
    }

    /// The visitor's cookie that was set, as a `Cookie` header.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A request under way.
pub(crate) struct Call<'a> {
    app: &'a TestApp,
    request: TestRequest,
    is_endless: bool,
}

impl Call<'_> {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().unwrap();
        self.request = self.request.append_header((name, HeaderValue::from_str(value).unwrap()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.body("application/x-www-form-urlencoded", body).with("Sec-Fetch-Site", "same-origin")
    }

    pub(crate) fn body(mut self, content_type: &str, body: &str) -> Self {
        self.request = self.request.set_payload(body.to_owned());
        self.with("content-type", content_type)
    }

    pub(crate) fn bytes(mut self, body: Vec<u8>) -> Self {
        self.request = self.request.set_payload(body);
        self.with("content-type", "application/json")
    }

    /// A form with a file, whose boundary is `x`.
    pub(crate) fn multipart(mut self, body: Vec<u8>) -> Self {
        self.request = self.request.set_payload(body);
        self.with("content-type", "multipart/form-data; boundary=x")
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn visitor(self, session: &Token) -> Self {
        let cookie = format!("_10x_visitor={}", session.reveal());
        self.with("cookie", &cookie)
    }

    pub(crate) async fn send(self) -> Reply {
        let (status, headers, body) = self.answer().await;
        Reply { status, headers, body: String::from_utf8(body).unwrap() }
    }

    /// Sends it for an answer that is not text.
    pub(crate) async fn raw(self) -> (HeaderMap, Vec<u8>) {
        let (_, headers, body) = self.answer().await;
        (headers, body)
    }

    /// Sends it with a body of which nothing ever arrives.
    pub(crate) async fn without_end(self) -> Reply {
        Self { is_endless: true, ..self }.send().await
    }

    async fn answer(self) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = self.request.to_request();
        if self.is_endless {
            let body: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> =
                Box::pin(stream::pending());
            let payload = Payload::Stream { payload: body };
            request = request.replace_payload(payload).0;
        }
        let routes = self.app.routes().await;
        let response = routes(request).await;
        let status = response.status();
        let headers = response.headers().clone();
        let body = test::read_body(response).await;
        (status, headers, body.to_vec())
    }
}

/// The parts of a list of at most so many rows each, read one after the other.
pub(crate) async fn walk(ask: impl AsyncFn(&str) -> Reply, path: &str, limit: usize) -> Vec<Value> {
    let before = if path.contains('?') { '&' } else { '?' };
    let first = format!("{path}{before}limit={limit}");
    let (mut parts, mut at) = (Vec::new(), first.clone());
    loop {
        let part = ask(&at).await.json();
        assert!(part["items"].as_array().unwrap().len() <= limit, "{part}");
        let next = part["nextCursor"].as_str().map(|next| format!("{first}&cursor={next}"));
        parts.push(part);
        let Some(next) = next else { return parts };
        assert!(parts.len() < 20, "the parts of {path} never end");
        at = next;
    }
}

/// The rows of the parts of a list.
pub(crate) fn rows_of(parts: &[Value]) -> Vec<Value> {
    parts.iter().flat_map(|part| part["items"].as_array().unwrap().clone()).collect()
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::of(fakes::TestApp::new())
    }

    /// The program over stores with other settings.
    pub(crate) fn of(domain: fakes::TestApp) -> Self {
        Self::with(domain, false)
    }

    /// The program whose payment provider is played by the sandbox.
    pub(crate) fn in_sandbox() -> Self {
        Self::with(fakes::TestApp::new(), true)
    }

    fn with(domain: fakes::TestApp, is_sandbox: bool) -> Self {
        let installation = domain.installation.clone();
        let secrets = [SECRET];
        let access_tokens =
            AccessTokens::new(secrets, &installation, domain.clock.clone()).unwrap();
        let http = Http::new(Dependencies {
            use_cases: (*domain.use_cases).clone(),
            installation,
            store: Arc::new(domain.store.clone()),
            clock: domain.clock.clone(),
            random: domain.random.clone(),
            access_tokens,
            webhooks: Arc::new(Verifier::default()),
            mail_reports: Some(Arc::new(Reader)),
            idempotency: Arc::new(domain.store.clone()),
            trusted_proxies: TrustedProxies::default(),
            metrics: Arc::new(String::new),
            max_bodies: 64,
            metrics_elsewhere: false,
            checkout_form_action: vec!["http://127.0.0.1:4242".to_owned()],
            is_sandbox,
        });
        Self { domain, http, routes: RefCell::default() }
    }

    async fn routes(&self) -> Routes {
        if let Some(known) = self.routes.borrow().clone() {
            return known;
        }
        let app = App::new().configure(|app| configure(app, &self.http));
        let service = Rc::new(test::init_service(app).await);
        let routes: Routes = Rc::new(move |request| {
            let service = service.clone();
            async move { test::call_service(&*service, request).await }.boxed_local()
        });
        *self.routes.borrow_mut() = Some(routes.clone());
        routes
    }

    pub(crate) fn call(&self, method: Method, host: &str, path: &str) -> Call<'_> {
        let request =
            TestRequest::with_uri(path).method(method).insert_header((header::HOST, host));
        Call { app: self, request, is_endless: false }
    }

    /// Has as many requests under way as are answered at once, until what is returned is dropped. Their bodies never come.
    pub(crate) fn overload(&self) -> Vec<LocalBoxFuture<'_, Reply>> {
        let ask = || self.post(ROOT, "/v2/visitor/auth/magic-link");
        let begun = (0..200).map(|_| {
            let call = ask().with("content-type", "application/json").without_end();
            let mut call = call.boxed_local();
            assert!((&mut call).now_or_never().is_none());
            call
        });
        begun.collect()
    }

    /// What a server of its own is made with.
    pub(crate) fn http(&self) -> Http {
        self.http.clone()
    }

    pub(crate) fn get(&self, host: &str, path: &str) -> Call<'_> {
        self.call(Method::GET, host, path)
    }

    pub(crate) fn post(&self, host: &str, path: &str) -> Call<'_> {
        self.call(Method::POST, host, path)
    }

    /// The shop `ada` with a paid page `guide`.
    pub(crate) async fn shop(&self) -> Shop {
        let shop = self.domain.shop("ada").await;
        let page = a_page().slug("guide").paid(1200, "usd").published();
        self.domain.page(&shop, page).await;
        shop
    }

    /// A page of a shop as it is stored.
    pub(crate) async fn page(&self, shop: &Shop, slug: &str) -> Page {
        let slug = slug.parse().unwrap();
        self.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap().1
    }

    /// The access token of the shop's creator.
    pub(crate) async fn token(&self, handle: &str) -> String {
        let login = serde_json::json!({
            "email": format!("{handle}@creators.example"), "password": "correct horse",
        });
        let reply = self.post(ROOT, "/v2/creator/auth/login").json(&login).send().await;
        reply.json()["accessToken"].as_str().unwrap().to_owned()
    }

    /// The token of the last mail to an address that proves it, sets a new password or moves purchases there.
    pub(crate) async fn mailed_token(&self, address: &str) -> String {
        self.domain.deliver_mails().await;
        let mails = self.domain.mailer.sent_to(&fakes::email(address));
        let link = mails.into_iter().rev().find_map(|mail| match mail {
            MailContent::VerifyEmail { link, .. }
            | MailContent::PasswordReset { link, .. }
            | MailContent::ConfirmMove { link, .. } => Some(link.0),
            _ => None,
        });
        link.unwrap().rsplit_once("token=").unwrap().1.to_owned()
    }
}
