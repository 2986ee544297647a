//! Connecting a payment account.

mod reads;
mod refused;

use tollgate_domain::{
    checkout::{ConnectError, ConnectStatus, Connection},
    clock::Clock,
    creators::Creator,
    mail::MailContent,
    names::HandleName,
    payments::{AccountState, PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault, TestApp, a_page, handle_name};

use crate::{ADA, at_once};

const BACK: &str = "https://app.example/back";

async fn handle(app: &TestApp) -> (Creator, HandleName) {
    let creator = app.creator(ADA).await;
    let handle = app.handles.create(&creator, handle_name("ada"), "Ada").await.unwrap();
    (creator, handle.name)
}

async fn begin(
    app: &TestApp,
    creator: &Creator,
    name: &HandleName,
) -> Result<String, ConnectError> {
    app.connect.begin(creator, name, BACK, BACK).await
}

#[pollster::test]
async fn a_handle_is_connected_step_by_step() {
    let app = TestApp::new();
    let (creator, name) = handle(&app).await;
    assert_eq!(app.connect.status(&creator, &name).await.unwrap(), None);
    assert_eq!(app.connect.refresh(&name).await.unwrap(), ConnectStatus::NotConnected);
    begin(&app, &creator, &name).await.unwrap();
    assert_eq!(app.connect.refresh(&name).await.unwrap(), ConnectStatus::Onboarding);
    let account = app.connect.status(&creator, &name).await.unwrap().unwrap().account;
    let submitted = AccountState { details_submitted: true, ..AccountState::default() };
    app.payments.set_account(&account, submitted);
    assert_eq!(app.connect.refresh(&name).await.unwrap(), ConnectStatus::Restricted);
    app.payments.activate(&account);
    assert_eq!(app.connect.refresh(&name).await.unwrap(), ConnectStatus::Active);
}

#[pollster::test]
async fn beginning_again_or_at_once_is_about_the_same_account() {
    let app = TestApp::new();
    let (creator, name) = handle(&app).await;
    let links = at_once(10, |_| {
        let (app, creator, name) = (app.clone(), creator.clone(), name.clone());
        async move { begin(&app, &creator, &name).await.unwrap() }
    })
    .await;
    let account = app.connect.status(&creator, &name).await.unwrap().unwrap().account;
    assert!(links.iter().all(|link| link.contains(account.as_str())), "{links:?}");
}

#[pollster::test]
async fn a_lost_answer_makes_no_second_account() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let app = TestApp::new();
        let (creator, name) = handle(&app).await;
        app.payments.fail_next(Call::CreateAccount, fault);
        assert!(matches!(
            begin(&app, &creator, &name).await,
            Err(ConnectError::Payments(PaymentsError::Unavailable(_)))
        ));
        let first = begin(&app, &creator, &name).await.unwrap();
        let account = app.connect.status(&creator, &name).await.unwrap().unwrap().account;
        assert!(first.contains(account.as_str()));
    }
}

/// By then the provider has forgotten the key of the first request.
#[pollster::test]
async fn an_account_whose_creation_was_not_answered_is_found_days_later() {
    let app = TestApp::new();
    let (creator, name) = handle(&app).await;
    app.payments.fail_next(Call::CreateAccount, Fault::lost_answer());
    assert!(begin(&app, &creator, &name).await.is_err());
    app.clock.advance_seconds(3 * 24 * 3_600);
    let link = begin(&app, &creator, &name).await.unwrap();
    let account = app.connect.status(&creator, &name).await.unwrap().unwrap().account;
    assert!(link.contains(account.as_str()));
    assert_eq!(app.payments.calls(Call::CreateAccount), 1);
}

/// Whether or not the account was made, a kept error holds nobody up, and an account that was made is taken.
#[pollster::test]
async fn an_error_that_the_provider_keeps_does_not_hold_up_a_creator() {
    let failed = || PaymentsError::Failed("500".to_owned());
    for (fault, calls) in
        [(Fault::KeptBeforeEffect(failed()), 2), (Fault::KeptAfterEffect(failed()), 1)]
    {
        let app = TestApp::new();
        let (creator, name) = handle(&app).await;
        app.payments.fail_next(Call::CreateAccount, fault);
        let link = begin(&app, &creator, &name).await.unwrap();
        let account = app.connect.status(&creator, &name).await.unwrap().unwrap().account;
        assert!(link.contains(account.as_str()));
        assert_eq!(app.payments.calls(Call::CreateAccount), calls);
    }
}

