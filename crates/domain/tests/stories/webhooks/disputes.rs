//! Webhooks about disputes.

use tollgate_domain::{
    access::Purchase,
    checkout::{Applied, CheckoutError},
    clock::{Clock, plus_seconds},
    creators::{PageChange, PageStatus},
    disputes::ports::DisputeReads,
    mail::MailContent,
    payments::{DisputeId, DisputeProgress, DisputeStage, DisputeState, Payments},
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::{email, money};

use super::only_payment;
use crate::{ADA, BOB, Sale};

#[pollster::test]
async fn both_sides_are_told_what_a_dispute_does() {
    for (progress, page_is_open) in [(DisputeProgress::Won, true), (DisputeProgress::Lost, false)] {
        let sale = Sale::new().await;
        sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        sale.mails_to(BOB).await;
        sale.app.mailer.clear();
        let payments = &sale.app.payments;
        let dispute = payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        payments.decide_dispute(&dispute, progress);
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.mails_to(ADA).await, ["disputed", "dispute_decided"]);
        let decided = sale.app.mailer.sent_to(&email(ADA)).pop();
        let Some(MailContent::DisputeDecided { is_won, .. }) = decided else {
            panic!("{decided:?}")
        };
        assert_eq!(is_won, page_is_open);
        assert_eq!(sale.mails_to(BOB).await, ["access_disputed", "access_disputed"]);
        let told = sale.app.mailer.sent_to(&email(BOB)).into_iter().map(|mail| match mail {
            MailContent::AccessDisputed { is_over, page_url, .. } => (is_over, page_url.is_some()),
            other => panic!("{other:?}"),
        });
        assert_eq!(told.collect::<Vec<_>>(), [(false, false), (true, page_is_open)]);
    }
}

/// Nothing changes for the buyer.
#[pollster::test]
async fn who_has_another_purchase_hears_of_no_pause() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.mails_to(BOB).await;
    sale.app.mailer.clear();
    let dispute = sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert!(sale.mails_to(BOB).await.is_empty());
    sale.app.deliver_mails().await;
    let told: Vec<_> = sale.app.mailer.sent_to(&email(ADA));
    let [
        MailContent::Disputed { is_kept_open: true, .. },
        MailContent::DisputeDecided { is_won: false, is_open: Some(true), .. },
    ] = told.as_slice()
    else {
        panic!("{told:?}")
    };
}

/// The access never stopped.
#[pollster::test]
async fn who_has_another_purchase_does_not_hear_that_access_is_back() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.give(&sale.shop, &sale.page, BOB).await;
    sale.mails_to(BOB).await;
    sale.app.mailer.clear();
    let dispute = sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert!(sale.mails_to(BOB).await.is_empty());
    assert_eq!(sale.mails_to(ADA).await, ["disputed", "dispute_decided"]);
}

/// An appeal gives the first payment its access again while the second has it.
#[pollster::test]
async fn who_has_bought_again_does_not_hear_that_the_first_access_is_back() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payments = &sale.app.payments;
    let dispute = payments.dispute(&only_payment(&sale), DisputeProgress::Lost).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.clock.advance_seconds(3_600);
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    sale.mails_to(BOB).await;
    sale.app.mailer.clear();
    payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    let told = sale.mails_to(BOB).await;
    assert!(!told.contains(&"access_disputed"), "{told:?}");
}

#[pollster::test]
async fn a_loss_is_told_with_its_amount_and_whether_the_rest_is_left() {
    for (amount, refunded, left) in [(500, 0, true), (500, 300, false), (1_200, 0, false)] {
        let sale = Sale::new().await;
        let payments = &sale.app.payments;
        sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        let payment = only_payment(&sale);
        if refunded > 0 {
            payments.refund_in_dashboard(&payment, refunded).unwrap();
        }
        let dispute = payments.dispute_part(&payment, amount, DisputeProgress::Open).unwrap();
        sale.app.deliver_webhooks().await;
        payments.decide_dispute(&dispute, DisputeProgress::Lost);
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        let told = sale.app.mailer.sent_to(&email(ADA)).pop();
        let Some(MailContent::DisputeDecided { lost, is_part, .. }) = told else {
            panic!("{told:?}")
        };
        assert_eq!((lost, is_part), (Some(money(amount, "usd")), left));
        let told = sale.app.mailer.sent_to(&email(BOB)).pop();
        let Some(MailContent::AccessDisputed { lost, is_part, .. }) = told else {
            panic!("{told:?}")
        };
        assert_eq!((lost, is_part), (Some(money(amount, "usd")), left));
    }
}

