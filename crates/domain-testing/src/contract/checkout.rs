//! Checkout orders.

use std::collections::BTreeSet;

use futures_util::future::join;

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{
    PurchaseBuilder, a_handle, a_page, a_purchase, an_opened_session, an_order, at, email, money,
    start_of_time,
};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus, ports::MovedOrders},
    id::{CheckoutId, HandleId, VisitorId},
    payments::{CheckoutSessionId, OpenedSession, PaymentExtras},
    store::Stores,
    visitor_auth::Visitor,
};

const ALL: [OrderStatus; 8] = [
    OrderStatus::Creating,
    OrderStatus::Open,
    OrderStatus::Pending,
    OrderStatus::Closing,
    OrderStatus::Paid,
    OrderStatus::Expired,
    OrderStatus::Failed,
    OrderStatus::Quarantined,
];

async fn opened(fixture: &Fixture, id: CheckoutId, session: &OpenedSession) -> bool {
    let mut unit = fixture.begin().await;
    let kept = unit.checkout_orders().opened(id, session).await.unwrap();
    unit.commit().await.unwrap();
    kept
}

/// Every field of an order comes back, set and unset, in every state.
pub async fn an_order_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for status in ALL {
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let mut order = an_order(&fixture.visitor, &page).open().status(status).build();
        if status == OrderStatus::Creating {
            order.opened = None;
        } else {
            order.title = "Ünïcode ☃ '\" title".into();
            order.price = money(5_120, "kwd");
            order.fee = 512;
            order.extras = PaymentExtras { invoice: true, automatic_tax: false, tax_id: true };
            order.customer_email = email("typed@elsewhere.example");
            order.success_url = Some("https://shop.example/thanks?a=b&c=d".into());
            order.cancel_url = Some("https://shop.example/back".into());
            order.created_at = at(1);
            order.expires_at = at(2);
        }
        assert!(fixture.keep_order(&order).await);
        assert_eq!(fixture.order(&order).await, order);
        let mut unit = fixture.begin().await;
        let live = unit.checkout_orders().open_of(fixture.visitor.id, page.id).await.unwrap();
        assert_eq!(live, status.is_live().then(|| order.clone()));
        let reads = &fixture.on.checkout;
        if let Some(opened) = &order.opened {
            let found = unit.checkout_orders().by_session(&opened.session).await.unwrap();
            assert_eq!(found.as_ref(), Some(&order));
            let found = reads.order_of_session(&opened.session).await.unwrap();
            assert_eq!(found.as_ref(), Some(&order));
        }
        assert_eq!(reads.order(order.id).await.unwrap().as_ref(), Some(&order));
        let names = (order.clone(), fixture.handle.name.clone(), page.slug);
        assert_eq!(reads.order_with_page(order.id).await.unwrap(), Some(names));
    }
}

/// Absence is not an error.
pub async fn an_unknown_order_is_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let unknown = an_order(&fixture.visitor, &fixture.page).build();
    let mut unit = fixture.begin().await;
    let orders = unit.checkout_orders();
    assert_eq!(orders.find(unknown.id).await.unwrap(), None);
    assert_eq!(orders.by_session(&CheckoutSessionId::new("cs_x")).await.unwrap(), None);
    assert_eq!(orders.open_of(fixture.visitor.id, fixture.page.id).await.unwrap(), None);
    assert!(!orders.opened(unknown.id, &an_opened_session()).await.unwrap());
    assert!(!orders.advance(unknown.id, &ALL, OrderStatus::Paid).await.unwrap());
    assert_eq!(unit.pay_pages().close_of_page(fixture.page.id).await.unwrap(), vec![]);
    drop(unit);
    let reads = &fixture.on.checkout;
    assert_eq!(reads.order(unknown.id).await.unwrap(), None);
    assert_eq!(reads.order_of_session(&CheckoutSessionId::new("cs_x")).await.unwrap(), None);
    assert_eq!(reads.order_with_page(unknown.id).await.unwrap(), None);
}

