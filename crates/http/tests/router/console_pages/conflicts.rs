//! Pages that change while they are edited.

use tollgate_domain::{creators::PageStatus, version::BasedOn};
use tollgate_domain_testing::a_page;

use super::{guide, hidden};
use crate::{console_browser::Browser, support::TestApp};

#[actix_web::test]
async fn two_who_edit_the_same_page_see_both_texts_and_lose_nothing() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    ada.submit("/ada/pages/guide", &guide(&version, "The first text.", "save")).await;

    // The same form sent twice is not a conflict.
    let again = ada.post("/ada/pages/guide", &guide(&version, "The first text.", "save")).await;
    assert_eq!(again.status, 303);

    let conflict = ada.post("/ada/pages/guide", &guide(&version, "The second text.", "save")).await;
    assert_eq!(conflict.status, 409);
    assert!(conflict.body.contains("<title>Error: "), "{}", conflict.body);
    let theirs = conflict.body.split("id=\"theirs-body\"").nth(1).unwrap();
    assert!(theirs.split("</textarea>").next().unwrap().ends_with(" readonly>\nThe first text."));
    assert!(!conflict.body.contains("id=\"theirs-title\""));
    let yours = conflict.body.split("<textarea id=\"body\"").nth(1).unwrap();
    assert!(yours.split("</textarea>").next().unwrap().ends_with(">\nThe second text."));
    assert_eq!(app.page(&shop, "guide").await.body, "The first text.");

    // A preview in between forgets nothing of it.
    let preview =
        ada.post("/ada/pages/guide", &guide(&version, "The second text.", "preview")).await;
    assert!(preview.status == 409 && preview.body.contains("id=\"theirs-body\""));

    let theirs = hidden(&preview, "theirs").to_owned();
    let over = [&guide(&version, "The second text.", "over")[..], &[("theirs", &theirs)]].concat();
    let saved = ada.submit("/ada/pages/guide", &over).await;
    assert!(saved.body.contains("The second text.") && saved.body.contains("Saved."));
    // What was stored after the conflict was shown is not overwritten either.
    let third = [&guide(&version, "The third text.", "over")[..], &[("theirs", &theirs)]].concat();
    assert_eq!(ada.post("/ada/pages/guide", &third).await.status, 409);
    assert_eq!(app.page(&shop, "guide").await.body, "The second text.");
}

#[actix_web::test]
async fn conflict_on_the_way_to_publishing_still_publishes() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let draft = app.domain.page(&shop, a_page().slug("draft")).await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("version", "1"), ("title", "Mine"), ("accessMode", "PUBLIC")];
    let publish = [&fields[..], &[("do", "publish")]].concat();
    let conflict = ada.post("/ada/pages/draft", &publish).await;
    assert_eq!((conflict.status.as_u16(), hidden(&conflict, "intended")), (409, "publish"));
    let theirs = hidden(&conflict, "theirs");
    let over =
        [&fields[..], &[("theirs", theirs), ("intended", "publish"), ("do", "over")]].concat();
    ada.submit("/ada/pages/draft", &over).await;
    let page = app.page(&shop, draft.slug.as_str()).await;
    assert_eq!((&*page.title, page.status), ("Mine", PageStatus::Published));
}

#[actix_web::test]
async fn text_of_a_page_that_was_deleted_since_is_kept() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    let slug = "guide".parse().unwrap();
    app.domain.pages.delete(&shop.creator, &shop.handle.name, &slug, &BasedOn::Any).await.unwrap();
    let lost = ada.post("/ada/pages/guide", &guide(&version, "My text.", "save")).await;
    assert_eq!(lost.status, 422);
    assert!(lost.body.contains("action=\"/ada/pages/new\"") && lost.body.contains("My text."));
    assert!(lost.body.contains("name=\"slug\" type=\"text\" value=\"guide\""), "{}", lost.body);
    assert_eq!(ada.get("/ada/pages/guide").await.status, 404);
}
