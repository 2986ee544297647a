//! What is known when a decision is made.

use std::collections::BTreeMap;

use super::fixture::{Fixture, just_before, terms_of};
use crate::{
    PurchaseBuilder, a_file, a_gift, a_page, a_place, a_session, a_token_hash, an_order, at,
    handle_name, money, slug, start_of_time,
};
use tollgate_domain::{
    access::{
        GrantType, Holding, Purchase, Resource, ResourceType, Terms,
        ports::{PageHoldings, ResourceAccess, ResourceQuery},
    },
    checkout::OrderStatus,
    creators::{AccessMode, Page},
    id::PageId,
    store::Stores,
    visitor_auth::Visitor,
};

pub async fn an_unknown_handle_or_slug_is_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file()).await;
    let token = Some(fixture.session.token);
    for (resource, right) in [
        (ResourceType::Page, fixture.query(&fixture.page.slug, token)),
        (ResourceType::File, fixture.query(&file.slug, token)),
    ] {
        assert!(fixture.access(resource, &right).await.is_some());
        let no_handle = ResourceQuery { handle: handle_name("nobody"), ..right.clone() };
        let no_slug = ResourceQuery { slug: slug("nothing"), ..right };
        for query in [no_handle, no_slug] {
            assert_eq!(fixture.access(resource, &query).await, None);
            assert_eq!(fixture.on.access.page_with_access(&query).await.unwrap(), None);
            assert_eq!(fixture.on.files.file_with_access(&query).await.unwrap(), None);
        }
    }
    // A page is not a file, and a file is not a page.
    let page = fixture.query(&fixture.page.slug, None);
    assert_eq!(fixture.access(ResourceType::File, &page).await, None);
    let file = fixture.query(&file.slug, None);
    assert_eq!(fixture.access(ResourceType::Page, &file).await, None);
}

/// The same slug under two handles is two pages, or two files.
pub async fn a_slug_belongs_to_its_handle(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let same = fixture.page.slug.as_str();
    let file = fixture.file(a_file().slug(same)).await;
    let elsewhere =
        ResourceQuery { handle: other.name.clone(), ..fixture.query(&fixture.page.slug, None) };
    for resource in [ResourceType::Page, ResourceType::File] {
        assert_eq!(fixture.access(resource, &elsewhere).await, None);
    }
    assert_eq!(fixture.on.files.file(other.id, &file.slug).await.unwrap(), None);
    let namesake = a_page().of(&other).slug(same).published().build();
    let file_namesake = a_file().of(&other).slug(same).build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&namesake).await).await);
    assert!(fixture.reserve(&file_namesake, at(60)).await);
    assert!(fixture.complete(&file_namesake).await);
    for (resource, here, there) in [
        (ResourceType::Page, Resource::Page(fixture.page.id), Resource::Page(namesake.id)),
        (ResourceType::File, Resource::File(file.id), Resource::File(file_namesake.id)),
    ] {
        let found = fixture.access(resource, &elsewhere).await.unwrap();
        assert_eq!((found.resource, found.handle_id), (there, other.id));
        let query = fixture.query(&fixture.page.slug, None);
        let found = fixture.access(resource, &query).await.unwrap();
        assert_eq!((found.resource, found.handle_id), (here, fixture.handle.id));
    }
}

/// It tells every mode and every status of a page, and every kind of access to a file.
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
        assert_eq!(fixture.ask(&page, None).await, fixture.access_to(&page));
        let file = fixture.file(a_file().on(&page)).await;
        let terms = Terms::PageFile(Some(terms_of(&page)));
        let expected = fixture.access_at(Resource::File(file.id), terms);
        assert_eq!(fixture.ask_file(&file, None).await, expected);
    }
    for (file, terms) in
        [(a_file(), Terms::PublicFile), (a_file().by_list(), Terms::AllowlistedFile)]
    {
        let file = fixture.file(file).await;
        let expected = fixture.access_at(Resource::File(file.id), terms);
        assert_eq!(fixture.ask_file(&file, None).await, expected);
    }
}

