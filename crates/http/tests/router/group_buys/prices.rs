//! The price of the group beside that of the page: where each is offered, and paying it.

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain::{
    creators::{AccessMode, PageChange, PageStatus},
    version::BasedOn,
};
use tollgate_domain_testing::{a_group_buy, money, slug};

use super::{Group, PAGE, together};
use crate::{
    site_browser::Window,
    support::{ADA, ROOT},
};

/// Comes back from the pay page without paying, and returns what the page says then.
async fn turn_back(window: &Window<'_>) -> String {
    window.follow(window.get(&format!("{PAGE}/cancelled")).await).await.body
}

#[actix_web::test]
async fn who_turns_back_to_a_group_buy_as_somebody_else_is_not_told_that_nothing_was_paid() {
    let group = Group::new(&together()).await;
    let eve = group.app.domain.sign_in("eve@example.com").await;
    let page = turn_back(&Window::of(&group.app, ADA, &eve)).await;
    let told = "You come from a pay page and are signed in as eve@example.com.";
    assert!(page.contains(told) && !page.contains("Nothing was paid"), "{page}");
}

#[actix_web::test]
async fn page_of_a_group_buy_tells_what_became_of_a_payment() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let post = async |end: &str, form: &str| {
        app.post(ADA, &format!("{PAGE}/{end}")).visitor(&bob).form(form).send().await
    };
    let page = async || app.get(ADA, PAGE).visitor(&bob).send().await.body;
    post("interest", "quantity=3&do=join").await;
    group.own(Method::POST, "/activate", None).await;
    let payments = &app.domain.payments;
    let session = async || {
        let pay_page = post("checkout", "").await;
        payments.session_at(pay_page.header("location")).unwrap()
    };
    let debit = session().await;
    payments.pay_later(&debit).unwrap();
    app.domain.deliver_webhooks().await;
    let waiting = page().await;
    assert!(waiting.contains("on its way") && !waiting.contains("Buy for"), "{waiting}");
    let order = app.domain.store.orders()[0].id;
    assert!(waiting.contains(&format!("href=\"/guide/return?checkout={order}\"")), "{waiting}");
    assert!(!waiting.contains("What happens next"), "{waiting}");
    let window = Window::of(app, ADA, &bob);
    let turned = turn_back(&window).await;
    assert!(turned.contains("on its way") && !turned.contains("Nothing was paid"), "{turned}");
    assert!(payments.fail_payment(&debit));
    app.domain.deliver_webhooks().await;
    let failed = page().await;
    assert!(failed.contains("did not arrive") && failed.contains("Buy for $9.00"), "{failed}");
    app.domain.clock.advance_seconds(60);
    payments.pay(&session().await).unwrap();
    app.domain.deliver_webhooks().await;
    let owned = turn_back(&window).await;
    assert!(owned.contains("You have it already") && !owned.contains("turned back"), "{owned}");
    let who = app.domain.visitor(&bob).await;
    app.domain.refund(&group.shop, &group.page, &who).await.unwrap();
    let refunded = page().await;
    assert!(refunded.contains("was refunded") && refunded.contains("Buy for $9.00"), "{refunded}");
    // It was paid, whoever turns back on that pay page now.
    let turned = turn_back(&window).await;
    assert!(turned.contains("was refunded") && !turned.contains("Nothing was paid"), "{turned}");
}

#[actix_web::test]
async fn offer_is_not_sold_again_while_a_payment_is_not_confirmed() {
    let (group, bob) = Group::activated().await;
    let app = &group.app;
    let window = Window::of(app, ADA, &bob);
    let hosted = window.begin_to_pay(PAGE).await;
    app.domain.payments.pay(&hosted).unwrap();
    let back = format!("/guide/return?checkout={}", app.domain.store.orders()[0].id);
    app.domain.payments.set_down(true);
    window.follow(window.get(&back).await).await;
    let page = window.get(PAGE).await.body;
    assert!(page.contains("do not pay again"), "{page}");
    assert!(page.contains(&format!("href=\"{back}\"")) && !page.contains("Buy for"), "{page}");
    assert!(!page.contains("What happens next"), "{page}");
    app.domain.payments.set_down(false);
    app.domain.clock.advance_seconds(4);
    window.follow(window.get(&back).await).await;
    let page = window.get(PAGE).await.body;
    assert!(page.contains("You have it already"), "{page}");
}

