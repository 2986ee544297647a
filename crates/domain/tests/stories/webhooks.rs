//! Webhooks: hints that may come late, twice, in any order, or never.

mod appeals;
mod disputes;
mod inquiries;
mod kept;
mod order;
mod retries;
mod unread;

use tollgate_domain::{
    access::{Fact, GrantType, Purchase},
    checkout::{Applied, OrderStatus},
    clock::{Clock, plus_seconds},
    jobs::{Job, JobKind, ports::JobClaims},
    mail::MailContent,
    payments::{
        DisputeProgress, EventSubject, PaymentIntentId, Payments, PaymentsError, ProviderEvent,
        Refusal,
    },
    reconcile::ProviderUpdate,
};
use tollgate_domain_testing::{Call, Fault, a_page, email, start_of_time};

use crate::{ADA, BOB, Sale};

/// What an application has stored, without the ids and instants that differ from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    open: bool,
    purchases: Vec<(GrantType, i64, i64, bool, bool)>,
    facts: Vec<(String, String, Option<i64>)>,
    orders: Vec<OrderStatus>,
}

impl Outcome {
    async fn of(sale: &Sale) -> Self {
        let purchase = |it: &Purchase| {
            let (suspended, revoked) = (it.suspended_at.is_some(), it.revoked_at.is_some());
            (it.grant_type, it.refunded, it.refund_reserved, suspended, revoked)
        };
        let fact = |fact: &Fact| {
            let amount = fact.amount.map(|money| money.amount);
            (fact.kind.as_str().to_owned(), fact.reference.clone(), amount)
        };
        let store = &sale.app.store;
        Self {
            open: sale.is_open().await,
            purchases: store.purchases().iter().map(purchase).collect(),
            facts: store.facts().iter().map(fact).collect(),
            orders: store.orders().iter().map(|order| order.status).collect(),
        }
    }
}

/// Mails at the end, as a set: which of two mails is written first depends on the order.
async fn mails(sale: &Sale) -> Vec<&'static str> {
    let mut kinds = [sale.mails_to(BOB).await, sale.mails_to(ADA).await].concat();
    kinds.sort_unstable();
    kinds
}

/// What happens at the provider.
#[derive(Debug, Clone, Copy)]
enum Step {
    Pay,
    PayLater,
    MoneyArrives,
    RefundAPart,
    RefundTheRest,
    RefundFails,
    Dispute,
    Win,
    Lose,
}

use Step::{
    Dispute, Lose, MoneyArrives, Pay, PayLater, RefundAPart, RefundFails, RefundTheRest, Win,
};

fn only_payment(sale: &Sale) -> PaymentIntentId {
    let session = sale.app.payments.sessions().pop().unwrap();
    sale.app.payments.session(&session).unwrap().payment_intent.unwrap()
}

/// Does it, and gives the webhooks that the provider sends.
fn play(sale: &Sale, step: Step) -> Vec<ProviderEvent> {
    let payments = &sale.app.payments;
    let session = payments.sessions().pop().unwrap();
    let done = match step {
        Pay => payments.pay(&session).is_some(),
        PayLater => payments.pay_later(&session).is_some(),
        MoneyArrives => payments.apply(&session),
        RefundAPart => payments.refund_in_dashboard(&only_payment(sale), 500).is_ok(),
        RefundTheRest => payments.refund_in_dashboard(&only_payment(sale), 700).is_ok(),
        RefundFails => {
            let refunds = payments.refunds_of(&only_payment(sale));
            payments.fail_refund(&refunds.last().unwrap().0);
            true
        }
        Dispute => payments.dispute(&only_payment(sale), DisputeProgress::Open).is_some(),
        Win | Lose => {
            let progress =
                if matches!(step, Win) { DisputeProgress::Won } else { DisputeProgress::Lost };
            payments.decide_dispute(payments.disputes().last().unwrap(), progress);
            true
        }
    };
    assert!(done, "{step:?}");
    payments.take_events()
}

/// Plays a story and gives the webhooks, none of them delivered.
async fn played(story: &[Step]) -> (Sale, Vec<ProviderEvent>) {
    let sale = Sale::new().await;
    sale.started().await;
    let events = story.iter().flat_map(|step| play(&sale, *step)).collect();
    (sale, events)
}

