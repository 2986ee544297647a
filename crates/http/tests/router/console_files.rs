//! The console: files, and the lists of people who may have them.

mod lists;
mod old_screens;

use actix_web::http::Method;
use tollgate_domain::{
    access::{Reason, ResourceType, ViewerClaim},
    files::{File, FileAccess},
    names::Slug,
    paging::PageRequest,
    token::Token,
};
use tollgate_domain_testing::{self as fakes, MAX_BYTES, Shop};

use crate::{
    console_browser::{APP, Browser},
    support::{Reply, TestApp},
};

const FILES: &str = "/ada/files";
const LIST: &str = "/ada/files/book/allowlist";
const MANY: &str = "/ada/files/book/allowlist/many";

fn all() -> PageRequest {
    PageRequest { limit: 100, after: None }
}

/// The files of the shop, ordered by their slugs.
async fn files(app: &TestApp, shop: &Shop) -> Vec<File> {
    let list = app.domain.files.list(&shop.creator, &shop.handle.name, &all()).await.unwrap();
    let mut files = list.items;
    files.sort_by_key(|file| file.slug.clone());
    files
}

fn slugs(files: &[File]) -> Vec<&str> {
    files.iter().map(|file| file.slug.as_str()).collect()
}

/// The addresses on the list of the file `book`.
async fn listed(app: &TestApp, shop: &Shop) -> Vec<String> {
    let (name, slug) = (&shop.handle.name, "book".parse().unwrap());
    let list = app.domain.files.allowlist(&shop.creator, name, &slug, &all()).await.unwrap();
    let mut emails: Vec<_> = list.items.iter().map(|entry| entry.email.to_string()).collect();
    emails.sort();
    emails
}

async fn reason(app: &TestApp, shop: &Shop, session: &Token) -> Reason {
    let claim = ViewerClaim { session: Some(session.hash()), ..ViewerClaim::default() };
    let slug: Slug = "book".parse().unwrap();
    let gate = &app.domain.gate;
    gate.check(ResourceType::File, shop.handle.name.clone(), slug, claim).await.unwrap()
}

/// A shop with the file `book` for the people on its list.
async fn with_list(app: &TestApp) -> (Shop, Browser<'_>) {
    let shop = app.shop().await;
    let ada = Browser::of(app, "ada").await;
    let texts = [("access", "ALLOWLIST"), ("pageSlug", ""), ("slug", "book")];
    let sent = ada.send_files(FILES, &texts, &[("Book.txt", "abc")]).await;
    assert_eq!(sent.status, 303, "{sent:?}");
    ada.follow(sent).await;
    (shop, ada)
}

fn error<'a>(reply: &'a Reply, field: &str) -> &'a str {
    let before = format!("id=\"{field}-error\">");
    let after = reply.body.split(&before).nth(1);
    after.map_or("", |rest| rest.split('<').next().unwrap())
}

#[actix_web::test]
async fn several_files_are_uploaded_at_once_and_get_slugs_of_their_names() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let empty = ada.get(FILES).await.body;
    assert!(empty.contains("<details class=\"panel\" open>") && !empty.contains("<table"));
    assert!(empty.contains("At most 97.6\u{a0}KiB each"));
    let texts = [("access", "PAGE"), ("pageSlug", "guide"), ("slug", "")];
    let sent = [("Größe 1.PDF", "a"), ("photo.jpg", "b"), ("Photo.JPG", "c"), ("🪴", "d")];
    let done = ada.send_files(FILES, &texts, &sent).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, FILES));
    let list = ada.follow(done).await.body;
    assert!(list.contains("Uploaded: Größe 1.PDF, photo.jpg, Photo.JPG, 🪴"), "{list}");
    assert!(list.contains("<details class=\"panel\">"));
    assert!(list.contains("<a href=\"/ada/pages/guide\"><bdi>A guide</bdi></a>"));
    assert!(list.contains("<span class=\"quiet\">/photo-2</span>"), "{list}");
    let files = files(&app, &shop).await;
    assert_eq!(slugs(&files), ["file", "groesse-1", "photo", "photo-2"]);
    assert!(files.iter().all(|file| file.access == FileAccess::Page && file.size == 1));
}

