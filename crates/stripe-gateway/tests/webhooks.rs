//! The verification of webhooks, and their envelope.
#![expect(clippy::unwrap_used, reason = "tests")]

use jiff::Timestamp;
use proptest::prelude::*;
use secrecy::SecretString;
use serde_json::json;
use tollgate_domain::payments::{
    AccountId, EventSubject, ProviderEvent,
    WebhookError::{self, BadRequest, InvalidSignature, WrongMode},
    WebhookVerifier,
};
use tollgate_stripe_gateway::{StripeWebhooks, testing::sign};

const NOW: i64 = 1_795_000_000;
const SECRET: &str = "whsec_test_current";
const OLD_SECRET: &str = "whsec_test_previous";

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn webhooks(key: &str) -> StripeWebhooks {
    let secrets = [OLD_SECRET, SECRET].map(SecretString::from);
    StripeWebhooks::new(secrets, &SecretString::from(key))
}

fn event() -> Vec<u8> {
    json!({
        "id": "evt_1", "object": "event", "api_version": "2031-01-01.unknown", "created": NOW,
        "account": "acct_1", "livemode": false, "type": "checkout.session.completed",
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session", "new": [{}]}},
    })
    .to_string()
    .into_bytes()
}

fn verify(body: &[u8], header: &str) -> Result<ProviderEvent, WebhookError> {
    webhooks("sk_test_1").verify(body, header, now())
}

/// Verifies a body with a valid signature.
fn signed(body: &[u8]) -> Result<ProviderEvent, WebhookError> {
    verify(body, &sign(SECRET, body, NOW))
}

fn v1(secret: &str, body: &[u8]) -> String {
    sign(secret, body, NOW).split_once(',').unwrap().1.to_owned()
}

#[test]
fn the_envelope_of_a_signed_event_is_read() {
    let expected = ProviderEvent {
        id: "evt_1".into(),
        kind: "checkout.session.completed".into(),
        subject: EventSubject::CheckoutSession,
        account: Some(AccountId::new("acct_1")),
        object_id: "cs_test_1".into(),
        received_at: now(),
    };
    assert_eq!(signed(&event()), Ok(expected));
}

#[test]
fn an_event_says_what_it_is_about() {
    use EventSubject as Subject;
    for (kind, subject) in [
        ("checkout.session.completed", Subject::CheckoutSession),
        ("checkout.session.expired", Subject::CheckoutSession),
        ("checkout.session.async_payment_succeeded", Subject::CheckoutSession),
        ("checkout.session.async_payment_failed", Subject::CheckoutSession),
        ("refund.created", Subject::Refund),
        ("refund.updated", Subject::Refund),
        ("refund.failed", Subject::Refund),
        ("charge.refund.updated", Subject::Refund),
        ("charge.refunded", Subject::Charge),
        ("charge.dispute.created", Subject::Dispute),
        ("charge.dispute.closed", Subject::Dispute),
        ("account.updated", Subject::Account),
        ("account.application.deauthorized", Subject::Deauthorization),
        ("checkout.session.unknown", Subject::Other),
        ("balance.available", Subject::Other),
    ] {
        let text = String::from_utf8(event()).unwrap();
        let body = text.replace("checkout.session.completed", kind).into_bytes();
        assert_eq!(signed(&body).map(|event| event.subject), Ok(subject), "{kind}");
    }
}

#[test]
fn the_signature_is_computed_as_stripe_does() {
    // Computed with OpenSSL: printf '1795000000.{}' | openssl dgst -sha256 -hmac whsec_test_current
    let header = sign(SECRET, b"{}", NOW);
    assert_eq!(
        header,
        "t=1795000000,v1=c7c301d4bafd8361d648d438805836366f92dd0697839bbf66d80f7f4a044154"
    );
}

#[test]
fn a_time_more_than_five_minutes_away_is_refused() {
    let body = event();
    for (offset, accepted) in [
        (0, true),
        (-300, true),
        (300, true),
        (-301, false),
        (301, false),
        (-NOW, false),
        (86_400, false),
    ] {
        let verified = verify(&body, &sign(SECRET, &body, NOW + offset));
        assert_eq!(verified.is_ok(), accepted, "{offset}");
    }
}

#[test]
fn a_signature_counts_to_the_end_of_its_last_second() {
    let body = event();
    let late = Timestamp::new(NOW + 300, 999_999_000).unwrap();
    assert!(webhooks("sk_test_1").verify(&body, &sign(SECRET, &body, NOW), late).is_ok());
}

#[test]
fn one_altered_byte_is_refused_at_any_position() {
    let body = event();
    let header = sign(SECRET, &body, NOW);
    for index in 0..body.len() {
        let mut altered = body.clone();
        altered[index] ^= 1;
        assert_eq!(verify(&altered, &header), Err(InvalidSignature), "{index}");
    }
    let mut longer = body.clone();
    longer.push(b' ');
    assert_eq!(verify(&longer, &header), Err(InvalidSignature));
    assert_eq!(verify(&body[1..], &header), Err(InvalidSignature));
}

