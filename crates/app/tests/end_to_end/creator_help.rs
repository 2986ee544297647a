//! What the interface offers creators besides selling: a proved address, a forgotten password, previews,
//! versions, receipts, a change of address, and mails once more.

use serde_json::{Value, json};

use crate::support::{Backend, Browser, Letter, Reply, Seller, Server, Upload, until};

on_each_database!(
    nothing_mails_others_before_the_address_is_proved,
    a_forgotten_password_is_replaced_by_mail,
    two_edits_of_one_version_do_not_overwrite_each_other,
    edits_of_files_and_group_buys_heed_the_version,
    markdown_is_previewed_as_pages_show_it,
    many_addresses_are_put_on_a_list_at_once,
    a_buyer_has_a_receipt,
    purchases_move_to_an_address_that_confirms,
    a_change_of_address_is_replaced_and_called_off,
    a_mail_of_the_log_is_found_and_sent_once_more,
    signing_in_ends_the_session_before,
);

async fn post(server: &Server, seller: &Seller, path: &str, body: &Value) -> Reply {
    server.post(path).bearer(&seller.token).json(body).send().await
}

async fn nothing_mails_others_before_the_address_is_proved(backend: Backend) {
    let server = Server::fresh(backend).await;
    let body = json!({"email": "carol@example.com", "password": "correct horse"});
    let answer = server.post("/v2/creator/auth/register").json(&body).send().await.ok();
    assert_eq!(answer["creator"]["emailVerified"], false);
    let carol = Seller::of(&answer);
    post(&server, &carol, "/v2/handles", &json!({"handle": "carol", "name": "Carol"})).await.ok();
    let page = json!({
        "slug": "bread", "title": "Bread", "teaser": "", "body": "", "accessMode": "PUBLIC",
    });
    post(&server, &carol, "/v2/handles/carol/pages", &page).await.ok();
    let (grants, connect) =
        ("/v2/handles/carol/pages/bread/grants", "/v2/handles/carol/stripe/connect");
    let given = post(&server, &carol, grants, &json!({"email": "bob@example.com"})).await;
    assert_eq!(given.refusal(), "409 email_not_verified");
    let connected = post(&server, &carol, connect, &json!({})).await;
    assert_eq!(connected.refusal(), "409 email_not_verified");
    server.prove("carol@example.com").await;
    let me = server.get("/v2/creator/me").bearer(&carol.token).send().await.ok();
    assert_eq!(me["emailVerified"], true);
    let given = post(&server, &carol, grants, &json!({"email": "bob@example.com"})).await;
    assert_eq!(given.status, 201);
    let unknown = json!({"token": "A".repeat(43)});
    let unknown = server.post("/v2/creator/auth/verify-email").json(&unknown).send().await;
    assert_eq!(unknown.refusal(), "401 invalid_magic_link");
}

async fn a_forgotten_password_is_replaced_by_mail(backend: Backend) {
    let server = Server::fresh(backend).await;
    let old = server.ada().await;
    let mut answers = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let asked = server.post("/v2/creator/auth/password-reset").json(&json!({"email": email}));
        let asked = asked.send().await;
        assert_eq!(asked.status, 202);
        answers.push(asked.body);
    }
    assert_eq!(answers[0], answers[1], "nobody learns who has an account");
    let token = server.place.letter("ada@example.com", "password").await.token();
    let confirm = |password: &'static str| {
        let body = json!({"token": token, "password": password});
        server.post("/v2/creator/auth/password-reset/confirm").json(&body).send()
    };
    assert_eq!(confirm("short").await.refusal(), "422 validation_failed");
    let new = Seller::of(&confirm("battery staple").await.ok());
    assert_eq!(confirm("third staple").await.refusal(), "401 used_magic_link");
    let with_old = server.get("/v2/creator/me").bearer(&old.token).send().await;
    assert_eq!(with_old.refusal(), "401 creator_unauthorized");
    let sessions = server.get("/v2/creator/sessions").bearer(&new.token).send().await.ok();
    let sessions = sessions["items"].as_array().unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["current"], true);
    let login = json!({"email": "ada@example.com", "password": "tollgate-demo"});
    let with_old = server.post("/v2/creator/auth/login").json(&login).send().await;
    assert_eq!(with_old.refusal(), "401 creator_unauthorized");
}

async fn two_edits_of_one_version_do_not_overwrite_each_other(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let path = "/v2/handles/ada/pages/welcome";
    let shown = server.get(path).bearer(&ada.token).send().await;
    let tag = shown.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", shown.ok()["version"].as_str().unwrap()));
    let edit = |title: &'static str, tag: &str| {
        let call = server.call("PATCH", path).bearer(&ada.token).with("if-match", tag);
        call.json(&json!({"title": title})).send()
    };
    let first = edit("First", &tag).await;
    assert_eq!(first.ok()["title"], "First");
    assert_eq!(edit("Second", &tag).await.refusal(), "409 version_conflict");
    assert_eq!(edit("Second", "\"nonsense\"").await.refusal(), "409 version_conflict");
    let next = edit("Second", first.header("etag")).await;
    assert_eq!(next.ok()["title"], "Second");
    assert_eq!(edit("Third", "*").await.ok()["title"], "Third");
    let delete =
        |tag: &str| server.call("DELETE", path).bearer(&ada.token).with("if-match", tag).send();
    assert_eq!(delete(&tag).await.refusal(), "409 version_conflict");
    let shown = server.get(path).bearer(&ada.token).send().await;
    assert_eq!(delete(shown.header("etag")).await.status, 204);
}