#[actix_web::test]
async fn slug_that_was_typed_is_used_and_numbered() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let texts = [("access", "PUBLIC"), ("pageSlug", "guide"), ("slug", " mine ")];
    let sent = [("a.txt", "a"), ("b.txt", "b")];
    assert_eq!(ada.send_files(FILES, &texts, &sent).await.status, 303);
    assert_eq!(slugs(&files(&app, &shop).await), ["mine", "mine-2"]);
    let taken = ada.send_files(FILES, &texts, &sent).await;
    assert_eq!(taken.status, 422);
    assert!(error(&taken, "slug").contains("already"), "{}", taken.body);
    assert!(taken.body.contains("value=\"mine\"") || taken.body.contains("value=\" mine \""));
    // Beside everything else that is wrong.
    for (access, page_slug, name, field) in [
        ("", "", "a.txt", "access"),
        ("PAGE", "", "a.txt", "pageSlug"),
        ("PAGE", "nothing", "a.txt", "pageSlug"),
        ("PUBLIC", "", "", "file"),
    ] {
        let texts = [("access", access), ("pageSlug", page_slug), ("slug", "mine")];
        let both = ada.send_files(FILES, &texts, &[(name, "a")]).await;
        assert!(!error(&both, field).is_empty(), "{field}: {}", both.body);
        assert!(error(&both, "slug").contains("already"), "{field}: {}", both.body);
    }
    assert_eq!(files(&app, &shop).await.len(), 2);
}

#[actix_web::test]
async fn upload_without_what_it_needs_says_what() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    for (texts, sent, field, told) in [
        (vec![("access", "")], ("a.txt", "a"), "access", "who may have it"),
        (vec![("access", "EVERYONE")], ("a.txt", "a"), "access", "who may have it"),
        (vec![("access", "PAGE"), ("pageSlug", "")], ("a.txt", "a"), "pageSlug", "choose the page"),
        (vec![("access", "PAGE"), ("pageSlug", "no")], ("a.txt", "a"), "pageSlug", "no such page"),
        (vec![("access", "PUBLIC"), ("slug", "<b>ü")], ("a.txt", "a"), "slug", "lower-case"),
        (vec![("access", "PUBLIC")], ("", ""), "file", "at least one file"),
    ] {
        let reply = ada.send_files(FILES, &texts, &[sent]).await;
        assert_eq!(reply.status, 422, "{texts:?}");
        assert!(error(&reply, field).contains(told), "{texts:?}: {}", reply.body);
        assert!(reply.body.contains("<title>Error: ") && !reply.body.contains("<b>ü"));
        assert!(reply.body.contains("<details class=\"panel\" open>"));
    }
    // Of far too much the beginning is kept, and so is the rest of the form.
    for length in [5_000, 70_000] {
        let (long, kept) = ("x".repeat(length), format!("value=\"{}…\"", "x".repeat(4_096)));
        let texts = [("access", "PUBLIC"), ("slug", &*long)];
        let reply = ada.send_files(FILES, &texts, &[("a.txt", "a")]).await;
        assert_eq!(reply.status, 422);
        assert!(error(&reply, "slug").contains("lower-case"), "{}", reply.body);
        assert!(reply.body.contains(&kept), "{}", reply.body);
        assert!(reply.body.contains("value=\"PUBLIC\" checked"), "{}", reply.body);
    }
    let none = ada.send_files(FILES, &[("access", "PUBLIC")], &[]).await;
    assert!(error(&none, "file").contains("at least one file"), "{}", none.body);
    assert!(none.body.contains("value=\"PUBLIC\" checked"));
    assert!(files(&app, &shop).await.is_empty());
    assert_eq!(app.domain.objects.count(), 0);
}

