//! Errors of the provider that a checkout or a refund gets around or explains.

use tollgate_domain::{
    checkout::CheckoutError,
    clock::Clock,
    payments::PaymentsError,
    refunds::{RefundError, RefundWish, RefusalReason},
};
use tollgate_domain_testing::{Call, Fault};

use crate::Sale;

#[pollster::test]
async fn an_error_that_the_provider_keeps_is_got_around() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error());
    let session = sale.started().await;
    assert_eq!(sale.app.payments.sessions(), std::slice::from_ref(&session));
    sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.fail_next(Call::Refund, Fault::kept_error());
    let bob = sale.app.visitor(&sale.bob).await;
    assert!(sale.app.refund(&sale.shop, &sale.page, &bob).await.is_ok());
    assert!(!sale.is_open().await);
}

#[pollster::test]
async fn a_session_that_was_opened_before_the_error_is_found_and_not_opened_twice() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error_after_effect());
    let session = sale.started().await;
    assert_eq!(sale.app.payments.sessions(), [session]);
}

#[pollster::test]
async fn a_request_without_an_answer_is_never_made_under_a_new_key() {
    let sale = Sale::new().await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::OpenCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    let calls = [Call::OpenCheckout, Call::FindCheckout].map(|call| payments.calls(call));
    assert_eq!(calls, [1, 1], "it was looked for and not found, and may still be under way");
    let session = sale.started().await;
    assert_eq!(payments.sessions(), std::slice::from_ref(&session));
    payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    payments.fail_next(Call::Refund, Fault::lost_request());
    let bob = sale.app.visitor(&sale.bob).await;
    assert!(sale.app.refund(&sale.shop, &sale.page, &bob).await.is_err());
    assert_eq!(payments.calls(Call::Refund), 1);
    assert!(sale.app.refund(&sale.shop, &sale.page, &bob).await.is_ok());
    assert!(!sale.is_open().await);
}

/// One that is busy may carry the request out all the same.
#[pollster::test]
async fn a_request_to_a_busy_provider_is_never_made_under_a_new_key() {
    let sale = Sale::new().await;
    let busy = PaymentsError::Busy { reason: "429".into(), retry_after_seconds: 20 };
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::AfterEffect(busy.clone()));
    sale.app.payments.fail_next(Call::FindCheckout, Fault::BeforeEffect(busy.clone()));
    let told = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(told, Err(CheckoutError::Payments(error)) if error == busy));
    let session = sale.started().await;
    assert_eq!(sale.app.payments.sessions(), [session]);
}

#[pollster::test]
async fn a_session_that_was_paid_before_it_was_found_is_applied() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::kept_error_after_effect());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.take_events();
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(again, Err(CheckoutError::AlreadyPurchased)), "{again:?}");
    assert!(sale.is_open().await);
    assert_eq!(sale.app.payments.sessions(), [session]);
}

#[pollster::test]
async fn a_refund_that_a_person_can_make_possible_says_how() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    let bob = sale.app.visitor(&sale.bob).await;
    sale.app.payments.set_balance(&sale.shop.account, false);
    let refused = sale.app.refund(&sale.shop, &sale.page, &bob).await;
    let low = RefusalReason::InsufficientBalance;
    assert!(matches!(refused, Err(RefundError::Refused(reason)) if reason == low));
    assert!(sale.is_open().await);
    sale.app.payments.set_balance(&sale.shop.account, true);
    assert!(sale.app.refund(&sale.shop, &sale.page, &bob).await.is_ok());
}

/// Also when it is asked for again under its key, and only its state has to be read.
#[pollster::test]
async fn a_refund_at_an_account_that_is_gone_says_so() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    let bob = sale.app.visitor(&sale.bob).await;
    let Sale { app, shop, page, .. } = &sale;
    let ask = async || {
        let wish = RefundWish {
            visitor_id: bob.id,
            purchase_id: None,
            reason: None,
            idempotency_key: Some("k".to_owned()),
            arrived_at: app.clock.now(),
            at_most: None,
        };
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    };
    assert!(ask().await.is_ok());
    app.payments.deauthorize(&shop.account);
    let refused = ask().await;
    let gone = RefusalReason::AccountDisconnected;
    assert!(matches!(refused, Err(RefundError::Refused(reason)) if reason == gone), "{refused:?}");
}
