//! Tests of the buyer's path in Chromium: by link, by code, without scripts, and by keyboard alone.

use crate::support::{Backend, Chrome, Device, ENTER, Server, TAB};

on_each_database!(
    page_is_bought_by_link_and_says_once_that_it_is_paid,
    page_is_bought_by_link_without_scripts,
    page_is_bought_by_code,
    page_is_bought_with_the_keyboard_alone,
    page_is_bought_by_link_with_the_keyboard_alone,
    pressing_twice_and_going_back_end_where_the_buyer_was_going,
    turning_back_and_a_declined_card_say_that_nothing_was_paid,
);

const BOB: &str = "bob@example.com";
const CONTINUE: &str = "Continue as b•••@example.com";
/// The content behind the gate.
const GUIDE: &str = "Wash the pots";

/// Asks for a mail at the gate of the guide.
async fn ask(chrome: &Chrome, server: &Server) {
    chrome.open(&server.place.url("ada", "/guide")).await;
    chrome.shows("The balcony guide").await;
    chrome.shows("12.00").await;
    chrome.lacks(GUIDE).await;
    chrome.ask_for_mail(BOB).await;
    chrome.shows(BOB).await;
}

/// Asks for a mail, and follows its link up to the pay page.
async fn go_to_pay_page(chrome: &Chrome, server: &Server) {
    ask(chrome, server).await;
    chrome.open(&server.place.link_letter(BOB, 1).await.link()).await;
    chrome.lacks(BOB).await;
    chrome.press(CONTINUE).await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.shows("The balcony guide").await;
}

async fn has_bought(chrome: &Chrome, server: &Server) {
    chrome.shows(GUIDE).await;
    assert_eq!(chrome.url().await.as_str(), server.place.url("ada", "/guide"));
    chrome.shows("Paid $12.00. Receipt sent to bob@example.com.").await;
    let receipt = server.place.letter(BOB, "Your receipt for The balcony guide").await;
    assert!(receipt.text.contains("12.00"), "{}", receipt.text);
    chrome.reload().await;
    chrome.shows(GUIDE).await;
    chrome.stops_showing("Receipt sent to").await;
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 1);
}

async fn page_is_bought_by_link_and_says_once_that_it_is_paid(backend: Backend) {
    buy_by_link(backend, Device::PHONE).await;
}

async fn page_is_bought_by_link_without_scripts(backend: Backend) {
    buy_by_link(backend, Device::PHONE_WITHOUT_SCRIPTS).await;
}

async fn page_is_bought_by_code(backend: Backend) {
    buy_by_code(backend, Device::DESK).await;
}

// Which database it is makes no difference to screens and scripts.
#[tokio::test]
async fn page_is_bought_by_link_on_a_desk() {
    buy_by_link(Backend::Sqlite, Device::DESK).await;
}

#[tokio::test]
async fn page_is_bought_by_link_on_a_desk_without_scripts() {
    buy_by_link(Backend::Sqlite, Device::DESK_WITHOUT_SCRIPTS).await;
}

#[tokio::test]
async fn page_is_bought_by_code_on_a_phone() {
    buy_by_code(Backend::Sqlite, Device::PHONE).await;
}

#[tokio::test]
async fn page_is_bought_by_code_on_a_phone_without_scripts() {
    buy_by_code(Backend::Sqlite, Device::PHONE_WITHOUT_SCRIPTS).await;
}

#[tokio::test]
async fn page_is_bought_by_code_on_a_desk_without_scripts() {
    buy_by_code(Backend::Sqlite, Device::DESK_WITHOUT_SCRIPTS).await;
}

async fn buy_by_link(backend: Backend, device: Device) {
    let server = Server::fresh(backend).await;
    let chrome = device.open().await;
    go_to_pay_page(&chrome, &server).await;
    chrome.press("Pay").await;
    has_bought(&chrome, &server).await;
    chrome.is_quiet().await;
}

async fn buy_by_code(backend: Backend, device: Device) {
    let server = Server::fresh(backend).await;
    let chrome = device.open().await;
    ask(&chrome, &server).await;
    chrome.follow("Reload this page").await;
    let letter = server.place.link_letter(BOB, 1).await;
    chrome.enter_code(&letter.wrong_code(0)).await;
    chrome.shows("This is not the code in the newest mail").await;
    let code = letter.code();
    chrome.enter_code(&format!(" {}-{}", &code[..3], &code[3..])).await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.press("Pay").await;
    has_bought(&chrome, &server).await;
}

async fn page_is_bought_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    chrome.open(&server.place.url("ada", "/guide")).await;
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Skip to the content"));
    chrome.strike(ENTER).await;
    chrome.strike(TAB).await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Your e-mail address"));
    chrome.strike(BOB).await;
    chrome.tab_to("Continue").await;
    chrome.strike(ENTER).await;
    chrome.shows("Check your mail").await;
    assert_eq!(chrome.focus().await.as_deref(), Some("Six-digit code"));
    let code = server.place.link_letter(BOB, 1).await.code();
    chrome.strike(&format!("{code}{ENTER}")).await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.tab_to("Pay").await;
    chrome.strike(ENTER).await;
    has_bought(&chrome, &server).await;
    chrome.tab_to("My access").await;
    chrome.strike(ENTER).await;
    chrome.shows("Your pages and files").await;
    chrome.tab_to("Sign out").await;
    chrome.strike(ENTER).await;
    chrome.shows("Sign in to see").await;
}

async fn page_is_bought_by_link_with_the_keyboard_alone(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    chrome.open(&server.place.url("ada", "/guide")).await;
    chrome.tab_to("Your e-mail address").await;
    chrome.strike(&format!("{BOB}{ENTER}")).await;
    chrome.shows("Check your mail").await;
    chrome.open(&server.place.link_letter(BOB, 1).await.link()).await;
    chrome.tab_to(CONTINUE).await;
    chrome.strike(ENTER).await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.tab_to("Pay").await;
    chrome.strike(ENTER).await;
    has_bought(&chrome, &server).await;
}

async fn pressing_twice_and_going_back_end_where_the_buyer_was_going(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::new().await;
    let letters = server.place.url("ada", "/letters");
    chrome.open(&letters).await;
    chrome.ask_for_mail(BOB).await;
    let link = server.place.link_letter(BOB, 1).await.link();
    chrome.open(&link).await;
    chrome.press_twice(CONTINUE).await;
    chrome.is_at(&letters).await;
    chrome.shows("The first seeds are in").await;
    assert_eq!(server.place.database.census().await["visitor_sessions"], 1);
    chrome.back().await;
    chrome.shows("The first seeds are in").await;
    chrome.open(&link).await;
    chrome.is_at(&letters).await;
    chrome.shows("The first seeds are in").await;
    assert_eq!(server.place.database.census().await["visitor_sessions"], 1);
}

async fn turning_back_and_a_declined_card_say_that_nothing_was_paid(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    go_to_pay_page(&chrome, &server).await;
    chrome.press("Decline the card").await;
    chrome.shows("declined").await;
    chrome.follow("Cancel and go back").await;
    chrome.is_at(&server.place.url("ada", "/guide")).await;
    chrome.shows("You turned back. Nothing was paid").await;
    chrome.lacks(GUIDE).await;
    chrome.press("Buy for $12.00").await;
    chrome.is_at(&server.place.sandbox().url).await;
    chrome.press("Pay").await;
    has_bought(&chrome, &server).await;
}
