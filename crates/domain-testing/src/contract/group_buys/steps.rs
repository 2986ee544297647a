//! Each step of a group buy is taken once.

use futures_util::future::join;

use super::{activate, cancel, expire, express, found, stored_group_buy};
use crate::{
    a_group_buy, a_page, at,
    contract::fixture::{Fixture, just_after, just_before, parallel},
    money,
};
use tollgate_domain::{
    clock::plus_seconds,
    group_buys::{GroupBuy, GroupBuyState},
    money::Money,
    store::Stores,
};

/// It is not activated below the target. The offer lasts for its own days.
pub async fn it_is_activated_only_at_its_target(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = stored_group_buy(&fixture, |it| it.target(3).days(2).deadline(at(100))).await;
    express(&fixture.on, before.id, fixture.visitor.id, 2, at(1)).await;
    assert_eq!(activate(&fixture.on, before.id, at(2)).await, None);
    express(&fixture.on, before.id, fixture.visitor.id, 3, at(3)).await;
    // After the deadline as well: the target is reached.
    let active = activate(&fixture.on, before.id, at(200)).await;
    let expected = GroupBuy {
        state: GroupBuyState::Active,
        current_quantity: 3,
        activated_at: Some(at(200)),
        offer_ends_at: Some(plus_seconds(at(200), 2 * 24 * 3600)),
        updated_at: at(200),
        ..before
    };
    assert_eq!(active, Some(expected.clone()));
    assert_eq!(found(&fixture, expected.id).await, expected);
    assert_eq!(activate(&fixture.on, expected.id, at(201)).await, None);
}

/// An older version can be neither activated nor cancelled.
pub async fn a_group_buy_that_was_changed_in_between_goes_on(on: Stores) {
    let fixture = Fixture::new(on).await;
    let there = stored_group_buy(&fixture, |it| it.target(1)).await;
    express(&fixture.on, there.id, fixture.visitor.id, 1, at(1)).await;
    let (seen, older) = (Some(there.updated_at), Some(just_before(there.updated_at)));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.group_buys().activate(there.id, older, at(2)).await.unwrap(), None);
    assert_eq!(unit.group_buys().cancel(there.id, older, at(2)).await.unwrap(), None);
    let active = unit.group_buys().activate(there.id, seen, at(2)).await.unwrap();
    assert!(active.is_some());
    drop(unit);
    let mut unit = fixture.begin().await;
    let cancelled = unit.group_buys().cancel(there.id, seen, at(2)).await.unwrap();
    assert!(cancelled.is_some());
    unit.commit().await.unwrap();
    assert_eq!(found(&fixture, there.id).await.state, GroupBuyState::Cancelled);
}

pub async fn of_parallel_activations_one_succeeds(on: Stores) {
    let fixture = Fixture::new(on).await;
    let id = stored_group_buy(&fixture, |it| it.target(1)).await.id;
    express(&fixture.on, id, fixture.visitor.id, 1, at(1)).await;
    let activated = parallel(20, |_| activate(&fixture.on, id, at(2))).await;
    assert_eq!(activated.iter().flatten().count(), 1);
}

/// The creator presses both buttons at once.
pub async fn of_activation_and_cancellation_one_wins(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..10 {
        let id = stored_group_buy(&fixture, |it| it.target(1)).await.id;
        express(&fixture.on, id, fixture.visitor.id, 1, at(1)).await;
        let (on, other) = (fixture.on.clone(), fixture.on.clone());
        let (active, cancelled) = join(activate(&on, id, at(2)), cancel(&other, id, at(2))).await;
        assert!(active.is_some() != cancelled.is_some());
        let state = found(&fixture, id).await.state;
        assert_eq!(state == GroupBuyState::Active, active.is_some());
        assert_eq!(state == GroupBuyState::Cancelled, cancelled.is_some());
    }
}

/// A group buy is pending while it is open or has reached its target, and until it has missed its deadline.
pub async fn it_is_cancelled_only_while_it_is_pending(on: Stores) {
    let fixture = Fixture::new(on).await;
    let missed = stored_group_buy(&fixture, |it| it.deadline(at(10))).await;
    assert_eq!(cancel(&fixture.on, missed.id, at(10)).await, None);
    let cancelled = cancel(&fixture.on, missed.id, just_before(at(10))).await.unwrap();
    assert_eq!(cancelled.state, GroupBuyState::Cancelled);
    assert_eq!(found(&fixture, missed.id).await, cancelled);
    let reached = stored_group_buy(&fixture, |it| it.target(1).deadline(at(10))).await;
    express(&fixture.on, reached.id, fixture.visitor.id, 1, at(1)).await;
    assert!(cancel(&fixture.on, reached.id, at(20)).await.is_some());
    assert_eq!(cancel(&fixture.on, reached.id, at(21)).await, None);
}

