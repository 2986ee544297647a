//! Lists of people who may have a file.

use tollgate_domain::{access::Reason, creators::Quotas};
use tollgate_domain_testing as fakes;

use super::{LIST, MANY, error, listed, reason, with_list};
use crate::support::{Reply, TestApp};

#[actix_web::test]
async fn addresses_are_added_and_removed_one_by_one() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    assert!(ada.get(LIST).await.body.contains("Nobody is on the list yet."));
    for bad in ["nobody", "a@b", "<b>@x.example", "ä@x.example"] {
        let reply = ada.post(LIST, &[("email", bad)]).await;
        assert_eq!(reply.status, 422, "{bad}");
        assert!(error(&reply, "email").contains("not an e-mail address"), "{bad}");
        assert!(!reply.body.contains("<b>@"));
    }
    let added = ada.submit(LIST, &[("email", " Bob@Example.com ")]).await.body;
    assert!(added.contains("bob@example.com is on the list."), "{added}");
    let again = ada.submit(LIST, &[("email", "bob@example.com")]).await.body;
    assert!(again.contains("was on the list already"));
    assert_eq!(listed(&app, &shop).await, ["bob@example.com"]);
    let bob = app.domain.sign_in("bob@example.com").await;
    assert_eq!(reason(&app, &shop, &bob).await, Reason::Entitled);
    let remove = format!("{LIST}/remove");
    let ask = format!("{remove}?email=bob%40example.com");
    assert!(ada.get(LIST).await.body.contains(&format!("<a href=\"{ask}\">Remove")));
    let asked = ada.get(&ask).await.body;
    for text in ["Take bob@example.com off the list?", "bob@example.com then cannot download"] {
        assert!(asked.contains(text), "{text}: {asked}");
    }
    assert!(asked.contains(&format!("action=\"{remove}\"")), "{asked}");
    assert_eq!(reason(&app, &shop, &bob).await, Reason::Entitled, "asking removes nothing");
    let bob_s = [("email", "bob@example.com")];
    assert!(ada.submit(&remove, &bob_s).await.body.contains("is not on the list any more"));
    assert_eq!(reason(&app, &shop, &bob).await, Reason::FileForbidden);
    let again = ada.submit(&remove, &bob_s).await.body;
    assert!(again.contains("bob@example.com was not on the list, so nothing changed."), "{again}");
}

/// The value of the hidden field with the addresses.
fn hidden(preview: &Reply) -> String {
    let rest = preview.body.split("name=\"addresses\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn pasted_list_is_shown_before_it_is_added() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    ada.submit(LIST, &[("email", "bob@example.com")]).await;
    let pasted = "ann@example.com\r\nBob <BOB@example.com>\r\n\r\nnobody <b>\r\neve@example.com\r\n\
                  ann@example.com";
    let preview = ada.send_files(MANY, &[("addresses", pasted)], &[("", "")]).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let body = &preview.body;
    assert!(body.contains("2 new, 1 known, 1 listed twice, 1 invalid (line 4)"), "{body}");
    assert!(body.contains("Add 2 addresses?") && body.contains("<bdi>nobody &#60;b&#62;</bdi>"));
    assert_eq!(listed(&app, &shop).await, ["bob@example.com"]);
    let fields = [("addresses", &*hidden(&preview)), ("do", "many")];
    let list = ada.submit(LIST, &fields).await.body;
    assert!(list.contains("Addresses added: 2. One was on the list already."), "{list}");
    let twice = ada.submit(LIST, &fields).await.body;
    assert!(twice.contains("Addresses added: 0. 3 were on the list already."), "{twice}");
    let all = ["ann@example.com", "bob@example.com", "eve@example.com"];
    assert_eq!(listed(&app, &shop).await, all);
    let nothing = ada.send_files(MANY, &[("addresses", pasted)], &[("", "")]).await;
    assert!(nothing.body.contains("Nothing to add") && !nothing.body.contains("value=\"many\""));
    // What was pasted can be changed.
    let typed = hidden(&nothing).replace("&#60;", "<").replace("&#62;", ">");
    let again = ada.post(LIST, &[("addresses", &typed), ("do", "again")]).await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains("nobody &#60;b&#62;\neve@example.com\n"), "{}", again.body);
}

#[actix_web::test]
async fn table_is_read_with_headings_and_other_columns() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let table = "\u{feff}Name;E-Mail;From\n\"Ann; A.\";ann@example.com;rep@example.com\n\
                 Eve;eve@example.com\nTim;none\n";
    let preview = ada.send_files(MANY, &[("addresses", "")], &[("people.csv", table)]).await;
    let body = &preview.body;
    assert!(body.contains("2 new, 0 known, 1 invalid (line 4)"), "{body}");
    assert!(body.contains("<bdi>Name, E-Mail, From</bdi>"), "{body}");
    assert!(body.contains("<bdi>Tim, none</bdi>"), "{body}");
    assert!(body.contains("<bdi>rep@example.com</bdi>"), "{body}");
    ada.submit(LIST, &[("addresses", &*hidden(&preview)), ("do", "many")]).await;
    assert_eq!(listed(&app, &shop).await, ["ann@example.com", "eve@example.com"]);
}

