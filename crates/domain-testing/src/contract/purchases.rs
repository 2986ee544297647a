//! Purchases.

use std::{pin::pin, time::Duration};

use futures_util::future::join;

use super::fixture::{Begin, Fixture, count_true, parallel, soon, within};
use crate::{a_gift, a_page, a_purchase, an_order, at, money};
use tollgate_domain::{
    access::{GrantType, Purchase, Seller},
    checkout::OrderStatus,
    id::PurchaseId,
    payments::{AccountId, PaymentIntentId},
    store::Stores,
};

async fn reserve(on: &Stores, id: PurchaseId, amount: i64) -> bool {
    on.commit(async |unit| unit.purchases().reserve_refund(id, amount).await).await
}

pub async fn a_purchase_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let plain = fixture.bought(|it| it).await;
    assert_eq!(fixture.purchase(plain.id).await, plain);

    for grant_type in [GrantType::Purchase, GrantType::GroupBuy, GrantType::Refunded] {
        let order =
            an_order(&fixture.visitor, &fixture.page).open().status(OrderStatus::Paid).build();
        let mut full = a_purchase(&order).build();
        full.created_at = at(1);
        full.paid_at = Some(at(0));
        full.granted_as = GrantType::GroupBuy;
        full.grant_type = grant_type;
        full.refunded = 300;
        full.refund_reserved = 200;
        full.lost = 400;
        full.tax = Some(200);
        full.suspended_at = Some(at(2));
        full.revoked_at = Some(at(3));
        if let Some(payment) = &mut full.payment {
            payment.paid = money(5_120, "kwd");
        }
        assert!(fixture.keep_order(&order).await);
        fixture.keep_gift(&full).await;
        assert_eq!(fixture.purchase(full.id).await, full);
        assert_eq!(fixture.on.purchases.purchase(full.id).await.unwrap(), Some(full));
    }
}

/// The seller on a receipt is that of the sale, not of the handle today.
pub async fn a_seller_is_kept_with_a_purchase(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (purchase, other) = (fixture.bought(|it| it).await, fixture.bought(|it| it).await);
    let known = async |id: PurchaseId| {
        let sold = fixture.on.purchases.sold(id).await.unwrap().unwrap();
        let mut unit = fixture.begin().await;
        assert_eq!(unit.purchases().seller_of(id).await.unwrap(), sold.seller);
        sold.seller
    };
    assert_eq!(known(purchase.id).await, None);
    for text in [Some("Ada ☃\nDr. 'Street' 1".to_owned()), None] {
        let seller = Seller { name: "Ada's shop".to_owned(), text };
        fixture.commit(async |unit| unit.purchases().note_seller(purchase.id, &seller).await).await;
        assert_eq!(known(purchase.id).await, Some(seller));
    }
    assert_eq!(known(other.id).await, None);
    assert_eq!(fixture.purchase(purchase.id).await, purchase);
}

pub async fn a_gift_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let gift = a_gift(&fixture.visitor, &fixture.page).build();
    fixture.keep_gift(&gift).await;
    assert_eq!(fixture.purchase(gift.id).await, gift);
    assert_eq!(gift.payment, None);
    assert_eq!(fixture.on.purchases.purchase(gift.id).await.unwrap(), Some(gift));
}

pub async fn an_unknown_purchase_is_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let unknown = a_purchase(&order).build();
    let mut unit = fixture.begin().await;
    let purchases = unit.purchases();
    assert_eq!(purchases.lock(unknown.id).await.unwrap(), None);
    assert_eq!(purchases.of_visitor(fixture.visitor.id, fixture.page.id).await.unwrap(), vec![]);
    assert!(!purchases.reserve_refund(unknown.id, 1).await.unwrap());
    purchases.release_refund(unknown.id, 1).await.unwrap();
    purchases.store_state(&unknown).await.unwrap();
    assert_eq!(unit.ledger().of_purchase(unknown.id).await.unwrap(), vec![]);
    assert_eq!(unit.refund_requests().unanswered_of(unknown.id).await.unwrap(), None);
    drop(unit);
    let reads = &fixture.on.purchases;
    let (account, payment) = (AccountId::new("acct_x"), PaymentIntentId::new("pi_x"));
    assert_eq!(reads.purchase(unknown.id).await.unwrap(), None);
    assert_eq!(reads.purchase_by_payment(&account, &payment).await.unwrap(), None);
    assert_eq!(reads.purchases_of(fixture.visitor.id, fixture.page.id).await.unwrap(), vec![]);
}

