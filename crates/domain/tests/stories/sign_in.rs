//! Signing in without a password.

use jiff::SignedDuration;
use tollgate_domain::{
    Timestamp,
    creators::{HandleChange, HandleName},
    outbox::MailContent,
    paging::PageRequest,
    store::StoreError,
    testing::{World, at, email, handle_name},
    token::Token,
    visitor_auth::{LinkRequest, RedeemLinkError, RequestLinkError, ReturnTo, SignedIn},
};

use crate::{BOB, at_once, link_limits::wait_of};

const MICROSECOND: SignedDuration = SignedDuration::from_micros(1);

pub(crate) fn request(address: &str) -> LinkRequest<'static> {
    LinkRequest { email: email(address), return_to: None, handle: None, client: "192.0.2.1" }
}

fn expires_at(world: &World) -> Timestamp {
    world.store.magic_links().last().unwrap().expires_at
}

pub(crate) fn is_invalid(result: &Result<SignedIn, RedeemLinkError>) -> bool {
    matches!(result, Err(RedeemLinkError::Invalid))
}

pub(crate) fn is_used(result: &Result<SignedIn, RedeemLinkError>) -> bool {
    matches!(result, Err(RedeemLinkError::Used))
}

#[pollster::test]
async fn a_link_signs_its_address_in() {
    let world = World::new();
    let (token, _) = world.request_link("  Bob@Example.COM ").await;
    let signed_in = world.sign_in.redeem_token(&token).await.unwrap();
    assert_eq!(signed_in.visitor.email.as_str(), BOB);
    assert_eq!(signed_in.return_to, None);
    assert_eq!(world.visitor(&signed_in.token).await, signed_in.visitor);
}

#[pollster::test]
async fn a_visitor_stays_the_same_person() {
    let world = World::new();
    let first = world.sign_in(BOB).await;
    world.clock.advance_seconds(3_600);
    let second = world.sign_in(BOB).await;
    assert_eq!(world.visitor(&first).await, world.visitor(&second).await);
    let other = world.sign_in("b.ob@example.com").await;
    assert_ne!(world.visitor(&first).await.id, world.visitor(&other).await.id);
}

#[pollster::test]
async fn a_session_lasts_thirty_days_to_the_microsecond() {
    let world = World::new();
    let session = world.sign_in(BOB).await.hash();
    world.clock.advance(SignedDuration::from_hours(30 * 24) - MICROSECOND);
    assert!(world.sessions.authenticate(session).await.unwrap().is_some());
    world.clock.advance(MICROSECOND);
    assert!(world.sessions.authenticate(session).await.unwrap().is_none());
}

#[pollster::test]
async fn opening_a_link_spends_nothing() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    for _ in 0..10 {
        let preview = world.sign_in.preview(&token).await.unwrap();
        assert_eq!(preview.masked_email, "b•••@example.com");
    }
    assert!(world.sign_in.redeem_token(&token).await.is_ok());
    let again = world.sign_in.preview(&token).await;
    assert!(matches!(again, Err(RedeemLinkError::Used)));
}

