//! The hasher for tests keeps to the contract.

use std::{
    future::{Ready, ready},
    sync::Arc,
};

use tollgate_domain::creators::ports::Passwords;
use tollgate_domain_testing::PlainPasswords;

fn make() -> Ready<Arc<dyn Passwords>> {
    ready(Arc::new(PlainPasswords::new()))
}

tollgate_domain_testing::passwords_contract!(
    #[pollster::test]
    make
);