/// A second fulfilment changes nothing, and the unit goes on.
pub async fn a_checkout_has_one_purchase(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let (first, second) = (a_purchase(&order).build(), a_purchase(&order).build());
    let mut unit = fixture.begin().await;
    assert!(unit.purchases().insert(&first).await.unwrap());
    assert!(!unit.purchases().insert(&second).await.unwrap());
    let from = [OrderStatus::Open];
    assert!(unit.checkout_orders().advance(order.id, &from, OrderStatus::Paid).await.unwrap());
    unit.commit().await.unwrap();
    let mut unit = fixture.begin().await;
    let kept = unit.purchases().of_visitor(fixture.visitor.id, fixture.page.id).await.unwrap();
    assert_eq!(kept, vec![first]);
}

/// The webhook, the return page and a sweep may store it at once.
pub async fn of_parallel_purchases_of_one_checkout_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let kept = parallel(20, async |_| {
        let purchase = a_purchase(&order).build();
        fixture.commit(async |unit| unit.purchases().insert(&purchase).await).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
    assert_eq!(fixture.holdings().await.len(), 1);
}

/// A unit that waits for another's sees what that has written. What it then does without a commit of its own, such as
/// telling a buyer that the payment is known, must not be older.
pub async fn what_a_unit_has_seen_is_there_for_later_reads(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    for _ in 0..20 {
        let order = an_order(&fixture.visitor, &fixture.page).open().build();
        let purchase = a_purchase(&order).build();
        let mut first = fixture.begin().await;
        first.checkout_orders().insert(&order).await.unwrap();
        assert!(first.purchases().insert(&purchase).await.unwrap());
        let second = async {
            let mut unit = fixture.begin().await;
            let again = a_purchase(&order).build();
            let is_new = unit.purchases().insert(&again).await.unwrap();
            drop(unit);
            is_new || on.purchases.sold(purchase.id).await.unwrap().is_some()
        };
        // The second one waits for its turn when the first one is committed.
        let (is_consistent, committed) = join(second, first.commit()).await;
        committed.unwrap();
        assert!(is_consistent);
        assert!(fixture.advance(order.id, &[OrderStatus::Open], OrderStatus::Paid).await);
    }
}

/// Taken back, it makes room for another; others, and other pages, have gifts of their own.
pub async fn a_visitor_has_one_living_gift_of_a_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let page = fixture.page(a_page().paid(500, "usd").published()).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).revoked(at(1)).build()).await;
    let first = a_gift(&fixture.visitor, &fixture.page).build();
    fixture.keep_gift(&first).await;
    let mut unit = fixture.begin().await;
    let again = a_gift(&fixture.visitor, &fixture.page).build();
    assert!(!unit.purchases().insert(&again).await.unwrap());
    drop(unit);
    fixture.bought(|it| it).await;
    fixture.keep_gift(&a_gift(&other, &fixture.page).build()).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &page).build()).await;
    let mut unit = fixture.begin().await;
    let mut taken_back = first;
    taken_back.revoked_at = Some(at(2));
    unit.purchases().store_state(&taken_back).await.unwrap();
    assert!(unit.purchases().insert(&again).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(fixture.holdings().await.len(), 4);
}

