//! A group buy as it is stored, and changed by its creator.

use jiff::Timestamp;

use super::{express, found, keep, quantity, stored_group_buy};
use crate::{
    a_group_buy, a_page, an_order, at,
    contract::fixture::{Fixture, just_before},
    email, money, slug, start_of_time,
};
use tollgate_domain::{
    creators::PageLabel,
    group_buys::{GroupBuy, GroupBuyState, Paid, Withdrawal},
    paging::PageRequest,
    store::Stores,
};

fn whole(group_buy: &mut GroupBuy) {
    group_buy.title = "Ünïcode ☃ '\" title".into();
    group_buy.description = "One\nand another line".into();
    group_buy.price = money(5_120, "kwd");
    group_buy.max_quantity = Some(1_000_000);
    group_buy.deadline = Some(at(100));
    group_buy.offer_days = 30;
}

pub async fn a_group_buy_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for state in [
        GroupBuyState::Open,
        GroupBuyState::Active,
        GroupBuyState::Expired,
        GroupBuyState::Cancelled,
    ] {
        let mut group_buy = a_group_buy(&fixture.page).sum(7).created_at(at(5)).build();
        group_buy.state = state;
        if state == GroupBuyState::Active {
            whole(&mut group_buy);
            group_buy.activated_at = Some(at(6));
            group_buy.offer_ends_at = Some(at(7));
            group_buy.updated_at = at(8);
        }
        assert!(keep(&fixture, &group_buy).await);
        assert_eq!(found(&fixture, group_buy.id).await, group_buy);
        let name = &fixture.handle.name;
        let view = fixture.on.group_buys.group_buy(name, &group_buy.slug).await.unwrap().unwrap();
        assert_eq!(view.handle, fixture.handle);
        assert_eq!(view.page, PageLabel::from(&fixture.page));
        assert_eq!(view.group_buy, group_buy);
    }
}

pub async fn an_unknown_group_buy_is_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (unknown, visitor) = (a_group_buy(&fixture.page).build(), fixture.visitor.id);
    let name = &fixture.handle.name;
    let reads = &fixture.on.group_buys;
    assert_eq!(reads.group_buy(name, &unknown.slug).await.unwrap(), None);
    assert_eq!(reads.interest(unknown.id, visitor).await.unwrap(), None);
    let paid = reads.paid(&[unknown.id]).await.unwrap();
    assert!(paid.iter().all(|(_, paid)| *paid == Paid::default()));
    let nobody = reads.interests_in(unknown.id, &PageRequest::default()).await.unwrap();
    assert_eq!(nobody.items, vec![]);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.group_buys().find(unknown.id).await.unwrap(), None);
    assert_eq!(unit.group_buys().activate(unknown.id, None, at(1)).await.unwrap(), None);
    assert_eq!(unit.group_buys().cancel(unknown.id, None, at(1)).await.unwrap(), None);
    assert_eq!(unit.group_buys().expire(unknown.id, at(1)).await.unwrap(), None);
    assert!(!unit.group_buys().update(&unknown, at(0), at(1)).await.unwrap());
    let interests = unit.interests();
    assert_eq!(interests.express(unknown.id, visitor, quantity(1), at(1)).await.unwrap(), None);
    let nothing = interests.withdraw(unknown.id, visitor).await.unwrap();
    assert_eq!(nothing, Withdrawal::NoInterest);
    assert_eq!(interests.recipients(unknown.id, None, 5).await.unwrap(), vec![]);
}

/// Under another handle the slug is free.
pub async fn a_group_buys_slug_is_used_once_under_a_handle(on: Stores) {
    let fixture = Fixture::new(on).await;
    stored_group_buy(&fixture, |it| it.slug("together")).await;
    assert!(!keep(&fixture, &a_group_buy(&fixture.page).slug("together").build()).await);
    let other = fixture.another_handle().await;
    let page = a_page().of(&other).paid(700, "usd").build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&page).await).await);
    let theirs = a_group_buy(&page).slug("together").build();
    assert!(keep(&fixture, &theirs).await);
    let view = fixture.on.group_buys.group_buy(&other.name, &slug("together")).await.unwrap();
    assert_eq!(view.unwrap().group_buy, theirs);
}

