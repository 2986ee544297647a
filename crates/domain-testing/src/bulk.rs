//! Many sales at once.

#![expect(clippy::unwrap_used, reason = "test support: a case that cannot go on has failed")]

use super::{
    FakePayments, ManualClock, a_creator, a_fact, a_handle, a_page, a_purchase, a_visitor,
    an_account, an_order,
};
use tollgate_domain::{
    access::{FactKind, Payment, Purchase},
    checkout::{CheckoutOrder, ConnectedAccount, OrderStatus},
    clock::Clock,
    store::Stores,
};

/// How many sales one unit of work stores.
const AT_ONCE: u32 = 500;

/// Sells a page of a new shop so many times, once in a second, to the same visitor. The store and the provider agree about all
/// of it.
///
/// # Panics
///
/// Panics if the store fails.
pub async fn sales_in_order(
    stores: &Stores,
    payments: &FakePayments,
    clock: &ManualClock,
    count: u32,
) {
    let creator = a_creator().build();
    let handle = a_handle().of(&creator).build();
    let page = a_page().of(&handle).paid(1_200, "usd").published().build();
    let visitor = a_visitor().build();
    let account = payments.an_active_account();
    let connected = ConnectedAccount { account: account.clone(), ..an_account(&handle).build() };
    let mut unit = stores.store.begin().await.unwrap();
    assert!(unit.creators().insert(&creator).await.unwrap());
    assert!(unit.handles().insert(&handle).await.unwrap());
    assert!(unit.connected_accounts().insert(&connected).await.unwrap());
    assert!(unit.pages().insert(&page).await.unwrap());
    assert_eq!(unit.visitors().ensure(&visitor).await.unwrap(), visitor);
    unit.commit().await.unwrap();
    let mut left = count;
    while left > 0 {
        let some = left.min(AT_ONCE);
        left -= some;
        let mut unit = stores.store.begin().await.unwrap();
        for _ in 0..some {
            clock.advance_seconds(1);
            let now = clock.now();
            let order = an_order(&visitor, &page).created_at(now).status(OrderStatus::Paid);
            let order = order.build();
            let opened = payments.open_elsewhere(&account, order.id, page.id, order.price);
            let session = opened.session.clone();
            let payment_intent = payments.pay(&session).unwrap();
            let (account, opened) = (account.clone(), Some(opened));
            let order = CheckoutOrder { account, opened, ..order };
            let purchase = a_purchase(&order).build();
            let payment = purchase.payment.clone();
            let payment = payment.map(|payment| Payment { payment_intent, ..payment });
            let purchase = Purchase { payment, ..purchase };
            let fact = a_fact(&purchase, FactKind::Purchased, now).reference(session.as_str());
            let fact = fact.amount(order.price).build();
            assert!(unit.checkout_orders().insert(&order).await.unwrap());
            assert!(unit.purchases().insert(&purchase).await.unwrap());
            assert!(unit.ledger().record(&fact).await.unwrap());
        }
        unit.commit().await.unwrap();
    }
    payments.take_events();
}
