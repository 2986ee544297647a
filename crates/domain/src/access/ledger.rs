//! The ledger: append-only facts, and the state of a purchase that follows from them.
//!
//! Facts form a set. A fact is identified by its kind and reference, so adding it twice changes nothing,
//! and the order in which facts arrive does not matter. Duplicated and reordered webhooks therefore lead
//! to the same state.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    fact::{Fact, FactKind},
    purchase::{GrantType, Purchase},
};
use crate::money::Money;

/// The state of one purchase, computed only from the set of facts about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PurchaseState {
    /// How access was first granted; `None` while no fact grants it.
    pub granted_as: Option<GrantType>,
    /// The amount paid, in minor units.
    pub paid: i64,
    /// The amount refunded, in minor units, without refunds that failed. At most the amount paid.
    pub refunded: i64,
    /// The amount that was lost in disputes, in minor units. At most the amount paid.
    pub lost: i64,
    /// Whether the refunds add up to more than was paid. Then one of them has failed, and Tollgate has not learnt of it yet.
    pub is_contradictory: bool,
    /// When the dispute that is still open was opened.
    pub suspended_at: Option<Timestamp>,
    /// When access ended: by a full refund, a lost dispute or a revocation.
    pub revoked_at: Option<Timestamp>,
}

impl PurchaseState {
    /// Computes the state from the facts.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut known = KnownFacts::default();
        for fact in facts {
            known.add(fact);
        }
        known.remove_what_was_undone();

        let (granted_as, paid) = known.granted.unzip();
        let paid = paid.unwrap_or_default();
        let refunded = known.refunded();
        let state = Self {
            granted_as,
            paid,
            refunded: refunded.min(paid),
            lost: known.lost_amount(paid),
            is_contradictory: refunded > paid,
            suspended_at: known.disputes.values().min().copied(),
            revoked_at: earlier(known.revoked, known.standing_losses().min()),
        };
        let last_refund = known.refunds.values().map(|(_, at)| *at).max();
        let refunded_at = last_refund.filter(|_| state.is_refunded());
        Self { revoked_at: earlier(state.revoked_at, refunded_at), ..state }
    }

    /// Returns whether the full payment was refunded.
    pub fn is_refunded(&self) -> bool {
        self.paid > 0 && self.refunded >= self.paid
    }

    /// Returns whether the purchase gives access to its page.
    pub fn is_active(&self) -> bool {
        self.granted_as.is_some() && self.suspended_at.is_none() && self.revoked_at.is_none()
    }

    /// Returns the current grant type.
    pub fn grant_type(&self) -> Option<GrantType> {
        if self.is_refunded() { Some(GrantType::Refunded) } else { self.granted_as }
    }

    /// Copies the state into the purchase's record.
    pub fn apply_to(&self, purchase: &mut Purchase) {
        purchase.grant_type = self.grant_type().unwrap_or(purchase.grant_type);
        purchase.refunded = self.refunded;
        purchase.lost = self.lost;
        purchase.suspended_at = self.suspended_at;
        purchase.revoked_at = self.revoked_at;
    }
}

/// The facts about one purchase by what they say, with the references of refunds and disputes.
#[derive(Default)]
struct KnownFacts<'a> {
    /// The grant and the amount paid.
    granted: Option<(GrantType, i64)>,
    /// The code of the currency of that amount.
    paid_in: Option<&'static str>,
    /// The amounts of accepted refunds, and when they were accepted.
    refunds: BTreeMap<&'a str, (i64, Timestamp)>,
    failed: BTreeSet<&'a str>,
    /// When the disputes were opened.
    disputes: BTreeMap<&'a str, Timestamp>,
    /// When disputes that had been decided were opened again last.
    reopened: BTreeMap<&'a str, Timestamp>,
    /// When the disputes were won last.
    won: BTreeMap<&'a str, Timestamp>,
    /// When the disputes were lost last.
    lost: BTreeMap<&'a str, Timestamp>,
    /// What the decisions of disputes took, negative if it came back, and its currency, by the dispute and the fact.
    losses: BTreeMap<(&'a str, FactKind, &'a str), (i64, Option<&'static str>)>,
    revoked: Option<Timestamp>,
}

