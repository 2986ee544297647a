//! Who had a disputed purchase, and when: what others did, or the same people at another time, is no evidence.

use crate::{
    access::{Fact, FactKind, Purchase},
    activity::VisitorTime,
};

/// Returns the times in which people had a purchase, by the facts about it, oldest first: each change of address ends one, and the first
/// has no beginning, so that the sign-in before the payment counts as well. If no fact names anybody, the visitor who has the purchase now
/// counts as the one who paid.
pub(super) fn times_of_holders(purchase: &Purchase, facts: &[Fact]) -> Vec<VisitorTime> {
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
            Some(VisitorTime { visitor_id: (*visitor)?, since: *since, until })
        })
        .collect()
}
