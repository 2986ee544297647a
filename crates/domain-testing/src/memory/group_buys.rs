//! Group buys and interests.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{State, at_most, newest, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::Purchase,
    checkout::{CheckoutOrder, OrderStatus},
    clock::just_after,
    creators::PageLabel,
    email::Email,
    group_buys::{
        Expressed, GroupBuy, GroupBuyState, GroupBuyView, Interest, InterestRecord, Paid, Quantity,
        Room, Withdrawal,
        ports::{GroupBuyReads, GroupBuyRepository, Interests},
    },
    id::{GroupBuyId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    paging::{Cursor, Listing, PageRequest},
    store_error::StoreError,
};

/// Returns whether a group buy was last changed at an instant; true without one.
fn is_unchanged(known: &GroupBuy, since: Option<Timestamp>) -> bool {
    since.is_none_or(|since| since == known.updated_at)
}

/// Puts a group buy into a state. When that is identifies the version, so it is later than what was noted before.
fn turned(known: &mut GroupBuy, state: GroupBuyState, now: Timestamp) -> GroupBuy {
    known.state = state;
    known.updated_at = now.max(just_after(known.updated_at));
    known.clone()
}

#[async_trait]
impl GroupBuyRepository for MemoryUnit {
    async fn insert(&mut self, group_buy: &GroupBuy) -> Result<bool, StoreError> {
        let group_buys = self.state().await?.group_buys.edit();
        let same = |known: &GroupBuy| {
            known.handle_id == group_buy.handle_id && known.slug == group_buy.slug
        };
        if group_buys.values().any(same) {
            return Ok(false);
        }
        group_buys.insert(group_buy.id, group_buy.clone());
        Ok(true)
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        let group_buys = &self.state().await?.group_buys;
        let count = group_buys.values().filter(|known| known.handle_id == handle).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    async fn find(&mut self, id: GroupBuyId) -> Result<Option<GroupBuy>, StoreError> {
        Ok(self.state().await?.group_buys.get(&id).cloned())
    }

    async fn update(
        &mut self,
        group_buy: &GroupBuy,
        unchanged_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let group_buys = self.state().await?.group_buys.edit();
        let known = group_buys.get_mut(&group_buy.id).filter(|known| {
            known.updated_at == unchanged_since
                && !known.status(now).has_ended()
                && group_buy.max_quantity.is_none_or(|most| known.current_quantity <= most)
        });
        let Some(known) = known else { return Ok(false) };
        *known = GroupBuy {
            state: known.state,
            current_quantity: known.current_quantity,
            activated_at: known.activated_at,
            offer_ends_at: known.offer_ends_at,
            ..group_buy.clone()
        };
        Ok(true)
    }

    async fn activate(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let group_buys = self.state().await?.group_buys.edit();
        let ready = group_buys
            .get_mut(&id)
            .filter(|known| is_unchanged(known, unchanged_since))
            .filter(|known| known.state == GroupBuyState::Open && known.is_reached());
        Ok(ready.map(|known| {
            known.activated_at = Some(now);
            known.offer_ends_at = Some(known.offer_end(now));
            turned(known, GroupBuyState::Active, now)
        }))
    }

    async fn cancel(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let group_buys = self.state().await?.group_buys.edit();
        let pending = group_buys
            .get_mut(&id)
            .filter(|known| is_unchanged(known, unchanged_since))
            .filter(|known| known.status(now).is_pending());
        Ok(pending.map(|known| turned(known, GroupBuyState::Cancelled, now)))
    }

    async fn expire(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let group_buys = self.state().await?.group_buys.edit();
        let overdue = group_buys.get_mut(&id).filter(|known| known.is_overdue(now));
        Ok(overdue.map(|known| turned(known, GroupBuyState::Expired, now)))
    }
}

#[async_trait]
impl Interests for MemoryUnit {
    async fn express(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<Option<Expressed>, StoreError> {
        let state = self.state().await?;
        let before = state.interests.get(&(id, visitor)).cloned();
        let Some(group_buy) = state.group_buys.edit().get_mut(&id) else { return Ok(None) };
        let had = before.as_ref().map_or(0, |before| before.quantity.get());
        let delta = quantity.get() - had;
        match group_buy.room_for(delta, now) {
            Room::Free => group_buy.current_quantity += delta,
            Room::NotOpen => return Ok(Some(Expressed::NotOpen)),
            Room::Full => return Ok(Some(Expressed::Full)),
        }
        let created_at = before.as_ref().map_or(now, |before| before.created_at);
        let interest = Interest { group_buy_id: id, visitor_id: visitor, quantity, created_at };
        state.interests.edit().insert((id, visitor), interest.clone());
        Ok(Some(match before {
            Some(before) => Expressed::Replaced(interest, before.quantity),
            None => Expressed::Joined(interest),
        }))
    }

    async fn withdraw(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Withdrawal, StoreError> {
        let state = self.state().await?;
        let Some(interest) = state.interests.get(&(id, visitor)).cloned() else {
            return Ok(Withdrawal::NoInterest);
        };
        let Some(group_buy) = state.group_buys.edit().get_mut(&id) else {
            return Ok(Withdrawal::NoInterest);
        };
        if group_buy.is_committed() {
            return Ok(Withdrawal::NotOpen);
        }
        group_buy.current_quantity -= interest.quantity.get();
        state.interests.edit().remove(&(id, visitor));
        Ok(Withdrawal::Done)
    }

    async fn recipients(
        &mut self,
        id: GroupBuyId,
        after: Option<VisitorId>,
        limit: u32,
    ) -> Result<Vec<(VisitorId, Email)>, StoreError> {
        let state = self.state().await?;
        let of_this = state.interests.keys().filter(|(group_buy, visitor)| {
            *group_buy == id && after.is_none_or(|after| *visitor > after)
        });
        let with_address = of_this.filter_map(|(_, visitor)| {
            state.visitors.get(visitor).map(|found| (*visitor, found.email.clone()))
        });
        Ok(with_address.take(at_most(limit)).collect())
    }
}

impl State {
    fn view(&self, group_buy: &GroupBuy) -> Option<GroupBuyView> {
        let handle = self.handles.get(&group_buy.handle_id)?.clone();
        let page = PageLabel::from(self.pages.get(&group_buy.page_id)?);
        Some(GroupBuyView { handle, page, group_buy: group_buy.clone() })
    }

    /// Returns the newest of these group buys that are open or active.
    fn unended(&self, is_meant: impl Fn(&GroupBuy) -> bool, most: u32) -> Vec<GroupBuyView> {
        let unended = [GroupBuyState::Open, GroupBuyState::Active];
        let found =
            self.group_buys.values().filter(|it| is_meant(it) && unended.contains(&it.state));
        let views = found.filter_map(|group_buy| self.view(group_buy));
        newest(views, most, |it| (it.group_buy.created_at, it.group_buy.id))
    }

    /// What was bought through an offer, and the visitors who paid for it.
    fn bought_through(&self, id: GroupBuyId) -> impl Iterator<Item = (VisitorId, &Purchase)> {
        self.purchases.values().filter_map(move |purchase| {
            let order = self.orders.get(&purchase.payment.as_ref()?.checkout_id)?;
            (order.group_buy_id == Some(id)).then_some((order.visitor_id, purchase))
        })
    }

    /// Whether what the visitor paid for through an offer is somebody else's now.
    fn has_given_on(&self, id: GroupBuyId, visitor: VisitorId) -> bool {
        let mut unrevoked = self.purchases.values().filter(|it| it.revoked_at.is_none());
        unrevoked.any(|purchase| {
            let payment = purchase.payment.as_ref();
            let order = payment.and_then(|payment| self.orders.get(&payment.checkout_id));
            purchase.visitor_id != visitor
                && order.is_some_and(|it| it.group_buy_id == Some(id) && it.visitor_id == visitor)
        })
    }

    fn has_paid(&self, id: GroupBuyId, visitor: VisitorId) -> bool {
        let mut bought = self.bought_through(id);
        bought.any(|(payer, purchase)| payer == visitor && purchase.revoked_at.is_none())
    }

    /// Makes a visitor's interest in a group buy another visitor's.
    pub(super) fn move_interest(&mut self, id: GroupBuyId, from: VisitorId, to: VisitorId) {
        let is_paid = |order: &CheckoutOrder| {
            order.group_buy_id == Some(id)
                && order.visitor_id == from
                && order.status == OrderStatus::Paid
        };
        if self.interests.contains_key(&(id, to)) || self.orders.values().any(is_paid) {
            return;
        }
        let interests = self.interests.edit();
        if let Some(interest) = interests.remove(&(id, from)) {
            interests.insert((id, to), Interest { visitor_id: to, ..interest });
        }
    }
}

#[async_trait]
impl GroupBuyReads for MemoryStore {
    async fn group_buy(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<Option<GroupBuyView>, StoreError> {
        let state = self.read().await?;
        let views = state.group_buys.values().filter(|it| it.slug == *slug);
        let mut views = views.filter_map(|group_buy| state.view(group_buy));
        Ok(views.find(|view| view.handle.name == *handle))
    }

    async fn group_buys_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<GroupBuyView>, StoreError> {
        let state = self.read().await?;
        let theirs = state.group_buys.values().filter(|it| it.handle_id == handle);
        let views = theirs.filter_map(|group_buy| state.view(group_buy)).collect();
        Ok(part(views, page, |view: &GroupBuyView| Cursor {
            at: view.group_buy.created_at,
            id: view.group_buy.id.to_string(),
        }))
    }

    async fn unended_group_buys_of(
        &self,
        handle: HandleId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        Ok(self.read().await?.unended(|it| it.handle_id == handle, most))
    }

    async fn unended_group_buys(
        &self,
        page: PageId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        Ok(self.read().await?.unended(|it| it.page_id == page, most))
    }

    async fn joined_offers(
        &self,
        page: PageId,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let mut views = self.unended_group_buys(page, u32::MAX).await?;
        let state = self.read().await?;
        views.retain(|view| {
            let key = (view.group_buy.id, visitor);
            view.group_buy.state == GroupBuyState::Active
                && state.interests.contains_key(&key)
                && !state.has_given_on(key.0, visitor)
        });
        views.truncate(at_most(most));
        Ok(views)
    }

    async fn joined_group_buys_of(
        &self,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let state = self.read().await?;
        let is_joined = |it: &GroupBuy| {
            state.interests.contains_key(&(it.id, visitor)) && !state.has_given_on(it.id, visitor)
        };
        Ok(state.unended(is_joined, most))
    }

    async fn interest(
        &self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, StoreError> {
        let state = self.read().await?;
        let interest = state.interests.get(&(id, visitor)).cloned();
        Ok(interest.filter(|_| !state.has_given_on(id, visitor)))
    }

    async fn interests_in(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError> {
        let state = self.read().await?;
        let committed = state.group_buys.get(&id).is_some_and(GroupBuy::is_committed);
        let of_this = state.interests.values().filter(|interest| interest.group_buy_id == id);
        let records = of_this.filter_map(|interest| {
            Some(InterestRecord {
                visitor_id: interest.visitor_id,
                email: state.visitors.get(&interest.visitor_id)?.email.clone(),
                quantity: interest.quantity,
                created_at: interest.created_at,
                committed,
                paid: state.has_paid(id, interest.visitor_id),
            })
        });
        Ok(part(records.collect(), page, |record: &InterestRecord| Cursor {
            at: record.created_at,
            id: record.visitor_id.to_string(),
        }))
    }

    async fn count_interested(&self, id: GroupBuyId) -> Result<u64, StoreError> {
        let state = self.read().await?;
        let interests = state.interests.keys().filter(|(group_buy, _)| *group_buy == id);
        Ok(u64::try_from(interests.count()).unwrap_or(u64::MAX))
    }

    async fn paid(&self, ids: &[GroupBuyId]) -> Result<Vec<(GroupBuyId, Paid)>, StoreError> {
        let state = self.read().await?;
        let of = |id: GroupBuyId| {
            let interests = state.interests.values().filter(|it| it.group_buy_id == id);
            let paid = interests.filter(|it| state.has_paid(id, it.visitor_id));
            let amount = state.bought_through(id).map(|(_, purchase)| purchase.left()).sum();
            paid.fold(Paid { amount, ..Paid::default() }, |sum, interest| Paid {
                visitors: sum.visitors + 1,
                quantity: sum.quantity + interest.quantity.get(),
                ..sum
            })
        };
        Ok(ids.iter().map(|id| (*id, of(*id))).collect())
    }
}