/// Twenty checkouts at once are one.
pub async fn of_parallel_orders_of_a_visitor_for_a_page_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let orders: Vec<_> =
        (0..20).map(|_| an_order(&fixture.visitor, &fixture.page).build()).collect();
    let kept = parallel(20, |number| {
        let (on, order) = (fixture.on.clone(), orders.get(number).unwrap().clone());
        async move {
            let mut unit = on.begin().await;
            let kept = unit.checkout_orders().insert(&order).await.unwrap();
            unit.commit().await.unwrap();
            kept
        }
    })
    .await;
    assert_eq!(count_true(&kept), 1);
    let winner = kept.iter().zip(&orders).find(|(kept, _)| **kept).map(|(_, order)| order);
    let mut unit = fixture.begin().await;
    let live = unit.checkout_orders().open_of(fixture.visitor.id, fixture.page.id).await.unwrap();
    assert_eq!(live.as_ref(), winner);
}

/// The limit is per visitor and page.
pub async fn other_visitors_and_pages_have_orders_of_their_own(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await;
    for (visitor, page) in
        [(&fixture.visitor, &fixture.page), (&other, &fixture.page), (&fixture.visitor, &elsewhere)]
    {
        let order = an_order(visitor, page).build();
        assert!(fixture.keep_order(&order).await);
        let mut unit = fixture.begin().await;
        let live = unit.checkout_orders().open_of(visitor.id, page.id).await.unwrap();
        assert_eq!(live, Some(order));
    }
}

/// The live states are creating, open and pending.
pub async fn every_live_state_keeps_a_second_order_out(on: Stores) {
    let fixture = Fixture::new(on).await;
    for status in OrderStatus::LIVE {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        assert!(
            fixture.keep_order(&an_order(&fixture.visitor, &page).status(status).build()).await
        );
        assert!(
            !fixture.keep_order(&an_order(&fixture.visitor, &page).build()).await,
            "{status:?}"
        );
    }
}

/// An order that is closed does not count against the limit.
pub async fn a_closed_order_lets_a_new_one_in(on: Stores) {
    let fixture = Fixture::new(on).await;
    for status in ALL.into_iter().filter(|status| !status.is_live()) {
        let old = an_order(&fixture.visitor, &fixture.page).open().build();
        assert!(fixture.keep_order(&old).await);
        assert!(fixture.advance(old.id, &[OrderStatus::Open], status).await);
        let new = an_order(&fixture.visitor, &fixture.page).open().build();
        assert!(fixture.keep_order(&new).await, "after {status:?}");
        assert_eq!(fixture.order(&old).await.status, status);
        assert!(fixture.advance(new.id, &[OrderStatus::Open], OrderStatus::Expired).await);
    }
}

/// The order is open then, and found by its session.
pub async fn an_opened_session_is_noted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    assert!(opened(&fixture, order.id, &session).await);
    let expected =
        CheckoutOrder { status: OrderStatus::Open, opened: Some(session.clone()), ..order };
    let mut unit = fixture.begin().await;
    let found = unit.checkout_orders().by_session(&session.session).await.unwrap();
    assert_eq!(found, Some(expected));
}

/// Two requests that opened the same session both go on.
pub async fn noting_the_same_session_again_is_fine(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    let kept = parallel(8, |_| {
        let (on, session, id) = (fixture.on.clone(), session.clone(), order.id);
        async move {
            let mut unit = on.begin().await;
            let kept = unit.checkout_orders().opened(id, &session).await.unwrap();
            unit.commit().await.unwrap();
            kept
        }
    })
    .await;
    assert_eq!(count_true(&kept), 8);
    assert_eq!(fixture.order(&order).await.opened, Some(session));
}

/// An order has one session.
pub async fn a_second_session_is_not_noted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    assert!(opened(&fixture, order.id, &session).await);
    assert!(!opened(&fixture, order.id, &an_opened_session()).await);
    assert_eq!(fixture.order(&order).await.opened, Some(session));
}

