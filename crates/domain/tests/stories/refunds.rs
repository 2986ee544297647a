//! Giving money back.

use tollgate_domain::{
    access::{FactKind, GrantType},
    id::PurchaseId,
    jobs::{JobKind, Outcome, Step},
    mail::MailContent,
    payments::{
        DisputeProgress, PaymentIntentId, PaymentsError, RefundProgress, Refusal, SessionProgress,
    },
    refunds::{RefundError, RefundReceipt, RefundWish},
    visitor_auth::Visitor,
};
use tollgate_domain_testing::{Call, Fault, a_gift, email, money};

use crate::{ADA, BOB, Sale, at_once};

/// A sale in which Bob has bought the page.
#[derive(Clone)]
struct Sold {
    sale: Sale,
    bob: Visitor,
    payment: PaymentIntentId,
}

impl Sold {
    async fn new() -> Self {
        let sale = Sale::new().await;
        let purchase = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        sale.app.mailer.clear();
        let bob = sale.app.visitor(&sale.bob).await;
        Self { sale, bob, payment: purchase.payment.unwrap().payment_intent }
    }

    async fn refund(&self) -> Result<RefundReceipt, RefundError> {
        self.sale.app.refund(&self.sale.shop, &self.sale.page, &self.bob).await
    }

    async fn refund_one(&self, purchase: PurchaseId) -> Result<RefundReceipt, RefundError> {
        let wish = RefundWish {
            visitor_id: self.bob.id,
            purchase_id: Some(purchase),
            reason: Some("as asked".into()),
            idempotency_key: None,
        };
        let Sale { app, shop, page, .. } = &self.sale;
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    }

    fn refund_in_dashboard(&self, amount: i64) {
        self.sale.app.payments.refund_in_dashboard(&self.payment, amount).unwrap();
    }

    fn facts(&self, kind: FactKind) -> usize {
        self.sale.app.store.facts().iter().filter(|fact| fact.kind == kind).count()
    }

    fn given_back(&self) -> Vec<i64> {
        let refunds = self.sale.app.payments.refunds_of(&self.payment);
        refunds.into_iter().map(|(_, amount)| amount).collect()
    }

    fn reserved(&self) -> i64 {
        self.sale.app.store.purchases().iter().map(|purchase| purchase.refund_reserved).sum()
    }
}

#[pollster::test]
async fn failures_that_the_provider_keeps_do_not_stop_the_next_refund() {
    let sold = Sold::new().await;
    for _ in 0..3 {
        sold.sale.app.payments.fail_next(Call::Refund, Fault::kept_error());
    }
    let failed = sold.refund().await;
    assert!(matches!(failed, Err(RefundError::Payments(PaymentsError::Failed(_)))), "{failed:?}");
    assert_eq!(sold.reserved(), 0);
    assert!(sold.sale.is_open().await);
    sold.refund().await.unwrap();
    assert_eq!(sold.given_back(), [1_200]);
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn a_request_stays_while_nobody_knows_what_came_of_it() {
    let sold = Sold::new().await;
    sold.sale.app.payments.fail_next(Call::Refund, Fault::kept_error_after_effect());
    let failed = PaymentsError::Failed("500".into());
    sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::BeforeEffect(failed));
    assert!(sold.refund().await.is_err());
    assert_eq!(sold.reserved(), 1_200);
    sold.refund().await.unwrap();
    assert_eq!((sold.given_back(), sold.reserved()), (vec![1_200], 0));
}

#[pollster::test]
async fn a_refund_that_names_the_request_for_another_purchase_answers_it_not() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    app.payments.fail_next(Call::Refund, Fault::lost_request());
    assert!(sold.refund().await.is_err());
    let request = app.store.refund_requests().remove(0).id;
    let eve = app.sign_in("eve@example.com").await;
    let other = app.buy(&sold.sale.shop, &sold.sale.page, &eve).await;
    app.deliver_webhooks().await;
    let payment = other.payment.unwrap().payment_intent;
    app.payments.refund_naming(&payment, 1_200, request).unwrap();
    app.deliver_webhooks().await;
    assert!(!app.is_open(&sold.sale.shop, &sold.sale.page, &eve).await);
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.reserved(), 1_200, "the request waits for its own refund");
    sold.refund().await.unwrap();
    assert_eq!((sold.given_back(), sold.reserved()), (vec![1_200], 0));
}