pub async fn of_parallel_gifts_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let kept = parallel(12, async |_| {
        let gift = a_gift(&fixture.visitor, &fixture.page).build();
        fixture.commit(async |unit| unit.purchases().insert(&gift).await).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
    assert_eq!(fixture.holdings().await.len(), 1);
}

/// The same payment id at another account is another payment.
pub async fn a_purchase_is_found_by_its_payment_and_account(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    fixture.bought(|it| it).await;
    let payment = purchase.payment.clone().unwrap();
    let found = async |account: &AccountId, payment: &PaymentIntentId| {
        fixture.on.purchases.purchase_by_payment(account, payment).await.unwrap()
    };
    assert_eq!(found(&payment.account, &payment.payment_intent).await, Some(purchase));
    let foreign = AccountId::new("acct_foreign");
    assert_eq!(found(&foreign, &payment.payment_intent).await, None);
    let unknown = PaymentIntentId::new("pi_unknown");
    assert_eq!(found(&payment.account, &unknown).await, None);
}

pub async fn the_purchases_of_a_visitor_are_listed_newest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await;
    fixture.bought_by(&other, &fixture.page, |it| it).await;
    fixture.bought_by(&fixture.visitor, &elsewhere, |it| it).await;
    let second = fixture.bought(|it| it.created_at(at(2))).await;
    let third = fixture.bought(|it| it.created_at(at(3)).refunded(at(4))).await;
    let first = fixture.bought(|it| it.created_at(at(1))).await;
    let mut unit = fixture.begin().await;
    let found = unit.purchases().of_visitor(fixture.visitor.id, fixture.page.id).await.unwrap();
    assert_eq!(found, vec![third, second, first]);
    drop(unit);
    let reads = &fixture.on.purchases;
    assert_eq!(reads.purchases_of(fixture.visitor.id, fixture.page.id).await.unwrap(), found);
}

/// The state is derived from the ledger. Who bought what, and what is set aside, stay as they are.
pub async fn a_state_is_stored_and_nothing_else_is_changed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = fixture.bought(|it| it).await;
    assert!(reserve(&fixture.on, before.id, 500).await);
    let mut changed = Purchase {
        grant_type: GrantType::Refunded,
        refunded: 700,
        lost: 300,
        suspended_at: Some(at(5)),
        revoked_at: Some(at(6)),
        ..before.clone()
    };
    changed.refund_reserved = 0;
    changed.granted_as = GrantType::Complimentary;
    fixture.commit(async |unit| unit.purchases().store_state(&changed).await).await;
    let expected = Purchase { granted_as: before.granted_as, refund_reserved: 500, ..changed };
    assert_eq!(fixture.purchase(before.id).await, expected);

    fixture.commit(async |unit| unit.purchases().store_state(&before).await).await;
    let restored = Purchase { refund_reserved: 500, ..before };
    assert_eq!(fixture.purchase(restored.id).await, restored);
}

pub async fn a_refund_is_reserved_up_to_what_is_left(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    assert!(!reserve(&fixture.on, purchase.id, 1_201).await);
    assert!(reserve(&fixture.on, purchase.id, 700).await);
    assert!(!reserve(&fixture.on, purchase.id, 501).await);
    assert!(reserve(&fixture.on, purchase.id, 500).await);
    assert!(!reserve(&fixture.on, purchase.id, 1).await);
    assert_eq!(fixture.purchase(purchase.id).await.refund_reserved, 1_200);

    let gift = a_gift(&fixture.visitor, &fixture.page).build();
    fixture.keep_gift(&gift).await;
    assert!(!reserve(&fixture.on, gift.id, 1).await, "nothing was paid for a gift");
}

pub async fn parallel_reservations_never_exceed_what_was_paid(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let reserved = parallel(20, |_| reserve(&fixture.on, purchase.id, 500)).await;
    assert_eq!(count_true(&reserved), 2);
    assert_eq!(fixture.purchase(purchase.id).await.refund_reserved, 1_000);
}

pub async fn what_was_released_can_be_reserved_again(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    assert!(reserve(&fixture.on, purchase.id, 1_200).await);
    fixture.commit(async |unit| unit.purchases().release_refund(purchase.id, 200).await).await;
    assert_eq!(fixture.purchase(purchase.id).await.refund_reserved, 1_000);
    assert!(!reserve(&fixture.on, purchase.id, 201).await);
    assert!(reserve(&fixture.on, purchase.id, 200).await);
}

/// What is refunded and what is set aside count together.
pub async fn what_was_refunded_cannot_be_reserved(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut purchase = fixture.bought(|it| it).await;
    purchase.refunded = 1_000;
    fixture.commit(async |unit| unit.purchases().store_state(&purchase).await).await;
    assert!(!reserve(&fixture.on, purchase.id, 201).await);
    assert!(reserve(&fixture.on, purchase.id, 150).await);
    assert!(!reserve(&fixture.on, purchase.id, 51).await);
    assert!(reserve(&fixture.on, purchase.id, 50).await);
}

