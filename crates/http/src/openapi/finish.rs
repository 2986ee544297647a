//! Completion of the description of every operation from what its handler declares.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::{
    examples::Examples,
    headers,
    problems::{self, CONTENT_TYPE},
    schemas,
};
use crate::{json::JsonExt, problem::Code};

/// What the paths of webhooks begin with. They come from no browser, and others define their bodies.
const WEBHOOKS: &str = "/v2/webhooks/";

/// Completes a description. Adds the fields without an example to `missing`.
pub(crate) fn finish(described: OpenApi, missing: &mut Vec<String>) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or_default();
    document.put("info", info());
    document.put("tags", tags());
    let mut schemas = take(&mut document, "/components/schemas");
    for (name, schema) in schemas::schemas() {
        if let Some(place) = schemas.get_mut(name) {
            *place = schema;
        }
    }
    let mut schemas = lists(schemas);
    for (name, rule, condition) in schemas::conditions() {
        if let Some(schema) = schemas.get_mut(name).and_then(Value::as_object_mut) {
            schema.insert(rule.to_owned(), condition);
        }
    }
    schemas.insert("Problem".to_owned(), problems::schema());
    schemas.values_mut().for_each(refine);
    let mut paths = take(&mut document, "/paths");
    let mut examples = Examples::new(&schemas);
    for (path, item) in &mut paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            finish_operation(path, method, operation, &mut examples);
        }
    }
    missing.extend(examples.missing());
    document.put("paths", Value::Object(paths));
    let components = json!({
        "schemas": schemas,
        "responses": problems::shared(),
        "examples": problems::examples(),
        "headers": headers::shared(),
        "securitySchemes": security_schemes(),
    });
    document.put("components", components);
    document
}

fn take(document: &mut Value, place: &str) -> Map<String, Value> {
    match document.pointer_mut(place).map_or(Value::Null, Value::take) {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn finish_operation(path: &str, method: &str, operation: &mut Value, examples: &mut Examples<'_>) {
    // Handlers of different stories may have the same name, but operations may not.
    let story =
        operation.at("tags").items().first().unwrap_or(&Value::Null).text().replace('-', "_");
    let name = operation.at("operationId").text();
    operation.put("operationId", json!(format!("{story}_{name}")));
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for schema in parameters.into_iter().flatten().filter_map(|one| one.get_mut("schema")) {
        refine(schema);
    }
    rename_lists(operation);
    let mut codes = problems::named(operation);
    if !codes.is_empty() {
        codes.extend(implied(path, method, operation));
    }
    let place = format!("{method} {path}");
    if let Some(body) = operation.get_mut("requestBody") {
        without_null(body);
        add_examples(body, examples, &place);
    }
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    answers.retain(|_, answer| answer.at("content").at(CONTENT_TYPE).is_null());
    for answer in answers.values_mut() {
        add_examples(answer, examples, &place);
        let headers = headers::completed(answer.at("headers"));
        answer.put("headers", headers);
    }
    answers.extend(problems::answers(&codes));
}

/// Returns the refusals that follow from a body, a session, a key or a list.
fn implied(path: &str, method: &str, operation: &Value) -> BTreeSet<Code> {
    let mut codes = BTreeSet::new();
    if path.starts_with(WEBHOOKS) {
        return codes;
    }
    if method != "get" {
        codes.insert(Code::CrossSiteRequest);
    }
    if !operation.at("requestBody").is_null() {
        codes.extend([
            Code::BadRequest,
            Code::PayloadTooLarge,
            Code::UnsupportedMediaType,
            Code::ValidationFailed,
        ]);
    }
    for parameter in operation.at("parameters").items() {
        match parameter.at("name").as_str() {
            Some("Idempotency-Key") => codes.extend([Code::BadRequest, Code::IdempotencyConflict]),
            Some("limit" | "cursor") => codes.extend([Code::ValidationFailed]),
            _ => {}
        }
    }
    if let [way] = operation.at("security").items() {
        if !way.at("creator").is_null() {
            codes.insert(Code::CreatorUnauthorized);
        }
        if !way.at("visitor").is_null() {
            codes.insert(Code::VisitorUnauthorized);
        }
    }
    codes
}

/// Removes null from the schema of an optional body, because an optional body may be missing but not null.
fn without_null(body: &mut Value) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for content in contents.into_iter().flat_map(Map::values_mut) {
        if let [only, null] = content.at("schema").at("oneOf").items()
            && null.at("type") == "null"
        {
            content.put("schema", only.clone());
            body.put("required", json!(false));
            return;
        }
    }
}

/// Adds examples to a body, unless its handler did.
fn add_examples(body: &mut Value, examples: &mut Examples<'_>, place: &str) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for content in contents.into_iter().flat_map(Map::values_mut) {
        if let Some(schema) = content.get_mut("schema") {
            refine(schema);
        }
        if content.get("example").is_some() || content.get("examples").is_some() {
            continue;
        }
        let made = examples.of_body(content.at("schema"), place);
        match &*made {
            [(name, only)] if name.is_empty() => content.put("example", only.clone()),
            several => {
                let several = several.iter();
                let several = several.map(|(name, value)| (name.clone(), json!({"value": value})));
                content.put("examples", Value::Object(several.collect()));
            }
        }
    }
}

