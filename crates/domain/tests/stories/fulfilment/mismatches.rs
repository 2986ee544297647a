//! Payments that do not match their orders: they open nothing, and the creator is told.

use tollgate_domain::{
    access::FactKind,
    checkout::{Applied, CheckoutError, EarlierPurchase, OrderStatus},
    mail::MailContent,
    payments::{CheckoutSessionId, DisputeProgress, ProviderEvent, RefundProgress, SessionState},
    reconcile::{ProviderUpdate, ports::SweepReads},
    reports::Revenue,
};
use tollgate_domain_testing::{Call, Fault, at, email, money};

use super::assert_alert_leads_to_the_buyer;
use crate::{ADA, BOB, Sale, checkout::statuses};

/// Pays and lets the session differ from its order.
pub(super) async fn mismatched(
    change: impl FnOnce(&mut SessionState),
) -> (Sale, CheckoutSessionId) {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.tamper(&session, change);
    (sale, session)
}

/// The words of versions before, which mails that are kept have.
#[test]
fn stored_mails_name_what_does_not_match_in_words_of_earlier_versions() {
    for word in ["session", "amount", "currency", "page", "payment", "account"] {
        let stored = serde_json::json!({
            "kind": "payment_quarantined", "title": "t", "reference": "cs_1", "mismatch": word,
        });
        let read = serde_json::from_value::<MailContent>(stored);
        assert!(matches!(read, Ok(MailContent::PaymentQuarantined { .. })), "{word}: {read:?}");
    }
}

#[pollster::test]
async fn a_payment_that_differs_from_its_order_is_quarantined() {
    type Change = fn(&mut SessionState);
    let changes: [(&str, Change); 7] = [
        ("amount", |state| state.amount = 1_199),
        ("amount", |state| state.amount = 1_201),
        ("currency", |state| state.currency = "eur".into()),
        ("page", |state| state.page_id = None),
        ("page", |state| {
            let random = tollgate_domain_testing::SeededRandom::new(99);
            state.page_id = Some(tollgate_domain::id::PageId::new(at(0), &random));
        }),
        ("payment", |state| state.payment_intent = None),
        ("session", |state| state.session = CheckoutSessionId::new("cs_other")),
    ];
    for (what, change) in changes {
        let (sale, _) = mismatched(change).await;
        let events = sale.app.payments.take_events();
        sale.app.deliver(events.clone()).await;
        sale.app.deliver(events).await;
        assert!(!sale.is_open().await, "{what}");
        assert!(sale.app.store.purchases().is_empty(), "{what}");
        // A session that is not the order's leaves the order as it is.
        let is_own = what != "session";
        let status = if is_own { OrderStatus::Quarantined } else { OrderStatus::Open };
        assert_eq!(statuses(&sale.app), [status], "{what}");
        assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"], "{what}");
        assert_alert_leads_to_the_buyer(&sale);
        assert!(sale.mails_to(BOB).await.is_empty());
        let facts = sale.app.store.facts();
        let kinds: Vec<_> = facts.iter().map(|fact| fact.kind).collect();
        assert_eq!(kinds, [FactKind::PaymentQuarantined]);
        assert!(facts.iter().all(|fact| fact.amount.is_some()), "{what}");
        let Sale { app, shop, .. } = &sale;
        let revenue = app.reports.revenue(&shop.creator, &shop.handle.name, None, None).await;
        assert_eq!(revenue.unwrap(), Revenue::default(), "{what}");
        let outcomes = sale.app.store.events();
        assert!(outcomes.iter().all(|(_, outcome)| *outcome == Some(Applied::Quarantined)));
    }
}

