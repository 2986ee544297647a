//! The creator's reports, and the creator's account, on the wire.

mod gifts;
mod stops;

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain_testing::{Shop, a_page};

use crate::support::{ROOT, Reply, TestApp, rows_of, walk};

struct Desk {
    app: TestApp,
    shop: Shop,
    token: String,
}

impl Desk {
    async fn new() -> Self {
        let app = TestApp::new();
        let shop = app.shop().await;
        let token = app.token("ada").await;
        Self { app, shop, token }
    }

    async fn get(&self, path: &str) -> Reply {
        let path = format!("/v2/handles/ada{path}");
        self.app.get(ROOT, &path).bearer(&self.token).send().await
    }

    async fn give(&self, email: &str) -> Reply {
        let call = self.app.post(ROOT, "/v2/handles/ada/pages/guide/grants");
        call.bearer(&self.token).json(&json!({"email": email})).send().await
    }

    async fn take_back(&self, id: &str) -> Reply {
        let path = format!("/v2/handles/ada/pages/guide/grants/{id}");
        self.app.call(Method::DELETE, ROOT, &path).bearer(&self.token).send().await
    }
}

#[actix_web::test]
async fn reports_are_written_as_described() {
    let desk = Desk::new().await;
    let Desk { app, shop, .. } = &desk;
    let session = app.domain.sign_in("bob@example.com").await;
    let page = app.page(shop, "guide").await;
    let bought = app.domain.buy(shop, &page, &session).await;
    app.domain.deliver_mails().await;

    let usd = |amount: i64| json!({"amount": amount, "currency": "usd"});
    let paid = bought.payment.as_ref().unwrap();
    let sale = json!({
        "id": bought.id.to_string(), "visitorId": bought.visitor_id.to_string(),
        "email": "bob@example.com", "pageSlug": "guide", "title": page.title,
        "grantType": "PURCHASE", "grantedAs": "PURCHASE", "amount": usd(1200), "refunded": usd(0),
        "lost": usd(0),
        "status": "ACTIVE", "disputed": false, "refundFailed": false, "refundPending": false,
        "paymentId": paid.payment_intent.to_string(),
        "createdAt": "2026-01-01T00:00:00Z", "revokedAt": null,
    });
    let one = |item: &Value| json!({"items": [item], "nextCursor": null});
    let none = json!({"items": [], "nextCursor": null});
    for (query, expected) in [
        (String::new(), one(&sale)),
        ("?page=guide&email=bob%40example.com".to_owned(), one(&sale)),
        (format!("?visitor={}", bought.visitor_id), one(&sale)),
        ("?q=BO".to_owned(), one(&sale)),
        ("?q=ob".to_owned(), none.clone()),
        ("?page=nothing".to_owned(), none.clone()),
        ("?email=carol%40example.com".to_owned(), none.clone()),
    ] {
        assert_eq!(desk.get(&format!("/purchases{query}")).await.json(), expected, "{query}");
    }
    let person = json!({
        "id": bought.visitor_id.to_string(), "email": "bob@example.com", "relations": ["PURCHASE"],
    });
    assert_eq!(desk.get("/visitors").await.json(), one(&person));
    assert_eq!(desk.get("/visitors?q=BO").await.json(), one(&person));
    assert_eq!(desk.get("/visitors?q=ob").await.json(), none);
    let mails = desk.get("/emails").await.json();
    let mail = &mails["items"][0];
    assert!(mail["id"].as_str().unwrap().starts_with("mal_"));
    assert_eq!(mail["canResend"], true);
    assert_eq!(
        (&mail["kind"], &mail["to"], &mail["status"], &mail["attempts"], &mail["lastError"]),
        (&json!("receipt"), &json!("bob@example.com"), &json!("SENT"), &json!(1), &Value::Null)
    );
    assert_eq!((&mail["queuedAt"], &mail["sentAt"]), (&sale["createdAt"], &sale["createdAt"]));
    let takings = |day: Value| {
        let mut takings = json!({
            "currency": "usd", "sales": 1, "gross": usd(1200), "refunded": usd(0),
            "net": usd(1200),
        });
        if !day.is_null() {
            takings["day"] = day;
        }
        takings
    };
    assert_eq!(
        desk.get("/revenue").await.json(),
        json!({
            "items": [takings(json!("2026-01-01"))], "totals": [takings(Value::Null)],
            "nextCursor": null,
        })
    );
}

