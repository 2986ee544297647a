//! The shape of every answer that is a success, as a client gets it. Problems are in the description:
//! its examples are written by the code that answers.

use serde_json::{Value, json};

use crate::support::{ROOT, Reply, TestApp};

const PAGE: &str = "/v2/public/pages/ada/guide";

/// Replaces what differs from one run to the next.
fn redacted(name: &str, value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let value = redacted(&name, value);
                (name, value)
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| redacted(name, item)).collect(),
        Value::String(text) => json!(match name {
            "id" | "visitorId" | "purchaseId" | "checkoutId" => {
                format!("{}_[id]", text.split('_').next().unwrap())
            }
            "refundId" | "accountId" | "accessToken" | "refreshToken" => format!("[{name}]"),
            "nextCursor" => "[cursor]".to_owned(),
            name if name.ends_with("At") && text.ends_with('Z') => "[instant]".to_owned(),
            name if name.ends_with("Url") && text.starts_with("http") => "[address]".to_owned(),
            _ => text,
        }),
        other => other,
    }
}

fn shape(call: &str, reply: &Reply) -> String {
    let status = reply.status.as_u16();
    assert!(reply.status.is_success(), "{call}: {reply:?}");
    let body = match reply.header("content-type") {
        "" => String::new(),
        "application/json" => format!("{:#}", redacted("", reply.json())),
        _ => reply.body.clone(),
    };
    format!("{call}\n{status} {}\n{body}\n", reply.header("content-type"))
}

