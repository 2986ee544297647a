//! The sums of days that a unit of work adds to.

use tollgate_domain::{access::FactKind, id::HandleId};

/// The handle, the day, the kind of the facts, and the currency.
pub(crate) type SumPlace = (HandleId, i64, FactKind, &'static str);

/// The statements of a unit of work that add to sums. They run at its end, in the order of the places: units that add to the same
/// sums lock these in one order, and not for longer than they have to.
pub(crate) struct Sums<S>(Vec<(SumPlace, S)>);

impl<S> Sums<S> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn add(&mut self, place: SumPlace, statement: S) {
        self.0.push((place, statement));
    }

    /// Returns the statements as they have to run.
    pub(crate) fn in_order(self) -> impl Iterator<Item = S> {
        let Self(mut sums) = self;
        sums.sort_by_key(|(place, _)| *place);
        sums.into_iter().map(|(_, statement)| statement)
    }
}
