//! Signing in without a password.

mod sellers;

use jiff::SignedDuration;
use tollgate_domain::{
    Timestamp,
    creators::HandleChange,
    mail::MailContent,
    names::HandleName,
    paging::PageRequest,
    store_error::StoreError,
    token::Token,
    version::BasedOn,
    visitor_auth::{Browser, LinkRequest, RedeemLinkError, RequestLinkError, ReturnTo, SignedIn},
};
use tollgate_domain_testing::{TestApp, at, email};

use crate::{BOB, CLIENT, at_once, link_limits::wait_of};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

pub(crate) fn request(address: &str) -> LinkRequest<'static> {
    let email = email(address);
    LinkRequest {
        email,
        return_to: None,
        handle: None,
        client: "192.0.2.1",
        browser: None,
        language: None,
    }
}

/// Asks for a mail from no address on the network, which is limited by none.
pub(crate) async fn ask_for_mail(app: &TestApp, address: &str) {
    let request = LinkRequest { client: "", ..request(address) };
    app.sign_in.request_link(request).await.unwrap();
}

fn expires_at(app: &TestApp) -> Timestamp {
    app.store.magic_links().last().unwrap().expires_at
}

pub(crate) fn is_invalid(result: &Result<SignedIn, RedeemLinkError>) -> bool {
    matches!(result, Err(RedeemLinkError::Invalid))
}

pub(crate) fn is_used(result: &Result<SignedIn, RedeemLinkError>) -> bool {
    matches!(result, Err(RedeemLinkError::Used))
}

#[pollster::test]
async fn a_link_signs_its_address_in() {
    let app = TestApp::new();
    let (token, _) = app.request_link("  Bob@Example.COM ").await;
    let signed_in = app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
    assert_eq!(signed_in.visitor.email.as_str(), BOB);
    assert_eq!(signed_in.return_to, None);
    assert_eq!(app.visitor(&signed_in.token).await, signed_in.visitor);
}

#[pollster::test]
async fn a_visitor_stays_the_same_person() {
    let app = TestApp::new();
    let first = app.sign_in(BOB).await;
    app.clock.advance_seconds(3_600);
    let second = app.sign_in(BOB).await;
    assert_eq!(app.visitor(&first).await, app.visitor(&second).await);
    let other = app.sign_in("b.ob@example.com").await;
    assert_ne!(app.visitor(&first).await.id, app.visitor(&other).await.id);
}

#[pollster::test]
async fn a_session_lasts_thirty_days_to_the_microsecond() {
    let app = TestApp::new();
    let session = app.sign_in(BOB).await.hash();
    app.clock.advance(SignedDuration::from_hours(30 * 24) - MICROSECOND);
    assert!(app.sessions.authenticate(session).await.unwrap().is_some());
    app.clock.advance(MICROSECOND);
    assert!(app.sessions.authenticate(session).await.unwrap().is_none());
}

#[pollster::test]
async fn opening_a_link_spends_nothing() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    for _ in 0..10 {
        let preview = app.sign_in.preview(&token, None).await.unwrap();
        assert_eq!(preview.masked_email, "b•••@example.com");
    }
    assert!(app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok());
    let again = app.sign_in.preview(&token, None).await;
    assert!(matches!(again, Err(RedeemLinkError::Used)));
}