#[actix_web::test]
async fn revenue_is_given_in_parts_if_a_limit_is_named() {
    let mut desk = Desk::new().await;
    let domain = &desk.app.domain;
    let (bob, carol) =
        (domain.sign_in("bob@example.com").await, domain.sign_in("carol@example.com").await);
    let (creator, name, slug) =
        (&desk.shop.creator, &desk.shop.handle.name, "guide".parse().unwrap());
    let (_, guide) = domain.pages.owned(creator, name, &slug).await.unwrap();
    let euro = a_page().slug("euro").paid(900, "eur").published();
    let euro = domain.page(&desk.shop, euro).await;
    for page in [&guide, &euro] {
        domain.buy(&desk.shop, page, &bob).await;
    }
    domain.clock.advance_seconds(24 * 3600);
    domain.buy(&desk.shop, &guide, &carol).await;
    desk.token = desk.app.token("ada").await;

    let whole = desk.get("/revenue").await.json();
    let rows = whole["items"].as_array().unwrap();
    let named: Vec<_> = rows.iter().map(|row| (&row["day"], &row["currency"])).collect();
    let (first, second) = (json!("2026-01-01"), json!("2026-01-02"));
    let (eur, usd) = (json!("eur"), json!("usd"));
    assert_eq!(named, [(&second, &usd), (&first, &eur), (&first, &usd)]);
    assert!(whole["nextCursor"].is_null());
    let parts = walk(async |path: &str| desk.get(path).await, "/revenue", 1).await;
    assert_eq!(rows_of(&parts), *rows);
    let mut walked = 0;
    for part in &parts {
        assert_eq!(part["totals"], whole["totals"]);
        walked += part["items"].as_array().unwrap().len();
        let Some(next) = part["nextCursor"].as_str() else { continue };
        let rest = desk.get(&format!("/revenue?cursor={next}")).await.json();
        assert_eq!(rest["items"].as_array().unwrap()[..], rows[walked..]);
        assert!(rest["nextCursor"].is_null());
    }
}

#[actix_web::test]
async fn lists_are_told_in_parts() {
    let desk = Desk::new().await;
    for n in 0..7 {
        assert_eq!(desk.give(&format!("guest{n}@example.com")).await.status, 201);
    }
    for list in ["/purchases", "/visitors", "/emails"] {
        let whole = desk.get(&format!("{list}?limit=100")).await.json();
        let parts = walk(async |path: &str| desk.get(path).await, list, 3).await;
        let rows = rows_of(&parts);
        assert_eq!((parts.len(), rows.len()), (3, 7), "{list}");
        assert_eq!(rows, *whole["items"].as_array().unwrap(), "{list}");
    }
}

#[actix_web::test]
async fn unsound_questions_are_refused_by_field() {
    let desk = Desk::new().await;
    for (path, field) in [
        ("/purchases?page=a&page=a", "page"),
        ("/purchases?page=GUIDE", "page"),
        ("/purchases?page=", "page"),
        ("/purchases?visitor=bob", "visitor"),
        ("/purchases?email=bob", "email"),
        ("/purchases?q=a&q=b", "q"),
        ("/purchases?limit=0", "limit"),
        ("/purchases?cursor=x", "cursor"),
        ("/visitors?limit=101", "limit"),
        ("/visitors?q=a&q=b", "q"),
        ("/emails?cursor=", "cursor"),
        ("/revenue?from=yesterday", "from"),
        ("/revenue?from=2026-01-02&to=2026-01-01", "to"),
        ("/revenue?from=2024-01-01&to=2026-01-01", "from"),
        ("/explain?page=guide", "email"),
        ("/explain?email=bob&page=guide", "email"),
        ("/explain?email=bob%40example.com", "page"),
        ("/explain?email=bob%40example.com&page=guide&file=book", "page"),
        ("/explain?email=bob%40example.com&page=PD", "page"),
        ("/explain?email=bob%40example.com&page=", "page"),
        ("/explain?email=bob%40example.com&page=-", "page"),
        ("/explain?email=bob%40example.com&file=A%2FB", "file"),
        ("/explain?email=bob%40example.com&file=", "file"),
    ] {
        let reply = desk.get(path).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{path}");
        assert!(reply.json()["fields"][field].is_string(), "{path}: {}", reply.body);
    }
    let unknown = desk.get("/explain?email=bob%40example.com&page=nothing").await;
    assert_eq!(unknown.refusal(), "404 page_not_found");
    assert_eq!(desk.get("/purchases?page=nothing").await.json()["items"], json!([]));
    assert_eq!(desk.get("/purchases?visitor=vis_bob").await.json()["items"], json!([]));
    let file = desk.get("/explain?email=bob%40example.com&file=book").await;
    assert_eq!(file.refusal(), "404 file_not_found");
}

