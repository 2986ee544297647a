//! Checkout orders and connected accounts.

use std::collections::HashSet;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{AccountRow, State, UnreadRow},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::{
        AccountTurn, CheckoutOrder, ConnectedAccount, OrderStatus, QuarantinedPayment,
        ReportedStatus,
        ports::{CheckoutOrders, CheckoutReads, ConnectedAccounts, MovedOrders},
    },
    creators::{AccessMode, PageStatus},
    group_buys::{GroupBuy, GroupBuyStatus},
    id::{CheckoutId, FactId, GroupBuyId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    payments::{AccountId, AccountState, CheckoutSessionId, OpenedSession, PayPages},
    store_error::StoreError,
    visitor_auth::Visitor,
};

impl State {
    /// Returns when the session of an order was noted as one that cannot be read, if nobody knows yet whether it was paid.
    pub(super) fn unread_since(&self, order: &CheckoutOrder) -> Option<Timestamp> {
        let row = self.unread.get(&order.id).filter(|row| !row.is_read)?;
        (order.status != OrderStatus::Paid).then_some(row.noted_at)
    }

    fn order_of_session(&self, session: &CheckoutSessionId) -> Option<CheckoutOrder> {
        let is_meant = |order: &&CheckoutOrder| {
            order.opened.as_ref().is_some_and(|opened| opened.session == *session)
        };
        self.orders.values().find(is_meant).cloned()
    }

    /// Returns the order that keeps the visitor from having another one for the page.
    fn live_order(&self, visitor: VisitorId, page: PageId) -> Option<&CheckoutOrder> {
        self.orders.values().find(|order| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status.is_live()
                && !self.beside.contains_key(&order.id)
        })
    }

    /// Returns the payment that a visitor made last for a page, that does not match its order and was not refunded.
    pub(super) fn quarantined(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Option<QuarantinedPayment> {
        let is_theirs = |order: &&CheckoutOrder| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status == OrderStatus::Quarantined
        };
        let kept = self.orders.values().filter(is_theirs);
        let kept = kept.filter(|order| self.noted(FactKind::QuarantineRefunded, order).is_none());
        let noted = kept
            .filter_map(|order| Some((self.noted(FactKind::PaymentQuarantined, order)?, order)));
        let ((since, _), order) = noted.max_by_key(|(noted, _)| *noted)?;
        Some(QuarantinedPayment { order: order.clone(), since })
    }

    /// The fact of this kind about the order's session.
    pub(super) fn noted(
        &self,
        kind: FactKind,
        order: &CheckoutOrder,
    ) -> Option<(Timestamp, FactId)> {
        let session = order.opened.as_ref()?.session.to_string();
        self.ledger.get(&(kind, session)).map(|fact| (fact.at, fact.id))
    }

    fn named(&self, order: &CheckoutOrder) -> Option<(CheckoutOrder, HandleName, Slug)> {
        let handle = self.handles.get(&order.handle_id)?.name.clone();
        let slug = self.pages.get(&order.page_id)?.slug.clone();
        Some((order.clone(), handle, slug))
    }

    /// Whether the visitor of the order has a purchase of its page that was neither refunded nor revoked.
    fn has_page(&self, order: &CheckoutOrder) -> bool {
        self.purchases.values().any(|purchase| {
            purchase.visitor_id == order.visitor_id
                && purchase.page_id == order.page_id
                && purchase.grant_type != GrantType::Refunded
                && purchase.revoked_at.is_none()
        })
    }
}

#[async_trait]
impl CheckoutOrders for MemoryUnit {
    async fn insert(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let is_live = order.status.is_live();
        if is_live && state.live_order(order.visitor_id, order.page_id).is_some() {
            return Ok(false);
        }
        let orders = state.orders.edit();
        if orders.contains_key(&order.id) {
            return self.conflict();
        }
        orders.insert(order.id, order.clone());
        Ok(true)
    }

