//! The console: lists that are longer than one part, and what is not on them.

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
