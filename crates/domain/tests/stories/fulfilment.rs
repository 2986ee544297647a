//! What a payment comes to.

mod closed;
mod disputed;
mod edits;
mod mismatches;

use futures_util::future::join;
use tollgate_domain::{
    checkout::{Applied, CheckoutError, OrderStatus},
    creators::{AccessMode, PageChange, PageStatus},
    id::CheckoutId,
    mail::MailContent,
    payments::{CheckoutSessionId, Payments, SessionProgress, SessionState},
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::{TestApp, at, email};

use crate::{
    ADA, BOB, Sale,
    checkout::{after, price, statuses},
};

/// Checks that the last mail to the creator leads to the screen about Bob.
pub(crate) fn assert_alert_leads_to_the_buyer(sale: &Sale) {
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    let Some(
        MailContent::PaidTwice { console_url, .. }
        | MailContent::PaymentMatched { console_url, .. }
        | MailContent::PaymentQuarantined { console_url, .. }
        | MailContent::PaymentUnread { console_url, .. }
        | MailContent::RefundFailed { console_url, .. }
        | MailContent::Inquiry { console_url, is_quarantined: true, .. }
        | MailContent::Disputed { console_url, is_quarantined: true, .. }
        | MailContent::DisputeDecided { console_url, is_quarantined: true, .. },
    ) = &told
    else {
        panic!("{told:?}")
    };
    let origin = sale.app.installation.app_origin();
    let buyer = BOB.replace('@', "%40");
    assert_eq!(*console_url, format!("{origin}/ada/people/person?email={buyer}"));
}

#[pollster::test]
async fn a_second_session_of_an_order_is_closed_and_changes_nothing_about_the_first() {
    let sale = Sale::new().await;
    let own = sale.started().await;
    let order = sale.app.store.orders().pop().unwrap();
    let state = sale.app.payments.checkout(&order.account, &own).await.unwrap();
    let stray = SessionState { session: CheckoutSessionId::new("cs_stray"), ..state };
    for progress in [SessionProgress::Pending, SessionProgress::Expired, SessionProgress::Failed] {
        let stray = SessionState { progress, ..stray.clone() };
        let update = ProviderUpdate::Session(stray);
        assert_eq!(
            sale.app.updates.apply(&order.account, update).await.unwrap(),
            Applied::Unchanged
        );
        assert_eq!(statuses(&sale.app), [OrderStatus::Open]);
    }
    assert_eq!(sale.started().await, own);
}

#[pollster::test]
async fn a_session_that_expired_is_applied_once_and_then_found_out_by_a_read() {
    let sale = Sale::new().await;
    let (session, account) = (sale.started().await, &sale.shop.account);
    let expired = sale.app.payments.expire_checkout(account, &session).await.unwrap();
    assert_eq!(expired.progress, SessionProgress::Expired);
    let apply = async || sale.app.fulfilment.apply(account, &expired).await.unwrap();
    assert_eq!(apply().await, Applied::Changed);
    assert_eq!(statuses(&sale.app), [OrderStatus::Expired]);
    let before = sale.app.store.count_units();
    assert_eq!(apply().await, Applied::Unchanged);
    assert_eq!(sale.app.store.count_units(), before);
}

#[pollster::test]
async fn money_on_its_way_opens_nothing_until_it_is_there() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Pending]);
    assert!(sale.mails_to(BOB).await.is_empty());
    // Not even a price edit leads to a second session now.
    sale.app.change(&sale.shop, &sale.page, price(2_000)).await;
    let order = sale.app.store.orders().pop().unwrap();
    let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    assert_eq!(again.id, order.id);
    assert!(again.url.ends_with(&format!("/{}", sale.page.slug)), "{}", again.url);
    assert!(sale.app.payments.apply(&session));
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Paid]);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn who_has_the_page_otherwise_hears_so_when_a_payment_fails() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.app.deliver_mails().await;
    sale.app.mailer.clear();
    assert!(sale.app.payments.fail_payment(&session));
    sale.app.deliver_webhooks().await;
    sale.app.deliver_mails().await;
    let told = sale.app.mailer.sent_to(&email(BOB));
    assert!(
        matches!(told.as_slice(), [MailContent::PaymentFailed { is_open: true, .. }]),
        "{told:?}"
    );
}

