//! Stripe's form encoding (`a[b][0][c]=x`, `expand[]=y`), decoded to JSON. The encoding does not
//! tell numbers, lists and maps apart, so a schema decides.

use serde_json::{Map, Number, Value};

/// A parameter before the schema gives it a type. The order is kept because lists depend on it.
#[derive(Clone, Debug)]
enum Node {
    Leaf(String),
    Branch(Vec<(String, Node)>),
}

/// Decodes `encoded` as `schema` describes it. A value that does not fit the schema is left as it
/// was sent, so that validation reports it.
pub(crate) fn decode(encoded: &str, schema: &Value) -> Result<Value, Vec<String>> {
    let mut root = Vec::new();
    let mut problems = Vec::new();
    for (key, value) in form_urlencoded::parse(encoded.as_bytes()) {
        let added = segments(&key)
            .and_then(|segments| insert(&mut root, &segments, value.into_owned(), &key));
        problems.extend(added.err());
    }
    if problems.is_empty() { Ok(typed(&Node::Branch(root), schema).0) } else { Err(problems) }
}

/// Splits `a[b][0]` into `a`, `b`, `0`. The segment of `[]` is empty.
fn segments(key: &str) -> Result<Vec<String>, String> {
    let malformed = || format!("{key}: the brackets do not match");
    let Some((name, mut rest)) = key.find('[').map(|at| key.split_at(at)) else {
        return Ok(vec![key.to_owned()]);
    };
    let mut segments = vec![name.to_owned()];
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[').ok_or_else(malformed)?;
        let (segment, after) = inner.split_once(']').ok_or_else(malformed)?;
        segments.push(segment.to_owned());
        rest = after;
    }
    Ok(segments)
}

fn insert(
    branch: &mut Vec<(String, Node)>,
    segments: &[String],
    value: String,
    key: &str,
) -> Result<(), String> {
    let Some((first, rest)) = segments.split_first() else {
        return Ok(());
    };
    // `[]` appends an entry.
    let name = if first.is_empty() { branch.len().to_string() } else { first.clone() };
    let existing = branch.iter_mut().find(|(known, _)| *known == name);
    match (existing, rest.is_empty()) {
        (None, true) => branch.push((name, Node::Leaf(value))),
        (None, false) => {
            let mut inner = Vec::new();
            insert(&mut inner, rest, value, key)?;
            branch.push((name, Node::Branch(inner)));
        }
        (Some((_, Node::Branch(inner))), false) => insert(inner, rest, value, key)?,
        (Some((_, Node::Leaf(_))), true) => return Err(format!("{key}: given twice")),
        (Some(_), _) => return Err(format!("{key}: both a value and a map")),
    }
    Ok(())
}

/// Returns the JSON of a node, and whether it fits the schema.
fn typed(node: &Node, schema: &Value) -> (Value, bool) {
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        let mut readings = alternatives.iter().map(|schema| typed(node, schema));
        let mut last = (untyped(node), false);
        return readings
            .find_map(|reading| {
                if reading.1 {
                    return Some(reading);
                }
                last = reading;
                None
            })
            .unwrap_or(last);
    }
    let kind = crate::schema::kind(schema);
    match (node, kind) {
        (Node::Leaf(text), _) => leaf(text, schema, kind),
        (Node::Branch(entries), Some("array")) => list(entries, schema),
        (Node::Branch(entries), Some("object")) => object(entries, schema),
        (Node::Branch(_), _) => (untyped(node), false),
    }
}

fn leaf(text: &str, schema: &Value, kind: Option<&str>) -> (Value, bool) {
    let as_sent = || Value::String(text.to_owned());
    match kind {
        Some("integer") => {
            text.parse::<i64>().map_or_else(|_| (as_sent(), false), |number| (number.into(), true))
        }
        Some("number") => text
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map_or_else(|| (as_sent(), false), |number| (number.into(), true)),
        Some("boolean") => match text {
            "true" => (Value::Bool(true), true),
            "false" => (Value::Bool(false), true),
            _ => (as_sent(), false),
        },
        Some("string") => {
            let listed = schema.get("enum").and_then(Value::as_array);
            let known = listed.is_none_or(|listed| listed.contains(&as_sent()));
            (as_sent(), known)
        }
        _ => (as_sent(), false),
    }
}

/// Reads a list, whose entries must have the names 0, 1, 2, and so on.
fn list(entries: &[(String, Node)], schema: &Value) -> (Value, bool) {
    let in_order = entries.iter().enumerate().all(|(index, (name, _))| *name == index.to_string());
    if !in_order {
        return (untyped(&Node::Branch(entries.to_vec())), false);
    }
    let items = schema.get("items").unwrap_or(&Value::Null);
    let readings: Vec<(Value, bool)> =
        entries.iter().map(|(_, entry)| typed(entry, items)).collect();
    let understood = readings.iter().all(|(_, understood)| *understood);
    let values = readings.into_iter().map(|(value, _)| value).collect();
    (Value::Array(values), understood)
}

fn object(entries: &[(String, Node)], schema: &Value) -> (Value, bool) {
    let mut understood = true;
    let mut members = Map::new();
    for (name, entry) in entries {
        let described = schema
            .get("properties")
            .and_then(|properties| properties.get(name))
            .or_else(|| schema.get("additionalProperties"));
        let (value, known) = match described {
            Some(described) if described.is_object() => typed(entry, described),
            _ => (untyped(entry), false),
        };
        understood &= known;
        members.insert(name.clone(), value);
    }
    (Value::Object(members), understood)
}

fn untyped(node: &Node) -> Value {
    match node {
        Node::Leaf(text) => Value::String(text.clone()),
        Node::Branch(entries) => entries
            .iter()
            .map(|(name, entry)| (name.clone(), untyped(entry)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_come_from_the_schema() {
        let schema = json!({"type": "object", "properties": {
            "n": {"type": "integer"},
            "yes": {"type": "boolean"},
            "list": {"type": "array", "items": {"type": "object", "properties": {
                "text": {"type": "string"}}}},
            "map": {"anyOf": [
                {"type": "string", "enum": [""]},
                {"type": "object", "additionalProperties": {"type": "string"}}]},
            "expand": {"type": "array", "items": {"type": "string"}},
        }});
        let encoded =
            "n=12&yes=true&list[0][text]=7&list[1][text]=b&map[a]=1&expand[]=x&expand[]=y";
        let expected = json!({
            "n": 12, "yes": true, "list": [{"text": "7"}, {"text": "b"}],
            "map": {"a": "1"}, "expand": ["x", "y"],
        });
        assert_eq!(decode(encoded, &schema), Ok(expected));
        assert_eq!(decode("map=", &schema), Ok(json!({"map": ""})));
        assert_eq!(decode("n=x&z=1", &schema), Ok(json!({"n": "x", "z": "1"})));
    }

    #[test]
    fn conflicting_keys_are_refused() {
        let schema = json!({"type": "object"});
        for encoded in ["a=1&a=2", "a=1&a[b]=2", "a[b]=1&a=2", "a[b=1", "a[b]c=1"] {
            assert!(decode(encoded, &schema).is_err(), "{encoded}");
        }
    }
}
