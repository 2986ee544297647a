//! The console: activating a group buy, what is in the way of that, and calling it off.

use tollgate_domain::{
    checkout::ReturnUrls,
    creators::{AccessMode, PageChange, PageStatus},
    token::Token,
};
use tollgate_domain_testing::{Shop, money};

use super::{IT, LIST, NEW, joins, together, with};
use crate::{
    console_browser::{APP, Browser},
    console_pages::hidden,
    support::{Reply, TestApp},
};

#[actix_web::test]
async fn activation_says_what_it_does_and_then_does_it() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    let activate = format!("{IT}/activate");
    let bob = joins(&app, &shop, "bob@example.com", 1).await;
    let asked = ada.get(&activate).await.body;
    assert!(asked.contains("2 more are needed"), "{asked}");
    assert!(asked.contains("<button type=\"submit\" disabled aria-describedby=\"why\">"));
    let early = ada.post(&activate, &[]).await;
    assert!(early.status == 422 && early.body.contains("role=\"alert\""), "{}", early.body);
    // What is in the way is said once, where the summary leads to.
    assert_eq!(early.body.matches("2 more are needed").count(), 1, "{}", early.body);
    for told in [
        "<title>Error: ",
        "tabindex=\"-1\" autofocus",
        "<li><a href=\"#why\">Below is what is in the way.</a></li>",
        "id=\"why\" tabindex=\"-1\">You cannot activate it yet",
    ] {
        assert!(early.body.contains(told), "{told}: {}", early.body);
    }
    joins(&app, &shop, "carol@example.com", 2).await;
    let asked = ada.get(&activate).await.body;
    let mails = "It mails 2 people the way to pay.";
    assert!(asked.contains(&format!("{mails} Each pays $9.50, once.")), "{asked}");
    assert!(asked.contains("freezes the price") && asked.contains("(7 days)"));
    assert!(asked.contains(">Activate and mail 2 people</button>") && !asked.contains("disabled"));
    let active = ada.submit(&activate, &[]).await.body;
    assert!(
        active.contains("The mails are on their way.")
            && active.contains("Quantity paid: 0, target: 3")
    );
    assert!(app.domain.mails_to("bob@example.com").await.contains(&"group_buy_activated"));
    let again = ada.post(&activate, &[]).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, IT));
    buys(&app, &shop, &bob).await;
    let paid = ada.get(IT).await.body;
    assert!(
        paid.contains("Quantity paid: 1, target: 3") && paid.contains("One person, $9.50 in all"),
        "{paid}"
    );
    assert!(paid.contains("<span class=\"badge good\">Paid</span>"));
    assert!(paid.contains("<span class=\"badge\">Not paid</span>"));
}

#[actix_web::test]
async fn what_was_paid_is_told_as_a_quantity_and_in_people() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[("targetQuantity", "1")]).await;
    let bob = joins(&app, &shop, "bob@example.com", 2).await;
    ada.submit(&format!("{IT}/activate"), &[]).await;
    buys(&app, &shop, &bob).await;
    let paid = ada.get(IT).await.body;
    assert!(paid.contains("Quantity paid: 2, target: 1") && paid.contains("One person,"), "{paid}");
    assert!(ada.get(LIST).await.body.contains("Quantity paid: 2, target: 1"));
}

#[actix_web::test]
async fn terms_that_were_frozen_in_another_window_are_not_taken_for_saved() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    let edit = format!("{IT}/edit");
    let form = ada.get(&edit).await.body;
    let version =
        form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    joins(&app, &shop, "bob@example.com", 3).await;
    ada.submit(&format!("{IT}/activate"), &[]).await;
    let fields = [&with(&[("price", "5")])[..], &[("version", version)]].concat();
    let conflict = ada.post(&edit, &fields).await;
    assert_eq!(conflict.status, 409, "{}", conflict.body);
    assert!(conflict.body.contains("$9.50</textarea>"), "{}", conflict.body);
    let told = "The offer is activated, so its price and terms stay as they are.";
    assert!(conflict.body.contains(told), "{}", conflict.body);
}

#[actix_web::test]
async fn form_of_a_group_buy_that_was_called_off_since_is_refused_at_once() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    let edit = format!("{IT}/edit");
    let form = ada.get(&edit).await.body;
    let version =
        form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    ada.submit(&format!("{IT}/cancel"), &[]).await;
    let fields = [&with(&[("title", "Closer")])[..], &[("version", version)]].concat();
    let refused = ada.post(&edit, &fields).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(!refused.body.contains("Save mine over it"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Closer\""), "{}", refused.body);
}

