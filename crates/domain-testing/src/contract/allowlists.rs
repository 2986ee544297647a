//! Allowlists of files.

#![expect(clippy::indexing_slicing, reason = "a case that reads beyond an end has failed")]

use super::{
    fixture::{Fixture, count_true, parallel, walk},
    people::people,
};
use crate::{a_file, a_place, a_session, a_visitor, at, email};
use tollgate_domain::{
    access::{AccessStatus, AccessType, ResourceType},
    email::Email,
    files::{AllowlistEntry, AttachedPage, File, FileAccess},
    paging::PageRequest,
    store::Stores,
};

/// The address decides, before the first sign-in as well as after it.
pub async fn who_is_on_a_list_is_told_with_the_file(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (file, other) =
        (fixture.file(a_file().by_list()).await, fixture.file(a_file().by_list()).await);
    let future = email("later@example.com");
    assert!(fixture.place(&a_place(&file, &future, at(1))).await);
    assert!(fixture.place(&a_place(&file, &fixture.visitor.email, at(1))).await);
    assert!(fixture.ask_file(&file, Some(fixture.session.token)).await.listed);
    assert!(!fixture.ask_file(&other, Some(fixture.session.token)).await.listed);
    assert!(!fixture.ask_file(&file, None).await.listed);
    let later = a_visitor().email(future).build();
    let session = a_session(&later).build();
    fixture.commit(async |unit| unit.visitors().ensure(&later).await).await;
    fixture.keep_session(&session).await;
    assert!(fixture.ask_file(&file, Some(session.token)).await.listed);
    assert!(fixture.unplace(&file, &fixture.visitor.email, at(2)).await.is_some());
    assert!(!fixture.ask_file(&file, Some(fixture.session.token)).await.listed);
    assert!(fixture.ask_file(&file, Some(session.token)).await.listed);
}

/// An address that is taken off the list and put on it again has had two places.
pub async fn an_address_has_one_place_on_a_list_at_a_time(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let who = email("reader@example.com");
    let first = a_place(&file, &who, at(1));
    assert!(fixture.place(&first).await);
    assert!(!fixture.place(&a_place(&file, &who, at(2))).await);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.allowlists().find(file.id, &who).await.unwrap(), Some(first.clone()));
    drop(unit);
    assert_eq!(fixture.unplace(&file, &who, at(3)).await, Some(first));
    assert_eq!(fixture.unplace(&file, &who, at(4)).await, None);
    let mut unit = fixture.begin().await;
    assert_eq!(unit.allowlists().find(file.id, &who).await.unwrap(), None);
    drop(unit);
    let second = a_place(&file, &who, at(5));
    assert!(fixture.place(&second).await);
    assert_eq!(fixture.unplace(&file, &who, at(6)).await, Some(second));
}

/// Those that are on it stay, and the others are there for the list and for the handle's people.
pub async fn many_addresses_are_put_on_a_list_at_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let visitors: Vec<_> = (100..400)
        .map(|number| a_visitor().email(email(&format!("p{number}@example.com"))).build())
        .collect();
    fixture.commit(async |unit| unit.visitors().ensure_all(&visitors).await).await;
    let places: Vec<_> =
        visitors.iter().map(|visitor| a_place(&file, &visitor.email, at(2))).collect();
    let known = a_place(&file, &email("p250@example.com"), at(1));
    assert!(fixture.place(&known).await);
    let place_all = async |places: &[AllowlistEntry]| {
        fixture.commit(async |unit| unit.allowlists().insert_all(&file, places).await).await
    };
    let new: Vec<_> = places.iter().filter(|it| it.email != known.email).cloned().collect();
    assert_eq!(place_all(&places).await, new);
    assert_eq!(place_all(&places).await, vec![]);
    assert_eq!(place_all(&[]).await, vec![]);
    let mut unit = fixture.begin().await;
    for place in new.into_iter().chain([known]) {
        let found = unit.allowlists().find(file.id, &place.email).await.unwrap();
        assert_eq!(found, Some(place));
    }
    drop(unit);
    let related = people(&fixture, Some("p")).await;
    let listed: Vec<_> = related.into_iter().map(|person| person.email).collect();
    assert_eq!(listed, places.iter().take(100).map(|it| it.email.clone()).collect::<Vec<_>>());
}

/// Ten units add the same addresses at once.
pub async fn of_parallel_lists_of_addresses_each_is_added_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let who: Vec<_> = (10..50).map(|number| email(&format!("p{number}@example.com"))).collect();
    let added = parallel(10, async |_| {
        let places: Vec<_> = who.iter().map(|email| a_place(&file, email, at(1))).collect();
        fixture.commit(async |unit| unit.allowlists().insert_all(&file, &places).await).await.len()
    })
    .await;
    assert_eq!(added.into_iter().sum::<usize>(), who.len());
}

