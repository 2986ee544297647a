//! Signing in with the code from the mail.

use tollgate_domain::{
    testing::{World, at, email},
    token::Code,
    visitor_auth::RedeemLinkError,
};

use crate::{
    BOB, at_once,
    sign_in::{is_invalid, is_used},
};

/// A code that is not the one given.
fn another(code: &Code) -> Code {
    let digits: u32 = code.reveal().parse().unwrap();
    format!("{:06}", (digits + 1) % 1_000_000).parse().unwrap()
}

#[pollster::test]
async fn a_code_signs_in_on_another_device() {
    let world = World::new();
    let (token, code) = world.request_link(BOB).await;
    let signed_in = world.sign_in.redeem_code(&email(BOB), &code).await.unwrap();
    assert_eq!(signed_in.visitor.email.as_str(), BOB);
    assert!(is_used(&world.sign_in.redeem_token(&token).await));
    assert!(is_used(&world.sign_in.redeem_code(&email(BOB), &code).await));
}

#[pollster::test]
async fn a_code_is_good_for_its_own_address_only() {
    let world = World::new();
    let (_, code) = world.request_link(BOB).await;
    world.request_link("eve@example.com").await;
    assert!(is_invalid(&world.sign_in.redeem_code(&email("eve@example.com"), &code).await));
    assert!(is_invalid(&world.sign_in.redeem_code(&email("nobody@example.com"), &code).await));
}

#[pollster::test]
async fn only_the_newest_code_counts() {
    let world = World::new();
    let (_, old) = world.request_link(BOB).await;
    world.clock.advance_seconds(1);
    let (_, new) = world.request_link(BOB).await;
    assert_ne!(old, new);
    assert!(is_invalid(&world.sign_in.redeem_code(&email(BOB), &old).await));
    assert!(world.sign_in.redeem_code(&email(BOB), &new).await.is_ok());
}

#[pollster::test]
async fn the_fifth_guess_may_be_right() {
    let world = World::new();
    let (_, code) = world.request_link(BOB).await;
    for _ in 0..4 {
        let wrong = world.sign_in.redeem_code(&email(BOB), &another(&code)).await;
        assert!(is_invalid(&wrong));
    }
    assert!(world.sign_in.redeem_code(&email(BOB), &code).await.is_ok());
}

#[pollster::test]
async fn after_five_wrong_guesses_the_code_is_void_and_the_link_is_not() {
    let world = World::new();
    let (token, code) = world.request_link(BOB).await;
    for guess in 1..=5 {
        let wrong = world.sign_in.redeem_code(&email(BOB), &another(&code)).await;
        assert!(is_invalid(&wrong));
        assert_eq!(world.store.magic_links().last().unwrap().attempts, guess);
    }
    assert!(is_invalid(&world.sign_in.redeem_code(&email(BOB), &code).await));
    assert!(world.sign_in.redeem_token(&token).await.is_ok());
}

#[pollster::test]
async fn guesses_at_once_are_counted_as_well() {
    let world = World::new();
    let (_, code) = world.request_link(BOB).await;
    let wrong = another(&code);
    at_once(20, |_| {
        let (world, wrong) = (world.clone(), wrong.clone());
        async move { assert!(is_invalid(&world.sign_in.redeem_code(&email(BOB), &wrong).await)) }
    })
    .await;
    assert_eq!(world.store.magic_links().last().unwrap().attempts, 5);
    assert!(is_invalid(&world.sign_in.redeem_code(&email(BOB), &code).await));
}

#[pollster::test]
async fn a_code_expires_with_its_link() {
    let world = World::new();
    let (_, code) = world.request_link(BOB).await;
    world.clock.set(at(900));
    let late = world.sign_in.redeem_code(&email(BOB), &code).await;
    assert!(matches!(late, Err(RedeemLinkError::Expired)));
}

#[pollster::test]
async fn a_counted_guess_stays_counted_when_the_redemption_fails() {
    let world = World::new();
    let (_, code) = world.request_link(BOB).await;
    // begin, newest, count, commit; then the second unit fails.
    world.store.fail_after(4);
    assert!(world.sign_in.redeem_code(&email(BOB), &code).await.is_err());
    assert_eq!(world.store.magic_links().last().unwrap().attempts, 1);
    assert!(world.sign_in.redeem_code(&email(BOB), &code).await.is_ok());
}
