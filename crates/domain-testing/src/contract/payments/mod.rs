//! What every payment provider has to keep to, as Tollgate calls it.
//!
//! The cases open sessions, pay, refund and dispute. What buyers, banks and the owner of an account do, an adapter plays
//! in a [`Fixture`].

pub mod accounts;
pub mod disputes;
pub mod failures;
mod list;
pub mod lists;
pub mod refunds;
pub mod sessions;

use std::{fmt, sync::LazyLock};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{SeededRandom, at, email, money};
use tollgate_domain::{
    clock::plus_seconds,
    id::{CheckoutId, PageId, RefundId},
    money::Money,
    payments::{
        AccountId, CheckoutSessionId, DisputeId, DisputeState, OpenCheckout, PaymentExtras,
        PaymentIntentId, Payments, PaymentsError, ProviderRefundId, RefundOrder, Refusal,
        SessionState,
    },
};

/// A payment provider without accounts, and the people who use it.
///
/// It keeps errors under an idempotency key, as Stripe does, including the refusal of a refund that the balance does not
/// cover. Refunds of payments that took days are pending at first.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// Returns the port to it.
    fn payments(&self) -> &dyn Payments;

    /// Returns what time it is at the provider.
    fn now(&self) -> Timestamp;

    /// Lets time pass at the provider.
    async fn advance(&self, seconds: u32);

    /// Has the owner of an account come through onboarding, so that it can do everything.
    async fn activate(&self, account: &AccountId);

    /// Has the provider let an account take no payments any more; it is still paid out.
    async fn restrict(&self, account: &AccountId);

    /// Sets whether the platform has access to an account.
    async fn set_connected(&self, account: &AccountId, connected: bool);

    /// Sets whether the balance of an account covers refunds.
    async fn set_covers_refunds(&self, account: &AccountId, covers: bool);

    /// Does on the pay page what a buyer does.
    async fn pay(&self, session: &CheckoutSessionId, paying: Paying);

    /// Has the money of a payment that takes days arrive, or not.
    async fn complete(&self, session: &CheckoutSessionId, arrives: bool);

    /// Has a refund that is pending or succeeded reach the buyer, or fail.
    async fn complete_refund(&self, refund: &ProviderRefundId, arrives: bool);

    /// Has the owner of an account refund a part of a payment without the platform.
    async fn refund_elsewhere(&self, account: &AccountId, payment: &PaymentIntentId, amount: i64);

    /// Has a bank dispute a payment.
    async fn dispute(&self, payment: &PaymentIntentId, disputing: Disputing) -> DisputeId;

    /// Has a bank decide a dispute.
    async fn decide(&self, dispute: &DisputeId, is_won: bool);

    /// Has the next request of this kind fail like this.
    async fn fail_next(&self, request: Request, trouble: Trouble);

    /// Checks what can be checked of the adapter at the end of a case, such as the requests that it sent.
    fn end(&self) {}
}

/// What a buyer does on a pay page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paying {
    /// Pays by a method whose money is there at once.
    Now,
    /// Pays by a method that takes days.
    Later,
    /// Is refused, and may try again.
    Declined,
}

/// How a bank disputes a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disputing {
    /// Whether the bank only asks, so that no money moves.
    pub is_inquiry: bool,
    /// The disputed part, in minor units; `None` for the whole payment.
    pub part: Option<i64>,
}

/// A request with an idempotency key that can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// [`Payments::open_checkout`].
    OpenCheckout,
    /// [`Payments::refund`].
    Refund,
}

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is carried out, and its answer is lost.
    LostAnswer,
    /// It is not carried out, and the provider keeps an error as its answer.
    KeptError,
    /// It is carried out, and the provider keeps an error as its answer.
    KeptErrorAfterEffect,
}

static RANDOM: LazyLock<SeededRandom> = LazyLock::new(|| SeededRandom::new(0x7011_6A7E));

fn usd(amount: i64) -> Money {
    money(amount, "usd")
}

/// Returns the instant so many seconds from now.
fn from_now(on: &impl Fixture, seconds: i64) -> Timestamp {
    plus_seconds(on.now(), seconds)
}

fn a_label() -> String {
    format!("account-{}", RANDOM.next_u64())
}

/// Creates an account that can do everything.
async fn an_account(on: &impl Fixture) -> AccountId {
    let made = on.payments().create_account(&a_label(), "", &email("ada@example.com")).await;
    let account = made.unwrap();
    on.activate(&account).await;
    account
}

fn an_order(on: &impl Fixture, account: &AccountId) -> OpenCheckout {
    OpenCheckout {
        checkout_id: CheckoutId::new(at(0), &*RANDOM),
        attempt: 0,
        page_id: PageId::new(at(0), &*RANDOM),
        group_buy_id: None,
        account: account.clone(),
        title: "Ten & more [things] 🎫".into(),
        price: usd(1_200),
        fee: 0,
        customer_email: email("bob@example.com"),
        success_url: "http://ada.tollgate.localhost:8080/ten/return?checkout=chk_1".into(),
        cancel_url: "http://ada.tollgate.localhost:8080/ten".into(),
        extras: PaymentExtras::default(),
        expires_at: from_now(on, 23 * 3_600),
    }
}

fn a_refund(order: &OpenCheckout, payment: &PaymentIntentId, amount: i64) -> RefundOrder {
    RefundOrder {
        refund_id: RefundId::new(at(0), &*RANDOM),
        attempt: 0,
        account: order.account.clone(),
        payment_intent: payment.clone(),
        amount: money(amount, order.price.currency.code()),
        with_fee: order.fee > 0,
    }
}

async fn opened(on: &impl Fixture, order: &OpenCheckout) -> CheckoutSessionId {
    on.payments().open_checkout(order).await.unwrap().session
}

async fn session(
    on: &impl Fixture,
    account: &AccountId,
    session: &CheckoutSessionId,
) -> SessionState {
    on.payments().checkout(account, session).await.unwrap()
}

/// Opens and pays a session, and returns its payment.
async fn paid(on: &impl Fixture, order: &OpenCheckout) -> PaymentIntentId {
    let opened = opened(on, order).await;
    on.pay(&opened, Paying::Now).await;
    session(on, &order.account, &opened).await.payment_intent.unwrap()
}

async fn dispute(on: &impl Fixture, account: &AccountId, dispute: &DisputeId) -> DisputeState {
    on.payments().dispute(account, dispute).await.unwrap()
}

/// Returns the sessions of an account that were created within the last hour, if they fill no page.
async fn sessions(on: &impl Fixture, account: &AccountId) -> Vec<SessionState> {
    on.payments().checkouts_since(account, from_now(on, -3_600), None).await.unwrap().items
}

fn refusal<T: fmt::Debug>(result: Result<T, PaymentsError>) -> Refusal {
    match result {
        Err(PaymentsError::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}
