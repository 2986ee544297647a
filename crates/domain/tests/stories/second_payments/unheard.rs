//! Second payments, while no event tells what became of the payment before.

use std::pin::{Pin, pin};

use futures_util::{future::join, poll};
use tollgate_domain::{
    clock::Clock,
    creators::SecondPayments,
    jobs::{Job, NewJob},
    mail::RefundHindrance,
    payments::{CheckoutSessionId, DisputeProgress, PaymentIntentId, PaymentsError, Refusal},
};
use tollgate_domain_testing::{Call, Fault};

use super::{
    at_two_prices, count_active, hindrances, paid_once, purchase_of,
    the_next_session_is_not_closed, told_by_receipts, wish, wish_to_refund,
};
use crate::{
    ADA, BOB, Sale,
    checkout::price,
    people::{ROB, asked},
};

#[pollster::test]
async fn a_payment_after_one_that_was_refunded_unheard_opens_the_page() {
    for is_disputed in [false, true] {
        let sale = Sale::new().await;
        let (first, session) = paid_once(&sale).await;
        let payments = &sale.app.payments;
        if is_disputed {
            payments.dispute(&first, DisputeProgress::Lost).unwrap();
        } else {
            payments.refund_in_dashboard(&first, 1_200).unwrap();
        }
        payments.take_events();
        let second = payments.pay(&session).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!((count_active(&sale), sale.is_open().await), (1, true));
        assert!(purchase_of(&sale, &second).holding().is_active());
        assert_eq!((payments.refunds_of(&second).len(), payments.calls(Call::Refund)), (0, 0));
        assert!(!sale.mails_to(ADA).await.contains(&"paid_twice"));
        let told = sale.mails_to(BOB).await;
        assert_eq!(told.contains(&"refunded"), !is_disputed, "{told:?}");
        // The receipt of the second one has announced a refund, and comes again. That is done once.
        let receipts = [(false, true), (true, false), (true, false)];
        assert_eq!(told_by_receipts(&sale).await, receipts);
        let mut unit = sale.app.unit().await;
        let job = Job::RefundSecondPayment(purchase_of(&sale, &second).id);
        unit.jobs().enqueue(&NewJob::new(job, sale.app.clock.now())).await.unwrap();
        unit.commit().await.unwrap();
        sale.app.work().await;
        assert_eq!(told_by_receipts(&sale).await, receipts);
    }
}

/// Both are not kept because of a part.
#[pollster::test]
async fn a_payment_after_one_of_which_a_part_was_refunded_is_a_second_one() {
    let sale = Sale::new().await;
    let (first, session) = paid_once(&sale).await;
    let payments = &sale.app.payments;
    payments.refund_in_dashboard(&first, 300).unwrap();
    payments.take_events();
    let second = payments.pay(&session).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), payments.refunds_of(&second).len()), (1, 1));
    assert_eq!(purchase_of(&sale, &first).refunded, 300);
}

#[pollster::test]
async fn nothing_is_refunded_while_it_cannot_be_read_what_became_of_the_payment_before() {
    for call in [Call::ChargeOfPayment, Call::RefundsOfCharge, Call::DisputesSince] {
        let sale = Sale::new().await;
        let (first, session) = paid_once(&sale).await;
        let payments = &sale.app.payments;
        payments.fail_next(call, Fault::lost_request());
        let second = payments.pay(&session).unwrap();
        sale.app.deliver_webhooks().await;
        assert_eq!((count_active(&sale), payments.calls(Call::Refund)), (2, 0), "{call:?}");
        sale.app.clock.advance_seconds(3_600);
        sale.app.work().await;
        let refunds = |payment| payments.refunds_of(payment).len();
        assert_eq!((refunds(&first), refunds(&second)), (0, 1), "{call:?}");
        assert_eq!((count_active(&sale), sale.is_open().await), (1, true), "{call:?}");
    }
}

/// Takes so many steps of a job at most, and says whether that was all of it.
async fn is_over_after(steps: usize, mut job: Pin<&mut impl Future>) -> bool {
    for _ in 0..steps {
        if poll!(job.as_mut()).is_ready() {
            return true;
        }
    }
    false
}

fn hidden() -> Fault {
    let message = "404: no such payment".to_owned();
    Fault::BeforeEffect(PaymentsError::Refused { refusal: Refusal::NotFound, message })
}

/// Two payments for the page, and a session that can be paid besides. From now on second payments are refunded.
async fn paid_twice_and_started(sale: &Sale) -> ([PaymentIntentId; 2], CheckoutSessionId) {
    let (first, second) = at_two_prices(sale).await;
    the_next_session_is_not_closed(sale);
    sale.app.change(&sale.shop, &sale.page, price(3_000)).await;
    sale.app.work().await;
    let third = sale.started().await;
    // Its seller wants to decide, so that both payments stay.
    wish(sale, SecondPayments::Hold).await;
    the_next_session_is_not_closed(sale);
    let pay = async |session| {
        let paid = sale.app.payments.pay(session).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.clock.advance_seconds(60);
        paid
    };
    let before = [pay(&first).await, pay(&second).await];
    assert_eq!(count_active(sale), 2);
    wish(sale, SecondPayments::Refund).await;
    (before, third)
}

