//! What tests look at, and programs do not need.

use diesel::{
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
    result::Error,
};
use tollgate_domain::store_error::StoreError;

use crate::{error, postgres::Written};

/// Returns what a store makes of the error of a statement.
pub fn store_error(error: Error) -> StoreError {
    error::store_error(error)
}

/// Returns a query as it is run on PostgreSQL if it is run often.
pub fn written<Q: QueryFragment<Pg> + QueryId>(query: Q) -> impl QueryFragment<Pg> {
    Written(query)
}
