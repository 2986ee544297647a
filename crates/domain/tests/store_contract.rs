//! The memory store keeps to the contract that every store has to keep to.

use std::future::{Ready, ready};

use tollgate_domain::{store::Stores, testing::MemoryStore};

fn make_store() -> Ready<Stores> {
    ready(Stores::of(MemoryStore::new()))
}

tollgate_domain::store_contract!(
    #[pollster::test]
    make_store
);

/// A case that the macro does not list would never run anywhere.
#[test]
fn every_case_is_listed() {
    let list = include_str!("../src/testing/contract/mod.rs");
    for group in [
        include_str!("../src/testing/contract/access.rs"),
        include_str!("../src/testing/contract/allowlists.rs"),
        include_str!("../src/testing/contract/checkout.rs"),
        include_str!("../src/testing/contract/creators.rs"),
        include_str!("../src/testing/contract/group_buy_model.rs"),
        include_str!("../src/testing/contract/group_buys.rs"),
        include_str!("../src/testing/contract/files.rs"),
        include_str!("../src/testing/contract/history.rs"),
        include_str!("../src/testing/contract/idempotency.rs"),
        include_str!("../src/testing/contract/interests.rs"),
        include_str!("../src/testing/contract/limits.rs"),
        include_str!("../src/testing/contract/purchases.rs"),
        include_str!("../src/testing/contract/queues.rs"),
        include_str!("../src/testing/contract/units.rs"),
        include_str!("../src/testing/contract/visitor_auth.rs"),
    ] {
        for line in group.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let case = line.split('(').next().unwrap();
            assert!(list.contains(&format!("  {case},\n")), "{case} is not listed");
        }
    }
}