#[pollster::test]
async fn who_paid_what_does_not_match_is_not_asked_to_pay_again_for_three_days() {
    let (sale, _) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let earlier =
        async || sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]).await.unwrap();
    let told = earlier().await;
    assert!(matches!(told, EarlierPurchase::Quarantined(_)) && !told.may_pay(), "{told:?}");
    let refused = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(refused, Err(CheckoutError::Quarantined)), "{refused:?}");
    assert_eq!(sale.app.payments.sessions().len(), 1);
    sale.app.clock.advance_seconds(3 * 24 * 3600);
    let told = earlier().await;
    assert!(matches!(told, EarlierPurchase::LeftUnmatched(_)) && told.may_pay(), "{told:?}");
    sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
}

#[pollster::test]
async fn a_paid_session_that_stays_without_an_amount_is_quarantined_in_the_end() {
    let (sale, session) = mismatched(|state| {
        state.amount = 0;
        state.is_whole = false;
    })
    .await;
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
    assert!(sale.mails_to(ADA).await.is_empty(), "it may be shown as a whole later");
    sale.app.clock.advance_seconds(24 * 3600);
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Quarantined]);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn a_paid_session_that_is_shown_as_a_whole_later_opens_the_page() {
    let (sale, session) = mismatched(|state| state.is_whole = false).await;
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    sale.app.payments.tamper(&session, |state| state.is_whole = true);
    sale.app.clock.advance_seconds(3600);
    sale.app.work().await;
    assert!(sale.is_open().await);
}

/// Somebody's own pay link, which names the order.
#[pollster::test]
async fn nothing_is_awaited_of_a_session_that_is_not_the_orders() {
    let sale = Sale::new().await;
    sale.started().await;
    let (other, _) = sale.paid_elsewhere();
    sale.app.payments.tamper(&other, |state| {
        state.page_id = None;
        state.is_whole = false;
    });
    sale.app.deliver_webhooks().await;
    let outcomes = sale.app.store.events();
    assert!(outcomes.iter().all(|(_, outcome)| *outcome == Some(Applied::Quarantined)));
    assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
}

/// A slow payment arrives days after it was begun.
#[pollster::test]
async fn the_three_days_begin_when_it_is_known_that_a_payment_does_not_match() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(5 * 24 * 3600);
    sale.app.payments.tamper(&session, |state| state.amount = 1_100);
    sale.app.payments.apply(&session);
    sale.app.deliver_webhooks().await;
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let earlier =
        async || sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]).await.unwrap();
    assert!(matches!(earlier().await, EarlierPurchase::Quarantined(_)));
    let order = sale.app.checkouts.quarantined_of(visitor).await.unwrap().remove(0).0;
    let is_waited_for = async || sale.app.checkouts.awaits_seller(&order).await.unwrap();
    sale.app.clock.advance_seconds(3 * 24 * 3600 - 1);
    assert!(matches!(earlier().await, EarlierPurchase::Quarantined(_)));
    assert!(is_waited_for().await);
    sale.app.clock.advance_seconds(1);
    assert!(matches!(earlier().await, EarlierPurchase::LeftUnmatched(_)));
    assert!(!is_waited_for().await);
}

/// However long that takes: nothing else says where the money is.
#[pollster::test]
async fn a_payment_that_does_not_match_is_told_until_it_was_refunded() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let told = async || {
        let earlier = sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]);
        let is_told = matches!(earlier.await.unwrap(), EarlierPurchase::LeftUnmatched(_));
        let history = sale.app.checkouts.quarantined_of(visitor).await.unwrap();
        let waiting = sale.app.reports.attention(creator, name, 9).await.unwrap();
        (is_told, history.len(), waiting.unmatched.len())
    };
    sale.app.clock.advance_seconds(400 * 24 * 3_600);
    assert_eq!(told().await, (true, 1, 1));
    let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_100).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(told().await, (false, 0, 0));
}

