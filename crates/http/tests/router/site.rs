//! The pages.

use actix_web::http::Method;
use tollgate_domain::visitor_auth::Browser;
use tollgate_domain_testing::a_page;

use crate::support::{ADA, ROOT, TestApp};

#[actix_web::test]
async fn every_page_has_one_address() {
    let app = TestApp::new();
    app.shop().await;
    assert_eq!(app.get(ADA, "/guide").send().await.status, 200);
    for path in [
        "//guide",
        "/guide//",
        "/Guide",
        "/guide/x.css",
        "/guide.html",
        "/%67uide",
        "/./guide",
        "/guide%2f",
        "/guide;x",
        "/access",
        "/-",
        "/-/nothing",
        "/nothing",
        "/..",
        "/guide%00",
    ] {
        let reply = app.get(ADA, path).send().await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(reply.header("content-type").starts_with("text/html"), "{path}");
    }
}

#[actix_web::test]
async fn each_host_has_its_pages() {
    let app = TestApp::new();
    app.shop().await;
    let app_host = "app.tollgate.localhost:8080";
    for (host, path, text) in [
        (ROOT, "/", "Tollgate"),
        (ROOT, "/access", "name=\"email\""),
        (app_host, "/sign-in", "name=\"password\""),
        (ADA, "/", "href=\"/guide\""),
    ] {
        let reply = app.get(host, path).send().await;
        assert_eq!(reply.status, 200, "{host}{path}");
        assert!(reply.body.contains(text), "{host}{path}: {}", reply.body);
        assert!(!reply.body.contains("<script") && !reply.body.contains("style="), "{host}{path}");
        let head = app.call(Method::HEAD, host, path).send().await;
        assert_eq!(head.status, 200);
    }
    for (host, path) in [
        ("evil.example", "/"),
        ("evil.example", "/guide"),
        ("127.0.0.1:8080", "/-/verify"),
        ("eve.tollgate.localhost:8080", "/"),
        (ROOT, "/guide"),
        (app_host, "/ada/nothing/at-all"),
        (ADA, "/-/stripe/return?handle=ada"),
    ] {
        assert_eq!(app.get(host, path).send().await.status, 404, "{host}{path}");
    }
    for path in ["/healthz", "/readyz", "/v2/openapi.json"] {
        assert_eq!(app.get("127.0.0.1:8080", path).send().await.status, 200, "{path}");
    }
    let forwarded = app.get("evil.example", "/guide").with("x-forwarded-host", ADA).send().await;
    assert_eq!(forwarded.status, 404);
}

/// The first page of the installation, and the place of a shop that does not exist.
#[actix_web::test]
async fn pages_without_a_shop_have_a_header_and_no_empty_footer() {
    let app = TestApp::new();
    let home = app.get(ROOT, "/").send().await.body;
    assert!(home.contains("<a class=\"brand\" href=\"/\" dir=\"auto\">Tollgate</a>"), "{home}");
    let nowhere = app.get("eve.tollgate.localhost:8080", "/").send().await.body;
    assert!(nowhere.contains("There is no such shop"), "{nowhere}");
    let brand =
        "<a class=\"brand\" href=\"http://tollgate.localhost:8080/\" dir=\"auto\">Tollgate</a>";
    let access = "<a href=\"http://tollgate.localhost:8080/access\">My access</a>";
    assert!(nowhere.contains(brand) && nowhere.contains(access), "{nowhere}");
    assert!(!nowhere.contains("/-/sign-in"), "{nowhere}");
    for page in [home, nowhere] {
        assert!(page.contains("<header class=\"bar\">") && !page.contains("<footer>"), "{page}");
    }
    let bob = app.domain.sign_in("bob@example.com").await;
    let home = app.get(ROOT, "/").visitor(&bob).send().await.body;
    assert!(home.contains("<footer>") && home.contains("Sign out"), "{home}");
}

#[actix_web::test]
async fn bad_address_is_shown_again_with_what_was_typed() {
    let app = TestApp::new();
    app.shop().await;
    let reply =
        app.post(ADA, "/-/sign-in").form("email=%22%3E%3Cscript%3E&returnTo=%2Fguide").send().await;
    assert_eq!(reply.status, 422);
    assert!(
        reply.body.contains("is not an e-mail address") && reply.body.contains("value=\"/guide\"")
    );
    assert!(!reply.body.contains("<script>"));
    let out = app
        .post(ADA, "/-/sign-in")
        .form("email=a%40b.example&returnTo=%2F%2Fevil.example")
        .send()
        .await;
    assert_eq!(out.status, 422);
    assert!(!out.body.contains("href=\"//evil"));
}

