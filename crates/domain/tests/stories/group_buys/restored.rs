//! What was paid at a group price and is not stored, since an older state of the database was restored.

use tollgate_domain::{
    access::GrantType,
    group_buys::Paid,
    id::GroupBuyId,
    payments::{CheckoutSessionId, ProviderEvent},
};
use tollgate_domain_testing::{a_group_buy, a_page};

use super::Group;
use crate::Sale;

/// Bob pays at the group price after a backup, which is restored then. Returns his session, and what the provider tells of it.
async fn lost(group: &Group) -> (CheckoutSessionId, Vec<ProviderEvent>) {
    let Sale { app, bob, .. } = &group.sale;
    app.deliver_webhooks().await;
    let backup = app.store.backup();
    group.buy(bob).await;
    let events = app.payments.take_events();
    app.store.restore(&backup);
    assert!(app.store.purchases().is_empty() && !group.sale.is_open().await);
    (app.payments.sessions().pop().unwrap(), events)
}

/// How Bob's only purchase was granted first, and is now.
fn granted(group: &Group) -> (GrantType, GrantType) {
    let purchases = group.sale.app.store.purchases();
    let [purchase] = purchases.as_slice() else { panic!("{purchases:?}") };
    (purchase.granted_as, purchase.grant_type)
}

#[pollster::test]
async fn a_lost_order_at_a_group_price_counts_for_its_group_buy() {
    let group = Group::activated().await;
    let (_, events) = lost(&group).await;
    assert_eq!(group.owned().await.paid, Paid::default());
    group.sale.app.deliver(events).await;
    assert!(group.sale.is_open().await);
    assert_eq!(granted(&group), (GrantType::GroupBuy, GrantType::GroupBuy));
    assert_eq!(group.owned().await.paid, Paid { visitors: 1, quantity: 2, amount: 900 });
}

/// How many a visitor wanted is stored with the interest alone.
#[pollster::test]
async fn a_lost_order_of_who_joined_after_the_backup_counts_with_its_amount_alone() {
    let group = Group::new().await;
    let Sale { app, bob, .. } = &group.sale;
    app.deliver_webhooks().await;
    let backup = app.store.backup();
    group.join(bob, 2).await.unwrap();
    group.join(&group.carol, 5).await.unwrap();
    group.activate().await.unwrap();
    group.buy(bob).await;
    let events = app.payments.take_events();
    app.store.restore(&backup);
    app.deliver(events).await;
    assert!(group.sale.is_open().await);
    assert_eq!(granted(&group), (GrantType::GroupBuy, GrantType::GroupBuy));
    assert_eq!(group.owned().await.paid, Paid { visitors: 0, quantity: 0, amount: 900 });
}

#[pollster::test]
async fn a_lost_order_at_a_group_price_that_was_refunded_opens_nothing() {
    let group = Group::activated().await;
    let (session, events) = lost(&group).await;
    let payments = &group.sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    payments.refund_in_dashboard(&payment, 900).unwrap();
    group.sale.app.deliver(events).await;
    assert!(!group.sale.is_open().await);
    assert_eq!(granted(&group), (GrantType::GroupBuy, GrantType::Refunded));
    assert_eq!(group.owned().await.paid, Paid::default());
}

/// Versions before wrote no group buy into sessions, and anyone with access to the account can write any.
#[pollster::test]
async fn a_lost_order_counts_for_no_group_buy_that_is_not_its_own() {
    let group = Group::activated().await;
    let Sale { app, shop, .. } = &group.sale;
    let page = app.page(shop, a_page().paid(1_200, "usd").published()).await;
    let of_another = group.create(a_group_buy(&page).slug("others").new_group_buy()).await.unwrap();
    let others: [Option<GroupBuyId>; 3] =
        [None, Some(a_group_buy(&page).build().id), Some(of_another.details.view.group_buy.id)];
    let (session, events) = lost(&group).await;
    let backup = app.store.backup();
    for named in others {
        app.store.restore(&backup);
        app.payments.tamper(&session, |state| state.group_buy_id = named);
        app.deliver(events.clone()).await;
        assert!(group.sale.is_open().await, "{named:?}");
        assert_eq!(granted(&group), (GrantType::Purchase, GrantType::Purchase), "{named:?}");
        assert_eq!(group.owned().await.paid, Paid::default(), "{named:?}");
    }
}