#[test]
fn any_of_several_signatures_and_secrets_is_enough() {
    let body = event();
    let (good, bad) = (v1(SECRET, &body), v1("whsec_test_other", &body));
    for header in [
        format!("t={NOW},{good},{bad}"),
        format!("t={NOW},{bad},{good}"),
        format!("{good},t={NOW}"),
        format!("t={NOW},{}", v1(OLD_SECRET, &body)),
        format!("t={NOW},{},{good}", v1(OLD_SECRET, &body)),
        format!("t={NOW},v0=00,{good},v2=junk"),
        format!("t={NOW},v1=short,{good}"),
        format!(" t={NOW} , {good} "),
        format!("t={NOW},{}", good.to_uppercase().replace("V1", "v1")),
    ] {
        assert!(verify(&body, &header).is_ok(), "{header}");
    }
    assert_eq!(verify(&body, &format!("t={NOW},{bad}")), Err(InvalidSignature));
}

#[test]
fn malformed_headers_are_refused() {
    let body = event();
    let good = v1(SECRET, &body);
    let hex = good.strip_prefix("v1=").unwrap();
    let many = format!("t={NOW},{}{good}", "v1=00,".repeat(10_000));
    for header in [
        "",
        ",",
        "=",
        "t",
        "t=,v1=",
        "junk",
        "\u{0}",
        "é=é",
        &good,
        &format!("t={NOW}"),
        &format!("t={NOW},v1="),
        &format!("t={NOW},v0={hex}"),
        &format!("t={NOW},v2={hex}"),
        &format!("t={NOW},V1={hex}"),
        &format!("t={NOW},v1={hex}0"),
        &format!("t={NOW},v1={}", &hex[1..]),
        &format!("t={NOW},v1=+{}", &hex[1..]),
        &format!("t={NOW},v1={}é", &hex[2..]),
        &format!("t=-{NOW},{good}"),
        &format!("t=+{NOW},{good}"),
        &format!("t=0{NOW},{good}"),
        &format!("t={NOW}.0,{good}"),
        &format!("t=99999999999999999999999,{good}"),
        &format!("t=-9223372036854775808,{good}"),
        &format!("t={NOW},t={NOW},{good}"),
        &format!("t=1,t={NOW},{good}"),
        &format!("t={NOW};{good}"),
        &many,
    ] {
        assert_eq!(verify(&body, header), Err(InvalidSignature), "{header:.120}");
    }
}

#[test]
fn signatures_are_checked_up_to_a_limit() {
    let body = event();
    let (good, bad) = (v1(SECRET, &body), v1("whsec_test_other", &body));
    let after = |others: usize| format!("t={NOW},{}{good}", format!("{bad},").repeat(others));
    assert!(verify(&body, &after(7)).is_ok());
    assert_eq!(verify(&body, &after(8)), Err(InvalidSignature));
}

#[test]
fn a_plus_sign_is_not_a_hexadecimal_digit() {
    let body = event();
    // A signature that starts with 0: Rust's integer parser reads "+5" like "05".
    let mut headers = (NOW - 300..NOW).map(|time| sign(SECRET, &body, time));
    let header = headers.find(|header| header.contains("v1=0")).unwrap();
    assert!(verify(&body, &header).is_ok());
    assert_eq!(verify(&body, &header.replace("v1=0", "v1=+")), Err(InvalidSignature));
}

#[test]
fn without_a_secret_every_webhook_is_refused() {
    let body = event();
    for secrets in [vec![], vec![""], vec![" "]] {
        let secrets = secrets.into_iter().map(SecretString::from);
        let webhooks = StripeWebhooks::new(secrets, &SecretString::from("sk_test_1"));
        for secret in ["", " ", SECRET] {
            let verified = webhooks.verify(&body, &sign(secret, &body, NOW), now());
            assert_eq!(verified, Err(InvalidSignature));
        }
    }
}

#[test]
fn an_event_of_the_other_mode_is_refused() {
    for (key, livemode, accepted) in [
        ("sk_test_1", false, true),
        ("rk_test_1", false, true),
        ("sk_test_1", true, false),
        ("rk_test_1", true, false),
        ("sk_live_1", true, true),
        ("rk_live_1", true, true),
        ("sk_live_1", false, false),
        ("rk_live_1", false, false),
        ("sandbox", true, true),
        ("sandbox", false, true),
    ] {
        let body = json!({"id": "evt_1", "type": "account.updated", "livemode": livemode});
        let body = body.to_string().into_bytes();
        let verified = webhooks(key).verify(&body, &sign(SECRET, &body, NOW), now());
        assert_eq!(verified.err(), (!accepted).then_some(WrongMode), "{key} {livemode}");
    }
}

