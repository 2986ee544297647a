//! The list of people, and searching it by address.

use tollgate_domain_testing::a_page;

use super::{BOB, bob_buys};
use crate::{
    console_browser::{APP, Browser},
    site_browser::Window,
    support::{ADA, TestApp},
};

#[actix_web::test]
async fn list_teaches_while_nobody_has_been_here() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/people").await.body;
    assert!(list.contains("<div class=\"empty\">") && list.contains("href=\"/ada/people/grant\""));
    assert!(!list.contains("<table") && !list.contains("type=\"search\""));
}

#[actix_web::test]
async fn list_names_people_with_their_relations_and_is_searched_by_address() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let guide = app.page(&shop, "guide").await;
    app.domain.give(&shop, &guide, "carol@example.com").await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/people").await.body;
    assert!(list.contains(&format!("<a href=\"{BOB}\"><bdi>bob@example.com</bdi></a>")), "{list}");
    assert!(list.contains(">bought a page</td>") && list.contains("carol@example.com"), "{list}");
    assert!(list.contains(">was given a page</td>"), "{list}");
    let bob = ada.get("/ada/people?q=BO").await.body;
    assert!(bob.contains("bob@example.com") && !bob.contains("carol@example.com"));
    assert!(bob.contains("value=\"BO\"") && bob.contains("href=\"/ada/people\">Show everybody"));
    let hidden = ada.get("/ada/people?q=bo%E2%80%8Bb").await.body;
    assert!(hidden.contains("bob@example.com"), "{hidden}");
    let whole = ada.get("/ada/people?q=%20Bob%40Example.com").await.body;
    assert!(whole.contains(BOB) && !whole.contains("never been here"), "{whole}");
    assert!(ada.get("/ada/people?q=zz").await.body.contains("Nobody here has an address"));
}

/// The list tells them apart by itself, without a look at each person.
#[actix_web::test]
async fn list_tells_what_was_bought_from_what_was_given() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = bob_buys(&app, &shop).await;
    let guide = app.page(&shop, "guide").await;
    let second = app.domain.page(&shop, a_page().slug("second").paid(700, "usd").published()).await;
    app.domain.buy(&shop, &second, &bob).await;
    app.domain.give(&shop, &guide, "carol@example.com").await;
    let free = app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let dan = app.domain.sign_in("dan@example.com").await;
    let seen = Window::of(&app, ADA, &dan).get(&format!("/{}", free.slug)).await;
    assert_eq!(seen.status, 200);
    app.domain.gate.views().store().await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let told = async |name: &str| {
        let list = ada.get("/ada/people").await.body;
        let (_, row) = list.split_once(&format!("<bdi>{name}@example.com</bdi>")).unwrap();
        let (_, cell) = row.split_once("data-label=\"What they have here\">").unwrap();
        cell.split_once("</td>").unwrap().0.to_owned()
    };
    assert_eq!(told("bob").await, "bought 2 pages");
    assert_eq!(told("carol").await, "was given a page");
    assert_eq!(told("dan").await, "signed in to read a free page");
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &guide, &visitor).await.unwrap();
    assert_eq!(told("bob").await, "bought a page and was refunded for a page");
    let call = app.get(APP, "/ada/people").with("cookie", &ada.cookies());
    let german = call.with("accept-language", "de").send().await.body;
    let refunded = "hat eine Seite gekauft und hat eine Seite erstattet bekommen";
    assert!(german.contains(refunded), "{german}");
    assert!(german.contains("hat eine Seite geschenkt bekommen"), "{german}");
}

#[actix_web::test]
async fn person_bought_a_page_or_was_given_one_or_was_refunded() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = bob_buys(&app, &shop).await;
    let guide = app.page(&shop, "guide").await;
    app.domain.give(&shop, &guide, "carol@example.com").await;
    let ada = Browser::of(&app, "ada").await;
    let carol = "/ada/people/person?email=carol%40example.com";
    for (path, told) in [
        (BOB, "<p>This person bought a page.</p>"),
        (carol, "<p>This person was given a page.</p>"),
    ] {
        let person = ada.get(path).await.body;
        assert!(person.contains(told), "{told}: {person}");
    }
    let visitor = app.domain.visitor(&bob).await;
    app.domain.refund(&shop, &guide, &visitor).await.unwrap();
    let refunded = ada.get(BOB).await.body;
    let told = "<p>This person was refunded for a page.</p>";
    assert!(refunded.contains(told), "{refunded}");
    let name = &shop.handle.name;
    let gift = app.domain.give(&shop, &guide, "carol@example.com").await.grant;
    app.domain.grants.revoke(&shop.creator, name, &guide.slug, gift.id).await.unwrap();
    let ended = ada.get(carol).await.body;
    assert!(ended.contains("<p>This person lost the access to a page.</p>"), "{ended}");
}

