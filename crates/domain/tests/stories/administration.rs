//! What the operator does with creators' accounts.

use tollgate_domain::{
    checkout::{CheckoutError, ConnectError},
    creators::{AccountError, AdministrationError, Password},
};
use tollgate_domain_testing::{TestApp, email, handle_name, yield_now};

use crate::{ADA, Sale};

const CLIENT: &str = "192.0.2.9";
const BACK: &str = "https://app.example/back";

fn password(text: &str) -> Password {
    Password::new(text.into()).unwrap()
}

#[pollster::test]
async fn suspended_creator_cannot_sign_in_until_it_is_lifted() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let (ada, right) = (email(ADA), password("correct horse"));
    let before = app.accounts.login(&ada, &right, CLIENT).await.unwrap();
    let link = app.administration.reset_password(&ada).await.unwrap();
    let token = link.rsplit('=').next().unwrap().parse().unwrap();

    app.administration.suspend(&ada).await.unwrap();
    assert_eq!(app.accounts.authenticate(before.session_id).await.unwrap(), None);
    let refused = app.accounts.refresh(&before.refresh_token, CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Unauthorized)));
    let refused = app.accounts.login(&ada, &right, CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Suspended)));
    let refused = app.accounts.login(&ada, &password("wrong horse"), CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Unauthorized)), "others learn nothing");
    let refused = app.accounts.confirm_password_reset(&token, &right, CLIENT).await;
    assert!(matches!(refused, Err(AccountError::Suspended)));
    let refused = app.administration.reset_password(&ada).await;
    assert!(
        matches!(refused, Err(AdministrationError::Suspended(_))),
        "nor can a new link be made"
    );

    app.administration.lift(&ada).await.unwrap();
    assert!(app.accounts.login(&ada, &right, CLIENT).await.is_ok());
    assert!(app.administration.reset_password(&ada).await.is_ok());
    assert_eq!(app.accounts.authenticate(before.session_id).await.unwrap(), None);
}

#[pollster::test]
async fn suspended_creator_gets_no_mail_that_sets_a_password_and_connects_nothing() {
    let app = TestApp::new();
    let creator = app.creator(ADA).await;
    let handle = app.handles.create(&creator, handle_name("ada"), "Ada").await.unwrap();
    app.administration.suspend(&email(ADA)).await.unwrap();
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    app.work().await;
    app.deliver_mails().await;
    assert!(app.mailer.sent_to(&email(ADA)).is_empty());
    // The creator was read before the suspension.
    let connect = || app.connect.begin(&creator, &handle.name, BACK, BACK);
    assert!(matches!(connect().await, Err(ConnectError::Suspended)));

    app.administration.lift(&email(ADA)).await.unwrap();
    app.accounts.request_password_reset(email(ADA), CLIENT).await.unwrap();
    app.work().await;
    app.deliver_mails().await;
    assert_eq!(app.mailer.sent_to(&email(ADA)).len(), 1);
    assert!(connect().await.is_ok());
}

#[pollster::test]
async fn link_of_the_operator_sets_a_password_once() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let link = app.administration.reset_password(&email(ADA)).await.unwrap();
    let token = link.rsplit('=').next().unwrap().parse().unwrap();
    let new = password("battery staple");
    assert!(app.accounts.confirm_password_reset(&token, &new, CLIENT).await.is_ok());
    let again = app.accounts.confirm_password_reset(&token, &new, CLIENT).await;
    assert!(matches!(again, Err(AccountError::UsedToken)));
    assert!(app.accounts.login(&email(ADA), &new, CLIENT).await.is_ok());
}

#[pollster::test]
async fn sessions_of_a_creator_are_ended() {
    let app = TestApp::new();
    app.creator(ADA).await;
    let right = password("correct horse");
    let before = app.accounts.login(&email(ADA), &right, CLIENT).await.unwrap();
    app.administration.end_sessions(&email(ADA)).await.unwrap();
    assert_eq!(app.accounts.authenticate(before.session_id).await.unwrap(), None);
    assert!(app.accounts.login(&email(ADA), &right, CLIENT).await.is_ok());
    let unknown = app.administration.end_sessions(&email("nobody@example.com")).await;
    assert!(matches!(unknown, Err(AdministrationError::NotFound(_))));
}

#[pollster::test]
async fn suspension_stops_a_checkout_that_is_being_started() {
    let mut was_stopped = 0;
    for first in 0..40 {
        let sale = Sale::new().await;
        let ada = email("ada@creators.example");
        let suspend = async {
            for _ in 0..first {
                yield_now().await;
            }
            sale.app.administration.suspend(&ada).await.unwrap();
        };
        let start = sale.app.start(&sale.shop, &sale.page, &sale.bob);
        let (started, ()) = futures_util::join!(start, suspend);
        sale.app.work().await;
        for session in sale.app.payments.sessions() {
            assert!(sale.app.payments.pay(&session).is_none(), "payable after {first}");
        }
        was_stopped += usize::from(started.is_err());
    }
    assert!(was_stopped > 0);
}

#[pollster::test]
async fn suspended_creator_sells_nothing_and_buyers_keep_access() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let eve = sale.app.sign_in("eve@example.com").await;
    let opened = sale.app.start(&sale.shop, &sale.page, &eve).await.unwrap();
    let ada = email("ada@creators.example");

    sale.app.administration.suspend(&ada).await.unwrap();
    assert!(sale.is_open().await, "what was bought stays open");
    let refused = sale.app.start(&sale.shop, &sale.page, &eve).await;
    assert!(matches!(refused, Err(CheckoutError::ConnectNotConfigured(_))));
    sale.app.work().await;
    let session = sale.app.payments.session_at(&opened.url).unwrap();
    assert!(sale.app.payments.pay(&session).is_none(), "the open pay page was closed");

    sale.app.administration.lift(&ada).await.unwrap();
    assert!(sale.app.start(&sale.shop, &sale.page, &eve).await.is_ok());
}
