//! The console: what becomes of forms that are sent after the browser has dropped its session.

use std::pin::pin;

use actix_web::http::Method;
use futures_util::future::{self, Either};
use tollgate_domain::files::FileAccess;

use crate::{
    console_browser::{APP, Browser},
    site_files::upload,
    support::{Call, TestApp},
};

const MANY: &str = "/ada/files/book/allowlist/many";
const FILES: &str = "/ada/files";

fn field(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
}

#[actix_web::test]
async fn short_form_is_kept_and_signing_in_says_so() {
    let app = TestApp::new();
    app.shop().await;
    let nobody = Browser::new(&app);
    let gift = [("email", "bob@example.com"), ("page", "guide")];
    let kept = nobody.post("/ada/people/grant", &gift).await;
    assert_eq!(kept.status, 401);
    for (name, value) in gift {
        assert!(kept.body.contains(&field(name, value)), "{}", kept.body);
    }
    assert!(kept.body.contains("href=\"/sign-in?kept=yes\""), "{}", kept.body);
    // Signing in is the first step, so it is what stands out.
    let (before, after) = kept.body.split_once("<a class=\"button\" href=\"/sign-in?kept").unwrap();
    assert!(!before.contains("Send what I typed"), "{before}");
    assert!(after.contains("class=\"second\">Send what I typed</button>"), "{after}");
    let told = "You were signed out; what you typed is kept.";
    assert!(nobody.get("/sign-in?kept=yes").await.body.contains(told));
    assert!(!nobody.get("/sign-in").await.body.contains(told));
    // Nothing was typed, whatever the screen says that it showed, or what may be in no page.
    let nothing = [("email", " "), ("page", "")];
    let shown = [("version", "1"), ("account", "ada@creators.example")];
    let secret = [("currentPassword", "correct horse"), ("newPassword", "battery staple")];
    for (path, fields) in [
        ("/ada/people/grant", &nothing),
        ("/ada/pages/guide/archive", &shown),
        ("/account", &secret),
    ] {
        let sent = nobody.post(path, fields).await;
        assert_eq!((sent.status.as_u16(), sent.header("location")), (303, "/sign-in"), "{path}");
    }
}

#[actix_web::test]
async fn addresses_that_were_pasted_are_kept_and_files_are_not() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    let nobody = Browser::new(&app);
    let pasted = "bob@example.com\neve@example.com";
    let kept = nobody.send_files(MANY, &[("addresses", pasted)], &[("", "")]).await;
    assert_eq!(kept.status, 401);
    assert!(kept.body.contains(" enctype=\"multipart/form-data\">"), "{}", kept.body);
    assert!(kept.body.contains(&field("addresses", pasted)), "{}", kept.body);
    assert!(!kept.body.contains("The files are not kept"), "{}", kept.body);

    let texts = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "mine")];
    let kept = nobody.send_files(FILES, &texts, &[("Secret.txt", "What is in it.")]).await;
    assert_eq!(kept.status, 401);
    for (name, value) in texts {
        assert!(kept.body.contains(&field(name, value)), "{}", kept.body);
    }
    assert!(kept.body.contains("The files are not kept"), "{}", kept.body);
    assert!(!kept.body.contains("What is in it."), "{}", kept.body);

    // Signed in again, it is sent as it was.
    let ada = Browser::of(&app, "ada").await;
    let preview = ada.send_files(MANY, &[("addresses", pasted)], &[("", "")]).await;
    assert!(preview.status == 200 && preview.body.contains("2 new"), "{}", preview.body);
}

#[actix_web::test]
async fn signing_in_says_that_texts_were_too_long_to_be_kept() {
    let app = TestApp::new();
    app.shop().await;
    let nobody = Browser::new(&app);
    let (long, longer) = ("x".repeat(128 * 1_024 + 1), "x".repeat(600 * 1_024));
    // Each of these takes five bytes where it is shown.
    let escaped = "&".repeat(100 * 1_024);
    let body = async |text: &str| nobody.post("/ada/pages/new", &[("body", text)]).await;
    for sent in [
        nobody.send_files(MANY, &[("addresses", &long)], &[("", "")]).await,
        body(&long).await,
        body(&longer).await,
        body(&escaped).await,
    ] {
        let to = (sent.status.as_u16(), sent.header("location").to_owned());
        assert_eq!(to, (303, "/sign-in?lost=long".to_owned()));
        let screen = nobody.follow(sent).await.body;
        assert!(screen.contains("could not be kept: it is too long."), "{screen}");
    }
    let screen = nobody.get("/sign-in?lost=yes").await.body;
    assert!(screen.contains("what you typed could not be kept. Before"), "{screen}");
    assert!(!nobody.get("/sign-in").await.body.contains("could not be kept"));
}

#[actix_web::test]
async fn bodies_of_strangers_that_do_not_arrive_keep_nobody_from_what_was_typed() {
    let app = TestApp::new();
    app.shop().await;
    let nobody = Browser::new(&app);
    let hanging = (0..4).map(|number| {
        let call = app.call(Method::POST, APP, MANY).form("");
        let parts = || app.call(Method::POST, APP, MANY).with("sec-fetch-site", "same-origin");
        if number % 2 == 0 { call } else { parts().body("multipart/form-data; boundary=b", "") }
    });
    let hanging = pin!(future::join_all(hanging.map(Call::without_end)));
    let typed = [("email", "bob@example.com"), ("page", "guide")];
    let sent = pin!(nobody.post("/ada/people/grant", &typed));
    let Either::Right((kept, _)) = future::select(hanging, sent).await else {
        panic!("the strangers' bodies have arrived")
    };
    assert_eq!(kept.status, 401);
    assert!(kept.body.contains(&field("email", "bob@example.com")), "{}", kept.body);
}

#[actix_web::test]
async fn signing_in_says_whom_it_is_for_and_where_it_leads() {
    let app = TestApp::new();
    app.shop().await;
    let nobody = Browser::new(&app);
    let for_whom = "This is for creators, who sell here.";
    for (path, leads) in [
        ("/ada/pages?status=DRAFT", "“Pages” of ada opens."),
        ("/ada", "“Start” of ada opens."),
        ("/ada/new-group-buy", "the screen opens that you wanted."),
        ("/account", "the screen opens that you wanted."),
    ] {
        let redirect = nobody.get(path).await;
        let address = redirect.header("location").to_owned();
        let screen = nobody.get(&address).await.body;
        assert!(screen.contains(for_whom) && screen.contains(leads), "{path}: {screen}");
        let wrong = [("next", path), ("email", "ada@creators.example"), ("password", "wrong")];
        let again = nobody.post("/sign-in", &wrong).await;
        assert!(again.status == 422 && again.body.contains(leads), "{path}: {}", again.body);
    }
    assert!(!nobody.get("/sign-in").await.body.contains(for_whom));
    // What cannot be a name is not repeated.
    let strange = nobody.get("/sign-in?next=%2FBad%3Cb%3E%2Fpages").await.body;
    assert!(strange.contains("the screen opens that you wanted."), "{strange}");
}
