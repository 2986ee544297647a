//! The instants of changes of group buys, which identify their versions.

use super::{
    fixture::{Fixture, just_after, just_before},
    group_buys::{activate, cancel, expire, found, stored_group_buy},
};
use crate::{GroupBuyBuilder, at};
use tollgate_domain::store::Stores;

/// Also in the same instant as the change before it, or if a clock was ahead then.
pub async fn each_step_of_a_group_buy_makes_a_later_version(on: Stores) {
    let fixture = Fixture::new(on).await;
    let (on, now) = (&fixture.on, at(50));
    for (before, after) in
        [(just_before(now), now), (now, just_after(now)), (at(60), just_after(at(60)))]
    {
        let reached = |it: GroupBuyBuilder| it.created_at(before).target(1).sum(1);
        let active = activate(on, stored_group_buy(&fixture, reached).await.id, now).await.unwrap();
        assert_eq!((active.updated_at, active.activated_at), (after, Some(now)));
        assert_eq!(found(&fixture, active.id).await, active);
        let cancelled =
            cancel(on, stored_group_buy(&fixture, reached).await.id, now).await.unwrap();
        assert_eq!(cancelled.updated_at, after);
        let missed = stored_group_buy(&fixture, |it| it.created_at(before).deadline(now)).await;
        let expired = expire(on, missed.id, now).await.unwrap();
        assert_eq!(expired.updated_at, after);
    }
}
