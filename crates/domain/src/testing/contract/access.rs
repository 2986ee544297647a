//! What is known when a decision is made.

use super::scene::{Scene, just_before};
use crate::{
    access::{GrantType, Holding, PageGate, ports::PageQuery},
    creators::{AccessMode, Page},
    store::Stores,
    testing::{
        PurchaseBuilder, a_gift, a_page, a_session, a_token_hash, at, handle_name, money, slug,
        start_of_time,
    },
};

fn gate(scene: &Scene, page: &Page) -> PageGate {
    PageGate {
        page_id: page.id,
        handle_id: scene.handle.id,
        creator_id: scene.creator.id,
        mode: page.mode,
        status: page.status,
    }
}

/// Absence is no error.
pub async fn an_unknown_handle_or_slug_is_none(on: Stores) {
    let scene = Scene::new(on).await;
    let right = scene.query(&scene.page, Some(scene.session.token));
    let no_handle = PageQuery { handle: handle_name("nobody"), ..right.clone() };
    let no_slug = PageQuery { slug: slug("nothing"), ..right };
    for query in [no_handle, no_slug] {
        assert_eq!(scene.on.access.page_access(&query).await.unwrap(), None);
        assert_eq!(scene.on.access.page_with_content(&query).await.unwrap(), None);
    }
}

/// The same slug under two handles is two pages.
pub async fn a_slug_belongs_to_its_handle(on: Stores) {
    let scene = Scene::new(on).await;
    let other = scene.another_handle().await;
    let namesake = a_page().of(&other).slug(scene.page.slug.as_str()).published().build();
    let mut unit = scene.begin().await;
    assert!(unit.pages().insert(&namesake).await.unwrap());
    unit.commit().await.unwrap();
    let query = PageQuery { handle: other.name, ..scene.query(&namesake, None) };
    let found = scene.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!(found.gate.page_id, namesake.id);
    assert_eq!(found.gate.handle_id, other.id);
    assert_eq!(scene.ask(&scene.page, None).await.gate.page_id, scene.page.id);
}

/// Every mode and every status is told.
pub async fn the_gate_is_as_the_page_is(on: Stores) {
    let scene = Scene::new(on).await;
    for page in [
        a_page(),
        a_page().published(),
        a_page().archived(),
        a_page().free_with_login().published(),
        a_page().paid(1_200, "usd"),
        a_page().paid(1_200, "usd").published(),
        a_page().paid(1_200, "usd").archived(),
    ] {
        let page = scene.page(page).await;
        let found = scene.ask(&page, None).await;
        assert_eq!(found.gate, gate(&scene, &page));
        assert_eq!(found.visitor_id, None);
        assert_eq!(found.holdings, vec![]);
        assert!(!found.visited);
    }
}

/// The whole table: mode × session × purchase.
pub async fn every_mode_session_and_purchase_is_told_as_stored(on: Stores) {
    type Build = fn(PurchaseBuilder) -> PurchaseBuilder;
    let scene = Scene::new(on).await;
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
            let page = scene.page(page.published()).await;
            if let Some(build) = build {
                scene.bought_by(&scene.visitor, &page, build).await;
            }
            for session in [None, Some(a_token_hash())] {
                let found = scene.ask(&page, session).await;
                assert_eq!((found.visitor_id, found.holdings), (None, vec![]));
            }
            let found = scene.ask(&page, Some(scene.session.token)).await;
            assert_eq!(found.visitor_id, Some(scene.visitor.id));
            assert_eq!(&found.holdings, holdings, "{mode:?}");
            assert_eq!(found.gate, gate(&scene, &page));
        }
    }
}

/// A purchase opens nothing without a valid session.
pub async fn an_expired_or_revoked_session_knows_nobody(on: Stores) {
    let scene = Scene::new(on).await;
    scene.bought(|it| it).await;
    scene.visit(&scene.visitor, &scene.page, at(1)).await;
    let expires_at = scene.session.expires_at;
    let mut query = scene.query(&scene.page, Some(scene.session.token));

    query.now = just_before(expires_at);
    let found = scene.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!(found.visitor_id, Some(scene.visitor.id));
    assert_eq!(found.holdings.len(), 1);
    assert!(found.visited);

    query.now = expires_at;
    let found = scene.on.access.page_access(&query).await.unwrap().unwrap();
    assert_eq!((found.visitor_id, found.holdings, found.visited), (None, vec![], false));
    let found = scene.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(found.visitor, None);

    let revoked = a_session(&scene.visitor).build();
    scene.keep_session(&revoked).await;
    assert_eq!(scene.ask(&scene.page, Some(revoked.token)).await.holdings.len(), 1);
    let mut unit = scene.begin().await;
    assert!(unit.visitor_sessions().revoke_by_token(revoked.token, at(1)).await.unwrap());
    unit.commit().await.unwrap();
    let found = scene.ask(&scene.page, Some(revoked.token)).await;
    assert_eq!((found.visitor_id, found.holdings, found.visited), (None, vec![], false));
}

