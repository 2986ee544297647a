//! Tests of what pages look like in Chromium that refuse what was asked for: too often, while the database is away, and
//! where nothing can be bought.

use serde_json::json;

use crate::support::{Backend, Chrome, Place, Server};

const BOB: &str = "bob@example.com";

#[tokio::test]
async fn pages_without_a_database_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Postgres).await;
    let (place, chrome) = (&server.place, server.console().await);
    let pages = [
        ("unavailable", place.url("ada", "/guide")),
        ("console-unavailable", place.console("/ada")),
    ];
    // A browser that was here before has the style sheets.
    for (_, address) in &pages {
        chrome.open(address).await;
    }
    place.database.set_reachable(false).await;
    for (name, address) in &pages {
        chrome.open(address).await;
        chrome.shows("Temporarily unavailable").await;
        chrome.shows("Try again").await;
        assert_eq!(chrome.status().await, 503, "{name}");
        chrome.look(name).await;
        chrome.fits_in_german().await;
    }
    place.database.set_reachable(true).await;
}

#[tokio::test]
async fn pages_that_refuse_another_try_fit_and_are_accessible() {
    let place = Place::new(Backend::Sqlite).await.with("TOLLGATE_CLIENT_CODES_PER_MINUTE", "1");
    let server = place.with("TOLLGATE_CLIENT_REQUESTS_PER_MINUTE", "1").serve().await;
    server.quiet().await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    chrome.open(&place.url("ada", "/letters")).await;
    chrome.ask_for_mail(BOB).await;
    let letter = place.link_letter(BOB, 1).await;
    for (code, words) in [
        (letter.wrong_code(0), "This is not the code in the newest mail"),
        (letter.code(), "Too many codes were tried"),
    ] {
        chrome.enter_code(&code).await;
        chrome.shows(words).await;
    }
    assert_eq!(chrome.status().await, 429);
    chrome.look("code-limited").await;
    chrome.open(&place.console("/sign-in")).await;
    for words in ["The address or the password is not right.", "That was a bit much at once"] {
        chrome.sign_in("ada@example.com", "not mine").await;
        chrome.shows(words).await;
    }
    assert_eq!(chrome.status().await, 429);
    chrome.look("console-sign-in-limited").await;
}

#[tokio::test]
async fn page_that_refuses_to_renew_a_link_fits_and_is_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    for _ in 0..3 {
        server.ask_link(BOB).await;
    }
    let link = place.link_letter(BOB, 3).await.link();
    place.database.execute("UPDATE magic_links SET expires_at = created_at + 1").await;
    chrome.open(&link).await;
    chrome.shows("This link has expired").await;
    chrome.is_quiet().await;
    chrome.press("Mail me a new link").await;
    chrome.shows("Too many mails were asked for").await;
    assert_eq!(chrome.status().await, 429);
    chrome.look("link-expired-limited").await;
}

#[tokio::test]
async fn gate_of_a_shop_that_never_sold_fits_and_is_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    let carol = server.creator("carol").await;
    let bread = json!({
        "slug": "bread", "title": "Sourdough bread", "teaser": "Flour, water, salt.",
        "body": "Wait for a day.", "accessMode": "PAID", "status": "PUBLISHED",
        "price": {"amount": 750, "currency": "eur"},
    });
    let call = server.post("/v2/handles/carol/pages").bearer(&carol.token).json(&bread);
    assert_eq!(call.send().await.status, 201);
    let gate = place.url("carol", "/bread");
    chrome.open(&gate).await;
    chrome.shows("Not on sale yet").await;
    chrome.shows("At the moment the seller cannot take payments.").await;
    chrome.look("gate-never-sold").await;
    chrome.fits_in_german().await;
    chrome.ask_for_mail(BOB).await;
    chrome.enter_code(&place.link_letter(BOB, 1).await.code()).await;
    chrome.is_at(&gate).await;
    chrome.shows("Not on sale yet").await;
    chrome.stops_showing("Bought before?").await;
    chrome.look("gate-never-sold-signed-in").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn pages_about_a_payment_that_does_not_match_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    let guide = place.url("ada", "/guide");
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.is_at(&place.sandbox().url).await;
    place.database.execute("UPDATE checkout_orders SET amount = amount - 100").await;
    chrome.press("Pay").await;
    chrome.is_at(&guide).await;
    chrome.shows("arrived, but it does not match the order, so it opened nothing").await;
    chrome.lacks("Wash the pots").await;
    chrome.look("gate-quarantined").await;
    chrome.fits_in_german().await;
    chrome.open(&format!("http://{}/access", place.domain())).await;
    chrome.shows("We are looking into your payment").await;
    chrome.look("access-quarantined").await;
    chrome.fits_in_german().await;
    let console = server.console().await;
    for (name, path, words) in [
        ("purchases", "/ada/purchases", "Does not match its order"),
        (
            "person",
            "/ada/people/person?email=bob%40example.com",
            "A payment arrived that does not match its order",
        ),
    ] {
        console.open(&place.console(path)).await;
        console.shows(words).await;
        console.look(&format!("console-{name}-quarantined")).await;
        console.fits_in_german().await;
    }
}
