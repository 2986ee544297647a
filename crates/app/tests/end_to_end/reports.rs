//! Tests of the creator's reports: the lists, and the explanations of access.

use serde_json::{Value, json};

use crate::support::{Backend, Seller, Server, Upload, until_so};

on_each_database!(
    reports_tell_what_was_sold_mailed_and_earned,
    explanations_agree_with_the_access_check,
    explanations_of_files_agree_with_the_access_check,
    free_login_is_over_once_its_page_is_sold,
    refund_whose_answer_was_lost_gives_its_receipt_under_its_key,
);

async fn ask(server: &Server, seller: &Seller, path: &str) -> Value {
    server.get(&format!("/v2/handles/ada{path}")).bearer(&seller.token).send().await.ok()
}

async fn items(server: &Server, seller: &Seller, path: &str) -> Vec<Value> {
    ask(server, seller, path).await["items"].as_array().unwrap().clone()
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "usd"})
}

async fn reports_tell_what_was_sold_mailed_and_earned(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let help = json!({"supportEmail": "help@ada.example", "mailFooter": "Ada, 1 Mill Lane"});
    let set = server.call("PATCH", "/v2/handles/ada").bearer(&ada.token).json(&help).send().await;
    assert_eq!(set.ok()["supportEmail"], "help@ada.example");
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let (carol, _) = server.bought(&sandbox, "carol@example.com").await;
    let dan = server.sign_in("dan@example.com").await;
    assert_eq!(server.access(&dan.cookie, "letters").await, "entitled");
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    server.sign_in("stranger@example.com").await;

    let sales = items(&server, &ada, "/purchases").await;
    let told: Vec<_> = sales.iter().map(|sale| (&sale["email"], &sale["status"])).collect();
    assert_eq!(
        told,
        [
            (&json!("carol@example.com"), &json!("ACTIVE")),
            (&json!("bob@example.com"), &json!("REFUNDED"))
        ]
    );
    let price = sales[1]["amount"]["amount"].as_i64().unwrap();
    assert_eq!((&sales[1]["refunded"], &sales[0]["refunded"]), (&usd(price), &usd(0)));
    assert_eq!(
        (&sales[1]["grantType"], &sales[1]["grantedAs"]),
        (&json!("REFUNDED"), &json!("PURCHASE"))
    );
    assert!(sales[1]["revokedAt"].is_string() && sales[0]["revokedAt"].is_null());
    assert_eq!(sales[0]["pageSlug"], "guide");
    assert_eq!(items(&server, &ada, "/purchases?page=welcome").await.len(), 0);
    let path = format!("/purchases?visitor={}&page=guide", carol.id);
    assert_eq!(items(&server, &ada, &path).await, [sales[0].clone()]);

    let people = items(&server, &ada, "/visitors").await;
    let told: Vec<_> =
        people.iter().map(|person| (&person["email"], &person["relations"])).collect();
    assert_eq!(
        told,
        [
            (&json!("bob@example.com"), &json!(["PURCHASE"])),
            (&json!("carol@example.com"), &json!(["PURCHASE"])),
            (&json!("dan@example.com"), &json!(["FREE_LOGIN"])),
        ]
    );
    assert_eq!(items(&server, &ada, "/visitors?q=ca").await, [people[1].clone()]);

    let receipt = server.place.letter("carol@example.com", "receipt").await;
    for words in ["Questions? Write to help@ada.example.", "Ada, 1 Mill Lane"] {
        assert!(receipt.text.contains(words), "{}", receipt.text);
    }
    assert!(receipt.html.contains("mailto:help@ada.example"), "{}", receipt.html);
    server.place.letter("bob@example.com", "refund").await;
    until_so("the log says that all mails are sent", async || {
        let mails = items(&server, &ada, "/emails").await;
        let sent = |mail: &&Value| mail["status"] == "SENT" && mail["sentAt"].is_string();
        let mut kinds: Vec<_> = mails.iter().filter(sent).map(|m| m["kind"].to_string()).collect();
        kinds.sort_unstable();
        kinds == ["\"receipt\"", "\"receipt\"", "\"refunded\""]
    })
    .await;

    let revenue = ask(&server, &ada, "/revenue").await;
    let totals = json!([{
        "currency": "usd", "sales": 2, "gross": usd(2 * price), "refunded": usd(price),
        "net": usd(price),
    }]);
    assert_eq!(revenue["totals"], totals);
    assert!(revenue["nextCursor"].is_null());
    let days = revenue["items"].as_array().unwrap();
    let net: i64 = days.iter().map(|day| day["net"]["amount"].as_i64().unwrap()).sum();
    assert_eq!(net, price);
    assert_eq!(days[0]["day"].as_str().unwrap().len(), 10);
    assert!(items(&server, &ada, "/revenue?from=2020-01-01&to=2020-01-31").await.is_empty());

    // Another creator sees none of it.
    let eve = server.creator("eve").await;
    for list in
        ["purchases", "visitors", "emails", "revenue", "explain?email=a%40b.example&page=guide"]
    {
        let foreign =
            server.get(&format!("/v2/handles/ada/{list}")).bearer(&eve.token).send().await;
        assert_eq!(foreign.refusal(), "404 handle_not_found", "{list}");
    }
    for list in ["purchases?email=bob%40example.com", "visitors?q=b", "emails", "revenue"] {
        let own =
            server.get(&format!("/v2/handles/eve/{list}")).bearer(&eve.token).send().await.ok();
        assert_eq!(own["items"], json!([]), "{list}");
    }
}