    async fn open_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.live_order(visitor, page).cloned())
    }

    async fn lock(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        self.find(id).await
    }

    async fn find(&mut self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.orders.get(&id).cloned())
    }

    async fn offer_slug(
        &mut self,
        group_buy: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<Slug>, StoreError> {
        let found = self.state().await?.group_buys.get(&group_buy);
        let is_on = |it: &&GroupBuy| it.status(now) == GroupBuyStatus::Active;
        Ok(found.filter(is_on).map(|group_buy| group_buy.slug.clone()))
    }

    async fn by_session(
        &mut self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.state().await?.order_of_session(session))
    }

    async fn opened(
        &mut self,
        id: CheckoutId,
        session: &OpenedSession,
    ) -> Result<bool, StoreError> {
        let orders = self.state().await?.orders.edit();
        let Some(order) = orders.get_mut(&id) else { return Ok(false) };
        let is_this = order.opened.as_ref().is_some_and(|known| known.session == session.session);
        if is_this && order.status == OrderStatus::Open {
            return Ok(true);
        }
        if order.status != OrderStatus::Creating || order.opened.is_some() {
            return Ok(false);
        }
        order.opened = Some(session.clone());
        order.status = OrderStatus::Open;
        Ok(true)
    }

    async fn lead_on_to(
        &mut self,
        id: CheckoutId,
        success_url: Option<String>,
    ) -> Result<(), StoreError> {
        if let Some(order) = self.state().await?.orders.edit().get_mut(&id) {
            order.success_url = success_url;
        }
        Ok(())
    }

    async fn advance(
        &mut self,
        id: CheckoutId,
        from: &[OrderStatus],
        to: OrderStatus,
    ) -> Result<bool, StoreError> {
        let orders = self.state().await?.orders.edit();
        let movable = orders.get_mut(&id).filter(|order| from.contains(&order.status));
        Ok(movable.map(|order| order.status = to).is_some())
    }

    async fn bring_back(&mut self, order: &CheckoutOrder) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let closed = [OrderStatus::Expired, OrderStatus::Failed];
        let Some(known) = state.orders.get(&order.id).cloned() else { return Ok(false) };
        if !closed.contains(&known.status) {
            return Ok(false);
        }
        let in_the_way = state.live_order(known.visitor_id, known.page_id);
        let in_the_way = in_the_way.map(|other| (other.id, other.status));
        let beside = state.beside.edit();
        match in_the_way {
            Some((_, OrderStatus::Pending)) => beside.insert(known.id, ()),
            Some((other, _)) => {
                beside.insert(other, ());
                beside.remove(&known.id)
            }
            None => beside.remove(&known.id),
        };
        state.awaited.edit().remove(&known.id);
        let pending = CheckoutOrder { status: OrderStatus::Pending, ..known };
        state.orders.edit().insert(pending.id, pending);
        Ok(true)
    }

    async fn await_end(&mut self, id: CheckoutId, is_awaited: bool) -> Result<(), StoreError> {
        let awaited = self.state().await?.awaited.edit();
        if is_awaited {
            awaited.insert(id, ());
        } else {
            awaited.remove(&id);
        }
        Ok(())
    }

    async fn unread(&mut self, id: CheckoutId, now: Timestamp) -> Result<bool, StoreError> {
        let state = self.state().await?;
        let Some(status) = state.orders.get(&id).map(|order| order.status) else {
            return Ok(false);
        };
        let is_awaited = status == OrderStatus::Expired && state.awaited.contains_key(&id);
        if state.unread.contains_key(&id) || !(status.is_live() || is_awaited) {
            return Ok(false);
        }
        state.unread.edit().insert(id, UnreadRow { noted_at: now, is_read: false });
        Ok(true)
    }

    async fn read_again(&mut self, id: CheckoutId, _now: Timestamp) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.unread.edit().get_mut(&id) {
            row.is_read = true;
        }
        Ok(())
    }

    async fn move_unpaid(
        &mut self,
        handle: HandleId,
        from: VisitorId,
        to: &Visitor,
    ) -> Result<MovedOrders, StoreError> {
        let state = self.state().await?;
        let is_theirs = |order: &&CheckoutOrder| {
            let is_movable = OrderStatus::NOT_PAID.contains(&order.status);
            order.visitor_id == from && order.handle_id == handle && is_movable
        };
        let theirs: Vec<_> = state.orders.values().filter(is_theirs).cloned().collect();
        let mut moved = MovedOrders::default();
        for mut order in theirs {
            let is_pending = order.status == OrderStatus::Pending;
            moved.payments += usize::from(OrderStatus::PAID_FOR.contains(&order.status));
            let mut in_the_way = state.live_order(to.id, order.page_id).cloned();
            if is_pending
                && let Some(other) =
                    in_the_way.take_if(|other| other.status != OrderStatus::Pending)
            {
                state.beside.edit().insert(other.id, ());
                moved.closing.push(other.id);
                let closing = CheckoutOrder { status: OrderStatus::Closing, ..other };
                state.orders.edit().insert(closing.id, closing);
            }
            if in_the_way.is_some() {
                state.beside.edit().insert(order.id, ());
            } else {
                state.beside.edit().remove(&order.id);
            }
            if OrderStatus::PAYABLE.contains(&order.status) {
                order.status = OrderStatus::Closing;
                moved.closing.push(order.id);
            }
            if order.opened.is_some() {
                order.customer_email = to.email.clone();
            }
            order.visitor_id = to.id;
            let group_buy = order.group_buy_id;
            state.orders.edit().insert(order.id, order);
            if let Some(group_buy) = group_buy {
                state.move_interest(group_buy, from, to.id);
            }
        }
        Ok(moved)
    }
}

