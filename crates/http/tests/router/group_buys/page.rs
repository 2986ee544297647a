//! The page of a group buy: what it says in each state, and its forms.

use actix_web::http::Method;
use serde_json::json;
use tollgate_domain::{
    creators::{PageChange, PageStatus},
    payments::AccountState,
    token::Token,
};
use tollgate_domain_testing::email;

use super::{Group, OWN, PAGE, together};
use crate::{
    site_browser::Window,
    support::{ADA, ROOT},
};

#[actix_web::test]
async fn full_group_buy_does_not_say_until_when_to_join() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    body["deadline"] = json!("2026-01-20T00:00:00Z");
    let group = Group::new(&body).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let page = async || group.app.get(ADA, PAGE).send().await.body;
    group.join(&bob, 2).await;
    assert!(page().await.contains("You can join until"));
    group.join(&bob, 3).await;
    let full = page().await;
    assert!(!full.contains("You can join until") && full.contains("no room left"), "{full}");
    let day = "<time datetime=\"2026-01-20T00:00:00Z\">20 Jan 2026, 00:00 UTC</time>";
    assert!(full.contains(&format!("19 days left ({day})")), "{full}");
    // Who had the form open when it filled up finds no form any more, and so no mistake in it.
    let eve = Window::of(&group.app, ADA, &group.app.domain.sign_in("eve@example.com").await);
    let late = eve.post(&format!("{PAGE}/interest"), &[("quantity", "1"), ("do", "join")]).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("<title>Together"), "{}", late.body);
    assert!(late.body.contains("There is no room left."), "{}", late.body);
}

#[actix_web::test]
async fn page_of_a_group_buy_shows_the_way_on() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let bob = app.domain.sign_in("bob@example.com").await;
    let page = async |who: Option<&Token>| {
        let call = app.get(ADA, PAGE);
        let reply = who.map_or(app.get(ADA, PAGE), |who| call.visitor(who)).send().await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(
            reply.body.matches("<form").count(),
            reply.body.matches("method=\"post\"").count()
        );
        assert!(!reply.body.contains("<script") && !reply.body.contains("style="));
        reply.body
    };
    let post = async |end: &str, form: &str| {
        app.post(ADA, &format!("{PAGE}/{end}")).visitor(&bob).form(form).send().await
    };
    let gate = page(None).await;
    assert!(gate.contains("$9.00") && gate.contains("$12.00"), "{gate}");
    assert!(gate.contains("name=\"returnTo\" value=\"/-/group-buys/together\""));
    assert!(gate.contains("name=\"email\""));
    assert!(page(Some(&bob)).await.contains("Count me in"));
    for quantity in ["0", "101", "", "x", "1.5"] {
        let refused = post("interest", &format!("quantity={quantity}&do=join")).await;
        assert_eq!(refused.status, 422, "{quantity}");
        assert!(refused.body.contains("1 to 100"));
    }
    let joined = post("interest", "quantity=3&do=join").await;
    assert_eq!((joined.status.as_u16(), joined.header("location")), (303, PAGE));
    assert!(page(Some(&bob)).await.contains("quantity of 3"));
    post("interest", "do=leave").await;
    assert!(page(Some(&bob)).await.contains("Count me in"));
    post("interest", "quantity=3&do=join").await;
    assert_eq!(post("checkout", "").await.header("location"), PAGE);
    group.own(Method::POST, "/activate", None).await;
    assert!(page(Some(&bob)).await.contains("Buy for $9.00"));
    let started = post("checkout", "").await;
    assert_eq!(started.status, 303);
    assert!(started.header("location").starts_with("http"), "{started:?}");
    let other = app.get(ROOT, PAGE).send().await;
    assert_eq!(other.status, 404);
    assert_eq!(app.get(ADA, "/-/group-buys/unknown").send().await.status, 404);
    let forged = app.post(ADA, &format!("{PAGE}/interest")).visitor(&bob);
    let forged = forged.body("application/x-www-form-urlencoded", "do=leave").send().await;
    assert_eq!(forged.status, 403);
}

