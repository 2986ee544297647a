//! The jobs of all stories, each led to its use case.

use std::sync::Arc;

use async_trait::async_trait;

use super::UseCases;
use crate::{
    id::{MailId, PurchaseId},
    jobs::{
        ClaimedJob, Finish, HandlerError, Job, JobHandler, JobKind, Outcome, Runner,
        ports::KindDepth,
    },
    payments::{AccountId, DisputeId},
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

/// Returns how a job ended whose work ended like this.
fn finish<T: Into<Finish>, E: Into<HandlerError>>(
    ended: Result<T, E>,
) -> Result<Finish, HandlerError> {
    ended.map(Into::into).map_err(Into::into)
}

/// Returns the mail that a job of this kind and key sends, if it sends one.
fn mail_of(kind: JobKind, key: &str) -> Option<MailId> {
    let is_mail = matches!(kind, JobKind::SendUrgentMail | JobKind::SendMail);
    let (_, id) = key.split_once('/').filter(|_| is_mail)?;
    id.parse().ok()
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
        let mail = match &claimed.job {
            Job::SendUrgentMail(id) | Job::SendMail(id) => Some(*id),
            Job::Unreadable(kind, key) => mail_of(*kind, key),
            Job::MailPasswordReset(_)
            | Job::ApplyEvent(_)
            | Job::CloseCheckout(_)
            | Job::ResumeRefund(_)
            | Job::RefundSecondPayment(_)
            | Job::ReadDispute(..)
            | Job::TellOfAccount(_)
            | Job::SweepAccount(_)
            | Job::EndGroupBuy(_)
            | Job::NotifyInterested(..)
            | Job::ClearFile(_)
            | Job::SweepAccounts
            | Job::DeleteStrayObjects
            | Job::ForgetExpired => None,
        };
        if let Some(id) = mail {
            unit.outbox().failed(id, claimed.attempts, reason, true).await?;
        }
        Ok(())
    }

    async fn handle(&self, claimed: &ClaimedJob) -> Result<Finish, HandlerError> {
        match &claimed.job {
            Job::SendUrgentMail(id) | Job::SendMail(id) => {
                finish(self.delivery.send(*id, claimed).await)
            }
            Job::MailPasswordReset(email) => finish(self.accounts.mail_password_reset(email).await),
            Job::ApplyEvent(id) => {
                let event = self.stores.events.pending_event(id).await?;
                let account = event.and_then(|event| event.account);
                self.in_lane(account, self.events.apply(id)).await
            }
            Job::CloseCheckout(id) => {
                let account = self.stores.checkout.order(*id).await?.map(|order| order.account);
                self.in_lane(account, self.fulfilment.close_order(*id)).await
            }
            Job::ResumeRefund(id) => {
                let request = self.stores.refunds.unanswered_refund(*id).await?;
                let account = self.account_of(request.map(|request| request.purchase_id)).await?;
                self.in_lane(account, self.refunds.resume(*id)).await
            }
            Job::RefundSecondPayment(id) => {
                let account = self.account_of(Some(*id)).await?;
                self.in_lane(account, self.refunds.refund_second(*id)).await
            }
            Job::ReadDispute(account, dispute) => {
                let (account, dispute) = (AccountId::new(account), DisputeId::new(dispute));
                let read = self.updates.read_dispute(&account, &dispute);
                self.in_lane(Some(account.clone()), read).await
            }
            Job::TellOfAccount(id) => {
                let connected = self.stores.checkout.connected_account(*id).await?;
                let account = connected.map(|connected| connected.account);
                self.in_lane(account, self.connect.tell_later(*id)).await
            }
            Job::SweepAccount(id) => {
                let account = AccountId::new(id);
                let sweep = self.reconciler.sweep_account(&account);
                self.in_lane(Some(account.clone()), sweep).await
            }
            Job::EndGroupBuy(id) => finish(self.group_buys.end(*id).await),
            Job::NotifyInterested(id, after) => {
                finish(self.group_buys.notify(*id, *after, claimed).await)
            }
            Job::ClearFile(id) => finish(self.sweep.clear(*id).await),
            Job::SweepAccounts => finish(self.reconciler.schedule().await),
            Job::DeleteStrayObjects => finish(self.sweep.delete_strays().await.map(drop)),
            Job::ForgetExpired => finish(self.housekeeping.run().await),
            Job::Unreadable(..) => Err("what is stored about it cannot be read".into()),
        }
    }
}

impl UseCases {
    /// Does work that calls the payment provider for an account, if it is one account. The job waits while the account's
    /// lane has no place.
    async fn in_lane<T: Into<Finish>, E: Into<HandlerError>>(
        &self,
        account: Option<AccountId>,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<Finish, HandlerError> {
        // In a box, since this future would otherwise have room for the work twice.
        let work = Box::pin(work);
        let Some(account) = account else { return finish(work.await) };
        let Some(_place) = self.lanes.enter(&account) else {
            return Ok(Finish::of(Outcome::InLane(account.to_string())));
        };
        finish(work.await)
    }

    /// Returns the account that a purchase was paid at.
    async fn account_of(
        &self,
        purchase: Option<PurchaseId>,
    ) -> Result<Option<AccountId>, StoreError> {
        let Some(purchase) = purchase else { return Ok(None) };
        let purchase = self.stores.purchases.purchase(purchase).await?;
        Ok(purchase.and_then(|purchase| purchase.payment).map(|payment| payment.account))
    }
}
