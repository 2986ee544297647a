//! The console: accounts, from signing up to a new password.

mod passwords;
mod proof;

use tollgate_domain_testing::email;

use crate::{
    console_browser::{APP, Browser},
    console_pages::hidden,
    support::TestApp,
};

const ADA: [(&str, &str); 3] =
    [("name", "Ada"), ("email", "ada@example.com"), ("password", "correct horse")];

async fn signed_up(app: &TestApp) -> Browser<'_> {
    let browser = Browser::new(app);
    browser.submit("/sign-up", &ADA).await;
    browser
}

#[actix_web::test]
async fn creator_signs_up_and_makes_a_handle() {
    let app = TestApp::new();
    let ada = Browser::new(&app);
    let reply = ada.post("/sign-up", &ADA).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/new-handle"));
    let new = ada.follow(reply).await;
    assert!(new.body.contains("Welcome! We mailed a link to ada@example.com."), "{}", new.body);
    assert!(new.body.contains(".tollgate.localhost:8080"));
    let made = ada.post("/new-handle", &[("handle", " Ada "), ("name", "Ada's balcony")]).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (303, "/ada"));
    let start = ada.follow(made).await;
    assert!(start.body.contains("Ada&#39;s balcony has its address"), "{}", start.body);
    assert!(start.body.contains("http://ada.tollgate.localhost:8080"));
    assert_eq!(ada.get("/").await.header("location"), "/ada");
}

#[actix_web::test]
async fn what_was_typed_is_kept_beside_its_errors() {
    let app = TestApp::new();
    let browser = Browser::new(&app);
    let fields = [("name", "\"><b>Ada"), ("email", "ada"), ("password", "short")];
    let reply = browser.post("/sign-up", &fields).await;
    assert_eq!(reply.status, 422);
    let body = &reply.body;
    assert!(body.contains("<title>Error: Create an account"), "{body}");
    assert!(body.contains("role=\"alert\" tabindex=\"-1\" autofocus"));
    let first_heading = body.split("<h").find(|rest| rest.starts_with(['1', '2', '3']));
    assert!(first_heading.unwrap().starts_with('1'), "the heading of the screen comes first");
    assert!(body.contains("<a href=\"#email\">E-mail address: This is not an e-mail address."));
    assert!(body.contains("id=\"password-error\">Please use 8 to 256 characters."));
    assert!(body.contains("aria-invalid=\"true\" aria-describedby=\"email-error email-hint\""));
    assert!(body.contains("value=\"ada\"") && !body.contains("short") && !body.contains("<b>Ada"));
    let empty = browser.post("/sign-up", &[]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.body.contains("id=\"email-error\""));
}

#[actix_web::test]
async fn form_of_an_account_changes_no_other_that_is_signed_in_since() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    app.domain.shop("eve").await;
    let browser = Browser::of(&app, "ada").await;
    let (own, new) = (browser.get("/account").await, browser.get("/new-handle").await);
    let (account, made_for) = (hidden(&own, "account"), hidden(&new, "account"));
    let eve = [("email", "eve@creators.example"), ("password", "correct horse")];
    browser.submit("/sign-in", &eve).await;
    let told = "Nothing was done, since you are signed in as eve@creators.example by now.";
    let name = [("do", "rename"), ("name", "Ada Lovelace"), ("account", account)];
    let password = [
        ("do", "password"),
        ("currentPassword", "correct horse"),
        ("newPassword", "battery staple"),
        ("account", account),
    ];
    for fields in [&name[..], &password] {
        let refused = browser.submit("/account", fields).await.body;
        assert!(refused.contains(told) && refused.contains("role=\"alert\""), "{refused}");
        assert!(!refused.contains("Ada Lovelace"), "{refused}");
    }
    browser.post("/account", &name).await;
    let german = browser.get_in_german("/account").await.body;
    let words = "denn inzwischen sind Sie als eve@creators.example angemeldet.";
    assert!(german.contains(words), "{german}");
    let handle = [("handle", "second"), ("name", "Second"), ("account", made_for)];
    let refused = browser.post("/new-handle", &handle).await;
    assert!(refused.status == 422 && refused.body.contains(told), "{refused:?}");
    assert!(refused.body.contains("value=\"second\""), "{}", refused.body);
    assert_eq!(browser.get("/second").await.status, 404);
    let fields = [handle[0], handle[1], ("account", hidden(&refused, "account"))];
    assert_eq!(browser.post("/new-handle", &fields).await.header("location"), "/second");
    Browser::of(&app, "eve").await;
}

/// Who sends a form, its path and its fields, and the one that has far too much.
type Form<'a> = (&'a Browser<'a>, &'a str, &'a [(&'a str, &'a str)], &'a str);

#[actix_web::test]
async fn far_too_much_is_told_beside_its_field_and_the_rest_is_kept() {
    let app = TestApp::new();
    app.shop().await;
    let much = "x".repeat(300_000);
    let nobody = Browser::new(&app);
    let ada = Browser::of(&app, "ada").await;
    // Who is not signed in may send less.
    let some = "x".repeat(200_000);
    let sign_up = [("name", &*some), ADA[1], ADA[2]];
    let password =
        [("do", "password"), ("currentPassword", "correct horse"), ("newPassword", &*much)];
    let forms: [Form<'_>; 7] = [
        (&nobody, "/sign-up", &sign_up, "name"),
        (&nobody, "/sign-in", &[("email", &*some), ("password", "correct horse")], "email"),
        (&nobody, "/password-reset", &[("email", &*some)], "email"),
        (&ada, "/account", &[("name", &*much)], "name"),
        (&ada, "/account", &password, "newPassword"),
        (&ada, "/ada/settings", &[("name", "Ada"), ("description", &*much)], "description"),
        (&ada, "/ada/people/grant", &[("email", &*much), ("page", "guide")], "email"),
    ];
    for (browser, path, fields, field) in forms {
        let reply = browser.post(path, fields).await;
        assert_eq!(reply.status, 422, "{path}");
        assert!(reply.body.contains(&format!("id=\"{field}-error\"")), "{path}");
        assert!(reply.body.len() < 100_000, "{path}: {}", reply.body.len());
    }
    let kept = nobody.post("/sign-up", &sign_up).await.body;
    assert!(kept.contains("value=\"ada@example.com\"") && kept.contains("xxx…\""));
    let shop = [("name", &*much), ("handle", "other")];
    let kept = ada.post("/new-handle", &shop).await;
    assert!(kept.status == 422 && kept.body.contains("value=\"other\""), "{}", kept.status);
}

