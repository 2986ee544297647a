//! Storing what the provider shows of a dispute, and finding out what is new about it.

use jiff::Timestamp;

use super::{Dispute, notices::DisputeNews};
use crate::{
    access::{Fact, FactKind},
    id::PurchaseId,
    money::Money,
    payments::{DisputeProgress, DisputeStage, DisputeState, RefundState},
    store::UnitOfWork,
    store_error::StoreError,
};

/// What the provider says of a dispute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DisputeRead<'a> {
    /// The dispute as the provider showed it.
    pub(crate) state: &'a DisputeState,
    /// When the provider was asked.
    pub(crate) at: Timestamp,
    /// The payment's refunds as the provider has them, if the bank asks about it. `None` if the provider does not show them, or was not
    /// asked.
    pub(crate) refunds: Option<&'a [RefundState]>,
}

impl DisputeRead<'_> {
    /// Returns whether the provider shows that this much, in minor units of the currency with this code, is refunded;
    /// `None` if it does not show the refunds. One that is pending may fail, so that it does not count.
    pub(super) fn is_refunded(&self, paid: i64, code: &str) -> Option<bool> {
        Some(RefundState::sum_succeeded(self.refunds?, code) >= paid)
    }
}

/// What the newest read of a dispute says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Newest {
    /// The kind of the fact that this is; `None` for an inquiry.
    pub(super) kind: Option<FactKind>,
    /// When the provider was asked.
    pub(super) read_at: Timestamp,
}

impl Newest {
    fn of(progress: DisputeProgress, stage: DisputeStage, read_at: Timestamp) -> Self {
        let kind = match progress {
            _ if is_over_without_loss(progress, stage) => Some(FactKind::DisputeWon),
            DisputeProgress::Inquiry => None,
            DisputeProgress::Open => Some(FactKind::Disputed),
            DisputeProgress::Won => Some(FactKind::DisputeWon),
            DisputeProgress::Lost => Some(FactKind::DisputeLost),
        };
        Self { kind, read_at }
    }
}

/// Returns whether the bank only asks, and awaits an answer.
pub(super) fn is_question(state: &DisputeState) -> bool {
    state.progress == DisputeProgress::Inquiry && state.stage == DisputeStage::NeedsResponse
}

/// Returns whether the dispute has ended before any money was taken back for it.
pub(super) const fn is_over_without_loss(progress: DisputeProgress, stage: DisputeStage) -> bool {
    matches!((progress, stage), (DisputeProgress::Inquiry, DisputeStage::Closed))
}

/// Returns whether the dispute suspended the purchase when it was read earlier.
async fn was_opened(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    state: &DisputeState,
) -> Result<bool, StoreError> {
    let facts = unit.ledger().of_purchase(purchase).await?;
    let dispute = state.dispute.as_str();
    Ok(facts.iter().any(|fact| fact.kind == FactKind::Disputed && fact.object() == dispute))
}

/// Returns the amount of a fact about a dispute, from which a report of revenue computes what was lost, and whether no later
/// read says otherwise. The amount is that of the dispute when it is lost and not known to be won after that, and when it is
/// won after it was lost.
pub(super) async fn lost_or_won(
    unit: &mut dyn UnitOfWork,
    fact: &Fact,
    lost: Option<Money>,
) -> Result<(Option<Money>, bool), StoreError> {
    let Some(purchase) = fact.subject.purchase_id else { return Ok((None, true)) };
    if !matches!(fact.kind, FactKind::DisputeLost | FactKind::DisputeWon) {
        return Ok((None, true));
    }
    let facts = unit.ledger().of_purchase(purchase).await?;
    let of_it = |kind: FactKind| {
        let known = facts.iter().filter(|known| known.kind == kind);
        known.filter(|known| known.object() == fact.reference).max_by_key(|known| known.at)
    };
    Ok(if fact.kind == FactKind::DisputeWon {
        let known = of_it(FactKind::DisputeLost);
        let stands = known.is_none_or(|lost| lost.at <= fact.at);
        let taken = last_taken(&facts, &fact.reference);
        (known.filter(|_| stands).and(taken), stands)
    } else {
        let stands = of_it(FactKind::DisputeWon).is_none_or(|won| won.at < fact.at);
        (lost.filter(|_| stands), stands)
    })
}

