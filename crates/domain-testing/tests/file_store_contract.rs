//! The file store in memory keeps to the contract.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use tollgate_domain::files::ports::FileStore;
use tollgate_domain_testing::MemoryFileStore;

fn make() -> Ready<Arc<dyn FileStore>> {
    ready(Arc::new(MemoryFileStore::new()))
}

tollgate_domain_testing::file_store_contract!(
    #[pollster::test]
    make
);
