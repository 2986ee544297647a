//! Passwords: guessed, changed, and hashed anew.

use tollgate_domain::creators::{
    AccountError, Creator, Password, ports::CreatorReads, ports::PasswordsError,
};
use tollgate_domain_testing::{TestApp, email};

use super::{CLIENT, login, password};
use crate::{ADA, at_once};

#[pollster::test]
async fn a_wrong_password_and_an_unknown_account_are_told_alike() {
    let app = TestApp::new();
    app.creator(ADA).await;
    for address in [ADA, "nobody@creators.example"] {
        let refused = login(&app, address, "wrong horse").await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
    }
    assert_eq!(app.passwords.verified_for_nobody(), 1, "the same work was done for both");
}

/// Anyone who knows an address could lock its creator out otherwise.
#[pollster::test]
async fn wrong_guesses_do_not_keep_the_creator_out() {
    let app = TestApp::new();
    app.creator(ADA).await;
    for _ in 0..100 {
        assert!(matches!(login(&app, ADA, "wrong horse").await, Err(AccountError::Unauthorized)));
    }
    assert!(login(&app, ADA, "correct horse").await.is_ok());
}

#[pollster::test]
async fn a_dated_hash_is_renewed_at_the_next_login() {
    let app = TestApp::new();
    app.creator(ADA).await;
    app.passwords.set_dated(true);
    assert!(login(&app, ADA, "correct horse").await.is_ok());
    app.passwords.set_dated(false);
    let signed_in = login(&app, ADA, "correct horse").await.unwrap();
    assert_eq!(signed_in.creator.password_hash, "plain2.2$correct horse");
}

#[pollster::test]
async fn a_busy_hasher_is_told_as_such() {
    let app = TestApp::new();
    app.creator(ADA).await;
    app.passwords.set_busy(true);
    let busy = login(&app, ADA, "correct horse").await;
    assert!(matches!(busy, Err(AccountError::Passwords(PasswordsError::Busy))));
}

#[pollster::test]
async fn another_password_ends_every_session_but_the_new_one() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let (here, elsewhere) = (
        login(&app, ADA, "correct horse").await.unwrap(),
        login(&app, ADA, "correct horse").await.unwrap(),
    );
    let change = async |current: &str, new: &str| {
        let (current, new) = (password(current), password(new));
        app.accounts.change_password(&here.creator, &current, &new, CLIENT).await
    };
    let refused = change("wrong horse", "battery staple").await;
    assert!(matches!(refused, Err(AccountError::Unauthorized)));
    for (text, is_right) in [("wrong horse", false), ("correct horse", true)] {
        let tried = password(text);
        let told = app.accounts.is_current_password(&here.creator, &tried, CLIENT).await;
        assert_eq!(told.unwrap(), is_right, "{text}");
    }
    assert!(app.accounts.authenticate(elsewhere.session_id).await.unwrap().is_some());

    let changed = change("correct horse", "battery staple").await.unwrap();
    for session in [here.session_id, elsewhere.session_id] {
        assert_eq!(app.accounts.authenticate(session).await.unwrap(), None);
    }
    for token in [&here.refresh_token, &elsewhere.refresh_token] {
        let refused = app.accounts.refresh(token, CLIENT).await;
        assert!(matches!(refused, Err(AccountError::Unauthorized)));
    }
    let found = app.accounts.authenticate(changed.session_id).await.unwrap();
    assert_eq!(found, Some(changed.creator));
    assert!(app.accounts.refresh(&changed.refresh_token, CLIENT).await.is_ok());
    assert!(login(&app, ADA, "correct horse").await.is_err());
    assert!(login(&app, ADA, "battery staple").await.is_ok());
    // The creator as it was read before knows another hash.
    let late = change("correct horse", "something else").await;
    assert!(matches!(late, Err(AccountError::Unauthorized)));
}

#[pollster::test]
async fn of_password_changes_and_logins_at_once_no_old_session_survives() {
    for _ in 0..10 {
        let app = TestApp::new();
        let creator = app.creator(ADA).await;
        let outcomes = at_once(8, |number| {
            let (app, creator) = (app.clone(), creator.clone());
            async move {
                if number % 2 == 0 {
                    let (old, new) = (password("correct horse"), password("battery staple"));
                    let accounts = &app.accounts;
                    let changed = accounts.change_password(&creator, &old, &new, CLIENT).await;
                    changed.ok().map(|signed_in| (true, signed_in))
                } else {
                    let signed_in = login(&app, ADA, "correct horse").await;
                    signed_in.ok().map(|signed_in| (false, signed_in))
                }
            }
        })
        .await;
        let changed = outcomes.iter().flatten().filter(|(changed, _)| *changed).count();
        assert_eq!(changed, 1);
        for (changed, signed_in) in outcomes.into_iter().flatten() {
            let lives = app.accounts.authenticate(signed_in.session_id).await.unwrap();
            assert_eq!(lives.is_some(), changed, "only the new password's session lives");
        }
    }
}

#[pollster::test]
async fn changing_passwords_counts_as_signing_in_and_waits_for_the_hasher() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    let change = async |app: &TestApp| {
        let (current, new) = (password("wrong horse"), password("battery staple"));
        app.accounts.change_password(&creator, &current, &new, CLIENT).await
    };
    app.passwords.set_busy(true);
    let busy = change(&app).await;
    assert!(matches!(busy, Err(AccountError::Passwords(PasswordsError::Busy))));
    app.passwords.set_busy(false);
    for _ in 1..300 {
        assert!(matches!(change(&app).await, Err(AccountError::Unauthorized)));
    }
    assert!(matches!(change(&app).await, Err(AccountError::Limited { .. })));
    assert!(matches!(login(&app, ADA, "correct horse").await, Err(AccountError::Limited { .. })));
}

#[pollster::test]
async fn a_password_is_one_however_a_device_writes_its_letters() {
    let app = TestApp::new();
    let (composed, decomposed) = ("gr\u{fc}ne Wiese", "gru\u{308}ne Wiese");
    app.accounts.register(email(ADA), &password(composed), None, CLIENT).await.unwrap();
    for text in [composed, decomposed, "ｇｒ\u{fc}ne Wiese"] {
        assert!(login(&app, ADA, text).await.is_ok(), "{text}");
    }
    assert!(login(&app, ADA, "grune Wiese").await.is_err());
}

#[pollster::test]
async fn a_hash_of_an_earlier_version_is_renewed_in_the_normal_form() {
    let app = TestApp::new();
    let decomposed = "u\u{308}ber";
    let old = Creator { password_hash: format!("plain${decomposed}"), ..app.creator(ADA).await };
    let mut unit = app.unit().await;
    unit.creators().set_password_hash(old.id, &old.password_hash).await.unwrap();
    unit.commit().await.unwrap();
    assert!(login(&app, ADA, "\u{fc}ber").await.is_err(), "it is another text");
    let signed_in = login(&app, ADA, decomposed).await.unwrap();
    let renewed = app.store.creator(signed_in.creator.id).await.unwrap().unwrap();
    assert_eq!(renewed.password_hash, "plain.2$\u{fc}ber");
    assert!(login(&app, ADA, "\u{fc}ber").await.is_ok());
    let (current, new) = (Password::tried(decomposed.into()).unwrap(), password("correct horse"));
    assert!(app.accounts.change_password(&renewed, &current, &new, CLIENT).await.is_ok());
}
