//! Pressing the button behind a magic link: twice, on another device, over another session.

use tollgate_domain::{
    token::{Code, Token},
    visitor_auth::{Browser, LinkCode, LinkRequest, LinkState, OpenedAgain, RedeemLinkError},
};
use tollgate_domain_testing::{TestApp, email};

use crate::{BOB, at_once, sign_in::request};

fn with_nonce(nonce: &Token) -> Browser {
    Browser { nonce: Some(nonce.clone()), ..Browser::default() }
}

#[pollster::test]
async fn pressing_twice_gives_the_same_session() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let browser = with_nonce(&Token::new(&*app.random));
    let results = at_once(10, |_| {
        let (app, token, browser) = (app.clone(), token.clone(), browser.clone());
        async move { app.sign_in.redeem_token(&token, &browser).await }
    })
    .await;
    let sessions: Vec<_> = results.into_iter().map(|result| result.unwrap().token.hash()).collect();
    assert!(sessions.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(app.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn another_browser_or_a_minute_later_is_too_late() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let browser = with_nonce(&Token::new(&*app.random));
    app.sign_in.redeem_token(&token, &browser).await.unwrap();
    for other in [with_nonce(&Token::new(&*app.random)), Browser::default()] {
        let again = app.sign_in.redeem_token(&token, &other).await;
        assert!(matches!(again, Err(RedeemLinkError::Used)));
    }
    app.clock.advance_seconds(60);
    let late = app.sign_in.redeem_token(&token, &browser).await;
    assert!(matches!(late, Err(RedeemLinkError::Used)));
}

#[pollster::test]
async fn a_session_that_was_ended_is_not_given_again() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let browser = with_nonce(&Token::new(&*app.random));
    let signed_in = app.sign_in.redeem_token(&token, &browser).await.unwrap();
    app.sessions.sign_out(&[signed_in.token.hash()]).await.unwrap();
    let again = app.sign_in.redeem_token(&token, &browser).await;
    assert!(matches!(again, Err(RedeemLinkError::Used)));
}

#[pollster::test]
async fn signing_in_ends_the_session_before() {
    let app = TestApp::new();
    let before = app.sign_in("eve@example.com").await;
    let (token, _) = app.request_link(BOB).await;
    let preview = app.sign_in.preview(&token, Some(before.hash())).await.unwrap();
    assert_eq!(preview.signed_in.unwrap().email, email("eve@example.com"));
    let browser = Browser { sessions: vec![before.hash()], ..Browser::default() };
    let signed_in = app.sign_in.redeem_token(&token, &browser).await.unwrap();
    assert_eq!(app.sessions.authenticate(before.hash()).await, Ok(None));
    assert_eq!(app.visitor(&signed_in.token).await.email, email(BOB));
}

#[pollster::test]
async fn pressing_again_ends_the_session_of_another_link() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let browser = with_nonce(&Token::new(&*app.random));
    // The answer is lost, so that the browser has no session.
    let first = app.sign_in.redeem_token(&token, &browser).await.unwrap().token;
    let (other, _) = app.request_link(BOB).await;
    let other = app.sign_in.redeem_token(&other, &Browser::default()).await.unwrap().token;
    let browser = Browser { sessions: vec![other.hash()], ..browser };
    let again = app.sign_in.redeem_token(&token, &browser).await.unwrap().token;
    assert_eq!(again.hash(), first.hash());
    assert_eq!(app.sessions.authenticate(other.hash()).await, Ok(None));
    assert_eq!(app.visitor(&first).await.email, email(BOB));
}

#[pollster::test]
async fn a_used_link_leads_on_for_who_is_signed_in_with_its_address() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let bob = app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap().token;
    assert_eq!(
        app.sign_in.resume(&token, Some(bob.hash())).await,
        Ok(Some(OpenedAgain { return_to: None }))
    );
    let eve = app.sign_in("eve@example.com").await;
    assert_eq!(app.sign_in.resume(&token, Some(eve.hash())).await, Ok(None));
    assert_eq!(app.sign_in.resume(&token, None).await, Ok(None));
}

#[pollster::test]
async fn the_confirmation_page_shows_the_code_of_the_mail() {
    let app = TestApp::new();
    let (token, code) = app.request_link(BOB).await;
    let preview = app.sign_in.preview(&token, None).await.unwrap();
    assert_eq!(preview.code, LinkCode::Good(code));
}

