//! The console: the list of pages, the editor, and what becomes of a page.

use tollgate_domain::{
    creators::{AccessMode, PageChange, PageStatus},
    payments::AccountState,
};
use tollgate_domain_testing::a_page;

use crate::{
    console_browser::{APP, Browser},
    support::{ADA, Reply, TestApp},
};

/// What a hidden field of a screen holds.
fn hidden<'a>(screen: &'a Reply, name: &str) -> &'a str {
    let before = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    screen.body.split(&before).nth(1).unwrap().split('"').next().unwrap()
}

/// The form of the page `guide`, as its editor shows it, with another body.
fn guide<'a>(version: &'a str, body: &'a str, pressed: &'a str) -> [(&'a str, &'a str); 8] {
    [
        ("version", version),
        ("title", "A guide"),
        ("teaser", "What it is about."),
        ("body", body),
        ("accessMode", "PAID"),
        ("price", "12.00"),
        ("currency", "usd"),
        ("do", pressed),
    ]
}

#[actix_web::test]
async fn list_shows_mode_price_status_and_sales_of_each_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.page(&shop, a_page().slug("notes").free_with_login()).await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    let list = ada.get("/ada/pages").await.body;
    let row = |slug: &str| {
        let row = list.split(&format!("<a href=\"/ada/pages/{slug}\">")).nth(1).unwrap();
        row.split("</tr>").next().unwrap().to_owned()
    };
    let (guide, notes) = (row("guide"), row("notes"));
    for told in [">Paid<", ">$12.00<", ">Published<", "class=\"number\">1<"] {
        assert!(guide.contains(told), "{told}: {guide}");
    }
    for told in [">Free with sign-in<", ">Free<", ">Draft<", "class=\"number\">0<"] {
        assert!(notes.contains(told), "{told}: {notes}");
    }
}

#[actix_web::test]
async fn tabs_limit_the_list_to_a_status_page_after_page() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for _ in 0..2 {
        app.domain.page(&shop, a_page()).await;
    }
    let drafts = ada.get("/ada/pages?status=DRAFT&limit=1").await.body;
    assert!(drafts.contains(">Draft</span>") && !drafts.contains(">Published</span>"));
    assert!(drafts.contains("aria-current=\"page\">Drafts</a>"), "{drafts}");
    let older = drafts.split("class=\"pager\"><a href=\"").nth(1).unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    assert!(older.contains("status=DRAFT"), "{older}");
    let next = ada.get(&older).await.body;
    assert!(next.contains(">Draft</span>") && !next.contains("class=\"pager\""));
    let none = ada.get("/ada/pages?status=ARCHIVED").await.body;
    assert!(none.contains("There are no pages with this status."));
    let all = ada.get("/ada/pages?status=nothing").await.body;
    assert!(all.contains(">Draft</span>") && all.contains(">Published</span>"));
}

#[actix_web::test]
async fn empty_list_teaches_with_one_button() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    let ada = Browser::of(&app, "ada").await;
    let list = ada.get("/ada/pages").await.body;
    assert_eq!(list.matches("href=\"/ada/pages/new\"").count(), 1);
    assert!(list.contains("A page has a teaser that everybody sees"));
}

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
    assert!(parts.contains("The least amount is ¥50, without decimals."), "{parts}");
}

#[actix_web::test]
async fn two_who_edit_the_same_page_see_both_texts_and_lose_nothing() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    ada.submit("/ada/pages/guide", &guide(&version, "The first text.", "save")).await;

    // The same form sent twice is not a conflict.
    let again = ada.post("/ada/pages/guide", &guide(&version, "The first text.", "save")).await;
    assert_eq!(again.status, 303);

    let conflict = ada.post("/ada/pages/guide", &guide(&version, "The second text.", "save")).await;
    assert_eq!(conflict.status, 409);
    assert!(conflict.body.contains("<title>Error: "), "{}", conflict.body);
    let theirs = conflict.body.split("id=\"theirs-body\"").nth(1).unwrap();
    assert!(theirs.split("</textarea>").next().unwrap().ends_with(" readonly>\nThe first text."));
    assert!(!conflict.body.contains("id=\"theirs-title\""));
    let yours = conflict.body.split("<textarea id=\"body\"").nth(1).unwrap();
    assert!(yours.split("</textarea>").next().unwrap().ends_with(">\nThe second text."));
    assert_eq!(app.page(&shop, "guide").await.body, "The first text.");

    // A preview in between forgets nothing of it.
    let preview =
        ada.post("/ada/pages/guide", &guide(&version, "The second text.", "preview")).await;
    assert!(preview.status == 409 && preview.body.contains("id=\"theirs-body\""));

    let theirs = hidden(&preview, "theirs").to_owned();
    let over = [&guide(&version, "The second text.", "over")[..], &[("theirs", &theirs)]].concat();
    let saved = ada.submit("/ada/pages/guide", &over).await;
    assert!(saved.body.contains("The second text.") && saved.body.contains("Saved."));
    // What was stored after the conflict was shown is not overwritten either.
    let third = [&guide(&version, "The third text.", "over")[..], &[("theirs", &theirs)]].concat();
    assert_eq!(ada.post("/ada/pages/guide", &third).await.status, 409);
    assert_eq!(app.page(&shop, "guide").await.body, "The second text.");
}

