//! Payments of orders that are not stored, since an older state of the database was restored.

use std::collections::BTreeSet;

use tollgate_domain::{
    checkout::{Applied, CheckoutOrder, OrderStatus},
    clock::Clock,
    creators::SecondPayments,
    id::CheckoutId,
    links::Links,
    payments::{CheckoutSessionId, DisputeProgress, PaymentIntentId, ProviderEvent},
    reconcile::{FindingKind, SweepRequest},
};
use tollgate_domain_testing::{Call, Fault, TestApp, TestLinks, a_page, email, money};

use super::{findings, swept, told};
use crate::{
    ADA, BOB, Sale,
    checkout::statuses,
    second_payments::{receipts, wish},
};

/// What was there before an older state was restored.
struct Lost {
    order: CheckoutOrder,
    session: CheckoutSessionId,
    events: Vec<ProviderEvent>,
}

/// Bob begins to buy and pays after a backup, which is restored then.
async fn restored(sale: &Sale) -> Lost {
    let backup = sale.app.store.backup();
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    let events = sale.app.payments.take_events();
    sale.app.deliver(events.clone()).await;
    assert!(sale.is_open().await);
    let order = sale.app.store.orders().pop().unwrap();
    sale.app.store.restore(&backup);
    sale.app.mailer.clear();
    assert!(!sale.is_open().await && sale.app.store.orders().is_empty());
    Lost { order, session, events }
}

#[pollster::test]
async fn what_was_ordered_and_paid_since_a_backup_opens_the_page_after_a_sweep() {
    let sale = Sale::in_app(TestApp::with(1, 500)).await;
    let Lost { order: lost, session, events } = restored(&sale).await;
    assert_eq!(told(&sale.app).await, [FindingKind::Session]);
    assert!(sale.app.store.orders().is_empty(), "a dry run stores nothing");
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
    let order = sale.app.store.orders().pop().unwrap();
    assert_eq!(order.opened.map(|opened| opened.session), Some(session));
    let said = |order: &CheckoutOrder| (order.id, order.visitor_id, order.page_id, order.price);
    let order = CheckoutOrder { opened: None, ..order };
    assert_eq!(said(&order), said(&lost));
    assert_eq!((order.fee, &order.account), (60, &lost.account), "a refund returns the fee");
    // Webhooks of then come once more.
    sale.app.deliver(events).await;
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(sale.app.store.purchases().len(), 1);
    assert!(sale.mails_to(ADA).await.is_empty());
}

#[pollster::test]
async fn a_webhook_about_a_payment_since_a_backup_opens_the_page() {
    let sale = Sale::new().await;
    let lost = restored(&sale).await;
    sale.app.deliver(lost.events).await;
    assert!(sale.is_open().await);
    assert_eq!(findings(&sale.app).await, []);
}

#[pollster::test]
async fn what_was_paid_and_refunded_since_a_backup_opens_nothing() {
    let sale = Sale::new().await;
    let lost = restored(&sale).await;
    let payment = sale.app.payments.session(&lost.session).unwrap().payment_intent.unwrap();
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    // When the webhook about the refund comes, nothing is known of its payment.
    sale.app.deliver_webhooks().await;
    sale.app.deliver(lost.events).await;
    assert!(!sale.is_open().await);
    assert_eq!(findings(&sale.app).await, []);
}

#[pollster::test]
async fn of_a_payment_since_a_backup_and_another_after_it_one_is_refunded() {
    let sale = Sale::new().await;
    let lost = restored(&sale).await;
    let again = sale.started().await;
    assert_ne!(again, lost.session);
    sale.app.payments.pay(&again).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(60);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    let refunds = [again, lost.session].map(|session| {
        let payment = sale.app.payments.session(&session).unwrap().payment_intent.unwrap();
        sale.app.payments.refunds_of(&payment).len()
    });
    assert_eq!(refunds.iter().sum::<usize>(), 1, "{refunds:?}");
    assert!(sale.is_open().await);
}

/// The visitor is not asked to pay again while the bank still works on the payment.
#[pollster::test]
async fn a_payment_that_is_on_its_way_since_a_backup_is_known_again() {
    let sale = Sale::new().await;
    let backup = sale.app.store.backup();
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.store.restore(&backup);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    assert!(sale.app.payments.apply(&session));
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}

/// The creator wrote what the order's session has into another one, which was paid as well.
#[pollster::test]
async fn of_two_sessions_that_name_a_lost_order_one_opens_the_page() {
    let sale = Sale::new().await;
    let Lost { order, session, .. } = restored(&sale).await;
    let payments = &sale.app.payments;
    let own = payments.session(&session).unwrap();
    let copy = payments.open_elsewhere(&order.account, order.id, order.page_id, order.price);
    payments.tamper(&copy.session, |state| {
        state.success_url.clone_from(&own.success_url);
        state.customer_email.clone_from(&own.customer_email);
    });
    payments.pay(&copy.session).unwrap();
    payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session; 2]);
    assert!(sale.is_open().await);
    assert_eq!(sale.app.store.purchases().len(), 1);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    assert_eq!(findings(&sale.app).await, []);
}

