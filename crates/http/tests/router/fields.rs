//! What is wrong with the fields of a body is told all at once, on every route that takes one.

use std::collections::BTreeSet;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::support::{ROOT, Reply, TestApp};

/// A route, the fields that it needs, and bodies of which every field is wrong.
struct Case {
    route: &'static str,
    needed: &'static str,
    wrong: Vec<Value>,
}

fn case(route: &'static str, needed: &'static str, wrong: impl Into<Vec<Value>>) -> Case {
    Case { route, needed, wrong: wrong.into() }
}

fn sign_in_cases() -> Vec<Case> {
    vec![
        case(
            "POST /v2/visitor/auth/magic-link",
            "email",
            [
                json!({"email": 1, "returnTo": 2, "zzz": 3}),
                json!({"email": "nobody", "returnTo": "//evil.example"}),
                json!({"email": null, "returnTo": "https://evil.example/"}),
            ],
        ),
        case(
            "POST /v2/visitor/auth/verify",
            "token",
            [
                json!({"token": 1, "email": 2, "code": 3}),
                json!({"email": "nobody", "code": 3, "zzz": 4}),
                json!({"zzz": 1, "token": []}),
            ],
        ),
        case(
            "POST /v2/creator/auth/register",
            "email password",
            [
                json!({"email": 1, "password": 2, "name": 3}),
                json!({"email": "nobody", "password": "short", "name": "a\nb"}),
                json!({"email": "nobody", "password": null, "name": "a\nb", "zzz": 1}),
            ],
        ),
        case(
            "POST /v2/creator/auth/login",
            "email password",
            [json!({"email": "nobody", "password": 1})],
        ),
        case("POST /v2/creator/auth/refresh", "refreshToken", [json!({"refreshToken": 1, "z": 1})]),
        case("POST /v2/creator/auth/logout", "", [json!({"refreshToken": 1, "z": 1})]),
        case("POST /v2/creator/auth/verify-email", "token", [json!({"token": 1, "z": 1})]),
        case("POST /v2/creator/auth/password-reset", "email", [json!({"email": "x", "z": 1})]),
        case(
            "POST /v2/creator/auth/password-reset/confirm",
            "password token",
            [json!({"token": 1, "password": "short"})],
        ),
        case(
            "POST /v2/creator/auth/password",
            "currentPassword newPassword",
            [json!({"currentPassword": 1, "newPassword": "short", "z": 1})],
        ),
        case("PATCH /v2/creator/me", "", [json!({"name": "a\nb", "z": 1}), json!({"name": 1})]),
    ]
}

fn page_cases() -> Vec<Case> {
    let dear = json!({"amount": 1, "currency": "usd"});
    let odd = json!({"amount": 500, "currency": "xyz"});
    let page = |price: &Value| {
        json!({
            "title": "", "teaser": "\u{1}", "body": "\u{1}", "accessMode": "X", "status": "X", "price": price,
        })
    };
    let new = |price: &Value| {
        let mut page = page(price);
        page["slug"] = json!("A b");
        page
    };
    vec![
        case(
            "POST /v2/handles/ada/pages",
            "accessMode body slug teaser title",
            [new(&odd), new(&json!({"amount": 5.5, "currency": "usd"}))],
        ),
        case(
            "PATCH /v2/handles/ada/pages/guide",
            "",
            [
                page(&dear),
                page(&odd),
                json!({"title": 1, "teaser": 2, "body": 3, "accessMode": 4, "status": 5, "price": 6, "slug": 7}),
            ],
        ),
        case("POST /v2/handles/ada/preview", "markdown", [json!({"markdown": 1, "z": 1})]),
        case("POST /v2/handles/ada/preview/mail", "", [json!({"supportEmail": "x", "z": 1})]),
        case("POST /v2/handles/ada/preview/price", "price", [json!({"price": dear, "z": 1})]),
        case(
            "POST /v2/handles/ada/pages/guide/refund",
            "visitorId",
            [
                json!({"visitorId": "x", "purchaseId": "y", "reason": "x".repeat(501)}),
                json!({"visitorId": 1, "purchaseId": "y", "reason": 2}),
            ],
        ),
        case("POST /v2/handles/ada/pages/guide/grants", "email", [json!({"email": "x", "z": 1})]),
        case(
            "POST /v2/public/pages/ada/guide/checkout",
            "",
            [
                json!({"successUrl": "/x", "cancelUrl": "javascript:x", "z": 1}),
                json!({"successUrl": 1, "cancelUrl": "/x"}),
            ],
        ),
    ]
}

