//! Creators and their handles.

use super::fixture::{Begin, Fixture, count_true, keep_creator, parallel, walk};
use crate::{a_creator, a_handle, an_email, at, handle_name};
use tollgate_domain::{
    creators::HandleChange, id::HandleId, names::HandleName, paging::PageRequest, store::Stores,
};

pub async fn an_empty_store_has_no_creator(on: Stores) {
    assert!(!on.creators.any_creator().await.unwrap());
    let creator = a_creator().build();
    assert_eq!(on.creators.creator(creator.id).await.unwrap(), None);
    assert_eq!(on.creators.creator_by_email(&creator.email).await.unwrap(), None);
    assert!(keep_creator(&on, &creator).await);
    assert!(on.creators.any_creator().await.unwrap());
}

/// Every field of a creator comes back. (`Creator` has no telling `Debug`, so fields are compared one by one.)
pub async fn a_creator_comes_back_as_stored(on: Stores) {
    let mut creator = a_creator().build();
    creator.name = "Ada ☃ 'Lovelace'".into();
    creator.created_at = at(5);
    assert!(keep_creator(&on, &creator).await);
    let by_id = on.creators.creator(creator.id).await.unwrap().unwrap();
    let by_email = on.creators.creator_by_email(&creator.email).await.unwrap().unwrap();
    for found in [by_id, by_email] {
        assert_eq!(found.id, creator.id);
        assert_eq!(found.email, creator.email);
        assert_eq!(found.name, creator.name);
        assert_eq!(found.password_hash, creator.password_hash);
        assert_eq!(found.created_at, creator.created_at);
    }
}

pub async fn an_address_has_one_creator(on: Stores) {
    let creator = a_creator().build();
    let second = a_creator().email(creator.email.clone()).build();
    assert!(keep_creator(&on, &creator).await);
    assert!(!keep_creator(&on, &second).await);
    let found = on.creators.creator_by_email(&creator.email).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(creator.id));
    assert_eq!(on.creators.creator(second.id).await.unwrap(), None);
}

pub async fn of_parallel_registrations_of_an_address_one_is_kept(on: Stores) {
    let address = an_email();
    let kept = parallel(10, async |_| {
        keep_creator(&on, &a_creator().email(address.clone()).build()).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

pub async fn a_password_hash_is_replaced(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep_creator(&on, &creator).await);
    assert!(keep_creator(&on, &other).await);
    let mut unit = on.begin().await;
    let creators = unit.creators();
    assert!(!creators.replace_password_hash(creator.id, "plain$other", "plain$no").await.unwrap());
    let known = &creator.password_hash;
    assert!(creators.replace_password_hash(creator.id, known, "plain$new").await.unwrap());
    assert!(!creators.replace_password_hash(creator.id, known, "plain$newer").await.unwrap());
    unit.commit().await.unwrap();
    let found = on.creators.creator(creator.id).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "plain$new");
    assert_eq!(found.email, creator.email);
    assert_eq!(on.creators.creator(other.id).await.unwrap(), Some(other));
}

/// Alerts about the handle go there.
pub async fn the_owner_of_a_handle_has_an_address(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut unit = fixture.begin().await;
    let creators = unit.creators();
    let found = creators.email_of_handle(fixture.handle.id).await.unwrap();
    assert_eq!(found, Some(fixture.creator.email.clone()));
    let unknown: HandleId = a_handle().build().id;
    assert_eq!(creators.email_of_handle(unknown).await.unwrap(), None);
}

pub async fn a_handle_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut handle = a_handle().of(&fixture.creator).created_at(at(3)).build();
    handle.title = "Ada's ☃ \"notes\"".into();
    assert!(fixture.commit(async |unit| unit.handles().insert(&handle).await).await);
    let by_name = fixture.on.creators.handle(&handle.name).await.unwrap();
    assert_eq!(by_name.as_ref(), Some(&handle));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.handles().find(handle.id).await.unwrap().as_ref(), Some(&handle));
    assert_eq!(unit.handles().find(a_handle().build().id).await.unwrap(), None);
    drop(unit);
    assert_eq!(fixture.on.creators.handle(&handle_name("nobody")).await.unwrap(), None);
}