#[actix_web::test]
async fn conflict_on_the_way_to_publishing_still_publishes() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let draft = app.domain.page(&shop, a_page().slug("draft")).await;
    let ada = Browser::of(&app, "ada").await;
    let fields = [("version", "1"), ("title", "Mine"), ("accessMode", "PUBLIC")];
    let publish = [&fields[..], &[("do", "publish")]].concat();
    let conflict = ada.post("/ada/pages/draft", &publish).await;
    assert_eq!((conflict.status.as_u16(), hidden(&conflict, "intended")), (409, "publish"));
    let theirs = hidden(&conflict, "theirs");
    let over =
        [&fields[..], &[("theirs", theirs), ("intended", "publish"), ("do", "over")]].concat();
    ada.submit("/ada/pages/draft", &over).await;
    let page = app.page(&shop, draft.slug.as_str()).await;
    assert_eq!((&*page.title, page.status), ("Mine", PageStatus::Published));
}

#[actix_web::test]
async fn text_of_a_page_that_was_deleted_meanwhile_is_kept() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let version = hidden(&ada.get("/ada/pages/guide").await, "version").to_owned();
    let slug = "guide".parse().unwrap();
    app.domain.pages.delete(&shop.creator, &shop.handle.name, &slug).await.unwrap();
    let lost = ada.post("/ada/pages/guide", &guide(&version, "My text.", "save")).await;
    assert_eq!(lost.status, 422);
    assert!(lost.body.contains("action=\"/ada/pages/new\"") && lost.body.contains("My text."));
    assert!(lost.body.contains("name=\"slug\" type=\"text\" value=\"guide\""), "{}", lost.body);
    assert_eq!(ada.get("/ada/pages/guide").await.status, 404);
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

#[actix_web::test]
async fn creator_sees_a_page_as_strangers_and_buyers_do() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let stranger = ada.get("/ada/pages/guide/view?as=stranger").await.body;
    for told in [
        "What it is about.",
        "Bought before? Sign in",
        "$12.00",
        "somebody sees who is not signed in",
    ] {
        assert!(stranger.contains(told), "{told}");
    }
    assert!(!stranger.contains("Everything.") && !stranger.contains("gate-"), "{stranger}");
    let attached = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "book")];
    ada.send_files("/ada/files", &attached, &[("Book.txt", "abc")]).await;
    let stranger = ada.get("/ada/pages/guide/view?as=stranger").await.body;
    assert!(stranger.contains("<ul>\n<li><bdi>Book.txt</bdi>"), "as on the page: {stranger}");
    let buyer = ada.get("/ada/pages/guide/view?as=buyer").await.body;
    assert!(buyer.contains("Everything.") && buyer.contains("who has bought the page"));
    assert!(!buyer.contains("Buy for"));

    app.domain.page(&shop, a_page().slug("notes").free_with_login()).await;
    let notes = ada.get("/ada/pages/notes/view?as=stranger").await.body;
    assert!(notes.contains("It is a draft") && !notes.contains("Everything."));
    app.domain.page(&shop, a_page().slug("open").published()).await;
    assert!(ada.get("/ada/pages/open/view").await.body.contains("Everything."));
}

#[actix_web::test]
async fn view_of_a_stranger_says_what_the_gate_says() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let offer = [
        ("title", "Together"),
        ("pageSlug", "guide"),
        ("price", "9,50"),
        ("targetQuantity", "3"),
        ("offerDays", "7"),
    ];
    ada.submit("/ada/new-group-buy", &offer).await;
    let on_sale = ["Enter your e-mail address to go on to payment.", "Together", "$9.50", "of 3"];
    let off_sale = ["This cannot be bought at the moment", "Bought before? Sign in", "Together"];
    for (is_on_sale, sentences) in [(true, &on_sale[..]), (false, &off_sale[..])] {
        if !is_on_sale {
            let restricted = AccountState { details_submitted: true, ..AccountState::default() };
            app.domain.payments.set_account(&shop.account, restricted);
            app.domain.deliver_webhooks().await;
        }
        let page = app.get(ADA, "/guide").with("accept", "text/html").send().await.body;
        let view = ada.get("/ada/pages/guide/view?as=stranger").await.body;
        for text in sentences.iter().chain(&["Get access", "Your e-mail address", "Continue"]) {
            assert!(page.contains(text) && view.contains(text), "{text}: {page} {view}");
        }
        for text in ["Buy for", "href=\"/-/group-buys", "action=\"/-/sign-in"] {
            assert!(!view.contains(text), "{text}: {view}");
        }
        let other = if is_on_sale { off_sale[0] } else { on_sale[0] };
        assert!(!page.contains(other) && !view.contains(other), "{page} {view}");
    }
}

