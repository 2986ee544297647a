//! A file as it is stored, changed, listed and counted.

use crate::{
    a_file, at,
    contract::fixture::{Fixture, just_after, walk},
    slug,
};
use tollgate_domain::{
    access::ResourceType,
    creators::Handle,
    files::{File, FileAccess},
    paging::PageRequest,
    store::Stores,
    store_error::StoreError,
};

pub async fn a_file_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for file in [a_file(), a_file().by_list(), a_file().on(&fixture.page).created_at(at(3))] {
        let mut file = file.of(&fixture.handle).build();
        assert!(fixture.reserve(&file, at(60)).await);
        file.size = 3_000_000_000_000;
        file.sha256 = [0xfe; 32];
        file.content_type = "application/pdf".into();
        assert!(fixture.complete(&file).await);
        assert_eq!(fixture.found(&file).await, Some(file.clone()));
        let mut unit = fixture.begin().await;
        assert_eq!(unit.files().lock(file.id).await.unwrap(), Some(file.clone()));
        drop(unit);
        let query = fixture.query(&file.slug, None);
        let (found, _) = fixture.on.files.file_with_access(&query).await.unwrap().unwrap();
        assert_eq!(found, file);
    }
}

pub async fn a_file_is_there_only_once_it_is_complete(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = a_file().of(&fixture.handle).on(&fixture.page).build();
    assert!(fixture.reserve(&file, at(60)).await);
    assert_eq!(fixture.found(&file).await, None);
    let query = fixture.query(&file.slug, None);
    assert_eq!(fixture.on.files.file_with_access(&query).await.unwrap(), None);
    assert_eq!(fixture.access(ResourceType::File, &query).await, None);
    assert_eq!(fixture.on.files.files_on(fixture.page.id, 9).await.unwrap(), vec![]);
    let all = PageRequest::default();
    assert_eq!(fixture.on.files.files_of(fixture.handle.id, &all).await.unwrap().items, vec![]);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.files().lock(file.id).await.unwrap(), None);
    drop(unit);
    assert!(fixture.complete(&file).await);
    assert!(!fixture.complete(&file).await, "once is enough");
    assert_eq!(fixture.found(&file).await, Some(file));
}

/// It is taken from the first byte on. The same slug under another handle is free.
pub async fn a_file_slug_is_used_once_under_a_handle(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = a_file().of(&fixture.handle).slug("workbook").build();
    assert!(fixture.reserve(&file, at(60)).await);
    let again = a_file().of(&fixture.handle).slug("workbook").build();
    assert!(!fixture.reserve(&again, at(60)).await);
    assert!(fixture.complete(&file).await);
    assert!(!fixture.reserve(&again, at(60)).await);
    let elsewhere = fixture.another_handle().await;
    let elsewhere = a_file().of(&elsewhere).slug("workbook").build();
    assert!(fixture.reserve(&elsewhere, at(60)).await);
}

/// The change reaches what may change, and nothing else.
pub async fn a_file_is_changed_only_if_unchanged(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file()).await;
    let changed = File {
        slug: slug("renamed"),
        name: "Grüße.pdf".into(),
        access: FileAccess::Page,
        page: Some((&fixture.page).into()),
        updated_at: at(5),
        unlisted_at: Some(at(4)),
        ..file.clone()
    };
    let update = async |file: &File, since| {
        let mut unit = fixture.begin().await;
        let updated = unit.files().update(file, since).await;
        unit.commit().await.unwrap();
        updated
    };
    assert_eq!(update(&changed, just_after(file.updated_at)).await, Ok(false));
    assert_eq!(update(&changed, file.updated_at).await, Ok(true));
    assert_eq!(update(&changed, file.updated_at).await, Ok(false));
    assert_eq!(fixture.found(&changed).await, Some(changed.clone()));
    assert_eq!(fixture.found(&file).await, None, "the old slug is free");
    let back = File {
        page: None,
        access: FileAccess::Public,
        updated_at: at(6),
        unlisted_at: None,
        ..changed
    };
    assert_eq!(update(&back, at(5)).await, Ok(true));
    assert_eq!(fixture.found(&back).await, Some(back));
}

/// An upload that is under way has its slug already.
pub async fn a_file_cannot_take_the_slug_of_another(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().slug("first")).await;
    fixture.file(a_file().slug("second")).await;
    let third = a_file().of(&fixture.handle).slug("third").build();
    assert!(fixture.reserve(&third, at(60)).await);
    for taken in ["second", "third"] {
        let changed = File { slug: slug(taken), updated_at: at(5), ..file.clone() };
        let mut unit = fixture.begin().await;
        let updated = unit.files().update(&changed, file.updated_at).await;
        assert_eq!(updated, Err(StoreError::Conflict));
    }
    assert_eq!(fixture.found(&file).await, Some(file));
}

pub async fn files_are_listed_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    for second in [2, 1, 3, 3, 2] {
        fixture.file(a_file().created_at(at(second))).await;
    }
    let elsewhere: Handle = fixture.another_handle().await;
    let all = PageRequest::default();
    let whole = fixture.on.files.files_of(fixture.handle.id, &all).await.unwrap();
    assert_eq!((whole.items.len(), whole.next), (5, None));
    let order: Vec<_> = whole.items.iter().map(|file| (file.created_at, file.id)).collect();
    assert!(order.is_sorted_by(|newer, older| newer > older));
    let part = async |request: PageRequest| {
        fixture.on.files.files_of(fixture.handle.id, &request).await.unwrap()
    };
    assert_eq!(walk(2, part).await, whole.items);
    assert_eq!(fixture.on.files.files_of(elsewhere.id, &all).await.unwrap().items, vec![]);
}

/// The sum has files of all handles of the creator, and no others. An upload counts with what it has noted.
pub async fn bytes_of_a_creator_are_summed_over_files_and_uploads(on: Stores) {
    let fixture = Fixture::new(on).await;
    let creator = fixture.creator.id;
    let stored = async || {
        let mut unit = fixture.begin().await;
        unit.files().stored_bytes(creator).await.unwrap()
    };
    assert_eq!(stored().await, 0);
    let second = fixture.another_handle().await;
    let first = fixture.file(a_file()).await;
    let mut other = a_file().of(&second).build();
    other.size = 0;
    assert!(fixture.reserve(&other, at(60)).await);
    assert_eq!(stored().await, first.size);
    assert!(fixture.commit(async |unit| unit.files().renew(other.id, 5, at(70)).await).await);
    assert_eq!(stored().await, first.size + 5);
    other.size = 7;
    assert!(fixture.complete(&other).await);
    assert_eq!(stored().await, first.size + 7);
    let stranger = Fixture::new(fixture.on.clone()).await;
    stranger.file(a_file()).await;
    assert_eq!(stored().await, first.size + 7);
    assert!(fixture.retire(&other, at(9)).await);
    assert_eq!(stored().await, first.size, "what is deleted is not counted");
}

/// The count has files that are being uploaded, and none that were deleted.
pub async fn files_of_a_handle_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let first = fixture.file(a_file()).await;
    fixture.file(a_file()).await;
    assert!(fixture.reserve(&a_file().of(&fixture.handle).build(), at(60)).await);
    assert!(fixture.retire(&first, at(2)).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.files().count_of(fixture.handle.id).await.unwrap(), 2);
    assert_eq!(unit.files().count_of(other.id).await.unwrap(), 0);
}
