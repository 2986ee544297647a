//! A browser at the console: it keeps cookies and follows redirects.

use std::{cell::RefCell, collections::BTreeMap};

use actix_web::http::{Method, header};

use crate::support::{Reply, TestApp};

pub(crate) const APP: &str = "app.tollgate.localhost:8080";

pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    /// One without cookies.
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self { app, cookies: RefCell::default() }
    }

    /// One in which the creator of a shop is signed in.
    pub(crate) async fn of(app: &'a TestApp, handle: &str) -> Self {
        let browser = Self::new(app);
        let email = format!("{handle}@creators.example");
        let form = [("email", &*email), ("password", "correct horse")];
        assert_eq!(browser.post("/sign-in", &form).await.status, 303);
        browser
    }

    /// Keeps a cookie.
    pub(crate) fn keep(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.into(), value.into());
    }

    /// Opens a screen.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.app.get(APP, path)).await
    }

    /// Opens a screen in German.
    pub(crate) async fn get_in_german(&self, path: &str) -> Reply {
        self.send(self.app.get(APP, path).with("accept-language", "de")).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.extend_pairs(fields).finish();
        self.send(self.app.call(Method::POST, APP, path).form(&body)).await
    }

    /// Sends a form with texts, and with files by their names.
    pub(crate) async fn send_files(
        &self,
        path: &str,
        texts: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Reply {
        let mut body = String::new();
        let mut part = |head: String, content: &str| {
            let head = format!("content-disposition: form-data; {head}");
            body.extend(["--b\r\n", &head, "\r\n\r\n", content, "\r\n"]);
        };
        for (name, text) in texts {
            part(format!("name=\"{name}\""), text);
        }
        for (name, content) in files {
            let kind = "content-type: text/plain";
            part(format!("name=\"file\"; filename=\"{name}\"\r\n{kind}"), content);
        }
        body.push_str("--b--\r\n");
        let call = self.app.call(Method::POST, APP, path).with("sec-fetch-site", "same-origin");
        self.send(call.body("multipart/form-data; boundary=b", &body)).await
    }

    /// Sends a form that has to lead on, and opens the screen that it leads to.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.post(path, fields).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        self.follow(reply).await
    }

    /// Opens the screen that redirects lead to.
    pub(crate) async fn follow(&self, mut reply: Reply) -> Reply {
        for _ in 0..5 {
            if reply.status != 303 {
                return reply;
            }
            let path = reply.header("location").to_owned();
            reply = self.get(&path).await;
        }
        panic!("redirects never end: {reply:?}");
    }

    /// The cookies, as the browser sends them.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.cookies.borrow();
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn send(&self, call: crate::support::Call<'_>) -> Reply {
        let cookies = self.cookies();
        let call = if cookies.is_empty() { call } else { call.with("cookie", &cookies) };
        let reply = call.send().await;
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }
}
