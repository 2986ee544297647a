//! Signing in with a browser that has lost its cookies, or keeps none.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use tollgate_domain_testing::{a_page, a_token};

use super::BOB;
use crate::{
    site_browser::Window,
    support::{ADA, ROOT, Reply, TestApp},
};

/// What a redirect leads to in a browser without cookies, and what that leads to.
async fn led_on(app: &TestApp, host: &'static str, reply: &Reply) -> Reply {
    let reply = app.get(host, reply.header("location")).send().await;
    assert_eq!(reply.status, 303, "{reply:?}");
    reply
}

fn encoded(place: &str) -> String {
    form_urlencoded::byte_serialize(place.as_bytes()).collect()
}

/// The address of the form that says that the browser keeps no cookies, and leads to this place.
fn told(place: &str) -> String {
    format!("/-/sign-in?cookies=1&returnTo={}", encoded(place))
}

#[actix_web::test]
async fn browser_without_cookies_is_led_where_it_was_going() {
    let app = TestApp::new();
    app.shop().await;
    let receipt = "/access/receipts/pur_01j9z3k5v7w8x9y0z1a2b3c4d5";
    for (number, (host, place)) in [
        (ADA, "/guide"),
        (ADA, "/guide?from=mail"),
        (ADA, "/-/group-buys/together?quantity=2"),
        (ADA, "/-/files/notes"),
        (ROOT, "/access"),
        (ROOT, receipt),
    ]
    .into_iter()
    .enumerate()
    {
        // An address that was mistyped first, from a page that the form is a part of.
        let rest = format!("returnTo={}&on=page", encoded(place));
        let form = format!("email=bob&{rest}");
        let refused = app.post(host, "/-/sign-in").form(&form).send().await;
        assert!(refused.status != 303, "{place}: {refused:?}");
        let form = format!("email=bob{number}%40example.com&{rest}");
        let sent = app.post(host, "/-/sign-in").form(&form).send().await;
        let led = led_on(&app, host, &sent).await;
        assert_eq!(led.header("location"), told(place));
        let page = app.get(host, &told(place)).send().await.body;
        let field = format!("name=\"returnTo\" value=\"{place}\"");
        assert!(page.contains("Allow cookies") && page.contains(&field), "{place}: {page}");
    }
}

#[actix_web::test]
async fn browser_without_cookies_is_led_where_the_mail_was_going_that_it_renews() {
    let app = TestApp::new();
    app.shop().await;
    let form = "email=bob%40example.com&returnTo=%2Fguide";
    app.post(ADA, "/-/sign-in").form(form).send().await;
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BOB);
    app.domain.clock.advance_seconds(901);
    let renew = app.post(ADA, "/-/renew").form(&format!("token={}", token.reveal()));
    let led = led_on(&app, ADA, &renew.send().await).await;
    assert_eq!(led.header("location"), told("/guide"));
}

#[actix_web::test]
async fn browser_without_cookies_is_led_to_no_other_place() {
    let app = TestApp::new();
    app.shop().await;
    for place in [
        "https://evil.example/guide",
        "http://ada.tollgate.localhost:8080.evil.example/guide",
        "http://ada.tollgate.localhost:8080//evil.example",
        "//evil.example",
        "http://tollgate.localhost:8080/access",
        "",
    ] {
        let led = app.get(ADA, &format!("/-/code?returnTo={}", encoded(place))).send().await;
        let led = (led.status.as_u16(), led.header("location").to_owned());
        assert_eq!(led, (303, "/-/sign-in?cookies=1".to_owned()), "{place}");
    }
}

/// The tab that waited is loaded again long after the visitor signed in with another one.
#[actix_web::test]
async fn page_of_the_code_leads_who_is_signed_in_where_they_were_going() {
    let app = TestApp::new();
    app.shop().await;
    let bob = app.domain.sign_in(BOB).await;
    for (place, leads_to) in [("/guide", "/guide"), ("https://evil.example/", "/")] {
        let path = format!("/-/code?returnTo={}", encoded(place));
        let led = app.get(ADA, &path).visitor(&bob).send().await;
        assert_eq!((led.status.as_u16(), led.header("location")), (303, leads_to));
    }
}

#[actix_web::test]
async fn who_allows_cookies_after_that_comes_where_they_were_going() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let form = "email=bob%40example.com&returnTo=%2Ffree&on=page";
    let sent = app.post(ADA, "/-/sign-in").form(form).send().await;
    let led = led_on(&app, ADA, &sent).await;
    app.domain.deliver_mails().await;
    app.domain.clock.advance_seconds(60);
    let window = Window::new(&app, ADA);
    let page = window.get(led.header("location")).await.body;
    let (_, rest) = page.split_once("name=\"returnTo\" value=\"").unwrap();
    let (place, _) = rest.split_once('"').unwrap();
    window.submit("/-/sign-in", &[("email", BOB), ("returnTo", place)]).await;
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let in_ = window.submit("/-/code", &[("email", BOB), ("code", code.reveal())]).await;
    assert!(in_.body.contains("Everything."), "{}", in_.body);
}

