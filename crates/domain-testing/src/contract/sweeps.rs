//! What sweeps of connected accounts read and note.

use std::collections::BTreeSet;

use super::fixture::{Begin, Fixture};
use crate::{a_fact, a_page, an_order, at};
use tollgate_domain::{
    access::{Fact, FactKind},
    checkout::{CheckoutOrder, ConnectedAccount, OrderStatus},
    id::{CheckoutId, FactId},
    payments::{AccountId, AccountState, DisputeId, PaymentIntentId},
    reconcile::ports::{OrderState, SweptAccount},
    reports::ports::{PendingPayment, UnreadOrder},
    store::Stores,
};

/// The one that was swept longest ago comes first. A disconnected account is told as that.
pub async fn accounts_are_swept_in_turn(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let accounts = on.sweeps.accounts_to_sweep().await.unwrap();
    let [account] = accounts.as_slice() else { panic!("one account: {accounts:?}") };
    assert_eq!((&account.handle, account.swept_at), (&fixture.handle.name, None));
    assert_eq!(on.sweeps.swept_at(fixture.handle.id).await, Ok(None));
    on.commit(async |unit| unit.sweeps().swept(&account.account, at(7)).await).await;
    assert_eq!(on.sweeps.swept_at(fixture.handle.id).await, Ok(Some(at(7))));
    let mut unit = on.begin().await;
    unit.connected_accounts().disconnect(&account.account, at(8)).await.unwrap();
    unit.commit().await.unwrap();
    let state = AccountState { charges_enabled: false, payouts_enabled: false, ..account.state };
    let swept_at = Some(at(7));
    let disconnected = SweptAccount { is_connected: false, state, swept_at, ..account.clone() };
    assert_eq!(on.sweeps.accounts_to_sweep().await, Ok(vec![disconnected.clone()]));
    assert_eq!(on.sweeps.account_to_sweep(&account.account).await, Ok(Some(disconnected)));
    assert_eq!(on.sweeps.account_to_sweep(&AccountId::new("acct_0")).await, Ok(None));
    assert!(account.is_connected);
}

/// It is told to every process until another one is stored, and is of one account alone.
pub async fn the_place_where_sweeps_go_on_is_kept(on: Stores) {
    let _fixture = Fixture::new(on.clone()).await;
    let account = on.sweeps.accounts_to_sweep().await.unwrap().remove(0);
    assert_eq!(account.place, None);
    let place = |text: &str| Some(text.to_owned());
    for (of, kept, told) in [
        (account.account.clone(), place("{\"a\":1}"), place("{\"a\":1}")),
        (AccountId::new("acct_0"), place("elsewhere"), place("{\"a\":1}")),
        (account.account.clone(), place("later"), place("later")),
        (account.account.clone(), None, None),
    ] {
        on.commit(async |unit| unit.sweeps().keep_place(&of, kept).await).await;
        let expected = SweptAccount { place: told, ..account.clone() };
        assert_eq!(on.sweeps.accounts_to_sweep().await, Ok(vec![expected.clone()]));
        let found = on.sweeps.account_to_sweep(&account.account).await;
        assert_eq!(found, Ok(Some(expected)));
    }
    // A place that is rolled back with its unit is not kept, and recording a complete sweep leaves the place unchanged.
    let mut unit = on.begin().await;
    unit.sweeps().keep_place(&account.account, place("undone")).await.unwrap();
    drop(unit);
    on.commit(async |unit| unit.sweeps().swept(&account.account, at(7)).await).await;
    assert_eq!(on.sweeps.accounts_to_sweep().await.unwrap().remove(0).place, None);
}

/// It stays disconnected if the handle has, or had later, another account.
pub async fn a_disconnected_account_is_connected_again(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let account = on.sweeps.accounts_to_sweep().await.unwrap().remove(0);
    let mut unit = on.begin().await;
    unit.connected_accounts().disconnect(&account.account, at(8)).await.unwrap();
    assert!(unit.connected_accounts().reconnect(&account.account).await.unwrap());
    assert!(!unit.connected_accounts().reconnect(&account.account).await.unwrap());
    assert!(!unit.connected_accounts().reconnect(&AccountId::new("acct_0")).await.unwrap());
    unit.commit().await.unwrap();
    let again = on.sweeps.accounts_to_sweep().await.unwrap();
    assert!(again.iter().all(|account| account.is_connected));
    let mut unit = on.begin().await;
    unit.connected_accounts().disconnect(&account.account, at(9)).await.unwrap();
    unit.commit().await.unwrap();
    let other = ConnectedAccount {
        account: AccountId::new("acct_other"),
        handle_id: fixture.handle.id,
        state: account.state,
        created_at: at(9),
        updated_at: at(9),
    };
    let mut unit = on.begin().await;
    assert!(unit.connected_accounts().insert(&other).await.unwrap());
    assert!(!unit.connected_accounts().reconnect(&account.account).await.unwrap());
    unit.commit().await.unwrap();
    // Of two that are disconnected the one that was connected last can come back.
    let mut unit = on.begin().await;
    unit.connected_accounts().disconnect(&other.account, at(10)).await.unwrap();
    assert!(!unit.connected_accounts().reconnect(&account.account).await.unwrap());
    assert!(unit.connected_accounts().reconnect(&other.account).await.unwrap());
    unit.commit().await.unwrap();
}

