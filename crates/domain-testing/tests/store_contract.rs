//! The memory store keeps to the contract that every store has to keep to.

use std::future::{Ready, ready};

use tollgate_domain::store::Stores;
use tollgate_domain_testing::MemoryStore;

fn make_store() -> Ready<Stores> {
    ready(Stores::of(MemoryStore::new()))
}

tollgate_domain_testing::store_contract!(
    #[pollster::test]
    make_store
);

/// A case that the macro does not list would never run anywhere.
#[test]
fn every_case_is_listed() {
    let list = include_str!("../src/contract/mod.rs");
    for group in [
        include_str!("../src/contract/access.rs"),
        include_str!("../src/contract/account_tokens.rs"),
        include_str!("../src/contract/accounts.rs"),
        include_str!("../src/contract/allowlists.rs"),
        include_str!("../src/contract/attention.rs"),
        include_str!("../src/contract/cases.rs"),
        include_str!("../src/contract/checkout.rs"),
        include_str!("../src/contract/connected_accounts.rs"),
        include_str!("../src/contract/console.rs"),
        include_str!("../src/contract/creator_sessions.rs"),
        include_str!("../src/contract/creators.rs"),
        include_str!("../src/contract/evidence.rs"),
        include_str!("../src/contract/files.rs"),
        include_str!("../src/contract/group_buy_model.rs"),
        include_str!("../src/contract/group_buys.rs"),
        include_str!("../src/contract/history.rs"),
        include_str!("../src/contract/idempotency.rs"),
        include_str!("../src/contract/interests.rs"),
        include_str!("../src/contract/jobs.rs"),
        include_str!("../src/contract/ledger.rs"),
        include_str!("../src/contract/limits.rs"),
        include_str!("../src/contract/logs.rs"),
        include_str!("../src/contract/moves.rs"),
        include_str!("../src/contract/pages.rs"),
        include_str!("../src/contract/people.rs"),
        include_str!("../src/contract/purchases.rs"),
        include_str!("../src/contract/refund_requests.rs"),
        include_str!("../src/contract/reports.rs"),
        include_str!("../src/contract/settings.rs"),
        include_str!("../src/contract/sweeps.rs"),
        include_str!("../src/contract/told_payments.rs"),
        include_str!("../src/contract/units.rs"),
        include_str!("../src/contract/visitor_auth.rs"),
    ] {
        for line in group.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
            let case = line.split('(').next().unwrap();
            assert!(list.contains(&format!("  {case},\n")), "{case} is not listed");
        }
    }
}
