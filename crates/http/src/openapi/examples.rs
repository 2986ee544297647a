//! Examples of bodies, composed from the examples of their fields.

use serde_json::{Map, Value, json};

use crate::json::JsonExt;

const SCHEMAS: &str = "#/components/schemas/";
/// The greatest depth of nesting. All bodies of the interface are less deep.
const MAX_DEPTH: usize = 8;

/// Composes examples, and records the fields without one.
pub(super) struct Examples<'a> {
    schemas: &'a Map<String, Value>,
    missing: Vec<String>,
}

impl<'a> Examples<'a> {
    pub(super) fn new(schemas: &'a Map<String, Value>) -> Self {
        Self { schemas, missing: Vec::new() }
    }

    /// Returns the fields without an example.
    pub(super) fn missing(self) -> Vec<String> {
        self.missing
    }

    /// Returns the examples of a body: one, or one for each of its alternatives, by name.
    pub(super) fn of_body(&mut self, schema: &Value, place: &str) -> Vec<(String, Value)> {
        let resolved = self.resolve(schema).clone();
        match resolved.at("oneOf").as_array() {
            Some(choices) if choices.iter().all(|choice| name_of(choice).is_some()) => choices
                .iter()
                .map(|choice| {
                    let name = name_of(choice).unwrap_or_default().to_owned();
                    let example = self.of(choice, place, 0);
                    (name, example)
                })
                .collect(),
            _ => vec![(String::new(), self.of(schema, place, 0))],
        }
    }

    fn resolve<'s>(&self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        name_of(schema).and_then(|name| self.schemas.get(name)).unwrap_or(schema)
    }

    fn of(&mut self, schema: &Value, place: &str, depth: usize) -> Value {
        if let Some(own) = own(schema) {
            return own.clone();
        }
        let place = name_of(schema).unwrap_or(place).to_owned();
        let schema = self.resolve(schema).clone();
        if let Some(own) = own(&schema) {
            return own.clone();
        }
        if depth > MAX_DEPTH {
            self.missing.push(place);
            return Value::Null;
        }
        if let Some(properties) = schema.at("properties").as_object() {
            let mut example = Map::new();
            for (name, property) in properties {
                let value = self.of(property, &format!("{place}.{name}"), depth + 1);
                example.insert(name.clone(), value);
            }
            return Value::Object(example);
        }
        if !schema.at("items").is_null() {
            return json!([self.of(schema.at("items"), &place, depth + 1)]);
        }
        for choices in ["oneOf", "anyOf", "allOf"] {
            let choices = schema.at(choices).items().iter();
            if let Some(choice) = choices.into_iter().find(|choice| choice.at("type") != "null") {
                return self.of(choice, &place, depth + 1);
            }
        }
        match schema.at("type").as_str() {
            Some("boolean") => json!(true),
            Some("object") => json!({}),
            _ => {
                self.missing.push(place);
                Value::Null
            }
        }
    }
}

/// Returns the example in the schema itself.
fn own(schema: &Value) -> Option<&Value> {
    let first = |name: &str| schema.at(name).items().first();
    first("examples")
        .or_else(|| schema.get("const"))
        .or_else(|| schema.get("default"))
        .or_else(|| first("enum"))
}

fn name_of(schema: &Value) -> Option<&str> {
    schema.at("$ref").as_str()?.strip_prefix(SCHEMAS)
}
