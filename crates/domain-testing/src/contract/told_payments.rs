//! Payments that a buyer is told of: on their way, failed, or unlike their order.

use super::fixture::Fixture;
use crate::{a_fact, a_gift, a_page, an_order, at};
use tollgate_domain::{
    access::{Fact, FactKind, Resource},
    checkout::{CheckoutOrder, OrderStatus, QuarantinedPayment, ReportedStatus},
    clock::plus_seconds,
    creators::Page,
    payments::AccountId,
    store::Stores,
};

/// It is the one that was noted last, of this visitor and this page, and none that was refunded.
pub async fn a_payment_that_does_not_match_its_order_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (other, _) = fixture.another_visitor().await;
    let quarantined = |visitor, instant| {
        let order = an_order(visitor, &fixture.page).open().created_at(instant);
        order.status(OrderStatus::Quarantined).build()
    };
    let mine = &fixture.visitor;
    let (first, second) = (quarantined(mine, at(2)), quarantined(mine, at(1)));
    let (unnoted, theirs) = (quarantined(mine, at(3)), quarantined(&other, at(3)));
    let mut stray = an_order(mine, &fixture.page).open().created_at(at(4)).build();
    stray.status = OrderStatus::Expired;
    let purchase = fixture.bought(|it| it).await;
    let note = async |order: &CheckoutOrder, kind, instant| {
        let session = order.opened.clone().unwrap().session.to_string();
        let fact = a_fact(&purchase, kind, instant).reference(&session).build();
        assert!(fixture.keep_fact(&fact).await);
    };
    for order in [&first, &second, &unnoted, &theirs, &stray] {
        assert!(fixture.keep_order(order).await);
    }
    note(&first, FactKind::PaymentQuarantined, at(10)).await;
    note(&second, FactKind::PaymentQuarantined, at(20)).await;
    note(&theirs, FactKind::PaymentQuarantined, at(30)).await;
    note(&stray, FactKind::PaymentQuarantined, at(40)).await;
    let page = fixture.page.id;
    let told = async |who| on.checkout.quarantined_payment(who, page).await.unwrap();
    let expected = QuarantinedPayment { order: second.clone(), since: at(20) };
    assert_eq!(told(mine.id).await, Some(expected));
    let account = &first.account;
    let at_account =
        async |after, limit| on.sweeps.quarantined_orders_at(account, after, limit).await.unwrap();
    let mut all = [theirs.clone(), second.clone(), first.clone()];
    all.sort_by_key(|order| order.id);
    assert_eq!(at_account(None, 9).await, all);
    assert_eq!(at_account(None, 1).await, all[..1]);
    assert_eq!(at_account(Some(all[0].id), 9).await, all[1..]);
    let other_account = on.sweeps.quarantined_orders_at(&AccountId::new("acct_0"), None, 9).await;
    assert_eq!(other_account, Ok(vec![]));
    note(&second, FactKind::QuarantineRefunded, at(50)).await;
    let kept: Vec<_> = all.iter().filter(|order| order.id != second.id).cloned().collect();
    assert_eq!(at_account(None, 9).await, kept);
    assert_eq!(told(mine.id).await, Some(QuarantinedPayment { order: first, since: at(10) }));
    assert_eq!(told(other.id).await, Some(QuarantinedPayment { order: theirs, since: at(30) }));
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await.id;
    assert_eq!(on.checkout.quarantined_payment(mine.id, elsewhere).await, Ok(None));
}

/// However often it was refunded and that did not arrive. Another session's id may begin alike.
pub async fn a_payment_that_did_not_arrive_back_is_told_again(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open();
    let order = order.status(OrderStatus::Quarantined).build();
    assert!(fixture.keep_order(&order).await);
    let (other, _) = fixture.another_visitor().await;
    let purchase = fixture.bought_by(&other, &fixture.page, |it| it).await;
    let session = order.opened.clone().unwrap().session;
    let note = async |kind, reference: &str| {
        let fact = a_fact(&purchase, kind, at(9)).reference(reference).build();
        assert!(fixture.keep_fact(&fact).await);
    };
    let (visitor, page, handle) = (&fixture.visitor, fixture.page.id, fixture.handle.id);
    let told = async || {
        let last = on.checkout.quarantined_payment(visitor.id, page).await.unwrap();
        let own = on.checkout.quarantined_orders_of(visitor.id).await.unwrap();
        let swept = on.sweeps.quarantined_orders_at(&order.account, None, 9).await.unwrap();
        let waiting = on.reports.quarantined_payments(handle, 9).await.unwrap();
        let case = on.reports.case(Resource::Page(page), &visitor.email).await.unwrap();
        let case = usize::from(case.quarantined.is_some());
        [usize::from(last.is_some()), own.len(), swept.len(), waiting.len(), case]
    };
    note(FactKind::PaymentQuarantined, session.as_str()).await;
    note(FactKind::QuarantineRefunded, &format!("{session}0")).await;
    assert_eq!(told().await, [1; 5]);
    for failed in 0..3 {
        let reference = Fact::quarantine_refund(&session, failed);
        note(FactKind::QuarantineRefunded, &reference).await;
        assert_eq!(told().await, [0; 5], "after {failed}");
        note(FactKind::QuarantineRefundFailed, &reference).await;
        assert_eq!(told().await, [1; 5], "after {failed}");
    }
}

