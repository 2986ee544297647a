//! The storefront, and the page of a group buy.

use actix_web::http::Method;
use tollgate_domain::{
    creators::{AccessMode, PageChange},
    files::{FileAccess, FileChange, NewFile},
    group_buys::Quantity,
    version::BasedOn,
};
use tollgate_domain_testing::{Shop, a_gift, a_group_buy, a_page, a_purchase, an_order, at, slug};

use crate::{
    console_browser::Browser,
    site_browser::Window,
    site_files::upload,
    support::{ADA, ROOT, TestApp},
};

#[actix_web::test]
async fn storefront_lists_pages_with_their_terms_and_group_buys() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, a_page().slug("free").free_with_login().published()).await;
    app.domain.page(&shop, a_page().slug("open").public().published()).await;
    app.domain.page(&shop, a_page().slug("draft").public()).await;
    let paid = app.domain.page(&shop, a_page().slug("yen").paid(1200, "jpy").published()).await;
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let group = a_group_buy(&paid).slug("together").target(5).new_group_buy();
    app.domain.group_buys.create(creator, handle, group).await.unwrap();
    let gone = a_group_buy(&paid).slug("gone").new_group_buy();
    app.domain.group_buys.create(creator, handle, gone).await.unwrap();
    app.domain
        .group_buys
        .cancel(creator, handle, &"gone".parse().unwrap(), &BasedOn::Any)
        .await
        .unwrap();
    let page = Window::new(&app, ADA).get("/").await;
    for text in [
        "href=\"/guide\"",
        "$12.00",
        "¥1,200",
        "Free, with your e-mail address",
        "href=\"/-/group-buys/together\"",
        "¥900 · 0 of 5 joined",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("/draft") && !page.body.contains("/-/group-buys/gone"));
    assert!(!page.body.contains("Owned"));
    let session = app.domain.sign_in("bob@example.com").await;
    app.domain.give(&shop, &paid, "bob@example.com").await;
    let page = Window::of(&app, ADA, &session).get("/").await;
    assert_eq!(page.body.matches("Owned").count(), 1);
}

/// Whatever the visitor has elsewhere.
#[actix_web::test]
async fn storefront_marks_what_the_visitor_owns_at_this_shop() {
    let app = TestApp::new();
    let (shop, other) = (app.shop().await, app.domain.shop("eve").await);
    let session = app.domain.sign_in("bob@example.com").await;
    let bob = app.domain.visitor(&session).await;
    app.domain.give(&shop, &app.page(&shop, "guide").await, "bob@example.com").await;
    let page = app.domain.page(&other, a_page().slug("book").paid(1200, "usd").published()).await;
    let mut unit = app.domain.unit().await;
    for _ in 0..120 {
        let order = an_order(&bob, &page).build();
        let purchase = a_purchase(&order).created_at(at(60)).build();
        assert!(unit.purchases().insert(&purchase).await.unwrap());
    }
    unit.commit().await.unwrap();
    let seen = Window::of(&app, ADA, &session).get("/").await;
    assert_eq!(seen.body.matches("Owned").count(), 1, "{}", seen.body);
}

/// Whatever else the visitor has at this shop.
#[actix_web::test]
async fn storefront_marks_what_the_visitor_owns_behind_much_that_is_newer() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let bob = app.domain.visitor(&session).await;
    app.domain.give(&shop, &app.page(&shop, "guide").await, "bob@example.com").await;
    let lent = app.domain.page(&shop, a_page().slug("lent").paid(700, "usd").published()).await;
    let mut unit = app.domain.unit().await;
    for n in 0..120 {
        let page = a_page().of(&shop.handle).paid(900, "usd").archived().build();
        assert!(unit.pages().insert(&page).await.unwrap());
        let gift = a_gift(&bob, &page).created_at(at(100 + n)).build();
        assert!(unit.purchases().insert(&gift).await.unwrap());
    }
    let suspended = a_gift(&bob, &lent).suspended(at(300)).build();
    assert!(unit.purchases().insert(&suspended).await.unwrap());
    unit.commit().await.unwrap();
    let seen = Window::of(&app, ADA, &session).get("/").await;
    assert!(seen.body.contains("href=\"/guide\"") && seen.body.contains("href=\"/lent\""));
    assert_eq!(seen.body.matches("Owned").count(), 1, "{}", seen.body);
}