#[actix_web::test]
async fn address_that_is_none_is_said_on_the_page_of_the_group_buy() {
    let group = Group::new(&together()).await;
    let typed = [("on", "page"), ("email", "bob@"), ("returnTo", PAGE)];
    let again = Window::new(&group.app, ADA).post("/-/sign-in", &typed).await;
    assert_eq!(again.status, 422);
    for part in [
        "<title>Error: Together",
        "0 of 3 joined",
        "value=\"bob@\"",
        "id=\"email-error\"",
        "aria-invalid=\"true\" autofocus",
    ] {
        assert!(again.body.contains(part), "{part}: {}", again.body);
    }
}

#[actix_web::test]
async fn who_joined_leaves_while_the_page_is_not_published() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    group.join(&bob, 2).await;
    let draft = PageChange { status: Some(PageStatus::Draft), ..PageChange::default() };
    group.app.domain.change(&group.shop, &group.page, draft).await;
    assert_eq!(group.app.get(ADA, PAGE).send().await.status, 404);
    let mine = group.visitor(Method::GET, "/my-interest", &bob, None).await;
    assert_eq!((mine.status.as_u16(), &mine.json()["quantity"]), (200, &json!(2)));
    let window = Window::of(&group.app, ADA, &bob);
    let shown = window.get(PAGE).await;
    assert_eq!(shown.status, 200);
    let body = shown.body;
    assert!(body.contains("not for sale any more") && body.contains("value=\"leave\""), "{body}");
    assert!(!body.contains("A guide") && !body.contains("href=\"/guide\""), "{body}");
    let left = window.submit(&format!("{PAGE}/interest"), &[("do", "leave")]).await;
    assert_eq!(left.status, 200);
    assert!(left.body.contains("role=\"status\">You have left this group buy."), "{}", left.body);
    assert!(!window.get("/").await.body.contains("You have left"), "it is said once");
    assert_eq!(window.get(PAGE).await.status, 404);
    for method in [Method::GET, Method::DELETE] {
        let gone = group.visitor(method, "/my-interest", &bob, None).await;
        assert_eq!(gone.refusal(), "404 group_buy_not_found");
    }
}

#[actix_web::test]
async fn joining_changing_and_leaving_are_each_said_once() {
    let group = Group::new(&together()).await;
    let bob = group.app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&group.app, ADA, &bob);
    let interest = format!("{PAGE}/interest");
    for (quantity, button, told) in [
        ("2", "join", "You are in, with a quantity of 2."),
        ("3", "join", "You are in, with a quantity of 3 now."),
        ("3", "leave", "You have left this group buy."),
    ] {
        let fields = [("quantity", quantity), ("do", button)];
        let told = format!("role=\"status\">{told}");
        let page = window.submit(&interest, &fields).await;
        assert!(page.body.contains(&told), "{}", page.body);
        assert!(!window.get(PAGE).await.body.contains("role=\"status\""));
    }
    window.set("_tollgate_notice", "joined.101");
    assert!(!window.get(PAGE).await.body.contains("role=\"status\""));
}

#[actix_web::test]
async fn quantity_typed_before_the_session_ended_is_there_after_signing_in() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    let window = Window::new(&group.app, ADA);
    let interest = format!("{PAGE}/interest");
    let page = window.submit(&interest, &[("quantity", "4"), ("do", "join")]).await.body;
    let place = format!("{PAGE}?quantity=4");
    assert!(page.contains("You are signed out here."), "{page}");
    assert!(page.contains(&format!("name=\"returnTo\" value=\"{place}\"")), "{page}");
    let asked = [("email", "bob@example.com"), ("returnTo", &*place)];
    window.post("/-/sign-in", &asked).await;
    domain.deliver_mails().await;
    let (_, code) = domain.link_mailed_to("bob@example.com");
    let typed = [("email", "bob@example.com"), ("returnTo", &*place), ("code", code.reveal())];
    let back = window.submit("/-/code", &typed).await.body;
    assert!(back.contains("required value=\"4\""), "{back}");
    for odd in ["0", "101", "x", "%22%3E"] {
        let page = window.get(&format!("{PAGE}?quantity={odd}")).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("required value=\"1\""), "{odd}: {}", page.body);
    }
    // What is not a quantity is not carried on.
    let stranger = Window::new(&group.app, ADA);
    let lost = stranger.post(&interest, &[("quantity", "0"), ("do", "join")]).await;
    assert_eq!(lost.header("location"), PAGE);
}

