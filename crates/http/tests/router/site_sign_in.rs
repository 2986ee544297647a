//! Signing in and out on pages.

mod cookies;
mod links;

use actix_web::http::Method;
use tollgate_domain::{language::Language, token::Token};
use tollgate_domain_testing::a_page;

use crate::{
    console_browser::APP,
    site_browser::Window,
    support::{ADA, ROOT, Reply, TestApp},
};

const BOB: &str = "bob@example.com";

async fn ask(window: &Window<'_>, email: &str) -> Reply {
    window.submit("/-/sign-in", &[("email", email), ("returnTo", "/guide")]).await
}

/// Asks for a mail to Bob, and gives the token of its link.
async fn mailed_to_bob(app: &TestApp, window: &Window<'_>) -> Token {
    ask(window, BOB).await;
    app.domain.deliver_mails().await;
    app.domain.link_mailed_to(BOB).0
}

#[actix_web::test]
async fn page_that_waits_for_the_mail_can_be_reloaded_and_mails_nothing_again() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    for _ in 0..3 {
        let page = if window.cookie("_tollgate_asked").is_none() {
            ask(&window, BOB).await
        } else {
            window.get("/-/code").await
        };
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Check your mail") && page.body.contains(BOB), "{}", page.body);
        for part in ["autofocus", "inputmode=\"numeric\"", "autocomplete=\"one-time-code\""] {
            assert!(page.body.contains(part), "{part}");
        }
        assert_eq!(page.body.matches("<form").count(), 1);
        assert!(page.body.contains("href=\"/-/sign-in?returnTo=%2Fguide\""));
    }
    assert_eq!(app.domain.mails_to(BOB).await, ["magic_link"]);
}

#[actix_web::test]
async fn mails_are_in_the_language_of_the_browser() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let languages = async || {
        app.domain.deliver_mails().await;
        app.domain.mailer.sent().iter().map(|mail| mail.language).collect::<Vec<_>>()
    };
    let window = Window::new(&app, ADA).speaking("de");
    ask(&window, BOB).await;
    assert_eq!(languages().await, [Language::German]);
    let (token, _) = app.domain.link_mailed_to(BOB);
    window.get(&format!("/-/verify?token={}", token.reveal())).await;
    window.submit("/-/verify", &[("token", &token.reveal())]).await;
    // Mails that others cause are in this language, too.
    let page = app.domain.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.domain.give(&shop, &page, BOB).await;
    app.domain.give(&shop, &page, "eve@example.com").await;
    assert_eq!(languages().await, [Language::German, Language::German, Language::English]);
    // A browser that names no language that mails are written in changes nothing.
    for language in ["*", "fr", "fr, *;q=0.5"] {
        app.domain.clock.advance_seconds(120);
        ask(&Window::new(&app, ADA).speaking(language), BOB).await;
        assert_eq!(languages().await.last(), Some(&Language::German), "{language}");
    }
    // Asking in English gives an English mail, and signing in by it changes the language.
    app.domain.clock.advance_seconds(120);
    let english = Window::new(&app, ADA);
    ask(&english, BOB).await;
    let (token, _) = {
        assert_eq!(languages().await.last(), Some(&Language::English));
        app.domain.link_mailed_to(BOB)
    };
    english.get(&format!("/-/verify?token={}", token.reveal())).await;
    english.submit("/-/verify", &[("token", &token.reveal())]).await;
    let other = app.domain.page(&shop, a_page().slug("b").paid(900, "usd").published()).await;
    app.domain.give(&shop, &other, BOB).await;
    assert_eq!(languages().await.last(), Some(&Language::English));
}

