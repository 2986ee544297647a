//! The console: people.

mod grants;

use tollgate_domain::{
    creators::Page,
    mail::{MailReport, Stop},
    payments::DisputeProgress,
    token::Token,
};
use tollgate_domain_testing::{Shop, a_page, email};

use crate::{
    console_browser::{APP, Browser},
    site_browser::Window,
    support::{ROOT, TestApp},
};

const BOB: &str = "/ada/people/person?email=bob%40example.com";

async fn page(app: &TestApp, shop: &Shop, slug: &str) -> Page {
    let slug = slug.parse().unwrap();
    app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap().1
}

async fn bob_buys(app: &TestApp, shop: &Shop) -> Token {
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = page(app, shop, "guide").await;
    app.domain.buy(shop, &guide, &session).await;
    session
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
    let guide = page(&app, &shop, "guide").await;
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
async fn list_teaches_while_nobody_has_been_here() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/people").await.body;
    assert!(list.contains("<div class=\"empty\">") && list.contains("href=\"/ada/people/grant\""));
    assert!(!list.contains("<table") && !list.contains("type=\"search\""));
}

#[actix_web::test]
async fn list_names_people_with_their_relations_and_is_searched_by_address() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let guide = page(&app, &shop, "guide").await;
    app.domain.give(&shop, &guide, "carol@example.com").await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/people").await.body;
    assert!(list.contains(&format!("<a href=\"{BOB}\"><bdi>bob@example.com</bdi></a>")), "{list}");
    assert!(list.contains("bought a page or was given one") && list.contains("carol@example.com"));
    let bob = ada.get("/ada/people?q=BO").await.body;
    assert!(bob.contains("bob@example.com") && !bob.contains("carol@example.com"));
    assert!(bob.contains("value=\"BO\"") && bob.contains("href=\"/ada/people\">Show everybody"));
    let hidden = ada.get("/ada/people?q=bo%E2%80%8Bb").await.body;
    assert!(hidden.contains("bob@example.com"), "{hidden}");
    let whole = ada.get("/ada/people?q=%20Bob%40Example.com").await.body;
    assert!(whole.contains(BOB) && !whole.contains("never been here"), "{whole}");
    assert!(ada.get("/ada/people?q=zz").await.body.contains("Nobody here has an address"));
}

#[actix_web::test]
async fn search_finds_who_has_only_begun_to_pay_or_was_sent_a_mail() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = page(&app, &shop, "guide").await;
    let started = app.domain.start(&shop, &guide, &session).await.unwrap();
    let pay = app.domain.payments.session_at(&started.url).unwrap();
    app.domain.payments.pay_later(&pay).unwrap();
    app.domain.deliver_webhooks().await;
    let ada = Browser::of(&app, "ada").await;
    let link = [("email", "carol@example.com"), ("do", "link"), ("about", "")];
    assert_eq!(ada.post("/ada/people/person", &link).await.status, 303);
    for (query, address) in [
        ("bo", "bob@example.com"),
        ("bob%40example.com", "bob@example.com"),
        ("carol%40example.com", "carol@example.com"),
    ] {
        let found = ada.get(&format!("/ada/people?q={query}")).await.body;
        assert!(found.contains(&format!("<bdi>{address}</bdi></a>")), "{query}: {found}");
        assert!(found.contains("a payment or a mail is known"), "{query}: {found}");
        assert!(!found.contains("never been here"), "{query}: {found}");
    }
    assert!(ada.get("/ada/people?q=dan%40example.com").await.body.contains("never been here"));
    let all = ada.get("/ada/people?q=a").await.body;
    assert!(!all.contains("ada@creators.example</bdi></a>"), "mails to the creator are no people");
}

#[actix_web::test]
async fn list_leads_to_older_people() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = page(&app, &shop, "guide").await;
    for name in ["bob", "bea", "carol"] {
        app.domain.give(&shop, &guide, &format!("{name}@example.com")).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let mut path = "/ada/people?q=b&limit=1".to_owned();
    let mut seen = String::new();
    for _ in 0..2 {
        let body = ada.get(&path).await.body;
        seen.push_str(&body);
        let Some((_, rest)) = body.split_once("class=\"pager\"><a href=\"") else { break };
        path = rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
        assert!(path.starts_with("/ada/people?q=b&cursor="), "{path}");
    }
    assert!(seen.contains("bob@example.com") && seen.contains("bea@example.com"));
    assert!(!seen.contains("carol@example.com"));
}

