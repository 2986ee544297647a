//! The use cases of creators' group buys.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    GroupBuy, GroupBuyChange, GroupBuyDetails, GroupBuyError, GroupBuyView, InterestRecord,
    NewGroupBuy, Paid, change::check_price, notices::Notices, ports::GroupBuyReads,
};
use crate::{
    clock::just_after,
    creators::{AccessMode, Creator, Handle, Ownership, PageLabel, PageStatus, Quotas},
    id::{GroupBuyId, PageId},
    jobs::{Job, NewJob},
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
    pub(super) runtime: Runtime,
    reads: Arc<dyn GroupBuyReads>,
    ownership: Ownership,
    pub(super) notices: Notices,
    quotas: Quotas,
}

/// What the use cases of creators' group buys need besides other use cases.
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

    /// Creates a group buy of a page that is for sale, within the quota. The page may still be a draft. One with a deadline is for
    /// creators whose address is proved, since its end by itself mails the interested visitors.
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
        let page = PageLabel::from(&page);
        let id = GroupBuyId::new(now, &*self.runtime.random);
        let group_buy = new.made(id, handle.id, &page, now).map_err(GroupBuyError::Invalid)?;
        if group_buy.deadline.is_some() {
            creator.require_verified()?;
        }
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

    /// Returns at most `most` group buys of a page of the creator's handle that have not ended, newest first.
    pub async fn unended_of(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: PageId,
        most: u32,
    ) -> Result<Vec<GroupBuyDetails>, GroupBuyError> {
        let handle = self.handle(creator, handle).await?;
        let now = self.runtime.now();
        let found = self.reads.unended_group_buys(page, most).await?;
        let own = found.into_iter().filter(|view| view.handle.id == handle.id);
        let details = own.map(|view| view.at(now));
        Ok(details.filter(|details| !details.status.has_ended()).collect())
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

    /// Returns how many visitors are interested in a group buy.
    pub async fn count_interested(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<u64, GroupBuyError> {
        let view = self.view(creator, handle, slug).await?;
        Ok(self.reads.count_interested(view.group_buy.id).await?)
    }

    /// Changes a group buy if its [`version`](super::GroupBuy::version) is one that the change may be based on: its texts until
    /// it has ended, its terms until it is activated. It gets a deadline like a new one.
    pub async fn change(
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
            if after.deadline.is_some() && after.deadline != before.deadline {
                creator.require_verified()?;
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

    /// Activates the group buy, which is possible once and only at or above its target, if its
    /// [`version`](super::GroupBuy::version) is one that this may be based on. The interested visitors are then committed and
    /// get a mail with the link to pay.
    pub async fn activate(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let (mut view, seen) = self.before_step(creator, handle, slug, based_on).await?;
        let (id, now) = (view.group_buy.id, self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        let Some(active) = unit.group_buys().activate(id, seen, now).await? else {
            let there = unchanged(&mut *unit, id, based_on).await?;
            return Err(if there.status(now).is_pending() {
                GroupBuyError::TargetNotReached
            } else {
                GroupBuyError::NotOpen
            });
        };
        check_offer(&mut *unit, &active).await?;
        schedule_end(&mut *unit, &active).await?;
        view.group_buy = active;
        let owned = self.after_step(unit, view, now).await?;
        tracing::info!(group_buy = %id, "activated");
        Ok(owned)
    }

    /// Cancels a group buy that is not activated yet, if its [`version`](super::GroupBuy::version) is one that this may be
    /// based on, and notifies the interested visitors.
    pub async fn cancel(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        let (mut view, seen) = self.before_step(creator, handle, slug, based_on).await?;
        let (id, now) = (view.group_buy.id, self.runtime.now());
        let mut unit = self.runtime.begin().await?;
        let Some(cancelled) = unit.group_buys().cancel(id, seen, now).await? else {
            unchanged(&mut *unit, id, based_on).await?;
            return Err(GroupBuyError::NotOpen);
        };
        view.group_buy = cancelled;
        let owned = self.after_step(unit, view, now).await?;
        tracing::info!(group_buy = %id, "cancelled");
        Ok(owned)
    }

    /// Returns a group buy that is to be activated or cancelled, and the instant since which it has to be unchanged, if any.
    async fn before_step(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        based_on: &BasedOn,
    ) -> Result<(GroupBuyView, Option<Timestamp>), GroupBuyError> {
        let view = self.view(creator, handle, slug).await?;
        creator.require_verified()?;
        let seen = view.group_buy.seen(based_on)?;
        Ok((view, seen))
    }

    /// Notifies the interested visitors of what became of a group buy, and commits the unit.
    async fn after_step(
        &self,
        mut unit: Box<dyn UnitOfWork>,
        view: GroupBuyView,
        now: Timestamp,
    ) -> Result<OwnedGroupBuy, GroupBuyError> {
        self.notices.to_interested(&mut *unit, &view, None, now).await?;
        unit.commit().await?;
        Ok(OwnedGroupBuy { details: view.at(now), paid: Paid::default() })
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

/// Returns a group buy that could not be activated or cancelled, unless that is because it was changed.
async fn unchanged(
    unit: &mut dyn UnitOfWork,
    id: GroupBuyId,
    based_on: &BasedOn,
) -> Result<GroupBuy, GroupBuyError> {
    let there = unit.group_buys().find(id).await?.ok_or(GroupBuyError::NotFound)?;
    there.seen(based_on)?;
    Ok(there)
}

/// Checks that the page is published and for sale, and not at less than the group price. It may have been changed since that
/// was set.
async fn check_offer(unit: &mut dyn UnitOfWork, active: &GroupBuy) -> Result<(), GroupBuyError> {
    let page = unit.pages().find(active.page_id).await?;
    let page = page.filter(|page| page.status == PageStatus::Published);
    let regular = page.ok_or(GroupBuyError::PageNotFound)?.offer();
    let regular = regular.ok_or(GroupBuyError::PageNotPaid)?;
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
