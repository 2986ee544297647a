//! Statements that stay prepared, and values that belong to their text.

use diesel::{
    AppearsOnTable, Expression, QueryResult, SelectableExpression,
    backend::Backend,
    expression::{ValidGrouping, is_aggregate},
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::Text,
};

/// An insert or update that stays prepared. Diesel prepares these anew each time, since their text depends on which
/// of their values are set; here the same ones always are, so that there are few texts.
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
