//! Files on pages, and what a decision about one needs.

use crate::{
    a_file, a_page, a_token_hash, at,
    contract::fixture::{Fixture, terms_of},
    slug,
};
use tollgate_domain::{
    access::{Resource, Terms, ports::ResourceAccess},
    files::File,
    store::Stores,
    store_error::StoreError,
};

/// A file as it was read before its page was deleted.
async fn file_of_a_page_that_is_gone(fixture: &Fixture) -> File {
    let page = fixture.page(a_page().published()).await;
    let file = fixture.file(a_file().on(&page)).await;
    let mut unit = fixture.begin().await;
    assert!(unit.pages().delete_if_unused(page.id, page.updated_at).await.unwrap());
    unit.commit().await.unwrap();
    file
}

/// The page was deleted after the file was read.
pub async fn a_file_cannot_be_put_on_a_page_that_is_gone(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = file_of_a_page_that_is_gone(&fixture).await;
    let renamed = File { slug: slug("renamed"), updated_at: at(5), ..file.clone() };
    let mut unit = fixture.begin().await;
    let updated = unit.files().update(&renamed, file.updated_at).await;
    assert_eq!(updated, Err(StoreError::Conflict));
    drop(unit);
    let alone = File { page: None, ..renamed };
    let mut unit = fixture.begin().await;
    assert_eq!(unit.files().update(&alone, file.updated_at).await, Ok(true));
    unit.commit().await.unwrap();
    assert_eq!(fixture.found(&alone).await, Some(alone));
}

/// They come oldest first, in the order in which they were put there.
pub async fn the_files_of_a_page_are_listed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let has_files = async || {
        let query = fixture.query(&fixture.page.slug, None);
        fixture.on.access.page_with_access(&query).await.unwrap().unwrap().has_files
    };
    assert!(!has_files().await);
    let second = fixture.file(a_file().on(&fixture.page).created_at(at(2))).await;
    assert!(has_files().await);
    let first = fixture.file(a_file().on(&fixture.page).created_at(at(1))).await;
    let other = fixture.page(a_page().published()).await;
    fixture.file(a_file().on(&other)).await;
    fixture.file(a_file()).await;
    let files = fixture.on.files.files_on(fixture.page.id, 9).await.unwrap();
    assert_eq!(files, vec![first.clone(), second]);
    assert_eq!(fixture.on.files.files_on(fixture.page.id, 1).await.unwrap(), vec![first]);
}

/// Only its creator can open it afterwards.
pub async fn a_file_outlives_its_page(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = file_of_a_page_that_is_gone(&fixture).await;
    let alone = File { page: None, ..file };
    assert_eq!(fixture.found(&alone).await, Some(alone.clone()));
    let asked = fixture.ask_file(&alone, Some(fixture.session.token)).await;
    let expected = fixture.access_at(Resource::File(alone.id), Terms::PageFile(None));
    assert_eq!(asked, ResourceAccess { visitor_id: Some(fixture.visitor.id), ..expected });
}

/// One answer has the page, the purchase, the visit and the visitor.
pub async fn what_a_decision_about_a_file_needs_is_told_at_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().on(&fixture.page)).await;
    let (_, of_other) = fixture.another_visitor().await;
    let kept = fixture.bought(|it| it.created_at(at(2))).await;
    let refunded = fixture.bought(|it| it.refunded(at(5))).await;
    fixture.visit(&fixture.visitor, &fixture.page, at(1)).await;
    let terms = Terms::PageFile(Some(terms_of(&fixture.page)));
    let nobody = fixture.access_at(Resource::File(file.id), terms);
    let expected = ResourceAccess {
        visitor_id: Some(fixture.visitor.id),
        holdings: vec![kept.holding(), refunded.holding()],
        visited: true,
        ..nobody.clone()
    };
    let mut asked = fixture.ask_file(&file, Some(fixture.session.token)).await;
    asked.holdings.sort_by_key(|holding| holding.grant_type);
    assert_eq!(asked, expected);
    assert_eq!(fixture.ask_file(&file, None).await, nobody);
    assert_eq!(fixture.ask_file(&file, Some(a_token_hash())).await, nobody);
    let other = ResourceAccess { visitor_id: Some(of_other.visitor_id), ..nobody };
    assert_eq!(fixture.ask_file(&file, Some(of_other.token)).await, other);
}
