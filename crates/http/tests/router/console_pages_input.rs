//! The console: what can be wrong with a page, and its pictures.

use std::convert::Infallible;

use actix_web::{http::Method, web::Bytes};
use futures_util::stream;
use serde_json::json;
use tollgate_domain::{
    creators::{NewPage, PageChange},
    files::{FileAccess, FileChange, NewFile},
    paging::PageRequest,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, a_page};

use crate::{
    console_browser::{APP, Browser},
    support::{ROOT, Reply, TestApp},
};

/// The error beside a field.
fn error<'a>(screen: &'a Reply, field: &str) -> Option<&'a str> {
    let text = screen.body.split(&format!("id=\"{field}-error\">")).nth(1)?;
    text.split('<').next()
}

const GOOD: [(&str, &str); 6] = [
    ("title", "Ada’s pots 🪴 <b>"),
    ("teaser", "اختبار"),
    ("body", "Wash them."),
    ("accessMode", "PAID"),
    ("price", "12.50"),
    ("currency", "usd"),
];

fn but(field: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let with = |(name, good): &(&'static str, &str)| {
        (*name, if *name == field { value.to_owned() } else { (*good).to_owned() })
    };
    GOOD.iter().map(with).collect()
}

#[actix_web::test]
async fn bad_field_is_told_beside_it_and_the_rest_is_kept() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let long = "é".repeat(32 * 1024 + 1);
    for (field, value, told) in [
        ("title", "", "fill this in"),
        ("title", &"x".repeat(201), "at most 200 characters"),
        ("title", "a\nb", "one line"),
        ("teaser", &"x".repeat(10_001), "at most 10,000 characters"),
        ("body", &long, "at most 64 KiB"),
        ("body", "a\u{0}b", "cannot be shown"),
        ("accessMode", "", "choose who may read"),
        ("price", "", "needs a price"),
        ("price", "0.10", "The least amount is $0.50, with at most 2 decimals."),
        ("price", "12.345", "Write 12345.00 or 12.34"),
        ("price", "<script>", "like 12.50"),
        ("price", "٣٤ ×", "like 12.50"),
        ("currency", "doge", "not available"),
    ] {
        let fields = but(field, value);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
        let reply = ada.post("/ada/pages/new", &fields).await;
        assert_eq!(reply.status, 422, "{field}: {value}");
        let error = error(&reply, field).unwrap_or_else(|| panic!("{field}: {}", reply.body));
        assert!(error.contains(told), "{field}: {error}");
        assert!(reply.body.contains(&format!("href=\"#{field}\"")), "{field}");
        assert!(!reply.body.contains("<script>") && !reply.body.contains("🪴 <b>"));
        for (name, good) in GOOD.iter().filter(|(name, _)| *name != field) {
            let kept = good.replace('<', "&#60;").replace('>', "&#62;");
            assert!(reply.body.contains(&kept), "{field}: {name} is lost");
        }
    }
    assert!(ada.get("/ada/pages?status=DRAFT").await.body.contains("no pages with this status"));
}

