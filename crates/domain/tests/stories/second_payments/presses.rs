//! Presses about a visitor who has paid twice, which name none of the two payments.

use std::pin::pin;

use futures_util::{future::join, poll};
use jiff::SignedDuration;
use tollgate_domain::{
    Timestamp,
    access::{FactKind, Purchase},
    clock::Clock,
    creators::SecondPayments,
    id::VisitorId,
    refunds::{RefundError, RefundReceipt, RefundWish},
};
use tollgate_domain_testing::{Call, Fault};

use super::{count_active, paid_twice, wish};
use crate::Sale;

/// After how many steps of its own a press certainly has read what was refunded before it.
const STEPS_TO_BEGIN: usize = 8;

/// A visitor who has paid twice, about whom the seller is to decide.
struct Held {
    sale: Sale,
    visitor: VisitorId,
    /// The purchase that is not the newest one.
    first: Purchase,
}

async fn held() -> Held {
    let sale = Sale::new().await;
    wish(&sale, SecondPayments::Hold).await;
    paid_twice(&sale).await;
    sale.app.work().await;
    sale.app.clock.advance_seconds(60);
    assert_eq!(count_active(&sale), 2);
    let purchases = sale.app.store.purchases().into_iter();
    let first = purchases.min_by_key(|purchase| (purchase.created_at, purchase.id)).unwrap();
    let visitor = sale.app.visitor(&sale.bob).await.id;
    Held { sale, visitor, first }
}

impl Held {
    /// Presses the button, about one of the purchases or none.
    async fn press(
        &self,
        purchase: Option<&Purchase>,
        key: Option<&str>,
    ) -> Result<RefundReceipt, RefundError> {
        self.press_of(self.sale.app.clock.now(), purchase, key).await
    }

    /// A press that arrived at this instant, and is taken up now.
    async fn press_of(
        &self,
        arrived_at: Timestamp,
        purchase: Option<&Purchase>,
        key: Option<&str>,
    ) -> Result<RefundReceipt, RefundError> {
        let wish = RefundWish {
            visitor_id: self.visitor,
            purchase_id: purchase.map(|purchase| purchase.id),
            reason: None,
            idempotency_key: key.map(str::to_owned),
            arrived_at,
            at_most: None,
        };
        let Sale { app, shop, page, .. } = &self.sale;
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    }

    /// Presses the button about the first purchase or none, under a key.
    async fn press_one(&self, is_about_first: bool) -> Result<RefundReceipt, RefundError> {
        self.press(is_about_first.then_some(&self.first), Some("one")).await
    }

    fn count_active(&self) -> usize {
        count_active(&self.sale)
    }

    fn wait(&self, seconds: i64) {
        self.sale.app.clock.advance_seconds(seconds);
    }
}

/// How many steps a press takes until its refund is accepted.
async fn steps_until_accepted(is_about_first: bool) -> usize {
    let held = held().await;
    let is_accepted = || {
        let facts = held.sale.app.store.facts();
        facts.iter().any(|fact| fact.kind == FactKind::RefundAccepted)
    };
    let mut press = pin!(held.press_one(is_about_first));
    let mut steps = 0;
    while !is_accepted() {
        assert!(poll!(press.as_mut()).is_pending());
        steps += 1;
    }
    steps
}

/// Whatever has just come of the first one when the second begins.
#[pollster::test]
async fn presses_at_the_same_time_give_one_of_two_payments_back() {
    for is_about_first in [false, true] {
        let steps = steps_until_accepted(is_about_first).await;
        assert!(steps > 2 * STEPS_TO_BEGIN, "{steps}");
        for lead in 0..steps - STEPS_TO_BEGIN {
            let held = held().await;
            let mut one = pin!(held.press_one(is_about_first));
            for _ in 0..lead {
                assert!(poll!(one.as_mut()).is_pending());
            }
            let (one, another) = join(one, held.press(None, Some("another"))).await;
            let receipt = one.unwrap();
            assert_eq!(another.unwrap(), receipt, "{lead} steps after the other");
            assert_eq!(held.count_active(), 1);
            assert_eq!(held.press(None, Some("another")).await.unwrap(), receipt);
        }
    }
}

