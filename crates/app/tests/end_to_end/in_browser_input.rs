//! Tests of what the forms for buyers say in Chromium about bad input: a message beside the field, and everything
//! else stays.

use crate::support::{Backend, Chrome, Server};

on_the_embedded_database!(
    address_that_is_none_is_named_beside_its_field_and_kept,
    code_that_is_none_is_named_beside_its_field,
    quantity_that_is_none_is_named_beside_its_field_and_kept,
    far_too_much_leads_back_to_the_form,
);

const BOB: &str = "bob@example.com";
const EMAIL: &str = "Your e-mail address";
const CODE: &str = "Six-digit code";
const QUANTITY: &str = "How many do you want?";
/// Markup, an emoji, and words from right to left.
const ODD: &str = "<b>&amp;</b> 🌱 مرحبا";

/// Sends the form of the page that is open, without the checks of the browser.
async fn send(chrome: &Chrome, label: &str, typed: &str, button: &str) {
    chrome.run("for (const form of document.forms) form.noValidate = true").await;
    chrome.paste(label, typed).await;
    chrome.press(button).await;
}

async fn address_that_is_none_is_named_beside_its_field_and_kept(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    let wrong = "This is not an e-mail address. Check it for typing errors; it looks like \
                 name@example.com.";
    let long = "x".repeat(10_000);
    for path in ["/guide", "/-/sign-in", "/-/group-buys/together"] {
        for (typed, error) in [("", "Enter your e-mail address."), (&*long, wrong), (ODD, wrong)] {
            chrome.open(&server.place.url("ada", path)).await;
            send(&chrome, EMAIL, typed, "Continue").await;
            assert_eq!(chrome.error(EMAIL).await.as_deref(), Some(error), "{path}");
            assert_eq!(chrome.value(EMAIL).await, typed, "{path}");
            chrome.fits().await;
        }
        chrome.is_quiet().await;
    }
}

async fn code_that_is_none_is_named_beside_its_field(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    chrome.open(&server.place.url("ada", "/letters")).await;
    chrome.ask_for_mail(BOB).await;
    let wrong = "The code has six digits. Enter these alone, as they stand in the newest mail.";
    let long = "1".repeat(10_000);
    for (typed, error) in [
        ("", "Enter the six digits from the mail."),
        (&*long, wrong),
        (ODD, wrong),
        ("12345", wrong),
    ] {
        chrome.open(&server.place.url("ada", "/-/code")).await;
        send(&chrome, CODE, typed, "Continue").await;
        assert_eq!(chrome.error(CODE).await.as_deref(), Some(error));
        let kept: String = typed.chars().take(20).collect();
        assert_eq!(chrome.value(CODE).await, kept);
        chrome.shows(BOB).await;
        chrome.fits().await;
    }
    chrome.enter_code(&server.place.link_letter(BOB, 1).await.code()).await;
    chrome.is_at(&server.place.url("ada", "/letters")).await;
    chrome.shows("The first seeds are in").await;
}

async fn quantity_that_is_none_is_named_beside_its_field_and_kept(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    let path = "/-/group-buys/together";
    let page = server.place.url("ada", path);
    chrome.sign_in_at(&server, path, BOB).await;
    chrome.is_at(&page).await;
    for typed in ["", "0", "101", "1.5", "-3"] {
        chrome.open(&page).await;
        send(&chrome, QUANTITY, typed, "Count me in").await;
        let error = "Choose a whole number from 1 to 100.";
        assert_eq!(chrome.error(QUANTITY).await.as_deref(), Some(error), "{typed}");
        assert_eq!(chrome.value(QUANTITY).await, typed);
        chrome.fits().await;
    }
    chrome.fill(QUANTITY, "2").await;
    chrome.press("Count me in").await;
    chrome.shows("You have joined with a quantity of 2.").await;
}

async fn far_too_much_leads_back_to_the_form(backend: Backend) {
    let server = Server::fresh(backend).await;
    let chrome = Chrome::phone().await;
    let guide = server.place.url("ada", "/guide");
    chrome.open(&guide).await;
    send(&chrome, EMAIL, &"x".repeat(600 * 1024), "Continue").await;
    chrome.shows("What was sent is larger than 256 KiB").await;
    chrome.look("too-large").await;
    chrome.follow("Back to the page").await;
    chrome.is_at(&guide).await;
    chrome.shows("Get access").await;
    chrome.ask_for_mail(BOB).await;
}
