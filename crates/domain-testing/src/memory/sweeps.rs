//! Sweeps of connected accounts.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{State, at_most},
    unit::MemoryUnit,
};
use tollgate_domain::{
    access::FactKind,
    checkout::{CheckoutOrder, OrderStatus},
    disputes::Dispute,
    id::{CheckoutId, FactId, HandleId, PurchaseId},
    payments::{AccountId, DisputeId, PaymentIntentId},
    reconcile::ports::{OrderState, SweepReads, Sweeps, SweptAccount},
    store_error::StoreError,
};

#[async_trait]
impl Sweeps for MemoryUnit {
    async fn swept(&mut self, account: &AccountId, at: Timestamp) -> Result<(), StoreError> {
        self.state().await?.swept.edit().insert(account.clone(), at);
        Ok(())
    }

    async fn keep_place(
        &mut self,
        account: &AccountId,
        place: Option<String>,
    ) -> Result<(), StoreError> {
        let places = &mut self.state().await?.sweep_places;
        match place {
            Some(place) => places.edit().insert(account.clone(), place),
            None => places.edit().remove(account),
        };
        Ok(())
    }
}

impl State {
    /// Returns the orders at an account that are meant, by their ids: at most `limit`, from the one after `after` on.
    fn orders_after(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
        is_meant: impl Fn(&CheckoutOrder) -> bool,
    ) -> Vec<CheckoutOrder> {
        let later = self.orders.values().filter(|order| after.is_none_or(|after| order.id > after));
        let meant = later.filter(|order| order.account == *account && is_meant(order));
        meant.take(at_most(limit)).cloned().collect()
    }
}

#[async_trait]
impl SweepReads for MemoryStore {
    async fn accounts_to_sweep(&self) -> Result<Vec<SweptAccount>, StoreError> {
        let state = self.read().await?;
        let rows = state.accounts.values();
        let mut accounts: Vec<_> = rows
            .filter_map(|row| {
                Some(SweptAccount {
                    account: row.account.account.clone(),
                    handle: state.handles.get(&row.account.handle_id)?.name.clone(),
                    is_connected: row.disconnected_at.is_none(),
                    state: row.account.state,
                    connected_at: row.account.created_at,
                    swept_at: state.swept.get(&row.account.account).copied(),
                    place: state.sweep_places.get(&row.account.account).cloned(),
                })
            })
            .collect();
        accounts.sort_by(|a, b| (a.swept_at, &a.account).cmp(&(b.swept_at, &b.account)));
        Ok(accounts)
    }

    async fn account_to_sweep(
        &self,
        account: &AccountId,
    ) -> Result<Option<SweptAccount>, StoreError> {
        Ok(self.accounts_to_sweep().await?.into_iter().find(|it| it.account == *account))
    }

    async fn swept_at(&self, handle: HandleId) -> Result<Option<Timestamp>, StoreError> {
        let state = self.read().await?;
        let mut accounts = state.accounts.values();
        let live =
            accounts.find(|row| row.account.handle_id == handle && row.disconnected_at.is_none());
        Ok(live.and_then(|row| state.swept.get(&row.account.account).copied()))
    }

    async fn order_states(&self, ids: &[CheckoutId]) -> Result<Vec<OrderState>, StoreError> {
        let state = self.read().await?;
        let known = ids.iter().filter_map(|id| state.orders.get(id));
        let states = known.map(|order| OrderState {
            id: order.id,
            account: order.account.clone(),
            status: order.status,
            session: order.opened.as_ref().map(|opened| opened.session.clone()),
            is_quarantine_refunded: state.is_quarantine_refunded(order),
        });
        Ok(states.collect())
    }

    async fn orders_without_session(
        &self,
        account: &AccountId,
        before: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let is_meant = |order: &CheckoutOrder| {
            order.status == OrderStatus::Creating
                && order.opened.is_none()
                && order.created_at < before
        };
        Ok(self.read().await?.orders_after(account, after, limit, is_meant))
    }

    async fn pending_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let is_meant = |order: &CheckoutOrder| order.status == OrderStatus::Pending;
        Ok(self.read().await?.orders_after(account, after, limit, is_meant))
    }

    async fn awaited_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        Ok(state.orders_after(account, after, limit, |order| {
            order.status == OrderStatus::Expired && state.awaited.contains_key(&order.id)
        }))
    }

    async fn unread_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        let is_meant = |order: &CheckoutOrder| state.unread_since(order).is_some();
        Ok(state.orders_after(account, after, limit, is_meant))
    }

    async fn quarantined_orders_at(
        &self,
        account: &AccountId,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        Ok(state.orders_after(account, after, limit, |order| state.is_unmatched(order)))
    }

    async fn quarantine_refunded_orders_at(
        &self,
        account: &AccountId,
        since: Timestamp,
        after: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutOrder>, StoreError> {
        let state = self.read().await?;
        Ok(state.orders_after(account, after, limit, |order| {
            order.status == OrderStatus::Quarantined
                && state.quarantine_refunded_at(order).is_some_and(|at| at >= since)
        }))
    }

    async fn known_facts(
        &self,
        references: &[String],
    ) -> Result<BTreeSet<(&'static str, String)>, StoreError> {
        let state = self.read().await?;
        let known = state.ledger.keys().filter(|(_, reference)| references.contains(reference));
        Ok(known.map(|(kind, reference)| (kind.as_str(), reference.clone())).collect())
    }

    async fn known_payments(
        &self,
        account: &AccountId,
        payments: &[PaymentIntentId],
    ) -> Result<Vec<PaymentIntentId>, StoreError> {
        let state = self.read().await?;
        let paid = state.purchases.values().filter_map(|purchase| purchase.payment.as_ref());
        let here = paid.filter(|payment| payment.account == *account);
        let known = here.map(|payment| payment.payment_intent.clone());
        Ok(known.filter(|payment| payments.contains(payment)).collect())
    }

    async fn known_disputes(&self, ids: &[DisputeId]) -> Result<Vec<Dispute>, StoreError> {
        let state = self.read().await?;
        Ok(ids.iter().filter_map(|id| state.disputes.get(id)).cloned().collect())
    }

    async fn open_disputes_at(
        &self,
        account: &AccountId,
        after: Option<DisputeId>,
        limit: u32,
    ) -> Result<Vec<DisputeId>, StoreError> {
        let state = self.read().await?;
        let is_suspended = |id: PurchaseId| {
            state.purchases.get(&id).is_some_and(|purchase| {
                let payment = purchase.payment.as_ref();
                purchase.suspended_at.is_some() && payment.is_some_and(|it| it.account == *account)
            })
        };
        let opened = state.ledger.values().filter(|fact| fact.kind == FactKind::Disputed);
        // Further turns of a dispute have its first fact's object as theirs.
        let mut firsts: Vec<_> = opened.filter(|fact| fact.object() == fact.reference).collect();
        firsts.sort_by_key(|fact| fact.id);
        let is_after = |id: FactId| {
            let place = after.as_ref().and_then(|after| {
                firsts.iter().find(|fact| fact.reference == after.as_str()).map(|fact| fact.id)
            });
            place.is_none_or(|place| id > place)
        };
        let rest = firsts
            .iter()
            .filter(|fact| is_after(fact.id) && fact.subject.purchase_id.is_some_and(is_suspended));
        let disputes = rest.map(|fact| DisputeId::new(&fact.reference));
        Ok(disputes.take(at_most(limit)).collect())
    }
}