#[pollster::test]
async fn who_has_all_back_of_what_did_not_match_may_buy_again() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let earlier =
        async || sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]).await.unwrap();
    payments.refund_in_dashboard(&payment, 1_000).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(matches!(earlier().await, EarlierPurchase::Quarantined(_)), "a part is not all");
    payments.refund_in_dashboard(&payment, 100).unwrap();
    let events = payments.take_events();
    sale.app.deliver(events.clone()).await;
    sale.app.deliver(events).await;
    assert_eq!(earlier().await, EarlierPurchase::None);
    // The session is still paid at the provider, which changes nothing.
    let state = payments.session(&session).unwrap();
    let update = ProviderUpdate::Session(state);
    let applied = sale.app.updates.apply(&sale.shop.account, update).await;
    assert_eq!(applied.unwrap(), Applied::Quarantined);
    assert_eq!(earlier().await, EarlierPurchase::None);
    let facts = sale.app.store.facts().into_iter();
    assert_eq!(facts.filter(|fact| fact.kind == FactKind::QuarantineRefunded).count(), 1);
    assert_ne!(sale.started().await, session);
}

/// Until then the money may stay where it is.
#[pollster::test]
async fn what_did_not_match_is_refunded_when_the_buyer_has_the_money() {
    for is_paid_out in [true, false] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        sale.app.deliver_webhooks().await;
        let payments = &sale.app.payments;
        let payment = payments.session(&session).unwrap().payment_intent.unwrap();
        let visitor = sale.app.visitor(&sale.bob).await.id;
        let held = async || {
            let account = &sale.shop.account;
            let orders = sale.app.store.quarantined_orders_at(account, None, 9).await.unwrap();
            let told = sale.app.checkouts.quarantined_of(visitor).await.unwrap();
            (orders.len(), told.len())
        };
        payments.set_refund_progress(RefundProgress::Pending);
        let refund = payments.refund_in_dashboard(&payment, 1_100).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(held().await, (1, 1), "it is on its way");
        if is_paid_out {
            payments.complete_refund(&refund);
        } else {
            payments.fail_refund(&refund);
        }
        sale.app.deliver_webhooks().await;
        let count = usize::from(!is_paid_out);
        assert_eq!(held().await, (count, count), "{is_paid_out}");
    }
}

#[pollster::test]
async fn the_seller_hears_that_a_refund_of_what_did_not_match_failed() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let refund = payments.refund_in_dashboard(&payment, 1_100).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    payments.fail_refund(&refund);
    let events = payments.take_events();
    sale.app.deliver(events.clone()).await;
    sale.app.deliver(events).await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined", "refund_failed"]);
    assert!(sale.mails_to(BOB).await.is_empty(), "the visitor heard of nothing");
    assert_alert_leads_to_the_buyer(&sale);
}

/// Something else may have opened it since.
#[pollster::test]
async fn the_seller_reads_whether_the_page_is_open_when_a_refund_of_what_did_not_match_fails() {
    for (is_given, is_bought) in [(false, false), (true, false), (false, true)] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        let Sale { app, shop, page, bob } = &sale;
        app.deliver_webhooks().await;
        let payment = app.payments.session(&session).unwrap().payment_intent.unwrap();
        let refund = app.payments.refund_in_dashboard(&payment, 1_100).unwrap();
        app.deliver_webhooks().await;
        if is_given {
            app.give(shop, page, BOB).await;
        }
        if is_bought {
            app.buy(shop, page, bob).await;
        }
        app.payments.fail_refund(&refund);
        app.deliver_webhooks().await;
        sale.mails_to(ADA).await;
        let told = app.mailer.sent_to(&email(ADA)).into_iter().filter_map(|mail| match mail {
            MailContent::RefundFailed { is_open, .. } => is_open,
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [is_given || is_bought]);
    }
}

/// How many payments that did not match are told to the buyer, read by sweeps and shown to the creator.
pub(super) async fn count_held(sale: &Sale) -> [usize; 3] {
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let told = sale.app.checkouts.quarantined_of(visitor).await.unwrap();
    let read = sale.app.store.quarantined_orders_at(&sale.shop.account, None, 9).await.unwrap();
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let waiting = sale.app.reports.attention(creator, name, 9).await.unwrap();
    [told.len(), read.len(), waiting.unmatched.len()]
}

