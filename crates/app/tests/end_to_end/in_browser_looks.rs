//! Tests of what the buyer's pages look like in Chromium: they fit on a phone, axe-core finds nothing in light
//! and in dark, and each is pictured.

use serde_json::json;

use crate::support::{Backend, Chrome, PHONE, Server, Upload, until_so};

const BOB: &str = "bob@example.com";

/// Adds to the demo what makes pages large: files, a picture, long words, other directions of writing.
async fn furnish(server: &Server) {
    let ada = server.ada().await;
    server.upload(&ada, &Upload::on("guide", "calendar", &b"a day".repeat(60_000))).await;
    server.upload(&ada, &Upload::by_list("plans", b"For invited people.")).await;
    server.upload(&ada, &Upload::public("seeds", b"Seeds.")).await;
    let body = "# Everything\n\n| a | long table | with | many | columns | that | is | wide |\n\
                |---|---|---|---|---|---|---|---|\n| 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |\n\n\
                ```\na line of code that is much longer than a telephone is wide, to say the least\n```\n\n\
                - [x] sown\n- [ ] grown\n\nA note[^1] and https://example.com/a/very/long/address/\
                that/nobody/would/ever/type/by/hand/because/it/is/so/long\n\n[^1]: At the foot.\n\n\
                > Pneumonoultramicroscopicsilicovolcanoconiosis-Donaudampfschifffahrtsgesellschaft\n";
    let everything = json!({
        "slug": "everything", "title": "مرحبا 🌱 Donaudampfschifffahrtsgesellschaftskapitän",
        "teaser": "One of each.", "body": body, "accessMode": "PUBLIC", "status": "PUBLISHED",
    });
    let call = server.post("/v2/handles/ada/pages").bearer(&ada.token);
    assert_eq!(call.json(&everything).send().await.status, 201);
}

#[tokio::test]
async fn pages_for_strangers_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    let place = &server.place;
    let chrome = Chrome::new().await;
    let root = format!("http://{}", place.domain());
    let ada = |path: &str| place.url("ada", path);
    let pages = [
        ("home", format!("{root}/")),
        ("storefront", ada("/")),
        ("page-public", ada("/welcome")),
        ("page-everything", ada("/everything")),
        ("gate-free", ada("/letters")),
        ("gate-paid", ada("/guide")),
        ("group-buy", ada("/-/group-buys/together")),
        ("sign-in", ada("/-/sign-in")),
        ("file", ada("/-/files/seeds")),
        ("file-gate", ada("/-/files/plans")),
        ("file-of-page-gate", ada("/-/files/calendar")),
        ("access-signed-out", format!("{root}/access")),
        ("link-invalid", ada("/-/verify?token=nonsense")),
    ];
    for (name, address) in &pages {
        chrome.open(address).await;
        chrome.look(name).await;
    }
    chrome.speak("de").await;
    chrome.resize(PHONE).await;
    for (name, address) in &pages {
        chrome.open(address).await;
        assert_eq!(chrome.run("return document.documentElement.lang").await, "de", "{name}");
        chrome.fits().await;
    }
}

