//! Refresh tokens of creators that were exchanged since.

use tollgate_domain::{
    creators::{AccountError, Caller, CreatorSignedIn, Password},
    device::{BrowserName, Device},
};
use tollgate_domain_testing::{TestApp, email};

use crate::{ADA, CLIENT, at_once};

async fn login(app: &TestApp) -> CreatorSignedIn {
    let password = Password::tried("correct horse".into()).unwrap();
    app.accounts.login(&email(ADA), &password, CLIENT).await.unwrap()
}

async fn is_alive(app: &TestApp, session: &CreatorSignedIn) -> bool {
    app.accounts.authenticate(session.session_id).await.unwrap().is_some()
}

#[pollster::test]
async fn signing_out_with_a_traded_token_ends_the_session() {
    let app = TestApp::new();
    app.creator(ADA).await;
    for later in [1, 3600] {
        let (first, other) = (login(&app).await, login(&app).await);
        let second = app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
        app.clock.advance_seconds(later);
        app.accounts.logout_by_token(&first.refresh_token).await.unwrap();
        assert!(!is_alive(&app, &first).await);
        let refused = app.accounts.refresh(&second.refresh_token, CLIENT).await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
        assert!(is_alive(&app, &other).await);
    }
}

#[pollster::test]
async fn of_a_refresh_and_a_sign_out_at_once_no_session_survives() {
    for _ in 0..10 {
        let app = TestApp::new();
        app.creator(ADA).await;
        let first = login(&app).await;
        at_once(2, |number| {
            let (app, token) = (app.clone(), first.refresh_token.clone());
            async move {
                if number == 0 {
                    // It is refused if it comes second.
                    let _ = app.accounts.refresh(&token, CLIENT).await;
                } else {
                    app.accounts.logout_by_token(&token).await.unwrap();
                }
            }
        })
        .await;
        assert!(!is_alive(&app, &first).await);
    }
}

#[pollster::test]
async fn traded_token_as_a_cookie_ends_the_session_after_the_time_for_two_tabs() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let first = login(&app).await;
    app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
    let cookie = first.refresh_token.hash();
    app.clock.advance_seconds(9);
    assert_eq!(app.accounts.authenticate_token(cookie).await, Ok(None));
    assert!(is_alive(&app, &first).await);
    app.clock.advance_seconds(1);
    assert_eq!(app.accounts.authenticate_token(cookie).await, Ok(None));
    assert!(!is_alive(&app, &first).await);
}

#[pollster::test]
async fn traded_token_of_another_client_ends_the_session_at_once() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let device = Some(Device { browser: Some(BrowserName::Firefox), platform: None });
    let here = Caller { device, ..CLIENT.into() };
    let other_browser = Caller { device: None, ..here };
    let elsewhere = Caller { client: "192.0.2.10", ..here };
    for (other, is_copy) in [(here, false), (other_browser, true), (elsewhere, true)] {
        let first = login(&app).await;
        let second = app.accounts.refresh(&first.refresh_token, here).await.unwrap();
        app.clock.advance_seconds(1);
        let again = app.accounts.refresh(&first.refresh_token, other).await;
        assert_eq!(again.is_err(), is_copy, "{other:?}");
        assert_eq!(is_alive(&app, &first).await, !is_copy, "{other:?}");
        // A client may move while nobody else has the token.
        let next = app.accounts.refresh(&second.refresh_token, elsewhere).await;
        assert_eq!(next.is_err(), is_copy, "{other:?}");
    }
}
