//! Signing in with the link and the code of a mail.

use tollgate_domain::{files::FileAccess, token::Token};
use tollgate_domain_testing::{a_group_buy, a_page, email};

use super::{BOB, ask, mailed_to_bob};
use crate::{
    site_browser::Window,
    site_files::upload,
    support::{ADA, TestApp},
};

#[actix_web::test]
async fn pasted_codes_and_links_with_a_full_stop_work() {
    let app = TestApp::new();
    app.shop().await;
    for (number, shape) in
        ["{0}-{1}", " {0} {1}. ", "\u{200b}{0}.{1}\u{2069}"].into_iter().enumerate()
    {
        let email = format!("bob{number}@example.com");
        let window = Window::new(&app, ADA);
        ask(&window, &email).await;
        app.domain.deliver_mails().await;
        let (_, code) = app.domain.link_mailed_to(&email);
        let (left, right) = code.reveal().split_at(3);
        let typed = shape.replace("{0}", left).replace("{1}", right);
        let reply = window.post("/-/code", &[("email", &email), ("code", &typed)]).await;
        assert_eq!(reply.status, 303, "{typed:?}: {}", reply.body);
        let session = window.cookie("_10x_visitor").unwrap();
        // Pressed twice, the answer to the first was lost; then an earlier form is sent again.
        window.forget("_10x_visitor");
        let fields = [("email", &*email), ("code", &*typed), ("returnTo", "/guide")];
        assert_eq!(window.post("/-/code", &fields).await.status, 303);
        assert_eq!(window.cookie("_10x_visitor"), Some(session));
        let wrong = [("email", &*email), ("code", "000000"), ("returnTo", "/guide")];
        assert_eq!(window.post("/-/code", &wrong).await.header("location"), "/guide");
        // Back, or a page that still waits, leads on.
        let back = window.get("/-/code").await;
        assert_eq!((back.status.as_u16(), back.header("location")), (303, "/guide"));
        window.post("/-/sign-out", &[]).await;
        assert!(window.cookie("_tollgate_asked").is_none());
        assert_eq!(window.get("/-/code").await.header("location"), "/-/sign-in?cookies=1");
    }
    let (token, _) = app.domain.request_link("eve@example.com").await;
    let page = app.get(ADA, &format!("/-/verify?token={}.%0A", token.reveal())).send().await;
    assert_eq!(page.status, 200);
}

#[actix_web::test]
async fn pressing_twice_a_lost_answer_back_and_reload_end_signed_in() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let window = Window::new(&app, ADA);
    window.post("/-/sign-in", &[("email", BOB), ("returnTo", "/free")]).await;
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BOB);
    let (link, token) = (format!("/-/verify?token={}", token.reveal()), token.reveal());
    assert_eq!(window.get(&link).await.status, 200);
    let form = [("token", &*token)];
    let press = || window.post("/-/verify", &form);
    let free = "http://ada.tollgate.localhost:8080/free";
    let first = press().await;
    assert_eq!((first.status.as_u16(), first.header("location")), (303, free));
    let session = window.cookie("_10x_visitor").unwrap();
    // Pressed again, and opened again with Back or by reloading.
    for reply in [press().await, window.get(&link).await] {
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, free));
    }
    // The answer was lost, and the session with it.
    window.forget("_10x_visitor");
    assert_eq!(press().await.status, 303);
    assert_eq!(window.cookie("_10x_visitor").as_ref(), Some(&session));
    window.forget("_10x_visitor");
    assert_eq!(window.get(&link).await.status, 303);
    assert_eq!(window.cookie("_10x_visitor").as_ref(), Some(&session));
    assert_eq!(app.domain.store.count_visitor_sessions(), 1);
    // Another browser with the same link gets nothing, and a minute later neither does this one.
    let other = Window::new(&app, ADA);
    assert_eq!(other.get(&link).await.status, 401);
    assert_eq!(other.post("/-/verify", &form).await.status, 401);
    app.domain.clock.advance_seconds(61);
    window.forget("_10x_visitor");
    assert_eq!(press().await.status, 401);
    assert!(window.cookie("_10x_visitor").is_none());
}

#[actix_web::test]
async fn looking_at_a_link_gives_no_session_and_names_who_is_signed_in() {
    let app = TestApp::new();
    app.shop().await;
    let (token, code) = app.domain.request_link(BOB).await;
    let link = format!("/-/verify?token={}", token.reveal());
    let eve = app.domain.sign_in("eve@example.com").await;
    let page = Window::of(&app, ADA, &eve).get(&link).await;
    assert!(page.body.contains("You are signed in as eve@example.com now"), "{}", page.body);
    let window = Window::new(&app, ADA);
    let page = window.get(&link).await;
    assert!(!page.body.contains("signed in as"), "{}", page.body);
    let (left, right) = code.reveal().split_at(3);
    assert!(page.body.contains(&format!("{left} {right}")), "{}", page.body);
    assert!(window.cookie("_10x_visitor").is_none());
    let bob = app.domain.sign_in(BOB).await;
    let (token, _) = app.domain.request_link(BOB).await;
    let page =
        Window::of(&app, ADA, &bob).get(&format!("/-/verify?token={}", token.reveal())).await;
    assert!(!page.body.contains("signed in as"), "{}", page.body);
}

