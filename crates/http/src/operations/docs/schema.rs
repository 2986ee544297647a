//! Schemas as text for the reference page.

use serde_json::{Map, Value};

use crate::{json::JsonExt, markdown};

const SCHEMAS: &str = "#/components/schemas/";

pub(super) struct Named {
    pub(super) name: String,
    pub(super) description: String,
    /// The type, unless it is an object with fields.
    pub(super) kind: Option<String>,
    pub(super) limits: Vec<String>,
    pub(super) fields: Vec<Field>,
}

/// A field of an object, or a parameter.
pub(super) struct Field {
    pub(super) name: String,
    /// The location of a parameter.
    pub(super) place: Option<String>,
    pub(super) is_required: bool,
    pub(super) kind: String,
    pub(super) description: String,
    pub(super) limits: Vec<String>,
}

impl Named {
    pub(super) fn of(name: &str, schema: &Value) -> Self {
        let required = |field: &str| schema.at("required").items().iter().any(|one| one == field);
        let fields = schema.at("properties").parts();
        let fields: Vec<_> =
            fields.map(|(name, field)| Field::of(name, field, required(name))).collect();
        Self {
            name: name.to_owned(),
            description: described(schema),
            kind: fields.is_empty().then(|| kind(schema)),
            limits: limits(schema),
            fields,
        }
    }
}

impl Field {
    fn of(name: &str, schema: &Value, is_required: bool) -> Self {
        Self {
            name: name.to_owned(),
            place: None,
            is_required,
            kind: kind(schema),
            description: described(schema),
            limits: limits(schema),
        }
    }

    pub(super) fn of_parameter(parameter: &Value) -> Self {
        let name = parameter.at("name").text();
        let place = parameter.at("in").text().to_owned();
        let field = Self::of(name, parameter.at("schema"), parameter.at("required") == true);
        Self { place: Some(place), description: described(parameter), ..field }
    }
}

fn described(schema: &Value) -> String {
    markdown::render(schema.at("description").text())
}

/// Returns the type of a value as HTML; the names of schemas are links.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = schema.at("$ref").as_str().and_then(|place| place.strip_prefix(SCHEMAS)) {
        // Names of our own types contain only letters.
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for choices in ["oneOf", "anyOf"] {
        if let Some(choices) = schema.at(choices).as_array() {
            return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if !schema.at("items").is_null() {
        return format!("list of {}", kind(schema.at("items")));
    }
    let one = |name: &str| match name {
        "array" => "list".to_owned(),
        name => name.to_owned(),
    };
    match schema.at("type") {
        Value::String(name) => one(name),
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).map(one).collect::<Vec<_>>().join(" or ")
        }
        _ if !schema.at("const").is_null() => "string".to_owned(),
        _ => "any".to_owned(),
    }
}

/// Returns the limits of a value, each in a few words of HTML.
fn limits(schema: &Value) -> Vec<String> {
    let schema = schema.as_object().cloned().unwrap_or_default();
    let mut said = Vec::new();
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<_> = choices.iter().filter_map(Value::as_str).map(code).collect();
        said.push(format!("one of {}", choices.join(", ")));
    }
    if let Some(only) = schema.get("const") {
        said.push(format!("always {}", code(only.text())));
    }
    said.extend(range(&schema, "minLength", "maxLength", " characters"));
    said.extend(range(&schema, "minimum", "maximum", ""));
    if let Some(default) = schema.get("default") {
        said.push(format!("{} when unset", code(&default.to_string())));
    }
    if let Some(format) = schema.get("format").and_then(Value::as_str)
        && !format.starts_with("int")
    {
        said.push(format!("format {}", code(format)));
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        said.push(format!("pattern {}", code(pattern)));
    }
    said
}

fn range(schema: &Map<String, Value>, least: &str, most: &str, unit: &str) -> Option<String> {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{unit}")),
        (Some(least), None) => Some(format!("at least {least}{unit}")),
        (None, Some(most)) => Some(format!("at most {most}{unit}")),
        (None, None) => None,
    }
}

fn code(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<code>{text}</code>")
}