#[actix_web::test]
async fn offer_that_is_over_is_not_mailed_again() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    ada.submit(&format!("{IT}/activate"), &[]).await;
    app.domain.work().await;
    let log = ada.get("/ada/mail?q=bob").await.body;
    let id = log.split("name=\"mail\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    app.domain.clock.advance_seconds(7 * 24 * 3600);
    let reply = ada.post("/ada/mail", &[("mail", id), ("q", "bob")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("the offer that it tells of is over"), "{}", reply.body);
}

#[actix_web::test]
async fn terms_that_were_changed_in_the_meantime_are_shown_before_they_are_frozen() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    let activate = format!("{IT}/activate");
    let asked = ada.get(&activate).await;
    ada.submit(&format!("{IT}/edit"), &with(&[("price", "5")])).await;
    let refused = ada.post(&activate, &[("version", hidden(&asked, "version"))]).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    for told in ["This was not done", "This was changed in the meantime.", "Each pays $5.00, once."]
    {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    assert!(!app.domain.mails_to("bob@example.com").await.contains(&"group_buy_activated"));
    for _ in 0..2 {
        let fields = [("version", hidden(&refused, "version"))];
        let active = ada.submit(&activate, &fields).await.body;
        assert!(active.contains("Quantity paid: 0, target: 3"), "{active}");
    }
    assert!(app.domain.mails_to("bob@example.com").await.contains(&"group_buy_activated"));
}

#[actix_web::test]
async fn group_buy_that_was_changed_in_the_meantime_is_shown_before_it_is_called_off() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    let cancel = format!("{IT}/cancel");
    let asked = ada.get(&cancel).await;
    ada.submit(&format!("{IT}/edit"), &with(&[("title", "Closer")])).await;
    let refused = ada.post(&cancel, &[("version", hidden(&asked, "version"))]).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("Call “Closer” off?"), "{}", refused.body);
    assert!(ada.get(IT).await.body.contains("/activate"));
    for _ in 0..2 {
        let fields = [("version", hidden(&refused, "version"))];
        let done = ada.submit(&cancel, &fields).await.body;
        assert!(done.contains("You have called it off.") && !done.contains("/activate"), "{done}");
    }
}

/// Pays the group price.
async fn buys(app: &TestApp, shop: &Shop, session: &Token) {
    let visitor = app.domain.visitor(session).await.id;
    let (name, slug) = (shop.handle.name.clone(), "together".parse().unwrap());
    let offers = &app.domain.offers;
    let started =
        offers.checkout(name, &slug, visitor, session.hash(), ReturnUrls::default()).await.unwrap();
    let hosted = app.domain.payments.session_at(&started.url).unwrap();
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.checkouts.complete_return(started.id, Some(session.hash())).await.unwrap();
}

#[actix_web::test]
async fn page_that_is_not_published_stands_in_the_way() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    let page = app.page(&shop, "guide").await;
    joins(&app, &shop, "bob@example.com", 3).await;
    let change = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    app.domain.change(&shop, &page, change).await;
    let asked = ada.get(&format!("{IT}/activate")).await.body;
    assert!(asked.contains("publish its page first") && asked.contains(" disabled "), "{asked}");
    let refused = ada.post(&format!("{IT}/activate"), &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert_eq!(refused.body.matches("publish its page first").count(), 1, "{}", refused.body);
}

#[actix_web::test]
async fn price_above_that_of_the_page_stands_in_the_way() {
    for (amount, currency) in [(500, "usd"), (5_000, "eur")] {
        let app = TestApp::new();
        let (shop, ada) = together(&app, &[]).await;
        let page = app.page(&shop, "guide").await;
        joins(&app, &shop, "bob@example.com", 3).await;
        let price = Some(Some(money(amount, currency)));
        app.domain.change(&shop, &page, PageChange { price, ..PageChange::default() }).await;
        let asked = ada.get(&format!("{IT}/activate")).await.body;
        assert!(asked.contains("the group price is above") && asked.contains(" disabled "));
        assert!(asked.contains(&format!("href=\"{IT}/edit\"")), "{asked}");
        let refused = ada.post(&format!("{IT}/activate"), &[]).await;
        assert!(refused.status == 422 && refused.body.contains("<a href=\"#why\">"), "{refused:?}");
        let screen = ada.get(IT).await.body;
        assert!(screen.contains("the group price is above"), "{screen}");
        assert!(screen.contains(&format!("<a href=\"{IT}/edit\"><bdi>Together</bdi></a></p>")));
        assert!(!screen.contains("Activate it, and they can buy"), "{screen}");
        assert!(screen.contains(&format!("class=\"button second\" href=\"{IT}/activate\"")));
    }
}

