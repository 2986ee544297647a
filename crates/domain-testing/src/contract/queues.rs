//! The outbox and the webhook events, as their workers see them.

use std::collections::BTreeSet;

use super::fixture::{Begin, Fixture, count_true, just_after, just_before, parallel};
use crate::{a_mail, an_event, at};
use tollgate_domain::{
    checkout::ProviderEvent,
    outbox::{QueueDepth, QueuedMail},
    store::Stores,
};

async fn enqueue(on: &Stores, mail: &QueuedMail) {
    let mut unit = on.begin().await;
    unit.outbox().enqueue(mail).await.unwrap();
    unit.commit().await.unwrap();
}

async fn mail_at(on: &Stores, now: jiff::Timestamp) -> Option<QueuedMail> {
    on.mails.claim(now, tollgate_domain::clock::plus_seconds(now, 120)).await.unwrap()
}

/// Every field but those that claiming changes.
pub async fn a_mail_comes_back_as_stored(on: Stores) {
    let mut mail = a_mail(at(5));
    mail.kind = "refund_failed".into();
    mail.queued_at = at(4);
    enqueue(&on, &mail).await;
    let claimed = mail_at(&on, at(6)).await.unwrap();
    assert_eq!(claimed.attempts, 1);
    let unclaimed = QueuedMail { attempts: 0, next_attempt_at: mail.next_attempt_at, ..claimed };
    assert_eq!(unclaimed, mail);
}

/// Absence is no error.
pub async fn an_empty_mail_queue_gives_nothing(on: Stores) {
    assert_eq!(mail_at(&on, at(1)).await, None);
    assert_eq!(on.mails.depth().await.unwrap(), QueueDepth::default());
    assert_eq!(on.events.claim(at(1), at(2)).await.unwrap(), None);
}

/// To the microsecond.
pub async fn a_mail_is_not_given_before_it_is_due(on: Stores) {
    enqueue(&on, &a_mail(at(5))).await;
    assert_eq!(mail_at(&on, just_before(at(5))).await, None);
    assert!(mail_at(&on, at(5)).await.is_some());
}

/// Whatever was queued first.
pub async fn the_mail_that_is_due_longest_comes_first(on: Stores) {
    for second in [3, 1, 2] {
        enqueue(&on, &a_mail(at(second))).await;
    }
    for second in [1, 2, 3] {
        assert_eq!(mail_at(&on, at(9)).await.unwrap().queued_at, at(second));
    }
    assert_eq!(mail_at(&on, at(9)).await, None);
}

/// Until the lease ends.
pub async fn a_claimed_mail_is_given_to_nobody_else(on: Stores) {
    enqueue(&on, &a_mail(at(1))).await;
    assert!(on.mails.claim(at(1), at(100)).await.unwrap().is_some());
    assert_eq!(mail_at(&on, at(1)).await, None);
    assert_eq!(mail_at(&on, just_before(at(100))).await, None);
    assert_eq!(on.mails.depth().await.unwrap(), QueueDepth { queued: 1, dead: 0 });
}

/// A worker that died is followed by another.
pub async fn a_mail_is_given_again_when_its_lease_ends(on: Stores) {
    let mail = a_mail(at(1));
    enqueue(&on, &mail).await;
    for attempt in 1..=4_u32 {
        let now = at(i64::from(attempt) * 100);
        let claimed = on.mails.claim(now, at((i64::from(attempt) + 1) * 100)).await.unwrap();
        let claimed = claimed.expect("the mail");
        assert_eq!((claimed.id, claimed.attempts), (mail.id, attempt));
        assert_eq!(claimed.sealed, mail.sealed);
    }
}

