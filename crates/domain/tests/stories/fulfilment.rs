//! What a payment comes to.

use futures_util::future::join;
use tollgate_domain::{
    access::FactKind,
    checkout::{Applied, CheckoutError, EarlierPurchase, OrderStatus},
    creators::{PageChange, PageStatus},
    id::CheckoutId,
    jobs::JobKind,
    mail::MailContent,
    payments::{CheckoutSessionId, Payments, RefundProgress, SessionProgress, SessionState},
    reconcile::{ProviderUpdate, ports::SweepReads},
    reports::Revenue,
};
use tollgate_domain_testing::{Call, Fault, TestApp, at, email, money};

use crate::{
    ADA, BOB, Sale, all_calls,
    checkout::{after, price, statuses},
};

#[pollster::test]
async fn what_was_paid_anyway_is_honoured_at_what_was_paid() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    // The provider does not hear that the session is to end.
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::lost_request());
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    assert!(sale.app.payments.pay(&old).is_some());
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let purchases = sale.app.store.purchases();
    let paid = purchases.first().unwrap().payment.clone().unwrap().paid;
    assert_eq!(paid, money(1_200, "usd"));
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
}

#[pollster::test]
async fn an_edit_leaves_many_open_pay_pages_to_jobs_and_what_is_paid_meanwhile_counts() {
    let sale = Sale::new().await;
    let (mut readers, mut sessions) = (Vec::new(), Vec::new());
    for number in 0..40 {
        sale.app.clock.advance_seconds(1);
        let reader = sale.app.sign_in(&format!("reader{number}@example.com")).await;
        let started = sale.app.start(&sale.shop, &sale.page, &reader).await.unwrap();
        readers.push(reader);
        sessions.push(sale.app.payments.session_at(&started.url).unwrap());
    }
    assert_eq!(sale.app.work().await, []);
    sale.app.mailer.clear();
    let calls = all_calls(&sale.app);
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    assert_eq!(all_calls(&sale.app), calls, "the creator does not wait for the provider");
    let closing = sale.app.store.jobs().into_iter();
    assert_eq!(closing.filter(|job| job.kind() == JobKind::CloseCheckout).count(), 40);
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing; 40]);

    sale.app.payments.pay(&sessions[7]).unwrap();
    sale.app.payments.take_events();
    sale.app.work().await;
    for (number, session) in sessions.iter().enumerate() {
        let progress = sale.app.payments.session(session).unwrap().progress;
        let is_paid = number == 7;
        let expected = if is_paid { SessionProgress::Paid } else { SessionProgress::Expired };
        assert_eq!(progress, expected, "{number}");
        let is_open = sale.app.is_open(&sale.shop, &sale.page, &readers[number]).await;
        assert_eq!(is_open, is_paid, "{number}");
    }
    let purchases = sale.app.store.purchases();
    let [purchase] = purchases.as_slice() else { panic!("{purchases:?}") };
    assert_eq!(purchase.payment.clone().unwrap().paid, money(1_200, "usd"));
    assert_eq!(sale.mails_to("reader7@example.com").await, ["receipt"]);
}

#[pollster::test]
async fn an_edit_finds_out_what_was_paid_and_nobody_has_told_of() {
    for change in [price(2_000), PageChange { status: Some(PageStatus::Draft), ..price(1_200) }] {
        let sale = Sale::new().await;
        let session = sale.started().await;
        sale.app.payments.pay(&session).unwrap();
        sale.app.change(&sale.shop, &sale.page, change).await;
        sale.app.work().await;
        assert!(sale.is_open().await);
        assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
        assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
        let paid = sale.app.store.purchases().first().unwrap().payment.clone().unwrap().paid;
        assert_eq!(paid, money(1_200, "usd"));
    }
}

#[pollster::test]
async fn no_second_session_is_opened_before_the_first_is_known_to_be_closed() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    assert_eq!(sale.app.payments.sessions(), std::slice::from_ref(&old));
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    sale.app.clock.advance_seconds(1);
    let new = sale.started().await;
    assert_ne!(new, old);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
    assert!(sale.app.payments.pay(&old).is_none());
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn a_session_whose_answer_was_lost_is_closed_after_an_edit() {
    for waits in [1, 600, 3_700] {
        let sale = Sale::new().await;
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
        sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
        sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
        sale.app.clock.advance_seconds(waits);
        let new = sale.started().await;
        let [old, second] = &sale.app.payments.sessions()[..] else { panic!("not two sessions") };
        assert_eq!(*second, new);
        assert!(sale.app.payments.pay(old).is_none());
        assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
    }
}