#[actix_web::test]
async fn unknown_address_has_never_been_here_and_can_be_given_access() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let grant = "href=\"/ada/people/grant?email=eve%2Bnews%40example.com\"";
    let list = ada.get("/ada/people?q=Eve%2Bnews%40example.com").await.body;
    assert!(list.contains("eve+news@example.com has never been here.") && list.contains(grant));
    let person = ada.get("/ada/people/person?email=eve%2Bnews%40example.com").await.body;
    assert!(person.contains("eve+news@example.com has never been here."), "{person}");
    assert!(person.contains(grant) && !person.contains("value=\"link\""));
    // Somebody who has to do with another shop only is a stranger, too.
    app.domain.sign_in("bob@example.com").await;
    assert!(ada.get(BOB).await.body.contains("never been here"));
}

#[actix_web::test]
async fn what_is_no_address_is_searched_for() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let reply = ada.get("/ada/people/person?email=bo%22b").await;
    assert_eq!(reply.header("location"), "/ada/people?q=bo%22b");
    assert_eq!(ada.get("/ada/people/person").await.header("location"), "/ada/people");
    assert_eq!(ada.get("/ada/people/move?email=x").await.header("location"), "/ada/people");
    assert_eq!(ada.get("/ada/people/bob@example.com").await.header("location"), BOB);
    assert_eq!(ada.get("/ada/people/nobody").await.status, 404);
    let long = ada.get(&format!("/ada/people?q={}", "a".repeat(300))).await;
    assert_eq!(long.status, 422);
    assert!(long.body.contains("id=\"q-error\">Please use at most 254 characters."));
    let hostile = ada.get("/ada/people?q=%3Cscript%3E%E2%80%AE").await;
    assert!(hostile.status == 200 && !hostile.body.contains("<script>"));
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
    let (guide, bob) = (page(&app, &shop, "guide").await, app.domain.visitor(&session).await);
    app.domain.refund(&shop, &guide, &bob).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    for expected in [
        "Cannot open it",
        "this person has no purchase or gift that counts.",
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
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = page(&app, &shop, "guide").await;
    let started = app.domain.start(&shop, &guide, &session).await.unwrap();
    let at_stripe = app.domain.payments.session_at(&started.url).unwrap();
    app.domain.payments.pay(&at_stripe).unwrap();
    app.domain.payments.tamper(&at_stripe, |state| state.amount = 1_100);
    app.domain.deliver_webhooks().await;
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    let told = format!(
        "it opened nothing ($11.00), in Stripe: <code dir=\"ltr\">{}</code>",
        at_stripe.as_str()
    );
    assert!(body.contains(&told), "{told}: {body}");
}

#[actix_web::test]
async fn payment_that_is_on_its_way_is_all_that_happened() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let ada = Browser::of(&app, "ada").await;
    let about = format!("{BOB}&about=page.guide");
    assert!(ada.get(&about).await.body.contains("Nothing so far."));
    let guide = page(&app, &shop, "guide").await;
    let started = app.domain.start(&shop, &guide, &session).await.unwrap();
    let at_stripe = app.domain.payments.session_at(&started.url).unwrap();
    app.domain.payments.pay_later(&at_stripe).unwrap();
    app.domain.deliver_webhooks().await;
    let body = ada.get(&about).await.body;
    assert!(
        body.contains("A payment of $12.00 is on its way.") && !body.contains("Nothing so far."),
        "{body}"
    );
}

#[actix_web::test]
async fn pay_page_that_was_not_paid_is_in_the_timeline() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let guide = page(&app, &shop, "guide").await;
    let started = app.domain.start(&shop, &guide, &session).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get(BOB).await.body;
    assert!(body.contains("A pay page was opened; it is not paid yet ($12.00)"), "{body}");
    let at_stripe = app.domain.payments.session_at(&started.url).unwrap();
    assert!(app.domain.payments.expire(&at_stripe));
    app.domain.deliver_webhooks().await;
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

#[actix_web::test]
async fn shop_without_pages_is_led_to_write_one() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let body = ada.get("/ada/people/grant").await.body;
    assert!(body.contains("href=\"/ada/pages/new\"") && !body.contains("name=\"email\""), "{body}");
}

