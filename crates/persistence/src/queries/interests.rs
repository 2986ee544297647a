//! Interests in group buys. Whoever moves the sum holds the row of the group buy first, so that what
//! is read afterwards stays as it is until the unit ends.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_domain::{
    email::Email,
    group_buys::{
        Expressed, GroupBuy, GroupBuyState, Interest, InterestRecord, Paid, Quantity, Room,
        Withdrawal, ports::Interests,
    },
    id::{GroupBuyId, VisitorId},
    paging::{Cursor, Listing, PageRequest},
};

use super::prelude::*;
use crate::{
    rows::{GroupBuyRow, InterestRow, parse},
    schema::{checkout_orders, group_buy_interests, group_buys, purchases, visitors},
};

/// Whether a group buy can still become an offer at `$now`.
macro_rules! is_pending {
    ($now:expr) => {
        group_buys::state.eq(GroupBuyState::Open.as_str()).and(
            group_buys::deadline
                .is_null()
                .or(group_buys::deadline.assume_not_null().gt($now))
                .or(group_buys::current_quantity.ge(group_buys::target_quantity)),
        )
    };
}
pub(super) use is_pending;

/// Holds a group buy: writing a row, even as it was, is the lock that both databases know.
macro_rules! lock {
    ($conn:ident, $id:expr) => {
        diesel::update(group_buys::table.find($id))
            .set(group_buys::current_quantity.eq(group_buys::current_quantity))
            .returning(GroupBuyRow::as_returning())
            .get_result::<GroupBuyRow>($conn)
            .await
            .optional()?
    };
}

/// The interest of a visitor in a group buy that is held.
macro_rules! interest {
    ($conn:ident, $key:expr) => {
        group_buy_interests::table
            .find($key)
            .select(InterestRow::as_select())
            .first::<InterestRow>($conn)
            .await
            .optional()?
    };
}

/// Moves the sum by `$delta` if there is room for that at `$now`, in one conditional statement.
macro_rules! move_sum {
    ($conn:ident, $id:expr, $delta:expr, $now:expr) => {{
        let pending = group_buys::table.find($id).filter(is_pending!($now));
        let sum = group_buys::current_quantity.eq(group_buys::current_quantity + $delta);
        if $delta > 0 {
            let is_early =
                group_buys::deadline.is_null().or(group_buys::deadline.assume_not_null().gt($now));
            let fits = group_buys::max_quantity.is_null().or(group_buys::max_quantity
                .assume_not_null()
                .ge(group_buys::current_quantity + $delta));
            diesel::update(pending.filter(is_early).filter(fits)).set(sum).execute($conn).await?
                == 1
        } else {
            diesel::update(pending).set(sum).execute($conn).await? == 1
        }
    }};
}

#[async_trait]
impl Interests for Unit {
    async fn express(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        quantity: Quantity,
        now: Timestamp,
    ) -> Result<Option<Expressed>, StoreError> {
        let key = (id.to_string(), visitor.to_string());
        let (wanted, at) = (quantity.get(), micros(now));
        let outcome = run!(self, |conn| {
            let Some(held) = lock!(conn, &key.0) else { return Ok(None) };
            let before = interest!(conn, key.clone());
            let delta = wanted - before.as_ref().map_or(0, |before| before.quantity);
            if !move_sum!(conn, &key.0, delta, at) {
                return Ok(Some((held, delta, None)));
            }
            let (group_buy_id, visitor_id) = key;
            let created_at = before.as_ref().map_or(at, |before| before.created_at);
            let row = InterestRow { group_buy_id, visitor_id, quantity: wanted, created_at };
            diesel::insert_into(group_buy_interests::table)
                .values(&row)
                .on_conflict((group_buy_interests::group_buy_id, group_buy_interests::visitor_id))
                .do_update()
                .set(group_buy_interests::quantity.eq(wanted))
                .execute(conn)
                .await?;
            Ok(Some((held, delta, Some((row, before.is_some())))))
        })?;
        Ok(match outcome {
            None => None,
            Some((_, _, Some((row, true)))) => Some(Expressed::Replaced(row.try_into()?)),
            Some((_, _, Some((row, false)))) => Some(Expressed::Joined(row.try_into()?)),
            Some((held, delta, None)) => match GroupBuy::try_from(held)?.room_for(delta, now) {
                Room::Full => Some(Expressed::Full),
                Room::NotOpen | Room::Free => Some(Expressed::NotOpen),
            },
        })
    }

    async fn withdraw(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
        now: Timestamp,
    ) -> Result<Withdrawal, StoreError> {
        let key = (id.to_string(), visitor.to_string());
        let now = micros(now);
        run!(self, |conn| {
            let Some(_held) = lock!(conn, &key.0) else { return Ok(Withdrawal::Nothing) };
            let Some(interest) = interest!(conn, key.clone()) else {
                return Ok(Withdrawal::Nothing);
            };
            let delta = -interest.quantity;
            if !move_sum!(conn, &key.0, delta, now) {
                return Ok(Withdrawal::NotOpen);
            }
            diesel::delete(group_buy_interests::table.find(key)).execute(conn).await?;
            Ok(Withdrawal::Done)
        })
    }