#[pollster::test]
async fn a_refund_gives_everything_back_and_ends_access() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    assert_eq!(receipt.amount, money(1_200, "usd"));
    assert_eq!(receipt.progress, RefundProgress::Succeeded);
    assert!(!sold.sale.is_open().await);
    let purchase = sold.sale.app.store.purchases().pop().unwrap();
    assert_eq!(purchase.id, receipt.purchase_id);
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Refunded, 1_200));
    assert_eq!(purchase.granted_as, GrantType::Purchase);
    assert_eq!(sold.reserved(), 0);
    sold.sale.app.deliver_mails().await;
    let mails = sold.sale.app.mailer.sent_to(&email(BOB));
    let [MailContent::Refunded { amount, access_ended: true, .. }] = mails.as_slice() else {
        panic!("{mails:?}")
    };
    assert_eq!(*amount, money(1_200, "usd"));
}

#[pollster::test]
async fn a_pending_refund_ends_access_as_soon_as_it_is_accepted() {
    let sold = Sold::new().await;
    sold.sale.app.payments.set_refund_progress(RefundProgress::Pending);
    assert_eq!(sold.refund().await.unwrap().progress, RefundProgress::Pending);
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn the_button_and_its_webhooks_are_one_refund() {
    let sold = Sold::new().await;
    sold.refund().await.unwrap();
    sold.sale.app.deliver_webhooks().await;
    assert_eq!(sold.facts(FactKind::RefundAccepted), 1);
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded"]);
    assert_eq!(sold.given_back(), [1_200]);
}

#[pollster::test]
async fn a_refund_in_the_dashboard_comes_to_the_same() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(1_200);
    assert!(sold.sale.is_open().await, "nobody has heard of it yet");
    sold.sale.app.deliver_webhooks().await;
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.facts(FactKind::RefundAccepted), 1);
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded"]);
}

#[pollster::test]
async fn what_was_refunded_is_not_refunded_again() {
    let sold = Sold::new().await;
    sold.refund().await.unwrap();
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.given_back(), [1_200]);
}

#[pollster::test]
async fn what_was_refunded_in_the_dashboard_is_not_refunded_again() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(1_200);
    // The webhook has not come yet, so it is the provider who refuses.
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.reserved(), 0);
    sold.sale.app.deliver_webhooks().await;
    assert!(!sold.sale.is_open().await);
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.given_back(), [1_200]);
}

#[pollster::test]
async fn ten_presses_at_once_are_one_refund() {
    let sold = Sold::new().await;
    let results = at_once(10, |_| {
        let app = sold.sale.app.clone();
        let (shop, page, bob) = (sold.sale.shop.clone(), sold.sale.page.clone(), sold.bob.clone());
        async move { app.refund(&shop, &page, &bob).await }
    })
    .await;
    assert!(results.iter().any(Result::is_ok));
    for result in results {
        assert!(matches!(result, Ok(_) | Err(RefundError::AlreadyRefunded)), "{result:?}");
    }
    assert_eq!(sold.given_back(), [1_200]);
    assert_eq!(sold.reserved(), 0);
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded"]);
}

#[pollster::test]
async fn partial_refunds_keep_access_until_they_add_up() {
    let sold = Sold::new().await;
    for (amount, open) in [(300, true), (500, true), (399, true), (1, false)] {
        sold.refund_in_dashboard(amount);
        sold.sale.app.deliver_webhooks().await;
        assert_eq!(sold.sale.is_open().await, open, "after {amount}");
        sold.sale.app.clock.advance_seconds(1);
    }
    assert_eq!(sold.facts(FactKind::RefundAccepted), 4);
    sold.sale.app.deliver_mails().await;
    let ended: Vec<_> = sold
        .sale
        .app
        .mailer
        .sent_to(&email(BOB))
        .into_iter()
        .map(|mail| matches!(mail, MailContent::Refunded { access_ended: true, .. }))
        .collect();
    assert_eq!(ended, [false, false, false, true]);
}

