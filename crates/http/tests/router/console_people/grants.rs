//! Giving access and taking it back.

use tollgate_domain::creators::{PageChange, PageStatus};
use tollgate_domain_testing::a_page;

use super::{BOB, bob_buys, bob_moves_to};
use crate::{
    console_browser::{APP, Browser},
    console_pages::hidden,
    support::{Reply, TestApp},
};

const REVOKE: &str = "/ada/people/revoke";

/// What the form that takes a gift back sends.
fn taking_back(asked: &Reply) -> [(&'static str, &str); 4] {
    ["email", "page", "grant", "closes"].map(|name| (name, hidden(asked, name)))
}

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
async fn gift_beside_a_purchase_that_was_refunded_since_is_not_taken_back_unasked() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let bought = app.domain.store.purchases()[0].id;
    let guide = app.page(&shop, "guide").await;
    let gift = app.domain.give(&shop, &guide, "bob@example.com").await.grant.id;
    let ada = Browser::of(&app, "ada").await;
    let asked = ada.get(&format!("{REVOKE}?email=bob%40example.com&page=guide&grant={gift}")).await;
    assert!(asked.body.contains("can still open"), "{}", asked.body);
    ada.submit(&format!("/ada/purchases/{bought}/refund"), &[]).await;
    let refused = ada.post(REVOKE, &taking_back(&asked)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    for told in ["This was changed in the meantime.", "can no longer open", "<title>Error: "] {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    assert!(!refused.body.contains("can still open"), "{}", refused.body);
    let is_given = || {
        let purchases = app.domain.store.purchases();
        purchases.iter().any(|it| it.id == gift && it.revoked_at.is_none())
    };
    assert!(is_given());
    for _ in 0..2 {
        let taken = ada.submit(REVOKE, &taking_back(&refused)).await.body;
        assert!(taken.contains("What you gave to bob@example.com is taken back."), "{taken}");
        assert!(!is_given());
    }
}

#[actix_web::test]
async fn gift_that_is_not_the_only_reason_any_more_is_not_taken_back_unasked() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    let gift = app.domain.give(&shop, &guide, "rob@example.com").await.grant.id;
    let ada = Browser::of(&app, "ada").await;
    let asked = ada.get(&format!("{REVOKE}?email=rob%40example.com&page=guide&grant={gift}")).await;
    assert!(asked.body.contains("can no longer open"), "{}", asked.body);
    bob_buys(&app, &shop).await;
    bob_moves_to(&app, &shop, "rob@example.com").await;
    let refused = ada.post(REVOKE, &taking_back(&asked)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("can still open"), "{}", refused.body);
    let taken = ada.submit(REVOKE, &taking_back(&refused)).await.body;
    assert!(taken.contains("What you gave to rob@example.com is taken back."), "{taken}");
}

#[actix_web::test]
async fn gift_that_moved_to_another_address_is_not_taken_back_there() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    let gift = app.domain.give(&shop, &guide, "bob@example.com").await.grant.id.to_string();
    let ada = Browser::of(&app, "ada").await;
    let fields = [("email", "bob@example.com"), ("page", "guide"), ("grant", &*gift)];
    bob_moves_to(&app, &shop, "rob@example.com").await;
    let reply = ada.post("/ada/people/revoke", &fields).await;
    assert_eq!(reply.header("location"), BOB);
    let told = ada.follow(reply).await.body;
    let words = "Nothing was done: this moved to rob@example.com with a change of address.";
    assert!(told.contains(words) && told.contains("role=\"alert\""), "{told}");
    assert!(app.domain.store.purchases()[0].revoked_at.is_none());
    let fields = [("email", "rob@example.com"), fields[1], fields[2]];
    let taken = ada.submit("/ada/people/revoke", &fields).await.body;
    assert!(taken.contains("What you gave to rob@example.com is taken back."), "{taken}");
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

#[actix_web::test]
async fn lists_of_pages_mark_those_that_visitors_do_not_find() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let (pots, pans) = (a_page().paid(500, "usd"), a_page().paid(500, "usd").published());
    for (title, page, status) in [("Pots", pots, None), ("Pans", pans, Some(PageStatus::Archived))]
    {
        let page = app.domain.page(&shop, page).await;
        let title = Some(title.to_owned());
        let change = PageChange { title, status, ..PageChange::default() };
        app.domain.change(&shop, &page, change).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let sold = app.page(&shop, "guide").await.title;
    for (path, shows_archived) in [
        ("/ada/people/grant", true),
        (BOB, true),
        ("/ada/purchases", true),
        ("/ada/files", false),
        ("/ada/new-group-buy", false),
    ] {
        let screen = ada.get(path).await.body;
        assert!(screen.contains(">Pots (draft)"), "{path}: {screen}");
        assert_eq!(screen.contains(">Pans (archived)"), shows_archived, "{path}: {screen}");
        let marked = format!("{sold} (");
        assert!(screen.contains(&sold) && !screen.contains(&marked), "{path}: {screen}");
    }
    let german = app.get(APP, "/ada/people/grant").with("cookie", &ada.cookies());
    let german = german.with("accept-language", "de").send().await.body;
    assert!(german.contains(" (Entwurf)</option>") && german.contains(" (archiviert)</option>"));
}

#[actix_web::test]
async fn page_that_is_open_to_everybody_is_not_offered_and_not_given() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for page in [
        a_page().slug("open").public().published(),
        a_page().slug("free").free_with_login().published(),
        a_page().slug("draft").public(),
    ] {
        app.domain.page(&shop, page).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let screen = ada.get("/ada/people/grant").await.body;
    for (slug, is_offered) in [("guide", true), ("draft", true), ("open", false), ("free", false)] {
        let option = format!("<option value=\"{slug}\"");
        assert_eq!(screen.contains(&option), is_offered, "{slug}: {screen}");
    }
    let told = [("en", "is open already, to everybody"), ("de", "ist schon offen, für alle")];
    for slug in ["open", "free"] {
        for (language, told) in told {
            let body = format!("email=bob%40example.com&page={slug}");
            let call = app.post(APP, "/ada/people/grant").form(&body);
            let call = call.with("cookie", &ada.cookies()).with("accept-language", language);
            let reply = call.send().await;
            assert_eq!(reply.status, 422, "{slug}");
            let error = reply.body.split("id=\"page-error\">").nth(1).unwrap();
            assert!(error.split('<').next().unwrap().contains(told), "{error}");
            assert!(reply.body.contains("value=\"bob@example.com\""), "{}", reply.body);
        }
    }
    assert!(app.domain.store.purchases().is_empty());
    assert!(app.domain.mails_to("bob@example.com").await.is_empty());
    ada.submit("/ada/people/grant", &[("email", "bob@example.com"), ("page", "draft")]).await;
    assert_eq!(app.domain.store.purchases().len(), 1);
}

#[actix_web::test]
async fn pages_to_choose_from_have_their_titles_and_slugs_where_these_read_alike() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await.title;
    let called_pots = async |slug: &str| {
        let page = app.domain.page(&shop, a_page().slug(slug).paid(900, "usd").published()).await;
        let change = PageChange { title: Some("Pots".to_owned()), ..PageChange::default() };
        app.domain.change(&shop, &page, change).await
    };
    called_pots("pots").await;
    let ada = Browser::of(&app, "ada").await;
    let option = |slug: &str, label: &str| format!("<option value=\"{slug}\">{label}</option>");
    let screen = ada.get("/ada/people/grant").await.body;
    for (slug, label) in [("guide", &*guide), ("pots", "Pots")] {
        assert!(screen.contains(&option(slug, label)), "{screen}");
    }
    called_pots("pans").await;
    let screen = ada.get("/ada/people/grant").await.body;
    for (slug, label) in [("guide", &*guide), ("pots", "Pots (/pots)"), ("pans", "Pots (/pans)")] {
        assert!(screen.contains(&option(slug, label)), "{screen}");
    }
}
