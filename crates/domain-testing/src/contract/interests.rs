//! Interests in group buys: the sum keeps in step with them, and nobody is counted twice.

use futures_util::future::join;

use super::{
    fixture::{Fixture, count_true, just_before, parallel, walk},
    group_buys::{
        activate, cancel, crowd, expire, express, quantity, stored_group_buy, sum, withdraw,
    },
};
use crate::{a_purchase, an_order, at, money};
use tollgate_domain::{
    access::Purchase,
    checkout::{CheckoutOrder, OrderStatus},
    creators::Page,
    group_buys::{Expressed, GroupBuyState, Interest, Paid, Withdrawal},
    id::GroupBuyId,
    paging::PageRequest,
    store::Stores,
    visitor_auth::Visitor,
};

/// Joining, replacing and leaving change the row of the interest and the sum together.
pub async fn an_interest_moves_the_sum_by_its_difference(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let id = stored_group_buy(&fixture, |it| it).await.id;
    let visitor = fixture.visitor.id;
    let interest = |number, second| Interest {
        group_buy_id: id,
        visitor_id: visitor,
        quantity: quantity(number),
        created_at: at(second),
    };
    let joined = express(&fixture.on, id, visitor, 5, at(1)).await;
    assert_eq!(joined, Expressed::Joined(interest(5, 1)));
    express(&fixture.on, id, other.id, 3, at(2)).await;
    assert_eq!(sum(&fixture, id).await, 8);
    for (number, before) in [(9, 5), (2, 9), (2, 2)] {
        let replaced = express(&fixture.on, id, visitor, number, at(3)).await;
        assert_eq!(replaced, Expressed::Replaced(interest(number, 1), quantity(before)));
        assert_eq!(sum(&fixture, id).await, number + 3);
        let stored = fixture.on.group_buys.interest(id, visitor).await.unwrap();
        assert_eq!(stored, Some(interest(number, 1)));
    }
    assert_eq!(withdraw(&fixture.on, id, visitor).await, Withdrawal::Done);
    assert_eq!(withdraw(&fixture.on, id, visitor).await, Withdrawal::NoInterest);
    assert_eq!(fixture.on.group_buys.interest(id, visitor).await.unwrap(), None);
    assert_eq!(sum(&fixture, id).await, 3);
    let again = express(&fixture.on, id, visitor, 1, at(5)).await;
    assert_eq!(again, Expressed::Joined(interest(1, 5)));
    assert_eq!(sum(&fixture, id).await, 4);
}

/// The last place can be taken, and replacing a quantity does not exceed the maximum either.
pub async fn the_sum_never_exceeds_the_maximum(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let id = stored_group_buy(&fixture, |it| it.target(2).most(6)).await.id;
    let visitor = fixture.visitor.id;
    express(&fixture.on, id, visitor, 4, at(1)).await;
    assert_eq!(express(&fixture.on, id, other.id, 3, at(1)).await, Expressed::Full);
    assert_eq!(fixture.on.group_buys.interest(id, other.id).await.unwrap(), None);
    assert!(matches!(express(&fixture.on, id, other.id, 2, at(1)).await, Expressed::Joined(_)));
    assert_eq!(express(&fixture.on, id, visitor, 5, at(1)).await, Expressed::Full);
    assert!(matches!(express(&fixture.on, id, visitor, 3, at(1)).await, Expressed::Replaced(..)));
    assert_eq!(sum(&fixture, id).await, 5);
}

/// A quantity can be lowered for as long as the target holds, and everybody can leave.
pub async fn nobody_joins_from_the_deadline_on(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let (visitor, deadline) = (fixture.visitor.id, at(100));
    let id = stored_group_buy(&fixture, |it| it.target(3).deadline(deadline)).await.id;
    let before = just_before(deadline);
    assert!(matches!(express(&fixture.on, id, visitor, 4, before).await, Expressed::Joined(_)));
    assert_eq!(express(&fixture.on, id, other.id, 1, deadline).await, Expressed::NotOpen);
    assert_eq!(express(&fixture.on, id, visitor, 5, deadline).await, Expressed::NotOpen);
    assert!(matches!(
        express(&fixture.on, id, visitor, 3, deadline).await,
        Expressed::Replaced(..)
    ));
    assert!(matches!(
        express(&fixture.on, id, visitor, 2, deadline).await,
        Expressed::Replaced(..)
    ));
    // That took it below its target, so it is over.
    assert_eq!(express(&fixture.on, id, visitor, 1, deadline).await, Expressed::NotOpen);
    assert_eq!(sum(&fixture, id).await, 2);
    assert_eq!(withdraw(&fixture.on, id, visitor).await, Withdrawal::Done);
    assert_eq!(sum(&fixture, id).await, 0);
}

