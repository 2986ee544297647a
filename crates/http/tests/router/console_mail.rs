//! The console: the log of mails.

use tollgate_domain::{
    mail::{MailKind, ports::MailError},
    token::Token,
};

use crate::{
    console_browser::Browser,
    support::{ADA, TestApp},
};

/// Gives a page to an address; the mail about it waits.
async fn give(ada: &Browser<'_>, email: &str) {
    ada.submit("/ada/people/grant", &[("email", email), ("page", "guide")]).await;
}

fn mail_id(body: &str) -> String {
    let rest = body.split("name=\"mail\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn log_teaches_while_it_is_empty() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let log = ada.get("/ada/mail").await.body;
    assert!(log.contains("<div class=\"empty\">") && log.contains("href=\"/ada/people/grant\""));
}

#[actix_web::test]
async fn log_says_what_became_of_each_mail() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    give(&ada, "bob@example.com").await;
    let waiting = ada.get("/ada/mail").await.body;
    assert!(
        waiting.contains("Access that you gave") && waiting.contains("On its way"),
        "{waiting}"
    );
    assert!(waiting.contains("not tried yet") && !waiting.contains("name=\"mail\""), "{waiting}");
    assert!(waiting.contains("href=\"/ada/people/person?email=bob%40example.com\""));

    app.domain.mailer.fail_next(MailError::Transient("did not answer in time".into()));
    app.domain.work().await;
    let failed = ada.get("/ada/mail").await.body;
    assert!(failed.contains("Will be tried again") && failed.contains("one attempt"), "{failed}");
    assert!(failed.contains("The mail server could not be reached."), "{failed}");

    app.domain.clock.advance_seconds(60);
    app.domain.work().await;
    let sent = ada.get("/ada/mail").await.body;
    assert!(sent.contains("2 attempts") && !sent.contains("could not be reached"), "{sent}");
    assert!(sent.contains("datetime=\"2026-01-01T00:01:00Z\""), "{sent}");
    assert!(sent.contains("</time> <span class=\"quiet\">· 2 attempts</span>"), "{sent}");

    app.domain.mailer.fail_next(MailError::Permanent("recipient: answer 550".into()));
    give(&ada, "carol@example.com").await;
    app.domain.work().await;
    let dead = ada.get("/ada/mail").await.body;
    assert!(
        dead.contains("Given up") && dead.contains("The mail could not be delivered."),
        "{dead}"
    );
    assert!(!dead.contains("answer 550") && !dead.contains("(could not"), "{dead}");
}

#[actix_web::test]
async fn log_is_searched_by_address_and_read_in_parts() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for name in ["bob", "bea", "carol"] {
        give(&ada, &format!("{name}@example.com")).await;
    }
    let found = ada.get("/ada/mail?q=CAR").await.body;
    assert!(found.contains("carol@example.com") && !found.contains("bob@example.com"));
    assert!(ada.get("/ada/mail?q=zz").await.body.contains("No mail went to an address"));
    let first = ada.get("/ada/mail?q=b&limit=1").await.body;
    let older = first.split("class=\"pager\"><a href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let second = ada.get(&older).await.body;
    let count = |body: &str| body.matches("<th scope=\"row\">").count();
    assert_eq!((count(&first), count(&second)), (1, 1), "{second}");
    assert_ne!(first.contains("bob@example.com"), second.contains("bob@example.com"));
    let long = ada.get(&format!("/ada/mail?q={}", "a".repeat(300))).await;
    assert!(long.status == 422 && long.body.contains("id=\"q-error\""));
    assert_eq!(ada.get("/ada/mail?cursor=x").await.status, 422);
}

#[actix_web::test]
async fn mail_is_sent_again_and_the_search_is_kept() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    give(&ada, "bob@example.com").await;
    app.domain.work().await;
    let id = mail_id(&ada.get("/ada/mail").await.body);
    let reply = ada.post("/ada/mail", &[("mail", &*id), ("q", "bob@")]).await;
    assert_eq!(reply.header("location"), "/ada/mail?q=bob%40");
    let told = ada.follow(reply).await.body;
    assert!(told.contains("The mail is on its way again.") && !told.contains("sign-in link"));
    assert_eq!(app.domain.mails_to("bob@example.com").await, ["granted", "granted"]);
    assert_eq!(ada.post("/ada/mail", &[("mail", "x")]).await.status, 404);
}

