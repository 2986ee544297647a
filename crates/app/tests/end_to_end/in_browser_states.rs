//! Tests of what the buyer's pages look like in Chromium in states that are seldom seen: a change of address, mails that
//! are stopped, nothing on sale, group buys that are over, and what goes wrong on the way to the pay page.

use serde_json::{Value, json};

use crate::support::{Backend, Chrome, PHONE, SCREEN, Server, until_so};

const BOB: &str = "bob@example.com";

/// Signs in where nothing is sold.
async fn sign_in_at_letters(chrome: &Chrome, server: &Server) {
    chrome.sign_in_at(server, "/letters", BOB).await;
    chrome.shows("The first seeds are in").await;
}

/// Calls Ada's part of the interface.
async fn as_ada(server: &Server, path: &str, body: &Value) {
    let ada = server.ada().await;
    let call = server.post(&format!("/v2/handles/ada/{path}")).bearer(&ada.token).json(body);
    let answer = call.send().await;
    assert!(answer.status < 300, "{path}: {answer:?}");
}

#[tokio::test]
async fn pages_about_a_change_of_address_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    let root = format!("http://{}", place.domain());
    as_ada(&server, "pages/guide/grants", &json!({"email": BOB})).await;
    as_ada(&server, "people/move", &json!({"from": BOB, "to": "rob@example.com"})).await;
    sign_in_at_letters(&chrome, &server).await;
    let letter = place.letter("rob@example.com", "Confirm your new address").await;
    chrome.open(&letter.link()).await;
    chrome.shows("Move what you bought").await;
    chrome.look("move").await;
    chrome.fits_in_german().await;
    chrome.press("Move it").await;
    chrome.shows("It has moved").await;
    chrome.look("move-done").await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.shows("opens with that address only").await;
    chrome.look("gate-moved").await;
    chrome.fits_in_german().await;
    chrome.open(&format!("{root}/-/move?token=nonsense")).await;
    chrome.shows("Open the whole link from the mail").await;
    chrome.look("move-invalid").await;
}

#[tokio::test]
async fn pages_about_unwanted_mails_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    as_ada(&server, "pages/guide/grants", &json!({"email": BOB})).await;
    let letter = place.letter(BOB, "access").await;
    let mut lines = letter.text.lines().map(str::trim);
    let link = lines.find(|line| line.contains("/-/no-mails?token=")).unwrap();
    chrome.open(link).await;
    chrome.shows("No more mails from this shop?").await;
    chrome.look("no-mails").await;
    chrome.fits_in_german().await;
    chrome.press("Stop the mails").await;
    chrome.shows("will not write to you any more").await;
    chrome.look("no-mails-done").await;
    chrome.press("Get the mails again").await;
    chrome.shows("can write to you again").await;
    chrome.look("no-mails-taken-back").await;
    chrome.open(&place.url("ada", "/-/no-mails?token=nonsense")).await;
    chrome.shows("Use the link at the end of the mail").await;
    chrome.look("no-mails-invalid").await;
}

#[tokio::test]
async fn pages_of_a_shop_that_cannot_sell_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    let account = server.account(&server.ada().await).await;
    let stopped = json!({"charges_enabled": false});
    place.sandbox().control(&format!("accounts/{account}"), &stopped).await;
    until_so("the gate says that nobody can buy", async || {
        chrome.open(&place.url("ada", "/guide")).await;
        chrome.text().await.contains("the seller cannot take payments")
    })
    .await;
    chrome.look("gate-not-on-sale").await;
    chrome.fits_in_german().await;
    chrome.open(&place.url("ada", "/-/group-buys/together")).await;
    chrome.shows("Paying is not possible yet").await;
    chrome.look("group-buy-not-on-sale").await;
    chrome.fits_in_german().await;
    sign_in_at_letters(&chrome, &server).await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.shows("the seller cannot take payments").await;
    chrome.look("gate-not-on-sale-signed-in").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn pages_of_group_buys_that_are_over_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    let database = &place.database;
    sign_in_at_letters(&chrome, &server).await;
    for slug in ["late", "off"] {
        let group_buy = json!({
            "slug": slug, "title": "The guide, together again", "description": "Once more.",
            "pageSlug": "guide", "price": {"amount": 700, "currency": "usd"}, "targetQuantity": 2,
        });
        as_ada(&server, "group-buys", &group_buy).await;
    }
    for (slug, quantity) in [("together", "5"), ("late", "1"), ("off", "1")] {
        chrome.open(&place.url("ada", &format!("/-/group-buys/{slug}"))).await;
        chrome.fill("How many do you want?", quantity).await;
        chrome.press("Count me in").await;
        chrome.shows(&format!("You have joined with a quantity of {quantity}.")).await;
    }
    as_ada(&server, "group-buys/together/activate", &json!({})).await;
    database
        .execute("UPDATE group_buys SET offer_ends_at = activated_at + 1 WHERE slug = 'together'")
        .await;
    database.execute("UPDATE group_buys SET deadline = created_at + 1 WHERE slug = 'late'").await;
    as_ada(&server, "group-buys/off/cancel", &json!({})).await;
    for (slug, words) in [
        ("together", "the offer has ended"),
        ("late", "the target was not reached in time"),
        ("off", "The seller has called it off"),
    ] {
        chrome.open(&place.url("ada", &format!("/-/group-buys/{slug}"))).await;
        chrome.shows(words).await;
        chrome.look(&format!("group-buy-over-{slug}")).await;
        chrome.fits_in_german().await;
    }
}