#[pollster::test]
async fn an_order_that_never_had_a_session_is_closed_when_none_can_come() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Closing]);
    sale.app.clock.advance_seconds(3_600 + 600);
    sale.app.work().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert!(sale.app.payments.sessions().is_empty());
}

#[pollster::test]
async fn a_second_session_of_an_order_is_closed_and_changes_nothing_about_the_first() {
    let sale = Sale::new().await;
    let own = sale.started().await;
    let order = sale.app.store.orders().pop().unwrap();
    let state = sale.app.payments.checkout(&order.account, &own).await.unwrap();
    let stray = SessionState { session: CheckoutSessionId::new("cs_stray"), ..state };
    for progress in [SessionProgress::Pending, SessionProgress::Expired, SessionProgress::Failed] {
        let stray = SessionState { progress, ..stray.clone() };
        let update = ProviderUpdate::Session(stray);
        assert_eq!(
            sale.app.updates.apply(&order.account, update).await.unwrap(),
            Applied::Unchanged
        );
        assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
    }
    assert_eq!(sale.started().await, own);
}

/// Checks that the last mail to the creator leads to the screen about Bob.
pub(crate) fn assert_alert_leads_to_the_buyer(sale: &Sale) {
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    let Some(
        MailContent::PaidTwice { console_url, .. }
        | MailContent::PaymentMatched { console_url, .. }
        | MailContent::PaymentQuarantined { console_url, .. }
        | MailContent::PaymentUnread { console_url, .. }
        | MailContent::RefundFailed { console_url, .. },
    ) = &told
    else {
        panic!("{told:?}")
    };
    let origin = sale.app.installation.app_origin();
    assert_eq!(*console_url, format!("{origin}/ada/people/person?email={BOB}"));
}

#[pollster::test]
async fn money_on_its_way_opens_nothing_until_it_is_there() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    assert!(sale.mails_to(BOB).await.is_empty());
    // Not even a price edit leads to a second session now.
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    let order = sale.app.store.orders().pop().unwrap();
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    assert_eq!(again.id, order.id);
    assert!(again.url.ends_with(&format!("/{}", sale.page.slug)), "{}", again.url);
    assert!(sale.app.payments.apply(&session));
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn who_has_the_page_otherwise_hears_so_when_a_payment_fails() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.app.deliver_mails().await;
    sale.app.mailer.clear();
    assert!(sale.app.payments.fail_payment(&session));
    sale.app.deliver_webhooks().await;
    sale.app.deliver_mails().await;
    let told = sale.app.mailer.sent_to(&email(BOB));
    assert!(
        matches!(told.as_slice(), [MailContent::PaymentFailed { is_open: true, .. }]),
        "{told:?}"
    );
}

