//! The description in the structure of the reference page.

use serde_json::{Map, Value};

use super::schema::{self, Field, Named};
use crate::{json::JsonExt, markdown, openapi::Description};

pub(super) struct Reference {
    pub(super) version: String,
    pub(super) introduction: String,
    pub(super) groups: Vec<Group>,
    pub(super) schemas: Vec<Named>,
}

/// The operations of one tag.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) operations: Vec<Operation>,
}

/// One method of one path.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) callers: String,
    pub(super) parameters: Vec<Field>,
    /// The kind of its body.
    pub(super) body: Option<String>,
    /// The fields of its body.
    pub(super) fields: Vec<Field>,
    /// How to call it with curl.
    pub(super) calls: Vec<String>,
    pub(super) answers: Vec<Success>,
    pub(super) refusals: Vec<Refusal>,
}

/// An answer that is a success.
pub(super) struct Success {
    pub(super) status: String,
    pub(super) description: String,
    pub(super) body: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) examples: Vec<String>,
}

/// One stable code.
pub(super) struct Refusal {
    pub(super) status: String,
    pub(super) code: String,
    pub(super) meaning: String,
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Reference {
    pub(super) fn of(description: &Description) -> Self {
        let document = &description.document;
        let groups = document.at("tags").items();
        let schemas = document.at("components").at("schemas").parts();
        Self {
            version: document.at("info").at("version").text().to_owned(),
            introduction: markdown::render(document.at("info").at("description").text()),
            groups: groups.iter().map(|tag| Group::of(description, tag)).collect(),
            schemas: schemas.map(|(name, schema)| Named::of(name, schema)).collect(),
        }
    }
}

impl Group {
    /// Operations come in the order of the router's tables.
    fn of(description: &Description, tag: &Value) -> Self {
        let document = &description.document;
        let operations = description.operations.iter().filter_map(|(path, method)| {
            let operation = document.at("paths").at(path).at(method);
            let here = operation.at("tags").items().first() == tag.get("name");
            here.then(|| Operation::of(document, path, method, operation))
        });
        Self {
            name: tag.at("name").text().to_owned(),
            title: capital(tag.at("name").text()).replace('-', " "),
            description: tag.at("description").text().to_owned(),
            operations: operations.collect(),
        }
    }
}

impl Operation {
    fn of(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation.at("parameters").items();
        let body = operation.at("requestBody");
        let mut answers = Vec::new();
        let mut refusals = Vec::new();
        for (status, answer) in operation.at("responses").parts() {
            let answer = resolved(document, answer);
            if status.starts_with('2') {
                answers.push(Success::of(document, status, answer));
            } else {
                refusals.extend(Refusal::all_of(document, status, answer));
            }
        }
        Self {
            id: operation.at("operationId").text().to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: operation.at("summary").text().trim_end_matches('.').to_owned(),
            description: markdown::render(operation.at("description").text()),
            callers: callers(operation.at("security")),
            parameters: parameters.iter().map(Field::of_parameter).collect(),
            body: content(body).map(|content| {
                let kind = schema::kind(content.at("schema"));
                if body.at("required") == true { kind } else { format!("{kind}, or no body") }
            }),
            fields: content(body)
                .map(|content| Named::of("", resolved(document, content.at("schema"))).fields)
                .unwrap_or_default(),
            calls: calls(path, method, operation),
            answers,
            refusals,
        }
    }
}

impl Success {
    fn of(document: &Value, status: &str, answer: &Value) -> Self {
        let headers = answer.at("headers").parts();
        let headers = headers.filter(|(name, _)| *name != "X-Request-Id").map(|(name, header)| {
            let header = resolved(document, header);
            (name.clone(), markdown::render(header.at("description").text()))
        });
        let content = content(answer);
        Self {
            status: status.to_owned(),
            description: answer.at("description").text().to_owned(),
            body: content.map(|content| schema::kind(content.at("schema"))),
            headers: headers.collect(),
            examples: content.map(examples).unwrap_or_default(),
        }
    }
}

impl Refusal {
    fn all_of(document: &Value, status: &str, answer: &Value) -> Vec<Self> {
        let codes = content(answer).and_then(|content| content.at("examples").as_object());
        let codes = codes.into_iter().flat_map(Map::keys).map(|code| Self {
            status: status.to_owned(),
            code: code.clone(),
            meaning: document
                .at("components")
                .at("examples")
                .at(code)
                .at("summary")
                .text()
                .to_owned(),
        });
        codes.collect()
    }
}

/// Returns what a reference into the components points to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let place = value.at("$ref").as_str().and_then(|place| place.strip_prefix('#'));
    place.and_then(|place| document.pointer(place)).unwrap_or(value)
}

