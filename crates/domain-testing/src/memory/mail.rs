//! Mails: those that were written, who takes none, and who reads which language.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{MailRow, State, oldest, part},
    unit::MemoryUnit,
};
use tollgate_domain::{
    email::Email,
    id::{CreatorId, HandleId, MailId},
    language::Language,
    mail::{
        LoggedMail, MailKind, MailScope, MailStatus, QueuedMail, Returned,
        ports::{
            Languages, MailBacklog, MailCausers, MailStops, Outbox, OutboxReads, ReturnedMails,
        },
    },
    paging::{Cursor, Listing, PageRequest},
    seal::Sealed,
    store_error::StoreError,
};

impl MailRow {
    fn can_be_revived(&self) -> bool {
        self.status == MailStatus::Dead && !self.mail.sealed.0.is_empty()
    }

    /// Returns the mail without its content.
    pub(super) fn logged(&self, state: &State) -> LoggedMail {
        let stopped = self.mail.handle_id.map(|handle| (handle, self.mail.to.clone()));
        LoggedMail {
            is_stopped: stopped.is_some_and(|stop| state.mail_stops.contains_key(&stop)),
            id: self.mail.id,
            kind: self.mail.kind,
            to: self.mail.to.clone(),
            status: self.status,
            attempts: self.attempts,
            queued_at: self.mail.queued_at,
            sent_at: self.sent_at,
            last_error: self.last_error.clone(),
        }
    }
}

impl State {
    fn caused(&self, scope: &MailScope, since: Timestamp, rank: u32) -> Option<Timestamp> {
        let is_theirs = |mail: &QueuedMail| {
            let handle = mail.handle_id.and_then(|handle| self.handles.get(&handle));
            handle.is_some_and(|handle| match scope {
                MailScope::Creator(creator) => handle.creator_id == *creator,
                MailScope::Recipient(creator, email) => {
                    handle.creator_id == *creator && mail.to == *email
                }
                MailScope::AccountClosed(id)
                | MailScope::AccountReady(id)
                | MailScope::TargetReached(id) => handle.id == *id,
            })
        };
        let caused = self
            .mails
            .values()
            .map(|row| &row.mail)
            .filter(|mail| scope.kinds().contains(&mail.kind) && mail.queued_at > since);
        let mut times: Vec<_> =
            caused.filter(|mail| is_theirs(mail)).map(|mail| mail.queued_at).collect();
        times.sort_by_key(|at| std::cmp::Reverse(*at));
        usize::try_from(rank).ok().and_then(|rank| times.get(rank).copied())
    }
}

#[async_trait]
impl Outbox for MemoryUnit {
    async fn insert(&mut self, mail: &QueuedMail) -> Result<(), StoreError> {
        let mails = self.state().await?.mails.edit();
        if mails.contains_key(&mail.id) {
            return self.conflict();
        }
        let row = MailRow {
            mail: mail.clone(),
            attempts: 0,
            status: MailStatus::Queued,
            sent_at: None,
            last_error: None,
        };
        mails.insert(mail.id, row);
        Ok(())
    }

    async fn sent(
        &mut self,
        id: MailId,
        attempts: u32,
        now: Timestamp,
        keep: bool,
    ) -> Result<(), StoreError> {
        let row = self.state().await?.mails.edit().get_mut(&id);
        if let Some(row) = row.filter(|row| row.status != MailStatus::Sent) {
            row.status = MailStatus::Sent;
            row.attempts = attempts;
            row.sent_at = Some(now);
            row.last_error = None;
            if !keep {
                row.mail.sealed = Sealed(Vec::new());
            }
        }
        Ok(())
    }

    async fn caused(
        &mut self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().await?.caused(scope, since, rank))
    }

    async fn forget_contents(&mut self, instant: Timestamp, most: u32) -> Result<bool, StoreError> {
        let mails = self.state().await?.mails.edit();
        let has_content = |row: &MailRow| !row.mail.sealed.0.is_empty();
        let (mut old, are_sent_left) =
            oldest(mails, instant, most, |row| row.sent_at.filter(|_| has_content(row)));
        let (dead, are_dead_left) = oldest(mails, instant, most, |row| {
            let is_dead = row.sent_at.is_none() && row.status == MailStatus::Dead;
            (is_dead && has_content(row)).then_some(row.mail.queued_at)
        });
        old.extend(dead);
        for key in old {
            if let Some(row) = mails.get_mut(&key) {
                row.mail.sealed = Sealed(Vec::new());
            }
        }
        Ok(are_sent_left || are_dead_left)
    }

    async fn revive(&mut self, id: MailId) -> Result<Option<MailKind>, StoreError> {
        let mails = self.state().await?.mails.edit();
        let dead = mails.get_mut(&id).filter(|row| row.can_be_revived());
        Ok(dead.map(|row| {
            row.status = MailStatus::Queued;
            row.attempts = 0;
            row.last_error = None;
            row.mail.kind
        }))
    }

    async fn failed(
        &mut self,
        id: MailId,
        attempts: u32,
        reason: &str,
        is_dead: bool,
    ) -> Result<(), StoreError> {
        let row = self.state().await?.mails.edit().get_mut(&id);
        if let Some(row) = row.filter(|row| row.status == MailStatus::Queued) {
            row.attempts = attempts;
            row.last_error = Some(reason.to_owned());
            row.status = if is_dead { MailStatus::Dead } else { row.status };
        }
        Ok(())
    }
}