/// Payments at another account are left out, and those that nobody here took.
pub async fn the_payments_of_purchases_are_known(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let bought = fixture.bought(|purchase| purchase).await;
    let payment = bought.payment.unwrap();
    let ids = [payment.payment_intent.clone(), PaymentIntentId::new("pi_foreign")];
    let known = on.sweeps.known_payments(&payment.account, &ids).await;
    assert_eq!(known, Ok(vec![payment.payment_intent.clone()]));
    let elsewhere = on.sweeps.known_payments(&AccountId::new("acct_0"), &ids).await;
    assert_eq!(elsewhere, Ok(vec![]));
    assert_eq!(on.sweeps.known_payments(&payment.account, &[]).await, Ok(vec![]));
}

/// Unknown orders are left out.
pub async fn the_states_of_orders_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let unknown = CheckoutId::new(at(1), &crate::SeededRandom::new(9));
    let states = on.sweeps.order_states(&[order.id, unknown]).await.unwrap();
    let (id, account, status) = (order.id, order.account, order.status);
    let session = order.opened.as_ref().map(|opened| opened.session.clone());
    assert_eq!(
        states,
        [OrderState { id, account, status, session, is_quarantine_refunded: false }]
    );
    assert_eq!(on.sweeps.order_states(&[]).await, Ok(vec![]));
}

/// The last turn tells it. One without a session was not paid.
pub async fn the_states_of_orders_tell_whether_their_payment_is_refunded(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open();
    let order = order.status(OrderStatus::Quarantined).build();
    let (other, _) = fixture.another_visitor().await;
    let without_session = an_order(&other, &fixture.page).build();
    for order in [&order, &without_session] {
        assert!(fixture.keep_order(order).await);
    }
    let (buyer, _) = fixture.another_visitor().await;
    let purchase = fixture.bought_by(&buyer, &fixture.page, |it| it).await;
    let session = order.opened.clone().unwrap().session;
    let told = async || {
        let mut states = on.sweeps.order_states(&[order.id, without_session.id]).await.unwrap();
        states.sort_by_key(|state| state.id != order.id);
        states.into_iter().map(|state| state.is_quarantine_refunded).collect::<Vec<_>>()
    };
    for failed in 0..2 {
        let reference = Fact::quarantine_refund(&session, failed);
        for (kind, is_quarantine_refunded) in
            [(FactKind::QuarantineRefunded, true), (FactKind::QuarantineRefundFailed, false)]
        {
            assert_eq!(told().await, [!is_quarantine_refunded, false], "before {kind:?} {failed}");
            let fact = a_fact(&purchase, kind, at(9)).reference(&reference).build();
            assert!(fixture.keep_fact(&fact).await);
            assert_eq!(told().await, [is_quarantine_refunded, false], "after {kind:?} {failed}");
        }
    }
}

/// Orders that wait for their money are told, too.
pub async fn unfinished_orders_of_an_account_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let new = an_order(&fixture.visitor, &fixture.page).build();
    assert!(fixture.keep_order(&new).await);
    let (account, after) = (new.account.clone(), at(1_000_000));
    let unopened = on.sweeps.orders_without_session(&account, after, None, 9).await.unwrap();
    assert_eq!(unopened, std::slice::from_ref(&new));
    let before = on.sweeps.orders_without_session(&account, new.created_at, None, 9).await;
    assert_eq!(before, Ok(vec![]), "an order of this moment is left to its request");
    let (other, _) = fixture.another_visitor().await;
    let pending = an_order(&other, &fixture.page).open().status(OrderStatus::Pending).build();
    assert!(fixture.keep_order(&pending).await);
    let another = an_order(&fixture.another_visitor().await.0, &fixture.page).open();
    let another = another.status(OrderStatus::Pending).build();
    assert!(fixture.keep_order(&another).await);
    let mut expected = [pending, another];
    expected.sort_by_key(|order| order.id);
    let [earlier, later] = &expected;
    let first = on.sweeps.pending_orders_at(&account, None, 1).await;
    assert_eq!(first, Ok(vec![earlier.clone()]));
    let rest = on.sweeps.pending_orders_at(&account, Some(earlier.id), 9).await;
    assert_eq!(rest, Ok(vec![later.clone()]));
    assert_eq!(on.sweeps.pending_orders_at(&account, None, 9).await, Ok(expected.to_vec()));
}

