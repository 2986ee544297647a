//! Visitors, links and sessions.

mod links;
mod sessions;

use self::{links::keep, sessions::is_valid};
pub use self::{links::*, sessions::*};
use super::fixture::{Begin, Fixture, parallel};
use crate::{a_link, a_session, a_visitor, an_email, at, start_of_time};
use tollgate_domain::{clock::just_after, store::Stores};

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
