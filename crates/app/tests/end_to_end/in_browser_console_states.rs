//! Tests of what the console looks like in Chromium after something was done: errors, a preview, a conflict, and
//! each state of Stripe.

use std::fs;

use serde_json::json;

use crate::support::{Backend, Chrome, Server, Upload, until_so};

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn screens_on_the_way_in_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    chrome.open(&place.console("/sign-in")).await;
    chrome.sign_in("ada@example.com", "not mine").await;
    chrome.shows("The address or the password is not right.").await;
    chrome.look("console-sign-in-error").await;
    chrome.open(&place.console("/sign-up")).await;
    chrome.fill("E-mail address", "carol@example.com").await;
    chrome.fill("Password", "correct horse").await;
    chrome.press("Create the account").await;
    chrome.shows("We mailed a link").await;
    chrome.look("console-welcome").await;
    chrome.fill("Name of the shop", "Carol").await;
    chrome.fill("Handle", "ada").await;
    chrome.press("Create the shop").await;
    chrome.shows("These are free; choose one").await;
    chrome.look("console-handle-taken").await;
    chrome.fill("Handle", "carol").await;
    chrome.press("Create the shop").await;
    chrome.shows("Towards your first sale").await;
    chrome.look("console-first-start").await;
    chrome.open(&place.console("/carol/revenue")).await;
    chrome.look("console-revenue-unproved").await;
    chrome.fits_in_german().await;
    chrome.open(&place.letter("carol@example.com", "Confirm").await.link()).await;
    chrome.press("Confirm the address").await;
    chrome.shows("is confirmed").await;
    chrome.press("Your account: carol@example.com").await;
    chrome.look("console-account-menu").await;
    chrome.open(&place.console("/verify-email?token=nonsense")).await;
    chrome.shows("This link is not valid").await;
    chrome.look("console-link-invalid").await;
}

