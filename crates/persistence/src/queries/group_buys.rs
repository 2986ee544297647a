//! Group buys: each change is one conditional statement.

use diesel::dsl::{case_when, exists, not};
use tollgate_domain::{
    group_buys::{
        GroupBuy, GroupBuyState, GroupBuyView, Interest, InterestRecord, Paid,
        ports::{GroupBuyReads, GroupBuyRepository},
    },
    id::{GroupBuyId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
};

use super::{
    interests::{given_on, is_pending, paid_orders},
    prelude::*,
};
use crate::{
    rows::{GroupBuyRow, HandleRow, InterestRow, PageLabelRow},
    schema::{checkout_orders, group_buy_interests, group_buys, handles, pages, purchases},
};

/// Whether a group buy was last changed at an instant; true without one.
macro_rules! unchanged {
    ($since:expr) => {{
        let since = $since.map(|since: Timestamp| since.as_microsecond());
        group_buys::updated_at.between(since.unwrap_or(i64::MIN), since.unwrap_or(i64::MAX))
    }};
}

/// Notes that a group buy is changed at an instant. What is noted identifies the version, so it is later than what was noted
/// before.
macro_rules! changed_at {
    ($now:expr) => {{
        let is_behind = group_buys::updated_at.ge(AsInt($now));
        let later = case_when(is_behind, group_buys::updated_at + 1_i64);
        group_buys::updated_at.eq(later.otherwise(AsInt($now)))
    }};
}

#[async_trait]
impl GroupBuyRepository for Unit {
    async fn insert(&mut self, group_buy: &GroupBuy) -> Result<bool, StoreError> {
        insert!(self, group_buys, GroupBuyRow::from(group_buy))
    }

    async fn count_of(&mut self, handle: HandleId) -> Result<u64, StoreError> {
        count!(self, group_buys::table.filter(group_buys::handle_id.eq(AsText(handle))))
    }

    async fn find(&mut self, id: GroupBuyId) -> Result<Option<GroupBuy>, StoreError> {
        find!(self, GroupBuyRow, group_buys::table.find(AsText(id)))
    }

    async fn update(
        &mut self,
        group_buy: &GroupBuy,
        unchanged_since: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let is_on = group_buys::state
            .eq(AsText(GroupBuyState::Active))
            .and(group_buys::offer_ends_at.assume_not_null().gt(AsInt(now)));
        let most = group_buy.max_quantity.unwrap_or(i64::MAX);
        let changeable = group_buys::table
            .find(AsText(group_buy.id))
            .filter(group_buys::updated_at.eq(AsInt(unchanged_since)))
            .filter(is_pending!(now).or(is_on))
            .filter(group_buys::current_quantity.le(most));
        let changed = (
            group_buys::title.eq(group_buy.title.clone()),
            group_buys::description.eq(group_buy.description.clone()),
            group_buys::price_amount.eq(group_buy.price.amount),
            group_buys::price_currency.eq(AsText(group_buy.price.currency)),
            group_buys::target_quantity.eq(group_buy.target_quantity),
            group_buys::max_quantity.eq(group_buy.max_quantity),
            group_buys::deadline.eq(group_buy.deadline.map(AsInt)),
            group_buys::offer_days.eq(group_buy.offer_days),
            group_buys::updated_at.eq(AsInt(group_buy.updated_at)),
        );
        changes!(self, diesel::update(changeable).set(changed))
    }

    async fn activate(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let ready = group_buys::table
            .find(AsText(id))
            .filter(unchanged!(unchanged_since))
            .filter(group_buys::state.eq(AsText(GroupBuyState::Open)))
            .filter(group_buys::current_quantity.ge(group_buys::target_quantity));
        let offer_ends_at = group_buys::offer_days * DAY_MICROS + AsInt(now);
        let activated = (
            group_buys::state.eq(AsText(GroupBuyState::Active)),
            group_buys::activated_at.eq(AsInt(now)),
            group_buys::offer_ends_at.eq(offer_ends_at.nullable()),
            changed_at!(now),
        );
        updated!(self, GroupBuyRow, diesel::update(ready).set(activated))
    }

    async fn cancel(
        &mut self,
        id: GroupBuyId,
        unchanged_since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let pending = group_buys::table
            .find(AsText(id))
            .filter(unchanged!(unchanged_since))
            .filter(is_pending!(now));
        let cancelled = (group_buys::state.eq(AsText(GroupBuyState::Cancelled)), changed_at!(now));
        updated!(self, GroupBuyRow, diesel::update(pending).set(cancelled))
    }

    async fn expire(
        &mut self,
        id: GroupBuyId,
        now: Timestamp,
    ) -> Result<Option<GroupBuy>, StoreError> {
        let missed = group_buys::state
            .eq(AsText(GroupBuyState::Open))
            .and(group_buys::deadline.assume_not_null().le(AsInt(now)))
            .and(group_buys::current_quantity.lt(group_buys::target_quantity));
        let over = group_buys::state
            .eq(AsText(GroupBuyState::Active))
            .and(group_buys::offer_ends_at.assume_not_null().le(AsInt(now)));
        let overdue = group_buys::table.find(AsText(id)).filter(missed.or(over));
        let expired = (group_buys::state.eq(AsText(GroupBuyState::Expired)), changed_at!(now));
        updated!(self, GroupBuyRow, diesel::update(overdue).set(expired))
    }
}

/// Group buys with their handles and pages.
macro_rules! views {
    () => {
        group_buys::table
            .inner_join(pages::table.on(pages::id.eq(group_buys::page_id)))
            .inner_join(handles::table.on(handles::id.eq(group_buys::handle_id)))
    };
}

/// The columns of [`ViewRow`]. A tuple compiles many times faster than a row that embeds three others.
macro_rules! view_columns {
    () => {
        (HandleRow::as_select(), PageLabelRow::as_select(), GroupBuyRow::as_select())
    };
}

/// The newest group buys that a condition chooses and that are stored as open or active.
macro_rules! unended {
    ($chosen:expr, $most:expr) => {
        views!()
            .filter($chosen)
            .filter(
                group_buys::state.eq_any([GroupBuyState::Open, GroupBuyState::Active].map(AsText)),
            )
            .order((group_buys::created_at.desc(), group_buys::id.desc()))
            .limit($most.into())
            .select(view_columns!())
    };
}

/// The newest group buys that a condition chooses and that the visitor has an interest in, without those through which the
/// visitor paid for what somebody else has now.
macro_rules! joined {
    ($chosen:expr, $visitor:expr, $most:expr) => {
        views!()
            .inner_join(
                group_buy_interests::table.on(group_buy_interests::group_buy_id.eq(group_buys::id)),
            )
            .filter($chosen)
            .filter(group_buy_interests::visitor_id.eq(AsText($visitor)))
            .filter(not(exists(given_on!(group_buys::id.nullable(), AsText($visitor)))))
            .order((group_buys::created_at.desc(), group_buys::id.desc()))
            .limit($most.into())
            .select(view_columns!())
    };
}

type ViewRow = (HandleRow, PageLabelRow, GroupBuyRow);

fn view_of((handle, page, group_buy): ViewRow) -> GroupBuyView {
    GroupBuyView { handle: handle.into(), page: page.into(), group_buy: group_buy.into() }
}

#[async_trait]
impl GroupBuyReads for Database {
    async fn group_buy(
        &self,
        handle: &HandleName,
        slug: &Slug,
    ) -> Result<Option<GroupBuyView>, StoreError> {
        let view = views!()
            .filter(handles::name.eq(AsText(handle.clone())))
            .filter(group_buys::slug.eq(AsText(slug.clone())))
            .select(view_columns!());
        let row: Option<ViewRow> =
            read!(self, |conn| { view.first(on(&mut conn)).await.optional() })?;
        Ok(row.map(view_of))
    }

    async fn group_buys_of(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<GroupBuyView>, StoreError> {
        let views =
            views!().filter(group_buys::handle_id.eq(AsText(handle))).select(view_columns!());
        let rows: Vec<ViewRow> =
            read_all!(self, seek!(page, group_buys::created_at, group_buys::id, views))?;
        let views: Vec<_> = rows.into_iter().map(view_of).collect();
        Ok(listing(views, page, |view: &GroupBuyView| {
            (view.group_buy.created_at, view.group_buy.id)
        }))
    }

    async fn unended_group_buys_of(
        &self,
        handle: HandleId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let views = unended!(group_buys::handle_id.eq(AsText(handle)), most);
        let rows: Vec<ViewRow> = read_all!(self, CachedStatement(views))?;
        Ok(rows.into_iter().map(view_of).collect())
    }

    async fn unended_group_buys(
        &self,
        page: PageId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let views = unended!(group_buys::page_id.eq(AsText(page)), most);
        let rows: Vec<ViewRow> = read_all!(self, CachedStatement(views))?;
        Ok(rows.into_iter().map(view_of).collect())
    }

    async fn joined_offers(
        &self,
        page: PageId,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let active = group_buys::state.eq(AsText(GroupBuyState::Active));
        let views = joined!(group_buys::page_id.eq(AsText(page)).and(active), visitor, most);
        let rows: Vec<ViewRow> = read_all!(self, views)?;
        Ok(rows.into_iter().map(view_of).collect())
    }

    async fn joined_group_buys_of(
        &self,
        visitor: VisitorId,
        most: u32,
    ) -> Result<Vec<GroupBuyView>, StoreError> {
        let unended =
            group_buys::state.eq_any([GroupBuyState::Open, GroupBuyState::Active].map(AsText));
        let views = joined!(unended, visitor, most);
        let rows: Vec<ViewRow> = read_all!(self, CachedStatement(views))?;
        Ok(rows.into_iter().map(view_of).collect())
    }

    async fn interest(
        &self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Option<Interest>, StoreError> {
        let key = (AsText(id), AsText(visitor));
        let interest =
            group_buy_interests::table.find(key).filter(not(exists(given_on!(key.0, key.1))));
        read_first!(self, InterestRow, interest)
    }

    async fn interests_in(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError> {
        self.interest_records(id, page).await
    }

    async fn count_interested(&self, id: GroupBuyId) -> Result<u64, StoreError> {
        let interests =
            group_buy_interests::table.filter(group_buy_interests::group_buy_id.eq(AsText(id)));
        let count: i64 = read!(self, |conn| { interests.count().get_result(on(&mut conn)).await })?;
        Ok(count.unsigned_abs())
    }

    async fn paid(&self, ids: &[GroupBuyId]) -> Result<Vec<(GroupBuyId, Paid)>, StoreError> {
        self.paid_through(ids).await
    }
}
