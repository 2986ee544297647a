//! What a group buy says, and until when that can change.

use tollgate_domain::{
    clock::{Clock, plus_seconds},
    creators::PageChange,
    group_buys::{GroupBuy, GroupBuyChange, GroupBuyError, NewGroupBuy},
    validation::Field,
    version::BasedOn,
};
use tollgate_domain_testing::{a_group_buy, a_page, at, money, slug};

use super::{DAY, Group, field_of};
use crate::Sale;

#[pollster::test]
async fn what_a_group_buy_says_has_to_be_sound() {
    let group = Group::new().await;
    let Sale { app, shop, page, .. } = &group.sale;
    let new = || a_group_buy(page).slug("other").target(10).new_group_buy();
    for (field, new) in [
        (Field::Price, NewGroupBuy { price: money(900, "eur"), ..new() }),
        (Field::Price, NewGroupBuy { price: money(1_201, "usd"), ..new() }),
        (Field::Price, NewGroupBuy { price: money(49, "usd"), ..new() }),
        (Field::TargetQuantity, NewGroupBuy { target_quantity: 0, ..new() }),
        (Field::TargetQuantity, NewGroupBuy { target_quantity: i64::MAX, ..new() }),
        (Field::MaxQuantity, NewGroupBuy { max_quantity: Some(9), ..new() }),
        (Field::MaxQuantity, NewGroupBuy { max_quantity: Some(1_000_001), ..new() }),
        (Field::Deadline, NewGroupBuy { deadline: Some(at(0)), ..new() }),
        (Field::Deadline, NewGroupBuy { deadline: Some(at(6 * 366 * DAY)), ..new() }),
        (Field::OfferDays, NewGroupBuy { offer_days: Some(0), ..new() }),
        (Field::OfferDays, NewGroupBuy { offer_days: Some(31), ..new() }),
        (Field::Title, NewGroupBuy { title: String::new(), ..new() }),
        (Field::Description, NewGroupBuy { description: "x".repeat(10_001), ..new() }),
    ] {
        assert_eq!(field_of(group.create(new).await), field);
    }
    let same = NewGroupBuy { price: money(1_200, "usd"), max_quantity: Some(10), ..new() };
    group.create(same).await.unwrap();
    assert!(matches!(group.create(new()).await, Err(GroupBuyError::SlugTaken)));
    let unknown = NewGroupBuy { page_slug: slug("unknown"), ..new() };
    assert!(matches!(group.create(unknown).await, Err(GroupBuyError::PageNotFound)));
    let free = app.page(shop, a_page().free_with_login().published()).await;
    let free = NewGroupBuy { page_slug: free.slug, ..new() };
    assert!(matches!(group.create(free).await, Err(GroupBuyError::PageNotPaid)));
    let eve = app.shop("eve").await;
    let theirs = app.group_buys.create(&eve.creator, &shop.handle.name, new()).await;
    assert!(matches!(theirs, Err(GroupBuyError::HandleNotFound)));
}

#[pollster::test]
async fn terms_change_until_activation_and_texts_until_the_end() {
    let group = Group::with(|it| it.most(10).deadline(at(DAY))).await;
    let bob = &group.sale.bob;
    group.join(bob, 4).await.unwrap();
    let most = |most| GroupBuyChange { max_quantity: Some(most), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(most(Some(3))).await), Field::MaxQuantity);
    let changed = group.change(most(None)).await.unwrap();
    assert_eq!(changed.details.view.group_buy.max_quantity, None);
    assert_eq!(changed.details.view.group_buy.deadline, Some(at(DAY)));
    let no_deadline = GroupBuyChange { deadline: Some(None), ..GroupBuyChange::default() };
    assert_eq!(group.change(no_deadline).await.unwrap().details.view.group_buy.deadline, None);
    let past = GroupBuyChange { deadline: Some(Some(at(0))), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(past).await), Field::Deadline);
    let price =
        |amount| GroupBuyChange { price: Some(money(amount, "usd")), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(price(1_201)).await), Field::Price);
    group.change(price(700)).await.unwrap();

    group.activate().await.unwrap();
    for terms in [price(600), most(Some(9))] {
        assert!(matches!(group.change(terms).await, Err(GroupBuyError::NotOpen)));
    }
    let title = || GroupBuyChange { title: Some("New".into()), ..GroupBuyChange::default() };
    assert_eq!(group.change(title()).await.unwrap().details.view.group_buy.title, "New");
    // Terms that are sent back as they are have not changed.
    let same = GroupBuyChange { title: Some("Newer".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.title, "Newer");
    group.wait(8 * DAY);
    assert!(matches!(group.change(title()).await, Err(GroupBuyError::NotOpen)));
}

