//! One address for each page, and what programs ask a site for: compression, robots.txt, icons.

use std::io::Read;

use actix_web::http::Method;

use crate::support::{ADA, ROOT, TestApp};

#[actix_web::test]
async fn other_ways_to_write_an_address_lead_to_it() {
    let app = TestApp::new();
    app.shop().await;
    for (host, path, to) in [
        (ADA, "/guide/?utm=x", "http://ada.tollgate.localhost:8080/guide?utm=x"),
        ("www.ada.tollgate.localhost:8080", "/guide", "http://ada.tollgate.localhost:8080/guide"),
        ("ada.tollgate.localhost.:8080", "/", "http://ada.tollgate.localhost:8080/"),
        ("www.tollgate.localhost:8080", "/access", "http://tollgate.localhost:8080/access"),
        (
            "tollgate.localhost.:8080",
            "/v2/visitor/me",
            "http://tollgate.localhost:8080/v2/visitor/me",
        ),
    ] {
        let reply = app.get(host, path).send().await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (308, to), "{host}{path}");
    }
    for (host, path) in
        [(ROOT, "/v2/visitor/me/"), ("www.evil.example", "/"), (ADA, "//evil.example/")]
    {
        assert_eq!(app.get(host, path).send().await.status, 404, "{host}{path}");
    }
}

/// Each page has one address, and who mistypes it is led to the list of all pages.
#[actix_web::test]
async fn address_in_other_letters_or_with_escapes_offers_the_storefront() {
    let app = TestApp::new();
    app.shop().await;
    for path in ["/Guide", "/GUIDE", "/%67uide", "/guide%20", "/%47uide", "/guide.", "/gu%C4%B1de"]
    {
        let reply = app.get(ADA, path).send().await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(
            reply.body.contains("<a href=\"/\">Back to the start</a>"),
            "{path}: {}",
            reply.body
        );
        assert!(reply.body.contains("The address may be mistyped"), "{path}: {}", reply.body);
        assert!(!reply.body.contains("$12.00"), "{path}: {}", reply.body);
    }
}

#[actix_web::test]
async fn text_is_compressed_for_those_who_can_read_it() {
    let app = TestApp::new();
    app.shop().await;
    let plain = app.get(ADA, "/guide").send().await;
    assert_eq!(plain.header("content-encoding"), "");
    assert!(plain.header("vary").contains("Accept-Encoding"));
    for (host, path) in [(ADA, "/guide"), (ROOT, "/v2/openapi.json"), (ROOT, "/-/style.css")] {
        let plain = app.get(host, path).send().await;
        let (headers, bytes) =
            app.get(host, path).with("accept-encoding", "gzip, deflate, br").raw().await;
        assert_eq!(headers.get("content-encoding").unwrap(), "gzip", "{path}");
        assert!(
            bytes.len() < plain.body.len() / 2,
            "{path}: {} of {}",
            bytes.len(),
            plain.body.len()
        );
        let mut text = String::new();
        flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        if path != "/guide" {
            assert_eq!(text, plain.body, "{path}");
        }
        for coding in ["identity", "br", "gzip;q=0", "*;q=0"] {
            let (headers, _) = app.get(host, path).with("accept-encoding", coding).raw().await;
            assert!(headers.get("content-encoding").is_none(), "{path} {coding}");
        }
    }
    // Short answers and answers without a body stay as they are.
    for path in ["/robots.txt", "/healthz"] {
        let (headers, _) = app.get(ROOT, path).with("accept-encoding", "gzip").raw().await;
        assert!(headers.get("content-encoding").is_none(), "{path}");
    }
    let whole = app.get(ADA, "/guide").with("accept-encoding", "gzip").raw().await;
    let page = whole.1.len();
    assert!(page < 6_000, "{page} bytes");
}

#[actix_web::test]
async fn each_host_tells_robots_what_to_read_and_shows_an_icon() {
    let app = TestApp::new();
    app.shop().await;
    for (host, path, text) in [
        (ROOT, "/robots.txt", "Disallow: /access"),
        (ADA, "/robots.txt", "Allow: /-/group-buys/"),
        ("app.tollgate.localhost:8080", "/robots.txt", "Disallow: /\n"),
    ] {
        let reply = app.get(host, path).send().await;
        assert_eq!(reply.status, 200, "{host}");
        assert!(reply.header("content-type").starts_with("text/plain"));
        assert!(reply.body.contains(text), "{host}: {}", reply.body);
    }
    for (path, kind) in [
        ("/favicon.ico", "image/x-icon"),
        ("/-/icon.png", "image/png"),
        ("/-/icon.svg", "image/svg+xml"),
    ] {
        let (headers, bytes) = app.get(ADA, path).raw().await;
        assert_eq!(headers.get("content-type").unwrap(), kind);
        assert!(bytes.len() < 2_000, "{path}");
        assert_eq!(
            app.call(Method::HEAD, ROOT, path).raw().await.0.get("content-type").unwrap(),
            kind
        );
    }
}

#[actix_web::test]
async fn buyers_pages_are_light() {
    let app = TestApp::new();
    app.shop().await;
    let mut total = 0;
    for path in ["/guide", "/-/style.css", "/-/waiting.js", "/-/icon.svg"] {
        total += app.get(ADA, path).with("accept-encoding", "gzip").raw().await.1.len();
    }
    assert!(total < 10_000, "{total} bytes");
}

#[actix_web::test]
async fn shop_that_does_not_exist_leads_to_the_installation() {
    let app = TestApp::new();
    let reply = app.get("nobody.tollgate.localhost:8080", "/").send().await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("href=\"http://tollgate.localhost:8080/\""), "{}", reply.body);
}
