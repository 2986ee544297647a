//! Group buys: the sum keeps in step with its interests, and each step is taken once.

use futures_util::future::join;
use jiff::Timestamp;

use super::fixture::{Begin, Fixture, just_after, just_before, parallel, walk};
use crate::{
    GroupBuyBuilder, a_group_buy, a_page, a_visitor, an_order, at, email, money, slug,
    start_of_time,
};
use tollgate_domain::{
    clock::plus_seconds,
    creators::PageLabel,
    group_buys::{Expressed, GroupBuy, GroupBuyState, Paid, Quantity, Withdrawal},
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

pub(super) async fn of_scene(
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
    of_scene(&fixture, |it| it.slug("together")).await;
    assert!(!keep(&fixture, &a_group_buy(&fixture.page).slug("together").build()).await);
    let other = fixture.another_handle().await;
    let page = a_page().of(&other).paid(700, "usd").build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&page).await).await);
    let theirs = a_group_buy(&page).slug("together").build();
    assert!(keep(&fixture, &theirs).await);
    let view = fixture.on.group_buys.group_buy(&other.name, &slug("together")).await.unwrap();
    assert_eq!(view.unwrap().group_buy, theirs);
}

pub async fn group_buys_are_listed_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut made = Vec::new();
    for second in [1, 2, 2, 3, 4] {
        made.push(of_scene(&fixture, |it| it.created_at(at(second))).await);
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

/// The change has everything that a creator can change.
pub async fn a_change_leaves_state_and_sum_alone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = of_scene(&fixture, |it| it).await;
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
    let crowded = of_scene(&fixture, |it| it.deadline(at(100))).await;
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

/// It is not activated below the target. The offer lasts for its own days.
pub async fn it_is_activated_only_at_its_target(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = of_scene(&fixture, |it| it.target(3).days(2).deadline(at(100))).await;
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
    let there = of_scene(&fixture, |it| it.target(1)).await;
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
    let id = of_scene(&fixture, |it| it.target(1)).await.id;
    express(&fixture.on, id, fixture.visitor.id, 1, at(1)).await;
    let activated = parallel(20, |_| activate(&fixture.on, id, at(2))).await;
    assert_eq!(activated.iter().flatten().count(), 1);
}

/// The creator presses both buttons at once.
pub async fn of_activation_and_cancellation_one_wins(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..10 {
        let id = of_scene(&fixture, |it| it.target(1)).await.id;
        express(&fixture.on, id, fixture.visitor.id, 1, at(1)).await;
        let (on, other) = (fixture.on.clone(), fixture.on.clone());
        let (active, cancelled) = join(activate(&on, id, at(2)), cancel(&other, id, at(2))).await;
        assert!(active.is_some() != cancelled.is_some());
        let state = found(&fixture, id).await.state;
        assert_eq!(state == GroupBuyState::Active, active.is_some());
        assert_eq!(state == GroupBuyState::Cancelled, cancelled.is_some());
    }
}

/// It is pending while it is open or has reached its target, and no longer once it missed its deadline.
pub async fn it_is_cancelled_only_while_it_is_pending(on: Stores) {
    let fixture = Fixture::new(on).await;
    let missed = of_scene(&fixture, |it| it.deadline(at(10))).await;
    assert_eq!(cancel(&fixture.on, missed.id, at(10)).await, None);
    let cancelled = cancel(&fixture.on, missed.id, just_before(at(10))).await.unwrap();
    assert_eq!(cancelled.state, GroupBuyState::Cancelled);
    assert_eq!(found(&fixture, missed.id).await, cancelled);
    let reached = of_scene(&fixture, |it| it.target(1).deadline(at(10))).await;
    express(&fixture.on, reached.id, fixture.visitor.id, 1, at(1)).await;
    assert!(cancel(&fixture.on, reached.id, at(20)).await.is_some());
    assert_eq!(cancel(&fixture.on, reached.id, at(21)).await, None);
}

/// Missed deadlines and ended offers are overdue, and nothing that is still on.
pub async fn what_is_overdue_is_ended_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let missed = of_scene(&fixture, |it| it.deadline(at(10))).await.id;
    let reached = of_scene(&fixture, |it| it.target(1).deadline(at(10))).await.id;
    let offered = of_scene(&fixture, |it| it.target(1).days(1)).await.id;
    let open = of_scene(&fixture, |it| it).await.id;
    let cancelled = of_scene(&fixture, |it| it.deadline(at(10))).await.id;
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
    let group_buy = of_scene(&fixture, |it| it).await;
    let mut order = an_order(&fixture.visitor, &fixture.page).build();
    order.group_buy_id = Some(group_buy.id);
    order.customer_email = email("bob@example.com");
    order.created_at = start_of_time();
    assert!(fixture.keep_order(&order).await);
    assert_eq!(fixture.order(&order).await, order);
}

/// It has the name while the group price can be paid, and only then.
pub async fn an_offer_has_a_name_until_it_ends(on: Stores) {
    let fixture = Fixture::new(on).await;
    let group_buy = of_scene(&fixture, |it| it.target(1)).await;
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

pub async fn group_buys_of_a_handle_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    for _ in 0..2 {
        of_scene(&fixture, |it| it).await;
    }
    let mut unit = fixture.begin().await;
    assert_eq!(unit.group_buys().count_of(fixture.handle.id).await.unwrap(), 2);
    assert_eq!(unit.group_buys().count_of(other.id).await.unwrap(), 0);
}
