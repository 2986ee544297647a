//! Disputes. An open dispute suspends a purchase, a won one restores it, and a lost one revokes it. An inquiry
//! of the bank changes nothing about access.

mod case;
pub mod ports;

use jiff::Timestamp;

pub use case::{DisputeCase, DisputeCases};

use crate::{
    access::{Fact, FactKind, Purchase},
    checkout::{About, Applied, Fulfilment, FulfilmentError, recompute},
    id::PurchaseId,
    mail::MailContent,
    money::Money,
    payments::{AccountId, DisputeId, DisputeProgress, DisputeStage, DisputeState},
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

/// Returns the disputed amount of a payment. What is left of the payment stands for an amount in another currency, which
/// no report could set against the sale.
fn amount(purchase: &Purchase, state: &DisputeState) -> Option<Money> {
    let paid = purchase.payment.as_ref()?.paid;
    let is_same = state.currency == paid.currency.code();
    let amount = if is_same { state.amount } else { paid.amount - purchase.refunded };
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
        let kinds = FactKind::of_dispute(state.progress);
        let payment = state.payment_intent.as_ref();
        let Some(id) = self.fulfilment.purchase_of(account, payment).await? else {
            return Ok(Applied::Ignored);
        };
        let runtime = &self.fulfilment.runtime;
        let mut unit = runtime.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Applied::Ignored);
        };
        let is_news = note(&mut *unit, id, state, read_at).await?;
        let kinds = if is_over_without_loss(state) && was_opened(&mut *unit, id, state).await? {
            &[FactKind::DisputeWon]
        } else {
            kinds
        };
        let mut news = News::default();
        let mut changed = false;
        for kind in kinds {
            let fact = Fact::new(runtime, *kind, &state.dispute, purchase.subject());
            let amount = lost_or_won(&mut *unit, &purchase, state, *kind).await?;
            let fact = match amount {
                Some(amount) => fact.with_amount(amount),
                None => fact,
            };
            let new = unit.ledger().record(&fact).await?;
            changed |= new;
            match kind {
                FactKind::Disputed => news.opened |= new,
                FactKind::DisputeWon if new => news.is_won = Some(true),
                // A loss that is known to be turned already is no news.
                FactKind::DisputeLost if new && amount.is_some() => news.is_won = Some(false),
                _ => {}
            }
        }
        if !changed && !is_news {
            unit.commit().await?;
            return Ok(Applied::Unchanged);
        }
        if changed {
            recompute(&mut *unit, &mut purchase, runtime.now()).await?;
        }
        if changed && kinds.contains(&FactKind::DisputeWon) && purchase.holding().is_active() {
            self.fulfilment.end_other_payments(&mut *unit, &purchase).await?;
            self.fulfilment.give_back_if_second(&mut *unit, &purchase).await?;
        }
        if let Some(about) = self.fulfilment.about(&mut *unit, &purchase).await? {
            self.tell_creator(&mut *unit, &about, id, state, news).await?;
            self.tell_buyer(&mut *unit, about, &purchase, news).await?;
        }
        unit.commit().await?;
        Ok(Applied::Changed)
    }

    /// Tells the creator of a dispute, and how it was decided.
    async fn tell_creator(
        &self,
        unit: &mut dyn UnitOfWork,
        about: &About,
        purchase: PurchaseId,
        state: &DisputeState,
        news: News,
    ) -> Result<(), FulfilmentError> {
        let (title, shop) = (about.page.title.clone(), about.handle.title.clone());
        let (visitor, reference) = (about.visitor.clone(), state.dispute.to_string());
        let console_url = self.fulfilment.ports.links.dispute(&about.handle.name, purchase);
        if news.opened {
            let content = MailContent::Disputed {
                title: title.clone(),
                visitor: visitor.clone(),
                reference: reference.clone(),
                amount: state.currency.parse().ok().map(|it| Money::new(state.amount, it)),
                respond_by: state.respond_by,
                shop: shop.clone(),
                console_url: console_url.clone(),
            };
            self.fulfilment.mail_creator(unit, about.handle.id, &content).await?;
        }
        if let Some(is_won) = news.is_won {
            let content = MailContent::DisputeDecided {
                shop,
                title,
                visitor,
                reference,
                is_won,
                console_url,
            };
            self.fulfilment.mail_creator(unit, about.handle.id, &content).await?;
        }
        Ok(())
    }

    /// Tells the buyer what the dispute does to the access, unless another purchase keeps it. One who was never told that it
    /// is paused does not hear that it is back.
    async fn tell_buyer(
        &self,
        unit: &mut dyn UnitOfWork,
        about: About,
        purchase: &Purchase,
        news: News,
    ) -> Result<(), FulfilmentError> {
        let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
        let is_open = theirs.iter().any(|known| known.holding().is_active());
        let is_news = match news.is_won {
            Some(true) => !news.opened && purchase.holding().is_active(),
            Some(false) => !is_open,
            None => news.opened && !is_open,
        };
        if !is_news {
            return Ok(());
        }
        let links = &self.fulfilment.ports.links;
        let content = MailContent::AccessDisputed {
            seller: about.handle.title.clone(),
            page_url: is_open.then(|| links.page(&about.handle.name, &about.page.slug)),
            title: about.page.title,
            is_over: news.is_won.is_some(),
        };
        self.fulfilment.mail_visitor(unit, about.visitor, &about.handle, &content).await
    }
}

/// What is new about a dispute.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    /// It was opened.
    opened: bool,
    /// Whether the creator won it, if it was decided.
    is_won: Option<bool>,
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
    Ok(facts.iter().any(|fact| fact.kind == FactKind::Disputed && fact.reference == dispute))
}

/// Returns the amount of a fact about a dispute, by which a report of revenue counts what was lost: that of the dispute
/// when it is lost, unless it is known to be won after all, and the same when it is won after it was lost.
async fn lost_or_won(
    unit: &mut dyn UnitOfWork,
    purchase: &Purchase,
    state: &DisputeState,
    kind: FactKind,
) -> Result<Option<Money>, StoreError> {
    if !matches!(kind, FactKind::DisputeLost | FactKind::DisputeWon) {
        return Ok(None);
    }
    let facts = unit.ledger().of_purchase(purchase.id).await?;
    let of_it = |kind: FactKind| {
        facts.iter().find(|fact| fact.kind == kind && fact.reference == state.dispute.as_str())
    };
    Ok(if kind == FactKind::DisputeWon {
        of_it(FactKind::DisputeLost).and_then(|lost| lost.amount)
    } else {
        amount(purchase, state).filter(|_| of_it(FactKind::DisputeWon).is_none())
    })
}

/// Stores what the provider says about a dispute unless something newer is stored, and returns whether it differs from what
/// was stored.
async fn note(
    unit: &mut dyn UnitOfWork,
    purchase: PurchaseId,
    state: &DisputeState,
    read_at: Timestamp,
) -> Result<bool, StoreError> {
    let Some(dispute) = Dispute::of(purchase, state, read_at) else {
        tracing::warn!(dispute = %state.dispute, currency = state.currency, "unknown currency");
        return Ok(false);
    };
    let known = unit.disputes().of_purchase(purchase).await?;
    let is_known = known.iter().any(|known| known.is_as(state));
    // Also what is known, so that nothing older replaces it.
    let is_newest = unit.disputes().put(&dispute).await?;
    Ok(is_newest && !is_known)
}
