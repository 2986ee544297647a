//! Whose mails reports on an address are about.

use super::fixture::Fixture;
use crate::{a_mail, an_email, at, email};
use tollgate_domain::{mail::QueuedMail, store::Stores};

/// Mails of other handles, to other addresses, and those that were never sent do not count.
pub async fn the_first_mail_that_was_sent_to_an_address_is_known(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let (bob, eve) = (an_email(), an_email());
    for (handle, to, sent_at) in [
        (None, &bob, Some(1)),
        (Some(other.id), &bob, Some(2)),
        (Some(fixture.handle.id), &eve, Some(3)),
        (Some(fixture.handle.id), &bob, None),
        (Some(fixture.handle.id), &bob, Some(7)),
        (Some(fixture.handle.id), &bob, Some(5)),
    ] {
        let mail = QueuedMail { handle_id: handle, to: to.clone(), ..a_mail(at(0)) };
        let mut unit = fixture.begin().await;
        unit.outbox().insert(&mail).await.unwrap();
        if let Some(second) = sent_at {
            unit.outbox().sent(mail.id, 1, at(second), false).await.unwrap();
        }
        unit.commit().await.unwrap();
    }
    for (handle, to, expected) in [
        (fixture.handle.id, &bob, Some(at(5))),
        (fixture.handle.id, &eve, Some(at(3))),
        (other.id, &bob, Some(at(2))),
        (other.id, &eve, None),
    ] {
        assert_eq!(fixture.on.outbox.first_sent(handle, to).await, Ok(expected), "{handle}");
    }
}

/// Also one that was not sent. Mails of other handles and to other addresses do not count.
pub async fn it_is_known_whether_an_address_was_mailed(on: Stores) {
    let fixture = Fixture::new(on).await;
    let other = fixture.another_handle().await;
    let [bob, eve] = ["bob@example.co", "bob@example.com"].map(email);
    let mut unit = fixture.begin().await;
    for (handle, to) in [(fixture.handle.id, &eve), (other.id, &bob)] {
        let mail = QueuedMail { handle_id: Some(handle), to: to.clone(), ..a_mail(at(0)) };
        unit.outbox().insert(&mail).await.unwrap();
    }
    unit.commit().await.unwrap();
    for (handle, to, expected) in [
        (fixture.handle.id, &eve, true),
        (fixture.handle.id, &bob, false),
        (other.id, &bob, true),
        (other.id, &eve, false),
    ] {
        assert_eq!(fixture.on.outbox.has_mail_to(handle, to).await, Ok(expected), "{handle} {to}");
    }
}