/// The proof is told from the moment on at which the address is proved.
pub async fn a_handle_is_told_with_the_proof_of_its_owner(on: Stores) {
    let mut creator = a_creator().build();
    creator.email_verified_at = None;
    assert!(keep_creator(&on, &creator).await);
    let handle = a_handle().of(&creator).build();
    assert!(on.commit(async |unit| unit.handles().insert(&handle).await).await);
    let found = async |name: &HandleName| on.creators.handle_and_proof(name).await.unwrap();
    assert_eq!(found(&handle.name).await, Some((handle.clone(), false)));
    on.commit(async |unit| unit.creators().verify_email(creator.id, at(3)).await).await;
    assert_eq!(found(&handle.name).await, Some((handle, true)));
    assert_eq!(found(&handle_name("nobody")).await, None);
}

pub async fn a_handle_has_one_owner(on: Stores) {
    let fixture = Fixture::new(on).await;
    let thief = a_creator().build();
    assert!(keep_creator(&fixture.on, &thief).await);
    let second = a_handle().of(&thief).named(fixture.handle.name.as_str()).build();
    assert!(!fixture.commit(async |unit| unit.handles().insert(&second).await).await);
    let found = fixture.on.creators.handle(&fixture.handle.name).await.unwrap();
    assert_eq!(found, Some(fixture.handle));
}

pub async fn of_parallel_handles_of_one_name_one_is_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let kept = parallel(10, async |_| {
        let handle = a_handle().of(&fixture.creator).named("wanted").build();
        fixture.commit(async |unit| unit.handles().insert(&handle).await).await
    })
    .await;
    assert_eq!(count_true(&kept), 1);
}

/// The name in addresses stays.
pub async fn a_handle_is_renamed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let mut unit = fixture.begin().await;
    let change = HandleChange { title: Some("New title".into()), ..HandleChange::default() };
    unit.handles().change(fixture.handle.id, &change).await.unwrap();
    unit.commit().await.unwrap();
    let mut expected = fixture.handle.clone();
    expected.title = "New title".into();
    let found = fixture.on.creators.handle(&fixture.handle.name).await.unwrap();
    assert_eq!(found, Some(expected));
    assert_eq!(fixture.on.creators.handle(&other.name).await.unwrap(), Some(other));
}

/// Handles of the same instant and parts of every size are tried. Handles of other creators are left out.
pub async fn handles_are_listed_newest_first_in_parts(on: Stores) {
    let creator = a_creator().build();
    let other = a_creator().build();
    assert!(keep_creator(&on, &creator).await);
    assert!(keep_creator(&on, &other).await);
    let request = PageRequest { limit: 10, after: None };
    let empty = on.creators.handles_of(creator.id, &request).await.unwrap();
    assert_eq!((empty.items, empty.next), (vec![], None));
    for second in [2, 1, 2, 3, 2] {
        let mut unit = on.begin().await;
        for owner in [&creator, &other] {
            let handle = a_handle().of(owner).created_at(at(second)).build();
            assert!(unit.handles().insert(&handle).await.unwrap());
        }
        unit.commit().await.unwrap();
    }
    let whole = on.creators.handles_of(creator.id, &request).await.unwrap();
    assert_eq!(whole.next, None);
    let times: Vec<_> = whole.items.iter().map(|handle| handle.created_at).collect();
    assert_eq!(times, [3, 2, 2, 2, 1].map(at).to_vec());
    assert!(whole.items.iter().all(|handle| handle.creator_id == creator.id));
    for limit in [1, 2, 4, 5, 6] {
        let part = async |request: PageRequest| {
            on.creators.handles_of(creator.id, &request).await.unwrap()
        };
        assert_eq!(walk(limit, part).await, whole.items, "in parts of {limit}");
    }
}

/// They are counted under a lock, so that parallel units never exceed a quota together.
pub async fn of_parallel_handles_as_many_are_kept_as_the_quota_allows(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep_creator(&on, &creator).await && keep_creator(&on, &other).await);
    let mut unit = on.begin().await;
    assert!(unit.handles().insert(&a_handle().of(&other).build()).await.unwrap());
    unit.commit().await.unwrap();
    let kept = parallel(8, async |number: usize| {
        let mut unit = on.begin().await;
        // It is the same lock.
        if number.is_multiple_of(2) {
            unit.creators().lock(creator.id).await.unwrap();
        } else {
            unit.mail_causers().lock(creator.id).await.unwrap();
        }
        if unit.handles().count_of(creator.id).await.unwrap() >= 3 {
            return false;
        }
        let handle = a_handle().of(&creator).build();
        assert!(unit.handles().insert(&handle).await.unwrap());
        unit.commit().await.unwrap();
        true
    })
    .await;
    assert_eq!(count_true(&kept), 3);
    let mut unit = on.begin().await;
    assert_eq!(unit.handles().count_of(creator.id).await.unwrap(), 3);
    assert_eq!(unit.handles().count_of(other.id).await.unwrap(), 1);
}