/// Returns the amount that a dispute has taken: that of the newest loss that has one. A loss that follows another one after an appeal takes
/// nothing more, and has no amount.
pub(super) fn last_taken(facts: &[Fact], dispute: &str) -> Option<Money> {
    let is_loss = |it: &&Fact| it.kind == FactKind::DisputeLost && it.object() == dispute;
    let with_amount = facts.iter().filter(is_loss).filter(|it| it.amount.is_some());
    with_amount.max_by_key(|it| it.at)?.amount
}

/// What storing a read of a dispute has shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct NotedDispute {
    /// Whether the read differs from what was stored.
    pub(super) is_news: bool,
    /// Whether nothing was stored of the dispute before.
    pub(super) is_first: bool,
    /// What the newest read says.
    pub(super) newest: Newest,
}

/// What the newest read of a dispute makes of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    /// Nothing that the facts do not say.
    Known,
    /// A fact of this kind was recorded.
    Taken(FactKind),
    /// It may be opened again. The provider has to be asked once more, at this instant at the earliest.
    NotBefore(Timestamp),
}

impl Turn {
    /// Returns the turn of a fact of this kind, if it was recorded.
    pub(super) fn of(kind: FactKind, is_recorded: bool) -> Self {
        if is_recorded { Self::Taken(kind) } else { Self::Known }
    }
}

/// What the ledger says after a read of a dispute.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RecordedDispute {
    /// Whether a fact was recorded.
    pub(super) changed: bool,
    /// Whether the dispute is won.
    pub(super) is_won: bool,
    /// Whether the provider has to be asked again before what it says can be recorded.
    pub(super) is_put_off: bool,
    /// What people are told.
    pub(super) news: DisputeNews,
}

impl RecordedDispute {
    /// Adds the turn that the newest read has made of the dispute. That read is another one unless `is_newest`.
    pub(super) fn with_turn(mut self, turn: Turn, is_newest: bool) -> Self {
        self.is_put_off = matches!(turn, Turn::NotBefore(_));
        let Turn::Taken(kind) = turn else { return self };
        self.changed = true;
        self.is_won |= kind == FactKind::DisputeWon;
        let news = &mut self.news;
        if kind == FactKind::Disputed {
            news.opened = true;
            news.is_won = None;
        } else if !is_newest && news.is_won.is_some() {
            // The newest read was applied before this one, and people were told of it then. What this one says is out of date.
            news.is_won = None;
        } else {
            news.is_won = Some(kind == FactKind::DisputeWon);
        }
        self
    }
}

/// Returns the kinds of the facts that a read of a dispute says. The end of one that took no money back is a fact if the dispute
/// had suspended the purchase.
pub(super) async fn kinds_of(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    state: &DisputeState,
) -> Result<&'static [FactKind], StoreError> {
    let is_over = is_over_without_loss(state.progress, state.stage);
    if is_over && was_opened(unit, purchase, state).await? {
        return Ok(&[FactKind::DisputeWon]);
    }
    Ok(FactKind::of_dispute(state.progress))
}

/// Stores what the provider says about a dispute unless something newer is stored.
pub(super) async fn note(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    DisputeRead { state, at, .. }: DisputeRead<'_>,
) -> Result<NotedDispute, StoreError> {
    let read = Newest::of(state.progress, state.stage, at);
    let Some(dispute) = Dispute::of(purchase, state, at) else {
        tracing::warn!(dispute = %state.dispute, currency = state.currency, "unknown currency");
        return Ok(NotedDispute { is_news: false, is_first: false, newest: read });
    };
    let known = unit.disputes().of_purchase(purchase).await?;
    let is_known = known.iter().any(|known| known.is_as(state));
    let is_first = !known.iter().any(|known| known.id == dispute.id);
    // A read that says what is known is stored, too, so that no older one replaces it.
    let is_newest = unit.disputes().put(&dispute).await?;
    let newer = known.iter().find(|known| known.id == dispute.id).filter(|_| !is_newest);
    let newest = newer.map_or(read, |it| Newest::of(it.progress, it.stage, it.read_at));
    Ok(NotedDispute { is_news: is_newest && !is_known, is_first, newest })
}
