//! Mails to mail services.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod mime;
mod service;

use mime::{CODE, LINK, OtherSide, magic_link, mail, receipt};
use serde_json::{Value, json};
use service::{Request, Stub, closed, mailer, raw};
use tollgate_domain::mail::{
    Mail, SecretText,
    ports::{MailError, Mailer},
};
use tollgate_mailer::{MailUrl, MailUrlError, TemplateError};

fn stoppable(number: u8) -> Mail {
    let stop = Some(SecretText("http://tollgate.localhost:8080/stop?token=x".to_owned()));
    Mail { stop, ..mail(number, receipt()) }
}

#[tokio::test]
async fn postmark_gets_the_mail_in_its_own_words() {
    let stub = Stub::accepting().await;
    mailer(&format!("postmark:a-token@{}", stub.origin)).send(&stoppable(1)).await.unwrap();
    let Request { line, body, .. } = &stub.take();
    assert_eq!(line, "POST /email HTTP/1.1");
    assert_eq!(body["From"], "Čapek & Söhne via Tollgate <no-reply@tollgate.localhost>");
    assert_eq!(body["To"], "bob+news@xn--bcher-kva.example");
    assert!(body["Subject"].as_str().unwrap().starts_with("Your receipt for 日本の庭園"));
    assert!(body["TextBody"].as_str().unwrap().contains("Paid: $12.05"));
    assert!(body["HtmlBody"].as_str().unwrap().contains("<bdi>Čapek &#38; Söhne</bdi>"));
    let names: Vec<_> = body["Headers"].as_array().unwrap().iter().map(|h| &h["Name"]).collect();
    assert_eq!(names, ["Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post"]);
}

#[tokio::test]
async fn resend_gets_the_mail_and_a_key_that_makes_it_one_mail() {
    let stub = Stub::accepting().await;
    let mailer = mailer(&format!("resend:re_key@{}", stub.origin));
    mailer.send(&mail(2, magic_link())).await.unwrap();
    let request = stub.take();
    assert_eq!(request.line, "POST /emails HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer re_key"));
    assert_eq!(request.header("idempotency-key"), Some("mal_01k9b3z5p00000000000000002"));
    assert_eq!(request.body["to"], json!(["bob+news@xn--bcher-kva.example"]));
    let text = request.body["text"].as_str().unwrap();
    assert!(text.contains(LINK) && text.contains(CODE), "{text}");
}

#[tokio::test]
async fn mail_that_was_accepted_is_sent_although_the_answer_is_cut_off() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{}";
    let stub = Stub::start(cut).await;
    let mailer = mailer(&format!("postmark:a-token@{}", stub.origin));
    assert_eq!(mailer.send(&stoppable(1)).await, Ok(()));
}

struct Raw<'a>(&'a Stub);

impl OtherSide for Raw<'_> {
    async fn messages(&self) -> Vec<Vec<u8>> {
        let received = self.0.received.lock().unwrap();
        received.iter().map(|request| raw(&request.body)).collect()
    }
}

#[tokio::test]
async fn ses_gets_the_same_message_as_a_mail_server() {
    let fresh = async || {
        let stub = Stub::accepting().await;
        let mailer = mailer(&format!("ses:AKID:a%2Fsecret@eu-central-1@{}", stub.origin));
        (mailer, stub)
    };
    let (mailer, stub) = fresh().await;
    mime::same_mail_twice_keeps_its_id_and_its_bytes(&mailer, &Raw(&stub)).await;
    let (mailer, stub) = fresh().await;
    mime::link_and_code_are_written_literally_on_lines_of_their_own(&mailer, &Raw(&stub)).await;
    let (mailer, stub) = fresh().await;
    mime::accepted_mail_is_readable_on_the_other_side(&mailer, &Raw(&stub)).await;
    let request = stub.take();
    assert_eq!(request.line, "POST /v2/email/outbound-emails HTTP/1.1");
    let signed = request.header("authorization").unwrap();
    assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=AKID/"), "{signed}");
    assert!(signed.contains("/eu-central-1/ses/aws4_request, SignedHeaders=host;x-amz-date, "));
}

fn template(text: &str) -> String {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    let path = folder.join("mail.json");
    std::fs::write(&path, text).unwrap();
    format!("json:{}", path.display())
}

