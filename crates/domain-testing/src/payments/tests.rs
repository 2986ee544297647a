//! The fake provider keeps to what the port asks for, with Stripe's peculiarities.

use std::sync::Arc;

use jiff::Timestamp;
use pollster::block_on;
use tollgate_domain::{
    id::{CheckoutId, PageId, RefundId},
    money::Money,
    payments::{
        AccountId, DisputeProgress, DisputeStage, OpenCheckout, PaymentExtras, PaymentIntentId,
        Payments, PaymentsError, ProviderPage, RefundOrder, RefundProgress, Refusal,
        SessionProgress,
    },
};

use super::{Call, FakePayments, Fault};
use crate::{ManualClock, SeededRandom, at, email};

struct Fixture {
    clock: Arc<ManualClock>,
    random: SeededRandom,
    payments: FakePayments,
    account: AccountId,
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let payments = FakePayments::with_clock(clock.clone());
        let account = payments.an_active_account();
        Self { clock, random: SeededRandom::new(1), payments, account }
    }

    fn order(&self) -> OpenCheckout {
        OpenCheckout {
            extras: PaymentExtras::default(),
            checkout_id: CheckoutId::new(at(0), &self.random),
            attempt: 0,
            page_id: PageId::new(at(0), &self.random),
            account: self.account.clone(),
            title: "A page".into(),
            price: usd(1_200),
            fee: 0,
            customer_email: email("bob@example.com"),
            success_url: "https://a.test/thanks".into(),
            cancel_url: "https://a.test".into(),
            expires_at: at(23 * 3_600),
        }
    }

    fn paid(&self) -> PaymentIntentId {
        let opened = block_on(self.payments.open_checkout(&self.order())).unwrap();
        self.payments.pay(&opened.session).unwrap()
    }

    fn refund_order(&self, payment: &PaymentIntentId, amount: i64) -> RefundOrder {
        RefundOrder {
            refund_id: RefundId::new(at(0), &self.random),
            attempt: 0,
            account: self.account.clone(),
            payment_intent: payment.clone(),
            amount: usd(amount),
            with_fee: false,
        }
    }
}

fn usd(amount: i64) -> Money {
    Money::new(amount, "usd".parse().unwrap())
}

