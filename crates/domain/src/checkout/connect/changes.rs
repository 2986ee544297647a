//! Changes to connected accounts as the provider reports them, and the mails to creators about them.

use jiff::Timestamp;

use super::Connect;
use crate::{
    checkout::{AccountTurn, FulfilmentError},
    clock::{DAY_SECONDS, plus_seconds},
    id::HandleId,
    jobs::{Finish, Job, NewJob, Outcome},
    limits::{Admission, Limit},
    mail::{MailContent, MailScope, NewMail},
    payments::{AccountId, AccountState, PaymentsError, read_account},
    store::UnitOfWork,
    store_error::StoreError,
};

/// How often a day a creator is told that an account can take payments again.
const READY: Limit = Limit::per_day("account-ready", 3);

/// What a creator is told about an account.
enum AccountNews {
    /// The account takes no payments.
    Closed { disconnected: bool, refused: Option<String> },
    /// The account takes payments again.
    Ready,
}

impl AccountNews {
    const RESTRICTED: Self = Self::Closed { disconnected: false, refused: None };
    const DISCONNECTED: Self = Self::Closed { disconnected: true, refused: None };
}

impl Connect {
    /// Stores the capabilities that the provider reported for an account when it was asked at `read_at`, unless
    /// clearly later ones are stored, and tells the creator if it takes no payments any more, or takes some again.
    pub async fn apply(
        &self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.set_state(account, state, read_at, false).await
    }

    /// Stores the capabilities of an account that were read at an instant. If it takes no payments any more, its creator is
    /// told. One who was told so is told when it takes payments again, however long that took. If this is a refusal by the
    /// provider, which says that the account can take payments, the creator is told only if no such mail was written for a day.
    /// That the account takes payments again is told a day later then, unless a pay page is opened before.
    async fn set_state(
        &self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
        is_refusal: bool,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        let yesterday = plus_seconds(now, -DAY_SECONDS);
        if is_refusal {
            unit.connected_accounts().note_refusal(account, now).await?;
        }
        let turn = unit.connected_accounts().set_state(account, state, read_at).await?;
        match turn {
            Some(AccountTurn::Closed(handle)) => {
                let scope = MailScope::AccountClosed(handle);
                let is_told =
                    is_refusal && unit.outbox().caused(&scope, yesterday, 0).await?.is_some();
                if !is_told {
                    self.tell(&mut *unit, handle, AccountNews::RESTRICTED).await?;
                }
            }
            Some(AccountTurn::Opened(handle)) if was_told(&mut *unit, handle).await? => {
                if !unit.connected_accounts().was_refused_since(account, yesterday).await? {
                    // Counting is a unit of work of its own, so that this one begins again.
                    drop(unit);
                    return self.open(account, state, read_at).await;
                }
                let tomorrow = plus_seconds(now, DAY_SECONDS + 1);
                unit.jobs().enqueue(&NewJob::new(Job::TellOfAccount(handle), tomorrow)).await?;
            }
            Some(AccountTurn::Opened(_)) | None => {}
        }
        unit.commit().await
    }

