//! The domain's contract with every file store: a directory, a bucket of an independent S3 server,
//! and a bucket in memory.

use std::sync::Arc;

use tollgate_domain::files::ports::FileStore;
use tollgate_file_store::{BucketStore, FilesUrl, open};

use crate::support;

mod directory {
    use super::*;

    async fn make() -> Arc<dyn FileStore> {
        let url = FilesUrl::Directory(support::folder().join("files"));
        open(&url, []).unwrap()
    }

    tollgate_domain_testing::file_store_contract!(
        #[tokio::test]
        make
    );
}

mod s3 {
    use super::*;

    async fn make() -> Arc<dyn FileStore> {
        let server = support::S3Server::start("shop").await;
        let url = "s3://shop/some/files".parse().unwrap();
        open(&url, server.environment()).unwrap()
    }

    tollgate_domain_testing::file_store_contract!(
        #[tokio::test]
        make
    );
}

mod in_memory {
    use super::*;

    async fn make() -> Arc<dyn FileStore> {
        let bucket = Arc::new(object_store::memory::InMemory::new());
        Arc::new(BucketStore::over(bucket, "").unwrap())
    }

    tollgate_domain_testing::file_store_contract!(
        #[tokio::test]
        make
    );
}
