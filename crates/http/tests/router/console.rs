//! The console: what all of its screens have in common.

use actix_web::http::Method;

use crate::{
    console_browser::{APP, Browser},
    console_coverage::{is_refused_to_other_pages, opened, shops, signed_in},
    support::TestApp,
};

/// The screens of a creator that are about no handle, with the methods that the path of each takes. Those below a handle are
/// taken from the sources.
const SCREENS: &[(&str, &[&str])] = &[
    ("/", &["GET"]),
    ("/account", &["GET", "POST"]),
    ("/account/handles", &["GET"]),
    ("/new-handle", &["GET", "POST"]),
    ("/verify-email/resend", &["POST"]),
];

/// The screens for everybody.
const OPEN: &[&str] = &["/sign-in", "/sign-up", "/password-reset", "/password-reset/sent"];

#[actix_web::test]
async fn every_screen_about_no_handle_leads_to_signing_in_and_back() {
    let app = TestApp::new();
    app.shop().await;
    for (path, methods) in SCREENS {
        for method in *methods {
            let browser = Browser::new(&app);
            if *method == "GET" {
                let opened = browser.get(path).await;
                assert_eq!(opened.status, 303, "{path}");
                let back = signed_in(&browser, path, opened.header("location")).await;
                assert_eq!(browser.follow(back).await.status, 200, "{path}");
            } else {
                let sent = browser.post(path, &[]).await;
                let led = (sent.status.as_u16(), sent.header("location"));
                assert_eq!(led, (303, "/sign-in"), "{path}");
            }
        }
    }
}

#[actix_web::test]
async fn form_of_a_session_that_has_ended_is_kept_to_be_sent_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let text = "First line\nSecond <b>line</b> \"quoted\"";
    let page = [
        ("title", "A long text"),
        ("slug", "long"),
        ("teaser", ""),
        ("body", text),
        ("accessMode", "PUBLIC"),
        ("price", ""),
        ("currency", "usd"),
        ("do", "publish"),
    ];
    app.domain.clock.advance_seconds(31 * 24 * 3600);
    let kept = ada.post("/ada/pages/new", &page).await;
    assert_eq!(kept.status, 401);
    assert!(
        kept.body.contains("<form method=\"post\" action=\"/ada/pages/new\">"),
        "{}",
        kept.body
    );
    for (name, value) in page {
        let value = value.replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;");
        let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        assert!(kept.body.contains(&field), "{field}: {}", kept.body);
    }
    // Signed in again, it is sent as it was.
    let again = Browser::of(&app, "ada").await;
    assert_eq!(again.post("/ada/pages/new", &page).await.status, 303);
    let stored = again.get("/ada/pages/long").await.body;
    assert!(stored.contains("Second &#60;b&#62;line"), "{stored}");
    // A password is in no page, and a form of another site is refused as ever.
    let secret = [("currentPassword", "correct horse"), ("newPassword", "battery staple")];
    let reply = ada.post("/account", &secret).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/sign-in"));
    let foreign = app.call(Method::POST, APP, "/ada/pages/new").form("title=Evil");
    let foreign = foreign.with("cookie", &ada.cookies()).with("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.status, 403);
}

#[actix_web::test]
async fn long_form_is_kept_after_signing_out_in_another_tab() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    ada.submit("/sign-out", &[]).await;
    assert!(!ada.cookies().contains("tollgate_console"), "{}", ada.cookies());
    let body = "Much that was typed. ".repeat(20);
    let page = [("title", "A long text"), ("body", &*body), ("do", "draft")];
    let kept = ada.post("/ada/pages/new", &page).await;
    assert_eq!(kept.status, 401);
    let field = format!("<input type=\"hidden\" name=\"body\" value=\"{body}\">");
    assert!(kept.body.contains(&field), "{}", kept.body);
    let foreign = app.call(Method::POST, APP, "/ada/pages/new");
    let foreign = foreign.body("application/x-www-form-urlencoded", &format!("body={body}"));
    let foreign = foreign.with("sec-fetch-site", "cross-site");
    assert_eq!(foreign.send().await.status, 403);
}

#[actix_web::test]
async fn form_of_another_page_is_refused() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let posts = SCREENS.iter().filter(|(_, methods)| methods.contains(&"POST"));
    for path in posts.map(|(path, _)| *path).chain(["/sign-out"]) {
        is_refused_to_other_pages(&app, &ada, path).await;
    }
    assert_eq!(ada.get("/ada").await.status, 200);
}

