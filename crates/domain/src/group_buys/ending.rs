//! The end of group buys by time, and what visitors are told of what became of one.

use super::{GroupBuy, GroupBuyError, GroupBuyView, GroupBuys};
use crate::{
    creators::PageLabel,
    id::{GroupBuyId, VisitorId},
    jobs::{ClaimedJob, Finish, Outcome},
    store::UnitOfWork,
};

impl GroupBuys {
    /// Ends a group buy that is overdue, and notifies the creator and the interested visitors if it was never activated.
    /// Does nothing if it has already ended or its creator has moved the deadline.
    pub async fn end(&self, id: GroupBuyId) -> Result<Finish, GroupBuyError> {
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        let expired = unit.group_buys().expire(id, now).await?;
        let Some(group_buy) = expired else {
            let there = unit.group_buys().find(id).await?;
            let end = there.filter(|there| !there.status(now).has_ended()).and_then(|it| it.end());
            return Ok(match end.filter(|end| *end > now) {
                Some(end) => Finish::of(Outcome::NotBefore(end)),
                None => Finish::done(),
            });
        };
        // Nobody is notified when an active offer ends, since visitors were able to buy.
        if group_buy.activated_at.is_none() {
            self.tell_creator(&mut *unit, &group_buy).await?;
            self.notify_after(&mut *unit, group_buy, None).await?;
        }
        tracing::info!(group_buy = %id, "expired");
        Ok(Finish::done().within(unit))
    }

    /// Notifies the next interested visitors after `after` of what became of a group buy. The mails and the end of the job
    /// are stored together, so that nobody is notified twice.
    pub async fn notify(
        &self,
        id: GroupBuyId,
        after: VisitorId,
        job: &ClaimedJob,
    ) -> Result<Finish, GroupBuyError> {
        let mut unit = self.runtime.begin().await?;
        if !unit.jobs().lock_claim(job).await? {
            let reason = "the lease ended before the first mail was written".to_owned();
            return Ok(Finish::of(Outcome::Retry(reason)));
        }
        if let Some(group_buy) = unit.group_buys().find(id).await? {
            self.notify_after(&mut *unit, group_buy, Some(after)).await?;
        }
        Ok(Finish::done().within(unit))
    }

    /// Tells the creator that a group buy ended below its target.
    async fn tell_creator(
        &self,
        unit: &mut dyn UnitOfWork,
        group_buy: &GroupBuy,
    ) -> Result<(), GroupBuyError> {
        let to = unit.creators().email_of_handle(group_buy.handle_id).await?;
        let handle = unit.handles().find(group_buy.handle_id).await?;
        let Some((to, handle)) = to.zip(handle) else { return Ok(()) };
        self.notices.to_creator_of_missed(unit, to, &handle, group_buy).await
    }

    async fn notify_after(
        &self,
        unit: &mut dyn UnitOfWork,
        group_buy: GroupBuy,
        after: Option<VisitorId>,
    ) -> Result<(), GroupBuyError> {
        let handle = unit.handles().find(group_buy.handle_id).await?;
        let page = unit.pages().find(group_buy.page_id).await?;
        let Some((handle, page)) = handle.zip(page) else { return Ok(()) };
        let view = GroupBuyView { handle, page: PageLabel::from(&page), group_buy };
        self.notices.to_interested(unit, &view, after, self.runtime.now()).await
    }
}
