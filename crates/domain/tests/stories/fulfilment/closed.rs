//! An order that is closed while a report on its session is being applied.

use std::sync::Arc;

use tollgate_domain::{
    checkout::{Applied, CheckoutOrder, Fulfilment, FulfilmentPorts, OrderStatus},
    mail::MailWriter,
    mocks::{MockCheckoutReads, MockPurchaseReads, MockStore, MockUnit},
    store::Runtime,
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
    unit.pay_pages.expect_close_of().times(1).returning(|_, _| Ok(None));
    unit.checkout_orders.expect_bring_back().times(1).returning(|_| Ok(true));
    unit.commit.expect_commit().times(1).returning(|| Ok(()));
    unit
}

/// Units over a database may be worked on at the same time, which those in memory are not.
#[pollster::test]
async fn an_order_that_expires_while_its_payment_is_learnt_of_comes_back() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    let state = sale.app.payments.session(&session).unwrap();
    let open = sale.app.store.orders().remove(0);
    let closed = CheckoutOrder { status: OrderStatus::Expired, ..open.clone() };
    let mut units = [too_late(open, closed.clone()), in_time(closed)].into_iter();
    let mut store = MockStore::new();
    store.expect_begin().times(2).returning(move || Ok(Box::new(units.next().unwrap())));
    let runtime = Runtime {
        store: Arc::new(store),
        clock: sale.app.clock.clone(),
        random: sale.app.random.clone(),
    };
    let ports = FulfilmentPorts {
        checkout: Arc::new(MockCheckoutReads::new()),
        purchases: Arc::new(MockPurchaseReads::new()),
        payments: sale.app.payments.clone(),
        links: Arc::new(TestLinks::new(sale.app.installation.clone())),
    };
    let mails = MailWriter::new(runtime.clone(), sale.app.seal.clone());
    let fulfilment = Fulfilment::new(runtime, ports, mails);
    let applied = fulfilment.apply(&sale.shop.account, &state).await;
    assert_eq!(applied.unwrap(), Applied::Changed);
}