/// Later, or sooner than the lease would have ended.
pub async fn a_failed_mail_comes_again_when_it_is_said_to(on: Stores) {
    let mail = a_mail(at(1));
    enqueue(&on, &mail).await;
    for (attempt, (now, again_at)) in [(at(1), at(30)), (at(30), at(5_000))].into_iter().enumerate()
    {
        let claimed = on.mails.claim(now, at(1_000)).await.unwrap().unwrap();
        assert_eq!(claimed.attempts, u32::try_from(attempt).unwrap() + 1);
        on.mails.failed(mail.id, "the server is busy", Some(again_at)).await.unwrap();
        assert_eq!(mail_at(&on, just_before(again_at)).await, None);
    }
    assert_eq!(mail_at(&on, at(5_000)).await.unwrap().attempts, 3);
}

/// Neither given again nor counted.
pub async fn a_sent_mail_is_gone(on: Stores) {
    let mail = a_mail(at(1));
    enqueue(&on, &mail).await;
    assert!(mail_at(&on, at(1)).await.is_some());
    on.mails.sent(mail.id, at(2)).await.unwrap();
    assert_eq!(mail_at(&on, at(1_000_000)).await, None);
    assert_eq!(on.mails.depth().await.unwrap(), QueueDepth::default());
}

/// Given up is visible.
pub async fn a_dead_mail_is_counted_and_not_given(on: Stores) {
    let (dead, alive) = (a_mail(at(1)), a_mail(at(2)));
    enqueue(&on, &dead).await;
    enqueue(&on, &alive).await;
    assert_eq!(on.mails.depth().await.unwrap(), QueueDepth { queued: 2, dead: 0 });
    assert_eq!(mail_at(&on, at(5)).await.unwrap().id, dead.id);
    on.mails.failed(dead.id, "no such mailbox", None).await.unwrap();
    assert_eq!(on.mails.depth().await.unwrap(), QueueDepth { queued: 1, dead: 1 });
    assert_eq!(mail_at(&on, at(1_000_000)).await.unwrap().id, alive.id);
    assert_eq!(mail_at(&on, at(1_000_000)).await, None);
}

