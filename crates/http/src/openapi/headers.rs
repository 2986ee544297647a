//! The headers of answers, each described once.

use serde_json::{Map, Value, json};

use crate::json::JsonExt;

/// Returns the headers that answers refer to, by name.
pub(super) fn shared() -> Value {
    json!({
        "Accept-Ranges": {
            "description": "Parts can be asked for with `Range`.",
            "required": true,
            "schema": {"type": "string", "const": "bytes"},
        },
        "Content-Disposition": {
            "description": "The name that the file is saved under, and whether browsers show it.",
            "required": true,
            "schema": {
                "type": "string",
                "examples": ["attachment; filename=\"Workbook.pdf\"; filename*=UTF-8''Workbook.pdf"],
            },
        },
        "Content-Range": {
            "description": "Which bytes these are and of how many; with 416, of how many the file is.",
            "required": true,
            "schema": {"type": "string", "pattern": "^bytes ([0-9]+-[0-9]+|\\*)/[0-9]+$", "examples": ["bytes 0-1023/48213"]},
        },
        "ETag": {
            "description": "Names this version, for `If-Match` and, of a download, `If-None-Match` and `If-Range`.",
            "required": true,
            "schema": {"type": "string", "pattern": "^\"[^\"]+\"$", "examples": ["\"1772357400000000\""]},
        },
        "Location": {
            "description": "Where to go on.",
            "required": true,
            "schema": {"type": "string", "format": "uri", "examples": ["https://ada.example.com/-/files/workbook"]},
        },
        "Retry-After": {
            "description": "Seconds to wait before asking again.",
            "required": true,
            "schema": {"type": "integer", "minimum": 1, "examples": [20]},
        },
        "Retry-After-If-Known": {
            "description": "Seconds to wait before asking again, if the payment provider named them.",
            "required": false,
            "schema": {"type": "integer", "minimum": 1, "examples": [20]},
        },
        "WWW-Authenticate": {
            "description": "How to sign in: `Bearer` for creators, `Cookie` for visitors, `Basic` for a mail service.",
            "required": true,
            "schema": {"type": "string", "examples": ["Bearer"]},
        },
        "X-Request-Id": {
            "description": "Names this request in the operator's log.",
            "required": true,
            "schema": {"type": "string", "pattern": "^req-", "examples": ["req-4a1c09d2b7e35f68-2a"]},
        },
    })
}

/// Returns these headers as references, besides the one that every answer has.
pub(super) fn references(names: &[&str]) -> Map<String, Value> {
    let names = names.iter().copied().chain(["X-Request-Id"]);
    names.map(|name| (name.to_owned(), reference(name))).collect()
}

/// Returns the headers of an answer that a handler declares, those that are described here as references.
pub(super) fn completed(declared: &Value) -> Value {
    let known = shared();
    let others = declared.parts().map(|(name, header)| {
        let header = if known.at(name).is_null() { header.clone() } else { reference(name) };
        (name.clone(), header)
    });
    Value::Object(others.chain(references(&[])).collect())
}

/// Returns the reference to a header that is described here.
pub(super) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}
