//! Pages that are archived or deleted.

use actix_web::http::Method;
use futures_util::future;
use tollgate_domain::creators::{PageChange, PageStatus};
use tollgate_domain_testing::a_page;

use super::hidden;
use crate::{
    console_browser::{APP, Browser},
    support::{Reply, TestApp},
};

#[actix_web::test]
async fn archiving_asks_and_names_who_keeps_access() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    let asked = ada.get("/ada/pages/guide/archive").await.body;
    assert!(
        asked.contains("Archive “A guide”?")
            && asked
                .contains("It was bought or given away once. Those who have access by a purchase")
    );
    let readers = "read it without a purchase or gift cannot open it any more";
    assert!(!asked.contains(readers), "{asked}");
    app.domain.page(&shop, a_page().slug("notes").free_with_login().published()).await;
    let free = ada.get("/ada/pages/notes/archive").await.body;
    assert!(free.contains(readers), "{free}");
    let done = ada.submit("/ada/pages/guide/archive", &[]).await.body;
    assert!(done.contains("“A guide” is archived."), "{done}");
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Archived);
    assert!(app.domain.is_open(&shop, &page, &bob).await);
    let editor = ada.get("/ada/pages/guide").await.body;
    assert!(editor.contains("value=\"publish\"") && !editor.contains("/ada/pages/guide/archive"));
}

#[actix_web::test]
async fn deleting_asks_and_archives_what_somebody_has() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.page(&shop, a_page().slug("unused")).await;
    let asked = ada.get("/ada/pages/unused/delete").await.body;
    assert!(asked.contains("gone for good"), "{asked}");
    assert!(asked.contains("Nobody has bought it or got it as a gift"), "{asked}");
    let gone = ada.submit("/ada/pages/unused/delete", &[]).await.body;
    assert!(gone.contains("“A guide” is deleted.") && !gone.contains("/ada/pages/unused"));
    let title = [("deleted", "A guide")];
    assert!(asked.contains("name=\"deleted\" value=\"A guide\""), "{asked}");
    let again = ada.submit("/ada/pages/unused/delete", &title).await.body;
    assert!(again.contains("“A guide” is deleted."), "{again}");
    // Another page at the same address is not what the old form is about.
    let other = app.domain.page(&shop, a_page().slug("unused")).await;
    let id = asked.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let old = [("id", id), ("deleted", "A guide")];
    ada.submit("/ada/pages/unused/delete", &old).await;
    assert_eq!(app.page(&shop, "unused").await, other);

    let page = app.page(&shop, "guide").await;
    app.domain.give(&shop, &page, "bob@example.com").await;
    let asked = ada.get("/ada/pages/guide/delete").await.body;
    assert!(asked.contains("archived instead of deleted"), "{asked}");
    let kept = ada.submit("/ada/pages/guide/delete", &[]).await.body;
    assert!(kept.contains("is archived instead of deleted"), "{kept}");
    assert!(kept.contains("Those who have access by a purchase or gift keep it."), "{kept}");
    assert!(!kept.contains("They keep access"), "{kept}");
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Archived);
}

#[actix_web::test]
async fn page_that_was_changed_in_the_meantime_is_neither_archived_nor_deleted() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (slug, end, done) in
        [("old", "archive", "is archived."), ("older", "delete", "is deleted.")]
    {
        let page = app.domain.page(&shop, a_page().slug(slug)).await;
        let path = format!("/ada/pages/{slug}/{end}");
        let asked = ada.get(&path).await;
        let title = Some("Rewritten".to_owned());
        let change = PageChange { title, ..PageChange::default() };
        let changed = app.domain.change(&shop, &page, change).await;
        let refused = ada.post(&path, &[("version", hidden(&asked, "version"))]).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        let told = "<li>This was changed in the meantime. Below is how it is now";
        assert!(refused.body.contains(told) && refused.body.contains("“Rewritten”"), "{refused:?}");
        assert_eq!(app.page(&shop, slug).await, changed);
        let gone = ada.submit(&path, &[("version", hidden(&refused, "version"))]).await.body;
        assert!(gone.contains("“Rewritten”") && gone.contains(done), "{gone}");
    }
}

