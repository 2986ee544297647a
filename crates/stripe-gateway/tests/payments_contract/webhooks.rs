//! The sandbox's webhooks.

use std::time::Duration;

use secrecy::SecretString;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tollgate_domain::payments::{Payments, WebhookVerifier};
use tollgate_stripe_gateway::StripeWebhooks;

use crate::fixture::{Fixture, KEY, WEBHOOK_SECRET, now, order};

#[tokio::test]
async fn the_sandboxes_webhooks_are_accepted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v2/webhooks/stripe", listener.local_addr().unwrap());
    let fixture = Fixture::with_webhooks(Some(url)).await;
    let key = SecretString::from(KEY);
    let webhooks = StripeWebhooks::new([SecretString::from(WEBHOOK_SECRET)], &key);
    let stranger = StripeWebhooks::new([SecretString::from("whsec_other")], &key);
    let order = order(&fixture.account().await);
    let opened = fixture.gateway.open_checkout(&order).await.unwrap();
    fixture.pay(&opened.session, "succeed").await;
    loop {
        let (signature, body) = webhook(&listener).await;
        assert!(stranger.verify(&body, &signature, now()).is_err());
        let event = webhooks.verify(&body, &signature, now()).unwrap();
        assert_eq!(event.account.as_ref(), Some(&order.account));
        if event.kind == "checkout.session.completed" {
            assert_eq!(event.object_id, opened.session.as_str());
            break;
        }
    }
    fixture.end();
}

/// Waits for the next delivery, and returns its signature and body.
async fn webhook(listener: &TcpListener) -> (String, Vec<u8>) {
    let next = tokio::time::timeout(Duration::from_secs(20), listener.accept());
    let mut stream = BufReader::new(next.await.unwrap().unwrap().0);
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "stripe-signature" => value.clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer).await.unwrap();
    (signature, body)
}
