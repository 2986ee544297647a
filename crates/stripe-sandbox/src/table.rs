//! Tables that track their changed rows, so that only those are saved.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::ApiError;

/// Rows by their key. It is read like a map; every method that can change a row marks it as
/// changed.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: BTreeMap<String, T>,
    changed: BTreeSet<String>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), changed: BTreeSet::new() }
    }
}

impl<T> Deref for Table<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<T> Table<T> {
    /// Returns a row, or Stripe's error for a missing object of this kind.
    pub(crate) fn find(&self, kind: &str, id: &str) -> Result<&T, ApiError> {
        self.rows.get(id).ok_or_else(|| ApiError::missing(kind, id))
    }

    /// Finds a row like [`find`](Self::find), one that can be changed.
    pub(crate) fn find_mut(&mut self, kind: &str, id: &str) -> Result<&mut T, ApiError> {
        self.get_mut(id).ok_or_else(|| ApiError::missing(kind, id))
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        let row = self.rows.get_mut(key)?;
        self.changed.insert(key.to_owned());
        Some(row)
    }

    pub(crate) fn insert(&mut self, key: String, row: T) {
        self.changed.insert(key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<T> {
        self.changed.insert(key.to_owned());
        self.rows.remove(key)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let changed = &mut self.changed;
        self.rows.retain(|key, row| {
            let kept = keep(row);
            if !kept {
                changed.insert(key.clone());
            }
            kept
        });
    }
}

/// Saving and restoring a table, independent of the type of its rows.
pub(crate) trait Saved {
    /// Marks every row as changed.
    fn mark_all(&mut self);
    /// Appends a line for each changed row, and clears the marks.
    fn drain(&mut self, name: &str, lines: &mut String) -> serde_json::Result<()>;
    /// Sets a row from a saved line, or removes it if the line has no value.
    fn restore(&mut self, key: String, row: Option<Value>) -> serde_json::Result<()>;
}

impl<T: Serialize + DeserializeOwned> Saved for Table<T> {
    fn mark_all(&mut self) {
        self.changed = self.rows.keys().cloned().collect();
    }

    fn drain(&mut self, name: &str, lines: &mut String) -> serde_json::Result<()> {
        for key in std::mem::take(&mut self.changed) {
            let row = self.rows.get(&key).map(serde_json::to_value).transpose()?;
            lines.push_str(&json!([name, key, row]).to_string());
            lines.push('\n');
        }
        Ok(())
    }

    fn restore(&mut self, key: String, row: Option<Value>) -> serde_json::Result<()> {
        match row {
            Some(row) => drop(self.rows.insert(key, serde_json::from_value(row)?)),
            None => drop(self.rows.remove(&key)),
        }
        Ok(())
    }
}
