//! A buyer's browser: it keeps cookies, follows redirects and speaks one language.

use std::{cell::RefCell, collections::BTreeMap};

use actix_web::http::{Method, header};
use tollgate_domain::{payments::CheckoutSessionId, token::Token};

use crate::support::{Call, Reply, TestApp};

/// A browser window on one host of the installation.
pub(crate) struct Window<'a> {
    app: &'a TestApp,
    host: &'static str,
    language: &'static str,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Window<'a> {
    /// A window without cookies.
    pub(crate) fn new(app: &'a TestApp, host: &'static str) -> Self {
        Self { app, host, language: "en", cookies: RefCell::default() }
    }

    /// A window in which this session is open.
    pub(crate) fn of(app: &'a TestApp, host: &'static str, session: &Token) -> Self {
        let window = Self::new(app, host);
        window.cookies.borrow_mut().insert("_10x_visitor".to_owned(), session.reveal());
        window
    }

    /// The same window in another language.
    pub(crate) fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// Opens a path.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.app.get(self.host, path)).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        self.send(self.app.call(Method::POST, self.host, path).form(&body)).await
    }

    /// Opens what a redirect leads to, on the same host.
    pub(crate) async fn follow(&self, mut reply: Reply) -> Reply {
        for _ in 0..5 {
            if reply.status != 303 {
                return reply;
            }
            let to = reply.header("location").to_owned();
            let own = format!("http://{}", self.host);
            reply = self.get(to.strip_prefix(&own).unwrap_or(&to)).await;
        }
        panic!("redirects never end: {reply:?}");
    }

    /// Sends a form and opens what it leads to.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.post(path, fields).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        self.follow(reply).await
    }

    /// Presses the button to buy, and gives the session of the pay page that it leads to.
    pub(crate) async fn begin_to_pay(&self, page: &str) -> CheckoutSessionId {
        let pay = self.post(&format!("{page}/checkout"), &[]).await;
        self.app.domain.payments.session_at(pay.header("location")).unwrap()
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Sets a cookie, as a person could.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Loses a cookie.
    pub(crate) fn forget(&self, name: &str) {
        self.cookies.borrow_mut().remove(name);
    }

    async fn send(&self, call: Call<'_>) -> Reply {
        let pairs: Vec<_> = {
            let cookies = self.cookies.borrow();
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        let call = call.with("accept", "text/html").with("accept-language", self.language);
        let call = if pairs.is_empty() { call } else { call.with("cookie", &pairs.join("; ")) };
        let reply = call.send().await;
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.forget(name);
            } else {
                self.set(name, value);
            }
        }
        reply
    }
}
