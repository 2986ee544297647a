//! Connecting a creator's own payment account to a handle.

mod changes;
mod status;

use std::sync::Arc;

use super::{ConnectError, ConnectedAccount, ports::CheckoutReads};
use crate::{
    clock::plus_seconds,
    creators::{Creator, Handle, Ownership, ports::CreatorReads},
    limits::{Limit, RateLimits},
    links::Links,
    mail::MailWriter,
    names::HandleName,
    opaque_debug::opaque_debug,
    payments::{AccountId, AccountState, Payments, PaymentsError, read_account},
    random,
    store::Runtime,
};

/// How far the clocks of the provider and of this machine may differ.
const CLOCKS_DIFFER_SECONDS: i64 = 600;

/// The limit for links to the provider's onboarding, which are single use, per handle.
const PER_HANDLE: Limit = Limit::per_minute("connect-handle", 10, 10);

/// The ports that connecting payment accounts needs.
#[derive(Clone)]
pub struct ConnectPorts {
    /// Reads orders and connected accounts.
    pub reads: Arc<dyn CheckoutReads>,
    /// Reads creators and handles.
    pub creators: Arc<dyn CreatorReads>,
    /// The payment provider.
    pub payments: Arc<dyn Payments>,
    /// Counts requests against the limits.
    pub limits: Arc<dyn RateLimits>,
    /// Makes the URLs in mails.
    pub links: Arc<dyn Links>,
}

/// Connects payment accounts.
#[derive(Clone)]
pub struct Connect {
    runtime: Runtime,
    reads: Arc<dyn CheckoutReads>,
    creators: Arc<dyn CreatorReads>,
    ownership: Ownership,
    payments: Arc<dyn Payments>,
    limits: Arc<dyn RateLimits>,
    mails: MailWriter,
    links: Arc<dyn Links>,
}

impl Connect {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, ports: ConnectPorts, mails: MailWriter) -> Self {
        let ConnectPorts { reads, creators, payments, limits, links } = ports;
        let ownership = Ownership::new(creators.clone());
        Self { runtime, reads, creators, ownership, payments, limits, mails, links }
    }

    /// Returns a URL where the creator connects the handle's account. The account is created if there is
    /// none. Both URLs are pages of the caller. A creator who was suspended since signing in is refused.
    pub async fn begin(
        &self,
        creator: &Creator,
        name: &HandleName,
        return_url: &str,
        refresh_url: &str,
    ) -> Result<String, ConnectError> {
        let handle = self.ownership.handle(creator, name).await?;
        creator.require_verified()?;
        let known = self.creators.creator(creator.id).await?;
        if known.is_none_or(|creator| creator.suspended_at.is_some()) {
            return Err(ConnectError::Suspended);
        }
        let now = self.runtime.now();
        let admission = self.limits.admit(PER_HANDLE, &handle.id.to_string(), now).await?;
        admission.or_else(|retry_after_seconds| ConnectError::Limited { retry_after_seconds })?;
        if let Some(connected) = self.reads.connected_account(handle.id).await? {
            let account = connected.account;
            match self.payments.onboarding_link(&account, return_url, refresh_url).await {
                // A deleted account may be refused with any reason.
                Err(error @ PaymentsError::Refused { .. }) => {
                    if read_account(&*self.payments, &account).await?.is_some() {
                        return Err(error.into());
                    }
                    // The creator has withdrawn the platform's access, and the event for it was lost.
                    self.disconnect(&account).await?;
                }
                link => return Ok(link?),
            }
        }
        let account = self.create(creator, &handle).await?;
        Ok(self.payments.onboarding_link(&account, return_url, refresh_url).await?)
    }

    async fn create(&self, creator: &Creator, handle: &Handle) -> Result<AccountId, ConnectError> {
        // Until the account is stored, the label stays the same and returns the same account. After a
        // disconnection it is a new one.
        let earlier = self.reads.count_of_accounts(handle.id).await?;
        let label = format!("account-{}-{earlier}", handle.id);
        let since = plus_seconds(handle.created_at, -CLOCKS_DIFFER_SECONDS);
        // The answer to an earlier request may have been lost, and the provider forgets its key after a day. A search among too
        // many accounts delays no other request.
        let found = self.payments.find_account(&label, since).await.unwrap_or_else(|error| {
            tracing::warn!(handle = %handle.id, %error, "an account could not be looked for");
            None
        });
        let account = match found {
            Some(account) => account,
            None => self.create_new(creator, handle, &label).await?,
        };
        let now = self.runtime.now();
        let connected = ConnectedAccount {
            account,
            handle_id: handle.id,
            state: AccountState::default(),
            created_at: now,
            updated_at: now,
        };
        let mut unit = self.runtime.begin().await?;
        if unit.connected_accounts().insert(&connected).await? {
            unit.commit().await?;
            return Ok(connected.account);
        }
        // A parallel request was faster, which used the same key and therefore got the same account, or a sweep has
        // connected an earlier account again.
        drop(unit);
        let there = self.reads.connected_account(handle.id).await?;
        Ok(there.map_or(connected.account, |there| there.account))
    }

    /// Creates an account. If the provider keeps its answer as failed, the account may have been created.
    async fn create_new(
        &self,
        creator: &Creator,
        handle: &Handle,
        label: &str,
    ) -> Result<AccountId, PaymentsError> {
        let error = match self.payments.create_account(label, "", &creator.email).await {
            Err(PaymentsError::Failed(error)) => error,
            created => return created,
        };
        tracing::warn!(handle = %handle.id, error, "an account is looked for");
        let since = plus_seconds(handle.created_at, -CLOCKS_DIFFER_SECONDS);
        if let Some(account) = self.payments.find_account(label, since).await? {
            return Ok(account);
        }
        let attempt = u64::from_be_bytes(random::bytes(&*self.runtime.random));
        self.payments.create_account(label, &format!("{attempt:016x}"), &creator.email).await
    }
}

opaque_debug!(Connect, ConnectPorts);
