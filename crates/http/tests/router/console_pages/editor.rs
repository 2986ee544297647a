//! The editor of a page.

use tollgate_domain::creators::{AccessMode, PageStatus};

use super::{guide, hidden};
use crate::{
    console_browser::{APP, Browser},
    support::TestApp,
};

#[actix_web::test]
async fn greatest_lengths_are_told_without_scripts() {
    let app = TestApp::new();
    app.shop().await;
    let editor = Browser::of(&app, "ada").await.get("/ada/pages/new").await.body;
    for told in ["At most 10,000 characters</p>", "At most 64 KiB</p>"] {
        assert!(editor.contains(told), "{told}: {editor}");
    }
}

#[actix_web::test]
async fn draft_gets_its_address_from_its_title_and_is_published_later() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [
        ("title", "Grüße: pots & pans"),
        ("slug", ""),
        ("teaser", "Line\r\nbreak"),
        ("body", "Wash them."),
        ("accessMode", "PAID"),
        ("price", "12,50"),
        ("currency", "eur"),
    ];
    let saved = ada.post("/ada/pages/new", &fields).await;
    assert_eq!(saved.header("location"), "/ada/pages/gruesse-pots-pans");
    let editor = ada.follow(saved).await;
    assert!(editor.body.contains("The draft is saved.") && editor.body.contains("value=\"12.50\""));
    let page = app.page(&shop, "gruesse-pots-pans").await;
    assert_eq!((page.mode, page.status), (AccessMode::Paid, PageStatus::Draft));
    assert_eq!(
        (page.price.unwrap().to_string(), &*page.teaser),
        ("12.50 EUR".into(), "Line\nbreak")
    );

    let publish = [&fields[..], &[("version", hidden(&editor, "version")), ("do", "publish")]];
    let published = ada.submit("/ada/pages/gruesse-pots-pans", &publish.concat()).await.body;
    let address = "http://ada.tollgate.localhost:8080/gruesse-pots-pans";
    assert!(published.contains(&format!("Published: {address}")), "{published}");
    assert!(published.contains(&format!("<a href=\"{address}\"")));
    assert_eq!(app.page(&shop, "gruesse-pots-pans").await.status, PageStatus::Published);
}

#[actix_web::test]
async fn new_page_that_is_sent_twice_is_created_once() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (title, path, pressed, told) in [
        ("Pots", "/ada/pages/pots", "save", "The draft is saved."),
        ("Pans", "/ada/pages/pans", "publish", "Published: http://ada."),
    ] {
        let fields = [
            ("title", title),
            ("body", "Wash\r\nthem."),
            ("accessMode", "PAID"),
            ("price", "5"),
            ("currency", "usd"),
            ("do", pressed),
        ];
        for _ in 0..2 {
            let saved = ada.post("/ada/pages/new", &fields).await;
            assert_eq!(saved.header("location"), path);
            assert!(ada.follow(saved).await.body.contains(told));
        }
        let other = [&fields[2..], &[("title", title), ("body", "Break them.")]].concat();
        let taken = ada.post("/ada/pages/new", &other).await;
        assert_eq!(taken.status, 422);
        assert!(taken.body.contains("Something here has this address already."));
        assert!(taken.body.contains("Break them."), "{}", taken.body);
    }
    assert_eq!(app.page(&shop, "pots").await.body, "Wash\nthem.");
}

#[actix_web::test]
async fn one_answer_names_all_that_is_wrong() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [
        ("slug", "not an address!"),
        ("accessMode", "PAID"),
        ("price", "twelve"),
        ("currency", "eur"),
    ];
    let refused = ada.post("/ada/pages/new", &fields).await;
    assert_eq!(refused.status, 422);
    for field in ["title", "slug", "price"] {
        let error = format!("id=\"{field}-error\"");
        assert!(refused.body.contains(&error), "{error}: {}", refused.body);
    }
}

#[actix_web::test]
async fn page_can_be_called_new() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("title", "New"), ("accessMode", "PUBLIC"), ("do", "publish")];
    let saved = ada.submit("/ada/pages/new", &fields).await;
    assert!(saved.body.contains("action=\"/ada/pages/new/edit\""), "{}", saved.body);
    let change = [("version", hidden(&saved, "version")), ("title", "Newer")];
    ada.submit("/ada/pages/new/edit", &[&change[..], &fields[1..]].concat()).await;
    assert_eq!(app.page(&shop, "new").await.title, "Newer");
}

#[actix_web::test]
async fn paid_page_can_be_published_before_stripe_is_ready() {
    let app = TestApp::new();
    let eve = app.domain.creator("eve@creators.example").await;
    app.domain.handles.create(&eve, "eve".parse().unwrap(), "Eve's").await.unwrap();
    let browser = Browser::of(&app, "eve").await;
    let fields = [
        ("title", "A guide"),
        ("accessMode", "PAID"),
        ("price", "5"),
        ("currency", "usd"),
        ("do", "publish"),
    ];
    let saved = browser.submit("/eve/pages/new", &fields).await.body;
    assert!(saved.contains("Published: ") && saved.contains("href=\"/eve/revenue\" target"));
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    assert!(!ada.get("/ada/pages/guide").await.body.contains("Connect Stripe"));
}