#[async_trait]
impl MailStops for MemoryUnit {
    async fn insert(
        &mut self,
        handle: HandleId,
        email: &Email,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let stops = self.state().await?.mail_stops.edit();
        stops.entry((handle, email.clone())).or_insert(now);
        Ok(())
    }

    async fn delete(&mut self, handle: HandleId, email: &Email) -> Result<(), StoreError> {
        self.state().await?.mail_stops.edit().remove(&(handle, email.clone()));
        Ok(())
    }

    async fn is_stopped(&mut self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        Ok(self.state().await?.mail_stops.contains_key(&(handle, email.clone())))
    }
}

#[async_trait]
impl ReturnedMails for MemoryUnit {
    async fn bounced(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        let returned = self.state().await?.returned_mails.edit();
        returned.entry(email.clone()).or_default().bounced_at = Some(now);
        Ok(())
    }

    async fn complained(&mut self, email: &Email, now: Timestamp) -> Result<(), StoreError> {
        let returned = self.state().await?.returned_mails.edit();
        returned.entry(email.clone()).or_default().complained_at = Some(now);
        Ok(())
    }

    async fn arrived(&mut self, email: &Email) -> Result<(), StoreError> {
        let returned = self.state().await?.returned_mails.edit();
        returned.entry(email.clone()).and_modify(|returned| returned.bounced_at = None);
        Ok(())
    }
}

fn has_sold(state: &State, id: CreatorId) -> bool {
    let is_theirs =
        |handle: &HandleId| state.handles.get(handle).is_some_and(|handle| handle.creator_id == id);
    let mut sales = state.purchases.values().filter(|purchase| purchase.payment.is_some());
    sales.any(|purchase| is_theirs(&purchase.handle_id))
}

#[async_trait]
impl MailCausers for MemoryUnit {
    async fn lock(&mut self, _: CreatorId) -> Result<(), StoreError> {
        // Units run one after the other.
        self.state().await.map(drop)
    }

    async fn has_sold(&mut self, id: CreatorId) -> Result<bool, StoreError> {
        Ok(has_sold(self.state().await?, id))
    }
}

#[async_trait]
impl Languages for MemoryUnit {
    async fn remember(&mut self, email: &Email, language: Language) -> Result<(), StoreError> {
        self.state().await?.languages.edit().insert(email.clone(), language);
        Ok(())
    }

    async fn of(&mut self, email: &Email) -> Result<Option<Language>, StoreError> {
        Ok(self.state().await?.languages.get(email).copied())
    }
}

#[async_trait]
impl OutboxReads for MemoryStore {
    async fn queued_mail(&self, id: MailId) -> Result<Option<QueuedMail>, StoreError> {
        let state = self.read().await?;
        let row = state.mails.get(&id).filter(|row| row.status == MailStatus::Queued);
        Ok(row.map(|row| row.mail.clone()))
    }

    async fn mail_about(
        &self,
        handle: HandleId,
        id: MailId,
    ) -> Result<Option<(QueuedMail, MailStatus)>, StoreError> {
        let state = self.read().await?;
        let row = state.mails.get(&id).filter(|row| row.mail.handle_id == Some(handle));
        Ok(row.map(|row| (row.mail.clone(), row.status)))
    }

    async fn dead_mails(&self, page: &PageRequest) -> Result<Listing<LoggedMail>, StoreError> {
        let state = self.read().await?;
        let dead = state.mails.values().filter(|row| row.can_be_revived());
        let cursor = |mail: &LoggedMail| Cursor { at: mail.queued_at, id: mail.id.to_string() };
        Ok(part(dead.map(|row| row.logged(&state)).collect(), page, cursor))
    }

    async fn backlog(&self) -> Result<MailBacklog, StoreError> {
        let state = self.read().await?;
        let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        let queued = || state.mails.values().filter(|row| row.status == MailStatus::Queued);
        Ok(MailBacklog {
            waiting: count(queued().count()),
            waiting_since: queued().map(|row| row.mail.queued_at).min(),
            dead: count(state.mails.values().filter(|row| row.can_be_revived()).count()),
        })
    }

    async fn has_stopped(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        Ok(self.read().await?.mail_stops.contains_key(&(handle, email.clone())))
    }

    async fn has_sold(&self, creator: CreatorId) -> Result<bool, StoreError> {
        Ok(has_sold(&self.read().await?, creator))
    }

    async fn caused(
        &self,
        scope: &MailScope,
        since: Timestamp,
        rank: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read().await?.caused(scope, since, rank))
    }

    async fn returned(&self, email: &Email) -> Result<Returned, StoreError> {
        let state = self.read().await?;
        Ok(state.returned_mails.get(email).copied().unwrap_or_default())
    }

    async fn has_mail_to(&self, handle: HandleId, email: &Email) -> Result<bool, StoreError> {
        let state = self.read().await?;
        let is_it = |row: &MailRow| row.mail.handle_id == Some(handle) && row.mail.to == *email;
        Ok(state.mails.values().any(is_it))
    }

    async fn first_sent(
        &self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Option<Timestamp>, StoreError> {
        let state = self.read().await?;
        let mails = state.mails.values();
        let theirs =
            mails.filter(|row| row.mail.handle_id == Some(handle) && row.mail.to == *email);
        Ok(theirs.filter_map(|row| row.sent_at).min())
    }
}
