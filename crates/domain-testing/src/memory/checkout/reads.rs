//! What is read of orders and accounts.

use std::collections::HashSet;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::memory::MemoryStore;
use tollgate_domain::{
    checkout::{
        CheckoutOrder, ConnectedAccount, OrderStatus, QuarantinedPayment, ReportedStatus,
        ports::CheckoutReads,
    },
    creators::{AccessMode, PageStatus},
    email::Email,
    id::{CheckoutId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    payments::{AccountId, CheckoutSessionId},
    store_error::StoreError,
};

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

    async fn live_order(
        &self,
        visitor: VisitorId,
        page: PageId,
    ) -> Result<Option<CheckoutOrder>, StoreError> {
        Ok(self.read().await?.live_order(visitor, page).cloned())
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
        let pending =
            own.filter(|order| order.status == OrderStatus::Pending && order.opened.is_some());
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
    ) -> Result<Vec<(CheckoutOrder, HandleName, Slug)>, StoreError> {
        let state = self.read().await?;
        let own = state.orders.values().rev().filter(|order| order.visitor_id == visitor);
        let told = own.filter(|order| {
            order.status == OrderStatus::Quarantined
                && order.opened.is_some()
                && !state.is_quarantine_refunded(order)
                && !state.was_given_page(order)
        });
        Ok(told.filter_map(|order| state.named(order)).take(50).collect())
    }

    async fn visitor(&self, email: &Email) -> Result<Option<VisitorId>, StoreError> {
        let state = self.read().await?;
        let found = state.visitors.values().find(|visitor| visitor.email == *email);
        Ok(found.map(|visitor| visitor.id))
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

    async fn account_was_refused_since(
        &self,
        account: &AccountId,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.read().await?.was_refused_since(account, since))
    }

    async fn handle_of_account(
        &self,
        account: &AccountId,
    ) -> Result<Option<(HandleId, HandleName)>, StoreError> {
        let state = self.read().await?;
        let row = state.accounts.get(account);
        let handle = row.and_then(|row| state.handles.get(&row.account.handle_id));
        Ok(handle.map(|handle| (handle.id, handle.name.clone())))
    }

    async fn count_of_accounts(&self, handle: HandleId) -> Result<u64, StoreError> {
        let state = self.read().await?;
        let ever = state.accounts.values().filter(|row| row.account.handle_id == handle).count();
        Ok(u64::try_from(ever).unwrap_or(u64::MAX))
    }
}
