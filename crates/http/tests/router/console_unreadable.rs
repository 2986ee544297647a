//! The console: forms in which it cannot be read what their screens showed.

use tollgate_domain::files::FileAccess;
use tollgate_domain_testing::a_page;

use crate::{
    console_browser::Browser,
    console_pages::hidden,
    sale::Sale,
    site_files::upload,
    support::{Reply, TestApp},
};

const CHANGED: &str = "This was changed in the meantime.";
const BOOK: &str = "/ada/files/book";

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// Fields of which this one is blank, there twice, or has something else in it.
fn unreadable<'a>(fields: &[(&'a str, &'a str)], name: &'a str) -> [Fields<'a>; 3] {
    let is_it = |field: &(&str, &str)| field.0 == name;
    let shown = fields.iter().copied().find(is_it).unwrap();
    let others: Fields<'a> = fields.iter().copied().filter(|field| !is_it(field)).collect();
    let sent = [vec![(name, " ")], vec![shown, shown], vec![(name, "x")]];
    sent.map(|sent| others.iter().copied().chain(sent).collect())
}

/// Sends a form with each of these hidden fields unreadable; every answer is the screen as it is now.
async fn refused(ada: &Browser<'_>, path: &str, fields: &[(&str, &str)], names: &[&str]) {
    for name in names {
        for fields in unreadable(fields, name) {
            let refused = ada.post(path, &fields).await;
            assert_eq!(refused.status, 409, "{path} {fields:?}: {}", refused.body);
            for told in [CHANGED, "<title>Error: "] {
                assert!(refused.body.contains(told), "{path} {fields:?}: {}", refused.body);
            }
        }
    }
}

/// The hidden fields of a screen.
fn shown<'a, const N: usize>(
    screen: &'a Reply,
    names: [&'static str; N],
) -> [(&'static str, &'a str); N] {
    names.map(|name| (name, hidden(screen, name)))
}

#[actix_web::test]
async fn page_is_neither_deleted_nor_archived() {
    let app = TestApp::new();
    let shop = app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let page = app.domain.page(&shop, a_page().slug("old")).await;
    let (archive, delete) = ("/ada/pages/old/archive", "/ada/pages/old/delete");
    let asked = ada.get(archive).await;
    refused(&ada, archive, &shown(&asked, ["version"]), &["version"]).await;
    let asked = ada.get(delete).await;
    let fields = shown(&asked, ["id", "deleted", "version", "status"]);
    refused(&ada, delete, &fields, &["id", "version", "status"]).await;
    assert_eq!(app.page(&shop, "old").await, page);
    let done = ada.submit(delete, &fields).await.body;
    assert!(done.contains("“A guide” is deleted."), "{done}");
}

#[actix_web::test]
async fn file_and_its_list_stay_as_they_are() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    let ada = Browser::of(&app, "ada").await;
    let delete = format!("{BOOK}/delete");
    let asked = ada.get(&delete).await;
    let fields = shown(&asked, ["id", "deleted", "version"]);
    refused(&ada, &delete, &fields, &["id", "version"]).await;
    let (list, remove) = (format!("{BOOK}/allowlist"), format!("{BOOK}/allowlist/remove"));
    ada.submit(&list, &[("email", "bob@example.com")]).await;
    let screen = ada.get(&list).await;
    let id = ("id", hidden(&screen, "id"));
    for (path, fields) in [
        (&list, vec![id, ("email", "eve@example.com")]),
        (&list, vec![id, ("addresses", "eve@example.com"), ("do", "many")]),
        (&remove, vec![id, ("email", "bob@example.com")]),
    ] {
        refused(&ada, path, &fields, &["id"]).await;
    }
    let person = ada.get("/ada/people/person?email=eve%40example.com&about=file.book").await;
    let [email, about] = [("email", "eve@example.com"), ("about", "file.book")];
    let fields = [email, about, ("file", hidden(&person, "file")), ("do", "allow")];
    refused(&ada, "/ada/people/person", &fields, &["file"]).await;
    let now = ada.get(&list).await.body;
    assert!(now.contains("bob@example.com") && !now.contains("eve@example.com"), "{now}");
}

