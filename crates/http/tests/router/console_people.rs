//! The console: people.

mod decisions;
mod grants;
mod list;
mod mails;

use tollgate_domain::{files::FileAccess, payments::DisputeProgress, token::Token};
use tollgate_domain_testing::{Shop, a_page, email};

use crate::{
    console_browser::{APP, Browser},
    sale::Sale,
    site_browser::Window,
    site_files::upload,
    support::{ROOT, TestApp},
};

const BOB: &str = "/ada/people/person?email=bob%40example.com";

async fn bob_buys(app: &TestApp, shop: &Shop) -> Token {
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = app.page(shop, "guide").await;
    app.domain.buy(shop, &guide, &session).await;
    session
}

/// Moves what Bob has to another address.
async fn bob_moves_to(app: &TestApp, shop: &Shop, address: &str) {
    let (moves, from, to) = (&app.domain.moves, email("bob@example.com"), email(address));
    moves.request(&shop.creator, &shop.handle.name, from, to).await.unwrap();
    let token = app.mailed_token(address).await.parse().unwrap();
    moves.confirm(&token).await.unwrap();
}

/// Uploads a file for those on its list.
async fn upload_list_file(app: &TestApp) {
    let token = app.token("ada").await;
    let mut body = String::new();
    for (name, value) in [("slug", "book"), ("access", "ALLOWLIST")] {
        let part =
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.push_str(&part);
    }
    body.push_str(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"book.txt\"\r\n\
         content-type: text/plain\r\n\r\nabc\r\n--b--\r\n",
    );
    let call = app.post(ROOT, "/v2/handles/ada/files").bearer(&token);
    let reply = call.body("multipart/form-data; boundary=b", &body).send().await;
    assert_eq!(reply.status, 201, "{}", reply.body);
}

/// A page without the addresses that its links lead to.
fn without_links(page: &str) -> String {
    let after_link =
        |part: &str| part.split_once('"').map_or_else(String::new, |(_, it)| it.into());
    let mut parts = page.split("href=\"");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + &after_link(part))
}

#[actix_web::test]
async fn addresses_are_shown_with_the_letters_of_their_domains() {
    const SHOWN: &str = "bob@bücher.example";
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let guide = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in(SHOWN).await;
    let bought = app.domain.buy(&shop, &guide, &bob).await;
    app.domain.deliver_mails().await;
    let stored = "bob%40xn--bcher-kva.example";
    for path in [
        "/ada/people".to_owned(),
        format!("/ada/people?q={stored}"),
        format!("/ada/people/person?email={stored}"),
        format!("/ada/people/move?email={stored}"),
        format!("/ada/people/grant?email={stored}"),
        "/ada/purchases".to_owned(),
        "/ada/purchases?email=bob%40b%C3%BCcher.example".to_owned(),
        format!("/ada/purchases/{}/refund", bought.id),
        "/ada/mail".to_owned(),
        format!("/ada/mail?q={stored}"),
    ] {
        let screen = without_links(&ada.get(&path).await.body);
        assert!(screen.contains(SHOWN), "{path}: {screen}");
        assert!(!screen.contains("xn--"), "{path}: {screen}");
    }
    // What a screen shows is taken by its forms.
    let fields = [("email", SHOWN), ("about", "page.guide"), ("do", "link")];
    let sent = ada.submit("/ada/people/person", &fields).await.body;
    assert!(without_links(&sent).contains(SHOWN) && !without_links(&sent).contains("xn--"));

    let window = Window::of(&app, ROOT, &bob);
    let receipt = window.get(&format!("/access/receipts/{}", bought.id)).await.body;
    assert!(receipt.contains(&format!("<bdi>{SHOWN}</bdi>")), "{receipt}");
    let api = format!("/v2/visitor/purchases/{}/receipt", bought.id);
    let json = app.get(ROOT, &api).visitor(&bob).send().await.json();
    assert_eq!(json["payer"], "bob@xn--bcher-kva.example");
    let printed = app.get(ROOT, &api).visitor(&bob).with("accept", "text/html").send().await;
    assert!(printed.body.contains(SHOWN) && !printed.body.contains("xn--"), "{}", printed.body);
}