#[actix_web::test]
async fn file_that_is_too_large_is_named_and_those_before_it_are_kept() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let large = "x".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    let sent = [("small.txt", "a"), ("large.bin", &*large), ("after.txt", "b")];
    let reply = ada.send_files(FILES, &[("access", "PUBLIC")], &sent).await;
    assert_eq!(reply.status, 422);
    let told = error(&reply, "file");
    assert!(told.contains("large.bin") && told.contains("97.6\u{a0}KiB"), "{told}");
    assert!(reply.body.contains("Uploaded: small.txt"), "{}", reply.body);
    assert_eq!(slugs(&files(&app, &shop).await), ["small"]);
    assert_eq!(app.domain.objects.count(), 1);
}

#[actix_web::test]
async fn upload_that_is_not_a_form_of_the_screen_is_refused() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    assert_eq!(ada.post(FILES, &[("access", "PUBLIC")]).await.status, 415);
    let cut = "--b\r\ncontent-disposition: form-data; name=\"access\"\r\n\r\nPUBLIC\r\n--b\r\n\
               content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nabc";
    let call = app.call(Method::POST, APP, FILES).with("sec-fetch-site", "same-origin");
    let call = call.with("cookie", &ada.cookies());
    let reply = call.body("multipart/form-data; boundary=b", cut).send().await;
    assert_eq!(reply.status, 422);
    assert!(error(&reply, "file").contains("cut off"), "{}", reply.body);
    assert!(files(&app, &shop).await.is_empty());
}

#[actix_web::test]
async fn file_is_changed_and_its_errors_stand_beside_their_fields() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    ada.send_files(FILES, &[("access", "PUBLIC"), ("slug", "other")], &[("o.txt", "o")]).await;
    let screen = ada.get("/ada/files/book").await.body;
    assert!(screen.contains("href=\"http://ada.tollgate.localhost:8080/-/files/book\""));
    assert!(screen.contains("href=\"/ada/files/book/download\""));
    let bad = [("name", "a/b"), ("slug", "other"), ("access", "PAGE"), ("pageSlug", "")];
    let reply = ada.post("/ada/files/book", &bad).await;
    assert_eq!(reply.status, 422);
    assert!(reply.body.contains("value=\"a/b\""), "{}", reply.body);
    for field in ["name", "slug", "pageSlug"] {
        assert!(!error(&reply, field).is_empty(), "all at once: {field}: {}", reply.body);
    }
    let taken = [("name", "A book"), ("slug", "other"), ("access", "ALLOWLIST"), ("pageSlug", "")];
    let reply = ada.post("/ada/files/book", &taken).await;
    assert!(reply.status == 422 && error(&reply, "slug").contains("already"));
    for (name, slug, access, field) in [
        ("", "book", "ALLOWLIST", "name"),
        ("a/b", "book", "ALLOWLIST", "name"),
        ("A book", "", "ALLOWLIST", "slug"),
        ("A book", "book", "", "access"),
        ("A book", "book", "PAGE", "pageSlug"),
    ] {
        let form = [("name", name), ("slug", slug), ("access", access), ("pageSlug", "")];
        let reply = ada.post("/ada/files/book", &form).await;
        assert!(reply.status == 422 && !error(&reply, field).is_empty(), "{form:?}");
    }
    let much = "x".repeat(300_000);
    let form = [("name", &*much), ("slug", "book"), ("access", "ALLOWLIST"), ("pageSlug", "")];
    let reply = ada.post("/ada/files/book", &form).await;
    assert!(reply.status == 422 && !error(&reply, "name").is_empty(), "{}", reply.status);
    let reply = ada.post(LIST, &[("email", &much)]).await;
    assert!(reply.status == 422 && !error(&reply, "email").is_empty(), "{}", reply.status);
    // The page is of no account while another access is chosen.
    let form = [("name", "A book 🪴"), ("slug", "tome"), ("access", "PAGE"), ("pageSlug", "guide")];
    let saved = ada.post("/ada/files/book", &form).await;
    assert_eq!(saved.header("location"), "/ada/files/tome");
    assert!(ada.follow(saved).await.body.contains("Saved."));
    let form = [("name", "A book"), ("slug", "tome"), ("access", "PUBLIC"), ("pageSlug", "guide")];
    ada.submit("/ada/files/tome", &form).await;
    let files = files(&app, &shop).await;
    assert_eq!((files[1].name.as_str(), files[1].access), ("A book", FileAccess::Public));
    assert!(files[1].page.is_none());
}

