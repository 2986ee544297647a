//! Visitors, links and sessions.

use std::cmp::Reverse;

use super::fixture::{Begin, Fixture, count_true, just_before, parallel};
use crate::{a_link, a_session, a_token_hash, a_visitor, an_email, at, start_of_time};
use tollgate_domain::{
    clock::just_after,
    creators::FrontendOrigin,
    device::{BrowserName, Device, Platform},
    email::Email,
    id::MagicLinkId,
    paging::PageRequest,
    store::Stores,
    visitor_auth::{MagicLink, VisitorSession},
};

async fn keep(on: &Stores, link: &MagicLink) {
    on.commit(async |unit| unit.magic_links().insert(link).await).await;
}

async fn redeem(on: &Stores, link: &MagicLink, now: jiff::Timestamp) -> bool {
    on.commit(async |unit| unit.magic_links().redeem(link.id, &link.email, now).await).await
}

async fn read(on: &Stores, link: &MagicLink) -> MagicLink {
    on.visitor_auth.magic_link(link.token).await.unwrap().expect("the link")
}

pub async fn an_address_has_one_visitor_however_many_sign_in_at_once(on: Stores) {
    let email = an_email();
    let visitors = parallel(16, async |_| {
        let candidate = a_visitor().email(email.clone()).build();
        on.commit(async |unit| unit.visitors().ensure(&candidate).await).await
    })
    .await;
    let first = visitors.first().expect("sixteen visitors");
    assert_eq!(first.email, email);
    assert!(visitors.iter().all(|visitor| visitor == first), "{visitors:?}");
    let mut unit = on.begin().await;
    assert_eq!(unit.visitors().find(first.id).await.unwrap().as_ref(), Some(first));
}

pub async fn visitors_are_stored_for_those_addresses_that_have_none(on: Stores) {
    let known = a_visitor().created_at(at(1)).build();
    on.commit(async |unit| unit.visitors().ensure(&known).await).await;
    let again = a_visitor().email(known.email.clone()).created_at(at(2)).build();
    let mut candidates: Vec<_> = (0..300).map(|_| a_visitor().created_at(at(3)).build()).collect();
    candidates.push(again.clone());
    candidates.sort_by_cached_key(|candidate| candidate.email.clone());
    for _ in 0..2 {
        on.commit(async |unit| unit.visitors().ensure_all(&candidates).await).await;
    }
    on.commit(async |unit| unit.visitors().ensure_all(&[]).await).await;
    let mut unit = on.begin().await;
    assert_eq!(unit.visitors().find(known.id).await.unwrap(), Some(known));
    assert_eq!(unit.visitors().find(again.id).await.unwrap(), None);
    for candidate in candidates.into_iter().filter(|candidate| candidate.id != again.id) {
        assert_eq!(unit.visitors().find(candidate.id).await.unwrap(), Some(candidate));
    }
}

pub async fn a_visitor_comes_back_as_stored(on: Stores) {
    let visitor = a_visitor().created_at(at(7)).build();
    let stranger = a_visitor().build();
    let mut unit = on.begin().await;
    assert_eq!(unit.visitors().ensure(&visitor).await.unwrap(), visitor);
    unit.commit().await.unwrap();
    let mut unit = on.begin().await;
    assert_eq!(unit.visitors().find(visitor.id).await.unwrap(), Some(visitor));
    assert_eq!(unit.visitors().find(stranger.id).await.unwrap(), None);
}

pub async fn a_link_comes_back_as_stored(on: Stores) {
    let plain = a_link().build();
    let mut full = a_link()
        .created_at(at(1))
        .return_to("http://ada.tollgate.localhost:8080/guide?x=1#y")
        .build();
    full.attempts = 3;
    full.used_at = Some(at(2));
    for link in [plain, full] {
        keep(&on, &link).await;
        assert_eq!(read(&on, &link).await, link);
        let mut unit = on.begin().await;
        assert_eq!(unit.magic_links().newest(&link.email).await.unwrap(), Some(link));
    }
}

pub async fn an_unknown_link_is_none(on: Stores) {
    assert_eq!(on.visitor_auth.magic_link(a_token_hash()).await.unwrap(), None);
    let mut unit = on.begin().await;
    assert_eq!(unit.magic_links().newest(&an_email()).await.unwrap(), None);
    let unknown = a_link().build().id;
    assert!(!unit.magic_links().redeem(unknown, &an_email(), start_of_time()).await.unwrap());
    assert!(!unit.magic_links().count_attempt(unknown, 5).await.unwrap());
}

pub async fn of_fifty_parallel_redemptions_one_succeeds(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let redeemed = parallel(50, |_| redeem(&on, &link, at(1))).await;
    assert_eq!(count_true(&redeemed), 1);
    assert_eq!(read(&on, &link).await.used_at, Some(at(1)));
}

pub async fn a_link_is_good_until_just_before_its_expiry(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(redeem(&on, &link, just_before(link.expires_at)).await);
}

pub async fn a_link_is_refused_at_its_expiry(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(!redeem(&on, &link, link.expires_at).await);
    assert_eq!(read(&on, &link).await.used_at, None);
}

/// Used never becomes unused, and its time stays.
pub async fn a_used_link_stays_used(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    assert!(redeem(&on, &link, at(1)).await);
    assert!(!redeem(&on, &link, at(2)).await);
    let sibling = a_link().to(&link.email).created_at(at(3)).build();
    keep(&on, &sibling).await;
    assert!(redeem(&on, &sibling, at(4)).await);
    assert_eq!(read(&on, &link).await.used_at, Some(at(1)));
}

