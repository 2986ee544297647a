//! Buying at the price of a group buy that was activated.

use tollgate_domain::{
    access::GrantType,
    checkout::OrderStatus,
    creators::{AccessMode, PageChange, PageStatus},
    group_buys::{GroupBuyError, GroupBuyState, GroupBuyStatus, OfferError, Paid},
    validation::Field,
};
use tollgate_domain_testing::{a_group_buy, at, money, slug};

use super::{DAY, ENDED, Group, field_of};
use crate::{BOB, Sale};

/// What has ended is no longer among what a shop offers, however much there is of it.
#[pollster::test]
async fn a_storefront_shows_what_goes_on_behind_many_that_have_ended() {
    let group = Group::new().await;
    let Sale { app, shop, page, .. } = &group.sale;
    let mut unit = app.unit().await;
    for second in 1..=120 {
        let mut ended = a_group_buy(page).created_at(at(second)).build();
        ended.state = GroupBuyState::Cancelled;
        assert!(unit.group_buys().insert(&ended).await.unwrap());
    }
    unit.commit().await.unwrap();
    let current = app.offers.current(shop.handle.id).await.unwrap();
    let slugs: Vec<_> = current.iter().map(|it| it.view.group_buy.slug.as_str()).collect();
    assert_eq!(slugs, ["together"]);
}

#[pollster::test]
async fn only_the_committed_buy_and_only_while_it_is_on() {
    let group = Group::new().await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 3).await.unwrap();
    assert!(matches!(group.start(bob).await, Err(OfferError::NotActive)));
    group.activate().await.unwrap();
    assert!(matches!(group.start(&group.carol).await, Err(OfferError::InterestRequired)));
    assert!(matches!(group.join(&group.carol, 1).await, Err(OfferError::NotOpen)));
    assert!(matches!(group.leave(bob).await, Err(OfferError::NotOpen)));
    app.buy(shop, page, &group.carol).await;
    assert!(matches!(group.start(&group.carol).await, Err(OfferError::AlreadyPurchased)));
    assert!(matches!(group.join(&group.carol, 1).await, Err(OfferError::AlreadyPurchased)));
    let started = group.start(bob).await.unwrap();
    assert_eq!(group.start(bob).await.unwrap(), started);
    group.wait(7 * DAY);
    assert!(matches!(group.start(bob).await, Err(OfferError::NotActive)));
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::Expired);
    assert!(app.work().await.contains(&ENDED));
    assert_eq!(group.owned().await.details.view.group_buy.state, GroupBuyState::Expired);
    // What was paid all the same is honoured.
    let hosted = app.payments.session_at(&started.url).unwrap();
    app.payments.pay(&hosted).unwrap();
    app.deliver_webhooks().await;
    assert!(group.sale.is_open().await);
    assert_eq!(group.owned().await.paid, Paid { visitors: 1, quantity: 3, amount: 900 });
}

#[pollster::test]
async fn a_visitor_has_one_pay_page_whatever_its_price() {
    let group = Group::activated().await;
    let Sale { app, shop, page, bob } = &group.sale;
    let regular = app.start(shop, page, bob).await.unwrap();
    let cheaper = group.start(bob).await.unwrap();
    assert_ne!(regular.url, cheaper.url);
    let session = |url: &str| app.payments.session_at(url).unwrap();
    assert_eq!(app.payments.pay(&session(&regular.url)), None, "it is closed");
    let regular = app.start(shop, page, bob).await.unwrap();
    assert_eq!(app.payments.pay(&session(&cheaper.url)), None, "it is closed");
    assert!(app.payments.pay(&session(&regular.url)).is_some());
    app.deliver_webhooks().await;
    let bought = app.store.purchases().pop().unwrap();
    assert_eq!(bought.granted_as, GrantType::Purchase);
    let live = app.store.orders().into_iter().filter(|order| order.status.is_live());
    assert_eq!(live.count(), 0);
}

#[pollster::test]
async fn at_the_same_price_a_group_buy_is_still_a_group_buy() {
    let group = Group::with(|it| it.price(1_200)).await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 3).await.unwrap();
    group.activate().await.unwrap();
    app.start(shop, page, bob).await.unwrap();
    group.buy(bob).await;
    assert_eq!(app.store.purchases().pop().unwrap().granted_as, GrantType::GroupBuy);
}

#[pollster::test]
async fn a_pay_page_ends_with_its_offer_as_nearly_as_can_be() {
    let group = Group::activated().await;
    let (bob, app) = (&group.sale.bob, &group.sale.app);
    let end = 7 * DAY;
    assert_eq!(group.start(bob).await.unwrap().expires_at, at(23 * 3600));
    group.wait(end - 3 * 3600);
    assert_eq!(group.start(bob).await.unwrap().expires_at, at(end));
    group.wait(3 * 3600 - 60);
    // Carol comes a minute before the end; Stripe takes no session of less than half an hour.
    let late = group.start(&group.carol).await.unwrap();
    assert_eq!(late.expires_at, at(end - 60 + 35 * 60));
    let open = app.store.orders().into_iter().filter(|order| order.status == OrderStatus::Open);
    assert_eq!(open.count(), 2);
}

