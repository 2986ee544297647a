//! Tests of a page that is edited in two windows of Chromium at once. Nothing that was written is lost.

use serde_json::json;

use crate::support::{Backend, Chrome, Server};

on_each_database!(
    second_save_shows_both_texts_and_can_replace_the_first,
    what_was_typed_can_be_dropped_for_what_is_stored,
    page_that_was_deleted_since_is_created_again,
);

const CONFLICT: &str = "This page was changed in the meantime, so it was not saved.";

/// Opens the editor of the page of letters twice, and saves a text in the first.
async fn conflicting(backend: Backend) -> (Server, Chrome) {
    let server = Server::fresh(backend).await;
    let (first, second) = (server.console().await, server.console().await);
    let address = server.place.console("/ada/pages/letters");
    for chrome in [&first, &second] {
        chrome.open(&address).await;
        chrome.shows("Bold").await;
    }
    first.fill("Title", "Letters of the first").await;
    first.fill("Text", "The text of the first.").await;
    first.press("Save").await;
    first.shows("Saved.").await;
    second.fill("Text", "The text of the second.").await;
    second.press("Save").await;
    second.refuses(&[("", CONFLICT)]).await;
    assert_eq!(second.value("Stored now: Title").await, "Letters of the first");
    assert_eq!(second.value("Stored now: Text").await, "The text of the first.");
    assert_eq!(second.value("Title").await, "Letters from the balcony");
    assert_eq!(second.value("Text").await, "The text of the second.");
    (server, second)
}

async fn body(server: &Server) -> String {
    let path = "/v2/handles/ada/pages/letters";
    let page = server.get(path).bearer(&server.ada().await.token).send().await.ok();
    page["body"].as_str().unwrap().to_owned()
}

async fn second_save_shows_both_texts_and_can_replace_the_first(backend: Backend) {
    let (server, chrome) = conflicting(backend).await;
    assert_eq!(body(&server).await, "The text of the first.");
    chrome.press("Save mine over it").await;
    chrome.shows("Saved.").await;
    assert_eq!(body(&server).await, "The text of the second.");
}

async fn what_was_typed_can_be_dropped_for_what_is_stored(backend: Backend) {
    let (server, chrome) = conflicting(backend).await;
    chrome.follow("Drop what I typed and open the stored page").await;
    chrome.shows("Letters of the first").await;
    chrome.stops_showing("This page was changed in the meantime").await;
    assert_eq!(chrome.value("Text").await, "The text of the first.");
    assert_eq!(body(&server).await, "The text of the first.");
}

async fn page_that_was_deleted_since_is_created_again(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (ada, chrome) = (server.ada().await, server.console().await);
    let note = json!({
        "slug": "note", "title": "Note", "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    let call = server.post("/v2/handles/ada/pages").bearer(&ada.token);
    assert_eq!(call.json(&note).send().await.status, 201);
    chrome.open(&server.place.console("/ada/pages/note")).await;
    chrome.fill("Text", "A long text.").await;
    let delete = server.call("DELETE", "/v2/handles/ada/pages/note").bearer(&ada.token);
    assert_eq!(delete.send().await.status, 204);
    chrome.press("Save").await;
    chrome.shows("This page was deleted while you were writing.").await;
    assert_eq!(chrome.value("Text").await, "A long text.");
    assert_eq!(chrome.value("Address (optional)").await, "note");
    chrome.press("Save draft").await;
    chrome.shows("The draft is saved.").await;
    assert_eq!(chrome.value("Text").await, "A long text.");
}