#[pollster::test]
async fn the_button_gives_back_what_is_left() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.given_back(), [500, 700]);
}

#[pollster::test]
async fn a_partial_refund_that_nobody_heard_of_leaves_the_rest_to_be_refunded() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    assert_eq!(sold.refund().await.unwrap().amount, money(700, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!((sold.given_back(), sold.reserved()), (vec![500, 700], 0));
}

#[pollster::test]
async fn the_button_gives_back_a_part_whose_refund_failed_unheard() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    let refunds = sold.sale.app.payments.refunds_of(&sold.payment);
    sold.sale.app.payments.fail_refund(&refunds.first().unwrap().0);
    sold.sale.app.payments.take_events();
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
    assert_eq!(sold.reserved(), 0);
}

#[pollster::test]
async fn parallel_buttons_give_back_what_a_partial_refund_left_and_none_calls_it_refused() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(300);
    let answers = at_once(4, |_| {
        let sold = sold.clone();
        async move { sold.refund().await }
    })
    .await;
    let given: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert!(!given.is_empty() && given.iter().all(|receipt| receipt.amount == money(900, "usd")));
    let others = answers.iter().filter_map(|answer| answer.as_ref().err());
    for error in others {
        assert!(matches!(error, RefundError::AlreadyRefunded), "{error:?}");
    }
    assert_eq!((sold.given_back(), sold.reserved()), (vec![300, 900], 0));
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn a_refund_that_the_provider_does_not_take_leaves_nothing_set_aside() {
    let sold = Sold::new().await;
    let message = "there is no balance".to_owned();
    let refusal = PaymentsError::Refused { refusal: Refusal::Other, message };
    sold.sale.app.payments.fail_next(Call::Refund, Fault::BeforeEffect(refusal));
    let refused = sold.refund().await;
    assert!(matches!(refused, Err(RefundError::Payments(PaymentsError::Refused { .. }))));
    assert!(sold.sale.is_open().await);
    assert_eq!((sold.given_back(), sold.reserved()), (vec![], 0));
}

#[pollster::test]
async fn a_refund_that_fails_later_restores_access_and_both_are_told() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    for _ in 0..2 {
        sold.sale.app.deliver_webhooks().await;
    }
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.sale.mails_to(ADA).await, ["refund_failed"]);
    let alerts = sold.sale.app.mailer.sent_to(&email(ADA));
    let Some(MailContent::RefundFailed { console_url, .. }) = alerts.last() else {
        panic!("{alerts:?}")
    };
    let id = sold.sale.app.store.purchases().pop().unwrap().id;
    let origin = sold.sale.app.installation.app_origin();
    assert_eq!(*console_url, format!("{origin}/ada/purchases/{id}/refund"));
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded", "refund_not_paid"]);
    let mails = sold.sale.app.mailer.sent_to(&email(BOB));
    let Some(MailContent::RefundNotPaid { amount, page_url: Some(url), .. }) = mails.last() else {
        panic!("{mails:?}")
    };
    assert_eq!(*amount, money(1_200, "usd"));
    assert!(url.ends_with(&format!("/{}", sold.sale.page.slug)), "{url}");
    let purchase = sold.sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Purchase, 0));
    // And it can be refunded after all.
    assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn what_was_bought_after_a_refund_that_failed_later_is_given_back() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    let (app, shop, page, bob) = (&sold.sale.app, &sold.sale.shop, &sold.sale.page, &sold.sale.bob);
    app.clock.advance_seconds(60);
    let again = app.buy(shop, page, bob).await;
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    assert!(sold.sale.is_open().await);
    let paid = |purchase: PurchaseId| {
        let all = app.store.purchases().into_iter();
        all.filter(move |it| it.id == purchase).map(|it| it.grant_type).collect::<Vec<_>>()
    };
    assert_eq!(paid(receipt.purchase_id), [GrantType::Purchase]);
    assert_eq!(paid(again.id), [GrantType::Refunded]);
}