    async fn recipients(
        &mut self,
        id: GroupBuyId,
        after: Option<VisitorId>,
        limit: u32,
    ) -> Result<Vec<(VisitorId, Email)>, StoreError> {
        let (id, limit) = (id.to_string(), i64::from(limit));
        // Every id comes after the empty text.
        let after = after.map(|visitor| visitor.to_string()).unwrap_or_default();
        let rows: Vec<(String, String)> = run!(self, |conn| {
            group_buy_interests::table
                .inner_join(visitors::table.on(visitors::id.eq(group_buy_interests::visitor_id)))
                .filter(group_buy_interests::group_buy_id.eq(id))
                .filter(group_buy_interests::visitor_id.gt(after))
                .order(group_buy_interests::visitor_id)
                .limit(limit)
                .select((visitors::id, visitors::email))
                .load(conn)
                .await
        })?;
        let read = |(id, email): &(String, String)| {
            Ok((parse("visitors.id", id)?, parse("visitors.email", email)?))
        };
        rows.iter().map(read).collect()
    }
}

/// Orders at the price of a group buy whose payment was not taken back.
macro_rules! paid_orders {
    () => {
        checkout_orders::table
            .inner_join(
                purchases::table.on(purchases::checkout_id.eq(checkout_orders::id.nullable())),
            )
            .filter(purchases::revoked_at.is_null())
    };
}

/// An interest, the visitor's address, and when the group buy was activated.
type Interested = (InterestRow, String, Option<i64>);
/// Group buy, visitors, and what their quantities add up to.
type People = Vec<(String, i64, i64)>;
/// Group buy, and minor units.
type Amounts = Vec<(Option<String>, i64)>;

impl Database {
    pub(super) async fn interest_records(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError> {
        let id = id.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let (rows, paid): (Vec<Interested>, Vec<String>) = read!(self, |conn| {
            let mut query = group_buy_interests::table
                .inner_join(visitors::table.on(visitors::id.eq(group_buy_interests::visitor_id)))
                .inner_join(
                    group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)),
                )
                .filter(group_buy_interests::group_buy_id.eq(id.clone()))
                .order((
                    group_buy_interests::created_at.desc(),
                    group_buy_interests::visitor_id.desc(),
                ))
                .limit(limit)
                .select((InterestRow::as_select(), visitors::email, group_buys::activated_at))
                .into_boxed();
            if let Some(after) = after {
                let at = micros(after.at);
                query = query.filter(group_buy_interests::created_at.le(at)).filter(
                    group_buy_interests::created_at
                        .lt(at)
                        .or(group_buy_interests::visitor_id.lt(after.id)),
                );
            }
            let rows: Vec<Interested> = query.load(on(&mut conn)).await?;
            let shown = rows.iter().map(|(row, ..)| row.visitor_id.clone());
            let paid = paid_orders!()
                .filter(checkout_orders::group_buy_id.eq(id))
                .filter(checkout_orders::visitor_id.eq_any(shown.collect::<Vec<_>>()))
                .select(checkout_orders::visitor_id)
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((rows, paid))
        })?;
        let paid: BTreeSet<_> = paid.into_iter().collect();
        let read = |(row, email, activated_at): Interested| {
            let paid = paid.contains(&row.visitor_id);
            let Interest { visitor_id, quantity, created_at, .. } = row.try_into()?;
            let email = parse("visitors.email", &email)?;
            let committed = activated_at.is_some();
            Ok(InterestRecord { visitor_id, email, quantity, created_at, committed, paid })
        };
        let records = rows.into_iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Listing::cut(records, page, |record| Cursor {
            at: record.created_at,
            id: record.visitor_id.to_string(),
        }))
    }

    pub(super) async fn paid_through(
        &self,
        ids: &[GroupBuyId],
    ) -> Result<Vec<(GroupBuyId, Paid)>, StoreError> {
        use diesel::{
            dsl::{count_star, exists, sql},
            sql_types::BigInt,
        };

        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let (people, amounts): (People, Amounts) = read!(self, |conn| {
            let has_paid = exists(
                paid_orders!()
                    .filter(
                        checkout_orders::group_buy_id
                            .eq(group_buy_interests::group_buy_id.nullable()),
                    )
                    .filter(checkout_orders::visitor_id.eq(group_buy_interests::visitor_id)),
            );
            let people = group_buy_interests::table
                .filter(group_buy_interests::group_buy_id.eq_any(ids.clone()))
                .filter(has_paid)
                .group_by(group_buy_interests::group_buy_id)
                .select((
                    group_buy_interests::group_buy_id,
                    count_star(),
                    sql::<BigInt>("CAST(SUM(group_buy_interests.quantity) AS BIGINT)"),
                ))
                .load(on(&mut conn))
                .await?;
            let amounts = paid_orders!()
                .filter(checkout_orders::group_buy_id.eq_any(ids))
                .group_by(checkout_orders::group_buy_id)
                .select((
                    checkout_orders::group_buy_id,
                    sql::<BigInt>("CAST(SUM(purchases.amount - purchases.refunded) AS BIGINT)"),
                ))
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((people, amounts))
        })?;
        let amounts: BTreeMap<_, _> =
            amounts.into_iter().filter_map(|(id, amount)| Some((id?, amount))).collect();
        let read = |(id, visitors, quantity): (String, i64, i64)| {
            let amount = amounts.get(&id).copied().unwrap_or_default();
            Ok((parse("group_buys.id", &id)?, Paid { visitors, quantity, amount }))
        };
        people.into_iter().map(read).collect()
    }
}
