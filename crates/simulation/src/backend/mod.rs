//! The stores that histories run on.

#[cfg(feature = "stores")]
mod real;

use std::any::Any;

use tollgate_domain::store::Stores;
use tollgate_domain_testing::MemoryStore;

use crate::machine::Driver;

/// An empty store, and what polls its operations.
#[derive(Debug)]
pub(crate) struct Backend {
    /// The ports of the store.
    pub(crate) stores: Stores,
    /// Polls operations over it.
    pub(crate) driver: Driver,
    /// What lives as long as the store, such as the directory of its files.
    pub(crate) keep: Option<Box<dyn Any + Send>>,
}

/// The kind of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// In memory.
    Memory,
    /// An SQLite file for each history.
    #[cfg(feature = "stores")]
    Sqlite,
    /// A PostgreSQL database for each history, at the server in `TOLLGATE_TEST_POSTGRES_URL`.
    #[cfg(feature = "stores")]
    Postgres,
}

/// The error of opening a store.
#[derive(Debug, thiserror::Error)]
#[error("the store could not be opened: {0}")]
pub(crate) struct BackendError(String);

impl Storage {
    /// Opens an empty store.
    #[cfg_attr(
        not(feature = "stores"),
        expect(clippy::unnecessary_wraps, reason = "only real stores can fail to open")
    )]
    pub(crate) fn open(self) -> Result<Backend, BackendError> {
        match self {
            Self::Memory => {
                let stores = Stores::of(MemoryStore::new());
                Ok(Backend { stores, driver: Driver::Memory, keep: None })
            }
            #[cfg(feature = "stores")]
            Self::Sqlite => real::sqlite(),
            #[cfg(feature = "stores")]
            Self::Postgres => real::postgres(),
        }
    }
}
