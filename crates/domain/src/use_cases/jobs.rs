//! The jobs of all stories, each led to its use case.

use std::sync::Arc;

use async_trait::async_trait;

use super::UseCases;
use crate::{
    jobs::{ClaimedJob, Finish, HandlerError, Job, JobHandler, Outcome, Runner, ports::KindDepth},
    payments::AccountId,
    store::UnitOfWork,
    store_error::StoreError,
};

impl UseCases {
    /// Returns how many jobs of each kind are stored.
    pub async fn queue_depths(&self) -> Result<Vec<KindDepth>, StoreError> {
        self.stores.jobs.depth().await
    }

    /// Returns a runner of the jobs of these use cases.
    pub fn runner(&self) -> Runner {
        Runner::new(self.runtime.clone(), self.stores.jobs.clone(), Arc::new(self.clone()))
    }
}

#[async_trait]
impl JobHandler for UseCases {
    fn full_lanes(&self) -> Vec<String> {
        self.lanes.full().iter().map(ToString::to_string).collect()
    }

    async fn given_up(
        &self,
        unit: &mut dyn UnitOfWork,
        claimed: &ClaimedJob,
        reason: &str,
    ) -> Result<(), StoreError> {
        if let Job::SendUrgentMail(id) | Job::SendMail(id) = &claimed.job {
            unit.outbox().failed(*id, claimed.attempts, reason, true).await?;
        }
        Ok(())
    }

    async fn handle(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        let lane = match self.account_of(&claimed.job).await? {
            Some(account) => match self.lanes.enter(&account) {
                Some(lane) => Some(lane),
                None => return Ok(Finish::of(Outcome::InLane(account.to_string()))),
            },
            None => None,
        };
        let finish = self.work(claimed).await;
        drop(lane);
        finish
    }
}

impl UseCases {
    async fn work(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        match &claimed.job {
            Job::SendUrgentMail(id) | Job::SendMail(id) => {
                return Ok(self.delivery.send(*id, claimed).await?);
            }
            Job::MailPasswordReset(email) => {
                return Ok(self.accounts.mail_password_reset(email).await?);
            }
            Job::ApplyEvent(id) => return Ok(self.events.apply(id).await?),
            Job::EndGroupBuy(id) => return Ok(self.group_buys.end(*id).await?),
            Job::NotifyInterested(id, after) => {
                return Ok(self.group_buys.notify(*id, *after, claimed).await?);
            }
            Job::RefundSecondPayment(id) => return Ok(self.refunds.refund_second(*id).await?),
            Job::ClearFile(id) => return Ok(self.sweep.clear(*id).await?),
            Job::CloseCheckout(id) => self.fulfilment.close_order(*id).await?,
            Job::ResumeRefund(id) => self.refunds.resume(*id).await?,
            Job::SweepAccounts => self.reconciler.schedule().await?,
            Job::SweepAccount(id) => self.reconciler.sweep_account(&AccountId::new(id)).await?,
            Job::DeleteStrayObjects => drop(self.sweep.delete_strays().await?),
            Job::ForgetExpired => self.housekeeping.run().await?,
        }
        Ok(Finish::done())
    }

    /// Returns the account for which a job calls the payment provider, if it is one account.
    async fn account_of(&self, job: &Job) -> Result<Option<AccountId>, StoreError> {
        let stores = &self.stores;
        let purchase = match job {
            Job::ApplyEvent(id) => {
                let event = stores.events.pending_event(id).await?;
                return Ok(event.and_then(|event| event.account));
            }
            Job::SweepAccount(id) => return Ok(Some(AccountId::new(id))),
            Job::CloseCheckout(id) => {
                return Ok(stores.checkout.order(*id).await?.map(|order| order.account));
            }
            Job::ResumeRefund(id) => {
                stores.refunds.unanswered_refund(*id).await?.map(|request| request.purchase_id)
            }
            Job::RefundSecondPayment(id) => Some(*id),
            Job::SendUrgentMail(_)
            | Job::SendMail(_)
            | Job::MailPasswordReset(_)
            | Job::EndGroupBuy(_)
            | Job::NotifyInterested(..)
            | Job::ClearFile(_)
            | Job::DeleteStrayObjects
            | Job::ForgetExpired
            | Job::SweepAccounts => None,
        };
        let Some(purchase) = purchase else { return Ok(None) };
        let purchase = stores.purchases.purchase(purchase).await?;
        Ok(purchase.and_then(|purchase| purchase.payment).map(|payment| payment.account))
    }
}