#[actix_web::test]
async fn account_is_not_changed_and_no_handle_is_made() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let own = ada.get("/account").await;
    let account = ("account", hidden(&own, "account"));
    let name = [("do", "rename"), ("name", "Ada Lovelace"), account];
    let password = [
        ("do", "password"),
        ("currentPassword", "correct horse"),
        ("newPassword", "battery staple"),
        account,
    ];
    for fields in [&name[..], &password] {
        refused(&ada, "/account", fields, &["account"]).await;
    }
    assert!(!ada.get("/account").await.body.contains("Ada Lovelace"));
    let handle = [("handle", "second"), ("name", "Second"), account];
    refused(&ada, "/new-handle", &handle, &["account"]).await;
    assert_eq!(ada.get("/second").await.status, 404);
    Browser::of(&app, "ada").await;
}

#[actix_web::test]
async fn what_was_typed_is_not_saved_over_what_is_stored() {
    let app = TestApp::new();
    let shop = app.shop().await;
    upload(&app, &shop, "book", FileAccess::Public, None).await;
    let ada = Browser::of(&app, "ada").await;
    let terms = [("title", "Together"), ("pageSlug", "guide"), ("price", "9,50")];
    let rest = [("targetQuantity", "3"), ("offerDays", "7")];
    ada.submit("/ada/new-group-buy", &[&terms[..], &rest].concat()).await;
    let (settings, group_buy) = ("/ada/settings", "/ada/group-buys/together/edit");
    let changed = [&[("title", "Typed")][..], &terms[1..], &rest].concat();
    for (path, typed) in [
        (settings, &[("name", "Typed"), ("secondPayments", "HOLD")][..]),
        (BOOK, &[("name", "Typed"), ("slug", "book"), ("access", "PUBLIC")]),
        (group_buy, &changed),
    ] {
        let screen = ada.get(path).await;
        let fields = [typed, &shown(&screen, ["version"])].concat();
        for fields in unreadable(&fields, "version") {
            let conflict = ada.post(path, &fields).await;
            assert_eq!(conflict.status, 409, "{path} {fields:?}: {}", conflict.body);
            let told = "Save mine over it";
            assert!(conflict.body.contains(told), "{path} {fields:?}: {}", conflict.body);
            assert!(!ada.get(path).await.body.contains("value=\"Typed\""), "{path} {fields:?}");
        }
    }
    for end in ["activate", "cancel"] {
        let path = format!("/ada/group-buys/together/{end}");
        let asked = ada.get(&path).await;
        refused(&ada, &path, &shown(&asked, ["version"]), &["version"]).await;
    }
    assert!(ada.get("/ada/group-buys/together").await.body.contains("/activate"));
}

/// One from before its forms had a version, too.
#[actix_web::test]
async fn form_without_a_version_that_is_shown_again_still_has_none() {
    let app = TestApp::new();
    app.shop().await;
    let ada = Browser::of(&app, "ada").await;
    let again = ada.post("/ada/settings", &[("name", "")]).await;
    assert_eq!(again.status, 422, "{}", again.body);
    assert!(!again.body.contains("name=\"version\""), "{}", again.body);
}

#[actix_web::test]
async fn nothing_is_mailed_refunded_or_taken_back() {
    let sale = Sale::new().await;
    let bought = sale.bought().await.id.to_string();
    let ada = Browser::of(&sale.app, "ada").await;
    let list = ada.get("/ada/purchases").await;
    let fields = [("resend", &*bought), ("email", hidden(&list, "email"))];
    let mails = sale.app.domain.mails_to("bob@example.com").await;
    refused(&ada, "/ada/purchases?page=guide", &fields, &["email"]).await;
    assert_eq!(sale.app.domain.mails_to("bob@example.com").await, mails);
    let refund = format!("/ada/purchases/{bought}/refund");
    let asked = ada.get(&refund).await;
    let fields = shown(&asked, ["key", "left", "email", "effect"]);
    refused(&ada, &refund, &fields, &["left", "email", "effect"]).await;
    let gift = sale.app.domain.give(&sale.shop, &sale.page, "eve@example.com").await.grant.id;
    let revoke = "/ada/people/revoke";
    let asked = ada.get(&format!("{revoke}?email=eve%40example.com&page=guide&grant={gift}")).await;
    let fields = shown(&asked, ["email", "page", "grant", "closes"]);
    refused(&ada, revoke, &fields, &["closes"]).await;
    let purchases = sale.app.domain.store.purchases();
    assert!(purchases.iter().all(|it| it.revoked_at.is_none() && it.refunded == 0));
    assert_eq!(purchases.len(), 2);
}
