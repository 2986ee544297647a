//! What creators ask about their pages, files and handles before they change something, on the wire.

use actix_web::http::Method;
use serde_json::{Value, json};
use tollgate_domain_testing::{self as fakes, a_page};

use crate::{
    console_browser::Browser,
    fields::named,
    support::{ROOT, Reply, TestApp, walk},
};

const MAIL_PREVIEW: &str = "/v2/handles/ada/preview/mail";
const PRICE_PREVIEW: &str = "/v2/handles/ada/preview/price";

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
    let ask = async |path: &str| get(&app, &token, path).await;
    let parts = walk(ask, "/v2/handles/ada/pages?status=DRAFT", 1).await;
    let mut drafts = parts.iter().flat_map(slugs).collect::<Vec<_>>();
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

async fn post(app: &TestApp, token: &str, path: &str, body: &Value) -> Reply {
    app.post(ROOT, path).bearer(token).json(body).send().await
}

#[actix_web::test]
async fn price_is_told_with_what_arrives_before_a_page_has_it() {
    let app = TestApp::of(fakes::TestApp::with(1, 250));
    app.shop().await;
    let (token, ada) = (app.token("ada").await, Browser::of(&app, "ada").await);
    for (amount, currency, fee, net) in
        [(1_200, "usd", 30, 1_170), (1_250, "jpy", 31, 1_219), (10_100, "isk", 200, 9_900)]
    {
        let money = |amount: i64| json!({"amount": amount, "currency": currency});
        let reply = post(&app, &token, PRICE_PREVIEW, &json!({"price": money(amount)})).await;
        let told = json!({"price": money(amount), "platformFee": money(fee), "net": money(net)});
        assert_eq!((reply.status.as_u16(), reply.json()), (200, told));
    }
    let typed = [("accessMode", "PAID"), ("price", "12"), ("currency", "usd")];
    let told = ada.post("/ada/preview", &typed).await.body;
    assert!(told.contains("Buyers pay $12.00. About $11.70 arrives"), "{told}");
    assert!(told.contains("The platform keeps $0.30."), "{told}");
}

#[actix_web::test]
async fn price_that_no_page_can_have_is_not_told() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (price, told) in [
        (json!({"amount": 49, "currency": "usd"}), "smallest amount that can be charged, 0.50 USD"),
        (json!({"amount": 49, "currency": "usd"}), "amount must be at least 50"),
        // People write these without the minor units in which the field counts.
        (json!({"amount": 100, "currency": "isk"}), "100 ISK: amount must be at least 10000"),
        (json!({"amount": 2_500, "currency": "ugx"}), "2500 UGX: amount must be at least 250000"),
        (json!({"amount": 100_000_000, "currency": "usd"}), "above the largest amount"),
        (json!({"amount": 100_000_000, "currency": "usd"}), "amount must be at most 99999999"),
        (json!({"amount": 5_124, "currency": "kwd"}), "a multiple of 10"),
        (json!({"amount": 500, "currency": "xyz"}), "is not a currency"),
        (json!({"amount": -1, "currency": "usd"}), "below the smallest amount"),
    ] {
        let reply = post(&app, &token, PRICE_PREVIEW, &json!({"price": price})).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{price}");
        let said = reply.json()["fields"]["price"].to_string();
        assert!(said.contains(told), "{price}: {said}");
        // A page with this price is refused in the same words.
        let page = "/v2/handles/ada/pages/guide";
        let change = app.call(Method::PATCH, ROOT, page).bearer(&token);
        let change = change.json(&json!({"price": price})).send().await;
        assert_eq!(change.json()["fields"], reply.json()["fields"], "{price}");
    }
    for price in [json!(null), json!(5), json!({"amount": 5.5, "currency": "usd"}), json!({})] {
        let reply = post(&app, &token, PRICE_PREVIEW, &json!({"price": price, "z": 1})).await;
        let fields = named(&reply).into_iter().collect::<Vec<_>>();
        assert_eq!(fields, ["price", "z"], "{price}");
    }
    let missing = post(&app, &token, PRICE_PREVIEW, &json!({})).await;
    assert_eq!(missing.json()["fields"], json!({"price": "is required"}));
}

#[actix_web::test]
async fn end_of_mails_is_shown_before_it_is_stored() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    let end = async |body: Value| {
        let reply = post(&app, &token, MAIL_PREVIEW, &body).await;
        assert_eq!(reply.status, 200, "{body}: {reply:?}");
        reply.json()
    };
    assert_eq!(end(json!({})).await, json!({"text": ""}));
    let question = "Questions? Write to help@example.com.";
    let typed =
        json!({"supportEmail": "Help@Example.com ", "mailFooter": "Ada\u{202a}\r\n\n1 Mill Lane"});
    let shown = json!({"text": format!("{question}\nAda\n\n1 Mill Lane")});
    assert_eq!(end(typed.clone()).await, shown);
    // Nothing of it was stored.
    let settings = app.domain.handles.settings(&shop.creator, &shop.handle.name).await.unwrap();
    assert_eq!(settings.handle, shop.handle);
    let change = app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(&token).json(&typed);
    assert_eq!(change.send().await.status, 200);
    for (body, text) in [
        (json!({"supportEmail": null}), "Ada\n\n1 Mill Lane".to_owned()),
        (json!({"mailFooter": null}), question.to_owned()),
        (json!({"mailFooter": " \n "}), question.to_owned()),
        (json!({"mailFooter": "Ada"}), format!("{question}\nAda")),
        (json!({"supportEmail": null, "mailFooter": null}), String::new()),
    ] {
        assert_eq!(end(body.clone()).await, json!({ "text": text }), "{body}");
    }
    // Without a body it is the end as it is stored.
    let stored = app.post(ROOT, MAIL_PREVIEW).bearer(&token).send().await;
    assert_eq!((stored.status.as_u16(), stored.json()), (200, shown));
    let german = app.post(ROOT, MAIL_PREVIEW).bearer(&token).with("accept-language", "de");
    let german = german.json(&json!({"mailFooter": null})).send().await.json();
    assert_eq!(german["text"], "Fragen? Schreiben Sie an help@example.com.");
}

