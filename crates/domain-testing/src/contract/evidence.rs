//! Disputes, and what visitors did at a handle.

use super::fixture::Fixture;
use crate::{a_purchase, an_order, at};
use jiff::Timestamp;
use tollgate_domain::{
    access::{GrantType, Purchase},
    activity::{Activity, ActivityKind, VisitorTime},
    checkout::OrderStatus,
    disputes::Dispute,
    id::VisitorId,
    money::Money,
    names::Slug,
    payments::{DisputeId, DisputeProgress, DisputeStage},
    store::Stores,
};

pub(super) fn a_dispute(purchase: &Purchase, id: &str, opened_at: Timestamp) -> Dispute {
    Dispute {
        id: DisputeId::new(id),
        purchase_id: purchase.id,
        progress: DisputeProgress::Inquiry,
        stage: DisputeStage::NeedsResponse,
        reason: "fraudulent".into(),
        amount: Money::new(1_200, "usd".parse().unwrap()),
        opened_at,
        respond_by: Some(at(900)),
        read_at: at(10),
    }
}

/// A later read replaces all fields of the stored one, also with `None`.
pub async fn a_dispute_is_kept_as_it_was_read_last(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let purchase = fixture.bought(|purchase| purchase).await;
    let other = fixture.bought(|purchase| purchase).await;
    assert_eq!(on.disputes.disputes_of(purchase.id).await, Ok(vec![]));
    let first = a_dispute(&purchase, "du_1", at(1));
    let newer = a_dispute(&purchase, "du_0", at(2));
    let mut unit = fixture.begin().await;
    for dispute in [&first, &newer, &a_dispute(&other, "du_2", at(3))] {
        unit.disputes().put(dispute).await.unwrap();
    }
    unit.commit().await.unwrap();
    let both = [newer.clone(), first.clone()];
    assert_eq!(on.disputes.disputes_of(purchase.id).await.unwrap(), both);
    let lost = Dispute {
        progress: DisputeProgress::Lost,
        stage: DisputeStage::Closed,
        respond_by: None,
        read_at: at(20),
        ..first.clone()
    };
    let mut unit = fixture.begin().await;
    assert!(unit.disputes().put(&lost).await.unwrap());
    let late = Dispute { read_at: at(19), ..first };
    assert!(!unit.disputes().put(&late).await.unwrap(), "what was read before");
    assert!(unit.disputes().put(&lost).await.unwrap());
    assert_eq!(unit.disputes().of_purchase(purchase.id).await.unwrap(), [newer, lost.clone()]);
    unit.commit().await.unwrap();
    let known = on.disputes.disputes_of(purchase.id).await.unwrap();
    assert_eq!(known.last(), Some(&lost));
    let asked = [lost.id.clone(), DisputeId::new("du_9")];
    assert_eq!(on.sweeps.known_disputes(&asked).await, Ok(vec![lost]));
}

/// All in one unit, and so is its order, which had been lost.
pub async fn a_purchase_is_stored_with_what_was_refunded_of_it(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().status(OrderStatus::Expired);
    let order = order.build();
    let mut purchase = a_purchase(&order).build();
    let mut unit = fixture.begin().await;
    assert!(unit.checkout_orders().insert(&order).await.unwrap());
    assert!(unit.purchases().insert(&purchase).await.unwrap());
    let dispute = a_dispute(&purchase, "du_1", at(1));
    assert!(unit.disputes().put(&dispute).await.unwrap());
    purchase.grant_type = GrantType::Refunded;
    purchase.refunded = order.price.amount;
    purchase.revoked_at = Some(at(1));
    unit.purchases().store_state(&purchase).await.unwrap();
    let seen = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await.unwrap();
    assert_eq!(seen, [purchase.clone()]);
    unit.commit().await.unwrap();
    assert_eq!(fixture.purchase(purchase.id).await, purchase);
    assert_eq!(fixture.on.disputes.disputes_of(purchase.id).await.unwrap(), [dispute]);
}

fn always(visitor_id: VisitorId) -> VisitorTime {
    VisitorTime { visitor_id, since: None, until: None }
}