#[actix_web::test]
async fn explanation_is_written_as_described() {
    let desk = Desk::new().await;
    let given = desk.give("carol@example.com").await.json();
    let told = desk.get("/explain?email=carol%40example.com&page=guide").await.json();
    let title = &told["resource"]["title"];
    assert_eq!(told["resource"], json!({"type": "PAGE", "slug": "guide", "title": title}));
    assert_eq!(
        (&told["email"], &told["hasAccess"], &told["reason"]),
        (&json!("carol@example.com"), &json!(true), &json!("entitled"))
    );
    assert_eq!(told["rule"]["id"], "bought");
    let text = told["rule"]["text"].as_str().unwrap();
    assert!(text.contains("signed in; without a session it is visitor_auth_required"), "{text}");
    assert_eq!(
        told["facts"],
        json!([{
            "at": "2026-01-01T00:00:00Z", "kind": "granted", "purchaseId": given["id"],
            "reference": given["id"],
        }])
    );
    assert_eq!(told["wouldChange"][0]["action"], "revoke_grant");
    let effect = told["wouldChange"][0]["effect"].as_str().unwrap();
    assert!(effect.starts_with("Closes the page: purchase_required."), "{effect}");

    desk.app.domain.sign_in("mallory@example.com").await;
    let stranger = |name: &str| format!("/explain?email={name}%40example.com&page=guide");
    let known = desk.get(&stranger("mallory")).await.body;
    let unknown = desk.get(&stranger("unknown")).await.body;
    assert_eq!(known.replace("mallory", "unknown"), unknown);
    assert!(unknown.contains("\"reason\":\"purchase_required\""));
}

#[actix_web::test]
async fn another_password_gives_other_tokens() {
    let desk = Desk::new().await;
    let change = |token: &str, body: Value| {
        desk.app.post(ROOT, "/v2/creator/auth/password").bearer(token).json(&body).send()
    };
    for (body, refusal) in [
        (json!({"currentPassword": "x", "newPassword": "battery staple"}), "422 validation_failed"),
        (
            json!({"currentPassword": "wrong horse", "newPassword": "battery staple"}),
            "422 validation_failed",
        ),
        (
            json!({"currentPassword": "correct horse", "newPassword": "short"}),
            "422 validation_failed",
        ),
        (json!({"newPassword": "battery staple"}), "422 validation_failed"),
        (
            json!({"currentPassword": "a", "newPassword": "battery staple", "x": 1}),
            "422 validation_failed",
        ),
    ] {
        assert_eq!(change(&desk.token, body.clone()).await.refusal(), refusal, "{body}");
    }
    let wrong = json!({"currentPassword": "wrong horse", "newPassword": "battery staple"});
    let wrong = change(&desk.token, wrong).await.json();
    assert_eq!(wrong["fields"]["currentPassword"], "is not the current password");
    let both = json!({"currentPassword": "wrong horse", "newPassword": "short"});
    let both = change(&desk.token, both).await.json();
    assert_eq!(both["fields"].as_object().unwrap().len(), 2, "{both}");
    let body = json!({"currentPassword": "correct horse", "newPassword": "battery staple"});
    let changed = change(&desk.token, body).await;
    assert_eq!(changed.status, 200);
    assert_eq!(desk.get("/purchases").await.refusal(), "401 creator_unauthorized");
    let changed = changed.json();
    let me =
        |token: &Value| desk.app.get(ROOT, "/v2/creator/me").bearer(token.as_str().unwrap()).send();
    assert_eq!(me(&changed["accessToken"]).await.json(), changed["creator"]);
    let refresh = json!({"refreshToken": changed["refreshToken"]});
    let refreshed = desk.app.post(ROOT, "/v2/creator/auth/refresh").json(&refresh).send().await;
    assert_eq!(refreshed.status, 200);
}

