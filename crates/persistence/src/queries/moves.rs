//! Changes of address.

use diesel::{
    dsl::{case_when, exists},
    sql_types::{BigInt, Nullable},
};
use tollgate_domain::{
    checkout::OrderStatus,
    creators::Handle,
    email::Email,
    id::{HandleId, MoveId, VisitorId},
    moves::{
        AddressMove,
        ports::{AddressMoves, MoveReads},
    },
    token::TokenHash,
};

use super::prelude::*;
use crate::{
    cached::Literal,
    rows::{AddressMoveRow, HandleRow},
    schema::{address_moves, checkout_orders, file_allowlist, files, handles, purchases, visitors},
};

/// The changes from an address at a handle that can be confirmed at `$now`.
macro_rules! open_from {
    ($handle:expr, $from:expr, $now:expr) => {
        address_moves::table
            .filter(address_moves::handle_id.eq(AsText($handle)))
            .filter(address_moves::from_email.eq(AsText($from.clone())))
            .filter(address_moves::used_at.is_null())
            .filter(address_moves::expires_at.gt(AsInt($now)))
    };
}

#[async_trait]
impl AddressMoves for Unit {
    async fn insert(&mut self, asked: &AddressMove) -> Result<(), StoreError> {
        let row = AddressMoveRow::from(asked);
        execute!(self, diesel::insert_into(address_moves::table).values(row))
    }

    async fn was_asked_after(
        &mut self,
        asked: &AddressMove,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let same = open_from!(asked.handle_id, asked.from, now)
            .filter(address_moves::to_email.eq(AsText(asked.to.clone())))
            .filter(address_moves::created_at.gt(AsInt(since)))
            .select(address_moves::created_at)
            .limit(1);
        let asked_at: Option<i64> = self.first(same).await?;
        Ok(asked_at.is_some())
    }

    async fn redeem(&mut self, asked: &AddressMove, now: Timestamp) -> Result<bool, StoreError> {
        let id = AsText(asked.id);
        let open = open_from!(asked.handle_id, asked.from, now);
        run!(self, |conn| {
            let wanted = diesel::alias!(address_moves as wanted);
            let is_open = wanted
                .filter(wanted.field(address_moves::id).eq(id))
                .filter(wanted.field(address_moves::used_at).is_null())
                .filter(wanted.field(address_moves::expires_at).gt(AsInt(now)))
                .select(wanted.field(address_moves::id));
            let now = AsInt(now).into_sql::<Nullable<BigInt>>();
            let used_at =
                case_when(address_moves::id.eq(id), now).otherwise(address_moves::used_at);
            let expires_at = case_when(address_moves::id.eq(id), address_moves::expires_at)
                .otherwise(address_moves::created_at);
            let redeem = diesel::update(open.filter(exists(is_open)))
                .set((address_moves::used_at.eq(used_at), address_moves::expires_at.eq(expires_at)))
                .returning(address_moves::id);
            let changed: Vec<AsText<MoveId>> = redeem.get_results(conn).await?;
            // After a parallel call for another one, only newer ones may be left to end.
            Ok(changed.contains(&id))
        })
    }

    async fn end_others(&mut self, asked: &AddressMove, now: Timestamp) -> Result<(), StoreError> {
        let others = open_from!(asked.handle_id, asked.from, now)
            .filter(address_moves::to_email.ne(AsText(asked.to.clone())));
        let ended = address_moves::expires_at.eq(address_moves::created_at);
        execute!(self, diesel::update(others).set(ended))
    }

    async fn call_off<'a>(
        &mut self,
        handle: HandleId,
        from: &Email,
        to: Option<&'a Email>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let open = open_from!(handle, from, now);
        let ended = address_moves::expires_at.eq(address_moves::created_at);
        let Some(to) = to else { return changes!(self, diesel::update(open).set(ended)) };
        let wanted = open.filter(address_moves::to_email.eq(AsText(to.clone())));
        changes!(self, diesel::update(wanted).set(ended))
    }

    async fn forget_expired(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let expired = address_moves::table
            .filter(address_moves::expires_at.lt(AsInt(instant)))
            .filter(address_moves::used_at.is_null());
        forget_oldest!(self, expired, address_moves::expires_at, most)
    }
}

