//! The console: what becomes of forms that are sent after the browser has dropped its session.

use std::{collections::BTreeSet, pin::pin};

use actix_web::http::Method;
use futures_util::future::{self, Either};
use tollgate_domain::files::FileAccess;
use tollgate_domain_testing::email;

use crate::{
    console_browser::{APP, Browser},
    console_coverage::shops,
    site_files::upload,
    support::{Call, Reply, TestApp},
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

/// A form as a screen has it, without its files.
#[derive(Debug)]
struct SentForm {
    action: String,
    is_upload: bool,
    has_password: bool,
    /// What is sent along: hidden fields and buttons.
    along: Vec<(String, String)>,
    /// The names of the fields that somebody fills in.
    filled_in: Vec<String>,
}

/// Returns what an attribute of a tag says.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&"))
}

impl SentForm {
    /// Reads the forms of a screen that change something.
    fn all_of(path: &str, screen: &str) -> Vec<Self> {
        let forms = screen.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        let forms = forms.filter_map(|form| form.split_once('>'));
        let posted = forms.filter(|(tag, _)| attribute(tag, "method").as_deref() == Some("post"));
        posted.map(|(tag, fields)| Self::of(path, tag, fields)).collect()
    }

    fn of(path: &str, tag: &str, fields: &str) -> Self {
        let mut form = Self {
            action: attribute(tag, "action").unwrap_or_else(|| path.to_owned()),
            is_upload: tag.contains(" enctype=\"multipart/form-data\""),
            has_password: false,
            along: Vec::new(),
            filled_in: Vec::new(),
        };
        for tag in fields.split('<').filter_map(|rest| rest.split('>').next()) {
            let is = |kind: &str| tag.starts_with(&format!("{kind} "));
            let Some(name) = attribute(tag, "name") else { continue };
            let kind = attribute(tag, "type").unwrap_or_default();
            if is("button") || kind == "hidden" {
                form.along.push((name, attribute(tag, "value").unwrap_or_default()));
            } else if kind == "password" {
                form.has_password = true;
            } else if kind != "file" && (is("input") || is("select") || is("textarea")) {
                form.filled_in.push(name);
            }
        }
        form
    }

    /// Sends the form without a session, with a text in one of its fields.
    async fn sent(&self, app: &TestApp, filled_in: Option<&str>) -> Reply {
        let along = self.along.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = along.chain(filled_in.map(|name| (name, "typed"))).collect();
        let nobody = Browser::new(app);
        if self.is_upload {
            return nobody.send_files(&self.action, &fields, &[("", "")]).await;
        }
        nobody.post(&self.action, &fields).await
    }
}

/// The forms of all screens that links lead to, from the start of a shop on.
async fn all_forms(ada: &Browser<'_>) -> Vec<SentForm> {
    let mut open = ["/ada", "/account", "/new-handle"].map(str::to_owned).to_vec();
    let (mut seen, mut forms) = (BTreeSet::new(), Vec::new());
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        assert!(seen.len() < 500, "links never end: {path}");
        let screen = ada.get(&path).await;
        if screen.status == 200 && screen.header("content-type").starts_with("text/html") {
            let links = screen.body.split("<a ").filter_map(|rest| rest.split('>').next());
            let links = links.filter_map(|tag| attribute(&format!(" {tag}"), "href"));
            open.extend(links.filter(|link| link.starts_with("/ada") && !link.contains('#')));
            forms.extend(SentForm::all_of(&path, &screen.body));
        }
    }
    forms
}

#[actix_web::test]
async fn of_every_form_that_is_kept_which_somebody_filled_in_and_no_other() {
    let (app, shop, _) = shops().await;
    let page = app.page(&shop, "guide").await;
    let carol = app.domain.sign_in("carol@example.com").await;
    app.domain.buy(&shop, &page, &carol).await;
    app.domain.give(&shop, &page, "dave@example.com").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let [dave, rob] = ["dave", "rob"].map(|name| email(&format!("{name}@example.com")));
    app.domain.moves.request(creator, name, dave, rob).await.unwrap();
    app.domain.deliver_mails().await;
    let (ada, _elsewhere) = (Browser::of(&app, "ada").await, Browser::of(&app, "ada").await);
    let listed = [("email", "eve@example.com")];
    assert_eq!(ada.post("/ada/files/book/allowlist", &listed).await.status, 303);
    let forms = all_forms(&ada).await;
    for end in [
        "/account",
        "/allowlist",
        "/allowlist/many",
        "/archive",
        "/delete",
        "/files",
        "/grant",
        "/move",
        "/pages/guide",
        "/person",
        "/purchases",
        "/refund",
        "/revoke",
        "/settings",
    ] {
        let is_it = |form: &SentForm| form.action.split('?').next().unwrap().ends_with(end);
        assert!(forms.iter().any(is_it), "{end}");
    }
    let needs_session = |form: &&SentForm| {
        !["/sign-out", "/verify-email"].iter().any(|open| form.action.starts_with(open))
    };
    for form in forms.iter().filter(needs_session) {
        let sent = form.sent(&app, None).await;
        let led = (sent.status.as_u16(), sent.header("location"));
        assert_eq!(led, (303, "/sign-in"), "nobody filled in anything: {form:?}");
        for name in form.filled_in.iter().filter(|_| !form.has_password) {
            let kept = form.sent(&app, Some(name)).await;
            assert_eq!(kept.status, 401, "{name} of {form:?}");
            assert!(kept.body.contains(&field(name, "typed")), "{name} of {form:?}");
        }
    }
}