impl<'a> KnownFacts<'a> {
    fn add(&mut self, fact: &'a Fact) {
        let amount = fact.amount.map_or(0, |money| money.amount);
        let reference = fact.reference.as_str();
        match fact.kind {
            FactKind::Purchased => self.grant(GrantType::Purchase, fact.amount),
            FactKind::GroupPurchased => self.grant(GrantType::GroupBuy, fact.amount),
            FactKind::Granted => self.grant(GrantType::Complimentary, None),
            FactKind::RefundAccepted => {
                self.refunds.insert(reference, (amount, fact.at));
            }
            FactKind::RefundFailed => {
                self.failed.insert(reference);
            }
            FactKind::Disputed if fact.is_turn() => keep_last(&mut self.reopened, fact),
            FactKind::Disputed => {
                self.disputes.insert(reference, fact.at);
            }
            FactKind::DisputeWon => {
                keep_last(&mut self.won, fact);
                self.lose(fact, amount.saturating_neg());
            }
            FactKind::DisputeLost => {
                keep_last(&mut self.lost, fact);
                self.lose(fact, amount);
            }
            FactKind::Revoked => self.revoked = earlier(self.revoked, Some(fact.at)),
            FactKind::Inquired
            | FactKind::Moved
            | FactKind::PaymentQuarantined
            | FactKind::QuarantineRefunded
            | FactKind::QuarantineRefundFailed
            | FactKind::SecondPaymentHeld
            | FactKind::Allowlisted
            | FactKind::AllowlistRemoved
            | FactKind::FileDeleted => {}
        }
    }

    /// Adds a grant. A purchase is granted only once. If it were granted twice, the result must still not depend on
    /// the order, so the lesser grant is used.
    fn grant(&mut self, granted_as: GrantType, paid: Option<Money>) {
        let amount = paid.map_or(0, |money| money.amount);
        self.granted = Some(lesser(self.granted, (granted_as, amount)));
        let code = paid.map(|money| money.currency.code());
        self.paid_in = [self.paid_in, code].into_iter().flatten().min();
    }

    fn lose(&mut self, fact: &'a Fact, amount: i64) {
        let code = fact.amount.map(|money| money.currency.code());
        self.losses.insert((fact.object(), fact.kind, fact.reference.as_str()), (amount, code));
    }

    /// Removes refunds that failed, and disputes that have ended.
    fn remove_what_was_undone(&mut self) {
        let Self { refunds, failed, disputes, reopened, won, lost, .. } = self;
        refunds.retain(|reference, _| !failed.contains(reference));
        let is_decided = |reference: &str, since: Timestamp| {
            let decided = [won.get(reference), lost.get(reference)];
            decided.into_iter().flatten().any(|at| *at >= since)
        };
        reopened.retain(|reference, at| !is_decided(reference, *at));
        // The newest decision counts: a lost dispute can still be won on appeal, and a won one be lost. If they were read at
        // the same instant, it is won.
        lost.retain(|reference, at| won.get(reference).is_none_or(|won| *won < *at));
        let is_over = |reference: &str| won.contains_key(reference) || lost.contains_key(reference);
        disputes.retain(|reference, _| !is_over(reference));
        disputes.extend(reopened.iter());
    }

    /// Returns when disputes were lost whose loss is not under appeal. During an appeal, access may still come back, although the money is
    /// gone.
    fn standing_losses(&self) -> impl Iterator<Item = Timestamp> {
        let is_final =
            self.lost.iter().filter(|(dispute, _)| !self.reopened.contains_key(*dispute));
        is_final.map(|(_, at)| *at)
    }

    /// Returns the part of the paid amount that was lost in disputes. A loss without an amount in the currency of the payment, as
    /// earlier versions stored it, counts as the whole amount, so that nothing that was lost is refunded, too.
    fn lost_amount(&self, paid: i64) -> i64 {
        let amount_of = |dispute: &str| {
            let of_it = self.losses.iter().filter(|((of, ..), _)| *of == dispute);
            let amounts = of_it.map(|(_, loss)| loss).filter(|(_, code)| *code == self.paid_in);
            amounts.fold(0_i64, |sum, (amount, _)| sum.saturating_add(*amount))
        };
        let amounts = self.lost.keys().map(|dispute| amount_of(dispute));
        let amounts = amounts.map(|amount| if amount > 0 { amount } else { paid });
        amounts.fold(0_i64, i64::saturating_add).min(paid)
    }

    /// Returns the sum of the refunds, in minor units.
    fn refunded(&self) -> i64 {
        self.refunds.values().fold(0_i64, |sum, (amount, _)| sum.saturating_add(*amount))
    }
}

/// Keeps the latest time at which a fact of this kind was learnt about its dispute.
fn keep_last<'a>(known: &mut BTreeMap<&'a str, Timestamp>, fact: &'a Fact) {
    let at = known.entry(fact.object()).or_insert(fact.at);
    *at = fact.at.max(*at);
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