/// The account is read before it is given up, and read again.
#[pollster::test]
async fn one_refusal_does_not_disconnect_an_account_that_can_be_read() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let (creator, name) = (&shop.creator, &shop.handle.name);
    for refusal in [Refusal::NotFound, Refusal::AccountDisconnected] {
        app.clock.advance_seconds(3);
        let once = || {
            let message = "once".to_owned();
            Fault::BeforeEffect(PaymentsError::Refused { refusal, message })
        };
        app.payments.fail_next(Call::OnboardingLink, once());
        assert!(matches!(begin(&app, creator, name).await, Err(ConnectError::Payments(_))));
        app.payments.fail_next(Call::Account, once());
        let connected = app.connect.status(creator, name).await.unwrap().unwrap();
        assert_eq!(connected.account, shop.account, "{refusal:?}");
        assert!(connected.state.charges_enabled);
    }
    assert!(app.mails_to(creator.email.as_str()).await.is_empty());
}

/// Links for an account that was deleted are refused for whatever reason; that it cannot be read is what counts.
#[pollster::test]
async fn whose_account_was_deleted_connects_another_one() {
    for refusal in [Refusal::WithMessage, Refusal::Other, Refusal::AccountDisconnected] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let (creator, name) = (&shop.creator, &shop.handle.name);
        app.payments.deauthorize(&shop.account);
        app.payments.take_events();
        let deleted = PaymentsError::Refused { refusal, message: "deleted".to_owned() };
        app.payments.fail_next(Call::OnboardingLink, Fault::BeforeEffect(deleted));
        let link = begin(&app, creator, name).await.unwrap();
        let account = app.connect.status(creator, name).await.unwrap().unwrap().account;
        assert_ne!(account, shop.account, "{refusal:?}");
        assert!(link.contains(account.as_str()), "{link}");
    }
}

/// Once for each time, by whatever way it is learnt.
#[pollster::test]
async fn a_creator_is_told_when_the_account_takes_no_payments_any_more() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    let mails = ["account_closed", "account_ready", "account_closed", "account_closed"];
    for (state, told) in [(closed, 1), (closed, 1), (open, 2), (open, 2), (closed, 3)] {
        app.connect.apply(&shop.account, state, app.clock.now()).await.unwrap();
        assert_eq!(app.mails_to(shop.creator.email.as_str()).await, mails[..told], "{state:?}");
    }
    for _ in 0..2 {
        app.connect.disconnect(&shop.account).await.unwrap();
        assert_eq!(app.mails_to(shop.creator.email.as_str()).await, mails);
    }
}

/// The first time is not news. An account that is connected in the place of another is as good as one that was restricted.
#[pollster::test]
async fn a_creator_is_told_when_the_account_takes_payments_again() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let closed = AccountState { details_submitted: true, ..AccountState::default() };
    let open = AccountState { charges_enabled: true, ..closed };
    for state in [open, closed, open] {
        app.clock.advance_seconds(60);
        app.connect.apply(&shop.account, state, app.clock.now()).await.unwrap();
    }
    let told = app.mails_to(shop.creator.email.as_str()).await;
    assert_eq!(told, ["account_closed", "account_ready"]);
    app.payments.deauthorize(&shop.account);
    app.connect.disconnect(&shop.account).await.unwrap();
    assert_eq!(app.mails_to(shop.creator.email.as_str()).await.len(), 3);
    begin(&app, &shop.creator, &shop.handle.name).await.unwrap();
    let another = app.connect.status(&shop.creator, &shop.handle.name).await.unwrap().unwrap();
    app.clock.advance_seconds(60);
    app.connect.apply(&another.account, open, app.clock.now()).await.unwrap();
    let told = app.mails_to(shop.creator.email.as_str()).await;
    assert_eq!(told[2..], ["account_closed", "account_ready"]);
}

#[pollster::test]
async fn a_creator_is_told_of_an_account_that_is_ready_however_long_that_took() {
    for days in [29, 31, 400] {
        let app = TestApp::new();
        let shop = app.shop("ada").await;
        let closed = AccountState { details_submitted: true, ..AccountState::default() };
        let open = AccountState { charges_enabled: true, ..closed };
        app.connect.apply(&shop.account, closed, app.clock.now()).await.unwrap();
        app.deliver_mails().await;
        app.clock.advance_seconds(days * 24 * 3_600);
        app.connect.apply(&shop.account, open, app.clock.now()).await.unwrap();
        let told = app.mails_to(shop.creator.email.as_str()).await;
        assert_eq!(told, ["account_closed", "account_ready"], "after {days} days");
    }
}

