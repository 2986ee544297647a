//! What creators ask about their pages, files and handles before they change something, on the wire.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain_testing::a_page;

use crate::support::{ROOT, Reply, TestApp};

async fn get(app: &TestApp, token: &str, path: &str) -> Reply {
    app.get(ROOT, path).bearer(token).send().await
}

fn slugs(list: &Value) -> Vec<&str> {
    let rows = list["items"].as_array().unwrap().iter();
    rows.map(|row| row["slug"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn pages_are_listed_by_their_status() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    for slug in ["first", "second"] {
        app.domain.page(&shop, a_page().slug(slug)).await;
    }
    let list = async |query: &str| {
        get(&app, &token, &format!("/v2/handles/ada/pages?{query}")).await.json()
    };
    assert_eq!(slugs(&list("status=PUBLISHED").await), ["guide"]);
    assert_eq!(slugs(&list("status=ARCHIVED").await), [""; 0]);
    assert_eq!(slugs(&list("").await).len(), 3);
    let part = list("status=DRAFT&limit=1").await;
    let next = part["nextCursor"].as_str().unwrap();
    let rest = list(&format!("status=DRAFT&cursor={next}")).await;
    let mut drafts = [slugs(&part), slugs(&rest)].concat();
    drafts.sort_unstable();
    assert_eq!(drafts, ["first", "second"]);
    for handle in ["ada", "nobody"] {
        let path = format!("/v2/handles/{handle}/pages?status=published&limit=0");
        let reply = get(&app, &token, &path).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{handle}");
        let fields = reply.json()["fields"].clone();
        assert!(fields["status"].is_string() && fields["limit"].is_string(), "{fields}");
    }
}

#[actix_web::test]
async fn sales_of_a_page_are_counted() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let sales =
        async |slug: &str| get(&app, &token, &format!("/v2/handles/ada/pages/{slug}/sales")).await;
    let none = sales("guide").await.json();
    assert_eq!((&none["sold"], &none["given"]), (&json!(0), &json!(0)));
    let slug = "guide".parse().unwrap();
    let (_, page) = app.domain.pages.owned(&shop.creator, &shop.handle.name, &slug).await.unwrap();
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    app.domain.give(&shop, &page, "carol@example.com").await;
    let fee = app.domain.checkouts.fee(page.price.unwrap()).amount;
    let fee = json!({"amount": fee, "currency": "usd"});
    let counted = sales("guide").await.json();
    assert_eq!(counted, json!({"sold": 1, "given": 1, "platformFee": fee}));
    app.domain.page(&shop, a_page().slug("open")).await;
    let open = json!({"sold": 0, "given": 0, "platformFee": null});
    assert_eq!(sales("open").await.json(), open);
    // It keeps its price, at which nobody pays for it any more.
    let change = json!({"accessMode": "PUBLIC"});
    let path = "/v2/handles/ada/pages/guide";
    let changed = app.call(Method::PATCH, ROOT, path).bearer(&token).json(&change).send().await;
    assert_eq!(changed.status, 200);
    assert!(changed.json()["price"].is_object(), "{}", changed.json());
    assert_eq!(sales("guide").await.json()["platformFee"], json!(null));
    for unknown in ["nothing", "A"] {
        assert_eq!(sales(unknown).await.refusal(), "404 page_not_found");
    }
}

#[actix_web::test]
async fn preview_of_many_addresses_stores_nothing() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"slug\"\r\n\r\nlist\r\n\
        --x\r\nContent-Disposition: form-data; name=\"access\"\r\n\r\nALLOWLIST\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\na\r\n--x--\r\n";
    let upload = app.post(ROOT, "/v2/handles/ada/files").bearer(&token).multipart(form.into());
    assert_eq!(upload.send().await.status, 201);
    let path = "/v2/handles/ada/files/list/allowlist";
    let outcome = json!({"added": 1, "known": 0, "invalid": [{"line": 2, "text": "nobody"}]});
    for (preview, listed) in [(json!(true), 0), (json!(true), 0), (json!(false), 1)] {
        let body = json!({"emails": ["bob@example.com", "nobody"], "preview": preview});
        let reply = app.post(ROOT, path).bearer(&token).json(&body).send().await;
        assert_eq!((reply.status.as_u16(), reply.json()), (200, outcome.clone()));
        let list = get(&app, &token, path).await.json();
        assert_eq!(list["items"].as_array().unwrap().len(), listed, "{list}");
    }
}

#[actix_web::test]
async fn name_of_a_handle_that_is_taken_comes_with_free_ones() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let ask =
        async |name: &str| get(&app, &token, &format!("/v2/creator/handle-names/{name}")).await;
    let free = json!({"handle": "grace", "free": true, "suggestions": []});
    assert_eq!(ask("grace").await.json(), free);
    let taken = ask("ada").await.json();
    assert_eq!((&taken["handle"], &taken["free"]), (&json!("ada"), &json!(false)));
    let suggestions = taken["suggestions"].as_array().unwrap();
    assert_eq!(suggestions.len(), 3, "{taken}");
    for name in suggestions {
        assert_eq!(ask(name.as_str().unwrap()).await.json()["free"], true, "{name}");
    }
    for name in ["app", "a", "Ada"] {
        let reply = ask(name).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{name}");
        assert!(reply.json()["fields"]["name"].is_string(), "{name}");
    }
    let path = "/v2/creator/handle-names/grace";
    let stranger = app.get(ROOT, path).send().await;
    assert_eq!(stranger.refusal(), "401 creator_unauthorized");
}
