//! Tests of the origin of a request and of its host.

use serde_json::json;

use crate::support::{Backend, Call, Server};

on_each_database!(
    requests_of_another_site_are_refused,
    own_pages_and_programs_may_call,
    foreign_hosts_have_no_site,
    host_with_an_impossible_port_is_foreign,
    forged_hosts_never_reach_a_mail,
    answers_about_people_are_kept_by_nobody,
);

/// Makes a request look as if it came from another site.
type Forge<'a> = Box<dyn Fn(Call) -> Call + 'a>;

async fn requests_of_another_site_are_refused(backend: Backend) {
    let server = Server::fresh(backend).await;
    let bob = server.sign_in("bob@example.com").await;
    let domain = server.place.domain();
    let before = server.place.database.census().await;
    let from = |origin: &'static str| -> Forge<'_> {
        Box::new(move |call: Call| call.with("origin", origin))
    };
    let forgeries: Vec<(&str, Forge<'_>)> = vec![
        ("foreign origin", from("https://evil.example")),
        ("no origin to tell", from("null")),
        ("cross-site", Box::new(|call| call.with("sec-fetch-site", "cross-site"))),
        ("same-site without origin", Box::new(|call| call.with("sec-fetch-site", "same-site"))),
        ("like our name", Box::new(|call| call.with("origin", &format!("http://evil{domain}")))),
        (
            "our name with another scheme",
            Box::new(|call| call.with("origin", &format!("https://{domain}"))),
        ),
        (
            "our name as a part",
            Box::new(|call| call.with("origin", &format!("http://{domain}.evil.example"))),
        ),
        (
            "two origins",
            Box::new(|call| {
                call.with("origin", &format!("http://{domain}"))
                    .with("origin", "https://evil.example")
            }),
        ),
    ];
    for (what, forge) in &forgeries {
        for path in ["/v2/visitor/auth/logout", "/v2/public/pages/ada/guide/checkout"] {
            let reply = forge(server.post(path).cookie(&bob.cookie)).send().await;
            assert_eq!(reply.refusal(), "403 cross_site_request", "{what} {path}");
            assert_eq!(reply.header("access-control-allow-origin"), "", "{what}");
        }
        let form = forge(server.post("/guide/checkout").host(&server.place.host("ada")));
        let reply = form.cookie(&bob.cookie).send().await;
        assert_eq!(reply.status, 403, "{what}");
    }
    // A form on another site cannot send JSON, and a plain-text body with the cookie is refused.
    let form = server.post("/v2/visitor/auth/logout").cookie(&bob.cookie).body("text/plain", "{}");
    assert_eq!(form.send().await.refusal(), "403 cross_site_request");
    let session = server.get("/v2/visitor/me").cookie(&bob.cookie).send().await;
    assert_eq!(session.status, 200);
    assert_eq!(server.place.database.census().await, before);
}

async fn own_pages_and_programs_may_call(backend: Backend) {
    let server = Server::fresh(backend).await;
    let bob = server.sign_in("bob@example.com").await;
    let check = || server.post("/v2/public/pages/ada/letters/access-check").cookie(&bob.cookie);
    let own = format!("http://{}", server.place.host("ada"));
    for (what, call) in [
        ("a program", check().json(&json!({}))),
        ("a program without a body", check()),
        ("an own page", check().with("origin", &own).with("sec-fetch-site", "same-site")),
        ("the same page", check().with("sec-fetch-site", "same-origin")),
    ] {
        let reply = call.send().await;
        assert_eq!(reply.ok()["reason"], "entitled", "{what}");
    }
    let reply = check().with("origin", &own).send().await;
    assert_eq!(reply.header("access-control-allow-origin"), own);
    assert_eq!(reply.header("access-control-allow-credentials"), "true");
    assert!(reply.header("vary").to_lowercase().contains("origin"));
    let read =
        server.get("/v2/visitor/me").cookie(&bob.cookie).with("origin", "https://evil.example");
    assert_eq!(read.send().await.header("access-control-allow-origin"), "");
}

async fn foreign_hosts_have_no_site(backend: Backend) {
    let server = Server::fresh(backend).await;
    let domain = server.place.domain();
    for host in
        ["evil.example", "127.0.0.1", &format!("evil{domain}"), "tollgate.localhost.evil.example"]
    {
        for path in ["/", "/access", "/guide", "/-/verify"] {
            let reply = server.get(path).host(host).send().await;
            assert_eq!(reply.status, 404, "{host}{path}");
            assert!(!reply.body.contains("Ada"), "{host}{path}");
        }
    }
    let nobody = server.get("/guide").host(&server.place.host("nobody")).send().await;
    assert_eq!(nobody.status, 404);
    let nested = server.get("/welcome").host(&server.place.host("x.ada")).send().await;
    assert_eq!(nested.status, 404);
}

async fn host_with_an_impossible_port_is_foreign(backend: Backend) {
    let server = Server::fresh(backend).await;
    for port in [".evil.example", "x", "/", "@evil.example", "99999999"] {
        let host = format!("{}{port}", server.place.host("ada"));
        let reply = server.get("/welcome").host(&host).send().await;
        assert!(matches!(reply.status, 400 | 404), "{host}: {}", reply.status);
        assert!(!reply.body.contains("herbs"), "{host}");
    }
}

async fn forged_hosts_never_reach_a_mail(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ask =
        |email: &str| server.post("/v2/visitor/auth/magic-link").json(&json!({"email": email}));
    let forged = ask("a@example.com")
        .with("x-forwarded-host", "evil.example")
        .with("x-forwarded-proto", "https")
        .with("forwarded", "host=evil.example;proto=https");
    assert_eq!(forged.send().await.status, 202);
    let own = format!("http://{}/-/verify?token=", server.place.domain());
    let letter = server.place.link_letter("a@example.com", 1).await;
    assert!(letter.link().starts_with(&own), "{}", letter.link());

    let forged = ask("b@example.com").host("evil.example").send().await;
    if forged.status == 202 {
        assert_eq!(forged.header("set-cookie"), "");
        let letter = server.place.link_letter("b@example.com", 1).await;
        assert!(letter.link().starts_with(&own), "{}", letter.link());
    } else {
        assert_eq!(forged.status, 404, "{forged:?}");
    }
    for letter in server.place.letters() {
        assert!(!letter.raw.contains("evil"), "{}", letter.raw);
        assert!(!letter.html.contains("evil"), "{}", letter.html);
    }
}

async fn answers_about_people_are_kept_by_nobody(backend: Backend) {
    let server = Server::fresh(backend).await;
    let bob = server.sign_in("bob@example.com").await;
    let ada = server.place.host("ada");
    for (host, path) in [
        (server.place.domain(), "/v2/visitor/me"),
        (server.place.domain(), "/v2/visitor/access"),
        (server.place.domain(), "/v2/public/pages/ada/guide"),
        (server.place.domain(), "/access"),
        (ada, "/letters"),
    ] {
        let reply = server.get(path).host(&host).cookie(&bob.cookie).send().await;
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("cache-control"), "private, no-store", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header("strict-transport-security"), "", "{path}");
        assert!(!reply.header("x-request-id").is_empty(), "{path}");
    }
}
