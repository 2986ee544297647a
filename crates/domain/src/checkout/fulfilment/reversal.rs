//! Settling refunds and disputes: what takes a purchase back, and what gives it back again.

use super::Fulfilment;
use crate::{
    access::{FactKind, Purchase},
    checkout::{
        Applied, DisputeProgress, DisputeState, FulfilmentError, RefundProgress, RefundState,
    },
    id::PurchaseId,
    money::Money,
    outbox::MailContent,
    store::UnitOfWork,
};

impl Fulfilment {
    pub(super) async fn refunds(
        &self,
        id: PurchaseId,
        refunds: &[RefundState],
    ) -> Result<Applied, FulfilmentError> {
        let mut unit = self.store.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Applied::Ignored);
        };
        let Some(paid) = purchase.payment.as_ref().map(|payment| payment.paid) else {
            return Ok(Applied::Ignored);
        };
        let now = self.clock.now();
        let mut news = Vec::new();
        let mut changed = false;
        for refund in refunds {
            let failed = refund.progress == RefundProgress::Failed;
            if let Some(request) = refund.refund_id {
                let answered = unit
                    .refund_requests()
                    .answer(request, !failed, Some(refund.refund.clone()), now)
                    .await?;
                if let Some(request) = answered {
                    let amount = request.amount.amount;
                    unit.purchases().release_refund(id, amount).await?;
                }
            }
            // A refund that is seen failed was accepted before, even if nobody saw that.
            let amount = Money::new(refund.amount, paid.currency);
            let mut kinds = vec![FactKind::RefundAccepted];
            kinds.extend(failed.then_some(FactKind::RefundFailed));
            for kind in kinds {
                let fact = self.fact(&purchase, kind, refund.refund.as_str(), Some(amount));
                if unit.ledger().append(&fact).await? {
                    changed = true;
                    // The buyer is told of a refund, but not of one that is known to have failed.
                    if !failed || kind == FactKind::RefundFailed {
                        news.push((kind, amount));
                    }
                }
            }
        }
        if !changed {
            unit.commit().await?;
            return Ok(Applied::Unchanged);
        }
        self.recompute(&mut *unit, &mut purchase).await?;
        self.tell_of_refunds(&mut *unit, &purchase, &news).await?;
        unit.commit().await?;
        Ok(Applied::Changed)
    }

    async fn tell_of_refunds(
        &self,
        unit: &mut dyn UnitOfWork,
        purchase: &Purchase,
        news: &[(FactKind, Money)],
    ) -> Result<(), FulfilmentError> {
        let Some(about) = self.about(unit, purchase).await? else { return Ok(()) };
        for (kind, amount) in news {
            match kind {
                FactKind::RefundAccepted => {
                    let content = MailContent::Refunded {
                        seller: about.handle.title.clone(),
                        title: about.page.title.clone(),
                        amount: *amount,
                        access_ended: !purchase.holding().is_active(),
                    };
                    self.mail_visitor(unit, about.visitor.clone(), &about.handle, &content).await?;
                }
                FactKind::RefundFailed => {
                    let content = MailContent::RefundFailed {
                        title: about.page.title.clone(),
                        visitor: about.visitor.clone(),
                        amount: *amount,
                    };
                    self.mail_creator(unit, about.handle.id, &content).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn dispute(
        &self,
        id: PurchaseId,
        state: &DisputeState,
    ) -> Result<Applied, FulfilmentError> {
        let kinds: &[FactKind] = match state.progress {
            DisputeProgress::Inquiry => return Ok(Applied::Ignored),
            DisputeProgress::Open => &[FactKind::Disputed],
            DisputeProgress::Won => &[FactKind::Disputed, FactKind::DisputeWon],
            DisputeProgress::Lost => &[FactKind::Disputed, FactKind::DisputeLost],
        };
        let mut unit = self.store.begin().await?;
        let Some(mut purchase) = unit.purchases().lock(id).await? else {
            return Ok(Applied::Ignored);
        };
        let mut opened = false;
        let mut changed = false;
        for kind in kinds {
            let fact = self.fact(&purchase, *kind, state.dispute.as_str(), None);
            let new = unit.ledger().append(&fact).await?;
            changed |= new;
            opened |= new && *kind == FactKind::Disputed;
        }
        if !changed {
            return Ok(Applied::Unchanged);
        }
        self.recompute(&mut *unit, &mut purchase).await?;
        if opened && let Some(about) = self.about(&mut *unit, &purchase).await? {
            let content = MailContent::Disputed {
                title: about.page.title,
                visitor: about.visitor,
                reference: state.dispute.to_string(),
            };
            self.mail_creator(&mut *unit, about.handle.id, &content).await?;
        }
        unit.commit().await?;
        Ok(Applied::Changed)
    }
}
