//! Interests in group buys. A unit of work locks the row of the group buy before it changes the sum, so
//! that what it reads afterwards stays the same until the unit ends.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use tollgate_domain::{
    checkout::OrderStatus,
    email::Email,
    group_buys::{
        Expressed, GroupBuy, GroupBuyState, InterestRecord, Paid, Quantity, Room, Withdrawal,
        ports::Interests,
    },
    id::{GroupBuyId, VisitorId},
};

use super::prelude::*;
use crate::{
    rows::{GroupBuyRow, InterestRow},
    schema::{checkout_orders, group_buy_interests, group_buys, people, purchases, visitors},
};

/// The condition that a group buy can still become an offer at `$now`.
macro_rules! is_pending {
    ($now:expr) => {
        group_buys::state.eq(AsText(GroupBuyState::Open)).and(
            group_buys::deadline
                .is_null()
                .or(group_buys::deadline.assume_not_null().gt(AsInt($now)))
                .or(group_buys::current_quantity.ge(group_buys::target_quantity)),
        )
    };
}
pub(super) use is_pending;

/// Locks a group buy: updating a row, even without a change, locks it in both databases.
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

/// Reads the interest of a visitor in a group buy that is locked.
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

/// Adds `$delta` to the sum if there is room for it at `$now`, in one conditional statement. Returns
/// whether there was.
macro_rules! move_sum {
    ($conn:ident, $id:expr, $delta:expr, $now:expr) => {{
        let pending = group_buys::table.find($id).filter(is_pending!($now));
        let sum = group_buys::current_quantity.eq(group_buys::current_quantity + $delta);
        if $delta > 0 {
            let is_early = group_buys::deadline
                .is_null()
                .or(group_buys::deadline.assume_not_null().gt(AsInt($now)));
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
        let (group_buy_id, visitor_id) = (AsText(id), AsText(visitor));
        run!(self, |conn| {
            let Some(locked) = lock!(conn, group_buy_id) else { return Ok(None) };
            let before = interest!(conn, (group_buy_id, visitor_id));
            let delta =
                quantity.get() - before.as_ref().map_or(0, |before| before.quantity.0.get());
            if !move_sum!(conn, group_buy_id, delta, now) {
                return Ok(Some(match GroupBuy::from(locked).room_for(delta, now) {
                    Room::Full => Expressed::Full,
                    Room::NotOpen | Room::Free => Expressed::NotOpen,
                }));
            }
            let created_at = before.as_ref().map_or(AsInt(now), |before| before.created_at);
            let quantity = AsInt(quantity);
            let row = InterestRow { group_buy_id, visitor_id, quantity, created_at };
            diesel::insert_into(group_buy_interests::table)
                .values(&row)
                .on_conflict((group_buy_interests::group_buy_id, group_buy_interests::visitor_id))
                .do_update()
                .set(group_buy_interests::quantity.eq(quantity))
                .execute(conn)
                .await?;
            if before.is_none() {
                let address = address_of!(visitor_id);
                let person = (people::handle_id.eq(locked.handle_id), people::email.eq(address));
                let insert = diesel::insert_into(people::table).values(person);
                insert.on_conflict_do_nothing().execute(conn).await?;
            }
            Ok(Some(match before {
                Some(before) => Expressed::Replaced(row.into(), before.quantity.0),
                None => Expressed::Joined(row.into()),
            }))
        })
    }

    async fn withdraw(
        &mut self,
        id: GroupBuyId,
        visitor: VisitorId,
    ) -> Result<Withdrawal, StoreError> {
        let key = (AsText(id), AsText(visitor));
        run!(self, |conn| {
            let Some(_locked) = lock!(conn, key.0) else { return Ok(Withdrawal::NoInterest) };
            let Some(interest) = interest!(conn, key) else {
                return Ok(Withdrawal::NoInterest);
            };
            let quantity = interest.quantity.0.get();
            let sum = group_buys::current_quantity.eq(group_buys::current_quantity - quantity);
            let uncommitted =
                group_buys::table.find(key.0).filter(group_buys::activated_at.is_null());
            if diesel::update(uncommitted).set(sum).execute(conn).await? != 1 {
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
        // Every id sorts after the empty text.
        let after = after.map(|visitor| visitor.to_string()).unwrap_or_default();
        let recipients = group_buy_interests::table
            .inner_join(visitors::table.on(visitors::id.eq(group_buy_interests::visitor_id)))
            .filter(group_buy_interests::group_buy_id.eq(AsText(id)))
            .filter(group_buy_interests::visitor_id.gt(after))
            .order(group_buy_interests::visitor_id)
            .limit(limit.into())
            .select((visitors::id, visitors::email));
        let rows: Vec<(AsText<VisitorId>, AsText<Email>)> =
            run!(self, |conn| { recipients.load(conn).await })?;
        Ok(rows.into_iter().map(|(id, email)| (id.0, email.0)).collect())
    }
}

impl Unit {
    /// Makes a visitor's interest in a group buy another visitor's, who is to pay in the place of the first one. It stays if
    /// the other one is interested as well, or if the first one has paid. The sum stays as it is.
    pub(super) async fn move_interest(
        &mut self,
        id: GroupBuyId,
        from: VisitorId,
        to: VisitorId,
    ) -> Result<(), StoreError> {
        let (id, from, to) = (AsText(id), AsText(from), AsText(to));
        let others = diesel::alias!(group_buy_interests as others);
        let known = others
            .filter(others.field(group_buy_interests::group_buy_id).eq(id))
            .filter(others.field(group_buy_interests::visitor_id).eq(to))
            .select(others.field(group_buy_interests::visitor_id));
        let paid = checkout_orders::table
            .filter(checkout_orders::group_buy_id.eq(id))
            .filter(checkout_orders::visitor_id.eq(from))
            .filter(checkout_orders::status.eq(AsText(OrderStatus::Paid)))
            .select(checkout_orders::id);
        let interest = group_buy_interests::table
            .find((id, from))
            .filter(not(exists(known)))
            .filter(not(exists(paid)));
        let moved = group_buy_interests::visitor_id.eq(to);
        changes!(self, diesel::update(interest).set(moved)).map(drop)
    }
}

/// Orders at the price of a group buy whose purchase is not revoked.
macro_rules! paid_orders {
    () => {
        checkout_orders::table
            .inner_join(
                purchases::table.on(purchases::checkout_id.eq(checkout_orders::id.nullable())),
            )
            .filter(purchases::revoked_at.is_null())
    };
}

/// The purchases at the price of a group buy that the visitor paid for and somebody else has now, since the address was
/// changed.
macro_rules! given_on {
    ($group_buy:expr, $visitor:expr) => {
        paid_orders!()
            .filter(checkout_orders::group_buy_id.eq($group_buy))
            .filter(checkout_orders::visitor_id.eq($visitor))
            .filter(purchases::visitor_id.ne(checkout_orders::visitor_id))
    };
}
pub(super) use {given_on, paid_orders};

/// An interest, the visitor's address, and when the group buy was activated.
type Interested = (InterestRow, AsText<Email>, Option<i64>);
/// Group buy, number of visitors, and sum of their quantities.
type People = Vec<(AsText<GroupBuyId>, i64, i64)>;
/// Group buy, and minor units.
type Amounts = Vec<(Option<AsText<GroupBuyId>>, i64)>;

/// The sum of what was neither refunded nor lost in disputes, as [`Purchase::left`] has it.
///
/// [`Purchase::left`]: tollgate_domain::access::Purchase::left
const LEFT: &str = "CAST(SUM(CASE WHEN purchases.amount > purchases.refunded + purchases.lost \
                    THEN purchases.amount - purchases.refunded - purchases.lost ELSE 0 END) AS BIGINT)";

impl Database {
    pub(super) async fn interest_records(
        &self,
        id: GroupBuyId,
        page: &PageRequest,
    ) -> Result<Listing<InterestRecord>, StoreError> {
        let id = AsText(id);
        let interests = group_buy_interests::table
            .inner_join(visitors::table.on(visitors::id.eq(group_buy_interests::visitor_id)))
            .inner_join(group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)))
            .filter(group_buy_interests::group_buy_id.eq(id))
            .select((InterestRow::as_select(), visitors::email, group_buys::activated_at));
        let (at, visitor) = (group_buy_interests::created_at, group_buy_interests::visitor_id);
        let query = seek!(page, at, visitor, interests);
        let (rows, paid): (Vec<Interested>, Vec<AsText<VisitorId>>) = read!(self, |conn| {
            let rows: Vec<Interested> = query.load(on(&mut conn)).await?;
            let shown = padded(rows.iter().map(|(row, ..)| row.visitor_id).collect());
            let paid = paid_orders!()
                .filter(checkout_orders::group_buy_id.eq(id))
                .filter(checkout_orders::visitor_id.eq_any(shown))
                .select(checkout_orders::visitor_id);
            let paid = CachedStatement(paid).load(on(&mut conn)).await?;
            QueryResult::Ok((rows, paid))
        })?;
        let paid: BTreeSet<_> = paid.into_iter().collect();
        let record = |(row, email, activated_at): Interested| InterestRecord {
            visitor_id: row.visitor_id.0,
            email: email.0,
            quantity: row.quantity.0,
            created_at: row.created_at.0,
            committed: activated_at.is_some(),
            paid: paid.contains(&row.visitor_id),
        };
        let records: Vec<_> = rows.into_iter().map(record).collect();
        Ok(listing(records, page, |record: &InterestRecord| (record.created_at, record.visitor_id)))
    }

    pub(super) async fn paid_through(
        &self,
        ids: &[GroupBuyId],
    ) -> Result<Vec<(GroupBuyId, Paid)>, StoreError> {
        use diesel::{dsl::count_star, sql_types::BigInt};

        let ids = padded(ids.iter().copied().map(AsText).collect());
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
                ));
            let people = CachedStatement(people).load(on(&mut conn)).await?;
            // Where a part was lost, the access has ended, and the seller keeps the rest.
            let amounts = checkout_orders::table
                .inner_join(
                    purchases::table.on(purchases::checkout_id.eq(checkout_orders::id.nullable())),
                )
                .filter(checkout_orders::group_buy_id.eq_any(ids))
                .group_by(checkout_orders::group_buy_id)
                .select((checkout_orders::group_buy_id, sql::<BigInt>(LEFT)));
            let amounts = CachedStatement(amounts).load(on(&mut conn)).await?;
            QueryResult::Ok((people, amounts))
        })?;
        let mut paid: BTreeMap<GroupBuyId, Paid> = BTreeMap::new();
        for (id, visitors, quantity) in people {
            paid.insert(id.0, Paid { visitors, quantity, amount: 0 });
        }
        for (id, amount) in amounts {
            if let Some(id) = id {
                paid.entry(id.0).or_default().amount = amount;
            }
        }
        Ok(paid.into_iter().collect())
    }
}
