#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;
use tollgate_domain::{
    Timestamp,
    payments::{WebhookError, WebhookVerifier},
};
use tollgate_stripe_gateway::StripeWebhooks;

// Nobody who does not know the secret is believed.
fuzz_target!(|input: (&str, &[u8])| {
    let (header, body) = input;
    let key = SecretString::from("sk_test_1");
    let webhooks = StripeWebhooks::new([SecretString::from("whsec_fuzzed")], &key);
    let now = Timestamp::UNIX_EPOCH;
    let _ = webhooks.check_header(header, now);
    assert!(matches!(webhooks.verify(body, header, now), Err(WebhookError::InvalidSignature)));
});
