//! The mail log and the log of webhook events.

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{a_mail, an_event, at};
use tollgate_domain::{
    checkout::Applied,
    id::MailId,
    mail::QueuedMail,
    payments::{EventSubject, ProviderEvent},
    store::Stores,
};

async fn keep(on: &Stores, mail: &QueuedMail) {
    let mut unit = on.begin().await;
    unit.outbox().insert(mail).await.unwrap();
    unit.commit().await.unwrap();
}

async fn queued(on: &Stores, id: MailId) -> Option<QueuedMail> {
    on.outbox.queued_mail(id).await.unwrap()
}

/// Every field, set and unset.
pub async fn a_mail_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for handle_id in [None, Some(fixture.handle.id)] {
        let mail = QueuedMail { kind: "refund_failed".into(), handle_id, ..a_mail(at(5)) };
        keep(&fixture.on, &mail).await;
        keep(&fixture.on, &a_mail(at(5))).await;
        assert_eq!(queued(&fixture.on, mail.id).await, Some(mail));
    }
}

/// Absence is no error.
pub async fn an_unknown_mail_is_none(on: Stores) {
    let unknown = a_mail(at(1)).id;
    assert_eq!(queued(&on, unknown).await, None);
    let mut unit = on.begin().await;
    unit.outbox().sent(unknown, 1, at(1), false).await.unwrap();
    unit.outbox().failed(unknown, 1, "busy", true).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(queued(&on, unknown).await, None);
}

/// Nobody sends it twice.
pub async fn a_sent_mail_is_queued_no_more(on: Stores) {
    let (mail, other) = (a_mail(at(1)), a_mail(at(1)));
    keep(&on, &mail).await;
    keep(&on, &other).await;
    let mut unit = on.begin().await;
    unit.outbox().sent(mail.id, 1, at(2), false).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(queued(&on, mail.id).await, None);
    assert_eq!(queued(&on, other.id).await, Some(other));
}

/// A failed attempt leaves a mail queued, with its content, until it is given up.
pub async fn a_failed_mail_stays_queued_until_it_is_dead(on: Stores) {
    let mail = a_mail(at(1));
    keep(&on, &mail).await;
    for (attempts, is_dead) in [(1, false), (2, false), (3, true)] {
        let mut unit = on.begin().await;
        unit.outbox().failed(mail.id, attempts, "the server is busy", is_dead).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(queued(&on, mail.id).await, (!is_dead).then(|| mail.clone()));
    }
}

async fn receive(on: &Stores, event: &ProviderEvent) -> bool {
    let mut unit = on.begin().await;
    let is_new = unit.event_log().insert(event).await.unwrap();
    unit.commit().await.unwrap();
    is_new
}

async fn pending(on: &Stores, event: &ProviderEvent) -> Option<ProviderEvent> {
    on.events.pending_event(&event.id).await.unwrap()
}

/// Every field, set and unset, with every subject.
pub async fn an_event_comes_back_as_stored(on: Stores) {
    let bare = ProviderEvent { account: None, ..an_event(at(2)) };
    assert_eq!(pending(&on, &bare).await, None);
    assert!(receive(&on, &bare).await);
    assert_eq!(pending(&on, &bare).await, Some(bare));
    for subject in [
        EventSubject::CheckoutSession,
        EventSubject::Refund,
        EventSubject::Charge,
        EventSubject::Dispute,
        EventSubject::Account,
        EventSubject::Deauthorization,
        EventSubject::Other,
    ] {
        let event = ProviderEvent { subject, ..an_event(at(1)) };
        assert!(receive(&on, &event).await);
        assert_eq!(pending(&on, &event).await, Some(event));
    }
}

/// The second delivery is known and changes nothing.
pub async fn an_event_is_received_once(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    let again = ProviderEvent { object_id: "cs_other".into(), ..event.clone() };
    assert!(!receive(&on, &again).await);
    assert_eq!(pending(&on, &event).await, Some(event));
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

/// Applied is applied: neither pending nor new again, whatever came of it.
pub async fn an_applied_event_is_pending_no_more_and_stays_known(on: Stores) {
    let other = an_event(at(1));
    assert!(receive(&on, &other).await);
    for outcome in [Applied::Changed, Applied::Unchanged, Applied::Quarantined, Applied::Ignored] {
        let event = an_event(at(1));
        assert!(receive(&on, &event).await);
        let mut unit = on.begin().await;
        unit.event_log().applied(&event.id, outcome, at(2)).await.unwrap();
        unit.event_log().applied("evt_unknown", outcome, at(2)).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(pending(&on, &event).await, None);
        assert!(!receive(&on, &event).await);
        assert_eq!(pending(&on, &event).await, None);
    }
    assert_eq!(pending(&on, &other).await, Some(other));
}

/// Logs are part of the unit.
pub async fn what_a_dropped_unit_logged_is_not_there(on: Stores) {
    let (mail, event) = (a_mail(at(1)), an_event(at(1)));
    let mut unit = on.begin().await;
    unit.outbox().insert(&mail).await.unwrap();
    assert!(unit.event_log().insert(&event).await.unwrap());
    drop(unit);
    assert_eq!(queued(&on, mail.id).await, None);
    assert_eq!(pending(&on, &event).await, None);
    assert!(receive(&on, &event).await);
}