/// Those that are paid, or for which a session was opened, are not among them.
pub async fn orders_without_a_session_are_told_in_turn(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut orders = Vec::new();
    // Their ids say nothing of the instants.
    for second in [30, 20, 10] {
        let (visitor, _) = fixture.another_visitor().await;
        orders.push(CheckoutOrder {
            created_at: at(second),
            ..an_order(&visitor, &fixture.page).build()
        });
    }
    let (visitor, _) = fixture.another_visitor().await;
    orders.push(an_order(&visitor, &fixture.page).open().build());
    for order in &orders {
        assert!(fixture.keep_order(order).await);
    }
    orders.truncate(3);
    orders.sort_by_key(|order| order.id);
    let [first, second, third] = orders.as_slice() else { panic!("three orders") };
    let told = async |before, after, limit| {
        let account = &first.account;
        let orders = on.sweeps.orders_without_session(account, before, after, limit).await;
        orders.unwrap().into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    let late = at(1_000_000);
    assert_eq!(told(late, None, 9).await, [first.id, second.id, third.id]);
    assert_eq!(told(late, None, 2).await, [first.id, second.id]);
    assert_eq!(told(late, Some(second.id), 9).await, [third.id]);
    assert!(told(late, Some(third.id), 9).await.is_empty());
    let early: Vec<_> = orders.iter().filter(|it| it.created_at < at(20)).map(|it| it.id).collect();
    assert_eq!(told(at(20), None, 9).await, early);
    let elsewhere =
        on.sweeps.orders_without_session(&AccountId::new("acct_0"), late, None, 9).await;
    assert_eq!(elsewhere, Ok(vec![]));
}

/// They are those that are closed, as long as nobody knows how their sessions ended.
pub async fn closed_orders_whose_ends_are_awaited_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let closed = |second| {
        let order = an_order(&fixture.visitor, &fixture.page).open().created_at(at(second));
        order.status(OrderStatus::Expired).build()
    };
    let orders = [closed(1), closed(2), closed(3)];
    let [first, second, known] = &orders;
    let account = &first.account;
    let await_end = async |order: &CheckoutOrder, is_awaited| {
        let mut unit = fixture.begin().await;
        unit.checkout_orders().await_end(order.id, is_awaited).await.unwrap();
        unit.commit().await.unwrap();
    };
    for order in &orders {
        assert!(fixture.keep_order(order).await);
        await_end(order, true).await;
    }
    await_end(known, false).await;
    let told = async |after, limit| {
        let orders = on.sweeps.awaited_orders_at(account, after, limit).await.unwrap();
        orders.into_iter().map(|order| order.id).collect::<Vec<_>>()
    };
    assert_eq!(told(None, 9).await, [first.id, second.id]);
    assert_eq!(told(None, 1).await, [first.id]);
    assert_eq!(told(Some(first.id), 9).await, [second.id]);
    let elsewhere = on.sweeps.awaited_orders_at(&AccountId::new("acct_0"), None, 9).await;
    assert_eq!(elsewhere, Ok(vec![]));
    // One that was paid after all is closed no more, and one that comes back is not awaited again.
    assert!(fixture.advance(first.id, &[OrderStatus::Expired], OrderStatus::Paid).await);
    assert!(fixture.commit(async |unit| unit.checkout_orders().bring_back(second).await).await);
    assert!(told(None, 9).await.is_empty());
    assert!(fixture.advance(second.id, &[OrderStatus::Pending], OrderStatus::Expired).await);
    assert!(told(None, 9).await.is_empty());
}