/// Nobody is asked to pay for what is not sold any more, or open to everybody.
#[pollster::test]
async fn who_is_told_of_a_payment_that_failed_hears_what_has_become_of_the_page() {
    let (draft, archived) = (Some(PageStatus::Draft), Some(PageStatus::Archived));
    let (public, free) = (Some(AccessMode::Public), Some(AccessMode::FreeWithLogin));
    for (status, mode, expected) in [
        (None, None, (false, false)),
        (draft, None, (false, true)),
        (archived, None, (false, true)),
        (None, public, (true, false)),
        (None, free, (true, false)),
        (draft, public, (false, true)),
    ] {
        let sale = Sale::new().await;
        let session = sale.started().await;
        sale.app.payments.pay_later(&session).unwrap();
        sale.app.deliver_webhooks().await;
        let change = PageChange { status, mode, ..PageChange::default() };
        sale.app.change(&sale.shop, &sale.page, change).await;
        assert!(sale.app.payments.fail_payment(&session));
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        let told = sale.app.mailer.sent_to(&email(BOB)).pop();
        let Some(MailContent::PaymentFailed { is_open, is_withdrawn, .. }) = told else {
            panic!("{status:?} {mode:?}: {told:?}")
        };
        assert_eq!((is_open, is_withdrawn), expected, "{status:?} {mode:?}");
    }
}

#[pollster::test]
async fn money_that_does_not_come_opens_nothing_and_is_told() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay_later(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.app.payments.fail_payment(&session));
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(statuses(&sale.app), [OrderStatus::Failed]);
    assert_eq!(sale.mails_to(BOB).await, ["payment_failed"]);
    assert_ne!(sale.started().await, session);
}

#[pollster::test]
async fn coming_back_early_or_twice_changes_nothing() {
    let sale = Sale::new().await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert!(!sale.is_open().await);
    let session = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&session).unwrap();
    for _ in 0..3 {
        sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    }
    sale.app.deliver_webhooks().await;
    assert_eq!(sale.app.store.purchases().len(), 1);
    assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
}

