//! Tests of a creator's path through the console in Chromium: from signing up to the first sale, its refund, and
//! a group buy.

use crate::support::{Backend, Chrome, Device, Server};

on_each_database!(
    creator_gets_from_signing_up_to_a_group_buy,
    creator_gets_there_on_a_phone_without_scripts,
);

const CAROL: &str = "carol@example.com";
const BOB: &str = "bob@example.com";
/// The content behind the gate.
const BREAD: &str = "Wait for a day";

async fn creator_gets_from_signing_up_to_a_group_buy(backend: Backend) {
    creator_and_buyer_get_there(backend, Device::DESK, Device::PHONE).await;
}

async fn creator_gets_there_on_a_phone_without_scripts(backend: Backend) {
    let device = Device::PHONE_WITHOUT_SCRIPTS;
    creator_and_buyer_get_there(backend, device, device).await;
}

// Which database it is makes no difference to screens and scripts.
#[tokio::test]
async fn creator_gets_there_on_a_phone() {
    creator_and_buyer_get_there(Backend::Sqlite, Device::PHONE, Device::DESK).await;
}

#[tokio::test]
async fn creator_gets_there_on_a_desk_without_scripts() {
    let device = Device::DESK_WITHOUT_SCRIPTS;
    creator_and_buyer_get_there(Backend::Sqlite, device, device).await;
}

async fn creator_and_buyer_get_there(backend: Backend, creators: Device, buyers: Device) {
    let server = Server::fresh(backend).await;
    let (carol, bob) = (creators.open().await.counting(), buyers.open().await.counting());
    let page = server.place.url("carol", "/sourdough-bread");
    sign_up(&server, &carol).await;
    write(&server, &carol).await;
    // Who goes straight on shows how much it takes.
    let is_straight = creators.runs_scripts();
    connect(&server, &carol, is_straight).await;
    if is_straight {
        carol.write_effort(&format!("creator-{}", creators.width()));
    }
    look_at_own_page(&server, &carol).await;
    buy(&server, &bob, &page).await;
    if is_straight {
        bob.write_effort(&format!("buyer-{}", buyers.width()));
    }
    refund(&carol, &bob, &page).await;
    offer(&server, &carol).await;
    join(&server, &bob).await;
    activate(&server, &carol, &bob).await;
    count_up(&server, &carol).await;
    carol.is_quiet().await;
    bob.is_quiet().await;
}

async fn sign_up(server: &Server, carol: &Chrome) {
    carol.open(&server.place.console("/")).await;
    carol.follow("Create an account").await;
    carol.fill("Your name (optional)", "Carol").await;
    carol.fill("E-mail address", CAROL).await;
    carol.fill("Password", "correct horse").await;
    carol.press("Create the account").await;
    carol.shows("We mailed a link to carol@example.com").await;
    carol.fill("Name of the shop", "Carol’s kitchen").await;
    carol.fill("Handle", "carol").await;
    carol.press("Create the shop").await;
    carol.shows("Carol’s kitchen has its address").await;
    carol.shows("Please confirm your address").await;
    carol.fits().await;
    carol.open(&server.place.letter(CAROL, "Confirm").await.link()).await;
    carol.press("Confirm the address").await;
    carol.shows("carol@example.com is confirmed").await;
    carol.lacks("Please confirm your address").await;
}

async fn write(server: &Server, carol: &Chrome) {
    carol.follow("Write a page").await;
    carol.fill("Title", "Sourdough bread").await;
    carol.fill("Teaser (optional)", "Flour, water, salt, and **patience**.").await;
    carol.fill("Text", &format!("## The first day\n\n{BREAD}.")).await;
    carol.choose("Paid").await;
    carol.fill("Price", "7,50").await;
    carol.pick("Currency", "EUR").await;
    carol.press("Publish").await;
    let page = server.place.url("carol", "/sourdough-bread");
    carol.shows(&format!("Published: {page}")).await;
    carol.shows("Buyers pay €7.50").await;
    carol.shows("Buyers cannot pay at the moment").await;
    carol.fits().await;
}

async fn connect(server: &Server, carol: &Chrome, is_straight: bool) {
    carol.follow("Revenue").await;
    carol.shows("Not connected").await;
    carol.press("Connect Stripe").await;
    carol.is_at(&server.place.sandbox().url).await;
    if !is_straight {
        carol.press("Leave unfinished").await;
        carol.shows("More is needed").await;
        carol.press("Go on at Stripe").await;
    }
    carol.press("Connect with test data").await;
    carol.shows("Stripe is connected. Visitors can buy now.").await;
}

