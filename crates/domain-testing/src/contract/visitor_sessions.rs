//! Sessions of visitors that end together.

use super::fixture::{Fixture, just_before};
use crate::{a_session, a_token_hash, at};
use tollgate_domain::{
    creators::FrontendOrigin, store::Stores, token::TokenHash, visitor_auth::VisitorSession,
};

async fn revoke(
    fixture: &Fixture,
    tokens: &[TokenHash],
    frontend: Option<FrontendOrigin>,
    now: jiff::Timestamp,
) -> bool {
    let mut unit = fixture.begin().await;
    let ended = unit.visitor_sessions().revoke_by_tokens(tokens, frontend, now).await.unwrap();
    unit.commit().await.unwrap();
    ended
}

async fn is_valid(fixture: &Fixture, session: &VisitorSession) -> bool {
    fixture.on.visitor_auth.signed_in(session.token, at(1)).await.unwrap().is_some()
}

/// A browser may present as many as a request has room for. Those that it does not present go on.
pub async fn thousands_of_tokens_revoke_their_sessions_at_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (_, of_other) = fixture.another_visitor().await;
    let (second, kept) = (a_session(&fixture.visitor).build(), a_session(&fixture.visitor).build());
    for session in [&second, &kept] {
        fixture.keep_session(session).await;
    }
    let mut tokens: Vec<_> = (0..2_300).map(|_| a_token_hash()).collect();
    tokens.extend([fixture.session.token, second.token, of_other.token]);
    assert!(revoke(&fixture, &tokens, None, at(1)).await);
    assert!(!revoke(&fixture, &tokens, None, at(1)).await, "they have ended already");
    for (session, lives) in
        [(&fixture.session, false), (&second, false), (&of_other, false), (&kept, true)]
    {
        assert_eq!(is_valid(&fixture, session).await, lives);
    }
}

/// On a frontend where none of the sessions began, no session ends.
pub async fn tokens_revoke_on_a_frontend_what_began_there(on: Stores) {
    let fixture = Fixture::new(on).await;
    let [shop, other]: [FrontendOrigin; 2] =
        ["https://shop.example", "https://other.example"].map(|origin| origin.parse().unwrap());
    let there =
        VisitorSession { frontend: Some(shop.clone()), ..a_session(&fixture.visitor).build() };
    fixture.keep_session(&there).await;
    let tokens = [fixture.session.token, there.token];
    assert!(!revoke(&fixture, &tokens, Some(other), at(1)).await);
    assert!(is_valid(&fixture, &there).await);
    assert!(!revoke(&fixture, &tokens, Some(shop.clone()), there.expires_at).await);
    assert!(revoke(&fixture, &tokens, Some(shop), just_before(there.expires_at)).await);
    assert!(!is_valid(&fixture, &there).await);
    assert!(is_valid(&fixture, &fixture.session).await);
}
