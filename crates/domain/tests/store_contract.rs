//! The memory store keeps to the contract that every store has to keep to.

use tollgate_domain::testing::contract::StoreUnderTest;

async fn make_store() -> StoreUnderTest {
    StoreUnderTest::in_memory()
}

tollgate_domain::store_contract!(make_store);
