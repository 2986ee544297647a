//! Complimentary access: given by the creator, taken back by the creator.

use std::sync::Arc;

use super::{Fact, FactKind, GrantType, Purchase, PurchaseState};
use crate::{
    creators::{Creator, Handle, Ownership, Page, from_ownership_error},
    email::Email,
    id::{PurchaseId, VisitorId},
    links::Links,
    mail::{MailContent, MailWriteError, MailWriter, NewMail, from_mail_write_error},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    visitor_auth::Visitor,
};

/// Why nothing was given or taken back.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// Nothing of this id was given away on this page; what was paid for is given back by a refund.
    #[error("no such grant")]
    NotFound,
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(GrantError);

/// A gift, and whether it was made just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantOutcome {
    /// The gift.
    pub grant: Purchase,
    /// Whose it is.
    pub visitor: Visitor,
    /// `false` if the visitor had it already.
    pub is_new: bool,
}

/// Gives pages away.
#[derive(Clone)]
pub struct Grants {
    runtime: Runtime,
    ownership: Ownership,
    mails: MailWriter,
    links: Arc<dyn Links>,
}

/// A gift may be taken back between two looks, but not time and again.
const MAX_ROUNDS: u32 = 8;

impl Grants {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        ownership: Ownership,
        mails: MailWriter,
        links: Arc<dyn Links>,
    ) -> Self {
        Self { runtime, ownership, mails, links }
    }

    /// Opens a page to whoever can prove to have this address, and mails them. It may be somebody who
    /// never signed in: the gift opens nothing until they do. A visitor has one living gift of a page,
    /// however often it is given.
    pub async fn give(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: Email,
    ) -> Result<GrantOutcome, GrantError> {
        let (handle, page) = self.ownership.page(creator, handle, slug).await?;
        for _ in 0..MAX_ROUNDS {
            let now = self.runtime.now();
            let id = VisitorId::new(now, &*self.runtime.random);
            let candidate = Visitor { id, email: email.clone(), created_at: now };
            let mut unit = self.runtime.begin().await?;
            // A page that is being deleted is either gone now, or stays until this is done.
            unit.pages().lock(page.id).await?.ok_or(GrantError::PageNotFound)?;
            let visitor = unit.visitors().ensure(&candidate).await?;
            let grant = self.gift(&page, visitor.id);
            if unit.purchases().insert(&grant).await? {
                unit.ledger().record(&self.fact(&grant, FactKind::Granted)).await?;
                self.tell(&mut *unit, &handle, &page, &visitor).await?;
                unit.commit().await?;
                return Ok(GrantOutcome { grant, visitor, is_new: true });
            }
            let theirs = unit.purchases().of_visitor(visitor.id, page.id).await?;
            if let Some(grant) = theirs.into_iter().find(is_living_gift) {
                return Ok(GrantOutcome { grant, visitor, is_new: false });
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Takes a gift back: from the answer on it opens nothing. What the visitor bought stays. Taking it
    /// back again changes nothing.
    pub async fn revoke(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        grant: PurchaseId,
    ) -> Result<(), GrantError> {
        let (_, page) = self.ownership.page(creator, handle, slug).await?;
        let mut unit = self.runtime.begin().await?;
        let grant = unit.purchases().lock(grant).await?;
        let grant = grant.filter(|grant| grant.page_id == page.id && is_gift(grant));
        let mut grant = grant.ok_or(GrantError::NotFound)?;
        if unit.ledger().record(&self.fact(&grant, FactKind::Revoked)).await? {
            let facts = unit.ledger().of_purchase(grant.id).await?;
            PurchaseState::of(&facts).apply_to(&mut grant);
            unit.purchases().store_state(&grant).await?;
            unit.commit().await?;
            tracing::info!(purchase = %grant.id, "a gift was taken back");
        }
        Ok(())
    }

    fn gift(&self, page: &Page, visitor: VisitorId) -> Purchase {
        let now = self.runtime.now();
        Purchase {
            id: PurchaseId::new(now, &*self.runtime.random),
            visitor_id: visitor,
            handle_id: page.handle_id,
            page_id: page.id,
            created_at: now,
            payment: None,
            granted_as: GrantType::Complimentary,
            grant_type: GrantType::Complimentary,
            refunded: 0,
            refund_reserved: 0,
            suspended_at: None,
            revoked_at: None,
        }
    }

    fn fact(&self, grant: &Purchase, kind: FactKind) -> Fact {
        Fact::new(&self.runtime, kind, &grant.id, grant.subject())
    }

    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        handle: &Handle,
        page: &Page,
        visitor: &Visitor,
    ) -> Result<(), GrantError> {
        let content = MailContent::Granted {
            seller: handle.title.clone(),
            title: page.title.clone(),
            page_url: self.links.page(&handle.name, &page.slug),
        };
        let mail = NewMail {
            to: visitor.email.clone(),
            handle_id: Some(handle.id),
            content: &content,
            signature: handle.texts.clone(),
        };
        Ok(self.mails.write(unit, mail).await?)
    }
}

fn is_gift(purchase: &Purchase) -> bool {
    purchase.payment.is_none() && purchase.granted_as == GrantType::Complimentary
}

fn is_living_gift(purchase: &Purchase) -> bool {
    is_gift(purchase) && purchase.revoked_at.is_none()
}

from_ownership_error!(GrantError);

opaque_debug!(Grants);
