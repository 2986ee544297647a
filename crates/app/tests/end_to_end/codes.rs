//! Tests of which requests spend magic links and codes.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Letter, Reply, Server};

on_each_database!(
    code_signs_in_on_another_device,
    five_wrong_codes_spend_the_code_and_not_the_link,
    only_the_newest_links_code_counts,
    looking_at_a_link_spends_nothing,
    redeeming_one_link_spends_the_others_and_asking_again_voids_none,
    visitor_ends_a_session_elsewhere,
);

const BOB: &str = "bob@example.com";

async fn verify(server: &Server, proof: &Value) -> Reply {
    server.post("/v2/visitor/auth/verify").json(proof).send().await
}

async fn letter(server: &Server, number: usize) -> Letter {
    server.ask_link(BOB).await;
    server.place.link_letter(BOB, number).await
}

async fn code_signs_in_on_another_device(backend: Backend) {
    let server = Server::fresh(backend).await;
    let mut browser = Browser::new();
    let address = server.place.url("ada", "/letters");
    browser.open(&address).await;
    browser.submit(&[("email", BOB)]).await.shows("Six-digit code");
    let letter = server.place.link_letter(BOB, 1).await;
    let wrong = browser.submit(&[("code", &letter.wrong_code(0))]).await;
    assert_eq!(wrong.status, 401);
    wrong.shows("This is not the code");
    assert_eq!(browser.session(&address), "");
    let code = letter.code();
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let open = browser.submit(&[("code", &spaced)]).await;
    assert_eq!(open.url.as_str(), address);
    open.shows("The first seeds are in");
    let again = verify(&server, &json!({"email": BOB, "code": code})).await;
    assert_eq!(again.refusal(), "401 used_magic_link");
    let link = verify(&server, &json!({"token": letter.token()})).await;
    assert_eq!(link.refusal(), "401 used_magic_link");
}

async fn five_wrong_codes_spend_the_code_and_not_the_link(backend: Backend) {
    let server = Server::fresh(backend).await;
    let letter = letter(&server, 1).await;
    for n in 0..5 {
        let proof = json!({"email": BOB, "code": letter.wrong_code(n)});
        assert_eq!(verify(&server, &proof).await.refusal(), "401 invalid_magic_link");
    }
    let right = json!({"email": BOB, "code": letter.code()});
    assert_eq!(verify(&server, &right).await.refusal(), "401 invalid_magic_link");
    assert_eq!(server.place.database.census().await["visitor_sessions"], 0);
    assert_eq!(verify(&server, &json!({"token": letter.token()})).await.status, 200);
}

async fn only_the_newest_links_code_counts(backend: Backend) {
    let server = Server::fresh(backend).await;
    let older = letter(&server, 1).await;
    let newer = letter(&server, 2).await;
    if older.code() != newer.code() {
        let proof = json!({"email": BOB, "code": older.code()});
        assert_eq!(verify(&server, &proof).await.refusal(), "401 invalid_magic_link");
    }
    let proof = json!({"email": " Bob@EXAMPLE.com ", "code": newer.code()});
    assert_eq!(verify(&server, &proof).await.status, 200);
    let nobody = json!({"email": "nobody@example.com", "code": newer.code()});
    assert_eq!(verify(&server, &nobody).await.refusal(), "401 invalid_magic_link");
}

async fn looking_at_a_link_spends_nothing(backend: Backend) {
    let server = Server::fresh(backend).await;
    let letter = letter(&server, 1).await;
    let before = server.place.database.census().await;
    let path = format!("/-/verify?token={}", letter.token());
    for method in ["GET", "HEAD", "GET", "HEAD", "GET", "HEAD"] {
        let look = server.call(method, &path).send().await;
        assert_eq!(look.status, 200);
        // Only the nonce of the confirmation page is set, which is not a session.
        let cookie = look.header("set-cookie");
        assert!(cookie.is_empty() || cookie.starts_with("_tollgate_nonce="), "{cookie}");
        assert_eq!(look.header("referrer-policy"), "same-origin");
    }
    let mut browser = Browser::new();
    for _ in 0..3 {
        let page = browser.open(&letter.link()).await;
        page.shows("Continue as b•••@example.com");
        page.hides("<script");
        page.hides("http-equiv");
    }
    assert_eq!(server.place.database.census().await, before);
    browser.submit(&[]).await;
    let cookie = browser.session(&letter.link());
    assert_eq!(server.get("/v2/visitor/me").cookie(&cookie).send().await.ok()["email"], BOB);
    // The link leads on the person who is signed in by it, and nobody else.
    let again = browser.open(&letter.link()).await;
    assert_eq!(again.url.as_str(), format!("http://{}/access", server.place.domain()));
    let mut elsewhere = Browser::new();
    let spent = elsewhere.open(&letter.link()).await;
    assert_eq!(spent.status, 401);
    spent.shows("used already");
}

async fn redeeming_one_link_spends_the_others_and_asking_again_voids_none(backend: Backend) {
    let server = Server::fresh(backend).await;
    let first = letter(&server, 1).await;
    let second = letter(&server, 2).await;
    let third = letter(&server, 3).await;
    assert_eq!(verify(&server, &json!({"token": second.token()})).await.status, 200);
    for spent in [first, second, third] {
        let refused = verify(&server, &json!({"token": spent.token()})).await;
        assert_eq!(refused.refusal(), "401 used_magic_link");
    }
}

async fn visitor_ends_a_session_elsewhere(backend: Backend) {
    let server = Server::fresh(backend).await;
    let here = server.sign_in(BOB).await;
    let proof = json!({"token": letter(&server, 2).await.token()});
    let elsewhere = verify(&server, &proof).await.cookie();
    let stranger = server.sign_in("eve@example.com").await;
    let sessions = server.get("/v2/visitor/sessions").cookie(&here.cookie).send().await.ok();
    let sessions = sessions["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    let other = sessions.iter().find(|session| session["current"] == false).unwrap();
    let path = format!("/v2/visitor/sessions/{}", other["id"].as_str().unwrap());
    let me = async |cookie: &str| server.get("/v2/visitor/me").cookie(cookie).send().await.status;
    assert_eq!(server.call("DELETE", &path).cookie(&stranger.cookie).send().await.status, 204);
    assert_eq!(me(&elsewhere).await, 200);
    assert_eq!(server.call("DELETE", &path).cookie(&here.cookie).send().await.status, 204);
    assert_eq!(me(&elsewhere).await, 401);
    assert_eq!(me(&here.cookie).await, 200);
}