#[actix_web::test]
async fn form_that_archives_a_page_and_is_sent_twice_has_archived_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let guide = app.page(&shop, "guide").await;
    app.domain.give(&shop, &guide, "bob@example.com").await;
    app.domain.page(&shop, a_page().slug("notes")).await;
    let asked = ada.get("/ada/pages/guide/delete").await;
    let notes = ada.get("/ada/pages/notes/archive").await;
    for (path, fields, told) in [
        ("/ada/pages/guide/delete", &to_delete(&asked)[..], "is archived instead of deleted"),
        ("/ada/pages/notes/archive", &[("version", hidden(&notes, "version"))][..], "is archived."),
    ] {
        for _ in 0..2 {
            let done = ada.submit(path, fields).await.body;
            assert!(done.contains(told), "{path}: {done}");
        }
    }
    // Another page at the same address is not what the old form is about.
    let old = ada.get("/ada/pages/notes/delete").await;
    ada.submit("/ada/pages/notes/delete", &to_delete(&old)).await;
    app.domain.clock.advance_seconds(1);
    let other = app.domain.page(&shop, a_page().slug("notes")).await;
    let refused =
        ada.post("/ada/pages/notes/archive", &[("version", hidden(&old, "version"))]).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(app.page(&shop, "notes").await, other);
}

/// What the form that deletes a page sends.
fn to_delete(asked: &Reply) -> [(&'static str, &str); 4] {
    ["id", "deleted", "version", "status"].map(|name| (name, hidden(asked, name)))
}

#[actix_web::test]
async fn archived_page_that_was_rewritten_since_is_not_deleted() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.domain.page(&shop, a_page().slug("old")).await;
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    let page = app.domain.change(&shop, &page, archive).await;
    let path = "/ada/pages/old/delete";
    let asked = ada.get(path).await;
    let title = Some("Rewritten".to_owned());
    let change = PageChange { title, ..PageChange::default() };
    let changed = app.domain.change(&shop, &page, change).await;
    let refused = ada.post(path, &to_delete(&asked)).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains("“Rewritten”"), "{}", refused.body);
    assert_eq!(app.page(&shop, "old").await, changed);
    let german = app.call(Method::POST, APP, path).with("accept-language", "de");
    let german = german.with("cookie", &ada.cookies());
    let body =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(to_delete(&asked)).finish();
    let german = german.form(&body).send().await;
    let told = "Das wurde inzwischen geändert. Unten steht, wie es jetzt ist";
    assert!(german.status == 409 && german.body.contains(told), "{}", german.body);
    let gone = ada.submit(path, &to_delete(&refused)).await.body;
    assert!(gone.contains("“Rewritten” is deleted."), "{gone}");
}

#[actix_web::test]
async fn page_that_was_archived_since_the_screen_was_opened_is_not_deleted() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.domain.page(&shop, a_page().slug("old")).await;
    let asked = ada.get("/ada/pages/old/delete").await;
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    let archived = app.domain.change(&shop, &page, archive).await;
    let told = ada.submit("/ada/pages/old/delete", &to_delete(&asked)).await.body;
    assert!(told.contains("is archived instead of deleted. "), "{told}");
    assert_eq!(app.page(&shop, "old").await, archived);
}

#[actix_web::test]
async fn two_presses_at_the_same_moment_end_a_page_once() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let guide = app.page(&shop, "guide").await;
    app.domain.give(&shop, &guide, "bob@example.com").await;
    app.domain.page(&shop, a_page().slug("unused")).await;
    for (slug, told) in
        [("guide", "is archived instead of deleted"), ("unused", "“A guide” is deleted.")]
    {
        let path = format!("/ada/pages/{slug}/delete");
        let asked = ada.get(&path).await;
        let fields = to_delete(&asked);
        let presses = future::join(ada.post(&path, &fields), ada.post(&path, &fields)).await;
        for press in [presses.0, presses.1] {
            assert_eq!((press.status.as_u16(), press.header("location")), (303, "/ada/pages"));
        }
        let list = ada.get("/ada/pages").await.body;
        assert!(list.contains(told), "{list}");
    }
}

/// Nothing that could be pressed would change anything.
#[actix_web::test]
async fn archived_page_that_was_bought_stays_archived_and_has_no_button_that_deletes_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.page(&shop, "guide").await;
    let archive = PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
    let page = app.domain.change(&shop, &page, archive).await;
    let path = "/ada/pages/guide/delete";
    let asked = ada.get(path).await;
    assert!(asked.body.contains("a group buy offers it, it stays archived."), "{asked:?}");
    app.domain.give(&shop, &page, "bob@example.com").await;
    let told = "“A guide” is not deleted and stays archived, since somebody bought it";
    let stays = ada.submit(path, &to_delete(&asked)).await.body;
    assert!(stays.contains(told) && !stays.contains("archived instead"), "{stays}");
    let opened = ada.get(path).await;
    assert_eq!((opened.status.as_u16(), opened.header("location")), (303, "/ada/pages/guide"));
    let editor = ada.follow(opened).await.body;
    assert!(editor.contains("role=\"alert\"") && editor.contains(told), "{editor}");
    let opened = ada.get(path).await;
    let german = ada.get_in_german(opened.header("location")).await.body;
    assert!(german.contains("„A guide“ ist nicht gelöscht und bleibt archiviert"), "{german}");
    assert_eq!(app.page(&shop, "guide").await, page);
}