/// Each is told by its last turn, and not while the money is with its seller.
pub async fn a_payment_that_went_back_is_told_for_as_long_as_is_asked(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (other, _) = fixture.another_visitor().await;
    let quarantined =
        |visitor| an_order(visitor, &fixture.page).open().status(OrderStatus::Quarantined).build();
    let mut orders = [quarantined(&fixture.visitor), quarantined(&other)];
    orders.sort_by_key(|order| order.id);
    let [first, second] = &orders;
    let (buyer, _) = fixture.another_visitor().await;
    let purchase = fixture.bought_by(&buyer, &fixture.page, |it| it).await;
    let note = async |order: &CheckoutOrder, kind, failed: u32, instant| {
        let session = order.opened.clone().unwrap().session;
        let reference = Fact::quarantine_refund(&session, failed);
        let fact = a_fact(&purchase, kind, instant).reference(&reference).build();
        assert!(fixture.keep_fact(&fact).await);
    };
    let told = async |since, after, limit| {
        let account = &first.account;
        let orders =
            on.sweeps.quarantine_refunded_orders_at(account, since, after, limit).await.unwrap();
        orders.into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    for order in &orders {
        assert!(fixture.keep_order(order).await);
        note(order, FactKind::PaymentQuarantined, 0, at(5)).await;
    }
    assert_eq!(told(at(0), None, 9).await, []);
    note(first, FactKind::QuarantineRefunded, 0, at(10)).await;
    note(second, FactKind::QuarantineRefunded, 0, at(20)).await;
    assert_eq!(told(at(10), None, 9).await, [first.id, second.id]);
    assert_eq!(told(at(10), None, 1).await, [first.id]);
    assert_eq!(told(at(10), Some(first.id), 9).await, [second.id]);
    assert_eq!(told(at(11), None, 9).await, [second.id]);
    let elsewhere = AccountId::new("acct_0");
    let elsewhere = on.sweeps.quarantine_refunded_orders_at(&elsewhere, at(0), None, 9).await;
    assert_eq!(elsewhere, Ok(vec![]));
    note(first, FactKind::QuarantineRefundFailed, 0, at(30)).await;
    assert_eq!(told(at(0), None, 9).await, [second.id]);
    note(first, FactKind::QuarantineRefunded, 1, at(40)).await;
    assert_eq!(told(at(21), None, 9).await, [first.id]);
    assert_eq!(told(at(41), None, 9).await, []);
}

/// No other state of an order is told.
pub async fn a_payment_on_its_way_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let (visitor, page) = (fixture.visitor.id, fixture.page.id);
    let told = async |status| on.checkout.told_order(visitor, page, status).await.unwrap();
    assert_eq!(told(ReportedStatus::Pending).await, None);
    assert!(fixture.advance(order.id, &[OrderStatus::Open], OrderStatus::Pending).await);
    let pending = told(ReportedStatus::Pending).await.unwrap();
    assert_eq!((pending.id, pending.status), (order.id, OrderStatus::Pending));
    assert_eq!(told(ReportedStatus::Failed).await, None);
    let all = async |who| on.checkout.pending_orders_of(who).await.unwrap();
    let names = (fixture.handle.name.clone(), fixture.page.slug.clone());
    assert_eq!(all(visitor).await, [(pending, names.0.clone(), names.1.clone())]);
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(all(stranger.id).await, []);
    // Without a session nobody was asked to pay, as far as is known.
    let unopened = an_order(&stranger, &fixture.page).status(OrderStatus::Pending).build();
    assert!(fixture.keep_order(&unopened).await);
    assert_eq!(all(stranger.id).await, []);

    assert!(fixture.advance(order.id, &[OrderStatus::Pending], OrderStatus::Failed).await);
    assert_eq!(told(ReportedStatus::Pending).await, None);
    assert_eq!(all(visitor).await, []);
    let failed = told(ReportedStatus::Failed).await.unwrap();
    assert_eq!((failed.id, failed.status), (order.id, OrderStatus::Failed));
    let since = failed.created_at;
    let all = on.checkout.failed_orders_of(visitor, since).await.unwrap();
    assert_eq!(all, [(failed, names.0, names.1)]);
    let since = plus_seconds(since, 1);
    assert_eq!(on.checkout.failed_orders_of(visitor, since).await, Ok(vec![]));
    assert_eq!(on.checkout.failed_orders_of(stranger.id, at(0)).await, Ok(vec![]));
}

