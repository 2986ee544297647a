//! What is done after an answer was lost or an error was kept.

use super::{
    Fixture, Paying, Request, Trouble, a_refund, an_account, an_order, from_now, paid, session,
    sessions,
};
use tollgate_domain::payments::{OpenCheckout, PaymentsError, RefundOrder};

/// An adapter may ask again by itself.
pub async fn a_lost_answer_causes_no_second_session(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    on.fail_next(Request::OpenCheckout, Trouble::LostAnswer).await;
    if let Err(error) = on.payments().open_checkout(&order).await {
        assert!(error.is_unanswered(), "{error:?}");
    }
    let found = on.payments().find_checkout(&order.account, order.checkout_id, on.now()).await;
    assert_eq!(found.unwrap(), Some(on.payments().open_checkout(&order).await.unwrap()));
    assert_eq!(sessions(on, &order.account).await.len(), 1);
}

/// An adapter may ask again by itself.
pub async fn a_lost_answer_causes_no_second_refund(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    let refund = a_refund(&order, &payment, 100);
    on.fail_next(Request::Refund, Trouble::LostAnswer).await;
    if let Err(error) = on.payments().refund(&refund).await {
        assert!(error.is_unanswered(), "{error:?}");
    }
    let made = on.payments().refund(&refund).await.unwrap();
    assert_eq!(made.refund_id, Some(refund.refund_id));
    let listed = on.payments().refunds_since(&order.account, from_now(on, -60), None).await;
    assert_eq!(listed.unwrap().items, [made]);
}

/// The provider keeps its error, so that the session is looked for and another attempt is made.
pub async fn a_session_whose_error_is_kept_is_found_if_it_was_opened(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let find = || on.payments().find_checkout(&order.account, order.checkout_id, on.now());
    let second = OpenCheckout { attempt: 1, ..order.clone() };
    for (order, trouble, opened) in
        [(&order, Trouble::KeptError, 0), (&second, Trouble::KeptErrorAfterEffect, 1)]
    {
        on.fail_next(Request::OpenCheckout, trouble).await;
        for _ in 0..2 {
            let failed = on.payments().open_checkout(order).await;
            assert!(matches!(failed, Err(PaymentsError::Failed(_))), "{failed:?}");
        }
        assert_eq!(sessions(on, &order.account).await.len(), opened);
        assert_eq!(find().await.unwrap().is_some(), opened > 0);
    }
    let found = find().await.unwrap().unwrap();
    assert_ne!(found.url, "");
    let state = session(on, &order.account, &found.session).await;
    assert_eq!(state.checkout_id, Some(order.checkout_id));
    on.pay(&found.session, Paying::Now).await;
    let paid = find().await.unwrap().unwrap();
    assert_eq!((paid.session, paid.url.as_str()), (found.session, ""));
}

pub async fn a_refund_whose_error_is_kept_is_listed_if_it_was_made(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let payment = paid(on, &order).await;
    for (made, trouble) in [(0, Trouble::KeptError), (1, Trouble::KeptErrorAfterEffect)] {
        let refund = a_refund(&order, &payment, 100);
        on.fail_next(Request::Refund, trouble).await;
        for _ in 0..2 {
            let failed = on.payments().refund(&refund).await;
            assert!(matches!(failed, Err(PaymentsError::Failed(_))), "{failed:?}");
        }
        let listed = on.payments().refunds_since(&order.account, from_now(on, -60), None).await;
        let listed = listed.unwrap().items;
        let ours = listed.iter().filter(|it| it.refund_id == Some(refund.refund_id));
        assert_eq!(ours.count(), made);
        let again = on.payments().refund(&RefundOrder { attempt: 1, ..refund.clone() }).await;
        assert_eq!(again.unwrap().refund_id, Some(refund.refund_id));
    }
}
