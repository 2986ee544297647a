//! Refunds.

mod disputed;
mod failed;
mod foreign;
mod keys;
mod lost;
mod partial;
mod unanswered;
mod unshown;

use tollgate_domain::{
    access::{FactKind, GrantType},
    clock::Clock,
    id::PurchaseId,
    mail::MailContent,
    payments::{DisputeProgress, PaymentIntentId, RefundProgress},
    refunds::{RefundError, RefundReceipt, RefundWish},
    visitor_auth::Visitor,
};
use tollgate_domain_testing::{Call, Fault, a_gift, email, money};

use crate::{BOB, Sale, at_once};

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
        self.refund_seen(purchase, None).await
    }

    async fn refund_seen(
        &self,
        purchase: PurchaseId,
        at_most: Option<i64>,
    ) -> Result<RefundReceipt, RefundError> {
        let wish = RefundWish {
            visitor_id: self.bob.id,
            purchase_id: Some(purchase),
            reason: Some("as asked".into()),
            idempotency_key: None,
            arrived_at: self.sale.app.clock.now(),
            at_most,
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

    fn refunded(&self) -> Vec<i64> {
        let refunds = self.sale.app.payments.refunds_of(&self.payment);
        refunds.into_iter().map(|(_, amount)| amount).collect()
    }

    fn reserved(&self) -> i64 {
        self.sale.app.store.purchases().iter().map(|purchase| purchase.refund_reserved).sum()
    }
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
    assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0));
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
    assert_eq!(sold.refunded(), [1_200]);
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
    assert_eq!(sold.refunded(), [1_200]);
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
    assert_eq!(sold.refunded(), [1_200]);
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
    assert_eq!(sold.refunded(), [1_200]);
    assert_eq!(sold.reserved(), 0);
    assert_eq!(sold.sale.mails_to(BOB).await, ["refunded"]);
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
        // What comes next finishes it: the worker, the webhook, or the creator.
        app.clock.advance_seconds(3_600);
        app.work().await;
        app.deliver_webhooks().await;
        let again = sold.refund().await;
        assert!(matches!(again, Ok(_) | Err(RefundError::AlreadyRefunded)), "{again:?}");
        assert!(!sold.sale.is_open().await);
        assert_eq!((sold.refunded(), sold.reserved()), (vec![1_200], 0), "after {passes}");
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
        arrived_at: app.clock.now(),
        at_most: None,
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
        arrived_at: app.clock.now(),
        at_most: None,
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
            arrived_at: app.clock.now(),
            at_most: None,
        };
        app.refunds.refund(&shop.creator, &shop.handle.name, &page.slug, wish).await
    };
    // The provider does as it is told, and its answer is lost.
    app.payments.fail_next(Call::Refund, Fault::lost_answer());
    app.payments.fail_next(Call::ChargeOfPayment, Fault::lost_request());
    assert!(matches!(ask("k").await, Err(RefundError::Payments(_))));
    // The webhook tells of it in between.
    app.deliver_webhooks().await;
    assert!(!sold.sale.is_open().await);
    let receipt = ask("k").await.unwrap();
    assert_eq!(receipt.amount, money(1_200, "usd"));
    assert_eq!(receipt.progress, RefundProgress::Succeeded);
    assert_eq!(ask("k").await.unwrap(), receipt);
    assert!(matches!(ask("another").await, Err(RefundError::AlreadyRefunded)));
    assert_eq!(sold.refunded(), vec![1_200]);
    assert_eq!(sold.facts(FactKind::RefundAccepted), 1);

    // Another purchase since then is none of the old key's business.
    let again = app.buy(shop, page, &sold.sale.bob).await;
    assert_eq!(ask("k").await.unwrap(), receipt);
    assert!(sold.sale.is_open().await);
    assert_eq!(ask("new").await.unwrap().purchase_id, again.id);
    assert!(!sold.sale.is_open().await);
}
