//! Tests of screens of the console on the narrowest screens in Chromium.

use serde_json::json;

use crate::support::{Backend, Chrome, SMALL, Server, Upload};

/// Adds a page that everybody sees, and opens the console in a narrow window.
async fn shop_with(body: &str) -> (Server, Chrome) {
    let server = Server::fresh(Backend::Sqlite).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("song", b"ID3\x03\x00\x00\x00\x00\x00\x00")).await;
    let page = json!({
        "slug": "wide", "title": "Wide", "teaser": "", "body": body, "accessMode": "PUBLIC",
    });
    let call = server.post("/v2/handles/ada/pages").bearer(&ada.token);
    assert_eq!(call.json(&page).send().await.status, 201);
    let chrome = server.console().await;
    chrome.resize(SMALL).await;
    (server, chrome)
}

/// Opens the preview of the page in its editor.
async fn preview(server: &Server, chrome: &Chrome) {
    chrome.open(&server.place.console("/ada/pages/wide")).await;
    chrome.press("Preview").await;
    chrome.shows("This shows what is in the form, saved or not.").await;
}

#[tokio::test]
async fn sound_is_no_wider_than_the_screen() {
    const SOUNDS: &str = "return document.querySelectorAll('.text audio').length";
    let (server, chrome) = shop_with("![A song](song)").await;
    chrome.open(&server.place.console("/ada/pages/wide/view?as=buyer")).await;
    assert_eq!(chrome.run(SOUNDS).await, 1);
    chrome.fits().await;
    preview(&server, &chrome).await;
    assert_eq!(chrome.run(SOUNDS).await, 1);
    chrome.fits().await;
}

/// Names the words in the tables of a page's text that stand on two lines.
const BROKEN_WORDS: &str = r"
    const broken = [];
    const cells = [...document.querySelectorAll('.text :is(td, th)')];
    if (cells.length === 0) return 'there is no table';
    for (const cell of cells) {
        const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            for (const word of texts.currentNode.data.matchAll(/\S+/g)) {
                const range = document.createRange();
                range.setStart(texts.currentNode, word.index);
                range.setEnd(texts.currentNode, word.index + word[0].length);
                if (range.getClientRects().length > 1) broken.push(word[0]);
            }
        }
    }
    return broken.join(' ');";

/// As on the page itself, where a wide table scrolls within its frame.
#[tokio::test]
async fn words_in_tables_of_a_text_are_not_broken() {
    let body = "| vegetables | sunflowers | strawberries | raspberries | watermelons |\n\
                |---|---|---|---|---|\n| cucumbers | marigolds | blackberries | gooseberries | melons |";
    let (server, chrome) = shop_with(body).await;
    chrome.open(&server.place.console("/ada/pages/wide/view?as=buyer")).await;
    assert_eq!(chrome.run(BROKEN_WORDS).await, "");
    chrome.fits().await;
    preview(&server, &chrome).await;
    assert_eq!(chrome.run(BROKEN_WORDS).await, "");
    chrome.fits().await;
}

#[tokio::test]
async fn open_menus_are_no_wider_than_the_screen() {
    let (server, chrome) = shop_with("").await;
    let ada = server.ada().await;
    let second = json!({"handle": "balcony-school", "name": "The school of gardens on balconies"});
    let call = server.post("/v2/handles").bearer(&ada.token);
    assert_eq!(call.json(&second).send().await.status, 201);
    for shop in ["ada", "balcony-school"] {
        for menu in [".menu:not(.account)", ".menu.account"] {
            chrome.open(&server.place.console(&format!("/{shop}/pages"))).await;
            let open = format!("document.querySelector('{menu}').open = true");
            chrome.run(&open).await;
            chrome.fits().await;
            // What stands out to the left cannot be scrolled to.
            let begins = format!(
                "return document.querySelector('{menu} ul').getBoundingClientRect().left >= 0"
            );
            assert_eq!(chrome.run(&begins).await, true, "{shop}: {menu}");
        }
    }
}