#[pollster::test]
async fn a_page_that_is_gone_from_sale_takes_its_group_buy_along() {
    let group = Group::activated().await;
    let Sale { app, shop, page, bob } = &group.sale;
    let change = |change| app.change(shop, page, change);
    let details = async || app.offers.details(&shop.handle.name, &slug("together")).await;
    change(PageChange { mode: Some(AccessMode::Public), ..PageChange::default() }).await;
    assert!(details().await.is_ok());
    assert!(matches!(group.start(bob).await, Err(OfferError::PageNotPaid)));
    assert!(matches!(group.join(bob, 1).await, Err(OfferError::PageNotPaid)));
    let archive = PageChange {
        mode: Some(AccessMode::Paid),
        status: Some(PageStatus::Archived),
        ..PageChange::default()
    };
    change(archive).await;
    assert!(matches!(details().await, Err(OfferError::NotFound)));
    assert!(matches!(group.start(bob).await, Err(OfferError::NotFound)));
    assert!(matches!(group.leave(bob).await, Err(OfferError::NotOpen)));
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::Active);
}

/// The page's price may fall, or change its currency, while people join.
#[pollster::test]
async fn no_offer_is_dearer_than_its_page() {
    for price in [money(500, "usd"), money(5_000, "eur")] {
        let group = Group::new().await;
        let Sale { app, shop, page, bob } = &group.sale;
        group.join(bob, 3).await.unwrap();
        let cheaper = PageChange { price: Some(Some(price)), ..PageChange::default() };
        app.change(shop, page, cheaper).await;
        assert_eq!(field_of(group.activate().await), Field::Price);
        assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
        assert!(group.sale.mails_to(BOB).await.is_empty());
    }
}

#[pollster::test]
async fn nobody_is_sent_to_a_page_that_cannot_be_bought() {
    let group = Group::new().await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 3).await.unwrap();
    let draft = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    app.change(shop, page, draft).await;
    assert!(matches!(group.activate().await, Err(GroupBuyError::PageNotFound)));
    let public = PageChange { mode: Some(AccessMode::Public), ..PageChange::default() };
    app.change(shop, page, public).await;
    assert!(matches!(group.activate().await, Err(GroupBuyError::PageNotFound)));
    let published = PageChange { status: Some(PageStatus::Published), ..PageChange::default() };
    app.change(shop, page, published).await;
    assert!(matches!(group.activate().await, Err(GroupBuyError::PageNotPaid)));
    assert_eq!(group.owned().await.details.status, GroupBuyStatus::TargetReached);
    assert!(group.sale.mails_to(BOB).await.is_empty());
}

#[pollster::test]
async fn who_joined_can_leave_while_the_page_is_not_published() {
    let group = Group::new().await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 2).await.unwrap();
    let draft = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    app.change(shop, page, draft).await;
    let name = &shop.handle.name;
    let (visitor, stranger) = (app.visitor(bob).await.id, app.visitor(&group.carol).await.id);
    let interest = async |who| app.offers.interest(name, &slug("together"), who).await;
    let joined = interest(visitor).await.unwrap().unwrap();
    assert_eq!(joined.quantity.get(), 2);
    let (details, mine) = app.offers.details_for(name, &slug("together"), visitor).await.unwrap();
    assert_eq!((details.status, mine), (GroupBuyStatus::Open, Some(joined)));
    assert!(matches!(group.join(bob, 3).await, Err(OfferError::NotFound)));
    assert!(matches!(interest(stranger).await, Err(OfferError::NotFound)));
    assert!(matches!(group.leave(&group.carol).await, Err(OfferError::NotFound)));
    let hidden = app.offers.details_for(name, &slug("together"), stranger).await;
    assert!(matches!(hidden, Err(OfferError::NotFound)));

    group.leave(bob).await.unwrap();
    assert_eq!(group.owned().await.details.view.group_buy.current_quantity, 0);
    assert!(matches!(group.leave(bob).await, Err(OfferError::NotFound)));
}

#[pollster::test]
async fn who_joined_finds_it_until_it_is_over() {
    let group = Group::new().await;
    let Sale { app, shop, page, bob } = &group.sale;
    let (visitor, stranger) = (app.visitor(bob).await.id, app.visitor(&group.carol).await.id);
    let found = async |who| -> Vec<GroupBuyStatus> {
        app.offers.joined(who).await.unwrap().into_iter().map(|it| it.status).collect()
    };
    assert!(found(visitor).await.is_empty());
    group.join(bob, 3).await.unwrap();
    assert_eq!(found(visitor).await, [GroupBuyStatus::TargetReached]);
    assert!(found(stranger).await.is_empty());
    let draft = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    app.change(shop, page, draft).await;
    assert_eq!(found(visitor).await, [GroupBuyStatus::TargetReached], "it can be left");
    let published = PageChange { status: Some(PageStatus::Published), ..PageChange::default() };
    app.change(shop, page, published).await;
    group.activate().await.unwrap();
    assert_eq!(found(visitor).await, [GroupBuyStatus::Active]);
    group.wait(7 * DAY);
    assert!(found(visitor).await.is_empty(), "it is over before a job has noted that");
}

/// Though there are more newer ones than are shown to others.
#[pollster::test]
async fn an_older_offer_is_still_offered_to_those_who_joined_it() {
    let group = Group::activated().await;
    let Sale { app, page, bob, .. } = &group.sale;
    for number in 0..6 {
        group.wait(1);
        let newer = a_group_buy(page).slug(&format!("newer-{number}"));
        group.create(newer.new_group_buy()).await.unwrap();
    }
    let visitor = app.visitor(bob).await.id;
    let offered = app.offers.payable(page.id, visitor).await.unwrap().unwrap();
    assert_eq!(offered.view.group_buy.slug, slug("together"));
    assert_eq!(app.offers.of_page(page.id).await.unwrap().len(), 5);
    let shown = app.offers.of_page_for(page.id, visitor).await.unwrap();
    assert_eq!(shown.last(), Some(&offered));
    let stranger = app.visitor(&app.sign_in("eve@example.com").await).await.id;
    assert_eq!(app.offers.payable(page.id, stranger).await.unwrap(), None);
}
