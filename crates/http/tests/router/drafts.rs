//! The bodies of the description, each with all of its fields wrong. One field after the other cannot be read at all; the others
//! can, and are refused for what they say, which is told only if something stands in for the one that cannot be read.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    coverage::{NO_ID, Route, filled, routes},
    fields::named,
    support::{ROOT, TestApp},
};

/// The schema itself, without references and `null`.
fn resolved<'a>(described: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return resolved(described, &described["components"]["schemas"][name]);
    }
    let Some(choices) = schema["oneOf"].as_array() else { return schema };
    let choice = choices.iter().find(|choice| choice["type"] != "null").unwrap();
    resolved(described, choice)
}

/// A value of the right type that the field does not take. There is none for texts that may be anything, and for yes and no.
fn refused(schema: &Value) -> Option<Value> {
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&json!(kind)),
        only => only == kind,
    };
    if is("string") {
        let limits = ["pattern", "enum", "minLength"];
        let formats = ["email", "date-time", "uri"];
        let is_limited = limits.iter().any(|limit| !schema[*limit].is_null())
            || formats.iter().any(|format| schema["format"] == *format);
        return is_limited.then(|| json!("\u{1}"));
    }
    if is("integer") {
        return Some(json!(0));
    }
    if is("array") {
        // A list of lines without a limit takes each of them, and tells which are not addresses.
        return (!schema["maxItems"].is_null()).then(|| json!(["x"]));
    }
    let is_money = schema["properties"]["currency"].is_object();
    is_money.then(|| json!({"amount": -1, "currency": "xyz"}))
}

#[actix_web::test]
async fn every_field_of_every_body_is_named_beside_one_that_cannot_be_read() {
    let app = TestApp::new();
    app.shop().await;
    let (token, bob) = (app.token("ada").await, app.domain.sign_in("bob@example.com").await);
    let described = serde_json::to_value(tollgate_http::openapi()).unwrap();
    let mut tried = 0;
    for Route { method, path, needs } in routes() {
        let operation = &described["paths"][&path][method.as_str().to_lowercase()];
        let content = &operation["requestBody"]["content"]["application/json"];
        let schema = resolved(&described, &content["schema"]);
        let Some(fields) = schema["properties"].as_object() else { continue };
        let send = async |body: &Value| {
            let call = app.call(method.clone(), ROOT, &filled(&path, NO_ID)).json(body);
            let call = match needs.as_deref() {
                Some("visitor") => call.visitor(&bob),
                _ => call.bearer(&token),
            };
            named(&call.send().await)
        };
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let required: BTreeSet<_> =
            required.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        if !required.is_empty() {
            assert_eq!(send(&json!({})).await, required, "{method} {path}");
        }
        let all: BTreeSet<_> = fields.keys().cloned().collect();
        for unreadable in fields.keys() {
            let value = |(field, schema): (&String, &Value)| {
                let value = refused(resolved(&described, schema));
                let value = value.filter(|_| field != unreadable);
                (field.clone(), value.unwrap_or_else(|| json!([{}])))
            };
            let body: Map<_, _> = fields.iter().map(value).collect();
            let body = Value::Object(body);
            assert_eq!(send(&body).await, all, "{method} {path} {body}");
        }
        tried += 1;
    }
    assert!(tried >= 24, "{tried}");
}
