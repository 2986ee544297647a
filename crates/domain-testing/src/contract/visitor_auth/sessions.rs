//! Sessions: how long they are valid, how they are listed, and how they end.

use std::cmp::Reverse;

use crate::{
    a_session, a_token_hash, at,
    contract::fixture::{Begin, Fixture, just_before, parts},
    start_of_time,
};
use tollgate_domain::{
    creators::FrontendOrigin,
    device::{BrowserName, Device, Platform},
    paging::PageRequest,
    store::Stores,
    visitor_auth::VisitorSession,
};

pub(super) async fn is_valid(on: &Stores, session: &VisitorSession, now: jiff::Timestamp) -> bool {
    on.visitor_auth.signed_in(session.token, now).await.unwrap().is_some()
}

async fn revoke(on: &Stores, session: &VisitorSession, now: jiff::Timestamp) -> bool {
    let mut unit = on.begin().await;
    let token = [session.token];
    let ended = unit.visitor_sessions().revoke_by_tokens(&token, None, now).await.unwrap();
    unit.commit().await.unwrap();
    ended
}

pub async fn a_session_says_who_is_signed_in(on: Stores) {
    let fixture = Fixture::new(on).await;
    let reads = &fixture.on.visitor_auth;
    let found = reads.signed_in(fixture.session.token, at(5)).await.unwrap().expect("a visitor");
    assert_eq!(found.session_id, fixture.session.id);
    assert_eq!(found.visitor, fixture.visitor);
    assert_eq!(reads.signed_in(a_token_hash(), at(5)).await.unwrap(), None);
}

pub async fn a_session_is_valid_until_just_before_its_expiry(on: Stores) {
    let fixture = Fixture::new(on).await;
    let expires_at = fixture.session.expires_at;
    assert!(is_valid(&fixture.on, &fixture.session, just_before(expires_at)).await);
    assert!(!is_valid(&fixture.on, &fixture.session, expires_at).await);
}

pub async fn a_revoked_session_is_not_valid(on: Stores) {
    let fixture = Fixture::new(on).await;
    assert!(revoke(&fixture.on, &fixture.session, at(1)).await);
    assert!(!is_valid(&fixture.on, &fixture.session, at(1)).await);
    assert!(!is_valid(&fixture.on, &fixture.session, start_of_time()).await);
}

pub async fn signing_out_twice_changes_nothing(on: Stores) {
    let fixture = Fixture::new(on).await;
    assert!(revoke(&fixture.on, &fixture.session, at(1)).await);
    assert!(!revoke(&fixture.on, &fixture.session, at(2)).await);
    let mut unit = fixture.begin().await;
    let sessions = unit.visitor_sessions();
    assert!(!sessions.revoke_by_tokens(&[a_token_hash()], None, at(2)).await.unwrap());
    assert!(!sessions.revoke_by_tokens(&[], None, at(2)).await.unwrap());
    let again = sessions.revoke(fixture.visitor.id, None, fixture.session.id, at(2)).await;
    assert!(!again.unwrap());
}

pub async fn an_expired_session_cannot_be_revoked(on: Stores) {
    let fixture = Fixture::new(on).await;
    let expires_at = fixture.session.expires_at;
    assert!(!revoke(&fixture.on, &fixture.session, expires_at).await);
    let mut unit = fixture.begin().await;
    let sessions = unit.visitor_sessions();
    let (visitor, session) = (fixture.visitor.id, fixture.session.id);
    assert!(!sessions.revoke(visitor, None, session, expires_at).await.unwrap());
    assert!(sessions.revoke(visitor, None, session, just_before(expires_at)).await.unwrap());
}

pub async fn a_visitor_revokes_only_own_sessions(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, of_other) = fixture.another_visitor().await;
    let mut unit = fixture.begin().await;
    let sessions = unit.visitor_sessions();
    assert!(!sessions.revoke(fixture.visitor.id, None, of_other.id, at(1)).await.unwrap());
    assert!(sessions.revoke(fixture.visitor.id, None, fixture.session.id, at(1)).await.unwrap());
    unit.commit().await.unwrap();
    assert!(is_valid(&fixture.on, &of_other, at(1)).await);
    assert!(!is_valid(&fixture.on, &fixture.session, at(1)).await);
    assert_eq!(of_other.visitor_id, other.id);
}

pub async fn living_sessions_are_listed_newest_first(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.another_visitor().await;
    let second = a_session(&fixture.visitor).created_at(at(10)).build();
    let ended = a_session(&fixture.visitor).created_at(at(20)).build();
    let short = a_session(&fixture.visitor).created_at(at(30)).expires_at(at(40)).build();
    for session in [&second, &ended, &short] {
        fixture.keep_session(session).await;
    }
    assert!(revoke(&fixture.on, &ended, at(25)).await);
    let listed = listed(&fixture, None, just_before(at(40))).await;
    assert_eq!(listed, vec![short, second.clone(), fixture.session.clone()]);
    assert_eq!(self::listed(&fixture, None, at(40)).await, vec![second, fixture.session]);
}