/// Each buyer is refused, and each sweep finds the account ready.
#[pollster::test]
async fn a_creator_hears_once_a_day_of_an_account_that_is_refused_and_reads_as_ready() {
    const DAY: i64 = 24 * 3_600;
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.sign_in("bob@example.com").await;
    let open =
        AccountState { details_submitted: true, charges_enabled: true, ..AccountState::default() };
    for (passed, mails) in [(0, 1), (DAY - 1, 1), (1, 2)] {
        app.clock.advance_seconds(passed);
        let message = "restricted".to_owned();
        let refused = PaymentsError::Refused { refusal: Refusal::AccountRestricted, message };
        for _ in 0..2 {
            app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused.clone()));
        }
        assert!(app.start(&shop, &page, &bob).await.is_err());
        let told = app.mails_to(shop.creator.email.as_str()).await;
        assert_eq!(told, vec!["account_closed"; mails], "{passed}");
        app.connect.apply(&shop.account, open, app.clock.now()).await.unwrap();
    }
}

/// Such as by the settings of taxes, which the account's own state says nothing of.
#[pollster::test]
async fn a_creator_hears_once_a_day_of_pay_pages_that_are_refused() {
    const DAY: i64 = 24 * 3_600;
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let page = app.page(&shop, a_page().paid(1_200, "usd").published()).await;
    let bob = app.sign_in("bob@example.com").await;
    for (passed, mails) in [(0, 1), (1, 1), (DAY - 2, 1), (1, 2)] {
        app.clock.advance_seconds(passed);
        let message = "You must set an origin address.".to_owned();
        let refused = PaymentsError::Refused { refusal: Refusal::WithMessage, message };
        app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(refused));
        assert!(app.start(&shop, &page, &bob).await.is_err());
        let told = app.mails_to(shop.creator.email.as_str()).await;
        assert_eq!(told, vec!["account_closed"; mails], "{passed}");
    }
    let sent = app.mailer.sent_to(&shop.creator.email);
    let words = |mail: &MailContent| match mail {
        MailContent::AccountClosed { refused, .. } => refused.clone(),
        _ => None,
    };
    assert_eq!(words(&sent[0]).as_deref(), Some("You must set an origin address."));
    let other = PaymentsError::Refused { refusal: Refusal::Other, message: "a bug".into() };
    app.clock.advance_seconds(DAY);
    app.payments.fail_next(Call::OpenCheckout, Fault::BeforeEffect(other));
    assert!(app.start(&shop, &page, &bob).await.is_err());
    assert_eq!(app.mails_to(shop.creator.email.as_str()).await.len(), 2, "not for her to mend");
}

#[pollster::test]
async fn while_the_provider_is_away_the_last_known_state_is_told() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    app.payments.set_down(true);
    let told = app.connect.status(&shop.creator, &shop.handle.name).await.unwrap().unwrap();
    assert!(told.state.charges_enabled);
}

#[pollster::test]
async fn asking_for_the_status_again_and_again_asks_the_provider_once_in_a_while() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let status = async || {
        let told = app.connect.status(&shop.creator, &shop.handle.name).await.unwrap();
        told.unwrap().state.charges_enabled
    };
    let asked = app.payments.calls(Call::Account);
    for _ in 0..20 {
        assert!(status().await);
    }
    assert_eq!(app.payments.calls(Call::Account), asked + 1);
    app.payments.set_account(&shop.account, AccountState::default());
    assert!(status().await, "what is stored");
    app.clock.advance_seconds(3);
    assert!(!status().await);
    app.payments.activate(&shop.account);
    assert!(status().await, "its creator waits for it");
}

