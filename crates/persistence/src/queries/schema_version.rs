//! The check that the schema is the one that this program was built for.

use super::prelude::*;
use crate::{migrate::NEWEST, schema::schema_migrations};

impl Database {
    pub(in super::super) async fn schema_is_current(&self) -> Result<(), StoreError> {
        let newest: Option<String> = read!(self, |conn| {
            schema_migrations::table
                .select(diesel::dsl::max(schema_migrations::version))
                .first(on(&mut conn))
                .await
        })?;
        if newest.as_deref() == Some(NEWEST) {
            Ok(())
        } else {
            Err(StoreError::Unavailable("the schema is of another version".into()))
        }
    }
}