/// Activity of one day adds up, whatever the order, and other days, subjects and visitors stay apart.
pub async fn activity_adds_up_by_day(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (stranger, _) = fixture.another_visitor().await;
    let (visitor, handle) = (fixture.visitor.id, fixture.handle.id);
    let page = &fixture.page.slug;
    let done = |who: VisitorId, kind, seconds| {
        let slug = (kind != ActivityKind::SignedIn).then_some(&fixture.page.slug);
        Activity::once(who, handle, kind, slug, at(seconds))
    };
    let day = 24 * 3600;
    let all = [
        done(visitor, ActivityKind::Viewed, 20),
        done(visitor, ActivityKind::Viewed, 10),
        Activity { count: 3, ..done(visitor, ActivityKind::Viewed, 15) },
        done(visitor, ActivityKind::SignedIn, 5),
        done(visitor, ActivityKind::Viewed, 20 + day),
        done(stranger.id, ActivityKind::Viewed, 30),
    ];
    let mut unit = fixture.begin().await;
    for activity in &all {
        unit.activity().add(activity).await.unwrap();
    }
    // What is noted adds nothing to a day that has some.
    unit.activity().note(&done(visitor, ActivityKind::SignedIn, 7)).await.unwrap();
    unit.activity().note(&done(stranger.id, ActivityKind::SignedIn, 8)).await.unwrap();
    unit.commit().await.unwrap();
    let today = Activity {
        first_at: at(10),
        last_at: at(20),
        count: 5,
        ..done(visitor, ActivityKind::Viewed, 10)
    };
    let tomorrow = done(visitor, ActivityKind::Viewed, 20 + day);
    let signed_in = done(visitor, ActivityKind::SignedIn, 5);
    let theirs = [tomorrow.clone(), today, signed_in];
    let of = always(visitor);
    assert_eq!(on.activity.activity_of(handle, of, page, 9).await.unwrap(), theirs);
    let strangers =
        async || on.activity.activity_of(handle, always(stranger.id), page, 9).await.unwrap().len();
    assert_eq!(strangers().await, 2);
    let newest = on.activity.activity_of(handle, of, page, 1).await.unwrap();
    assert_eq!(newest, std::slice::from_ref(&tomorrow));
    fixture.commit(async |unit| unit.activity().forget_before(at(20 + day), 9).await).await;
    let left = on.activity.activity_of(handle, of, page, 9).await.unwrap();
    assert_eq!((left, strangers().await), (vec![tomorrow], 0));
}

/// Newer views of another page take the place of none of this one.
pub async fn activity_is_of_one_page(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (visitor, handle) = (fixture.visitor.id, fixture.handle.id);
    let (page, other): (_, Slug) = (&fixture.page.slug, "another-page".parse().unwrap());
    let viewed = |slug, seconds| {
        Activity::once(visitor, handle, ActivityKind::Viewed, Some(slug), at(seconds))
    };
    let day = 24 * 3600;
    let this = viewed(page, 10);
    // The name of a file can be that of a page.
    let downloaded = ActivityKind::Downloaded;
    let downloaded = Activity::once(visitor, handle, downloaded, Some(&other), at(10));
    let signed_in = Activity::once(visitor, handle, ActivityKind::SignedIn, None, at(10));
    let views = [viewed(&other, 20), viewed(&other, 20 + day)];
    let mut unit = fixture.begin().await;
    for activity in views.iter().chain([&this, &signed_in, &downloaded]) {
        unit.activity().add(activity).await.unwrap();
    }
    unit.commit().await.unwrap();
    let theirs = [downloaded, signed_in, this];
    for most in 1..=5 {
        let found = on.activity.activity_of(handle, always(visitor), page, most).await.unwrap();
        let expected: Vec<_> = theirs.iter().take(usize::try_from(most).unwrap()).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "of the same time, too");
    }
}

/// Newer activity of other times takes the place of none that is in the time.
pub async fn activity_is_of_one_time(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let (visitor, handle, page) = (fixture.visitor.id, fixture.handle.id, &fixture.page.slug);
    let done = |first: i64, last: i64| {
        let once = Activity::once(visitor, handle, ActivityKind::Viewed, Some(page), at(first));
        Activity { last_at: at(last), count: 2, ..once }
    };
    let day = 24 * 3600;
    // From before the time, into it, within it, out of it, all over it, and after it.
    let [before, into, within, out_of, over, after] = [
        done(10, 20),
        done(day + 10, day + 100),
        done(2 * day, 2 * day + 10),
        done(3 * day + 99, 3 * day + 300),
        done(4 * day, 4 * day + 900),
        done(5 * day, 5 * day + 10),
    ];
    let mut unit = fixture.begin().await;
    for activity in [&before, &into, &within, &out_of, &over, &after] {
        unit.activity().add(activity).await.unwrap();
    }
    unit.commit().await.unwrap();
    let of = async |since: Option<i64>, until: Option<i64>, most: u32| {
        let time = VisitorTime { visitor_id: visitor, since: since.map(at), until: until.map(at) };
        let found = on.activity.activity_of(handle, time, page, most).await.unwrap();
        assert!(found.iter().all(|it| time.part_of(it).is_some()), "{found:?}");
        found
    };
    let held = (Some(day + 100), Some(3 * day + 100));
    assert_eq!(of(held.0, held.1, 9).await, [out_of.clone(), within.clone(), into.clone()]);
    assert_eq!(of(held.0, held.1, 1).await, std::slice::from_ref(&out_of));
    assert_eq!(of(Some(day + 101), Some(3 * day + 99), 9).await, std::slice::from_ref(&within));
    assert!(of(Some(4 * day + 1), Some(4 * day + 900), 9).await.is_empty(), "around it");
    assert_eq!(of(None, Some(day), 9).await, std::slice::from_ref(&before));
    assert_eq!(of(Some(5 * day), None, 9).await, std::slice::from_ref(&after));
    assert_eq!(of(None, None, 9).await.len(), 6);
}
