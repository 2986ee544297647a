//! What was refunded of a payment, or disputed, before it is learnt never opens its page, at whatever point the process is killed.

use tollgate_domain::{
    access::{FactKind, GrantType},
    checkout::Applied,
    clock::Clock,
    id::PageId,
    mail::{MailContent, MailKind},
    payments::{DisputeProgress, PaymentIntentId, Payments, SessionState},
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::email;

use super::restored::lost_payment;
use crate::{BOB, Sale};

/// Returns the session of a payment, as the provider has it.
fn session_of(sale: &Sale, payment: &PaymentIntentId) -> SessionState {
    let payments = &sale.app.payments;
    let mut sessions = payments.sessions().into_iter().filter_map(|it| payments.session(&it));
    sessions.find(|state| state.payment_intent.as_ref() == Some(payment)).unwrap()
}

/// The sale, its refund or dispute, and the mails about both are there together or not at all.
fn assert_is_whole(sale: &Sale, reversal: FactKind, told: MailKind, passes: u32) {
    let store = &sale.app.store;
    let (facts, mails) = (store.facts(), store.mails());
    let facts = |kind: FactKind| facts.iter().filter(|fact| fact.kind == kind).count();
    let mails = |kind: MailKind| mails.iter().filter(|(mail, _)| mail.kind == kind).count();
    let sold = store.purchases().len();
    let noted = [facts(FactKind::Purchased), facts(reversal)];
    let told = [mails(MailKind::Receipt), mails(told)];
    assert_eq!((noted, told), ([sold; 2], [sold; 2]), "after {passes} calls");
}

/// Applies the update from the same state again and again, and has the store fail one call later each time, until it does not.
async fn assert_never_opens(
    sale: &Sale,
    update: &ProviderUpdate,
    reversal: FactKind,
    told: MailKind,
) {
    let before = sale.app.store.backup();
    for passes in 0..300 {
        sale.app.store.restore(&before);
        sale.app.store.fail_after(passes);
        let applied = sale.app.updates.apply(&sale.shop.account, update.clone()).await;
        let was_killed = !sale.app.store.heal();
        assert!(!sale.is_open().await, "after {passes} calls");
        assert_is_whole(sale, reversal, told, passes);
        if !was_killed {
            assert_eq!(applied.unwrap(), Applied::Changed);
            assert_eq!(sale.app.store.purchases().len(), 1);
            return;
        }
    }
    panic!("applying never ends");
}

#[pollster::test]
async fn the_buyer_of_a_lost_payment_that_cannot_be_applied_is_not_stored() {
    let sale = Sale::new().await;
    let payment = lost_payment(&sale).await;
    let update = ProviderUpdate::Session(SessionState {
        page_id: Some(PageId::new(sale.app.clock.now(), &*sale.app.random)),
        customer_email: Some(email("nobody@example.com")),
        ..session_of(&sale, &payment)
    });
    let before = sale.app.store.visitors().len();
    let applied = sale.app.updates.apply(&sale.shop.account, update).await;
    assert!(applied.is_err(), "{applied:?}");
    assert_eq!(sale.app.store.visitors().len(), before);
}

#[pollster::test]
async fn a_lost_payment_that_was_refunded_never_opens_its_page() {
    let sale = Sale::new().await;
    let payment = lost_payment(&sale).await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    let update = ProviderUpdate::Session(session_of(&sale, &payment));
    assert_never_opens(&sale, &update, FactKind::RefundAccepted, MailKind::Refunded).await;
    let purchase = sale.app.store.purchases().remove(0);
    assert_eq!((purchase.grant_type, purchase.refunded), (GrantType::Refunded, 1_200));
    assert!(purchase.revoked_at.is_some());
    sale.app.deliver_mails().await;
    let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
    let refunded = told.filter_map(|mail| match mail {
        MailContent::Receipt { facts, .. } => facts?.refunded,
        _ => None,
    });
    assert_eq!(refunded.map(|money| money.amount).collect::<Vec<_>>(), [1_200]);
}

#[pollster::test]
async fn a_lost_payment_that_is_disputed_never_opens_its_page() {
    for (progress, kind) in [
        (DisputeProgress::Open, FactKind::Disputed),
        (DisputeProgress::Lost, FactKind::DisputeLost),
    ] {
        let sale = Sale::new().await;
        let payment = lost_payment(&sale).await;
        sale.app.payments.dispute(&payment, progress).unwrap();
        let update = ProviderUpdate::Session(session_of(&sale, &payment));
        assert_never_opens(&sale, &update, kind, MailKind::Disputed).await;
        let purchase = sale.app.store.purchases().remove(0);
        let (suspended, ended) = (purchase.suspended_at.is_some(), purchase.revoked_at.is_some());
        assert_eq!((suspended, ended), (progress == DisputeProgress::Open, !suspended));
    }
}

/// Only the refund was told of, and the payment is learnt with it.
#[pollster::test]
async fn a_payment_whose_refund_is_told_of_first_never_opens_its_page() {
    let sale = Sale::new().await;
    let (payments, account) = (&sale.app.payments, &sale.shop.account);
    let payment = payments.pay(&sale.started().await).unwrap();
    payments.refund_in_dashboard(&payment, 1_200).unwrap();
    let charge = Payments::charge_of_payment(&**payments, account, &payment).await.unwrap();
    let refunds = Payments::refunds_of_charge(&**payments, account, &charge.unwrap()).await;
    let update = ProviderUpdate::Refunds(refunds.unwrap());
    assert_never_opens(&sale, &update, FactKind::RefundAccepted, MailKind::Refunded).await;
    let purchase = sale.app.store.purchases().remove(0);
    assert_eq!(purchase.grant_type, GrantType::Refunded);
}

#[pollster::test]
async fn a_payment_whose_dispute_is_told_of_first_never_opens_its_page() {
    for (progress, kind) in [
        (DisputeProgress::Open, FactKind::Disputed),
        (DisputeProgress::Lost, FactKind::DisputeLost),
    ] {
        let sale = Sale::new().await;
        let (payments, account) = (&sale.app.payments, &sale.shop.account);
        let payment = payments.pay(&sale.started().await).unwrap();
        let dispute = payments.dispute(&payment, progress).unwrap();
        let state = Payments::dispute(&**payments, account, &dispute).await.unwrap();
        let update = ProviderUpdate::Dispute(state, sale.app.clock.now());
        assert_never_opens(&sale, &update, kind, MailKind::Disputed).await;
    }
}

/// What else is told refers to it.
#[pollster::test]
async fn the_receipt_of_a_payment_that_is_learnt_with_its_refund_or_dispute_comes_first() {
    for is_disputed in [false, true] {
        let sale = Sale::new().await;
        // Mails of one instant have no order.
        sale.app.clock.run();
        let payments = &sale.app.payments;
        let payment = payments.pay(&sale.started().await).unwrap();
        payments.take_events();
        let told = if is_disputed {
            payments.dispute(&payment, DisputeProgress::Open).unwrap();
            "access_disputed"
        } else {
            payments.refund_in_dashboard(&payment, 1_200).unwrap();
            "refunded"
        };
        sale.app.deliver_webhooks().await;
        assert_eq!(sale.mails_to(BOB).await, ["receipt", told]);
        assert!(!sale.is_open().await);
    }
}

/// In whatever order the two are learnt.
#[pollster::test]
async fn a_refund_of_a_lost_payment_is_not_said_to_end_what_another_payment_opens() {
    for is_learnt_first in [false, true] {
        let sale = Sale::new().await;
        let (kept, gone) = (lost_payment(&sale).await, lost_payment(&sale).await);
        sale.app.payments.refund_in_dashboard(&gone, 1_200).unwrap();
        sale.app.payments.take_events();
        let mut learnt = [&kept, &gone];
        if is_learnt_first {
            learnt.reverse();
        }
        for payment in learnt {
            let update = ProviderUpdate::Session(session_of(&sale, payment));
            sale.app.updates.apply(&sale.shop.account, update).await.unwrap();
        }
        assert!(sale.is_open().await);
        sale.app.deliver_mails().await;
        let told = sale.app.mailer.sent_to(&email(BOB)).into_iter();
        let told = told.filter_map(|mail| match mail {
            MailContent::Refunded { access_ended, was_closed, .. } => {
                Some((access_ended, was_closed))
            }
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [(false, is_learnt_first)]);
    }
}

/// The buyer may be paying again by now.
#[pollster::test]
async fn a_lost_payment_that_was_refunded_closes_no_pay_page() {
    let sale = Sale::new().await;
    let payment = lost_payment(&sale).await;
    sale.app.payments.refund_in_dashboard(&payment, 1_200).unwrap();
    let again = sale.started().await;
    let update = ProviderUpdate::Session(session_of(&sale, &payment));
    sale.app.updates.apply(&sale.shop.account, update).await.unwrap();
    sale.app.work().await;
    assert!(!sale.is_open().await);
    assert!(sale.app.payments.pay(&again).is_some(), "it can still be paid");
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
}