/// An order that was closed in the meantime stays closed, also when it has this very session.
pub async fn a_closed_order_notes_no_session(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    assert!(fixture.keep_order(&order).await);
    assert!(fixture.advance(order.id, &[OrderStatus::Creating], OrderStatus::Expired).await);
    assert!(!opened(&fixture, order.id, &an_opened_session()).await);
    assert_eq!(fixture.order(&order).await.status, OrderStatus::Expired);

    let open = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&open).await);
    assert!(fixture.advance(open.id, &[OrderStatus::Open], OrderStatus::Expired).await);
    assert!(!opened(&fixture, open.id, open.opened.as_ref().unwrap()).await);
    assert_eq!(fixture.order(&open).await.status, OrderStatus::Expired);
}

/// Every pair of states is tried.
pub async fn an_order_advances_only_from_the_states_given(on: Stores) {
    let fixture = Fixture::new(on).await;
    for (number, status) in ALL.into_iter().enumerate() {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).status(status).build();
        assert!(fixture.keep_order(&order).await);
        let others: Vec<_> = ALL.into_iter().filter(|other| *other != status).collect();
        assert!(!fixture.advance(order.id, &others, OrderStatus::Paid).await);
        assert!(!fixture.advance(order.id, &[], OrderStatus::Paid).await);
        assert_eq!(fixture.order(&order).await, order);
        let to = *ALL.get((number + 1) % ALL.len()).unwrap();
        assert!(fixture.advance(order.id, &ALL, to).await);
        assert_eq!(fixture.order(&order).await, CheckoutOrder { status: to, ..order });
    }
}

/// An advance is one conditional statement.
pub async fn of_parallel_advances_one_succeeds(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let moved = parallel(20, |number| {
        let (on, id) = (fixture.on.clone(), order.id);
        let to = if number % 2 == 0 { OrderStatus::Expired } else { OrderStatus::Paid };
        async move {
            let mut unit = on.begin().await;
            let from = [OrderStatus::Open];
            let moved = unit.checkout_orders().advance(id, &from, to).await.unwrap();
            unit.commit().await.unwrap();
            moved
        }
    })
    .await;
    assert_eq!(count_true(&moved), 1);
}

/// A price edit ends the open checkouts, and names those that may have a session at the provider: one whose opening is under way as well.
pub async fn closing_a_page_marks_its_open_orders(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await;
    let creating = an_order(&fixture.visitor, &fixture.page).build();
    let open = an_order(&other, &fixture.page).open().build();
    let not_meant = an_order(&other, &elsewhere).open().build();
    for order in [&creating, &open, &not_meant] {
        assert!(fixture.keep_order(order).await);
    }
    let mut unit = fixture.begin().await;
    let closed = unit.pay_pages().close_of_page(fixture.page.id).await.unwrap();
    unit.commit().await.unwrap();
    let told: BTreeSet<_> = closed.iter().copied().collect();
    assert_eq!((told, closed.len()), ([creating.id, open.id].into(), 2));
    for order in [&creating, &open] {
        let closing = CheckoutOrder { status: OrderStatus::Closing, ..order.clone() };
        assert_eq!(fixture.order(order).await, closing);
    }
    assert_eq!(fixture.order(&not_meant).await, not_meant);
    // Another order is possible as soon as the session is known to be closed.
    let next = an_order(&fixture.visitor, &fixture.page).build();
    assert!(!fixture.keep_order(&next).await);
    let from = [OrderStatus::Closing];
    assert!(fixture.advance(creating.id, &from, OrderStatus::Expired).await);
    assert!(fixture.keep_order(&next).await);
}

