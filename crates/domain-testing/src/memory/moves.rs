//! Changes of address.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{forget_oldest, newest},
    unit::MemoryUnit,
};
use tollgate_domain::{
    checkout::OrderStatus,
    creators::Handle,
    email::Email,
    id::{FileId, HandleId, MoveId, VisitorId},
    moves::{
        AddressMove,
        ports::{AddressMoves, MoveReads},
    },
    store_error::StoreError,
    token::TokenHash,
};

fn is_open(asked: &AddressMove, now: Timestamp) -> bool {
    asked.used_at.is_none() && now < asked.expires_at
}

/// The changes from an address at a handle that can be confirmed at `now`.
fn open_from<'a>(
    moves: &'a mut BTreeMap<MoveId, AddressMove>,
    handle: HandleId,
    from: &'a Email,
    now: Timestamp,
) -> impl Iterator<Item = &'a mut AddressMove> {
    let moves = moves.values_mut();
    moves.filter(move |it| it.handle_id == handle && it.from == *from && is_open(it, now))
}

#[async_trait]
impl AddressMoves for MemoryUnit {
    async fn insert(&mut self, asked: &AddressMove) -> Result<(), StoreError> {
        self.state().await?.moves.edit().insert(asked.id, asked.clone());
        Ok(())
    }

    async fn was_asked_after(
        &mut self,
        asked: &AddressMove,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let moves = self.state().await?.moves.edit();
        let mut open = open_from(moves, asked.handle_id, &asked.from, now);
        Ok(open.any(|it| it.to == asked.to && it.created_at > since))
    }

    async fn redeem(&mut self, asked: &AddressMove, now: Timestamp) -> Result<bool, StoreError> {
        let moves = self.state().await?.moves.edit();
        if !moves.get(&asked.id).is_some_and(|it| is_open(it, now)) {
            return Ok(false);
        }
        for it in open_from(moves, asked.handle_id, &asked.from, now) {
            if it.id == asked.id {
                it.used_at = Some(now);
            } else {
                it.expires_at = it.created_at;
            }
        }
        Ok(true)
    }

    async fn end_others(&mut self, asked: &AddressMove, now: Timestamp) -> Result<(), StoreError> {
        let moves = self.state().await?.moves.edit();
        let open = open_from(moves, asked.handle_id, &asked.from, now);
        for it in open.filter(|it| it.to != asked.to) {
            it.expires_at = it.created_at;
        }
        Ok(())
    }

    async fn call_off<'a>(
        &mut self,
        handle: HandleId,
        from: &Email,
        to: Option<&'a Email>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let moves = self.state().await?.moves.edit();
        let mut was_waiting = false;
        let open = open_from(moves, handle, from, now);
        for it in open.filter(|it| to.is_none_or(|to| it.to == *to)) {
            it.expires_at = it.created_at;
            was_waiting = true;
        }
        Ok(was_waiting)
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let moves = self.state().await?.moves.edit();
        let unconfirmed = |asked: &AddressMove| asked.used_at.is_none().then_some(asked.expires_at);
        Ok(forget_oldest(moves, instant, most, unconfirmed))
    }
}

#[async_trait]
impl MoveReads for MemoryStore {
    async fn address_move(
        &self,
        token: TokenHash,
    ) -> Result<Option<(AddressMove, Handle)>, StoreError> {
        let state = self.read().await?;
        let found = state.moves.values().find(|asked| asked.token == token);
        Ok(found
            .and_then(|asked| Some((asked.clone(), state.handles.get(&asked.handle_id)?.clone()))))
    }

    async fn has_anything(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let state = self.read().await?;
        let visitor = state.visitors.values().find(|visitor| visitor.email == *email);
        let is_theirs = |of: VisitorId| visitor.is_some_and(|visitor| visitor.id == of);
        let is_here =
            |file: FileId| state.files.get(&file).is_some_and(|row| row.file.handle_id == handle);
        let bought = state
            .purchases
            .values()
            .any(|purchase| purchase.handle_id == handle && is_theirs(purchase.visitor_id));
        let paying = state.orders.values().any(|order| {
            let is_paid_for = OrderStatus::PAID_FOR.contains(&order.status);
            is_paid_for && order.handle_id == handle && is_theirs(order.visitor_id)
        });
        let listed = state
            .allowlist
            .values()
            .any(|row| is_here(row.entry.file_id) && row.is_live(row.entry.file_id, email));
        Ok(bought || paying || listed)
    }

    async fn confirmed_moves(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError> {
        let state = self.read().await?;
        let is_theirs = |asked: &&AddressMove| {
            asked.handle_id == handle
                && asked.used_at.is_some()
                && (asked.from == *email || asked.to == *email)
        };
        let confirmed = state.moves.values().filter(is_theirs).cloned();
        Ok(newest(confirmed, limit, |asked| (asked.used_at, asked.id)))
    }

    async fn last_move_from(
        &self,
        handle: HandleId,
        from: &Email,
    ) -> Result<Option<AddressMove>, StoreError> {
        let state = self.read().await?;
        let is_from = |asked: &&AddressMove| {
            asked.handle_id == handle && asked.used_at.is_some() && asked.from == *from
        };
        let confirmed = state.moves.values().filter(is_from);
        Ok(confirmed.max_by_key(|asked| (asked.used_at, asked.id)).cloned())
    }

    async fn waiting_moves(
        &self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError> {
        let state = self.read().await?;
        let is_waiting = |asked: &&AddressMove| {
            asked.handle_id == handle
                && is_open(asked, now)
                && (asked.from == *email || asked.to == *email)
        };
        let waiting = state.moves.values().filter(is_waiting).cloned();
        Ok(newest(waiting, limit, |asked| (asked.created_at, asked.id)))
    }

    async fn moves_of_buyer(
        &self,
        visitor: VisitorId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<(AddressMove, Handle)>, StoreError> {
        let state = self.read().await?;
        let has_ordered_at = |handle: HandleId| {
            let mut orders = state.orders.values();
            orders.any(|order| order.visitor_id == visitor && order.handle_id == handle)
        };
        let is_theirs = |asked: &&AddressMove| {
            asked.from == *email && asked.used_at.is_some() && has_ordered_at(asked.handle_id)
        };
        let with_handle = |asked: &AddressMove| {
            Some((asked.clone(), state.handles.get(&asked.handle_id)?.clone()))
        };
        let confirmed = state.moves.values().filter(is_theirs).filter_map(with_handle);
        Ok(newest(confirmed, limit, |(asked, _)| (asked.used_at, asked.id)))
    }
}
