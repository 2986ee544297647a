//! Tests of the limits on requests for magic links and logins.

use serde_json::{Value, json};

use crate::support::{Backend, Place, Reply, Server};

on_each_database!(
    fourth_link_is_refused_alike_for_known_and_unknown_addresses,
    one_client_is_limited_whatever_it_says_of_itself,
    limits_are_shared_by_all_processes_and_outlast_them,
    creators_logins_are_limited_by_client,
    proxied_clients_are_limited_by_network,
);

async fn ask(server: &Server, email: &str) -> Reply {
    server.post("/v2/visitor/auth/magic-link").json(&json!({"email": email})).send().await
}

/// Returns an answer without the parts that differ each time.
fn shape(reply: &Reply) -> (u16, Vec<String>, Value) {
    let mut body = reply.json();
    body["requestId"] = Value::Null;
    let mut names: Vec<_> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    (reply.status, names, body)
}

async fn fourth_link_is_refused_alike_for_known_and_unknown_addresses(backend: Backend) {
    let server = Server::fresh(backend).await;
    let known = server.sign_in("bob@example.com").await;
    let mut answers = Vec::new();
    for email in [known.email.as_str(), "nobody@example.com"] {
        let mut shapes = Vec::new();
        let asked = usize::from(email == known.email);
        for _ in asked..3 {
            shapes.push(shape(&ask(&server, email).await));
        }
        let refused = ask(&server, email).await;
        assert_eq!(refused.refusal(), "429 rate_limited");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        shapes.push(shape(&refused));
        answers.push(shapes);
        // Another spelling of the same address shares its limit.
        let spelled = email.to_uppercase();
        assert_eq!(ask(&server, &spelled).await.refusal(), "429 rate_limited");
    }
    let known = answers.remove(0);
    assert_eq!(known[..], answers[0][1..]);
    server.place.link_letter("nobody@example.com", 3).await;
    server.place.link_letter("bob@example.com", 3).await;
    assert_eq!(server.place.database.census().await["magic_links"], 6);
    // Requests from a page count as well.
    let form = server.post("/-/sign-in").host(&server.place.host("ada"));
    let form = form.body("application/x-www-form-urlencoded", "email=bob%40example.com");
    let refused = form.send().await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(server.place.database.census().await["magic_links"], 6);
}

async fn one_client_is_limited_whatever_it_says_of_itself(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_CLIENT_REQUESTS_PER_MINUTE", "5");
    let server = place.serve().await;
    for n in 0..5 {
        assert_eq!(ask(&server, &format!("visitor{n}@example.com")).await.status, 202);
    }
    for n in 5..8 {
        let body = json!({"email": format!("visitor{n}@example.com")});
        let call = server.post("/v2/visitor/auth/magic-link").json(&body);
        let spoofed = call.with("x-forwarded-for", &format!("198.51.100.{n}"));
        let spoofed = spoofed.with("forwarded", &format!("for=198.51.100.{n}"));
        assert_eq!(spoofed.send().await.refusal(), "429 rate_limited");
    }
    assert_eq!(server.place.database.census().await["magic_links"], 5);
}

async fn limits_are_shared_by_all_processes_and_outlast_them(backend: Backend) {
    let mut server = Server::fresh(backend).await;
    for _ in 0..3 {
        assert_eq!(ask(&server, "bob@example.com").await.status, 202);
    }
    if backend == Backend::Postgres {
        let other = server.replica().await;
        assert_eq!(ask(&other, "bob@example.com").await.refusal(), "429 rate_limited");
    }
    server.restart().await;
    assert_eq!(ask(&server, "bob@example.com").await.refusal(), "429 rate_limited");
}

async fn creators_logins_are_limited_by_client(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_CLIENT_REQUESTS_PER_MINUTE", "4");
    let server = place.serve().await;
    let login = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        server.post("/v2/creator/auth/login").json(&body).send().await
    };
    let ada = server.ada().await;
    for email in ["ada@example.com", "nobody@example.com"] {
        let refused = login(email, "wrong horse").await;
        assert_eq!(refused.refusal(), "401 creator_unauthorized");
    }
    let body = json!({"currentPassword": "wrong horse", "newPassword": "battery staple"});
    let call = || server.post("/v2/creator/auth/password").bearer(&ada.token).json(&body);
    assert_eq!(call().send().await.refusal(), "422 validation_failed");
    // The answer is the same for known and unknown addresses, and for a correct password.
    let mut shapes = Vec::new();
    for (email, password) in [
        ("ada@example.com", "tollgate-demo"),
        ("ada@example.com", "wrong horse"),
        ("nobody@example.com", "wrong horse"),
    ] {
        let refused = login(email, password).await;
        assert_eq!(refused.refusal(), "429 rate_limited");
        assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
        shapes.push(shape(&refused));
    }
    assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{shapes:?}");
    assert_eq!(call().send().await.refusal(), "429 rate_limited");
    // Magic links have a separate limit, and signed-in creators stay signed in.
    assert_eq!(ask(&server, "bob@example.com").await.status, 202);
    let me = server.get("/v2/creator/me").bearer(&ada.token).send().await;
    assert_eq!(me.status, 200);
}

async fn proxied_clients_are_limited_by_network(backend: Backend) {
    let place = Place::new(backend).await.with("TOLLGATE_CLIENT_REQUESTS_PER_MINUTE", "3");
    let server = place.with("TOLLGATE_TRUSTED_PROXIES", "127.0.0.1").serve().await;
    let from = async |client: &str, number: u32| {
        let body = json!({"email": format!("visitor{number}@example.com")});
        let call = server.post("/v2/visitor/auth/magic-link").json(&body);
        call.with("x-forwarded-for", client).send().await
    };
    for number in 0..3 {
        assert_eq!(from(&format!("2001:db8:1:2::{number}"), number).await.status, 202);
    }
    // All addresses in a /64 count as one client; the next /64 is another.
    let refused = from("2001:db8:1:2:ffff::9", 3).await;
    assert_eq!(refused.refusal(), "429 rate_limited");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(from("2001:db8:1:3::1", 4).await.status, 202);
    for number in 5..8 {
        assert_eq!(from("198.51.100.7", number).await.status, 202);
    }
    assert_eq!(from("198.51.100.7", 8).await.refusal(), "429 rate_limited");
    assert_eq!(from("198.51.100.8", 9).await.status, 202);
}