#[actix_web::test]
async fn page_that_costs_no_more_than_the_group_price_is_told_before_the_target_is_reached() {
    for (amount, currency, told, is_possible) in [
        (500, "usd", "The page costs $5.00 by itself, which is less than the group price", false),
        (950, "usd", "The page costs $9.50 by itself, no more than the group price", true),
        (5_000, "eur", "in another currency than the group price", false),
    ] {
        let app = TestApp::new();
        let (shop, ada) = together(&app, &[]).await;
        let page = app.page(&shop, "guide").await;
        let price = Some(Some(money(amount, currency)));
        app.domain.change(&shop, &page, PageChange { price, ..PageChange::default() }).await;
        let screen = ada.get(IT).await.body;
        assert!(screen.contains(told), "{amount}: {screen}");
        assert!(!screen.contains("instead of"), "{amount}: {screen}");
        let asked = ada.get(&format!("{IT}/activate")).await.body;
        assert_eq!(asked.contains("the group price is above"), !is_possible, "{amount}: {asked}");
        assert_eq!(asked.contains("more are needed"), is_possible, "{amount}: {asked}");
    }
}

#[actix_web::test]
async fn offer_that_nobody_needs_any_more_says_so() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    let page = app.page(&shop, "guide").await;
    joins(&app, &shop, "bob@example.com", 3).await;
    ada.submit(&format!("{IT}/activate"), &[]).await;
    let told = "so nobody needs this offer any more";
    assert!(!ada.get(IT).await.body.contains(told));
    let price = Some(Some(money(500, "usd")));
    app.domain.change(&shop, &page, PageChange { price, ..PageChange::default() }).await;
    let screen = ada.get(IT).await.body;
    assert!(screen.contains(told) && !screen.contains("instead of"), "{screen}");
}

#[actix_web::test]
async fn saving_a_lower_price_of_the_page_names_the_group_buy() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    let told = "The group price of “Together” is not below the page’s new price";
    for (price, is_told) in [("11", false), ("9.50", true), ("9.50", false), ("5", true)] {
        let saved = price_saved(&ada, price).await;
        assert_eq!(saved.contains(told), is_told, "{price}: {saved}");
    }
}

/// Saves a price of the guide, and returns the screen after that.
async fn price_saved(ada: &Browser<'_>, price: &str) -> String {
    ada.follow(save_price(ada, price).await).await.body
}

async fn save_price(ada: &Browser<'_>, price: &str) -> Reply {
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    let fields = [
        ("version", &*version),
        ("title", "Guide"),
        ("teaser", ""),
        ("body", "Text."),
        ("accessMode", "PAID"),
        ("price", price),
        ("currency", "usd"),
        ("do", "save"),
    ];
    ada.post("/ada/pages/guide", &fields).await
}

#[actix_web::test]
async fn saving_a_price_below_several_group_prices_names_each_group_buy() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    for (title, price) in [("Closer", "9"), ("Cheapest", "2")] {
        app.domain.clock.advance_seconds(1);
        ada.submit(NEW, &with(&[("title", title), ("price", price)])).await;
    }
    let one = price_saved(&ada, "9.20").await;
    assert!(one.contains("The group price of “Together” is not below"), "{one}");
    let both = price_saved(&ada, "8").await;
    let told = "The group prices of “Closer” and “Together” are not below the page’s new price";
    assert!(both.contains(told), "{both}");
    save_price(&ada, "7").await;
    let german = ada.get_in_german("/ada/pages/guide").await.body;
    let told = "liegen nicht unter dem neuen Preis der Seite oder sind in einer anderen Währung";
    assert!(german.contains("Die Gruppenpreise von") && german.contains(told), "{german}");
}