fn other_cases() -> Vec<Case> {
    let group_buy = json!({
        "title": "", "description": "\u{1}", "price": {"amount": 1, "currency": "usd"}, "targetQuantity": 0,
        "maxQuantity": 1_000_001, "deadline": "tomorrow", "offerDays": 31,
    });
    let mut new = group_buy.clone();
    new["slug"] = json!("A b");
    new["pageSlug"] = json!("..");
    let mut past = new.clone();
    past["deadline"] = json!("2025-12-31T23:59:59Z");
    past["offerDays"] = json!("7");
    vec![
        case(
            "POST /v2/handles",
            "handle name",
            [json!({"handle": "A b", "name": ""}), json!({"handle": 1, "name": "", "z": 1})],
        ),
        case(
            "PATCH /v2/handles/ada",
            "",
            [json!({
                "name": "", "frontendOrigins": ["x"], "supportEmail": "x", "mailFooter": "\u{1}", "description": 1,
                "picture": "A b", "invoiceCreation": "yes", "automaticTax": 1, "taxIdCollection": [],
                "secondPayments": "KEEP",
            })],
        ),
        case(
            "POST /v2/handles/ada/group-buys",
            "description pageSlug price slug targetQuantity title",
            [new, past],
        ),
        case("PATCH /v2/handles/ada/group-buys/together", "", [group_buy]),
        case(
            "PATCH /v2/handles/ada/files/workbook",
            "",
            [json!({"slug": "A b", "name": "a/b", "access": "X", "pageSlug": 1})],
        ),
        case(
            "POST /v2/handles/ada/files/workbook/allowlist",
            "emails",
            [
                json!({"emails": "x", "preview": "yes", "z": 1}),
                json!({"emails": [1], "preview": 1}),
            ],
        ),
        case(
            "POST /v2/handles/ada/people/sign-in-link",
            "email",
            [json!({"email": "x", "pageSlug": "A b"}), json!({"email": 1, "pageSlug": 1, "z": 1})],
        ),
        case(
            "POST /v2/handles/ada/people/move",
            "from to",
            [json!({"from": "x", "to": 1}), json!({"from": "x", "to": "y"})],
        ),
        case(
            "POST /v2/public/group-buys/ada/together/interest",
            "",
            [json!({"quantity": 0, "z": 1}), json!({"quantity": "1"})],
        ),
        case(
            "POST /v2/public/group-buys/ada/together/checkout",
            "",
            [json!({"successUrl": 1, "cancelUrl": "/x"})],
        ),
    ]
}

pub(crate) fn named(reply: &Reply) -> BTreeSet<String> {
    assert_eq!(reply.refusal(), "422 validation_failed", "{}", reply.body);
    reply.json()["fields"].as_object().unwrap().keys().cloned().collect()
}

#[actix_web::test]
async fn every_field_that_is_wrong_or_missing_is_named() {
    let app = TestApp::new();
    app.shop().await;
    let (token, bob) = (app.token("ada").await, app.domain.sign_in("bob@example.com").await);
    let send = async |route: &str, body: &Value| {
        let (method, path) = route.split_once(' ').unwrap();
        let call = app.call(method.parse().unwrap(), ROOT, path).json(body);
        let call = if path.starts_with("/v2/public/") { call.visitor(&bob) } else { call };
        call.bearer(&token).send().await
    };
    for Case { route, needed, wrong } in
        [sign_in_cases(), page_cases(), other_cases()].into_iter().flatten()
    {
        let needed: BTreeSet<String> = needed.split_whitespace().map(ToOwned::to_owned).collect();
        if !needed.is_empty() {
            assert_eq!(named(&send(route, &json!({})).await), needed, "{route}");
        }
        for body in wrong {
            let all: BTreeSet<_> = body.as_object().unwrap().keys().cloned().collect();
            assert_eq!(named(&send(route, &body).await), all, "{route} {body}");
        }
    }
}