#[actix_web::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let (title, teaser) = ("x".repeat(201), "y".repeat(10_001));
    let fields = [
        ("title", &*title),
        ("slug", "a b"),
        ("teaser", &teaser),
        ("body", "a\u{0}b"),
        ("accessMode", "PAID"),
        ("price", "0.10"),
        ("currency", "usd"),
    ];
    let stored = ada.get("/ada/pages/guide").await.body;
    let version = stored.split("name=\"version\" value=\"").nth(1).unwrap();
    let based_on = ("version", version.split('"').next().unwrap());
    for path in ["/ada/pages/new", "/ada/pages/guide"] {
        let reply = ada.post(path, &[&fields[..], &[based_on]].concat()).await;
        assert_eq!(reply.status, 422, "{path}");
        for (field, told) in [
            ("title", "at most 200"),
            ("teaser", "at most 10,000"),
            ("body", "cannot be shown"),
            ("price", "The least amount is $0.50"),
        ] {
            assert!(error(&reply, field).is_some_and(|it| it.contains(told)), "{path}: {field}");
        }
        // The slug of a page that is there is not in its form.
        assert_eq!(error(&reply, "slug").is_some(), path.ends_with("new"), "{path}");
    }
    let group = [
        ("title", &*title),
        ("pageSlug", ""),
        ("price", ""),
        ("targetQuantity", "0"),
        ("offerDays", "31"),
        ("slug", "a b"),
    ];
    let reply = ada.post("/ada/new-group-buy", &group).await;
    for (field, _) in group {
        assert!(error(&reply, field).is_some(), "{field}: {}", reply.body);
    }
    let long = "z".repeat(1_001);
    let settings = [
        ("name", ""),
        ("description", &*long),
        ("supportEmail", "nobody"),
        ("frontendOrigins", "https://shop.example/path"),
    ];
    let reply = ada.post("/ada/settings", &settings).await;
    for (field, _) in settings {
        assert!(error(&reply, field).is_some(), "{field}: {}", reply.body);
    }
    let account = [("name", &*title), ("email", "nobody"), ("password", "password")];
    let reply = Browser::new(&app).post("/sign-up", &account).await;
    for (field, _) in account {
        assert!(error(&reply, field).is_some(), "{field}: {}", reply.body);
    }
    let own = [("name", ""), ("email", "eve@example.com"), ("password", "EVE@example.com")];
    let reply = Browser::new(&app).post("/sign-up", &own).await;
    assert!(error(&reply, "password").is_some_and(|it| it.contains("your own address")));
}

#[actix_web::test]
async fn slug_that_cannot_be_is_told_beside_it() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (title, slug, told) in [
        ("A guide", "a b", "lower-case letters"),
        ("A guide", "v2", "reserved"),
        ("A guide", "guide", "has this address already"),
        ("Guide", "", "has this address already"),
    ] {
        let fields = [("title", title), ("slug", slug), ("accessMode", "PUBLIC")];
        let reply = ada.post("/ada/pages/new", &fields).await;
        assert_eq!(reply.status, 422, "{title} {slug}");
        assert!(error(&reply, "slug").unwrap().contains(told), "{title} {slug}");
    }
    let other = [("title", "Teh guide"), ("accessMode", "PAID"), ("price", ""), ("slug", "")];
    let reply = ada.post("/ada/pages/new", &other).await;
    assert!(reply.body.contains("name=\"slug\" type=\"text\" value=\"\""), "{}", reply.body);
    // What was made from the title is there to be changed.
    let reply = ada.post("/ada/pages/new", &[("title", "Guide"), ("accessMode", "PUBLIC")]).await;
    assert!(reply.body.contains("name=\"slug\" type=\"text\" value=\"guide\""), "{}", reply.body);
}

#[actix_web::test]
async fn empty_form_says_what_it_needs() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let reply = ada.post("/ada/pages/new", &[]).await;
    assert_eq!(reply.status, 422);
    assert!(error(&reply, "title").is_some() && error(&reply, "accessMode").is_some());
    assert!(reply.body.contains("<title>Error: "));
    for path in ["/ada/pages/new", "/ada/pages/guide"] {
        let reply = ada.post(path, &[("accessMode", "PAID"), ("currency", "usd")]).await;
        assert!(error(&reply, "title").is_some() && error(&reply, "price").is_some(), "{path}");
    }
}

#[actix_web::test]
async fn bad_price_of_a_stored_page_is_shown_again() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = but("price", "1.250");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    let reply = ada.post("/ada/pages/guide", &fields).await;
    assert!(reply.body.contains("value=\"1.250\""));
    assert!(error(&reply, "price").unwrap().contains("Write 1250.00 or 1.25."), "{}", reply.body);
}

const GIF: &[u8] =
    b"GIF89a\x01\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,";

/// A multipart form with a description and a file.
fn upload(alt: &str, name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\n{alt}\r\n--x\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/gif\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--x--\r\n"].concat()
}

async fn send(app: &TestApp, browser: &Browser<'_>, body: Vec<u8>) -> Reply {
    let call = app.call(Method::POST, APP, "/ada/pictures").with("cookie", &browser.cookies());
    let call = call.with("sec-fetch-site", "same-origin");
    call.multipart(body).send().await
}

