//! What every file store has to keep to.

#![expect(clippy::indexing_slicing, reason = "a case that reads beyond an end has failed")]

use std::{collections::BTreeSet, ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};

use super::fixture::parallel;
use crate::{a_file, at};
use tollgate_domain::{
    files::ports::{FileStore, ObjectWriter},
    id::FileId,
};

/// Expands to one test a case. `$test` is the attribute that makes a test of an async function; `$make`
/// is an `async fn() -> Arc<dyn FileStore>` that gives an empty store at every call.
#[macro_export]
macro_rules! file_store_contract {
    (#[$test:meta] $make:path) => {
        $crate::file_store_contract! { @cases #[$test] $make;
            an_object_comes_back_as_written,
            an_empty_object_comes_back,
            an_object_of_many_parts_comes_back,
            an_unknown_object_is_none,
            a_range_comes_back,
            an_object_is_not_there_before_it_is_finished,
            a_dropped_object_is_never_there,
            an_abandoned_object_leaves_nothing,
            a_deleted_object_is_gone,
            what_was_left_behind_is_deleted,
            objects_are_listed,
            objects_that_are_written_side_by_side_are_kept_apart,
        }
    };
    (@cases #[$test:meta] $make:path; $($case:ident),* $(,)?) => {$(
        #[$test]
        async fn $case() {
            $crate::contract::file_store::$case($make().await).await;
        }
    )*};
}

type On = Arc<dyn FileStore>;

fn an_id() -> FileId {
    a_file().created_at(at(1)).build().id
}

/// Bytes that are not the same at any two places that could be mixed up.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at / 251 + at) % 256).unwrap()).collect()
}

async fn begin(on: &On, id: FileId, content: &[u8]) -> Box<dyn ObjectWriter> {
    let mut writer = on.create(id).await.unwrap();
    for chunk in content.chunks(60_001) {
        writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    writer
}

async fn keep(on: &On, content: &[u8]) -> FileId {
    let id = an_id();
    begin(on, id, content).await.finish().await.unwrap();
    id
}

async fn read(on: &On, id: FileId, range: Option<Range<u64>>) -> Vec<u8> {
    let opened = on.open(id, range).await.unwrap().expect("the object");
    let parts: Vec<Bytes> = opened.chunks.try_collect().await.unwrap();
    parts.concat()
}

async fn list(on: &On) -> BTreeSet<FileId> {
    on.list().await.unwrap().map(Result::unwrap).collect().await
}

pub async fn an_object_comes_back_as_written(on: On) {
    let written = content(200_000);
    let id = keep(&on, &written).await;
    assert_eq!(on.open(id, None).await.unwrap().unwrap().size, 200_000);
    assert_eq!(on.size(id).await.unwrap(), Some(200_000));
    assert_eq!(read(&on, id, None).await, written);
}

pub async fn an_empty_object_comes_back(on: On) {
    let id = keep(&on, &[]).await;
    assert_eq!(on.open(id, None).await.unwrap().unwrap().size, 0);
    assert_eq!(on.size(id).await.unwrap(), Some(0));
    assert_eq!(read(&on, id, None).await, Vec::<u8>::new());
}

/// The object is larger than the part that a store sends at once, and its size is not a multiple of that.
pub async fn an_object_of_many_parts_comes_back(on: On) {
    for length in [5 * 1024 * 1024, 12 * 1024 * 1024 + 7] {
        let written = content(length);
        let id = keep(&on, &written).await;
        assert!(read(&on, id, None).await == written, "{length} bytes");
        let size = u64::try_from(length).unwrap();
        assert_eq!(read(&on, id, Some(size - 9..size)).await, written[length - 9..]);
    }
}

pub async fn an_unknown_object_is_none(on: On) {
    let id = an_id();
    assert!(on.open(id, None).await.unwrap().is_none());
    assert!(on.open(id, Some(0..1)).await.unwrap().is_none());
    assert_eq!(on.size(id).await.unwrap(), None);
}

/// It reaches from its first byte to its last, and comes with the size of the whole object.
pub async fn a_range_comes_back(on: On) {
    let written = content(300_000);
    let id = keep(&on, &written).await;
    for range in [0..1, 0..300_000, 1..2, 299_999..300_000, 70_000..250_001] {
        let opened = on.open(id, Some(range.clone())).await.unwrap().unwrap();
        assert_eq!(opened.size, 300_000);
        let place = |at: u64| usize::try_from(at).unwrap();
        let expected = &written[place(range.start)..place(range.end)];
        assert!(read(&on, id, Some(range.clone())).await == expected, "{range:?}");
    }
}

pub async fn an_object_is_not_there_before_it_is_finished(on: On) {
    let id = an_id();
    let mut writer = begin(&on, id, &content(9_000_000)).await;
    assert!(on.open(id, None).await.unwrap().is_none());
    assert_eq!(on.size(id).await.unwrap(), None);
    writer.finish().await.unwrap();
    assert_eq!(on.size(id).await.unwrap(), Some(9_000_000));
}

/// The request that wrote it went away.
pub async fn a_dropped_object_is_never_there(on: On) {
    let id = an_id();
    drop(begin(&on, id, &content(9_000_000)).await);
    assert!(on.open(id, None).await.unwrap().is_none());
    on.delete(id).await.unwrap();
    assert_eq!(list(&on).await, BTreeSet::new());
}

pub async fn an_abandoned_object_leaves_nothing(on: On) {
    for length in [0, 10, 9_000_000] {
        let id = an_id();
        begin(&on, id, &content(length)).await.abandon().await;
        assert!(on.open(id, None).await.unwrap().is_none());
        assert_eq!(list(&on).await, BTreeSet::new());
    }
}

pub async fn a_deleted_object_is_gone(on: On) {
    let (id, other) = (keep(&on, &content(100)).await, keep(&on, &content(200)).await);
    for _ in 0..2 {
        on.delete(id).await.unwrap();
        assert!(on.open(id, None).await.unwrap().is_none());
    }
    on.delete(an_id()).await.unwrap();
    assert_eq!(read(&on, other, None).await, content(200));
    assert_eq!(list(&on).await, [other].into());
}

/// A crash during an upload leaves an object behind, which can still be deleted by its id.
pub async fn what_was_left_behind_is_deleted(on: On) {
    let id = an_id();
    std::mem::forget(begin(&on, id, &content(9_000_000)).await);
    on.delete(id).await.unwrap();
    assert_eq!(list(&on).await, BTreeSet::new());
    assert!(on.open(id, None).await.unwrap().is_none());
}

pub async fn objects_are_listed(on: On) {
    assert_eq!(list(&on).await, BTreeSet::new());
    let mut ids = BTreeSet::new();
    for length in 0..30 {
        ids.insert(keep(&on, &content(length)).await);
    }
    assert_eq!(list(&on).await, ids);
    assert_eq!(on.list().await.unwrap().count().await, 30);
}

pub async fn objects_that_are_written_side_by_side_are_kept_apart(on: On) {
    let kept = parallel(8, async |number: usize| keep(&on, &content(100_000 + number)).await).await;
    for (number, id) in kept.into_iter().enumerate() {
        assert!(read(&on, id, None).await == content(100_000 + number), "{number}");
    }
}
