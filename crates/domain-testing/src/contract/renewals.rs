//! Claims whose renewal was asked for, and not answered.

use super::{
    fixture::{Begin, just_before},
    jobs::{bury, claim, complete, depth, enqueue, lease_end, reschedule},
};
use crate::{a_job, at};
use tollgate_domain::{jobs::ClaimedJob, store::Stores};

/// Claims a job and asks for a renewal that takes place or does not.
async fn renewed(on: &Stores, takes_place: bool) -> ClaimedJob {
    enqueue(on, &a_job(at(1))).await;
    let mut claimed = claim(on, at(1)).await.unwrap();
    if takes_place {
        assert_eq!(on.jobs.renew(&claimed, at(4)).await, Ok(Some(lease_end(at(4)))));
    }
    claimed.renewed_until = Some(lease_end(at(4)));
    claimed
}

pub async fn a_claim_ends_its_job_whether_or_not_a_renewal_took_place(on: Stores) {
    for (dead, takes_place) in [(0, true), (1, false)] {
        let claimed = renewed(&on, takes_place).await;
        let mut unit = on.begin().await;
        assert!(unit.jobs().lock_claim(&claimed).await.unwrap());
        drop(unit);
        reschedule(&on, &claimed, at(50), Some("busy")).await;
        assert_eq!(claim(&on, just_before(at(50))).await, None);
        complete(&on, &claim(&on, at(50)).await.unwrap()).await;

        let claimed = renewed(&on, takes_place).await;
        on.commit(async |unit| unit.jobs().put_in_lane(&claimed, "acct_1", at(5)).await).await;
        let again = claim(&on, at(5)).await.unwrap();
        assert_eq!(again.attempts, 1);
        complete(&on, &again).await;

        complete(&on, &renewed(&on, takes_place).await).await;
        assert_eq!(depth(&on).await, (0, dead));

        bury(&on, &renewed(&on, takes_place).await).await;
        assert_eq!(depth(&on).await, (0, dead + 1));
    }
}

/// So that one lost answer is not the end of the claim.
pub async fn a_claim_is_renewed_whether_or_not_a_renewal_took_place(on: Stores) {
    for takes_place in [true, false] {
        let claimed = renewed(&on, takes_place).await;
        assert_eq!(on.jobs.renew(&claimed, at(7)).await, Ok(Some(lease_end(at(7)))));
        assert_eq!(claim(&on, just_before(lease_end(at(7)))).await, None);
        // What it was before the renewal that was answered is not a claim any more.
        complete(&on, &claimed).await;
        assert_eq!(depth(&on).await, (1, 0));
        let leased_until = lease_end(at(7));
        complete(&on, &ClaimedJob { leased_until, renewed_until: None, ..claimed }).await;
        assert_eq!(depth(&on).await, (0, 0));
    }
}