#[actix_web::test]
async fn what_is_missing_is_told_with_what_is_wrong() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    for (page, fields) in [
        (
            json!({"slug": "A b", "title": "", "teaser": "", "body": "", "accessMode": "PAID"}),
            ["price", "slug", "title"],
        ),
        (
            json!({"slug": "x", "title": "", "teaser": "", "body": "", "price": 1}),
            ["accessMode", "price", "title"],
        ),
    ] {
        let call = app.post(ROOT, "/v2/handles/ada/pages").bearer(&token).json(&page);
        let expected = BTreeSet::from(fields.map(str::to_owned));
        assert_eq!(named(&call.send().await), expected, "{page}");
    }
}

#[actix_web::test]
async fn what_is_not_json_is_a_bad_request_whatever_its_fields_are() {
    let app = TestApp::new();
    for body in [r#"{"email":1,"zzz":2"#, r#"{"zzz":1}}"#, "{\"email\":\"x\",}"] {
        let call = app.post(ROOT, "/v2/visitor/auth/magic-link");
        assert_eq!(call.bytes(body.into()).send().await.refusal(), "400 bad_request", "{body}");
    }
}

#[actix_web::test]
async fn every_part_of_an_upload_that_is_wrong_or_missing_is_named() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let upload = async |parts: &[(&str, &str)]| {
        let part = |(head, text): &(&str, &str)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{head}\"\r\n\r\n{text}\r\n")
        };
        let form: String = parts.iter().map(part).collect();
        let call = app.call(Method::POST, ROOT, "/v2/handles/ada/files").bearer(&token);
        named(&call.multipart(format!("{form}--x--\r\n").into()).send().await)
    };
    let file = ("file\"; filename=\"a.txt", "a");
    let (long, longer) = ("x".repeat(2_000), "x".repeat(100_000));
    for (parts, fields) in [
        (vec![("zzz", "1")], "access file slug zzz"),
        (
            vec![("slug", "A b"), ("access", "X"), ("pageSlug", ".."), ("y", ""), file],
            "access pageSlug slug y",
        ),
        (
            vec![("slug", &*long), ("access", "PAGE"), ("access", "PAGE")],
            "access file pageSlug slug",
        ),
        (vec![("slug", "A b"), ("access", "PAGE"), file], "pageSlug slug"),
        (vec![("slug", "A b"), ("access", "PUBLIC"), ("pageSlug", "guide"), file], "pageSlug slug"),
        (vec![file], "access slug"),
        // Nothing is read behind it.
        (vec![("zzz", "1"), ("slug", &*longer), ("access", "X")], "slug zzz"),
        // Nor behind many that are wrong, also under the same name.
        ([("zzz", "1")].repeat(101), "zzz"),
        ([("access", "PAGE")].repeat(102), "access"),
        ([("zzz", "1")].repeat(100), "access file slug zzz"),
    ] {
        let expected: BTreeSet<String> = fields.split(' ').map(ToOwned::to_owned).collect();
        assert_eq!(upload(parts.as_slice()).await, expected, "{fields}");
    }
}

#[actix_web::test]
async fn second_file_of_an_upload_is_one_too_many_and_a_text_behind_it_is_late() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let upload = async |name: &str| {
        let part = |(head, text): (&str, &str)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{head}\"\r\n\r\n{text}\r\n")
        };
        let file = ("file\"; filename=\"a.txt", "a");
        let parts = [("slug", "a"), ("access", "PUBLIC"), file, (name, "b")].map(part).concat();
        let call = app.post(ROOT, "/v2/handles/ada/files").bearer(&token);
        let reply = call.multipart(format!("{parts}--x--\r\n").into()).send().await;
        assert_eq!(reply.refusal(), "422 validation_failed", "{name}");
        reply.json()["fields"].clone()
    };
    let twice = upload("file\"; filename=\"b.txt").await;
    assert_eq!(twice, json!({"file": "is there twice"}));
    assert_eq!(upload("pageSlug").await, json!({"pageSlug": "must come before file"}));
    let files = app.get(ROOT, "/v2/handles/ada/files").bearer(&token).send().await.json();
    assert_eq!(files["items"], json!([]));
}

