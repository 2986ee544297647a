//! Both stores keep to the domain's contract.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use tollgate_domain::store::Stores;

mod sqlite {
    use super::*;

    async fn make_store() -> Stores {
        let url = support::sqlite_url().parse().unwrap();
        support::stores(&url).await
    }

    tollgate_domain::store_contract!(
        #[tokio::test]
        make_store
    );
}

mod postgres {
    use super::*;

    async fn make_store() -> Stores {
        let url = support::postgres_url().await.parse().unwrap();
        support::stores(&url).await
    }

    tollgate_domain::store_contract!(
        #[tokio::test]
        make_store
    );
}
