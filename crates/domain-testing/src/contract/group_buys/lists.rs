//! Which group buys are listed, and counted.

use jiff::Timestamp;

use super::{activate, express, keep, stored_group_buy};
use crate::{
    a_group_buy, a_page, at,
    contract::fixture::{Fixture, walk},
};
use tollgate_domain::{group_buys::GroupBuyState, paging::PageRequest, store::Stores};

pub async fn group_buys_are_listed_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut made = Vec::new();
    for second in [1, 2, 2, 3, 4] {
        made.push(stored_group_buy(&fixture, |it| it.created_at(at(second))).await);
    }
    made.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id.to_string())));
    let part = async |request: PageRequest| {
        fixture.on.group_buys.group_buys_of(fixture.handle.id, &request).await.unwrap()
    };
    let listed = walk(2, part).await;
    let listed: Vec<_> = listed.into_iter().map(|view| view.group_buy).collect();
    assert_eq!(listed, made);
    let elsewhere = fixture.another_handle().await.id;
    let none =
        fixture.on.group_buys.group_buys_of(elsewhere, &PageRequest::default()).await.unwrap();
    assert_eq!(none.items, vec![]);
}

/// Those in other states or of other pages are left out, and the newest come first.
pub async fn unended_group_buys_of_a_page_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.page(a_page().paid(700, "usd")).await;
    assert!(keep(&fixture, &a_group_buy(&other).created_at(at(9)).build()).await);
    let mut kept = Vec::new();
    for (second, state) in [
        (1, GroupBuyState::Open),
        (2, GroupBuyState::Cancelled),
        (3, GroupBuyState::Active),
        (4, GroupBuyState::Expired),
        (5, GroupBuyState::Open),
    ] {
        let mut group_buy = a_group_buy(&fixture.page).created_at(at(second)).build();
        group_buy.state = state;
        assert!(keep(&fixture, &group_buy).await);
        kept.push(group_buy);
    }
    let seconds = async |most| -> Vec<Timestamp> {
        let found = fixture.on.group_buys.unended_group_buys(fixture.page.id, most).await.unwrap();
        assert!(found.iter().all(|view| kept.contains(&view.group_buy)));
        found.into_iter().map(|view| view.group_buy.created_at).collect()
    };
    assert_eq!(seconds(9).await, [at(5), at(3), at(1)]);
    assert_eq!(seconds(2).await, [at(5), at(3)]);
}

/// They are found however many newer ones have ended. Those of other handles are left out, and the newest come first.
pub async fn unended_group_buys_of_a_handle_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let second_page = fixture.page(a_page().paid(700, "usd")).await;
    let elsewhere = a_page().of(&fixture.another_handle().await).paid(700, "usd").build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&elsewhere).await).await);
    for (second, page, state) in [
        (1, &fixture.page, GroupBuyState::Open),
        (2, &second_page, GroupBuyState::Active),
        (3, &fixture.page, GroupBuyState::Cancelled),
        (4, &second_page, GroupBuyState::Expired),
        (5, &elsewhere, GroupBuyState::Open),
        (6, &second_page, GroupBuyState::Open),
    ] {
        let mut group_buy = a_group_buy(page).created_at(at(second)).build();
        group_buy.state = state;
        assert!(keep(&fixture, &group_buy).await);
    }
    let seconds = async |most| -> Vec<Timestamp> {
        let reads = &fixture.on.group_buys;
        let found = reads.unended_group_buys_of(fixture.handle.id, most).await.unwrap();
        assert!(found.iter().all(|view| view.handle.id == fixture.handle.id));
        found.into_iter().map(|view| view.group_buy.created_at).collect()
    };
    assert_eq!(seconds(9).await, [at(6), at(2), at(1)]);
    assert_eq!(seconds(2).await, [at(6), at(2)]);
}

/// They are found however many newer ones there are. Those in other states, of others and of other pages are left out.
pub async fn offers_that_a_visitor_joined_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd")).await;
    let (own, theirs) = (fixture.visitor.id, other.id);
    for (second, page, visitor, is_activated) in [
        (1, &fixture.page, own, true),
        (2, &fixture.page, own, false),
        (3, &fixture.page, theirs, true),
        (4, &elsewhere, own, true),
        (5, &fixture.page, own, true),
    ] {
        let group_buy = a_group_buy(page).target(1).created_at(at(second)).build();
        assert!(keep(&fixture, &group_buy).await);
        express(&fixture.on, group_buy.id, visitor, 1, at(6)).await;
        if is_activated {
            assert!(activate(&fixture.on, group_buy.id, at(7)).await.is_some());
        }
    }
    let seconds = async |most| -> Vec<Timestamp> {
        let found = fixture.on.group_buys.joined_offers(fixture.page.id, own, most).await.unwrap();
        found.into_iter().map(|view| view.group_buy.created_at).collect()
    };
    assert_eq!(seconds(9).await, [at(5), at(1)]);
    assert_eq!(seconds(1).await, [at(5)]);
}

/// Those that wait and those that are active, of all handles. Those that have ended and those of others are left out.
pub async fn group_buys_that_a_visitor_joined_are_listed_across_handles(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = a_page().of(&fixture.another_handle().await).paid(700, "usd").build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&elsewhere).await).await);
    let (own, theirs) = (fixture.visitor.id, other.id);
    for (second, page, visitor, end) in [
        (1, &fixture.page, own, GroupBuyState::Open),
        (2, &elsewhere, own, GroupBuyState::Active),
        (3, &fixture.page, theirs, GroupBuyState::Active),
        (4, &fixture.page, own, GroupBuyState::Cancelled),
        (5, &elsewhere, own, GroupBuyState::Open),
    ] {
        let group_buy = a_group_buy(page).target(1).created_at(at(second)).build();
        assert!(keep(&fixture, &group_buy).await);
        let id = group_buy.id;
        express(&fixture.on, id, visitor, 2, at(6)).await;
        match end {
            GroupBuyState::Active => {
                assert!(activate(&fixture.on, id, at(7)).await.is_some());
            }
            GroupBuyState::Cancelled => {
                let mut unit = fixture.begin().await;
                assert!(unit.group_buys().cancel(id, None, at(7)).await.unwrap().is_some());
                unit.commit().await.unwrap();
            }
            GroupBuyState::Open | GroupBuyState::Expired => {}
        }
    }
    let seconds = async |visitor, most| -> Vec<Timestamp> {
        let found = fixture.on.group_buys.joined_group_buys_of(visitor, most).await.unwrap();
        found.into_iter().map(|view| view.group_buy.created_at).collect()
    };
    assert_eq!(seconds(own, 9).await, [at(5), at(2), at(1)]);
    assert_eq!(seconds(own, 2).await, [at(5), at(2)]);
    assert_eq!(seconds(theirs, 9).await, [at(3)]);
}

pub async fn group_buys_of_a_handle_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    for _ in 0..2 {
        stored_group_buy(&fixture, |it| it).await;
    }
    let mut unit = fixture.begin().await;
    assert_eq!(unit.group_buys().count_of(fixture.handle.id).await.unwrap(), 2);
    assert_eq!(unit.group_buys().count_of(other.id).await.unwrap(), 0);
}