    /// Stores the capabilities of an account that takes payments again, and tells the creator, who was told that it takes
    /// none. A creator who was told so too often is told when the limit admits it.
    async fn open(
        &self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<(), StoreError> {
        let now = self.runtime.now();
        let admission = self.limits.admit(READY, account.as_str(), now).await?;
        let mut unit = self.runtime.begin().await?;
        let turn = unit.connected_accounts().set_state(account, state, read_at).await?;
        if let Some(AccountTurn::Opened(handle)) = turn {
            match admission {
                Admission::Admitted => self.tell(&mut *unit, handle, AccountNews::Ready).await?,
                Admission::Limited { retry_after_seconds } => {
                    let later = plus_seconds(now, retry_after_seconds.cast_signed());
                    unit.jobs().enqueue(&NewJob::new(Job::TellOfAccount(handle), later)).await?;
                }
            }
        }
        unit.commit().await
    }

    /// Tells the creator of a handle that its account takes payments again, if it does, no payment was refused for a day, and
    /// the creator was told that it takes none.
    pub(crate) async fn tell_later(&self, handle: HandleId) -> Result<Finish, FulfilmentError> {
        let Some(connected) = self.reads.connected_account(handle).await? else {
            return Ok(Finish::done());
        };
        let account = &connected.account;
        // When the account takes payments again, that turn tells the creator or queues this job again.
        if !self.reads_as_active(account).await? {
            return Ok(Finish::done());
        }
        let now = self.runtime.now();
        let yesterday = plus_seconds(now, -DAY_SECONDS);
        if self.reads.account_was_refused_since(account, yesterday).await? {
            let tomorrow = plus_seconds(now, DAY_SECONDS);
            return Ok(Finish::of(Outcome::NotBefore(tomorrow)));
        }
        self.tell_ready(handle, account, now).await?;
        Ok(Finish::done())
    }

    /// Tells the creator of a handle that its account takes payments again, as of a pay page that was asked for at an instant and
    /// opened, if the creator was told that it takes none. A refusal before that counts no more.
    pub(crate) async fn tell_ready(
        &self,
        handle: HandleId,
        account: &AccountId,
        asked_at: Timestamp,
    ) -> Result<(), StoreError> {
        let now = self.runtime.now();
        let is_due = self.reads_as_told(handle).await?;
        let admission = if is_due {
            self.limits.admit(READY, account.as_str(), now).await?
        } else {
            Admission::Admitted
        };
        let mut unit = self.runtime.begin().await?;
        if let Admission::Limited { retry_after_seconds } = admission {
            let later = plus_seconds(now, retry_after_seconds.cast_signed());
            unit.jobs().enqueue(&NewJob::new(Job::TellOfAccount(handle), later)).await?;
            return unit.commit().await;
        }
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        // If many pay pages are opened at the same time, only one mail is sent.
        unit.creators().lock(shop.creator_id).await?;
        if was_told(&mut *unit, handle).await? {
            if !is_due {
                // Another refusal was told in the meantime. The next pay page ends it.
                return Ok(());
            }
            self.tell(&mut *unit, handle, AccountNews::Ready).await?;
        }
        unit.connected_accounts().forget_refusal(account, asked_at).await?;
        unit.commit().await
    }

    /// Returns the same as [`was_told`], outside a unit of work.
    async fn reads_as_told(&self, handle: HandleId) -> Result<bool, StoreError> {
        let (closed, ever) = (MailScope::AccountClosed(handle), Timestamp::UNIX_EPOCH);
        let closed = self.outbox.caused(&closed, ever, 0).await?;
        let Some(closed_at) = closed else { return Ok(false) };
        let ready = self.outbox.caused(&MailScope::AccountReady(handle), closed_at, 0).await?;
        Ok(ready.is_none())
    }

    /// Returns whether the provider says that an account can take payments.
    pub(crate) async fn reads_as_active(&self, account: &AccountId) -> Result<bool, PaymentsError> {
        let told = read_account(&*self.payments, account).await?;
        Ok(told.is_some_and(|told| told.state.charges_enabled))
    }

    /// Disconnects an account from its handle, after its owner has withdrawn the platform's access, and tells the
    /// creator.
    pub async fn disconnect(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        if let Some(handle) = unit.connected_accounts().disconnect(account, now).await? {
            self.tell(&mut *unit, handle, AccountNews::DISCONNECTED).await?;
        }
        unit.commit().await
    }

    /// Connects the account again that its handle was connected to last, since the platform has access to it after all.
    /// Returns `false` if the handle is connected to an account, or was connected to another one later.
    pub(crate) async fn reconnect(
        &self,
        account: &AccountId,
        state: AccountState,
        read_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        if !unit.connected_accounts().reconnect(account).await? {
            return Ok(false);
        }
        // The creator was told that it is gone, and hears of the turn that follows.
        let closed = AccountState { charges_enabled: false, ..state };
        unit.connected_accounts().set_state(account, closed, read_at).await?;
        unit.commit().await?;
        self.apply(account, state, read_at).await?;
        tracing::warn!(%account, "an account is connected again");
        Ok(true)
    }

    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        news: AccountNews,
    ) -> Result<(), StoreError> {
        let Some(to) = unit.creators().email_of_handle(handle).await? else { return Ok(()) };
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        let console_url = self.links.revenue(&shop.name);
        let shop = shop.title;
        let content = match news {
            AccountNews::Closed { disconnected, refused } => {
                MailContent::AccountClosed { shop, disconnected, refused, console_url }
            }
            AccountNews::Ready => MailContent::AccountReady { shop, console_url },
        };
        let mail = NewMail::new(to, &content).with_handle(handle);
        self.mails.write_if_possible(unit, mail, "an account").await
    }

    /// Tells the creator of a handle that the provider refuses to open its pay pages, in the provider's words, unless a mail
    /// about its account was written in the last day. That it opens some again is told with the next one.
    pub(crate) async fn tell_of_refusal(
        &self,
        handle: HandleId,
        account: &AccountId,
        message: &str,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        // If many buyers are refused at the same time, only one mail is sent.
        unit.creators().lock(shop.creator_id).await?;
        let (scope, now) = (MailScope::AccountClosed(handle), self.runtime.now());
        unit.connected_accounts().note_refusal(account, now).await?;
        let yesterday = plus_seconds(now, -DAY_SECONDS);
        if unit.outbox().caused(&scope, yesterday, 0).await?.is_some() {
            return unit.commit().await;
        }
        let refused = Some(message.to_owned());
        let news = AccountNews::Closed { disconnected: false, refused };
        self.tell(&mut *unit, handle, news).await?;
        unit.commit().await
    }

    /// Remembers that the provider refused a payment because of the account, and reads what it can do.
    pub(crate) async fn record_refusal(&self, account: &AccountId) -> Result<(), StoreError> {
        let read_at = self.runtime.now();
        let state = match read_account(&*self.payments, account).await {
            // What the provider says of the account may lag behind what it does. Each time it is read, it is
            // ready again, until the next refusal.
            Ok(Some(told)) => {
                let state = AccountState { charges_enabled: false, ..told.state };
                let is_refusal = told.state.charges_enabled;
                return self.set_state(account, state, read_at, is_refusal).await;
            }
            Ok(None) => return self.disconnect(account).await,
            Err(_) => AccountState { details_submitted: true, ..AccountState::default() },
        };
        self.apply(account, state, read_at).await
    }
}

/// Returns whether the creator of a handle was told that its account takes no payments, and not since that it does again.
async fn was_told(unit: &mut dyn UnitOfWork, handle: HandleId) -> Result<bool, StoreError> {
    let (closed, ever) = (MailScope::AccountClosed(handle), Timestamp::UNIX_EPOCH);
    let closed = unit.outbox().caused(&closed, ever, 0).await?;
    let Some(closed_at) = closed else { return Ok(false) };
    let ready = unit.outbox().caused(&MailScope::AccountReady(handle), closed_at, 0).await?;
    Ok(ready.is_none())
}