async fn slugs(app: &TestApp, shop: &Shop) -> Vec<String> {
    let all = PageRequest::default();
    let files = app.domain.files.list(&shop.creator, &shop.handle.name, &all).await.unwrap();
    assert!(files.items.iter().all(|file| file.access == FileAccess::Public));
    let mut slugs: Vec<_> = files.items.iter().map(|file| file.slug.to_string()).collect();
    slugs.sort_unstable();
    slugs
}

#[actix_web::test]
async fn picture_is_uploaded_for_everybody_and_gives_its_markdown() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for markdown in ["![My [pots]](balcony)", "![My [pots]](balcony-2)"] {
        let reply = send(&app, &ada, upload("My [pots]", "Balcony.GIF", GIF)).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let screen = ada.get(reply.header("location")).await.body;
        let plain = markdown.replace("[pots]", "pots");
        assert!(screen.contains(&format!("value=\"{plain}\" readonly")), "{screen}");
        assert!(screen.contains("<img class=\"sample\" src=\"/v2/public/files/ada/balcony"));
    }
    assert_eq!(slugs(&app, &shop).await, ["balcony", "balcony-2"]);
    let asked = ada.get("/ada/files/balcony/delete").await.body;
    assert!(asked.contains("Pages that show it will show only its description."), "{asked}");
    // The preview shows it, from an address that the creator may open.
    let parts = ada.post("/ada/preview", &[("body", "![Pots](balcony)")]).await.body;
    let address = "/ada/files/balcony/download";
    assert!(parts.contains(&format!("<img src=\"{address}\" alt=\"Pots\"")), "{parts}");
    let picture = app.call(Method::HEAD, APP, address).with("cookie", &ada.cookies());
    assert_eq!(picture.send().await.status, 200);
    // So does the JSON interface, for pages that are shown anywhere.
    let whole = "<img src=\"http://ada.tollgate.localhost:8080/v2/public/files/ada/balcony\"";
    let token = app.token("ada").await;
    let ask = app.call(Method::POST, ROOT, "/v2/handles/ada/preview").bearer(&token);
    let html = ask.json(&json!({"markdown": "![Pots](balcony)"})).send().await.json();
    assert!(html["html"].as_str().unwrap().contains(whole), "{html}");
    let ask = app.call(Method::POST, ROOT, "/v2/handles/ada/preview").bearer(&token);
    let refused = ask.json(&json!({"markdown": "a\u{84}b"})).send().await;
    assert_eq!(refused.refusal(), "422 validation_failed");
    assert_eq!(refused.json()["fields"]["markdown"], "must not have control characters");
    let page = a_page().slug("pots").public().published();
    let page = NewPage { body: "![Pots](Balcony.GIF)".to_owned(), ..page.new_page() };
    app.domain.pages.create(&shop.creator, &shop.handle.name, page).await.unwrap();
    let page = app.get(ROOT, "/v2/public/pages/ada/pots").send().await.json();
    assert!(page["bodyHtml"].as_str().unwrap().contains(whole.trim_end_matches('"')), "{page}");
}

#[actix_web::test]
async fn description_of_a_picture_that_is_too_long_is_kept_beside_its_error() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let long = "x".repeat(201);
    let refused = send(&app, &ada, upload(&long, "pots.gif", GIF)).await;
    assert_eq!(refused.status, 422);
    assert_eq!(error(&refused, "alt"), Some("Please use at most 200 characters."));
    assert!(refused.body.contains(&format!("value=\"{long}\"")), "{}", refused.body);
    // Of far too much the beginning is kept, which ends with a whole character.
    let (wide, blank) = ("€".repeat(25_000), format!("Pots{}", " ".repeat(5_000)));
    for (typed, kept) in [(&wide, "€".repeat(1_365)), (&blank, "Pots ".to_owned())] {
        let refused = send(&app, &ada, upload(typed, "pots.gif", GIF)).await;
        assert_eq!(refused.status, 422);
        assert_eq!(error(&refused, "alt"), Some("Please use at most 200 characters."));
        assert!(refused.body.contains(&format!("value=\"{kept}…\"")), "{}", refused.body);
    }
    assert!(slugs(&app, &shop).await.is_empty());
    let longest = "x".repeat(200);
    assert_eq!(send(&app, &ada, upload(&longest, "pots.gif", GIF)).await.status, 303);
}

