//! Creators' accounts.

use tollgate_domain::{
    creators::{
        AccountError, Creator, CreatorSignedIn, FrontendOrigin, HandleChange, HandleError,
        Password, QuotaExceeded, Quotas, ports::CreatorReads, ports::PasswordsError,
    },
    token::Token,
    validation::Field,
    version::BasedOn,
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
async fn a_dated_hash_is_renewed_at_the_next_login() {
    let app = TestApp::new();
    app.creator(ADA).await;
    app.passwords.set_dated(true);
    assert!(login(&app, ADA, "correct horse").await.is_ok());
    app.passwords.set_dated(false);
    let signed_in = login(&app, ADA, "correct horse").await.unwrap();
    assert_eq!(signed_in.creator.password_hash, "plain2.1$correct horse");
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
async fn a_handle_of_somebody_else_is_not_found() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let eve = app.shop("eve").await;
    let name = &ada.handle.name;
    assert!(app.handles.settings(&ada.creator, name).await.is_ok());
    let foreign = app.handles.settings(&eve.creator, name).await;
    assert!(matches!(foreign, Err(HandleError::NotFound)));
    let change = |title: &str| HandleChange { title: Some(title.into()), ..Default::default() };
    let foreign = app.handles.change(&eve.creator, name, change("Mine"), &BasedOn::Any).await;
    assert!(matches!(foreign, Err(HandleError::NotFound)));
    let taken = app.handles.create(&eve.creator, name.clone(), "Mine").await;
    assert!(matches!(taken, Err(HandleError::Taken)));
    assert_eq!(app.store.handle(name).await.unwrap(), Some(ada.handle.clone()));
    let renamed =
        app.handles.change(&ada.creator, name, change("Better"), &BasedOn::Any).await.unwrap();
    assert_eq!(renamed.handle.title, "Better");
    assert_eq!(app.store.handle(name).await.unwrap(), Some(renamed.handle));
    let invalid = app.handles.change(&ada.creator, name, change(""), &BasedOn::Any).await;
    assert!(matches!(invalid, Err(HandleError::Invalid(_))));
}

#[pollster::test]
async fn an_outdated_change_of_a_handle_is_refused() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let name = &ada.handle.name;
    let origin: FrontendOrigin = "https://shop.example.com".parse().unwrap();
    let changes = [
        HandleChange { title: Some("Better".into()), ..Default::default() },
        HandleChange { support_email: Some(Some(email(ADA))), ..Default::default() },
        HandleChange { tax_id: Some(true), ..Default::default() },
        HandleChange { frontend_origins: Some(vec![origin]), ..Default::default() },
    ];
    for change in changes {
        let seen = app.handles.settings(&ada.creator, name).await.unwrap();
        let based_on = BasedOn::from(seen.version());
        let try_change =
            async || app.handles.change(&ada.creator, name, change.clone(), &based_on).await;
        let changed = try_change().await.unwrap();
        assert_ne!(changed.version(), seen.version(), "{change:?}");
        assert!(matches!(try_change().await, Err(HandleError::VersionConflict)), "{change:?}");
        // The same once more changes nothing.
        let again = app.handles.change(&ada.creator, name, change, &BasedOn::Any).await.unwrap();
        assert_eq!(again.version(), changed.version());
    }
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
async fn a_handle_has_at_most_twenty_origins_and_each_once() {
    let app = TestApp::new();
    let ada = app.shop("ada").await;
    let origins = |count: usize| -> Vec<FrontendOrigin> {
        (0..count).map(|n| format!("https://a{}.example", n % 21).parse().unwrap()).collect()
    };
    let set = async |origins| {
        let change = HandleChange { frontend_origins: Some(origins), ..HandleChange::default() };
        app.handles.change(&ada.creator, &ada.handle.name, change, &BasedOn::Any).await
    };
    let doubled = [origins(20), origins(20)].concat();
    assert_eq!(set(doubled).await.unwrap().frontend_origins, origins(20));
    let Err(HandleError::Invalid(fields)) = set(origins(21)).await else { panic!() };
    assert!(fields.fields().contains_key(&Field::FrontendOrigins));
    let settings = app.handles.settings(&ada.creator, &ada.handle.name).await.unwrap();
    assert_eq!(settings.frontend_origins, origins(20));
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
    assert_eq!(renewed.password_hash, "plain.1$\u{fc}ber");
    assert!(login(&app, ADA, "\u{fc}ber").await.is_ok());
    let (current, new) = (Password::tried(decomposed.into()).unwrap(), password("correct horse"));
    assert!(app.accounts.change_password(&renewed, &current, &new, CLIENT).await.is_ok());
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

#[pollster::test]
async fn a_creator_has_at_most_as_many_handles_as_the_quota_says() {
    let quotas = Quotas { max_handles: 3, ..Quotas::default() };
    let app = TestApp::new().with_quotas(quotas);
    let creator = app.creator(ADA).await;
    let results = at_once(8, |number| {
        let (app, creator) = (app.clone(), creator.clone());
        async move {
            let name = format!("shop-{number}").parse().unwrap();
            app.handles.create(&creator, name, "A shop").await
        }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 3);
    let exceeded = |result: &&Result<_, _>| {
        matches!(result, Err(HandleError::QuotaExceeded(QuotaExceeded::Handles(3))))
    };
    assert_eq!(results.iter().filter(exceeded).count(), 5);
    let eve = app.creator("eve@creators.example").await;
    assert!(app.handles.create(&eve, "eves-shop".parse().unwrap(), "A shop").await.is_ok());
}
