//! Accounts that the provider calls ready, and whose payments it refuses.

use tollgate_domain::{
    clock::Clock,
    payments::{AccountState, PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page};

use crate::ADA;

const HOUR: i64 = 3_600;

/// However many such mails were written that day before.
#[pollster::test]
async fn nobody_is_told_for_a_day_that_a_refused_account_is_ready() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.sign_in("bob@example.com").await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    let apply = async |state| {
        app.connect.apply(&shop.account, state, app.clock.now()).await.unwrap();
        app.mails_to(ADA).await
    };
    apply(closed).await;
    app.clock.advance_seconds(2 * HOUR);
    assert_eq!(apply(open).await, ["account_closed", "account_ready"]);
    app.clock.advance_seconds(23 * HOUR);
    let message = "restricted".to_owned();
    let refused = PaymentsError::Refused { refusal: Refusal::AccountRestricted, message };
    app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused));
    assert!(app.start(&shop, &page, &bob).await.is_err());
    let told = ["account_closed", "account_ready", "account_closed"];
    assert_eq!(app.mails_to(ADA).await, told);
    // The day of the mail before is over, and that of the refusal is not.
    app.clock.advance_seconds(2 * HOUR);
    assert_eq!(apply(open).await, told);
    app.clock.advance_seconds(23 * HOUR);
    apply(closed).await;
    assert_eq!(apply(open).await[3..], ["account_closed", "account_ready"]);
}
