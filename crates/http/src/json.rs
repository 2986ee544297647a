//! Access to parts of JSON that may be missing; a missing part is null.

use serde_json::{Map, Value};

pub(crate) trait JsonExt {
    fn at(&self, name: &str) -> &Value;

    /// Returns the items of a list; none for other values.
    fn items(&self) -> &[Value];

    /// Returns the names and parts of an object; none for other values.
    fn parts(&self) -> impl Iterator<Item = (&String, &Value)>;

    /// Returns the text; an empty one for other values.
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
