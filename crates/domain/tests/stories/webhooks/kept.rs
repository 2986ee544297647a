//! How long events are known.

use tollgate_domain::payments::ProviderEvent;

use super::{Step, played};

#[pollster::test]
async fn an_event_is_forgotten_90_days_after_it_was_applied() {
    let (sale, events) = played(&[Step::Pay]).await;
    let event = events.first().unwrap();
    sale.app.deliver(events.iter().cloned()).await;
    sale.app.runner().schedule_recurring().await.unwrap();
    sale.app.clock.advance_seconds(ProviderEvent::KEPT_SECONDS);
    sale.app.work().await;
    assert!(!sale.app.events.receive(event).await.unwrap());
    // The next time that expired rows are looked for.
    sale.app.clock.advance_seconds(600);
    sale.app.work().await;
    assert!(sale.app.events.receive(event).await.unwrap());
}
