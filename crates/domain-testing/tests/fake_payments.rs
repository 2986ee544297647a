//! What the fake provider does beside the contract of the port, with Stripe's peculiarities.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use pollster::block_on;
use tollgate_domain::{
    id::{CheckoutId, PageId, RefundId},
    money::Money,
    payments::{
        AccountId, DisputeProgress, DisputeStage, OpenCheckout, PaymentExtras, PaymentIntentId,
        Payments, PaymentsError, ProviderPage, RefundOrder, SessionProgress,
    },
};

use tollgate_domain_testing::{Call, FakePayments, Fault, ManualClock, SeededRandom, at, email};

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
            group_buy_id: None,
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

/// Reads a list to its end, and returns the sizes of its pages.
fn sizes<T>(read: impl Fn(Option<&str>) -> Result<ProviderPage<T>, PaymentsError>) -> Vec<usize> {
    let (mut sizes, mut after) = (Vec::new(), None);
    loop {
        let page = read(after.as_deref()).unwrap();
        sizes.push(page.items.len());
        match page.next {
            None => return sizes,
            next => after = next,
        }
    }
}

#[test]
fn lists_have_pages_of_three_and_begin_at_a_second() {
    let fixture = Fixture::new();
    let (payments, account) = (&fixture.payments, &fixture.account);
    for _ in 0..5 {
        let payment = fixture.paid();
        block_on(payments.refund(&fixture.refund_order(&payment, 100))).unwrap();
        payments.dispute(&payment, DisputeProgress::Inquiry).unwrap();
        fixture.clock.advance_seconds(60);
    }
    for (since, expected) in [(0, vec![3, 2]), (60, vec![3, 1]), (120, vec![3]), (241, vec![0])] {
        let since = at(since);
        let sessions = sizes(|after| block_on(payments.checkouts_since(account, since, after)));
        assert_eq!(sessions, expected);
        let refunds = sizes(|after| block_on(payments.refunds_since(account, since, after)));
        assert_eq!(refunds, expected);
        let disputes = sizes(|after| block_on(payments.disputes_since(account, since, after)));
        assert_eq!(disputes, expected);
    }
    assert_eq!(payments.calls(Call::RefundsSince), 6);
}

#[test]
fn a_lost_answer_is_an_error_and_leaves_a_session_that_is_found_around_its_creation() {
    let fixture = Fixture::new();
    let payments = &fixture.payments;
    let order = fixture.order();
    payments.fail_next(Call::OpenCheckout, Fault::lost_answer());
    block_on(payments.open_checkout(&order)).unwrap_err();
    for (created_at, is_found) in [(600, true), (601, false), (-7_200, true), (-7_201, false)] {
        let created_at = at(created_at);
        let find = payments.find_checkout(&fixture.account, order.checkout_id, created_at);
        assert_eq!(block_on(find).unwrap().is_some(), is_found, "{created_at}");
    }
}

#[test]
fn a_kept_error_lasts_for_a_day() {
    for (made, fault) in [(0, Fault::kept_error()), (1, Fault::kept_error_after_effect())] {
        let fixture = Fixture::new();
        let payments = &fixture.payments;
        let payment = fixture.paid();
        let refund = fixture.refund_order(&payment, 100);
        payments.fail_next(Call::Refund, fault);
        for seconds in [0, 24 * 3_600 - 1] {
            fixture.clock.advance_seconds(seconds);
            block_on(payments.refund(&refund)).unwrap_err();
        }
        assert_eq!(payments.refunds_of(&payment).len(), made);
        fixture.clock.advance_seconds(1);
        block_on(payments.refund(&refund)).unwrap();
        assert_eq!(payments.refunds_of(&payment).len(), made + 1);
    }
}

#[test]
fn the_owner_of_a_disconnected_account_goes_on_without_the_platform() {
    let fixture = Fixture::new();
    let payment = fixture.paid();
    fixture.payments.deauthorize(&fixture.account);
    fixture.payments.refund_in_dashboard(&payment, 100).unwrap();
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
fn a_dispute_that_is_prevented_is_over_and_takes_nothing() {
    let fixture = Fixture::new();
    let (payments, payment) = (&fixture.payments, fixture.paid());
    let dispute = payments.dispute(&payment, DisputeProgress::Open).unwrap();
    payments.prevent_dispute(&dispute);
    let state = block_on(Payments::dispute(payments, &fixture.account, &dispute)).unwrap();
    assert_eq!((state.progress, state.stage), (DisputeProgress::Inquiry, DisputeStage::Closed));
    payments.refund_in_dashboard(&payment, 100).unwrap();
}
