//! Names, passwords and sessions of creators.

use std::cmp::Reverse;

use super::fixture::{Begin, Fixture, count_true, keep_creator, parallel, parts, walk};
use crate::{a_creator, a_creator_session, a_token_hash, an_account, at};
use tollgate_domain::{
    creators::{Creator, CreatorSession},
    paging::PageRequest,
    store::Stores,
};

pub async fn a_creator_is_renamed(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep_creator(&on, &creator).await);
    assert!(keep_creator(&on, &other).await);
    on.commit(async |unit| unit.creators().rename(creator.id, "Ada, Countess").await).await;
    let found = on.creators.creator(creator.id).await.unwrap();
    assert_eq!(found, Some(Creator { name: "Ada, Countess".into(), ..creator }));
    assert_eq!(on.creators.creator(other.id).await.unwrap(), Some(other));
}

pub async fn of_parallel_password_changes_one_succeeds(on: Stores) {
    let creator = a_creator().build();
    assert!(keep_creator(&on, &creator).await);
    let (id, from) = (creator.id, &creator.password_hash);
    let changed = parallel(8, async |number: usize| {
        let to = format!("plain${number}");
        on.commit(async |unit| unit.creators().replace_password_hash(id, from, &to).await).await
    })
    .await;
    assert_eq!(count_true(&changed), 1);
}

/// The sessions of others live on.
pub async fn all_sessions_of_a_creator_are_revoked(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep_creator(&on, &creator).await);
    assert!(keep_creator(&on, &other).await);
    let sessions = [&creator, &creator, &other].map(a_creator_session);
    let mut unit = on.begin().await;
    for session in &sessions {
        unit.creator_sessions().insert(session).await.unwrap();
    }
    unit.creator_sessions().revoke_all_of(creator.id, at(1)).await.unwrap();
    unit.commit().await.unwrap();
    let mut unit = on.begin().await;
    for (session, lives) in sessions.iter().zip([false, false, true]) {
        let found = on.creators.creator_in_session(session.id, at(2)).await.unwrap();
        assert_eq!(found.is_some(), lives);
        let rotated = unit.creator_sessions().rotate(session.token, a_token_hash(), at(2)).await;
        assert_eq!(rotated.unwrap().is_some(), lives);
    }
}

pub async fn sessions_of_a_creator_are_listed_in_parts(on: Stores) {
    let creator = a_creator().build();
    assert!(keep_creator(&on, &creator).await);
    let mut sessions = Vec::new();
    let mut unit = on.begin().await;
    for second in [1, 3, 1, 2, 1] {
        let session = CreatorSession { created_at: at(second), ..a_creator_session(&creator) };
        unit.creator_sessions().insert(&session).await.unwrap();
        sessions.push(session);
    }
    unit.commit().await.unwrap();
    sessions.sort_by_key(|session| Reverse((session.created_at, session.id.to_string())));
    let part = async |request: PageRequest| {
        on.creators.creator_sessions_of(creator.id, at(9), &request).await.unwrap()
    };
    let listed = parts(2, part).await;
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(listed.concat(), sessions);
}

/// One of another creator cannot be reached, and what has ended cannot be ended.
pub async fn a_creator_revokes_only_own_sessions(on: Stores) {
    let (creator, other) = (a_creator().build(), a_creator().build());
    assert!(keep_creator(&on, &creator).await);
    assert!(keep_creator(&on, &other).await);
    let [own, foreign] = [&creator, &other].map(a_creator_session);
    let mut unit = on.begin().await;
    let sessions = unit.creator_sessions();
    for session in [&own, &foreign] {
        sessions.insert(session).await.unwrap();
    }
    assert!(!sessions.revoke_of(creator.id, foreign.id, at(1)).await.unwrap());
    assert!(!sessions.revoke_of(creator.id, own.id, own.expires_at).await.unwrap());
    assert!(sessions.revoke_of(creator.id, own.id, at(1)).await.unwrap());
    assert!(!sessions.revoke_of(creator.id, own.id, at(2)).await.unwrap());
    unit.commit().await.unwrap();
    for (session, lives) in [(&own, false), (&foreign, true)] {
        let found = on.creators.creator_in_session(session.id, at(2)).await.unwrap();
        assert_eq!(found.is_some(), lives);
    }
}