#[tokio::test]
async fn pages_about_a_pay_page_that_fails_or_closes_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome, sandbox) = (&server.place, Chrome::new().await, server.place.sandbox());
    sign_in_at_letters(&chrome, &server).await;
    sandbox.control("faults", &json!({"api": {"mode": "500"}})).await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.press("Buy for $12.00").await;
    chrome.shows("The pay page could not be opened").await;
    chrome.look("pay-page-failed").await;
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.press("Buy for $12.00").await;
    chrome.is_at(&sandbox.url).await;
    let orders = "UPDATE checkout_orders SET expires_at = created_at + 1";
    place.database.execute(orders).await;
    chrome.follow("Cancel and go back").await;
    chrome.shows("The pay page is closed").await;
    chrome.look("gate-pay-page-closed").await;
}

#[tokio::test]
async fn page_of_a_payment_that_is_not_confirmed_fits_and_is_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (chrome, sandbox) = (Chrome::new().await, server.place.sandbox());
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.is_at(&sandbox.url).await;
    let unanswered = json!({"api": {"mode": "500", "path": "/v1/checkout/sessions/"}});
    sandbox.control("faults", &unanswered).await;
    chrome.press("Pay").await;
    chrome.shows("We do not know yet what became of the payment").await;
    chrome.look("gate-unconfirmed").await;
}

#[tokio::test]
async fn pages_about_a_debit_that_failed_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.is_at(&place.sandbox().url).await;
    let session = chrome.last_part().await;
    chrome.press("Pay later (bank debit)").await;
    chrome.shows("Your payment is on its way").await;
    let failed = json!({"outcome": "failed"});
    place.sandbox().control(&format!("sessions/{session}/settle"), &failed).await;
    place.letter(BOB, "did not arrive").await;
    chrome.open(&place.url("ada", "/guide")).await;
    chrome.shows("did not arrive: your bank did not carry it out").await;
    chrome.look("gate-failed").await;
    chrome.fits_in_german().await;
    chrome.open(&format!("http://{}/access", place.domain())).await;
    chrome.shows("Your bank did not carry out these payments").await;
    chrome.look("access-failed").await;
    chrome.fits_in_german().await;
}

#[tokio::test]
async fn pages_about_another_receipt_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::new().await);
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.is_at(&place.sandbox().url).await;
    chrome.press("Pay").await;
    chrome.shows("Wash the pots").await;
    chrome.open(&format!("http://{}/access", place.domain())).await;
    chrome.follow("Receipt for The balcony guide").await;
    chrome.press("Mail it to me again").await;
    chrome.shows("The receipt is on its way to bob@example.com").await;
    chrome.look("receipt-sent").await;
    let purchase = chrome.last_part().await;
    let again = format!("/v2/visitor/purchases/{purchase}/receipt/resend");
    let cookie = chrome.cookie("_10x_visitor").await;
    for _ in 0..2 {
        let call = server.post(&again).cookie(&cookie).json(&json!({}));
        assert_eq!(call.send().await.status, 202);
    }
    chrome.press("Mail it to me again").await;
    chrome.shows("Too many mails were asked for").await;
    assert_eq!(chrome.status().await, 429);
    chrome.look("receipt-limited").await;
}