/// Other software, and another installation, may use the account, too.
#[pollster::test]
async fn sessions_that_this_installation_did_not_open_are_left_alone() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let (page, account) = (sale.page.id, &sale.shop.account);
    for host in ["", "https://ada.example.org", "http://eve.tollgate.localhost:8080"] {
        let id = CheckoutId::new(sale.app.clock.now(), &*sale.app.random);
        let other = payments.open_elsewhere(account, id, page, money(1_200, "usd"));
        payments.tamper(&other.session, |state| {
            if !host.is_empty() {
                state.success_url = format!("{host}/{}/return?checkout={id}", sale.page.slug);
            }
            state.customer_email = Some(email(BOB));
        });
        payments.pay(&other.session).unwrap();
        let events = payments.take_events();
        assert_eq!(told(&sale.app).await, [], "{host}");
        assert_eq!(findings(&sale.app).await, [], "{host}");
        sale.app.deliver(events).await;
    }
    let mut events = sale.app.store.events();
    events.retain(|(event, _)| event.object_id.starts_with("cs_"));
    let outcomes: Vec<_> = events.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, [Some(Applied::Ignored); 3]);
    assert!(!sale.is_open().await && sale.app.store.orders().is_empty());
    assert!(sale.mails_to(ADA).await.is_empty());
}

/// Eve writes what a session of Ada's has into one of her own account.
#[pollster::test]
async fn a_session_of_another_shop_opens_nothing_of_this_one() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    let eve = sale.app.shop("eve").await;
    payments.take_events();
    let id = CheckoutId::new(sale.app.clock.now(), &*sale.app.random);
    let links = TestLinks::new(sale.app.installation.clone());
    let back = [&sale.shop, &eve]
        .map(|shop| links.checkout_return(&shop.handle.name, &sale.page.slug, id));
    for success_url in back {
        let copy = payments.open_elsewhere(&eve.account, id, sale.page.id, money(1_200, "usd"));
        payments.tamper(&copy.session, |state| {
            state.success_url = success_url;
            state.customer_email = Some(email(BOB));
        });
        payments.pay(&copy.session).unwrap();
    }
    for account in sale.app.reconciler.accounts(&SweepRequest::default()).await.unwrap() {
        let outcome = sale.app.reconciler.sweep(&account, &SweepRequest::default()).await;
        assert!(outcome.findings.iter().all(|finding| !finding.is_mended), "{outcome:?}");
    }
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await && sale.app.store.orders().is_empty());
    assert!(sale.mails_to(ADA).await.is_empty());
}

#[pollster::test]
async fn a_payment_for_a_page_that_is_not_in_the_backup_is_named_by_every_sweep() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let bob = app.sign_in(BOB).await;
    let backup = app.store.backup();
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    app.buy(&shop, &page, &bob).await;
    let events = app.payments.take_events();
    app.store.restore(&backup);
    for _ in 0..2 {
        let outcome = swept(&app, &SweepRequest::default()).await;
        let found: Vec<_> = outcome.findings.iter().map(|it| (it.kind, it.is_mended)).collect();
        assert_eq!((found, outcome.error), (vec![(FindingKind::Session, false)], None));
    }
    app.deliver(events).await;
    assert!(app.store.orders().is_empty() && app.store.purchases().is_empty());
}

/// Stripe refused to take the address, so that the pay page was opened without it.
#[pollster::test]
async fn a_payment_since_a_backup_that_names_nobody_is_told_to_the_creator_once() {
    let sale = Sale::new().await;
    let Lost { session, .. } = restored(&sale).await;
    sale.app.payments.tamper(&session, |state| state.customer_email = None);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(!sale.is_open().await && sale.app.store.orders().is_empty());
    assert_eq!(findings(&sale.app).await, []);
    assert_eq!(told(&sale.app).await, []);
    assert_eq!(sale.mails_to(ADA).await, ["payment_quarantined"]);
    // The answer was wrong.
    sale.app.payments.tamper(&session, |state| state.customer_email = Some(email(BOB)));
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
}

/// What a receipt says of a payment that opens the page, and of one that is gone: whether the page is open, and whether the payment
/// is refunded or held.
const OPENS: (bool, bool, bool) = (true, false, false);
const IS_GONE: (bool, bool, bool) = (false, false, false);

/// Bob pays after a backup, which is restored then.
pub(super) async fn lost_payment(sale: &Sale) -> PaymentIntentId {
    let backup = sale.app.store.backup();
    let session = sale.started().await;
    let payment = sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    sale.app.store.restore(&backup);
    sale.app.clock.advance_seconds(60);
    payment
}

