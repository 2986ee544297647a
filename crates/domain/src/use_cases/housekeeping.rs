//! Deleting what is stored and no longer serves a purpose.

use crate::{
    activity::Activity,
    clock::plus_seconds,
    store::{Runtime, Stores},
    store_error::StoreError,
};

/// How long rows that nobody can use any more are kept, so that errors can still say why.
const LINKS_KEPT_SECONDS: i64 = 24 * 3600;
const SESSIONS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
const MAILS_KEPT_SECONDS: i64 = 30 * 24 * 3600;
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
        unit.address_moves().forget_expired(plus_seconds(now, -SESSIONS_KEPT_SECONDS)).await?;
        unit.activity().forget_before(plus_seconds(now, -Activity::KEPT_SECONDS)).await?;
        unit.outbox().forget_contents(plus_seconds(now, -MAILS_KEPT_SECONDS)).await?;
        unit.commit().await?;
        self.stores.limits.forget_idle(now).await?;
        self.stores.idempotency.forget_before(plus_seconds(now, -ANSWERS_KEPT_SECONDS)).await
    }
}
