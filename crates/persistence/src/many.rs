//! The statement that inserts many rows. Diesel's own for SQLite cannot run through diesel-async.

use diesel::{
    QueryResult,
    backend::Backend,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};

use crate::columns::{IntValue, TextValue};

/// How many values one statement takes. SQLite binds at most 32,766, and PostgreSQL at most 65,535.
const MAX_VALUES: usize = 30_000;

/// A value of a column.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Int(i64),
    Null,
}

impl Value {
    pub(crate) fn text(value: &impl TextValue) -> Self {
        Self::Text(value.text().into_owned())
    }

    pub(crate) fn text_or_null(value: Option<&impl TextValue>) -> Self {
        value.map_or(Self::Null, Self::text)
    }

    pub(crate) fn int(value: &impl IntValue) -> Self {
        Self::Int(value.int())
    }
}

/// A table and those of its columns that are text or whole numbers and are inserted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) columns: &'static [&'static str],
}

impl Place {
    /// How many rows one statement inserts.
    pub(crate) fn rows_at_once(self) -> usize {
        MAX_VALUES.checked_div(self.columns.len()).unwrap_or(MAX_VALUES)
    }
}

/// Inserts rows, at least one, in their order, except for those that are in conflict with rows that are there. It returns the
/// first column of each row that was inserted, which has to be text.
#[derive(Debug)]
pub(crate) struct InsertNew {
    pub(crate) into: Place,
    /// Each has one value for each column.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl<DB> QueryFragment<DB> for InsertNew
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        // Each number of rows has a text of its own.
        pass.unsafe_to_cache_prepared();
        pass.push_sql("INSERT INTO ");
        pass.push_identifier(self.into.table)?;
        for (number, column) in self.into.columns.iter().enumerate() {
            pass.push_sql(if number == 0 { " (" } else { ", " });
            pass.push_identifier(column)?;
        }
        pass.push_sql(") VALUES ");
        for (number, row) in self.rows.iter().enumerate() {
            pass.push_sql(if number == 0 { "(" } else { ", (" });
            for (number, value) in row.iter().enumerate() {
                pass.push_sql(if number == 0 { "" } else { ", " });
                match value {
                    Value::Text(text) => pass.push_bind_param::<Text, _>(text)?,
                    Value::Int(int) => pass.push_bind_param::<BigInt, _>(int)?,
                    Value::Null => pass.push_sql("NULL"),
                }
            }
            pass.push_sql(")");
        }
        pass.push_sql(" ON CONFLICT DO NOTHING");
        if let Some(column) = self.into.columns.first() {
            pass.push_sql(" RETURNING ");
            pass.push_identifier(column)?;
        }
        Ok(())
    }
}

impl QueryId for InsertNew {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for InsertNew {
    type SqlType = Text;
}
