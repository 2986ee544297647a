//! Many addresses on the list of a file at once.

use tollgate_domain::{
    access::FactKind, email::Email, files::FileAccess, moves::ConfirmMoveError, names::Slug,
    paging::PageRequest, reports::Target,
};
use tollgate_domain_testing::{Shop, TestApp, email};

use super::{ROB, asked};
use crate::{
    BOB,
    files::{new_file, upload},
};

/// Ada's shop with a file for invited people.
async fn with_book() -> (TestApp, Shop, Slug) {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let book = upload(&app, &shop, new_file("book", FileAccess::Allowlist)).await;
    (app, shop, book.slug)
}

/// The addresses on the list of the file.
async fn listed(app: &TestApp, shop: &Shop, slug: &Slug) -> Vec<Email> {
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let list = app.files.allowlist(creator, name, slug, &PageRequest::default()).await;
    list.unwrap().items.into_iter().map(|entry| entry.email).collect()
}

#[pollster::test]
async fn a_long_list_is_stored_in_parts_of_which_each_is_kept() {
    let (app, shop, slug) = with_book().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let mut lines: Vec<_> = (0..450).map(|number| format!("p{number}@example.com")).collect();
    lines.push("P0@example.com".to_owned());
    let kept = async || {
        let all = PageRequest { limit: 1_000, after: None };
        app.files.allowlist(creator, name, &slug, &all).await.unwrap().items.len()
    };
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known, kept().await), (450, 1, 0));
    // Each part takes a few operations of the store.
    app.store.fail_after(12);
    assert!(app.files.allow_many(creator, name, &slug, &lines, false).await.is_err());
    app.store.heal();
    let first = kept().await;
    assert!([200, 400].contains(&first), "{first} of whole parts");
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known), (450 - first, first + 1));
    let done = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!((done, kept().await), (dry, 450));
}

#[pollster::test]
async fn many_addresses_are_put_on_a_list_at_once() {
    let (app, shop, slug) = with_book().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let lines = [BOB, "", "not an address", "BOB@example.com", ROB].map(str::to_owned);
    let dry = app.files.allow_many(creator, name, &slug, &lines, true).await.unwrap();
    assert_eq!((dry.added, dry.known), (2, 1));
    let done = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!(done, dry, "the preview says what happens");
    let [invalid] = done.invalid.as_slice() else { panic!("{done:?}") };
    assert_eq!((invalid.line, invalid.text.as_str()), (3, "not an address"));
    let again = app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
    assert_eq!((again.added, again.known), (0, 3));
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    assert_eq!(
        listed(&app, &shop, &slug).await,
        [email(ROB)],
        "both addresses were on the list, one remains"
    );
}

#[pollster::test]
async fn an_address_that_is_off_the_list_by_then_is_not_moved_and_hears_nothing() {
    let (app, shop, slug) = with_book().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.files.allow(creator, name, &slug, email(BOB)).await.unwrap();
    let token = asked(&app, &shop).await;
    app.files.disallow(creator, name, &slug, &email(BOB)).await.unwrap();
    let told = app.mails_to(BOB).await.len();
    for _ in 0..2 {
        assert!(matches!(app.moves.confirm(&token).await, Err(ConfirmMoveError::NothingToMove)));
    }
    assert_eq!(app.mails_to(BOB).await.len(), told);
}

#[pollster::test]
async fn a_place_that_moves_is_explained_under_both_addresses() {
    for is_known in [false, true] {
        let (app, shop, slug) = with_book().await;
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let addresses = if is_known { vec![BOB, ROB] } else { vec![BOB] };
        let lines: Vec<_> = addresses.into_iter().map(str::to_owned).collect();
        app.files.allow_many(creator, name, &slug, &lines, false).await.unwrap();
        app.clock.advance_seconds(60);
        app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
        let told = async |address: &str| {
            let target = Target::File(slug.clone());
            let told = app.reports.explain(creator, name, target, email(address)).await.unwrap();
            let kinds: Vec<_> = told.facts.into_iter().map(|fact| fact.kind).collect();
            (told.ruling.has_access(), kinds)
        };
        let both = vec![FactKind::Allowlisted, FactKind::AllowlistRemoved];
        assert_eq!(told(BOB).await, (false, both), "{is_known}");
        assert_eq!(told(ROB).await, (true, vec![FactKind::Allowlisted]), "{is_known}");
    }
}

/// Each stay on the list is a place of its own.
#[pollster::test]
async fn a_place_that_moves_and_comes_back_is_listed_once() {
    let (app, shop, slug) = with_book().await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    app.files.allow(creator, name, &slug, email(BOB)).await.unwrap();
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    app.files.allow(creator, name, &slug, email(BOB)).await.unwrap();
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    assert_eq!(listed(&app, &shop, &slug).await, [email(ROB)]);
    let count = |kind| app.store.facts().iter().filter(|fact| fact.kind == kind).count();
    assert_eq!((count(FactKind::Allowlisted), count(FactKind::AllowlistRemoved)), (3, 2));
}
