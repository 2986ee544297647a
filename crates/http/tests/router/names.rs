//! Names that are written from right to left, inside our own sentences.

use tollgate_domain::{
    creators::{HandleChange, PageChange},
    files::FileAccess,
    token::Token,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, email, slug};

use crate::{
    console_browser::{APP, Browser},
    site_browser::Window,
    site_files::upload,
    support::{ADA, ROOT, TestApp},
};

const TITLE: &str = "מדריך!";
const SELLER: &str = "הגינה (3)";
const BOB: &str = "bob@example.com";

/// The name as sentences of HTML hold it.
fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// A shop with such a name, and with a page and a group buy that have such a title.
async fn shop(app: &TestApp) -> (Shop, Browser<'_>) {
    let shop = app.shop().await;
    let change = HandleChange { title: Some(SELLER.to_owned()), ..HandleChange::default() };
    app.domain
        .handles
        .change(&shop.creator, &shop.handle.name, change, &BasedOn::Any)
        .await
        .unwrap();
    let page = app.page(&shop, "guide").await;
    let change = PageChange { title: Some(TITLE.to_owned()), ..PageChange::default() };
    app.domain.change(&shop, &page, change).await;
    let ada = Browser::of(app, "ada").await;
    let terms = [
        ("title", TITLE),
        ("pageSlug", "guide"),
        ("price", "9"),
        ("targetQuantity", "3"),
        ("maxQuantity", ""),
        ("deadline", ""),
        ("offerDays", "7"),
        ("description", ""),
        ("slug", "together"),
    ];
    ada.submit("/ada/new-group-buy", &terms).await;
    (shop, ada)
}

#[actix_web::test]
async fn buyers_read_our_sentences_in_their_own_direction() {
    let app = TestApp::new();
    let (shop, _) = shop(&app).await;
    let seller = isolated(SELLER);
    for (language, step) in [
        ("en", format!("<li>{seller} activates the offer.")),
        ("de", format!("<li>{seller} aktiviert das Angebot.")),
    ] {
        let page = Window::new(&app, ADA).speaking(language).get("/-/group-buys/together").await;
        assert!(page.body.contains(&step), "{}", page.body);
        // What the card of a link says is not HTML, and neither is the title.
        let (head, _) = page.body.split_once("</head>").unwrap();
        assert!(head.contains(SELLER) && !head.contains(&seller), "{head}");
    }

    let bob = app.domain.sign_in(BOB).await;
    let page = app.page(&shop, "guide").await;
    app.domain.buy(&shop, &page, &bob).await;
    let to = email("rob@example.net");
    app.domain.moves.request(&shop.creator, &shop.handle.name, email(BOB), to).await.unwrap();
    let token = app.mailed_token("rob@example.net").await;
    let asked = Window::new(&app, ROOT).get(&format!("/-/move?token={token}")).await.body;
    assert!(asked.contains(&format!("<p>What you have at {seller} is under")), "{asked}");
    app.domain.moves.confirm(&token.parse::<Token>().unwrap()).await.unwrap();
    let told = Window::of(&app, ADA, &bob).speaking("de").get("/guide").await.body;
    assert!(told.contains(&format!("<p>Was Sie bei {seller} hatten, wurde am")), "{told}");
}

#[actix_web::test]
async fn creators_read_our_sentences_in_their_own_direction() {
    let app = TestApp::new();
    let (_, ada) = shop(&app).await;
    let title = isolated(TITLE);
    for (path, english, german) in [
        ("/ada/pages/guide/delete", "Delete “X”?", "„X“ löschen?"),
        ("/ada/group-buys/together/edit", "Change “X”", "„X“ ändern"),
        ("/ada/group-buys/together/activate", "Activate “X”?", "„X“ aktivieren?"),
        ("/ada/group-buys/together/cancel", "Call “X” off?", "„X“ absagen?"),
    ] {
        for (language, heading) in [("en", english), ("de", german)] {
            let call = app.get(APP, path).with("cookie", &ada.cookies());
            let screen = call.with("accept-language", language).send().await.body;
            let shown = format!("<h1>{}</h1>", heading.replace('X', &title));
            assert!(screen.contains(&shown), "{path}: {screen}");
            let (head, _) = screen.split_once("</head>").unwrap();
            let called = format!("<title>{} – ", heading.replace('X', TITLE));
            assert!(head.contains(&called) && !head.contains('\u{2068}'), "{path}: {head}");
        }
    }
    let file = isolated("מדריך 2.txt");
    let texts = [("access", "ALLOWLIST"), ("pageSlug", ""), ("slug", "book")];
    let sent = ada.send_files("/ada/files", &texts, &[("מדריך 2.txt", "abc")]).await;
    let uploaded = ada.follow(sent).await.body;
    assert!(uploaded.contains(&format!("Uploaded: {file}")), "{uploaded}");
    let list = ada.get("/ada/files/book/allowlist").await.body;
    assert!(list.contains(&format!("<h1>Who may have “{file}”</h1>")), "{list}");
    let archived = ada.submit("/ada/pages/guide/archive", &[]).await.body;
    let notice = format!("<p class=\"notice\">“{title}” is archived.</p>");
    assert!(archived.contains(&notice), "{archived}");
}

#[actix_web::test]
async fn start_and_the_screen_of_a_person_name_a_page_in_its_own_direction() {
    let app = TestApp::new();
    let (shop, ada) = shop(&app).await;
    upload(&app, &shop, "workbook", FileAccess::Page, Some(slug("guide"))).await;
    let person = "/ada/people/person?email=bob%40example.com&about=file.workbook";
    for (path, english, german) in [
        ("/ada", "“X” costs $12.00.", "„X“ kostet 12,00\u{a0}$."),
        (person, "together with its page, “X”.", "zusammen mit ihrer Seite „X“."),
    ] {
        for (language, sentence) in [("en", english), ("de", german)] {
            let call = app.get(APP, path).with("cookie", &ada.cookies());
            let screen = call.with("accept-language", language).send().await.body;
            let shown = sentence.replace('X', &isolated(TITLE));
            assert!(screen.contains(&shown), "{path}: {screen}");
        }
    }
}