#[actix_web::test]
async fn who_turns_back_from_an_offer_that_is_over_is_not_told_to_buy_here() {
    let (group, bob) = Group::activated().await;
    let app = &group.app;
    let window = Window::of(app, ADA, &bob);
    app.post(ADA, &format!("{PAGE}/checkout")).visitor(&bob).form("").send().await;
    let active = turn_back(&window).await;
    assert!(active.contains("role=\"status\"") && active.contains("Buy for $9.00"), "{active}");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    let over = turn_back(&window).await;
    assert!(over.contains("It is over") && over.contains("The pay page is closed"), "{over}");
    assert!(!over.contains("Buy for") && !over.contains("You can buy here"), "{over}");
}

/// That closes the pay page, too.
#[actix_web::test]
async fn who_turns_back_from_an_offer_whose_page_was_archived_is_told_that_nothing_was_paid() {
    let (group, bob) = Group::activated().await;
    let app = &group.app;
    let window = Window::of(app, ADA, &bob);
    window.begin_to_pay(PAGE).await;
    let archived = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    app.domain.change(&group.shop, &group.page, archived).await;
    let turned = turn_back(&window).await;
    let told = "or what it offered has changed. Nothing was paid there.</p>";
    assert!(turned.contains(told) && !turned.contains("Buy for"), "{turned}");
}

#[actix_web::test]
async fn who_joined_an_offer_buys_at_its_price_everywhere() {
    let (group, bob) = Group::activated().await;
    let app = &group.app;
    let eve = app.domain.sign_in("eve@example.com").await;
    let button = format!("action=\"{PAGE}/checkout\"");
    let gate = app.get(ADA, "/guide").visitor(&bob).send().await.body;
    for text in [&*button, "Buy for $9.00", "<p class=\"price\">$9.00</p>", "instead of $12.00"] {
        assert!(gate.contains(text), "{text}: {gate}");
    }
    assert!(!gate.contains("Buy for $12.00"), "{gate}");
    let theirs = app.get(ADA, "/guide").visitor(&eve).send().await.body;
    assert!(theirs.contains("Buy for $12.00") && !theirs.contains("$9.00"), "{theirs}");
    // Signing in at the page leads to its gate, not to a pay page at the regular price.
    app.domain.clock.advance_seconds(60);
    let window = Window::new(app, ADA);
    let asked = [("email", "bob@example.com"), ("returnTo", "/guide")];
    window.post("/-/sign-in", &asked).await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to("bob@example.com");
    let typed = [("email", "bob@example.com"), ("code", code.reveal())];
    let back = window.post("/-/code", &typed).await;
    assert!(back.header("location").ends_with("/guide"), "{back:?}");

    let payments = &app.domain.payments;
    let debit = Window::of(app, ADA, &bob).begin_to_pay(PAGE).await;
    payments.pay_later(&debit).unwrap();
    app.domain.deliver_webhooks().await;
    assert!(payments.fail_payment(&debit));
    app.domain.deliver_webhooks().await;
    let gate = app.get(ADA, "/guide").visitor(&bob).send().await.body;
    assert!(gate.contains("did not arrive") && gate.contains("Buy for $9.00"), "{gate}");
    let link = format!("href=\"http://ada.tollgate.localhost:8080{PAGE}\"");
    let list = app.get(ROOT, "/access").visitor(&bob).send().await.body;
    assert!(list.contains("Did not arrive") && list.contains(&link), "{list}");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    let list = app.get(ROOT, "/access").visitor(&bob).send().await.body;
    assert!(list.contains("Did not arrive") && !list.contains(&link), "{list}");
}

