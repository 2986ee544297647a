//! What a visitor was ever let into.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::fixture::{Fixture, walk};
use crate::{a_file, a_gift, a_page, a_place, at, money};
use tollgate_domain::{
    access::{AccessRecord, AccessStatus, AccessType, GrantType, ResourceType},
    paging::PageRequest,
    store::Stores,
    visitor_auth::Visitor,
};

pub(super) async fn all(fixture: &Fixture, visitor: &Visitor) -> Vec<AccessRecord> {
    let request = PageRequest { limit: 100, after: None };
    let listing = fixture.on.access.history(visitor.id, None, &request).await.unwrap();
    assert_eq!(listing.next, None);
    listing.items
}

async fn only(fixture: &Fixture) -> AccessRecord {
    let mut rows = all(fixture, &fixture.visitor).await;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

pub async fn a_visitor_without_history_has_none(on: Stores) {
    let fixture = Fixture::new(on).await;
    assert_eq!(all(&fixture, &fixture.visitor).await, vec![]);
}

pub async fn a_purchase_is_in_the_history(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.bought(|it| it.created_at(at(3))).await;
    let row = only(&fixture).await;
    let expected = AccessRecord {
        id: row.id.clone(),
        resource_type: ResourceType::Page,
        access_type: AccessType::Purchase,
        status: AccessStatus::Active,
        handle: fixture.handle.name.clone(),
        seller: fixture.handle.title.clone(),
        slug: fixture.page.slug.clone(),
        title: fixture.page.title.clone(),
        granted_at: at(3),
        ended_at: None,
        amount: Some(money(1_200, "usd")),
    };
    assert_eq!(row, expected);
}

/// Every field of its row comes back, and the first visit counts.
pub async fn a_visit_is_in_the_history_once(on: Stores) {
    let fixture = Fixture::new(on).await;
    let page = fixture.page(a_page().free_with_login().published()).await;
    fixture.visit(&fixture.visitor, &page, at(3)).await;
    fixture.visit(&fixture.visitor, &page, at(9)).await;
    let row = only(&fixture).await;
    let expected = AccessRecord {
        id: row.id.clone(),
        resource_type: ResourceType::Page,
        access_type: AccessType::FreeLogin,
        status: AccessStatus::Active,
        handle: fixture.handle.name.clone(),
        seller: fixture.handle.title.clone(),
        slug: page.slug.clone(),
        title: page.title.clone(),
        granted_at: at(3),
        ended_at: None,
        amount: None,
    };
    assert_eq!(row, expected);
}

/// Refunded, revoked and suspended are told apart; access ends when it is revoked.
pub async fn the_history_says_how_access_stands(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.bought(|it| it.created_at(at(1)).refunded(at(11))).await;
    fixture.bought(|it| it.created_at(at(2)).revoked(at(12))).await;
    fixture.bought(|it| it.created_at(at(3)).suspended(at(13))).await;
    fixture.bought(|it| it.created_at(at(4))).await;
    let rows = all(&fixture, &fixture.visitor).await;
    let told: Vec<_> = rows.iter().map(|row| (row.status, row.ended_at)).collect();
    assert_eq!(
        told,
        vec![
            (AccessStatus::Active, None),
            (AccessStatus::Suspended, None),
            (AccessStatus::Revoked, Some(at(12))),
            (AccessStatus::Refunded, Some(at(11))),
        ]
    );
    assert!(rows.iter().all(|row| row.access_type == AccessType::Purchase));
}

/// Nothing was paid for a gift; a group purchase is one after its refund, too.
pub async fn a_gift_is_in_the_history_without_an_amount(on: Stores) {
    let fixture = Fixture::new(on).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).created_at(at(2)).build()).await;
    let group = crate::an_order(&fixture.visitor, &fixture.page)
        .status(tollgate_domain::checkout::OrderStatus::Paid)
        .open()
        .status(tollgate_domain::checkout::OrderStatus::Paid)
        .build();
    let mut purchase = crate::a_purchase(&group).refunded(at(5)).build();
    purchase.granted_as = GrantType::GroupBuy;
    assert!(fixture.keep_order(&group).await);
    fixture.keep_gift(&purchase).await;
    let told: Vec<_> = all(&fixture, &fixture.visitor)
        .await
        .into_iter()
        .map(|row| (row.access_type, row.status, row.amount))
        .collect();
    assert_eq!(
        told,
        vec![
            (AccessType::Complimentary, AccessStatus::Active, None),
            (AccessType::GroupBuy, AccessStatus::Refunded, Some(money(1_200, "usd"))),
        ]
    );
}

pub async fn the_history_is_the_visitors_own(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (other, _) = fixture.another_visitor().await;
    fixture.bought_by(&other, &fixture.page, |it| it).await;
    fixture.visit(&other, &fixture.page, at(1)).await;
    assert_eq!(all(&fixture, &fixture.visitor).await, vec![]);
    assert_eq!(all(&fixture, &other).await.len(), 2);
}

pub async fn the_history_of_a_page_that_is_gone_from_sale_stays(on: Stores) {
    let fixture = Fixture::new(on).await;
    for page in [a_page().paid(500, "usd"), a_page().paid(500, "usd").archived()] {
        let page = fixture.page(page).await;
        fixture.bought_by(&fixture.visitor, &page, |it| it).await;
    }
    assert_eq!(all(&fixture, &fixture.visitor).await.len(), 2);
}

/// Purchases at some instants, visits at others, and several of both kinds at the same ones.
async fn long_history(fixture: &Fixture) -> usize {
    let mut count = 0;
    for second in [1, 2, 2, 3, 3, 3, 4, 6] {
        fixture.bought(|it| it.created_at(at(second))).await;
        count += 1;
    }
    for second in [0, 2, 3, 3, 5, 6] {
        let page = fixture.page(a_page().free_with_login().published()).await;
        fixture.visit(&fixture.visitor, &page, at(second)).await;
        count += 1;
    }
    count
}

