//! The mail log and the log of webhook events.

use super::fixture::{Begin, Fixture, count_true, parallel};
use crate::{a_gift, a_mail, an_event, at, email};
use tollgate_domain::{
    checkout::Applied,
    email::Email,
    id::MailId,
    language::Language,
    mail::{MailKind, MailScope, QueuedMail, Returned},
    paging::PageRequest,
    payments::{EventSubject, ProviderEvent},
    store::Stores,
};

async fn keep(on: &Stores, mail: &QueuedMail) {
    on.commit(async |unit| unit.outbox().insert(mail).await).await;
}

async fn queued(on: &Stores, id: MailId) -> Option<QueuedMail> {
    on.outbox.queued_mail(id).await.unwrap()
}

pub async fn a_mail_comes_back_as_stored(on: Stores) {
    let fixture = Fixture::new(on).await;
    for handle_id in [None, Some(fixture.handle.id)] {
        let mail = QueuedMail { kind: MailKind::RefundFailed, handle_id, ..a_mail(at(5)) };
        keep(&fixture.on, &mail).await;
        keep(&fixture.on, &a_mail(at(5))).await;
        assert_eq!(queued(&fixture.on, mail.id).await, Some(mail));
    }
}

pub async fn an_unknown_mail_is_none(on: Stores) {
    let unknown = a_mail(at(1)).id;
    assert_eq!(queued(&on, unknown).await, None);
    let mut unit = on.begin().await;
    unit.outbox().sent(unknown, 1, at(1), false).await.unwrap();
    unit.outbox().failed(unknown, 1, "busy", true).await.unwrap();
    unit.commit().await.unwrap();
    assert_eq!(queued(&on, unknown).await, None);
}

/// A mail that was sent is not among the queued ones, so that it is sent once.
pub async fn a_sent_mail_is_queued_no_more(on: Stores) {
    let (mail, other) = (a_mail(at(1)), a_mail(at(1)));
    keep(&on, &mail).await;
    keep(&on, &other).await;
    on.commit(async |unit| unit.outbox().sent(mail.id, 1, at(2), false).await).await;
    assert_eq!(queued(&on, mail.id).await, None);
    assert_eq!(queued(&on, other.id).await, Some(other));
}

/// A runner whose lease has ended may report late. A mail that was handed over counts as sent, even if it was given up before, and stays
/// so.
pub async fn a_late_attempt_does_not_change_a_sent_mail(on: Stores) {
    let (sent, dead) = (a_mail(at(2)), a_mail(at(1)));
    keep(&on, &sent).await;
    keep(&on, &dead).await;
    let mut unit = on.begin().await;
    unit.outbox().sent(sent.id, 2, at(3), true).await.unwrap();
    for is_dead in [false, true] {
        unit.outbox().failed(sent.id, 1, "the server is busy", is_dead).await.unwrap();
    }
    unit.outbox().sent(sent.id, 1, at(9), true).await.unwrap();
    unit.outbox().failed(dead.id, 14, "the server is busy", true).await.unwrap();
    unit.outbox().failed(dead.id, 13, "the server is away", false).await.unwrap();
    unit.commit().await.unwrap();
    let given_up = async || {
        let page = PageRequest { limit: 9, after: None };
        let listed = on.outbox.dead_mails(&page).await.unwrap().items;
        listed.into_iter().map(|mail| (mail.id, mail.attempts)).collect::<Vec<_>>()
    };
    assert_eq!(given_up().await, [(dead.id, 14)]);
    assert_eq!(queued(&on, sent.id).await, None);
    on.commit(async |unit| unit.outbox().sent(dead.id, 13, at(4), true).await).await;
    assert!(given_up().await.is_empty());
}

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

/// It is sent again as if it had never been tried, if there is something to send.
pub async fn a_dead_mail_is_queued_again(on: Stores) {
    let [dead, other, sent, waiting] = [4, 3, 2, 1].map(|second| a_mail(at(second)));
    for mail in [&dead, &other, &sent, &waiting] {
        keep(&on, mail).await;
    }
    let mut unit = on.begin().await;
    unit.outbox().failed(dead.id, 14, "busy", true).await.unwrap();
    unit.outbox().failed(other.id, 1, "no such mailbox", true).await.unwrap();
    unit.outbox().sent(sent.id, 1, at(5), true).await.unwrap();
    unit.commit().await.unwrap();
    let listed = async || {
        let first = PageRequest { limit: 1, after: None };
        let first = on.outbox.dead_mails(&first).await.unwrap();
        let rest = PageRequest { limit: 9, after: first.next.clone() };
        let mut mails = first.items;
        if rest.after.is_some() {
            mails.extend(on.outbox.dead_mails(&rest).await.unwrap().items);
        }
        mails.into_iter().map(|mail| (mail.id, mail.attempts, mail.last_error)).collect::<Vec<_>>()
    };
    let told = [
        (dead.id, 14_u32, Some("busy".to_owned())),
        (other.id, 1, Some("no such mailbox".to_owned())),
    ];
    assert_eq!(listed().await, told);
    let revive =
        async |mail: &QueuedMail| on.commit(async |unit| unit.outbox().revive(mail.id).await).await;
    for mail in [&sent, &waiting, &a_mail(at(1))] {
        assert_eq!(revive(mail).await, None);
    }
    assert_eq!(revive(&dead).await, Some(dead.kind));
    assert_eq!(revive(&dead).await, None, "it waits already");
    assert_eq!(queued(&on, dead.id).await, Some(dead));
    assert_eq!(listed().await, told[1..]);
    on.commit(async |unit| unit.outbox().forget_contents(at(9), 10).await).await;
    assert!(listed().await.is_empty());
    assert_eq!(revive(&other).await, None, "there is nothing to send");
}