#[actix_web::test]
async fn mail_whose_text_is_gone_is_not_sent_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    give(&ada, "bob@example.com").await;
    let fields = [("from", "bob@example.com"), ("to", "rob@example.com")];
    ada.submit("/ada/people/move", &fields).await;
    app.domain.work().await;
    let log = ada.get("/ada/mail").await.body;
    let (of_move, of_gift) = log.split_once("Access that you gave").unwrap();
    assert!(of_move.contains("Confirmation of a new address"), "{of_gift}");
    assert!(!of_move.contains("name=\"mail\""), "{log}");
    let id = app.domain.store.mails().last().unwrap().0.id.to_string();
    let reply = ada.post("/ada/mail", &[("mail", &*id), ("q", "rob")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("no longer kept") && reply.body.contains("value=\"rob\""));
}

/// It may not be so any more.
#[actix_web::test]
async fn mail_that_told_what_was_so_has_no_button_and_is_not_sent_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    give(&ada, "bob@example.com").await;
    let fields = [("from", "bob@example.com"), ("to", "rob@example.com")];
    ada.submit("/ada/people/move", &fields).await;
    app.domain.work().await;
    let token = app.mailed_token("rob@example.com").await.parse::<Token>().unwrap();
    app.domain.moves.confirm(&token).await.unwrap();
    app.domain.work().await;
    let mails = app.domain.store.mails();
    let moved = mails.iter().find(|mail| mail.0.kind == MailKind::Moved).unwrap();
    let id = moved.0.id.to_string();
    let log = ada.get("/ada/mail").await.body;
    assert!(log.contains("Change of address") && !log.contains(&id), "{log}");
    let reply = ada.post("/ada/mail", &[("mail", &*id), ("q", "")]).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("it tells what was so when it was written"), "{}", reply.body);
    assert!(reply.body.contains("<p id=\"summary\">The mail was not sent</p>"), "{}", reply.body);
}

#[actix_web::test]
async fn sign_in_mail_of_the_shop_is_in_the_log_and_replaced_by_a_new_one() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let json = serde_json::json!({"email": "bob@example.com"});
    app.post(ADA, "/v2/visitor/auth/magic-link").json(&json).send().await;
    app.domain.work().await;
    let log = ada.get("/ada/mail").await.body;
    assert!(log.contains("Sign-in link"), "{log}");
    let (first, _) = app.domain.link_mailed_to("bob@example.com");
    let told = ada.submit("/ada/mail", &[("mail", &*mail_id(&log))]).await.body;
    assert!(told.contains("A new sign-in link is on its way"), "{told}");
    app.domain.work().await;
    let (second, _) = app.domain.link_mailed_to("bob@example.com");
    assert_ne!(first.reveal(), second.reveal());
}

#[actix_web::test]
async fn mail_whose_link_expired_before_it_was_sent_is_not_a_fault_of_the_server() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let json = serde_json::json!({"email": "bob@example.com"});
    app.post(ADA, "/v2/visitor/auth/magic-link").json(&json).send().await;
    app.domain.clock.advance_seconds(3_600);
    app.domain.work().await;
    let log = ada.get("/ada/mail").await.body;
    assert!(log.contains("Its link expired before it could be sent; send a new one."), "{log}");
    assert!(!log.contains("tell the operator") && log.contains("name=\"mail\""), "{log}");
}

#[actix_web::test]
async fn mail_of_another_shop_is_not_sent_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    give(&ada, "bob@example.com").await;
    app.domain.work().await;
    let id = mail_id(&ada.get("/ada/mail").await.body);
    app.domain.shop("eve").await;
    let eve = Browser::of(&app, "eve").await;
    for unknown in [&*id, "nothing", ""] {
        assert_eq!(eve.post("/eve/mail", &[("mail", unknown)]).await.status, 404, "{unknown}");
    }
    app.domain.work().await;
    assert_eq!(app.domain.mails_to("bob@example.com").await, ["granted"]);
}