#[async_trait]
impl PayPages for MemoryUnit {
    async fn close_of(
        &mut self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutId>, StoreError> {
        let open = [OrderStatus::Creating, OrderStatus::Open];
        let orders = self.state().await?.orders.edit();
        let theirs = orders.values_mut().find(|order| {
            order.visitor_id == visitor && order.page_id == page && open.contains(&order.status)
        });
        Ok(theirs.map(|order| {
            order.status = OrderStatus::Closing;
            order.id
        }))
    }

    async fn close_of_page(&mut self, page: PageId) -> Result<Vec<CheckoutId>, StoreError> {
        // The money of a pending order is on its way: closing it would have the visitor pay twice.
        let open = [OrderStatus::Creating, OrderStatus::Open];
        let orders = self.state().await?.orders.edit();
        let closed = orders
            .values_mut()
            .filter(|order| order.page_id == page && open.contains(&order.status))
            .map(|order| {
                order.status = OrderStatus::Closing;
                order.id
            });
        Ok(closed.collect())
    }
}

#[async_trait]
impl ConnectedAccounts for MemoryUnit {
    async fn insert(&mut self, account: &ConnectedAccount) -> Result<bool, StoreError> {
        let accounts = self.state().await?.accounts.edit();
        let live = |row: &AccountRow| {
            row.account.handle_id == account.handle_id && row.disconnected_at.is_none()
        };
        if accounts.values().any(live) {
            return Ok(false);
        }
        if accounts.contains_key(&account.account) {
            return self.conflict();
        }
        let row = AccountRow { account: account.clone(), disconnected_at: None, refused_at: None };
        accounts.insert(account.account.clone(), row);
        Ok(true)
    }

    async fn set_state(
        &mut self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<Option<AccountTurn>, StoreError> {
        let row = self.state().await?.accounts.edit().get_mut(account);
        let Some(row) = row.filter(|row| row.account.updated_at <= read_at) else {
            return Ok(None);
        };
        let (could, handle) = (row.account.state.charges_enabled, row.account.handle_id);
        row.account.state = state;
        row.account.updated_at = read_at;
        if row.disconnected_at.is_some() {
            return Ok(None);
        }
        Ok(match (could, state.charges_enabled) {
            (false, true) => Some(AccountTurn::Opened(handle)),
            (true, false) => Some(AccountTurn::Closed(handle)),
            _ => None,
        })
    }

    async fn note_refusal(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.state().await?.accounts.edit().get_mut(account) {
            row.refused_at = Some(now);
        }
        Ok(())
    }

    async fn was_refused_since(
        &mut self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let row = self.state().await?.accounts.get(account);
        Ok(row.and_then(|row| row.refused_at).is_some_and(|at| at > since))
    }

    async fn disconnect(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<Option<HandleId>, StoreError> {
        let row = self.state().await?.accounts.edit().get_mut(account);
        let connected = row.filter(|row| row.disconnected_at.is_none());
        Ok(connected.map(|row| {
            row.disconnected_at = Some(now);
            row.account.updated_at = now;
            row.account.state.charges_enabled = false;
            row.account.state.payouts_enabled = false;
            row.account.handle_id
        }))
    }

    async fn reconnect(&mut self, account: &AccountId) -> Result<bool, StoreError> {
        let accounts = self.state().await?.accounts.edit();
        let Some(own) = accounts.get(account).map(|row| row.account.clone()) else {
            return Ok(false);
        };
        let is_in_the_way = |row: &AccountRow| {
            let is_newer = row.account.created_at > own.created_at;
            row.account.handle_id == own.handle_id && (row.disconnected_at.is_none() || is_newer)
        };
        if accounts.values().any(is_in_the_way) {
            return Ok(false);
        }
        if let Some(row) = accounts.get_mut(account) {
            row.disconnected_at = None;
        }
        Ok(true)
    }
}

#[async_trait]
impl CheckoutReads for MemoryStore {
    async fn order(&self, id: CheckoutId) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.read().await?.orders.get(&id).cloned())
    }