async fn listed(
    fixture: &Fixture,
    frontend: Option<FrontendOrigin>,
    now: jiff::Timestamp,
) -> Vec<VisitorSession> {
    let (reads, all) = (&fixture.on.visitor_auth, PageRequest::default());
    let listed = reads.sessions_of(fixture.visitor.id, frontend, now, &all).await.unwrap();
    assert_eq!(listed.next, None);
    listed.items
}

pub async fn living_sessions_are_listed_in_parts(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut sessions = vec![fixture.session.clone()];
    for second in [10, 20, 10, 10] {
        let session = a_session(&fixture.visitor).created_at(at(second)).build();
        fixture.keep_session(&session).await;
        sessions.push(session);
    }
    sessions.sort_by_key(|session| Reverse((session.created_at, session.id.to_string())));
    let part = async |request: PageRequest| {
        let reads = &fixture.on.visitor_auth;
        reads.sessions_of(fixture.visitor.id, None, at(30), &request).await.unwrap()
    };
    let listed = parts(2, part).await;
    assert_eq!(listed.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(listed.concat(), sessions);
}

pub async fn a_visitor_ends_all_other_sessions(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (_, of_other) = fixture.another_visitor().await;
    let second = a_session(&fixture.visitor).build();
    fixture.keep_session(&second).await;
    let mut unit = fixture.begin().await;
    let (visitor, kept) = (fixture.visitor.id, fixture.session.id);
    unit.visitor_sessions().revoke_others(visitor, kept, at(1)).await.unwrap();
    unit.commit().await.unwrap();
    for (session, lives) in [(&fixture.session, true), (&second, false), (&of_other, true)] {
        assert_eq!(is_valid(&fixture.on, session, at(1)).await, lives);
    }
}

/// They are neither listed nor ended there.
pub async fn sessions_that_began_elsewhere_are_not_a_frontends(on: Stores) {
    let fixture = Fixture::new(on).await;
    let [shop, other]: [FrontendOrigin; 2] =
        ["https://shop.example", "https://other.example"].map(|origin| origin.parse().unwrap());
    let mut there = a_session(&fixture.visitor).build();
    there.frontend = Some(shop.clone());
    fixture.keep_session(&there).await;
    assert_eq!(listed(&fixture, Some(shop.clone()), at(5)).await, [there.clone()]);
    assert!(listed(&fixture, Some(other.clone()), at(5)).await.is_empty());
    let mut unit = fixture.begin().await;
    let (sessions, visitor) = (unit.visitor_sessions(), fixture.visitor.id);
    assert!(!sessions.revoke(visitor, Some(other), there.id, at(6)).await.unwrap());
    let elsewhere = sessions.revoke(visitor, Some(shop.clone()), fixture.session.id, at(6)).await;
    assert!(!elsewhere.unwrap());
    assert!(sessions.revoke(visitor, Some(shop), there.id, at(6)).await.unwrap());
    unit.commit().await.unwrap();
    assert!(is_valid(&fixture.on, &fixture.session, at(7)).await);
    assert!(!is_valid(&fixture.on, &there, at(7)).await);
}

pub async fn ended_sessions_are_forgotten_and_others_kept(on: Stores) {
    let fixture = Fixture::new(on).await;
    let expired = a_session(&fixture.visitor).expires_at(at(10)).build();
    let revoked = a_session(&fixture.visitor).build();
    for session in [&expired, &revoked] {
        fixture.keep_session(session).await;
    }
    assert!(revoke(&fixture.on, &revoked, at(10)).await);
    fixture.commit(async |unit| unit.visitor_sessions().forget_ended(at(20), 9).await).await;
    assert!(!is_valid(&fixture.on, &expired, start_of_time()).await);
    assert!(!is_valid(&fixture.on, &revoked, start_of_time()).await);
    assert!(is_valid(&fixture.on, &fixture.session, at(20)).await);
}

/// It says none if it began on the installation's own hosts.
pub async fn a_session_says_on_which_frontend_it_began(on: Stores) {
    let fixture = Fixture::new(on).await;
    let shop: FrontendOrigin = "https://shop.example".parse().unwrap();
    let mut there = a_session(&fixture.visitor).build();
    there.frontend = Some(shop.clone());
    fixture.keep_session(&there).await;
    let reads = &fixture.on.visitor_auth;
    for (session, frontend) in [(&there, Some(shop)), (&fixture.session, None)] {
        let found = reads.signed_in(session.token, at(5)).await.unwrap().unwrap();
        assert_eq!(found.frontend, frontend);
    }
    let listed = listed(&fixture, None, at(5)).await;
    assert!(listed.contains(&there) && listed.contains(&fixture.session));
}

/// Unless it is from before that was stored.
pub async fn a_session_says_on_which_kind_of_device_it_began(on: Stores) {
    let fixture = Fixture::new(on).await;
    let known = Device { browser: Some(BrowserName::Firefox), platform: Some(Platform::Linux) };
    let mut sessions = vec![fixture.session.clone()];
    for (second, device) in [(10, known), (20, Device::default())] {
        let session = a_session(&fixture.visitor).created_at(at(second)).build();
        let session = VisitorSession { device: Some(device), ..session };
        fixture.keep_session(&session).await;
        sessions.insert(0, session);
    }
    assert_eq!(listed(&fixture, None, at(30)).await, sessions);
}
