//! What is known when a decision is made.

use super::fixture::{Fixture, just_before};
use crate::{
    PurchaseBuilder, a_gift, a_page, a_session, a_token_hash, at, handle_name, money, slug,
    start_of_time,
};
use tollgate_domain::{
    access::{GrantType, Holding, PageGate, ports::PageQuery},
    creators::{AccessMode, Page},
    store::Stores,
};

fn gate(fixture: &Fixture, page: &Page) -> PageGate {
    PageGate {
        page_id: page.id,
        handle_id: fixture.handle.id,
        creator_id: fixture.creator.id,
        mode: page.mode,
        status: page.status,
    }
}

/// Absence is no error.
pub async fn an_unknown_handle_or_slug_is_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let right = fixture.query(&fixture.page, Some(fixture.session.token));
    let no_handle = PageQuery { handle: handle_name("nobody"), ..right.clone() };
    let no_slug = PageQuery { slug: slug("nothing"), ..right };
    for query in [no_handle, no_slug] {
        assert_eq!(fixture.on.access.page_access(&query).await.unwrap(), None);
        assert_eq!(fixture.on.access.page_with_content(&query).await.unwrap(), None);
    }
}

/// The same slug under two handles is two pages.
pub async fn a_slug_belongs_to_its_handle(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let namesake = a_page().of(&other).slug(fixture.page.slug.as_str()).published().build();
    let mut unit = fixture.begin().await;
    assert!(unit.pages().insert(&namesake).await.unwrap());
    unit.commit().await.unwrap();
    let query = PageQuery { handle: other.name, ..fixture.query(&namesake, None) };
    let found = fixture.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!(found.gate.page_id, namesake.id);
    assert_eq!(found.gate.handle_id, other.id);
    assert_eq!(fixture.ask(&fixture.page, None).await.gate.page_id, fixture.page.id);
}

/// Every mode and every status is told.
pub async fn the_gate_is_as_the_page_is(on: Stores) {
    let fixture = Fixture::new(on).await;
    for page in [
        a_page(),
        a_page().published(),
        a_page().archived(),
        a_page().free_with_login().published(),
        a_page().paid(1_200, "usd"),
        a_page().paid(1_200, "usd").published(),
        a_page().paid(1_200, "usd").archived(),
    ] {
        let page = fixture.page(page).await;
        let found = fixture.ask(&page, None).await;
        assert_eq!(found.gate, gate(&fixture, &page));
        assert_eq!(found.visitor_id, None);
        assert_eq!(found.holdings, vec![]);
        assert!(!found.visited);
    }
}

/// The whole table: mode × session × purchase.
pub async fn every_mode_session_and_purchase_is_told_as_stored(on: Stores) {
    type Build = fn(PurchaseBuilder) -> PurchaseBuilder;
    let fixture = Fixture::new(on).await;
    let holding = |grant_type, revoked, suspended| Holding { grant_type, revoked, suspended };
    let purchases: [(Option<Build>, Vec<Holding>); 5] = [
        (None, vec![]),
        (Some(|it| it), vec![holding(GrantType::Purchase, false, false)]),
        (Some(|it| it.revoked(at(1))), vec![holding(GrantType::Purchase, true, false)]),
        (Some(|it| it.suspended(at(1))), vec![holding(GrantType::Purchase, false, true)]),
        (Some(|it| it.refunded(at(1))), vec![holding(GrantType::Refunded, true, false)]),
    ];
    for mode in [AccessMode::Public, AccessMode::FreeWithLogin, AccessMode::Paid] {
        for (build, holdings) in &purchases {
            let page = match mode {
                AccessMode::Public => a_page().public(),
                AccessMode::FreeWithLogin => a_page().free_with_login(),
                AccessMode::Paid => a_page().paid(500, "eur"),
            };
            let page = fixture.page(page.published()).await;
            if let Some(build) = build {
                fixture.bought_by(&fixture.visitor, &page, build).await;
            }
            for session in [None, Some(a_token_hash())] {
                let found = fixture.ask(&page, session).await;
                assert_eq!((found.visitor_id, found.holdings), (None, vec![]));
            }
            let found = fixture.ask(&page, Some(fixture.session.token)).await;
            assert_eq!(found.visitor_id, Some(fixture.visitor.id));
            assert_eq!(&found.holdings, holdings, "{mode:?}");
            assert_eq!(found.gate, gate(&fixture, &page));
        }
    }
}

/// A purchase opens nothing without a valid session.
pub async fn an_expired_or_revoked_session_knows_nobody(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.bought(|it| it).await;
    fixture.visit(&fixture.visitor, &fixture.page, at(1)).await;
    let expires_at = fixture.session.expires_at;
    let mut query = fixture.query(&fixture.page, Some(fixture.session.token));

    query.now = just_before(expires_at);
    let found = fixture.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!(found.visitor_id, Some(fixture.visitor.id));
    assert_eq!(found.holdings.len(), 1);
    assert!(found.visited);

    query.now = expires_at;
    let found = fixture.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!((found.visitor_id, found.holdings, found.visited), (None, vec![], false));
    let found = fixture.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(found.visitor, None);

    let revoked = a_session(&fixture.visitor).build();
    fixture.keep_session(&revoked).await;
    assert_eq!(fixture.ask(&fixture.page, Some(revoked.token)).await.holdings.len(), 1);
    let mut unit = fixture.begin().await;
    assert!(unit.visitor_sessions().revoke_by_token(revoked.token, at(1)).await.unwrap());
    unit.commit().await.unwrap();
    let found = fixture.ask(&fixture.page, Some(revoked.token)).await;
    assert_eq!((found.visitor_id, found.holdings, found.visited), (None, vec![], false));
}

