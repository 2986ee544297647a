//! Random identifiers in Stripe's style.

use rand::distr::{Alphanumeric, SampleString};

/// Returns `prefix` followed by `length` random letters and digits.
pub(crate) fn random(prefix: &str, length: usize) -> String {
    let mut id = prefix.to_owned();
    Alphanumeric.append_string(&mut rand::rng(), &mut id, length);
    id
}