/// Returns the content of a body; the JSON, if there are others besides.
fn content(body: &Value) -> Option<&Value> {
    body.at("content").as_object().and_then(|contents| contents.values().next())
}

fn examples(content: &Value) -> Vec<String> {
    let written = |example: &Value| match example {
        Value::String(text) => text.clone(),
        other => format!("{other:#}"),
    };
    match content.at("examples").as_object() {
        Some(several) => several.values().map(|example| written(example.at("value"))).collect(),
        None => vec![written(content.at("example"))],
    }
}

fn callers(security: &Value) -> String {
    let ways = security.items();
    let mut names: Vec<_> = ways
        .iter()
        .map(|way| match way.as_object().and_then(|way| way.keys().next()).map(String::as_str) {
            Some("visitor") => "a visitor, by cookie",
            Some("creator") => "a creator, by bearer token",
            Some(_) | None => "anyone",
        })
        .collect();
    names.sort_unstable_by_key(|name| *name == "anyone");
    match &*names {
        [] => "Anyone".to_owned(),
        names => capital(&names.join(" or ")),
    }
}

/// Returns a form as curl options: its texts, then a file.
fn form(example: &Value) -> String {
    let texts = example.as_object().into_iter().flatten().filter(|(name, _)| *name != "file");
    let texts = texts.map(|(name, value)| format!("-F {name}={}", value.text()));
    texts.chain(["-F file=@FILE".to_owned()]).collect::<Vec<_>>().join(" ")
}

/// Returns the operation as commands, one for each example of its body.
fn calls(path: &str, method: &str, operation: &Value) -> Vec<String> {
    let mut address = path.to_owned();
    let mut options = Vec::new();
    let has_body = !operation.at("requestBody").is_null();
    if !matches!((method, has_body), ("get", _) | ("post", true)) {
        options.push(format!("-X {}", method.to_uppercase()));
    }
    let ways = operation.at("security").items();
    match ways.iter().find_map(|way| way.as_object()?.keys().next()).map(String::as_str) {
        Some("visitor") => options.push("-b jar".to_owned()),
        Some("creator") => options.push("-H \"Authorization: Bearer $token\"".to_owned()),
        Some(_) | None => {}
    }
    for parameter in operation.at("parameters").items() {
        let (name, example) =
            (parameter.at("name").text().to_owned(), parameter.at("example").text().to_owned());
        match parameter.at("in").as_str() {
            Some("path") => address = address.replace(&format!("{{{name}}}"), &example),
            Some("header") => options.push(format!("-H '{name}: {example}'")),
            _ => {}
        }
    }
    let form_body = operation.at("requestBody").at("content").at("multipart/form-data");
    let call = |body: Option<&String>| {
        let body = body.map(|body| {
            if form_body.is_null() {
                format!("--json '{}'", body.replace('\'', "'\\''"))
            } else {
                form(form_body.at("example"))
            }
        });
        let parts = options.iter().cloned().chain(body);
        parts.fold(format!("curl $base{address}"), |call, part| format!("{call} \\\n  {part}"))
    };
    match content(operation.at("requestBody")) {
        Some(content) => examples(content).iter().map(|body| call(Some(body))).collect(),
        None => vec![call(None)],
    }
}
