//! Mails to a person, a change of address by a mail among them.

use tollgate_domain::{
    mail::{MailReport, Stop},
    moves::ConfirmMoveError,
    token::Token,
};
use tollgate_domain_testing::{a_page, email};

use super::{BOB, bob_buys, bob_moves_to};
use crate::{
    console_browser::{APP, Browser},
    console_pages::hidden,
    support::{ROOT, TestApp},
};

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
    assert_eq!(kinds[before..], ["seller_link", "receipt"], "the link is urgent");
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
async fn receipt_of_what_moved_to_another_address_is_not_mailed_from_the_old_one() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let purchase = app.domain.store.purchases()[0].id.to_string();
    bob_moves_to(&app, &shop, "rob@example.com").await;
    let fields = [("email", "bob@example.com"), ("do", "receipt"), ("purchase", &*purchase)];
    let told = ada.submit("/ada/people/person", &fields).await.body;
    let words = "Nothing was done: this moved to rob@example.com with a change of address.";
    assert!(told.contains(words) && !told.contains("is on its way"), "{told}");
    ada.post("/ada/people/person", &fields).await;
    let german = ada.get_in_german(BOB).await.body;
    let words = "Das wurde mit einem Wechsel der Adresse auf rob@example.com übertragen.";
    assert!(german.contains(words), "{german}");
    assert!(!app.domain.mails_to("rob@example.com").await.contains(&"receipt"));
}

#[actix_web::test]
async fn too_many_links_are_refused_on_the_persons_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("email", "bob@example.com"), ("do", "link")];
    for _ in 0..3 {
        assert_eq!(ada.post("/ada/people/person", &fields).await.status, 303);
    }
    let reply = ada.post("/ada/people/person", &fields).await;
    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").parse::<u64>().unwrap() > 60);
    assert!(reply.body.contains("bob@example.com"));
    assert!(reply.body.contains("This is as much as a day allows"), "{}", reply.body);
    assert!(reply.body.contains("This was not done"), "{}", reply.body);
    assert!(!reply.body.contains("Please look at this again"), "nothing was typed");
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

    let token = app.mailed_token("rob@example.com").await.parse().unwrap();
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
async fn change_of_address_that_waits_is_named_and_called_off() {
    const WAITS: &str = "waits until it is confirmed. If you name another address now";
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let (form, rob) =
        ("/ada/people/move?email=bob%40example.com", "/ada/people/person?email=rob%40example.com");
    assert!(!ada.get(form).await.body.contains(WAITS));
    for (email, screen) in [("bob@example.com", BOB), ("rob@example.com", rob)] {
        let ask = [("from", "bob@example.com"), ("to", "rob@example.com")];
        ada.submit("/ada/people/move", &ask).await;
        let token = app.mailed_token("rob@example.com").await.parse().unwrap();
        let named = ada.get(form).await.body;
        assert!(named.contains(WAITS) && named.contains("rob@example.com"), "{named}");
        let from_rob = ada.get("/ada/people/move?email=rob%40example.com").await.body;
        assert!(!from_rob.contains(WAITS), "it replaces none from there: {from_rob}");
        let shown = ada.get(screen).await.body;
        assert!(shown.contains("name=\"from\" value=\"bob@example.com\""), "{shown}");
        assert!(shown.contains("name=\"to\" value=\"rob@example.com\""), "{shown}");
        assert!(shown.contains("name=\"do\" value=\"call-off\">Call it off"), "{shown}");
        let (from, to) = (("from", "bob@example.com"), ("to", "rob@example.com"));
        let fields = [("email", email), from, to, ("do", "call-off")];
        let reply = ada.post("/ada/people/person", &fields).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, screen));
        let told = ada.follow(reply).await.body;
        let is_told = told.contains("The change of address to rob@example.com is called off.");
        assert!(is_told && !told.contains("Call it off"), "{told}");
        let refused = app.domain.moves.confirm(&token).await;
        assert!(matches!(refused, Err(ConfirmMoveError::Ended)), "{refused:?}");
        // A second press refuses nothing.
        let again = ada.submit("/ada/people/person", &fields).await.body;
        let is_told = again.contains("No change of bob@example.com to another address waits any");
        assert!(is_told && !again.contains("role=\"alert\""), "{again}");
    }
    assert!(!ada.get(form).await.body.contains(WAITS));
    for (from, to) in [("x", "rob@example.com"), ("bob@example.com", "x")] {
        let named = [("from", from), ("to", to)];
        let fields = [&[("email", "bob@example.com"), ("do", "call-off")][..], &named].concat();
        let told = ada.submit("/ada/people/person", &fields).await.body;
        let nothing = "No change of bob@example.com to another address waits any more";
        assert!(told.contains("role=\"alert\"") && told.contains(nothing), "{from} {to}: {told}");
    }
}

