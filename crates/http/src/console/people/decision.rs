//! Why something is open or closed to a person, in one sentence. Somebody who bought a page that is closed now is told of
//! what became of that.

use tollgate_domain::{
    access::{AccessStatus, Fact, GrantType, Rule},
    reports::{Explanation, Sale},
};

use super::{
    explained::{Case, page_of},
    sentences,
};

impl Case<'_> {
    /// Returns the sentence of the rule that decided.
    pub(super) fn decision(&self, explanation: &Explanation) -> &'static str {
        let rule = explanation.ruling.rule;
        let ended = if rule == Rule::NotBought { self.ended(explanation) } else { None };
        ended.unwrap_or_else(|| sentences::rule(rule))
    }

    /// Returns what became of what the person had of a page that is for sale; `None` if there never was anything. The order
    /// is that of what buyers are told. A second payment that is held gives access, so that it is none of these.
    fn ended(&self, explanation: &Explanation) -> Option<&'static str> {
        let sales: Vec<_> = self.sales_of(page_of(&explanation.about)).collect();
        if sales.iter().any(|sale| sale.status() == AccessStatus::Suspended) {
            return Some("console-people-closed-disputed");
        }
        let failed = explanation.failed.iter().map(|payment| payment.since).max();
        // Nobody can begin to pay again while the payment may still be mended.
        let is_unmatched = explanation.quarantined.is_some_and(|it| {
            let is_last = sales.iter().all(|sale| sale.purchase.created_at < it.since);
            is_last && failed.is_none_or(|at| at < it.since)
        });
        if is_unmatched {
            return Some("console-people-closed-quarantined");
        }
        let ended = sales.into_iter().filter_map(|sale| Some((sale.purchase.revoked_at?, sale)));
        let last = ended.max_by_key(|(at, _)| *at);
        if failed > last.map(|(at, _)| at) {
            return Some("console-people-closed-failed");
        }
        let Some((_, sale)) = last else {
            let mut facts = explanation.facts.iter();
            return facts.any(|fact| self.is_away(fact)).then_some("console-people-closed-moved");
        };
        Some(self.end_of(sale, &explanation.facts))
    }

    fn end_of(&self, sale: &Sale, facts: &[Fact]) -> &'static str {
        let is_of_it = |fact: &&Fact| fact.subject.purchase_id == Some(sale.purchase.id);
        match (sale.purchase.grant_type, &sale.purchase.payment) {
            (GrantType::Refunded, _) => "console-people-closed-refunded",
            // Only gifts can be taken back, so what else ends a payment is its dispute.
            (_, Some(_)) => "console-people-closed-lost",
            (_, None) if facts.iter().filter(is_of_it).any(|fact| self.is_away(fact)) => {
                "console-people-closed-moved"
            }
            (_, None) => "console-people-closed-taken-back",
        }
    }

    /// Returns whether a fact tells of a change from this address to another one.
    fn is_away(&self, fact: &Fact) -> bool {
        let mut moves = self.moves.iter();
        fact.change_of_address().is_some_and(|id| {
            moves.any(|done| done.from == *self.email && done.id.to_string() == id)
        })
    }
}