fn event(subject: EventSubject, account: Option<&str>, object: &str) -> ProviderEvent {
    let kind = subject.as_str();
    ProviderEvent {
        id: format!("evt_{kind}_{account:?}_{object}"),
        kind: kind.to_owned(),
        subject,
        account: account.map(tollgate_domain::payments::AccountId::new),
        object_id: object.into(),
        received_at: start_of_time(),
    }
}

fn event_of_session(sale: &Sale) -> Option<ProviderEvent> {
    let session = sale.app.payments.sessions().pop()?;
    let account = sale.shop.account.as_str();
    Some(event(EventSubject::CheckoutSession, Some(account), session.as_str()))
}

#[pollster::test]
async fn what_is_not_about_anything_here_is_ignored() {
    let (sale, _) = played(&[Pay]).await;
    let session = sale.app.payments.sessions().pop().unwrap();
    let account = sale.shop.account.as_str();
    let events = [
        event(EventSubject::Other, Some(account), "in_1"),
        event(EventSubject::Other, Some(account), ""),
        event(EventSubject::CheckoutSession, Some(account), "cs_unknown"),
        event(EventSubject::CheckoutSession, None, "cs_unknown"),
        event(EventSubject::CheckoutSession, Some("acct_foreign"), session.as_str()),
        event(EventSubject::Refund, Some(account), "re_unknown"),
        event(EventSubject::Refund, None, "re_unknown"),
        event(EventSubject::Charge, Some(account), "ch_unknown"),
        event(EventSubject::Dispute, Some(account), "du_unknown"),
        event(EventSubject::Account, Some("acct_unknown"), "acct_unknown"),
    ];
    sale.app.deliver(events.clone()).await;
    assert!(!sale.is_open().await);
    // What is missing might have been about a purchase.
    sale.app.clock.advance_seconds(3_600);
    sale.app.work().await;
    let seen = sale.app.store.events();
    assert_eq!(seen.len(), events.len());
    for (event, outcome) in seen {
        assert_eq!(outcome, Some(Applied::Ignored), "{event:?}");
    }
}

#[pollster::test]
async fn a_refund_or_dispute_waits_for_the_session_of_its_payment_to_be_found() {
    let not_found = PaymentsError::Refused { refusal: Refusal::NotFound, message: "No.".into() };
    for story in [[Pay, RefundAPart, RefundTheRest].as_slice(), &[Pay, Dispute]] {
        let (sale, events) = played(story).await;
        let about_session = |event: &ProviderEvent| event.object_id.starts_with("cs_");
        let events: Vec<_> = events.into_iter().filter(|event| !about_session(event)).collect();
        let fault = Fault::BeforeEffect(not_found.clone());
        for _ in &events {
            sale.app.payments.fail_next(Call::Checkout, fault.clone());
        }
        sale.app.deliver(events).await;
        assert!(sale.app.store.purchases().is_empty(), "{story:?}");
        sale.app.clock.advance_seconds(5);
        sale.app.work().await;
        assert!(!sale.is_open().await, "{story:?}");
        let purchases = sale.app.store.purchases();
        let is_active = purchases.first().map(|purchase| purchase.holding().is_active());
        assert_eq!(is_active, Some(false), "{story:?}");
    }
}

#[pollster::test]
async fn an_event_without_an_account_is_about_the_orders_account() {
    let (sale, events) = played(&[Pay]).await;
    let bare = events.into_iter().map(|event| ProviderEvent { account: None, ..event });
    sale.app.deliver(bare).await;
    assert!(sale.is_open().await);
}

#[pollster::test]
async fn a_payment_is_worked_on_before_refunds_that_came_earlier() {
    let (sale, _) = played(&[Pay]).await;
    let refunds =
        ["re_1", "re_2"].map(|refund| event(EventSubject::Refund, Some("acct_1"), refund));
    let payment = event(EventSubject::CheckoutSession, Some("acct_1"), "cs_1");
    for event in refunds.iter().chain([&payment]) {
        assert!(sale.app.events.receive(event).await.unwrap());
    }
    let first = sale.app.store.claim(JobKind::ApplyEvent, &[], sale.app.clock.now()).await;
    assert_eq!(first.unwrap().unwrap().job, Job::ApplyEvent(payment.id));
}