#[actix_web::test]
async fn preview_keeps_everything_that_was_typed_and_saves_nothing() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    let shown =
        ada.post("/ada/pages/guide", &guide(&version, "## Pots\n\n<b>x</b>", "preview")).await;
    assert_eq!(shown.status, 200);
    let preview =
        shown.body.split("id=\"preview\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(preview.contains("<h2>Pots</h2>") && !preview.contains("<b>"), "{preview}");
    assert!(shown.body.contains("## Pots\n\n&#60;b&#62;x"), "{}", shown.body);
    assert_eq!(hidden(&shown, "version"), version);
    assert_eq!(app.page(&shop, "guide").await.body, "Everything.");

    let new =
        [("title", "Another"), ("body", "*Text*"), ("accessMode", "PUBLIC"), ("do", "preview")];
    let shown = ada.post("/ada/pages/new", &new).await;
    assert!(shown.status == 200 && shown.body.contains("<em>Text</em>"));
    assert!(shown.body.contains("value=\"Another\""));
}

#[actix_web::test]
async fn script_gets_the_preview_and_what_the_price_means() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let typed = |price| {
        [("body", "**Pots**"), ("accessMode", "PAID"), ("price", price), ("currency", "jpy")]
    };
    let parts = ada.post("/ada/preview", &typed("1250")).await;
    assert_eq!(parts.status, 200);
    assert!(parts.body.starts_with("<section id=\"preview\"") && !parts.body.contains("<html"));
    assert!(parts.body.contains("<strong>Pots</strong>"));
    assert!(parts.body.contains("Buyers pay ¥1,250. About ¥1,250 arrives"), "{}", parts.body);
    let parts = ada.post("/ada/preview", &typed("12.50")).await.body;
    assert!(
        parts.contains("Amounts in JPY have no decimals, and the least one is ¥50."),
        "{parts}"
    );
}

#[actix_web::test]
async fn price_of_a_page_that_is_no_longer_sold_is_kept_for_later() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    let open = [
        ("version", &*version),
        ("title", "A guide"),
        ("accessMode", "PUBLIC"),
        ("price", "not a price"),
    ];
    ada.submit("/ada/pages/guide", &open).await;
    let page = app.page(&shop, "guide").await;
    assert_eq!((page.mode, page.price.unwrap().amount), (AccessMode::Public, 1_200));
}

/// The style shows the warning while the text is empty, also without scripts.
#[actix_web::test]
async fn page_is_put_up_for_sale_without_a_text_but_not_without_a_word() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let editor = ada.get("/ada/pages/new").await.body;
    let warning = "<p class=\"warning unwritten\">The text behind the gate is empty:";
    let (before, after) = editor.split_once(warning).unwrap();
    assert!(
        before.contains("name=\"body\" rows=\"16\" dir=\"auto\" data-markdown placeholder=\" \"")
    );
    assert!(after.contains(">Publish</button>") && !before.contains(">Publish</button>"));
    let style = editor.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    let style = app.get(APP, style.split('"').next().unwrap()).send().await.body;
    assert!(style.contains(".unwritten { display: none; }"), "{style}");
    assert!(style.contains(":has(#body:placeholder-shown) .unwritten { display: block; }"));

    for (title, body, mode, is_told) in [
        ("Pots", " \n", "PAID", true),
        ("Pans", "Wash them.", "PAID", false),
        ("Herbs", "", "PUBLIC", false),
    ] {
        let fields = [
            ("title", title),
            ("body", body),
            ("accessMode", mode),
            ("price", "5"),
            ("currency", "usd"),
            ("do", "publish"),
        ];
        let published = ada.submit("/ada/pages/new", &fields).await.body;
        assert!(published.contains("Published: http://ada."), "{published}");
        let told = "its text is empty, so buyers get nothing for their money but";
        assert_eq!(published.contains(told), is_told, "{title}: {published}");
    }
    assert_eq!(app.page(&shop, "pots").await.status, PageStatus::Published);
}

#[actix_web::test]
async fn scripts_of_the_editor_are_there() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let editor = ada.get("/ada/pages/new").await.body;
    let scripts: Vec<_> = editor.split("type=\"module\" src=\"").skip(1).collect();
    assert_eq!(scripts.len(), 4);
    for script in scripts {
        let address = script.split('"').next().unwrap();
        assert_eq!(app.get(APP, address).send().await.status, 200, "{address}");
    }
}

#[actix_web::test]
async fn editor_speaks_german() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let call = app.get(APP, "/ada/pages/guide").with("cookie", &ada.cookies());
    let editor = call.with("accept-language", "de").send().await.body;
    assert!(editor.contains("value=\"12,00\"") && editor.contains("Wer darf den Text lesen?"));
    assert!(editor.contains("12,00\u{a0}$"), "{editor}");
}