async fn edits_of_files_and_group_buys_heed_the_version(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::public("plan", b"Wash the pots.")).await;
    for (path, field) in [("/files/plan", "name"), ("/group-buys/together", "title")] {
        let path = format!("/v2/handles/ada{path}");
        let shown = server.get(&path).bearer(&ada.token).send().await;
        let tag = shown.header("etag").to_owned();
        let edit = |text: &'static str, tag: &str| {
            let call = server.call("PATCH", &path).bearer(&ada.token).with("if-match", tag);
            call.json(&json!({field: text})).send()
        };
        let first = edit("First", &tag).await;
        assert_eq!(first.ok()[field], "First", "{path}");
        assert_eq!(edit("Second", &tag).await.refusal(), "409 version_conflict", "{path}");
        assert_eq!(edit("Second", "\"0\"").await.refusal(), "409 version_conflict", "{path}");
        let both = format!("\"0\", {}", first.header("etag"));
        let second = edit("Second", &both).await;
        assert_eq!(second.ok()[field], "Second", "{path}");
        let weak = format!("W/{}", second.header("etag"));
        assert_eq!(edit("Third", &weak).await.refusal(), "409 version_conflict", "{path}");
        let (method, last) = match field {
            "title" => ("POST", format!("{path}/cancel")),
            _ => ("DELETE", path.clone()),
        };
        let end =
            |tag: &str| server.call(method, &last).bearer(&ada.token).with("if-match", tag).send();
        assert_eq!(end(&tag).await.refusal(), "409 version_conflict", "{path}");
        assert!(end(second.header("etag")).await.status < 300, "{path}");
    }
}

async fn markdown_is_previewed_as_pages_show_it(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let body = json!({"markdown": "# Hello\n\n<script>alert(1)</script>\n\n*there*"});
    let html = post(&server, &ada, "/v2/handles/ada/preview", &body).await.ok();
    let html = html["html"].as_str().unwrap();
    assert!(html.contains("<em>there</em>") && html.contains("<h2"), "{html}");
    assert!(!html.contains("<script"), "{html}");
}

async fn many_addresses_are_put_on_a_list_at_once(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    server.upload(&ada, &Upload::by_list("workbook", b"x")).await;
    let path = "/v2/handles/ada/files/workbook/allowlist";
    let emails =
        json!({"emails": ["bob@example.com", "nonsense", "BOB@example.com", "eve@example.com"]});
    let outcome = post(&server, &ada, path, &emails).await.ok();
    let invalid = json!([{"line": 2, "text": "nonsense"}]);
    assert_eq!(outcome, json!({"added": 2, "known": 1, "invalid": invalid}));
    let again = post(&server, &ada, path, &emails).await.ok();
    assert_eq!(again, json!({"added": 0, "known": 3, "invalid": invalid}));
    let bob = server.sign_in("bob@example.com").await;
    let check = server.post("/v2/public/files/ada/workbook/access-check").cookie(&bob.cookie);
    assert_eq!(check.send().await.ok()["hasAccess"], true);
}

async fn only_sale(server: &Server, ada: &Seller) -> Value {
    let sales = server.get("/v2/handles/ada/purchases").bearer(&ada.token).send().await.ok();
    sales["items"][0].clone()
}

async fn a_buyer_has_a_receipt(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let id = only_sale(&server, &ada).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v2/visitor/purchases/{id}/receipt");
    let receipt = server.get(&path).cookie(&bob.cookie).send().await.ok();
    assert_eq!(receipt["amount"], json!({"amount": 1200, "currency": "usd"}));
    assert_eq!(receipt["payer"], "bob@example.com");
    assert_eq!((&receipt["seller"]["handle"], &receipt["tax"]), (&json!("ada"), &Value::Null));
    let printed = server.get(&path).cookie(&bob.cookie).with("accept", "text/html").send().await;
    assert!(printed.header("content-type").starts_with("text/html"));
    assert!(printed.body.contains("$12.00") && printed.body.contains("bob@example.com"));
    let eve = server.sign_in("eve@example.com").await;
    let foreign = server.get(&path).cookie(&eve.cookie).send().await;
    assert_eq!(foreign.refusal(), "404 purchase_not_found");
    let again = format!("{path}/resend");
    let sent = server.post(&again).cookie(&bob.cookie).json(&json!({})).send().await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let foreign = server.post(&again).cookie(&eve.cookie).json(&json!({})).send().await;
    assert_eq!(foreign.refusal(), "404 purchase_not_found");
    // The visitor's own asking counts, too.
    let resend = format!("/v2/handles/ada/purchases/{id}/receipt/resend");
    for status in [202, 202, 429] {
        assert_eq!(post(&server, &ada, &resend, &json!({})).await.status, status);
    }
    let carol = server.creator("carol").await;
    let foreign = post(&server, &carol, &resend, &json!({})).await;
    assert_eq!(foreign.refusal(), "404 handle_not_found");
}

