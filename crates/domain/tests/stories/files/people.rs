//! Files for the people on a list.

use tollgate_domain::{
    access::{FactKind, Reason, Resource, ViewerClaim},
    files::{DownloadError, FileAccess, FileChange},
    paging::PageRequest,
    version::BasedOn,
};
use tollgate_domain_testing::{TestApp, a_page, email, slug};

use super::{admitted, claim, new_file, reason, upload};

#[pollster::test]
async fn a_list_decides_by_address_and_at_once() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let file = upload(&app, &shop, new_file("mine", FileAccess::Allowlist)).await;
    let (who, handle) = (email("bob@example.com"), &shop.handle.name);
    let allow = async || {
        let allowed = app.files.allow(&shop.creator, handle, &file.slug, who.clone()).await;
        allowed.unwrap()
    };
    // Before the first sign-in.
    let (first, new) = allow().await;
    assert!(new);
    assert_eq!(allow().await, (first, false));
    let (bob, eve) = (app.sign_in("bob@example.com").await, app.sign_in("eve@example.com").await);
    assert_eq!(reason(&app, &shop, &file, claim(None)).await, Some(Reason::VisitorAuthRequired));
    assert_eq!(reason(&app, &shop, &file, claim(Some(&eve))).await, Some(Reason::FileForbidden));
    assert_eq!(reason(&app, &shop, &file, claim(Some(&bob))).await, Some(Reason::Entitled));
    let own = ViewerClaim { creator: Some(shop.creator.id), ..ViewerClaim::default() };
    assert_eq!(reason(&app, &shop, &file, own).await, Some(Reason::Entitled));

    assert!(app.files.disallow(&shop.creator, handle, &file.slug, &who).await.unwrap());
    assert!(!app.files.disallow(&shop.creator, handle, &file.slug, &who).await.unwrap());
    assert!(matches!(
        admitted(&app, &shop, &file, Some(&bob)).await,
        Err(DownloadError::Forbidden)
    ));
    assert!(allow().await.1);
    assert_eq!(reason(&app, &shop, &file, claim(Some(&bob))).await, Some(Reason::Entitled));
    assert_eq!(app.store.count_facts(Resource::File(file.id), FactKind::Allowlisted), 2);
    assert_eq!(app.store.count_facts(Resource::File(file.id), FactKind::AllowlistRemoved), 1);
}

#[pollster::test]
async fn place_on_a_list_ended_when_the_file_was_put_on_a_page() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    app.page(&shop, a_page().slug("guide").published()).await;
    app.page(&shop, a_page().slug("other").published()).await;
    let file = upload(&app, &shop, new_file("list", FileAccess::Allowlist)).await;
    let (creator, name, who) = (&shop.creator, &shop.handle.name, email("bob@example.com"));
    app.files.allow(creator, name, &file.slug, who.clone()).await.unwrap();
    let bob = app.visitor(&app.sign_in("bob@example.com").await).await;
    let end = async || {
        let rows = app.gate.history(bob.id, &PageRequest::default()).await.unwrap().items;
        rows[0].ended_at
    };
    let change = async |change: FileChange| {
        app.clock.advance_seconds(60);
        app.files.change(creator, name, &file.slug, change, &BasedOn::Any).await.unwrap()
    };
    let none = FileChange::default;
    let on = |page: &str| FileChange { page_slug: Some(Some(slug(page))), ..none() };
    let attached = change(FileChange { access: Some(FileAccess::Page), ..on("guide") }).await;
    let ended = Some(attached.updated_at);
    assert_eq!(end().await, ended);
    change(on("other")).await;
    assert_eq!(end().await, ended);
    change(FileChange { name: Some("New.txt".into()), ..none() }).await;
    assert_eq!(end().await, ended);
    app.files.disallow(creator, name, &file.slug, &who).await.unwrap();
    assert_eq!(end().await, ended);
    app.files.delete(creator, name, &file.slug, &BasedOn::Any).await.unwrap();
    assert_eq!(end().await, ended);
}

#[pollster::test]
async fn list_of_people_does_not_tell_who_was_a_visitor_before() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let file = upload(&app, &shop, new_file("list", FileAccess::Allowlist)).await;
    app.sign_in("known@example.com").await;
    app.clock.advance_seconds(86_400);
    for address in ["known@example.com", "unknown@example.com"] {
        app.files.allow(creator, name, &file.slug, email(address)).await.unwrap();
    }
    app.sign_in("old@example.com").await;
    let many = ["new@example.com", "old@example.com", "new@example.com"].map(str::to_owned);
    app.files.allow_many(creator, name, &file.slug, &many, false).await.unwrap();
    let all = PageRequest::default();
    let people = app.reports.people(creator, name, None, &all).await.unwrap().items;
    let mut listed: Vec<_> = people.iter().map(|person| person.email.as_str()).collect();
    listed.sort_unstable();
    let everybody =
        ["known@example.com", "new@example.com", "old@example.com", "unknown@example.com"];
    assert_eq!(listed, everybody);
    assert!(people.iter().all(|person| person.relations.len() == 1));
}

/// Each part of a long list takes as many calls of the store as one address does.
#[pollster::test]
async fn a_long_list_of_people_takes_a_handful_of_calls_of_the_store() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let file = upload(&app, &shop, new_file("list", FileAccess::Allowlist)).await;
    let lines: Vec<_> = (0..500).map(|number| format!("p{number}@example.com")).collect();
    app.store.fail_after(30);
    let added = app.files.allow_many(creator, name, &file.slug, &lines, false).await.unwrap();
    assert!(app.store.heal(), "fewer calls than addresses");
    assert_eq!((added.added, added.known), (500, 0));
    let again = app.files.allow_many(creator, name, &file.slug, &lines, false).await.unwrap();
    assert_eq!((again.added, again.known), (0, 500));
    assert_eq!(app.store.count_facts(Resource::File(file.id), FactKind::Allowlisted), 500);
}
