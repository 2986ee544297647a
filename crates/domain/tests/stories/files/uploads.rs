//! Uploads: taken in whole or not at all, and within the quotas.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tollgate_domain::{
    creators::{Ownership, Quotas},
    files::{File, FileAccess, FileError, Files, FilesPorts, UploadError},
    mocks::{MockCreatorReads, MockFileReads, MockUnit},
    paging::PageRequest,
    store::Runtime,
    version::BasedOn,
};
use tollgate_domain_testing::{
    MAX_BYTES, ManualClock, MemoryFileStore, SeededRandom, Shop, TestApp, a_creator, a_handle,
    handle_name,
};

use super::{new_file, try_upload, upload};
use crate::at_once;

#[pollster::test]
async fn an_upload_that_fails_anywhere_leaves_nothing_to_see() {
    for passes in 0.. {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        app.store.fail_after(passes);
        let result =
            try_upload(&app, &shop, new_file("mine", FileAccess::Public), b"0123456789").await;
        if app.store.heal() {
            // Everything worked before the failure came.
            assert!(result.is_ok());
            assert!(passes > 4, "only {passes} calls to the store");
            return;
        }
        assert!(result.is_err(), "after {passes} calls");
        let all = PageRequest::default();
        let seen = app.files.list(&shop.creator, &shop.handle.name, &all).await.unwrap();
        assert_eq!(seen.items, vec![], "after {passes} calls");
        app.clock.advance_seconds(61);
        app.sweep().await;
        assert_eq!((app.store.count_files(), app.objects.count()), (0, 0), "{passes} calls");
        upload(&app, &shop, new_file("mine", FileAccess::Public)).await;
    }
}

#[pollster::test]
async fn a_commit_whose_answer_is_lost_leaves_file_and_object_together() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let content = stream::once(async {
        app.store.lose_answer_of_next_commit();
        Ok::<_, Infallible>(Bytes::from_static(b"x"))
    });
    let new = new_file("mine", FileAccess::Public);
    let result = app.files.upload(&shop.creator, &shop.handle.name, new, content).await;
    assert!(result.is_err());
    app.clock.advance_seconds(61);
    app.sweep().await;
    assert_eq!((app.store.count_files(), app.objects.count()), (0, 0));
}

#[pollster::test]
async fn an_upload_whose_content_ends_in_an_error_is_forgotten_at_once() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let content = stream::iter([Ok(Bytes::from_static(b"012")), Err("gone")]);
    let new = new_file("mine", FileAccess::Public);
    let result = app.files.upload(&shop.creator, &shop.handle.name, new, content).await;
    assert!(matches!(result, Err(UploadError::Content("gone"))));
    assert_eq!((app.store.count_files(), app.objects.count()), (0, 0));
}

#[pollster::test]
async fn an_upload_that_is_dropped_gives_its_slug_up_after_a_minute() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let new = || new_file("mine", FileAccess::Public);
    let stuck = stream::iter([Ok(Bytes::from_static(b"012"))]).chain(stream::pending());
    {
        let handle = &shop.handle.name;
        let upload = app.files.upload::<Infallible>(&shop.creator, handle, new(), stuck);
        let mut upload = Box::pin(upload);
        while app.objects.count() == 0 {
            assert!(futures_util::poll!(&mut upload).is_pending());
        }
    }
    let taken = try_upload(&app, &shop, new(), b"x").await;
    assert!(matches!(taken, Err(UploadError::File(FileError::SlugTaken))));
    app.clock.advance_seconds(60);
    let file = try_upload(&app, &shop, new(), b"x").await.unwrap();
    assert_eq!(app.objects.count(), 2);
    assert_eq!(app.sweep().await, 1);
    assert_eq!((app.store.count_files(), app.objects.count()), (1, 1));
    assert_eq!(app.objects.content(file.id).unwrap(), b"x");
}

