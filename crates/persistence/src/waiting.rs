//! How many units of work wait for their turn.

use metrics::gauge;

const NAME: &str = "tollgate_units_of_work_waiting";

/// A unit of work that waits for its turn, until this is dropped.
pub(crate) struct Waiting(());

impl Waiting {
    pub(crate) fn begin() -> Self {
        gauge!(NAME).increment(1);
        Self(())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        gauge!(NAME).decrement(1);
    }
}
