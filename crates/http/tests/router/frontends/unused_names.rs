//! Origins below the installation's own domain that no handle has.

use actix_web::http::Method;
use serde_json::json;

use super::{UNUSED, allowed, app, change};
use crate::support::{ADA, ROOT};

/// An operator may have given the name to another server.
#[actix_web::test]
async fn unused_name_below_the_domain_is_foreign() {
    let (app, _) = app().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let check = "/v2/public/pages/ada/guide/access-check";
    let from = |method: Method, path: &str| {
        let call = app.call(method, ROOT, path).visitor(&session);
        call.with("origin", UNUSED).with("sec-fetch-site", "same-site")
    };
    for exists in [false, true] {
        if exists {
            app.domain.shop("nope").await;
        }
        let expected = if exists { (UNUSED, "true") } else { ("", "") };
        for path in ["/v2/visitor/me", "/v2/public/pages/ada/guide"] {
            let read = from(Method::GET, path).send().await;
            assert_eq!((read.status.as_u16(), allowed(&read)), (200, expected), "{path}");
            let ask = app.call(Method::OPTIONS, ROOT, path).with("origin", UNUSED);
            let ask = ask.with("access-control-request-method", "GET").send().await;
            assert_eq!((ask.status == 204, allowed(&ask)), (exists, expected), "{path}");
        }
        let asked = from(Method::POST, check).send().await;
        assert_eq!((asked.status == 200, allowed(&asked)), (exists, expected));
        if !exists {
            assert_eq!(asked.refusal(), "403 cross_site_request");
        }
        // What no frontend reaches is open to own hosts only, too.
        let form = app.post(ADA, "/-/sign-in").with("origin", UNUSED);
        let form = form.body("application/x-www-form-urlencoded", "email=bob%40example.com");
        assert_eq!(form.send().await.status == 403, !exists);
    }
    let logout = from(Method::POST, "/v2/visitor/auth/logout").send().await;
    assert_eq!(logout.status, 204);
}

/// It is a frontend like any other, until a handle has the name.
#[actix_web::test]
async fn registered_name_below_the_domain_reaches_only_its_handles() {
    let (app, token) = app().await;
    let set = change(&app, &token, &json!({"frontendOrigins": [UNUSED]})).await;
    assert_eq!(set.status, 200, "{}", set.body);
    let session = app.domain.sign_in("bob@example.com").await;
    let from = |method: Method, path: &str| {
        app.call(method, ROOT, path).visitor(&session).with("origin", UNUSED).send()
    };
    let me = from(Method::GET, "/v2/visitor/me").await;
    assert_eq!(me.refusal(), "401 visitor_unauthorized", "Bob has nothing to do with Ada");
    let ended = from(Method::POST, "/v2/visitor/auth/logout").await;
    assert_eq!((ended.status.as_u16(), ended.header("set-cookie")), (204, ""));
    let sessions = from(Method::GET, "/v2/visitor/sessions").await.json();
    assert_eq!(sessions["items"], json!([]));
    let all = app.get(ROOT, "/v2/visitor/sessions").visitor(&session).send().await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    for (handle, expected) in [("ada", (UNUSED, "true")), ("eve", ("", ""))] {
        let path = format!("/v2/public/pages/{handle}/guide/access-check");
        let asked = from(Method::POST, &path).await;
        assert_eq!(allowed(&asked), expected, "{handle}");
        assert_eq!(asked.status.as_u16(), if handle == "ada" { 200 } else { 403 });
    }
    // A mail never leads to a host whose name a handle may have tomorrow.
    let ask = json!({"email": "bob@example.com", "returnTo": format!("{UNUSED}/read")});
    let asked = app.post(ROOT, "/v2/visitor/auth/magic-link").json(&ask).send().await;
    assert_eq!(asked.refusal(), "422 validation_failed");
}