#[async_trait]
impl MoveReads for Database {
    async fn address_move(
        &self,
        token: TokenHash,
    ) -> Result<Option<(AddressMove, Handle)>, StoreError> {
        let asked = address_moves::table
            .inner_join(handles::table.on(handles::id.eq(address_moves::handle_id)))
            .filter(address_moves::token.eq(AsBytes(token)))
            .select((AddressMoveRow::as_select(), HandleRow::as_select()));
        let row: Option<(AddressMoveRow, HandleRow)> =
            read!(self, |conn| { asked.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(|(asked, handle)| (asked.into(), handle.into())))
    }

    async fn has_anything(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let (handle, email) = (AsText(handle), AsText(email.clone()));
        let bought = purchases::table
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .filter(visitors::email.eq(email.clone()))
            .filter(purchases::handle_id.eq(handle))
            .select(purchases::id);
        // The statuses are in the text, and each in a query of its own, as the partial indexes have them.
        let [pending, quarantined] = OrderStatus::PAID_FOR.map(|status| {
            checkout_orders::table
                .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
                .filter(visitors::email.eq(email.clone()))
                .filter(checkout_orders::handle_id.eq(handle))
                .filter(checkout_orders::status.eq(Literal(status.as_str())))
                .select(checkout_orders::id)
        });
        let listed = file_allowlist::table
            .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
            .filter(file_allowlist::email.eq(email))
            .filter(file_allowlist::removed_at.is_null())
            .filter(files::handle_id.eq(handle))
            .select(file_allowlist::id);
        let paid = exists(pending).or(exists(quarantined));
        let has = diesel::select(exists(bought).or(paid).or(exists(listed)));
        read!(self, |conn| { has.get_result(on(&mut conn)).await })
    }

    async fn confirmed_moves(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError> {
        let email = AsText(email.clone());
        let confirmed = address_moves::table
            .filter(address_moves::handle_id.eq(AsText(handle)))
            .filter(
                address_moves::from_email.eq(email.clone()).or(address_moves::to_email.eq(email)),
            )
            .filter(address_moves::used_at.is_not_null())
            .order((address_moves::used_at.desc(), address_moves::id.desc()))
            .limit(i64::from(limit))
            .select(AddressMoveRow::as_select());
        let rows: Vec<AddressMoveRow> = read_all!(self, confirmed)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn last_move_from(
        &self,
        handle: HandleId,
        from: &Email,
    ) -> Result<Option<AddressMove>, StoreError> {
        let confirmed = address_moves::table
            .filter(address_moves::handle_id.eq(AsText(handle)))
            .filter(address_moves::from_email.eq(AsText(from.clone())))
            .filter(address_moves::used_at.is_not_null())
            .order((address_moves::used_at.desc(), address_moves::id.desc()));
        read_first!(self, AddressMoveRow, confirmed)
    }

    async fn waiting_moves(
        &self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<AddressMove>, StoreError> {
        let email = AsText(email.clone());
        let waiting = address_moves::table
            .filter(address_moves::handle_id.eq(AsText(handle)))
            .filter(
                address_moves::from_email.eq(email.clone()).or(address_moves::to_email.eq(email)),
            )
            .filter(address_moves::used_at.is_null())
            .filter(address_moves::expires_at.gt(AsInt(now)))
            .order((address_moves::created_at.desc(), address_moves::id.desc()))
            .limit(i64::from(limit))
            .select(AddressMoveRow::as_select());
        let rows: Vec<AddressMoveRow> = read_all!(self, waiting)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn moves_of_buyer(
        &self,
        visitor: VisitorId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<(AddressMove, Handle)>, StoreError> {
        let ordered_at = checkout_orders::table
            .filter(checkout_orders::visitor_id.eq(AsText(visitor)))
            .select(checkout_orders::handle_id);
        let confirmed = address_moves::table
            .inner_join(handles::table.on(handles::id.eq(address_moves::handle_id)))
            .filter(address_moves::handle_id.eq_any(ordered_at))
            .filter(address_moves::from_email.eq(AsText(email.clone())))
            .filter(address_moves::used_at.is_not_null())
            .order((address_moves::used_at.desc(), address_moves::id.desc()))
            .limit(i64::from(limit))
            .select((AddressMoveRow::as_select(), HandleRow::as_select()));
        let rows: Vec<(AddressMoveRow, HandleRow)> = read_all!(self, confirmed)?;
        Ok(rows.into_iter().map(|(asked, handle)| (asked.into(), handle.into())).collect())
    }
}