/// A page that costs nothing now says that, whatever became of a payment.
#[actix_web::test]
async fn storefront_tells_of_a_payment_on_its_way_and_of_a_disputed_one() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let session = app.domain.sign_in("bob@example.com").await;
    let bob = app.domain.visitor(&session).await;
    let paid = |name: &str| a_page().slug(name).paid(700, "usd").published();
    let disputed = app.domain.page(&shop, paid("disputed")).await;
    let (kept, freed) =
        (app.domain.page(&shop, paid("kept")).await, app.domain.page(&shop, paid("freed")).await);
    for page in [&app.page(&shop, "guide").await, &kept, &freed] {
        app.pay_later(&app.opened(&shop, page, &session).await).await;
    }
    app.domain.give(&shop, &kept, "bob@example.com").await;
    let free = PageChange { mode: Some(AccessMode::FreeWithLogin), ..PageChange::default() };
    app.domain.change(&shop, &freed, free).await;
    let mut unit = app.domain.unit().await;
    let suspended = a_purchase(&an_order(&bob, &disputed).build()).suspended(at(300)).build();
    assert!(unit.purchases().insert(&suspended).await.unwrap());
    unit.commit().await.unwrap();
    let row = async |window: &Window<'_>, slug: &str| {
        let body = window.get("/").await.body;
        let (_, row) = body.split_once(&format!("<a href=\"/{slug}\"")).unwrap();
        row.split_once("</li>").unwrap().0.to_owned()
    };
    let english = Window::of(&app, ADA, &session);
    for (slug, told) in [
        ("guide", ">Payment on its way<"),
        ("disputed", ">Paused: payment disputed<"),
        ("kept", ">Owned<"),
        ("freed", ">Free, with your e-mail address<"),
    ] {
        let row = row(&english, slug).await;
        assert!(row.contains(told) && !row.contains('$'), "{slug}: {row}");
    }
    let german = Window::of(&app, ADA, &session).speaking("de");
    assert!(row(&german, "guide").await.contains(">Zahlung unterwegs<"));
    assert!(row(&german, "disputed").await.contains(">Ruht: Zahlung angefochten<"));
    let strangers = Window::new(&app, ADA).get("/").await.body;
    assert!(!strangers.contains("on its way") && strangers.contains("$7.00"), "{strangers}");
    // The page asks to pay again then.
    app.domain.clock.advance_seconds(66 * 24 * 3_600);
    let session = app.domain.sign_in("bob@example.com").await;
    let later = row(&Window::of(&app, ADA, &session), "guide").await;
    assert!(later.contains("$12.00"), "{later}");
}

#[actix_web::test]
async fn empty_storefront_says_so() {
    let app = TestApp::new();
    app.domain.shop("ada").await;
    assert!(Window::new(&app, ADA).get("/").await.body.contains("There is nothing here yet"));
}

#[actix_web::test]
async fn links_to_a_page_show_its_name_and_its_one_address() {
    let app = TestApp::new();
    app.shop().await;
    for (host, path, address) in [
        (ROOT, "/", "http://tollgate.localhost:8080/"),
        (ADA, "/", "http://ada.tollgate.localhost:8080/"),
        (ADA, "/?cursor=1.pag_x", "http://ada.tollgate.localhost:8080/"),
        (ADA, "/guide?utm=x", "http://ada.tollgate.localhost:8080/guide"),
    ] {
        let page = Window::new(&app, host).get(path).await;
        assert_eq!(page.status, 200, "{path}");
        for tag in [
            format!("<link rel=\"canonical\" href=\"{address}\">"),
            format!("<meta property=\"og:url\" content=\"{address}\">"),
            "<meta property=\"og:title\" content=\"".to_owned(),
            "<meta name=\"description\" content=\"".to_owned(),
        ] {
            assert_eq!(page.body.matches(&tag).count(), 1, "{tag}: {}", page.body);
        }
        assert!(!page.body.contains("noindex"));
        assert_eq!(page.body.matches("<main id=\"main\">").count(), 1);
    }
}