#[actix_web::test]
async fn code_that_does_not_count_is_not_offered_for_another_device() {
    let app = TestApp::new();
    app.shop().await;
    let (older, code) = app.domain.request_link(BOB).await;
    let shown = async |token: &Token| {
        let path = format!("/-/verify?token={}", token.reveal());
        Window::new(&app, ADA).get(&path).await.body
    };
    assert!(shown(&older).await.contains("class=\"code\""));
    app.domain.clock.advance_seconds(1);
    let (newest, _) = app.domain.request_link(BOB).await;
    let page = shown(&older).await;
    assert!(page.contains("type the code of the newest mail there"), "{page}");
    assert!(!page.contains("class=\"code\"") && page.contains("Continue as"), "{page}");
    for _ in 0..5 {
        let wrong = [("email", BOB), ("code", code.reveal())];
        assert_eq!(Window::new(&app, ADA).post("/-/code", &wrong).await.status, 401);
    }
    let page = shown(&newest).await;
    assert!(page.contains("ask for another mail there"), "{page}");
    assert!(!page.contains("class=\"code\"") && page.contains("Continue as"), "{page}");
}

/// Returns the words of the first button of the only form of a page.
fn way_on(page: &str) -> &str {
    assert_eq!(page.matches("<form").count(), 1, "{page}");
    assert_eq!(page.matches("<form method=\"post\"").count(), 1, "{page}");
    let (_, form) = page.split_once("<form").unwrap();
    let (_, button) = form.split_once("<button").unwrap();
    let (_, words) = button.split_once('>').unwrap();
    words.split('<').next().unwrap()
}

#[actix_web::test]
async fn each_step_has_one_form_whose_first_button_is_the_way_on() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let gate = window.get("/guide").await.body;
    assert_eq!(way_on(&gate), "Continue");
    assert!(gate.contains("name=\"email\""), "{gate}");
    let code = ask(&window, BOB).await.body;
    assert_eq!(way_on(&code), "Continue");
    assert!(code.contains("name=\"code\""), "{code}");
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to(BOB);
    let link = window.get(&format!("/-/verify?token={}", token.reveal())).await.body;
    assert_eq!(way_on(&link), "Continue as b•••@example.com");
    app.domain.clock.advance_seconds(901);
    let late = window.get(&format!("/-/verify?token={}", token.reveal())).await.body;
    assert_eq!(way_on(&late), "Mail me a new link");
    let session = app.domain.sign_in(BOB).await;
    let window = Window::of(&app, ADA, &session);
    assert_eq!(way_on(&window.get("/guide").await.body), "Buy for $12.00");
    assert_eq!(way_on(&window.get("/-/sign-out").await.body), "Sign out");
}