#[actix_web::test]
async fn creator_takes_another_name() {
    let desk = Desk::new().await;
    let change = |body: Value| {
        let call = desk.app.call(Method::PATCH, ROOT, "/v2/creator/me");
        call.bearer(&desk.token).json(&body).send()
    };
    assert_eq!(change(json!({"name": "Ada, Countess"})).await.json()["name"], "Ada, Countess");
    assert_eq!(change(json!({})).await.json()["name"], "Ada, Countess");
    for (body, field) in [(json!({"name": "a\nb"}), "name"), (json!({"email": "x"}), "email")] {
        assert!(change(body).await.json()["fields"][field].is_string());
    }
}

#[actix_web::test]
async fn person_on_an_allowlist_is_listed_whether_or_not_a_visitor_before() {
    let desk = Desk::new().await;
    desk.app.domain.sign_in("known@example.com").await;
    desk.app.domain.clock.advance_seconds(86_400);
    let desk = Desk { token: desk.app.token("ada").await, ..desk };
    let form = "--x\r\nContent-Disposition: form-data; name=\"slug\"\r\n\r\nlist\r\n\
        --x\r\nContent-Disposition: form-data; name=\"access\"\r\n\r\nALLOWLIST\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\na\r\n--x--\r\n";
    let upload = desk.app.post(ROOT, "/v2/handles/ada/files").bearer(&desk.token);
    assert_eq!(upload.multipart(form.into()).send().await.status, 201);
    for email in ["known@example.com", "unknown@example.com"] {
        let path = format!("/v2/handles/ada/files/list/allowlist/{email}");
        let put = desk.app.call(Method::PUT, ROOT, &path).bearer(&desk.token).send().await;
        assert!(put.status.is_success(), "{put:?}");
        let listed = desk.get(&format!("/visitors?q={email}")).await.json();
        let person = &listed["items"][0];
        assert_eq!(person["email"], email);
        let mut shown: Vec<_> = person.as_object().unwrap().keys().cloned().collect();
        shown.sort_unstable();
        assert_eq!(shown, ["email", "id", "relations"]);
        let known = desk.get(&format!("/people/{email}")).await.json();
        assert_eq!(known["fileSlugs"], json!(["list"]));
    }
}

#[actix_web::test]
async fn plus_sign_in_an_address_need_not_be_escaped_in_a_query() {
    let desk = Desk::new().await;
    assert_eq!(desk.give("bob+news@example.com").await.status, 201);
    for q in [
        "bob+n",
        "bob%2Bn",
        "bob%20n",
        "%E2%80%8Bbob%2Bn",
        "bo%E2%80%8Bb%2Bn",
        "Bob%2Bnews@EXAMPLE.com.%20",
    ] {
        let people = desk.get(&format!("/visitors?q={q}")).await.json();
        assert_eq!(people["items"][0]["email"], "bob+news@example.com", "{q}");
        let mails = desk.get(&format!("/emails?q={q}")).await.json();
        assert_eq!(mails["items"][0]["to"], "bob+news@example.com", "{q}");
    }
    let sales = desk.get("/purchases?email=bob+news@example.com").await.json();
    assert_eq!(sales["items"][0]["email"], "bob+news@example.com");
    let explained = desk.get("/explain?email=bob+news@example.com&page=guide").await.json();
    assert_eq!(explained["hasAccess"], true, "{explained}");
}
