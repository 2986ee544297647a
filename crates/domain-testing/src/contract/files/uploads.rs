//! Uploads with their leases, and objects that are due to be deleted.

use std::collections::BTreeSet;

use futures_util::future::join;

use crate::{
    a_file, at,
    contract::fixture::{Fixture, count_true, just_before, parallel},
};
use tollgate_domain::{access::ResourceType, files::ports::ObjectUse, store::Stores};

pub async fn of_parallel_uploads_for_one_slug_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let reserved = parallel(20, async |_| {
        let file = a_file().of(&fixture.handle).slug("workbook").build();
        fixture.reserve(&file, at(60)).await
    })
    .await;
    assert_eq!(count_true(&reserved), 1);
}

/// A crash does not keep a slug for ever, and an upload that goes on is not robbed.
pub async fn an_upload_gives_its_slug_up_when_its_lease_ends(on: Stores) {
    let fixture = Fixture::new(on).await;
    let first = a_file().of(&fixture.handle).slug("workbook").build();
    assert!(fixture.reserve(&first, at(10)).await);
    assert!(fixture.commit(async |unit| unit.files().renew(first.id, 1, at(20)).await).await);
    let early = a_file().of(&fixture.handle).slug("workbook").created_at(just_before(at(20)));
    assert!(!fixture.reserve(&early.build(), at(99)).await);
    let second = a_file().of(&fixture.handle).slug("workbook").created_at(at(20)).build();
    assert!(fixture.reserve(&second, at(99)).await);
    assert!(!fixture.complete(&first).await, "it was taken away");
    let mut unit = fixture.begin().await;
    assert!(!unit.files().renew(first.id, 2, at(30)).await.unwrap());
    drop(unit);
    // Its object is still to be cleared away.
    assert_eq!(fixture.retire_lapsed(&first, at(20)).await, ObjectUse::Retired);
    assert!(fixture.complete(&second).await);
    assert_eq!(fixture.found(&second).await, Some(second));
}

/// Its slug is free at once, and its object is to be deleted until it is forgotten.
pub async fn a_retired_file_is_gone_and_its_object_is_due(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().slug("workbook").on(&fixture.page)).await;
    assert!(fixture.retire(&file, at(10)).await);
    assert!(!fixture.retire(&file, at(11)).await, "once is enough");
    assert_eq!(fixture.found(&file).await, None);
    assert_eq!(fixture.on.files.files_on(fixture.page.id, 9).await.unwrap(), vec![]);
    let query = fixture.query(&file.slug, None);
    assert_eq!(fixture.on.files.file_with_access(&query).await.unwrap(), None);
    assert_eq!(fixture.access(ResourceType::File, &query).await, None);
    let next = fixture.file(a_file().slug("workbook")).await;
    for second in [10, 20, 30] {
        assert_eq!(fixture.retire_lapsed(&file, at(second)).await, ObjectUse::Retired);
    }
    fixture.forget(&file).await;
    assert_eq!(fixture.retire_lapsed(&file, at(99)).await, ObjectUse::InUse);
    assert_eq!(fixture.found(&next).await, Some(next));
}

pub async fn an_upload_whose_lease_has_ended_is_due(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = a_file().of(&fixture.handle).build();
    assert!(fixture.reserve(&file, at(10)).await);
    let until = at(10);
    let early = fixture.retire_lapsed(&file, just_before(until)).await;
    assert_eq!(early, ObjectUse::Uploading { until });
    assert!(fixture.commit(async |unit| unit.files().renew(file.id, 1, at(20)).await).await);
    assert_eq!(fixture.retire_lapsed(&file, until).await, ObjectUse::Uploading { until: at(20) });
    assert_eq!(fixture.retire_lapsed(&file, at(20)).await, ObjectUse::Retired);
    assert!(!fixture.complete(&file).await, "it was taken away");
    fixture.forget(&file).await;
    assert_eq!(fixture.retire_lapsed(&file, at(99)).await, ObjectUse::InUse);
    assert!(fixture.reserve(&file, at(60)).await, "nothing is left of it");
}

/// A file that is there is never due, nor forgotten; neither is one that never was.
pub async fn a_file_that_is_there_is_not_cleared_away(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file()).await;
    assert_eq!(fixture.retire_lapsed(&file, at(9_999)).await, ObjectUse::InUse);
    fixture.forget(&file).await;
    assert_eq!(fixture.found(&file).await, Some(file));
    assert_eq!(fixture.retire_lapsed(&a_file().build(), at(9_999)).await, ObjectUse::InUse);
}

/// The upload ends at the moment at which its lease does.
pub async fn an_upload_is_completed_or_retired_and_never_both(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..20 {
        let file = a_file().of(&fixture.handle).build();
        assert!(fixture.reserve(&file, at(10)).await);
        let (completed, object_use) =
            join(fixture.complete(&file), fixture.retire_lapsed(&file, at(10))).await;
        assert_eq!(completed, object_use == ObjectUse::InUse);
        assert_eq!(!completed, object_use == ObjectUse::Retired);
        assert_eq!(fixture.found(&file).await.is_some(), completed);
    }
}

pub async fn files_are_known_until_they_are_forgotten(on: Stores) {
    let fixture = Fixture::new(on).await;
    let uploading = a_file().of(&fixture.handle).build();
    assert!(fixture.reserve(&uploading, at(60)).await);
    let (ready, retired, gone) =
        (fixture.file(a_file()).await, fixture.file(a_file()).await, fixture.file(a_file()).await);
    assert!(fixture.retire(&retired, at(1)).await);
    assert!(fixture.retire(&gone, at(1)).await);
    fixture.forget(&gone).await;
    let ids = [uploading.id, ready.id, retired.id, gone.id, a_file().build().id];
    let known = fixture.on.files.known(&ids).await.unwrap();
    assert_eq!(known, [uploading.id, ready.id, retired.id].into());
    assert_eq!(fixture.on.files.known(&[]).await.unwrap(), BTreeSet::new());
}
