//! The description of problem answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use utoipa::openapi::{ContentBuilder, RefOr, Response, ResponseBuilder, example::ExampleBuilder};

use super::headers;
use crate::{
    json::JsonExt,
    problem::{Code, Problem, Reason},
    text_enum::TextEnum,
};

pub(super) const CONTENT_TYPE: &str = "application/problem+json";

/// Returns the codes of an operation by status. [`finish`](super::finish) completes them to answers.
pub(crate) fn describe(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in codes.iter().chain(&[Code::InternalError, Code::Unavailable]) {
        by_status.entry(code.status().as_str().to_owned()).or_default().push(*code);
    }
    let responses = by_status.into_iter().map(|(status, codes)| {
        let examples = codes.iter().map(|code| (code.as_str(), ExampleBuilder::new().build()));
        let content = ContentBuilder::new().examples_from_iter(examples).build();
        (status, RefOr::T(ResponseBuilder::new().content(CONTENT_TYPE, content).build()))
    });
    responses.collect()
}

/// Returns the codes that an operation declares.
pub(super) fn named(operation: &Value) -> BTreeSet<Code> {
    let answers = operation.at("responses").as_object().into_iter().flat_map(Map::values);
    let examples = answers
        .filter_map(|answer| answer.at("content").at(CONTENT_TYPE).at("examples").as_object());
    let names: BTreeSet<_> = examples.flat_map(Map::keys).map(String::as_str).collect();
    Code::ALL.iter().copied().filter(|code| names.contains(code.as_str())).collect()
}

/// Returns the answers with these codes, by status.
pub(super) fn answers(codes: &BTreeSet<Code>) -> Map<String, Value> {
    let mut by_status: BTreeMap<String, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_str().to_owned()).or_default().push(*code);
    }
    let answers = by_status.into_iter().map(|(status, codes)| match &*codes {
        [only] => (status, json!({"$ref": format!("#/components/responses/{}", only.as_str())})),
        several => (status, answer(several)),
    });
    answers.collect()
}

/// Returns the answers with a single code, which operations share, by code.
pub(super) fn shared() -> Value {
    let answers = Code::ALL.iter().map(|code| (code.as_str().to_owned(), answer(&[*code])));
    Value::Object(answers.collect())
}

/// Returns the answer with one of these codes, which have the same status.
fn answer(codes: &[Code]) -> Value {
    let lines: Vec<_> =
        codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.title())).collect();
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let examples: Map<String, Value> = names
        .iter()
        .map(|name| {
            let reference = format!("#/components/examples/{name}");
            ((*name).to_owned(), json!({ "$ref": reference }))
        })
        .collect();
    let status = codes.first().map(|code| code.status().as_u16());
    let names_of_headers: &[&str] = match status {
        Some(401) => &["WWW-Authenticate"],
        Some(416) => &["Content-Range"],
        Some(429 | 503) => &["Retry-After"],
        _ => &[],
    };
    let mut headers = headers::references(names_of_headers);
    if status == Some(502) {
        headers.insert("Retry-After".to_owned(), headers::reference("Retry-After-If-Known"));
    }
    json!({
        "description": lines.join("\n"),
        "headers": headers,
        "content": { CONTENT_TYPE: {
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/Problem"}],
                "properties": {"error": {"enum": names}},
            },
            "examples": examples,
        }},
    })
}

pub(super) fn examples() -> Value {
    let examples = Code::ALL.iter().map(|code| {
        let problem = match code {
            Code::ValidationFailed => Problem::field("email", "is not an e-mail address"),
            code => Problem::new(*code),
        };
        let value: Value =
            serde_json::from_str(&problem.to_json("req-4a1c09d2b7e35f68-2a")).unwrap_or_default();
        (code.as_str().to_owned(), json!({"summary": code.title(), "value": value}))
    });
    Value::Object(examples.collect())
}

pub(super) fn schema() -> Value {
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "description": "Problem details (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status", "error", "detail", "requestId"],
        "properties": {
            "type": {"const": "about:blank", "description": "Always the same: `error` tells problems apart."},
            "title": {"type": "string", "description": "The problem in a few words.", "examples": [Code::PageNotFound.title()]},
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status.", "examples": [404]},
            "error": {"type": "string", "enum": codes, "description": "The stable code.", "examples": ["page_not_found"]},
            "detail": {"type": "string", "description": "The problem in a sentence, for people.", "examples": [Code::PageNotFound.title()]},
            "requestId": {"type": "string", "description": "Names this request in the operator's log.", "examples": ["req-4a1c09d2b7e35f68-2a"]},
            "reason": {
                "type": "string",
                "description": "With `refund_refused`, `connect_not_configured` and `quota_exceeded`: what a person can mend, such as `insufficient_balance`. With `creator_unauthorized`, `account_suspended` if the operator has suspended the account.",
                "examples": [Reason::InsufficientBalance.as_str()],
            },
            "fields": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "With `validation_failed`: what is wrong, field by field, named as on the wire.",
                "examples": [{"email": "is not an e-mail address"}],
            },
        },
    })
}
