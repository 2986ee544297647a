//! Tests of signing in and buying on two devices in Chromium.

use crate::support::{Backend, Chrome, Server};

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
    let server = Server::fresh(backend).await;
    let (desk, phone) = (Chrome::new().await, Chrome::phone().await);
    ask(&desk, &server).await;
    phone.open(&server.place.link_letter(BOB, 1).await.link()).await;
    phone.press(CONTINUE).await;
    phone.is_at(&server.place.sandbox().url).await;
    desk.shows(ELSEWHERE).await;
    phone.press("Pay").await;
    phone.shows("Wash the pots").await;

    // Signing in there, too, leads to what was bought here.
    desk.press("Send another mail").await;
    desk.shows("Check your mail").await;
    let code = server.place.link_letter(BOB, 2).await.code();
    desk.enter_code(&code).await;
    desk.shows("Wash the pots").await;
    assert_eq!(desk.url().await.as_str(), server.place.url("ada", "/guide"));
    assert_eq!(server.place.sandbox().count("checkoutSessions").await, 1);
    phone.reload().await;
    phone.shows("Wash the pots").await;
}

async fn code_that_the_second_device_shows_signs_in_the_first(backend: Backend) {
    let server = Server::fresh(backend).await;
    let (desk, phone) = (Chrome::new().await, Chrome::phone().await);
    ask(&desk, &server).await;
    let letter = server.place.link_letter(BOB, 1).await;
    phone.open(&letter.link()).await;
    phone.shows("Did you begin on another device?").await;
    let code = letter.code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    phone.shows(&spaced).await;
    desk.enter_code(&spaced).await;
    desk.is_at(&server.place.sandbox().url).await;
    desk.press("Pay").await;
    desk.shows("Wash the pots").await;
    phone.press(CONTINUE).await;
    phone.shows("This link was used already").await;
}