/// Visitors can leave what ended without an activation.
pub async fn nobody_joins_what_is_not_open_or_leaves_what_was_activated(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let visitor = fixture.visitor.id;
    for end in [GroupBuyState::Active, GroupBuyState::Cancelled, GroupBuyState::Expired] {
        let it = stored_group_buy(&fixture, |it| it.target(2).deadline(at(50))).await;
        let wanted = if end == GroupBuyState::Expired { 1 } else { 2 };
        express(&fixture.on, it.id, visitor, wanted, at(1)).await;
        let ended = match end {
            GroupBuyState::Active => activate(&fixture.on, it.id, at(2)).await,
            GroupBuyState::Cancelled => cancel(&fixture.on, it.id, at(2)).await,
            _ => expire(&fixture.on, it.id, at(50)).await,
        };
        let ended = ended.expect("it ends");
        let sum_then = ended.current_quantity;
        for number in [1, 2, 3] {
            let late = express(&fixture.on, it.id, visitor, number, at(3)).await;
            assert_eq!(late, Expressed::NotOpen);
        }
        assert_eq!(express(&fixture.on, it.id, other.id, 1, at(3)).await, Expressed::NotOpen);
        assert_eq!(sum(&fixture, it.id).await, sum_then);
        assert_eq!(withdraw(&fixture.on, it.id, other.id).await, Withdrawal::NoInterest);
        if let Some(offer_ends_at) = ended.offer_ends_at {
            assert_eq!(withdraw(&fixture.on, it.id, visitor).await, Withdrawal::NotOpen);
            let over = expire(&fixture.on, it.id, offer_ends_at).await;
            assert!(over.is_some_and(|over| over.state == GroupBuyState::Expired));
            assert_eq!(withdraw(&fixture.on, it.id, visitor).await, Withdrawal::NotOpen);
            assert_eq!(sum(&fixture, it.id).await, sum_then);
        } else {
            assert_eq!(withdraw(&fixture.on, it.id, visitor).await, Withdrawal::Done);
            assert_eq!(withdraw(&fixture.on, it.id, visitor).await, Withdrawal::NoInterest);
            assert_eq!(sum(&fixture, it.id).await, 0);
        }
    }
}

pub async fn parallel_joins_fill_it_exactly(on: Stores) {
    let fixture = Fixture::new(on).await;
    let id = stored_group_buy(&fixture, |it| it.target(3).most(20)).await.id;
    let crowd = crowd(&fixture, 50).await;
    let joined = parallel(crowd.len(), async |number: usize| {
        let expressed = express(&fixture.on, id, crowd.get(number).unwrap().id, 2, at(1)).await;
        matches!(expressed, Expressed::Joined(_))
    })
    .await;
    assert_eq!(count_true(&joined), 10);
    assert_eq!(sum(&fixture, id).await, 20);
}

/// One visitor with many windows open is one visitor.
pub async fn a_visitor_in_parallel_is_counted_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let id = stored_group_buy(&fixture, |it| it).await.id;
    let (on, visitor) = (&fixture.on, fixture.visitor.id);
    let outcomes = parallel(24, async |number: usize| {
        if number % 3 == 2 {
            withdraw(on, id, visitor).await;
            return false;
        }
        let number = i64::try_from(number).unwrap() + 1;
        matches!(express(on, id, visitor, number, at(1)).await, Expressed::Joined(_))
    })
    .await;
    assert!(count_true(&outcomes) >= 1);
    let there = fixture.on.group_buys.interest(id, fixture.visitor.id).await.unwrap();
    assert_eq!(sum(&fixture, id).await, there.map_or(0, |interest| interest.quantity.get()));
}

pub async fn a_withdrawal_and_an_activation_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for _ in 0..10 {
        let id = stored_group_buy(&fixture, |it| it.target(2)).await.id;
        express(&fixture.on, id, fixture.visitor.id, 2, at(1)).await;
        express(&fixture.on, id, other.id, 3, at(1)).await;
        let (on, second) = (fixture.on.clone(), fixture.on.clone());
        let leaving = withdraw(&on, id, other.id);
        let (left, active) = join(leaving, activate(&second, id, at(2))).await;
        let active = active.expect("enough stay whatever happens");
        let stays = fixture.on.group_buys.interest(id, other.id).await.unwrap().is_some();
        assert_eq!(left == Withdrawal::Done, !stays);
        assert_eq!(left == Withdrawal::NotOpen, stays);
        assert_eq!(active.current_quantity, if stays { 5 } else { 2 });
        assert_eq!(sum(&fixture, id).await, active.current_quantity);
    }
}

