//! Rows that know which of them changed, so that saving costs what changed and not what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Rows by their key. Reading is that of a map; whatever can change a row marks it.
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

/// What saving needs of a table, whatever its rows are.
pub(crate) trait Saved {
    /// Counts every row as changed.
    fn mark_all(&mut self);
    /// Appends a line for each changed row, and counts none as changed any more.
    fn drain(&mut self, name: &str, lines: &mut String) -> serde_json::Result<()>;
    /// Takes a row from a saved line; without a value the row is gone.
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
