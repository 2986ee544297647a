//! Tests of signing in and buying on two devices in Chromium.

use crate::support::{Backend, Chrome, Device, Server};

on_each_database!(
    first_device_learns_that_the_link_was_opened_on_the_second,
    code_that_the_second_device_shows_signs_in_the_first,
);

const BOB: &str = "bob@example.com";
const CONTINUE: &str = "Continue as b•••@example.com";
const ELSEWHERE: &str = "The link was opened elsewhere";

async fn ask(chrome: &Chrome, server: &Server) {
    chrome.open(&server.place.url("ada", "/guide")).await;
    chrome.ask_for_mail(BOB).await;
}

async fn first_device_learns_that_the_link_was_opened_on_the_second(backend: Backend) {
    open_the_link_elsewhere(backend, Device::DESK, Device::PHONE).await;
}

async fn code_that_the_second_device_shows_signs_in_the_first(backend: Backend) {
    carry_the_code_over(backend, Device::DESK, Device::PHONE).await;
}

// Which database it is makes no difference to screens and scripts.
#[tokio::test]
async fn first_device_may_be_the_phone() {
    open_the_link_elsewhere(Backend::Sqlite, Device::PHONE, Device::DESK).await;
    carry_the_code_over(Backend::Sqlite, Device::PHONE, Device::DESK).await;
}

#[tokio::test]
async fn neither_device_needs_scripts() {
    let (desk, phone) = (Device::DESK_WITHOUT_SCRIPTS, Device::PHONE_WITHOUT_SCRIPTS);
    open_the_link_elsewhere(Backend::Sqlite, desk, phone).await;
    carry_the_code_over(Backend::Sqlite, phone, desk).await;
}

async fn open_the_link_elsewhere(backend: Backend, first: Device, second: Device) {
    let server = Server::fresh(backend).await;
    let learns_by_itself = first.runs_scripts();
    let (first, second) = (first.open().await, second.open().await);
    ask(&first, &server).await;
    second.open(&server.place.link_letter(BOB, 1).await.link()).await;
    second.press(CONTINUE).await;
    second.is_at(&server.place.sandbox().url).await;
    if !learns_by_itself {
        first.reload().await;
    }
    first.shows(ELSEWHERE).await;
    second.press("Pay").await;
    second.shows("Wash the pots").await;

    // Signing in there, too, leads to what was bought here.
    first.press("Send another mail").await;
    first.shows("Check your mail").await;
    let code = server.place.link_letter(BOB, 2).await.code();
    first.enter_code(&code).await;
    first.shows("Wash the pots").await;
    assert_eq!(first.url().await.as_str(), server.place.url("ada", "/guide"));
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 1);
    second.reload().await;
    second.shows("Wash the pots").await;
}

async fn carry_the_code_over(backend: Backend, first: Device, second: Device) {
    let server = Server::fresh(backend).await;
    let (first, second) = (first.open().await, second.open().await);
    ask(&first, &server).await;
    let letter = server.place.link_letter(BOB, 1).await;
    second.open(&letter.link()).await;
    second.shows("Did you begin on another device?").await;
    let code = letter.code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    second.shows(&spaced).await;
    first.enter_code(&spaced).await;
    first.is_at(&server.place.sandbox().url).await;
    first.press("Pay").await;
    first.shows("Wash the pots").await;
    second.press(CONTINUE).await;
    second.shows("This link was used already").await;
}