#[actix_web::test]
async fn end_of_a_file_names_those_who_have_paid_if_its_page_is_paid() {
    let app = TestApp::new();
    let shop = app.shop().await;
    app.domain.page(&shop, fakes::a_page().slug("free").published()).await;
    let ada = Browser::of(&app, "ada").await;
    for (slug, page, is_sold) in [("plan", "guide", true), ("sketch", "free", false)] {
        let texts = [("access", "PAGE"), ("pageSlug", page), ("slug", slug)];
        let sent = ada.send_files(FILES, &texts, &[("Plan.txt", "abc")]).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let asked = ada.get(&format!("/ada/files/{slug}/delete")).await.body;
        assert!(asked.contains("Nobody can download it from now on"), "{asked}");
        assert_eq!(asked.contains("not even people who have paid"), is_sold, "{asked}");
    }
}

#[actix_web::test]
async fn creator_downloads_the_file_and_deletes_it_after_a_question() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let content = ada.get("/ada/files/book/download").await;
    assert_eq!((content.status.as_u16(), &*content.body), (200, "abc"));
    assert!(content.header("content-disposition").starts_with("attachment; filename=\"Book.txt\""));
    assert_eq!(content.header("content-type"), "application/octet-stream");
    assert_eq!(content.header("x-content-type-options"), "nosniff");
    let asked = ada.get("/ada/files/book/delete").await.body;
    assert!(asked.contains("Delete “Book.txt”?") && asked.contains("Its list of people"));
    assert!(!asked.contains("people who have paid") && !asked.contains("Pages that show it"));
    let list = ada.submit("/ada/files/book/delete", &[]).await.body;
    assert!(list.contains("Book.txt is deleted."));
    assert!(asked.contains("name=\"deleted\" value=\"Book.txt\""), "{asked}");
    let again = ada.submit("/ada/files/book/delete", &[("deleted", "Book.txt")]).await.body;
    assert!(again.contains("There is no Book.txt at this address any more."), "{again}");
    assert_eq!(ada.post("/ada/files/book/delete", &[]).await.status, 404);
    assert!(files(&app, &shop).await.is_empty());
    for path in ["", "/download", "/delete", "/allowlist", "/allowlist/many"] {
        let reply = ada.get(&format!("/ada/files/book{path}")).await;
        assert_eq!(reply.status, 404, "{path}");
    }
}

#[actix_web::test]
async fn screens_of_a_file_are_closed_to_others() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    app.domain.shop("eve").await;
    let eve = Browser::of(&app, "eve").await;
    let fields = [("email", "eve@example.com"), ("addresses", "eve@example.com"), ("do", "many")];
    let ends = ["", "/download", "/delete", "/allowlist", "/allowlist/many", "/allowlist/remove"];
    for path in ends {
        let path = format!("/ada/files/book{path}");
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
        assert_eq!(Browser::new(&app).get(&path).await.status, 303, "{path}");
        if !path.ends_with("download") {
            assert_eq!(eve.post(&path, &fields).await.status, 404, "{path}");
            let call = app.post(APP, &path).with("cookie", &ada.cookies());
            let call = call.with("sec-fetch-site", "same-site");
            let call = call.body("application/x-www-form-urlencoded", "do=many");
            assert_eq!(call.send().await.status, 403, "{path}");
        }
    }
    let texts = [("addresses", "eve@example.com")];
    assert_eq!(eve.send_files(MANY, &texts, &[("", "")]).await.status, 404);
    let sent = eve.send_files(FILES, &[("access", "PUBLIC")], &[("a.txt", "a")]).await;
    assert_eq!(sent.status, 404);
    assert!(listed(&app, &shop).await.is_empty() && files(&app, &shop).await.len() == 1);
}
