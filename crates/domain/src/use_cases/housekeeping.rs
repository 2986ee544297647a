//! Deleting stored rows that no longer serve a purpose.

use jiff::Timestamp;

use crate::{
    activity::Activity,
    clock::plus_seconds,
    creators::{AccountToken, CreatorSession},
    idempotency,
    jobs::Job,
    mail::QueuedMail,
    moves::AddressMove,
    payments::ProviderEvent,
    store::{Runtime, Stores},
    store_error::StoreError,
    visitor_auth::{MagicLink, VisitorSession},
};

/// The number of rows of a table that are deleted in one unit of work, approximately. Other units of work wait for it.
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
        let answered = plus_seconds(now, -idempotency::KEPT_SECONDS);
        while self.stores.idempotency.forget_before(answered, AT_ONCE).await? {}
        Ok(())
    }

    /// Deletes some rows of each table, and returns whether there may be others.
    async fn forget_some(&self, now: Timestamp) -> Result<bool, StoreError> {
        let before = |kept_seconds: i64| plus_seconds(now, -kept_seconds);
        let links = before(MagicLink::KEPT_SECONDS);
        let sessions = before(VisitorSession::KEPT_SECONDS);
        let tokens = before(AccountToken::KEPT_SECONDS);
        let creators = before(CreatorSession::KEPT_SECONDS);
        let moves = before(AddressMove::KEPT_SECONDS);
        let activity = before(Activity::KEPT_SECONDS);
        let mails = before(QueuedMail::KEPT_SECONDS);
        let jobs = before(Job::DEAD_KEPT_SECONDS);
        let events = before(ProviderEvent::KEPT_SECONDS);
        let mut unit = self.runtime.begin().await?;
        let are_left = [
            unit.magic_links().forget_expired(links, AT_ONCE).await?,
            unit.visitor_sessions().forget_ended(sessions, AT_ONCE).await?,
            unit.account_tokens().forget_expired(tokens, AT_ONCE).await?,
            unit.creator_sessions().forget_expired(creators, AT_ONCE).await?,
            unit.address_moves().forget_expired(moves, AT_ONCE).await?,
            unit.activity().forget_before(activity, AT_ONCE).await?,
            unit.outbox().forget_contents(mails, AT_ONCE).await?,
            unit.jobs().forget_dead(jobs, AT_ONCE).await?,
            unit.event_log().forget_applied(events, AT_ONCE).await?,
        ];
        unit.commit().await?;
        Ok(are_left.contains(&true))
    }
}
