//! The use cases of visitors' group buys.

use std::sync::Arc;

use super::{
    Expressed, GroupBuyDetails, GroupBuyStatus, GroupBuyView, Interest, OfferError, Quantity,
    Withdrawal, manage::schedule_end, ports::GroupBuyReads,
};
use crate::{
    access::{Purchase, ports::PurchaseReads},
    checkout::{CheckoutError, Checkouts, GroupPrice, NoPayments, ReturnUrls, StartedCheckout},
    clock::{DAY_SECONDS, plus_seconds},
    creators::{AccessMode, Handle, PageStatus, ports::CreatorReads},
    id::{HandleId, PageId, VisitorId},
    links::Links,
    mail::{MailContent, MailScope, MailWriter, NewMail},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    token::TokenHash,
};

/// The use cases of visitors' group buys. A group buy whose page is not published exists only for visitors who
/// have joined it.
#[derive(Clone)]
pub struct GroupOffers {
    runtime: Runtime,
    ports: GroupOffersPorts,
    checkouts: Checkouts,
}

/// What the use cases of visitors' group buys need besides other use cases.
#[derive(Clone)]
pub struct GroupOffersPorts {
    /// Reads group buys.
    pub reads: Arc<dyn GroupBuyReads>,
    /// Reads purchases.
    pub purchases: Arc<dyn PurchaseReads>,
    /// Reads the creators who sell.
    pub creators: Arc<dyn CreatorReads>,
    /// Makes the URLs in mails and pay pages.
    pub links: Arc<dyn Links>,
    /// Writes mails to creators.
    pub mails: MailWriter,
}

/// How many mails about targets that were reached a creator gets in a day for one handle. The sum may fall below the target
/// and reach it again.
const REACHED_A_DAY: u32 = 3;
/// How many offers of a page are looked at that a visitor joined.
const MAX_JOINED: u32 = 20;

