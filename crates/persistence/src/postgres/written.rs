//! Texts of queries that are run often.

use std::{any::TypeId, cell::RefCell, collections::HashMap};

use diesel::{
    QueryResult,
    backend::Backend,
    pg::Pg,
    query_builder::{AstPass, Query, QueryBuilder, QueryFragment, QueryId},
};

type PgQueryBuilder = <Pg as Backend>::QueryBuilder;

thread_local! {
    /// The texts that this thread has written, by what identifies their queries.
    static TEXTS: RefCell<HashMap<TypeId, Text>> = RefCell::default();
}

struct Text {
    sql: String,
    is_safe_to_cache: bool,
}

impl Text {
    fn of(query: &impl QueryFragment<Pg>) -> QueryResult<Self> {
        let mut builder = PgQueryBuilder::default();
        query.to_sql(&mut builder, &Pg)?;
        let is_safe_to_cache = query.is_safe_to_cache_prepared(&Pg)?;
        Ok(Self { sql: builder.finish(), is_safe_to_cache })
    }
}

/// A query whose text is written once for each thread, if its type determines it. Otherwise diesel writes it anew each
/// time that the query is run, also when the statement is prepared already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<Q>(pub(crate) Q);

impl<Q: QueryFragment<Pg> + QueryId> Written<Q> {
    fn with_text<T>(&self, read: impl FnOnce(&Text) -> T) -> QueryResult<T> {
        let Some(id) = Q::query_id() else { return Ok(read(&Text::of(&self.0)?)) };
        TEXTS.with_borrow_mut(|texts| {
            if let Some(text) = texts.get(&id) {
                return Ok(read(text));
            }
            Ok(read(texts.entry(id).or_insert(Text::of(&self.0)?)))
        })
    }
}

impl<Q: QueryFragment<Pg> + QueryId> QueryFragment<Pg> for Written<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn to_sql(&self, out: &mut PgQueryBuilder, _: &Pg) -> QueryResult<()> {
        self.with_text(|text| out.push_sql(&text.sql))
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        self.with_text(|text| text.is_safe_to_cache)
    }
}

impl<Q: QueryId> QueryId for Written<Q> {
    type QueryId = Q::QueryId;
    const HAS_STATIC_QUERY_ID: bool = Q::HAS_STATIC_QUERY_ID;
}

impl<Q: Query> Query for Written<Q> {
    type SqlType = Q::SqlType;
}