#[pollster::test]
async fn coming_back_while_the_provider_is_away_is_not_an_error() {
    let sale = Sale::new().await;
    let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
    let session = sale.app.payments.session_at(&started.url).unwrap();
    sale.app.payments.pay(&session).unwrap();
    sale.app.payments.set_down(true);
    sale.app.checkouts.complete_return(started.id, None).await.unwrap();
    assert!(!sale.is_open().await);
    sale.app.payments.set_down(false);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn nobody_comes_back_from_a_checkout_that_is_not_there() {
    let app = TestApp::new();
    let unknown = CheckoutId::new(at(0), &*app.random);
    let result = app.checkouts.complete_return(unknown, None).await;
    assert!(matches!(result, Err(CheckoutError::NotFound)));
}

/// The account was disconnected, so nobody can learn what became of the payment.
#[pollster::test]
async fn a_payment_that_nothing_was_heard_of_for_months_is_not_waited_for() {
    let sale = Sale::new().await;
    let slow = sale.started().await;
    sale.app.payments.pay_later(&slow).unwrap();
    sale.app.deliver_webhooks().await;
    let bob = async || sale.app.sign_in(BOB).await;
    sale.app.clock.advance_seconds(64 * 24 * 3600);
    let session = bob().await;
    let visitor = sale.app.visitor(&session).await.id;
    assert_eq!(sale.app.checkouts.pending_of(visitor).await.unwrap().len(), 1);
    let waiting = sale.app.start(&sale.shop, &sale.page, &session).await.unwrap();
    assert!(waiting.url.ends_with(&format!("/{}", sale.page.slug)), "{}", waiting.url);
    sale.app.clock.advance_seconds(24 * 3600);
    let session = bob().await;
    assert_eq!(sale.app.checkouts.pending_of(visitor).await.unwrap(), []);
    let again = sale.app.start(&sale.shop, &sale.page, &session).await.unwrap();
    assert_ne!(again.id, waiting.id);
    // If it arrives all the same, it opens the page, and the other pay page is closed.
    assert!(sale.app.payments.apply(&slow));
    sale.app.deliver_webhooks().await;
    assert!(sale.app.is_open(&sale.shop, &sale.page, &session).await);
    sale.app.work().await;
    let open = sale.app.payments.session_at(&again.url).unwrap();
    assert_eq!(sale.app.payments.pay(&open), None);
}

#[pollster::test]
async fn a_session_of_another_account_changes_nothing() {
    let sale = Sale::new().await;
    let session = sale.started().await;
    sale.app.payments.pay(&session).unwrap();
    let state = sale.app.payments.session(&session).unwrap();
    let foreign = sale.app.payments.an_active_account();
    let applied = sale.app.updates.apply(&foreign, ProviderUpdate::Session(state)).await;
    assert_eq!(applied.unwrap(), Applied::Ignored);
    assert!(!sale.is_open().await);
    assert!(sale.mails_to(ADA).await.is_empty(), "nobody is alarmed by a stranger");
    // The real payment is honoured all the same.
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}

/// What creators sell elsewhere at their accounts keeps no buyer waiting, and neither does a pay page that is looked at.
#[pollster::test]
async fn where_nothing_is_to_do_no_unit_of_work_begins() {
    let sale = Sale::new().await;
    let (session, account) = (sale.started().await, &sale.shop.account);
    let open = sale.app.payments.session(&session).unwrap();
    sale.app.payments.pay(&session).unwrap();
    let paid = sale.app.payments.session(&session).unwrap();
    let elsewhere = SessionState {
        session: CheckoutSessionId::new("cs_elsewhere"),
        checkout_id: None,
        ..paid.clone()
    };
    let unknown = Some(CheckoutId::new(at(0), &*sale.app.random));
    let of_another_installation = SessionState { checkout_id: unknown, ..elsewhere.clone() };
    let foreign = &sale.app.payments.an_active_account();
    let before = sale.app.store.count_units();
    for (account, state, expected) in [
        (account, open, Applied::Unchanged),
        (account, elsewhere, Applied::Ignored),
        (account, of_another_installation, Applied::Ignored),
        (foreign, paid.clone(), Applied::Ignored),
    ] {
        let applied = sale.app.fulfilment.apply(account, &state).await;
        assert_eq!(applied.unwrap(), expected, "{state:?}");
        assert_eq!(sale.app.store.count_units(), before, "{state:?}");
    }
    let applied = sale.app.fulfilment.apply(account, &paid).await;
    assert_eq!(applied.unwrap(), Applied::Changed);
}

#[pollster::test]
async fn wherever_the_store_fails_a_payment_ends_up_as_one_purchase() {
    for passes in 0..60 {
        for answer_lost in [false, true] {
            let sale = Sale::new().await;
            let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
            let session = sale.app.payments.session_at(&started.url).unwrap();
            sale.app.payments.pay(&session).unwrap();
            sale.app.store.fail_after(passes);
            if answer_lost {
                sale.app.store.lose_answer_of_next_commit();
            }
            sale.app.checkouts.complete_return(started.id, None).await.ok();
            let came_through = sale.app.store.heal();
            assert_eq!(sale.is_open().await, !sale.app.store.purchases().is_empty());
            sale.app.deliver_webhooks().await;
            assert!(sale.is_open().await);
            assert_eq!(sale.app.store.purchases().len(), 1);
            assert_eq!(sale.app.store.facts().len(), 1);
            assert_eq!(sale.mails_to(BOB).await, ["receipt"]);
            if came_through && !answer_lost {
                return;
            }
        }
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_payment_while_another_checkout_starts_leaves_no_second_session() {
    for turns in 0..60 {
        let sale = Sale::new().await;
        let started = sale.app.start(&sale.shop, &sale.page, &sale.bob).await.unwrap();
        let session = sale.app.payments.session_at(&started.url).unwrap();
        let pay = async {
            after(turns).await;
            sale.app.payments.pay(&session).unwrap();
            sale.app.deliver_webhooks().await;
        };
        let again = sale.app.start(&sale.shop, &sale.page, &sale.bob);
        let ((), again) = join(pay, again).await;
        assert!(sale.is_open().await);
        assert_eq!(sale.app.payments.sessions().len(), 1, "after {turns}: {again:?}");
    }
}
