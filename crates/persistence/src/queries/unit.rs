//! The unit of work, which is itself each of its repositories.

use diesel_async::methods::{ExecuteDsl, LoadQuery};
use tollgate_domain::store::UnitOfWork;

use super::{super::Conn, prelude::*};

macro_rules! unit_of_work {
    ($($(#[$doc:meta])* $name:ident: $port:path, $mock:path;)*) => {
        #[async_trait]
        impl UnitOfWork for Unit {
            $(fn $name(&mut self) -> &mut dyn $port {
                self
            })*

            async fn commit(self: Box<Self>) -> Result<(), StoreError> {
                self.finish().traced("commit").await
            }
        }
    };
}

tollgate_domain::repositories!(unit_of_work);

impl Unit {
    /// Runs a statement, and returns the number of rows that it changed.
    pub(super) async fn execute<S>(&mut self, statement: S) -> Result<usize, StoreError>
    where
        CachedStatement<S>: ExecuteDsl<Conn>,
        S: Send + 'static,
    {
        run!(self, |conn| { CachedStatement(statement).execute(conn).await })
    }

    /// Returns the first row of a statement.
    pub(super) async fn first<R, S>(&mut self, statement: S) -> Result<Option<R>, StoreError>
    where
        R: Send + 'static,
        CachedStatement<S>: LoadQuery<'static, Conn, R>,
        S: Send + 'static,
    {
        run!(self, |conn| { CachedStatement(statement).get_result(conn).await.optional() })
    }
}
