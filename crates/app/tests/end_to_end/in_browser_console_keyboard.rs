//! Tests of the console in Chromium with the keyboard alone. The focus can always be seen.

use crate::support::{ADAS_PASSWORD, Backend, Chrome, ENTER, Server, TAB};

on_the_embedded_database!(
    page_is_written_and_published_with_the_keyboard_alone,
    refused_form_leads_to_its_errors_with_the_keyboard_alone,
);

async fn enter(chrome: &Chrome, server: &Server) {
    chrome.open(&server.place.console("/ada/pages")).await;
    chrome.is_drawn().await;
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Skip to the content"));
    chrome.strike(ENTER).await;
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("E-mail address"));
    chrome.strike("ada@example.com").await;
    chrome.strike(TAB).await;
    chrome.strike(&format!("{ADAS_PASSWORD}{ENTER}")).await;
    chrome.shows("The balcony guide").await;
}

/// Signs in and goes to the form of a new page.
async fn at_a_new_page(backend: Backend) -> (Server, Chrome) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    enter(&chrome, &server).await;
    chrome.tab_to("Write a page").await;
    chrome.strike(ENTER).await;
    chrome.shows("Who may read the text?").await;
    (server, chrome)
}

async fn page_is_written_and_published_with_the_keyboard_alone(backend: Backend) {
    let (server, chrome) = at_a_new_page(backend).await;
    chrome.tab_to("Title").await;
    chrome.strike("Winter").await;
    chrome.tab_to("Text").await;
    chrome.strike("Cover the pots.").await;
    chrome.tab_to("Price").await;
    chrome.strike("3.50").await;
    chrome.tab_to("Save draft").await;
    chrome.strike(ENTER).await;
    chrome.shows("The draft is saved. Only you see it.").await;
    chrome.tab_to("Publish").await;
    chrome.strike(ENTER).await;
    let page = server.place.url("ada", "/winter");
    chrome.shows(&format!("Published: {page}")).await;
    chrome.tab_to(&page).await;
    chrome.strike(ENTER).await;
    chrome.is_at(&page).await;
    chrome.shows("$3.50").await;
}

async fn refused_form_leads_to_its_errors_with_the_keyboard_alone(backend: Backend) {
    let (_server, chrome) = at_a_new_page(backend).await;
    chrome.tab_to("Teaser (optional)").await;
    chrome.strike("Soon.").await;
    chrome.tab_to("Publish").await;
    chrome.strike(ENTER).await;
    let errors =
        [("Title", "Please fill this in."), ("Price", "A page that is for sale needs a price.")];
    chrome.refuses(&errors).await;
    assert_eq!(chrome.value("Teaser (optional)").await, "Soon.");
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Title: Please fill this in."));
    chrome.strike(ENTER).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Title"));
    chrome.strike("Spring").await;
    chrome.tab_to("Price").await;
    chrome.strike(&format!("0,10{ENTER}")).await;
    chrome.refuses(&[("Price", "The least amount is $0.50, with at most 2 decimals.")]).await;
    chrome.tab_to("Price").await;
    chrome.strike_with_control("a").await;
    chrome.strike(&format!("4{ENTER}")).await;
    chrome.shows("The draft is saved.").await;
    assert_eq!(chrome.title().await, "Spring – Ada's balcony – Tollgate");
}