/// What is asked for is not cheaper than itself, and what costs more is not cheaper.
#[actix_web::test]
async fn group_buys_are_compared_with_the_price_that_is_asked() {
    let (group, bob) = Group::activated().await;
    let app = &group.app;
    let gate = async || app.get(ADA, "/guide").visitor(&bob).send().await.body;
    let own = gate().await;
    assert!(own.contains("<h3>Your group buy</h3>") && own.contains(PAGE), "{own}");
    let (creator, handle) = (&group.shop.creator, &group.shop.handle.name);
    for (name, amount) in [("dearer", 1_000), ("cheaper", 500)] {
        let other = a_group_buy(&group.page).slug(name).price(amount).new_group_buy();
        app.domain.group_buys.create(creator, handle, other).await.unwrap();
        let both = gate().await;
        assert!(both.contains("<p class=\"price\">$9.00</p>") && both.contains(name), "{both}");
        assert!(both.contains("<h3>Group buys</h3>"), "{both}");
        app.domain.group_buys.cancel(creator, handle, &slug(name), &BasedOn::Any).await.unwrap();
    }
    let eve = app.domain.sign_in("eve@example.com").await;
    let other = a_group_buy(&group.page).slug("third").price(1_000).new_group_buy();
    app.domain.group_buys.create(creator, handle, other).await.unwrap();
    let theirs = app.get(ADA, "/guide").visitor(&eve).send().await.body;
    assert!(theirs.contains("<h3>Cheaper together</h3>"), "{theirs}");
}

#[actix_web::test]
async fn group_buy_leads_to_its_page_once_that_costs_no_more() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    let gate = async || app.get(ADA, "/guide").visitor(&bob).send().await.body;
    assert!(gate().await.contains("<h3>Cheaper together</h3>"));
    let sell_for = async |amount| {
        let price = Some(Some(money(amount, "usd")));
        let change = PageChange { price, ..PageChange::default() };
        app.domain.change(&group.shop, &group.page, change).await;
    };
    sell_for(700).await;
    let dearer = gate().await;
    assert!(dearer.contains("<h3>Your group buy</h3>") && dearer.contains(PAGE), "{dearer}");
    for call in [app.get(ADA, PAGE), app.get(ADA, PAGE).visitor(&bob)] {
        let open = call.send().await.body;
        assert!(open.contains("The page itself costs $7.00 now"), "{open}");
    }
    // An offer begins only below the price of the page.
    sell_for(1_200).await;
    assert_eq!(group.own(Method::POST, "/activate", None).await.status, 200);
    sell_for(700).await;
    let page = app.get(ADA, PAGE).visitor(&bob).send().await.body;
    assert_eq!(page.matches("The page itself costs $7.00 now").count(), 1, "{page}");
    assert!(!page.contains("Buy for $9.00"), "{page}");
    let pay = app.post(ADA, &format!("{PAGE}/checkout")).visitor(&bob).form("").send().await;
    assert_eq!((pay.status.as_u16(), pay.header("location")), (303, PAGE));
}

#[actix_web::test]
async fn full_group_buy_leads_once_to_its_page_that_costs_no_more() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    let group = Group::new(&body).await;
    let app = &group.app;
    let (bob, eve) =
        (app.domain.sign_in("bob@example.com").await, app.domain.sign_in("eve@example.com").await);
    group.join(&bob, 3).await;
    let page = async || app.get(ADA, PAGE).visitor(&eve).send().await.body;
    let full = page().await;
    assert!(full.contains("The page by itself: <a href=\"/guide\">"), "{full}");
    let price = Some(Some(money(700, "usd")));
    let change = PageChange { price, ..PageChange::default() };
    app.domain.change(&group.shop, &group.page, change).await;
    let full = page().await;
    assert!(full.contains("The page itself costs $7.00 now"), "{full}");
    assert!(!full.contains("The page by itself"), "{full}");
}

#[actix_web::test]
async fn group_buy_of_a_page_that_is_not_for_sale_says_only_that() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let joined = app.post(ADA, &format!("{PAGE}/interest")).visitor(&bob);
    assert_eq!(joined.form("quantity=3&do=join").send().await.status, 303);
    let change = PageChange { mode: Some(AccessMode::FreeWithLogin), ..PageChange::default() };
    app.domain.change(&group.shop, &group.page, change).await;
    let page = app.get(ADA, PAGE).send().await.body;
    assert!(page.contains("not for sale any more") && page.contains("nothing to join"), "{page}");
    for told in
        ["The target is reached", "You can join until", "What happens next", "name=\"email\""]
    {
        assert!(!page.contains(told), "{told}: {page}");
    }
    let theirs = app.get(ADA, PAGE).visitor(&bob).send().await.body;
    assert!(theirs.contains("quantity of 3") && theirs.contains("value=\"leave\""), "{theirs}");
}
