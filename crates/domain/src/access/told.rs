//! The order in which people are told of facts.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::fact::{Fact, FactKind, TURN};
use crate::id::PurchaseId;

/// What a group of facts is about: a purchase, or a checkout session or an entry of a list if there is no purchase.
type Whole = (Option<PurchaseId>, String);

/// Sorts facts in the order in which the events can have happened, oldest first. Their times alone do not tell: the provider may have been
/// asked for a dispute before its payment was learnt, and one answer can tell both that a dispute was opened and how it was decided.
pub(crate) fn in_order_of_events(mut facts: Vec<Fact>) -> Vec<Fact> {
    let mut began: BTreeMap<Whole, Timestamp> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| rank(fact.kind) == 0) {
        let first = began.entry(whole_of(fact)).or_insert(fact.at);
        *first = fact.at.min(*first);
    }
    facts.sort_by_cached_key(|fact| {
        let rank = rank(fact.kind);
        let began = began.get(&whole_of(fact)).copied();
        let instant = began.map_or(fact.at, |began| began.max(fact.at));
        (instant, rank > 0, fact.at, rank, fact.id)
    });
    facts
}

fn whole_of(fact: &Fact) -> Whole {
    let reference = fact.reference.as_str();
    let session = match fact.kind {
        FactKind::QuarantineRefunded | FactKind::QuarantineRefundFailed => fact.object(),
        _ => reference.split_once(TURN).map_or(reference, |(_, session)| session),
    };
    let purchase = fact.subject.purchase_id;
    (purchase, if purchase.is_some() { String::new() } else { session.to_owned() })
}

/// Returns which facts come first of those that were learnt at the same instant. What everything else follows from is the first.
const fn rank(kind: FactKind) -> u8 {
    match kind {
        FactKind::Purchased
        | FactKind::GroupPurchased
        | FactKind::Granted
        | FactKind::PaymentQuarantined
        | FactKind::Allowlisted => 0,
        FactKind::SecondPaymentHeld => 1,
        FactKind::Inquired => 2,
        FactKind::Disputed => 3,
        FactKind::RefundAccepted => 4,
        FactKind::RefundFailed => 5,
        // A dispute of which both are known at the same instant is won.
        FactKind::DisputeLost => 6,
        FactKind::DisputeWon => 7,
        FactKind::QuarantineRefunded => 8,
        FactKind::QuarantineRefundFailed => 9,
        FactKind::Moved => 10,
        FactKind::Revoked | FactKind::AllowlistRemoved | FactKind::FileDeleted => 11,
    }
}
