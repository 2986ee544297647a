//! Both stores fulfil the domain's contract.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "support/migrated.rs"]
mod migrated;
#[path = "support/plans.rs"]
mod plans;
mod support;

use tollgate_domain::store::Stores;
use tollgate_persistence::{migrate, open};

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
        open(&migrated::migrated_postgres_url().await.parse().unwrap()).await.unwrap()
    }

    tollgate_domain_testing::store_contract!(
        #[tokio::test]
        make_store
    );
}