/// The money of a pending order is on its way; a second order would take it twice.
pub async fn closing_a_page_leaves_pending_and_closed_orders_alone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let untouched = ALL
        .into_iter()
        .filter(|status| !matches!(status, OrderStatus::Creating | OrderStatus::Open));
    let mut orders = Vec::new();
    for status in untouched {
        let (visitor, _) = fixture.another_visitor().await;
        let order = an_order(&visitor, &fixture.page).open().status(status).build();
        assert!(fixture.keep_order(&order).await);
        orders.push(order);
    }
    let mut unit = fixture.begin().await;
    let closed = unit.pay_pages().close_of_page(fixture.page.id).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(closed, vec![]);
    for order in orders {
        assert_eq!(fixture.order(&order).await, order);
    }
}

/// Nothing else of the order changes.
pub async fn an_order_leads_on_to_another_address(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    for target in [Some("https://shop.example/thanks".to_owned()), None] {
        let mut unit = fixture.begin().await;
        unit.checkout_orders().lead_on_to(order.id, target.clone()).await.unwrap();
        unit.commit().await.unwrap();
        let expected = CheckoutOrder { success_url: target, ..order.clone() };
        assert_eq!(fixture.order(&order).await, expected);
    }
}

async fn moved(fixture: &Fixture, handle: HandleId, to: &Visitor) -> MovedOrders {
    let mut unit = fixture.begin().await;
    let moved = unit.checkout_orders().move_unpaid(handle, fixture.visitor.id, to).await;
    unit.commit().await.unwrap();
    moved.unwrap()
}

/// Those at the handle that led to no purchase belong to the other visitor now, and none can be paid any more.
pub async fn orders_that_may_be_paid_move_to_another_visitor(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let mut orders = Vec::new();
    for status in ALL {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let mut order = an_order(&fixture.visitor, &page).open().status(status).build();
        if status == OrderStatus::Creating {
            order.opened = None;
        }
        assert!(fixture.keep_order(&order).await);
        orders.push((page, order));
    }
    let elsewhere = a_handle().build().id;
    assert_eq!(moved(&fixture, elsewhere, &other).await, MovedOrders::default());
    for (_, order) in &orders {
        assert_eq!(fixture.order(order).await, *order);
    }
    let outcome = moved(&fixture, fixture.handle.id, &other).await;
    let payable = orders.iter().filter(|(_, it)| OrderStatus::PAYABLE.contains(&it.status));
    let payable: BTreeSet<_> = payable.map(|(_, order)| order.id).collect();
    assert_eq!(outcome.payments, OrderStatus::PAID_FOR.len());
    assert_eq!(outcome.closing.into_iter().collect::<BTreeSet<_>>(), payable);
    for (page, order) in orders {
        let is_moved = order.status != OrderStatus::Paid;
        let mut expected = order.clone();
        if is_moved {
            expected.visitor_id = other.id;
        }
        if is_moved && order.opened.is_some() {
            expected.customer_email = other.email.clone();
        }
        if payable.contains(&order.id) {
            expected.status = OrderStatus::Closing;
        }
        assert_eq!(fixture.order(&order).await, expected);
        // The old address may buy the page again, the new one may not.
        let is_kept = fixture.keep_order(&an_order(&other, &page).build()).await;
        assert_eq!(is_kept, !order.status.is_live(), "{:?}", order.status);
        assert!(fixture.keep_order(&an_order(&fixture.visitor, &page).build()).await);
    }
}

