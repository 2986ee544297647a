//! The ledger: append-only facts, and what a set of them says about a purchase.
//!
//! Facts form a set: one is known by its kind and reference, adding it twice changes nothing, and the
//! order in which facts arrive does not matter. That is why duplicated and reordered webhooks end in
//! the same state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Subject,
    purchase::{GrantType, Purchase},
};
use crate::{id::FactId, money::Money, store::Runtime, text_enum::text_enum};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKind {
    /// A checkout was paid. Reference: the checkout session.
    Purchased,
    /// A group buy's checkout was paid. Reference: the checkout session.
    GroupPurchased,
    /// Access was given away. Reference: the purchase.
    Granted,
    /// Stripe accepted a refund of `amount`. Reference: the refund.
    RefundAccepted,
    /// A refund failed after it was accepted. Reference: the refund.
    RefundFailed,
    /// A bank disputes the payment. Reference: the dispute.
    Disputed,
    /// The dispute went the creator's way. Reference: the dispute.
    DisputeWon,
    /// The dispute went the buyer's way. Reference: the dispute.
    DisputeLost,
    /// The creator took the access back. Reference: the purchase.
    Revoked,
    /// A payment did not match its order. Reference: the checkout session.
    PaymentQuarantined,
    /// An address was added to a file's allowlist. Reference: the entry.
    Allowlisted,
    /// An address was removed from a file's allowlist. Reference: the entry.
    AllowlistRemoved,
    /// A file was deleted, which ends all entries of its allowlist. Reference: the file.
    FileDeleted,
}

text_enum!(
    FactKind,
    "the kinds of facts",
    Purchased = "purchased",
    GroupPurchased = "group_purchased",
    Granted = "granted",
    RefundAccepted = "refund_accepted",
    RefundFailed = "refund_failed",
    Disputed = "disputed",
    DisputeWon = "dispute_won",
    DisputeLost = "dispute_lost",
    Revoked = "revoked",
    PaymentQuarantined = "payment_quarantined",
    Allowlisted = "allowlisted",
    AllowlistRemoved = "allowlist_removed",
    FileDeleted = "file_deleted"
);

/// A fact. It is never changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id.
    pub id: FactId,
    /// When it was learnt.
    pub at: Timestamp,
    /// What happened.
    pub kind: FactKind,
    /// With `kind`, what tells the fact from all others.
    pub reference: String,
    /// What it is about.
    pub subject: Subject,
    /// How much money it moved.
    pub amount: Option<Money>,
}

impl Fact {
    /// Creates a fact that is learnt now.
    pub fn new(
        runtime: &Runtime,
        kind: FactKind,
        reference: &impl ToString,
        subject: Subject,
    ) -> Self {
        let at = runtime.now();
        let id = FactId::new(at, &*runtime.random);
        Self { id, at, kind, reference: reference.to_string(), subject, amount: None }
    }

    /// Sets how much money the fact moved.
    pub fn with_amount(self, amount: Money) -> Self {
        Self { amount: Some(amount), ..self }
    }
}

/// What the facts about one purchase add up to. A pure function of the set of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PurchaseState {
    /// How access was first granted; `None` while nothing granted it.
    pub granted_as: Option<GrantType>,
    /// Minor units that were paid.
    pub paid: i64,
    /// Minor units that were given back and did not bounce.
    pub refunded: i64,
    /// Since when a dispute is open.
    pub suspended_at: Option<Timestamp>,
    /// Since when access is over: refunded in full, dispute lost, or revoked.
    pub revoked_at: Option<Timestamp>,
}

impl PurchaseState {
    /// Adds the facts up.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut granted: Option<(GrantType, i64)> = None;
        let mut refunds: BTreeMap<&str, (i64, Timestamp)> = BTreeMap::new();
        let mut failed: BTreeSet<&str> = BTreeSet::new();
        let mut disputes: BTreeMap<&str, Timestamp> = BTreeMap::new();
        let mut won: BTreeSet<&str> = BTreeSet::new();
        let mut lost: BTreeMap<&str, Timestamp> = BTreeMap::new();
        let mut revoked: Option<Timestamp> = None;
        for fact in facts {
            let amount = fact.amount.map_or(0, |money| money.amount);
            let reference = fact.reference.as_str();
            match fact.kind {
                // A purchase is granted once; should that ever be violated, the order still must not
                // matter, so the lesser grant wins.
                FactKind::Purchased => {
                    granted = Some(lesser(granted, (GrantType::Purchase, amount)));
                }
                FactKind::GroupPurchased => {
                    granted = Some(lesser(granted, (GrantType::GroupBuy, amount)));
                }
                FactKind::Granted => granted = Some(lesser(granted, (GrantType::Complimentary, 0))),
                FactKind::RefundAccepted => {
                    refunds.insert(reference, (amount, fact.at));
                }
                FactKind::RefundFailed => {
                    failed.insert(reference);
                }
                FactKind::Disputed => {
                    disputes.insert(reference, fact.at);
                }
                FactKind::DisputeWon => {
                    won.insert(reference);
                }
                FactKind::DisputeLost => {
                    lost.insert(reference, fact.at);
                }
                FactKind::Revoked => revoked = earlier(revoked, Some(fact.at)),
                FactKind::PaymentQuarantined
                | FactKind::Allowlisted
                | FactKind::AllowlistRemoved
                | FactKind::FileDeleted => {}
            }
        }
        refunds.retain(|reference, _| !failed.contains(reference));
        // An appeal may be won after the dispute was lost, but nothing follows a win.
        lost.retain(|reference, _| !won.contains(reference));
        disputes.retain(|reference, _| !won.contains(reference) && !lost.contains_key(reference));

        let (granted_as, paid) = granted.unzip();
        let paid = paid.unwrap_or_default();
        let refunded = refunds.values().fold(0_i64, |sum, (amount, _)| sum.saturating_add(*amount));
        let refunded_in_full = paid > 0 && refunded >= paid;
        let last_refund = refunds.values().map(|(_, at)| *at).max();
        let revoked_at = [
            revoked,
            lost.values().min().copied(),
            refunded_in_full.then_some(last_refund).flatten(),
        ]
        .into_iter()
        .fold(None, earlier);
        Self {
            granted_as,
            paid,
            refunded,
            suspended_at: disputes.values().min().copied(),
            revoked_at,
        }
    }

    /// Whether everything that was paid was given back.
    pub fn is_refunded(&self) -> bool {
        self.paid > 0 && self.refunded >= self.paid
    }

    /// Whether the purchase opens its page.
    pub fn is_active(&self) -> bool {
        self.granted_as.is_some() && self.suspended_at.is_none() && self.revoked_at.is_none()
    }

    /// The grant type as it is shown now.
    pub fn grant_type(&self) -> Option<GrantType> {
        if self.is_refunded() { Some(GrantType::Refunded) } else { self.granted_as }
    }

    /// Writes what the facts say into the purchase's record.
    pub fn apply_to(&self, purchase: &mut Purchase) {
        purchase.grant_type = self.grant_type().unwrap_or(purchase.grant_type);
        purchase.refunded = self.refunded;
        purchase.suspended_at = self.suspended_at;
        purchase.revoked_at = self.revoked_at;
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn lesser(one: Option<(GrantType, i64)>, other: (GrantType, i64)) -> (GrantType, i64) {
    one.map_or(other, |one| one.min(other))
}