/// The money of a won dispute was refunded before.
#[pollster::test]
async fn nobody_hears_of_access_that_had_ended_before_a_dispute() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.payments.refund_in_dashboard(&only_payment(&sale), 1_200).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.deliver_mails().await;
    sale.app.mailer.clear();
    let dispute = sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    sale.app.deliver_mails().await;
    assert!(sale.mails_to(BOB).await.is_empty(), "nothing changes for the buyer");
    let told: Vec<_> = sale.app.mailer.sent_to(&email(ADA));
    let [
        MailContent::Disputed { is_kept_open: false, .. },
        MailContent::DisputeDecided { is_won: true, is_open: Some(false), .. },
    ] = told.as_slice()
    else {
        panic!("{told:?}")
    };
}

#[pollster::test]
async fn who_lost_access_may_buy_again_only_what_is_for_sale() {
    for is_offered in [true, false] {
        let sale = Sale::new().await;
        sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
        sale.app.deliver_mails().await;
        if !is_offered {
            let archived =
                PageChange { status: Some(PageStatus::Archived), ..PageChange::default() };
            sale.app.change(&sale.shop, &sale.page, archived).await;
        }
        sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Lost).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        let told = sale.app.mailer.sent_to(&email(BOB)).pop();
        let Some(MailContent::AccessDisputed { is_over: true, can_buy, buy_url, .. }) = told else {
            panic!("{told:?}")
        };
        assert_eq!((can_buy, buy_url.is_some()), (is_offered, is_offered));
    }
}

#[pollster::test]
async fn a_dispute_suspends_until_it_is_decided() {
    let sale = Sale::new().await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let dispute = sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    assert_eq!(sale.mails_to(ADA).await, ["disputed"]);
    let told = sale.app.mailer.sent_to(&email(ADA)).pop();
    let Some(MailContent::Disputed { shop, console_url, amount, respond_by, .. }) = &told else {
        panic!("{told:?}")
    };
    let id = sale.app.store.purchases().pop().unwrap().id;
    let screen = format!("{}/ada/purchases/{id}/dispute", sale.app.installation.app_origin());
    assert_eq!((shop, console_url), (&sale.shop.handle.title, &screen));
    assert_eq!(*amount, sale.page.price);
    assert!(respond_by.is_some());
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);

    let dispute = sale.app.payments.dispute(&only_payment(&sale), DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Lost);
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    let purchase = sale.app.store.purchases().pop().unwrap();
    assert!(purchase.revoked_at.is_some() && purchase.suspended_at.is_none());
}

#[pollster::test]
async fn a_dispute_that_is_prevented_suspends_no_longer() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    sale.app.deliver_webhooks().await;
    let payment = bought.payment.unwrap();
    let opened = sale.app.payments.dispute(&payment.payment_intent, DisputeProgress::Open).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(!sale.is_open().await);
    let state = Payments::dispute(&*sale.app.payments, &payment.account, &opened).await.unwrap();
    let prevented =
        DisputeState { progress: DisputeProgress::Inquiry, stage: DisputeStage::Closed, ..state };
    for expected in [Applied::Changed, Applied::Unchanged] {
        let update = ProviderUpdate::Dispute(prevented.clone(), sale.app.clock.now());
        let applied = sale.app.updates.apply(&payment.account, update).await.unwrap();
        assert_eq!(applied, expected);
        assert!(sale.is_open().await);
    }
}

/// Its end is known before what was read of it when it was open.
#[pollster::test]
async fn a_dispute_that_is_prevented_suspends_nothing_when_it_is_learnt_last_that_it_was_open() {
    let sale = Sale::new().await;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    sale.app.deliver_webhooks().await;
    let opened = sale.app.payments.dispute(&payment.payment_intent, DisputeProgress::Open).unwrap();
    let open = Payments::dispute(&*sale.app.payments, &payment.account, &opened).await.unwrap();
    let (progress, stage) = (DisputeProgress::Inquiry, DisputeStage::Closed);
    let prevented = DisputeState { progress, stage, ..open.clone() };
    let now = sale.app.clock.now();
    let reads = [(prevented, plus_seconds(now, 10)), (open, now)];
    for (state, read_at) in reads.iter().chain(&reads) {
        let update = ProviderUpdate::Dispute(state.clone(), *read_at);
        sale.app.updates.apply(&payment.account, update).await.unwrap();
        assert!(sale.is_open().await, "{state:?}");
    }
    let purchase = sale.app.store.purchases().pop().unwrap();
    assert_eq!((purchase.suspended_at, purchase.revoked_at), (None, None));
}

#[pollster::test]
async fn an_older_read_of_a_dispute_does_not_replace_a_newer_one() {
    let sale = Sale::new().await;
    let bought = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = bought.payment.clone().unwrap();
    let dispute = sale.app.payments.dispute(&payment.payment_intent, DisputeProgress::Open);
    let dispute = dispute.unwrap();
    let account = &payment.account;
    let old = Payments::dispute(&*sale.app.payments, account, &dispute).await.unwrap();
    let read_at = sale.app.clock.now();
    sale.app.clock.advance_seconds(5);
    sale.app.payments.decide_dispute(&dispute, DisputeProgress::Won);
    sale.app.deliver_webhooks().await;
    let late = ProviderUpdate::Dispute(old, read_at);
    assert_eq!(sale.app.updates.apply(account, late).await.unwrap(), Applied::Unchanged);
    let stored = DisputeReads::disputes_of(&sale.app.store, bought.id).await.unwrap();
    let progress: Vec<_> = stored.iter().map(|it| it.progress).collect();
    assert_eq!(progress, [DisputeProgress::Won]);
    assert!(sale.is_open().await);
}

