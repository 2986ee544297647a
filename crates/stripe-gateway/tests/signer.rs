//! Signatures, compared with those of Stripe's own library for Node.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tollgate_domain::payments::{WebhookError, WebhookVerifier};
use tollgate_stripe_gateway::{StripeWebhooks, testing::sign};

const SECRET: &str = "whsec_shared";
const NOW: i64 = 1_795_000_000;

/// Reads a body, signs it, and tells whether the signature that it is given is accepted.
const SCRIPT: &str = r"
    const Stripe = require(process.argv[1]);
    const webhooks = new Stripe('sk_test_x').webhooks;
    const { body, signature, secret, time } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    const accepts = () => {
        try {
            return webhooks.constructEvent(body, signature, secret, 300, undefined, time * 1000).id;
        } catch (error) {
            return String(error.message);
        }
    };
    const signed = webhooks.generateTestHeaderString({ payload: body, secret, timestamp: time });
    process.stdout.write(JSON.stringify({ accepted: accepts(), signed }));
";

/// Asks Stripe's library about a body and our signature of it.
fn ask(body: &str, signature: &str) -> Value {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let library = target.join("npm/node_modules/stripe");
    let node = Command::new("node")
        .args(["-e", SCRIPT])
        .arg(&library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut node = node.unwrap_or_else(|error| {
        panic!("node: {error}; run scripts/test, which installs it");
    });
    let question = json!({"body": body, "signature": signature, "secret": SECRET, "time": NOW});
    node.stdin.take().unwrap().write_all(question.to_string().as_bytes()).unwrap();
    let answer = node.wait_with_output().unwrap();
    assert!(answer.status.success(), "{}; run scripts/test, which installs it", library.display());
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn each_side_accepts_what_the_other_signed() {
    let secrets = [SecretString::from("whsec_other"), SecretString::from(SECRET)];
    let ours = StripeWebhooks::new(secrets, &SecretString::from("sk_test_1"));
    let now = Timestamp::from_second(NOW).unwrap();
    for text in ["", "äö 🎫 \u{2028}", "\\u0000 \" \n"] {
        let body = json!({
            "id": "evt_1", "object": "event", "created": NOW, "account": "acct_1",
            "livemode": false, "type": "checkout.session.completed",
            "data": {"object": {"id": "cs_1", "object": "checkout.session", "text": text}},
        });
        let body = body.to_string();
        let answer = ask(&body, &sign(SECRET, body.as_bytes(), NOW));
        assert_eq!(answer["accepted"], "evt_1", "{text:?}");
        let signed = answer["signed"].as_str().unwrap();
        assert_eq!(ours.verify(body.as_bytes(), signed, now).unwrap().id, "evt_1", "{text:?}");
        let altered = body.replace("evt_1", "evt_2");
        let refused = ours.verify(altered.as_bytes(), signed, now);
        assert_eq!(refused, Err(WebhookError::InvalidSignature), "{text:?}");
        let answer = ask(&altered, &sign(SECRET, body.as_bytes(), NOW));
        assert_ne!(answer["accepted"], "evt_2", "{text:?}");
    }
}