#[actix_web::test]
async fn null_takes_away_what_may_be_missing_and_changes_nothing_else() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let send = async |method: Method, path: &str, body: &Value| {
        let call = app.call(method, ROOT, &format!("/v2/{path}")).bearer(&token);
        let reply = call.json(body).send().await;
        assert!(reply.status.is_success(), "{path} {body}: {reply:?}");
        reply.json()
    };
    let settings = json!({
        "name": "Ada", "frontendOrigins": ["https://shop.example.com"], "supportEmail": "help@example.com",
        "mailFooter": "Mill Lane", "description": "Notes", "invoiceCreation": true, "automaticTax": true,
        "taxIdCollection": true, "secondPayments": "HOLD",
    });
    send(Method::PATCH, "handles/ada", &settings).await;
    let open = json!({
        "slug": "open", "title": "Open", "teaser": "t", "body": "b", "accessMode": "PUBLIC", "status": "PUBLISHED",
        "price": {"amount": 1200, "currency": "usd"},
    });
    send(Method::POST, "handles/ada/pages", &open).await;
    let together = json!({
        "slug": "together", "title": "Together", "description": "d", "pageSlug": "guide", "targetQuantity": 2,
        "price": {"amount": 900, "currency": "usd"}, "maxQuantity": 9, "deadline": "2026-02-01T00:00:00Z",
        "offerDays": 3,
    });
    send(Method::POST, "handles/ada/group-buys", &together).await;
    let nulls = |names: &str| -> Value {
        names.split_whitespace().map(|name| (name.to_owned(), Value::Null)).collect()
    };
    for (path, kept, taken) in [
        ("creator/me", "name", ""),
        (
            "handles/ada",
            "name frontendOrigins invoiceCreation automaticTax taxIdCollection secondPayments",
            "supportEmail mailFooter description picture",
        ),
        ("handles/ada/pages/open", "title teaser body accessMode status", "price"),
        (
            "handles/ada/group-buys/together",
            "title description price targetQuantity offerDays",
            "maxQuantity deadline",
        ),
    ] {
        let before = send(Method::PATCH, path, &json!({})).await;
        assert_eq!(send(Method::PATCH, path, &nulls(kept)).await, before, "{path}");
        let after = send(Method::PATCH, path, &nulls(taken)).await;
        for name in taken.split_whitespace() {
            assert!(after[name].is_null(), "{path}: {after}");
        }
        for name in kept.split_whitespace() {
            assert_eq!(after[name], before[name], "{path}: {after}");
        }
    }
}

#[actix_web::test]
async fn null_leaves_a_file_as_it_is_and_is_refused_where_a_page_is_needed() {
    let app = TestApp::new();
    app.shop().await;
    let token = app.token("ada").await;
    let part = |head: &str, text: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{head}\"\r\n\r\n{text}\r\n")
    };
    let form = [
        part("slug", "workbook"),
        part("access", "PAGE"),
        part("pageSlug", "guide"),
        part("file\"; filename=\"a.txt", "a"),
    ];
    let upload = app.post(ROOT, "/v2/handles/ada/files").bearer(&token);
    let made = upload.multipart(format!("{}--x--\r\n", form.concat()).into()).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    let change = async |body: Value| {
        let call = app.call(Method::PATCH, ROOT, "/v2/handles/ada/files/workbook");
        call.bearer(&token).json(&body).send().await
    };
    let same = change(json!({"slug": null, "name": null, "access": null})).await;
    assert_eq!(same.json(), made.json());
    let refused = named(&change(json!({"pageSlug": null})).await);
    assert_eq!(refused, BTreeSet::from(["pageSlug".to_owned()]));
    let public = change(json!({"access": "PUBLIC", "pageSlug": null})).await.json();
    assert!(public.get("pageSlug").is_none(), "{public}");
}
