//! What visitors do with group buys.

use std::sync::Arc;

use super::{
    Expressed, GroupBuyDetails, GroupBuyStatus, GroupBuyView, Interest, OfferError, Quantity,
    Withdrawal, ports::GroupBuyReads,
};
use crate::{
    checkout::{Checkouts, GroupPrice, ReturnUrls, StartedCheckout},
    clock::Clock,
    creators::{AccessMode, HandleName, PageStatus, Slug},
    id::{PageId, VisitorId},
    installation::Installation,
    store::{Store, StoreError, UnitOfWork},
    token::TokenHash,
};

/// Group buys as visitors meet them. One whose page is not published does not exist for them.
#[derive(Clone)]
pub struct GroupOffers {
    store: Arc<dyn Store>,
    reads: Arc<dyn GroupBuyReads>,
    checkouts: Checkouts,
    clock: Arc<dyn Clock>,
    installation: Installation,
}

impl GroupOffers {
    /// Group buys kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        reads: Arc<dyn GroupBuyReads>,
        checkouts: Checkouts,
        clock: Arc<dyn Clock>,
        installation: Installation,
    ) -> Self {
        Self { store, reads, checkouts, clock, installation }
    }

    /// What everybody may know.
    pub async fn details(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<GroupBuyDetails, OfferError> {
        Ok(self.view(handle, slug).await?.at(self.clock.now()))
    }

    /// Says that the visitor wants it, or replaces how much; `true` if that is new.
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
        let mut unit = self.store.begin().await?;
        if has_bought(&mut *unit, visitor, view.page.id).await? {
            return Err(OfferError::AlreadyPurchased);
        }
        let now = self.clock.now();
        let id = view.group_buy.id;
        let expressed = unit.interests().express(id, visitor, quantity, now).await?;
        let (interest, is_new) = match expressed.ok_or(OfferError::NotFound)? {
            Expressed::Joined(interest) => (interest, true),
            Expressed::Replaced(interest) => (interest, false),
            Expressed::NotOpen => return Err(OfferError::NotOpen),
            Expressed::Full => return Err(OfferError::Full),
        };
        unit.commit().await?;
        Ok((interest, is_new))
    }

    /// What the visitor has said.
    pub async fn interest(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, OfferError> {
        let view = self.view(handle, slug).await?;
        Ok(self.reads.interest(view.group_buy.id, visitor).await?)
    }

    /// Takes back what the visitor has said; nothing happens if that was nothing.
    pub async fn withdraw(
        &self,
        handle: &HandleName,
        slug: &Slug,
        visitor: VisitorId,
    ) -> Result<(), OfferError> {
        let view = self.view(handle, slug).await?;
        let mut unit = self.store.begin().await?;
        let now = self.clock.now();
        match unit.interests().withdraw(view.group_buy.id, visitor, now).await? {
            Withdrawal::Done => Ok(unit.commit().await?),
            Withdrawal::Nothing => Ok(()),
            Withdrawal::NotOpen => Err(OfferError::NotOpen),
        }
    }

    /// Gives a committed visitor, who holds `session`, a pay page at the group price. It is for one
    /// access, whatever the quantity.
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
        let now = self.clock.now();
        let (GroupBuyStatus::Active, Some(ends_at)) =
            (group_buy.status(now), group_buy.offer_ends_at)
        else {
            return Err(OfferError::NotActive);
        };
        if self.reads.interest(group_buy.id, visitor).await?.is_none() {
            let mut unit = self.store.begin().await?;
            let bought = has_bought(&mut *unit, visitor, view.page.id).await?;
            return Err(if bought {
                OfferError::AlreadyPurchased
            } else {
                OfferError::InterestRequired
            });
        }
        let origin = self.installation.handle_origin(&handle);
        let price = GroupPrice {
            group_buy_id: group_buy.id,
            price: group_buy.price,
            ends_at,
            offer_url: format!("{origin}/-/group-buys/{slug}"),
        };
        let page = view.page.slug;
        Ok(self.checkouts.start_in_group(handle, page, session, urls, price).await?)
    }

    async fn view(&self, handle: &HandleName, slug: &Slug) -> Result<GroupBuyView, OfferError> {
        let view = self.reads.group_buy(handle, slug).await?;
        let view = view.filter(|view| view.page.status == PageStatus::Published);
        view.ok_or(OfferError::NotFound)
    }
}

/// Whether the page is open to the visitor by a purchase.
async fn has_bought(
    unit: &mut dyn UnitOfWork,
    visitor: VisitorId,
    page: PageId,
) -> Result<bool, StoreError> {
    let purchases = unit.purchases().of_visitor(visitor, page).await?;
    Ok(purchases.iter().any(|purchase| purchase.holding().is_active()))
}

impl std::fmt::Debug for GroupOffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GroupOffers")
    }
}