#[pollster::test]
async fn deadline_is_at_most_five_years_ahead() {
    let group = Group::new().await;
    let latest = plus_seconds(group.sale.app.clock.now(), 5 * 366 * DAY);
    let change = async |seconds| {
        let deadline = Some(Some(plus_seconds(latest, seconds)));
        group.change(GroupBuyChange { deadline, ..GroupBuyChange::default() }).await
    };
    assert_eq!(field_of(change(1).await), Field::Deadline);
    assert_eq!(field_of(change(200 * 366 * DAY).await), Field::Deadline);
    assert_eq!(change(0).await.unwrap().details.view.group_buy.deadline, Some(latest));
    // Sent back as it is, it has not changed.
    let same = GroupBuyChange { title: Some("New".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.deadline, Some(latest));
}

/// A change that sends back all terms as they are.
async fn unchanged(group: &Group) -> GroupBuyChange {
    let known = group.owned().await.details.view.group_buy;
    GroupBuyChange {
        price: Some(known.price),
        target_quantity: Some(known.target_quantity),
        max_quantity: Some(known.max_quantity),
        deadline: Some(known.deadline),
        offer_days: Some(known.offer_days),
        ..GroupBuyChange::default()
    }
}

#[pollster::test]
async fn terms_that_are_sent_back_as_they_are_are_not_checked_again() {
    let group = Group::with(|it| it.target(2).most(10).deadline(at(DAY))).await;
    let Sale { app, shop, page, bob } = &group.sale;
    group.join(bob, 4).await.unwrap();
    let cheaper = Some(Some(money(500, "usd")));
    app.change(shop, page, PageChange { price: cheaper, ..PageChange::default() }).await;
    group.wait(2 * DAY);
    let same = GroupBuyChange { title: Some("New".into()), ..unchanged(&group).await };
    assert_eq!(group.change(same).await.unwrap().details.view.group_buy.title, "New");
    // The field that was changed is the one that is wrong.
    let target =
        |target| GroupBuyChange { target_quantity: Some(target), ..GroupBuyChange::default() };
    assert_eq!(field_of(group.change(target(11)).await), Field::TargetQuantity);
    group.change(target(10)).await.unwrap();
}

/// Versions before took marks that turn the direction of a text.
#[pollster::test]
async fn a_text_that_is_not_changed_is_not_checked_again() {
    let view = Group::new().await.owned().await.details.view;
    let stored = GroupBuy { description: "Cheaper\u{202e}".into(), ..view.group_buy };
    let change = |description: Option<&str>| GroupBuyChange {
        title: Some("New".into()),
        description: description.map(str::to_owned),
        ..GroupBuyChange::default()
    };
    for unchanged in [None, Some("Cheaper\u{202e}")] {
        let changed = stored.changed(change(unchanged), &view.page, at(0)).unwrap();
        assert_eq!(changed.description, stored.description);
    }
    let refused = stored.changed(change(Some("New\u{202e}")), &view.page, at(0));
    assert_eq!(field_of(refused), Field::Description);
}

#[pollster::test]
async fn an_outdated_change_is_refused() {
    let group = Group::new().await;
    let Sale { app, shop, .. } = &group.sale;
    let seen = BasedOn::from(group.owned().await.details.view.group_buy.version());
    let (creator, name, slug) = (&shop.creator, &shop.handle.name, slug("together"));
    let change = async |title: &str, seen: &BasedOn| {
        let change = GroupBuyChange { title: Some(title.into()), ..GroupBuyChange::default() };
        app.group_buys.change(creator, name, &slug, change, seen).await
    };
    change("New", &seen).await.unwrap();
    let outdated = |error: GroupBuyError| {
        assert!(matches!(error, GroupBuyError::VersionConflict), "{error:?}");
    };
    outdated(change("Newer", &seen).await.unwrap_err());
    group.join(&group.sale.bob, 3).await.unwrap();
    outdated(app.group_buys.activate(creator, name, &slug, &seen).await.unwrap_err());
    outdated(app.group_buys.cancel(creator, name, &slug, &seen).await.unwrap_err());
    change("Newer", &BasedOn::Any).await.unwrap();
    // Joining is not a change of what the creator set.
    let seen = BasedOn::from(group.owned().await.details.view.group_buy.version());
    group.join(&group.sale.bob, 4).await.unwrap();
    app.group_buys.cancel(creator, name, &slug, &seen).await.unwrap();
}

#[pollster::test]
async fn a_change_to_what_is_there_makes_no_version() {
    let group = Group::with(|it| it.target(2).most(10).deadline(at(DAY))).await;
    let before = group.owned().await;
    group.wait(1);
    let view = &before.details.view.group_buy;
    let same = GroupBuyChange {
        title: Some(view.title.clone()),
        description: Some(view.description.clone()),
        ..unchanged(&group).await
    };
    for change in [same, GroupBuyChange::default()] {
        assert_eq!(group.change(change).await.unwrap(), before);
    }
}