/// The first payment is the one that counts, whatever becomes of the second.
#[pollster::test]
async fn a_second_payment_whose_refund_fails_takes_nothing_from_the_first() {
    let sale = Sale::new().await;
    let (app, shop, page, bob) = (&sale.app, &sale.shop, &sale.page, &sale.bob);
    let first = app.start(shop, page, bob).await.unwrap();
    let first = app.payments.session_at(&first.url).unwrap();
    let elsewhere = app.payments.pay(&first).unwrap();
    app.deliver_webhooks().await;
    app.clock.advance_seconds(60);
    let receipt = app.refund(shop, page, &app.visitor(bob).await).await.unwrap();
    let again = app.buy(shop, page, bob).await;
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    let second = again.payment.unwrap().payment_intent;
    for (refund, _) in app.payments.refunds_of(&second) {
        app.payments.fail_refund(&refund);
    }
    app.deliver_webhooks().await;
    app.work().await;
    let given_back = app.payments.refunds_of(&elsewhere).into_iter();
    assert_eq!(given_back.map(|(refund, _)| refund).collect::<Vec<_>>(), [receipt.refund]);
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_checkout_that_is_open_when_access_comes_back_is_closed() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    let (app, page) = (&sold.sale.app, &sold.sale.page);
    let started = app.start(&sold.sale.shop, page, &sold.sale.bob).await.unwrap();
    app.payments.fail_refund(&receipt.refund);
    app.deliver_webhooks().await;
    app.work().await;
    let session = app.payments.session_at(&started.url).unwrap();
    let progress = app.payments.session(&session).map(|session| session.progress);
    assert_eq!(progress, Some(SessionProgress::Expired));
}

#[pollster::test]
async fn refunds_of_more_than_was_paid_are_looked_into() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    sold.sale.app.payments.take_events();
    // What is heard next cannot be all: 17 of 12 dollars would be given back.
    sold.refund_in_dashboard(500);
    sold.sale.app.deliver_webhooks().await;
    for _ in 0..3 {
        sold.sale.app.work().await;
    }
    let purchase = sold.sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Purchase, 500));
    assert!(sold.sale.is_open().await);
}

#[pollster::test]
async fn before_it_says_that_all_was_refunded_it_asks_whether_that_is_still_so() {
    let sold = Sold::new().await;
    let receipt = sold.refund().await.unwrap();
    sold.sale.app.payments.fail_refund(&receipt.refund);
    sold.sale.app.payments.take_events();
    let again = sold.refund().await.unwrap();
    assert_ne!(again.refund, receipt.refund);
    assert_eq!(again.amount, money(1_200, "usd"));
    assert!(!sold.sale.is_open().await);
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
}

#[pollster::test]
async fn a_refund_first_seen_when_it_has_failed_changes_no_access() {
    let sold = Sold::new().await;
    sold.refund_in_dashboard(1_200);
    let refunds = sold.sale.app.payments.refunds_of(&sold.payment);
    sold.sale.app.payments.fail_refund(&refunds.first().unwrap().0);
    sold.sale.app.deliver_webhooks().await;
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.sale.mails_to(ADA).await, ["refund_failed"]);
    assert!(sold.sale.mails_to(BOB).await.is_empty());
}

#[pollster::test]
async fn after_a_lost_answer_the_same_refund_is_taken_up() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sold = Sold::new().await;
        sold.sale.app.payments.fail_next(Call::Refund, fault);
        sold.sale.app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(matches!(
            sold.refund().await,
            Err(RefundError::Payments(PaymentsError::Unavailable(_)))
        ));
        assert_eq!(sold.reserved(), 1_200, "nobody else may give it back meanwhile");
        assert_eq!(sold.refund().await.unwrap().amount, money(1_200, "usd"));
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.given_back(), sold.reserved()), (vec![1_200], 0));
    }
}