/// What the browser asked for is too long ago, so that nobody knows the address any more.
#[actix_web::test]
async fn another_mail_to_a_forgotten_address_is_asked_for_on_the_way() {
    let app = TestApp::new();
    app.shop().await;
    for (wanted, told) in [
        ("/guide", "/-/sign-in?returnTo=%2Fguide"),
        ("http://ada.tollgate.localhost:8080/guide", "/-/sign-in?returnTo=%2Fguide"),
        ("https://evil.example/", "/-/sign-in"),
    ] {
        let window = Window::new(&app, ADA);
        let at = "2026-01-01T00:00:00Z";
        let secret = a_token().reveal();
        let asked = json!({"email": null, "returnTo": wanted, "at": at, "secret": secret});
        window.set("_tollgate_asked", &URL_SAFE_NO_PAD.encode(asked.to_string()));
        let reply = window.post("/-/renew", &[("token", "")]).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, told), "{wanted}");
    }
}

#[actix_web::test]
async fn link_confirmed_in_a_browser_without_cookies_says_that_it_keeps_none() {
    let app = TestApp::new();
    app.shop().await;
    for (host, wanted, place, email) in [
        (ADA, "%2Fguide", "/guide", "bob@example.com"),
        (ADA, "", "/", "eve@example.com"),
        (ROOT, "", "/access", "carol@example.com"),
    ] {
        let form = format!("email={email}&returnTo={wanted}");
        app.post(host, "/-/sign-in").form(&form).send().await;
        app.domain.deliver_mails().await;
        let (token, _) = app.domain.link_mailed_to(email);
        let link = format!("/-/verify?token={}", token.reveal());
        assert_eq!(app.get(host, &link).send().await.status, 200);
        let press = async || {
            let press = app.post(host, "/-/verify").form(&format!("token={}", token.reveal()));
            press.with("referer", &format!("http://{host}{link}")).send().await
        };
        let pressed = press().await;
        let told = format!("/-/sign-in?cookies=session&returnTo={}", encoded(place));
        assert_eq!((pressed.status.as_u16(), pressed.header("location")), (303, &*told));
        // Pressed twice, the browser shows the second answer, which signs nobody in.
        let again = press().await;
        assert_eq!((again.status.as_u16(), again.header("location")), (303, &*told));
        assert!(again.headers.get("set-cookie").is_none(), "{again:?}");
        for (language, words) in [
            ("en", format!("the session has ended. Allow cookies for {host}, then")),
            ("de", format!("die Sitzung ist beendet. Erlauben Sie Cookies für {host}, und")),
        ] {
            let page = app.get(host, &told).with("accept-language", language).send().await;
            assert_eq!(page.status, 200, "{page:?}");
            let field = format!("name=\"returnTo\" value=\"{place}\"");
            assert!(page.body.contains(&words) && page.body.contains(&field), "{}", page.body);
        }
        // Only the nonce was lost, and the session is there.
        let on = app.get(host, &told).with("cookie", &pressed.cookie()).send().await;
        assert_eq!((on.status.as_u16(), on.header("location")), (303, place));
    }
    // Nobody is led to pay for what could not be opened.
    assert!(app.domain.store.orders().is_empty());
}

#[actix_web::test]
async fn link_confirmed_in_a_browser_with_cookies_leads_on_at_once() {
    let app = TestApp::new();
    app.shop().await;
    app.post(ROOT, "/-/sign-in").form("email=bob%40example.com").send().await;
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BOB);
    let link = format!("/-/verify?token={}", token.reveal());
    let nonce = app.get(ROOT, &link).send().await.cookie();
    let press = app.post(ROOT, "/-/verify").form(&format!("token={}", token.reveal()));
    let press = press.with("referer", &format!("http://{ROOT}{link}")).with("cookie", &nonce);
    let pressed = press.send().await;
    assert_eq!((pressed.status.as_u16(), pressed.header("location")), (303, "/access"));
    // Whatever an address says, only who is signed in is led on by it.
    let odd = app.get(ROOT, "/-/sign-in?cookies=session&returnTo=%2F%2Fevil.example");
    let odd = odd.with("cookie", &pressed.cookie()).send().await;
    assert_eq!((odd.status.as_u16(), odd.header("location")), (303, "/access"));
}

/// An earlier page has set it some time ago. It stays the same, since a press on that page is repeated with it.
#[actix_web::test]
async fn nonce_of_a_browser_lasts_anew_with_each_page_of_a_link() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let shown = async || {
        let (token, _) = app.domain.request_link(BOB).await;
        window.get(&format!("/-/verify?token={}", token.reveal())).await
    };
    let first = shown().await;
    app.domain.clock.advance_seconds(800);
    let second = shown().await;
    for page in [&first, &second] {
        assert_eq!(page.status, 200, "{page:?}");
        let set = page.header("set-cookie");
        assert!(set.starts_with("_tollgate_nonce=") && set.contains("; Max-Age=900"), "{set}");
    }
    assert_eq!(first.cookie(), second.cookie());
}