#[actix_web::test]
async fn buyers_page_explains_their_access_and_what_would_end_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    let purchase = app.domain.store.purchases()[0].id;
    for expected in [
        "<h1><bdi>bob@example.com</bdi></h1>",
        "Can open it",
        "this person has a purchase or gift that counts.",
        "While they are not signed in, they see the teaser",
        "Bought for $12.00",
        "The page was paid for ($12.00)",
        "What would close it",
        "<time datetime=\"2026-01-01T00:00:00Z\">",
        &format!("href=\"/ada/purchases/{purchase}/refund\""),
        "href=\"/ada/pages/guide\"",
    ] {
        assert!(body.contains(expected), "{expected}: {body}");
    }
    assert!(!body.contains("What would open it") && !body.contains("Make the page public"));
    assert_eq!(body.matches("/refund\"").count(), 1, "one button is enough: {body}");
    assert!(body.contains("Refunding the payment, with the button above"), "{body}");
}

#[actix_web::test]
async fn page_of_somebody_who_was_refunded_says_what_would_open_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = bob_buys(&app, &shop).await;
    let (guide, bob) = (app.page(&shop, "guide").await, app.domain.visitor(&session).await);
    app.domain.refund(&shop, &guide, &bob).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    for expected in [
        "Cannot open it",
        "This person bought it, and the payment was refunded, so it is closed.",
        "Stripe accepted a refund ($12.00)",
        ">Refunded</span>",
        "What would open it",
        "href=\"http://ada.tollgate.localhost:8080/guide\"",
        "Make the page free with sign-in",
    ] {
        assert!(body.contains(expected), "{expected}: {body}");
    }
    assert!(
        body.contains("/ada/people/grant?email=bob%40example.com&amp;page=guide")
            || body.contains("/ada/people/grant?email=bob%40example.com&#38;page=guide")
    );
}

#[actix_web::test]
async fn question_of_the_bank_is_beside_the_purchase() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let bought = app.domain.store.purchases().remove(0);
    let link = format!("<a href=\"/ada/purchases/{}/dispute\">", bought.id);
    let ada = Browser::of(&app, "ada").await;
    assert!(!ada.get(BOB).await.body.contains(&link));
    let payment = bought.payment.unwrap().payment_intent;
    app.domain.payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
    app.domain.deliver_webhooks().await;
    let body = ada.get(BOB).await.body;
    assert!(body.contains(&format!("{link}Question or dispute of the bank")), "{body}");
}

#[actix_web::test]
async fn buyer_whose_payment_is_disputed_is_not_to_buy_again() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let bought = app.domain.store.purchases().remove(0);
    let payment = bought.payment.unwrap().payment_intent;
    app.domain.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    app.domain.deliver_webhooks().await;
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    let open = body.split("What would open it").nth(1).unwrap();
    let dispute = format!("href=\"/ada/purchases/{}/dispute\">Winning", bought.id);
    assert!(open.contains(&dispute), "{open}");
    assert!(!open.contains("Buying it") && open.contains("Give access"), "{open}");
    assert!(!body.contains("/refund\""), "a disputed payment is not refunded: {body}");
}

#[actix_web::test]
async fn payment_that_opened_nothing_is_named_with_its_amount_and_its_id_at_stripe() {
    let sale = Sale::new().await;
    let at_stripe = sale.opened().await;
    sale.app.pay_another_amount(&at_stripe).await;
    let ada = Browser::of(&sale.app, "ada").await;
    let body = ada.get(BOB).await.body;
    let told = format!(
        "it opened nothing ($11.00), in Stripe: <code dir=\"ltr\">{}</code>",
        at_stripe.as_str()
    );
    assert!(body.contains(&told), "{told}: {body}");
}

#[actix_web::test]
async fn payment_that_is_on_its_way_is_all_that_happened() {
    let sale = Sale::new().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let about = format!("{BOB}&about=page.guide");
    assert!(ada.get(&about).await.body.contains("Nothing so far."));
    let at_stripe = sale.opened().await;
    sale.app.pay_later(&at_stripe).await;
    let body = ada.get(&about).await.body;
    assert!(
        body.contains("A payment of $12.00 is on its way.") && !body.contains("Nothing so far."),
        "{body}"
    );
}

