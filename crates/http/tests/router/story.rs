//! The whole path: ask for a link, press the button, pay, come back, read, refund.

use serde_json::json;
use tollgate_domain_testing::email;

use crate::support::{ADA, ROOT, TestApp};

const BUYER: &str = "bob@example.com";

#[actix_web::test]
async fn buyer_gets_in_and_creator_gives_the_money_back() {
    let app = TestApp::new();
    app.shop().await;

    let gate = app.get(ADA, "/guide").send().await;
    assert_eq!(gate.status, 200);
    assert_eq!(gate.body.matches("<form").count(), 1);
    assert!(gate.body.contains("name=\"email\"") && gate.body.contains("$12.00"));
    assert!(!gate.body.contains("Everything."));

    let sent =
        app.post(ADA, "/-/sign-in").form("email=Bob%40Example.com&returnTo=%2Fguide").send().await;
    let waits = "/-/code?returnTo=%2Fguide";
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, waits));
    let sent = app.get(ADA, waits).with("cookie", &sent.cookie()).send().await;
    assert_eq!(sent.status, 200);
    assert!(sent.body.contains("Check your mail") && sent.body.contains("name=\"code\""));
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BUYER);
    let link = format!("/-/verify?token={}", token.reveal());
    for _ in 0..3 {
        let look = app.get(ADA, &link).send().await;
        assert_eq!(look.status, 200);
        assert!(look.body.contains("Continue as b•••@example.com"));
        assert_eq!(look.body.matches("<form").count(), 1);
        assert_eq!(look.body.matches("<button").count(), 1);
        assert!(!look.body.contains("bob@"));
        assert_eq!(look.header("referrer-policy"), "same-origin");
        assert_eq!(look.header("x-robots-tag"), "noindex");
        assert!(look.header("cache-control").contains("no-store"));
    }

    let form = format!("token={}", token.reveal());
    let in_ = app.post(ADA, "/-/verify").form(&form).send().await;
    assert_eq!(in_.status, 303);
    let cookie = in_.cookie();
    let pay_page = in_.header("location").to_owned();
    let session = app.domain.payments.session_at(&pay_page).unwrap();
    let again = app.post(ADA, "/guide/checkout").form("").with("cookie", &cookie).send().await;
    assert_eq!(again.header("location"), pay_page);
    app.domain.payments.pay(&session).unwrap();
    let order = app.domain.store.orders()[0].id;
    let back = app
        .get(ADA, &format!("/guide/return?checkout={order}"))
        .with("cookie", &cookie)
        .send()
        .await;
    assert_eq!((back.status.as_u16(), back.header("location")), (303, "/guide"));
    let open = app.get(ADA, "/guide").with("cookie", &cookie).send().await;
    assert!(open.body.contains("Everything."));
    assert!(!open.body.contains("<form"));

    let check = "/v2/public/pages/ada/guide/access-check";
    let reply = app.post(ROOT, check).with("cookie", &cookie).send().await;
    assert_eq!(reply.json(), json!({"hasAccess": true, "reason": "entitled"}));
    let page = app.get(ROOT, "/v2/public/pages/ada/guide").with("cookie", &cookie).send().await;
    assert_eq!(page.json()["bodyHtml"], "<p>Everything.</p>\n");
    let bought =
        app.post(ROOT, "/v2/public/pages/ada/guide/checkout").with("cookie", &cookie).send().await;
    assert_eq!(bought.refusal(), "409 already_purchased");

    let visitor = app.domain.store.visitors()[0].clone();
    assert_eq!(visitor.email, email(BUYER));
    let refund = "/v2/handles/ada/pages/guide/refund";
    let token = app.token("ada").await;
    let body = json!({"visitorId": visitor.id.to_string()});
    let reply = app.post(ROOT, refund).bearer(&token).json(&body).send().await;
    assert_eq!(reply.status, 200);
    let receipt = reply.json();
    assert_eq!(
        (&receipt["status"], &receipt["amount"], &receipt["currency"]),
        (&json!("succeeded"), &json!(1200), &json!("usd"))
    );
    let reply = app.post(ROOT, refund).bearer(&token).json(&body).send().await;
    assert_eq!(reply.refusal(), "409 already_refunded");
    let reply = app.post(ROOT, check).with("cookie", &cookie).send().await;
    assert_eq!(reply.json(), json!({"hasAccess": false, "reason": "purchase_required"}));

    let history = app.get(ROOT, "/v2/visitor/access").with("cookie", &cookie).send().await.json();
    let row = &history["items"][0];
    assert_eq!(history["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&row["status"], &row["accessType"], &row["resourceType"]),
        (&json!("REFUNDED"), &json!("PURCHASE"), &json!("PAGE"))
    );
    assert_eq!(row["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert!(history["nextCursor"].is_null());
    let mine = app.get(ROOT, "/access").with("cookie", &cookie).send().await;
    assert!(mine.body.contains("Refunded") && mine.body.contains("/-/sign-out"));
    assert_eq!(mine.body.matches("<form").count(), 1);
}

#[actix_web::test]
async fn code_signs_in_on_another_device() {
    let app = TestApp::new();
    app.shop().await;
    app.post(ADA, "/-/sign-in").form("email=bob%40example.com&returnTo=%2Fguide").send().await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BUYER);
    let wrong = if code.reveal() == "000000" { "000001" } else { "000000" };
    let body = format!("email=bob%40example.com&returnTo=%2Fguide&code={wrong}");
    let again = app.post(ADA, "/-/code").form(&body).send().await;
    assert_eq!(again.status, 401);
    assert!(again.body.contains("name=\"code\"") && again.body.contains("not the code"));
    assert!(again.body.contains("or ask for a new mail."));
    let body = format!("email=bob%40example.com&returnTo=%2Fguide&code={}", code.reveal());
    let in_ = app.post(ADA, "/-/code").form(&body).send().await;
    assert_eq!(in_.status, 303);
    assert!(in_.cookie().starts_with("_10x_visitor="));
    let signed_in = app.get(ADA, "/guide").with("cookie", &in_.cookie()).send().await;
    assert!(signed_in.body.contains("Buy for $12.00"));
    assert_eq!(signed_in.body.matches("<form").count(), 1);
    let out = app.post(ADA, "/-/sign-out").form("").with("cookie", &in_.cookie()).send().await;
    assert_eq!(out.status, 303);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let me = app.get(ROOT, "/v2/visitor/me").with("cookie", &in_.cookie()).send().await;
    assert_eq!(me.refusal(), "401 visitor_unauthorized");
}

#[actix_web::test]
async fn checkout_that_fails_leads_to_the_page() {
    let app = TestApp::new();
    app.shop().await;
    app.domain.payments.set_down(true);
    app.post(ADA, "/-/sign-in").form("email=bob%40example.com&returnTo=%2Fguide").send().await;
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BUYER);
    let in_ = app.post(ADA, "/-/verify").form(&format!("token={}", token.reveal())).send().await;
    assert_eq!(
        (in_.status.as_u16(), in_.header("location")),
        (303, "http://ada.tollgate.localhost:8080/guide")
    );
    let pay = app.post(ADA, "/guide/checkout").form("").with("cookie", &in_.cookie()).send().await;
    assert_eq!(pay.status, 502);
    assert!(pay.body.contains("not been charged"));
}