#[actix_web::test]
async fn address_is_in_no_url_and_its_cookie_is_for_this_page_only() {
    let app = TestApp::new();
    app.shop().await;
    let form = "email=bob%40example.com&returnTo=%2Fguide";
    let sent = app.post(ADA, "/-/sign-in").form(form).send().await;
    let waits = "/-/code?returnTo=%2Fguide";
    assert_eq!((sent.status.as_u16(), sent.header("location")), (303, waits));
    let cookie = sent.header("set-cookie");
    assert!(cookie.starts_with("_tollgate_asked=") && !cookie.contains("bob"), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/-/", "Max-Age=1800"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
}

#[actix_web::test]
async fn without_having_asked_the_waiting_page_leads_to_the_form() {
    let app = TestApp::new();
    app.shop().await;
    for value in [None, Some("x"), Some("e30"), Some("eyJlbWFpbCI6ImJvYiJ9")] {
        let window = Window::new(&app, ADA);
        if let Some(value) = value {
            window.set("_tollgate_asked", value);
        }
        let reply = window.get("/-/code").await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("location")),
            (303, "/-/sign-in?cookies=1"),
            "{value:?}"
        );
        assert_eq!(window.get("/-/code/state").await.body, "gone");
    }
}

#[actix_web::test]
async fn browser_that_keeps_no_cookies_is_told_that_they_are_needed() {
    let app = TestApp::new();
    app.shop().await;
    for host in [ADA, ROOT] {
        for (language, told) in [
            ("en", format!("Allow cookies for {host}, then ask again")),
            ("de", format!("Erlauben Sie Cookies für {host}, und")),
        ] {
            let form = "email=bob%40example.com&returnTo=%2Fguide";
            let sent = app.post(host, "/-/sign-in").form(form).send().await;
            assert_eq!(sent.status, 303, "{sent:?}");
            let asked = app.get(host, sent.header("location")).send().await;
            assert_eq!(asked.status, 303, "{asked:?}");
            let form = app.get(host, asked.header("location"));
            let form = form.with("accept-language", language).send().await;
            assert_eq!(form.status, 200);
            assert!(form.body.contains(&told), "{told}: {}", form.body);
            assert!(form.body.contains("name=\"email\""), "{}", form.body);
            app.domain.clock.advance_seconds(60);
        }
    }
    // A browser that keeps the cookie is not told so, whatever the address says.
    let window = Window::new(&app, ADA);
    let sent = window.post("/-/sign-in", &[("email", BOB), ("returnTo", "/guide")]).await;
    assert_eq!(window.get(sent.header("location")).await.status, 200);
    assert!(!window.get("/-/sign-in?cookies=1").await.body.contains("Allow cookies"));
    for odd in ["", "2", "%22%3E%3Cb%3E"] {
        let page = app.get(ADA, &format!("/-/sign-in?cookies={odd}")).send().await;
        assert!(!page.body.contains("Allow cookies") && !page.body.contains("<b>"), "{odd}");
    }
}

#[actix_web::test]
async fn another_mail_is_offered_after_a_while() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let page = ask(&window, BOB).await;
    assert!(
        page.body.contains("another mail in 30 seconds")
            && page.body.contains("value=\"1\" hidden")
    );
    assert!(!page.body.contains("Error:") && !page.body.contains("role=\"alert\""));
    app.domain.clock.advance_seconds(10);
    let wrong = [("email", BOB), ("returnTo", "/guide"), ("code", "")];
    let page = window.post("/-/code", &wrong).await;
    assert!(page.body.contains("another mail in 20 seconds"), "{}", page.body);
    app.domain.clock.advance_seconds(21);
    let page = window.get("/-/code").await;
    assert!(!page.body.contains("another mail in") && !page.body.contains("value=\"1\" hidden"));
    let again = [("email", BOB), ("returnTo", "/guide"), ("again", "1")];
    let told = "role=\"status\">We sent a new link and a new code.";
    for _ in 0..2 {
        let page = window.submit("/-/sign-in", &again).await;
        assert!(page.body.contains(told), "{}", page.body);
    }
    assert!(!window.get("/-/code").await.body.contains(told));
    let limited = window.post("/-/sign-in", &again).await;
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, "29"));
    assert!(
        limited.body.contains("name=\"code\"") && limited.body.contains("Wait 29 seconds"),
        "{}",
        limited.body
    );
    // What was refused is what a screen reader reads first.
    let alert =
        "id=\"wait\" class=\"error\" role=\"alert\" tabindex=\"-1\" autofocus data-seconds=";
    for text in ["<title>Error: Check your mail", alert] {
        assert!(limited.body.contains(text), "{text}: {}", limited.body);
    }
    assert_eq!(limited.body.matches(" autofocus").count(), 1, "{}", limited.body);
    assert_eq!(app.domain.mails_to(BOB).await.len(), 3);
}

