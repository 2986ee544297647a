//! Disputes. An open dispute suspends a purchase, a won one restores it, and a lost one revokes it. An inquiry
//! of the bank changes nothing about access. A dispute of a payment that does not match its order is told to the creator.

mod beside;
mod case;
mod dispute;
mod held;
mod learnt;
mod notices;
pub mod ports;
mod quarantined;
mod reading;

use std::sync::Arc;

use jiff::Timestamp;

pub(crate) use beside::LearnsRefunds;
pub use case::{DisputeCase, DisputeCases};
pub use dispute::Dispute;
pub(crate) use reading::DisputeRead;

use self::{
    learnt::LearntDispute,
    ports::DisputeReads,
    reading::{
        Newest, NotedDispute, RecordedDispute, Turn, is_question, kinds_of, last_taken,
        lost_or_won, note,
    },
};
use crate::{
    access::{Fact, FactKind, GrantType, Payment, Purchase, tell_of_held_beside},
    checkout::{Applied, Fulfilment, FulfilmentError, KnownPayment, is_outdated, recompute},
    clock::{DAY_SECONDS, plus_seconds},
    jobs::{Job, NewJob},
    money::Money,
    opaque_debug::opaque_debug,
    payments::{
        AccountId, DisputeId, DisputeProgress, DisputeState, PaymentIntentId, PaymentsError,
    },
    store::UnitOfWork,
    store_error::StoreError,
};

/// How long after a decision an open dispute was read at the earliest that was opened again, in seconds. The clocks of two
/// processes may differ, so that a read before the decision may look as if it came after it. One that was read before is read again.
const REOPENED_SECONDS: i64 = 300;

/// How many pages of an account's disputes are looked through for those of one payment.
const MAX_PAGES: u32 = 3;

/// Returns the disputed amount of a payment; `refunded` is the amount of its refunds. What is left of the payment stands for an
/// amount in another currency, which no report could set against the sale.
fn amount(purchase: &Purchase, state: &DisputeState, refunded: i64) -> Option<Money> {
    let paid = purchase.payment.as_ref()?.paid;
    let is_same = state.currency == paid.currency.code();
    let amount = if is_same { state.amount } else { paid.amount.saturating_sub(refunded).max(0) };
    Some(Money::new(amount, paid.currency))
}

/// Applies the provider's reports on disputes.
#[derive(Clone)]
pub struct Disputes {
    fulfilment: Fulfilment,
    reads: Arc<dyn DisputeReads>,
}

impl Disputes {
    /// Creates the use case.
    pub fn new(fulfilment: Fulfilment, reads: Arc<dyn DisputeReads>) -> Self {
        Self { fulfilment, reads }
    }

    /// Applies the state of a dispute at `account`, for which the provider was asked at `read_at`, and the refunds that are read
    /// beside it, by `refunds`. It may be called any number of times, in any order and in parallel.
    pub(crate) async fn apply(
        &self,
        account: &AccountId,
        state: &DisputeState,
        read_at: Timestamp,
        refunds: &dyn LearnsRefunds,
    ) -> Result<Applied, FulfilmentError> {
        let beside = self.refunds_beside(account, state).await?;
        let read = DisputeRead { state, at: read_at, refunds: beside.as_deref() };
        let known = self.disputed(account, read, refunds).await?;
        let (id, is_new) = match known {
            KnownPayment::Purchase { id, is_new } => (id, is_new),
            KnownPayment::Quarantined(order) => {
                let noted = self.note_quarantined(account, &order, read);
                return Box::pin(noted).await;
            }
            KnownPayment::Unknown => return Ok(Applied::Ignored),
        };
        let refunded = self.refunded_before(account, id, state).await?;
        let locked = self.fulfilment.begin_with_purchase(id).await?;
        let Some((mut unit, mut purchase)) = locked else { return Ok(Applied::Ignored) };
        let noted = note(&mut *unit, id, read).await?;
        let shown = read.refunds.unwrap_or_default();
        let has_learnt = refunds.learn(&mut *unit, &mut purchase, shown).await?;
        let lost = amount(&purchase, state, refunded);
        let recorded = self.record(&mut *unit, &purchase, read, noted, lost).await?;
        let has_moved = recorded.changed || is_outdated(&mut *unit, &purchase).await?;
        if !has_moved && !noted.is_news {
            unit.commit().await?;
            let unchanged = Applied::Unchanged.with_purchase(is_new || has_learnt);
            return Ok(if recorded.is_put_off { Applied::PutOff } else { unchanged });
        }
        let before = purchase.holding();
        if has_moved {
            self.carry_over(&mut *unit, &mut purchase, recorded.is_won).await?;
        }
        self.tell(&mut *unit, before, &purchase, state, recorded.news).await?;
        unit.commit().await?;
        Ok(if recorded.is_put_off { Applied::PutOff } else { Applied::Changed })
    }