#[actix_web::test]
async fn forms_that_anybody_may_send_are_small_and_have_few_fields() {
    let app = TestApp::new();
    let nobody = Browser::new(&app);
    let large = "x".repeat(256 * 1024);
    let many = vec![("a", ""); 600];
    for path in ["/sign-in", "/sign-up", "/password-reset"] {
        assert_eq!(nobody.post(path, &[("email", &*large)]).await.status, 413, "{path}");
        let refused = nobody.post(path, &many).await;
        assert_eq!(refused.status, 400, "{path}");
    }
}

#[actix_web::test]
async fn address_that_has_an_account_is_told_so() {
    let app = TestApp::new();
    signed_up(&app).await;
    let reply = Browser::new(&app).post("/sign-up", &ADA).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("There is an account with this address already."));
}

#[actix_web::test]
async fn account_whose_form_is_sent_twice_is_created_once() {
    let app = TestApp::new();
    let ada = signed_up(&app).await;
    let again = ada.post("/sign-up", &ADA).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (303, "/"));
    assert!(ada.follow(again).await.body.contains("name=\"handle\""));
    let other = [ADA[0], ("email", "eve@example.com"), ADA[2]];
    assert_eq!(ada.post("/sign-up", &other).await.header("location"), "/new-handle");
}

#[actix_web::test]
async fn way_back_never_leaves_the_console() {
    let app = TestApp::new();
    app.shop().await;
    let credentials = [("email", "ada@creators.example"), ("password", "correct horse")];
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x", ""] {
        let browser = Browser::new(&app);
        let fields: Vec<_> = credentials.into_iter().chain([("next", next)]).collect();
        assert_eq!(browser.post("/sign-in", &fields).await.header("location"), "/", "{next}");
        let query: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let already = browser.get(&format!("/sign-in?next={query}")).await;
        assert_eq!(already.header("location"), "/", "{next}");
    }
}

#[actix_web::test]
async fn session_is_a_cookie_of_the_console_alone() {
    let app = TestApp::new();
    let reply = Browser::new(&app).post("/sign-up", &ADA).await;
    let cookie = reply.headers.get_all("set-cookie").map(|value| value.to_str().unwrap());
    let cookie = cookie.into_iter().find(|value| value.starts_with("tollgate_console=")).unwrap();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{cookie}");
}

#[actix_web::test]
async fn signing_out_ends_the_session() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let copied = ada.cookies();
    let out = ada.submit("/sign-out", &[]).await;
    assert!(out.body.contains("You are signed out."), "{}", out.body);
    assert!(ada.cookies().is_empty());
    assert_eq!(app.get(APP, "/ada").with("cookie", &copied).send().await.status, 303);
    assert_eq!(ada.submit("/sign-out", &[]).await.status, 200);
}

#[actix_web::test]
async fn signing_in_ends_the_session_before() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let before = ada.cookies();
    let fields = [("email", "ada@creators.example"), ("password", "correct horse")];
    ada.submit("/sign-in", &fields).await;
    assert_eq!(app.get(APP, "/ada").with("cookie", &before).send().await.status, 303);
    assert_eq!(ada.get("/ada").await.status, 200);
}

#[actix_web::test]
async fn suspended_creator_is_told_so() {
    let app = TestApp::new();
    app.shop().await;
    app.domain.administration.suspend(&email("ada@creators.example")).await.unwrap();
    for (password, told) in [
        ("correct horse", "This account is suspended"),
        ("wrong horse", "The address or the password is not right."),
    ] {
        let fields = [("email", "ada@creators.example"), ("password", password)];
        let reply = Browser::new(&app).post("/sign-in", &fields).await;
        assert!(reply.status == 422 && reply.body.contains(told), "{}", reply.body);
    }
}

#[actix_web::test]
async fn what_is_not_there_is_told_in_words_of_the_console() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (path, on) in [
        ("/nobody", "href=\"/\">Back to Start"),
        ("/nobody/pages/guide", "href=\"/\">Back to Start"),
        ("/ada/nothing", "href=\"/ada\">Back to Start"),
        ("/ada/pages/nothing", "href=\"/ada/pages\">Back to Pages"),
        ("/ada/files/nothing", "href=\"/ada/files\">Back to Files"),
        ("/ada/people/nobody", "href=\"/ada/people\">Back to People"),
    ] {
        let reply = ada.get(path).await;
        assert!(reply.status == 404 && reply.body.contains("There is nothing here"), "{path}");
        assert!(reply.body.contains(on), "{path}: {}", reply.body);
        assert!(reply.body.contains("<nav class=\"nav\""), "{path}: {}", reply.body);
        assert_eq!(reply.header("x-robots-tag"), "noindex", "{path}");
    }
    let stranger = Browser::new(&app).get("/-/stripe/nothing").await;
    assert!(stranger.status == 404 && !stranger.body.contains("<nav"), "{}", stranger.body);
}

fn encoded(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