/// The newest comes first, whatever was stored first.
pub async fn the_history_runs_from_new_to_old(on: Stores) {
    let fixture = Fixture::new(on).await;
    let count = long_history(&fixture).await;
    let rows = all(&fixture, &fixture.visitor).await;
    assert_eq!(rows.len(), count);
    let times: Vec<Timestamp> = rows.iter().map(|row| row.granted_at).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let ids: BTreeSet<_> = rows.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids.len(), count, "ids tell rows apart");
}

pub async fn the_history_is_paged_without_gaps_or_repeats(on: Stores) {
    let fixture = Fixture::new(on).await;
    long_history(&fixture).await;
    let whole = all(&fixture, &fixture.visitor).await;
    let part = async |request: PageRequest| {
        fixture.on.access.history(fixture.visitor.id, None, &request).await.unwrap()
    };
    for limit in [1, 2, 3, 5, 13, 14, 15] {
        assert_eq!(walk(limit, part).await, whole, "in parts of {limit}");
    }
}

/// Nothing follows exactly `limit` rows, and something follows one more.
pub async fn a_full_page_that_is_the_last_has_no_next(on: Stores) {
    let fixture = Fixture::new(on).await;
    for second in 1..=3 {
        fixture.bought(|it| it.created_at(at(second))).await;
    }
    for (limit, items, more) in [(2, 2, true), (3, 3, false), (4, 3, false)] {
        let request = PageRequest { limit, after: None };
        let part = fixture.on.access.history(fixture.visitor.id, None, &request).await.unwrap();
        assert_eq!((part.items.len(), part.next.is_some()), (items, more), "limit {limit}");
    }
}

pub async fn a_cursor_survives_what_came_after_it(on: Stores) {
    let fixture = Fixture::new(on).await;
    for second in 1..=4 {
        fixture.bought(|it| it.created_at(at(second))).await;
    }
    let request = PageRequest { limit: 2, after: None };
    let first = fixture.on.access.history(fixture.visitor.id, None, &request).await.unwrap();
    fixture.bought(|it| it.created_at(at(9))).await;
    let request = PageRequest { limit: 2, after: first.next };
    let second = fixture.on.access.history(fixture.visitor.id, None, &request).await.unwrap();
    let times: Vec<_> = second.items.iter().map(|row| row.granted_at).collect();
    assert_eq!(times, vec![at(2), at(1)]);
    assert_eq!(second.next, None);
}

/// The page is sold, unpublished or made public, and the row says whether the visit would still let the visitor in.
pub async fn a_visit_counts_while_its_page_lets_visitors_in(on: Stores) {
    let fixture = Fixture::new(on).await;
    for (second, page) in (1..).zip([
        a_page().free_with_login().published(),
        a_page().public().published(),
        a_page().paid(500, "usd").published().closed(at(8)),
        a_page().free_with_login().archived().closed(at(9)),
    ]) {
        let page = fixture.page(page).await;
        fixture.visit(&fixture.visitor, &page, at(second)).await;
    }
    let rows = all(&fixture, &fixture.visitor).await;
    assert!(rows.iter().all(|row| row.access_type == AccessType::FreeLogin));
    let told: Vec<_> = rows.iter().rev().map(|row| (row.status, row.ended_at)).collect();
    let (active, revoked) = (AccessStatus::Active, AccessStatus::Revoked);
    let expected = [(active, None), (active, None), (revoked, Some(at(8))), (revoked, Some(at(9)))];
    assert_eq!(told, expected);
}

/// What was there when the walk began is met once, whatever is added in the meantime.
pub async fn a_history_is_walked_without_gaps_while_it_grows(on: Stores) {
    let fixture = Fixture::new(on).await;
    for second in 0..300 {
        fixture.bought(|it| it.created_at(at(second / 3))).await;
    }
    let part = async |request: PageRequest| {
        let reading = fixture.on.access.history(fixture.visitor.id, None, &request);
        let writing = fixture.bought(|it| it.created_at(at(9_999)));
        let (part, _) = futures_util::future::join(reading, writing).await;
        part.unwrap()
    };
    let mut met = walk(7, part).await;
    met.retain(|row| row.granted_at < at(9_999));
    let ids: BTreeSet<_> = met.iter().map(|row| row.id.clone()).collect();
    assert_eq!((met.len(), ids.len()), (300, 300));
    assert!(met.is_sorted_by(|newer, older| newer.granted_at >= older.granted_at));
}

pub async fn a_history_is_limited_to_handles(on: Stores) {
    let fixture = Fixture::new(on).await;
    let second = fixture.another_handle().await;
    let theirs = a_page().of(&second).free_with_login().published().build();
    assert!(fixture.commit(async |unit| unit.pages().insert(&theirs).await).await);
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    fixture.visit(&fixture.visitor, &theirs, at(5)).await;
    let file = fixture.file(a_file().by_list()).await;
    assert!(fixture.place(&a_place(&file, &fixture.visitor.email, at(6))).await);
    let request = PageRequest::default();
    for (handles, expected) in [
        (vec![], 0),
        (vec![fixture.handle.id], 2),
        (vec![second.id], 1),
        (vec![second.id, fixture.handle.id], 3),
    ] {
        let reads = &fixture.on.access;
        let part =
            reads.history(fixture.visitor.id, Some(handles.clone()), &request).await.unwrap();
        assert_eq!(part.items.len(), expected, "{handles:?}");
    }
}
