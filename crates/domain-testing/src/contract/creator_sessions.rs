//! Creators' sessions.

use super::fixture::{Fixture, just_before, parallel};
use crate::{a_creator_session, a_token_hash, at, start_of_time};
use tollgate_domain::{
    creators::CreatorSession,
    device::{BrowserName, Device, Platform},
    paging::PageRequest,
    store::Stores,
    token::TokenHash,
};

struct SignedIn {
    fixture: Fixture,
    session: CreatorSession,
}

async fn signed_in(on: Stores) -> SignedIn {
    let fixture = Fixture::new(on).await;
    let session = a_creator_session(&fixture.creator);
    fixture.commit(async |unit| unit.creator_sessions().insert(&session).await).await;
    SignedIn { fixture, session }
}

impl SignedIn {
    async fn is_alive(&self, now: jiff::Timestamp) -> bool {
        let found =
            self.fixture.on.creators.creator_in_session(self.session.id, now).await.unwrap();
        if let Some(found) = &found {
            assert_eq!(found, &self.fixture.creator);
        }
        found.is_some()
    }

    async fn rotate(
        &self,
        from: TokenHash,
        to: TokenHash,
        now: jiff::Timestamp,
    ) -> Option<CreatorSession> {
        self.fixture.commit(async |unit| unit.creator_sessions().rotate(from, to, now).await).await
    }

    async fn spent(
        &self,
        token: TokenHash,
        now: jiff::Timestamp,
    ) -> Option<(CreatorSession, jiff::Timestamp)> {
        self.fixture.begin().await.creator_sessions().spent(token, now).await.unwrap()
    }

    async fn revoke(&self, now: jiff::Timestamp) {
        let id = self.session.id;
        self.fixture.commit(async |unit| unit.creator_sessions().revoke(id, now).await).await;
    }

    async fn revoke_by_token(&self, token: TokenHash, now: jiff::Timestamp) {
        let mut unit = self.fixture.begin().await;
        unit.creator_sessions().revoke_by_token(token, now).await.unwrap();
        unit.commit().await.unwrap();
    }

    async fn reused(&self, token: TokenHash) -> bool {
        let mut unit = self.fixture.begin().await;
        let ended = unit.creator_sessions().revoke_reused(token, at(9)).await.unwrap();
        unit.commit().await.unwrap();
        ended
    }
}

pub async fn a_creator_session_lives_until_just_before_its_expiry(on: Stores) {
    let on = signed_in(on).await;
    assert!(on.is_alive(start_of_time()).await);
    assert!(on.is_alive(just_before(on.session.expires_at)).await);
    assert!(!on.is_alive(on.session.expires_at).await);
    let unknown = a_creator_session(&on.fixture.creator).id;
    let found = on.fixture.on.creators.creator_in_session(unknown, at(1)).await.unwrap();
    assert_eq!(found, None);
}

pub async fn a_refresh_token_is_traded_for_another(on: Stores) {
    let on = signed_in(on).await;
    let next = a_token_hash();
    let rotated = on.rotate(on.session.token, next, at(1)).await;
    assert_eq!(rotated, Some(CreatorSession { token: next, ..on.session.clone() }));
    assert_eq!(on.rotate(on.session.token, a_token_hash(), at(1)).await, None);
    assert!(on.rotate(next, a_token_hash(), at(2)).await.is_some());
    assert!(on.is_alive(at(2)).await);
}

pub async fn of_parallel_trades_one_succeeds(on: Stores) {
    let on = signed_in(on).await;
    let traded = parallel(10, |_| on.rotate(on.session.token, a_token_hash(), at(1))).await;
    assert_eq!(traded.iter().flatten().count(), 1);
}

pub async fn an_expired_or_revoked_session_trades_nothing(on: Stores) {
    let on = signed_in(on).await;
    let (token, expires_at) = (on.session.token, on.session.expires_at);
    assert_eq!(on.rotate(token, a_token_hash(), expires_at).await, None);
    assert_eq!(on.rotate(a_token_hash(), a_token_hash(), at(1)).await, None);
    let next = a_token_hash();
    assert!(on.rotate(token, next, just_before(expires_at)).await.is_some());
    on.revoke(at(1)).await;
    assert_eq!(on.rotate(next, a_token_hash(), at(1)).await, None);
}

/// Somebody has a copy: the session ends for both.
pub async fn a_reused_refresh_token_ends_its_session(on: Stores) {
    let on = signed_in(on).await;
    let next = a_token_hash();
    assert!(on.rotate(on.session.token, next, at(1)).await.is_some());
    assert!(on.reused(on.session.token).await);
    assert!(!on.is_alive(at(9)).await);
    assert_eq!(on.rotate(next, a_token_hash(), at(9)).await, None);
    assert!(!on.reused(on.session.token).await, "it has ended already");
}

/// It comes with the time of its exchange and the session as it is, while the session is active.
pub async fn a_spent_refresh_token_is_found_with_its_session(on: Stores) {
    let on = signed_in(on).await;
    let (second, third) = (a_token_hash(), a_token_hash());
    assert!(on.rotate(on.session.token, second, at(1)).await.is_some());
    assert!(on.rotate(second, third, at(2)).await.is_some());
    let current = CreatorSession { token: third, ..on.session.clone() };
    let expires_at = on.session.expires_at;
    assert_eq!(on.spent(on.session.token, at(3)).await, Some((current.clone(), at(1))));
    assert_eq!(on.spent(second, just_before(expires_at)).await, Some((current, at(2))));
    assert_eq!(on.spent(second, expires_at).await, None);
    assert_eq!(on.spent(third, at(3)).await, None, "it is the current one");
    assert_eq!(on.spent(a_token_hash(), at(3)).await, None);
    on.revoke(at(4)).await;
    assert_eq!(on.spent(second, at(4)).await, None);
}

