//! Statements that stay prepared, and values that belong to their text.

use std::marker::PhantomData;

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{TypedExpressionType, ValidGrouping, is_aggregate},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{SqlType, Text},
};

/// A statement that stays prepared. Diesel prepares an insert or update anew each time, since its text depends on which of its
/// values are set, and on SQLite also what compares with a list, since its text depends on the list's length. Here the same
/// values are always set, and lists have a few lengths (see [`padded`]), so that there are few texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CachedStatement<S>(pub(crate) S);

impl<S: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for CachedStatement<S> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<S> QueryId for CachedStatement<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S: Query> Query for CachedStatement<S> {
    type SqlType = S::SqlType;
}

/// Returns a list to compare with, in one of a few lengths: powers of two. What its last value is once more makes no difference.
pub(crate) fn padded<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}

/// An expression that is always the same SQL. Diesel's own kind of it keeps a statement from staying prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedSql<ST> {
    text: &'static str,
    sql_type: PhantomData<ST>,
}

/// Returns an expression of a type in SQL.
pub(crate) fn sql<ST>(text: &'static str) -> FixedSql<ST> {
    FixedSql { text, sql_type: PhantomData }
}

impl<ST: SqlType + TypedExpressionType> Expression for FixedSql<ST> {
    type SqlType = ST;
}

impl<ST, Source> AppearsOnTable<Source> for FixedSql<ST> where Self: Expression {}
impl<ST, Source> SelectableExpression<Source> for FixedSql<ST> where Self: Expression {}

impl<ST, GroupBy> ValidGrouping<GroupBy> for FixedSql<ST> {
    type IsAggregate = is_aggregate::Never;
}

impl<ST> QueryId for FixedSql<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, DB: Backend> QueryFragment<DB> for FixedSql<ST> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.text);
        Ok(())
    }
}

/// A text that is written into a statement. An index of only those rows that have it can then answer the statement,
/// whatever its other values are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Literal(pub(crate) &'static str);

impl Expression for Literal {
    type SqlType = Text;
}

impl<Source> AppearsOnTable<Source> for Literal {}
impl<Source> SelectableExpression<Source> for Literal {}

impl<GroupBy> ValidGrouping<GroupBy> for Literal {
    type IsAggregate = is_aggregate::Never;
}

impl QueryId for Literal {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend> QueryFragment<DB> for Literal {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("'");
        pass.push_sql(&self.0.replace('\'', "''"));
        pass.push_sql("'");
        Ok(())
    }
}
