//! Tests of a creator from registration to refund, and of what other creators cannot see.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Reply, Seller, Server, until_so};

on_each_database!(
    new_creator_signs_up_sells_and_refunds,
    another_creators_things_do_not_exist,
    refresh_token_serves_two_tabs_and_logout_ends_the_access_token,
    archived_page_stays_open_to_its_buyers,
    price_edit_closes_open_pay_pages_and_keeps_what_was_bought,
);

async fn call(
    server: &Server,
    seller: &Seller,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Reply {
    let call = server.call(method, path).bearer(&seller.token);
    match body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

fn page(slug: &str) -> Value {
    json!({
        "slug": slug,
        "title": "Bread",
        "teaser": "How to *bake*.",
        "body": "Flour, water, salt.",
        "accessMode": "PAID",
        "price": {"amount": 700, "currency": "eur"}
    })
}

async fn new_creator_signs_up_sells_and_refunds(backend: Backend) {
    let server = Server::fresh(backend).await;
    let body = json!({"email": "Carol@Example.com ", "password": "correct horse", "name": "Carol"});
    let registered = server.post("/v2/creator/auth/register").json(&body).send().await;
    assert_eq!(registered.status, 201);
    let answer = registered.ok();
    assert!(answer["creator"]["id"].as_str().unwrap().starts_with("cre_"));
    assert_eq!(
        (&answer["creator"]["email"], &answer["creator"]["name"]),
        (&json!("carol@example.com"), &json!("Carol"))
    );
    assert!(answer["expiresIn"].as_i64().unwrap() <= 900);
    let again = server.post("/v2/creator/auth/register").json(&body).send().await;
    assert_eq!(again.refusal(), "409 email_taken");

    server.prove("carol@example.com").await;

    let login = json!({"email": "carol@example.com", "password": "correct horse"});
    let signed_in =
        Seller::of(&server.post("/v2/creator/auth/login").json(&login).send().await.ok());
    let refresh = json!({"refreshToken": signed_in.refresh_token});
    let carol =
        Seller::of(&server.post("/v2/creator/auth/refresh").json(&refresh).send().await.ok());
    let me = call(&server, &carol, "GET", "/v2/creator/me", None).await.ok();
    assert_eq!(me["id"], answer["creator"]["id"]);
    assert_eq!(me["emailVerified"], true);

    let handle = json!({"handle": "carol", "name": "Carol's kitchen"});
    let made = call(&server, &carol, "POST", "/v2/handles", Some(&handle)).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.json()["handle"], "carol");
    let taken = call(&server, &carol, "POST", "/v2/handles", Some(&handle)).await;
    assert_eq!(taken.refusal(), "409 handle_taken");
    let reserved = json!({"handle": "admin", "name": "x"});
    let reserved = call(&server, &carol, "POST", "/v2/handles", Some(&reserved)).await;
    assert_eq!(reserved.refusal(), "422 validation_failed");

    let made = call(&server, &carol, "POST", "/v2/handles/carol/pages", Some(&page("bread"))).await;
    assert_eq!(made.status, 201);
    assert!(made.json()["id"].as_str().unwrap().starts_with("pag_"));
    assert_eq!(made.json()["status"], "DRAFT");
    let taken =
        call(&server, &carol, "POST", "/v2/handles/carol/pages", Some(&page("bread"))).await;
    assert_eq!(taken.refusal(), "409 slug_taken");
    let public = "/v2/public/pages/carol/bread";
    assert_eq!(server.get(public).send().await.refusal(), "404 page_not_found");
    let mut browser = Browser::new();
    let address = server.place.url("carol", "/bread");
    assert_eq!(browser.open(&address).await.status, 404);

    let publish = json!({"status": "PUBLISHED"});
    let published =
        call(&server, &carol, "PATCH", "/v2/handles/carol/pages/bread", Some(&publish)).await;
    assert_eq!(published.ok()["status"], "PUBLISHED");
    let shown = server.get(public).send().await.ok();
    assert_eq!(shown["reason"], "visitor_auth_required");
    assert!(shown.get("bodyHtml").is_none(), "{shown}");
    assert_eq!(shown["price"], json!({"amount": 700, "currency": "eur"}));

    connect(&server, &carol).await;
    let bob = server.sign_in("bob@example.com").await;
    let started = server.post(&format!("{public}/checkout")).cookie(&bob.cookie).send().await.ok();
    browser.open(started["checkoutUrl"].as_str().unwrap()).await.shows("7.00");
    assert_eq!(browser.submit(&[]).await.url.as_str(), address);
    let shown = server.get(public).cookie(&bob.cookie).send().await.ok();
    assert!(shown["bodyHtml"].as_str().unwrap().contains("Flour, water, salt."));

    let wish = json!({"visitorId": bob.id, "reason": "as agreed"});
    let refund = "/v2/handles/carol/pages/bread/refund";
    let refunded = call(&server, &carol, "POST", refund, Some(&wish)).await.ok();
    assert_eq!((&refunded["amount"], &refunded["currency"]), (&json!(700), &json!("eur")));
    let shown = server.get(public).cookie(&bob.cookie).send().await.ok();
    assert_eq!(shown["reason"], "purchase_required");

    let account = call(&server, &carol, "GET", "/v2/handles/carol/stripe", None).await.ok();
    let account = format!("accounts/{}", account["accountId"].as_str().unwrap());
    server.place.sandbox().control(&account, &json!({"charges_enabled": false})).await;
    let checkout = format!("{public}/checkout");
    until_so("the restriction is known", async || {
        let refused = server.post(&checkout).cookie(&bob.cookie).send().await;
        refused.status == 409 && refused.json()["reason"] == "account_restricted"
    })
    .await;
}

/// Completes Stripe's onboarding on its page.
async fn connect(server: &Server, carol: &Seller) {
    let stripe = "/v2/handles/carol/stripe";
    let before = call(server, carol, "GET", stripe, None).await.ok();
    assert_eq!((&before["accountId"], &before["status"]), (&Value::Null, &json!("not_connected")));
    // An answer that Stripe keeps as failed holds nobody up.
    let kept =
        json!({"mode": "500", "kept": true, "method": "POST", "path": "/v1/accounts", "times": 1});
    server.place.sandbox().control("faults", &json!({"api": kept})).await;
    let begun = call(server, carol, "POST", "/v2/handles/carol/stripe/connect", None).await.ok();
    let during = call(server, carol, "GET", stripe, None).await.ok();
    assert_eq!(during["status"], "onboarding");
    assert_eq!(during["chargesEnabled"], false);
    let mut browser = Browser::new();
    browser.open(begun["onboardingUrl"].as_str().unwrap()).await;
    let back = browser.submit(&[]).await;
    assert!(back.url.as_str().starts_with(&server.place.url("app", "/")), "{}", back.url);
    let login = [("email", "carol@example.com"), ("password", "correct horse")];
    browser.submit(&login).await.shows("Stripe is connected");
    let after = call(server, carol, "GET", stripe, None).await.ok();
    assert!(after["accountId"].as_str().unwrap().starts_with("acct_"));
    assert_eq!(after["status"], "active");
    assert_eq!((&after["chargesEnabled"], &after["payoutsEnabled"]), (&json!(true), &json!(true)));
}

async fn another_creators_things_do_not_exist(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.creator("eve").await;
    server.quiet().await;
    let before = server.place.database.census().await;
    for (method, path, body) in [
        ("GET", "", None),
        ("PATCH", "", Some(json!({"name": "Mine"}))),
        ("GET", "/pages", None),
        ("POST", "/pages", Some(page("bread"))),
        ("GET", "/pages/guide", None),
        ("PATCH", "/pages/guide", Some(json!({"title": "Mine", "status": "DRAFT"}))),
        ("DELETE", "/pages/guide", None),
        ("POST", "/pages/guide/refund", Some(json!({"visitorId": bob.id}))),
        ("POST", "/pages/guide/grants", Some(json!({"email": "eve@example.com"}))),
        ("GET", "/stripe", None),
        ("GET", "/stripe/requirements", None),
        ("POST", "/stripe/connect", None),
    ] {
        let there =
            call(&server, &eve, method, &format!("/v2/handles/ada{path}"), body.as_ref()).await;
        let none =
            call(&server, &eve, method, &format!("/v2/handles/none{path}"), body.as_ref()).await;
        assert_eq!(there.refusal(), "404 handle_not_found", "{method} {path}");
        let same = |reply: &Reply| {
            let mut problem = reply.json();
            problem["requestId"] = Value::Null;
            problem
        };
        assert_eq!(same(&there), same(&none), "{method} {path}");
    }
    // Another creator's page with the same slug has none of Ada's buyers.
    call(&server, &eve, "POST", "/v2/handles/eve/pages", Some(&page("guide"))).await.ok();
    let refund = "/v2/handles/eve/pages/guide/refund";
    let refund = call(&server, &eve, "POST", refund, Some(&json!({"visitorId": bob.id}))).await;
    assert_eq!(refund.refusal(), "404 purchase_not_found");
    let mut after = server.place.database.census().await;
    *after.get_mut("pages").unwrap() -= 1;
    assert_eq!(after, before);
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let handles = call(&server, &eve, "GET", "/v2/handles", None).await.ok();
    assert_eq!(handles["items"].as_array().unwrap().len(), 1);
    assert_eq!(handles["items"][0]["handle"], "eve");
    assert!(handles["nextCursor"].is_null());
    // A creator's token shows the creator's own drafts only.
    let draft = json!({"status": "DRAFT"});
    let ada = server.ada().await;
    call(&server, &ada, "PATCH", "/v2/handles/ada/pages/letters", Some(&draft)).await.ok();
    let public = "/v2/public/pages/ada/letters";
    assert_eq!(call(&server, &eve, "GET", public, None).await.refusal(), "404 page_not_found");
    assert_eq!(call(&server, &ada, "GET", public, None).await.status, 200);
}

async fn refresh_token_serves_two_tabs_and_logout_ends_the_access_token(backend: Backend) {
    let server = Server::fresh(backend).await;
    let first = server.creator("carol").await;
    let refresh = async |token: &str| {
        let body = json!({"refreshToken": token});
        server.post("/v2/creator/auth/refresh").json(&body).send().await
    };
    let second = Seller::of(&refresh(&first.refresh_token).await.ok());
    assert_eq!(call(&server, &second, "GET", "/v2/creator/me", None).await.status, 200);
    // Another tab that uses the token at the same moment goes on with the same session.
    let other = Seller::of(&refresh(&first.refresh_token).await.ok());
    assert_eq!(other.refresh_token, second.refresh_token);
    let third = Seller::of(&refresh(&second.refresh_token).await.ok());
    assert_ne!(third.refresh_token, second.refresh_token);

    let login = json!({"email": "carol@example.com", "password": "correct horse"});
    let login =
        async || Seller::of(&server.post("/v2/creator/auth/login").json(&login).send().await.ok());
    let (here, elsewhere) = (login().await, login().await);
    let out = call(&server, &here, "POST", "/v2/creator/auth/logout", None).await;
    assert_eq!(out.status, 204);
    let me = call(&server, &here, "GET", "/v2/creator/me", None).await;
    assert_eq!(me.refusal(), "401 creator_unauthorized");
    assert_eq!(refresh(&here.refresh_token).await.refusal(), "401 creator_unauthorized");
    assert_eq!(call(&server, &elsewhere, "GET", "/v2/creator/me", None).await.status, 200);
    for (email, password) in
        [("carol@example.com", "wrong horse"), ("nobody@example.com", "correct horse")]
    {
        let body = json!({"email": email, "password": password});
        let refused = server.post("/v2/creator/auth/login").json(&body).send().await;
        assert_eq!(refused.refusal(), "401 creator_unauthorized");
    }
}

async fn archived_page_stays_open_to_its_buyers(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let ada = server.ada().await;
    let path = "/v2/handles/ada/pages/guide";
    assert_eq!(call(&server, &ada, "DELETE", path, None).await.status, 204);
    assert_eq!(call(&server, &ada, "GET", path, None).await.ok()["status"], "ARCHIVED");
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let check = "/v2/public/pages/ada/guide/access-check";
    for cookie in ["", &eve.cookie] {
        let refused = server.post(check).cookie(cookie).send().await;
        assert_eq!(refused.refusal(), "404 page_not_found");
    }
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    let refused = server.post(check).cookie(&bob.cookie).send().await;
    assert_eq!(refused.refusal(), "404 page_not_found");
}

async fn price_edit_closes_open_pay_pages_and_keeps_what_was_bought(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let eve = server.sign_in("eve@example.com").await;
    let before = server.checkout(&eve).await;
    let ada = server.ada().await;
    let price = json!({"price": {"amount": 2000, "currency": "usd"}});
    let path = "/v2/handles/ada/pages/guide";
    call(&server, &ada, "PATCH", path, Some(&price)).await.ok();
    until_so("the old session is closed", async || {
        sandbox.count("openCheckoutSessions").await == 0
    })
    .await;
    let after = server.checkout(&eve).await;
    assert_ne!(after.session, before.session);
    let mut browser = Browser::new();
    browser.open(&after.url).await.shows("20.00");
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let low = json!({"price": {"amount": 10, "currency": "usd"}});
    let refused = call(&server, &ada, "PATCH", path, Some(&low)).await;
    assert_eq!(refused.refusal(), "422 validation_failed");
    assert!(refused.json()["fields"]["price"].is_string());
}