#[actix_web::test]
async fn link_that_is_no_good_offers_another() {
    let app = TestApp::new();
    let (token, _) = app.domain.request_link("bob@example.com").await;
    app.domain.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
    let used = format!("/-/verify?token={}", token.reveal());
    for (path, text) in [
        (&*used, "was used already"),
        ("/-/verify?token=x", "is not valid"),
        ("/-/verify", "is not valid"),
    ] {
        let reply = app.get(ROOT, path).send().await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.body.contains(text) && reply.body.contains("name=\"email\""), "{path}");
    }
}

#[actix_web::test]
async fn free_page_opens_after_signing_in() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    let gate = app.get(ADA, "/free").send().await;
    assert!(gate.body.contains("name=\"email\"") && !gate.body.contains("Everything."));
    app.post(ADA, "/-/sign-in").form("email=bob%40example.com&returnTo=%2Ffree").send().await;
    app.domain.deliver_mails().await;
    let (token, _) = app.domain.link_mailed_to("bob@example.com");
    let in_ = app.post(ADA, "/-/verify").form(&format!("token={}", token.reveal())).send().await;
    assert_eq!(in_.header("location"), "http://ada.tollgate.localhost:8080/free");
    let open = app.get(ADA, "/free").with("cookie", &in_.cookie()).send().await;
    assert!(open.body.contains("Everything."));
}

#[actix_web::test]
async fn nothing_on_the_way_back_is_a_fault() {
    let app = TestApp::new();
    app.shop().await;
    for query in
        ["", "?checkout=", "?checkout=chk_x", "?checkout=chk_01j9z3k5v7w8x9y0z1a2b3c4d5", "?x"]
    {
        let reply = app.get(ADA, &format!("/guide/return{query}")).send().await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/guide"), "{query}");
    }
    let pay = app.post(ADA, "/guide/checkout").form("").send().await;
    assert_eq!((pay.status.as_u16(), pay.header("location")), (303, "/guide"));
}

#[actix_web::test]
async fn answer_to_a_form_can_be_loaded_again() {
    let app = TestApp::new();
    app.shop().await;
    let receipt = "/access/receipts/pur_01j9z3k5v7w8x9y0z1a2b3c4d5";
    for (host, path, to) in [
        (ADA, "/guide/checkout", "/guide"),
        (ADA, "/-/group-buys/together/interest", "/-/group-buys/together"),
        (ADA, "/-/group-buys/together/checkout", "/-/group-buys/together"),
        (ADA, "/-/renew", "/-/code"),
        (ROOT, "/-/renew", "/-/code"),
        (ROOT, "/access/sessions", "/access"),
        (ROOT, &*format!("{receipt}/resend"), receipt),
    ] {
        let reply = app.get(host, path).send().await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, to), "{path}");
    }
}

#[actix_web::test]
async fn style_may_be_kept() {
    let app = TestApp::new();
    let home = app.get(ROOT, "/").send().await;
    let address =
        home.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let style = app.get(ROOT, address).send().await;
    assert_eq!(style.status, 200);
    assert!(style.header("cache-control").contains("immutable"));
    assert!(home.body.len() + style.body.len() < 10_000);
}

#[actix_web::test]
async fn each_page_is_on_its_own_hosts_only() {
    let app = TestApp::new();
    app.shop().await;
    let app_host = "app.tollgate.localhost:8080";
    for (method, path, expected) in [
        ("GET", "/", [200, 303, 200, 404]),
        ("GET", "/access", [200, 303, 404, 404]),
        ("GET", "/guide", [404, 303, 200, 404]),
        ("POST", "/guide", [405, 405, 405, 404]),
        ("POST", "/guide/checkout", [404, 404, 303, 404]),
        ("GET", "/guide/checkout", [404, 404, 303, 404]),
        ("GET", "/guide/return", [404, 404, 303, 404]),
        ("GET", "/-/stripe/return?handle=ada", [404, 303, 404, 404]),
        ("GET", "/-/group-buys/together", [404, 404, 404, 404]),
        ("POST", "/-/group-buys/together", [405, 405, 405, 404]),
        ("GET", "/-/group-buys/together/interest", [404, 404, 303, 404]),
        ("GET", "/docs", [200, 200, 200, 200]),
        ("POST", "/docs/", [404, 404, 404, 404]),
    ] {
        for (host, expected) in [ROOT, app_host, ADA, "evil.example"].into_iter().zip(expected) {
            let reply = app.call(method.parse().unwrap(), host, path).send().await;
            assert_eq!(reply.status.as_u16(), expected, "{method} {host}{path}");
        }
    }
    // What is missing has a name where a page could be.
    let page = app.post(ROOT, "/guide/checkout").send().await;
    assert!(page.body.contains("This page does not exist or is not published"), "{}", page.body);
    let group_buy = app.get(ROOT, "/-/group-buys/together").send().await;
    assert!(group_buy.body.contains("There is no such group buy"), "{}", group_buy.body);
}
