//! Disputes. An open dispute suspends a purchase, a won one restores it, and a lost one revokes it. An inquiry
//! of the bank changes nothing about access.

mod case;
mod notices;
pub mod ports;

use jiff::Timestamp;

pub use case::{DisputeCase, DisputeCases};

use self::notices::News;
use crate::{
    access::{Fact, FactKind, Purchase},
    checkout::{Applied, Fulfilment, FulfilmentError, recompute},
    clock::plus_seconds,
    id::PurchaseId,
    money::Money,
    payments::{
        AccountId, DisputeId, DisputeProgress, DisputeStage, DisputeState, PaymentIntentId,
        PaymentsError, RefundState,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

/// A dispute as it was last read from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The provider's id of the dispute.
    pub id: DisputeId,
    /// The disputed purchase.
    pub purchase_id: PurchaseId,
    /// Whether the dispute is open or decided.
    pub progress: DisputeProgress,
    /// What has to be done about it.
    pub stage: DisputeStage,
    /// The buyer's reason, as a word of the provider such as `fraudulent`.
    pub reason: String,
    /// The disputed amount.
    pub amount: Money,
    /// When the dispute was opened.
    pub opened_at: Timestamp,
    /// When the time for the creator's answer ends, if an answer is awaited.
    pub respond_by: Option<Timestamp>,
    /// When the provider was asked for this.
    pub read_at: Timestamp,
}

impl Dispute {
    /// Returns whether this is what the provider says of the dispute.
    pub(crate) fn is_as(&self, state: &DisputeState) -> bool {
        Self::of(self.purchase_id, state, self.read_at).as_ref() == Some(self)
    }

    /// Returns what is stored of a dispute of this purchase; `None` if its currency is not known.
    fn of(purchase_id: PurchaseId, state: &DisputeState, read_at: Timestamp) -> Option<Self> {
        Some(Self {
            id: state.dispute.clone(),
            purchase_id,
            progress: state.progress,
            stage: state.stage,
            reason: state.reason.clone(),
            amount: Money::new(state.amount, state.currency.parse().ok()?),
            opened_at: state.opened_at,
            respond_by: state.respond_by,
            read_at,
        })
    }
}

/// Returns the disputed amount of a payment of which `refunded` was given back. What is left of the payment stands for an amount
/// in another currency, which no report could set against the sale.
fn amount(purchase: &Purchase, state: &DisputeState, refunded: i64) -> Option<Money> {
    let paid = purchase.payment.as_ref()?.paid;
    let is_same = state.currency == paid.currency.code();
    let amount = if is_same { state.amount } else { paid.amount.saturating_sub(refunded).max(0) };
    Some(Money::new(amount, paid.currency))
}

/// Applies the provider's reports on disputes.
#[derive(Debug, Clone)]
pub struct Disputes {
    fulfilment: Fulfilment,
}

impl Disputes {
    /// Creates the use case.
    pub fn new(fulfilment: Fulfilment) -> Self {
        Self { fulfilment }
    }

    /// Applies the state of a dispute at `account`, for which the provider was asked at `read_at`. It may be called any
    /// number of times, in any order and in parallel.
    pub async fn apply(
        &self,
        account: &AccountId,
        state: &DisputeState,
        read_at: Timestamp,
    ) -> Result<Applied, FulfilmentError> {
        let Some(id) = self.disputed(account, state).await? else { return Ok(Applied::Ignored) };
        let refunded = self.refunded_before(account, id, state).await?;
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, mut purchase)) = locked else { return Ok(Applied::Ignored) };
        let noted = note(&mut *unit, id, state, read_at).await?;
        let lost = amount(&purchase, state, refunded);
        let read = (state, read_at);
        let recorded = self.record(&mut *unit, &purchase, read, noted, lost).await?;
        if !recorded.changed && !noted.is_news {
            unit.commit().await?;
            return Ok(Applied::Unchanged);
        }
        let before = purchase.holding();
        if recorded.changed {
            self.carry_over(&mut *unit, &mut purchase, recorded.is_won).await?;
        }
        self.tell(&mut *unit, (before, &purchase), state, recorded.news).await?;
        unit.commit().await?;
        Ok(Applied::Changed)
    }

    /// Returns the purchase of a disputed payment. While the dispute is open, and once it is lost, all of the payment is taken
    /// back.
    async fn disputed(
        &self,
        account: &AccountId,
        state: &DisputeState,
    ) -> Result<Option<PurchaseId>, FulfilmentError> {
        let is_against = matches!(state.progress, DisputeProgress::Open | DisputeProgress::Lost);
        let taken_back = if is_against { i64::MAX } else { 0 };
        let payment = state.payment_intent.as_ref();
        self.fulfilment.purchase_of(account, payment, taken_back).await
    }

    /// Records the facts that a read of a dispute says, and the turn that the newest read makes of them.
    async fn record(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        (state, read_at): (&DisputeState, Timestamp),
        noted: Noted,
        lost: Option<Money>,
    ) -> Result<Recorded, StoreError> {
        let kinds = kinds_of(unit, purchase.id, state).await?;
        let mut recorded = self.record_facts(unit, purchase, (state, read_at), kinds, lost).await?;
        recorded.news.asks = noted.is_first && is_question(state);
        // What an older read says of the amount is not that of a loss that was read later.
        let is_newest = noted.newest.read_at <= read_at;
        let lost = lost.filter(|_| is_newest);
        let turn = self.record_turn(unit, purchase, &state.dispute, noted.newest, lost).await?;
        Ok(recorded.with_turn(turn, is_newest))
    }

    /// Records facts of these kinds about a dispute.
    async fn record_facts(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        (state, read_at): (&DisputeState, Timestamp),
        kinds: &[FactKind],
        lost: Option<Money>,
    ) -> Result<Recorded, StoreError> {
        let is_won = kinds.contains(&FactKind::DisputeWon);
        let mut recorded = Recorded { is_won, ..Recorded::default() };
        for kind in kinds {
            // A decision may change later. The newest read counts, in whatever order they are applied.
            let runtime = &self.fulfilment.runtime;
            let fact = Fact::new(runtime, *kind, &state.dispute, purchase.subject());
            let fact = Fact { at: read_at, ..fact };
            let (amount, stands) = lost_or_won(unit, &fact, lost).await?;
            let new = unit.ledger().record(&Fact { amount, ..fact }).await?;
            recorded.changed |= new;
            let news = &mut recorded.news;
            match kind {
                FactKind::Disputed => news.opened |= new,
                // A decision that is known to be turned already is not news.
                FactKind::DisputeWon if new && stands => news.is_won = Some(true),
                FactKind::DisputeLost if new && stands => news.is_won = Some(false),
                _ => {}
            }
        }
        Ok(recorded)
    }

    /// Carries what was recorded over to the purchase. One that a dispute gives back to its buyer ends other payments for the
    /// page.
    async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        is_won: bool,
    ) -> Result<(), FulfilmentError> {
        recompute(unit, purchase, self.fulfilment.runtime.now()).await?;
        if is_won && purchase.holding().is_active() {
            self.fulfilment.end_other_payments(unit, purchase).await?;
        }
        Ok(())
    }

    /// Records the turn that a dispute has taken if the newest read says so and the facts do not: what may be known of each kind
    /// is one fact, and a dispute can be won, lost and won again. So is the end of a dispute that was prevented, and of which an
    /// older read, of when it was open, is applied only now. Returns the kind of the turn.
    async fn record_turn(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        dispute: &DisputeId,
        newest: Newest,
        lost: Option<Money>,
    ) -> Result<Option<FactKind>, StoreError> {
        let Some(kind) = newest.kind else { return Ok(None) };
        let facts = unit.ledger().of_purchase(purchase.id).await?;
        let is_of_it = |fact: &&Fact| fact.object() == dispute.as_str();
        let of_it: Vec<_> = facts.iter().filter(is_of_it).collect();
        let turns: Vec<_> = of_it.iter().filter(|fact| fact.is_turn_of_dispute()).collect();
        let Some(last) = turns.iter().max_by_key(|it| (it.at, it.kind == FactKind::DisputeWon))
        else {
            let was_opened = of_it.iter().any(|fact| fact.kind == FactKind::Disputed);
            if kind != FactKind::DisputeWon || !was_opened {
                return Ok(None);
            }
            let fact = Fact::new(&self.fulfilment.runtime, kind, dispute, purchase.subject());
            let fact = Fact { at: newest.read_at, ..fact };
            return Ok(unit.ledger().record(&fact).await?.then_some(kind));
        };
        let pause = if kind == FactKind::Disputed { REOPENED_SECONDS } else { 0 };
        if last.kind == kind || newest.read_at <= plus_seconds(last.at, pause) {
            return Ok(None);
        }
        let last_of = |kind: FactKind| {
            turns.iter().filter(|fact| fact.kind == kind).max_by_key(|fact| fact.at)
        };
        let loss = last_of(FactKind::DisputeLost);
        let won_at = last_of(FactKind::DisputeWon).map(|won| won.at);
        let standing = loss.filter(|loss| won_at.is_none_or(|won_at| won_at < loss.at));
        let amount = match kind {
            FactKind::DisputeWon => standing.and_then(|loss| loss.amount),
            FactKind::DisputeLost if standing.is_none() => lost.or(loss.and_then(|it| it.amount)),
            _ => None,
        };
        let reference = Fact::turn(dispute, newest.read_at);
        let fact = Fact::new(&self.fulfilment.runtime, kind, &reference, purchase.subject());
        let fact = Fact { at: newest.read_at, amount, ..fact };
        Ok(unit.ledger().record(&fact).await?.then_some(kind))
    }

    /// Returns what the provider gave back of a payment that was lost in another currency, in minor units. The provider is
    /// asked, since refunds and disputes are learnt in any order; a disputed payment is not refunded any more.
    async fn refunded_before(
        &self,
        account: &AccountId,
        purchase: PurchaseId,
        state: &DisputeState,
    ) -> Result<i64, FulfilmentError> {
        let ports = &self.fulfilment.ports;
        if state.progress != DisputeProgress::Lost {
            return Ok(0);
        }
        let purchase = ports.purchases.purchase(purchase).await?;
        let Some(purchase) = purchase else { return Ok(0) };
        let Some(payment) = &purchase.payment else { return Ok(0) };
        if payment.paid.currency.code() == state.currency {
            return Ok(0);
        }
        match self.refunds_of(account, &payment.payment_intent).await {
            // The refunds may never be shown again, so the loss counts with those that are known here.
            Err(error @ PaymentsError::Refused { .. }) => {
                tracing::warn!(dispute = %state.dispute, %error, "refunds are not shown");
                Ok(purchase.refunded)
            }
            refunded => Ok(refunded?),
        }
    }

    /// Returns what the provider gave back of a payment, in minor units.
    async fn refunds_of(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
    ) -> Result<i64, PaymentsError> {
        let payments = &self.fulfilment.ports.payments;
        let Some(charge) = payments.charge_of_payment(account, payment).await? else {
            return Ok(0);
        };
        let refunds = payments.refunds_of_charge(account, &charge).await?;
        Ok(RefundState::sum_accepted(&refunds))
    }
}