/// What others bought, or what was bought elsewhere, is not told.
pub async fn purchases_of_others_and_of_other_pages_do_not_count(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, of_other) = fixture.another_visitor().await;
    let elsewhere = fixture.page(a_page().paid(700, "usd").published()).await;
    fixture.bought_by(&other, &fixture.page, |it| it).await;
    fixture.bought_by(&fixture.visitor, &elsewhere, |it| it).await;
    fixture.visit(&other, &fixture.page, at(1)).await;
    let found = fixture.ask(&fixture.page, Some(fixture.session.token)).await;
    assert_eq!((found.holdings, found.visited), (vec![], false));
    assert_eq!(fixture.ask(&fixture.page, Some(of_other.token)).await.holdings.len(), 1);
    assert_eq!(fixture.ask(&elsewhere, Some(of_other.token)).await.holdings, vec![]);
}

/// One refunded, one not: both are told.
pub async fn two_purchases_are_both_told(on: Stores) {
    let fixture = Fixture::new(on).await;
    let refunded = fixture.bought(|it| it.refunded(at(5))).await;
    let kept = fixture.bought(|it| it.created_at(at(9))).await;
    let gift = a_gift(&fixture.visitor, &fixture.page).build();
    fixture.keep_gift(&gift).await;
    let expected = vec![kept.holding(), gift.holding(), refunded.holding()];
    assert_eq!(fixture.holdings().await, expected);
}

/// Revocation is seen by the next question.
pub async fn a_purchase_is_told_as_it_stands_now(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut purchase = fixture.bought(|it| it).await;
    for (suspended_at, revoked_at, grant_type) in [
        (Some(at(1)), None, GrantType::Purchase),
        (None, None, GrantType::Purchase),
        (None, Some(at(2)), GrantType::Refunded),
        (None, None, GrantType::Purchase),
    ] {
        purchase.suspended_at = suspended_at;
        purchase.revoked_at = revoked_at;
        purchase.grant_type = grant_type;
        let mut unit = fixture.begin().await;
        unit.purchases().store_state(&purchase).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(fixture.holdings().await, vec![purchase.holding()]);
    }
}

/// The visited flag is the visitor's own.
pub async fn the_first_visit_is_told_once_recorded(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = fixture.page(a_page().free_with_login().published()).await;
    let (_, of_other) = fixture.another_visitor().await;
    assert!(!fixture.ask(&page, Some(fixture.session.token)).await.visited);
    fixture.visit(&fixture.visitor, &page, at(1)).await;
    fixture.visit(&fixture.visitor, &page, at(2)).await;
    assert!(fixture.ask(&page, Some(fixture.session.token)).await.visited);
    assert!(!fixture.ask(&page, Some(of_other.token)).await.visited);
    assert!(!fixture.ask(&page, None).await.visited);
    assert!(!fixture.ask(&fixture.page, Some(fixture.session.token)).await.visited);
}

/// Every field of handle, page and visitor.
pub async fn a_page_comes_with_its_content(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut page = a_page().of(&fixture.handle).paid(5_120, "kwd").created_at(at(3)).build();
    page.title = "Ünïcode ☃ 'quotes' \"and\" \\ -- %_".into();
    page.teaser = "line\nbreaks\r\n\ttabs".into();
    page.body = "x".repeat(60_000);
    page.updated_at = at(4);
    let mut unit = fixture.begin().await;
    assert!(unit.pages().insert(&page).await.unwrap());
    unit.commit().await.unwrap();
    for session in [None, Some(fixture.session.token)] {
        let query = fixture.query(&page, session);
        let found = fixture.on.access.page_with_content(&query).await.unwrap().unwrap();
        assert_eq!(found.handle, fixture.handle);
        assert_eq!(found.page, page);
        assert_eq!(found.visitor, session.map(|_| fixture.visitor.clone()));
    }
}

/// There are not two truths.
pub async fn a_page_with_content_tells_the_same_as_without(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.bought(|it| it.suspended(at(1))).await;
    fixture.visit(&fixture.visitor, &fixture.page, at(1)).await;
    let query = fixture.query(&fixture.page, Some(fixture.session.token));
    let short = fixture.on.access.page_access(&query).await.unwrap().unwrap();
    let long = fixture.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(long.access, short);
    assert_eq!(short.holdings.len(), 1);
    assert!(short.visited);
}

/// Mode, price and status are never remembered from before.
pub async fn an_edit_is_seen_by_the_next_question(on: Stores) {
    let fixture = Fixture::new(on).await;
    let before = fixture.ask(&fixture.page, None).await;
    assert_eq!(before.gate.mode, AccessMode::Paid);
    let mut edited = fixture.page.clone();
    edited.mode = AccessMode::Public;
    edited.price = Some(money(900, "usd"));
    edited.updated_at = at(1);
    let mut unit = fixture.begin().await;
    assert!(unit.pages().update(&edited, start_of_time()).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(fixture.ask(&fixture.page, None).await.gate.mode, AccessMode::Public);
    let query = fixture.query(&fixture.page, None);
    let found = fixture.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(found.page, edited);
}