#[actix_web::test]
async fn title_of_an_expired_link_says_that_no_new_one_was_sent() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let token = mailed_to_bob(&app, &window).await;
    app.domain.clock.advance_seconds(901);
    let page = window.get(&format!("/-/verify?token={}", token.reveal())).await;
    assert!(page.body.contains("<title>This link has expired"), "{}", page.body);
    let mut refused = page;
    for _ in 0..6 {
        refused = window.post("/-/renew", &[("token", &token.reveal())]).await;
    }
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("<title>Error: This link has expired"), "{}", refused.body);
}

#[actix_web::test]
async fn page_says_for_how_long_the_newest_mail_is_still_good() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let page = ask(&window, BOB).await;
    assert!(page.body.contains("They are good for 15 more minutes."), "{}", page.body);
    app.domain.clock.advance_seconds(11 * 60 + 1);
    let wrong = [("email", BOB), ("returnTo", "/guide"), ("code", "")];
    for page in [window.get("/-/code").await, window.post("/-/code", &wrong).await] {
        assert!(page.body.contains("They are good for 4 more minutes."), "{}", page.body);
    }
    let page = ask(&window, BOB).await;
    assert!(page.body.contains("They are good for 15 more minutes."), "{}", page.body);
    // Without the cookie it is not known.
    let page = Window::new(&app, ADA).post("/-/code", &wrong).await;
    assert!(!page.body.contains("They are good for"), "{}", page.body);
    assert!(page.body.contains("type the code here"), "{}", page.body);
}

#[actix_web::test]
async fn limit_is_said_on_the_form_and_what_was_typed_is_kept() {
    let app = TestApp::new();
    app.shop().await;
    for _ in 0..3 {
        ask(&Window::new(&app, ADA), BOB).await;
    }
    let window = Window::new(&app, ADA);
    let form = [("email", "Bob@Example.com"), ("returnTo", "/guide")];
    let page = window.post("/-/sign-in", &form).await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (429, "60"));
    assert!(
        page.body.contains("value=\"Bob@Example.com\"") && page.body.contains("value=\"/guide\"")
    );
    assert!(page.body.contains("Wait 60 seconds") && page.body.contains("aria-invalid=\"true\""));
    assert!(page.body.contains("<title>Error: Sign in"));
}

#[actix_web::test]
async fn form_to_sign_in_is_on_every_host_and_leads_nowhere_else() {
    let app = TestApp::new();
    app.shop().await;
    for host in [ROOT, ADA, APP] {
        let page = app.get(host, "/-/sign-in?returnTo=%2Fguide").send().await;
        assert_eq!(page.status, 200, "{host}");
        assert!(
            page.body.contains("name=\"email\"") && page.body.contains("value=\"/guide\""),
            "{host}"
        );
        assert!(page.body.contains("content=\"noindex\""));
    }
    for place in
        ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
    {
        let query: String = form_urlencoded::byte_serialize(place.as_bytes()).collect();
        let page = app.get(ADA, &format!("/-/sign-in?returnTo={query}")).send().await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("evil") && !page.body.contains("javascript:"), "{place}");
    }
}

/// Each host has another page for a form that is not taken.
#[actix_web::test]
async fn form_that_asks_for_a_mail_names_its_methods_on_every_host() {
    let app = TestApp::new();
    app.shop().await;
    for host in [ROOT, ADA, APP] {
        let call = app.call(Method::PUT, host, "/-/sign-in");
        let reply = call.with("sec-fetch-site", "same-origin").send().await;
        assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET, HEAD, POST"));
    }
}