#[pollster::test]
async fn a_link_is_good_once() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    assert!(world.sign_in.redeem_token(&token).await.is_ok());
    assert!(is_used(&world.sign_in.redeem_token(&token).await));
    assert_eq!(world.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn fifty_redemptions_at_once_make_one_session() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    let results = at_once(50, |_| {
        let (world, token) = (world.clone(), token.clone());
        async move { world.sign_in.redeem_token(&token).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|result| is_used(result)).count(), 49);
    assert_eq!(world.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn a_link_expires_after_fifteen_minutes_to_the_microsecond() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    assert_eq!(expires_at(&world), at(900));
    world.clock.set(at(900));
    let late = world.sign_in.redeem_token(&token).await;
    assert!(matches!(late, Err(RedeemLinkError::Expired)));
    assert!(matches!(world.sign_in.preview(&token).await, Err(RedeemLinkError::Expired)));
    world.clock.advance(-MICROSECOND);
    assert!(world.sign_in.redeem_token(&token).await.is_ok());
}

#[pollster::test]
async fn a_used_link_says_so_even_when_it_has_expired() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    assert!(world.sign_in.redeem_token(&token).await.is_ok());
    world.clock.advance_seconds(100_000);
    assert!(is_used(&world.sign_in.redeem_token(&token).await));
}

#[pollster::test]
async fn an_unknown_token_is_invalid() {
    let world = World::new();
    let token = Token::new(&*world.random);
    assert!(is_invalid(&world.sign_in.redeem_token(&token).await));
    assert!(matches!(world.sign_in.preview(&token).await, Err(RedeemLinkError::Invalid)));
}

#[pollster::test]
async fn asking_again_voids_no_link() {
    let world = World::new();
    let (first, _) = world.request_link(BOB).await;
    let (_second, _) = world.request_link(BOB).await;
    assert!(world.sign_in.redeem_token(&first).await.is_ok());
}

#[pollster::test]
async fn redeeming_a_link_spends_its_siblings_and_nobody_elses() {
    let world = World::new();
    let (first, _) = world.request_link(BOB).await;
    let (second, code) = world.request_link(BOB).await;
    let (other, _) = world.request_link("eve@example.com").await;
    assert!(world.sign_in.redeem_token(&first).await.is_ok());
    assert!(is_used(&world.sign_in.redeem_token(&second).await));
    assert!(is_used(&world.sign_in.redeem_code(&email(BOB), &code).await));
    assert!(world.sign_in.redeem_token(&other).await.is_ok());
}

#[pollster::test]
async fn of_two_siblings_redeemed_at_once_one_signs_in() {
    for seed in 0..20 {
        let world = World::with(seed, 0);
        let links = [world.request_link(BOB).await.0, world.request_link(BOB).await.0];
        let results = at_once(2, |number| {
            let (world, link) = (world.clone(), links.get(number).cloned().unwrap());
            async move { world.sign_in.redeem_token(&link).await }
        })
        .await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    }
}

#[pollster::test]
async fn the_mail_says_how_long_the_link_is_good_for() {
    let world = World::new();
    world.request_link(BOB).await;
    let mails = world.mailer.sent_to(&email(BOB));
    assert!(matches!(mails.as_slice(), [MailContent::MagicLink { valid_minutes: 15, .. }]));
}

#[pollster::test]
async fn a_visitor_goes_on_to_where_the_link_was_asked_for() {
    let world = World::new();
    let ada = handle_name("ada");
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
        world.sign_in.request_link(asked).await.unwrap();
        world.deliver_mails().await;
        let mails = world.mailer.sent_to(&email(BOB));
        let Some(MailContent::MagicLink { link, .. }) = mails.last() else { panic!("no link") };
        let expected = format!("http://{page}tollgate.localhost:8080/-/verify?token=");
        assert!(link.0.starts_with(&expected), "{} for {return_to:?}", link.0);
        let (token, _) = world.link_mailed_to(BOB);
        let signed_in = world.sign_in.redeem_token(&token).await.unwrap();
        assert_eq!(signed_in.return_to.as_ref().map(ReturnTo::as_str), goes_to);
        world.clock.advance_seconds(60);
    }
}

#[pollster::test]
async fn a_way_out_is_refused_before_anything_is_counted_or_mailed() {
    let world = World::new();
    for place in
        ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
    {
        for _ in 0..5 {
            let asked = LinkRequest { return_to: Some(place), ..request(BOB) };
            let refused = world.sign_in.request_link(asked).await;
            assert!(matches!(refused, Err(RequestLinkError::ReturnTo(_))), "{place}");
        }
    }
    assert!(world.store.mails().is_empty());
    assert_eq!(wait_of(&world, BOB).await, None);
}

#[pollster::test]
async fn signing_out_ends_the_session_on_every_replica() {
    let world = World::new();
    let replica = world.clone();
    let session = world.sign_in(BOB).await;
    world.sessions.sign_out(session.hash()).await.unwrap();
    assert!(replica.sessions.authenticate(session.hash()).await.unwrap().is_none());
    // Again, and without a session, changes nothing.
    world.sessions.sign_out(session.hash()).await.unwrap();
    world.sessions.sign_out(Token::new(&*world.random).hash()).await.unwrap();
}

