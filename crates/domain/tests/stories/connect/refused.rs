//! Accounts that the provider calls ready, and whose payments it refuses.

use tollgate_domain::{
    clock::Clock,
    payments::{AccountState, PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page};

use crate::{ADA, Sale};

const HOUR: i64 = 3_600;

/// Has the provider refuse to open the next sessions.
fn refuse(app: &TestApp, refusal: Refusal, times: u32) {
    for _ in 0..times {
        let error = PaymentsError::Refused { refusal, message: "restricted".into() };
        app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(error));
    }
}

#[pollster::test]
async fn one_refusal_of_an_account_that_is_ready_is_doubted() {
    for refusal in [Refusal::AccountRestricted, Refusal::AccountDisconnected] {
        let sale = Sale::new().await;
        refuse(&sale.app, refusal, 1);
        sale.started().await;
        assert_eq!(sale.app.payments.sessions().len(), 1);
        assert!(sale.mails_to(ADA).await.is_empty());
    }
}

/// Of an earlier request for the order it is not known what came of it.
#[pollster::test]
async fn a_doubted_refusal_opens_no_second_session() {
    let sale = Sale::new().await;
    sale.app.payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    sale.app.payments.fail_next(Call::FindCheckout, Fault::lost_request());
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    refuse(&sale.app, Refusal::AccountRestricted, 1);
    let session = sale.started().await;
    assert_eq!(sale.app.payments.sessions(), [session]);
}

/// Also if the reason is the shop's own.
#[pollster::test]
async fn a_pay_page_that_is_opened_after_a_mail_about_refusals_gives_the_all_clear() {
    for (refusal, times) in [(Refusal::AccountRestricted, 2), (Refusal::WithMessage, 1)] {
        let sale = Sale::new().await;
        refuse(&sale.app, refusal, times);
        let refused = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(sale.mails_to(ADA).await, ["account_closed"], "{refusal:?}");
        sale.app.clock.advance_seconds(60);
        sale.started().await;
        let told = ["account_closed", "account_ready"];
        assert_eq!(sale.mails_to(ADA).await, told, "{refusal:?}");
        sale.app.clock.advance_seconds(48 * HOUR);
        assert_eq!(sale.mails_to(ADA).await, told, "once");
    }
}

/// Whether it is due is read before that.
#[pollster::test]
async fn an_all_clear_takes_one_unit_of_work() {
    let units_of_a_start = async |is_refused_before: bool| {
        let sale = Sale::new().await;
        if is_refused_before {
            refuse(&sale.app, Refusal::WithMessage, 1);
            assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
            sale.app.clock.advance_seconds(60);
        }
        let before = sale.app.store.count_units();
        sale.started().await;
        sale.app.store.count_units() - before
    };
    assert_eq!(units_of_a_start(true).await, units_of_a_start(false).await + 1);
}

#[pollster::test]
async fn the_all_clear_comes_a_day_later_if_nobody_buys() {
    let sale = Sale::new().await;
    refuse(&sale.app, Refusal::AccountRestricted, 2);
    assert!(sale.app.start(&sale.shop, &sale.page, &sale.bob).await.is_err());
    sale.app.clock.advance_seconds(60);
    sale.app.reconciler.sweep_account(&sale.shop.account).await.unwrap();
    assert_eq!(sale.mails_to(ADA).await, ["account_closed"]);
    sale.app.clock.advance_seconds(24 * HOUR);
    assert_eq!(sale.mails_to(ADA).await, ["account_closed"]);
    sale.app.clock.advance_seconds(1);
    assert_eq!(sale.mails_to(ADA).await, ["account_closed", "account_ready"]);
}

#[pollster::test]
async fn an_all_clear_that_is_one_too_many_comes_when_the_limit_admits_it() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    for _ in 0..4 {
        for state in [closed, open] {
            app.clock.advance_seconds(60);
            app.connect.apply(&shop.account, state, app.clock.now()).await.unwrap();
            app.deliver_mails().await;
        }
    }
    assert_eq!(app.mails_to(ADA).await.last(), Some(&"account_closed"));
    app.clock.advance_seconds(24 * HOUR);
    assert_eq!(app.mails_to(ADA).await.last(), Some(&"account_ready"));
}

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
    refuse(&app, Refusal::AccountRestricted, 2);
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