#[pollster::test]
async fn an_upload_beside_others_takes_the_first_free_number() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let beside = async |app: &TestApp| {
        let content = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"x"))]);
        let (name, new) = (&shop.handle.name, new_file("mine", FileAccess::Public));
        app.files.upload_beside(&shop.creator, name, new, content).await.unwrap().slug.to_string()
    };
    assert_eq!(beside(&app).await, "mine");
    upload(&app, &shop, new_file("mine-3", FileAccess::Public)).await;
    assert_eq!(beside(&app).await, "mine-2");
    assert_eq!(beside(&app).await, "mine-4");
    // A running upload has its slug already.
    let stuck = stream::iter([Ok(Bytes::from_static(b"012"))]).chain(stream::pending());
    let (name, new) = (&shop.handle.name, new_file("mine-5", FileAccess::Public));
    let running = app.files.upload::<Infallible>(&shop.creator, name, new, stuck);
    let mut running = Box::pin(running);
    while app.objects.count() < 5 {
        assert!(futures_util::poll!(&mut running).is_pending());
    }
    assert_eq!(beside(&app).await, "mine-6");
    for number in 7..=60 {
        upload(&app, &shop, new_file(&format!("mine-{number}"), FileAccess::Public)).await;
    }
    assert_eq!(beside(&app).await, "mine-61");
}

#[pollster::test]
async fn a_slow_upload_keeps_its_claim() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let slow = stream::iter(0..20).then(async |_| {
        app.clock.advance_seconds(20);
        assert_eq!(app.sweep().await, 0);
        Ok::<_, Infallible>(Bytes::from_static(b"x"))
    });
    let new = new_file("mine", FileAccess::Public);
    let file = app.files.upload(&shop.creator, &shop.handle.name, new, slow).await.unwrap();
    assert_eq!(file.size, 20);
}

#[pollster::test]
async fn a_file_may_be_as_large_as_allowed_and_no_larger() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let most = vec![7; usize::try_from(MAX_BYTES).unwrap()];
    let file = try_upload(&app, &shop, new_file("most", FileAccess::Public), &most).await;
    assert_eq!(file.unwrap().size, MAX_BYTES);
    let more = [&most[..], b"x"].concat();
    let refused = try_upload(&app, &shop, new_file("more", FileAccess::Public), &more).await;
    assert!(matches!(
        refused,
        Err(UploadError::File(FileError::TooLarge { max_bytes: MAX_BYTES }))
    ));
    assert_eq!((app.store.count_files(), app.objects.count()), (1, 1));
}