/// The page is open by this payment, and what is told and counted says so.
async fn assert_only_opens_by(sale: &Sale, payment: &PaymentIntentId) {
    assert!(sale.is_open().await);
    assert!(sale.app.payments.refunds_of(payment).is_empty());
    assert_eq!(findings(&sale.app).await, [], "a second sweep finds nothing");
    assert!(sale.mails_to(ADA).await.is_empty());
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let told = sale.app.reports.revenue(creator, name, None, None).await.unwrap();
    let [total] = told.totals.as_slice() else { panic!("{told:?}") };
    assert_eq!((total.sales, total.net()), (2, money(1_200, "usd")));
}

/// Sweeps see the newest payment first.
#[pollster::test]
async fn of_two_payments_since_a_backup_the_one_that_was_not_refunded_stays() {
    for setting in [SecondPayments::Refund, SecondPayments::Hold] {
        let sale = Sale::new().await;
        wish(&sale, setting).await;
        let (first, second) = (lost_payment(&sale).await, lost_payment(&sale).await);
        sale.app.payments.refund_in_dashboard(&second, 1_200).unwrap();
        sale.app.payments.take_events();
        assert_eq!(findings(&sale.app).await, [FindingKind::Session, FindingKind::Session]);
        assert_only_opens_by(&sale, &first).await;
        let mut mails = sale.mails_to(BOB).await;
        mails.sort_unstable();
        assert_eq!(mails, ["receipt", "receipt", "refunded"], "{setting:?}");
        assert_eq!(receipts(&sale), BTreeSet::from([OPENS, IS_GONE]), "{setting:?}");
    }
}

/// The refund of the payment that the backup has is read before the lost one is taken for a second payment.
#[pollster::test]
async fn a_payment_since_a_backup_stays_when_the_one_before_it_was_refunded() {
    for setting in [SecondPayments::Refund, SecondPayments::Hold] {
        let sale = Sale::new().await;
        wish(&sale, setting).await;
        let before = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let before = before.payment.unwrap().payment_intent;
        sale.app.deliver_webhooks().await;
        let backup = sale.app.store.backup();
        sale.app.payments.refund_in_dashboard(&before, 1_200).unwrap();
        sale.app.deliver_webhooks().await;
        let again = lost_payment(&sale).await;
        sale.app.store.restore(&backup);
        sale.app.mailer.clear();
        assert!(sale.is_open().await);
        assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
        assert_only_opens_by(&sale, &again).await;
        assert_eq!(receipts(&sale), BTreeSet::from([OPENS]), "{setting:?}");
    }
}

#[pollster::test]
async fn a_payment_that_was_refunded_since_a_backup_is_not_said_to_open_the_page() {
    let sale = Sale::new().await;
    // Mails of one instant have no order.
    sale.app.clock.run();
    let payment = lost_payment(&sale).await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(!sale.is_open().await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt", "refunded"]);
    assert_eq!(receipts(&sale), BTreeSet::from([IS_GONE]));
    assert_eq!(findings(&sale.app).await, []);
}

#[pollster::test]
async fn a_payment_since_a_backup_that_is_disputed_opens_nothing_until_it_is_won() {
    let sale = Sale::new().await;
    // Mails of one instant have no order.
    sale.app.clock.run();
    let payment = lost_payment(&sale).await;
    let dispute = sale.app.payments.dispute(&payment, DisputeProgress::Open).unwrap();
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(!sale.is_open().await);
    assert_eq!(sale.mails_to(BOB).await, ["receipt", "access_disputed"]);
    assert_eq!(receipts(&sale), BTreeSet::from([IS_GONE]));
    assert_eq!(findings(&sale.app).await, []);
    sale.app.clock.advance_seconds(3_600);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.payments.take_events();
    assert_eq!(findings(&sale.app).await, [FindingKind::Dispute]);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn nothing_opens_while_it_cannot_be_read_what_was_taken_back_since_a_backup() {
    for call in [Call::ChargeOfPayment, Call::RefundsOfCharge, Call::DisputesSince] {
        let sale = Sale::new().await;
        lost_payment(&sale).await;
        sale.app.payments.fail_next(call, Fault::lost_request());
        let outcome = swept(&sale.app, &SweepRequest::default()).await;
        assert!(outcome.error.is_some(), "{call:?}");
        assert!(!sale.is_open().await && sale.app.store.orders().is_empty(), "{call:?}");
        assert_eq!(findings(&sale.app).await, [FindingKind::Session], "{call:?}");
        assert!(sale.is_open().await, "{call:?}");
    }
}

#[pollster::test]
async fn a_payment_since_a_backup_that_is_not_shown_as_a_whole_is_read_again() {
    let sale = Sale::new().await;
    let Lost { session, .. } = restored(&sale).await;
    let whole = sale.app.payments.session(&session).unwrap();
    sale.app.payments.tamper(&session, |state| {
        state.is_whole = false;
        state.currency = String::new();
    });
    let outcome = swept(&sale.app, &SweepRequest::default()).await;
    assert!(outcome.error.is_some());
    assert!(sale.mails_to(ADA).await.is_empty() && sale.app.store.orders().is_empty());
    sale.app.payments.tamper(&session, |state| *state = whole);
    assert_eq!(findings(&sale.app).await, [FindingKind::Session]);
    assert!(sale.is_open().await);
}
