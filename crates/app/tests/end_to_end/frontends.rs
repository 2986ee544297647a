//! Tests of frontends on a creator's own origin.

use serde_json::json;

use crate::support::{Backend, Browser, Reply, Seller, Server};

on_each_database!(
    registered_frontend_calls_with_the_cookie_until_it_is_removed,
    name_below_the_domain_is_own_once_a_handle_has_it,
    link_leads_to_the_frontend_that_it_was_asked_from,
    another_password_ends_every_session_at_once,
);

const SHOP: &str = "https://shop.example";

async fn register(server: &Server, ada: &Seller, origins: &[&str]) {
    let body = json!({"frontendOrigins": origins});
    let set = server.call("PATCH", "/v2/handles/ada").bearer(&ada.token).json(&body).send().await;
    assert_eq!(set.ok()["frontendOrigins"], json!(origins));
}

fn reads(reply: &Reply) -> bool {
    assert!(reply.header("vary").split(", ").any(|name| name == "Origin"), "{reply:?}");
    let origin = reply.header("access-control-allow-origin");
    assert!(origin.is_empty() || origin == SHOP);
    origin == SHOP && reply.header("access-control-allow-credentials") == "true"
}

async fn registered_frontend_calls_with_the_cookie_until_it_is_removed(backend: Backend) {
    let server = Server::fresh(backend).await;
    let other = match backend {
        Backend::Postgres => Some(server.replica().await),
        Backend::Sqlite => None,
    };
    let elsewhere = other.as_ref().unwrap_or(&server);
    let ada = server.ada().await;
    server.creator("eve").await;
    let bob = server.sign_in("bob@example.com").await;
    // A frontend is told only of visitors who have to do with its handles.
    let given = server.post("/v2/handles/ada/pages/guide/grants").bearer(&ada.token);
    given.json(&json!({"email": "bob@example.com"})).send().await.ok();
    for round in 0..3 {
        for registered in [true, false] {
            register(&server, &ada, if registered { &[SHOP] } else { &[] }).await;
            let step = format!("round {round}, registered: {registered}");
            let call = |method: &str, path: &str| {
                elsewhere.call(method, path).cookie(&bob.cookie).with("origin", SHOP)
            };
            let me = call("GET", "/v2/visitor/me").send().await;
            assert_eq!((me.status, reads(&me)), (200, registered), "{step}");
            let path = "/v2/public/pages/ada/guide/access-check";
            let check = call("POST", path).with("sec-fetch-site", "same-site").send().await;
            assert_eq!(reads(&check), registered, "{step}");
            assert_eq!(check.status, if registered { 200 } else { 403 }, "{step}");
            let ask = elsewhere.call("OPTIONS", path).with("origin", SHOP);
            let ask = ask.with("access-control-request-method", "POST").send().await;
            assert_eq!((ask.status == 204, reads(&ask)), (registered, registered), "{step}");
            // The frontend may not read another creator's pages.
            let eves = call("POST", "/v2/public/pages/eve/guide/access-check").send().await;
            assert!(!reads(&eves), "{step}");
            assert_eq!(eves.refusal(), "403 cross_site_request", "{step}");
            let creators = call("GET", "/v2/handles/ada").bearer(&ada.token).send().await;
            assert_eq!(creators.header("access-control-allow-origin"), "", "{step}");
        }
    }
}