#[pollster::test]
async fn the_confirmation_page_offers_no_code_that_does_not_count() {
    let app = TestApp::new();
    let shown = async |token: &Token| app.sign_in.preview(token, None).await.unwrap().code;
    let (older, _) = app.request_link(BOB).await;
    app.clock.advance_seconds(1);
    let (newest, code) = app.request_link(BOB).await;
    assert_eq!(shown(&older).await, LinkCode::Superseded);
    // Looking at it spends nothing.
    for _ in 0..7 {
        assert_eq!(shown(&newest).await, LinkCode::Good(code.clone()));
    }
    let wrong = if code.reveal() == "000000" { "111111" } else { "000000" };
    let wrong: Code = wrong.parse().unwrap();
    for tried in 1..=5 {
        let refused = app.sign_in.redeem_code(&email(BOB), &wrong, &Browser::default(), "c").await;
        assert!(matches!(refused, Err(RedeemLinkError::Invalid)));
        let expected = if tried < 5 { LinkCode::Good(code.clone()) } else { LinkCode::UsedUp };
        assert_eq!(shown(&newest).await, expected, "{tried}");
    }
    app.sign_in.redeem_token(&newest, &Browser::default()).await.unwrap();
}

#[pollster::test]
async fn the_browser_that_asked_learns_what_became_of_its_link() {
    let app = TestApp::new();
    let browser = Token::new(&*app.random).hash();
    assert_eq!(app.sign_in.state_of(browser).await, Ok(LinkState::Gone));
    let asked = LinkRequest { browser: Some(browser), ..request(BOB) };
    app.sign_in.request_link(asked).await.unwrap();
    app.deliver_mails().await;
    assert_eq!(app.sign_in.state_of(browser).await, Ok(LinkState::Waiting));
    let (token, _) = app.link_mailed_to(BOB);
    app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
    assert_eq!(app.sign_in.state_of(browser).await, Ok(LinkState::Confirmed));
}

#[pollster::test]
async fn a_link_that_is_too_old_is_renewed_for_its_own_address() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    app.clock.advance_seconds(900);
    app.sign_in.renew(&token, None, "192.0.2.1", None, None).await.unwrap();
    app.deliver_mails().await;
    let (fresh, _) = app.link_mailed_to(BOB);
    assert_ne!(fresh.hash(), token.hash());
    app.sign_in.renew(&Token::new(&*app.random), None, "192.0.2.1", None, None).await.unwrap();
    assert_eq!(app.store.magic_links().len(), 2, "an unknown link renews nothing");
}

#[test]
fn codes_are_read_as_people_write_them() {
    let wide = "\u{ff10}\u{ff16}\u{ff16}\u{ff19}\u{ff16}\u{ff12}";
    for text in ["066962", "066 962", "066-962", "066.962.", " 0 6 6 9 6 2 ", wide] {
        assert_eq!(text.parse::<Code>().unwrap().reveal(), "066962", "{text:?}");
    }
    let (dashes, dots) =
        ("\u{2010}\u{2013}\u{2015}\u{2212}\u{ff0d}", "\u{b7}\u{3002}\u{30fb}\u{ff0e}");
    for between in dashes.chars().chain(dots.chars()).chain(['\u{3000}']) {
        let text = format!("\u{ff10}\u{ff16}\u{ff16}{between}\u{ff19}\u{ff16}\u{ff12}");
        assert_eq!(text.parse::<Code>().unwrap().reveal(), "066962", "{text:?}");
    }
    let (arabic, persian) = ("\u{660}\u{666}\u{666}\u{669}62", "\u{6f0}66\u{6f9}62");
    for text in
        ["Code: 066962", "066962 <b>", "<066_962>", "\u{202b}066962\u{202c}", arabic, persian]
    {
        assert_eq!(text.parse::<Code>().unwrap().reveal(), "066962", "{text:?}");
    }
    for text in
        ["06696", "0669622", "06696x", "", "abc", "066962, good for 15 minutes", "06696\u{b2}"]
    {
        assert!(text.parse::<Code>().is_err(), "{text:?}");
    }
}

#[test]
fn what_cannot_belong_to_a_token_is_trimmed() {
    let text = "A".repeat(43);
    let dressed =
        [format!("{text}."), format!(" {text}\r\n"), format!("<{text}>"), format!("{text})")];
    for dressed in dressed {
        assert_eq!(dressed.parse::<Token>().unwrap().reveal(), text, "{dressed:?}");
    }
    assert!(format!("{text}B").parse::<Token>().is_err());
}
