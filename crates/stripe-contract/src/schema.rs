//! The conversion of `OpenAPI` 3.0 schemas to JSON Schema, and the matching of paths.

use serde_json::{Map, Value, json};

/// Replaces every `nullable: true` by the alternative `null`, which JSON Schema uses instead.
pub(crate) fn normalize(node: &mut Value) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(normalize),
        Value::Object(members) => {
            members.values_mut().for_each(normalize);
            // A property may be named "nullable"; only the keyword has a boolean value.
            if members.get("nullable") == Some(&Value::Bool(true)) {
                members.remove("nullable");
                admit_null(members);
            }
        }
        _ => {}
    }
}

fn admit_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
        alternatives.push(json!({"type": "null"}));
        return;
    }
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    if let Some(Value::Array(listed)) = schema.get_mut("enum") {
        listed.push(Value::Null);
    }
}

/// Returns the type of a schema, without `null`.
pub(crate) fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(kinds) => kinds.first()?.as_str(),
        kind => kind.as_str(),
    }
}

/// Returns the number of parameters in `template`, or `None` if `path` does not match it.
pub(crate) fn matches(template: &str, path: &str) -> Option<usize> {
    let mut parameters = 0;
    let mut actual = path.split('/');
    for expected in template.split('/') {
        let segment = actual.next()?;
        if expected.starts_with('{') && !segment.is_empty() {
            parameters += 1;
        } else if expected != segment {
            return None;
        }
    }
    actual.next().is_none().then_some(parameters)
}

/// Returns the schema of an operation's query: an object without additional properties.
pub(crate) fn of_query(operation: &Value) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let parameters = operation.get("parameters").and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else {
            continue;
        };
        if parameter.get("in").and_then(Value::as_str) != Some("query") {
            continue;
        }
        let schema = parameter.get("schema").cloned().unwrap_or_default();
        properties.insert(name.to_owned(), schema);
        if parameter.get("required") == Some(&Value::Bool(true)) {
            required.push(name);
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_only_its_template() {
        assert_eq!(matches("/v1/events", "/v1/events"), Some(0));
        assert_eq!(matches("/v1/events/{id}", "/v1/events/evt_1"), Some(1));
        assert_eq!(matches("/v1/events/{id}", "/v1/events"), None);
        assert_eq!(matches("/v1/events/{id}", "/v1/events/"), None);
        assert_eq!(matches("/v1/events/{id}", "/v1/events/evt_1/more"), None);
    }

    #[test]
    fn nullable_becomes_an_alternative() {
        let mut schema = json!({"properties": {
            "nullable": {"type": "string", "enum": ["a"], "nullable": true},
            "other": {"anyOf": [{"$ref": "#/x"}], "nullable": true},
        }});
        normalize(&mut schema);
        let expected = json!({"properties": {
            "nullable": {"type": ["string", "null"], "enum": ["a", null]},
            "other": {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
        }});
        assert_eq!(schema, expected);
    }
}
