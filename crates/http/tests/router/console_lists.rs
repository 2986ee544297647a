//! The console: lists that are longer than one part, and what is not on them.

use tollgate_domain_testing::a_page;

use crate::{console_browser::Browser, support::TestApp};

#[actix_web::test]
async fn file_of_an_archived_page_is_shown_with_the_title_of_the_page() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let texts = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "notes")];
    let sent = ada.send_files("/ada/files", &texts, &[("Notes.txt", "abc")]).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    ada.submit("/ada/pages/guide/archive", &[]).await;
    let list = ada.get("/ada/files").await.body;
    let link = "<a href=\"/ada/pages/guide\"><bdi>A guide</bdi></a>";
    assert!(list.contains(link), "{list}");
    let file = ada.get("/ada/files/notes").await.body;
    assert!(file.contains("<option value=\"guide\" selected>A guide</option>"), "{file}");
}

/// The options of a list, without the one that chooses nothing.
fn options<'a>(body: &'a str, field: &str) -> Vec<&'a str> {
    let list = body.split(&format!("<select id=\"{field}\"")).nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let values = list.split("<option value=\"").map(|rest| rest.split('"').next().unwrap());
    values.skip(1).filter(|value| !value.is_empty()).collect()
}

#[actix_web::test]
async fn every_page_can_be_chosen_however_many_there_are() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..510 {
        app.domain.clock.advance_seconds(1);
        let slug = format!("page-{number}");
        app.domain.page(&shop, a_page().slug(&slug).paid(700, "usd").published()).await;
    }
    let ada = Browser::of(&app, "ada").await;
    ada.submit("/ada/pages/page-7/archive", &[]).await;
    for (path, field, has_archived) in [
        ("/ada/purchases?email=b", "page", true),
        ("/ada/people/grant", "page", true),
        ("/ada/files", "pageSlug", false),
        ("/ada/new-group-buy", "pageSlug", false),
    ] {
        let body = ada.get(path).await.body;
        let options = options(&body, field);
        assert!(options.contains(&"guide"), "{path}");
        assert_eq!(options.contains(&"page-7"), has_archived, "{path}");
        assert_eq!(options.len(), 510 + usize::from(has_archived), "{path}");
    }
}