/// The count is of this file alone, and waits for no unit of work.
pub async fn those_on_a_list_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let other = fixture.file(a_file().by_list()).await;
    let [on_it, elsewhere, gone] = ["a@x.example", "b@x.example", "c@x.example"].map(email);
    assert!(fixture.place(&a_place(&file, &on_it, at(1))).await);
    assert!(fixture.place(&a_place(&other, &elsewhere, at(1))).await);
    assert!(fixture.place(&a_place(&file, &gone, at(1))).await);
    assert!(fixture.unplace(&file, &gone, at(2)).await.is_some());
    let unit = fixture.begin().await;
    let all = [on_it, elsewhere, gone];
    assert_eq!(fixture.on.files.count_allowed(file.id, &all).await, Ok(1));
    assert_eq!(fixture.on.files.count_allowed(file.id, &[]).await, Ok(0));
    drop(unit);
}

/// Twenty units add the address at once, and then remove it at once.
pub async fn of_parallel_places_of_an_address_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let who = email("reader@example.com");
    let placed = parallel(20, |_| placed_first(&fixture, &file, &who)).await;
    assert_eq!(count_true(&placed), 1);
    let removed = parallel(20, |_| fixture.unplace(&file, &who, at(2))).await;
    assert_eq!(removed.into_iter().flatten().count(), 1);
}

async fn placed_first(fixture: &Fixture, file: &File, who: &Email) -> bool {
    fixture.place(&a_place(file, who, at(1))).await
}

/// The list has only the addresses that are on it now.
pub async fn a_list_is_shown_newest_first_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (file, other) =
        (fixture.file(a_file().by_list()).await, fixture.file(a_file().by_list()).await);
    let mut places = Vec::new();
    for second in 1..=4 {
        let place = a_place(&file, &email(&format!("p{second}@example.com")), at(second));
        assert!(fixture.place(&place).await);
        places.insert(0, place);
    }
    assert!(fixture.place(&a_place(&other, &email("p1@example.com"), at(9))).await);
    let gone = places.remove(1);
    assert_eq!(fixture.unplace(&file, &gone.email, at(9)).await, Some(gone));
    let first = PageRequest { limit: 2, after: None };
    let first = fixture.on.files.allowlist(file.id, &first).await.unwrap();
    assert_eq!(first.items, places[..2]);
    let second = PageRequest { limit: 2, after: first.next };
    let second = fixture.on.files.allowlist(file.id, &second).await.unwrap();
    assert_eq!((second.items, second.next), (places[2..].to_vec(), None));
}

pub async fn a_place_is_in_the_history(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let who = fixture.visitor.email.clone();
    assert!(fixture.place(&a_place(&file, &who, at(1))).await);
    assert!(fixture.place(&a_place(&file, &email("other@example.com"), at(1))).await);
    fixture.bought(|it| it.created_at(at(2))).await;
    fixture.unplace(&file, &who, at(3)).await;
    assert!(fixture.place(&a_place(&file, &who, at(4))).await);
    let all = PageRequest::default();
    let history =
        async || fixture.on.access.history(fixture.visitor.id, None, &all).await.unwrap().items;
    let rows = history().await;
    let told: Vec<_> = rows.iter().map(|row| (row.access_type, row.status, row.ended_at)).collect();
    assert_eq!(
        told,
        vec![
            (AccessType::Allowlist, AccessStatus::Active, None),
            (AccessType::Purchase, AccessStatus::Active, None),
            (AccessType::Allowlist, AccessStatus::Revoked, Some(at(3))),
        ]
    );
    assert_eq!(rows[0].resource_type, ResourceType::File);
    assert_eq!((&rows[0].slug, &rows[0].title), (&file.slug, &file.name));
    assert_eq!((&rows[0].handle, rows[0].granted_at), (&fixture.handle.name, at(4)));
    assert_eq!(rows[0].amount, None);
    let part = async |request: PageRequest| {
        fixture.on.access.history(fixture.visitor.id, None, &request).await.unwrap()
    };
    assert_eq!(walk(1, part).await, rows);

    // Attached to a page, the file has the page's gate: its list opens nothing.
    for (access, at_page, told) in [
        (FileAccess::Page, Some(&fixture.page), (AccessStatus::Revoked, Some(at(5)))),
        (FileAccess::Public, None, (AccessStatus::Active, None)),
    ] {
        let page = at_page.map(AttachedPage::from);
        let known = fixture.on.files.file(fixture.handle.id, &file.slug).await.unwrap().unwrap();
        let unlisted_at = page.as_ref().map(|_| at(5));
        let changed = File { access, page, updated_at: at(5), unlisted_at, ..known.clone() };
        let mut unit = fixture.begin().await;
        assert!(unit.files().update(&changed, known.updated_at).await.unwrap());
        unit.commit().await.unwrap();
        let rows = history().await;
        assert_eq!((rows[0].status, rows[0].ended_at), told, "{access:?}");
        assert_eq!((rows[2].status, rows[2].ended_at), (AccessStatus::Revoked, Some(at(3))));
    }

    // A file that was deleted stays in the history, and opens nothing.
    let mut unit = fixture.begin().await;
    assert!(unit.files().retire(file.id, at(7)).await.unwrap());
    unit.allowlists().remove_all(file.id, at(7)).await.unwrap();
    unit.commit().await.unwrap();
    fixture.forget(&file).await;
    let rows = history().await;
    assert_eq!(rows.len(), 3);
    assert_eq!((rows[0].status, rows[0].ended_at), (AccessStatus::Revoked, Some(at(7))));
    assert_eq!((rows[2].status, rows[2].ended_at), (AccessStatus::Revoked, Some(at(3))));
}

