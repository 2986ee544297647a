//! Lists of objects.

use miniserde::{
    Deserialize,
    json::{self, Value},
};

use crate::{failure::CallError, ids::is_stripe_id, values::text_of};

/// A page of a list, newest first. Its objects are read one by one, so that one that is not understood does not hide the
/// others.
#[derive(Deserialize)]
pub(crate) struct Page {
    pub(crate) data: Vec<Value>,
    has_more: Option<bool>,
}

impl Page {
    /// Returns the cursor of the next page, or `None` if this is the last one.
    pub(crate) fn next(&self) -> Result<Option<String>, CallError> {
        if self.has_more != Some(true) {
            return Ok(None);
        }
        let last = self.data.last().and_then(id_of);
        let last = last.map(|last| Some(last.to_owned()));
        last.ok_or_else(|| CallError::bad_answer("a page that is not the last one has no end"))
    }

    /// Reads all objects of the page.
    pub(crate) fn all<T: Deserialize>(&self) -> Result<Vec<T>, CallError> {
        self.data.iter().map(read).collect()
    }
}

/// Reads an object of a list.
pub(crate) fn read<T: Deserialize>(listed: &Value) -> Result<T, CallError> {
    json::from_str(&json::to_string(listed)).map_err(CallError::bad_answer)
}

/// Returns the id of a listed object.
pub(crate) fn id_in(listed: &Value) -> &str {
    id_of(listed).unwrap_or("an object without an id")
}

fn id_of(listed: &Value) -> Option<&str> {
    text_of(listed, "id").filter(|id| is_stripe_id(id))
}