#[tokio::test]
async fn any_other_service_gets_what_a_file_says() {
    let stub = Stub::accepting().await;
    let text = json!({
        "url": format!("{}/v3/mail/send?x=1", stub.origin),
        "headers": { "Authorization": "Bearer a-key" },
        "body": {
            "personalizations": [{ "to": [{ "email": "{to}" }] }],
            "from": { "email": "{fromAddress}", "name": "{fromName}" },
            "reply_to": "{replyTo}",
            "content": [{ "type": "text/plain", "value": "{text}" }],
            "click_tracking": false,
            "note": "a {name} in a sentence",
        },
    });
    mailer(&template(&text.to_string())).send(&mail(3, receipt())).await.unwrap();
    let request = stub.take();
    assert_eq!(request.line, "POST /v3/mail/send?x=1 HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer a-key"));
    let mut body = request.body;
    let text = body["content"][0]["value"].take();
    assert!(text.as_str().unwrap().contains("Paid: $12.05"), "{text}");
    assert_eq!(
        body,
        json!({
            "personalizations": [{ "to": [{ "email": "bob+news@xn--bcher-kva.example" }] }],
            "from": { "email": "no-reply@tollgate.localhost", "name": "Čapek & Söhne via Tollgate" },
            "content": [{ "type": "text/plain", "value": null }],
            "click_tracking": false,
            "note": "a {name} in a sentence",
        })
    );
}

