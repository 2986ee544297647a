//! Orders, and how many a visitor has.

use super::ALL;
use crate::{
    a_page, an_opened_session, an_order, at,
    contract::fixture::{Fixture, count_true, parallel},
    email, money,
};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus},
    payments::{CheckoutSessionId, PaymentExtras},
    store::Stores,
};

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
        assert_eq!(reads.live_order(fixture.visitor.id, page.id).await.unwrap(), live);
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
    assert_eq!(reads.live_order(fixture.visitor.id, fixture.page.id).await.unwrap(), None);
    assert_eq!(reads.order_of_session(&CheckoutSessionId::new("cs_x")).await.unwrap(), None);
    assert_eq!(reads.order_with_page(unknown.id).await.unwrap(), None);
}

pub async fn of_parallel_orders_of_a_visitor_for_a_page_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let orders: Vec<_> =
        (0..20).map(|_| an_order(&fixture.visitor, &fixture.page).build()).collect();
    let kept = parallel(20, |number| fixture.keep_order(orders.get(number).unwrap())).await;
    assert_eq!(count_true(&kept), 1);
    let winner = kept.iter().zip(&orders).find(|(kept, _)| **kept).map(|(_, order)| order);
    let mut unit = fixture.begin().await;
    let live = unit.checkout_orders().open_of(fixture.visitor.id, fixture.page.id).await.unwrap();
    assert_eq!(live.as_ref(), winner);
}

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
        let read = fixture.on.checkout.live_order(visitor.id, page.id).await.unwrap();
        assert_eq!(read, live);
    }
}

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