#[pollster::test]
async fn a_press_after_the_answer_is_about_the_payment_that_is_left() {
    for (is_named, key) in [(false, None), (false, Some("another")), (true, None)] {
        let held = held().await;
        let receipt = held.press(None, None).await.unwrap();
        assert_ne!(receipt.purchase_id, held.first.id, "the newest one");
        let other = held.press(is_named.then_some(&held.first), key).await.unwrap();
        assert_eq!(other.purchase_id, held.first.id);
        assert_eq!(held.count_active(), 0);
    }
}

/// The second request of a double click, whose creator is known only after the refund of the first one was accepted.
#[pollster::test]
async fn a_press_that_arrived_before_the_acceptance_gives_nothing_else_back() {
    for is_about_first in [false, true] {
        let held = held().await;
        let arrived_at = held.sale.app.clock.now();
        held.wait(2);
        let receipt = held.press_one(is_about_first).await.unwrap();
        held.wait(5);
        for key in [None, Some("another")] {
            assert_eq!(held.press_of(arrived_at, None, key).await.unwrap(), receipt);
        }
        assert_eq!((held.count_active(), held.sale.is_open().await), (1, true));
        let named = held.press_of(arrived_at, Some(&held.first), None).await;
        assert_eq!(named.is_err(), is_about_first, "a purchase that is named is meant: {named:?}");
    }
}

/// The press that its refund met as well was noted long after, which is not another acceptance.
#[pollster::test]
async fn a_press_a_second_after_the_acceptance_is_about_the_other_payment() {
    let held = held().await;
    let before = held.sale.app.clock.now();
    held.wait(1);
    let receipt = held.press(None, Some("one")).await.unwrap();
    held.wait(1);
    let arrived_at = held.sale.app.clock.now();
    held.wait(3);
    assert_eq!(held.press_of(before, None, Some("another")).await.unwrap(), receipt);
    let other = held.press_of(arrived_at, None, Some("a third")).await.unwrap();
    assert_eq!((other.purchase_id, held.count_active()), (held.first.id, 0));
}

/// The answer may have been seen as soon as the refund is accepted.
#[pollster::test]
async fn a_press_right_after_the_acceptance_is_about_the_other_payment() {
    for (millis, is_shared) in [(-1, true), (0, false), (1, false)] {
        let held = held().await;
        let receipt = held.press(None, None).await.unwrap();
        let accepted_at = held.sale.app.clock.now();
        held.wait(1);
        let arrived_at = accepted_at + SignedDuration::from_millis(millis);
        let outcome = held.press_of(arrived_at, None, None).await.unwrap();
        assert_eq!(outcome == receipt, is_shared, "{millis} ms after it");
    }
}

/// Its time is ahead of what was known already, so that it says nothing of what came first.
#[pollster::test]
async fn an_acceptance_by_a_clock_far_ahead_is_not_taken_for_a_later_one() {
    let held = held().await;
    held.wait(3_600);
    held.press(None, None).await.unwrap();
    held.wait(-3_600);
    let other = held.press(None, None).await.unwrap();
    assert_eq!((other.purchase_id, held.count_active()), (held.first.id, 0));
}

/// With the clock where it was when the first one was refunded.
#[pollster::test]
async fn a_payment_that_came_after_the_acceptance_is_refunded_by_itself() {
    let sale = Sale::new().await;
    let first = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.clock.advance_seconds(60);
    let bob = sale.app.visitor(&sale.bob).await;
    let refund = || sale.app.refund(&sale.shop, &sale.page, &bob);
    assert_eq!(refund().await.unwrap().purchase_id, first.id);
    let again = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    assert_eq!(refund().await.unwrap().purchase_id, again.id);
}

/// It is about the payment that is not the newest one.
#[pollster::test]
async fn a_press_joins_a_refund_that_is_under_way() {
    let held = held().await;
    for call in [Call::Refund, Call::ChargeOfPayment] {
        held.sale.app.payments.fail_next(call, Fault::lost_request());
    }
    assert!(held.press(Some(&held.first), None).await.is_err());
    held.wait(60);
    let receipt = held.press(None, Some("another")).await.unwrap();
    assert_eq!(receipt.purchase_id, held.first.id);
    assert_eq!((held.count_active(), held.sale.is_open().await), (1, true));
}