/// The change has everything that a creator can change.
pub async fn a_change_leaves_state_and_sum_alone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = stored_group_buy(&fixture, |it| it).await;
    express(&fixture.on, before.id, fixture.visitor.id, 4, at(1)).await;
    let mut after = before.clone();
    whole(&mut after);
    after.target_quantity = 2;
    after.updated_at = at(3);
    after.state = GroupBuyState::Cancelled;
    after.current_quantity = 99;
    let mut unit = fixture.begin().await;
    assert!(unit.group_buys().update(&after, before.updated_at, at(2)).await.unwrap());
    assert!(!unit.group_buys().update(&after, before.updated_at, at(2)).await.unwrap());
    unit.commit().await.unwrap();
    after.state = GroupBuyState::Open;
    after.current_quantity = 4;
    assert_eq!(found(&fixture, before.id).await, after);
}

/// The maximum stays above the sum, and what has ended stays as it was.
pub async fn a_change_is_refused_when_it_comes_too_late(on: Stores) {
    let fixture = Fixture::new(on).await;
    let crowded = stored_group_buy(&fixture, |it| it.deadline(at(100))).await;
    express(&fixture.on, crowded.id, fixture.visitor.id, 2, at(1)).await;
    let update = async |changed: GroupBuy, now: Timestamp| {
        let mut unit = fixture.begin().await;
        let done = unit.group_buys().update(&changed, crowded.updated_at, now).await.unwrap();
        drop(unit);
        done
    };
    let at_most =
        |most| GroupBuy { max_quantity: Some(most), target_quantity: 1, ..crowded.clone() };
    assert!(!update(at_most(1), at(2)).await);
    assert!(update(at_most(2), at(2)).await);
    let longer = GroupBuy { deadline: Some(at(200)), ..crowded.clone() };
    assert!(update(longer.clone(), just_before(at(100))).await);
    assert!(!update(longer, at(100)).await, "it is over by then");
    for (state, ends_at, can_change) in [
        (GroupBuyState::Active, Some(at(50)), true),
        (GroupBuyState::Active, Some(at(2)), false),
        (GroupBuyState::Expired, None, false),
        (GroupBuyState::Cancelled, None, false),
    ] {
        let mut other = a_group_buy(&fixture.page).build();
        other.state = state;
        other.offer_ends_at = ends_at;
        other.activated_at = ends_at.map(|_| at(0));
        assert!(keep(&fixture, &other).await);
        let mut unit = fixture.begin().await;
        let done = unit.group_buys().update(&other, other.updated_at, at(2)).await.unwrap();
        assert_eq!(done, can_change, "{state:?}");
    }
}

pub async fn a_page_with_a_group_buy_is_not_deleted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = fixture.page(a_page().paid(700, "usd")).await;
    assert!(keep(&fixture, &a_group_buy(&page).build()).await);
    let mut unit = fixture.begin().await;
    assert!(!unit.pages().delete_if_unused(page.id, page.updated_at).await.unwrap());
    unit.commit().await.unwrap();
    assert!(fixture.on.creators.page(fixture.handle.id, &page.slug).await.unwrap().is_some());
}

pub async fn an_order_remembers_its_group_buy(on: Stores) {
    let fixture = Fixture::new(on).await;
    let group_buy = stored_group_buy(&fixture, |it| it).await;
    let mut order = an_order(&fixture.visitor, &fixture.page).build();
    order.group_buy_id = Some(group_buy.id);
    order.customer_email = email("bob@example.com");
    order.created_at = start_of_time();
    assert!(fixture.keep_order(&order).await);
    assert_eq!(fixture.order(&order).await, order);
}
