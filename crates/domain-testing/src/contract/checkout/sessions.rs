//! The sessions of orders.

use crate::{
    an_opened_session, an_order,
    contract::fixture::{Fixture, count_true, parallel},
    email,
};
use tollgate_domain::{
    checkout::{CheckoutOrder, OrderStatus},
    id::CheckoutId,
    payments::OpenedSession,
    store::Stores,
};

async fn opened(fixture: &Fixture, id: CheckoutId, session: &OpenedSession) -> bool {
    fixture.commit(async |unit| unit.checkout_orders().opened(id, session).await).await
}

pub async fn a_visitor_is_found_by_the_address_that_a_session_names(on: Stores) {
    let fixture = Fixture::new(on).await;
    let carol = fixture.visitor_called(email("carol@example.com")).await;
    for (address, expected) in [
        (&fixture.visitor.email, Some(fixture.visitor.id)),
        (&carol.email, Some(carol.id)),
        (&email("nobody@example.com"), None),
    ] {
        assert_eq!(fixture.on.checkout.visitor(address).await.unwrap(), expected);
    }
}

/// The order is open then, and found by its session.
pub async fn an_opened_session_is_noted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    assert!(opened(&fixture, order.id, &session).await);
    let expected =
        CheckoutOrder { status: OrderStatus::Open, opened: Some(session.clone()), ..order };
    let mut unit = fixture.begin().await;
    let found = unit.checkout_orders().by_session(&session.session).await.unwrap();
    assert_eq!(found, Some(expected));
}

pub async fn noting_the_same_session_again_is_fine(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    let kept = parallel(8, |_| opened(&fixture, order.id, &session)).await;
    assert_eq!(count_true(&kept), 8);
    assert_eq!(fixture.order(&order).await.opened, Some(session));
}

pub async fn a_second_session_is_not_noted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    let session = an_opened_session();
    assert!(fixture.keep_order(&order).await);
    assert!(opened(&fixture, order.id, &session).await);
    assert!(!opened(&fixture, order.id, &an_opened_session()).await);
    assert_eq!(fixture.order(&order).await.opened, Some(session));
}

/// An order that was closed in the meantime stays closed, also when it has this very session.
pub async fn a_closed_order_notes_no_session(on: Stores) {
    let fixture = Fixture::new(on).await;
    let order = an_order(&fixture.visitor, &fixture.page).build();
    assert!(fixture.keep_order(&order).await);
    assert!(fixture.advance(order.id, &[OrderStatus::Creating], OrderStatus::Expired).await);
    assert!(!opened(&fixture, order.id, &an_opened_session()).await);
    assert_eq!(fixture.order(&order).await.status, OrderStatus::Expired);

    let open = an_order(&fixture.visitor, &fixture.page).open().build();
    assert!(fixture.keep_order(&open).await);
    assert!(fixture.advance(open.id, &[OrderStatus::Open], OrderStatus::Expired).await);
    assert!(!opened(&fixture, open.id, open.opened.as_ref().unwrap()).await);
    assert_eq!(fixture.order(&open).await.status, OrderStatus::Expired);
}
