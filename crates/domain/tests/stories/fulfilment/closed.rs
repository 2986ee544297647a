//! An order that is closed, moves or is stored again while a report on its session is being applied.

use std::sync::Arc;

use tollgate_domain::{
    checkout::{Applied, CheckoutOrder, Fulfilment, FulfilmentPorts, OrderStatus},
    mail::MailWriter,
    mocks::{MockCheckoutReads, MockPurchaseReads, MockStore, MockUnit},
    payments::SessionState,
    store::Runtime,
    visitor_auth::Visitor,
};
use tollgate_domain_testing::TestLinks;

use crate::Sale;

/// A unit that reads an order while it is open, and finds it closed when it is to move it.
fn too_late(open: CheckoutOrder, closed: CheckoutOrder) -> MockUnit {
    let mut unit = MockUnit::new();
    let mut reads = [open, closed].into_iter();
    unit.checkout_orders.expect_find().times(2).returning(move |_| Ok(reads.next()));
    unit.checkout_orders.expect_advance().times(1).returning(|_, _, _| Ok(false));
    unit
}

/// A unit that brings a closed order back.
fn in_time(closed: CheckoutOrder) -> MockUnit {
    let mut unit = MockUnit::new();
    let found = closed.clone();
    unit.checkout_orders.expect_find().times(1).return_once(move |_| Ok(Some(found)));
    unit.visitors.expect_lock().times(1).returning(|_| Ok(()));
    unit.checkout_orders.expect_lock().times(1).return_once(move |_| Ok(Some(closed)));
    unit.pay_pages.expect_close().times(1).returning(|_, _| Ok(None));
    unit.checkout_orders.expect_bring_back().times(1).returning(|_| Ok(true));
    unit.commit.expect_commit().times(1).returning(|| Ok(()));
    unit
}

/// A unit that notes that the payment of an open order is being processed.
fn noting(open: CheckoutOrder) -> MockUnit {
    let mut unit = MockUnit::new();
    unit.checkout_orders.expect_find().times(1).return_once(move |_| Ok(Some(open)));
    unit.checkout_orders.expect_advance().times(1).returning(|_, _, _| Ok(true));
    unit.commit.expect_commit().times(1).returning(|| Ok(()));
    unit
}

/// A unit that locks an order which it has found.
fn locking(found: CheckoutOrder, locked: CheckoutOrder) -> MockUnit {
    let mut unit = MockUnit::new();
    let visitor = found.visitor_id;
    unit.checkout_orders.expect_find().times(1).return_once(move |_| Ok(Some(found)));
    unit.visitors.expect_lock().withf(move |it| *it == visitor).times(1).returning(|_| Ok(()));
    unit.checkout_orders.expect_lock().times(1).return_once(move |_| Ok(Some(locked)));
    unit
}

/// A unit that ends the order of a payment that failed, and tells its visitor.
fn telling(sale: &Sale, order: CheckoutOrder, visitor: Visitor) -> MockUnit {
    let mut unit = locking(order.clone(), order);
    unit.checkout_orders.expect_advance().times(1).returning(|_, _, _| Ok(true));
    let (handle, page) = (sale.shop.handle.clone(), sale.page.clone());
    unit.handles.expect_find().return_once(move |_| Ok(Some(handle)));
    unit.pages.expect_find().return_once(move |_| Ok(Some(page)));
    let Visitor { id, email, .. } = visitor;
    unit.purchases.expect_of_visitor().withf(move |it, _| *it == id).returning(|_, _| Ok(vec![]));
    unit.languages.expect_of().returning(|_| Ok(None));
    unit.outbox.expect_insert().withf(move |mail| mail.to == email).times(1).returning(|_| Ok(()));
    unit.jobs.expect_enqueue().times(1).returning(|_| Ok(()));
    unit.commit.expect_commit().times(1).returning(|| Ok(()));
    unit
}

/// Reads of an order as it was before.
fn reads(order: &CheckoutOrder) -> MockCheckoutReads {
    let (mut reads, order) = (MockCheckoutReads::new(), order.clone());
    reads.expect_order().returning(move |_| Ok(Some(order.clone())));
    reads
}

/// Fulfilment in these units. Those over a database may be worked on at the same time, which those in memory are not.
fn fulfilment<const UNITS: usize>(
    sale: &Sale,
    reads: MockCheckoutReads,
    units: [MockUnit; UNITS],
) -> Fulfilment {
    let mut units = units.into_iter();
    let mut store = MockStore::new();
    store.expect_begin().times(UNITS).returning(move || Ok(Box::new(units.next().unwrap())));
    let runtime = Runtime {
        store: Arc::new(store),
        clock: sale.app.clock.clone(),
        random: sale.app.random.clone(),
    };
    let ports = FulfilmentPorts {
        checkout: Arc::new(reads),
        purchases: Arc::new(MockPurchaseReads::new()),
        payments: sale.app.payments.clone(),
        links: Arc::new(TestLinks::new(sale.app.installation.clone())),
    };
    let mails = MailWriter::new(runtime.clone(), sale.app.seal.clone());
    Fulfilment::new(runtime, ports, mails)
}

/// A sale whose payment is being processed, its order, which was not told of that, and its session at the provider.
async fn paid_later() -> (Sale, CheckoutOrder, SessionState) {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    let order = sale.app.store.orders().remove(0);
    let state = sale.app.payments.session(&session).unwrap();
    (sale, order, state)
}

#[pollster::test]
async fn an_order_that_expires_while_its_payment_is_learnt_of_comes_back() {
    let (sale, open, state) = paid_later().await;
    let closed = CheckoutOrder { status: OrderStatus::Expired, ..open.clone() };
    let units = [too_late(open.clone(), closed.clone()), in_time(closed)];
    let fulfilment = fulfilment(&sale, reads(&open), units);
    let applied = fulfilment.apply(&sale.shop.account, &state).await;
    assert_eq!(applied.unwrap(), Applied::Changed);
}

/// What came to be known of the payment since then would not be heard of otherwise.
#[pollster::test]
async fn a_report_counts_for_an_order_that_is_stored_again_since_it_was_looked_for() {
    let (sale, order, state) = paid_later().await;
    let (mut reads, stored) = (MockCheckoutReads::new(), order.clone());
    reads.expect_order().times(1).return_once(|_| Ok(None));
    reads.expect_order().times(3).returning(move |_| Ok(Some(stored.clone())));
    let fulfilment = fulfilment(&sale, reads, [noting(order)]);
    let applied = fulfilment.apply(&sale.shop.account, &state).await;
    assert_eq!(applied.unwrap(), Applied::Changed);
}

#[pollster::test]
async fn who_has_the_order_by_then_hears_that_its_payment_failed() {
    let (sale, order, before) = paid_later().await;
    assert!(sale.app.payments.fail_payment(&before.session));
    let state = sale.app.payments.session(&before.session).unwrap();
    let rob = sale.app.sign_in("rob@example.com").await;
    let rob = sale.app.visitor(&rob).await;
    let moved =
        CheckoutOrder { visitor_id: rob.id, customer_email: rob.email.clone(), ..order.clone() };
    let units = [locking(order.clone(), moved.clone()), telling(&sale, moved, rob)];
    let applied = fulfilment(&sale, reads(&order), units).apply(&sale.shop.account, &state).await;
    assert_eq!(applied.unwrap(), Applied::Changed);
}
