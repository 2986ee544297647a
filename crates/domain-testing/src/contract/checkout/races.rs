//! Units about the same orders at once.

use futures_util::future::join;

use crate::{
    PurchaseBuilder, a_page, a_purchase, an_order, at,
    contract::fixture::{Begin, Fixture},
    money, start_of_time,
};
use tollgate_domain::{
    checkout::OrderStatus,
    id::{HandleId, VisitorId},
    store::Stores,
    visitor_auth::Visitor,
};

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
            unit.pay_pages().close(bought.visitor_id, page_id).await.unwrap();
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
            unit.pay_pages().close(visitor, page_id).await.unwrap();
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