#[pollster::test]
async fn an_account_that_is_taken_away_sells_no_more_and_can_be_replaced() {
    let sale = Sale::new().await;
    sale.app.payments.deauthorize(&sale.shop.account);
    sale.app.deliver_webhooks().await;
    let refused = sale.app.start(&sale.shop, &sale.page, &sale.bob).await;
    assert!(matches!(
        refused,
        Err(tollgate_domain::checkout::CheckoutError::ConnectNotConfigured(_))
    ));
    let (creator, name) = (&sale.shop.creator, &sale.shop.handle.name);
    let urls = "https://app.example/";
    sale.app.connect.begin(creator, name, urls, urls).await.unwrap();
    let connected = sale.app.connect.status(creator, name).await.unwrap().unwrap();
    assert_ne!(connected.account, sale.shop.account);
    sale.app.payments.activate(&connected.account);
    sale.started().await;
}

#[pollster::test]
async fn events_of_one_shop_leave_the_others_alone() {
    let sale = Sale::new().await;
    let eve = sale.app.shop("eve").await;
    let page = sale.app.page(&eve, a_page().paid(300, "eur").published()).await;
    let of_eve = sale.app.buy(&eve, &page, &sale.bob).await;
    sale.app.buy(&sale.shop, &sale.page, &sale.bob).await;
    let payment = of_eve.payment.unwrap().payment_intent;
    sale.app.payments.refund_in_dashboard(&payment, 300).unwrap();
    sale.app.deliver_webhooks().await;
    assert!(sale.is_open().await);
    assert!(!sale.app.is_open(&eve, &page, &sale.bob).await);
}

/// It was read before the one that turned it.
#[pollster::test]
async fn a_decision_that_is_known_to_be_turned_is_not_told() {
    use DisputeProgress::{Lost, Open, Won};
    for (newest, older, expected) in [(Lost, Won, false), (Won, Lost, true)] {
        let sale = Sale::new().await;
        let payment = sale.app.buy(&sale.shop, &sale.page, &sale.bob).await.payment.unwrap();
        let payments = &sale.app.payments;
        let dispute = payments.dispute(&payment.payment_intent, Open).unwrap();
        sale.app.deliver_webhooks().await;
        sale.app.deliver_mails().await;
        let began = sale.app.clock.now();
        for (progress, seconds) in [(newest, 20), (older, 10)] {
            payments.decide_dispute(&dispute, progress);
            let state = Payments::dispute(&**payments, &payment.account, &dispute).await.unwrap();
            let update = ProviderUpdate::Dispute(state, plus_seconds(began, seconds));
            sale.app.updates.apply(&payment.account, update).await.unwrap();
        }
        assert_eq!(sale.is_open().await, expected);
        assert_eq!(sale.mails_to(ADA).await, ["disputed", "dispute_decided"]);
        let decided = sale.app.mailer.sent_to(&email(ADA)).pop();
        let Some(MailContent::DisputeDecided { is_won, .. }) = decided else {
            panic!("{decided:?}")
        };
        assert_eq!(is_won, expected);
    }
}

/// The first event that arrives is about money that is taken back.
#[pollster::test]
async fn a_receipt_says_that_the_page_is_open_only_if_it_is() {
    for (what, expected) in
        [("nothing", true), ("a part", true), ("all", false), ("dispute", false)]
    {
        let sale = Sale::new().await;
        let payment = sale.app.payments.pay(&sale.started().await).unwrap();
        let sold = sale.app.payments.take_events();
        let payments = &sale.app.payments;
        match what {
            "nothing" => {}
            "a part" => drop(payments.refund_in_dashboard(&payment, 500).unwrap()),
            "all" => drop(payments.refund_in_dashboard(&payment, 1_200).unwrap()),
            _ => drop(payments.dispute(&payment, DisputeProgress::Open).unwrap()),
        }
        let first = payments.take_events();
        sale.app.deliver(first).await;
        sale.app.deliver(sold).await;
        assert_eq!(sale.is_open().await, expected, "{what}");
        let receipt =
            sale.app.mailer.sent_to(&email(BOB)).into_iter().find_map(|mail| match mail {
                MailContent::Receipt { facts, .. } => facts,
                _ => None,
            });
        assert_eq!(receipt.unwrap().is_open, expected, "{what}");
    }
}