#[actix_web::test]
async fn group_buy_says_how_far_it_is_what_is_left_and_what_comes_next() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("book").paid(1200, "usd").published()).await;
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let deadline = at(5 * 24 * 3_600 + 60);
    let group = a_group_buy(&page).slug("together").target(5).most(8).deadline(deadline);
    app.domain.group_buys.create(creator, handle, group.new_group_buy()).await.unwrap();
    let session = app.domain.sign_in("bob@example.com").await;
    let bob = app.domain.visitor(&session).await;
    let slug = "together".parse().unwrap();
    app.domain.offers.express(handle, &slug, bob.id, Quantity::new(3).unwrap()).await.unwrap();
    let window = Window::of(&app, ADA, &session);
    let page = window.get("/-/group-buys/together").await;
    for text in [
        "3 of 5 joined",
        "2 left to reach the target",
        "5 of at most 8 places left",
        "6 days left",
        "<time datetime=\"2026-01-06T00:01:00Z\">",
        "What happens next",
        "You have joined with a quantity of 3.",
        "You then have 7 days to pay $9.00",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let full =
        window.post("/-/group-buys/together/interest", &[("quantity", "9"), ("do", "join")]).await;
    assert_eq!(full.status, 409);
    assert!(
        full.body.contains("value=\"9\"") && full.body.contains("no room left for this quantity")
    );
    let odd = window
        .post("/-/group-buys/together/interest", &[("quantity", "\"><b>"), ("do", "join")])
        .await;
    assert_eq!(odd.status, 422);
    assert!(
        odd.body.contains("aria-invalid=\"true\"") && !odd.body.contains("<b>"),
        "{}",
        odd.body
    );
    assert!(odd.body.contains("<title>Error: "));
}

#[actix_web::test]
async fn turning_back_from_a_group_price_leads_to_the_group_buy() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let page = app.domain.page(&shop, a_page().slug("book").paid(1200, "usd").published()).await;
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let group = a_group_buy(&page).slug("together").target(1).new_group_buy();
    app.domain.group_buys.create(creator, handle, group).await.unwrap();
    let session = app.domain.sign_in("bob@example.com").await;
    let window = Window::of(&app, ADA, &session);
    window.submit("/-/group-buys/together/interest", &[("quantity", "1"), ("do", "join")]).await;
    let slug = "together".parse().unwrap();
    app.domain.group_buys.activate(creator, handle, &slug, &BasedOn::Any).await.unwrap();
    let offer = window.get("/-/group-buys/together").await;
    assert!(
        offer.body.contains("Buy for $9.00") && offer.body.contains("7 days left"),
        "{}",
        offer.body
    );
    window.post("/-/group-buys/together/checkout", &[]).await;
    let cancel = app.domain.store.orders()[0].cancel_url.clone().unwrap();
    let path = cancel.strip_prefix("http://ada.tollgate.localhost:8080").unwrap();
    let page = window.follow(window.get(path).await).await;
    assert!(
        page.body.contains("Nothing was paid") && page.body.contains("Buy for $9.00"),
        "{}",
        page.body
    );
}

/// Uploads the public picture `me`, which becomes the one of the shop.
async fn show_picture(app: &TestApp, shop: &Shop, token: &str) {
    const GIF: &[u8] =
        b"GIF89a\x01\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,";
    let new = NewFile {
        slug: slug("me"),
        access: FileAccess::Public,
        page_slug: None,
        name: "me.gif".to_owned(),
        content_type: None,
    };
    let content = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(GIF.into())]);
    app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
    let body = serde_json::json!({"description": "Herbs & <more>", "picture": "me"});
    let set =
        app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(token).json(&body).send().await;
    assert_eq!(set.status, 200, "{set:?}");
}

