//! How webhook events are forgotten.

use super::{
    fixture::Begin,
    logs::{pending, receive},
};
use crate::{an_event, at};
use tollgate_domain::{checkout::Applied, store::Stores};

/// Those that were applied before the instant are forgotten, some at a time. One that is still tried stays, however old it is.
pub async fn applied_events_are_forgotten_in_parts(on: Stores) {
    let waiting = an_event(at(1));
    assert!(receive(&on, &waiting).await);
    let applied = [5, 6, 7].map(|second| (an_event(at(2)), at(second)));
    for (event, done_at) in &applied {
        assert!(receive(&on, event).await);
        let mut unit = on.begin().await;
        unit.event_log().applied(&event.id, Applied::Ignored, *done_at).await.unwrap();
        unit.commit().await.unwrap();
    }
    let forget = async |before: i64, most: u32| {
        on.commit(async |unit| unit.event_log().forget_applied(at(before), most).await).await
    };
    let [(first, _), (second, _), (third, _)] = &applied;
    assert!(!forget(5, 9).await);
    assert!(!receive(&on, first).await, "it is known");
    assert!(forget(7, 1).await);
    assert!(receive(&on, first).await, "it was forgotten");
    assert!(!receive(&on, second).await, "it is known");
    assert!(!forget(7, 9).await);
    assert!(receive(&on, second).await, "it was forgotten");
    assert!(!receive(&on, third).await, "it is known");
    assert_eq!(pending(&on, &waiting).await, Some(waiting));
}