#[pollster::test]
async fn a_link_is_good_once() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    assert!(app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok());
    assert!(is_used(&app.sign_in.redeem_token(&token, &Browser::default()).await));
    assert_eq!(app.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn fifty_redemptions_at_once_make_one_session() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    let results = at_once(50, |_| {
        let (app, token) = (app.clone(), token.clone());
        async move { app.sign_in.redeem_token(&token, &Browser::default()).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|result| is_used(result)).count(), 49);
    assert_eq!(app.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn a_link_expires_after_fifteen_minutes_to_the_microsecond() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    assert_eq!(expires_at(&app), at(900));
    app.clock.set(at(900));
    let late = app.sign_in.redeem_token(&token, &Browser::default()).await;
    assert!(matches!(late, Err(RedeemLinkError::Expired)));
    assert!(matches!(app.sign_in.preview(&token, None).await, Err(RedeemLinkError::Expired)));
    app.clock.advance(-MICROSECOND);
    assert!(app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok());
}

#[pollster::test]
async fn a_used_link_says_so_even_when_it_has_expired() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    assert!(app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok());
    app.clock.advance_seconds(100_000);
    assert!(is_used(&app.sign_in.redeem_token(&token, &Browser::default()).await));
}

#[pollster::test]
async fn an_unknown_token_is_invalid() {
    let app = TestApp::new();
    let token = Token::new(&*app.random);
    assert!(is_invalid(&app.sign_in.redeem_token(&token, &Browser::default()).await));
    assert!(matches!(app.sign_in.preview(&token, None).await, Err(RedeemLinkError::Invalid)));
}

#[pollster::test]
async fn asking_again_voids_no_link() {
    let app = TestApp::new();
    let (first, _) = app.request_link(BOB).await;
    let (_second, _) = app.request_link(BOB).await;
    assert!(app.sign_in.redeem_token(&first, &Browser::default()).await.is_ok());
}

#[pollster::test]
async fn redeeming_a_link_spends_its_siblings_and_nobody_elses() {
    let app = TestApp::new();
    let (first, _) = app.request_link(BOB).await;
    app.clock.advance_seconds(1);
    let (second, code) = app.request_link(BOB).await;
    let (other, _) = app.request_link("eve@example.com").await;
    assert!(app.sign_in.redeem_token(&first, &Browser::default()).await.is_ok());
    assert!(is_used(&app.sign_in.redeem_token(&second, &Browser::default()).await));
    assert!(is_used(
        &app.sign_in.redeem_code(&email(BOB), &code, &Browser::default(), CLIENT).await
    ));
    assert!(app.sign_in.redeem_token(&other, &Browser::default()).await.is_ok());
}

#[pollster::test]
async fn of_two_siblings_redeemed_at_once_one_signs_in() {
    for seed in 0..20 {
        let app = TestApp::with(seed, 0);
        let links = [app.request_link(BOB).await.0, app.request_link(BOB).await.0];
        let results = at_once(2, |number| {
            let (app, link) = (app.clone(), links.get(number).cloned().unwrap());
            async move { app.sign_in.redeem_token(&link, &Browser::default()).await }
        })
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    }
}

#[pollster::test]
async fn the_mail_says_how_long_the_link_is_good_for() {
    let app = TestApp::new();
    app.request_link(BOB).await;
    let mails = app.mailer.sent_to(&email(BOB));
    assert!(matches!(mails.as_slice(), [MailContent::MagicLink { valid_minutes: 15, .. }]));
}

#[pollster::test]
async fn a_visitor_goes_on_to_where_the_link_was_asked_for() {
    let app = TestApp::new();
    let ada = app.shop("ada").await.handle.name;
    app.shop("eve").await;
    for (handle, return_to, goes_to, page) in [
        (Some(&ada), Some("/guide"), Some("http://ada.tollgate.localhost:8080/guide"), "ada."),
        (Some(&ada), None, None, "ada."),
        (None, None, None, ""),
        (None, Some("/mine"), Some("http://tollgate.localhost:8080/mine"), ""),
        (
            Some(&ada),
            Some("http://eve.tollgate.localhost:8080/x"),
            Some("http://eve.tollgate.localhost:8080/x"),
            "eve.",
        ),
    ] {
        let asked = LinkRequest { return_to, handle, ..request(BOB) };
        app.sign_in.request_link(asked).await.unwrap();
        app.deliver_mails().await;
        let mails = app.mailer.sent_to(&email(BOB));
        let Some(MailContent::MagicLink { link, .. }) = mails.last() else { panic!("no link") };
        let expected = format!("http://{page}tollgate.localhost:8080/-/verify?token=");
        assert!(link.0.starts_with(&expected), "{} for {return_to:?}", link.0);
        let (token, _) = app.link_mailed_to(BOB);
        let signed_in = app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
        assert_eq!(signed_in.return_to.as_ref().map(ReturnTo::as_str), goes_to);
        app.clock.advance_seconds(60);
    }
}

#[pollster::test]
async fn a_way_out_is_refused_before_anything_is_counted_or_mailed() {
    let app = TestApp::new();
    for place in
        ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
    {
        for _ in 0..5 {
            let asked = LinkRequest { return_to: Some(place), ..request(BOB) };
            let refused = app.sign_in.request_link(asked).await;
            assert!(matches!(refused, Err(RequestLinkError::ReturnTo(_))), "{place}");
        }
    }
    assert!(app.store.mails().is_empty());
    assert_eq!(wait_of(&app, BOB).await, None);
}

#[pollster::test]
async fn signing_out_ends_the_session_on_every_replica() {
    let app = TestApp::new();
    let replica = app.clone();
    let session = app.sign_in(BOB).await;
    app.sessions.sign_out(&[session.hash()]).await.unwrap();
    assert!(replica.sessions.authenticate(session.hash()).await.unwrap().is_none());
    // Again, and without a session, changes nothing.
    app.sessions.sign_out(&[session.hash()]).await.unwrap();
    app.sessions.sign_out(&[Token::new(&*app.random).hash()]).await.unwrap();
}

#[pollster::test]
async fn a_visitor_ends_only_own_sessions() {
    let app = TestApp::new();
    let [phone, laptop] = [app.sign_in(BOB).await, app.sign_in(BOB).await];
    let eve = app.sign_in("eve@example.com").await;
    let app = &app;
    let by = |token: &Token| {
        let token = token.hash();
        async move { app.sessions.authenticate(token).await.unwrap().unwrap() }
    };
    let bob = by(&phone).await;
    let first = PageRequest { limit: 1, after: None };
    let part = app.sessions.list(&bob, None, &first).await.unwrap();
    let rest = PageRequest { limit: 1, after: part.next.clone() };
    let rest = app.sessions.list(&bob, None, &rest).await.unwrap();
    assert_eq!((part.items.len(), rest.items.len(), rest.next), (1, 1, None));
    assert_ne!(part.items, rest.items);
    let of_eve = by(&eve).await.session_id;
    app.sessions.revoke(&bob, None, of_eve).await.unwrap();
    assert_eq!(by(&eve).await.session_id, of_eve);
    app.sessions.revoke(&bob, None, by(&laptop).await.session_id).await.unwrap();
    let left = app.sessions.list(&bob, None, &PageRequest::default()).await.unwrap().items;
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [bob.session_id]);
}