#[actix_web::test]
async fn everybody_on_a_pasted_line_is_added_or_named() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let pasted = "Smith, Bob <bob@example.com>; Doe, Jane <jane@example.com>; Roe, Al <al@>";
    let preview = ada.send_files(MANY, &[("addresses", pasted)], &[("", "")]).await;
    let body = &preview.body;
    assert!(body.contains("2 new, 0 known, 1 invalid (line 1)"), "{body}");
    assert!(body.contains("<bdi>Al &#60;al@&#62;</bdi>"), "{body}");
    ada.submit(LIST, &[("addresses", &*hidden(&preview)), ("do", "many")]).await;
    assert_eq!(listed(&app, &shop).await, ["bob@example.com", "jane@example.com"]);
}

/// A list of so many addresses.
fn people(count: u32) -> String {
    let lines: Vec<_> = (0..count).map(|number| format!("person{number}@example.com")).collect();
    lines.join("\n")
}

#[actix_web::test]
async fn list_that_cannot_be_read_says_why() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let long = "a".repeat(300_000);
    let many = people(14_000);
    let large = "x".repeat(2_200_000);
    for (addresses, file, field, told) in [
        (" \n", ("", ""), "addresses", "no address"),
        ("", ("a.csv", "\n\n"), "file", "no address"),
        ("ann@example.com", ("a.csv", "eve@example.com"), "file", "not both"),
        ("", ("a.xlsx", "PK\u{3}\u{4}\0\0"), "file", "save it as CSV"),
        (&*long, ("", ""), "addresses", "too large"),
        ("", ("a.csv", &*many), "file", "14,000 addresses"),
        ("", ("a.csv", &*large), "file", "too large"),
    ] {
        let reply = ada.send_files(MANY, &[("addresses", addresses)], &[file]).await;
        assert_eq!(reply.status, 422, "{told}");
        assert!(error(&reply, field).contains(told), "{told}: {}", error(&reply, field));
    }
    assert!(listed(&app, &shop).await.is_empty());
    let kept = ada.send_files(MANY, &[("addresses", "ann@x.example")], &[("a.csv", "b")]).await;
    assert!(kept.body.contains("ann@x.example</textarea>"), "{}", kept.body);
}

#[actix_web::test]
async fn longest_list_fits_into_the_form_that_adds_it() {
    let app = TestApp::new();
    let (shop, ada) = with_list(&app).await;
    let many = people(9_000);
    let preview = ada.send_files(MANY, &[("addresses", "")], &[("a.csv", &many)]).await;
    assert_eq!(preview.status, 200, "{}", error(&preview, "file"));
    assert!(preview.body.contains("9,000 new"), "{}", &preview.body[..3_000]);
    let fields = [("addresses", &*hidden(&preview)), ("do", "many")];
    assert_eq!(ada.post(LIST, &fields).await.status, 303);
    assert_eq!(listed(&app, &shop).await.len(), 100);
}

#[actix_web::test]
async fn list_can_be_changed_if_a_form_can_hold_it() {
    let app = TestApp::new();
    let (_, ada) = with_list(&app).await;
    let many = people(8_000);
    let kept = ada.send_files(MANY, &[("addresses", "")], &[("a.csv", &many)]).await;
    assert!(kept.status == 200 && kept.body.contains("value=\"again\">Change the list"));
    // What is left out of the list to add makes what was pasted too long for a form.
    let invalid = "x".repeat(200);
    let longer = format!("{many}\n{}", [&*invalid; 200].join("\n"));
    let left_out = ada.send_files(MANY, &[("addresses", "")], &[("a.csv", &longer)]).await;
    assert!(left_out.status == 200 && !left_out.body.contains("value=\"again\""));
    assert!(left_out.body.contains("allowlist/many\">Read another list"));
}

#[actix_web::test]
async fn full_list_says_so_and_keeps_what_was_typed() {
    let quotas = Quotas { max_allowed: 2, ..Quotas::default() };
    let app = TestApp::of(fakes::TestApp::new().with_quotas(quotas));
    let (shop, ada) = with_list(&app).await;
    ada.submit(LIST, &[("email", "ann@example.com")]).await;
    let full = "You have as many of these as are allowed here.";
    let many = [("addresses", "bob@example.com eve@example.com"), ("do", "many")];
    let reply = ada.post(LIST, &many).await;
    assert!(reply.status == 422 && reply.body.contains(full), "{reply:?}");
    let kept = "bob@example.com\neve@example.com</textarea>";
    assert!(reply.body.contains(kept), "{}", reply.body);
    ada.submit(LIST, &[("email", "bob@example.com")]).await;
    let reply = ada.post(LIST, &[("email", "eve@example.com")]).await;
    assert!(reply.status == 422 && reply.body.contains(full), "{reply:?}");
    assert!(reply.body.contains("value=\"eve@example.com\""), "{}", reply.body);
    assert_eq!(listed(&app, &shop).await, ["ann@example.com", "bob@example.com"]);
}

#[actix_web::test]
async fn list_that_is_not_in_use_says_so() {
    let app = TestApp::new();
    let (_, ada) = with_list(&app).await;
    assert!(!ada.get(LIST).await.body.contains("not in use now"));
    let form = [("name", "Book.txt"), ("slug", "book"), ("access", "PUBLIC"), ("pageSlug", "")];
    ada.submit("/ada/files/book", &form).await;
    assert!(ada.get(LIST).await.body.contains("not in use now"));
}