pub async fn redeeming_spends_the_links_of_that_address_only(on: Stores) {
    let email = an_email();
    let links = [a_link().to(&email).build(), a_link().to(&email).created_at(at(1)).build()];
    let stranger = a_link().build();
    for link in links.iter().chain([&stranger]) {
        keep(&on, link).await;
    }
    assert!(redeem(&on, &links[0], at(2)).await);
    for link in &links {
        assert_eq!(read(&on, link).await.used_at, Some(at(2)));
        assert!(!redeem(&on, link, at(2)).await);
    }
    assert_eq!(read(&on, &stranger).await.used_at, None);
    assert!(redeem(&on, &stranger, at(2)).await);
}

/// Each spends the others. One comes through and nobody fails, whatever locks that takes.
pub async fn of_sibling_links_redeemed_at_once_one_succeeds(on: Stores) {
    for _ in 0..10 {
        let email = an_email();
        let links: Vec<_> = (0..6).map(|_| a_link().to(&email).build()).collect();
        for link in &links {
            keep(&on, link).await;
        }
        let redeemed = parallel(6, |number| redeem(&on, links.get(number).unwrap(), at(1))).await;
        assert_eq!(count_true(&redeemed), 1);
        for link in &links {
            assert_eq!(read(&on, link).await.used_at, Some(at(1)));
        }
    }
}

/// The time at which it was made decides, whatever the order of insertion and whether it is used.
pub async fn the_newest_link_of_an_address_is_the_one_made_last(on: Stores) {
    async fn newest(on: &Stores, email: &Email) -> Option<MagicLinkId> {
        let mut unit = on.begin().await;
        let newest = unit.magic_links().newest(email).await.unwrap();
        drop(unit);
        assert_eq!(on.visitor_auth.newest_link(email).await.as_ref(), Ok(&newest));
        newest.map(|link| link.id)
    }
    let email = an_email();
    let [second, third, first] =
        [2, 3, 1].map(|second| a_link().to(&email).created_at(at(second)).build());
    for link in [&second, &third, &first] {
        keep(&on, link).await;
    }
    keep(&on, &a_link().created_at(at(4)).build()).await;
    assert_eq!(newest(&on, &email).await, Some(third.id));
    assert!(redeem(&on, &third, at(5)).await);
    assert_eq!(newest(&on, &email).await, Some(third.id));
}

pub async fn code_attempts_are_counted_up_to_the_limit(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    for attempt in 1..=7_u32 {
        let mut unit = on.begin().await;
        let counted = unit.magic_links().count_attempt(link.id, 5).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(counted, attempt <= 5);
        assert_eq!(read(&on, &link).await.attempts, attempt.min(5));
    }
}

pub async fn parallel_code_attempts_never_exceed_the_limit(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let counted = parallel(20, async |_| {
        on.commit(async |unit| unit.magic_links().count_attempt(link.id, 5).await).await
    })
    .await;
    assert_eq!(count_true(&counted), 5);
    assert_eq!(read(&on, &link).await.attempts, 5);
}

pub async fn a_link_redeemed_in_a_dropped_unit_is_still_good(on: Stores) {
    let link = a_link().build();
    keep(&on, &link).await;
    let mut unit = on.begin().await;
    assert!(unit.magic_links().redeem(link.id, &link.email, at(1)).await.unwrap());
    drop(unit);
    assert!(redeem(&on, &link, at(1)).await);
}

pub async fn expired_links_are_forgotten_and_others_kept(on: Stores) {
    let old = a_link().build();
    let new = a_link().created_at(at(1)).build();
    keep(&on, &old).await;
    keep(&on, &new).await;
    on.commit(async |unit| unit.magic_links().forget_expired(new.expires_at, 9).await).await;
    assert_eq!(on.visitor_auth.magic_link(old.token).await.unwrap(), None);
    assert_eq!(read(&on, &new).await, new);
}

/// The oldest goes first, and a unit of work is short however much there is.
pub async fn what_is_old_is_forgotten_in_parts(on: Stores) {
    let links = [1, 2, 3].map(|second| a_link().created_at(at(second)).build());
    for link in &links {
        keep(&on, link).await;
    }
    let fixture = Fixture::new(on.clone()).await;
    let session = |seconds| a_session(&fixture.visitor).expires_at(at(seconds)).build();
    let sessions = [5, 6, 7].map(session);
    for session in &sessions {
        fixture.keep_session(session).await;
    }
    for (are_left, links_left) in [(true, 2), (true, 1), (true, 0), (false, 0)] {
        let mut unit = on.begin().await;
        let before = just_after(links[2].expires_at);
        assert_eq!(unit.magic_links().forget_expired(before, 1).await, Ok(are_left));
        assert_eq!(unit.visitor_sessions().forget_ended(at(8), 1).await, Ok(are_left));
        unit.commit().await.unwrap();
        for (number, (link, session)) in links.iter().zip(&sessions).enumerate() {
            let is_left = number >= 3 - links_left;
            let stored = on.visitor_auth.magic_link(link.token).await.unwrap();
            assert_eq!(stored.is_some(), is_left);
            assert_eq!(is_valid(&on, session, start_of_time()).await, is_left);
        }
    }
}

async fn is_valid(on: &Stores, session: &VisitorSession, now: jiff::Timestamp) -> bool {
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
    let mut request = PageRequest { limit: 2, after: None };
    let mut listed = Vec::new();
    for part_length in [2, 2, 1] {
        let reads = &fixture.on.visitor_auth;
        let part = reads.sessions_of(fixture.visitor.id, None, at(30), &request).await.unwrap();
        assert_eq!(part.items.len(), part_length);
        listed.extend(part.items);
        request.after = part.next;
    }
    assert_eq!((listed, request.after), (sessions, None));
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