/// Missed deadlines and ended offers are overdue, and nothing that is still on.
pub async fn what_is_overdue_is_ended_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let missed = stored_group_buy(&fixture, |it| it.deadline(at(10))).await.id;
    let reached = stored_group_buy(&fixture, |it| it.target(1).deadline(at(10))).await.id;
    let offered = stored_group_buy(&fixture, |it| it.target(1).days(1)).await.id;
    let open = stored_group_buy(&fixture, |it| it).await.id;
    let cancelled = stored_group_buy(&fixture, |it| it.deadline(at(10))).await.id;
    cancel(&fixture.on, cancelled, at(1)).await;
    express(&fixture.on, reached, fixture.visitor.id, 1, at(1)).await;
    express(&fixture.on, offered, fixture.visitor.id, 1, at(1)).await;
    let end = activate(&fixture.on, offered, at(2)).await.unwrap().offer_ends_at.unwrap();
    assert_eq!(expire(&fixture.on, missed, just_before(at(10))).await, None);
    let ended = parallel(8, |_| expire(&fixture.on, missed, at(10))).await;
    assert_eq!(ended.iter().flatten().count(), 1);
    assert_eq!(expire(&fixture.on, offered, just_before(end)).await, None);
    for id in [reached, open, cancelled] {
        assert_eq!(expire(&fixture.on, id, just_after(end)).await, None);
    }
    let expired = expire(&fixture.on, offered, end).await.unwrap();
    assert_eq!((expired.state, expired.activated_at), (GroupBuyState::Expired, Some(at(2))));
}

/// It has the name while the group price can be paid, and only then.
pub async fn an_offer_has_a_name_until_it_ends(on: Stores) {
    let fixture = Fixture::new(on).await;
    let group_buy = stored_group_buy(&fixture, |it| it.target(1)).await;
    let offer = async |id, second| {
        let mut unit = fixture.begin().await;
        unit.checkout_orders().offer_slug(id, at(second)).await.unwrap()
    };
    assert_eq!(offer(group_buy.id, 1).await, None, "it is not on offer yet");
    express(&fixture.on, group_buy.id, fixture.visitor.id, 1, at(1)).await;
    let active = activate(&fixture.on, group_buy.id, at(2)).await.unwrap();
    let end = active.offer_ends_at.unwrap().as_second() - at(0).as_second();
    for (second, slug) in [(2, Some(&active.slug)), (end - 1, Some(&active.slug)), (end, None)] {
        assert_eq!(offer(group_buy.id, second).await.as_ref(), slug, "{second}");
    }
    assert_eq!(offer(a_group_buy(&fixture.page).build().id, 2).await, None);
}

/// In whatever state the group buy is: what was paid before it ended counts.
pub async fn a_group_price_is_that_of_a_group_buy_of_the_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let group_buy = stored_group_buy(&fixture, |it| it).await;
    let (page, id, price) = (fixture.page.id, group_buy.id, group_buy.price);
    let other = fixture.page(a_page().paid(1_200, "usd")).await.id;
    let dearer = Money { amount: price.amount + 1, ..price };
    let elsewhere = money(price.amount, "kwd");
    let unknown = a_group_buy(&fixture.page).build().id;
    let mut unit = fixture.begin().await;
    for (id, page, price, expected) in [
        (id, page, price, true),
        (id, other, price, false),
        (id, page, dearer, false),
        (id, page, elsewhere, false),
        (unknown, page, price, false),
    ] {
        let found = unit.checkout_orders().is_group_price(id, page, price).await.unwrap();
        assert_eq!(found, expected, "{id} {page} {price:?}");
    }
    drop(unit);
    assert!(cancel(&fixture.on, group_buy.id, at(2)).await.is_some());
    let mut unit = fixture.begin().await;
    assert!(unit.checkout_orders().is_group_price(id, page, price).await.unwrap());
}