#[actix_web::test]
async fn search_finds_who_has_only_begun_to_pay_or_was_sent_a_mail() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = app.page(&shop, "guide").await;
    app.pay_later(&app.opened(&shop, &guide, &session).await).await;
    let ada = Browser::of(&app, "ada").await;
    let link = [("email", "carol@example.com"), ("do", "link"), ("about", "")];
    assert_eq!(ada.post("/ada/people/person", &link).await.status, 303);
    let (paid, mailed) = ("began a payment that has opened nothing", "a mail was sent to this");
    for (query, address, told, other) in [
        ("bo", "bob@example.com", paid, mailed),
        ("bob%40example.com", "bob@example.com", paid, mailed),
        ("carol%40example.com", "carol@example.com", mailed, paid),
    ] {
        let found = ada.get(&format!("/ada/people?q={query}")).await.body;
        assert!(found.contains(&format!("<bdi>{address}</bdi></a>")), "{query}: {found}");
        assert!(found.contains(told) && !found.contains(other), "{query}: {found}");
        assert!(!found.contains("never been here"), "{query}: {found}");
    }
    assert!(ada.get("/ada/people?q=dan%40example.com").await.body.contains("never been here"));
    let all = ada.get("/ada/people?q=a").await.body;
    assert!(
        !all.contains("ada@creators.example</bdi></a>"),
        "mails to the creator do not make people"
    );
}

#[actix_web::test]
async fn list_leads_to_older_people() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    for name in ["bob", "bea", "carol"] {
        app.domain.give(&shop, &guide, &format!("{name}@example.com")).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let mut path = "/ada/people?q=b&limit=1".to_owned();
    let mut seen = String::new();
    for _ in 0..2 {
        let body = ada.get(&path).await.body;
        seen.push_str(&body);
        let Some((_, rest)) = body.split_once("class=\"pager\"><a href=\"") else { break };
        path = rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        assert!(path.starts_with("/ada/people?q=b&cursor="), "{path}");
    }
    assert!(seen.contains("bob@example.com") && seen.contains("bea@example.com"));
    assert!(!seen.contains("carol@example.com"));
}

#[actix_web::test]
async fn unknown_address_has_never_been_here_and_can_be_given_access() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let grant = "href=\"/ada/people/grant?email=eve%2Bnews%40example.com\"";
    let list = ada.get("/ada/people?q=Eve%2Bnews%40example.com").await.body;
    assert!(list.contains("eve+news@example.com has never been here.") && list.contains(grant));
    let person = ada.get("/ada/people/person?email=eve%2Bnews%40example.com").await.body;
    assert!(person.contains("eve+news@example.com has never been here."), "{person}");
    assert!(person.contains(grant) && !person.contains("value=\"link\""));
    // Somebody who has to do with another shop only is a stranger, too.
    app.domain.sign_in("bob@example.com").await;
    assert!(ada.get(BOB).await.body.contains("never been here"));
}

#[actix_web::test]
async fn what_is_not_an_address_is_searched_for() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let reply = ada.get("/ada/people/person?email=bo%22b").await;
    assert_eq!(reply.header("location"), "/ada/people?q=bo%22b");
    assert_eq!(ada.get("/ada/people/person").await.header("location"), "/ada/people");
    assert_eq!(ada.get("/ada/people/move?email=x").await.header("location"), "/ada/people");
    assert_eq!(ada.get("/ada/people/bob@example.com").await.header("location"), BOB);
    assert_eq!(ada.get("/ada/people/nobody").await.status, 404);
    let long = ada.get(&format!("/ada/people?q={}", "a".repeat(300))).await;
    assert_eq!(long.status, 422);
    assert!(long.body.contains("id=\"q-error\">Please use at most 254 characters."));
    let hostile = ada.get("/ada/people?q=%3Cscript%3E%E2%80%AE").await;
    assert!(hostile.status == 200 && !hostile.body.contains("<script>"));
}
