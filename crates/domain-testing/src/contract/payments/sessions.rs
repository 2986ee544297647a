//! Sessions, from their opening to their end.

use futures_util::future::join_all;

use super::{
    Fixture, Paying, an_account, an_order, from_now, opened, paid, refusal, session, sessions, usd,
};
use tollgate_domain::{
    money::Money,
    payments::{OpenCheckout, PaymentExtras, Refusal, SessionProgress, SessionState},
};

pub async fn a_session_goes_from_open_to_paid(on: &impl Fixture) {
    let group_buy_id = Some("gb_01arz3ndektsv4rrffq69g5fav".parse().unwrap());
    let order = OpenCheckout { fee: 60, group_buy_id, ..an_order(on, &an_account(on).await) };
    let told = on.payments().open_checkout(&order).await.unwrap();
    assert_ne!(told.url, "");
    let expected = SessionState {
        session: told.session.clone(),
        checkout_id: Some(order.checkout_id),
        page_id: Some(order.page_id),
        group_buy_id,
        progress: SessionProgress::Open,
        amount: 1_200,
        currency: "usd".into(),
        tax: None,
        payment_intent: None,
        paid_at: None,
        fee: 0,
        success_url: order.success_url.clone(),
        customer_email: Some(order.customer_email.clone()),
        is_whole: true,
    };
    assert_eq!(session(on, &order.account, &told.session).await, expected);
    on.pay(&told.session, Paying::Declined).await;
    assert_eq!(session(on, &order.account, &told.session).await, expected);

    let before = from_now(on, -2);
    on.pay(&told.session, Paying::Now).await;
    let paid = session(on, &order.account, &told.session).await;
    assert!(paid.payment_intent.is_some());
    let paid_at = paid.paid_at.expect("when the buyer paid");
    assert!((before..=from_now(on, 2)).contains(&paid_at), "{paid_at}");
    let expected = SessionState {
        progress: SessionProgress::Paid,
        payment_intent: paid.payment_intent.clone(),
        paid_at: Some(paid_at),
        fee: 60,
        ..expected
    };
    assert_eq!(paid, expected);
}

pub async fn a_payment_has_its_order_and_a_charge_of_its_own(on: &impl Fixture) {
    let account = an_account(on).await;
    let mut charges = Vec::new();
    for _ in 0..2 {
        let order = an_order(on, &account);
        let payment = paid(on, &order).await;
        let found = on.payments().checkout_of_payment(&account, &payment).await.unwrap();
        assert_eq!(found, Some(order.checkout_id));
        let charge = on.payments().charge_of_payment(&account, &payment).await.unwrap().unwrap();
        assert!(!charges.contains(&charge));
        charges.push(charge);
    }
}

pub async fn tax_is_part_of_the_price(on: &impl Fixture) {
    let extras = PaymentExtras { invoice: true, automatic_tax: true, tax_id: true };
    let order = OpenCheckout { extras, ..an_order(on, &an_account(on).await) };
    let opened = opened(on, &order).await;
    on.pay(&opened, Paying::Now).await;
    let paid = session(on, &order.account, &opened).await;
    assert_eq!((paid.progress, paid.amount), (SessionProgress::Paid, 1_200));
    assert!(paid.tax.is_some_and(|tax| (1..1_200).contains(&tax)), "{:?}", paid.tax);
}

pub async fn a_payment_that_takes_days_is_pending_until_it_arrives_or_fails(on: &impl Fixture) {
    let account = an_account(on).await;
    for (arrives, expected) in [(true, SessionProgress::Paid), (false, SessionProgress::Failed)] {
        let opened = opened(on, &an_order(on, &account)).await;
        on.pay(&opened, Paying::Later).await;
        let pending = session(on, &account, &opened).await;
        assert_eq!(pending.progress, SessionProgress::Pending);
        assert!(pending.payment_intent.is_some());
        on.complete(&opened, arrives).await;
        let completed = session(on, &account, &opened).await;
        assert_eq!(completed, SessionState { progress: expected, ..pending });
    }
}

/// Some currencies have no smaller unit.
pub async fn amounts_are_in_minor_units(on: &impl Fixture) {
    let account = an_account(on).await;
    for (amount, code) in
        [(1_200, "jpy"), (10_000, "isk"), (99_999_999, "eur"), (999_999_999_999, "idr")]
    {
        let price = Money::price(amount, code.parse().unwrap()).unwrap();
        let opened = opened(on, &OpenCheckout { price, ..an_order(on, &account) }).await;
        let state = session(on, &account, &opened).await;
        assert_eq!((state.amount, state.currency.as_str()), (amount, code));
    }
}

pub async fn parallel_requests_for_an_order_open_one_session(on: &impl Fixture) {
    let order = OpenCheckout { fee: 1, ..an_order(on, &an_account(on).await) };
    let opened = join_all((0..20).map(|_| on.payments().open_checkout(&order))).await;
    let again = on.payments().open_checkout(&order).await.unwrap();
    for opened in opened {
        assert_eq!(opened.unwrap(), again);
    }
    assert_eq!(sessions(on, &order.account).await.len(), 1);
}

pub async fn another_attempt_opens_another_session(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let first = opened(on, &order).await;
    let second = opened(on, &OpenCheckout { attempt: 1, ..order.clone() }).await;
    assert_ne!(second, first);
    assert_eq!(opened(on, &order).await, first);
    let third = opened(on, &an_order(on, &order.account)).await;
    assert!(third != first && third != second);
}

pub async fn an_attempt_is_for_one_order_only(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    opened(on, &order).await;
    let changed = OpenCheckout { price: usd(1_300), ..order.clone() };
    assert_eq!(refusal(on.payments().open_checkout(&changed).await), Refusal::Other);
    let amounts = sessions(on, &order.account).await.into_iter().map(|it| it.amount);
    assert_eq!(amounts.collect::<Vec<_>>(), [1_200]);
}

pub async fn a_session_that_is_not_open_is_not_closed(on: &impl Fixture) {
    let account = an_account(on).await;
    let open = opened(on, &an_order(on, &account)).await;
    for _ in 0..3 {
        let state = on.payments().expire_checkout(&account, &open).await.unwrap();
        assert_eq!(state.progress, SessionProgress::Expired);
        assert_eq!(state, session(on, &account, &open).await);
    }
    for (paying, progress) in
        [(Paying::Now, SessionProgress::Paid), (Paying::Later, SessionProgress::Pending)]
    {
        let paid = opened(on, &an_order(on, &account)).await;
        on.pay(&paid, paying).await;
        let before = session(on, &account, &paid).await;
        let state = on.payments().expire_checkout(&account, &paid).await.unwrap();
        assert_eq!(state, before);
        assert_eq!(state.progress, progress);
    }
}

pub async fn a_session_ends_when_its_time_is_up(on: &impl Fixture) {
    let order = an_order(on, &an_account(on).await);
    let opened = opened(on, &order).await;
    for (hours, progress) in [(22, SessionProgress::Open), (1, SessionProgress::Expired)] {
        on.advance(hours * 3_600 + 30).await;
        assert_eq!(session(on, &order.account, &opened).await.progress, progress);
    }
}
