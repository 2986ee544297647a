//! Texts that are too long: browsers cut nothing of them, and what is wrong is told beside what was typed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tollgate_domain::files::FileAccess;

use crate::{
    console_browser::{APP, Browser},
    site_files::upload,
    support::TestApp,
};

fn templates(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(templates(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn browsers_cut_nothing_of_what_is_pasted() {
    for path in templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")) {
        let template = fs::read(&path).unwrap();
        for line in String::from_utf8_lossy(&template).lines() {
            let is_cut = line.to_ascii_lowercase().contains("maxlength");
            assert!(!is_cut, "{}: {line}", path.display());
        }
    }
}

/// A field without autocompletion is empty in Chromium once somebody has gone back to it.
#[test]
fn browsers_keep_what_was_typed_when_somebody_goes_back() {
    for path in templates(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")) {
        let template = fs::read(&path).unwrap();
        let template = String::from_utf8_lossy(&template).replace('\\', "");
        assert!(!template.contains("autocomplete=\"off\""), "{}", path.display());
    }
}

/// What a field says of a text with more than so many characters, in English and in German.
fn at_most(number: [&str; 2]) -> [String; 2] {
    let [english, german] = number;
    [
        format!("Please use at most {english} characters."),
        format!("Bitte schreiben Sie höchstens {german} Zeichen."),
    ]
}

fn same(number: &str) -> [String; 2] {
    at_most([number; 2])
}

/// The path of a form, its fields, the one that is too long, and what is told about it.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, [String; 2]);

/// Sends a form with a text that is too long in one field, in both languages, and looks for the message and the text.
async fn refuses(
    app: &TestApp,
    cookies: &str,
    (path, fields): (&str, &[(&str, &str)]),
    field: &str,
    told: &[String; 2],
) {
    let typed = fields.iter().find(|(name, _)| *name == field).unwrap().1;
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    for (language, told) in ["en", "de"].into_iter().zip(told) {
        let call = app.post(APP, path).form(&body).with("accept-language", language);
        let call = if cookies.is_empty() { call } else { call.with("cookie", cookies) };
        let reply = call.send().await;
        assert_eq!(reply.status, 422, "{path} {field}");
        let error = format!("id=\"{field}-error\">{told}");
        assert!(reply.body.contains(&error), "{error}: {}", reply.body);
        let is_kept = reply.body.contains(typed);
        assert_eq!(is_kept, !field.to_lowercase().contains("password"), "{path} {field}");
    }
}

#[actix_web::test]
async fn password_that_is_too_long_is_refused_and_not_cut() {
    let app = TestApp::new();
    app.shop().await;
    let (nobody, ada) = (Browser::new(&app), Browser::of(&app, "ada").await);
    let long = "horse ".repeat(50);
    let told = ["Please use 8 to 256 characters.", "Bitte schreiben Sie 8 bis 256 Zeichen."];
    let told = told.map(str::to_owned);
    let sign_up = [("email", "eve@example.com"), ("password", &*long)];
    refuses(&app, "", ("/sign-up", &sign_up), "password", &told).await;
    let change =
        [("do", "password"), ("currentPassword", "correct horse"), ("newPassword", &*long)];
    refuses(&app, &ada.cookies(), ("/account", &change), "newPassword", &told).await;
    nobody.submit("/password-reset", &[("email", "ada@creators.example")]).await;
    let token = app.mailed_token("ada@creators.example").await;
    let reset = [("token", &*token), ("password", &*long)];
    refuses(&app, "", ("/password-reset/confirm", &reset), "password", &told).await;
}

#[actix_web::test]
async fn texts_that_are_too_long_are_kept_beside_their_error() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await.cookies();
    upload(&app, &shop, "book", FileAccess::Public, None).await;
    let long = "x".repeat(201);
    let longer = "x".repeat(501);
    let (large, largest) = ("x".repeat(1_001), "x".repeat(10_001));
    let cases: [Case<'_>; 9] = [
        ("/account", &[("do", "name"), ("name", &long)], "name", same("200")),
        ("/new-handle", &[("name", &long), ("handle", "other")], "name", same("100")),
        ("/ada/settings", &[("name", &long)], "name", same("100")),
        (
            "/ada/settings",
            &[("name", "Ada"), ("description", &large)],
            "description",
            at_most(["1,000", "1.000"]),
        ),
        ("/ada/settings", &[("name", "Ada"), ("mailFooter", &longer)], "mailFooter", same("500")),
        ("/ada/pages/new", &[("title", &long), ("accessMode", "PUBLIC")], "title", same("200")),
        ("/ada/new-group-buy", &[("title", &long), ("pageSlug", "guide")], "title", same("200")),
        (
            "/ada/new-group-buy",
            &[("title", "Together"), ("description", &largest)],
            "description",
            at_most(["10,000", "10.000"]),
        ),
        (
            "/ada/files/book",
            &[("name", &long), ("slug", "book"), ("access", "PUBLIC")],
            "name",
            same("200"),
        ),
    ];
    for (path, fields, field, told) in cases {
        refuses(&app, &ada, (path, fields), field, &told).await;
    }
}

#[actix_web::test]
async fn address_or_name_that_is_too_long_is_not_another_one() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await.cookies();
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    let host = [&*"x".repeat(63); 4].join(".");
    let email = format!("bob@{host}.example");
    let none = ["This is not an e-mail address.", "Das ist keine E-Mail-Adresse."];
    let none = none.map(str::to_owned);
    for (path, fields, field) in [
        ("/sign-up", vec![("email", &*email), ("password", "correct horse")], "email"),
        ("/password-reset", vec![("email", &*email)], "email"),
        ("/ada/people/grant", vec![("email", &*email), ("page", "guide")], "email"),
        ("/ada/files/book/allowlist", vec![("email", &*email)], "email"),
        ("/ada/people/move", vec![("from", "bob@example.com"), ("to", &*email)], "to"),
        ("/ada/settings", vec![("name", "Ada"), ("supportEmail", &*email)], "supportEmail"),
    ] {
        let cookies = if path.starts_with("/ada") { &*ada } else { "" };
        refuses(&app, cookies, (path, &fields), field, &none).await;
    }
    let slug = "x".repeat(65);
    for (path, fields, field, most) in [
        ("/new-handle", vec![("name", "Ada"), ("handle", &*slug)], "handle", "32"),
        ("/ada/pages/new", vec![("title", "A"), ("slug", &*slug)], "slug", "64"),
        ("/ada/new-group-buy", vec![("title", "A"), ("slug", &*slug)], "slug", "64"),
        (
            "/ada/files/book",
            vec![("name", "A"), ("slug", &*slug), ("access", "ALLOWLIST")],
            "slug",
            "64",
        ),
    ] {
        let least = if field == "handle" { "3" } else { "1" };
        let told = [
            format!("Please use {least} to {most} lower-case letters"),
            format!("Bitte schreiben Sie {least} bis {most} Kleinbuchstaben"),
        ];
        refuses(&app, &ada, (path, &fields), field, &told).await;
    }
    let sought = "x".repeat(255);
    for (path, field) in [("people", "q"), ("mail", "q"), ("purchases", "email")] {
        let path = format!("/ada/{path}?{field}={sought}");
        let shown = app.get(APP, &path).with("cookie", &ada).send().await;
        let error = format!("id=\"{field}-error\">Please use at most 254 characters.");
        assert!(shown.status == 422 && shown.body.contains(&error), "{}", shown.body);
        assert!(shown.body.contains(&format!("value=\"{sought}\"")), "{}", shown.body);
    }
}