#[actix_web::test]
async fn storefront_shows_its_description_and_picture() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let token = app.token("ada").await;
    show_picture(&app, &shop, &token).await;
    let page = Window::new(&app, ADA).get("/").await;
    for text in [
        "<img class=\"picture\" src=\"/v2/public/files/ada/me\" alt=\"\" width=\"1\" height=\"2\">",
        "<meta property=\"og:image\" content=\"http://tollgate.localhost:8080/v2/public/files/ada/me\">",
        "Herbs &#38; &#60;more&#62;</p>",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    for picture in ["nothing", "Not a slug"] {
        let body = serde_json::json!({"picture": picture});
        let call = app.call(Method::PATCH, ROOT, "/v2/handles/ada").bearer(&token).json(&body);
        let refused = call.send().await;
        assert_eq!(refused.refusal(), "422 validation_failed");
        assert!(refused.json()["fields"]["picture"].is_string(), "{refused:?}");
    }
    // A picture that not everybody may open is not shown, and its creator is told.
    let ada = Browser::of(&app, "ada").await;
    assert!(
        ada.get("/ada/settings")
            .await
            .body
            .contains("<option value=\"me\" selected>me.gif</option>")
    );
    let (files, creator, name) = (&app.domain.files, &shop.creator, &shop.handle.name);
    let hidden = FileChange { access: Some(FileAccess::Allowlist), ..FileChange::default() };
    files.change(creator, name, &slug("me"), hidden, &BasedOn::Any).await.unwrap();
    for path in ["/", "/-/sign-in"] {
        let page = Window::new(&app, ADA).get(path).await.body;
        assert!(!page.contains("<img class=\"picture\"") && !page.contains("og:image"), "{page}");
    }
    let settings = ada.get("/ada/settings").await.body;
    assert!(settings.contains("<option value=\"me\" selected>me (nobody can see it"), "{settings}");
    files.delete(creator, name, &slug("me"), &BasedOn::Any).await.unwrap();
    let settings = ada.get("/ada/settings").await.body;
    assert!(!settings.contains("value=\"me\""), "{settings}");
}

/// Those are the addresses that people share. They do not look whether everybody may open the picture: the address that they
/// name does.
#[actix_web::test]
async fn pages_name_the_picture_of_their_shop() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let group = a_group_buy(&app.page(&shop, "guide").await).slug("together").new_group_buy();
    app.domain.group_buys.create(creator, name, group).await.unwrap();
    upload(&app, &shop, "notes", FileAccess::Public, None).await;
    let shared = ["/guide", "/-/group-buys/together", "/-/files/notes"];
    let window = Window::new(&app, ADA);
    for path in shared {
        assert!(!window.get(path).await.body.contains("og:image"), "{path}");
    }
    assert_eq!(window.get("/-/picture").await.status, 404);
    let token = app.token("ada").await;
    show_picture(&app, &shop, &token).await;
    let named = "og:image\" content=\"http://ada.tollgate.localhost:8080/-/picture\">";
    for path in shared {
        let page = window.get(path).await.body;
        assert!(page.contains(named), "{path}: {page}");
    }
    let led = window.get("/-/picture").await;
    assert_eq!((led.status.as_u16(), led.header("location")), (302, "/v2/public/files/ada/me"));
    // A picture is its own.
    let own = window.get("/-/files/me").await.body;
    let its_own = "og:image\" content=\"http://tollgate.localhost:8080/v2/public/files/ada/me\">";
    assert!(own.contains(its_own), "{own}");
    let hidden = FileChange { access: Some(FileAccess::Allowlist), ..FileChange::default() };
    app.domain.files.change(creator, name, &slug("me"), hidden, &BasedOn::Any).await.unwrap();
    assert_eq!(window.get("/-/picture").await.status, 404);
    assert!(!window.get("/guide").await.body.contains("files/ada/me"));
    assert_eq!(Window::new(&app, ROOT).get("/-/picture").await.status, 404);
}