/// What a dispute has taken counts like what is refunded, also for units that come at once.
pub async fn what_was_lost_cannot_be_reserved(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut purchase = fixture.bought(|it| it).await;
    let store_loss = async |purchase: &Purchase| {
        fixture.commit(async |unit| unit.purchases().store_state(purchase).await).await;
    };
    (purchase.refunded, purchase.lost) = (200, 500);
    store_loss(&purchase).await;
    assert!(!reserve(&fixture.on, purchase.id, 501).await);
    let reserved = parallel(12, |_| reserve(&fixture.on, purchase.id, 400)).await;
    assert_eq!(count_true(&reserved), 1);
    assert!(!reserve(&fixture.on, purchase.id, 101).await);
    purchase.lost = 1_200;
    store_loss(&purchase).await;
    assert!(!reserve(&fixture.on, purchase.id, 1).await, "the whole was lost");
    // Won on appeal.
    purchase.lost = 0;
    store_loss(&purchase).await;
    assert!(reserve(&fixture.on, purchase.id, 600).await);
}

pub async fn two_units_that_lock_a_purchase_wait_for_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let purchase = fixture.bought(|it| it).await;
    let mut first = fixture.begin().await;
    first.purchases().lock(purchase.id).await.unwrap();

    let mut second = pin!(async {
        let mut unit = fixture.begin().await;
        let mut purchase = unit.purchases().lock(purchase.id).await.unwrap().unwrap();
        let seen = purchase.refunded;
        purchase.refunded += 100;
        unit.purchases().store_state(&purchase).await.unwrap();
        unit.commit().await.unwrap();
        seen
    });
    let early = within(Duration::from_millis(150), second.as_mut()).await;
    assert!(early.is_none(), "the second unit did not wait");
    let mut state = purchase.clone();
    state.refunded = 300;
    first.purchases().store_state(&state).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(soon(second).await, 300, "the second unit sees what the first one did");
    assert_eq!(fixture.purchase(purchase.id).await.refunded, 400);
}

/// A change of address decides by what it moves, such as whether a page is open.
pub async fn a_purchase_moves_as_the_unit_before_left_it(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let purchase = fixture.bought(|it| it).await;
    let mut first = fixture.begin().await;
    let mut state = first.purchases().lock(purchase.id).await.unwrap().unwrap();
    (state.refunded, state.revoked_at) = (1_200, Some(at(5)));
    state.grant_type = GrantType::Refunded;

    let (handle, from) = (fixture.handle.id, fixture.visitor.id);
    let mut second = pin!(async {
        let mut unit = fixture.begin().await;
        let moved = unit.purchases().move_to(handle, from, other.id).await.unwrap();
        unit.commit().await.unwrap();
        moved.moved
    });
    let early = within(Duration::from_millis(150), second.as_mut()).await;
    assert!(early.is_none(), "the move did not wait");
    first.purchases().store_state(&state).await.unwrap();
    first.commit().await.unwrap();
    let moved: Vec<_> = soon(second).await.iter().map(Purchase::holding).collect();
    assert_eq!(moved, [state.holding()]);
}

/// A unit that locks a visitor sees what the unit before it committed.
pub async fn units_that_lock_a_visitor_wait_for_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (visitor, page) = (fixture.visitor.id, fixture.page.id);
    let mut first = fixture.begin().await;
    first.visitors().lock(visitor).await.unwrap();
    let mut second = pin!(async {
        let mut unit = fixture.begin().await;
        unit.visitors().lock(visitor).await.unwrap();
        unit.purchases().of_visitor(visitor, page).await.unwrap().len()
    });
    let early = within(Duration::from_millis(150), second.as_mut()).await;
    assert!(early.is_none(), "the second unit did not wait");
    let order = an_order(&fixture.visitor, &fixture.page).open().status(OrderStatus::Paid).build();
    assert!(first.checkout_orders().insert(&order).await.unwrap());
    assert!(first.purchases().insert(&a_purchase(&order).build()).await.unwrap());
    first.commit().await.unwrap();
    assert_eq!(soon(second).await, 1);
}
