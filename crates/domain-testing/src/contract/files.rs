//! Files, and what a decision about one needs.

use std::collections::BTreeSet;

use futures_util::future::join;
use jiff::Timestamp;

use super::fixture::{Fixture, count_true, just_after, just_before, parallel, terms_of, walk};
use crate::{FileBuilder, a_file, a_page, a_token_hash, at, slug};
use tollgate_domain::{
    access::{Resource, ResourceType, Terms, ports::ResourceAccess},
    creators::Handle,
    email::Email,
    files::{AllowlistEntry, File, FileAccess, ports::ObjectUse},
    paging::PageRequest,
    store::Stores,
    store_error::StoreError,
};

impl Fixture {
    /// Begins to upload a file under the fixture's handle; `false` if its slug is taken.
    pub(super) async fn reserve(&self, file: &File, leased_until: Timestamp) -> bool {
        self.commit(async |unit| unit.files().reserve(file, leased_until).await).await
    }

    pub(super) async fn complete(&self, file: &File) -> bool {
        self.commit(async |unit| unit.files().complete(file).await).await
    }

    /// A file that is there.
    pub(super) async fn file(&self, file: FileBuilder) -> File {
        let file = file.of(&self.handle).build();
        assert!(self.reserve(&file, at(60)).await);
        assert!(self.complete(&file).await);
        file
    }

    pub(super) async fn found(&self, file: &File) -> Option<File> {
        self.on.files.file(self.handle.id, &file.slug).await.unwrap()
    }

    pub(super) async fn retire(&self, file: &File, due_at: Timestamp) -> bool {
        self.commit(async |unit| unit.files().retire(file.id, due_at).await).await
    }

    pub(super) async fn forget(&self, file: &File) {
        self.commit(async |unit| unit.files().forget(file.id).await).await;
    }

    pub(super) async fn place(&self, entry: &AllowlistEntry) -> bool {
        self.commit(async |unit| unit.allowlists().insert(entry).await).await
    }

    pub(super) async fn unplace(
        &self,
        file: &File,
        email: &Email,
        now: Timestamp,
    ) -> Option<AllowlistEntry> {
        self.commit(async |unit| unit.allowlists().remove(file.id, email, now).await).await
    }

    /// Asks what a file's object is used for, and retires an upload whose lease has ended.
    async fn retire_lapsed(&self, file: &File, now: Timestamp) -> ObjectUse {
        self.commit(async |unit| unit.files().retire_lapsed(file.id, now).await).await
    }
}

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
