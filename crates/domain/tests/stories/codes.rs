//! Signing in with the code from the mail.

use tollgate_domain::{
    token::{Code, Token},
    visitor_auth::{Browser, RedeemLinkError},
};
use tollgate_domain_testing::{TestApp, at, email};

use crate::{
    BOB, CLIENT, at_once,
    sign_in::{is_invalid, is_used},
};

/// A code that is not the one given.
fn another(code: &Code) -> Code {
    let digits: u32 = code.reveal().parse().unwrap();
    format!("{:06}", (digits + 1) % 1_000_000).parse().unwrap()
}

#[pollster::test]
async fn a_code_signs_in_on_another_device() {
    let app = TestApp::new();
    let (token, code) = app.request_link(BOB).await;
    let signed_in =
        app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await.unwrap();
    assert_eq!(signed_in.visitor.email.as_str(), BOB);
    assert!(is_used(&app.sign_in.redeem_token(&token, &Browser::default()).await));
    assert!(is_used(
        &app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await
    ));
}

#[pollster::test]
async fn a_browser_that_sends_a_code_twice_has_one_session() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    let secret = || Some(Token::new(&*app.random));
    let browser = Browser { nonce: secret(), ..Browser::default() };
    let redeem = async |browser: &Browser| {
        app.sign_in.redeem_code(&email(BOB), &code, browser, CLIENT).await
    };
    let first = redeem(&browser).await.unwrap();
    let second = redeem(&browser).await.unwrap();
    assert_eq!(first.token.hash(), second.token.hash());
    assert_eq!(app.store.count_visitor_sessions(), 1);
    let other = Browser { nonce: secret(), ..Browser::default() };
    assert!(is_used(&redeem(&other).await));
    app.clock.advance_seconds(61);
    assert!(is_used(&redeem(&browser).await));
}

#[pollster::test]
async fn a_code_is_good_for_its_own_address_only() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    app.request_link("eve@example.com").await;
    assert!(is_invalid(
        &app.sign_in
            .redeem_code(&email("eve@example.com"), &code, &Browser::default(), CLIENT)
            .await
    ));
    assert!(is_invalid(
        &app.sign_in
            .redeem_code(&email("nobody@example.com"), &code, &Browser::default(), CLIENT)
            .await
    ));
}

#[pollster::test]
async fn only_the_newest_code_counts() {
    let app = TestApp::new();
    let (_, old) = app.request_link(BOB).await;
    app.clock.advance_seconds(1);
    let (_, new) = app.request_link(BOB).await;
    assert_ne!(old, new);
    assert!(is_invalid(
        &app.sign_in.redeem_code(&email(BOB), &old, &Browser::default(), CLIENT).await
    ));
    assert!(app.sign_in.redeem_code(&email(BOB), &new, &Browser::default(), CLIENT).await.is_ok());
}

#[pollster::test]
async fn the_fifth_guess_may_be_right() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    for _ in 0..4 {
        let wrong = app
            .sign_in
            .redeem_code(&email(BOB), &another(&code), &Browser::default(), CLIENT)
            .await;
        assert!(is_invalid(&wrong));
    }
    assert!(app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await.is_ok());
}

#[pollster::test]
async fn after_five_wrong_guesses_the_code_is_void_and_the_link_is_not() {
    let app = TestApp::new();
    let (token, code) = app.request_link(BOB).await;
    for guess in 1..=5 {
        let wrong = app
            .sign_in
            .redeem_code(&email(BOB), &another(&code), &Browser::default(), CLIENT)
            .await;
        assert!(is_invalid(&wrong));
        assert_eq!(app.store.magic_links().last().unwrap().attempts, guess);
    }
    assert!(is_invalid(
        &app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await
    ));
    assert!(app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok());
}

#[pollster::test]
async fn guesses_at_once_are_counted_as_well() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    let wrong = another(&code);
    at_once(20, |_| {
        let (app, wrong) = (app.clone(), wrong.clone());
        async move {
            assert!(is_invalid(
                &app.sign_in.redeem_code(&email(BOB), &wrong, &Browser::default(), CLIENT).await
            ));
        }
    })
    .await;
    assert_eq!(app.store.magic_links().last().unwrap().attempts, 5);
    assert!(is_invalid(
        &app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await
    ));
}

#[pollster::test]
async fn a_code_expires_with_its_link() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    app.clock.set(at(900));
    let late = app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await;
    assert!(matches!(late, Err(RedeemLinkError::Expired)));
}

#[pollster::test]
async fn a_counted_guess_stays_counted_when_the_redemption_fails() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    // the limit, begin, newest, count, commit; then the second unit fails.
    app.store.fail_after(5);
    assert!(
        app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await.is_err()
    );
    assert_eq!(app.store.magic_links().last().unwrap().attempts, 1);
    assert!(app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await.is_ok());
}

#[pollster::test]
async fn a_client_tries_thirty_codes_a_minute_for_all_addresses_together() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    let wrong = another(&code);
    let nobody = Browser::default();
    for number in 0..30 {
        let address = format!("person{number}@example.com");
        let tried = app.sign_in.redeem_code(&email(&address), &wrong, &nobody, CLIENT).await;
        assert!(is_invalid(&tried));
    }
    for address in [BOB, "unknown@example.com"] {
        let tried = app.sign_in.redeem_code(&email(address), &code, &nobody, CLIENT).await;
        assert!(matches!(tried, Err(RedeemLinkError::Limited { retry_after_seconds: 2 })));
    }
    assert_eq!(app.store.magic_links().last().unwrap().attempts, 0, "nothing was evaluated");
    let elsewhere = "2001:db8::/64";
    assert!(app.sign_in.redeem_code(&email(BOB), &code, &nobody, elsewhere).await.is_ok());
}

#[pollster::test]
async fn a_code_for_an_unknown_address_takes_the_work_of_a_known_one() {
    let app = TestApp::new();
    let (_, code) = app.request_link(BOB).await;
    let wrong = another(&code);
    let nobody = "nobody@example.com";
    let attempts_of = |address: &str| {
        let links = app.store.magic_links();
        let newest = links.into_iter().rfind(|link| link.email.as_str() == address);
        newest.map(|link| link.attempts)
    };
    for guess in 1..=6 {
        for address in [BOB, nobody] {
            let tried =
                app.sign_in.redeem_code(&email(address), &wrong, &Browser::default(), CLIENT).await;
            assert!(is_invalid(&tried));
            // A guess changes a row for both, until neither is evaluated any more.
            assert_eq!(attempts_of(address), Some(guess.min(5)), "{address}");
        }
    }
    let (_, code) = app.request_link(nobody).await;
    let right = app.sign_in.redeem_code(&email(nobody), &code, &Browser::default(), CLIENT).await;
    assert!(right.is_ok(), "what guesses leave behind does not hide a later link");
}