/// Until then it may be that of another server.
async fn name_below_the_domain_is_own_once_a_handle_has_it(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    server.creator("eve").await;
    let bob = server.sign_in("bob@example.com").await;
    let shop = server.place.url("shopx", "");
    let call = |method: &str, path: &str| {
        server.call(method, path).cookie(&bob.cookie).with("origin", &shop)
    };
    let check = async |handle: &str| {
        let path = format!("/v2/public/pages/{handle}/guide/access-check");
        call("POST", &path).with("sec-fetch-site", "same-site").send().await
    };
    let is_let_read = |reply: &Reply| {
        let headers = ["access-control-allow-origin", "access-control-allow-credentials"];
        headers.map(|name| reply.header(name)) == [shop.as_str(), "true"]
    };
    // Nobody's.
    let me = call("GET", "/v2/visitor/me").send().await;
    assert_eq!((me.status, me.header("access-control-allow-origin")), (200, ""));
    for handle in ["ada", "eve"] {
        let refused = check(handle).await;
        assert_eq!(refused.refusal(), "403 cross_site_request", "{handle}");
        assert_eq!(refused.header("access-control-allow-origin"), "", "{handle}");
    }
    // Ada's frontend.
    register(&server, &ada, &[shop.as_str()]).await;
    let me = call("GET", "/v2/visitor/me").send().await;
    assert_eq!((me.status, is_let_read(&me)), (401, true), "Bob has nothing to do with Ada");
    let adas = check("ada").await;
    assert_eq!((adas.status, is_let_read(&adas)), (200, true));
    assert_eq!(check("eve").await.refusal(), "403 cross_site_request");
    assert_eq!(call("POST", "/v2/visitor/auth/logout").send().await.status, 204);
    let me = server.get("/v2/visitor/me").cookie(&bob.cookie).send().await;
    assert_eq!(me.status, 200, "his session began elsewhere");
    // The host of a handle.
    server.creator("shopx").await;
    let me = call("GET", "/v2/visitor/me").send().await;
    assert_eq!((me.status, is_let_read(&me)), (200, true));
    assert!(is_let_read(&check("eve").await));
    assert_eq!(call("POST", "/v2/visitor/auth/logout").send().await.status, 204);
    let me = server.get("/v2/visitor/me").cookie(&bob.cookie).send().await;
    assert_eq!(me.refusal(), "401 visitor_unauthorized");
}

async fn link_leads_to_the_frontend_that_it_was_asked_from(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let place = "https://shop.example/read?x=1";
    let body = json!({"email": "bob@example.com", "returnTo": place});
    let ask = async || server.post("/v2/visitor/auth/magic-link").json(&body).send().await;
    let refused = ask().await;
    assert_eq!(refused.refusal(), "422 validation_failed");
    assert!(refused.json()["fields"]["returnTo"].is_string());
    register(&server, &ada, &[SHOP]).await;
    assert_eq!(ask().await.status, 202);
    let letter = server.place.link_letter("bob@example.com", 1).await;
    let mut browser = Browser::new();
    let page = browser.open(&letter.link()).await;
    page.shows("Continue as");
    let token = letter.token();
    let verified = server.post("/v2/visitor/auth/verify").json(&json!({"token": token}));
    assert_eq!(verified.send().await.ok()["returnTo"], place);
    register(&server, &ada, &[]).await;
    assert_eq!(ask().await.refusal(), "422 validation_failed");
}

async fn another_password_ends_every_session_at_once(backend: Backend) {
    let server = Server::fresh(backend).await;
    let other = match backend {
        Backend::Postgres => Some(server.replica().await),
        Backend::Sqlite => None,
    };
    let elsewhere = other.as_ref().unwrap_or(&server);
    let carol = server.creator("carol").await;
    let login = async |password: &str| {
        let body = json!({"email": "carol@example.com", "password": password});
        elsewhere.post("/v2/creator/auth/login").json(&body).send().await
    };
    let second = Seller::of(&login("correct horse").await.ok());
    let change = async |seller: &Seller, current: &str| {
        let body = json!({"currentPassword": current, "newPassword": "battery staple"});
        let call = server.post("/v2/creator/auth/password").bearer(&seller.token);
        call.json(&body).send().await
    };
    assert_eq!(change(&carol, "wrong horse").await.refusal(), "422 validation_failed");
    let changed = Seller::of(&change(&carol, "correct horse").await.ok());
    for ended in [&carol, &second] {
        let me = elsewhere.get("/v2/creator/me").bearer(&ended.token).send().await;
        assert_eq!(me.refusal(), "401 creator_unauthorized");
        let refresh = json!({"refreshToken": ended.refresh_token});
        let refresh = elsewhere.post("/v2/creator/auth/refresh").json(&refresh).send().await;
        assert_eq!(refresh.refusal(), "401 creator_unauthorized");
    }
    let me = elsewhere.get("/v2/creator/me").bearer(&changed.token).send().await;
    assert_eq!(me.status, 200);
    assert_eq!(login("correct horse").await.refusal(), "401 creator_unauthorized");
    assert_eq!(login("battery staple").await.status, 200);
}