fn refusal<T: std::fmt::Debug>(result: Result<T, PaymentsError>) -> Refusal {
    match result {
        Err(PaymentsError::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Reads a list to its end, and returns the sizes of its pages with what they have.
fn all<T>(
    read: impl Fn(Option<&str>) -> Result<ProviderPage<T>, PaymentsError>,
) -> (Vec<usize>, Vec<T>) {
    let (mut sizes, mut items, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = read(after.as_deref()).unwrap();
        sizes.push(page.items.len());
        items.extend(page.items);
        match page.next {
            None => return (sizes, items),
            next => after = next,
        }
    }
}

#[test]
fn lists_have_pages_and_begin_at_an_instant() {
    let fixture = Fixture::new();
    let (payments, account) = (&fixture.payments, &fixture.account);
    let mut opened = Vec::new();
    for _ in 0..5 {
        let payment = fixture.paid();
        block_on(payments.refund(&fixture.refund_order(&payment, 100))).unwrap();
        payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        opened.insert(0, payment);
        fixture.clock.advance_seconds(60);
    }
    let sessions =
        |since: Timestamp| all(|after| block_on(payments.checkouts_since(account, since, after)));
    let (sizes, listed) = sessions(at(0));
    assert_eq!(sizes, [3, 2]);
    let seen: Vec<_> = listed.iter().filter_map(|it| it.payment_intent.clone()).collect();
    assert_eq!(seen, opened);
    assert!(listed.iter().all(|it| it.progress == SessionProgress::Paid));
    assert_eq!(sessions(at(120)).0, [3]);
    assert_eq!(sessions(at(241)).0, [0]);
    let (sizes, refunds) = all(|after| block_on(payments.refunds_since(account, at(60), after)));
    assert_eq!((sizes, refunds.len()), (vec![3, 1], 4));
    let (sizes, disputes) = all(|after| block_on(payments.disputes_since(account, at(60), after)));
    assert_eq!((sizes, disputes.len()), (vec![3, 1], 4));
    let other = payments.an_active_account();
    assert_eq!(block_on(payments.checkouts_since(&other, at(0), None)).unwrap().items, []);
    let unknown = block_on(payments.checkouts_since(account, at(0), Some("cs_none")));
    assert_eq!(refusal(unknown), Refusal::NotFound);
    assert_eq!(payments.calls(Call::RefundsSince), 2);
}

#[test]
fn a_lost_answer_leaves_a_session_that_is_found_around_its_creation() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let order = fixture.order();
    let find = |created_at| {
        block_on(payments.find_checkout(&fixture.account, order.checkout_id, created_at)).unwrap()
    };
    assert_eq!(find(at(0)), None);
    payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    block_on(payments.open_checkout(&order)).unwrap_err();
    let found = find(at(0)).unwrap();
    assert_eq!(payments.sessions(), std::slice::from_ref(&found.session));
    assert_eq!(block_on(payments.open_checkout(&order)).unwrap(), found);
    for (created_at, is_found) in [(600, true), (601, false), (-7_200, true), (-7_201, false)] {
        assert_eq!(find(at(created_at)).is_some(), is_found, "{created_at}");
    }
    payments.pay(&found.session).unwrap();
    assert_eq!(find(at(0)).unwrap().url, "");
    let expired = block_on(payments.open_checkout(&fixture.order())).unwrap();
    payments.expire(&expired.session);
    let order = payments.session(&expired.session).unwrap().checkout_id.unwrap();
    assert_eq!(block_on(payments.find_checkout(&fixture.account, order, at(0))).unwrap(), None);
}

#[test]
fn a_kept_error_lasts_until_the_attempt_changes_or_a_day_has_passed() {
    for (made, fault) in [(0, Fault::kept_error()), (1, Fault::kept_error_after_effect())] {
        let fixture = Fixture::new();
        let payments = &fixture.payments;
        let order = fixture.order();
        payments.fail_next(Call::OpenCheckout, fault.clone());
        for _ in 0..3 {
            let opened = block_on(payments.open_checkout(&order));
            assert!(matches!(opened, Err(PaymentsError::Failed(_))), "{opened:?}");
        }
        assert_eq!(payments.sessions().len(), made);
        block_on(payments.open_checkout(&OpenCheckout { attempt: 1, ..order })).unwrap();
        assert_eq!(payments.sessions().len(), made + 1);

        let payment = fixture.paid();
        let refund = fixture.refund_order(&payment, 100);
        payments.fail_next(Call::Refund, fault);
        for _ in 0..3 {
            block_on(payments.refund(&refund)).unwrap_err();
        }
        assert_eq!(payments.refunds_of(&payment).len(), made);
        fixture.clock.advance_seconds(24 * 3_600);
        block_on(payments.refund(&refund)).unwrap();
        assert_eq!(payments.refunds_of(&payment).len(), made + 1);
    }
}

#[test]
fn an_answer_is_repeated_as_it_was() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let payment = fixture.paid();
    let order = fixture.refund_order(&payment, 100);
    let made = block_on(payments.refund(&order)).unwrap();
    payments.fail_refund(&made.refund);
    assert_eq!(block_on(payments.refund(&order)).unwrap(), made);
    let now = block_on(payments.refund_state(&fixture.account, &made.refund)).unwrap();
    assert_eq!(now.progress, RefundProgress::Failed);
    let other = RefundOrder { amount: usd(200), ..order };
    assert_eq!(refusal(block_on(payments.refund(&other))), Refusal::Other);
}

#[test]
fn a_refusal_is_kept_and_names_its_reason() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let payment = fixture.paid();
    let order = fixture.refund_order(&payment, 100);
    payments.set_balance(&fixture.account, false);
    let refund = |attempt| {
        let order = RefundOrder { attempt, ..order.clone() };
        block_on(payments.refund(&order))
    };
    assert_eq!(refusal(refund(0)), Refusal::InsufficientBalance);
    payments.set_balance(&fixture.account, true);
    assert_eq!(refusal(refund(0)), Refusal::InsufficientBalance);
    refund(1).unwrap();
    payments.set_account(&fixture.account, tollgate_domain::payments::AccountState::default());
    let opened = block_on(payments.open_checkout(&fixture.order()));
    assert_eq!(refusal(opened), Refusal::AccountRestricted);
}