#[actix_web::test]
async fn screens_are_private_and_run_only_scripts_of_the_binary() {
    let (app, _, purchase) = shops().await;
    let (ada, nobody) = (Browser::of(&app, "ada").await, Browser::new(&app));
    let screens = SCREENS.iter().filter(|(_, methods)| methods.contains(&"GET"));
    let below = opened(&ada, &purchase).await;
    let address = "ada@creators.example";
    nobody.submit("/password-reset", &[("email", address)]).await;
    let reset = format!("/password-reset/confirm?token={}", app.mailed_token(address).await);
    let eva = [("name", "Eva"), ("email", "eva@example.com"), ("password", "correct horse")];
    Browser::new(&app).submit("/sign-up", &eva).await;
    let proof = format!("/verify-email?token={}", app.mailed_token("eva@example.com").await);
    let open = || OPEN.iter().copied().chain([&*reset, &*proof]);
    let below = below.iter().map(String::as_str);
    for path in screens.map(|(path, _)| *path).chain(below).chain(open()) {
        let browser = if open().any(|open| open == path) { &nobody } else { &ada };
        let reply = browser.get(path).await;
        let reply = browser.follow(reply).await;
        assert_eq!(reply.status, 200, "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(reply.header("x-robots-tag"), "noindex", "{path}");
        let body = &reply.body;
        assert_eq!(body.matches("<h1").count(), 1, "{path}");
        assert!(!body.contains(" style=") && !body.contains("<style"), "{path}");
        assert_eq!(
            body.matches("<script").count(),
            body.matches("<script type=\"module\" src=\"/-/").count()
        );
        assert!(!body.contains("console-"), "a text is missing: {path}");
        for id in ids(body, "for=\"").chain(ids(body, "href=\"#")) {
            assert!(body.contains(&format!("id=\"{id}\"")), "{path} #{id}");
        }
    }
}

fn ids<'a>(body: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    body.split(before).skip(1).map(|rest| rest.split('"').next().unwrap())
}

#[actix_web::test]
async fn style_and_scripts_may_be_kept() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let screen = ada.get("/new-handle").await.body;
    for (before, content_type) in [
        ("rel=\"stylesheet\" href=\"", "text/css; charset=utf-8"),
        ("type=\"module\" src=\"", "text/javascript; charset=utf-8"),
    ] {
        let address = ids(&screen, before).next().unwrap();
        let reply = app.get(APP, address).send().await;
        assert_eq!(reply.status, 200, "{address}");
        assert_eq!(reply.header("content-type"), content_type);
        assert!(reply.header("cache-control").contains("immutable"));
    }
    assert_eq!(app.get(APP, "/-/console/nothing.js").send().await.status, 404);
}

#[actix_web::test]
async fn screens_speak_german() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let call = app.get(APP, "/ada").with("cookie", &ada.cookies());
    let reply = call.with("accept-language", "de-AT,de;q=0.9,en;q=0.5").send().await;
    assert!(reply.body.contains("<html lang=\"de\">") && reply.body.contains(">Einnahmen</a>"));
}

#[actix_web::test]
async fn two_cookies_of_the_name_are_nobodys() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let twice = format!("{0}; {0}", ada.cookies());
    assert_eq!(app.get(APP, "/ada").with("cookie", &twice).send().await.status, 303);
}

#[actix_web::test]
async fn notice_is_shown_once() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let saved = ada.submit("/ada/settings", &[("name", "New name")]).await;
    assert!(saved.body.contains("<p class=\"notice\">Saved.</p>"), "{}", saved.body);
    assert!(!ada.get("/ada/settings").await.body.contains("Saved."));
}

#[actix_web::test]
async fn only_creators_with_several_handles_have_a_switcher() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    assert!(!ada.get("/ada").await.body.contains("Change the shop"));
    ada.submit("/new-handle", &[("handle", "ada-two"), ("name", "Second")]).await;
    let screen = ada.get("/ada/settings").await.body;
    assert!(screen.contains("Change the shop") && screen.contains("href=\"/ada-two\""));
    assert!(screen.contains("<a href=\"/ada/settings\" aria-current=\"page\">"), "{screen}");
}

#[actix_web::test]
async fn screens_about_no_handle_lead_back_to_the_one_that_was_shown_last() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.clock.advance_seconds(60);
    ada.submit("/new-handle", &[("handle", "ada-two"), ("name", "Second")]).await;
    for (shown, leads_to) in [
        ("/ada/pages", "/ada"),
        ("/ada-two/files", "/ada-two"),
        // Of somebody else, or of nobody.
        ("/eve", "/ada-two"),
        ("/ada/settings", "/ada"),
    ] {
        ada.get(shown).await;
        let account = ada.get("/account").await;
        assert!(account.body.contains(&format!("href=\"{leads_to}/pages\"")), "{shown}");
        assert_eq!(ada.get("/").await.header("location"), leads_to, "{shown}");
    }
    let next = Browser::of(&app, "ada").await;
    assert_eq!(next.get("/").await.header("location"), "/ada-two", "the newest");
    let eve = app.domain.creator("eve@creators.example").await;
    app.domain.handles.create(&eve, "eve".parse().unwrap(), "Eve's").await.unwrap();
    let eve = Browser::of(&app, "eve").await;
    eve.keep("tollgate_shop", shop.handle.name.as_str());
    assert_eq!(eve.get("/").await.header("location"), "/eve");
}

#[actix_web::test]
async fn console_is_on_its_own_host_only() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for host in [crate::support::ROOT, crate::support::ADA, "evil.example"] {
        for path in ["/sign-in", "/account", "/ada/settings"] {
            let call = app.call(Method::GET, host, path).with("cookie", &ada.cookies());
            assert_eq!(call.send().await.status, 404, "{host}{path}");
        }
    }
    assert_eq!(app.get(APP, "/v2/nothing").send().await.refusal(), "404 not_found");
    assert_eq!(app.get(APP, "/v2").send().await.refusal(), "404 not_found");
}