/// Eight workers, forty mails, each mail once.
pub async fn no_mail_has_two_workers_at_once(on: Stores) {
    let mut unit = on.begin().await;
    for number in 0..40 {
        unit.outbox().enqueue(&a_mail(at(number % 7))).await.unwrap();
    }
    unit.commit().await.unwrap();
    let claimed = parallel(8, |_| {
        let on = on.clone();
        async move {
            let mut claimed = Vec::new();
            while let Some(mail) = on.mails.claim(at(10), at(100)).await.unwrap() {
                assert_eq!(mail.attempts, 1);
                claimed.push(mail.id);
            }
            claimed
        }
    })
    .await
    .concat();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

/// The mail log of a handle needs it.
pub async fn a_mail_about_a_handle_says_so(on: Stores) {
    let fixture = Fixture::new(on).await;
    let mail = QueuedMail { handle_id: Some(fixture.handle.id), ..a_mail(at(1)) };
    enqueue(&fixture.on, &mail).await;
    let claimed = mail_at(&fixture.on, at(1)).await.unwrap();
    assert_eq!(claimed.handle_id, Some(fixture.handle.id));
}

async fn receive(on: &Stores, event: &ProviderEvent) -> bool {
    let mut unit = on.begin().await;
    let new = unit.provider_events().insert(event).await.unwrap();
    unit.commit().await.unwrap();
    new
}

/// Every field, set and unset, but the attempts that claiming counts.
pub async fn an_event_comes_back_as_stored(on: Stores) {
    for event in [an_event(at(1)), ProviderEvent { account: None, ..an_event(at(2)) }] {
        assert!(receive(&on, &event).await);
        let claimed = on.events.claim(at(3), at(100)).await.unwrap();
        assert_eq!(claimed, Some(ProviderEvent { attempts: 1, ..event }));
    }
}

/// The second delivery is known and changes nothing.
pub async fn an_event_is_received_once(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    let again = ProviderEvent { object_id: "cs_other".into(), ..event.clone() };
    assert!(!receive(&on, &again).await);
    let claimed = on.events.claim(at(3), at(100)).await.unwrap().unwrap();
    assert_eq!(claimed.object_id, event.object_id);
    assert_eq!(on.events.claim(at(3), at(100)).await.unwrap(), None);
}

/// On several replicas at once.
pub async fn of_parallel_deliveries_of_an_event_one_is_new(on: Stores) {
    let event = an_event(at(1));
    let new = parallel(20, |_| {
        let (on, event) = (on.clone(), event.clone());
        async move { receive(&on, &event).await }
    })
    .await;
    assert_eq!(count_true(&new), 1);
}

/// Whatever was received first.
pub async fn the_event_that_is_due_longest_comes_first(on: Stores) {
    for second in [3, 1, 2] {
        assert!(receive(&on, &an_event(at(second))).await);
    }
    assert_eq!(on.events.claim(just_before(at(1)), at(100)).await.unwrap(), None);
    for second in [1, 2, 3] {
        let claimed = on.events.claim(at(9), at(100)).await.unwrap().unwrap();
        assert_eq!(claimed.received_at, at(second));
    }
    assert_eq!(on.events.claim(at(9), at(100)).await.unwrap(), None);
}

/// Until the lease ends.
pub async fn a_claimed_event_is_given_to_nobody_else(on: Stores) {
    assert!(receive(&on, &an_event(at(1))).await);
    assert!(on.events.claim(at(1), at(100)).await.unwrap().is_some());
    assert_eq!(on.events.claim(just_before(at(100)), at(200)).await.unwrap(), None);
}

/// A worker that died is followed by another.
pub async fn an_event_is_given_again_when_its_lease_ends(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    for attempt in 1..=4_u32 {
        let now = i64::from(attempt) * 100;
        let claimed = on.events.claim(at(now), at(now + 100)).await.unwrap();
        assert_eq!(claimed, Some(ProviderEvent { attempts: attempt, ..event.clone() }));
    }
}

/// Later, or sooner than the lease would have ended.
pub async fn a_failed_event_comes_again_when_it_is_said_to(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    for (now, again_at) in [(at(1), at(30)), (at(30), at(5_000))] {
        assert!(on.events.claim(now, at(1_000)).await.unwrap().is_some());
        on.events.failed(&event.id, "the provider is away", again_at).await.unwrap();
        assert_eq!(on.events.claim(just_before(again_at), at(9_000)).await.unwrap(), None);
    }
    let claimed = on.events.claim(at(5_000), at(9_000)).await.unwrap();
    assert_eq!(claimed, Some(ProviderEvent { attempts: 3, ..event }));
}

/// Dealt with is dealt with: neither given again nor new again.
pub async fn a_finished_event_is_gone_and_stays_known(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    assert!(on.events.claim(at(1), at(100)).await.unwrap().is_some());
    on.events.done(&event.id, "CHANGED", at(2)).await.unwrap();
    assert_eq!(on.events.claim(just_after(at(1_000_000)), at(2_000_000)).await.unwrap(), None);
    assert!(!receive(&on, &event).await);
    assert_eq!(on.events.claim(at(1_000_001), at(2_000_000)).await.unwrap(), None);
}

/// Eight workers, forty events, each event once.
pub async fn no_event_has_two_workers_at_once(on: Stores) {
    let mut unit = on.begin().await;
    for number in 0..40 {
        assert!(unit.provider_events().insert(&an_event(at(number % 7))).await.unwrap());
    }
    unit.commit().await.unwrap();
    let claimed = parallel(8, |_| {
        let on = on.clone();
        async move {
            let mut claimed = Vec::new();
            while let Some(event) = on.events.claim(at(10), at(100)).await.unwrap() {
                assert_eq!(event.attempts, 1);
                claimed.push(event.id);
            }
            claimed
        }
    })
    .await
    .concat();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>().len(), 40);
}