#[actix_web::test]
async fn heading_of_a_group_buy_fits_its_state() {
    let group = Group::new(&together()).await;
    let app = &group.app;
    let (bob, eve) =
        (app.domain.sign_in("bob@example.com").await, app.domain.sign_in("eve@example.com").await);
    let heading = async |who: Option<&Token>| {
        let call = app.get(ADA, PAGE);
        let page = match who {
            Some(who) => call.visitor(who),
            None => call,
        };
        let page = page.send().await.body;
        let (_, rest) = page.split_once("<h2 id=\"gate\">").unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    assert_eq!(heading(None).await, "Take part");
    group.join(&bob, 3).await;
    assert_eq!(heading(Some(&bob)).await, "You have joined");
    assert_eq!(heading(Some(&eve)).await, "Take part");
    group.own(Method::POST, "/activate", None).await;
    assert_eq!(heading(None).await, "Pay the group price");
    assert_eq!(heading(Some(&bob)).await, "Pay the group price");
    assert_eq!(heading(Some(&eve)).await, "The offer is activated");
    let hosted = Window::of(app, ADA, &bob).begin_to_pay(PAGE).await;
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    assert_eq!(heading(Some(&bob)).await, "Your access");
    app.domain.clock.advance_seconds(8 * 24 * 3600);
    assert_eq!(heading(None).await, "It is over");

    let other = Group::new(&together()).await;
    other.own(Method::POST, "/cancel", None).await;
    let page = other.app.get(ADA, PAGE).send().await.body;
    assert!(page.contains("<h2 id=\"gate\">Called off</h2>"), "{page}");
}

#[actix_web::test]
async fn each_state_of_a_group_buy_is_one_sentence() {
    let mut body = together();
    body["maxQuantity"] = json!(3);
    body["deadline"] = json!("2026-01-20T00:00:00Z");
    let open = Group::new(&body).await;
    let shown = async |group: &Group| group.app.get(ADA, PAGE).send().await.body;
    assert!(shown(&open).await.contains("<p>This group buy is open. You can join until"));
    let bob = open.app.domain.sign_in("bob@example.com").await;
    open.join(&bob, 3).await;
    let full = shown(&open).await;
    assert!(full.contains("<p>The target is reached, and there is no room left;"), "{full}");
    assert!(full.contains("<h2 id=\"gate\">Closed to new people</h2>"), "{full}");
    open.own(Method::POST, "/activate", None).await;
    let active = shown(&open).await;
    assert!(active.contains("<p>The offer is activated: those who joined can buy"), "{active}");
    open.app.domain.clock.advance_seconds(8 * 24 * 3600);
    let ended = shown(&open).await;
    assert!(ended.contains("<p>This group buy is over: the offer has ended.</p>"), "{ended}");
    assert!(ended.contains("The page by itself: <a href=\"/guide\">"), "{ended}");

    let missed = Group::new(&body).await;
    missed.app.domain.clock.advance_seconds(30 * 24 * 3600);
    let page = shown(&missed).await;
    assert!(page.contains("the target was not reached in time. Nobody pays anything."), "{page}");
    let cancelled = Group::new(&body).await;
    cancelled.own(Method::POST, "/cancel", None).await;
    let page = shown(&cancelled).await;
    assert!(page.contains("<p>The seller has called it off. Nobody pays anything.</p>"), "{page}");
}

/// Nobody joins it any more, so that how many did says nothing.
#[actix_web::test]
async fn offer_that_has_begun_is_listed_with_its_price_and_its_end() {
    let (group, bob) = Box::pin(Group::activated()).await;
    for (language, price) in
        [("en", "$9.00 for those who joined, until "), ("de", "$ für alle, die dabei sind, bis ")]
    {
        for (window, path) in
            [(Window::new(&group.app, ADA), "/"), (Window::of(&group.app, ADA, &bob), "/guide")]
        {
            let page = window.speaking(language).get(path).await.body;
            let (_, offer) = page.split_once(price).unwrap_or_else(|| panic!("{path}: {page}"));
            assert!(offer.starts_with("<time datetime=\"2026-01-08T"), "{offer}");
            assert!(!page.contains("3 of 3") && !page.contains("3 von 3"), "{page}");
        }
    }
}

#[actix_web::test]
async fn offer_that_has_begun_tells_only_those_who_can_pay_what_happens_next() {
    let (group, bob) = Box::pin(Group::activated()).await;
    let eve = group.app.domain.sign_in("eve@example.com").await;
    for (language, lapses) in
        [("en", "the offer lapses, and you owe"), ("de", "verfällt das Angebot")]
    {
        let shown = async |window: Window<'_>| window.speaking(language).get(PAGE).await.body;
        let who_joined = shown(Window::of(&group.app, ADA, &bob)).await;
        assert!(who_joined.contains(lapses), "{who_joined}");
        // A visitor who is signed out may have joined.
        assert!(shown(Window::new(&group.app, ADA)).await.contains(lapses));
        let stranger = shown(Window::of(&group.app, ADA, &eve)).await;
        assert!(!stranger.contains(lapses) && !stranger.contains("<ol>"), "{stranger}");
    }
}

#[actix_web::test]
async fn old_address_is_told_in_the_group_buy_where_its_purchase_is() {
    let (group, bob) = Box::pin(Group::activated()).await;
    let app = &group.app;
    let hosted = Window::of(app, ADA, &bob).begin_to_pay(PAGE).await;
    app.domain.payments.pay(&hosted).unwrap();
    app.domain.deliver_webhooks().await;
    let (name, from) = (&group.shop.handle.name, email("bob@example.com"));
    let to = email("rob@example.net");
    app.domain.moves.request(&group.shop.creator, name, from, to).await.unwrap();
    let shown = async |window: Window<'_>, language| window.speaking(language).get(PAGE).await.body;
    let before = shown(Window::of(app, ADA, &bob), "en").await;
    assert!(!before.contains("moved to"), "{before}");
    let token = app.mailed_token("rob@example.net").await.parse::<Token>().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
    let rob = app.domain.sign_in("rob@example.net").await;
    for (language, told) in [
        ("en", "<p>What you had at A shop moved to r•••@example.net on <time"),
        ("de", "<p>Was Sie bei A shop hatten, wurde am <time"),
    ] {
        let moved = shown(Window::of(app, ADA, &bob), language).await;
        let sign_in = format!("href=\"/-/sign-in?returnTo={PAGE}\"");
        assert!(moved.contains(told) && moved.contains(&sign_in), "{moved}");
        for other in [Window::of(app, ADA, &rob), Window::new(app, ADA)] {
            let page = shown(other, language).await;
            assert!(!page.contains(told) && !page.contains("r•••@"), "{page}");
        }
    }
}

#[actix_web::test]
async fn group_buy_of_a_suspended_seller_is_not_available() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    let bob = domain.sign_in("bob@example.com").await;
    group.join(&bob, 3).await;
    let page = async || group.app.get(ADA, PAGE).visitor(&bob).send().await.body;
    let creator = &group.shop.creator.email;
    domain.administration.suspend(creator).await.unwrap();
    let pending = page().await;
    assert!(pending.contains("<p>Not available at the moment"), "{pending}");
    assert!(pending.contains("quantity of 3") && pending.contains("value=\"leave\""), "{pending}");
    assert!(!pending.contains("value=\"join\"") && !pending.contains("<ol>"), "{pending}");
    let carol = domain.sign_in("carol@example.com").await;
    let window = Window::of(&group.app, ADA, &carol);
    let form = [("quantity", "2"), ("do", "join")];
    let page_of_carol = window.submit(&format!("{PAGE}/interest"), &form).await.body;
    for told in ["<h2 id=\"gate\">Closed to new people</h2>", "Nobody can join at the moment."] {
        assert!(page_of_carol.contains(told), "{page_of_carol}");
    }
    assert!(!page_of_carol.contains("Count me in"), "{page_of_carol}");
    let nobody = group.app.get(ADA, PAGE).send().await.body;
    assert!(nobody.contains("Nobody can join at the moment. Joined before?"), "{nobody}");
    assert!(!nobody.contains("Take part"), "{nobody}");
    let gate = group.app.get(ADA, "/guide").send().await.body;
    assert!(!gate.contains(PAGE), "{gate}");
    domain.administration.lift(creator).await.unwrap();
    let token = group.app.token("ada").await;
    let activate = group.app.post(ROOT, &format!("{OWN}/activate")).bearer(&token);
    assert_eq!(activate.send().await.status, 200);
    domain.administration.suspend(creator).await.unwrap();
    let active = page().await;
    assert!(
        active.contains("<p>The offer is activated, but cannot be paid at the moment.</p>"),
        "{active}"
    );
    assert!(!active.contains("Buy for") && !active.contains("You can pay until"), "{active}");
    assert!(!active.contains("can pay now"), "{active}");
    let stranger = group.app.get(ADA, PAGE).send().await.body;
    assert!(stranger.contains("cannot be bought at the moment"), "{stranger}");
    assert!(!stranger.contains("name=\"email\""), "{stranger}");
    assert!(!stranger.contains("The page by itself"), "{stranger}");
}