#[actix_web::test]
async fn every_success_has_the_shape_that_was_announced() {
    let app = TestApp::new();
    let mut shapes = Vec::new();
    let creator = json!({"email": "ada@example.com", "password": "correct horse", "name": "Ada"});
    let call = app.post(ROOT, "/v2/creator/auth/register").json(&creator).send().await;
    shapes.push(shape("POST /v2/creator/auth/register", &call));
    let proof = json!({"token": app.mailed_token("ada@example.com").await});
    let call = app.post(ROOT, "/v2/creator/auth/verify-email").json(&proof).send().await;
    shapes.push(shape("POST /v2/creator/auth/verify-email", &call));
    let login = json!({"email": "ada@example.com", "password": "correct horse"});
    let call = app.post(ROOT, "/v2/creator/auth/login").json(&login).send().await;
    shapes.push(shape("POST /v2/creator/auth/login", &call));
    let refresh = json!({"refreshToken": call.json()["refreshToken"]});
    let call = app.post(ROOT, "/v2/creator/auth/refresh").json(&refresh).send().await;
    shapes.push(shape("POST /v2/creator/auth/refresh", &call));
    let token = call.json()["accessToken"].as_str().unwrap().to_owned();

    let page = json!({
        "slug": "guide", "title": "A guide", "teaser": "Forty pots.", "body": "# January",
        "accessMode": "PAID", "price": {"amount": 1200, "currency": "usd"}, "status": "PUBLISHED",
    });
    let free = json!({
        "slug": "letters", "title": "Letters", "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    for (method, path, body) in [
        ("GET", "/v2/creator/me", None),
        ("POST", "/v2/handles", Some(json!({"handle": "ada", "name": "Ada's workshop"}))),
        ("GET", "/v2/handles", None),
        ("GET", "/v2/handles/ada", None),
        ("PATCH", "/v2/handles/ada", Some(json!({"name": "Ada's studio"}))),
        ("GET", "/v2/handles/ada/stripe", None),
        ("GET", "/v2/handles/ada/stripe/requirements", None),
        ("POST", "/v2/handles/ada/stripe/connect", None),
        ("POST", "/v2/handles/ada/pages", Some(page)),
        ("POST", "/v2/handles/ada/pages", Some(free)),
        ("GET", "/v2/handles/ada/pages?limit=1", None),
        ("GET", "/v2/handles/ada/pages/guide", None),
        ("PATCH", "/v2/handles/ada/pages/guide", Some(json!({"title": "The guide"}))),
        ("DELETE", "/v2/handles/ada/pages/letters", None),
    ] {
        let call = app.call(method.parse().unwrap(), ROOT, path).bearer(&token);
        let call = match &body {
            Some(body) => call.json(body),
            None => call,
        };
        shapes.push(shape(&format!("{method} {path}"), &call.send().await));
    }
    let out = app.post(ROOT, "/v2/creator/auth/logout").bearer(&token).send().await;
    shapes.push(shape("POST /v2/creator/auth/logout", &out));
    insta::assert_snapshot!("creator", shapes.join("\n"));
}

#[actix_web::test]
async fn every_success_of_a_visitor_has_the_shape_that_was_announced() {
    let app = TestApp::new();
    app.shop().await;
    let mut shapes = Vec::new();
    let link = json!({"email": "bob@example.com", "returnTo": "/access"});
    let call = app.post(ROOT, "/v2/visitor/auth/magic-link").json(&link).send().await;
    shapes.push(shape("POST /v2/visitor/auth/magic-link", &call));
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to("bob@example.com");
    let verify = json!({"token": token.reveal()});
    let call = app.post(ROOT, "/v2/visitor/auth/verify").json(&verify).send().await;
    shapes.push(shape("POST /v2/visitor/auth/verify", &call));
    let cookie = call.cookie();
    let visitor = call.json()["visitor"]["id"].clone();

    let get = |path| app.get(ROOT, path).with("cookie", &cookie).send();
    let post = |path| app.post(ROOT, path).with("cookie", &cookie).send();
    for path in ["/v2/visitor/me", "/v2/visitor/sessions", PAGE] {
        shapes.push(shape(&format!("GET {path}"), &get(path).await));
    }
    let check = "/v2/public/pages/ada/guide/access-check";
    shapes.push(shape(&format!("POST {check}"), &post(check).await));
    let checkout = "/v2/public/pages/ada/guide/checkout";
    let call = post(checkout).await;
    shapes.push(shape(&format!("POST {checkout}"), &call));
    let pay_page = call.json()["checkoutUrl"].as_str().unwrap().to_owned();
    let session = app.domain.payments.session_at(&pay_page).unwrap();
    app.domain.payments.pay(&session).unwrap();
    let order = app.domain.store.orders()[0].id;
    let back = format!("/guide/return?checkout={order}");
    app.get(crate::support::ADA, &back).with("cookie", &cookie).send().await;
    shapes.push(shape(&format!("GET {PAGE}, bought"), &get(PAGE).await));
    shapes.push(shape("GET /v2/visitor/access", &get("/v2/visitor/access").await));

    let refund = "/v2/handles/ada/pages/guide/refund";
    let creator = app.token("ada").await;
    let call = app.post(ROOT, refund).bearer(&creator).json(&json!({"visitorId": visitor}));
    shapes.push(shape(&format!("POST {refund}"), &call.send().await));
    shapes.push(shape("GET /v2/visitor/access, refunded", &get("/v2/visitor/access").await));
    let call = app
        .call("DELETE".parse().unwrap(), ROOT, "/v2/visitor/sessions/vse_x")
        .with("cookie", &cookie);
    shapes.push(shape("DELETE /v2/visitor/sessions/{id}", &call.send().await));
    let out = "/v2/visitor/auth/logout";
    shapes.push(shape(&format!("POST {out}"), &post(out).await));
    for path in ["/healthz", "/readyz"] {
        shapes.push(shape(&format!("GET {path}"), &app.get(ROOT, path).send().await));
    }
    let event = app
        .post(ROOT, "/v2/webhooks/stripe")
        .with("stripe-signature", "good")
        .body("application/json", "evt_1");
    shapes.push(shape("POST /v2/webhooks/stripe", &event.send().await));
    insta::assert_snapshot!("visitor", shapes.join("\n"));
}