pub(super) async fn receive(on: &Stores, event: &ProviderEvent) -> bool {
    on.commit(async |unit| unit.event_log().insert(event).await).await
}

pub(super) async fn pending(on: &Stores, event: &ProviderEvent) -> Option<ProviderEvent> {
    on.events.pending_event(&event.id).await.unwrap()
}

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

pub async fn an_event_is_received_once(on: Stores) {
    let event = an_event(at(1));
    assert!(receive(&on, &event).await);
    let again = ProviderEvent { object_id: "cs_other".into(), ..event.clone() };
    assert!(!receive(&on, &again).await);
    assert_eq!(pending(&on, &event).await, Some(event));
}

/// The event arrives on several replicas at once.
pub async fn of_parallel_deliveries_of_an_event_one_is_new(on: Stores) {
    let event = an_event(at(1));
    let new = parallel(20, |_| receive(&on, &event)).await;
    assert_eq!(count_true(&new), 1);
}

/// It is neither pending nor new again, whatever came of it.
pub async fn an_applied_event_is_pending_no_more_and_stays_known(on: Stores) {
    let other = an_event(at(1));
    assert!(receive(&on, &other).await);
    for outcome in Applied::ALL {
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

/// They are counted from the newest by rank. Only kinds that a creator causes count, within the time and of the scope.
pub async fn mails_that_a_creator_causes_are_counted(on: Stores) {
    let fixture = Fixture::new(on).await;
    let stranger = Fixture::new(fixture.on.clone()).await;
    let second = fixture.another_handle().await;
    let (bob, eve) = (email("bob@example.com"), email("eve@example.com"));
    let mail = |kind, handle, to: &Email, second| QueuedMail {
        kind,
        handle_id: Some(handle),
        to: to.clone(),
        ..a_mail(at(second))
    };
    for mail in [
        mail(MailKind::Granted, fixture.handle.id, &bob, 1),
        mail(MailKind::GroupBuyActivated, fixture.handle.id, &bob, 3),
        mail(MailKind::ConfirmMove, second.id, &bob, 5),
        mail(MailKind::Granted, fixture.handle.id, &eve, 7),
        mail(MailKind::Receipt, fixture.handle.id, &bob, 8),
        mail(MailKind::MagicLink, fixture.handle.id, &bob, 8),
        mail(MailKind::Granted, stranger.handle.id, &bob, 9),
        mail(MailKind::AccountClosed, fixture.handle.id, &bob, 4),
        mail(MailKind::AccountClosed, second.id, &bob, 6),
        mail(MailKind::AccountReady, fixture.handle.id, &bob, 5),
        mail(MailKind::SellerLink, fixture.handle.id, &bob, 2),
        mail(MailKind::GroupBuyExpired, second.id, &bob, 4),
        mail(MailKind::GroupBuyReached, fixture.handle.id, &bob, 2),
        mail(MailKind::GroupBuyReached, second.id, &bob, 3),
    ] {
        keep(&fixture.on, &mail).await;
    }
    let all = MailScope::Creator(fixture.creator.id);
    let to_bob = MailScope::Recipient(fixture.creator.id, bob);
    let closed = MailScope::AccountClosed(fixture.handle.id);
    let ready = MailScope::AccountReady(fixture.handle.id);
    let reached = MailScope::TargetReached(fixture.handle.id);
    let mut unit = fixture.begin().await;
    for (scope, since, rank, expected) in [
        (&all, 0, 0, Some(7)),
        (&all, 0, 1, Some(5)),
        (&all, 0, 2, Some(2)),
        (&all, 0, 3, Some(1)),
        (&all, 0, 4, None),
        (&all, 1, 2, Some(2)),
        (&all, 1, 3, None),
        (&to_bob, 0, 0, Some(5)),
        // He asked for the mail of the third second.
        (&to_bob, 0, 1, Some(4)),
        (&to_bob, 0, 2, Some(2)),
        (&to_bob, 0, 3, Some(1)),
        (&to_bob, 1, 3, None),
        (&to_bob, 5, 0, None),
        (&closed, 3, 0, Some(4)),
        (&closed, 4, 0, None),
        (&ready, 4, 0, Some(5)),
        (&ready, 5, 0, None),
        (&reached, 0, 0, Some(2)),
        (&reached, 0, 1, None),
    ] {
        let found = unit.outbox().caused(scope, at(since), rank).await.unwrap();
        assert_eq!(found, expected.map(at), "{scope:?} {since} {rank}");
        let told = fixture.on.outbox.caused(scope, at(since), rank).await.unwrap();
        assert_eq!(told, found, "{scope:?} {since} {rank}");
    }
}

/// A stop is for one handle and one address, and is stored once.
pub async fn mails_are_stopped_for_a_handle_and_an_address(on: Stores) {
    let fixture = Fixture::new(on).await;
    let second = fixture.another_handle().await;
    let (bob, eve) = (email("bob@example.com"), email("eve@example.com"));
    let mut unit = fixture.begin().await;
    assert!(!unit.mail_stops().is_stopped(fixture.handle.id, &bob).await.unwrap());
    for second in [1, 2] {
        unit.mail_stops().insert(fixture.handle.id, &bob, at(second)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let mut unit = fixture.begin().await;
    assert!(unit.mail_stops().is_stopped(fixture.handle.id, &bob).await.unwrap());
    assert!(!unit.mail_stops().is_stopped(fixture.handle.id, &eve).await.unwrap());
    assert!(!unit.mail_stops().is_stopped(second.id, &bob).await.unwrap());
    drop(unit);
    for (handle, who, expected) in [
        (fixture.handle.id, &bob, true),
        (fixture.handle.id, &eve, false),
        (second.id, &bob, false),
    ] {
        let told = fixture.on.outbox.has_stopped(handle, who).await.unwrap();
        assert_eq!(told, expected, "{handle} {who}");
    }
    let mut unit = fixture.begin().await;
    unit.mail_stops().insert(second.id, &bob, at(3)).await.unwrap();
    for _ in 0..2 {
        unit.mail_stops().delete(fixture.handle.id, &bob).await.unwrap();
    }
    unit.commit().await.unwrap();
    for (handle, expected) in [(fixture.handle.id, false), (second.id, true)] {
        let told = fixture.on.outbox.has_stopped(handle, &bob).await.unwrap();
        assert_eq!(told, expected, "{handle}");
    }
}

/// The newest of each kind counts; a mail that arrives ends the first kind alone.
pub async fn an_address_is_marked_until_a_mail_arrives(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (bob, eve) = (email("bob@example.com"), email("eve@example.com"));
    let of = async |address: &Email| fixture.on.outbox.returned(address).await.unwrap();
    assert_eq!(of(&bob).await, Returned::default());
    assert!(Returned::default().takes_mails());
    let mut unit = fixture.begin().await;
    unit.returned_mails().arrived(&bob).await.unwrap();
    for second in [1, 3] {
        unit.returned_mails().bounced(&bob, at(second)).await.unwrap();
    }
    unit.commit().await.unwrap();
    let bounced = Returned { bounced_at: Some(at(3)), complained_at: None };
    assert_eq!((of(&bob).await, of(&eve).await), (bounced, Returned::default()));
    assert!(!bounced.takes_mails());
    let mut unit = fixture.begin().await;
    for second in [2, 4] {
        unit.returned_mails().complained(&bob, at(second)).await.unwrap();
    }
    unit.commit().await.unwrap();
    assert_eq!(of(&bob).await, Returned { complained_at: Some(at(4)), ..bounced });
    fixture.commit(async |unit| unit.returned_mails().arrived(&bob).await).await;
    let complained = Returned { bounced_at: None, complained_at: Some(at(4)) };
    assert_eq!(of(&bob).await, complained);
    assert!(!complained.takes_mails());
}

/// The newest one counts, and only for this address.
pub async fn the_language_of_an_address_is_remembered(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (bob, eve) = (email("bob@example.com"), email("eve@example.com"));
    let mut unit = fixture.begin().await;
    assert_eq!(unit.languages().of(&bob).await, Ok(None));
    for language in [Language::German, Language::German, Language::English, Language::German] {
        unit.languages().remember(&bob, language).await.unwrap();
        assert_eq!(unit.languages().of(&bob).await, Ok(Some(language)));
    }
    unit.commit().await.unwrap();
    let mut unit = fixture.begin().await;
    assert_eq!(unit.languages().of(&bob).await, Ok(Some(Language::German)));
    assert_eq!(unit.languages().of(&eve).await, Ok(None));
    let reads = &fixture.on.visitor_auth;
    assert_eq!(reads.language_of(&bob).await, Ok(Some(Language::German)));
    assert_eq!(reads.language_of(&eve).await, Ok(None));
}

/// It does not matter whether the payment was refunded. Gifts are not sales.
pub async fn a_creator_has_sold_from_the_first_payment_on(on: Stores) {
    let fixture = Fixture::new(on).await;
    let stranger = Fixture::new(fixture.on.clone()).await;
    let has_sold = async || {
        let mut unit = fixture.begin().await;
        let found = unit.mail_causers().has_sold(fixture.creator.id).await.unwrap();
        drop(unit);
        assert_eq!(fixture.on.outbox.has_sold(fixture.creator.id).await.unwrap(), found);
        found
    };
    stranger.bought(|it| it).await;
    fixture.keep_gift(&a_gift(&fixture.visitor, &fixture.page).build()).await;
    assert!(!has_sold().await);
    fixture.bought(|it| it.refunded(at(5))).await;
    assert!(has_sold().await);
}