#[tokio::test]
async fn pages_that_refuse_another_mail_fit_and_are_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = Chrome::new().await;
    for _ in 0..3 {
        server.ask_link(BOB).await;
    }
    for (name, page) in [("gate-limited", "/letters"), ("sign-in-limited", "/-/sign-in")] {
        chrome.open(&server.place.url("ada", page)).await;
        chrome.fill("Your e-mail address", BOB).await;
        chrome.press("Continue").await;
        chrome.shows("Too many mails were asked for").await;
        assert_eq!(chrome.status().await, 429, "{page}");
        chrome.look(name).await;
    }
}

/// Leaves the first of each kind of part: a picture of the whole reference is larger than the browser can draw.
const FEW: &str = "
    const others = 'article ~ article, .schema ~ .schema, nav li li ~ li';
    for (const part of document.querySelectorAll(others)) part.remove();";

#[tokio::test]
async fn reference_of_the_interface_fits_and_is_accessible() {
    let server = Server::fresh(Backend::Sqlite).await;
    let chrome = Chrome::new().await;
    chrome.open(&format!("http://{}/docs", server.place.domain())).await;
    chrome.shows("Tollgate API").await;
    for size in [PHONE, SCREEN] {
        chrome.resize(size).await;
        chrome.fits().await;
    }
    chrome.run(FEW).await;
    chrome.look("docs").await;
}

/// Tells of each link to a receipt whether it stands beside the status, or at the beginning of a line.
const RECEIPTS_IN_LINE: &str = "
    return [...document.querySelectorAll('.list .small')].map((link) => {
        const [row, status] = [link.closest('li'), link.closest('li').querySelector('.mark')]
            .map((part) => part.getBoundingClientRect());
        const place = link.getBoundingClientRect();
        if (place.top < status.bottom) return place.left - status.right >= 8;
        return Math.abs(place.left - row.left) < 1;
    });";

#[tokio::test]
async fn link_to_a_receipt_is_in_line_with_its_row() {
    let server = Server::fresh(Backend::Sqlite).await;
    let (place, chrome) = (&server.place, Chrome::phone().await);
    chrome.sign_in_at(&server, "/guide", BOB).await;
    chrome.is_at(&place.sandbox().url).await;
    chrome.press("Pay").await;
    chrome.shows("Wash the pots").await;
    let access = format!("http://{}/access", place.domain());
    chrome.open(&access).await;
    assert_eq!(chrome.run(RECEIPTS_IN_LINE).await, json!([true]));
    let cookie = chrome.cookie("_10x_visitor").await;
    let me = server.get("/v2/visitor/me").cookie(&cookie).send().await.ok();
    as_ada(&server, "pages/guide/refund", &json!({"visitorId": me["id"]})).await;
    chrome.open(&access).await;
    chrome.shows("Refunded").await;
    assert_eq!(chrome.run(RECEIPTS_IN_LINE).await, json!([true]));
}

/// Tells how far the number of a note is from the text on both of its sides at most.
const GAP_AT_NOTE: &str = "
    const number = document.querySelector('.text sup');
    const [before, note, after] = [number.previousSibling, number.firstChild.firstChild, number.nextSibling]
        .map((text) => {
            const range = document.createRange();
            range.selectNodeContents(text);
            return range.getBoundingClientRect();
        });
    return Math.max(note.left - before.right, after.left - note.right);";

#[tokio::test]
async fn number_of_a_note_stands_close_to_the_text() {
    let server = Server::fresh(Backend::Sqlite).await;
    let page = json!({
        "slug": "noted", "title": "Noted", "teaser": "", "accessMode": "PUBLIC", "status": "PUBLISHED",
        "body": "Note[^1].\n\n[^1]: At the foot.\n",
    });
    as_ada(&server, "pages", &page).await;
    let chrome = Chrome::phone().await;
    chrome.open(&server.place.url("ada", "/noted")).await;
    let gap = chrome.run(GAP_AT_NOTE).await.as_f64().unwrap();
    assert!((0.0..2.0).contains(&gap), "{gap}");
}
