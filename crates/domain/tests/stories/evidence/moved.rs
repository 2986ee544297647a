//! The evidence about a purchase that was under several addresses.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{Reason, Recording},
    activity::{Activity, ActivityKind},
    clock::{Clock, DAY_SECONDS, plus_seconds},
    payments::DisputeProgress,
    store::Store,
};

use super::sign_in_at_the_page;
use crate::{
    BOB, Sale,
    people::{ROB, asked_for},
};

/// The buyer has two other addresses by now.
#[pollster::test]
async fn a_dispute_comes_with_what_was_done_under_each_address_that_had_the_purchase() {
    const ROBERT: &str = "robert@example.com";
    let mut sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    for (from, to) in [(BOB, ROB), (ROB, ROBERT)] {
        sale.app.clock.advance_seconds(60);
        let token = asked_for(&sale.app, &sale.shop, from, to).await;
        sale.app.moves.confirm(&token).await.unwrap();
        sale.bob = sale.app.sign_in(to).await;
        assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    }
    sale.app.gate.views().store().await.unwrap();
    let payment = bought.payment.unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let activity = sale.case(bought.id).await.unwrap().activity;
    let views = activity.iter().filter(|it| it.kind == ActivityKind::Viewed);
    assert_eq!(views.map(|it| it.visitor_id).collect::<BTreeSet<_>>().len(), 3, "{activity:?}");
}

/// The first new address was mistyped. The one whom it belongs to knew the shop before, and comes back after.
#[pollster::test]
async fn what_somebody_did_without_the_purchase_is_no_evidence() {
    const ROBERT: &str = "robert@example.com";
    let mut sale = Sale::new().await;
    let clock = sale.app.clock.clone();
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sign_in_at_the_page(&sale, ROB).await;
    clock.advance_seconds(2 * DAY_SECONDS);
    sign_in_at_the_page(&sale, ROB).await;
    let token = asked_for(&sale.app, &sale.shop, BOB, ROB).await;
    clock.advance_seconds(60);
    let moved_at = clock.now();
    sale.app.moves.confirm(&token).await.unwrap();
    clock.advance_seconds(60);
    let seen_at = clock.now();
    for address in [BOB, ROB] {
        sign_in_at_the_page(&sale, address).await;
    }
    sale.bob = sale.app.sign_in(ROB).await;
    assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    sale.app.gate.views().store().await.unwrap();
    clock.advance_seconds(DAY_SECONDS);
    let token = asked_for(&sale.app, &sale.shop, ROB, ROBERT).await;
    sale.app.moves.confirm(&token).await.unwrap();
    clock.advance_seconds(60);
    sign_in_at_the_page(&sale, ROB).await;
    let payment = bought.payment.clone().unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let activity = sale.case(bought.id).await.unwrap().activity;
    let (of_buyer, of_rob): (Vec<_>, Vec<_>) =
        activity.iter().partition(|it| it.visitor_id == bought.visitor_id);
    assert!(!of_buyer.is_empty() && of_buyer.iter().all(|it| it.last_at < moved_at));
    let of_rob: Vec<_> =
        of_rob.into_iter().map(|it| (it.kind, it.count, it.first_at, it.last_at)).collect();
    let kinds = [ActivityKind::SignedIn, ActivityKind::Viewed];
    assert_eq!(of_rob, kinds.map(|kind| (kind, 1, seen_at, seen_at)));
}

/// The buyer's first address has belonged to somebody else since, who is a regular of the shop.
#[pollster::test]
async fn much_that_was_done_without_the_purchase_pushes_nothing_out_of_the_evidence() {
    let mut sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(sale.look(Recording::Later).await, Reason::Entitled);
    sale.app.gate.views().store().await.unwrap();
    sale.app.clock.advance_seconds(60);
    let moved_at = sale.app.clock.now();
    let token = asked_for(&sale.app, &sale.shop, BOB, ROB).await;
    sale.app.moves.confirm(&token).await.unwrap();
    sale.app.clock.advance_seconds(60);
    sale.bob = sale.app.sign_in(ROB).await;
    assert_eq!(sale.look(Recording::Now).await, Reason::Entitled);
    let mut unit = sale.app.store.begin().await.unwrap();
    for day in 1..=600 {
        let (who, at) = (bought.visitor_id, plus_seconds(moved_at, day * DAY_SECONDS));
        let handle = sale.shop.handle.id;
        let done = Activity::once(who, handle, ActivityKind::SignedIn, None, at);
        unit.activity().add(&done).await.unwrap();
    }
    unit.commit().await.unwrap();
    let payment = bought.payment.clone().unwrap().payment_intent;
    sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    let activity = sale.case(bought.id).await.unwrap().activity;
    let views = activity.iter().filter(|it| it.kind == ActivityKind::Viewed);
    let viewers: BTreeSet<_> = views.map(|it| it.visitor_id).collect();
    assert_eq!(viewers.len(), 2, "{activity:?}");
    assert!(viewers.contains(&bought.visitor_id));
    let mut theirs = activity.iter().filter(|it| it.visitor_id == bought.visitor_id);
    assert!(theirs.all(|it| it.last_at <= moved_at), "{activity:?}");
}
