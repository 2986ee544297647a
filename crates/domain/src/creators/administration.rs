//! What the operator of an installation does with creators' accounts.

use std::sync::Arc;

use super::{AccountToken, Creator, TokenPurpose, ports::CreatorReads};
use crate::{
    email::Email,
    links::Links,
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    payments::close_orders_of_page,
    store::Runtime,
    store_error::StoreError,
    token::Token,
};

/// Why an order of the operator was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No creator has the address.
    #[error("no creator has the address {0}")]
    NotFound(Email),
    /// The creator's account is suspended, so that a new password would be of no use.
    #[error("the account of {0} is suspended")]
    Suspended(Email),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The use cases of the operator.
#[derive(Clone)]
pub struct Administration {
    runtime: Runtime,
    reads: Arc<dyn CreatorReads>,
    links: Arc<dyn Links>,
}

impl Administration {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, reads: Arc<dyn CreatorReads>, links: Arc<dyn Links>) -> Self {
        Self { runtime, reads, links }
    }

    /// Returns all creators, newest first.
    pub async fn creators(&self, page: &PageRequest) -> Result<Listing<Creator>, StoreError> {
        self.reads.creators(page).await
    }

    /// Returns a link with which a new password can be set once, within 30 minutes. Nothing is mailed, and
    /// the password stays as it is until then. It is refused while the account is suspended, when such a link sets none.
    pub async fn reset_password(&self, email: &Email) -> Result<String, AdministrationError> {
        let creator = self.creator(email).await?;
        if creator.suspended_at.is_some() {
            return Err(AdministrationError::Suspended(email.clone()));
        }
        let (now, purpose) = (self.runtime.now(), TokenPurpose::ResetPassword);
        let token = Token::new(&*self.runtime.random);
        let mut unit = self.runtime.begin().await?;
        let stored = AccountToken::new(&token, purpose, creator.id, now);
        unit.account_tokens().insert(&stored).await?;
        unit.commit().await?;
        Ok(self.links.reset_password(&token))
    }

    /// Ends all sessions of a creator.
    pub async fn end_sessions(&self, email: &Email) -> Result<(), AdministrationError> {
        let creator = self.creator(email).await?;
        let mut unit = self.runtime.begin().await?;
        unit.creator_sessions().revoke_all_of(creator.id, self.runtime.now()).await?;
        Ok(unit.commit().await?)
    }

    /// Stops a creator from signing in and from selling. Sessions end and open pay pages are closed; what was
    /// bought stays open to its buyers, and refunds at the provider are still followed.
    pub async fn suspend(&self, email: &Email) -> Result<(), AdministrationError> {
        let creator = self.creator(email).await?;
        let now = self.runtime.now();
        let mut unit = self.runtime.begin().await?;
        let since = creator.suspended_at.unwrap_or(now);
        unit.creators().set_suspended(creator.id, Some(since)).await?;
        unit.creator_sessions().revoke_all_of(creator.id, now).await?;
        unit.commit().await?;
        self.close_pay_pages(&creator).await
    }

    /// Lets a creator sign in and sell again.
    pub async fn lift(&self, email: &Email) -> Result<(), AdministrationError> {
        let creator = self.creator(email).await?;
        let mut unit = self.runtime.begin().await?;
        unit.creators().set_suspended(creator.id, None).await?;
        Ok(unit.commit().await?)
    }

    async fn creator(&self, email: &Email) -> Result<Creator, AdministrationError> {
        let found = self.reads.creator_by_email(email).await?;
        found.ok_or_else(|| AdministrationError::NotFound(email.clone()))
    }

    async fn close_pay_pages(&self, creator: &Creator) -> Result<(), AdministrationError> {
        let mut of_handles = PageRequest { limit: 100, after: None };
        loop {
            let handles = self.reads.handles_of(creator.id, &of_handles).await?;
            for handle in &handles.items {
                // In a unit of work each, so that no change of an address waits for the orders of one while it holds another's.
                for page in self.reads.page_labels(handle.id).await? {
                    let mut unit = self.runtime.begin().await?;
                    close_orders_of_page(&mut *unit, page.id, self.runtime.now()).await?;
                    unit.commit().await?;
                }
            }
            of_handles.after = handles.next;
            if of_handles.after.is_none() {
                return Ok(());
            }
        }
    }
}

opaque_debug!(Administration);
