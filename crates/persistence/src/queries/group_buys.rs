//! Group buys: their changes, each one conditional statement, and how they are read.

use tollgate_domain::{
    creators::{HandleName, Slug},
    group_buys::{
        GroupBuy, GroupBuyState, GroupBuyView, Interest, InterestRecord, Paid,
        ports::{GroupBuyReads, GroupBuyRepository},
    },
    id::{GroupBuyId, HandleId, VisitorId},
    paging::{Cursor, Listing, PageRequest},
};

use super::{interests::is_pending, prelude::*};
use crate::{
    rows::{GroupBuyRow, GroupBuyViewRow, HandleRow, InterestRow, OfferedPageRow, view},
    schema::{group_buy_interests, group_buys, handles, pages},
};

const DAY_MICROS: i64 = 24 * 3_600 * 1_000_000;

#[async_trait]
impl GroupBuyRepository for Unit {
    async fn insert(&mut self, group_buy: &GroupBuy) -> Result<bool, StoreError> {
        let row = GroupBuyRow::from(group_buy);
        run!(self, |conn| {
            let affected = diesel::insert_into(group_buys::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn find(&mut self, id: GroupBuyId) -> Result<Option<GroupBuy>, StoreError> {
        let id = id.to_string();
        run!(self, |conn| {
            group_buys::table.find(id).select(GroupBuyRow::as_select()).first(conn).await.optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn update(
        &mut self,
        group_buy: &GroupBuy,
        unchanged_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (id, new) = (group_buy.id.to_string(), group_buy.clone());
        let (unchanged_since, now) = (micros(unchanged_since), micros(now));
        let most = new.max_quantity.unwrap_or(i64::MAX);
        run!(self, |conn| {
            let is_on = group_buys::state
                .eq(GroupBuyState::Active.as_str())
                .and(group_buys::offer_ends_at.assume_not_null().gt(now));
            let changeable = group_buys::table
                .find(id)
                .filter(group_buys::updated_at.eq(unchanged_since))
                .filter(is_pending!(now).or(is_on))
                .filter(group_buys::current_quantity.le(most));
            let affected = diesel::update(changeable)
                .set((
                    group_buys::title.eq(new.title),
                    group_buys::description.eq(new.description),
                    group_buys::price_amount.eq(new.price.amount),
                    group_buys::price_currency.eq(new.price.currency.code()),
                    group_buys::target_quantity.eq(new.target_quantity),
                    group_buys::max_quantity.eq(new.max_quantity),
                    group_buys::deadline.eq(new.deadline.map(micros)),
                    group_buys::offer_days.eq(new.offer_days),
                    group_buys::updated_at.eq(micros(new.updated_at)),
                ))
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn activate(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        run!(self, |conn| {
            let ready = group_buys::table
                .find(id)
                .filter(group_buys::state.eq(GroupBuyState::Open.as_str()))
                .filter(group_buys::current_quantity.ge(group_buys::target_quantity));
            diesel::update(ready)
                .set((
                    group_buys::state.eq(GroupBuyState::Active.as_str()),
                    group_buys::activated_at.eq(now),
                    group_buys::offer_ends_at
                        .eq((group_buys::offer_days * DAY_MICROS + now).nullable()),
                    group_buys::updated_at.eq(now),
                ))
                .returning(GroupBuyRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn cancel(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        run!(self, |conn| {
            let pending = group_buys::table.find(id).filter(is_pending!(now));
            diesel::update(pending)
                .set((
                    group_buys::state.eq(GroupBuyState::Cancelled.as_str()),
                    group_buys::updated_at.eq(now),
                ))
                .returning(GroupBuyRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn expire(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let (id, now) = (id.to_string(), micros(now));
        run!(self, |conn| {
            let missed = group_buys::state
                .eq(GroupBuyState::Open.as_str())
                .and(group_buys::deadline.assume_not_null().le(now))
                .and(group_buys::current_quantity.lt(group_buys::target_quantity));
            let over = group_buys::state
                .eq(GroupBuyState::Active.as_str())
                .and(group_buys::offer_ends_at.assume_not_null().le(now));
            diesel::update(group_buys::table.find(id).filter(missed.or(over)))
                .set((
                    group_buys::state.eq(GroupBuyState::Expired.as_str()),
                    group_buys::updated_at.eq(now),
                ))
                .returning(GroupBuyRow::as_returning())
                .get_result(conn)
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }
}

/// Group buys with their handles and pages.
macro_rules! views {
    () => {
        group_buys::table
            .inner_join(pages::table.on(pages::id.eq(group_buys::page_id)))
            .inner_join(handles::table.on(handles::id.eq(group_buys::handle_id)))
            .select((HandleRow::as_select(), OfferedPageRow::as_select(), GroupBuyRow::as_select()))
    };
}

#[async_trait]
impl GroupBuyReads for Database {
    async fn group_buy(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<Option<GroupBuyView>, StoreError> {
        let (handle, slug) = (handle.to_string(), slug.to_string());
        let row: Option<GroupBuyViewRow> = read!(self, |conn| {
            views!()
                .filter(handles::name.eq(handle))
                .filter(group_buys::slug.eq(slug))
                .first(on(&mut conn))
                .await
                .optional()
        })?;
        row.map(view).transpose()
    }

    async fn group_buys_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<GroupBuyView>, StoreError> {
        let handle = handle.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<GroupBuyViewRow> = read!(self, |conn| {
            let mut query = views!()
                .filter(group_buys::handle_id.eq(handle))
                .order((group_buys::created_at.desc(), group_buys::id.desc()))
                .limit(limit)
                .into_boxed();
            if let Some(after) = after {
                let at = micros(after.at);
                query = query
                    .filter(group_buys::created_at.le(at))
                    .filter(group_buys::created_at.lt(at).or(group_buys::id.lt(after.id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let views = rows.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(views, page, |view| Cursor {
            at: view.group_buy.created_at,
            id: view.group_buy.id.to_string(),
        }))
    }

    async fn interest(
        &self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, StoreError> {
        let key = (id.to_string(), visitor.to_string());
        read!(self, |conn| {
            group_buy_interests::table
                .find(key)
                .select(InterestRow::as_select())
                .first(on(&mut conn))
                .await
                .optional()
        })?
        .map(TryInto::try_into)
        .transpose()
    }

    async fn interests_in(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError> {
        self.interest_records(id, page).await
    }

    async fn paid(&self, ids: &[GroupBuyId]) -> Result<Vec<(GroupBuyId, Paid)>, StoreError> {
        self.paid_through(ids).await
    }

    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<GroupBuyId>, StoreError> {
        let (now, limit) = (micros(now), i64::from(limit));
        let ids: Vec<String> = read!(self, |conn| {
            let missed = group_buys::table
                .filter(group_buys::state.eq(GroupBuyState::Open.as_str()))
                .filter(group_buys::deadline.le(now))
                .filter(group_buys::current_quantity.lt(group_buys::target_quantity))
                .select(group_buys::id)
                .limit(limit)
                .load(on(&mut conn))
                .await?;
            if !missed.is_empty() {
                return Ok(missed);
            }
            group_buys::table
                .filter(group_buys::state.eq(GroupBuyState::Active.as_str()))
                .filter(group_buys::offer_ends_at.le(now))
                .select(group_buys::id)
                .limit(limit)
                .load(on(&mut conn))
                .await
        })?;
        ids.iter().map(|id| crate::rows::parse("group_buys.id", id)).collect()
    }
}