pub async fn recipients_are_read_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let id = stored_group_buy(&fixture, |it| it).await.id;
    let elsewhere = stored_group_buy(&fixture, |it| it).await.id;
    let crowd = crowd(&fixture, 7).await;
    for visitor in &crowd {
        express(&fixture.on, id, visitor.id, 1, at(1)).await;
    }
    express(&fixture.on, elsewhere, fixture.visitor.id, 1, at(1)).await;
    let mut read = Vec::new();
    let mut unit = fixture.begin().await;
    loop {
        let after = read.last().map(|(visitor, _)| *visitor);
        let part = unit.interests().recipients(id, after, 3).await.unwrap();
        assert!(part.len() <= 3);
        if part.is_empty() {
            break;
        }
        read.extend(part);
    }
    let mut expected: Vec<_> =
        crowd.iter().map(|visitor| (visitor.id, visitor.email.clone())).collect();
    expected.sort_by_key(|(visitor, _)| visitor.to_string());
    assert_eq!(read, expected);
}

fn paid_order(visitor: &Visitor, page: &Page, id: Option<GroupBuyId>) -> (CheckoutOrder, Purchase) {
    let mut order = an_order(visitor, page).open().status(OrderStatus::Paid).build();
    order.group_buy_id = id;
    order.price = money(900, "usd");
    let purchase = a_purchase(&order).build();
    (order, purchase)
}

async fn bought(fixture: &Fixture, bought: (CheckoutOrder, Purchase)) {
    let mut unit = fixture.begin().await;
    assert!(unit.checkout_orders().insert(&bought.0).await.unwrap());
    assert!(unit.purchases().insert(&bought.1).await.unwrap());
    unit.commit().await.unwrap();
}

/// It has only what was paid through the offer and neither refunded nor lost, and each visitor once. What the seller keeps counts
/// also if the access has ended.
pub async fn what_was_paid_is_told_by_people_quantity_and_amount(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, page) = (fixture.on.clone(), fixture.page.clone());
    let id = stored_group_buy(&fixture, |it| it.target(1)).await.id;
    let crowd = crowd(&fixture, 5).await;
    for (visitor, number) in crowd.iter().zip([5, 4, 3, 2, 1]) {
        express(&on, id, visitor.id, number, at(1)).await;
    }
    activate(&on, id, at(2)).await;
    let [whole, partly, refunded, elsewhere, lost] = crowd.as_slice() else { panic!() };
    bought(&fixture, paid_order(whole, &page, Some(id))).await;
    let (order, mut purchase) = paid_order(partly, &page, Some(id));
    purchase.refunded = 300;
    bought(&fixture, (order, purchase)).await;
    let (order, mut purchase) = paid_order(refunded, &page, Some(id));
    purchase.refunded = 900;
    purchase.revoked_at = Some(at(3));
    bought(&fixture, (order, purchase)).await;
    let (order, mut purchase) = paid_order(lost, &page, Some(id));
    (purchase.refunded, purchase.lost) = (100, 200);
    purchase.revoked_at = Some(at(3));
    bought(&fixture, (order, purchase)).await;
    bought(&fixture, paid_order(elsewhere, &page, None)).await;
    let paid = on.group_buys.paid(&[id]).await.unwrap();
    assert_eq!(paid, vec![(id, Paid { visitors: 2, quantity: 9, amount: 2_100 })]);
    // One who disputed and bought again is one visitor.
    let (order, mut again) = paid_order(whole, &page, Some(id));
    again.suspended_at = Some(at(4));
    bought(&fixture, (order, again)).await;
    let paid = on.group_buys.paid(&[id]).await.unwrap();
    assert_eq!(paid, vec![(id, Paid { visitors: 2, quantity: 9, amount: 3_000 })]);
    let page = PageRequest { limit: 100, after: None };
    let records = on.group_buys.interests_in(id, &page).await.unwrap().items;
    for record in &records {
        let expected = record.visitor_id == whole.id || record.visitor_id == partly.id;
        assert_eq!((record.paid, record.committed), (expected, true));
    }
    assert!(records.iter().any(|record| record.email == lost.email));
    assert_eq!(records.len(), 5);
    assert_eq!(on.group_buys.count_interested(id).await, Ok(5));
    let elsewhere = stored_group_buy(&fixture, |it| it).await.id;
    assert_eq!(on.group_buys.count_interested(elsewhere).await, Ok(0));
}

