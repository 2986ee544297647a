use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read into")]
struct Order {
    title: String,
    price: Option<Object<Price>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read into")]
struct Price {
    amount: i64,
}

fn outcome(bytes: &[u8]) -> String {
    match parsed_json::<Order>(bytes) {
        Ok(_) => "ok".to_owned(),
        Err(problem) => match problem.fields() {
            Some(fields) => format!("{fields:?}"),
            None => problem.code().as_str().to_owned(),
        },
    }
}

fn field(bytes: &str) -> String {
    let problem = parsed_json::<Order>(bytes.as_bytes()).unwrap_err();
    problem.fields().unwrap().fields().keys().next().unwrap().clone()
}

#[test]
fn well_formed_object_is_taken() {
    assert_eq!(outcome(br#"{"title":"x","price":{"amount":1}}"#), "ok");
    assert_eq!(outcome(br#" {"title":"x","price":null} "#), "ok");
}

#[test]
fn wrong_fields_are_named() {
    assert_eq!(field(r#"{"title":1}"#), "title");
    assert_eq!(field("{}"), "title");
    assert_eq!(field(r#"{"title":"x","nope":1}"#), "nope");
    assert_eq!(field(r#"{"title":"x","title":"y"}"#), "title");
    assert_eq!(field(r#"{"title":"x","price":{"amount":"1"}}"#), "price");
    assert_eq!(field(r#"{"title":"x","price":{"amount":1.5}}"#), "price");
    assert_eq!(field(r#"{"title":"x","price":{}}"#), "price");
    assert_eq!(field(r#"{"title":"x","price":{"amount":1,"x":1}}"#), "price");
    assert_eq!(field(r#"{"title":"x","price":{"amount":1,"amount":1}}"#), "price");
    assert_eq!(field(r#"{"title":"x","price":[1]}"#), "price");
    assert_eq!(field(r#"["x"]"#), "body");
    assert_eq!(field("null"), "body");
}

#[test]
fn malformed_json_is_a_bad_request() {
    let deep = format!("{{\"title\":{}", "[".repeat(10_000));
    for bytes in [
        b"".as_slice(),
        b"{",
        b"{\"title\":\"x\"}x",
        b"\xff",
        b"{\"title\":\"\xc3\"}",
        b"{\"title\":\"\\ud800\"}",
        b"{'title':'x'}",
        b"{\"title\":\"x\",}",
        b"{\"price\":{\"amount\":1e999},\"title\":\"x\"}",
        deep.as_bytes(),
    ] {
        let outcome = outcome(bytes);
        assert!(outcome == "bad_request" || outcome.contains("title"), "{outcome}");
    }
    // Also if something else is wrong before the end.
    for bytes in [b"{\"zzz\":1".as_slice(), b"{\"zzz\":1}}", b"{\"title\":1,"] {
        assert_eq!(outcome(bytes), "bad_request");
    }
    assert_eq!(outcome(b"\xff"), "bad_request");
}

#[test]
fn only_json_is_json() {
    for (content_type, json) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("text/plain", false),
        ("application/json-patch+json", false),
        ("application/x-www-form-urlencoded", false),
        ("", false),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        assert_eq!(is_json(&headers), json, "{content_type}");
    }
    assert!(!is_json(&HeaderMap::new()));
}
