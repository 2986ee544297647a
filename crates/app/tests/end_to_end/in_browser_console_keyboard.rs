//! Tests of the console in Chromium with the keyboard alone. The focus can always be seen.

use serde_json::json;

use crate::support::{ADAS_PASSWORD, Backend, Chrome, DOWN, ENTER, SPACE, Server, TAB};

on_the_embedded_database!(
    page_is_written_and_published_with_the_keyboard_alone,
    refused_form_leads_to_its_errors_with_the_keyboard_alone,
    account_is_made_and_stripe_connected_with_the_keyboard_alone,
    sale_is_refunded_with_the_keyboard_alone,
    group_buy_is_offered_and_activated_with_the_keyboard_alone,
);

const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";
const EMPTY: &str = "Please fill this in.";

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

/// Goes to what has this name, and presses Enter there.
async fn go(chrome: &Chrome, name: &str) {
    chrome.tab_to(name).await;
    chrome.strike(ENTER).await;
}

async fn has_focus(chrome: &Chrome, name: &str) {
    assert_eq!(chrome.focus().await.as_deref(), Some(name));
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

async fn account_is_made_and_stripe_connected_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    chrome.open(&place.console("/")).await;
    go(&chrome, "Create an account").await;
    chrome.is_at(&place.console("/sign-up")).await;
    chrome.shows("Your name (optional)").await;
    go(&chrome, "Create the account").await;
    let errors = [("E-mail address", EMPTY), ("Password", "Please use 8 to 256 characters.")];
    chrome.refuses(&errors).await;
    chrome.strike(TAB).await;
    has_focus(&chrome, "E-mail address: Please fill this in.").await;
    chrome.strike(ENTER).await;
    has_focus(&chrome, "E-mail address").await;
    chrome.strike(&format!("{CAROL}{TAB}")).await;
    has_focus(&chrome, "Password").await;
    chrome.strike(&format!("correct horse{TAB}")).await;
    has_focus(&chrome, "Create the account").await;
    chrome.tab_back().await;
    has_focus(&chrome, "Password").await;
    chrome.strike(ENTER).await;
    chrome.shows("We mailed a link to carol@example.com").await;
    chrome.tab_to("Name of the shop").await;
    chrome.strike(&format!("Carol’s kitchen{TAB}")).await;
    has_focus(&chrome, "Handle").await;
    // What was suggested is selected, so that typing replaces it.
    chrome.strike("carol").await;
    chrome.tab_to("Create the shop").await;
    chrome.strike(SPACE).await;
    chrome.shows("Carol’s kitchen has its address").await;
    chrome.open(&place.letter(CAROL, "Confirm").await.link()).await;
    go(&chrome, "Confirm the address").await;
    chrome.shows("carol@example.com is confirmed").await;
    go(&chrome, "Revenue").await;
    chrome.shows("Not connected").await;
    go(&chrome, "Connect Stripe").await;
    chrome.is_at(&place.sandbox().url).await;
    go(&chrome, "Connect with test data").await;
    chrome.shows("Stripe is connected. Visitors can buy now.").await;
}

async fn sale_is_refunded_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    server.bought(&server.place.sandbox(), BOB).await;
    let chrome = Chrome::new().await;
    enter(&chrome, &server).await;
    go(&chrome, "Purchases").await;
    chrome.shows(BOB).await;
    go(&chrome, "Refund of bob@example.com for The balcony guide").await;
    chrome.shows("Refund $12.00?").await;
    chrome.tab_to("Reason (optional)").await;
    chrome.strike("As agreed").await;
    go(&chrome, "Refund now").await;
    chrome.shows("Refunded: $12.00").await;
}

async fn group_buy_is_offered_and_activated_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    enter(&chrome, &server).await;
    go(&chrome, "Group buys").await;
    chrome.is_at(&server.place.console("/ada/group-buys")).await;
    go(&chrome, "New group buy").await;
    chrome.shows("Your pages that have a price.").await;
    go(&chrome, "Title").await;
    let errors = [
        ("Title", EMPTY),
        ("Page", "Please choose a page."),
        ("Group price", EMPTY),
        ("Target", "Please write a whole number, such as 10."),
    ];
    chrome.refuses(&errors).await;
    chrome.strike(TAB).await;
    has_focus(&chrome, "Title: Please fill this in.").await;
    chrome.strike(ENTER).await;
    has_focus(&chrome, "Title").await;
    chrome.strike("Pots together").await;
    chrome.tab_to("Page").await;
    chrome.strike(DOWN).await;
    assert_eq!(chrome.value("Page").await, "guide");
    chrome.tab_to("Group price").await;
    chrome.strike("8").await;
    chrome.tab_to("Target").await;
    chrome.strike(&format!("2{ENTER}")).await;
    chrome.shows("Pots together is open. Send people its address.").await;
    let bob = server.sign_in(BOB).await;
    let join = server.post("/v2/public/group-buys/ada/pots-together/interest").cookie(&bob.cookie);
    assert_eq!(join.json(&json!({"quantity": 2})).send().await.status, 201);
    go(&chrome, "Activate…").await;
    chrome.shows("It mails one person the way to pay.").await;
    go(&chrome, "Activate and mail one person").await;
    chrome.shows("The offer is activated. The mails").await;
}
