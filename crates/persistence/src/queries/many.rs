//! Inserting many rows at once.

use super::prelude::*;
use crate::many::{InsertNew, Place, Value};

impl Unit {
    /// Inserts rows with as few statements as the databases allow, except for those that are there. Returns the first column of
    /// each that was not there.
    pub(super) async fn insert_new(
        &mut self,
        into: Place,
        mut rows: Vec<Vec<Value>>,
    ) -> Result<Vec<String>, StoreError> {
        let mut new = Vec::new();
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(into.rows_at_once()));
            let insert = InsertNew { into, rows };
            let inserted = run!(self, |conn| { insert.load::<String>(conn).await })?;
            new.extend(inserted);
            rows = rest;
        }
        Ok(new)
    }
}
