//! Webhooks in any order, twice, and dealt with by several workers.

use tollgate_domain::{
    jobs::{self, JobKind},
    payments::ProviderEvent,
};
use tollgate_domain_testing::SeededRandom;

use super::{
    Outcome,
    Step::{
        self, Dispute, Lose, MoneyArrives, Pay, PayLater, RefundAPart, RefundFails, RefundTheRest,
        Win,
    },
    mails, play, played,
};
use crate::{BOB, Sale};

const STORIES: [&[Step]; 8] = [
    &[Pay],
    &[PayLater, MoneyArrives],
    &[Pay, RefundAPart, RefundTheRest],
    &[Pay, RefundAPart, RefundTheRest, RefundFails],
    &[Pay, Dispute, Win],
    &[Pay, Dispute, Lose],
    &[PayLater, MoneyArrives, RefundAPart, Dispute, Lose],
    &[Pay, RefundAPart, Dispute, Win, RefundTheRest],
];

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let Some((first, rest)) = items.split_first() else { return vec![vec![]] };
    let mut all = Vec::new();
    for shorter in permutations(rest) {
        for place in 0..=shorter.len() {
            let mut longer = shorter.clone();
            longer.insert(place, first.clone());
            all.push(longer);
        }
    }
    all
}

fn shuffled(events: &[ProviderEvent], random: &SeededRandom) -> Vec<ProviderEvent> {
    let mut events = events.to_vec();
    for place in (1..events.len()).rev() {
        let bound = u64::try_from(place + 1).unwrap();
        events.swap(place, usize::try_from(random.below(bound)).unwrap());
    }
    events
}

#[pollster::test]
async fn every_order_and_every_duplication_of_webhooks_ends_in_the_same_state() {
    for (number, story) in STORIES.iter().enumerate() {
        let (sale, events) = played(story).await;
        assert!(!events.is_empty());
        sale.app.deliver(events.clone()).await;
        let expected = (Outcome::of(&sale).await, mails(&sale).await);

        // The provider numbers its objects alike in every run, so events of one run fit another.
        let orders = if events.len() <= 5 {
            permutations(&events)
        } else {
            let random = SeededRandom::new(5);
            (0..150).map(|_| shuffled(&events, &random)).collect()
        };
        for order in orders {
            let (sale, same) = played(story).await;
            assert_eq!(same, events);
            for event in &order {
                // One by one, each of them twice under another id, so that it is worked on twice.
                let copy = ProviderEvent { id: format!("{}_again", event.id), ..event.clone() };
                sale.app.deliver([event.clone(), event.clone(), copy]).await;
            }
            let reached = (Outcome::of(&sale).await, mails(&sale).await);
            assert_eq!(reached, expected, "story {number}, {order:?}");
        }
    }
}

#[pollster::test]
async fn webhooks_that_come_between_the_steps_end_in_the_same_state() {
    for (number, story) in STORIES.iter().enumerate() {
        let (sale, events) = played(story).await;
        sale.app.deliver(events).await;
        let expected = Outcome::of(&sale).await;
        for seed in 0..30 {
            let random = SeededRandom::new(seed);
            let sale = Sale::new().await;
            sale.started().await;
            let mut late = Vec::new();
            for step in *story {
                late.extend(play(&sale, *step));
                late = shuffled(&late, &random);
                while !late.is_empty() && random.below(2) == 0 {
                    sale.app.deliver(late.pop()).await;
                }
            }
            sale.app.deliver(late).await;
            assert_eq!(Outcome::of(&sale).await, expected, "story {number}, seed {seed}");
        }
    }
}

#[pollster::test]
async fn several_workers_do_every_event_once() {
    let (sale, events) = played(&[PayLater, MoneyArrives, RefundAPart, RefundTheRest]).await;
    for event in &events {
        assert!(sale.app.events.receive(event).await.unwrap());
        assert!(!sale.app.events.receive(event).await.unwrap());
    }
    let steps = crate::at_once(8, |_| {
        let app = sale.app.clone();
        async move { app.work().await }
    })
    .await
    .concat();
    let applied = jobs::Step::Ran(JobKind::ApplyEvent, jobs::Outcome::Done);
    assert_eq!(steps.iter().filter(|step| **step == applied).count(), events.len());
    assert!(!sale.is_open().await);
    assert_eq!(sale.app.store.purchases().len(), 1);
    let done = sale.app.store.events();
    assert!(done.iter().all(|(_, outcome)| outcome.is_some()));
    // Mails of one instant have no order.
    let mut mails = sale.mails_to(BOB).await;
    mails.sort_unstable();
    assert_eq!(mails, ["receipt", "refunded", "refunded"]);
}