#[tokio::test]
async fn screens_of_the_editor_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, server.console().await);
    chrome.open(&place.console("/ada/pages/new")).await;
    chrome.press("Publish").await;
    chrome.shows("Please look at this again").await;
    chrome.look("console-editor-errors").await;
    chrome.open(&place.console("/ada/pages/guide")).await;
    chrome.fill("Text", "## Pots\n\nWash them in *spring*.\n\n- soil\n- seeds\n").await;
    chrome.look("console-editor-changed").await;
    chrome.press("Preview").await;
    chrome.shows("This shows what is in the form, saved or not.").await;
    chrome.look("console-editor-preview").await;
    let ada = server.ada().await;
    let change = server.call("PATCH", "/v2/handles/ada/pages/guide").bearer(&ada.token);
    let change = change.json(&json!({"title": "The large balcony guide"})).send().await;
    assert_eq!(change.status, 200);
    chrome.press("Save").await;
    chrome.shows("This page was changed in the meantime").await;
    chrome.look("console-editor-conflict").await;
    let picture = place.path("tomatoes.gif");
    fs::write(&picture, b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00")
        .unwrap();
    chrome.open(&place.console("/ada/pictures")).await;
    chrome.attach("File", &[picture]).await;
    chrome.press("Upload").await;
    chrome.shows("It is uploaded").await;
    chrome.look("console-picture-added").await;
    let change = json!({"status": "ARCHIVED"});
    let change =
        server.call("PATCH", "/v2/handles/ada/pages/guide").bearer(&ada.token).json(&change);
    assert_eq!(change.send().await.status, 200);
    chrome.open(&place.console("/ada/pages/guide")).await;
    chrome.look("console-editor-archived").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/pages?status=ARCHIVED")).await;
    chrome.look("console-pages-archived").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn states_of_stripe_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, server.console().await);
    let account = server.account(&server.ada().await).await;
    for (name, change, words) in [
        ("payouts", json!({"payouts_enabled": false}), "Payouts are waiting"),
        ("restricted", json!({"charges_enabled": false}), "More is needed"),
        ("checking", json!({"under_review": true}), "Being checked"),
        ("disconnected", json!({"connected": false}), "Disconnected"),
    ] {
        place.sandbox().control(&format!("accounts/{account}"), &change).await;
        until_so("the console knows", async || {
            chrome.open(&place.console("/ada/revenue")).await;
            chrome.text().await.contains(words)
        })
        .await;
        chrome.look(&format!("console-revenue-{name}")).await;
        chrome.fits_in_german().await;
    }
    server.creator("carol").await;
    let chrome = Chrome::new().await;
    chrome.enter(place, "carol@example.com", "correct horse").await;
    chrome.open(&place.console("/carol/revenue")).await;
    chrome.press("Connect Stripe").await;
    chrome.is_at(&place.sandbox().url).await;
    chrome.look("connect").await;
    chrome.press("Leave unfinished").await;
    chrome.shows("More is needed").await;
    chrome.look("console-revenue-more").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn screens_of_refunds_and_people_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, sandbox) = (&server.place, server.place.sandbox());
    let (_, bought) = server.bought(&sandbox, BOB).await;
    server.bought(&sandbox, "eve@example.com").await;
    let chrome = server.console().await;
    let account = server.account(&server.ada().await).await;
    chrome.open(&place.console("/ada/purchases")).await;
    chrome.follow("Refund of eve@example.com for The balcony guide").await;
    chrome.shows("Refund $12.00?").await;
    chrome.look("console-refund").await;
    chrome.fits_in_german().await;
    let balance = |covers: bool| json!({"covers_refunds": covers});
    sandbox.control(&format!("accounts/{account}"), &balance(false)).await;
    chrome.press("Refund now").await;
    chrome.shows("Your balance at Stripe is too low").await;
    chrome.look("console-refund-refused").await;
    sandbox.control(&format!("accounts/{account}"), &balance(true)).await;
    chrome.press("Refund now").await;
    chrome.shows("Refunded: $12.00").await;
    chrome.look("console-refunded").await;
    let intent = sandbox.intent(&account, &bought.session).await;
    sandbox.control(&format!("payment_intents/{intent}/dispute"), &json!({})).await;
    place.letter("ada@example.com", "is disputed").await;
    chrome.open(&place.console("/ada/people/person?email=bob%40example.com")).await;
    chrome.shows("Paused").await;
    chrome.look("console-person-disputed").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/purchases")).await;
    chrome.follow("Refund of bob@example.com for The balcony guide").await;
    chrome.shows("Disputed: no refund now").await;
    chrome.look("console-refund-disputed").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/people/person?email=eve%40example.com")).await;
    chrome.shows("Refunded").await;
    chrome.look("console-person-refunded").await;
    chrome.fits_in_german().await;
    chrome.open(&place.console("/ada/people/grant?email=eve%40example.com&page=guide")).await;
    chrome.press("Give access").await;
    chrome.shows("has access now").await;
    let seen = chrome.text().await;
    let (day, _) = seen.split_once("Given by you, ").unwrap().1.split_once(" Active").unwrap();
    chrome.follow(&format!("Take the access back: The balcony guide, {day}")).await;
    chrome.look("console-revoke").await;
    chrome.fits_in_german().await;
    chrome.press("Take the access back").await;
    chrome.shows("is taken back").await;
    chrome.open(&place.console("/ada/revenue")).await;
    chrome.look("console-revenue-sales").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn screens_of_lists_and_offers_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, ada) = (&server.place, server.ada().await);
    server.upload(&ada, &Upload::by_list("plans", b"For invited people.")).await;
    let chrome = server.console().await;
    chrome.open(&place.console("/ada/files")).await;
    chrome.press("Upload files").await;
    chrome.press("Upload").await;
    chrome.shows("Please look at this again").await;
    chrome.look("console-upload-errors").await;
    chrome.open(&place.console("/ada/files/plans/allowlist/many")).await;
    chrome.fill("Addresses", "bob@example.com\ncarol@example.com\nnobody\neve@example.com").await;
    chrome.press("Check them").await;
    chrome.shows("3 new, 0 known, 1 invalid (line 3)").await;
    chrome.look("console-allowlist-preview").await;
    chrome.press("Add 3 addresses").await;
    chrome.shows("Addresses added: 3").await;
    chrome.look("console-allowlist-added").await;
    chrome.open(&place.console("/ada/group-buys/together/activate")).await;
    chrome.shows("You cannot activate it yet").await;
    chrome.look("console-activate-early").await;
    chrome.fits_in_german().await;
    let bob = server.sign_in(BOB).await;
    let join = server.post("/v2/public/group-buys/ada/together/interest").cookie(&bob.cookie);
    assert_eq!(join.json(&json!({"quantity": 5})).send().await.status, 201);
    chrome.reload().await;
    chrome.press("Activate and mail one person").await;
    chrome.shows("The offer is activated. The mails").await;
    chrome.look("console-group-buy-active").await;
    chrome.open(&place.console("/ada/mail?q=bob%40example.com")).await;
    chrome.shows("Group buy: the offer").await;
    chrome.look("console-mail-of-one").await;
    chrome.fits_in_german().await;
}
