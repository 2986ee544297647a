//! The file store in memory keeps to the contract.

use std::sync::Arc;

use tollgate_domain::{files::ports::FileStore, testing::MemoryFileStore};

async fn make() -> Arc<dyn FileStore> {
    Arc::new(MemoryFileStore::new())
}

tollgate_domain::file_store_contract!(
    #[pollster::test]
    make
);
