//! How many units of work wait for their turn, and how many connections to a server there are.

use metrics::gauge;

/// Counts something in a gauge until it is dropped.
pub(crate) struct Counted(&'static str);

impl Counted {
    /// A unit of work that waits for its turn.
    pub(crate) fn waiting() -> Self {
        Self::begin("tollgate_units_of_work_waiting")
    }

    /// An open connection.
    pub(crate) fn open() -> Self {
        Self::begin("tollgate_database_connections")
    }

    /// A connection that a unit of work has.
    pub(crate) fn busy() -> Self {
        Self::begin("tollgate_database_connections_busy")
    }

    fn begin(name: &'static str) -> Self {
        gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        gauge!(self.0).decrement(1);
    }
}
