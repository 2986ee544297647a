//! The console: lists that are longer than one part, and what is not on them.

use tollgate_domain::{
    creators::Quotas,
    files::{FileAccess, NewFile},
};
use tollgate_domain_testing::{self as fakes, Shop, a_group_buy, a_page, handle_name, slug};

use crate::{
    console_browser::{APP, Browser},
    site_files::upload,
    support::{ROOT, TestApp},
};

const GIF: &[u8] =
    b"GIF89a\x01\x00\x02\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,";

#[actix_web::test]
async fn file_of_an_archived_page_is_shown_with_the_title_of_the_page() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let texts = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "notes")];
    let sent = ada.send_files("/ada/files", &texts, &[("Notes.txt", "abc")]).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    ada.submit("/ada/pages/guide/archive", &[]).await;
    let list = ada.get("/ada/files").await.body;
    let link = "<a href=\"/ada/pages/guide\"><bdi>A guide</bdi></a>";
    assert!(list.contains(link), "{list}");
    let file = ada.get("/ada/files/notes").await.body;
    assert!(
        file.contains("<option value=\"guide\" selected>A guide (archived)</option>"),
        "{file}"
    );
}

/// The options of a list, without the one that chooses nothing.
fn options<'a>(body: &'a str, field: &str) -> Vec<&'a str> {
    let list = body.split(&format!("<select id=\"{field}\"")).nth(1).unwrap();
    let list = list.split("</select>").next().unwrap();
    let values = list.split("<option value=\"").map(|rest| rest.split('"').next().unwrap());
    values.skip(1).filter(|value| !value.is_empty()).collect()
}

#[actix_web::test]
async fn every_page_can_be_chosen_however_many_there_are() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..510 {
        app.domain.clock.advance_seconds(1);
        let slug = format!("page-{number}");
        app.domain.page(&shop, a_page().slug(&slug).paid(700, "usd").published()).await;
    }
    let ada = Browser::of(&app, "ada").await;
    ada.submit("/ada/pages/page-7/archive", &[]).await;
    for (path, field, has_archived) in [
        ("/ada/purchases?email=b", "page", true),
        ("/ada/people/grant", "page", true),
        ("/ada/files", "pageSlug", false),
        ("/ada/new-group-buy", "pageSlug", false),
    ] {
        let body = ada.get(path).await.body;
        let options = options(&body, field);
        assert!(options.contains(&"guide"), "{path}");
        assert_eq!(options.contains(&"page-7"), has_archived, "{path}");
        assert_eq!(options.len(), 510 + usize::from(has_archived), "{path}");
    }
}

/// Where the link with these words leads.
fn link_to(body: &str, words: &str) -> String {
    let before = body.split(&format!(">{words}</a>")).next().unwrap();
    assert_ne!(before, body, "there is no {words}: {body}");
    let address = before.rsplit("href=\"").next().unwrap();
    address.split('"').next().unwrap().replace("&#38;", "&")
}

#[actix_web::test]
async fn every_handle_is_reached_however_many_there_are() {
    let quotas = Quotas { max_handles: 1_000, ..Quotas::default() };
    let app = TestApp::of(fakes::TestApp::new().with_quotas(quotas));
    let shop = app.shop().await;
    for number in 0..100 {
        app.domain.clock.advance_seconds(1);
        let name = handle_name(&format!("shop-{number}"));
        app.domain.handles.create(&shop.creator, name, "Another shop").await.unwrap();
    }
    let ada = Browser::of(&app, "ada").await;
    let newest = ada.get("/account").await.body;
    assert!(newest.contains("href=\"/shop-99\"") && !newest.contains("href=\"/ada\""), "{newest}");
    let mut all = ada.get(&link_to(&newest, "All shops")).await.body;
    assert_eq!(all.matches("<bdi>Another shop</bdi></a>").count(), 50, "a part: {all}");
    while !all.contains("<li><a href=\"/ada\">") {
        all = ada.get(&link_to(&all, "Older")).await.body;
    }
    // The frame keeps to the shop that was shown last, also if it is an older one.
    assert_eq!(ada.get("/ada").await.status, 200);
    assert_eq!(ada.get("/").await.header("location"), "/ada");
    assert!(ada.get("/ada/pages/unknown").await.body.contains("href=\"/ada/pages\""));
}

#[actix_web::test]
async fn every_purchase_of_a_person_is_reached_however_many_there_are() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let bob = app.domain.sign_in("bob@example.com").await;
    let mut first = None;
    for number in 0..101 {
        app.domain.clock.advance_seconds(1);
        let page = a_page().slug(&format!("page-{number}")).paid(700, "usd").published();
        let page = app.domain.page(&shop, page).await;
        let purchase = app.domain.buy(&shop, &page, &bob).await;
        first.get_or_insert(purchase.id);
    }
    let ada = Browser::of(&app, "ada").await;
    let person = ada.get("/ada/people/person?email=bob%40example.com").await.body;
    let older = link_to(&person, "Older purchases of this person");
    assert!(older.starts_with("/ada/purchases?email=bob%40example.com&cursor="), "{older}");
    let list = ada.get(&older).await.body;
    let rows = list.split("<tbody>").nth(1).unwrap();
    assert_eq!(rows.matches("<th scope=\"row\">").count(), 1, "{rows}");
    assert!(rows.contains(&first.unwrap().to_string()), "{rows}");
}