#[actix_web::test]
async fn button_that_names_no_change_of_address_shows_the_one_that_waits() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let from = ("from", "bob@example.com");
    ada.submit("/ada/people/move", &[from, ("to", "rob@example.com")]).await;
    let fields = [("email", "bob@example.com"), from, ("do", "call-off")];
    let refused = ada.post("/ada/people/person", &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    for told in ["This was changed in the meantime.", "name=\"to\" value=\"rob@example.com\""] {
        assert!(refused.body.contains(told), "{told}: {}", refused.body);
    }
    let token = app.mailed_token("rob@example.com").await.parse().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
    // There is no button to press again any more.
    let reply = ada.post("/ada/people/person", &fields).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, BOB));
    let told = ada.follow(reply).await.body;
    let nothing = "No change of bob@example.com to another address waits any more";
    assert!(told.contains("role=\"alert\"") && told.contains(nothing), "{told}");
    let named = [&fields[..], &[("to", "rob@example.com")]].concat();
    let told = ada.submit("/ada/people/person", &named).await.body;
    let confirmed = "the change was confirmed before, and everything has moved to rob@example.com.";
    assert!(told.contains("role=\"alert\"") && told.contains(confirmed), "{told}");
}

#[actix_web::test]
async fn button_of_an_old_screen_calls_off_no_newer_change_of_address() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let from = ("from", "bob@example.com");
    for to in ["rob@exmaple.com", "rob@example.com"] {
        ada.submit("/ada/people/move", &[from, ("to", to), ("replaces", "rob@exmaple.com")]).await;
    }
    let old = [("email", "bob@example.com"), from, ("to", "rob@exmaple.com"), ("do", "call-off")];
    for (language, told) in [
        ("en", "One to rob@example.com waits now, and goes on to wait."),
        ("de", "Jetzt wartet einer zu rob@example.com, und dabei bleibt es."),
    ] {
        let refused = ada.post("/ada/people/person", &old).await;
        assert_eq!((refused.status.as_u16(), refused.header("location")), (303, BOB));
        let screen = app.get(APP, BOB).with("cookie", &ada.cookies());
        let screen = screen.with("accept-language", language).send().await.body;
        assert!(screen.contains("role=\"alert\"") && screen.contains(told), "{screen}");
        assert!(screen.contains("name=\"to\" value=\"rob@example.com\""), "{screen}");
    }
    let token = app.mailed_token("rob@example.com").await.parse().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
}