/// What others bought, or what was bought elsewhere, is not told.
pub async fn purchases_of_others_and_of_other_pages_do_not_count(on: Stores) {
    let scene = Scene::new(on).await;
    let (other, of_other) = scene.another_visitor().await;
    let elsewhere = scene.page(a_page().paid(700, "usd").published()).await;
    scene.bought_by(&other, &scene.page, |it| it).await;
    scene.bought_by(&scene.visitor, &elsewhere, |it| it).await;
    scene.visit(&other, &scene.page, at(1)).await;
    let found = scene.ask(&scene.page, Some(scene.session.token)).await;
    assert_eq!((found.holdings, found.visited), (vec![], false));
    assert_eq!(scene.ask(&scene.page, Some(of_other.token)).await.holdings.len(), 1);
    assert_eq!(scene.ask(&elsewhere, Some(of_other.token)).await.holdings, vec![]);
}

/// One refunded, one not: both are told.
pub async fn two_purchases_are_both_told(on: Stores) {
    let scene = Scene::new(on).await;
    let refunded = scene.bought(|it| it.refunded(at(5))).await;
    let kept = scene.bought(|it| it.created_at(at(9))).await;
    let gift = a_gift(&scene.visitor, &scene.page).build();
    scene.keep_gift(&gift).await;
    let expected = vec![kept.holding(), gift.holding(), refunded.holding()];
    assert_eq!(scene.holdings().await, expected);
}

/// Revocation is seen by the next question.
pub async fn a_purchase_is_told_as_it_stands_now(on: Stores) {
    let scene = Scene::new(on).await;
    let mut purchase = scene.bought(|it| it).await;
    for (suspended_at, revoked_at, grant_type) in [
        (Some(at(1)), None, GrantType::Purchase),
        (None, None, GrantType::Purchase),
        (None, Some(at(2)), GrantType::Refunded),
        (None, None, GrantType::Purchase),
    ] {
        purchase.suspended_at = suspended_at;
        purchase.revoked_at = revoked_at;
        purchase.grant_type = grant_type;
        let mut unit = scene.begin().await;
        unit.purchases().store_standing(&purchase).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(scene.holdings().await, vec![purchase.holding()]);
    }
}

/// The visited flag is the visitor's own.
pub async fn the_first_visit_is_told_once_recorded(on: Stores) {
    let scene = Scene::new(on).await;
    let page = scene.page(a_page().free_with_login().published()).await;
    let (_, of_other) = scene.another_visitor().await;
    assert!(!scene.ask(&page, Some(scene.session.token)).await.visited);
    scene.visit(&scene.visitor, &page, at(1)).await;
    scene.visit(&scene.visitor, &page, at(2)).await;
    assert!(scene.ask(&page, Some(scene.session.token)).await.visited);
    assert!(!scene.ask(&page, Some(of_other.token)).await.visited);
    assert!(!scene.ask(&page, None).await.visited);
    assert!(!scene.ask(&scene.page, Some(scene.session.token)).await.visited);
}

/// Every field of handle, page and visitor.
pub async fn a_page_comes_with_its_content(on: Stores) {
    let scene = Scene::new(on).await;
    let mut page = a_page().of(&scene.handle).paid(5_120, "kwd").created_at(at(3)).build();
    page.title = "Ünïcode ☃ 'quotes' \"and\" \\ -- %_".into();
    page.teaser = "line\nbreaks\r\n\ttabs".into();
    page.body = "x".repeat(60_000);
    page.updated_at = at(4);
    let mut unit = scene.begin().await;
    assert!(unit.pages().insert(&page).await.unwrap());
    unit.commit().await.unwrap();
    for session in [None, Some(scene.session.token)] {
        let query = scene.query(&page, session);
        let found = scene.on.access.page_with_content(&query).await.unwrap().unwrap();
        assert_eq!(found.handle, scene.handle);
        assert_eq!(found.page, page);
        assert_eq!(found.visitor, session.map(|_| scene.visitor.clone()));
    }
}

/// There are not two truths.
pub async fn a_page_with_content_tells_the_same_as_without(on: Stores) {
    let scene = Scene::new(on).await;
    scene.bought(|it| it.suspended(at(1))).await;
    scene.visit(&scene.visitor, &scene.page, at(1)).await;
    let query = scene.query(&scene.page, Some(scene.session.token));
    let short = scene.on.access.page_access(&query).await.unwrap().unwrap();
    let long = scene.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(long.access, short);
    assert_eq!(short.holdings.len(), 1);
    assert!(short.visited);
}

/// Mode, price and status are never remembered from before.
pub async fn an_edit_is_seen_by_the_next_question(on: Stores) {
    let scene = Scene::new(on).await;
    let before = scene.ask(&scene.page, None).await;
    assert_eq!(before.gate.mode, AccessMode::Paid);
    let mut edited = scene.page.clone();
    edited.mode = AccessMode::Public;
    edited.price = Some(money(900, "usd"));
    edited.updated_at = at(1);
    let mut unit = scene.begin().await;
    assert!(unit.pages().update(&edited, start_of_time()).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(scene.ask(&scene.page, None).await.gate.mode, AccessMode::Public);
    let query = scene.query(&scene.page, None);
    let found = scene.on.access.page_with_content(&query).await.unwrap().unwrap();
    assert_eq!(found.page, edited);
}
