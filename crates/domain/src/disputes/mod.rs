//! Disputes. An open dispute suspends a purchase, a won one restores it, and a lost one revokes it.

use crate::{
    access::{Fact, FactKind},
    checkout::{Applied, Fulfilment, FulfilmentError, recompute},
    mail::MailContent,
    payments::{AccountId, DisputeProgress, DisputeState},
};

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

    /// Applies the state of a dispute at `account`. It may be called any number of times, in any order
    /// and in parallel.
    pub async fn apply(
        &self,
        account: &AccountId,
        state: &DisputeState,
    ) -> Result<Applied, FulfilmentError> {
        let kinds: &[FactKind] = match state.progress {
            DisputeProgress::Inquiry => return Ok(Applied::Ignored),
            DisputeProgress::Open => &[FactKind::Disputed],
            DisputeProgress::Won => &[FactKind::Disputed, FactKind::DisputeWon],
            DisputeProgress::Lost => &[FactKind::Disputed, FactKind::DisputeLost],
        };
        let payment = state.payment_intent.as_ref();
        let Some(id) = self.fulfilment.purchase_of(account, payment).await? else {
            return Ok(Applied::Ignored);
        };
        let runtime = &self.fulfilment.runtime;
        let mut unit = runtime.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Applied::Ignored);
        };
        let mut opened = false;
        let mut changed = false;
        for kind in kinds {
            let fact = Fact::new(runtime, *kind, &state.dispute, purchase.subject());
            let new = unit.ledger().record(&fact).await?;
            changed |= new;
            opened |= new && *kind == FactKind::Disputed;
        }
        if !changed {
            return Ok(Applied::Unchanged);
        }
        recompute(&mut *unit, &mut purchase).await?;
        if opened && let Some(about) = self.fulfilment.about(&mut *unit, &purchase).await? {
            let content = MailContent::Disputed {
                title: about.page.title,
                visitor: about.visitor,
                reference: state.dispute.to_string(),
            };
            self.fulfilment.mail_creator(&mut *unit, about.handle.id, &content).await?;
        }
        unit.commit().await?;
        Ok(Applied::Changed)
    }
}
