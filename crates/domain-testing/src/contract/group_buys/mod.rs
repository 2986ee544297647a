//! Group buys: the sum keeps in step with its interests, and each step is taken once.

mod lists;
mod steps;
mod storing;

use jiff::Timestamp;

pub use self::{lists::*, steps::*, storing::*};
use super::fixture::{Begin, Fixture};
use crate::{GroupBuyBuilder, a_group_buy, a_visitor};
use tollgate_domain::{
    group_buys::{Expressed, GroupBuy, Quantity, Withdrawal},
    id::{GroupBuyId, VisitorId},
    paging::PageRequest,
    store::Stores,
    visitor_auth::Visitor,
};

pub(super) fn quantity(number: i64) -> Quantity {
    Quantity::new(number).unwrap()
}

pub(super) async fn keep(fixture: &Fixture, group_buy: &GroupBuy) -> bool {
    fixture.commit(async |unit| unit.group_buys().insert(group_buy).await).await
}

pub(super) async fn stored_group_buy(
    fixture: &Fixture,
    build: impl FnOnce(GroupBuyBuilder) -> GroupBuyBuilder,
) -> GroupBuy {
    let group_buy = build(a_group_buy(&fixture.page)).build();
    assert!(keep(fixture, &group_buy).await);
    group_buy
}

pub(super) async fn found(fixture: &Fixture, id: GroupBuyId) -> GroupBuy {
    let mut unit = fixture.begin().await;
    unit.group_buys().find(id).await.unwrap().expect("the group buy")
}

pub(super) async fn express(
    on: &Stores,
    id: GroupBuyId,
    visitor: VisitorId,
    number: i64,
    now: Timestamp,
) -> Expressed {
    let mut unit = on.begin().await;
    let expressed = unit.interests().express(id, visitor, quantity(number), now).await.unwrap();
    unit.commit().await.unwrap();
    expressed.expect("the group buy")
}

pub(super) async fn withdraw(on: &Stores, id: GroupBuyId, visitor: VisitorId) -> Withdrawal {
    on.commit(async |unit| unit.interests().withdraw(id, visitor).await).await
}

pub(super) async fn activate(on: &Stores, id: GroupBuyId, now: Timestamp) -> Option<GroupBuy> {
    on.commit(async |unit| unit.group_buys().activate(id, None, now).await).await
}

pub(super) async fn cancel(on: &Stores, id: GroupBuyId, now: Timestamp) -> Option<GroupBuy> {
    on.commit(async |unit| unit.group_buys().cancel(id, None, now).await).await
}

pub(super) async fn expire(on: &Stores, id: GroupBuyId, now: Timestamp) -> Option<GroupBuy> {
    on.commit(async |unit| unit.group_buys().expire(id, now).await).await
}

pub(super) async fn crowd(fixture: &Fixture, count: usize) -> Vec<Visitor> {
    let crowd: Vec<_> = (0..count).map(|_| a_visitor().build()).collect();
    let mut unit = fixture.begin().await;
    for visitor in &crowd {
        unit.visitors().ensure(visitor).await.unwrap();
    }
    unit.commit().await.unwrap();
    crowd
}

/// The sum on the row, after comparing it with the interests.
pub(super) async fn sum(fixture: &Fixture, id: GroupBuyId) -> i64 {
    let page = PageRequest { limit: 100, after: None };
    let interests = fixture.on.group_buys.interests_in(id, &page).await.unwrap();
    assert_eq!(interests.next, None, "few enough to be added up");
    let added: i64 = interests.items.iter().map(|interest| interest.quantity.get()).sum();
    let sum = found(fixture, id).await.current_quantity;
    assert_eq!(sum, added);
    sum
}