#[actix_web::test]
async fn cancelling_names_who_is_mailed() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    joins(&app, &shop, "bob@example.com", 1).await;
    let asked = ada.get(&format!("{IT}/cancel")).await.body;
    assert!(asked.contains("Call “Together” off?"), "{asked}");
    assert!(asked.contains("One person who joined gets a mail, unless they stopped your mails."));
    let done = ada.submit(&format!("{IT}/cancel"), &[]).await.body;
    assert!(done.contains("It is called off.") && !done.contains("/activate"), "{done}");
    let mailed = "Everybody who joined got a mail, unless they stopped your mails; nobody paid.";
    assert!(done.contains(mailed), "{done}");
    assert!(app.domain.mails_to("bob@example.com").await.contains(&"group_buy_cancelled"));
    for end in ["/activate", "/cancel", "/edit"] {
        let path = format!("{IT}{end}");
        assert_eq!(ada.get(&path).await.header("location"), IT, "{path}");
    }
    for end in ["/activate", "/cancel"] {
        assert_eq!(ada.post(&format!("{IT}{end}"), &[]).await.header("location"), IT, "{end}");
    }
    let late = ada.post(&format!("{IT}/edit"), &with(&[])).await;
    assert!(late.status == 422 && late.body.contains("cannot change any more"), "{}", late.body);
}

#[actix_web::test]
async fn group_buy_without_people_that_has_ended_says_nothing_of_mails() {
    let app = TestApp::new();
    let (_, ada) = together(&app, &[]).await;
    ada.submit(&format!("{IT}/cancel"), &[]).await;
    let missed = [("title", "Later"), ("slug", "later"), ("deadline", "2026-01-15T12:00")];
    ada.submit(NEW, &with(&missed)).await;
    app.domain.clock.advance_seconds(20 * 24 * 3600);
    for (path, language, told) in [
        (IT, "en", "You have called it off. Nobody is in it, and nobody paid."),
        (
            IT,
            "de",
            "Sie haben den Gruppenkauf abgesagt. Niemand macht mit, und niemand hat bezahlt.",
        ),
        (
            "/ada/group-buys/later",
            "en",
            "The deadline has passed. Nobody is in it, and nobody paid.",
        ),
        (
            "/ada/group-buys/later",
            "de",
            "Die Frist ist abgelaufen. Niemand macht mit, und niemand hat",
        ),
    ] {
        let call = app.get(APP, path).with("cookie", &ada.cookies());
        let screen = call.with("accept-language", language).send().await.body;
        assert!(screen.contains(told), "{path} {language}: {screen}");
    }
}

#[actix_web::test]
async fn offer_that_is_activated_says_what_is_in_its_way_and_is_not_called_off() {
    let app = TestApp::new();
    let (shop, ada) = together(&app, &[]).await;
    joins(&app, &shop, "bob@example.com", 3).await;
    let page = app.page(&shop, "guide").await;
    let open = |mode| PageChange { mode: Some(mode), ..PageChange::default() };
    let put = |status| PageChange { status: Some(status), ..PageChange::default() };
    app.domain.change(&shop, &page, open(AccessMode::Public)).await;
    let pending = ada.get(IT).await.body;
    assert!(pending.contains("not for sale any more"), "{pending}");
    assert!(pending.contains("or call the group buy off."));
    app.domain.change(&shop, &page, open(AccessMode::Paid)).await;
    ada.submit(&format!("{IT}/activate"), &[]).await;
    for (change, told) in [
        (open(AccessMode::FreeWithLogin), "Put it up for sale again before the offer ends."),
        (put(PageStatus::Archived), "Publish the page again before the offer ends."),
    ] {
        app.domain.change(&shop, &page, change).await;
        let active = ada.get(IT).await.body;
        assert!(active.contains(told) && !active.contains("call the group buy off"), "{active}");
        assert!(!active.contains("can pay now"), "{active}");
    }
    let cancel = format!("{IT}/cancel");
    // Nothing was done, which is not shown like something that was.
    let told = "<p class=\"notice refusal\" role=\"alert\">It is activated, so it cannot be called off.</p>";
    let asked = ada.get(&cancel).await;
    assert_eq!(asked.header("location"), IT);
    assert!(ada.follow(asked).await.body.contains(told));
    assert!(ada.submit(&cancel, &[]).await.body.contains(told));
    let list = ada.get("/ada/group-buys").await.body;
    assert!(list.contains("Offer activated") && !list.contains("On offer"), "{list}");
    ada.post(&cancel, &[]).await;
    let german = ada.get_in_german(IT).await.body;
    let told = "Das Angebot ist aktiviert und lässt sich deshalb nicht mehr absagen.";
    assert!(german.contains(told) && german.contains("Angebot aktiviert"), "{german}");
}
