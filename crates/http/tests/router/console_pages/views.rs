//! What strangers and buyers see of a page.

use tollgate_domain::{files::FileAccess, payments::AccountState};
use tollgate_domain_testing::{a_page, slug};

use crate::{
    console_browser::Browser,
    site_files::upload,
    support::{ADA, TestApp},
};

#[actix_web::test]
async fn creator_sees_a_page_as_strangers_and_buyers_do() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let stranger = ada.get("/ada/pages/guide/view?as=stranger").await.body;
    for told in [
        "What it is about.",
        "Bought before? Sign in",
        "$12.00",
        "somebody sees who is not signed in",
    ] {
        assert!(stranger.contains(told), "{told}");
    }
    assert!(!stranger.contains("Everything.") && !stranger.contains("gate-"), "{stranger}");
    let attached = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "book")];
    ada.send_files("/ada/files", &attached, &[("Book.txt", "abc")]).await;
    let stranger = ada.get("/ada/pages/guide/view?as=stranger").await.body;
    assert!(stranger.contains("<ul>\n<li><bdi>Book.txt</bdi>"), "as on the page: {stranger}");
    let buyer = ada.get("/ada/pages/guide/view?as=buyer").await.body;
    assert!(buyer.contains("Everything.") && buyer.contains("who has bought the page"));
    assert!(!buyer.contains("Buy for"));

    app.domain.page(&shop, a_page().slug("notes").free_with_login()).await;
    let notes = ada.get("/ada/pages/notes/view?as=stranger").await.body;
    assert!(notes.contains("It is a draft") && !notes.contains("Everything."));
    app.domain.page(&shop, a_page().slug("open").published()).await;
    assert!(ada.get("/ada/pages/open/view").await.body.contains("Everything."));
}

#[actix_web::test]
async fn view_of_a_stranger_says_what_the_gate_says() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let offer = [
        ("title", "Together"),
        ("pageSlug", "guide"),
        ("price", "9,50"),
        ("targetQuantity", "3"),
        ("offerDays", "7"),
    ];
    ada.submit("/ada/new-group-buy", &offer).await;
    upload(&app, &shop, "extra", FileAccess::Page, Some(slug("guide"))).await;
    let on_sale = ["Enter your e-mail address to go on to payment.", "Together", "$9.50", "of 3"];
    let off_sale = ["This cannot be bought at the moment", "Bought before? Sign in", "Together"];
    for (is_on_sale, sentences) in [(true, &on_sale[..]), (false, &off_sale[..])] {
        if !is_on_sale {
            let restricted = AccountState { details_submitted: true, ..AccountState::default() };
            app.domain.payments.set_account(&shop.account, restricted);
            app.domain.deliver_webhooks().await;
        }
        let page = app.get(ADA, "/guide").with("accept", "text/html").send().await.body;
        let view = ada.get("/ada/pages/guide/view?as=stranger").await.body;
        for text in sentences.iter().chain(&["Get access", "Your e-mail address", "Continue"]) {
            assert!(page.contains(text) && view.contains(text), "{text}: {page} {view}");
        }
        // In the same order, too.
        for body in [&page, &view] {
            let places = ["Get access", off_sale[0], "What is inside", "Your e-mail address"]
                .map(|part| body.find(part));
            assert_eq!(places.iter().flatten().count(), if is_on_sale { 3 } else { 4 }, "{body}");
            assert!(places.into_iter().flatten().is_sorted(), "{body}");
        }
        for text in ["Buy for", "href=\"/-/group-buys", "action=\"/-/sign-in"] {
            assert!(!view.contains(text), "{text}: {view}");
        }
        let other = if is_on_sale { off_sale[0] } else { on_sale[0] };
        assert!(!page.contains(other) && !view.contains(other), "{page} {view}");
    }
}

#[actix_web::test]
async fn view_of_an_archived_page_names_who_still_opens_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let free = app.domain.page(&shop, a_page().slug("notes").free_with_login().published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    assert!(app.domain.is_open(&shop, &free, &bob).await);
    for slug in ["guide", "notes"] {
        ada.submit(&format!("/ada/pages/{slug}/archive"), &[]).await;
    }
    let told = |slug: &str| format!("/ada/pages/{slug}/view?as=buyer");
    let bought = ada.get(&told("guide")).await.body;
    assert!(bought.contains("stays open to those who bought it or got it as a gift"), "{bought}");
    let free = ada.get(&told("notes")).await.body;
    assert!(free.contains("only those who bought it or got it as a gift can still open it"));
}

#[actix_web::test]
async fn screens_that_are_open_beside_each_other_have_names_of_their_own() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (path, name) in [
        ("/ada/pages/guide/view?as=stranger", "As a stranger sees it: A guide"),
        ("/ada/pages/guide/view?as=buyer", "As a buyer sees it: A guide"),
        ("/ada/pages", "Pages"),
        ("/ada/pages?status=DRAFT", "Pages: Drafts"),
        ("/ada/pages?status=ARCHIVED", "Pages: Archived"),
    ] {
        let screen = ada.get(path).await.body;
        assert!(screen.contains(&format!("<title>{name} – A shop – Tollgate</title>")), "{screen}");
    }
}