async fn look_at_own_page(server: &Server, carol: &Chrome) {
    carol.shows("Make a test purchase").await;
    carol.fits().await;
    carol.follow("Open your page as a buyer").await;
    carol.is_at(&server.place.url("carol", "/sourdough-bread")).await;
    carol.shows("€7.50").await;
    carol.open(&server.place.console("/")).await;
}

async fn buy(server: &Server, bob: &Chrome, page: &str) {
    bob.open(page).await;
    bob.shows("patience").await;
    bob.lacks(BREAD).await;
    bob.ask_for_mail(BOB).await;
    bob.open(&server.place.link_letter(BOB, 1).await.link()).await;
    bob.press("Continue as b•••@example.com").await;
    bob.is_at(&server.place.sandbox().url).await;
    bob.press("Pay").await;
    bob.shows("Paid €7.50. Receipt sent to bob@example.com.").await;
    bob.shows(BREAD).await;
}

async fn refund(carol: &Chrome, bob: &Chrome, page: &str) {
    carol.follow("Purchases").await;
    carol.shows("bob@example.com").await;
    carol.fits().await;
    carol.follow("Refund of bob@example.com for Sourdough bread").await;
    carol.shows("Refund €7.50?").await;
    carol.shows("Access to “Sourdough bread” ends now").await;
    carol.fill("Reason (optional)", "As agreed").await;
    carol.press("Refund now").await;
    carol.shows("Refunded: €7.50, bob@example.com").await;
    carol.fits().await;
    bob.open(page).await;
    bob.shows("Your payment was refunded").await;
    bob.lacks(BREAD).await;
}

async fn offer(server: &Server, carol: &Chrome) {
    carol.follow("Group buys").await;
    carol.follow("New group buy").await;
    carol.fill("Title", "Bread together").await;
    carol.pick("Page", "Sourdough bread – €7.50").await;
    carol.fill("Group price", "5").await;
    carol.fill("Target", "2").await;
    carol.press("Create the group buy").await;
    carol.shows("Bread together is open. Send people its address.").await;
    carol.shows("2 more are needed").await;
    carol.shows(&server.place.url("carol", "/-/group-buys/bread-together")).await;
    carol.fits().await;
    carol.follow("Activate…").await;
    carol.shows("You cannot activate it yet: 2 more are needed.").await;
    carol.follow("Cancel").await;
}

async fn join(server: &Server, bob: &Chrome) {
    bob.open(&server.place.url("carol", "/-/group-buys/bread-together")).await;
    bob.fill("How many do you want?", "2").await;
    bob.press("Count me in").await;
    bob.shows("2 of 2 joined").await;
}

async fn activate(server: &Server, carol: &Chrome, bob: &Chrome) {
    carol.reload().await;
    carol.shows("Quantity wanted: 2, target: 2").await;
    carol.follow("Activate…").await;
    carol.shows("It mails one person the way to pay.").await;
    carol.shows("It freezes the price and the list").await;
    carol.fits().await;
    carol.press("Activate and mail one person").await;
    carol.shows("The offer is activated. The mails are on their way.").await;
    bob.open(&server.place.letter(BOB, "your group price").await.link()).await;
    bob.press("Buy for €5.00").await;
    bob.is_at(&server.place.sandbox().url).await;
    bob.press("Pay").await;
    bob.shows("Paid €5.00. Receipt sent to bob@example.com.").await;
    bob.shows(BREAD).await;
}

async fn count_up(server: &Server, carol: &Chrome) {
    carol.reload().await;
    carol.shows("One person, €5.00 in all").await;
    carol.follow("bob@example.com").await;
    carol.shows("Can open it").await;
    carol.shows("Bought in a group buy for €5.00").await;
    carol.fits().await;
    carol.follow("Mails to this address").await;
    carol.shows("Group buy: the offer").await;
    carol.fits().await;
    carol.follow("Revenue").await;
    carol.shows("€12.50").await;
    carol.fits().await;
    carol.follow("Start").await;
    carol.shows("Your shop is open").await;
    carol.press("Your account: carol@example.com").await;
    carol.press("Sign out").await;
    carol.shows("You are signed out.").await;
    carol.open(&server.place.console("/carol/people")).await;
    carol.shows("Forgotten your password?").await;
}
