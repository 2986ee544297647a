//! The use cases of creators' group buys, and their end by time.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    GroupBuy, GroupBuyChange, GroupBuyDetails, GroupBuyError, GroupBuyView, InterestRecord,
    NewGroupBuy, OfferedPage, Paid, change::check_price, notices::Notices, ports::GroupBuyReads,
};
use crate::{
    clock::just_after,
    creators::{AccessMode, Creator, Handle, Ownership, Quotas},
    id::{GroupBuyId, VisitorId},
    jobs::{ClaimedJob, Finish, Job, NewJob, Outcome},
    links::Links,
    mail::MailWriter,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    validation::FieldErrors,
    version::BasedOn,
};

/// The use cases of creators' group buys.
#[derive(Clone)]
pub struct GroupBuys {
    runtime: Runtime,
    reads: Arc<dyn GroupBuyReads>,
    ownership: Ownership,
    notices: Notices,
    quotas: Quotas,
}

/// What the use cases of group buys need besides other use cases.
#[derive(Clone)]
pub struct GroupBuysPorts {
    /// Reads group buys.
    pub reads: Arc<dyn GroupBuyReads>,
    /// Makes the URLs in mails.
    pub links: Arc<dyn Links>,
    /// The quotas of a creator.
    pub quotas: Quotas,
}

/// A group buy as its creator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedGroupBuy {
    /// The details that everyone can see.
    pub details: GroupBuyDetails,
    /// What was paid through the offer.
    pub paid: Paid,
}

/// The maximum number of attempts to store a change while others edit the same group buy.
const MAX_ROUNDS: u32 = 8;