/// Adapts a schema to OpenAPI 3.1: examples in a list, and patterns for kinds of text.
fn refine(schema: &mut Value) {
    match schema {
        Value::Array(several) => several.iter_mut().for_each(refine),
        Value::Object(schema) => {
            if schema
                .get("example")
                .is_some_and(|example| !example.is_object() || schema.contains_key("type"))
                && let Some(example) = schema.remove("example")
            {
                schema.insert("examples".to_owned(), json!([example]));
            }
            if let Some([one, _]) =
                schema.get_mut("oneOf").and_then(Value::as_array_mut).map(Vec::as_mut_slice)
                && let Some(description) =
                    one.as_object_mut().and_then(|one| one.remove("description"))
            {
                schema.insert("description".to_owned(), description);
            }
            let may_be_empty = schema.get("minLength").is_none();
            let kind = schema.get("format").and_then(Value::as_str);
            if let Some(pattern) = kind.and_then(|kind| schemas::pattern(kind, may_be_empty)) {
                schema.remove("format");
                schema.insert("pattern".to_owned(), json!(pattern));
            }
            schema
                .iter_mut()
                .filter(|(name, _)| *name != "examples")
                .for_each(|(_, part)| refine(part));
        }
        _ => {}
    }
}

const LIST: &str = "ListBody_";

/// Gives lists plain names and references to their rows.
fn lists(schemas: Map<String, Value>) -> Map<String, Value> {
    let known = schemas.clone();
    let renamed = schemas.into_iter().map(|(name, mut schema)| {
        let Some(row) = name.strip_prefix(LIST) else { return (name, schema) };
        if known.contains_key(row)
            && let Some(rows) = schema.pointer_mut("/properties/items")
        {
            rows.put("items", json!({"$ref": format!("#/components/schemas/{row}")}));
        }
        (format!("{row}List"), schema)
    });
    renamed.collect()
}

fn rename_lists(value: &mut Value) {
    match value {
        Value::Array(several) => several.iter_mut().for_each(rename_lists),
        Value::Object(object) => {
            for (name, part) in object {
                let row =
                    part.as_str().filter(|_| name == "$ref").and_then(|text| text.split_once(LIST));
                match row {
                    Some((before, row)) => *part = json!(format!("{before}{row}List")),
                    None => rename_lists(part),
                }
            }
        }
        _ => {}
    }
}

fn info() -> Value {
    json!({
        "title": "Tollgate",
        "version": env!("CARGO_PKG_VERSION"),
        "description": introduction(),
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
    })
}

fn introduction() -> String {
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            format!("| {} | `{}` | {} |", code.status().as_u16(), code.as_str(), code.title())
        })
        .collect();
    format!("{}\n{}\n", include_str!("introduction.md").trim_end(), codes.join("\n"))
}

fn tags() -> Value {
    let tags = [
        ("visitor", "Signing in by magic link, and what a visitor has access to"),
        ("public", "Pages as visitors see them"),
        ("creator", "Accounts of creators"),
        ("handles", "Handles of creators"),
        ("pages", "Pages of creators"),
        ("files", "Files of creators, and who may have them"),
        ("refunds", "Refunds of purchases"),
        ("group-buys", "Group buys of creators"),
        ("offers", "Group buys as visitors see them"),
        ("grants", "Giving access away"),
        ("reports", "Sales, people, mails and revenue of a handle, and why somebody sees a page"),
        ("stripe", "Connecting the creator's own Stripe account"),
        ("operations", "For operators and their tools"),
    ];
    tags.map(|(name, description)| json!({"name": name, "description": description}))
        .into_iter()
        .collect()
}

fn security_schemes() -> Value {
    json!({
        "visitor": {
            "type": "apiKey", "in": "cookie", "name": "_10x_visitor",
            "description": "The session that signing in with a magic link opens.",
        },
        "creator": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of a creator, good for 15 minutes.",
        },
    })
}