#[pollster::test]
async fn money_that_does_not_come_opens_nothing_and_is_told() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.app.payments.fail_payment(&session));
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed]);
    assert_eq!(sale.mails_to(BOB).await, ["payment_failed"]);
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn coming_back_early_or_twice_changes_nothing() {
    let sale = Sale::new().await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert!(!sale.is_open().await);
    let session = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&session).unwrap();
    for _ in 0..3 {
        sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    }
    sale.app.deliver_webhooks().await;
    assert_eq!(sale.app.store.purchases().len(), 1);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn coming_back_while_the_provider_is_away_is_no_error() {
    let sale = Sale::new().await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    let session = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.set_down(true);
    sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert!(!sale.is_open().await);
    sale.app.payments.set_down(false);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn nobody_comes_back_from_a_checkout_that_is_not_there() {
    let app = TestApp::new();
    let unknown = CheckoutId::new(at(0), &*app.random);
    let result = app.checkouts.complete_return(unknown, None).await;
    assert!(matches!(result, Err(CheckoutError::NotFound)));
}

/// Pays and lets the session differ from its order.
async fn mismatched(change: impl FnOnce(&mut SessionState)) -> (Sale, CheckoutSessionId) {
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

/// The account was disconnected, so nobody can learn what became of the payment.
#[pollster::test]
async fn a_payment_that_nothing_was_heard_of_for_months_is_not_waited_for() {
    let sale = Sale::new().await;
    let slow = sale.started().await;
    sale.app.payments.pay_later(&slow).unwrap();
    sale.app.deliver_webhooks().await;
    let bob = async || sale.app.sign_in(BOB).await;
    sale.app.clock.advance_seconds(64 * 24 * 3600);
    let session = bob().await;
    let visitor = sale.app.visitor(&session).await.id;
    assert_eq!(sale.app.checkouts.pending_of(visitor).await.unwrap().len(), 1);
    let waiting = sale.app.start(&sale.shop, &sale.page, &session).await.unwrap();
    assert!(waiting.url.ends_with(&format!("/{}", sale.page.slug)), "{}", waiting.url);
    sale.app.clock.advance_seconds(24 * 3600);
    let session = bob().await;
    assert_eq!(sale.app.checkouts.pending_of(visitor).await.unwrap(), []);
    let again = sale.app.start(&sale.shop, &sale.page, &session).await.unwrap();
    assert_ne!(again.id, waiting.id);
    // If it arrives all the same, it opens the page, and the other pay page is closed.
    assert!(sale.app.payments.apply(&slow));
    sale.app.deliver_webhooks().await;
    assert!(sale.app.is_open(&sale.shop, &sale.page, &session).await);
    sale.app.work().await;
    let open = sale.app.payments.session_at(&again.url).unwrap();
    assert_eq!(sale.app.payments.pay(&open), None);
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
    assert_eq!(earlier().await, EarlierPurchase::None);
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
    let order = sale.app.store.orders().pop().unwrap();
    let other =
        sale.app.payments.open_elsewhere(&order.account, order.id, order.page_id, order.price);
    sale.app.payments.pay(&other.session).unwrap();
    sale.app.payments.tamper(&other.session, |state| {
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
    sale.app.clock.advance_seconds(3 * 24 * 3600 - 1);
    assert!(matches!(earlier().await, EarlierPurchase::Quarantined(_)));
    sale.app.clock.advance_seconds(1);
    assert_eq!(earlier().await, EarlierPurchase::None);
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
async fn what_did_not_match_is_given_back_when_the_buyer_has_the_money() {
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

#[pollster::test]
async fn a_session_of_another_account_changes_nothing() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    let state = sale.app.payments.session(&session).unwrap();
    let foreign = sale.app.payments.an_active_account();
    let applied = sale.app.updates.apply(&foreign, ProviderUpdate::Session(state)).await;
    assert_eq!(applied.unwrap(), Applied::Ignored);
    assert!(!sale.is_open().await);
    assert!(sale.mails_to(ADA).await.is_empty(), "nobody is alarmed by a stranger");
    // The real payment is honoured all the same.
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn wherever_the_store_fails_a_payment_ends_up_as_one_purchase() {
    for passes in 0..60 {
        for answer_lost in [false, true] {
            let sale = Sale::new().await;
            let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
            let session = sale.app.payments.session_at(&started.url).unwrap();
            sale.app.payments.pay(&session).unwrap();
            sale.app.store.fail_after(passes);
            if answer_lost {
                sale.app.store.lose_answer_of_next_commit();
            }
            sale.app.checkouts.complete_return(started.id, None).await.ok();
            let came_through = sale.app.store.heal();
            assert_eq!(sale.is_open().await, !sale.app.store.purchases().is_empty());
            sale.app.deliver_webhooks().await;
            assert!(sale.is_open().await);
            assert_eq!(sale.app.store.purchases().len(), 1);
            assert_eq!(sale.app.store.facts().len(), 1);
            assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
            if came_through && !answer_lost {
                return;
            }
        }
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_payment_while_another_checkout_starts_leaves_no_second_session() {
    for turns in 0..60 {
        let sale = Sale::new().await;
        let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
        let session = sale.app.payments.session_at(&started.url).unwrap();
        let pay = async {
            after(turns).await;
            sale.app.payments.pay(&session).unwrap();
            sale.app.deliver_webhooks().await;
        };
        let again = sale.app.start(&sale.shop, &sale.page, &sale.bob);
        let ((), again) = join(pay, again).await;
        assert!(sale.is_open().await);
        assert_eq!(sale.app.payments.sessions().len(), 1, "after {turns}: {again:?}");
    }
}