impl GroupOffers {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, ports: GroupOffersPorts, checkouts: Checkouts) -> Self {
        Self { runtime, ports, checkouts }
    }

    /// Returns the details that everyone can see. While the creator is suspended, nobody can join.
    pub async fn details(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<GroupBuyDetails, OfferError> {
        self.details_of(self.view(handle, slug).await?).await
    }

    /// Returns the details that a visitor can see, and the visitor's interest. Visitors who have joined can see the group
    /// buy also while its page is not published.
    pub async fn details_for(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<(GroupBuyDetails, Option<Interest>), OfferError> {
        let (view, interest) = self.view_for(handle, slug, visitor).await?;
        Ok((self.details_of(view).await?, interest))
    }

    async fn details_of(&self, view: GroupBuyView) -> Result<GroupBuyDetails, OfferError> {
        let details = view.at(self.runtime.now());
        let is_suspended = self.is_suspended(&details.view.handle).await?;
        Ok(if is_suspended { details.closed() } else { details })
    }

    /// Returns the group buys of a handle that visitors can join or buy now, newest first. Only the newest
    /// 100 that have not ended are looked at.
    pub async fn current(&self, handle: HandleId) -> Result<Vec<GroupBuyDetails>, StoreError> {
        const MAX_CURRENT: u32 = 100;
        let found = self.ports.reads.unended_group_buys_of(handle, MAX_CURRENT).await?;
        self.shown(self.current_of(found)).await
    }

    /// Returns the group buys of a page that visitors can join or buy now, newest first, at most five.
    pub async fn of_page(&self, page: PageId) -> Result<Vec<GroupBuyDetails>, StoreError> {
        const MAX_LISTED: u32 = 5;
        let found = self.ports.reads.unended_group_buys(page, MAX_LISTED).await?;
        self.shown(self.current_of(found)).await
    }

    /// Returns the offer of a page that the visitor joined and can pay now, if its price is below the page's own.
    pub async fn payable(
        &self,
        page: PageId,
        visitor: VisitorId,
    ) -> Result<Option<GroupBuyDetails>, StoreError> {
        let joined = self.ports.reads.joined_offers(page, visitor, MAX_JOINED).await?;
        let is_payable = |offer: &GroupBuyDetails| {
            let regular = offer.view.page.regular_price();
            offer.status == GroupBuyStatus::Active
                && regular.is_some_and(|it| offer.view.group_buy.is_cheaper_than(it))
        };
        Ok(self.current_of(joined).into_iter().find(is_payable))
    }

    /// Returns the group buys of a page that visitors can join or buy now, newest first: at most five, and older offers that
    /// the visitor joined.
    pub async fn of_page_for(
        &self,
        page: PageId,
        visitor: VisitorId,
    ) -> Result<Vec<GroupBuyDetails>, StoreError> {
        let mut found = self.of_page(page).await?;
        let joined = self.ports.reads.joined_offers(page, visitor, MAX_JOINED).await?;
        for offer in self.shown(self.current_of(joined)).await? {
            let id = offer.view.group_buy.id;
            if found.iter().all(|known| known.view.group_buy.id != id) {
                found.push(offer);
            }
        }
        Ok(found)
    }

    /// Returns the group buys at all shops that the visitor joined and that have not ended, newest first, at most 50. They may
    /// be of pages that are not published or not for sale any more, so that the visitor can leave them.
    pub async fn joined(&self, visitor: VisitorId) -> Result<Vec<GroupBuyDetails>, StoreError> {
        const MAX_LISTED: u32 = 50;
        let now = self.runtime.now();
        let found = self.ports.reads.joined_group_buys_of(visitor, MAX_LISTED).await?;
        let details = found.into_iter().map(|view| view.at(now));
        Ok(details.filter(|details| !details.status.has_ended()).collect())
    }

    fn current_of(&self, views: Vec<GroupBuyView>) -> Vec<GroupBuyDetails> {
        let now = self.runtime.now();
        let details = views.into_iter().map(|view| view.at(now));
        let is_current = |details: &GroupBuyDetails| {
            let page = &details.view.page;
            page.status == PageStatus::Published
                && page.mode == AccessMode::Paid
                && !details.status.has_ended()
        };
        details.filter(is_current).collect()
    }

    /// Returns group buys of one handle as visitors find them: nobody joins those of a suspended creator.
    async fn shown(
        &self,
        current: Vec<GroupBuyDetails>,
    ) -> Result<Vec<GroupBuyDetails>, StoreError> {
        let Some(first) = current.first() else { return Ok(current) };
        let is_suspended = self.is_suspended(&first.view.handle).await?;
        Ok(if is_suspended {
            current.into_iter().map(GroupBuyDetails::closed).collect()
        } else {
            current
        })
    }

    async fn is_suspended(&self, handle: &Handle) -> Result<bool, StoreError> {
        let seller = self.ports.creators.creator(handle.creator_id).await?;
        Ok(seller.is_none_or(|seller| seller.suspended_at.is_some()))
    }

    /// Expresses the visitor's interest, or replaces its quantity. Returns `true` if the interest is
    /// new. While the creator is suspended, nobody joins what could not be bought.
    pub async fn express(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
        quantity: Quantity,
    ) -> Result<(Interest, bool), OfferError> {
        let view = self.view(handle, slug).await?;
        if view.page.mode != AccessMode::Paid {
            return Err(OfferError::PageNotPaid);
        }
        if self.is_suspended(&view.handle).await? {
            let why = CheckoutError::ConnectNotConfigured(NoPayments::NotConnected);
            return Err(self.refusal(visitor, view.page.id, why.into()).await?);
        }
        let mut unit = self.runtime.begin().await?;
        let bought = unit.purchases().of_visitor(visitor, view.page.id).await?;
        if Purchase::is_any_active(&bought) {
            return Err(OfferError::AlreadyPurchased);
        }
        let now = self.runtime.now();
        let id = view.group_buy.id;
        let expressed = unit.interests().express(id, visitor, quantity, now).await?;
        let (interest, before) = match expressed.ok_or(OfferError::NotFound)? {
            Expressed::Joined(interest) => (interest, None),
            Expressed::Replaced(interest, before) => (interest, Some(before)),
            Expressed::NotOpen => return Err(OfferError::NotOpen),
            Expressed::Full => return Err(OfferError::Full),
        };
        let more = quantity.get() - before.map_or(0, Quantity::get);
        self.tell_if_reached(&mut *unit, &view, more).await?;
        unit.commit().await?;
        Ok((interest, before.is_none()))
    }

    /// Tells the creator if the sum has reached the target by growing by `more`. The unit has locked the sum.
    async fn tell_if_reached(
        &self,
        unit: &mut dyn UnitOfWork,
        view: &GroupBuyView,
        more: i64,
    ) -> Result<(), StoreError> {
        let Some(now_has) = unit.group_buys().find(view.group_buy.id).await? else { return Ok(()) };
        let (joined, target) = (now_has.current_quantity, now_has.target_quantity);
        if joined < target || joined - more >= target {
            return Ok(());
        }
        let handle = &view.handle;
        let (scope, now) = (MailScope::TargetReached(handle.id), self.runtime.now());
        let yesterday = plus_seconds(now, -DAY_SECONDS);
        if unit.outbox().caused(&scope, yesterday, REACHED_A_DAY - 1).await?.is_some() {
            return Ok(());
        }
        let Some(to) = unit.creators().email_of_handle(handle.id).await? else { return Ok(()) };
        let content = MailContent::GroupBuyReached {
            shop: handle.title.clone(),
            title: now_has.title,
            joined,
            target,
            console_url: self.ports.links.activate_group_buy(&handle.name, &now_has.slug),
        };
        let mail = NewMail::new(to, &content).with_handle(handle.id);
        self.ports.mails.write_if_possible(unit, mail, "a target").await
    }

    /// Returns the visitor's interest, also while the page is not published.
    pub async fn interest(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, OfferError> {
        let (_, interest) = self.view_for(handle, slug, visitor).await?;
        Ok(interest)
    }

    /// Withdraws the visitor's interest, which is possible until the group buy is activated, also after it ended without
    /// that and while the page is not published. Does nothing if there is none.
    pub async fn withdraw(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<(), OfferError> {
        let (view, _) = self.view_for(handle, slug, visitor).await?;
        let may_end = view.group_buy.status(self.runtime.now()).is_pending();
        let mut unit = self.runtime.begin().await?;
        match unit.interests().withdraw(view.group_buy.id, visitor).await? {
            Withdrawal::Done => {
                // After the deadline, a withdrawal that takes the sum below the target ends the group
                // buy.
                if may_end
                    && let Some(group_buy) = unit.group_buys().find(view.group_buy.id).await?
                {
                    schedule_end(&mut *unit, &group_buy).await?;
                }
                Ok(unit.commit().await?)
            }
            Withdrawal::NoInterest => Ok(()),
            Withdrawal::NotOpen => Err(OfferError::NotOpen),
        }
    }

    /// Returns a pay page at the group price for the committed visitor of `session`. The visitor pays
    /// for one access, whatever the quantity.
    pub async fn checkout(
        &self,
        handle: HandleName,
        slug: &Slug,
        visitor: VisitorId,
        session: TokenHash,
        urls: ReturnUrls,
    ) -> Result<StartedCheckout, OfferError> {
        let view = self.view(&handle, slug).await?;
        let group_buy = &view.group_buy;
        let now = self.runtime.now();
        let (GroupBuyStatus::Active, Some(ends_at)) =
            (group_buy.status(now), group_buy.offer_ends_at)
        else {
            return Err(OfferError::NotActive);
        };
        if self.ports.reads.interest(group_buy.id, visitor).await?.is_none() {
            let why = OfferError::InterestRequired;
            return Err(self.refusal(visitor, view.page.id, why).await?);
        }
        let price = GroupPrice {
            group_buy_id: group_buy.id,
            price: group_buy.price,
            ends_at,
            offer_url: self.ports.links.group_buy(&handle, slug),
        };
        let page = view.page.slug;
        Ok(self.checkouts.start_in_group(handle, page, session, urls, price).await?)
    }

    /// Returns the error for a visitor who is refused for a reason: that the page is theirs already is said first.
    async fn refusal(
        &self,
        visitor: VisitorId,
        page: PageId,
        why: OfferError,
    ) -> Result<OfferError, StoreError> {
        let bought = self.ports.purchases.purchases_of(visitor, page).await?;
        Ok(if Purchase::is_any_active(&bought) { OfferError::AlreadyPurchased } else { why })
    }

    async fn view(&self, handle: &HandleName, slug: &Slug) -> Result<GroupBuyView, OfferError> {
        let view = self.ports.reads.group_buy(handle, slug).await?;
        let view = view.filter(GroupBuyView::is_public);
        view.ok_or(OfferError::NotFound)
    }

    /// Returns a group buy that everybody may see or that the visitor has joined, and the visitor's interest.
    async fn view_for(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<(GroupBuyView, Option<Interest>), OfferError> {
        let view = self.ports.reads.group_buy(handle, slug).await?.ok_or(OfferError::NotFound)?;
        let interest = self.ports.reads.interest(view.group_buy.id, visitor).await?;
        if interest.is_none() && !view.is_public() {
            return Err(OfferError::NotFound);
        }
        Ok((view, interest))
    }
}

opaque_debug!(GroupOffers, GroupOffersPorts);