    /// Reads a dispute from the provider and applies it. One that the provider does not show is left to sweeps.
    pub(crate) async fn read(
        &self,
        account: &AccountId,
        dispute: &DisputeId,
        refunds: &dyn LearnsRefunds,
    ) -> Result<(), FulfilmentError> {
        let read_at = self.fulfilment.runtime.now();
        match self.fulfilment.ports.payments.dispute(account, dispute).await {
            Err(error @ PaymentsError::Refused { .. }) => {
                tracing::warn!(%dispute, %error, "a dispute is not shown");
            }
            state => {
                Box::pin(self.apply(account, &state?, read_at, refunds)).await?;
            }
        }
        Ok(())
    }

    /// Reads the disputes of a purchase's payment from the provider and applies them. Returns whether the provider shows one as
    /// open, which counts from some minutes after a decision on. Those that many others of the account follow are left to sweeps.
    pub(crate) async fn read_of(
        &self,
        purchase: &Purchase,
        refunds: &dyn LearnsRefunds,
    ) -> Result<bool, FulfilmentError> {
        let Some(Payment { account, payment_intent, .. }) = &purchase.payment else {
            return Ok(false);
        };
        // An earlier version did not store when it was paid.
        let paid_at = purchase.paid_at.unwrap_or(purchase.created_at);
        let disputes = self.of_payment(account, payment_intent, paid_at).await?;
        let mut is_open = false;
        for (state, read_at) in &disputes {
            is_open |= state.progress == DisputeProgress::Open;
            Box::pin(self.apply(account, state, *read_at, refunds)).await?;
        }
        Ok(is_open)
    }