    async fn order_of_session(
        &self,
        session: &CheckoutSessionId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.read().await?.order_of_session(session))
    }

    async fn order_with_page(
        &self,
        id: CheckoutId,
    ) -> Result<Option<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let state = self.read().await?;
        Ok(state.orders.get(&id).and_then(|order| state.named(order)))
    }

    async fn told_order(
        &self,
        visitor: VisitorId,
        page: PageId,
        status: ReportedStatus,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        let is_it = |order: &&CheckoutOrder| {
            order.visitor_id == visitor
                && order.page_id == page
                && order.status == OrderStatus::from(status)
                && order.opened.is_some()
        };
        Ok(state.orders.values().rev().find(is_it).cloned())
    }

    async fn last_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        let is_it = |order: &&CheckoutOrder| {
            order.visitor_id == visitor && order.page_id == page && order.opened.is_some()
        };
        let mine = state.orders.values().filter(is_it);
        Ok(mine.max_by_key(|order| (order.created_at, order.id)).cloned())
    }

    async fn quarantined_payment(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<QuarantinedPayment>, StoreError> {
        Ok(self.read().await?.quarantined(visitor, page))
    }

    async fn pending_orders_of(
        &self,
        visitor: VisitorId,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let state = self.read().await?;
        let own = state.orders.values().rev().filter(|order| order.visitor_id == visitor);
        let pending = own.filter(|order| order.status == OrderStatus::Pending);
        Ok(pending.filter_map(|order| state.named(order)).take(50).collect())
    }

    async fn failed_orders_of(
        &self,
        visitor: VisitorId,
        since: Timestamp,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let state = self.read().await?;
        let is_for_sale = |page: PageId| {
            state.pages.get(&page).is_some_and(|page| {
                page.status == PageStatus::Published && page.mode == AccessMode::Paid
            })
        };
        let mut told = Vec::new();
        let mut begun = HashSet::new();
        for order in state.orders.values().rev().filter(|order| order.visitor_id == visitor) {
            if !OrderStatus::BEGUN.contains(&order.status) || !begun.insert(order.page_id) {
                continue;
            }
            let is_news = order.status == OrderStatus::Failed && order.created_at >= since;
            let was_asked = order.opened.is_some();
            if is_news && was_asked && is_for_sale(order.page_id) && !state.has_page(order) {
                told.extend(state.named(order));
            }
        }
        told.truncate(50);
        Ok(told)
    }

    async fn quarantined_orders_of(
        &self,
        visitor: VisitorId,
        since: Timestamp,
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let state = self.read().await?;
        let own = state.orders.values().rev().filter(|order| order.visitor_id == visitor);
        let told = own.filter(|order| {
            order.status == OrderStatus::Quarantined
                && order.opened.is_some()
                && order.created_at >= since
                && state.noted(FactKind::QuarantineRefunded, order).is_none()
                && !state.has_page(order)
        });
        Ok(told.filter_map(|order| state.named(order)).take(50).collect())
    }

    async fn connected_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let state = self.read().await?;
        let live = state
            .accounts
            .values()
            .find(|row| row.account.handle_id == handle && row.disconnected_at.is_none());
        Ok(live.map(|row| row.account.clone()))
    }

    async fn selling_account(
        &self,
        handle: HandleId,
    ) -> Result<Option<ConnectedAccount>, StoreError> {
        let state = self.read().await?;
        let owner = state.handles.get(&handle).map(|handle| handle.creator_id);
        let owner = owner.and_then(|id| state.creators.get(&id));
        let may_sell = owner.is_some_and(|creator| creator.suspended_at.is_none());
        drop(state);
        Ok(self.connected_account(handle).await?.filter(|_| may_sell))
    }

    async fn count_of_accounts(&self, handle: HandleId) -> Result<u64, StoreError> {
        let state = self.read().await?;
        let ever = state.accounts.values().filter(|row| row.account.handle_id == handle).count();
        Ok(u64::try_from(ever).unwrap_or(u64::MAX))
    }
}