#[pollster::test]
async fn a_refund_that_nobody_follows_up_is_resumed() {
    for fault in [Fault::lost_request(), Fault::lost_answer()] {
        let sold = Sold::new().await;
        let app = &sold.sale.app;
        app.payments.fail_next(Call::Refund, fault);
        app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
        assert!(sold.refund().await.is_err());
        app.payments.take_events();
        let resumed = Step::Ran(JobKind::ResumeRefund, Outcome::Done);
        assert!(!app.work().await.contains(&resumed), "it is too early");
        app.clock.advance_seconds(121);
        assert!(app.work().await.contains(&resumed));
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.given_back(), sold.reserved()), (vec![1_200], 0));
        app.clock.advance_seconds(3_600);
        assert!(!app.work().await.contains(&resumed), "nothing is left");
    }
}

#[pollster::test]
async fn wherever_the_store_fails_a_refund_is_made_once_and_ends_access() {
    for passes in 0..80 {
        let sold = Sold::new().await;
        let app = &sold.sale.app;
        app.store.fail_after(passes);
        let result = sold.refund().await;
        let came_through = app.store.heal();
        assert_eq!(result.is_ok(), came_through);
        if result.is_ok() {
            assert!(!sold.sale.is_open().await);
        }
        // Whoever comes next finishes it: the worker, the webhook, or the creator.
        app.clock.advance_seconds(3_600);
        app.work().await;
        app.deliver_webhooks().await;
        let again = sold.refund().await;
        assert!(matches!(again, Ok(_) | Err(RefundError::AlreadyRefunded)), "{again:?}");
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.given_back(), sold.reserved()), (vec![1_200], 0), "after {passes}");
        assert_eq!(sold.sale.mails_to(BOB).await, ["refunded"]);
        if came_through {
            return;
        }
    }
    panic!("it never comes through");
}

#[pollster::test]
async fn a_disputed_purchase_is_not_refunded() {
    let sold = Sold::new().await;
    let app = &sold.sale.app;
    let dispute = app.payments.dispute(&sold.payment, DisputeProgress::Open).unwrap();
    // Before the webhook it is the provider who refuses, after it we do.
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    assert_eq!(sold.reserved(), 0);
    app.deliver_webhooks().await;
    let calls = app.payments.calls(Call::Refund);
    assert!(matches!(sold.refund().await, Err(RefundError::Disputed)));
    assert_eq!(app.payments.calls(Call::Refund), calls);
    app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    app.deliver_webhooks().await;
    assert!(sold.refund().await.is_ok());
}

#[pollster::test]
async fn of_two_purchases_one_refund_leaves_the_other() {
    let sold = Sold::new().await;
    let gift = a_gift(&sold.bob, &sold.sale.page).build();
    let mut unit = sold.sale.app.unit().await;
    assert!(unit.purchases().insert(&gift).await.unwrap());
    unit.commit().await.unwrap();
    sold.refund().await.unwrap();
    assert!(sold.sale.is_open().await);
    // What was given away cannot be paid back.
    assert!(matches!(sold.refund_one(gift.id).await, Err(RefundError::NotRefundable)));
    assert!(matches!(sold.refund().await, Err(RefundError::AlreadyRefunded)));
}

#[pollster::test]
async fn the_creator_may_say_which_purchase() {
    let sold = Sold::new().await;
    let first = sold.sale.app.store.purchases().pop().unwrap().id;
    sold.refund_one(first).await.unwrap();
    let second = sold.sale.app.buy(&sold.sale.shop, &sold.sale.page, &sold.sale.bob).await.id;
    assert!(matches!(sold.refund_one(first).await, Err(RefundError::AlreadyRefunded)));
    assert!(sold.sale.is_open().await);
    assert_eq!(sold.refund().await.unwrap().purchase_id, second);
    assert!(!sold.sale.is_open().await);
}