/// There are two payments before, of which the first that is asked for is not shown.
#[pollster::test]
async fn a_payment_before_that_is_not_shown_does_not_hide_one_that_stands() {
    let sale = Sale::new().await;
    let (before, third) = paid_twice_and_started(&sale).await;
    let payments = &sale.app.payments;
    payments.fail_next(Call::ChargeOfPayment, hidden());
    let paid = payments.pay(&third).unwrap();
    sale.app.deliver_webhooks().await;
    assert_eq!((count_active(&sale), payments.refunds_of(&paid).len()), (2, 1));
    assert!(before.iter().all(|payment| payments.refunds_of(payment).is_empty()));
    sale.mails_to(ADA).await;
    assert_eq!(hindrances(&sale), [Some(RefundHindrance::Held), None]);
}

/// The first one was refunded unheard, and the second one is refunded while they are looked at.
#[pollster::test]
async fn a_payment_before_that_is_not_shown_does_not_count_as_one_that_stands() {
    for lead in 0.. {
        let sale = Sale::new().await;
        let Sale { app, shop, page, .. } = &sale;
        let ([first, second], third) = paid_twice_and_started(&sale).await;
        // The sweep that follows a payment that is held.
        the_next_session_is_not_closed(&sale);
        app.work().await;
        app.payments.refund_in_dashboard(&first, 1_200).unwrap();
        app.payments.take_events();
        for _ in 0..2 {
            app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        }
        let third = app.payments.pay(&third).unwrap();
        app.deliver_webhooks().await;
        assert_eq!((count_active(&sale), app.payments.calls(Call::Refund)), (3, 0));
        app.payments.fail_next(Call::ChargeOfPayment, hidden());
        let wish = wish_to_refund(&sale, &purchase_of(&sale, &second)).await;
        let mut job = pin!(app.refunds.refund_second(purchase_of(&sale, &third).id));
        if is_over_after(lead, job.as_mut()).await {
            assert!(lead > 4, "{lead}");
            return;
        }
        let press = app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish);
        let (pressed, _) = join(press, job).await;
        app.clock.advance_seconds(3_600);
        app.work().await;
        let refunds = [&second, &third].map(|payment| app.payments.refunds_of(payment).len());
        let expected = if pressed.is_ok() { [1, 0] } else { [0, 1] };
        assert_eq!((refunds, count_active(&sale)), (expected, 1), "{lead} steps before");
    }
}

/// The shop has another account by then, and one person paid under two addresses.
#[pollster::test]
async fn a_payment_after_one_at_an_account_that_is_out_of_reach_is_a_second_one() {
    for days in [0, 8] {
        let sale = Sale::new().await;
        let Sale { app, shop, page, bob } = &sale;
        app.buy(shop, page, bob).await;
        app.payments.deauthorize(&shop.account);
        app.deliver_webhooks().await;
        let (creator, name, urls) = (&shop.creator, &shop.handle.name, "https://app.example/");
        app.connect.begin(creator, name, urls, urls).await.unwrap();
        let connected = app.connect.status(creator, name).await.unwrap().unwrap();
        assert_ne!(connected.account, shop.account);
        app.payments.activate(&connected.account);
        app.deliver_webhooks().await;
        app.clock.advance_seconds(60);
        let rob = app.sign_in(ROB).await;
        let second = app.buy(shop, page, &rob).await.payment.unwrap().payment_intent;
        app.clock.advance_seconds(days * 24 * 3_600);
        let token = asked(app, shop).await;
        app.moves.confirm(&token).await.unwrap();
        app.work().await;
        assert_eq!((count_active(&sale), app.payments.refunds_of(&second).len()), (1, 1));
        sale.mails_to(ADA).await;
        assert_eq!(hindrances(&sale), [None]);
        assert!(!sale.mails_to(ROB).await.contains(&"refund_not_paid"));
    }
}

/// Whatever was just looked at when two payments meet by a change of address.
#[pollster::test]
async fn a_payment_that_comes_while_others_are_looked_at_is_looked_at_too() {
    for lead in 0.. {
        let sale = Sale::new().await;
        let Sale { app, shop, page, bob } = &sale;
        let first = app.buy(shop, page, bob).await.payment.unwrap().payment_intent;
        app.clock.advance_seconds(60);
        let rob = app.sign_in(ROB).await;
        let second = app.buy(shop, page, &rob).await;
        app.payments.refund_in_dashboard(&first, 1_200).unwrap();
        app.payments.take_events();
        let token = asked(app, shop).await;
        let mut job = pin!(app.refunds.refund_second(second.id));
        if is_over_after(lead, job.as_mut()).await {
            assert!(lead > 4, "{lead}");
            return;
        }
        let (moved, _) = join(app.moves.confirm(&token), job).await;
        moved.unwrap();
        app.work().await;
        app.clock.advance_seconds(3_600);
        app.work().await;
        let payment = second.payment.unwrap().payment_intent;
        let refunds = app.payments.refunds_of(&payment).len();
        assert_eq!((count_active(&sale), refunds), (1, 0), "{lead} steps before");
        assert!(purchase_of(&sale, &payment).holding().is_active());
    }
}