#[actix_web::test]
async fn view_of_an_archived_page_names_who_still_opens_it() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let free = app.domain.page(&shop, a_page().slug("notes").free_with_login().published()).await;
    let bob = app.domain.sign_in("bob@example.com").await;
    assert!(app.domain.is_open(&shop, &free, &bob).await);
    for slug in ["guide", "notes"] {
        ada.submit(&format!("/ada/pages/{slug}/archive"), &[]).await;
    }
    let told = |slug: &str| format!("/ada/pages/{slug}/view?as=buyer");
    let bought = ada.get(&told("guide")).await.body;
    assert!(bought.contains("stays open to those who bought it or got it as a gift"), "{bought}");
    let free = ada.get(&told("notes")).await.body;
    assert!(free.contains("only those who bought it or got it as a gift can still open it"));
}

#[actix_web::test]
async fn archiving_asks_and_names_who_keeps_access() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.page(&shop, "guide").await;
    let bob = app.domain.sign_in("bob@example.com").await;
    app.domain.buy(&shop, &page, &bob).await;
    let asked = ada.get("/ada/pages/guide/archive").await.body;
    assert!(
        asked.contains("Archive “A guide”?")
            && asked
                .contains("It was bought or given away once. Those who have access by a purchase")
    );
    let readers = "read it without a purchase or gift cannot open it any more";
    assert!(!asked.contains(readers), "{asked}");
    app.domain.page(&shop, a_page().slug("notes").free_with_login().published()).await;
    let free = ada.get("/ada/pages/notes/archive").await.body;
    assert!(free.contains(readers), "{free}");
    let done = ada.submit("/ada/pages/guide/archive", &[]).await.body;
    assert!(done.contains("“A guide” is archived."), "{done}");
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Archived);
    assert!(app.domain.is_open(&shop, &page, &bob).await);
    let editor = ada.get("/ada/pages/guide").await.body;
    assert!(editor.contains("value=\"publish\"") && !editor.contains("/ada/pages/guide/archive"));
}

#[actix_web::test]
async fn deleting_asks_and_archives_what_somebody_has() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    app.domain.page(&shop, a_page().slug("unused")).await;
    let asked = ada.get("/ada/pages/unused/delete").await.body;
    assert!(asked.contains("gone for good"), "{asked}");
    assert!(asked.contains("Nobody has bought it or got it as a gift"), "{asked}");
    let gone = ada.submit("/ada/pages/unused/delete", &[]).await.body;
    assert!(gone.contains("“A guide” is deleted.") && !gone.contains("/ada/pages/unused"));
    let title = [("deleted", "A guide")];
    assert!(asked.contains("name=\"deleted\" value=\"A guide\""), "{asked}");
    let again = ada.submit("/ada/pages/unused/delete", &title).await.body;
    assert!(again.contains("“A guide” is deleted."), "{again}");
    // Another page at the same address is not what the old form is about.
    let other = app.domain.page(&shop, a_page().slug("unused")).await;
    let id = asked.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let old = [("id", id), ("deleted", "A guide")];
    ada.submit("/ada/pages/unused/delete", &old).await;
    assert_eq!(app.page(&shop, "unused").await, other);

    let page = app.page(&shop, "guide").await;
    app.domain.give(&shop, &page, "bob@example.com").await;
    let asked = ada.get("/ada/pages/guide/delete").await.body;
    assert!(asked.contains("archived instead of deleted"), "{asked}");
    let kept = ada.submit("/ada/pages/guide/delete", &[]).await.body;
    assert!(kept.contains("is archived instead of deleted"), "{kept}");
    assert!(kept.contains("Those who have access by a purchase or gift keep it."), "{kept}");
    assert!(!kept.contains("They keep access"), "{kept}");
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Archived);
}

#[actix_web::test]
async fn pages_of_other_handles_do_not_exist_here() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let eves = app.domain.shop("eve").await;
    app.domain.page(&eves, a_page().slug("secret")).await;
    let ada = Browser::of(&app, "ada").await;
    for rest in ["", "/edit", "/view", "/archive", "/delete"] {
        for slug in ["secret", "nothing", "Bad", "%67uide"] {
            let path = format!("/ada/pages/{slug}{rest}");
            assert_eq!(ada.get(&path).await.status, 404, "{path}");
        }
    }
    for rest in ["", "/edit", "/archive", "/delete"] {
        let path = format!("/ada/pages/secret{rest}");
        assert_eq!(ada.post(&path, &[("title", "Mine")]).await.status, 404, "{path}");
    }
    let change = PageChange::default();
    let page = app.page(&eves, "secret").await;
    assert_eq!(app.domain.change(&eves, &page, change).await.title, page.title);
    assert_eq!(app.page(&shop, "guide").await.status, PageStatus::Published);
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