/// The cases are the whole table of modes, sessions and purchases.
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
            let nobody = fixture.access_to(&page);
            for session in [None, Some(a_token_hash())] {
                assert_eq!(fixture.ask(&page, session).await, nobody);
            }
            let visitor_id = Some(fixture.visitor.id);
            let expected = ResourceAccess { visitor_id, holdings: holdings.clone(), ..nobody };
            assert_eq!(fixture.ask(&page, Some(fixture.session.token)).await, expected, "{mode:?}");
            // A file of the page is told with the same purchases.
            let file = fixture.file(a_file().on(&page)).await;
            let terms = Terms::PageFile(Some(terms_of(&page)));
            let of_file = fixture.access_at(Resource::File(file.id), terms);
            assert_eq!(fixture.ask_file(&file, Some(a_token_hash())).await, of_file);
            let of_file = ResourceAccess { visitor_id, holdings: holdings.clone(), ..of_file };
            assert_eq!(fixture.ask_file(&file, Some(fixture.session.token)).await, of_file);
        }
    }
}

/// A purchase opens nothing without a valid session, neither its page nor a file of it.
pub async fn an_expired_or_revoked_session_knows_nobody(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().on(&fixture.page)).await;
    fixture.bought(|it| it).await;
    fixture.visit(&fixture.visitor, &fixture.page, at(1)).await;
    let place = a_place(&file, &fixture.visitor.email, at(1));
    assert!(fixture.place(&place).await);
    let expires_at = fixture.session.expires_at;
    let revoked = a_session(&fixture.visitor).build();
    fixture.keep_session(&revoked).await;
    for (resource, slug) in
        [(ResourceType::Page, &fixture.page.slug), (ResourceType::File, &file.slug)]
    {
        let is_known = async |session, now| {
            let query = ResourceQuery { now, ..fixture.query(slug, Some(session)) };
            let found = fixture.access(resource, &query).await.unwrap();
            let is_known = found.visitor_id == Some(fixture.visitor.id);
            assert!(is_known || found.visitor_id.is_none());
            assert_eq!((found.holdings.len() == 1, found.visited), (is_known, is_known));
            assert_eq!(found.listed, is_known && resource == ResourceType::File);
            is_known
        };
        assert!(is_known(fixture.session.token, just_before(expires_at)).await);
        assert!(!is_known(fixture.session.token, expires_at).await);
        assert!(is_known(revoked.token, start_of_time()).await);
    }
    let mut late = fixture.query(&fixture.page.slug, Some(fixture.session.token));
    late.now = expires_at;
    let found = fixture.on.access.page_with_access(&late).await.unwrap().unwrap();
    assert_eq!(found.visitor, None);
    late.slug = file.slug.clone();
    let (_, found) = fixture.on.files.file_with_access(&late).await.unwrap().unwrap();
    assert_eq!(found.visitor_id, None);

    let mut unit = fixture.begin().await;
    let token = [revoked.token];
    assert!(unit.visitor_sessions().revoke_by_tokens(&token, None, at(1)).await.unwrap());
    unit.commit().await.unwrap();
    for found in [
        fixture.ask(&fixture.page, Some(revoked.token)).await,
        fixture.ask_file(&file, Some(revoked.token)).await,
    ] {
        assert_eq!((found.visitor_id, found.holdings, found.visited), (None, vec![], false));
        assert!(!found.listed);
    }
}

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

/// One of them is refunded, and the other is not.
pub async fn two_purchases_are_both_told(on: Stores) {
    let fixture = Fixture::new(on).await;
    let refunded = fixture.bought(|it| it.refunded(at(5))).await;
    let kept = fixture.bought(|it| it.created_at(at(9))).await;
    let gift = a_gift(&fixture.visitor, &fixture.page).build();
    fixture.keep_gift(&gift).await;
    let expected = vec![kept.holding(), gift.holding(), refunded.holding()];
    assert_eq!(fixture.holdings().await, expected);
}