#[actix_web::test]
async fn creator_whose_address_is_not_proved_mails_nobody() {
    let app = TestApp::new();
    let new = Browser::new(&app);
    let login = [("email", "new@creators.example"), ("password", "correct horse")];
    new.submit("/sign-up", &login).await;
    new.submit("/new-handle", &[("handle", "new"), ("name", "Shop")]).await;
    let token = app.token("new").await;
    let page = serde_json::json!({
        "slug": "guide", "title": "Guide", "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    let call = app.post(ROOT, "/v2/handles/new/pages").bearer(&token);
    assert_eq!(call.json(&page).send().await.status, 201);
    for (path, fields) in [
        ("/new/people/grant", [("email", "bob@example.com"), ("page", "guide")]),
        ("/new/people/person", [("email", "bob@example.com"), ("do", "link")]),
        ("/new/people/move", [("from", "bob@example.com"), ("to", "rob@example.com")]),
    ] {
        let reply = new.post(path, &fields).await;
        assert_eq!(reply.status, 422, "{path}");
        assert!(reply.body.contains("Please confirm your e-mail address first."), "{path}");
        assert!(reply.body.contains("action=\"/verify-email/resend?tab=new\""), "{path}");
    }
    app.domain.work().await;
    let told = app.domain.mailer.sent();
    assert!(told.iter().all(|mail| mail.to.as_str() == "new@creators.example"));
}

#[actix_web::test]
async fn receipt_and_sign_in_link_are_mailed_again() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let purchase = app.domain.store.purchases()[0].id.to_string();
    let before = app.domain.mails_to("bob@example.com").await.len();
    let (email, about) = (("email", "bob@example.com"), ("about", "page.guide"));
    let fields = [email, ("do", "receipt"), ("purchase", &*purchase)];
    let told = ada.submit("/ada/people/person", &fields).await.body;
    assert!(told.contains("The receipt is on its way to bob@example.com."));
    let told = ada.submit("/ada/people/person", &[email, about, ("do", "link")]).await.body;
    assert!(told.contains("A sign-in link is on its way to bob@example.com."), "{told}");
    let kinds = app.domain.mails_to("bob@example.com").await;
    assert_eq!(kinds[before..], ["magic_link", "receipt"], "the link is urgent");
    let (token, _) = app.domain.link_mailed_to("bob@example.com");
    let preview = app.domain.sign_in.preview(&token, None).await.unwrap();
    let place = preview.return_to.unwrap();
    assert_eq!(place.as_str(), "http://ada.tollgate.localhost:8080/guide");
    for unknown in ["pur_01j9z3k5v7w8x9y0z1a2b3c4d5", "x", ""] {
        let fields = [email, ("do", "receipt"), ("purchase", unknown)];
        assert_eq!(ada.post("/ada/people/person", &fields).await.status, 404, "{unknown}");
    }
}

#[actix_web::test]
async fn too_many_links_are_refused_on_the_persons_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("email", "bob@example.com"), ("do", "link")];
    for _ in 0..2 {
        ada.submit("/ada/people/person", &fields).await;
    }
    let reply = ada.post("/ada/people/person", &fields).await;
    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(
        reply.body.contains("That was a bit much at once.")
            && reply.body.contains("bob@example.com")
    );
}

