//! Giving access and taking it back.

use super::{BOB, bob_buys};
use crate::{console_browser::Browser, support::TestApp};

#[actix_web::test]
async fn access_is_given_once_and_taken_back_after_a_question() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("email", "Bob@Example.com"), ("page", "guide")];
    let reply = ada.post("/ada/people/grant", &fields).await;
    assert_eq!(reply.header("location"), BOB);
    let given = ada.follow(reply).await.body;
    assert!(given.contains("bob@example.com has access now, and a mail says so."), "{given}");
    assert!(given.contains("You gave access") && given.contains("Given by you"));
    assert_eq!(app.domain.mails_to("bob@example.com").await, ["granted"]);
    let again = ada.submit("/ada/people/grant", &fields).await.body;
    assert!(again.contains("had been given this already"), "{again}");

    let grant = app.domain.store.purchases()[0].id;
    let ask = format!("/ada/people/revoke?email=bob%40example.com&page=guide&grant={grant}");
    assert!(given.replace("&amp;", "&").replace("&#38;", "&").contains(&ask), "{given}");
    let asked = ada.get(&ask).await.body;
    assert!(asked.contains("can no longer open") && asked.contains("class=\"danger\""), "{asked}");
    assert!(app.domain.store.purchases()[0].revoked_at.is_none());
    let grant = grant.to_string();
    let hidden = [("email", "bob@example.com"), ("page", "guide"), ("grant", &*grant)];
    let taken = ada.submit("/ada/people/revoke", &hidden).await.body;
    assert!(
        taken.contains("What you gave to bob@example.com is taken back.")
            && taken.contains("You took the access back")
    );
    assert!(app.domain.store.purchases()[0].revoked_at.is_some());
    // The button or the screen before it is there once more, for who goes back.
    let back = ada.get(&ask).await;
    assert_eq!(back.header("location"), BOB);
    for told in [ada.follow(back).await, ada.submit("/ada/people/revoke", &hidden).await] {
        assert!(told.body.contains("What you gave to bob@example.com is taken back."));
    }
}

#[actix_web::test]
async fn gift_of_a_buyer_is_taken_back_without_closing_the_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let guide = app.page(&shop, "guide").await;
    let gift = app.domain.give(&shop, &guide, "bob@example.com").await.grant.id;
    let ada = Browser::of(&app, "ada").await;
    let ask = format!("/ada/people/revoke?email=bob%40example.com&page=guide&grant={gift}");
    let person = ada.get(BOB).await.body.replace("&amp;", "&").replace("&#38;", "&");
    assert!(!person.contains("What would close it"), "either is enough: {person}");
    assert!(person.contains(&format!("href=\"{ask}\">Take the access back")), "{person}");
    assert_eq!(person.matches("/refund\">Refund $12.00 of ").count(), 1, "{person}");
    let asked = ada.get(&ask).await.body;
    assert!(asked.contains("can still open") && !asked.contains("can no longer open"), "{asked}");
}

#[actix_web::test]
async fn only_a_gift_of_this_person_is_taken_back() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let bought = app.domain.store.purchases()[0].id;
    let ada = Browser::of(&app, "ada").await;
    for query in [
        format!("email=bob%40example.com&page=guide&grant={bought}"),
        format!("email=eve%40example.com&page=guide&grant={bought}"),
        "email=bob%40example.com&page=guide&grant=pur_01j9z3k5v7w8x9y0z1a2b3c4d5".to_owned(),
        "email=bob%40example.com&page=guide&grant=x".to_owned(),
        String::new(),
    ] {
        assert_eq!(ada.get(&format!("/ada/people/revoke?{query}")).await.status, 404, "{query}");
    }
    let bought = bought.to_string();
    let fields = [("email", "bob@example.com"), ("page", "guide"), ("grant", &*bought)];
    assert_eq!(ada.post("/ada/people/revoke", &fields).await.status, 404);
    app.domain.shop("eve").await;
    let eve = Browser::of(&app, "eve").await;
    let ask = format!("/ada/people/revoke?email=bob%40example.com&page=guide&grant={bought}");
    assert_eq!(eve.get(&ask).await.status, 404);
    assert_eq!(eve.post("/ada/people/revoke", &fields).await.status, 404);
}

#[actix_web::test]
async fn grant_without_an_address_or_page_keeps_the_rest() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let none = ada.post("/ada/people/grant", &[]).await;
    assert_eq!(none.status, 422);
    assert!(none.body.contains("id=\"email-error\"") && none.body.contains("id=\"page-error\""));
    let long = "a".repeat(5_000);
    for bad in ["<script>alert(1)</script>", "bob", "🪴@example.com", "\u{202e}bob@", &long] {
        let reply = ada.post("/ada/people/grant", &[("email", bad), ("page", "guide")]).await;
        assert_eq!(reply.status, 422, "{bad}");
        assert!(reply.body.contains("id=\"email-error\">This is not an e-mail address."));
        assert!(
            reply.body.contains("value=\"guide\" selected") && !reply.body.contains("<script>")
        );
    }
    let fields = [("email", "bob@example.com"), ("page", "nothing")];
    let reply = ada.post("/ada/people/grant", &fields).await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.body.contains("id=\"page-error\"")
            && reply.body.contains("value=\"bob@example.com\"")
    );
    assert!(app.domain.store.purchases().is_empty());
}