/// A payment on its way comes before a pay page of the other visitor. A pay page comes after whatever is there.
pub async fn orders_move_to_a_visitor_who_has_one_for_the_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for (theirs, known, wins) in [
        (OrderStatus::Pending, OrderStatus::Creating, true),
        (OrderStatus::Pending, OrderStatus::Open, true),
        (OrderStatus::Pending, OrderStatus::Closing, true),
        (OrderStatus::Pending, OrderStatus::Pending, false),
        (OrderStatus::Open, OrderStatus::Open, false),
        (OrderStatus::Closing, OrderStatus::Pending, false),
    ] {
        let page = fixture.page(a_page().paid(700, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().status(theirs).build();
        let own = an_order(&other, &page).open().status(known).build();
        assert!(fixture.keep_order(&order).await && fixture.keep_order(&own).await);
        let outcome = moved(&fixture, fixture.handle.id, &other).await;
        let mut unit = fixture.begin().await;
        let live = unit.checkout_orders().open_of(other.id, page.id).await.unwrap().unwrap();
        drop(unit);
        assert_eq!(live.id, if wins { order.id } else { own.id }, "{theirs:?}, {known:?}");
        assert_eq!(fixture.order(&order).await.visitor_id, other.id);
        let is_closing = |it: &CheckoutOrder| outcome.closing.contains(&it.id);
        assert_eq!(is_closing(&own), wins, "{theirs:?}, {known:?}");
        assert_eq!(is_closing(&order), theirs != OrderStatus::Pending);
        for it in [&order, &own] {
            let expected = if is_closing(it) { OrderStatus::Closing } else { it.status };
            assert_eq!(fixture.order(it).await.status, expected);
        }
        assert!(!fixture.keep_order(&an_order(&other, &page).build()).await);
    }
}

/// Moves purchases and orders, in the order in which a change of address locks them.
async fn change_address(on: &Stores, handle: HandleId, from: VisitorId, to: &Visitor) {
    let mut unit = on.begin().await;
    for visitor in [from.min(to.id), from.max(to.id)] {
        unit.visitors().lock(visitor).await.unwrap();
    }
    unit.purchases().move_to(handle, from, to.id).await.unwrap();
    unit.checkout_orders().move_unpaid(handle, from, to).await.unwrap();
    unit.purchases().move_to(handle, from, to.id).await.unwrap();
    unit.commit().await.unwrap();
}

/// A refund that failed opens a page again, and closes the order that could still be paid; a change of address moves
/// both. Neither fails because of the other.
pub async fn a_page_that_opens_again_and_a_change_of_address_wait_for_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for _ in 0..20 {
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let bought = fixture.bought_by(&fixture.visitor, &page, |it| it).await;
        let order = an_order(&fixture.visitor, &page).open().build();
        assert!(fixture.keep_order(&order).await);
        let (id, from) = (bought.id, fixture.visitor.id);
        let (on, page_id) = (fixture.on.clone(), page.id);
        let opened_again = async move {
            let mut unit = on.begin().await;
            // As it was read before: by then it may have moved.
            unit.visitors().lock(from).await.unwrap();
            let bought = unit.purchases().lock(id).await.unwrap().unwrap();
            unit.pay_pages().close_of(bought.visitor_id, page_id).await.unwrap();
            unit.commit().await.unwrap();
        };
        let moved = change_address(&fixture.on, fixture.handle.id, from, &other);
        join(opened_again, moved).await;
        assert_eq!(fixture.on.purchases.purchases_of(other.id, page.id).await.unwrap().len(), 1);
        let order = fixture.order(&order).await;
        assert_eq!((order.visitor_id, order.status), (other.id, OrderStatus::Closing));
    }
}

/// A payment becomes a purchase of the order's visitor, and a change of address moves orders and purchases. Whichever
/// comes first, the purchase is the new address's.
pub async fn a_payment_and_a_change_of_address_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    for _ in 0..20 {
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).open().build();
        assert!(fixture.keep_order(&order).await);
        let (id, on) = (order.id, fixture.on.clone());
        let paid = async move {
            let mut unit = on.begin().await;
            let found = unit.checkout_orders().find(id).await.unwrap().unwrap();
            unit.visitors().lock(found.visitor_id).await.unwrap();
            let found = unit.checkout_orders().lock(found.id).await.unwrap().unwrap();
            assert!(unit.purchases().insert(&a_purchase(&found).build()).await.unwrap());
            let (from, to) = (&OrderStatus::UNPAID, OrderStatus::Paid);
            assert!(unit.checkout_orders().advance(id, from, to).await.unwrap());
            unit.commit().await.unwrap();
        };
        let (handle, from, to) = (fixture.handle.id, fixture.visitor.id, other.clone());
        let on = fixture.on.clone();
        let moved = async move {
            change_address(&on, handle, from, &to).await;
        };
        join(paid, moved).await;
        let purchases = &fixture.on.purchases;
        assert_eq!(purchases.purchases_of(fixture.visitor.id, page.id).await.unwrap(), []);
        assert_eq!(purchases.purchases_of(other.id, page.id).await.unwrap().len(), 1);
        assert_eq!(fixture.order(&order).await.status, OrderStatus::Paid);
    }
}