/// As on an appeal of the buyer's bank.
#[pollster::test]
async fn a_dispute_that_is_opened_again_suspends_until_it_is_decided_again() {
    use DisputeProgress::{Lost, Open, Won};
    for (decision, is_open) in [(Won, true), (Lost, false)] {
        let sale = Sale::new().await;
        let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
        let dispute = sale.app.payments.dispute(&payment.payment_intent, Open).unwrap();
        sale.app.deliver_webhooks().await;
        for (progress, is_open) in [(Won, true), (Open, false), (decision, is_open)] {
            sale.app.deliver_mails().await;
            sale.app.clock.advance_seconds(3_600);
            sale.app.payments.decide_dispute(&dispute, progress);
            sale.app.deliver_webhooks().await;
            assert_eq!(sale.is_open().await, is_open, "{progress:?}");
        }
        let told = sale.mails_to(ADA).await;
        assert_eq!(told, ["disputed", "dispute_decided", "disputed", "dispute_decided"]);
    }
}

/// As on an appeal of the seller. What was lost stays lost until it is won.
#[pollster::test]
async fn a_lost_dispute_that_is_opened_again_suspends_and_nobody_pays_during_it() {
    use DisputeProgress::{Lost, Open, Won};
    for (decision, is_open) in [(Won, true), (Lost, false)] {
        let sale = Sale::new().await;
        let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
        let dispute = sale.app.payments.dispute(&payment.payment_intent, Open).unwrap();
        sale.app.deliver_webhooks().await;
        turn(&sale, &dispute, Lost).await;
        let purchase = sale.app.store.purchases().pop().unwrap();
        assert!(purchase.revoked_at.is_some() && purchase.suspended_at.is_none());
        sale.started().await;
        turn(&sale, &dispute, Open).await;
        let purchase = sale.app.store.purchases().pop().unwrap();
        assert!(purchase.revoked_at.is_none() && purchase.suspended_at.is_some());
        assert!(!sale.is_open().await);
        let again = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
        assert!(matches!(again, Err(CheckoutError::Disputed)), "{again:?}");
        assert_eq!(net(&sale).await, 0);
        turn(&sale, &dispute, decision).await;
        assert_eq!(sale.is_open().await, is_open);
        assert_eq!(net(&sale).await, if is_open { 1_200 } else { 0 });
        let purchase = sale.app.store.purchases().pop().unwrap();
        assert_eq!((purchase.revoked_at.is_none(), purchase.suspended_at), (is_open, None));
        let told = sale.mails_to(ADA).await;
        assert_eq!(told, ["disputed", "dispute_decided", "disputed", "dispute_decided"]);
    }
}

/// Versions before stored it as revoked, so that its buyer was asked to pay again.
#[pollster::test]
async fn a_lost_dispute_that_was_opened_again_before_an_upgrade_suspends_after_it() {
    let sale = Sale::new().await;
    let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
    let open = DisputeProgress::Open;
    let dispute = sale.app.payments.dispute(&payment.payment_intent, open).unwrap();
    sale.app.deliver_webhooks().await;
    turn(&sale, &dispute, DisputeProgress::Lost).await;
    turn(&sale, &dispute, open).await;
    let purchase = sale.app.store.purchases().pop().unwrap();
    let revoked_at = purchase.suspended_at;
    let before = Purchase { revoked_at, suspended_at: None, ..purchase.clone() };
    let mut unit = sale.app.unit().await;
    unit.purchases().store_state(&before).await.unwrap();
    unit.commit().await.unwrap();
    sale.app.reconciler.sweep_account(&sale.shop.account).await.unwrap();
    assert_eq!(sale.app.store.purchases(), [purchase]);
}

/// An hour later a dispute has come this far.
async fn turn(sale: &Sale, dispute: &DisputeId, progress: DisputeProgress) {
    sale.app.deliver_mails().await;
    sale.app.clock.advance_seconds(3_600);
    sale.app.payments.decide_dispute(dispute, progress);
    sale.app.deliver_webhooks().await;
}

/// What is left of the only sale, in minor units.
async fn net(sale: &Sale) -> i64 {
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let revenue = sale.app.reports.revenue(creator, name, None, None).await.unwrap();
    let [takings] = revenue.totals.as_slice() else { panic!("{revenue:?}") };
    takings.net().amount
}