async fn purchases_move_to_an_address_that_confirms(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let body = json!({"from": "bob@example.com", "to": "rob@example.com"});
    assert_eq!(post(&server, &ada, "/v2/handles/ada/people/move", &body).await.status, 202);
    let same = json!({"from": "bob@example.com", "to": "bob@example.com"});
    let same = post(&server, &ada, "/v2/handles/ada/people/move", &same).await;
    assert_eq!(same.refusal(), "422 validation_failed");
    let is_move = |letter: &Letter| letter.text.contains("/-/move?token=");
    let letter =
        until("the mail that asks", async || server.place.letters().into_iter().find(is_move))
            .await;
    assert_eq!(letter.to, "rob@example.com");
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled");
    let mut browser = Browser::new();
    browser.open(&letter.link()).await;
    assert_eq!(server.access(&bob.cookie, "guide").await, "entitled", "opening moves nothing");
    assert_eq!(browser.submit(&[]).await.status, 200);
    assert_eq!(server.access(&bob.cookie, "guide").await, "purchase_required");
    let rob = server.sign_in("rob@example.com").await;
    assert_eq!(server.access(&rob.cookie, "guide").await, "entitled");
    let explain = "/v2/handles/ada/explain?email=rob%40example.com&page=guide";
    let explained = server.get(explain).bearer(&ada.token).send().await.ok();
    assert!(explained.to_string().contains("\"moved\""), "{explained}");
}

async fn a_change_of_address_is_replaced_and_called_off(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let grant = json!({"email": "bob@example.com"});
    post(&server, &ada, "/v2/handles/ada/pages/guide/grants", &grant).await.ok();
    let path = "/v2/handles/ada/people/move";
    let ask = async |to: &'static str| {
        let body = json!({"from": "bob@example.com", "to": to});
        assert_eq!(post(&server, &ada, path, &body).await.status, 202);
        server.place.letter(to, "Confirm your new address").await.link()
    };
    let refused = async |link: &str| {
        let mut browser = Browser::new();
        let shown = browser.open(link).await;
        assert!(shown.html.contains("It does not count any more"), "{}", shown.html);
    };
    let (mistyped, right) = (ask("rob@exmaple.com").await, ask("rob@example.com").await);
    refused(&mistyped).await;
    let call_off = format!("{path}?from=bob%40example.com");
    for _ in 0..2 {
        let done = server.call("DELETE", &call_off).bearer(&ada.token).send().await;
        assert_eq!(done.status, 204);
    }
    refused(&right).await;
    let last = ask("robert@example.com").await;
    let mut browser = Browser::new();
    browser.open(&last).await;
    assert!(browser.submit(&[]).await.html.contains("It has moved"));
    let robert = server.sign_in("robert@example.com").await;
    assert_eq!(server.access(&robert.cookie, "guide").await, "entitled");
}

async fn a_mail_of_the_log_is_found_and_sent_once_more(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let grant = json!({"email": "bob@example.com"});
    post(&server, &ada, "/v2/handles/ada/pages/guide/grants", &grant).await.ok();
    server.place.letter("bob@example.com", "access").await;
    let mails = |q: &'static str| {
        let path = format!("/v2/handles/ada/emails?q={q}");
        server.get(&path).bearer(&ada.token).send()
    };
    let found = mails("bob").await.ok();
    let mail = found["items"].as_array().unwrap()[0].clone();
    assert_eq!((&mail["kind"], &mail["to"]), (&json!("granted"), &json!("bob@example.com")));
    assert_eq!(mails("nobody").await.ok()["items"], json!([]));
    let resend = format!("/v2/handles/ada/emails/{}/resend", mail["id"].as_str().unwrap());
    assert_eq!(post(&server, &ada, &resend, &json!({})).await.status, 202);
    until("the second mail", async || {
        let letters = server.place.letters().into_iter();
        (letters.filter(|letter| letter.to == "bob@example.com").count() == 2).then_some(())
    })
    .await;
    let carol = server.creator("carol").await;
    let foreign = post(&server, &carol, &resend, &json!({})).await;
    assert_eq!(foreign.refusal(), "404 handle_not_found");
}

async fn signing_in_ends_the_session_before(backend: Backend) {
    let server = Server::fresh(backend).await;
    let eve = server.sign_in("eve@example.com").await;
    server.ask_link("bob@example.com").await;
    let token = server.place.link_letter("bob@example.com", 1).await.token();
    // Mail programs add full stops to links.
    let proof = json!({"token": format!("{token}.\r\n")});
    let call = server.post("/v2/visitor/auth/verify").cookie(&eve.cookie).json(&proof);
    assert_eq!(call.send().await.status, 200);
    let before = server.get("/v2/visitor/me").cookie(&eve.cookie).send().await;
    assert_eq!(before.refusal(), "401 visitor_unauthorized");
}
