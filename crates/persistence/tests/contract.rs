//! Both stores keep to the domain's contract.

#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use tollgate_domain::testing::contract::StoreUnderTest;
use tollgate_persistence::Stores;

fn under_test(stores: Stores) -> StoreUnderTest {
    let Stores { store, visitor_auth, access, creators, limits, mails, events, idempotency } = stores;
    StoreUnderTest { store, visitor_auth, access, creators, limits, mails, events, idempotency }
}

mod sqlite {
    use super::*;

    async fn make_store() -> StoreUnderTest {
        let url = support::sqlite_url().parse().unwrap();
        under_test(support::stores(&url).await)
    }

    tollgate_domain::store_contract!(make_store);
}

mod postgres {
    use super::*;

    async fn make_store() -> StoreUnderTest {
        let url = support::postgres_url().await.parse().unwrap();
        under_test(support::stores(&url).await)
    }

    tollgate_domain::store_contract!(make_store);
}