pub async fn known_facts_are_told(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let purchase = fixture.bought(|purchase| purchase).await;
    let account = purchase.payment.as_ref().unwrap().account.clone();
    let mut unit = fixture.begin().await;
    let kinds = [
        FactKind::RefundAccepted,
        FactKind::Disputed,
        FactKind::Disputed,
        FactKind::Disputed,
        FactKind::Disputed,
    ];
    for (number, kind) in (1..).zip(kinds) {
        let fact = Fact {
            id: FactId::new(at(number), &crate::SeededRandom::new(3)),
            at: at(number),
            kind,
            // The dispute was opened again.
            reference: if number == 3 { "obj_2@3".into() } else { format!("obj_{number}") },
            subject: purchase.subject(),
            amount: None,
        };
        assert!(unit.ledger().record(&fact).await.unwrap());
    }
    unit.commit().await.unwrap();
    let asked = ["obj_1", "obj_2", "obj_3"].map(str::to_owned);
    let known = on.sweeps.known_facts(&asked).await.unwrap();
    let expected = [("refund_accepted", "obj_1"), ("disputed", "obj_2")];
    assert_eq!(
        known,
        expected.map(|(kind, id)| (kind, id.to_owned())).into_iter().collect::<BTreeSet<_>>()
    );
    let open = async |after: Option<&str>, limit| {
        let after = after.map(DisputeId::new);
        let open = on.sweeps.open_disputes_at(&account, after, limit).await.unwrap();
        open.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(open(None, 9).await.is_empty(), "nothing is suspended");
    let mut suspended = purchase.clone();
    suspended.suspended_at = Some(at(2));
    fixture.commit(async |unit| unit.purchases().store_state(&suspended).await).await;
    assert_eq!(open(None, 9).await, ["obj_2", "obj_4", "obj_5"]);
    assert_eq!(open(None, 2).await, ["obj_2", "obj_4"]);
    assert_eq!(open(Some("obj_2"), 1).await, ["obj_4"]);
    assert_eq!(open(Some("obj_4"), 9).await, ["obj_5"]);
}

/// A payment that is being processed stays, as do the orders of others.
pub async fn a_visitors_open_order_of_a_page_is_closed(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let order = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&order).await);
    let page = fixture.page(a_page().paid(900, "usd").published()).await;
    let pending = an_order(&fixture.visitor, &page).open().status(OrderStatus::Pending).build();
    assert!(fixture.keep_order(&pending).await);
    let mut unit = fixture.begin().await;
    let pay_pages = unit.pay_pages();
    let visitor = fixture.visitor.id;
    assert_eq!(pay_pages.close(visitor, fixture.page.id).await, Ok(Some(order.id)));
    assert_eq!(pay_pages.close(visitor, fixture.page.id).await, Ok(None));
    assert_eq!(pay_pages.close(visitor, page.id).await, Ok(None));
    unit.commit().await.unwrap();
    assert_eq!(fixture.order(&order).await.status, OrderStatus::Closing);
    let again = an_order(&fixture.visitor, &fixture.page).build();
    assert!(!fixture.keep_order(&again).await, "its session may still be paid");
}

/// Each is noted once, and told until its session was read or it was paid.
pub async fn orders_that_are_not_shown_are_told_until_they_are_dealt_with(on: Stores) {
    let fixture = Fixture::new(on.clone()).await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        let (visitor, _) = fixture.another_visitor().await;
        let order = an_order(&visitor, &fixture.page).open().build();
        assert!(fixture.keep_order(&order).await);
        let told = UnreadOrder { payment: PendingPayment::of(&order), email: visitor.email };
        orders.push((order, told));
    }
    let [(older, of_older), (newer, of_newer), _] = orders.as_slice() else {
        panic!("three orders")
    };
    let noted = async |id: CheckoutId, instant: i64| {
        on.commit(async |unit| unit.checkout_orders().unread(id, at(instant)).await).await
    };
    let told = async || on.reports.unread_orders(fixture.handle.id).await.unwrap();
    let account = &older.account;
    let read = async |after: Option<CheckoutId>, limit: u32| {
        on.sweeps.unread_orders_at(account, after, limit).await.unwrap()
    };
    assert!(noted(older.id, 5).await);
    assert!(noted(newer.id, 7).await);
    assert!(!noted(older.id, 9).await);
    assert!(!noted(CheckoutId::new(at(1), &crate::SeededRandom::new(9)), 9).await);
    assert_eq!(told().await, [of_newer.clone(), of_older.clone()]);
    let mut expected = [older.clone(), newer.clone()];
    expected.sort_by_key(|order| order.id);
    let [first, last] = &expected;
    assert_eq!(read(None, 9).await, expected);
    assert_eq!(read(None, 1).await, std::slice::from_ref(first));
    assert_eq!(read(Some(first.id), 9).await, std::slice::from_ref(last));
    let elsewhere = on.sweeps.unread_orders_at(&AccountId::new("acct_0"), None, 9).await;
    assert_eq!(elsewhere, Ok(vec![]));
    let other = fixture.another_handle().await;
    assert_eq!(on.reports.unread_orders(other.id).await, Ok(vec![]));

    on.commit(async |unit| unit.checkout_orders().read_again(newer.id, at(11)).await).await;
    assert!(!noted(newer.id, 13).await);
    assert_eq!(told().await, std::slice::from_ref(of_older));
    assert_eq!(read(None, 9).await, std::slice::from_ref(older));
    let mut unit = on.begin().await;
    let from = [OrderStatus::Open];
    assert!(unit.checkout_orders().advance(older.id, &from, OrderStatus::Paid).await.unwrap());
    unit.commit().await.unwrap();
    assert_eq!((told().await, read(None, 9).await), (vec![], vec![]));
}