#[tokio::test]
async fn pages_on_the_way_in_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = Chrome::new().await;
    chrome.open(&server.place.url("ada", "/-/sign-in")).await;
    chrome.run("document.querySelector('form[method=post]').noValidate = true").await;
    chrome.fill("Your e-mail address", "bob at example").await;
    chrome.press("Continue").await;
    chrome.shows("This is not an e-mail address").await;
    assert_eq!(chrome.value("Your e-mail address").await, "bob at example");
    chrome.look("sign-in-error").await;
    chrome.ask_for_mail(BOB).await;
    chrome.look("code").await;
    chrome.fits_in_german().await;
    let letter = server.place.link_letter(BOB, 1).await;
    chrome.enter_code(&letter.wrong_code(0)).await;
    chrome.shows("This is not the code").await;
    chrome.look("code-error").await;
    chrome.open(&letter.link()).await;
    chrome.shows("Almost there").await;
    chrome.look("link").await;
    chrome.fits_in_german().await;
    let links = "UPDATE magic_links SET expires_at = created_at + 1";
    server.place.database.execute(links).await;
    chrome.reload().await;
    chrome.shows("This link has expired").await;
    chrome.look("link-expired").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn pages_on_the_way_to_reading_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let place = &server.place;
    let chrome = Chrome::new().await;
    chrome.sign_in_at(&server, "/-/group-buys/together", BOB).await;
    chrome.fill("How many do you want?", "5").await;
    chrome.press("Count me in").await;
    chrome.shows("5 of 5 joined").await;
    chrome.look("group-buy-joined").await;
    chrome.fits_in_german().await;
    let ada = server.ada().await;
    let activate = server.post("/v2/handles/ada/group-buys/together/activate");
    assert_eq!(activate.bearer(&ada.token).send().await.status, 200);
    chrome.reload().await;
    chrome.shows("Buy for $8.00").await;
    chrome.look("group-buy-active").await;
    chrome.fits_in_german().await;
    server.ask_link("carol@example.com").await;
    let link = place.link_letter("carol@example.com", 1).await;
    chrome.open(&link.link()).await;
    chrome.shows("You are signed in as bob@example.com now").await;
    chrome.look("link-of-another").await;
    chrome.fits_in_german().await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.press("Buy for $8.00").await;
    chrome.is_at(&place.sandbox().url).await;
    chrome.look("pay").await;
    let session = chrome.last_part().await;
    chrome.press("Pay").await;
    chrome.shows("Receipt sent to").await;
    chrome.look("page-just-paid").await;
    chrome.open(&place.url("ada", "/nothing")).await;
    chrome.shows("This page does not exist").await;
    chrome.look("not-found").await;

    let account = server.account(&ada).await;
    let sandbox = place.sandbox();
    let intent = sandbox.intent(&account, &session).await;
    let dispute = sandbox.control(&format!("payment_intents/{intent}/dispute"), &json!({})).await;
    place.letter("ada@example.com", "is disputed").await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.shows("Your access is paused").await;
    chrome.look("gate-suspended").await;
    chrome.fits_in_german().await;
    let dispute = dispute["id"].as_str().unwrap();
    sandbox.control(&format!("disputes/{dispute}/close"), &json!({"status": "lost"})).await;
    let cookie = chrome.cookie("_10x_visitor").await;
    until_so("the dispute is lost", async || {
        server.history(&cookie).await[0]["status"] == "REVOKED"
    })
    .await;
    chrome.reload().await;
    chrome.shows("the seller lost the dispute").await;
    chrome.look("gate-dispute-lost").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn pages_of_two_devices_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = Chrome::new().await;
    chrome.open(&server.place.url("ada", "/letters")).await;
    chrome.ask_for_mail(BOB).await;
    let link = server.place.link_letter(BOB, 1).await;
    let token = json!({"token": link.token()});
    server.post("/v2/visitor/auth/verify").json(&token).send().await.ok();
    chrome.shows("The link was opened elsewhere").await;
    chrome.look("code-elsewhere").await;
    chrome.fits_in_german().await;
    chrome.open(&link.link()).await;
    chrome.shows("This link was used already").await;
    chrome.look("link-used").await;
}

#[tokio::test]
async fn pages_for_buyers_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    furnish(&server).await;
    let place = &server.place;
    let root = format!("http://{}", place.domain());
    let guide = place.url("ada", "/guide");
    let chrome = Chrome::new().await;
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.follow("Cancel and go back").await;
    chrome.shows("You turned back").await;
    chrome.look("gate-cancelled").await;
    chrome.press("Buy for $12.00").await;
    chrome.is_at(&place.sandbox().url).await;
    let session = chrome.last_part().await;
    chrome.press("Pay later (bank debit)").await;
    chrome.is_at(&guide).await;
    chrome.shows("Your payment is on its way").await;
    chrome.look("gate-pending").await;
    chrome.fits_in_german().await;
    chrome.open(&format!("{root}/access")).await;
    chrome.shows("On their way").await;
    chrome.look("access-pending").await;
    chrome.fits_in_german().await;
    let arrived = json!({"outcome": "succeeded"});
    place.sandbox().control(&format!("sessions/{session}/settle"), &arrived).await;
    let cookie = chrome.cookie("_10x_visitor").await;
    until_so("the money opens the page", async || {
        server.access(&cookie, "guide").await == "entitled"
    })
    .await;
    chrome.open(&guide).await;
    chrome.shows("Wash the pots").await;
    chrome.look("page-paid").await;
    chrome.fits_in_german().await;
    for (name, address, words) in [
        ("storefront-owned", place.url("ada", "/"), "Owned"),
        ("file-of-page", place.url("ada", "/-/files/calendar"), "Download"),
        ("file-not-invited", place.url("ada", "/-/files/plans"), "not on the list"),
        ("group-buy-owned", place.url("ada", "/-/group-buys/together"), "You have it already"),
        ("sign-out", place.url("ada", "/-/sign-out"), "Sign out?"),
        ("access", format!("{root}/access"), "Your pages and files"),
    ] {
        chrome.open(&address).await;
        chrome.shows(words).await;
        chrome.look(name).await;
        chrome.fits_in_german().await;
    }
    chrome.follow("Receipt for The balcony guide").await;
    chrome.shows("12.00").await;
    chrome.look("receipt").await;
    chrome.resize(PHONE).await;
    let number = "const part = document.querySelector('.number span');
        return Math.round(part.offsetHeight / parseFloat(getComputedStyle(part).lineHeight));";
    assert_eq!(chrome.run(number).await, json!(1), "lines of the receipt's number");
    chrome.fits_in_german().await;
    let me = server.get("/v2/visitor/me").cookie(&cookie).send().await.ok();
    let refund = server.post("/v2/handles/ada/pages/guide/refund");
    let refund = refund.bearer(&server.ada().await.token).json(&json!({"visitorId": me["id"]}));
    assert_eq!(refund.send().await.status, 200);
    chrome.open(&guide).await;
    chrome.shows("Your payment was refunded").await;
    chrome.look("gate-refunded").await;
    chrome.fits_in_german().await;
}
