//! Checkouts of which nothing comes.

use std::slice;

use tollgate_domain::{
    checkout::{CheckoutError, NoPayments, OrderStatus},
    payments::{PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault, at};

use super::{price, statuses, unavailable};
use crate::{ADA, Sale};

#[pollster::test]
async fn a_request_that_is_lost_is_made_again_for_the_same_order() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sale = Sale::new().await;
        sale.app.payments.fail_next(Call::OpenCheckout, fault);
        sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
        assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
        assert_eq!(statuses(&sale.app), [OrderStatus::Creating]);
        sale.app.clock.advance_seconds(600);
        sale.started().await;
        assert_eq!(sale.app.payments.sessions().len(), 1);
        assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
    }
}

#[pollster::test]
async fn failures_that_the_provider_keeps_stand_in_nobodys_way() {
    let sale = Sale::new().await;
    for _ in 0..3 {
        sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error());
    }
    let failed = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(failed, Err(CheckoutError::Payments(PaymentsError::Failed(_)))));
    sale.app.clock.advance_seconds(1);
    // The next order has keys of its own.
    sale.started().await;
    assert_eq!(sale.app.payments.sessions().len(), 1);
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed, OrderStatus::Open]);
}

#[pollster::test]
async fn an_order_is_not_given_up_while_nobody_knows_what_came_of_it() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error_after_effect());
    let failed = PaymentsError::Failed("500".into());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::BeforeEffect(failed));
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    assert_eq!(statuses(&sale.app), [OrderStatus::Creating]);
    sale.started().await;
    assert_eq!(sale.app.payments.sessions().len(), 1);
}

#[pollster::test]
async fn an_order_that_was_never_opened_is_given_up_when_nothing_can_come_of_it() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    sale.app.clock.advance_seconds(3_600);
    // The last repetition may still be under way.
    assert!(unavailable(&sale.app.start(&sale.shop, &sale.page, &sale.bob).await));
    sale.app.clock.advance_seconds(180);
    sale.started().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired, OrderStatus::Open]);
}

#[pollster::test]
async fn an_order_that_the_provider_refuses_stands_in_nobodys_way() {
    let sale = Sale::new().await;
    let refused = PaymentsError::Refused { refusal: Refusal::Other, message: "no".into() };
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused));
    let result = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    let Err(CheckoutError::Payments(PaymentsError::Refused { .. })) = result else {
        panic!("{result:?}")
    };
    sale.app.clock.advance_seconds(1);
    sale.started().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed, OrderStatus::Open]);
}

#[pollster::test]
async fn a_checkout_that_has_run_out_is_followed_by_a_new_one() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.clock.set(at(23 * 3600));
    let new = sale.started().await;
    assert_ne!(old, new);
    assert_eq!(sale.app.payments.pay(&old), None, "the old one was ended at the provider");
    assert!(sale.app.payments.pay(&new).is_some());
}

#[pollster::test]
async fn an_expired_session_makes_room_for_another() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    assert!(sale.app.payments.expire(&session));
    sale.app.deliver_webhooks().await;
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn wherever_the_store_fails_a_checkout_ends_up_with_one_session() {
    for passes in 0..40 {
        let sale = Sale::new().await;
        sale.app.store.fail_after(passes);
        let result = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        let failed = !sale.app.store.heal();
        assert_eq!(result.is_err(), failed);
        sale.started().await;
        assert_eq!(sale.app.payments.sessions().len(), 1, "after {passes}");
        if !failed {
            return;
        }
    }
    panic!("it never comes through");
}

/// As while a payment is in progress in it.
#[pollster::test]
async fn a_session_that_the_provider_does_not_close_now_is_not_replaced() {
    let sale = Sale::new().await;
    let old = sale.started().await;
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    let message = "a payment is in progress".to_owned();
    let refused = PaymentsError::Refused { refusal: Refusal::WithMessage, message };
    sale.app.payments.fail_next(Call::ExpireCheckout, Fault::BeforeEffect(refused));
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::NotClosed(_))), "{again:?}");
    assert_eq!(sale.app.payments.sessions(), slice::from_ref(&old));
    assert!(sale.mails_to(ADA).await.is_empty());
    assert_ne!(sale.started().await, old);
}

/// The event about it was lost.
#[pollster::test]
async fn the_pay_page_of_an_account_that_is_gone_is_not_offered_again() {
    let sale = Sale::new().await;
    sale.started().await;
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.payments.take_events();
    for _ in 0..2 {
        let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        let is_said = matches!(
            again,
            Err(CheckoutError::ConnectNotConfigured(NoPayments::AccountDisconnected))
        );
        assert!(is_said, "{again:?}");
        assert_eq!(sale.mails_to(ADA).await, ["account_closed"], "she is told once");
        sale.app.clock.advance_seconds(60);
    }
    assert!(!sale.app.connect.can_charge(&sale.shop.handle).await.unwrap());
}

#[pollster::test]
async fn an_account_that_shows_no_session_since_it_is_restricted_offers_no_pay_page() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    let error = PaymentsError::Refused {
        refusal: Refusal::AccountRestricted,
        message: "cannot currently make charges".into(),
    };
    // A single refusal is doubted.
    for _ in 0..2 {
        sale.app.payments.fail_next(Call::Checkout, Fault::BeforeEffect(error.clone()));
    }
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    let why =
        matches!(again, Err(CheckoutError::ConnectNotConfigured(NoPayments::AccountRestricted)));
    assert!(why, "{again:?}");
    assert_eq!(sale.mails_to(ADA).await, ["account_closed"]);
    sale.app.clock.advance_seconds(60);
    assert_eq!(sale.started().await, session, "the account can take payments again");
}
