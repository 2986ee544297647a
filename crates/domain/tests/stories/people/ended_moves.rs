//! Changes of address that do not count any more.

use tollgate_domain::{
    mail::Stop,
    moves::{ConfirmMoveError, MoveError},
    token::Token,
};
use tollgate_domain_testing::{Shop, TestApp, email};

use super::{ROB, asked, asked_for, asked_twice, shop_with_sale};
use crate::{BOB, at_once};

const TYPO: &str = "rob@exmaple.com";

/// Asserts that a link neither shows nor moves anything.
async fn is_ended(app: &TestApp, token: &Token) {
    let shown = app.moves.preview(token).await;
    assert!(matches!(shown, Err(ConfirmMoveError::Ended)), "{shown:?}");
    let confirmed = app.moves.confirm(token).await;
    assert!(matches!(confirmed, Err(ConfirmMoveError::Ended)), "{confirmed:?}");
}

/// The new addresses that wait for what is under Bob's.
async fn waiting(app: &TestApp, shop: &Shop) -> Vec<String> {
    let waiting = app.moves.waiting(&shop.creator, &shop.handle.name, &email(BOB)).await.unwrap();
    waiting.into_iter().map(|asked| asked.to.to_string()).collect()
}

#[pollster::test]
async fn a_link_that_went_to_a_mistyped_address_is_ended_by_the_next_one() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let mistyped = asked_for(&app, &shop, BOB, TYPO).await;
    let [first, second] = asked_twice(&app, &shop).await;
    assert_eq!(waiting(&app, &shop).await, [ROB]);
    is_ended(&app, &mistyped).await;
    assert!(app.is_open(&shop, &page, &bob).await);
    app.moves.preview(&first).await.unwrap();
    app.moves.confirm(&second).await.unwrap();
    for token in [&mistyped, &first] {
        is_ended(&app, token).await;
    }
    let rob = app.sign_in(ROB).await;
    assert!(app.is_open(&shop, &page, &rob).await);
}

#[pollster::test]
async fn a_link_from_before_takes_nothing_away_that_moved_back() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let [old, token] = asked_twice(&app, &shop).await;
    app.moves.confirm(&token).await.unwrap();
    app.moves.confirm(&asked_for(&app, &shop, ROB, BOB).await).await.unwrap();
    assert!(app.is_open(&shop, &page, &bob).await);
    is_ended(&app, &old).await;
    assert!(app.is_open(&shop, &page, &bob).await);
    app.clock.advance_seconds(24 * 3600);
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    assert!(!app.is_open(&shop, &page, &bob).await, "it can be asked for again");
}

#[pollster::test]
async fn a_change_that_is_refused_ends_none() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let token = asked(&app, &shop).await;
    let stop = Stop { handle: shop.handle.id, email: email(TYPO) };
    app.stop_mails.stop(&stop).await.unwrap();
    let refused = app.moves.request(&shop.creator, &shop.handle.name, email(BOB), email(TYPO));
    assert!(matches!(refused.await, Err(MoveError::Invalid(_))));
    app.moves.confirm(&token).await.unwrap();
}

#[pollster::test]
async fn of_two_links_that_are_confirmed_at_once_one_counts() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let tokens = asked_twice(&app, &shop).await;
    let results = at_once(2, |number| {
        let (app, token) = (app.clone(), tokens.get(number).cloned());
        async move { app.moves.confirm(&token.unwrap()).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let is_ended = |result: &&Result<_, _>| matches!(result, Err(ConfirmMoveError::Ended));
    assert_eq!(results.iter().filter(is_ended).count(), 1);
}

#[pollster::test]
async fn a_change_that_is_called_off_moves_nothing_until_it_is_asked_for_again() {
    let app = TestApp::new();
    let (shop, page, bob) = shop_with_sale(&app).await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    let tokens = asked_twice(&app, &shop).await;
    let call_off = async || app.moves.call_off(creator, name, &email(BOB), None).await.unwrap();
    let eve = app.shop("eve").await;
    let refused = app.moves.call_off(&eve.creator, name, &email(BOB), None).await;
    assert!(matches!(refused, Err(MoveError::HandleNotFound)));
    assert_eq!(waiting(&app, &shop).await, [ROB]);
    assert!(call_off().await);
    assert!(waiting(&app, &shop).await.is_empty());
    for token in &tokens {
        is_ended(&app, token).await;
    }
    assert!(app.is_open(&shop, &page, &bob).await);
    assert!(!call_off().await, "nothing waits any more");
    app.moves.confirm(&asked(&app, &shop).await).await.unwrap();
    assert!(!call_off().await, "it has moved");
    assert!(!app.is_open(&shop, &page, &bob).await);
}

#[pollster::test]
async fn a_change_is_not_called_off_in_place_of_one_before() {
    let app = TestApp::new();
    let (shop, ..) = shop_with_sale(&app).await;
    let (creator, name, bob) = (&shop.creator, &shop.handle.name, email(BOB));
    let call_off =
        async |to: &str| app.moves.call_off(creator, name, &bob, Some(&email(to))).await.unwrap();
    asked_for(&app, &shop, BOB, TYPO).await;
    let since = asked(&app, &shop).await;
    assert!(!call_off(TYPO).await, "the newer one has ended it");
    assert_eq!(waiting(&app, &shop).await, [ROB]);
    app.moves.preview(&since).await.unwrap();
    assert!(call_off(ROB).await);
    is_ended(&app, &since).await;
}
