//! The reference of the interface.

use actix_web::http::Method;

use crate::support::{ADA, ROOT, TestApp};

#[actix_web::test]
async fn reference_is_on_every_host_and_names_no_other() {
    let app = TestApp::new();
    let hosts = [ROOT, ADA, "app.tollgate.localhost:8080", "evil.example", "127.0.0.1:8080"];
    for host in hosts {
        let page = app.get(host, "/docs").send().await;
        assert_eq!(page.status, 200, "{host}");
        assert!(page.header("content-type").starts_with("text/html"), "{host}");
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("cache-control"), "public, max-age=300");
        let head = app.call(Method::HEAD, host, "/docs").send().await;
        assert_eq!(head.status, 200, "{host}");
        let style = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
        let style = app.get(host, style.split('"').next().unwrap()).send().await;
        assert_eq!(style.status, 200, "{host}");
        assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
        assert!(style.header("cache-control").contains("immutable"));
    }
    for path in ["/docs/", "/docs/x", "/docs/style.css/", "/Docs", "/doc%73"] {
        assert_eq!(app.get(ROOT, path).send().await.status, 404, "{path}");
    }
    let put = app.call(Method::PUT, ROOT, "/docs").send().await;
    assert_eq!(put.status, 405);
}

#[actix_web::test]
async fn reference_tells_of_every_operation_and_schema() {
    let app = TestApp::new();
    let page = app.get(ROOT, "/docs").send().await.body;
    let described = app.get(ROOT, "/v2/openapi.json").send().await.json();
    for (path, item) in described["paths"].as_object().unwrap() {
        assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("<h3 id=\"{id}\">")), "{id}");
        }
    }
    for name in described["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.contains(&format!("<h3 id=\"schema-{name}\">")), "{name}");
    }
    assert!(page.contains("href=\"/v2/openapi.json\""));
}

#[actix_web::test]
async fn reference_is_plain_and_its_links_lead_somewhere() {
    let app = TestApp::new();
    let page = app.get(ROOT, "/docs").send().await.body;
    for forbidden in ["<script", " style=", "<form", "src=", "javascript:", " on"] {
        let tags = page.split('<').skip(1).filter_map(|rest| rest.split('>').next());
        for tag in tags {
            assert!(!format!("<{tag}").contains(forbidden), "{forbidden}: {tag}");
        }
    }
    assert_eq!(page.matches("<h1").count(), 1);
    let ids: Vec<_> =
        page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let mut once = ids.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), ids.len(), "an id is there twice");
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.contains(&id), "#{id} leads nowhere"),
            None => assert!(link.starts_with('/'), "{link} leads elsewhere"),
        }
    }
    assert!(page.len() < 500_000, "{} bytes", page.len());
}