/// Its state does not matter. An order without a pay page is not found, nor one of another visitor or page.
pub async fn the_last_order_with_a_pay_page_is_found(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (visitor, page) = (&fixture.visitor, &fixture.page);
    let last = async |who, of| on.checkout.last_order(who, of).await.unwrap().map(|it| it.id);
    assert_eq!(last(visitor.id, page.id).await, None);
    let begun = |minute: i64| an_order(visitor, page).created_at(at(minute * 60));
    let failed = begun(2).open().status(OrderStatus::Failed).build();
    let expired = begun(3).open().status(OrderStatus::Expired).build();
    let older = begun(1).open().status(OrderStatus::Paid).build();
    for order in [&failed, &expired, &older, &begun(4).build()] {
        assert!(fixture.keep_order(order).await);
    }
    assert_eq!(last(visitor.id, page.id).await, Some(expired.id));
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(last(stranger.id, page.id).await, None);
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await.id;
    assert_eq!(last(visitor.id, elsewhere).await, None);
}

/// The list has it until the visitor is given the page, also if the visitor buys it, and has no other state of an order.
pub async fn a_payment_that_does_not_match_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = fixture.visitor.id;
    let begun = |minute: i64, status| {
        let order = an_order(&fixture.visitor, &fixture.page).created_at(at(minute * 60)).open();
        order.status(status).build()
    };
    let (older, failed) = (begun(1, OrderStatus::Quarantined), begun(2, OrderStatus::Failed));
    let newer = begun(3, OrderStatus::Quarantined);
    for order in [&older, &failed, &newer] {
        assert!(fixture.keep_order(order).await);
    }
    let told = async || {
        let told = on.checkout.quarantined_orders_of(visitor).await.unwrap();
        told.into_iter().map(|(order, ..)| order.id).collect::<Vec<_>>()
    };
    assert_eq!(told().await, [newer.id, older.id]);
    let (stranger, _) = fixture.another_visitor().await;
    assert_eq!(on.checkout.quarantined_orders_of(stranger.id).await, Ok(vec![]));
    let bought = fixture.bought_by(&stranger, &fixture.page, |it| it).await;
    let session = newer.opened.clone().unwrap().session.to_string();
    let refunded = a_fact(&bought, FactKind::QuarantineRefunded, at(240)).reference(&session);
    assert!(fixture.keep_fact(&refunded.build()).await);
    assert_eq!(told().await, [older.id], "all was refunded");
    fixture.bought_by(&fixture.visitor, &fixture.page, |it| it).await;
    assert_eq!(told().await, [older.id], "another payment bought the page");
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert_eq!(told().await, [], "the visitor has the page");
}

/// In a list, a failure is told once for each page, and only while the visitor could still want the page.
pub async fn a_failed_payment_is_told_until_it_is_dealt_with(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let visitor = fixture.visitor.id;
    let told = async || {
        let told = on.checkout.failed_orders_of(visitor, at(0)).await.unwrap();
        told.into_iter().map(|(order, ..)| order.id).collect::<Vec<_>>()
    };
    let begun = async |minute: i64, page: &Page, status| {
        let order = an_order(&fixture.visitor, page).created_at(at(minute * 60)).open();
        let order = order.status(status).build();
        assert!(fixture.keep_order(&order).await);
        order.id
    };
    begun(1, &fixture.page, OrderStatus::Failed).await;
    let newer = begun(2, &fixture.page, OrderStatus::Failed).await;
    let other = fixture.page(a_page().paid(900, "usd").published()).await;
    let newest = begun(3, &other, OrderStatus::Failed).await;
    assert_eq!(told().await, [newest, newer]);
    begun(4, &other, OrderStatus::Expired).await;
    assert_eq!(told().await, [newest, newer], "nothing was paid");
    begun(5, &other, OrderStatus::Pending).await;
    assert_eq!(told().await, [newer], "the next payment is on its way");

    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert_eq!(told().await, [], "the visitor has the page");
    let archived = fixture.page(a_page().paid(900, "usd").archived()).await;
    let free = fixture.page(a_page().free_with_login().published()).await;
    for page in [archived, free] {
        begun(6, &page, OrderStatus::Failed).await;
    }
    assert_eq!(told().await, [], "neither is for sale");
}

pub async fn the_newest_failed_payment_is_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut newest = None;
    for _ in 0..2 {
        let order = an_order(&fixture.visitor, &fixture.page).open().build();
        assert!(fixture.keep_order(&order).await);
        assert!(fixture.advance(order.id, &[OrderStatus::Open], OrderStatus::Failed).await);
        newest = newest.max(Some((order.created_at, order.id)));
    }
    // Without a session nobody was asked to pay.
    let unasked = an_order(&fixture.visitor, &fixture.page).status(OrderStatus::Failed).build();
    assert!(fixture.keep_order(&unasked).await);
    let (visitor, page) = (fixture.visitor.id, fixture.page.id);
    let told = on.checkout.told_order(visitor, page, ReportedStatus::Failed).await.unwrap();
    assert_eq!(told.map(|order| (order.created_at, order.id)), newest);
}
