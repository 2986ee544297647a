//! Refunds that are asked for twice.

use futures_util::FutureExt;
use serde_json::json;

use super::Desk;
use crate::support::ROOT;

/// The second request of a double click arrives before the refund of the first is accepted, and goes on after that.
#[actix_web::test]
async fn refund_asked_for_twice_at_once_gives_one_of_two_payments_back() {
    let desk = Desk::new().await;
    let domain = &desk.app.domain;
    desk.app.hold_second_payments(&desk.shop).await;
    let session = domain.sign_in("bob@example.com").await;
    let bob = domain.visitor(&session).await;
    domain.buy(&desk.shop, &desk.page, &session).await;
    domain.clock.advance_seconds(60);
    let failed = domain.refund(&desk.shop, &desk.page, &bob).await.unwrap();
    domain.clock.advance_seconds(60);
    domain.buy(&desk.shop, &desk.page, &session).await;
    domain.payments.fail_refund(&failed.refund);
    domain.deliver_webhooks().await;
    domain.clock.advance_seconds(60);
    let wish = json!({"visitorId": bob.id.to_string()});
    let path = "/v2/handles/ada/pages/guide/refund";
    let ask = || desk.app.post(ROOT, path).bearer(&desk.token).json(&wish).send();
    let mut late = ask().boxed_local();
    assert!((&mut late).now_or_never().is_none());
    domain.clock.advance_seconds(2);
    let first = ask().await;
    domain.clock.advance_seconds(2);
    let second = late.await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200), "{second:?}");
    assert_eq!(second.json(), first.json());
    let other = ask().await;
    assert_eq!(other.status, 200);
    assert_ne!(other.json()["purchaseId"], first.json()["purchaseId"]);
}