#[pollster::test]
async fn files_of_a_creator_have_a_quota_over_all_handles() {
    let quotas = Quotas { max_stored_bytes: 25, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let shop = app.shop("ada").await;
    let second = app.handles.create(&shop.creator, handle_name("ada-two"), "Two").await.unwrap();
    let other = Shop { handle: second, ..shop.clone() };
    let new = |name| new_file(name, FileAccess::Public);
    let first = upload(&app, &shop, new("first")).await;
    upload(&app, &other, new("second")).await;
    let refused = try_upload(&app, &shop, new("third"), b"0123456789").await;
    let exceeded = |result: &Result<File, UploadError<Infallible>>| {
        matches!(result, Err(UploadError::File(FileError::QuotaExceeded { max_bytes: 25 })))
    };
    assert!(exceeded(&refused), "{refused:?}");
    assert!(
        try_upload(&app, &shop, new("third"), b"01234").await.is_ok(),
        "it is full to the brim"
    );
    assert!(
        exceeded(&try_upload(&app, &shop, new("fourth"), b"0").await),
        "there is no room at all"
    );
    let empty = try_upload(&app, &shop, new("empty"), b"").await;
    assert!(empty.is_ok(), "what has no bytes is not beyond it: {empty:?}");
    let eve = app.shop("eve").await;
    assert!(try_upload(&app, &eve, new("first"), b"0123456789").await.is_ok());
    app.files.delete(&shop.creator, &shop.handle.name, &first.slug, &BasedOn::Any).await.unwrap();
    assert!(try_upload(&app, &shop, new("fourth"), b"0123456789").await.is_ok());
    assert_eq!(app.objects.count(), 5, "nothing is left of what was refused");
}

#[pollster::test]
async fn parallel_uploads_do_not_exceed_the_quota() {
    let quotas = Quotas { max_stored_bytes: 25, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let shop = app.shop("ada").await;
    let results = at_once(8, |number| {
        let (app, shop) = (app.clone(), shop.clone());
        async move {
            let new = new_file(&format!("file-{number}"), FileAccess::Public);
            try_upload(&app, &shop, new, b"0123456789").await.is_ok()
        }
    })
    .await;
    assert_eq!(results.iter().filter(|stored| **stored).count(), 2);
}

/// What others of the creator have received until then counts.
#[pollster::test]
async fn the_room_for_an_upload_is_read_once_its_creator_is_locked() {
    let creator = a_creator().build();
    let handle = a_handle().of(&creator).build();
    let is_locked = Arc::new(AtomicBool::new(false));
    let locking = is_locked.clone();
    let mut unit = MockUnit::new();
    unit.creators.expect_lock().times(1).returning(move |_| {
        locking.store(true, Ordering::Relaxed);
        Ok(())
    });
    // More than the room is taken when the lock is had.
    let stored = move || if is_locked.load(Ordering::Relaxed) { 26 } else { 0 };
    unit.files.expect_stored_bytes().times(1).returning(move |_| Ok(stored()));
    let runtime = Runtime {
        store: Arc::new(unit.into_store()),
        clock: Arc::new(ManualClock::new()),
        random: Arc::new(SeededRandom::new(1)),
    };
    let mut reads = MockCreatorReads::new();
    let found = handle.clone();
    reads.expect_handle().returning(move |_| Ok(Some(found.clone())));
    let ports = FilesPorts {
        reads: Arc::new(MockFileReads::new()),
        objects: Arc::new(MemoryFileStore::new()),
    };
    let quotas = Quotas { max_stored_bytes: 25, ..Quotas::default() };
    let files = Files::new(runtime, ports, Ownership::new(Arc::new(reads)), MAX_BYTES, quotas);
    let content = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"0"))]);
    let new = new_file("late", FileAccess::Public);
    let refused = files.upload(&creator, &handle.name, new, content).await;
    let is_full =
        matches!(refused, Err(UploadError::File(FileError::QuotaExceeded { max_bytes: 25 })));
    assert!(is_full, "{refused:?}");
}

#[pollster::test]
async fn a_running_upload_counts_with_what_it_has_received() {
    let quotas = Quotas { max_stored_bytes: 25, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let shop = app.shop("ada").await;
    let content = stream::iter(["before", "after"]).then(|time| {
        let (app, shop) = (&app, &shop);
        async move {
            if time == "after" {
                let second = new_file("second", FileAccess::Public);
                let refused = try_upload(app, shop, second, &[7; 20]).await;
                assert!(matches!(
                    refused,
                    Err(UploadError::File(FileError::QuotaExceeded { max_bytes: 25 }))
                ));
            }
            app.clock.advance_seconds(20);
            Ok::<_, Infallible>(Bytes::from_static(b"0123456789"))
        }
    });
    let new = new_file("first", FileAccess::Public);
    let file = app.files.upload(&shop.creator, &shop.handle.name, new, content).await.unwrap();
    assert_eq!((file.size, app.objects.count()), (20, 1));
}

#[pollster::test]
async fn a_running_upload_ends_when_others_have_taken_the_room() {
    let quotas = Quotas { max_stored_bytes: 25, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let shop = app.shop("ada").await;
    // It never ends by itself.
    let content = stream::iter(0..).then(|part| {
        let (app, shop) = (&app, &shop);
        async move {
            if part == 0 {
                let second = new_file("second", FileAccess::Public);
                assert!(try_upload(app, shop, second, &[7; 20]).await.is_ok());
            }
            app.clock.advance_seconds(20);
            Ok::<_, Infallible>(Bytes::from_static(b"012"))
        }
    });
    let new = new_file("first", FileAccess::Public);
    let ended = app.files.upload(&shop.creator, &shop.handle.name, new, content).await;
    assert!(matches!(ended, Err(UploadError::File(FileError::QuotaExceeded { max_bytes: 25 }))));
    assert_eq!((app.store.count_files(), app.objects.count()), (1, 1));
}
