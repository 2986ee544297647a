//! Creators' accounts.

mod handles;
mod passwords;

use tollgate_domain::{
    creators::{AccountError, CreatorSignedIn, Password},
    token::Token,
};
use tollgate_domain_testing::{TestApp, email};

use crate::{ADA, at_once};

const CLIENT: &str = "192.0.2.9";

fn password(text: &str) -> Password {
    Password::new(text.into()).unwrap()
}

async fn login(app: &TestApp, address: &str, text: &str) -> Result<CreatorSignedIn, AccountError> {
    let tried = Password::tried(text.into()).unwrap();
    app.accounts.login(&email(address), &tried, CLIENT).await
}

#[pollster::test]
async fn a_creator_signs_up_and_in() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    let signed_in = login(&app, ADA, "correct horse").await.unwrap();
    assert_eq!(signed_in.creator, creator);
    let found = app.accounts.authenticate(signed_in.session_id).await.unwrap();
    assert_eq!(found, Some(creator));
}

#[pollster::test]
async fn an_address_has_one_account() {
    let app = TestApp::new();
    let results = at_once(10, |_| {
        let app = app.clone();
        async move {
            let password = password("correct horse");
            app.accounts.register(email(ADA), &password, None, CLIENT).await
        }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let taken = |result: &&Result<_, _>| matches!(result, Err(AccountError::EmailTaken));
    assert_eq!(results.iter().filter(taken).count(), 9);
}

#[pollster::test]
async fn a_client_signs_in_or_up_three_hundred_times_a_minute() {
    let app = TestApp::new();
    for number in 0..300 {
        let refused = login(&app, &format!("a{number}@example.com"), "some password").await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
    }
    let limited = login(&app, "one.more@example.com", "some password").await;
    assert!(matches!(limited, Err(AccountError::Limited { .. })));
    let limited = app.accounts.register(email(ADA), &password("correct horse"), None, CLIENT).await;
    assert!(matches!(limited, Err(AccountError::Limited { .. })));
    let elsewhere =
        app.accounts.register(email(ADA), &password("correct horse"), None, "192.0.2.10").await;
    assert!(elsewhere.is_ok());
}

#[pollster::test]
async fn a_refresh_token_is_good_once() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let first = login(&app, ADA, "correct horse").await.unwrap();
    let second = app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
    assert_eq!(second.session_id, first.session_id);
    assert_eq!(second.creator, first.creator);
    let third = app.accounts.refresh(&second.refresh_token, CLIENT).await.unwrap();
    assert!(app.accounts.authenticate(third.session_id).await.unwrap().is_some());
}

#[pollster::test]
async fn a_refresh_token_that_comes_twice_ends_its_session() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let first = login(&app, ADA, "correct horse").await.unwrap();
    let elsewhere = login(&app, ADA, "correct horse").await.unwrap();
    let second = app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
    app.clock.advance_seconds(10);
    for token in [&first.refresh_token, &second.refresh_token] {
        let refused = app.accounts.refresh(token, CLIENT).await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
    }
    assert!(app.accounts.authenticate(first.session_id).await.unwrap().is_none());
    assert!(app.accounts.authenticate(elsewhere.session_id).await.unwrap().is_some());
}

#[pollster::test]
async fn an_unknown_refresh_token_ends_nothing() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let signed_in = login(&app, ADA, "correct horse").await.unwrap();
    let refused = app.accounts.refresh(&Token::new(&*app.random), CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Unauthorized)));
    assert!(app.accounts.authenticate(signed_in.session_id).await.unwrap().is_some());
}

#[pollster::test]
async fn signing_out_ends_access_and_refresh_at_once() {
    let app = TestApp::new();
    app.creator(ADA).await;
    for by_token in [false, true] {
        let signed_in = login(&app, ADA, "correct horse").await.unwrap();
        if by_token {
            app.accounts.logout_by_token(&signed_in.refresh_token).await.unwrap();
        } else {
            app.accounts.logout(signed_in.session_id).await.unwrap();
        }
        assert!(app.accounts.authenticate(signed_in.session_id).await.unwrap().is_none());
        let refused = app.accounts.refresh(&signed_in.refresh_token, CLIENT).await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
    }
    app.accounts.logout_by_token(&Token::new(&*app.random)).await.unwrap();
}

#[pollster::test]
async fn a_lost_answer_to_a_sign_up_leaves_an_account_that_works() {
    let app = TestApp::new();
    app.store.lose_answer_of_next_commit();
    let password = password("correct horse");
    assert!(app.accounts.register(email(ADA), &password, None, CLIENT).await.is_err());
    assert!(login(&app, ADA, "correct horse").await.is_ok());
}

#[pollster::test]
async fn an_account_and_its_session_are_kept_together_wherever_the_store_fails() {
    for passes in 0..20 {
        let app = TestApp::new();
        let correct = password("correct horse");
        app.store.fail_after(passes);
        let result = app.accounts.register(email(ADA), &correct, Some("Ada"), CLIENT).await;
        let came_through = app.store.heal();
        assert_eq!(result.is_ok(), came_through);
        if came_through {
            assert_eq!(result.unwrap().creator.name, "Ada");
            return;
        }
        assert!(app.accounts.register(email(ADA), &correct, None, CLIENT).await.is_ok());
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_creator_takes_another_name() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    let renamed = app.accounts.rename(&creator, "Ada, Countess").await.unwrap();
    assert_eq!(renamed.name, "Ada, Countess");
    let signed_in = login(&app, ADA, "correct horse").await.unwrap();
    assert_eq!(signed_in.creator, renamed);
    for bad in ["a\nb", &"x".repeat(201)] {
        let refused = app.accounts.rename(&creator, bad).await;
        assert!(matches!(refused, Err(AccountError::Invalid(_))));
    }
}

#[pollster::test]
async fn two_tabs_that_refresh_at_once_both_go_on() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let first = login(&app, ADA, "correct horse").await.unwrap();
    let tabs = at_once(2, |_| {
        let (app, token) = (app.clone(), first.refresh_token.clone());
        async move { app.accounts.refresh(&token, CLIENT).await.unwrap() }
    })
    .await;
    let [one, other] = tabs.as_slice() else { unreachable!() };
    assert_eq!(one.refresh_token.hash(), other.refresh_token.hash());
    // One of them refreshes again before the answer to a third has arrived.
    let next = app.accounts.refresh(&one.refresh_token, CLIENT).await.unwrap();
    app.clock.advance_seconds(9);
    let late = app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
    assert_eq!(late.refresh_token.hash(), next.refresh_token.hash());
    assert!(app.accounts.refresh(&late.refresh_token, CLIENT).await.is_ok());
    app.clock.advance_seconds(1);
    let replayed = app.accounts.refresh(&first.refresh_token, CLIENT).await;
    assert!(matches!(replayed, Err(AccountError::Unauthorized)));
    assert!(app.accounts.authenticate(first.session_id).await.unwrap().is_none());
}

#[pollster::test]
async fn grace_does_not_outlive_the_session() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let first = login(&app, ADA, "correct horse").await.unwrap();
    app.accounts.refresh(&first.refresh_token, CLIENT).await.unwrap();
    app.accounts.logout(first.session_id).await.unwrap();
    let refused = app.accounts.refresh(&first.refresh_token, CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Unauthorized)));
}