#[pollster::test]
async fn nobody_refunds_what_is_somebody_elses() {
    let sold = Sold::new().await;
    let Sale { app, shop, page, .. } = &sold.sale;
    let eve = app.shop("eve").await;
    let wish = || RefundWish {
        visitor_id: sold.bob.id,
        purchase_id: None,
        reason: None,
        idempotency_key: None,
    };
    let (name, slug) = (&shop.handle.name, &page.slug);
    let foreign = app.refunds.refund(&eve.creator, name, slug, wish()).await;
    assert!(matches!(foreign, Err(RefundError::HandleNotFound)));
    let foreign = app.refunds.refund(&eve.creator, &eve.handle.name, slug, wish()).await;
    assert!(matches!(foreign, Err(RefundError::PageNotFound)));

    // Nor with an own page and the other shop's purchase.
    let own = app.page(&eve, tollgate_domain_testing::a_page().paid(500, "usd")).await;
    let purchase = app.store.purchases().pop().unwrap().id;
    let wish = RefundWish { purchase_id: Some(purchase), ..wish() };
    let foreign = app.refunds.refund(&eve.creator, &eve.handle.name, &own.slug, wish).await;
    assert!(matches!(foreign, Err(RefundError::PurchaseNotFound)));
    assert!(sold.sale.is_open().await);
    assert_eq!(app.payments.calls(Call::Refund), 0);
}

#[pollster::test]
async fn what_was_never_bought_is_not_refunded() {
    let sale = Sale::new().await;
    let bob = sale.app.visitor(&sale.bob).await;
    let refused = sale.app.refund(&sale.shop, &sale.page, &bob).await;
    assert!(matches!(refused, Err(RefundError::PurchaseNotFound)));
}

#[pollster::test]
async fn a_note_may_be_long_but_not_endless() {
    let sold = Sold::new().await;
    let Sale { app, shop, page, .. } = &sold.sale;
    let wish = |length| RefundWish {
        visitor_id: sold.bob.id,
        purchase_id: None,
        reason: Some("x".repeat(length)),
        idempotency_key: None,
    };
    let (creator, name, slug) = (&shop.creator, &shop.handle.name, &page.slug);
    let refused = app.refunds.refund(creator, name, slug, wish(501)).await;
    assert!(matches!(refused, Err(RefundError::Invalid(_))));
    assert!(app.refunds.refund(creator, name, slug, wish(500)).await.is_ok());
}

#[pollster::test]
async fn the_same_key_gets_the_receipt_whose_answer_was_lost() {
    let sold = Sold::new().await;
    let Sale { app, shop, page, .. } = &sold.sale;
    let ask = async |key: &str| {
        let wish = RefundWish {
            visitor_id: sold.bob.id,
            purchase_id: None,
            reason: None,
            idempotency_key: Some(key.to_owned()),
        };
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    };
    // The provider does as it is told, and its answer is lost.
    app.payments.fail_next(Call::Refund, Fault::lost_answer());
    app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
    assert!(matches!(ask("k").await, Err(RefundError::Payments(_))));
    // Meanwhile the webhook tells of it.
    app.deliver_webhooks().await;
    assert!(!sold.sale.is_open().await);
    let receipt = ask("k").await.unwrap();
    assert_eq!(receipt.amount, money(1_200, "usd"));
    assert_eq!(receipt.progress, RefundProgress::Succeeded);
    assert_eq!(ask("k").await.unwrap(), receipt);
    assert!(matches!(ask("another").await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.given_back(), vec![1_200]);
    assert_eq!(sold.facts(FactKind::RefundAccepted), 1);

    // Another purchase since then is none of the old key's business.
    let again = app.buy(shop, page, &sold.sale.bob).await;
    assert_eq!(ask("k").await.unwrap(), receipt);
    assert!(sold.sale.is_open().await);
    assert_eq!(ask("new").await.unwrap().purchase_id, again.id);
    assert!(!sold.sale.is_open().await);
}
