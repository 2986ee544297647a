//! Tests of what a mail service reports.

use serde_json::{Value, json};

use crate::support::{Backend, Place, Reply, Seller, Server, until};

on_each_database!(
    address_that_mails_came_back_from_gets_no_gift_mail_until_its_owner_signs_in,
    without_a_secret_nothing_is_there,
);

const SECRET: &str = "a-secret-of-the-mail-service";

async fn report(server: &Server, secret: &str, event: &str) -> Reply {
    let call = server.post("/v2/webhooks/mail").bearer(secret);
    call.json(&json!({"email": "bob@example.com", "event": event})).send().await
}

/// The newest mail to Bob about the shop.
async fn newest(server: &Server, ada: &Seller) -> Value {
    until("the mail is sent or given up", async || {
        let mails = server.get("/v2/handles/ada/emails?q=bob%40example.com").bearer(&ada.token);
        let mail = mails.send().await.ok()["items"][0].clone();
        (mail["status"] != "QUEUED").then_some(mail)
    })
    .await
}

async fn address_that_mails_came_back_from_gets_no_gift_mail_until_its_owner_signs_in(
    backend: Backend,
) {
    let place = Place::new(backend).await.with("TOLLGATE_MAIL_WEBHOOK_SECRETS", SECRET);
    let server = place.serve().await;
    let ada = server.ada().await;
    let refused = report(&server, "another-secret-of-somebody", "bounced").await;
    assert_eq!(refused.refusal(), "401 mail_service_unauthorized");
    for _ in 0..2 {
        assert_eq!(report(&server, SECRET, "bounced").await.ok(), json!({"received": true}));
    }
    let gift = server.post("/v2/handles/ada/pages/guide/grants").bearer(&ada.token);
    let given = gift.json(&json!({"email": "bob@example.com"})).send().await;
    assert_eq!(given.status, 201, "{given:?}");
    let mail = newest(&server, &ada).await;
    assert_eq!((&mail["kind"], &mail["status"]), (&json!("granted"), &json!("DEAD")), "{mail}");
    assert_eq!(mail["lastError"], "could not be delivered", "it was not a mail of hers");

    let bob = server.sign_in("bob@example.com").await;
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled", "the gift itself counts");
    let again = format!("/v2/handles/ada/emails/{}/resend", mail["id"].as_str().unwrap());
    let again = server.post(&again).bearer(&ada.token).json(&json!({})).send().await;
    assert_eq!(again.status, 202, "{again:?}");
    let mail = newest(&server, &ada).await;
    assert_eq!((&mail["kind"], &mail["status"]), (&json!("granted"), &json!("SENT")), "{mail}");
}

async fn without_a_secret_nothing_is_there(backend: Backend) {
    let server = Server::fresh(backend).await;
    assert_eq!(report(&server, SECRET, "bounced").await.refusal(), "404 not_found");
}