/// What is changed after a list stopped opening its file does not move the end of its places.
pub async fn the_end_of_a_place_stays(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().by_list()).await;
    let who = fixture.visitor.email.clone();
    assert!(fixture.place(&a_place(&file, &who, at(1))).await);
    let all = PageRequest::default();
    let ends = async || {
        let rows = fixture.on.access.history(fixture.visitor.id, None, &all).await.unwrap().items;
        rows.iter().map(|row| row.ended_at).collect::<Vec<_>>()
    };
    let change = async |changed: File, since| {
        assert!(fixture.commit(async |unit| unit.files().update(&changed, since).await).await);
        changed
    };
    let (access, page) = (FileAccess::Page, Some(AttachedPage::from(&fixture.page)));
    let (updated_at, unlisted_at) = (at(5), Some(at(5)));
    let attached = File { access, page, updated_at, unlisted_at, ..file.clone() };
    let attached = change(attached, file.updated_at).await;
    assert_eq!(ends().await, [Some(at(5))]);
    let renamed = File { name: "b.txt".into(), updated_at: at(7), ..attached };
    let renamed = change(renamed, at(5)).await;
    assert_eq!(ends().await, [Some(at(5))]);
    assert!(fixture.unplace(&file, &who, at(8)).await.is_some());
    assert_eq!(ends().await, [Some(at(5))]);

    assert!(fixture.place(&a_place(&file, &who, at(9))).await);
    assert_eq!(ends().await, [Some(at(9)), Some(at(5))], "no place ends before it begins");
    let access = FileAccess::Allowlist;
    let back = File { access, page: None, updated_at: at(10), unlisted_at: None, ..renamed };
    change(back, at(7)).await;
    assert_eq!(ends().await, [None, Some(at(8))]);
}

/// Nobody comes onto the list of a file that is just being deleted.
pub async fn a_deletion_and_a_place_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    for _ in 0..10 {
        let file = fixture.file(a_file().by_list()).await;
        let who = email("reader@example.com");
        let place = async {
            let mut unit = fixture.begin().await;
            if unit.files().lock(file.id).await.unwrap().is_some() {
                assert!(unit.allowlists().insert(&a_place(&file, &who, at(1))).await.unwrap());
                unit.commit().await.unwrap();
            }
        };
        let delete = async {
            let mut unit = fixture.begin().await;
            assert!(unit.files().retire(file.id, at(2)).await.unwrap());
            unit.allowlists().remove_all(file.id, at(2)).await.unwrap();
            unit.commit().await.unwrap();
        };
        futures_util::future::join(place, delete).await;
        let left = fixture.on.files.allowlist(file.id, &PageRequest::default()).await.unwrap();
        assert_eq!(left.items, vec![]);
    }
}

/// Somebody who is taken off a list is not on it under another address.
pub async fn a_removal_and_a_move_do_not_miss_each_other(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (from, to) = (email("old@example.com"), email("new@example.com"));
    for _ in 0..20 {
        let file = fixture.file(a_file().by_list()).await;
        assert!(fixture.place(&a_place(&file, &from, at(1))).await);
        let remove = async {
            let mut unit = fixture.begin().await;
            let removed = unit.allowlists().remove(file.id, &from, at(2)).await.unwrap();
            unit.commit().await.unwrap();
            removed.is_some()
        };
        let replace = async {
            let mut unit = fixture.begin().await;
            let places = unit.allowlists().of_address(fixture.handle.id, &from).await.unwrap();
            assert!(places.len() < 2, "those of before have moved or are removed");
            let mut has_moved = false;
            for place in places {
                assert!(unit.files().lock(place.file_id).await.unwrap().is_some());
                let lists = unit.allowlists();
                if lists.remove(place.file_id, &from, at(3)).await.unwrap().is_some() {
                    has_moved = lists.insert(&a_place(&file, &to, at(3))).await.unwrap();
                }
            }
            unit.commit().await.unwrap();
            has_moved
        };
        let (is_removed, has_moved) = futures_util::future::join(remove, replace).await;
        assert_ne!(is_removed, has_moved);
        let mut unit = fixture.begin().await;
        let found = unit.allowlists().find(file.id, &to).await.unwrap();
        assert_eq!(found.is_some(), !is_removed);
    }
}

pub async fn addresses_on_a_list_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (file, other) =
        (fixture.file(a_file().by_list()).await, fixture.file(a_file().by_list()).await);
    for address in ["one@example.com", "two@example.com", "three@example.com"] {
        assert!(fixture.place(&a_place(&file, &email(address), at(1))).await);
    }
    assert!(fixture.unplace(&file, &email("two@example.com"), at(2)).await.is_some());
    let mut unit = fixture.begin().await;
    assert_eq!(unit.allowlists().count_of(file.id).await.unwrap(), 2);
    assert_eq!(unit.allowlists().count_of(other.id).await.unwrap(), 0);
}
