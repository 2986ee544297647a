//! What mail services report.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tollgate_domain::{
    Timestamp,
    mail::{
        MailMessage, MailReport,
        ports::{MailReportError, MailReportReader},
    },
};
use tollgate_mailer::{ReportReader, ReportSecret};

const SECRET: &str = "a-secret-of-the-mail-service";
const KEY: &[u8] = b"0123456789abcdef01234567";
const NOW: i64 = 1_800_000_000;

/// Reads a body that came with these headers.
fn read(headers: &[(&str, String)], body: &str) -> Result<MailMessage, MailReportError> {
    let signing = format!("whsec_{}", STANDARD.encode(KEY));
    let secrets = [SECRET, &signing].map(|text| ReportSecret::parse(text).unwrap());
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    let envelope = |name: &str| headers.get(name).copied();
    let now = Timestamp::from_second(NOW).unwrap();
    ReportReader::new(secrets.to_vec()).read(body.as_bytes(), &envelope, now)
}

fn with_password(password: &str) -> [(&'static str, String); 1] {
    let pair = STANDARD.encode(format!("mail:{password}"));
    [("authorization", format!("Basic {pair}"))]
}

fn signed(service: &str, at: i64, key: &[u8], body: &str) -> Vec<(&'static str, String)> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(format!("msg_1.{at}.{body}").as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let names = match service {
        "svix" => ["svix-id", "svix-timestamp", "svix-signature"],
        _ => ["webhook-id", "webhook-timestamp", "webhook-signature"],
    };
    let values = ["msg_1".to_owned(), at.to_string(), format!("v1a,older v1,{signature}")];
    names.into_iter().zip(values).collect()
}

fn message(body: &Value) -> Result<MailMessage, MailReportError> {
    read(&with_password(SECRET), &body.to_string())
}

fn reports(body: &Value) -> Vec<MailReport> {
    match message(body) {
        Ok(MailMessage::Reports(reports)) => reports,
        other => panic!("{other:?}"),
    }
}

fn bounced(address: &str) -> MailReport {
    MailReport::Bounced(address.parse().unwrap())
}

fn complained(address: &str) -> MailReport {
    MailReport::Complained(address.parse().unwrap())
}

#[test]
fn who_knows_the_secret_is_believed() {
    let body = json!({"email": "bob@example.com", "event": "bounced"}).to_string();
    let expected = Ok(MailMessage::Reports(vec![bounced("bob@example.com")]));
    let bearer = |scheme: &str| [("authorization", format!("{scheme} {SECRET}"))];
    for good in [
        with_password(SECRET).to_vec(),
        bearer("Bearer").to_vec(),
        bearer("bearer").to_vec(),
        signed("svix", NOW, KEY, &body),
        signed("webhook", NOW - 300, KEY, &body),
        signed("webhook", NOW + 300, KEY, &body),
    ] {
        assert_eq!(read(&good, &body), expected, "{good:?}");
    }
    for bad in [
        Vec::new(),
        with_password("").to_vec(),
        with_password("a-secret-of-the-mail-servicf").to_vec(),
        vec![("authorization", format!("Digest {SECRET}"))],
        vec![("authorization", SECRET.to_owned())],
        vec![("authorization", "Basic %".to_owned())],
        vec![("authorization", format!("Bearer whsec_{}", STANDARD.encode(KEY)))],
        signed("svix", NOW - 301, KEY, &body),
        signed("svix", NOW + 301, KEY, &body),
        signed("svix", i64::MIN, KEY, &body),
        signed("svix", NOW, SECRET.as_bytes(), &body),
        signed("svix", NOW, KEY, "another body"),
        signed("svix", NOW, KEY, &body)[..2].to_vec(),
    ] {
        assert_eq!(read(&bad, &body), Err(MailReportError::Unproved), "{bad:?}");
    }
}

#[test]
fn secret_that_is_too_short_is_refused() {
    for text in
        ["", "fifteen-letters", "whsec_", "whsec_c2hvcnQ=", "whsec_%%%%", "a secret with spaces"]
    {
        assert!(ReportSecret::parse(text).is_err(), "{text}");
    }
    assert_eq!(format!("{:?}", ReportSecret::parse(SECRET).unwrap()), "ReportSecret");
}

