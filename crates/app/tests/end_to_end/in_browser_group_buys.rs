//! Tests of a group buy in Chromium, from joining to reading.

use serde_json::json;

use crate::support::{Backend, Buyer, Chrome, END, ENTER, SPACE, Server, TAB, UP};

on_each_database!(
    group_buy_is_joined_changed_left_and_joined_again,
    group_buy_is_bought_from_the_mail_without_scripts,
    group_buy_is_joined_with_the_keyboard_alone,
);

const BOB: &str = "bob@example.com";
const PAGE: &str = "/-/group-buys/together";
const QUANTITY: &str = "How many do you want?";

async fn sign_in(chrome: &Chrome, server: &Server, number: usize) {
    chrome.open(&server.place.url("ada", PAGE)).await;
    chrome.shows("$8.00").await;
    chrome.ask_for_mail(BOB).await;
    chrome.open(&server.place.link_letter(BOB, number).await.link()).await;
    chrome.press("Continue as b•••@example.com").await;
    chrome.is_at(&server.place.url("ada", PAGE)).await;
}

async fn join(chrome: &Chrome, quantity: &str) {
    chrome.fill(QUANTITY, quantity).await;
    chrome.press("Count me in").await;
    chrome.shows("You have joined").await;
}

async fn others_join(server: &Server, quantity: i64) -> Buyer {
    let carol = server.sign_in("carol@example.com").await;
    let call = server.post("/v2/public/group-buys/ada/together/interest").cookie(&carol.cookie);
    assert_eq!(call.json(&json!({"quantity": quantity})).send().await.status, 201);
    carol
}

async fn group_buy_is_joined_changed_left_and_joined_again(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    sign_in(&chrome, &server, 1).await;
    chrome.shows("0 of 5 joined").await;
    join(&chrome, "3").await;
    chrome.shows("You have joined with a quantity of 3.").await;
    chrome.shows("3 of 5 joined").await;
    chrome.shows("2 left to reach the target").await;
    assert_eq!(chrome.value(QUANTITY).await, "3");
    chrome.fill(QUANTITY, "2").await;
    chrome.press("Change it").await;
    chrome.shows("2 of 5 joined").await;
    chrome.press("Leave").await;
    chrome.shows("0 of 5 joined").await;
    join(&chrome, "1").await;
    chrome.shows("1 of 5 joined").await;
    // What is refused stays in the field, beside the reason.
    chrome.fill(QUANTITY, "101").await;
    chrome.run("document.querySelector('main form').noValidate = true").await;
    chrome.press("Change it").await;
    chrome.shows("Choose a whole number from 1 to 100.").await;
    assert_eq!(chrome.value(QUANTITY).await, "101");
    chrome.is_quiet().await;
}

async fn group_buy_is_bought_from_the_mail_without_scripts(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await.without_scripts().await;
    sign_in(&chrome, &server, 1).await;
    join(&chrome, "3").await;
    others_join(&server, 2).await;
    let activate = server.post("/v2/handles/ada/group-buys/together/activate");
    assert_eq!(activate.bearer(&server.ada().await.token).send().await.status, 200);
    let letter = server.place.letter(BOB, "your group price").await;
    chrome.open(&letter.link()).await;
    chrome.press("Buy for $8.00").await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.press("Pay").await;
    chrome.is_at(&server.place.url("ada", "/guide")).await;
    chrome.shows("Paid $8.00. Receipt sent to bob@example.com.").await;
    chrome.shows("Wash the pots").await;
    chrome.open(&server.place.url("ada", PAGE)).await;
    chrome.shows("You have it already").await;
}

/// Checks what has the focus of the page that is drawn.
async fn has_focus(chrome: &Chrome, name: &str) {
    chrome.is_drawn().await;
    assert_eq!(chrome.focus().await.as_deref(), Some(name));
}

async fn group_buy_is_joined_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    let page = server.place.url("ada", PAGE);
    chrome.open(&page).await;
    chrome.run("document.querySelector('main form').noValidate = true").await;
    chrome.tab_to("Your e-mail address").await;
    chrome.strike(&format!("bob{ENTER}")).await;
    chrome.shows("This is not an e-mail address").await;
    has_focus(&chrome, "Your e-mail address").await;
    chrome.strike(&format!("{END}@example.com{ENTER}")).await;
    chrome.shows("Check your mail").await;
    has_focus(&chrome, "Six-digit code").await;
    let letter = server.place.link_letter(BOB, 1).await;
    chrome.strike(&format!("{}{ENTER}", letter.wrong_code(0))).await;
    chrome.shows("This is not the code in the newest mail").await;
    has_focus(&chrome, "Six-digit code").await;
    chrome.strike(&format!("{}{ENTER}", letter.code())).await;
    chrome.is_at(&page).await;
    chrome.shows("0 of 5 joined").await;
    chrome.tab_to(QUANTITY).await;
    chrome.strike(&format!("{UP}{UP}")).await;
    assert_eq!(chrome.value(QUANTITY).await, "3");
    chrome.strike(TAB).await;
    has_focus(&chrome, "Count me in").await;
    chrome.strike(SPACE).await;
    chrome.shows("You have joined with a quantity of 3.").await;
    chrome.tab_to("Leave").await;
    chrome.strike(ENTER).await;
    chrome.shows("0 of 5 joined").await;
}
