use serde::Deserialize;

use super::*;
use crate::problem::FieldErrors;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    title: String,
    #[expect(dead_code, reason = "only read into")]
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
            Some(fields) => fields.fields().keys().cloned().collect::<Vec<_>>().join(" "),
            None => problem.code().as_str().to_owned(),
        },
    }
}

#[test]
fn well_formed_object_is_taken() {
    assert_eq!(outcome(br#"{"title":"x","price":{"amount":1}}"#), "ok");
    assert_eq!(outcome(br#" {"title":"x","price":null} "#), "ok");
}

#[test]
fn every_wrong_field_is_named() {
    for (body, fields) in [
        (r#"{"title":1}"#, "title"),
        ("{}", "title"),
        (r#"{"title":"x","nope":1}"#, "nope"),
        (r#"{"title":"x","title":"y"}"#, "title"),
        (r#"{"title":"x","price":{"amount":"1"}}"#, "price"),
        (r#"{"title":"x","price":{"amount":1.5}}"#, "price"),
        (r#"{"title":"x","price":{"amount":1e999}}"#, "price"),
        (r#"{"title":"x","price":{}}"#, "price"),
        (r#"{"title":"x","price":{"amount":1,"x":1}}"#, "price"),
        (r#"{"title":"x","price":{"amount":1,"amount":1}}"#, "price"),
        (r#"{"title":"x","price":[1]}"#, "price"),
        (r#"{"title":"\ud800"}"#, "title"),
        (r#"["x"]"#, "body"),
        ("null", "body"),
        (r#"{"price":1}"#, "price title"),
        (r#"{"zzz":1,"price":{"amount":"1"},"title":null,"aaa":{}}"#, "aaa price title zzz"),
        (r#"{"title":"x","title":1,"zzz":1,"zzz":2}"#, "title zzz"),
    ] {
        assert_eq!(outcome(body.as_bytes()), fields, "{body}");
    }
}

#[test]
fn with_many_fields_that_are_unknown_or_there_again_nothing_else_is_told() {
    for (field, times, fields) in [
        (r#""zzz":1"#, 100, "title zzz"),
        (r#""zzz":1"#, 101, "zzz"),
        (r#""price":null"#, 101, "price title"),
        (r#""price":null"#, 102, "price"),
    ] {
        let body = format!("{{{}}}", vec![field; times].join(","));
        assert_eq!(outcome(body.as_bytes()), fields, "{field} {times}");
    }
    let many: Vec<_> = (0..1_000).map(|number| format!("\"zzz{number}\":1")).collect();
    let problem = parsed_json::<Order>(format!("{{{}}}", many.join(",")).as_bytes()).unwrap_err();
    assert_eq!(problem.fields().unwrap().fields().len(), 100);
}

#[test]
fn errors_say_what_is_wrong() {
    let body = br#"{"zzz":1,"price":{"amount":"1"},"title":"x","title":"y"}"#;
    let problem = parsed_json::<Order>(body).unwrap_err();
    let told = |field: &str| problem.fields().unwrap().fields()[field].to_string();
    assert_eq!(told("zzz"), "is not a field of this request");
    assert_eq!(told("title"), "is there twice");
    assert_eq!(told("price"), "invalid type: string \"1\", expected i64");
    let missing = parsed_json::<Order>(b"{}").unwrap_err();
    assert_eq!(missing.fields().unwrap().fields()["title"].to_string(), "is required");
}

#[test]
fn half_a_character_is_refused_in_plain_words() {
    for half in [r"\ud800", r"\ud800x", r"\udc00", r"\ud800\u0041", r"\ud800\ud800"] {
        let body = format!(r#"{{"title":"{half}"}}"#);
        let problem = parsed_json::<Order>(body.as_bytes()).unwrap_err();
        let said = problem.fields().unwrap().fields().get("title").unwrap().to_string();
        let told = r"has half a character: escapes from \ud800 to \udfff go in pairs";
        assert_eq!(said, told, "{half}");
    }
}

#[test]
fn fields_that_are_right_are_parsed_beside_those_that_are_not() {
    let draft = drafted_json::<Order>(br#"{"title":"x","price":1}"#).unwrap();
    let parsed = draft.parse(|order| match &*order.title {
        "x" => Err(FieldErrors::one("title", "is x")),
        _ => Ok(()),
    });
    let problem = parsed.unwrap_err();
    let fields = problem.fields().unwrap().fields();
    assert_eq!(fields["title"].to_string(), "is x");
    assert!(fields.contains_key("price"));
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
        b"{'title':'x'}",
        b"{\"title\":\"x\",}",
        deep.as_bytes(),
    ] {
        assert_eq!(outcome(bytes), "bad_request");
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