/// Whatever was written since.
#[actix_web::test]
async fn new_page_has_the_currency_of_what_was_put_on_sale_last() {
    let app = TestApp::new();
    let shop = app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let new = ada.get("/ada/pages/new").await.body;
    assert!(new.contains("value=\"usd\" selected"), "{new}");
    for currency in ["chf", "eur"] {
        app.domain.page(&shop, a_page().paid(500, currency).published()).await;
        app.domain.clock.advance_seconds(1);
    }
    for _ in 0..25 {
        app.domain.page(&shop, a_page().public().published()).await;
    }
    let new = ada.get("/ada/pages/new").await.body;
    assert!(new.contains("value=\"eur\" selected"), "{new}");
}

/// Telephones call every picture that they upload alike.
#[actix_web::test]
async fn pictures_of_one_name_get_any_number() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for _ in 0..51 {
        let slug = "image".parse().unwrap();
        let (access, page_slug, content_type) = (FileAccess::Public, None, None);
        let new = NewFile { slug, access, page_slug, name: "image.jpg".to_owned(), content_type };
        let content = stream::iter([Ok::<_, Infallible>(Bytes::from_static(GIF))]);
        let (files, name) = (&app.domain.files, &shop.handle.name);
        files.upload_beside(&shop.creator, name, new, content).await.unwrap();
    }
    for (name, slug) in
        [("image.jpg", "image-52"), ("pots/Image.jpg", "image-53"), ("متجر.jpg", "picture")]
    {
        let reply = send(&app, &ada, upload("Pots", name, GIF)).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let added = format!("/ada/pictures?added={slug}&alt=Pots");
        assert_eq!(reply.header("location"), added);
    }
}

/// A picture that opens with the page is a link in its teaser.
#[actix_web::test]
async fn stranger_sees_only_public_pictures() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    send(&app, &ada, upload("Pots", "pots.gif", GIF)).await;
    send(&app, &ada, upload("Herbs", "herbs.gif", GIF)).await;
    let (name, herbs) = (&shop.handle.name, "herbs".parse().unwrap());
    let of_page = FileChange {
        access: Some(FileAccess::Page),
        page_slug: Some(Some("guide".parse().unwrap())),
        ..FileChange::default()
    };
    app.domain.files.change(&shop.creator, name, &herbs, of_page, &BasedOn::Any).await.unwrap();
    let text = Some("![Pots](pots.gif) ![Herbs](herbs.gif)".to_owned());
    let page = app.page(&shop, "guide").await;
    let change = PageChange { teaser: text, ..PageChange::default() };
    app.domain.change(&shop, &page, change).await;
    for (seen_as, pictures) in [("stranger", 1), ("buyer", 2)] {
        let seen = ada.get(&format!("/ada/pages/guide/view?as={seen_as}")).await.body;
        assert_eq!(seen.matches("<img").count(), pictures, "{seen_as}: {seen}");
        assert!(seen.contains("Herbs"), "{seen}");
    }
}

#[actix_web::test]
async fn file_that_is_not_a_picture_is_refused_beside_its_field() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let large = [GIF, &vec![0; 200_000]].concat();
    for (name, content, told) in [
        ("", &b""[..], "choose a file"),
        ("a.gif", b"", "do not show this kind"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "do not show this kind"),
        ("a.gif", &large, "too large"),
    ] {
        let reply = send(&app, &ada, upload("My pots", name, content)).await;
        assert_eq!(reply.status, 422, "{name}");
        assert!(error(&reply, "file").unwrap().contains(told), "{name}: {}", reply.body);
    }
    let without = b"--x\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\nx\r\n--x--\r\n";
    let reply = send(&app, &ada, without.to_vec()).await;
    assert!(error(&reply, "file").unwrap().contains("choose a file"));
    assert!(slugs(&app, &shop).await.is_empty());
    assert_eq!(ada.get("/ada/pictures?added=nothing").await.status, 404);
}