async fn explanations_agree_with_the_access_check(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let carol = server.sign_in("carol@example.com").await;
    let change = async |page: &str, body: Value| {
        let path = format!("/v2/handles/ada/pages/{page}");
        server.call("PATCH", &path).bearer(&ada.token).json(&body).send().await.ok()
    };
    let agree = async |step: &str| {
        for buyer in [&bob, &carol] {
            for page in ["guide", "letters", "welcome"] {
                let email = buyer.email.replace('@', "%40");
                let told = ask(&server, &ada, &format!("/explain?email={email}&page={page}")).await;
                let path = format!("/v2/public/pages/ada/{page}/access-check");
                let gate = server.post(&path).cookie(&buyer.cookie).send().await;
                let gate = match gate.status {
                    200 => gate.json(),
                    _ => json!({"hasAccess": false, "reason": gate.json()["error"]}),
                };
                let agreed = json!({"hasAccess": told["hasAccess"], "reason": told["reason"]});
                assert_eq!(agreed, gate, "{step}: {} {page}: {told}", buyer.email);
                assert_eq!(told["resource"]["slug"], page);
            }
        }
    };
    agree("bought").await;
    let told = ask(&server, &ada, "/explain?email=bob%40example.com&page=guide").await;
    assert_eq!(told["facts"][0]["kind"], "purchased");
    assert!(told["facts"][0]["reference"].as_str().unwrap().starts_with("cs_"));
    assert_eq!(told["wouldChange"][0]["action"], "refund");
    let give = json!({"email": "carol@example.com"});
    let gift = server.post("/v2/handles/ada/pages/guide/grants").bearer(&ada.token).json(&give);
    let gift = gift.send().await.ok()["id"].as_str().unwrap().to_owned();
    agree("given").await;
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    agree("refunded").await;
    change("guide", json!({"status": "ARCHIVED"})).await;
    change("letters", json!({"status": "DRAFT"})).await;
    agree("unpublished").await;
    let path = format!("/v2/handles/ada/pages/guide/grants/{gift}");
    assert_eq!(server.call("DELETE", &path).bearer(&ada.token).send().await.status, 204);
    agree("taken back").await;
    change("guide", json!({"status": "PUBLISHED", "accessMode": "FREE_WITH_LOGIN"})).await;
    let price = json!({"accessMode": "PAID", "price": usd(700), "status": "PUBLISHED"});
    change("letters", price).await;
    agree("other modes").await;

    let same = async |email: &str| {
        let path = format!("/v2/handles/ada/explain?email={email}%40example.com&page=letters");
        server.get(&path).bearer(&ada.token).send().await.body.replace(email, "somebody")
    };
    server.sign_in("dan@example.com").await;
    assert_eq!(same("dan").await, same("nobody").await);
}