/// Every purchase of each page that is asked about, as it stands, the payment that is being processed, and nothing else.
pub async fn what_a_visitor_holds_of_pages_is_told(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    let paid = || a_page().paid(700, "usd").published();
    let (given, others, elsewhere) =
        (fixture.page(paid()).await, fixture.page(paid()).await, fixture.page(paid()).await);
    let refunded = fixture.bought(|it| it.refunded(at(5))).await;
    let suspended = fixture.bought(|it| it.suspended(at(5))).await;
    let kept = fixture.bought(|it| it).await;
    let gift = a_gift(&fixture.visitor, &given).build();
    fixture.keep_gift(&gift).await;
    fixture.bought_by(&other, &others, |it| it).await;
    fixture.bought_by(&fixture.visitor, &elsewhere, |it| it).await;
    let order = |visitor: &Visitor, page, second, status| {
        an_order(visitor, page).open().created_at(at(second)).status(status).build()
    };
    let own = &fixture.visitor;
    for order in [
        order(own, &given, 7, OrderStatus::Pending),
        order(own, &given, 9, OrderStatus::Failed),
        order(own, &others, 6, OrderStatus::Pending),
        order(&other, &fixture.page, 5, OrderStatus::Pending),
        order(own, &elsewhere, 5, OrderStatus::Pending),
    ] {
        assert!(fixture.keep_order(&order).await);
    }
    let newer = order(own, &given, 8, OrderStatus::Expired);
    assert!(fixture.keep_order(&newer).await);
    assert!(fixture.commit(async |unit| unit.checkout_orders().bring_back(&newer).await).await);
    let held = async |pages: &[PageId]| {
        let mut held = fixture.on.access.holdings_of(own.id, pages).await.unwrap();
        for held in held.values_mut() {
            held.holdings.sort_by_key(|it| (it.grant_type, it.revoked, it.suspended));
        }
        held
    };
    let told = |purchases: &[&Purchase], pending: Option<i64>| {
        let mut holdings: Vec<_> = purchases.iter().map(|it| it.holding()).collect();
        holdings.sort_by_key(|it| (it.grant_type, it.revoked, it.suspended));
        PageHoldings { holdings, pending_since: pending.map(at) }
    };
    let expected = BTreeMap::from([
        (fixture.page.id, told(&[&kept, &suspended, &refunded], None)),
        (given.id, told(&[&gift], Some(8))),
        (others.id, told(&[], Some(6))),
    ]);
    assert_eq!(held(&[fixture.page.id, given.id, others.id]).await, expected);
    let nothing = fixture.page(paid()).await;
    // The answer to opening its session was lost: the gate asks to pay.
    let unopened = an_order(own, &nothing).status(OrderStatus::Pending).build();
    assert!(fixture.keep_order(&unopened).await);
    let expected = BTreeMap::from([(nothing.id, PageHoldings::default())]);
    assert_eq!(held(&[nothing.id]).await, expected);
    assert_eq!(held(&[]).await, BTreeMap::new());
}

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
        fixture.commit(async |unit| unit.purchases().store_state(&purchase).await).await;
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

pub async fn a_page_comes_with_its_content(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mut page = a_page().of(&fixture.handle).paid(5_120, "kwd").created_at(at(3)).build();
    page.title = "Ünïcode ☃ 'quotes' \"and\" \\ -- %_".into();
    page.teaser = "line\nbreaks\r\n\ttabs".into();
    page.body = "x".repeat(60_000);
    page.updated_at = at(4);
    assert!(fixture.commit(async |unit| unit.pages().insert(&page).await).await);
    for session in [None, Some(fixture.session.token)] {
        let query = fixture.query(&page.slug, session);
        let found = fixture.on.access.page_with_access(&query).await.unwrap().unwrap();
        assert_eq!(found.handle, fixture.handle);
        assert_eq!(found.page, page);
        assert_eq!(found.visitor, session.map(|_| fixture.visitor.clone()));
    }
}