    /// Reads the disputes of a payment that was made at `paid_at` from the provider, each with when the provider was asked for it.
    /// Those that many others of the account follow are left out.
    pub(crate) async fn of_payment(
        &self,
        account: &AccountId,
        payment: &PaymentIntentId,
        paid_at: Timestamp,
    ) -> Result<Vec<(DisputeState, Timestamp)>, PaymentsError> {
        let payments = &*self.fulfilment.ports.payments;
        // The clocks differ.
        let since = plus_seconds(paid_at, -DAY_SECONDS).max(Timestamp::UNIX_EPOCH);
        let (mut of_it, mut after) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let read_at = self.fulfilment.runtime.now();
            let mut page = payments.disputes_since(account, since, after.as_deref()).await?;
            page.items.retain(|state| state.payment_intent.as_ref() == Some(payment));
            of_it.extend(page.items.into_iter().map(|state| (state, read_at)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        Ok(of_it)
    }

    /// Returns what a disputed payment is for.
    async fn disputed(
        &self,
        account: &AccountId,
        read: DisputeRead<'_>,
        refunds: &dyn LearnsRefunds,
    ) -> Result<KnownPayment, FulfilmentError> {
        let Some(payment) = &read.state.payment_intent else { return Ok(KnownPayment::Unknown) };
        let refunded = self.refunded_unrecorded(account, payment, read.state).await?;
        let learnt = LearntDispute { of: self, read, refunded, refunds };
        self.fulfilment.known_payment(account, payment, &learnt, read.at).await
    }

    /// Records the facts that a read of a dispute says, and the turn that the newest read makes of them.
    async fn record(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        read: DisputeRead<'_>,
        noted: NotedDispute,
        lost: Option<Money>,
    ) -> Result<RecordedDispute, StoreError> {
        let state = read.state;
        let kinds = kinds_of(unit, purchase.id, state).await?;
        let mut recorded = self.record_facts(unit, purchase, read, kinds, lost).await?;
        let paid = purchase.payment.as_ref().map(|payment| payment.paid);
        let shown = paid.and_then(|paid| read.is_refunded(paid.amount, paid.currency.code()));
        let is_refunded = shown.unwrap_or(purchase.grant_type == GrantType::Refunded);
        recorded.news.asks = noted.is_first && is_question(state) && !is_refunded;
        // An older read does not have the amount of a loss that was read later.
        let is_newest = noted.newest.read_at <= read.at;
        let lost = lost.filter(|_| is_newest);
        let turn = self.record_turn(unit, purchase, &state.dispute, noted.newest, lost).await?;
        if let (Turn::NotBefore(instant), Some(payment)) = (turn, &purchase.payment) {
            let (account, dispute) = (payment.account.to_string(), state.dispute.to_string());
            unit.jobs().enqueue(&NewJob::new(Job::ReadDispute(account, dispute), instant)).await?;
        }
        Ok(recorded.with_turn(turn, is_newest))
    }

    /// Records facts of these kinds about a dispute.
    async fn record_facts(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        read: DisputeRead<'_>,
        kinds: &[FactKind],
        lost: Option<Money>,
    ) -> Result<RecordedDispute, StoreError> {
        let is_won = kinds.contains(&FactKind::DisputeWon);
        let mut recorded = RecordedDispute { is_won, ..RecordedDispute::default() };
        for kind in kinds {
            // A decision may change later. The newest read counts, in whatever order they are applied.
            let runtime = &self.fulfilment.runtime;
            let fact = Fact::new(runtime, *kind, &read.state.dispute, purchase.subject());
            let fact = Fact { at: read.at, ..fact };
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

    /// Carries what was recorded over to the purchase. One that a dispute took from the seller ends other payments for the
    /// page, and one that a dispute ends can leave one that is held.
    async fn carry_over(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &mut Purchase,
        is_won: bool,
    ) -> Result<(), FulfilmentError> {
        let (had_ended, now) = (purchase.holding().has_ended(), self.fulfilment.runtime.now());
        recompute(unit, purchase, now).await?;
        if !had_ended && purchase.holding().has_ended() {
            // It is rare, and boxed so that the futures of callers stay small.
            Box::pin(tell_of_held_beside(unit, purchase, now)).await?;
        }
        if is_won && purchase.holding().is_active() {
            self.fulfilment.end_other_payments(unit, purchase).await?;
        }
        Ok(())
    }

    /// Records the turn that a dispute has taken if the newest read says so and the facts do not: what may be known of each kind
    /// is one fact, and a dispute can be won, lost and won again. So is the end of a dispute that was prevented, and of which an
    /// older read, of when it was open, is applied only now. One that was read as open too soon after a decision is read again.
    async fn record_turn(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        dispute: &DisputeId,
        newest: Newest,
        lost: Option<Money>,
    ) -> Result<Turn, StoreError> {
        let Some(kind) = newest.kind else { return Ok(Turn::Known) };
        let facts = unit.ledger().of_purchase(purchase.id).await?;
        let is_of_it = |fact: &&Fact| fact.object() == dispute.as_str();
        let of_it: Vec<_> = facts.iter().filter(is_of_it).collect();
        let turns: Vec<_> = of_it.iter().filter(|fact| fact.is_turn_of_dispute()).collect();
        let Some(last) = turns.iter().max_by_key(|it| (it.at, it.kind == FactKind::DisputeWon))
        else {
            let was_opened = of_it.iter().any(|fact| fact.kind == FactKind::Disputed);
            if kind != FactKind::DisputeWon || !was_opened {
                return Ok(Turn::Known);
            }
            let fact = Fact::new(&self.fulfilment.runtime, kind, dispute, purchase.subject());
            let fact = Fact { at: newest.read_at, ..fact };
            return Ok(Turn::of(kind, unit.ledger().record(&fact).await?));
        };
        if last.kind == kind {
            return Ok(Turn::Known);
        }
        let is_opened = kind == FactKind::Disputed;
        let settled_at = plus_seconds(last.at, if is_opened { REOPENED_SECONDS } else { 0 });
        if newest.read_at <= settled_at {
            let again = Turn::NotBefore(plus_seconds(settled_at, 1));
            return Ok(if is_opened { again } else { Turn::Known });
        }
        let last_of = |kind: FactKind| {
            turns.iter().filter(|fact| fact.kind == kind).max_by_key(|fact| fact.at)
        };
        let loss = last_of(FactKind::DisputeLost);
        let won_at = last_of(FactKind::DisputeWon).map(|won| won.at);
        let upheld_loss = loss.filter(|loss| won_at.is_none_or(|won_at| won_at < loss.at));
        let amount = match kind {
            FactKind::DisputeWon => upheld_loss.and(last_taken(&facts, dispute.as_str())),
            FactKind::DisputeLost if upheld_loss.is_none() => {
                lost.or(last_taken(&facts, dispute.as_str()))
            }
            _ => None,
        };
        let reference = Fact::turn(dispute, newest.read_at);
        let fact = Fact::new(&self.fulfilment.runtime, kind, &reference, purchase.subject());
        let fact = Fact { at: newest.read_at, amount, ..fact };
        Ok(Turn::of(kind, unit.ledger().record(&fact).await?))
    }
}

opaque_debug!(Disputes);