/// Neither a stranger's token nor the current one counts as reused.
pub async fn an_unknown_refresh_token_ends_nothing(on: Stores) {
    let on = signed_in(on).await;
    assert!(!on.reused(a_token_hash()).await);
    assert!(!on.reused(on.session.token).await);
    assert!(on.is_alive(at(9)).await);
}

pub async fn a_creator_session_is_revoked(on: Stores) {
    let on = signed_in(on).await;
    let other = a_creator_session(&on.fixture.creator);
    let mut unit = on.fixture.begin().await;
    unit.creator_sessions().insert(&other).await.unwrap();
    unit.creator_sessions().revoke(on.session.id, at(1)).await.unwrap();
    unit.creator_sessions().revoke(on.session.id, at(2)).await.unwrap();
    unit.commit().await.unwrap();
    assert!(!on.is_alive(at(1)).await);
    let found = on.fixture.on.creators.creator_in_session(other.id, at(1)).await.unwrap();
    assert_eq!(found, Some(on.fixture.creator));
}

/// Its current token revokes it, and an unknown one changes nothing.
pub async fn a_creator_session_is_revoked_by_its_token(on: Stores) {
    let on = signed_in(on).await;
    on.revoke_by_token(a_token_hash(), at(1)).await;
    assert!(on.is_alive(at(1)).await);
    on.revoke_by_token(on.session.token, at(1)).await;
    assert!(!on.is_alive(at(1)).await);
}

/// A creator who signs out does not have to know that the token was traded, once or more often. Other sessions stay.
pub async fn a_creator_session_is_revoked_by_a_token_that_was_traded(on: Stores) {
    let on = signed_in(on).await;
    let other = a_creator_session(&on.fixture.creator);
    on.fixture.commit(async |unit| unit.creator_sessions().insert(&other).await).await;
    let (second, third) = (a_token_hash(), a_token_hash());
    assert!(on.rotate(on.session.token, second, at(1)).await.is_some());
    assert!(on.rotate(second, third, at(2)).await.is_some());
    on.revoke_by_token(on.session.token, at(3)).await;
    assert!(!on.is_alive(at(3)).await);
    assert_eq!(on.rotate(third, a_token_hash(), at(3)).await, None);
    let creators = &on.fixture.on.creators;
    assert!(creators.creator_in_session(other.id, at(3)).await.unwrap().is_some());
}

/// Whichever comes first, the session has ended and the new token is good for nothing.
pub async fn a_trade_at_the_same_time_does_not_outlive_signing_out(on: Stores) {
    let on = signed_in(on).await;
    for _ in 0..10 {
        let session = a_creator_session(&on.fixture.creator);
        on.fixture.commit(async |unit| unit.creator_sessions().insert(&session).await).await;
        let (from, to) = (session.token, a_token_hash());
        parallel(2, async |number: usize| {
            let mut unit = on.fixture.begin().await;
            if number == 0 {
                unit.creator_sessions().rotate(from, to, at(1)).await.unwrap();
            } else {
                unit.creator_sessions().revoke_by_token(from, at(1)).await.unwrap();
            }
            unit.commit().await.unwrap();
        })
        .await;
        let found = on.fixture.on.creators.creator_in_session(session.id, at(1)).await.unwrap();
        assert_eq!(found, None);
        assert_eq!(on.rotate(to, a_token_hash(), at(2)).await, None);
    }
}

/// It is told while the session is active; of the current token and of a stranger's there is nothing to tell.
pub async fn a_traded_refresh_token_has_the_time_of_its_trade(on: Stores) {
    let on = signed_in(on).await;
    let creators = &on.fixture.on.creators;
    let (first, second) = (on.session.token, a_token_hash());
    let expires_at = on.session.expires_at;
    assert_eq!(creators.refresh_token_spent_at(first, at(1)).await, Ok(None));
    assert!(on.rotate(first, second, at(1)).await.is_some());
    assert!(on.rotate(second, a_token_hash(), at(2)).await.is_some());
    let last = just_before(expires_at);
    assert_eq!(creators.refresh_token_spent_at(first, last).await, Ok(Some(at(1))));
    assert_eq!(creators.refresh_token_spent_at(second, at(3)).await, Ok(Some(at(2))));
    assert_eq!(creators.refresh_token_spent_at(first, expires_at).await, Ok(None));
    assert_eq!(creators.refresh_token_spent_at(a_token_hash(), at(3)).await, Ok(None));
    on.revoke(at(4)).await;
    assert_eq!(creators.refresh_token_spent_at(first, at(4)).await, Ok(None));
}

/// Also after its token was traded; one from before that was stored has none.
pub async fn a_creator_session_keeps_the_kind_of_device_it_began_on(on: Stores) {
    let on = signed_in(on).await;
    let device = Device { browser: Some(BrowserName::Safari), platform: Some(Platform::IPhone) };
    let phone = CreatorSession {
        created_at: at(1),
        device: Some(device),
        ..a_creator_session(&on.fixture.creator)
    };
    on.fixture.commit(async |unit| unit.creator_sessions().insert(&phone).await).await;
    let next = a_token_hash();
    let traded = on.rotate(phone.token, next, at(2)).await;
    let phone = CreatorSession { token: next, ..phone };
    assert_eq!(traded, Some(phone.clone()));
    let (creator, all) = (on.fixture.creator.id, PageRequest::default());
    let listed = on.fixture.on.creators.creator_sessions_of(creator, at(3), &all).await.unwrap();
    assert_eq!(listed.items, [phone, on.session]);
}
