//! Tests of what the console looks like in Chromium after something happened that a creator has to see to: a dispute, a
//! change of address, a session that ended, and a screen that is gone.

use serde_json::json;

use crate::support::{Backend, Browser, Server, until_so};

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn screens_about_a_dispute_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, sandbox) = (&server.place, server.place.sandbox());
    let (_, bought) = server.bought(&sandbox, BOB).await;
    let account = server.account(&server.ada().await).await;
    let intent = sandbox.intent(&account, &bought.session).await;
    let dispute = sandbox.control(&format!("payment_intents/{intent}/dispute"), &json!({})).await;
    place.letter("ada@example.com", "is disputed").await;
    let database = &place.database;
    let sent = "SELECT count(*) FROM outbox WHERE kind = 'receipt' AND status = 'SENT'";
    until_so("the receipt is sent", async || database.number(sent).await == 1).await;
    let died = "UPDATE outbox SET status = 'DEAD', attempts = 14, sent_at = NULL, \
                last_error = 'the server is busy' WHERE kind = 'receipt'";
    database.execute(died).await;
    let stopped = json!({"charges_enabled": false});
    sandbox.control(&format!("accounts/{account}"), &stopped).await;
    let chrome = server.console().await;
    until_so("the console knows that nobody can pay", async || {
        chrome.open(&place.console("/ada")).await;
        chrome.text().await.contains("Stripe lets your account take no payments")
    })
    .await;
    chrome.shows("Needs your attention").await;
    chrome.shows("A payment of $12.00 is disputed").await;
    chrome.shows("A mail to bob@example.com could not be delivered.").await;
    chrome.look("console-attention").await;
    chrome.fits_in_german().await;
    chrome.follow("See the mail log").await;
    chrome.shows("Is the address spelt right?").await;
    chrome.look("console-mail-dead").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/purchases")).await;
    chrome.follow("Dispute and evidence of bob@example.com for The balcony guide").await;
    chrome.shows("Waits for your answer").await;
    chrome.look("console-dispute").await;
    chrome.fits_in_german().await;
    let dispute = dispute["id"].as_str().unwrap();
    sandbox.control(&format!("disputes/{dispute}/close"), &json!({"status": "lost"})).await;
    until_so("the console knows that it is lost", async || {
        chrome.reload().await;
        chrome.text().await.contains("The bank gave the money back to the buyer")
    })
    .await;
    chrome.look("console-dispute-lost").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn screens_about_a_change_of_address_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, server.console().await);
    server.bought(&place.sandbox(), BOB).await;
    let [bob, rob] = ["bob", "rob"]
        .map(|name| place.console(&format!("/ada/people/person?email={name}%40example.com")));
    chrome.open(&place.console("/ada/people/move?email=bob%40example.com")).await;
    chrome.fill("New address", "rob at example").await;
    chrome.press("Mail the link").await;
    chrome.shows("This is not an e-mail address").await;
    chrome.look("console-move-error").await;
    chrome.fill("New address", "rob@example.com").await;
    chrome.press("Mail the link").await;
    chrome.shows("Until then nothing moves from here to rob@example.com").await;
    chrome.look("console-person-move-waits").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/people/move?email=bob%40example.com")).await;
    chrome.shows("If you name another address now, that change is called off").await;
    chrome.look("console-move-waits").await;
    chrome.fits_in_german().await;
    chrome.open(&rob).await;
    chrome.shows("Until then nothing comes here from bob@example.com").await;
    chrome.look("console-person-move-awaited").await;
    let letter = place.letter("rob@example.com", "Confirm your new address").await;
    let mut browser = Browser::new();
    browser.open(&letter.link()).await;
    assert_eq!(browser.submit(&[]).await.status, 200);
    chrome.open(&bob).await;
    chrome.shows("Purchases went from here to rob@example.com").await;
    chrome.look("console-person-moved-away").await;
    chrome.fits_in_german().await;
    chrome.open(&rob).await;
    chrome.shows("Purchases came here from bob@example.com").await;
    chrome.look("console-person-moved-here").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn screens_that_are_gone_or_signed_out_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, server.console().await);
    for (name, path, back) in [
        ("page", "/ada/pages/nothing", "Back to Pages"),
        ("purchase", "/ada/purchases/nothing/refund", "Back to Purchases"),
    ] {
        chrome.open(&place.console(path)).await;
        chrome.shows("There is nothing here").await;
        chrome.shows(back).await;
        assert_eq!(chrome.status().await, 404, "{path}");
        chrome.look(&format!("console-gone-{name}")).await;
        chrome.fits_in_german().await;
    }
    chrome.open(&place.console("/ada/pages/letters")).await;
    chrome.fill("Text", &"Wash the pots in spring. ".repeat(12)).await;
    chrome.forget_cookies().await;
    chrome.press("Save").await;
    chrome.shows("You were signed out").await;
    chrome.look("console-kept").await;
}

#[tokio::test]
async fn preview_without_scripts_fits_and_is_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = server.console().await.without_scripts().await;
    chrome.open(&server.place.console("/ada/pages/guide")).await;
    chrome.fill("Text", "## Pots\n\nWash them in *spring*.\n\n- soil\n- seeds\n").await;
    chrome.press("Preview").await;
    chrome.shows("This shows what is in the form, saved or not.").await;
    // What looks at the page is a script, too.
    chrome.allow_scripts().await;
    chrome.look("console-preview-without-scripts").await;
}