#[actix_web::test]
async fn every_file_can_be_asked_about_however_many_there_are() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..1_001 {
        app.domain.clock.advance_seconds(1);
        upload(&app, &shop, &format!("file-{number}"), FileAccess::Public, None).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let person = "/ada/people/person?email=bob%40example.com";
    let newest = ada.get(person).await.body;
    let is_file = |value: &&str| value.starts_with("file.");
    let files = options(&newest, "about").into_iter().filter(is_file).count();
    assert!(files == 1_000 && !newest.contains("file.file-0\""));
    let older = ada.get(&link_to(&newest, "Older files")).await.body;
    let files: Vec<_> = options(&older, "about").into_iter().filter(is_file).collect();
    assert_eq!(files, ["file.file-0"]);
    assert!(!older.contains("Older files"));
    assert_eq!(ada.get(&format!("{person}&files=x")).await.status, 422);
}

async fn upload_picture(app: &TestApp, shop: &Shop, name: &str) {
    app.domain.clock.advance_seconds(1);
    let new = NewFile {
        slug: slug(name),
        access: FileAccess::Public,
        page_slug: None,
        name: format!("{name}.gif"),
        content_type: None,
    };
    let content = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(GIF.into())]);
    app.domain.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
}

#[actix_web::test]
async fn picture_that_is_older_than_many_files_can_be_chosen() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload_picture(&app, &shop, "me").await;
    for number in 0..101 {
        app.domain.clock.advance_seconds(1);
        upload(&app, &shop, &format!("file-{number}"), FileAccess::Public, None).await;
    }
    let ada = Browser::of(&app, "ada").await;
    let settings = ada.get("/ada/settings").await.body;
    assert_eq!(options(&settings, "picture"), ["me"]);
    assert!(settings.contains("<option value=\"me\">me.gif</option>"), "{settings}");
}

#[actix_web::test]
async fn more_pictures_than_a_list_holds_are_typed() {
    let app = TestApp::new();
    let shop = app.shop().await;
    for number in 0..500 {
        upload_picture(&app, &shop, &format!("picture-{number}")).await;
    }
    let ada = Browser::of(&app, "ada").await;
    assert_eq!(options(&ada.get("/ada/settings").await.body, "picture").len(), 500);
    upload_picture(&app, &shop, "newest").await;
    let settings = ada.get("/ada/settings").await.body;
    assert!(settings.contains("<input id=\"picture\"") && settings.contains("too many pictures"));
    let suggested = settings.split("<datalist id=\"pictures\">").nth(1).unwrap();
    assert!(suggested.contains("value=\"newest\"") && !suggested.contains("value=\"picture-0\""));
    let call = app.get(APP, "/ada/settings").with("cookie", &ada.cookies());
    let german = call.with("accept-language", "de").send().await.body;
    assert!(german.contains("Es sind zu viele Bilder"), "{german}");
    let chosen = |picture| [("name", "Ada's"), ("picture", picture)];
    let wrong = ada.post("/ada/settings", &chosen("nothing")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Choose a picture of your own"), "{}", wrong.body);
    let saved = ada.submit("/ada/settings", &chosen("picture-0")).await.body;
    let field = saved.split("<input id=\"picture\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(field.contains("value=\"picture-0\""), "{field}");
}

#[actix_web::test]
async fn group_buy_of_a_page_is_named_before_it_is_archived_behind_many_others() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let (creator, handle) = (&shop.creator, &shop.handle.name);
    let guide = app.page(&shop, "guide").await;
    let other = app.domain.page(&shop, a_page().slug("other").paid(1200, "usd").published()).await;
    let old = a_group_buy(&guide).slug("old").new_group_buy();
    app.domain.group_buys.create(creator, handle, old).await.unwrap();
    app.domain.clock.advance_seconds(1);
    for number in 0..100 {
        let newer = a_group_buy(&other).slug(&format!("newer-{number}")).new_group_buy();
        app.domain.group_buys.create(creator, handle, newer).await.unwrap();
    }
    let ada = Browser::of(&app, "ada").await;
    let asked = ada.get("/ada/pages/guide/archive").await.body;
    assert_eq!(asked.matches("is for this page: while it is archived").count(), 1, "{asked}");
    let cancel = app.post(ROOT, "/v2/handles/ada/group-buys/old/cancel");
    let cancel = cancel.bearer(&app.token("ada").await).send().await;
    assert_eq!(cancel.status, 200, "{cancel:?}");
    let asked = ada.get("/ada/pages/guide/archive").await.body;
    assert!(!asked.contains("is for this page"), "{asked}");
}