#[pollster::test]
async fn a_visitor_ends_only_own_sessions() {
    let world = World::new();
    let [phone, laptop] = [world.sign_in(BOB).await, world.sign_in(BOB).await];
    let eve = world.sign_in("eve@example.com").await;
    let world = &world;
    let by = |token: &Token| {
        let token = token.hash();
        async move { world.sessions.authenticate(token).await.unwrap().unwrap() }
    };
    let bob = by(&phone).await;
    let first = PageRequest { limit: 1, after: None };
    let part = world.sessions.list(&bob, &first).await.unwrap();
    let rest = PageRequest { limit: 1, after: part.next.clone() };
    let rest = world.sessions.list(&bob, &rest).await.unwrap();
    assert_eq!((part.items.len(), rest.items.len(), rest.next), (1, 1, None));
    assert_ne!(part.items, rest.items);
    let of_eve = by(&eve).await.session_id;
    world.sessions.revoke(&bob, of_eve).await.unwrap();
    assert_eq!(by(&eve).await.session_id, of_eve);
    world.sessions.revoke(&bob, by(&laptop).await.session_id).await.unwrap();
    let left = world.sessions.list(&bob, &PageRequest::default()).await.unwrap().items;
    assert_eq!(left.iter().map(|session| session.id).collect::<Vec<_>>(), [bob.session_id]);
}

#[pollster::test]
async fn a_link_and_its_mail_are_kept_together_wherever_the_store_fails() {
    for passes in 0..20 {
        let world = World::new();
        world.store.fail_after(passes);
        let result = world.sign_in.request_link(request(BOB)).await;
        let failed = !world.store.heal();
        assert_eq!(result.is_err(), failed);
        assert_eq!(world.store.magic_links().len(), world.store.mails().len());
        if !failed {
            return;
        }
        assert!(matches!(result, Err(RequestLinkError::Store(StoreError::Unavailable(_)))));
        assert!(world.store.mails().is_empty());
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_link_is_used_exactly_when_its_session_is_kept_wherever_the_store_fails() {
    for passes in 0..20 {
        let world = World::new();
        let (token, _) = world.request_link(BOB).await;
        world.store.fail_after(passes);
        let result = world.sign_in.redeem_token(&token).await;
        let failed = !world.store.heal();
        assert_eq!(result.is_err(), failed);
        let used = world.store.magic_links().iter().filter(|link| link.used_at.is_some()).count();
        assert_eq!(used, world.store.count_visitor_sessions());
        if !failed {
            return;
        }
        assert!(world.sign_in.redeem_token(&token).await.is_ok(), "the link is still good");
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_lost_answer_never_makes_a_second_session() {
    let world = World::new();
    let (token, _) = world.request_link(BOB).await;
    world.store.lose_answer_of_next_commit();
    assert!(matches!(
        world.sign_in.redeem_token(&token).await,
        Err(RedeemLinkError::Store(StoreError::Unavailable(_)))
    ));
    assert!(is_used(&world.sign_in.redeem_token(&token).await));
    assert_eq!(world.store.count_visitor_sessions(), 1);
}

#[pollster::test]
async fn a_registered_frontend_may_be_where_a_link_leads() {
    let world = World::new();
    let (ada, eve) = (world.shop("ada").await, world.shop("eve").await);
    let change = HandleChange {
        frontend_origins: Some(vec!["https://shop.example".parse().unwrap()]),
        ..HandleChange::default()
    };
    world.handles.change(&ada.creator, &ada.handle.name, change).await.unwrap();
    let ask = async |return_to: &str, handle: Option<&HandleName>| {
        let request = LinkRequest {
            email: email(BOB),
            return_to: Some(return_to),
            handle,
            client: "192.0.2.1",
        };
        world.clock.advance_seconds(61);
        world.sign_in.request_link(request).await
    };
    let place = "https://shop.example/read?x=1#y";
    for handle in [None, Some(&ada.handle.name)] {
        ask(place, handle).await.unwrap();
        world.deliver_mails().await;
        let (token, _) = world.link_mailed_to(BOB);
        let preview = world.sign_in.preview(&token).await.unwrap();
        let frontend = preview.return_to.unwrap().frontend(&world.installation).unwrap();
        assert_eq!(frontend.as_str(), "https://shop.example");
        let signed_in = world.sign_in.redeem_token(&token).await.unwrap();
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
