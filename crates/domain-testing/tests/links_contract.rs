//! The addresses for tests keep to the contract.

use std::sync::Arc;

use tollgate_domain::{installation::Installation, links::Links};
use tollgate_domain_testing::TestLinks;

fn make(installation: Installation) -> Arc<dyn Links> {
    Arc::new(TestLinks::new(installation))
}

tollgate_domain_testing::links_contract!(
    #[test]
    make
);