async fn explanations_of_files_agree_with_the_access_check(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    for file in [Upload::by_list("letter", b"x"), Upload::on("guide", "workbook", b"y")] {
        server.upload(&ada, &file).await;
    }
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let carol = server.sign_in("carol@example.com").await;
    let told = async |visitor: &str, file: &str| {
        let email = visitor.replace('@', "%40");
        ask(&server, &ada, &format!("/explain?email={email}&file={file}")).await
    };
    let agree = async || {
        let mut rules = Vec::new();
        for (visitor, file) in
            [(&bob, "letter"), (&carol, "letter"), (&bob, "workbook"), (&carol, "workbook")]
        {
            let told = told(&visitor.email, file).await;
            assert_eq!(told["reason"], server.file_access(&visitor.cookie, file).await, "{told}");
            assert_eq!(told["resource"]["type"], "FILE");
            rules.push(told["rule"]["id"].as_str().unwrap().to_owned());
        }
        rules.join(" ")
    };
    assert_eq!(agree().await, "not_listed not_listed bought not_bought");
    let place = "letter/allowlist/carol@example.com";
    assert_eq!(server.about_file(&ada, "PUT", place).send().await.status, 201);
    assert_eq!(agree().await, "not_listed listed bought not_bought");
    assert_eq!(told("carol@example.com", "letter").await["facts"][0]["kind"], "allowlisted");
    assert_eq!(server.about_file(&ada, "DELETE", place).send().await.status, 204);
    assert_eq!(server.refund(&ada, &bob).await.status, 200);
    assert_eq!(agree().await, "not_listed not_listed not_bought not_bought");
    let missing = server.get("/v2/handles/ada/explain?email=bob%40example.com&file=none");
    assert_eq!(missing.bearer(&ada.token).send().await.refusal(), "404 file_not_found");
}

async fn free_login_is_over_once_its_page_is_sold(backend: Backend) {
    let server = Server::fresh(backend).await;
    let ada = server.ada().await;
    let bob = server.sign_in("bob@example.com").await;
    assert_eq!(server.access(&bob.cookie, "letters").await, "entitled");
    let path = "/v2/handles/ada/pages/letters";
    for (body, status) in [
        (json!({"accessMode": "FREE_WITH_LOGIN"}), "ACTIVE"),
        (json!({"accessMode": "PAID", "price": usd(700)}), "REVOKED"),
        (json!({"accessMode": "PUBLIC"}), "ACTIVE"),
    ] {
        server.call("PATCH", path).bearer(&ada.token).json(&body).send().await.ok();
        let history = server.history(&bob.cookie).await;
        assert_eq!(history.len(), 1);
        assert_eq!(history[0]["accessType"], "FREE_LOGIN");
        assert_eq!(history[0]["status"], status, "{body}");
        assert_eq!(history[0]["endedAt"].is_string(), status == "REVOKED", "{body}");
    }
}

async fn refund_whose_answer_was_lost_gives_its_receipt_under_its_key(backend: Backend) {
    let server = Server::fresh(backend).await;
    let sandbox = server.place.sandbox();
    let ada = server.ada().await;
    let (bob, _) = server.bought(&sandbox, "bob@example.com").await;
    let refund = async |key: &str| {
        let call = server.post("/v2/handles/ada/pages/guide/refund").bearer(&ada.token);
        let call = call.with("idempotency-key", key);
        call.json(&json!({"visitorId": bob.id})).send().await
    };
    let lost = json!({"api": {"mode": "500", "path": "/v1/refunds", "after_effect": true}});
    sandbox.control("faults", &lost).await;
    let found = refund("once").await.ok();
    sandbox.control("faults", &json!({"api": {"mode": "none"}})).await;
    until_so("the webhook tells of the refund", async || {
        server.access(&bob.cookie, "guide").await == "purchase_required"
    })
    .await;
    let receipt = refund("once").await.ok();
    assert_eq!(receipt, found);
    assert_eq!(receipt["status"], "succeeded");
    assert!(receipt["refundId"].as_str().unwrap().starts_with("re_"));
    assert_eq!(refund("once").await.ok(), receipt);
    assert_eq!(refund("again").await.refusal(), "409 already_refunded");
    let facts = "SELECT count(*) FROM ledger WHERE kind = 'refund_accepted'";
    assert_eq!(server.place.database.number(facts).await, 1);
}