/// The reads with and without content agree about pages and about files.
pub async fn a_page_with_content_tells_the_same_as_without(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (of_page, by_list) =
        (fixture.file(a_file().on(&fixture.page)).await, fixture.file(a_file().by_list()).await);
    fixture.bought(|it| it.suspended(at(1))).await;
    fixture.visit(&fixture.visitor, &fixture.page, at(1)).await;
    assert!(fixture.place(&a_place(&by_list, &fixture.visitor.email, at(1))).await);
    for session in [None, Some(fixture.session.token)] {
        let short = fixture.ask(&fixture.page, session).await;
        let query = fixture.query(&fixture.page.slug, session);
        let long = fixture.on.access.page_with_access(&query).await.unwrap().unwrap();
        assert_eq!(long.access, short);
        assert_eq!(
            (short.holdings.len() == 1, short.visited),
            (session.is_some(), session.is_some())
        );
        for file in [&of_page, &by_list] {
            let short = fixture.ask_file(file, session).await;
            let query = fixture.query(&file.slug, session);
            let long = fixture.on.files.file_with_access(&query).await.unwrap();
            assert_eq!(long, Some((file.clone(), short)));
        }
    }
}

/// Mode, price and status are never remembered from before.
pub async fn an_edit_is_seen_by_the_next_question(on: Stores) {
    let fixture = Fixture::new(on).await;
    let file = fixture.file(a_file().on(&fixture.page)).await;
    let terms = async || {
        let page = fixture.ask(&fixture.page, None).await.gate.terms;
        (page, fixture.ask_file(&file, None).await.gate.terms)
    };
    let expected =
        |page: &Page| (Terms::Page(terms_of(page)), Terms::PageFile(Some(terms_of(page))));
    assert_eq!(terms().await, expected(&fixture.page));
    let mut edited = fixture.page.clone();
    edited.mode = AccessMode::Public;
    edited.price = Some(money(900, "usd"));
    edited.updated_at = at(1);
    assert!(fixture.commit(async |unit| unit.pages().update(&edited, start_of_time()).await).await);
    assert_eq!(terms().await, expected(&edited));
    let query = fixture.query(&fixture.page.slug, None);
    let found = fixture.on.access.page_with_access(&query).await.unwrap().unwrap();
    assert_eq!(found.page, edited);
}

/// This holds for bodies of any length, no matter who changed them, and under a name that another page had before.
pub async fn a_long_body_is_that_of_its_version(on: Stores) {
    let fixture = Fixture::new(on).await;
    let query = fixture.query(&fixture.page.slug, None);
    let mut page = fixture.page.clone();
    for (second, body) in [(1, "a".repeat(60_000)), (2, "b".repeat(60_000)), (3, "c".into())] {
        let before = page.updated_at;
        (page.body, page.updated_at) = (body, at(second));
        assert!(fixture.commit(async |unit| unit.pages().update(&page, before).await).await);
        for _ in 0..3 {
            let found = fixture.on.access.page_with_access(&query).await.unwrap().unwrap();
            assert_eq!(found.page, page);
        }
    }
    // Another page takes the name, and has the instant of a version that is known.
    page.body = "d".repeat(60_000);
    let before = std::mem::replace(&mut page.updated_at, at(4));
    assert!(fixture.commit(async |unit| unit.pages().update(&page, before).await).await);
    assert_eq!(fixture.on.access.page_with_access(&query).await.unwrap().unwrap().page, page);
    let mut other = a_page().of(&fixture.handle).slug(page.slug.as_str()).published().build();
    (other.body, other.updated_at) = ("e".repeat(60_000), at(4));
    (page.slug, page.updated_at) = (slug("elsewhere"), at(5));
    let mut unit = fixture.begin().await;
    assert!(unit.pages().update(&page, at(4)).await.unwrap());
    assert!(unit.pages().insert(&other).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!(fixture.on.access.page_with_access(&query).await.unwrap().unwrap().page, other);
}