/// A visitor who pays under another address after a change of address is counted as before. An interest that counts for
/// nobody moves, too.
pub async fn an_interest_moves_with_the_order(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, page) = (fixture.on.clone(), fixture.page.clone());
    let id = stored_group_buy(&fixture, |it| it.target(1)).await.id;
    let crowd = crowd(&fixture, 4).await;
    let [joined, both, new, stranger] = crowd.as_slice() else { panic!() };
    express(&on, id, joined.id, 5, at(1)).await;
    express(&on, id, both.id, 4, at(1)).await;
    activate(&on, id, at(2)).await;
    bought(&fixture, paid_order(stranger, &page, Some(id))).await;
    let paid = on.group_buys.paid(&[id]).await.unwrap();
    assert_eq!(paid, vec![(id, Paid { visitors: 0, quantity: 0, amount: 900 })]);
    let order = |visitor| {
        let (order, _) = paid_order(visitor, &page, Some(id));
        CheckoutOrder { status: OrderStatus::Pending, ..order }
    };
    let moving = order(joined);
    assert!(fixture.keep_order(&moving).await);
    let mut unit = fixture.begin().await;
    let moved = unit.checkout_orders().move_unpaid(fixture.handle.id, joined.id, new).await;
    assert_eq!(moved.unwrap().payments, 1);
    let moving = unit.checkout_orders().lock(moving.id).await.unwrap().unwrap();
    assert!(unit.purchases().insert(&a_purchase(&moving).build()).await.unwrap());
    let (from, to) = (&OrderStatus::UNPAID, OrderStatus::Paid);
    assert!(unit.checkout_orders().advance(moving.id, from, to).await.unwrap());
    unit.commit().await.unwrap();
    let paid = on.group_buys.paid(&[id]).await.unwrap();
    assert_eq!(paid, vec![(id, Paid { visitors: 1, quantity: 5, amount: 1_800 })]);
    assert_eq!(on.group_buys.interest(id, joined.id).await.unwrap(), None);
    // Neither the interest of one who has paid moves, nor one to somebody who has another.
    for (from, to) in [(new, joined), (both, new)] {
        assert!(fixture.keep_order(&order(from)).await);
        let mut unit = fixture.begin().await;
        unit.checkout_orders().move_unpaid(fixture.handle.id, from.id, to).await.unwrap();
        unit.commit().await.unwrap();
        assert!(on.group_buys.interest(id, from.id).await.unwrap().is_some());
    }
    // What was paid for is somebody else's now, so that the same interest cannot be paid for again.
    let offers = async || {
        let of_page = on.group_buys.joined_offers(page.id, new.id, 9).await.unwrap();
        assert_eq!(on.group_buys.joined_group_buys_of(new.id, 9).await.unwrap(), of_page);
        of_page.len()
    };
    assert_eq!(offers().await, 1);
    let mut unit = fixture.begin().await;
    unit.purchases().move_to(fixture.handle.id, new.id, stranger.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(on.group_buys.interest(id, new.id).await.unwrap(), None);
    assert_eq!(offers().await, 0);
    let paid = on.group_buys.paid(&[id]).await.unwrap();
    assert_eq!(paid, vec![(id, Paid { visitors: 1, quantity: 5, amount: 1_800 })]);
}

pub async fn interests_are_listed_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let id = stored_group_buy(&fixture, |it| it).await.id;
    let crowd = crowd(&fixture, 5).await;
    let mut expected = Vec::new();
    for (visitor, second) in crowd.iter().zip([1, 2, 2, 3, 4]) {
        express(&fixture.on, id, visitor.id, second, at(second)).await;
        expected.push((at(second), visitor.id.to_string()));
    }
    expected.sort_by(|one, other| other.cmp(one));
    let part = async |request: PageRequest| {
        fixture.on.group_buys.interests_in(id, &request).await.unwrap()
    };
    let mut listed = Vec::new();
    for record in walk(2, part).await {
        assert!(!record.committed && !record.paid);
        assert_eq!(at(record.quantity.get()), record.created_at);
        listed.push((record.created_at, record.visitor_id.to_string()));
    }
    assert_eq!(listed, expected);
}
