//! Who had a disputed purchase, and when: what others did, or the same people at another time, is no evidence.

use jiff::Timestamp;

use crate::{
    access::{Fact, FactKind, Purchase},
    activity::Activity,
    id::VisitorId,
};

/// A time in which a visitor had a purchase.
pub(super) struct Held {
    /// Who had it.
    pub(super) visitor_id: VisitorId,
    /// When it moved to the visitor; unset for the one who paid, so that the sign-in before the payment counts as well.
    since: Option<Timestamp>,
    /// When it moved on; unset for the one who has it now.
    until: Option<Timestamp>,
}

impl Held {
    /// Returns the times in which people had a purchase, by the facts about it, oldest first: each change of address ends one. If no fact
    /// names anybody, the visitor who has the purchase now counts as the one who paid.
    pub(super) fn all(purchase: &Purchase, facts: &[Fact]) -> Vec<Self> {
        let is_of_payment =
            |it: &&Fact| matches!(it.kind, FactKind::Purchased | FactKind::GroupPurchased);
        let paid = facts.iter().find(is_of_payment).map(|it| (it.subject.visitor_id, None));
        let moves = facts.iter().filter(|it| it.kind == FactKind::Moved);
        let moved = moves.map(|it| (it.subject.visitor_id, Some(it.at)));
        let mut holders: Vec<_> = paid.into_iter().chain(moved).collect();
        if holders.is_empty() {
            holders.push((Some(purchase.visitor_id), None));
        }
        let ends = holders.iter().skip(1).map(|(_, since)| *since).chain([None]);
        let times = holders.iter().zip(ends);
        times
            .filter_map(|((visitor, since), until)| {
                Some(Self { visitor_id: (*visitor)?, since: *since, until })
            })
            .collect()
    }

    fn contains(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Returns what the visitor did in this time, if anything. Of a day on which the purchase moved, the first and the last time are known
    /// alone: one of them counts, once, if the other is not in this time.
    pub(super) fn part_of(&self, done: &Activity) -> Option<Activity> {
        if done.visitor_id != self.visitor_id {
            return None;
        }
        let once = |at| Activity { first_at: at, last_at: at, count: 1, ..done.clone() };
        match (self.contains(done.first_at), self.contains(done.last_at)) {
            (true, true) => Some(done.clone()),
            (true, false) => Some(once(done.first_at)),
            (false, true) => Some(once(done.last_at)),
            (false, false) => None,
        }
    }
}