#[pollster::test]
async fn an_account_that_is_not_ready_is_asked_for_so_often_by_all_together() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let name = &shop.handle.name;
    app.payments.set_account(&shop.account, AccountState::default());
    // An account that could do everything is read, and what it can do now is stored.
    app.clock.advance_seconds(60);
    app.connect.status(&shop.creator, name).await.unwrap();
    let asked = app.payments.calls(Call::Account);
    for _ in 0..10 {
        assert_eq!(app.connect.chargeable(&shop.handle).await.unwrap(), None);
        app.connect.refresh(name).await.unwrap();
        app.connect.connection(&shop.creator, name).await.unwrap();
        app.connect.status(&shop.creator, name).await.unwrap();
    }
    assert_eq!(app.payments.calls(Call::Account), asked + 10);
    let known = app.connect.connection(&shop.creator, name).await.unwrap();
    assert!(matches!(known, Connection::Account { due: None, .. }), "{known:?}");
    app.payments.activate(&shop.account);
    assert_eq!(app.connect.chargeable(&shop.handle).await.unwrap(), None, "what is stored");
    app.clock.advance_seconds(3);
    assert!(app.connect.chargeable(&shop.handle).await.unwrap().is_some());
}

#[pollster::test]
async fn links_to_connect_an_account_are_limited_for_each_handle() {
    let app = TestApp::new();
    let (creator, name) = handle(&app).await;
    for _ in 0..10 {
        begin(&app, &creator, &name).await.unwrap();
    }
    let links = app.payments.calls(Call::OnboardingLink);
    let refused = begin(&app, &creator, &name).await;
    assert!(matches!(refused, Err(ConnectError::Limited { retry_after_seconds: 6 })));
    assert_eq!(app.payments.calls(Call::OnboardingLink), links);
    let other = app.handles.create(&creator, handle_name("ada-two"), "Two").await.unwrap();
    begin(&app, &creator, &other.name).await.unwrap();
    app.clock.advance_seconds(6);
    begin(&app, &creator, &name).await.unwrap();
}

#[pollster::test]
async fn a_creator_sees_that_an_account_is_gone() {
    let app = TestApp::new();
    let (creator, name) = handle(&app).await;
    let connection = async || app.connect.connection(&creator, &name).await.unwrap();
    assert_eq!(connection().await, Connection::Never);
    begin(&app, &creator, &name).await.unwrap();
    let Connection::Account { connected, due } = connection().await else { panic!("an account") };
    assert_eq!(connected.state, AccountState::default());
    assert_eq!(due.unwrap(), ["external_account"]);
    app.payments.activate(&connected.account);
    let Connection::Account { connected: active, due } = connection().await else {
        panic!("an account")
    };
    assert!(active.state.charges_enabled && active.state.payouts_enabled);
    assert_eq!(due, Some(Vec::new()));
    let asked = app.payments.calls(Call::Account);
    connection().await;
    assert_eq!(app.payments.calls(Call::Account), asked, "what is ready is not asked for");

    app.payments.deauthorize(&connected.account);
    app.deliver_webhooks().await;
    assert_eq!(connection().await, Connection::Disconnected);
    begin(&app, &creator, &name).await.unwrap();
    let Connection::Account { connected: second, .. } = connection().await else {
        panic!("an account")
    };
    assert_ne!(second.account, connected.account);
    // This time the webhook is lost.
    app.payments.deauthorize(&second.account);
    app.payments.take_events();
    assert_eq!(connection().await, Connection::Disconnected);
    begin(&app, &creator, &name).await.unwrap();
    app.payments.set_down(true);
    let last_known = connection().await;
    assert!(matches!(last_known, Connection::Account { due: None, .. }), "{last_known:?}");
}

#[pollster::test]
async fn nobody_connects_somebody_elses_handle() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    let eve = app.creator("eve@creators.example").await;
    let name = &shop.handle.name;
    assert!(matches!(begin(&app, &eve, name).await, Err(ConnectError::HandleNotFound)));
    let status = app.connect.status(&eve, name).await;
    assert!(matches!(status, Err(ConnectError::HandleNotFound)));
    let connection = app.connect.connection(&eve, name).await;
    assert!(matches!(connection, Err(ConnectError::HandleNotFound)));
    let nobody = app.connect.refresh(&handle_name("nobody")).await;
    assert!(matches!(nobody, Err(ConnectError::HandleNotFound)));
}

#[pollster::test]
async fn webhooks_about_an_account_change_what_it_can_do() {
    let app = TestApp::new();
    let shop = app.shop("ada").await;
    assert!(app.connect.chargeable(&shop.handle).await.unwrap().is_some());
    app.payments.set_account(&shop.account, AccountState::default());
    app.deliver_webhooks().await;
    assert_eq!(app.connect.chargeable(&shop.handle).await.unwrap(), None);
    app.payments.activate(&shop.account);
    app.deliver_webhooks().await;
    assert_eq!(app.connect.chargeable(&shop.handle).await.unwrap(), Some(shop.account));
}
