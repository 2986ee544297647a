//! Both stores fulfil the domain's contract.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/plans.rs"]
mod plans;
mod support;

use tollgate_domain::store::Stores;
use tollgate_persistence::{DatabaseUrl, migrate, open};

/// Migrates and opens a new database.
async fn stores(url: &DatabaseUrl) -> Stores {
    migrate(url).await.unwrap();
    open(url).await.unwrap()
}

mod sqlite {
    use super::*;

    async fn make_store() -> Stores {
        let url = support::sqlite_url().parse().unwrap();
        migrate(&url).await.unwrap();
        plans::watch_plans();
        open(&url).await.unwrap()
    }

    tollgate_domain_testing::store_contract!(
        #[tokio::test]
        make_store
    );
}

mod postgres {
    use super::*;

    async fn make_store() -> Stores {
        let url = support::postgres_url().await.parse().unwrap();
        stores(&url).await
    }

    tollgate_domain_testing::store_contract!(
        #[tokio::test]
        make_store
    );
}