/// A refund that failed opens a page again while another order for it is paid. Both read the visitor's payments for the
/// page, and whichever comes second sees that of the first.
pub async fn a_payment_and_a_page_that_opens_again_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..20 {
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let refunded = |it: PurchaseBuilder| it.refunded(at(1));
        let bought = fixture.bought_by(&fixture.visitor, &page, refunded).await;
        let order = an_order(&fixture.visitor, &page).open().build();
        assert!(fixture.keep_order(&order).await);
        let (visitor, page_id, purchase) = (fixture.visitor.id, page.id, bought.id);
        let on = fixture.on.clone();
        let opened_again = async move {
            let mut unit = on.begin().await;
            unit.visitors().lock(visitor).await.unwrap();
            let mut bought = unit.purchases().lock(purchase).await.unwrap().unwrap();
            (bought.refunded, bought.revoked_at) = (0, None);
            bought.grant_type = bought.granted_as;
            unit.purchases().store_state(&bought).await.unwrap();
            let theirs = unit.purchases().of_visitor(visitor, page_id).await.unwrap();
            unit.pay_pages().close_of(visitor, page_id).await.unwrap();
            unit.commit().await.unwrap();
            theirs.iter().any(|other| other.id != purchase)
        };
        let (id, on) = (order.id, fixture.on.clone());
        let paid = async move {
            let mut unit = on.begin().await;
            unit.visitors().lock(visitor).await.unwrap();
            let found = unit.checkout_orders().lock(id).await.unwrap().unwrap();
            assert!(unit.purchases().insert(&a_purchase(&found).build()).await.unwrap());
            let (from, to) = (&OrderStatus::UNPAID, OrderStatus::Paid);
            assert!(unit.checkout_orders().advance(id, from, to).await.unwrap());
            let theirs = unit.purchases().of_visitor(visitor, page_id).await.unwrap();
            unit.commit().await.unwrap();
            theirs.iter().any(|other| other.id == purchase && other.holding().is_active())
        };
        let (by_first, by_second) = join(opened_again, paid).await;
        assert!(by_first != by_second, "one of the two sees both payments");
    }
}

/// An order is stored and then looks at the page; an edit changes the page and then closes its
/// orders. Whichever comes first, no order at the old price stays open.
pub async fn an_order_and_an_edit_of_its_page_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..20 {
        let page = fixture.page(a_page().paid(1_200, "usd").published()).await;
        let order = an_order(&fixture.visitor, &page).build();
        let (id, on) = (order.id, fixture.on.clone());
        let started = async move {
            let mut unit = on.begin().await;
            assert!(unit.checkout_orders().insert(&order).await.unwrap());
            let found = unit.pages().lock(order.page_id).await.unwrap().unwrap();
            if found.offer() == Some(order.price) {
                unit.commit().await.unwrap();
            }
        };
        let (mut edited, on) = (page.clone(), fixture.on.clone());
        edited.price = Some(money(2_000, "usd"));
        edited.updated_at = at(1);
        let edit = async move {
            let mut unit = on.begin().await;
            assert!(unit.pages().update(&edited, start_of_time()).await.unwrap());
            unit.pay_pages().close_of_page(edited.id).await.unwrap();
            unit.commit().await.unwrap();
        };
        join(started, edit).await;
        let order = fixture.on.checkout.order(id).await.unwrap();
        assert!(order.is_none_or(|order| order.status == OrderStatus::Closing));
        // Makes room for the next round.
        fixture.advance(id, &[OrderStatus::Closing], OrderStatus::Expired).await;
    }
}
