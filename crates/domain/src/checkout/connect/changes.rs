//! Changes to connected accounts as the provider reports them, and the mails to creators about them.

use super::Connect;
use crate::{
    clock::plus_seconds,
    id::HandleId,
    mail::{DAY_SECONDS, MailContent, MailScope, MailWriteError, NewMail},
    payments::{AccountId, AccountState, read_account},
    store::UnitOfWork,
    store_error::StoreError,
};

impl Connect {
    /// Stores the capabilities that the provider reported for an account, and tells the creator if it takes no
    /// payments any more.
    pub async fn apply(&self, account: &AccountId, state: AccountState) -> Result<(), StoreError> {
        self.set_state(account, state, false).await
    }

    /// Stores the capabilities of an account. If it takes no payments any more, its creator is told, but `once_a_day` only
    /// if no such mail was written for a day.
    async fn set_state(
        &self,
        account: &AccountId,
        state: AccountState,
        once_a_day: bool,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        if let Some(handle) = unit.connected_accounts().set_state(account, state, now).await? {
            let (scope, yesterday) =
                (MailScope::AccountClosed(handle), plus_seconds(now, -DAY_SECONDS));
            let is_told = once_a_day && unit.outbox().caused(&scope, yesterday, 0).await?.is_some();
            if !is_told {
                self.tell(&mut *unit, handle, false, None).await?;
            }
        }
        unit.commit().await
    }

    /// Disconnects an account from its handle, after its owner has withdrawn the platform's access, and tells the
    /// creator.
    pub async fn disconnect(&self, account: &AccountId) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let now = self.runtime.now();
        if let Some(handle) = unit.connected_accounts().disconnect(account, now).await? {
            self.tell(&mut *unit, handle, true, None).await?;
        }
        unit.commit().await
    }

    /// Connects the account again that its handle was connected to last, since the platform has access to it after all.
    /// Returns `false` if the handle is connected to an account, or was connected to another one later.
    pub(crate) async fn reconnect(
        &self,
        account: &AccountId,
        state: AccountState,
    ) -> Result<bool, StoreError> {
        let mut unit = self.runtime.begin().await?;
        if !unit.connected_accounts().reconnect(account).await? {
            return Ok(false);
        }
        unit.connected_accounts().set_state(account, state, self.runtime.now()).await?;
        unit.commit().await?;
        tracing::warn!(%account, "an account is connected again");
        Ok(true)
    }

    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: HandleId,
        disconnected: bool,
        refused: Option<String>,
    ) -> Result<(), StoreError> {
        let Some(to) = unit.creators().email_of_handle(handle).await? else { return Ok(()) };
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        let console_url = self.links.revenue(&shop.name);
        let shop = shop.title;
        let content = MailContent::AccountClosed { shop, disconnected, refused, console_url };
        let mail = NewMail::new(to, &content).with_handle(handle);
        match self.mails.write(unit, mail).await {
            Err(MailWriteError::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "a creator could not be told about an account");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Tells the creator of a handle that the provider refuses to open its pay pages, in the provider's words, unless a mail
    /// about its account was written in the last day.
    pub(crate) async fn tell_of_refusal(
        &self,
        handle: HandleId,
        message: &str,
    ) -> Result<(), StoreError> {
        let mut unit = self.runtime.begin().await?;
        let Some(shop) = unit.handles().find(handle).await? else { return Ok(()) };
        // If many buyers are refused at the same time, only one mail is sent.
        unit.creators().lock(shop.creator_id).await?;
        let scope = MailScope::AccountClosed(handle);
        let yesterday = plus_seconds(self.runtime.now(), -DAY_SECONDS);
        if unit.outbox().caused(&scope, yesterday, 0).await?.is_some() {
            return Ok(());
        }
        self.tell(&mut *unit, handle, false, Some(message.to_owned())).await?;
        unit.commit().await
    }

    /// Remembers that the provider refused a payment because of the account, and reads what it can do.
    pub(crate) async fn record_refusal(&self, account: &AccountId) -> Result<(), StoreError> {
        let state = match read_account(&*self.payments, account).await {
            // What the provider says of the account may lag behind what it does. Each time it is read, it is
            // ready again, until the next refusal.
            Ok(Some(told)) => {
                let state = AccountState { charges_enabled: false, ..told.state };
                return self.set_state(account, state, told.state.charges_enabled).await;
            }
            Ok(None) => return self.disconnect(account).await,
            Err(_) => AccountState { details_submitted: true, ..AccountState::default() },
        };
        self.apply(account, state).await
    }
}