/// This holds however often the token was traded since.
pub async fn a_token_that_was_spent_long_ago_ends_its_session(on: Stores) {
    let creator = a_creator().build();
    assert!(keep_creator(&on, &creator).await);
    let session = a_creator_session(&creator);
    let mut unit = on.begin().await;
    let sessions = unit.creator_sessions();
    sessions.insert(&session).await.unwrap();
    let mut token = session.token;
    for _ in 0..3 {
        let next = a_token_hash();
        assert!(sessions.rotate(token, next, at(1)).await.unwrap().is_some());
        token = next;
    }
    assert!(sessions.revoke_reused(session.token, at(2)).await.unwrap());
    assert_eq!(sessions.rotate(token, a_token_hash(), at(3)).await.unwrap(), None);
    unit.commit().await.unwrap();
    assert_eq!(on.creators.creator_in_session(session.id, at(3)).await.unwrap(), None);
}

/// All that they were known by goes with them, and other sessions stay.
pub async fn expired_creator_sessions_are_forgotten(on: Stores) {
    let creator = a_creator().build();
    assert!(keep_creator(&on, &creator).await);
    let old = CreatorSession { expires_at: at(5), ..a_creator_session(&creator) };
    let new = CreatorSession { expires_at: at(50), ..a_creator_session(&creator) };
    let mut unit = on.begin().await;
    let sessions = unit.creator_sessions();
    for session in [&old, &new] {
        sessions.insert(session).await.unwrap();
        assert!(sessions.rotate(session.token, a_token_hash(), at(1)).await.unwrap().is_some());
    }
    sessions.forget_expired(at(10), 9).await.unwrap();
    assert!(!sessions.revoke_reused(old.token, at(11)).await.unwrap());
    assert!(sessions.revoke_reused(new.token, at(11)).await.unwrap());
}

/// This lasts until the suspension is lifted. What was connected stays connected.
pub async fn suspended_creator_has_no_session_and_no_selling_account(on: Stores) {
    let fixture = Fixture::new(on).await;
    let handle = fixture.another_handle().await;
    let account = an_account(&handle).build();
    let session = a_creator_session(&fixture.creator);
    let mut unit = fixture.begin().await;
    assert!(unit.connected_accounts().insert(&account).await.unwrap());
    unit.creator_sessions().insert(&session).await.unwrap();
    unit.commit().await.unwrap();
    let (creators, checkout) = (&fixture.on.creators, &fixture.on.checkout);
    for since in [None, Some(at(1)), None] {
        let mut unit = fixture.begin().await;
        unit.creators().set_suspended(fixture.creator.id, since).await.unwrap();
        unit.commit().await.unwrap();
        let may = since.is_none();
        let found = creators.creator_in_session(session.id, at(2)).await.unwrap();
        assert_eq!(found.is_some(), may);
        assert_eq!(creators.creator_by_token(session.token, at(2)).await.unwrap().is_some(), may);
        assert_eq!(checkout.selling_account(handle.id).await.unwrap().is_some(), may);
        assert!(checkout.connected_account(handle.id).await.unwrap().is_some());
        let creator = creators.creator(fixture.creator.id).await.unwrap().unwrap();
        assert_eq!(creator.suspended_at, since);
    }
}

pub async fn creators_are_listed_newest_first(on: Stores) {
    let mut made = Vec::new();
    for second in [2, 1, 3] {
        let mut creator = a_creator().build();
        creator.created_at = at(second);
        assert!(keep_creator(&on, &creator).await);
        made.push(creator);
    }
    let part = async |request: PageRequest| on.creators.creators(&request).await.unwrap();
    let listed = walk(2, part).await;
    let times: Vec<_> = listed.iter().map(|creator| creator.created_at).collect();
    assert_eq!(times, [3, 2, 1].map(at).to_vec());
}