#[test]
fn a_signed_body_that_is_not_an_event_is_refused() {
    let long = format!(r#"{{"id":"{}","type":"a","livemode":false}}"#, "e".repeat(256));
    let deep = format!("{{\"id\":{}", "[".repeat(100_000));
    for body in [
        "",
        "{}",
        "[]",
        "null",
        "{",
        "\u{feff}{}",
        r#"{"id":"evt_1","type":"a"}"#,
        r#"{"id":"evt_1","livemode":false}"#,
        r#"{"type":"a","livemode":false}"#,
        r#"{"id":1,"type":"a","livemode":false}"#,
        r#"{"id":"","type":"a","livemode":false}"#,
        r#"{"id":"evt_1","type":"","livemode":false}"#,
        r#"{"id":"evt_1","type":"a b","livemode":false}"#,
        r#"{"id":"evt_1","type":"a\n","livemode":false}"#,
        r#"{"id":"evt/1","type":"a","livemode":false}"#,
        r#"{"id":"evt_1","type":"a","livemode":"no"}"#,
        r#"{"id":"evt_1","id":"evt_2","type":"a","livemode":false}"#,
        r#"{"id":"evt_1","type":"a","livemode":false,"account":"../acct_1"}"#,
        r#"{"id":"evt_1","type":"a","livemode":false,"account":""}"#,
        &long,
        &deep,
    ] {
        assert_eq!(signed(body.as_bytes()), Err(BadRequest), "{body:.80}");
    }
    assert_eq!(signed(b"{\"id\":\"evt_\xff\"}"), Err(BadRequest));
}

#[test]
fn an_event_about_an_object_without_a_usable_id_is_accepted() {
    for data in [
        json!(null),
        json!({}),
        json!({"object": null}),
        json!({"object": {"object": "balance"}}),
        json!({"object": {"id": null}}),
        json!({"object": {"id": 5}}),
        json!({"object": {"id": ""}}),
        json!({"object": {"id": "SUMMER SALE"}}),
        json!({"object": {"id": "../accounts"}}),
        json!({"object": {"id": "x".repeat(256)}}),
    ] {
        let body =
            json!({"id": "evt_1", "type": "balance.available", "livemode": false, "data": data});
        let event = signed(body.to_string().as_bytes()).unwrap();
        assert_eq!((event.object_id.as_str(), event.account), ("", None), "{data}");
    }
}

#[test]
fn a_deauthorisation_names_the_application_as_its_object() {
    let body = json!({
        "id": "evt_1", "type": "account.application.deauthorized", "livemode": false,
        "account": "acct_1", "data": {"object": {"id": "ca_1", "object": "application"}},
    });
    let event = signed(body.to_string().as_bytes()).unwrap();
    assert_eq!(event.object_id, "ca_1");
    assert_eq!(event.account, Some(AccountId::new("acct_1")));
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", webhooks("sk_test_mine"));
    assert!(!shown.contains("whsec") && !shown.contains("mine"), "{shown}");
}

proptest! {
    #[test]
    fn no_header_and_no_body_make_it_panic(
        header in ".{0,200}", parts in "(t=-?[0-9]{0,22},)?(v[01]=[0-9a-fé]{0,66},?){0,12}",
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        prop_assert_eq!(verify(&body, &header), Err(InvalidSignature));
        prop_assert_eq!(verify(&body, &parts), Err(InvalidSignature));
        let _ = signed(&body);
    }

    #[test]
    fn whatever_is_signed_is_read_or_refused(text in r#"[\[\]{}",:a-z0-9\\ ]{0,200}"#) {
        let result = signed(text.as_bytes());
        prop_assert!(matches!(result, Ok(_) | Err(BadRequest | WrongMode)));
    }
}

#[test]
fn a_header_that_cannot_be_valid_is_known_before_the_body() {
    let body = event();
    let check = |header: &str| webhooks("sk_test_1").check_header(header, now());
    for time in [NOW - 300, NOW, NOW + 300] {
        assert_eq!(check(&sign(SECRET, &body, time)), Ok(()));
        assert_eq!(check(&sign("whsec_of_nobody", &body, time)), Ok(()), "the body decides");
    }
    for time in [NOW - 301, NOW + 301] {
        assert_eq!(check(&sign(SECRET, &body, time)), Err(InvalidSignature));
    }
    for header in ["", "t=1", "v1=00", "nonsense", &format!("t={NOW}"), &format!("t={NOW},v1=zz")] {
        assert_eq!(check(header), Err(InvalidSignature), "{header}");
    }
    let none = StripeWebhooks::new([], &SecretString::from("sk_test_1"));
    assert_eq!(none.check_header(&sign(SECRET, &body, NOW), now()), Err(InvalidSignature));
}