#[pollster::test]
async fn a_link_and_its_mail_are_kept_together_wherever_the_store_fails() {
    for passes in 0..20 {
        let app = TestApp::new();
        app.store.fail_after(passes);
        let result = app.sign_in.request_link(request(BOB)).await;
        let failed = !app.store.heal();
        assert_eq!(result.is_err(), failed);
        assert_eq!(app.store.magic_links().len(), app.store.mails().len());
        if !failed {
            return;
        }
        assert!(matches!(result, Err(RequestLinkError::Store(StoreError::Unavailable(_)))));
        assert!(app.store.mails().is_empty());
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_link_is_used_exactly_when_its_session_is_kept_wherever_the_store_fails() {
    for passes in 0..20 {
        let app = TestApp::new();
        let (token, _) = app.request_link(BOB).await;
        app.store.fail_after(passes);
        let result = app.sign_in.redeem_token(&token, &Browser::default()).await;
        let failed = !app.store.heal();
        assert_eq!(result.is_err(), failed);
        let used = app.store.magic_links().iter().filter(|link| link.used_at.is_some()).count();
        assert_eq!(used, app.store.count_visitor_sessions());
        if !failed {
            return;
        }
        assert!(
            app.sign_in.redeem_token(&token, &Browser::default()).await.is_ok(),
            "the link is still good"
        );
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_lost_answer_never_makes_a_second_session() {
    let app = TestApp::new();
    let (token, _) = app.request_link(BOB).await;
    app.store.lose_answer_of_next_commit();
    assert!(matches!(
        app.sign_in.redeem_token(&token, &Browser::default()).await,
        Err(RedeemLinkError::Store(StoreError::Unavailable(_)))
    ));
    assert!(is_used(&app.sign_in.redeem_token(&token, &Browser::default()).await));
    assert_eq!(app.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn a_registered_frontend_may_be_where_a_link_leads() {
    let app = TestApp::new();
    let (ada, eve) = (app.shop("ada").await, app.shop("eve").await);
    let change = HandleChange {
        frontend_origins: Some(vec!["https://shop.example".parse().unwrap()]),
        ..HandleChange::default()
    };
    app.handles.change(&ada.creator, &ada.handle.name, change, &BasedOn::Any).await.unwrap();
    let ask = async |return_to: &str, handle: Option<&HandleName>| {
        let request = LinkRequest {
            email: email(BOB),
            return_to: Some(return_to),
            handle,
            client: "192.0.2.1",
            browser: None,
            language: None,
        };
        app.clock.advance_seconds(61);
        app.sign_in.request_link(request).await
    };
    let place = "https://shop.example/read?x=1#y";
    for handle in [None, Some(&ada.handle.name)] {
        ask(place, handle).await.unwrap();
        app.deliver_mails().await;
        let (token, _) = app.link_mailed_to(BOB);
        let preview = app.sign_in.preview(&token, None).await.unwrap();
        let frontend = preview.return_to.unwrap().frontend(&app.installation).unwrap();
        assert_eq!(frontend.as_str(), "https://shop.example");
        let signed_in = app.sign_in.redeem_token(&token, &Browser::default()).await.unwrap();
        assert_eq!(signed_in.return_to.unwrap().as_str(), place);
    }
    // On another handle's host, or elsewhere than registered, it is as good as none.
    let refused = ask(place, Some(&eve.handle.name)).await;
    assert!(matches!(refused, Err(RequestLinkError::ReturnTo(_))));
    for bad in [
        "https://shop.example:8443/",
        "http://shop.example/",
        "https://shop.example@evil.example/",
        "https://user@shop.example/",
        "https://shop.example.evil.example/",
        "https://evil.example/?https://shop.example",
        "https://sub.shop.example/",
        "//shop.example/",
        "https:\\\\shop.example/",
    ] {
        let refused = ask(bad, None).await;
        assert!(matches!(refused, Err(RequestLinkError::ReturnTo(_))), "{bad}");
    }
}