#[actix_web::test]
async fn console_shows_the_same_end_of_mails() {
    let app = TestApp::new();
    app.shop().await;
    let (token, ada) = (app.token("ada").await, Browser::of(&app, "ada").await);
    let fields = [
        ("name", "Ada"),
        ("supportEmail", "help@bücher.example"),
        ("mailFooter", "Ada\u{202a}'s\tcorner\r\n1 Mill Lane"),
    ];
    ada.submit("/ada/settings", &fields).await;
    let text = post(&app, &token, MAIL_PREVIEW, &json!({})).await.json()["text"].clone();
    let [question, footer] =
        ["Questions? Write to help@bücher.example.", "Ada's corner\n1 Mill Lane"];
    assert_eq!(text, format!("{question}\n{footer}"));
    let screen = ada.get("/ada/settings").await.body;
    let (_, figure) = screen.split_once("<figure class=\"mail\">").unwrap();
    let (figure, _) = figure.split_once("</figure>").unwrap();
    for part in [format!("<p>{question}</p>"), format!(">{}</p>", footer.replace('\'', "&#39;"))] {
        assert!(figure.contains(&part), "{part}: {figure}");
    }
}

#[actix_web::test]
async fn end_of_mails_that_cannot_be_stored_is_not_shown() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (body, fields) in [
        (
            json!({"supportEmail": "nobody", "mailFooter": "x".repeat(501)}),
            json!({"supportEmail": "is not an e-mail address", "mailFooter": "must have at most 500 characters"}),
        ),
        (
            json!({"mailFooter": "\u{1}", "name": "Ada"}),
            json!({"mailFooter": "must not have control characters", "name": "is not a field of this request"}),
        ),
    ] {
        let reply = post(&app, &token, MAIL_PREVIEW, &body).await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{body}");
        assert_eq!(reply.json()["fields"], fields, "{body}");
    }
    for wrong in [json!(1), json!([]), json!({})] {
        let body = json!({"supportEmail": wrong, "mailFooter": wrong});
        let fields = named(&post(&app, &token, MAIL_PREVIEW, &body).await);
        assert_eq!(
            fields.into_iter().collect::<Vec<_>>(),
            ["mailFooter", "supportEmail"],
            "{wrong}"
        );
    }
}

#[actix_web::test]
async fn previews_are_for_the_owner_of_the_handle() {
    let app = TestApp::new();
    app.shop().await;
    app.domain.shop("eve").await;
    let eve = app.token("eve").await;
    let price = json!({"price": {"amount": 1_200, "currency": "usd"}});
    for (path, body) in [(MAIL_PREVIEW, json!({"mailFooter": "Ada"})), (PRICE_PREVIEW, price)] {
        let stranger = app.post(ROOT, path).json(&body).send().await;
        assert_eq!(stranger.refusal(), "401 creator_unauthorized", "{path}");
        for foreign in
            [path.to_owned(), path.replace("/ada/", "/nobody/"), path.replace("/ada/", "/A/")]
        {
            let reply = post(&app, &eve, &foreign, &body).await;
            assert_eq!(reply.refusal(), "404 handle_not_found", "{foreign}");
        }
        let text = app.post(ROOT, path).bearer(&eve).body("text/plain", "{}").send().await;
        assert_eq!(text.refusal(), "415 unsupported_media_type", "{path}");
        let own = post(&app, &eve, &path.replace("/ada/", "/eve/"), &body).await;
        assert_eq!(own.status, 200, "{path}");
    }
}

#[actix_web::test]
async fn preview_refuses_what_would_not_be_saved() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let table = format!("{}\n{}\n{}\n", "a|".repeat(40), "-|".repeat(40), "a\n".repeat(80));
    let large = table.repeat(20);
    let preview = "/v2/handles/ada/preview";
    let shown = post(&app, &token, preview, &json!({"markdown": table})).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    let refused = post(&app, &token, preview, &json!({"markdown": large})).await;
    assert_eq!(refused.refusal(), "422 validation_failed");
    let change = app.call(Method::PATCH, ROOT, "/v2/handles/ada/pages/guide").bearer(&token);
    let change = change.json(&json!({"body": large})).send().await;
    assert_eq!(refused.json()["fields"]["markdown"], change.json()["fields"]["body"]);
    assert!(change.json()["fields"]["body"].is_string(), "{change:?}");
}