/// How long after a decision an open dispute was read at the earliest that was opened again, in seconds. The clocks of two
/// processes may differ, so that a read before the decision may look as if it came after it.
const REOPENED_SECONDS: i64 = 300;

/// What the newest read of a dispute says.
#[derive(Debug, Clone, Copy)]
struct Newest {
    /// The kind of the fact that this is; `None` for an inquiry.
    kind: Option<FactKind>,
    /// When the provider was asked.
    read_at: Timestamp,
}

impl Newest {
    fn of(progress: DisputeProgress, stage: DisputeStage, read_at: Timestamp) -> Self {
        let kind = match progress {
            DisputeProgress::Inquiry if stage == DisputeStage::Closed => Some(FactKind::DisputeWon),
            DisputeProgress::Inquiry => None,
            DisputeProgress::Open => Some(FactKind::Disputed),
            DisputeProgress::Won => Some(FactKind::DisputeWon),
            DisputeProgress::Lost => Some(FactKind::DisputeLost),
        };
        Self { kind, read_at }
    }
}

/// Returns whether the bank only asks, and awaits an answer.
fn is_question(state: &DisputeState) -> bool {
    state.progress == DisputeProgress::Inquiry && state.stage == DisputeStage::NeedsResponse
}

/// Returns whether the dispute has ended before any money was taken back for it.
fn is_over_without_loss(state: &DisputeState) -> bool {
    state.progress == DisputeProgress::Inquiry && state.stage == DisputeStage::Closed
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
async fn lost_or_won(
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
        (known.filter(|_| stands).and_then(|lost| lost.amount), stands)
    } else {
        let stands = of_it(FactKind::DisputeWon).is_none_or(|won| won.at < fact.at);
        (lost.filter(|_| stands), stands)
    })
}