#[actix_web::test]
async fn group_buy_of_a_seller_who_cannot_be_paid_can_be_joined_and_says_so() {
    let group = Group::new(&together()).await;
    let domain = &group.app.domain;
    domain.payments.set_account(&group.shop.account, AccountState::default());
    domain.deliver_webhooks().await;
    let bob = domain.sign_in("bob@example.com").await;
    for (language, state) in [
        ("en", "<p>This group buy is open. Paying is not possible yet: the seller cannot"),
        ("de", "<p>Der Gruppenkauf ist offen. Bezahlen ist noch nicht möglich: Der Verkäufer"),
    ] {
        let page = Window::of(&group.app, ADA, &bob).speaking(language).get(PAGE).await.body;
        assert!(page.contains(state) && page.contains("value=\"join\""), "{page}");
        assert!(!page.contains("Not available") && !page.contains("nicht verfügbar"), "{page}");
    }
    let window = Window::of(&group.app, ADA, &bob);
    let form = [("quantity", "3"), ("do", "join")];
    let joined = window.submit(&format!("{PAGE}/interest"), &form).await.body;
    assert!(joined.contains("You are in, with a quantity of 3."), "{joined}");
    assert!(joined.contains("is open. Paying is not possible yet"), "{joined}");
    assert!(!joined.contains("You can join now"), "who has joined: {joined}");
}

#[actix_web::test]
async fn typed_markup_is_inert_on_the_page() {
    let mut body = together();
    body["title"] = json!("<script>alert(1)</script>");
    body["description"] = json!("\"><img src=x onerror=alert(1)>\nline");
    let group = Group::new(&body).await;
    let page = group.app.get(ADA, PAGE).send().await;
    assert!(!page.body.contains("<script") && !page.body.contains("<img"), "{}", page.body);
}