impl GroupBuys {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        ports: GroupBuysPorts,
        ownership: Ownership,
        mails: MailWriter,
    ) -> Self {
        let GroupBuysPorts { reads, links, quotas } = ports;
        Self { runtime, reads, ownership, notices: Notices { mails, links }, quotas }
    }

    /// Creates a group buy of a page that is for sale, within the quota. The page may still be a draft.
    pub async fn create(
        &self,
        creator: &Creator,
        handle: &HandleName,
        new: NewGroupBuy,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let (handle, page) = self.ownership.page(creator, handle, &new.page_slug).await?;
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        // The lock prevents the page from being deleted, and its price from being changed to one below that of the
        // group buy, until the unit ends.
        let page = unit.pages().lock(page.id).await?.ok_or(GroupBuyError::PageNotFound)?;
        if page.mode != AccessMode::Paid {
            return Err(GroupBuyError::PageNotPaid);
        }
        let page = OfferedPage::from(&page);
        let id = GroupBuyId::new(now, &*self.runtime.random);
        let group_buy = new.made(id, handle.id, &page, now).map_err(GroupBuyError::Invalid)?;
        // Each of several parallel calls counts what the others made.
        unit.creators().lock(creator.id).await?;
        if !unit.group_buys().insert(&group_buy).await? {
            return Err(GroupBuyError::SlugTaken);
        }
        self.quotas.check_group_buys(unit.group_buys().count_of(handle.id).await?)?;
        schedule_end(&mut *unit, &group_buy).await?;
        unit.commit().await?;
        let details = GroupBuyView { handle, page, group_buy }.at(now);
        Ok(OwnedGroupBuy { details, paid: Paid::default() })
    }

    /// Returns one of the creator's own group buys.
    pub async fn owned(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let view = self.view(creator, handle, slug).await?;
        self.with_paid(vec![view]).await?.pop().ok_or(GroupBuyError::NotFound)
    }

    /// Returns the group buys of the creator's handle, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Listing<OwnedGroupBuy>, GroupBuyError> {
        let handle = self.handle(creator, handle).await?;
        let Listing { items, next } = self.reads.group_buys_of(handle.id, page).await?;
        Ok(Listing { items: self.with_paid(items).await?, next })
    }

    /// Returns the interests in a group buy, newest first.
    pub async fn interests(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, GroupBuyError> {
        let view = self.view(creator, handle, slug).await?;
        Ok(self.reads.interests_in(view.group_buy.id, page).await?)
    }

    /// Returns how many visitors are interested in a group buy, not counting beyond `most`.
    pub async fn count_interested(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        most: usize,
    ) -> Result<usize, GroupBuyError> {
        let view = self.view(creator, handle, slug).await?;
        let count = self.reads.count_interested(view.group_buy.id).await?;
        Ok(usize::try_from(count).map_or(most, |count| count.min(most)))
    }

    /// Changes a group buy: its texts until it has ended, its terms until it is activated.
    pub async fn change(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: GroupBuyChange,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        self.change_from(creator, handle, slug, change, &BasedOn::Any).await
    }

    /// Changes a group buy if its [`version`](super::GroupBuy::version) is one that the change may be based on.
    pub async fn change_from(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        change: GroupBuyChange,
        based_on: &BasedOn,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        for _ in 0..MAX_ROUNDS {
            let view = self.view(creator, handle, slug).await?;
            let (before, now) = (&view.group_buy, self.runtime.now());
            if !based_on.allows(&before.version()) {
                return Err(GroupBuyError::VersionConflict);
            }
            let mut after = before.changed(change.clone(), &view.page, now)?;
            after.updated_at = before.updated_at;
            if after == *before {
                return self.owned(creator, handle, slug).await;
            }
            // The instant identifies the version, so it has to be later than the previous one.
            after.updated_at = now.max(just_after(before.updated_at));
            let mut unit = self.runtime.begin().await?;
            if unit.group_buys().update(&after, before.updated_at, now).await? {
                schedule_end(&mut *unit, &after).await?;
                unit.commit().await?;
                return self.owned(creator, handle, slug).await;
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Activates the group buy, which is possible once and only at or above its target. The interested
    /// visitors are then committed and get a mail with the link to pay.
    pub async fn activate(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        self.activate_from(creator, handle, slug, &BasedOn::Any).await
    }

    /// Activates the group buy if its [`version`](super::GroupBuy::version) is one of these.
    pub async fn activate_from(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let mut view = self.view(creator, handle, slug).await?;
        creator.require_verified()?;
        let seen = view.group_buy.seen(based_on)?;
        let (id, now) = (view.group_buy.id, self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        let Some(active) = unit.group_buys().activate(id, seen, now).await? else {
            let there = unit.group_buys().find(id).await?.ok_or(GroupBuyError::NotFound)?;
            there.seen(based_on)?;
            return Err(if there.status(now).is_pending() {
                GroupBuyError::TargetNotReached
            } else {
                GroupBuyError::NotOpen
            });
        };
        check_offer(&mut *unit, &active).await?;
        schedule_end(&mut *unit, &active).await?;
        view.group_buy = active;
        self.notices.to_interested(&mut *unit, &view, None, now).await?;
        unit.commit().await?;
        tracing::info!(group_buy = %id, "activated");
        Ok(OwnedGroupBuy { details: view.at(now), paid: Paid::default() })
    }

    /// Cancels a group buy that is not activated yet, and notifies the interested visitors.
    pub async fn cancel(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        self.cancel_from(creator, handle, slug, &BasedOn::Any).await
    }

    /// Cancels the group buy if its [`version`](super::GroupBuy::version) is one of these.
    pub async fn cancel_from(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let mut view = self.view(creator, handle, slug).await?;
        creator.require_verified()?;
        let seen = view.group_buy.seen(based_on)?;
        let (id, now) = (view.group_buy.id, self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        let Some(cancelled) = unit.group_buys().cancel(id, seen, now).await? else {
            let there = unit.group_buys().find(id).await?.ok_or(GroupBuyError::NotFound)?;
            there.seen(based_on)?;
            return Err(GroupBuyError::NotOpen);
        };
        view.group_buy = cancelled;
        self.notices.to_interested(&mut *unit, &view, None, now).await?;
        unit.commit().await?;
        tracing::info!(group_buy = %id, "cancelled");
        Ok(OwnedGroupBuy { details: view.at(now), paid: Paid::default() })
    }

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
        let view = GroupBuyView { handle, page: OfferedPage::from(&page), group_buy };
        self.notices.to_interested(unit, &view, after, self.runtime.now()).await
    }

    async fn handle(&self, creator: &Creator, name: &HandleName) -> Result<Handle, GroupBuyError> {
        Ok(self.ownership.handle(creator, name).await?)
    }

    async fn view(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<GroupBuyView, GroupBuyError> {
        let handle = self.handle(creator, handle).await?;
        let view = self.reads.group_buy(&handle.name, slug).await?;
        view.ok_or(GroupBuyError::NotFound)
    }

    async fn with_paid(
        &self,
        views: Vec<GroupBuyView>,
    ) -> Result<Vec<OwnedGroupBuy>, GroupBuyError> {
        let ids: Vec<_> = views.iter().map(|view| view.group_buy.id).collect();
        let paid = self.reads.paid(&ids).await?;
        let now = self.runtime.now();
        let owned = views.into_iter().map(|view| {
            let of_this = paid.iter().find(|(id, _)| *id == view.group_buy.id);
            let paid = of_this.map(|(_, paid)| *paid).unwrap_or_default();
            OwnedGroupBuy { details: view.at(now), paid }
        });
        Ok(owned.collect())
    }
}

impl GroupBuy {
    /// Returns the instant since which the group buy has to be unchanged, if any, or an error if it is changed already.
    fn seen(&self, based_on: &BasedOn) -> Result<Option<Timestamp>, GroupBuyError> {
        if !based_on.allows(&self.version()) {
            return Err(GroupBuyError::VersionConflict);
        }
        Ok(Some(self.updated_at).filter(|_| *based_on != BasedOn::Any))
    }
}

/// Checks that the page is for sale, and not at less than the group price. It may have been changed since that was set.
async fn check_offer(unit: &mut dyn UnitOfWork, active: &GroupBuy) -> Result<(), GroupBuyError> {
    let page = unit.pages().find(active.page_id).await?;
    let regular = page.and_then(|page| page.offer()).ok_or(GroupBuyError::PageNotPaid)?;
    let mut errors = FieldErrors::new();
    check_price(&mut errors, active.price, Some(regular));
    errors.finish().map_err(GroupBuyError::Invalid)
}

/// Stores the job that ends the group buy when its deadline or its offer has passed.
pub(super) async fn schedule_end(
    unit: &mut dyn UnitOfWork,
    group_buy: &GroupBuy,
) -> Result<(), StoreError> {
    match group_buy.end() {
        Some(due_at) => {
            unit.jobs().enqueue(&NewJob::new(Job::EndGroupBuy(group_buy.id), due_at)).await
        }
        None => Ok(()),
    }
}

opaque_debug!(GroupBuys, GroupBuysPorts);
