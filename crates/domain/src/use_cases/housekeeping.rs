//! Deleting what is stored and no longer serves a purpose.

use jiff::Timestamp;

use crate::{
    activity::Activity,
    clock::plus_seconds,
    store::{Runtime, Stores},
    store_error::StoreError,
};

/// How long an expired link or mailed token is kept, so that the error can still say that it expired.
const LINKS_KEPT_SECONDS: i64 = 24 * 3600;
/// How long a session that ended is kept.
const SESSIONS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// How long a change of address that was not confirmed is kept.
const MOVES_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// How long the content of a mail is kept, so that it can be sent again.
const MAILS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
/// How long an answer is replayed under its `Idempotency-Key`.
const ANSWERS_KEPT_SECONDS: i64 = 24 * 3600;

/// About how many rows of a table are deleted in one unit of work. Those of others wait for it.
const AT_ONCE: u32 = 500;

/// Deletes rows that no longer serve a purpose.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    runtime: Runtime,
    stores: Stores,
}

impl Housekeeping {
    /// Creates the use case.
    pub fn new(runtime: Runtime, stores: Stores) -> Self {
        Self { runtime, stores }
    }

    /// Deletes all that there is to delete now.
    pub async fn run(&self) -> Result<(), StoreError> {
        let now = self.runtime.now();
        while self.forget_some(now).await? {}
        while self.stores.limits.forget_idle(now, AT_ONCE).await? {}
        let answered = plus_seconds(now, -ANSWERS_KEPT_SECONDS);
        while self.stores.idempotency.forget_before(answered, AT_ONCE).await? {}
        Ok(())
    }

    /// Deletes some rows of each table, and returns whether there may be others.
    async fn forget_some(&self, now: Timestamp) -> Result<bool, StoreError> {
        let [links, sessions, moves, activity, mails] = [
            LINKS_KEPT_SECONDS,
            SESSIONS_KEPT_SECONDS,
            MOVES_KEPT_SECONDS,
            Activity::KEPT_SECONDS,
            MAILS_KEPT_SECONDS,
        ]
        .map(|kept_seconds| plus_seconds(now, -kept_seconds));
        let mut unit = self.runtime.begin().await?;
        let are_left = [
            unit.magic_links().forget_expired(links, AT_ONCE).await?,
            unit.visitor_sessions().forget_ended(sessions, AT_ONCE).await?,
            unit.account_tokens().forget_expired(links, AT_ONCE).await?,
            unit.creator_sessions().forget_expired(sessions, AT_ONCE).await?,
            unit.address_moves().forget_expired(moves, AT_ONCE).await?,
            unit.activity().forget_before(activity, AT_ONCE).await?,
            unit.outbox().forget_contents(mails, AT_ONCE).await?,
        ];
        unit.commit().await?;
        Ok(are_left.contains(&true))
    }
}