#[pollster::test]
async fn what_did_not_match_is_to_be_refunded_again_each_time_its_refund_fails_later() {
    let (sale, session) = mismatched(|state| state.amount = 1_100).await;
    sale.app.deliver_webhooks().await;
    let payments = &sale.app.payments;
    let payment = payments.session(&session).unwrap().payment_intent.unwrap();
    let visitor = sale.app.visitor(&sale.bob).await.id;
    let earlier =
        async || sale.app.checkouts.earlier_purchase(visitor, sale.page.id, &[]).await.unwrap();
    for tries in 1..4 {
        let refund = payments.refund_in_dashboard(&payment, 1_100).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(count_held(&sale).await, [0; 3], "{tries}");
        assert_eq!(earlier().await, EarlierPurchase::None, "{tries}");
        sale.app.clock.advance_seconds(60);
        payments.fail_refund(&refund);
        let events = payments.take_events();
        sale.app.deliver(events.clone()).await;
        sale.app.deliver(events).await;
        assert_eq!(count_held(&sale).await, [1; 3], "{tries}");
        assert!(matches!(earlier().await, EarlierPurchase::Quarantined(_)), "{tries}");
        let mails = sale.mails_to(ADA).await.into_iter();
        assert_eq!(mails.filter(|kind| *kind == "refund_failed").count(), tries);
        let facts = sale.app.store.facts().into_iter();
        let failed = facts.filter(|fact| fact.kind == FactKind::QuarantineRefundFailed);
        assert_eq!(failed.count(), tries);
    }
}

/// What the bank took back counts beside the refunds.
#[pollster::test]
async fn a_refund_that_fails_beside_a_loss_leaves_what_is_not_lost() {
    for (refunded, lost, held) in [(500, 600, 1), (100, 1_100, 0)] {
        let (sale, session) = mismatched(|state| state.amount = 1_100).await;
        sale.app.deliver_webhooks().await;
        let payments = &sale.app.payments;
        let payment = payments.session(&session).unwrap().payment_intent.unwrap();
        let refund = payments.refund_in_dashboard(&payment, refunded).unwrap();
        payments.dispute_part(&payment, lost, DisputeProgress::Lost).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!(count_held(&sale).await, [0; 3], "{lost}");
        payments.fail_refund(&refund);
        sale.app.deliver_webhooks().await;
        assert_eq!(count_held(&sale).await, [held; 3], "{lost}");
    }
}

/// The answer to opening the order's own session was lost, so that either may be it.
#[pollster::test]
async fn of_two_payments_for_an_order_without_a_session_the_second_is_told() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    payments.pay(&payments.sessions().pop().unwrap()).unwrap();
    let first = payments.take_events();
    sale.app.deliver(first.clone()).await;
    assert!(sale.is_open().await);
    sale.paid_elsewhere();
    sale.app.deliver_webhooks().await;
    let again = first.into_iter().map(|it| ProviderEvent { id: format!("{}_2", it.id), ..it });
    sale.app.deliver(again).await;
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    assert_eq!(
        (statuses(&sale.app), sale.app.store.purchases().len()),
        (vec![OrderStatus::Paid], 1)
    );
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_session_that_only_names_the_order_leaves_the_orders_own_to_be_paid() {
    let sale = Sale::new().await;
    let own = sale.started().await;
    let order = sale.app.store.orders().pop().unwrap();
    let (account, price) = (&sale.shop.account, money(50, "usd"));
    let other = sale.app.payments.open_elsewhere(account, order.id, order.page_id, price);
    sale.app.payments.pay(&other.session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    assert_eq!(sale.started().await, own, "no second session is opened");
    sale.app.payments.pay_later(&own).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    sale.app.payments.apply(&own);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}
