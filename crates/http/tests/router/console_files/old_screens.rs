//! Screens of a file that was changed or replaced since they were opened.

use tollgate_domain::files::FileAccess;

use super::{LIST, MANY, files, listed, with_list};
use crate::{console_pages::hidden, site_files::upload, support::TestApp};

const CHANGED: &str = "This was changed in the meantime.";
const BOOK: &str = "/ada/files/book";

#[actix_web::test]
async fn file_that_was_changed_in_the_meantime_is_not_deleted() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let delete = format!("{BOOK}/delete");
    let asked = ada.get(&delete).await;
    let named = ["id", "deleted", "version"].map(|name| (name, hidden(&asked, name)));
    let change = [("name", "Plans.txt"), ("slug", "book"), ("access", "PUBLIC"), ("pageSlug", "")];
    ada.submit(BOOK, &change).await;
    let refused = ada.post(&delete, &named).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert!(refused.body.contains(CHANGED) && refused.body.contains("Plans.txt"), "{refused:?}");
    assert_eq!(files(&app, &shop).await.len(), 1);
    let named = ["id", "deleted", "version"].map(|name| (name, hidden(&refused, name)));
    for told in ["Plans.txt is deleted.", "There is no Plans.txt at this address any more."] {
        let gone = ada.submit(&delete, &named).await.body;
        assert!(gone.contains(told), "{gone}");
    }
    assert!(files(&app, &shop).await.is_empty());
}

#[actix_web::test]
async fn list_of_another_file_at_the_same_address_stays_as_it_is() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let list = ada.get(LIST).await;
    let old = hidden(&list, "id");
    let pasted = [("addresses", "eve@example.com")];
    let preview = ada.send_files(MANY, &pasted, &[("", "")]).await;
    assert_eq!(hidden(&preview, "id"), old);
    ada.submit(&format!("{BOOK}/delete"), &[]).await;
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    ada.submit(LIST, &[("email", "bob@example.com")]).await;
    let remove = format!("{LIST}/remove");
    for (path, fields, kept) in [
        (LIST, vec![("id", old), ("email", "eve@example.com")], "value=\"eve@example.com\""),
        (
            LIST,
            vec![("id", old), ("addresses", "eve@example.com"), ("do", "many")],
            "eve@example.com</textarea>",
        ),
        (&*remove, vec![("id", old), ("email", "bob@example.com")], "Take bob@example.com off"),
    ] {
        let refused = ada.post(path, &fields).await;
        assert_eq!(refused.status, 409, "{fields:?}: {}", refused.body);
        assert!(refused.body.contains(CHANGED) && refused.body.contains(kept), "{refused:?}");
        assert_eq!(listed(&app, &shop).await, ["bob@example.com"], "{fields:?}");
    }
    let asked = ada.get(&format!("{remove}?email=bob%40example.com")).await;
    let fields = [("id", hidden(&asked, "id")), ("email", "bob@example.com")];
    assert_ne!(fields[0].1, old);
    ada.submit(&remove, &fields).await;
    let list = ada.get(LIST).await;
    ada.submit(LIST, &[("id", hidden(&list, "id")), ("email", "eve@example.com")]).await;
    assert_eq!(listed(&app, &shop).await, ["eve@example.com"]);
}

#[actix_web::test]
async fn screen_of_a_person_opens_no_other_file_at_the_same_address() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let path = "/ada/people/person?email=eve%40example.com&about=file.book";
    let person = ada.get(path).await;
    let old = hidden(&person, "file");
    let [email, about] = [("email", "eve@example.com"), ("about", "file.book")];
    ada.submit(&format!("{BOOK}/delete"), &[]).await;
    upload(&app, &shop, "book", FileAccess::Allowlist, None).await;
    let fields = [email, about, ("file", old), ("do", "allow")];
    let refused = ada.submit("/ada/people/person", &fields).await;
    let told = "another file, “The book.pdf”, has the address of the one that you saw.";
    assert!(refused.body.contains(told) && refused.body.contains("role=\"alert\""), "{refused:?}");
    ada.post("/ada/people/person", &fields).await;
    let german = ada.get_in_german(path).await.body;
    let told = "„The book.pdf“, hat die Adresse der Datei, die Sie gesehen haben.";
    assert!(german.contains(told), "{german}");
    assert!(listed(&app, &shop).await.is_empty());
    let fields = [email, about, ("file", hidden(&refused, "file")), ("do", "allow")];
    let done = ada.submit("/ada/people/person", &fields).await.body;
    assert!(done.contains("eve@example.com is on the list now."), "{done}");
    assert_eq!(listed(&app, &shop).await, ["eve@example.com"]);
}