/// What storing a read of a dispute has shown.
#[derive(Debug, Clone, Copy)]
struct Noted {
    /// It differs from what was stored.
    is_news: bool,
    /// Nothing was stored of the dispute.
    is_first: bool,
    /// What the newest read says.
    newest: Newest,
}

/// What the ledger says after a read of a dispute.
#[derive(Debug, Clone, Copy, Default)]
struct Recorded {
    /// Whether a fact was recorded.
    changed: bool,
    /// Whether the dispute is won.
    is_won: bool,
    /// What people are told.
    news: News,
}

impl Recorded {
    /// Adds the turn that the newest read has made of the dispute, if any. That read is another one unless `is_newest`.
    fn with_turn(mut self, turn: Option<FactKind>, is_newest: bool) -> Self {
        let Some(kind) = turn else { return self };
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
async fn kinds_of(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    state: &DisputeState,
) -> Result<&'static [FactKind], StoreError> {
    if is_over_without_loss(state) && was_opened(unit, purchase, state).await? {
        return Ok(&[FactKind::DisputeWon]);
    }
    Ok(FactKind::of_dispute(state.progress))
}

/// Stores what the provider says about a dispute unless something newer is stored.
async fn note(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    state: &DisputeState,
    read_at: Timestamp,
) -> Result<Noted, StoreError> {
    let read = Newest::of(state.progress, state.stage, read_at);
    let Some(dispute) = Dispute::of(purchase, state, read_at) else {
        tracing::warn!(dispute = %state.dispute, currency = state.currency, "unknown currency");
        return Ok(Noted { is_news: false, is_first: false, newest: read });
    };
    let known = unit.disputes().of_purchase(purchase).await?;
    let is_known = known.iter().any(|known| known.is_as(state));
    let is_first = !known.iter().any(|known| known.id == dispute.id);
    // Also what is known, so that nothing older replaces it.
    let is_newest = unit.disputes().put(&dispute).await?;
    let newer = known.iter().find(|known| known.id == dispute.id).filter(|_| !is_newest);
    let newest = newer.map_or(read, |it| Newest::of(it.progress, it.stage, it.read_at));
    Ok(Noted { is_news: is_newest && !is_known, is_first, newest })
}