#[test]
fn messages_of_postmark_are_read() {
    let of = |kind: &str, inactive: bool| {
        reports(&json!({"RecordType": "Bounce", "Type": kind, "Inactive": inactive,
            "Email": "bob@example.com"}))
    };
    for (kind, inactive) in [("HardBounce", true), ("BadEmailAddress", false), ("Blocked", true)] {
        assert_eq!(of(kind, inactive), [bounced("bob@example.com")], "{kind}");
    }
    assert_eq!(of("SoftBounce", false), []);
    let complaint = json!({"RecordType": "SpamComplaint", "Email": "Bob@example.com"});
    assert_eq!(reports(&complaint), [complained("bob@example.com")]);
    assert_eq!(reports(&json!({"RecordType": "Delivery", "Recipient": "bob@example.com"})), []);
}

#[test]
fn messages_of_resend_are_read() {
    let of = |kind: &str, bounce: Value| {
        reports(&json!({"type": kind, "data": {"to": ["bob@example.com"], "bounce": bounce}}))
    };
    let permanent = json!({"type": "Permanent", "subType": "General"});
    assert_eq!(of("email.bounced", permanent), [bounced("bob@example.com")]);
    assert_eq!(of("email.bounced", Value::Null), [bounced("bob@example.com")]);
    assert_eq!(of("email.bounced", json!({"type": "Transient"})), []);
    assert_eq!(of("email.complained", Value::Null), [complained("bob@example.com")]);
    assert_eq!(of("email.delivered", Value::Null), []);
}

#[test]
fn messages_of_amazon_are_read() {
    let bounce = json!({"notificationType": "Bounce", "bounce": {"bounceType": "Permanent",
        "bouncedRecipients": [{"emailAddress": "Bob <bob@example.com>"}, {"emailAddress": "eve@example.com"}]}});
    let complaint = json!({"eventType": "Complaint",
        "complaint": {"complainedRecipients": [{"emailAddress": "bob@example.com"}]}});
    let transient = json!({"notificationType": "Bounce", "bounce": {"bounceType": "Transient",
        "bouncedRecipients": [{"emailAddress": "bob@example.com"}]}});
    let both = [bounced("bob@example.com"), bounced("eve@example.com")];
    for (inner, expected) in [
        (bounce, both.to_vec()),
        (complaint, vec![complained("bob@example.com")]),
        (transient, vec![]),
        (json!({"eventType": "Delivery"}), vec![]),
        (json!("Successfully validated SNS topic for Amazon SES event publishing."), vec![]),
    ] {
        let wrapped = json!({"Type": "Notification", "Message": inner.to_string()});
        assert_eq!(reports(&wrapped), expected);
        if inner.is_object() {
            assert_eq!(reports(&inner), expected, "sent without its envelope");
        }
    }
    let confirm =
        |url: &str| message(&json!({"Type": "SubscriptionConfirmation", "SubscribeURL": url}));
    let url = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=1";
    assert_eq!(confirm(url), Ok(MailMessage::Confirm(url.to_owned())));
    for bad in [
        "http://sns.eu-central-1.amazonaws.com/",
        "https://amazonaws.com.example/",
        "https://sns.amazonaws.com:8443/",
        "https://a@sns.amazonaws.com/",
        "javascript:alert(1)",
    ] {
        assert_eq!(confirm(bad), Err(MailReportError::Unreadable), "{bad}");
    }
}

#[test]
fn feedback_of_amazon_that_is_not_a_complaint_counts_for_nothing() {
    let of = |kind: Value| {
        reports(&json!({"notificationType": "Complaint", "complaint": {
            "complainedRecipients": [{"emailAddress": "bob@example.com"}],
            "complaintFeedbackType": kind}}))
    };
    for kind in ["not-spam", "Not-Spam", "auth-failure"] {
        assert_eq!(of(json!(kind)), [], "{kind}");
    }
    for kind in [json!("abuse"), json!("fraud"), json!("other"), json!("virus"), Value::Null] {
        assert_eq!(of(kind.clone()), [complained("bob@example.com")], "{kind}");
    }
}

#[test]
fn messages_of_any_other_service_are_read() {
    let of = |event: &str, email: Value| reports(&json!({"event": event, "email": email}));
    assert_eq!(of("bounced", json!("bob@example.com")), [bounced("bob@example.com")]);
    assert_eq!(of("complained", json!("bob@example.com")), [complained("bob@example.com")]);
    assert_eq!(of("opened", json!("bob@example.com")), []);
    // What is not an address was not mailed by us.
    for address in [json!("bob"), json!(7), Value::Null] {
        assert_eq!(of("bounced", address), []);
    }
}

#[test]
fn anything_else_cannot_be_read() {
    for body in
        ["", "{}", "[]", "7", "{\"Type\": \"Notification\"}", "{\"email\": \"bob@example.com\"}"]
    {
        assert_eq!(read(&with_password(SECRET), body), Err(MailReportError::Unreadable), "{body}");
    }
}