#[actix_web::test]
async fn change_of_address_is_asked_for_and_confirmed_by_the_new_one() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let form = ada.get("/ada/people/move?email=bob%40example.com").await.body;
    assert!(form.contains("7 days") && form.contains("Then we tell both addresses."), "{form}");
    for (to, told) in [
        ("", "Please fill this in."),
        ("rob", "This is not an e-mail address."),
        ("Bob@example.com", "This is the address that they have already."),
    ] {
        let fields = [("from", "bob@example.com"), ("to", to)];
        let reply = ada.post("/ada/people/move", &fields).await;
        assert_eq!(reply.status, 422, "{to}");
        assert!(reply.body.contains(&format!("id=\"to-error\">{told}")), "{to}: {}", reply.body);
        assert!(reply.body.contains("name=\"from\" value=\"bob@example.com\""));
    }
    let fields = [("from", "bob@example.com"), ("to", "rob@example.com")];
    let reply = ada.post("/ada/people/move", &fields).await;
    assert_eq!(reply.header("location"), BOB);
    assert!(ada.follow(reply).await.body.contains("A link is on its way to rob@example.com."));
    assert_eq!(app.domain.mails_to("rob@example.com").await, ["confirm_move"]);
    assert!(ada.get(BOB).await.body.contains("Bought for $12.00"), "nothing has moved yet");

    let rob = "/ada/people/person?email=rob%40example.com";
    for (at, words, other) in [
        (BOB, "Until then nothing moves from here to", "rob"),
        (rob, "Until then nothing comes here from", "bob"),
    ] {
        let screen = ada.get(at).await.body;
        let link = format!("<a href=\"/ada/people/person?email={other}%40example.com\">");
        assert!(screen.contains(&format!("{words} {link}")), "{screen}");
        assert!(screen.contains("You asked for it: <time"), "{screen}");
        assert!(screen.contains("Its link ends: <time"), "{screen}");
    }

    let link = app.domain.mailer.sent().into_iter().rev().find_map(|mail| match mail.content {
        tollgate_domain::mail::MailContent::ConfirmMove { link, .. } => Some(link.0),
        _ => None,
    });
    let token = link.unwrap().split_once("token=").unwrap().1.parse().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
    let rob = ada.get("/ada/people/person?email=rob%40example.com").await.body;
    assert!(rob.contains("What was bought moved here from bob@example.com"), "{rob}");
    assert!(rob.contains("Bought for $12.00") && rob.contains("Can open it"));
    assert!(rob.contains("Purchases came here from <a href=\"/ada/people/person?email=bob"));
    let bob = ada.get(BOB).await.body;
    assert!(
        bob.contains("Purchases went from here to <a href=\"/ada/people/person?email=rob"),
        "{bob}"
    );
    assert!(bob.contains("What was bought moved from here to rob@example.com"), "{bob}");
    assert!(!bob.contains("Its link ends:"), "{bob}");
    assert!(!bob.contains("has not signed in to this shop yet"), "{bob}");

    let token = app.token("ada").await;
    let explain = "/v2/handles/ada/explain?email=rob%40example.com&page=guide";
    let explained = app.get(ROOT, explain).bearer(&token).send().await.json();
    let moved = &explained["moves"][0];
    assert_eq!(moved["from"], "bob@example.com", "{explained}");
    assert_eq!(moved["to"], "rob@example.com");
    assert!(moved["at"].is_string());
}

#[actix_web::test]
async fn person_who_stopped_the_mails_is_marked() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let words = "This person wants no more mails that you cause";
    assert!(!ada.get(BOB).await.body.contains(words));
    let stop = Stop { handle: shop.handle.id, email: email("bob@example.com") };
    app.domain.stop_mails.stop(&stop).await.unwrap();
    let bob = ada.get(BOB).await.body;
    assert!(bob.contains(words) && bob.contains("Sign-in links, receipts"), "{bob}");
    app.domain.stop_mails.take_back(&stop).await.unwrap();
    assert!(!ada.get(BOB).await.body.contains(words));
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

#[actix_web::test]
async fn address_that_mails_come_back_from_is_named_to_who_mailed_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = page(&app, &shop, "guide").await;
    let reported = [MailReport::Bounced(email("bob@example.com"))];
    app.domain.mail_reports.take(&reported).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let complete_return = "Mails to this address come back.";
    assert!(!ada.get(BOB).await.body.contains(complete_return), "another creator\u{2019}s mail");
    app.domain.give(&shop, &guide, "bob@example.com").await;
    app.domain.deliver_mails().await;
    assert!(!ada.get(BOB).await.body.contains(complete_return));
    let mails = ada.get("/ada/mail").await.body;
    assert!(mails.contains("This was not sent: a mail to this address came back"), "{mails}");

    app.domain.sign_in("bob@example.com").await;
    let second = app.domain.page(&shop, a_page().slug("second").paid(900, "usd").published()).await;
    app.domain.give(&shop, &second, "bob@example.com").await;
    app.domain.deliver_mails().await;
    app.domain.mail_reports.take(&reported).await.unwrap();
    let shown = ada.get(BOB).await.body;
    assert!(shown.contains(complete_return), "{shown}");
}