#[actix_web::test]
async fn pay_page_that_was_not_paid_is_in_the_timeline() {
    let sale = Sale::new().await;
    let at_stripe = sale.opened().await;
    let ada = Browser::of(&sale.app, "ada").await;
    let body = ada.get(BOB).await.body;
    assert!(body.contains("A pay page was opened; it is not paid yet ($12.00)"), "{body}");
    assert!(sale.app.domain.payments.expire(&at_stripe));
    sale.app.domain.deliver_webhooks().await;
    let body = ada.get(BOB).await.body;
    let ended = "A pay page was opened, and ended without payment ($12.00)";
    assert!(body.contains(ended) && !body.contains("not paid yet"), "{body}");
    assert!(ada.get("/ada/people?q=bob%40example.com").await.body.contains(BOB), "it is found");
}

#[actix_web::test]
async fn page_that_nobody_bought_is_asked_about() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("draft").paid(500, "usd")).await;
    let ada = Browser::of(&app, "ada").await;
    let asked = ada.get(&format!("{BOB}&about=page.draft")).await.body;
    assert!(asked.contains("The page is not published, and this person has no purchase"));
    assert!(asked.contains("It is the same while they are not signed in."));
    assert!(asked.contains("value=\"page.draft\" selected"), "{asked}");
    for unknown in ["page.nothing", "file.nothing", "nothing", "page.", "page.%3Cb%3E"] {
        assert_eq!(ada.get(&format!("{BOB}&about={unknown}")).await.status, 404, "{unknown}");
    }
}

#[actix_web::test]
async fn person_on_the_list_of_a_file_is_explained_before_signing_in() {
    let app = TestApp::new();
    app.shop().await;
    upload_list_file(&app).await;
    let ada = Browser::of(&app, "ada").await;
    let about = [("email", "bob@example.com"), ("about", "file.book")];
    let asked = ada.get(&format!("{BOB}&about=file.book")).await.body;
    assert!(asked.contains("and this person is not on it.") && asked.contains("value=\"allow\""));
    let fields = [about[0], about[1], ("do", "allow")];
    let listed = ada.submit("/ada/people/person", &fields).await.body;
    assert!(listed.contains("bob@example.com is on the list now."), "{listed}");
    let body = ada.get(BOB).await.body;
    assert!(body.contains("and this person is on it.") && !body.contains("never been here"));
    assert!(body.contains("The address was put on the file’s list"));
    assert!(body.contains("asked to sign in before they can download it"));
    assert!(body.contains("href=\"/ada/files/book/allowlist\""), "{body}");
    let list = ada.get("/ada/files/book/allowlist").await;
    assert!(list.status == 200 && list.body.contains("bob@example.com"), "{list:?}");
}

/// However many newer files have lists.
#[actix_web::test]
async fn person_is_told_on_which_lists_the_address_is() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..25 {
        let name = format!("book-{number}");
        upload(&app, &shop, &name, FileAccess::Allowlist, None).await;
        app.domain.clock.advance_seconds(1);
    }
    let (oldest, bob) = ("book-0".parse().unwrap(), "bob@example.com".parse().unwrap());
    app.domain.files.allow(&shop.creator, &shop.handle.name, &oldest, bob).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    assert_eq!(body.matches("and this person is on it.").count(), 1, "{body}");
    assert!(body.contains("href=\"/ada/files/book-0/allowlist\""), "{body}");
    assert!(!body.contains("href=\"/ada/files/book-24/allowlist\""), "{body}");
}

#[actix_web::test]
async fn shop_without_pages_is_led_to_write_one() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get("/ada/people/grant").await.body;
    assert!(body.contains("href=\"/ada/pages/new\"") && !body.contains("name=\"email\""), "{body}");
}

#[actix_web::test]
async fn people_are_described_in_german() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let call = app.get(APP, BOB).with("cookie", &ada.cookies()).with("accept-language", "de");
    let body = call.send().await.body;
    assert!(body.contains("Hat Zugang") && body.contains("Gekauft für 12,00\u{a0}$"), "{body}");
    assert!(body.contains("Was es schließen würde") && !body.contains("console-"));
}