#[test]
fn the_records_have_every_session_with_what_became_of_its_payment() {
    let fixture = Fixture::new();
    let (payments, order) = (&fixture.payments, fixture.order());
    let opened = block_on(payments.open_checkout(&order)).unwrap();
    let payment = payments.pay(&opened.session).unwrap();
    for amount in [100, 200] {
        payments.refund_in_dashboard(&payment, amount).unwrap();
    }
    payments.fail_refund(&payments.refunds_of(&payment).remove(0).0);
    payments.dispute(&payment, DisputeProgress::Open).unwrap();
    let other =
        payments.open_elsewhere(&fixture.account, order.checkout_id, order.page_id, usd(50));
    let records = payments.session_records();
    let [ours, elsewhere] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((ours.email.as_ref(), ours.refunded()), (Some(&order.customer_email), 200));
    assert!(ours.has_dispute(DisputeProgress::Open) && !ours.has_dispute(DisputeProgress::Won));
    assert_eq!((&elsewhere.state.session, elsewhere.email.as_ref()), (&other.session, None));
    assert_eq!(elsewhere.state.checkout_id, Some(order.checkout_id));
}

#[test]
fn a_session_ends_when_its_time_is_up() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let opened = block_on(payments.open_checkout(&fixture.order())).unwrap();
    for (second, progress) in
        [(23 * 3_600 - 1, SessionProgress::Open), (23 * 3_600, SessionProgress::Expired)]
    {
        fixture.clock.set(at(second));
        payments.expire_due();
        assert_eq!(payments.session(&opened.session).unwrap().progress, progress);
    }
}

#[test]
fn a_disconnected_account_is_out_of_reach() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let (account, payment) = (&fixture.account, fixture.paid());
    let session = payments.sessions().remove(0);
    payments.deauthorize(account);
    for refused in [
        refusal(block_on(payments.account(account))),
        refusal(block_on(payments.open_checkout(&fixture.order()))),
        refusal(block_on(payments.checkout(account, &session))),
        refusal(block_on(payments.expire_checkout(account, &session))),
        refusal(block_on(payments.refund(&fixture.refund_order(&payment, 100)))),
        refusal(block_on(payments.charge_of_payment(account, &payment))),
        refusal(block_on(payments.checkout_of_payment(account, &payment))),
        refusal(block_on(payments.checkouts_since(account, at(0), None))),
        refusal(block_on(payments.find_checkout(account, fixture.order().checkout_id, at(0)))),
    ] {
        assert_eq!(refused, Refusal::AccountDisconnected);
    }
    // The owner goes on without the platform.
    payments.refund_in_dashboard(&payment, 100).unwrap();
}

#[test]
fn an_account_that_is_out_of_reach_is_not_found_by_its_label() {
    let Fixture { payments, .. } = Fixture::new();
    let created = block_on(payments.create_account("shop", "", &email("ada@example.com"))).unwrap();
    let found = || block_on(payments.find_account("shop", at(0))).unwrap();
    assert_eq!(found(), Some(created.clone()));
    payments.deauthorize(&created);
    assert_eq!(found(), None);
}

#[test]
fn a_dispute_that_is_prevented_is_over_and_takes_nothing() {
    let fixture = Fixture::new();
    let (payments, payment) = (&fixture.payments, fixture.paid());
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    payments.prevent_dispute(&dispute);
    let state = block_on(Payments::dispute(payments, &fixture.account, &dispute)).unwrap();
    assert_eq!((state.progress, state.stage), (DisputeProgress::Inquiry, DisputeStage::Closed));
    payments.refund_in_dashboard(&payment, 100).unwrap();
}