/// What it says of that is what everybody can read there.
#[actix_web::test]
async fn page_of_a_link_names_what_it_leads_to() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let guide = app.page(&shop, "guide").await;
    let free = app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    app.domain.page(&shop, a_page().slug("draft").paid(900, "usd")).await;
    let group = a_group_buy(&guide).slug("together").new_group_buy();
    let group_title = group.title.clone();
    app.domain.group_buys.create(&shop.creator, &shop.handle.name, group).await.unwrap();
    upload(&app, &shop, "open", FileAccess::Public, None).await;
    upload(&app, &shop, "invited", FileAccess::Allowlist, None).await;
    upload(&app, &shop, "bought", FileAccess::Page, Some(guide.slug.clone())).await;
    upload(&app, &shop, "given", FileAccess::Page, Some(free.slug.clone())).await;
    // Somebody else has a present, which says nothing about who signs in with the link.
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.domain.grants.give(creator, name, &guide.slug, email("carol@example.com")).await.unwrap();
    let carol = app.domain.sign_in("carol@example.com").await;
    let payment = ["payment comes next", "folgt die Bezahlung"];
    let address = ["the seller sees your address", "der Verkäufer sieht Ihre Adresse"];
    for (place, named, is_paid, is_seen) in [
        ("/guide", Some(&*guide.title), true, false),
        ("/free", Some(&*guide.title), false, true),
        ("/-/group-buys/together", Some(&*group_title), false, false),
        ("/-/files/open", Some("The open.pdf"), false, false),
        ("/-/files/bought", Some("The bought.pdf"), false, false),
        ("/-/files/given", Some("The given.pdf"), false, true),
        ("/-/files/invited", None, false, false),
        ("/draft", None, false, false),
        ("/", None, false, false),
    ] {
        let window = Window::new(&app, ADA);
        window.post("/-/sign-in", &[("email", BOB), ("returnTo", place)]).await;
        app.domain.deliver_mails().await;
        let (token, _) = app.domain.link_mailed_to(BOB);
        let link = format!("/-/verify?token={}", token.reveal());
        let before = ["You go on to “", "Danach geht es weiter zu „"];
        let windows = || [Window::new(&app, ADA), Window::of(&app, ADA, &carol)];
        let in_english = windows().map(|window| (window.speaking("en"), before[0]));
        let in_german = windows().map(|window| (window.speaking("de"), before[1]));
        for (window, before) in in_english.into_iter().chain(in_german) {
            let page = window.get(&link).await.body;
            let told = named.map(|named| format!("{before}{named}"));
            assert!(page.contains(told.as_deref().unwrap_or_default()), "{place}: {page}");
            assert_eq!(page.contains(before), named.is_some(), "{place}: {page}");
            let is_told = payment.iter().any(|words| page.contains(words));
            assert_eq!(is_told, is_paid, "{place}: {page}");
            let is_told = address.iter().any(|words| page.contains(words));
            assert_eq!(is_told, is_seen, "{place}: {page}");
            assert!(!page.contains("The invited"), "{place}: {page}");
        }
        app.domain.clock.advance_seconds(901);
        let late = window.get(&link).await.body;
        assert!(!late.contains("You go on to"), "{place}: {late}");
    }
    let wrong = Window::new(&app, ADA).get("/-/verify?token=nonsense").await.body;
    assert!(!wrong.contains("You go on to"), "{wrong}");
}

#[actix_web::test]
async fn expired_link_offers_one_button_for_a_new_mail() {
    let app = TestApp::new();
    app.shop().await;
    let window = Window::new(&app, ADA);
    let token = mailed_to_bob(&app, &window).await;
    app.domain.clock.advance_seconds(901);
    let page = window.get(&format!("/-/verify?token={}", token.reveal())).await;
    assert_eq!(page.status, 401);
    assert!(page.body.contains("This link has expired"));
    assert_eq!((page.body.matches("<form").count(), page.body.matches("<button").count()), (1, 1));
    let page = window.submit("/-/renew", &[("token", &token.reveal())]).await;
    assert!(page.body.contains("a new code to the same address"), "{}", page.body);
    assert_eq!(app.domain.mails_to(BOB).await.len(), 2);
    let (new, _) = app.domain.link_mailed_to(BOB);
    let in_ = window.post("/-/verify", &[("token", &new.reveal())]).await;
    assert!(in_.header("location").starts_with("http"), "{in_:?}");
}

#[actix_web::test]
async fn code_of_a_renewed_link_is_taken_without_showing_its_address() {
    let app = TestApp::new();
    app.shop().await;
    let old = mailed_to_bob(&app, &Window::new(&app, ADA)).await;
    app.domain.clock.advance_seconds(901);
    // Another browser, which has only the link.
    let window = Window::new(&app, ADA);
    let page = window.submit("/-/renew", &[("token", &old.reveal())]).await;
    assert!(page.body.contains("id=\"code\""), "{}", page.body);
    assert!(page.body.contains("formaction=\"/-/renew\""), "{}", page.body);
    assert_eq!(window.get("/-/code/state").await.body, "waiting");
    app.domain.clock.advance_seconds(60);
    let page = window.submit("/-/renew", &[("token", "")]).await;
    assert!(page.body.contains("a new code to the same address"), "{}", page.body);
    app.domain.deliver_mails().await;
    let (_, code) = app.domain.link_mailed_to(BOB);
    let wrong = if code.reveal() == "000000" { "111111" } else { "000000" };
    let fields = |code| [("email", ""), ("returnTo", "/guide"), ("code", code)];
    let refused = window.post("/-/code", &fields(wrong)).await;
    assert_eq!(refused.status, 401);
    assert!(!refused.body.contains(BOB), "{}", refused.body);
    let in_ = window.post("/-/code", &fields(code.reveal())).await;
    // The page has a price, so signing in leads on to the pay page.
    assert_eq!(in_.status, 303);
    assert!(in_.header("location").starts_with("https://pay.example/"), "{in_:?}");
    assert!(window.cookie("_10x_visitor").is_some());
    // A browser that asked for nothing has no address to go with a code.
    let stranger = Window::new(&app, ADA);
    assert_eq!(stranger.post("/-/code", &fields(code.reveal())).await.status, 401);
    assert_eq!(stranger.post("/-/renew", &[("token", "")]).await.status, 401);
}
