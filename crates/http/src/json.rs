//! Looking into JSON whose parts may be missing; what is missing is null.

use serde_json::{Map, Value};

pub(crate) trait JsonExt {
    /// The part of this name.
    fn at(&self, name: &str) -> &Value;

    /// The items, if it is a list.
    fn items(&self) -> &[Value];

    /// The names and parts, if it is an object.
    fn parts(&self) -> impl Iterator<Item = (&String, &Value)>;

    /// The text, if it is one.
    fn text(&self) -> &str;

    /// Sets the part of this name; null becomes an object.
    fn put(&mut self, name: &str, part: Value);
}

impl JsonExt for Value {
    fn at(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }

    fn items(&self) -> &[Value] {
        self.as_array().map_or(&[], Vec::as_slice)
    }

    fn parts(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.as_object().into_iter().flatten()
    }

    fn text(&self) -> &str {
        self.as_str().unwrap_or_default()
    }

    fn put(&mut self, name: &str, part: Value) {
        if self.is_null() {
            *self = Value::Object(Map::new());
        }
        if let Some(parts) = self.as_object_mut() {
            parts.insert(name.to_owned(), part);
        }
    }
}
