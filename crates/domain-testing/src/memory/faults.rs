//! Failing on demand.

use std::sync::Mutex;

use crate::{locked, yield_now};
use tollgate_domain::store_error::StoreError;

#[derive(Default)]
pub(super) struct Faults(Mutex<Plan>);

#[derive(Default)]
struct Plan {
    down: bool,
    passes: u32,
    failures: u32,
    lose_answer: bool,
}

impl Faults {
    pub(super) fn fail_after(&self, passes: u32, failures: u32) {
        let mut plan = locked(&self.0);
        plan.passes = passes;
        plan.failures = failures;
    }

    pub(super) fn heal(&self) -> bool {
        let mut plan = locked(&self.0);
        plan.passes = 0;
        plan.lose_answer = false;
        std::mem::take(&mut plan.failures) > 0
    }

    pub(super) fn lose_answer(&self) {
        locked(&self.0).lose_answer = true;
    }

    pub(super) fn set_down(&self, down: bool) {
        locked(&self.0).down = down;
    }

    /// One call to the store: others get their turn first, as they would with a real one.
    pub(super) async fn pass(&self) -> Result<(), StoreError> {
        yield_now().await;
        let mut plan = locked(&self.0);
        if plan.down {
            return Err(StoreError::Unavailable("the store is down".into()));
        }
        if plan.failures == 0 {
            return Ok(());
        }
        if plan.passes > 0 {
            plan.passes -= 1;
            return Ok(());
        }
        plan.failures -= 1;
        Err(StoreError::Unavailable("the store was told to fail".into()))
    }

    /// After a commit took effect.
    pub(super) fn answer(&self) -> Result<(), StoreError> {
        if std::mem::take(&mut locked(&self.0).lose_answer) {
            return Err(StoreError::Unavailable("the answer to a commit was lost".into()));
        }
        Ok(())
    }
}