#[tokio::test]
async fn any_other_service_is_told_how_mails_are_stopped_if_they_can_be() {
    let stub = Stub::accepting().await;
    let text = json!({
        "url": format!("{}/send", stub.origin),
        "body": {
            "to": "{to}",
            "text": ["{text}"],
            "stop": "{unsubscribe}",
            "headers": {
                "List-Unsubscribe": "{listUnsubscribe}",
                "List-Unsubscribe-Post": "{listUnsubscribePost}",
            },
        },
    });
    let mailer = mailer(&template(&text.to_string()));
    mailer.send(&stoppable(1)).await.unwrap();
    let headers = json!({
        "List-Unsubscribe": "<http://tollgate.localhost:8080/stop?token=x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    });
    let stop = "http://tollgate.localhost:8080/stop?token=x";
    let without_text = |mut body: Value| {
        let rest = body.as_object_mut().unwrap();
        assert!(rest.remove("to").is_some() && rest.remove("text").is_some());
        body
    };
    let sent = without_text(stub.take().body);
    assert_eq!(sent, json!({ "stop": stop, "headers": headers }));
    mailer.send(&mail(2, receipt())).await.unwrap();
    assert_eq!(without_text(stub.take().body), json!({ "headers": {} }));
}

#[test]
fn a_file_that_is_not_a_template_is_refused_without_its_key() {
    let cases = [
        ("{", "not JSON"),
        (r#"{"url":"https://a.example","body":{},"secret":1}"#, "not JSON"),
        (r#"{"url":"https://a.example","body":{"a":["{tow}"]}}"#, "unknown name: {tow}"),
        (r#"{"url":"secret","body":{}}"#, "not an address"),
        (r#"{"url":"https://a.example","headers":{"a b":"secret"},"body":{}}"#, "header"),
        (
            r#"{"url":"https://a.example","body":{"to":"Bob <{to}>","text":"{text}"}}"#,
            "{to} is not replaced",
        ),
        (r#"{"url":"https://a.example","body":{"to":"{{to}}","text":"{text}"}}"#, "{to} is not"),
        (r#"{"url":"https://a.example","body":{"to":"{ To }","text":"{text}"}}"#, "{to} is not"),
        (r#"{"url":"https://a.example","body":{"{to}":{},"text":"{text}"}}"#, "{to} is not"),
        (r#"{"url":"https://a.example/{to}","body":{"text":"{text}"}}"#, "{to} is not"),
        (
            r#"{"url":"https://a.example","headers":{"k":"secret-{id}"},"body":{"to":"{to}","text":"{text}"}}"#,
            "{id} is not replaced",
        ),
        (r#"{"url":"https://a.example","body":{"to":"b@x","text":"{text}"}}"#, "without {to}"),
        (
            r#"{"url":"https://a.example","body":{"to":"{to}","subject":"{subject}"}}"#,
            "without {text} or {html}",
        ),
    ];
    for (text, expected) in cases {
        let error = MailUrl::parse(&template(text)).unwrap_err();
        let MailUrlError::Template(_) = &error else { panic!("{error:?}") };
        let line = error.to_string();
        assert!(line.contains(expected) && !line.contains("secret"), "{line}");
    }
    let plain = template(r#"{"url":"http://a.example","body":{"to":"{to}","html":"{html}"}}"#);
    assert_eq!(MailUrl::parse(&plain), Err(MailUrlError::Service));
    let missing = MailUrl::parse("json:/no/such/file.json");
    assert!(matches!(missing, Err(MailUrlError::Template(TemplateError::File(_)))));
}

const BAD_REQUEST: &str = "x-amzn-errortype: BadRequestException:http://x\r\n";
const UNVERIFIED: &str =
    r#"{"name":"validation_error","message":"The shop.example domain is not verified."}"#;
const INVALID_TO: &str = r#"{"name":"validation_error","message":"Invalid `to` field."}"#;

#[tokio::test]
async fn refusals_of_the_mail_are_told_from_those_of_the_installation() {
    let services = ["postmark:k", "resend:k", "ses:i:k@eu-central-1"];
    let cases = [
        (0, "422 (406)", "", r#"{"ErrorCode":406,"Message":"bob@x inactive"}"#, true),
        (
            0,
            "422 (300)",
            "",
            r#"{"ErrorCode":300,"Message":"Invalid \u0027To\u0027 address."}"#,
            true,
        ),
        (0, "422 (300)", "", r#"{"ErrorCode":300,"Message":"Error parsing 'From': x"}"#, false),
        (0, "422 (300)", "", r#"{"ErrorCode":300}"#, false),
        (0, "422 (400)", "", r#"{"ErrorCode":400,"Message":"unknown sender"}"#, false),
        (0, "422 (401)", "", r#"{"ErrorCode":401,"Message":"unconfirmed sender"}"#, false),
        (0, "401 (10)", "", r#"{"ErrorCode":10}"#, false),
        (1, "403 (validation_error)", "", UNVERIFIED, false),
        (1, "422 (validation_error)", "", UNVERIFIED, false),
        (1, "422 (validation_error)", "", r#"{"name":"validation_error"}"#, false),
        (1, "400 (validation_error)", "", INVALID_TO, true),
        (1, "422 (validation_error)", "", INVALID_TO, true),
        (1, "422 (invalid_from_address)", "", r#"{"name":"invalid_from_address"}"#, false),
        (1, "422 (invalid)", "", r#"{"name":"invalid","message":"Invalid `from` field."}"#, false),
        (1, "403 (invalid_api_key)", "", r#"{"name":"invalid_api_key"}"#, false),
        (1, "429 (rate_limit_exceeded)", "", r#"{"name":"rate_limit_exceeded"}"#, false),
        (1, "422", "", r#"{"name":"bob@x is invalid"}"#, false),
        (1, "422", "", r#"{"name":"","message":["no sentence"]}"#, false),
        (2, "400 (BadRequestException)", BAD_REQUEST, r#"{"message":"Illegal address"}"#, true),
        (2, "400 (BadRequestException)", BAD_REQUEST, r#"{"message":"Bad 'From' header"}"#, false),
        (2, "400 (BadRequestException)", BAD_REQUEST, "{}", true),
        (2, "400 (MessageRejected)", "x-amzn-errortype: MessageRejected\r\n", "{}", false),
        (2, "500", "", "no JSON", false),
    ];
    for (service, told, headers, body, is_permanent) in cases {
        let status = told.split(' ').next().unwrap();
        let answer = format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let stub = Stub::start(answer.leak()).await;
        let mailer = mailer(&format!("{}@{}", services[service], stub.origin));
        let refused = mailer.send(&mail(4, receipt())).await.unwrap_err();
        let reason = format!("answer {told}");
        let expected =
            if is_permanent { MailError::Permanent(reason) } else { MailError::Transient(reason) };
        assert_eq!(refused, expected, "{service} {told} {body}");
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_tried_again() {
    let mailer = mailer(&format!("postmark:secret@{}", closed().await));
    assert!(mailer.probe().await.is_err());
    let error = mailer.send(&mail(5, receipt())).await.unwrap_err();
    let MailError::Transient(reason) = error else { panic!("{error:?}") };
    assert!(!reason.contains("secret") && !reason.contains("bob"), "{reason}");
}

/// Nobody can tell whether the recipient or the template is refused.
#[tokio::test]
async fn what_an_unknown_service_refuses_is_tried_again() {
    for status in ["400", "422"] {
        let answer =
            format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
        let stub = Stub::start(answer.leak()).await;
        let body = json!({ "to": "{to}", "text": "{text}" });
        let text = json!({ "url": format!("{}/send", stub.origin), "body": body }).to_string();
        let refused = mailer(&template(&text)).send(&mail(6, receipt())).await.unwrap_err();
        assert_eq!(refused, MailError::Transient(format!("answer {status}")));
    }
}