#[actix_web::test]
async fn change_of_address_replaces_none_that_its_screen_did_not_name() {
    let app = TestApp::new();
    let shop = app.shop().await;
    bob_buys(&app, &shop).await;
    let ada = Browser::of(&app, "ada").await;
    let from = ("from", "bob@example.com");
    ada.submit("/ada/people/move", &[from, ("to", "rob@example.com")]).await;
    let waits: Token = app.mailed_token("rob@example.com").await.parse().unwrap();
    // The same form that is sent several times asks for the same, and mails once.
    for _ in 0..4 {
        let again = ada.submit("/ada/people/move", &[from, ("to", "rob@example.com")]).await.body;
        assert!(again.contains("A link is on its way to rob@example.com."), "{again}");
    }
    assert_eq!(app.domain.mails_to("rob@example.com").await, ["confirm_move"]);
    let old = ada.post("/ada/people/move", &[from, ("to", "roy@example.com")]).await;
    assert_eq!(old.status, 409, "{}", old.body);
    let named = "A change to rob@example.com waits until it is confirmed.";
    assert!(old.body.contains(named) && old.body.contains("value=\"roy@example.com\""), "{old:?}");
    app.domain.moves.preview(&waits).await.unwrap();
    assert!(app.domain.mails_to("roy@example.com").await.is_empty());
    let replaced = [from, ("to", "roy@example.com"), ("replaces", hidden(&old, "replaces"))];
    let done = ada.submit("/ada/people/move", &replaced).await.body;
    assert!(done.contains("A link is on its way to roy@example.com."), "{done}");
    let ended = app.domain.moves.preview(&waits).await;
    assert!(matches!(ended, Err(ConfirmMoveError::Ended)), "{ended:?}");
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
    assert!(bob.contains(words) && bob.contains("Sign-in links that they ask for"), "{bob}");
    let fields = [("email", "bob@example.com"), ("do", "link")];
    let refused = ada.post("/ada/people/person", &fields).await;
    assert_eq!(refused.status, 422);
    let told = "This person asked for no more mails from you, so none was sent.";
    assert!(refused.body.contains(told), "{}", refused.body);
    app.domain.stop_mails.take_back(&stop).await.unwrap();
    assert!(!ada.get(BOB).await.body.contains(words));
}

#[actix_web::test]
async fn address_that_mails_come_back_from_is_named_to_who_mailed_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    let reported = [MailReport::Bounced(email("bob@example.com"))];
    app.domain.mail_reports.take(&reported).await.unwrap();
    let ada = Browser::of(&app, "ada").await;
    let complete_return = "Mails to this address come back.";
    assert!(!ada.get(BOB).await.body.contains(complete_return), "another creator\u{2019}s mail");
    app.domain.give(&shop, &guide, "bob@example.com").await;
    app.domain.deliver_mails().await;
    assert!(!ada.get(BOB).await.body.contains(complete_return));
    let mails = ada.get("/ada/mail").await.body;
    let told = "This was not sent: a mail to this address came back";
    assert!(mails.contains("The mail could not be delivered.") && !mails.contains(told));

    app.domain.sign_in("bob@example.com").await;
    let second = app.domain.page(&shop, a_page().slug("second").paid(900, "usd").published()).await;
    app.domain.give(&shop, &second, "bob@example.com").await;
    app.domain.deliver_mails().await;
    app.domain.mail_reports.take(&reported).await.unwrap();
    let shown = ada.get(BOB).await.body;
    assert!(shown.contains(complete_return), "{shown}");
    let third = app.domain.page(&shop, a_page().slug("third").paid(900, "usd").published()).await;
    app.domain.give(&shop, &third, "bob@example.com").await;
    app.domain.deliver_mails().await;
    let mails = ada.get("/ada/mail").await.body;
    assert!(mails.contains(told), "{mails}");
}

#[actix_web::test]
async fn person_who_called_a_mail_unwanted_is_marked() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    app.domain.give(&shop, &guide, "bob@example.com").await;
    app.domain.deliver_mails().await;
    let reported = [MailReport::Complained(email("bob@example.com"))];
    app.domain.mail_reports.take(&reported).await.unwrap();
    // Signing in by a mail, which proves that mails arrive, takes no complaint back.
    app.domain.sign_in("bob@example.com").await;
    let shown = Browser::of(&app, "ada").await.get(BOB).await.body;
    assert!(shown.contains("The owner of this address called a mail unwanted"), "{shown}");
    assert!(!shown.contains("Mails to this address come back."), "{shown}");
}