#[actix_web::test]
async fn empty_forms_get_a_message_beside_their_field() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let page = window.post("/-/sign-in", &[]).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("id=\"email-error\">Enter your e-mail address."), "{}", page.body);
    ask(&window, BOB).await;
    let page = window.post("/-/code", &[("email", BOB), ("code", " ")]).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("id=\"code-error\">Enter the six digits"), "{}", page.body);
}

#[actix_web::test]
async fn waiting_page_finds_out_only_about_its_own_request() {
    let app = TestApp::new();
    app.shop().await;
    let waiting = Window::new(&app, ADA);
    let page = ask(&waiting, BOB).await;
    assert!(page.body.contains("<script src=\"/-/waiting.js?v="), "{}", page.body);
    assert!(
        page.header("content-security-policy").contains("script-src 'self'; connect-src 'self';")
    );
    assert_eq!(waiting.get("/-/code/state").await.body, "waiting");
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BOB);
    let phone = Window::new(&app, ADA);
    phone.submit("/-/verify", &[("token", &token.reveal())]).await;
    assert_eq!(waiting.get("/-/code/state").await.body, "confirmed");
    let page = waiting.get("/-/code").await;
    assert!(
        page.body.contains("opened elsewhere") && page.body.contains("Send another mail"),
        "{}",
        page.body
    );
    assert!(waiting.cookie("_10x_visitor").is_none());
    assert_eq!(Window::new(&app, ADA).get("/-/code/state").await.body, "gone");
    // In the browser where the link was opened, the waiting page leads on.
    waiting.set("_10x_visitor", &phone.cookie("_10x_visitor").unwrap());
    let on = waiting.get("/-/code").await;
    assert_eq!((on.status.as_u16(), on.header("location")), (303, "/guide"));
}

#[actix_web::test]
async fn expired_mail_is_said_on_the_waiting_page_and_the_way_is_kept() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    ask(&window, BOB).await;
    app.domain.clock.advance_seconds(901);
    assert_eq!(window.get("/-/code/state").await.body, "gone");
    let page = window.get("/-/code").await;
    assert!(page.body.contains("The mail has expired"), "{}", page.body);
    for field in ["name=\"email\" value=\"bob@example.com\"", "name=\"returnTo\" value=\"/guide\""]
    {
        assert!(page.body.contains(field), "{field}: {}", page.body);
    }
    let page = ask(&window, BOB).await;
    assert!(page.body.contains("Check your mail"), "{}", page.body);
}

#[actix_web::test]
async fn not_you_leads_to_a_page_that_signs_out_and_comes_back() {
    let app = TestApp::new();
    app.shop().await;
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    let page = window.get("/guide").await;
    assert!(page.body.contains("You are bob@example.com."), "{}", page.body);
    let link = "/-/sign-out?returnTo=/guide";
    assert!(page.body.contains(&format!("href=\"{link}\"")), "{}", page.body);
    let page = window.get(link).await;
    assert!(page.body.contains("Sign out?") && page.body.contains("value=\"/guide\""));
    assert_eq!(page.body.matches("<form").count(), 1);
    let page = window.submit("/-/sign-out", &[("returnTo", "/guide")]).await;
    assert!(page.body.contains("name=\"email\"") && !page.body.contains(BOB), "{}", page.body);
    let out = window.post("/-/sign-out", &[("returnTo", "//evil.example")]).await;
    assert_eq!(out.header("location"), "/");
    let nobody = window.get(link).await;
    assert_eq!((nobody.status.as_u16(), nobody.header("location")), (303, "/guide"));
}

#[actix_web::test]
async fn visitor_reads_all_of_it_in_german() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA).speaking("de-AT,de;q=0.9,en;q=0.5");
    let gate = window.get("/guide").await;
    assert!(
        gate.body.contains("<html lang=\"de\">") && gate.body.contains("12,00\u{a0}$"),
        "{}",
        gate.body
    );
    assert!(gate.body.contains("Ihre E-Mail-Adresse"));
    let page = ask(&window, BOB).await;
    assert!(page.body.contains("Sechsstelliger Code"));
    let missing = window.get("/nothing").await;
    assert!(missing.body.contains("Diese Seite gibt es nicht"), "{}", missing.body);
}
