//! Deleting what is stored and no longer serves a purpose.

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

/// Deletes rows that no longer serve a purpose.
#[derive(Debug, Clone)]
pub struct Housekeeping {
    pub(super) runtime: Runtime,
    pub(super) stores: Stores,
}

impl Housekeeping {
    pub(super) async fn run(&self) -> Result<(), StoreError> {
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        unit.magic_links().forget_expired(plus_seconds(now, -LINKS_KEPT_SECONDS)).await?;
        unit.visitor_sessions().forget_ended(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.account_tokens().forget_expired(plus_seconds(now, -LINKS_KEPT_SECONDS)).await?;
        unit.creator_sessions().forget_expired(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.address_moves().forget_expired(plus_seconds(now, -MOVES_KEPT_SECONDS)).await?;
        unit.activity().forget_before(plus_seconds(now, -Activity::KEPT_SECONDS)).await?;
        unit.outbox().forget_contents(plus_seconds(now, -MAILS_KEPT_SECONDS)).await?;
        unit.commit().await?;
        self.stores.limits.forget_idle(now).await?;
        self.stores.idempotency.forget_before(plus_seconds(now, -ANSWERS_KEPT_SECONDS)).await
    }
}
