//! Complimentary access, which creators grant and revoke.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Fact, FactKind, GrantType, NewPurchase, Purchase, PurchaseState, left::tell_of_held_beside,
    locked::begin_with_purchase, ports::PurchaseReads,
};
use crate::{
    clock::just_after,
    creators::{Creator, EmailNotVerified, Handle, Ownership, Page, from_ownership_error},
    email::Email,
    id::{MoveId, PurchaseId, VisitorId},
    links::Links,
    mail::{
        MailAbout, MailContent, MailWriteError, MailWriter, NewMail, first_language,
        from_mail_write_error,
    },
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    payments::close_open_order,
    store::{Runtime, UnitOfWork},
    store_error::StoreError,
    visitor_auth::{Visitor, ensure_visitor},
};

/// The error of granting or revoking complimentary access.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The page has no grant with this id. Paid purchases are ended by a refund instead.
    #[error("no such grant")]
    NotFound,
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(GrantError);

/// A complimentary grant, and whether it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantOutcome {
    /// The grant, stored as a purchase without payment.
    pub grant: Purchase,
    /// The visitor who has the grant.
    pub visitor: Visitor,
    /// Whether the grant was created by this call; `false` if the visitor already had it.
    pub is_new: bool,
    /// Whether a mail tells the visitor; `false` also if the visitor wants no mails from the handle.
    pub is_told: bool,
}

/// The use cases for granting and revoking complimentary access.
#[derive(Clone)]
pub struct Grants {
    runtime: Runtime,
    ownership: Ownership,
    mails: MailWriter,
    purchases: Arc<dyn PurchaseReads>,
    links: Arc<dyn Links>,
}

/// The maximum number of attempts, since the grant may be revoked between two reads.
const MAX_ROUNDS: u32 = 8;

impl Grants {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        ownership: Ownership,
        mails: MailWriter,
        purchases: Arc<dyn PurchaseReads>,
        links: Arc<dyn Links>,
    ) -> Self {
        Self { runtime, ownership, mails, purchases, links }
    }

    /// Grants access to a page to the owner of an address, and notifies them by mail. The person may
    /// never have signed in; the grant takes effect once they do. A visitor has at most one active grant
    /// of a page, however often it is granted.
    pub async fn give(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: Email,
    ) -> Result<GrantOutcome, GrantError> {
        let (handle, page) = self.ownership.page(creator, handle, slug).await?;
        creator.require_verified()?;
        for _ in 0..MAX_ROUNDS {
            let mut unit = self.runtime.begin().await?;
            let visitor = ensure_visitor(&self.runtime, &mut *unit, &email).await?;
            // If a gift and a payment come at the same time, the second one sees the first.
            unit.visitors().lock(visitor.id).await?;
            // A page that is being deleted is either gone now, or stays until this unit ends.
            unit.pages().lock(page.id).await?.ok_or(GrantError::PageNotFound)?;
            let now = self.runtime.now();
            let theirs = unit.purchases().of_visitor(visitor.id, page.id).await?;
            let grant = self.gift(&page, visitor.id, after_all(&theirs, now));
            if unit.purchases().insert(&grant).await? {
                unit.ledger().record(&self.fact(&grant, FactKind::Granted)).await?;
                close_open_order(&mut *unit, visitor.id, page.id, now).await?;
                self.mails.admit(&mut *unit, creator.id, 1).await?;
                let is_told = self.tell(&mut *unit, creator, &handle, &page, &visitor).await?;
                unit.commit().await?;
                return Ok(GrantOutcome { grant, visitor, is_new: true, is_told });
            }
            if let Some(grant) = theirs.into_iter().find(is_living_gift) {
                return Ok(GrantOutcome { grant, visitor, is_new: false, is_told: false });
            }
        }
        Err(StoreError::Conflict.into())
    }

    /// Revokes a grant. It gives no access from the return of this call on. Paid purchases of the
    /// visitor are not affected. Revoking a grant again changes nothing.
    pub async fn revoke(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        grant: PurchaseId,
    ) -> Result<(), GrantError> {
        let (_, page) = self.ownership.page(creator, handle, slug).await?;
        // With the lock of its visitor, a second payment that is released at the same time is seen here, or sees that the gift has ended.
        let locked = begin_with_purchase(&self.runtime, &*self.purchases, grant).await?;
        let locked = locked.filter(|(_, grant)| grant.page_id == page.id && is_gift(grant));
        let (mut unit, grant) = locked.ok_or(GrantError::NotFound)?;
        if revoke_gift(&self.runtime, &mut *unit, grant.clone(), None).await? {
            // It is rare, and boxed so that the futures of callers stay small.
            Box::pin(tell_of_held_beside(&mut *unit, &grant, self.runtime.now())).await?;
            unit.commit().await?;
            tracing::info!(purchase = %grant.id, "a gift was revoked");
        }
        Ok(())
    }

    fn gift(&self, page: &Page, visitor: VisitorId, created_at: Timestamp) -> Purchase {
        let new = NewPurchase {
            visitor_id: visitor,
            handle_id: page.handle_id,
            page_id: page.id,
            granted_as: GrantType::Complimentary,
            created_at,
        };
        Purchase::new(&*self.runtime.random, new)
    }

    fn fact(&self, grant: &Purchase, kind: FactKind) -> Fact {
        Fact::new(&self.runtime, kind, &grant.id, grant.subject())
    }

    async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        creator: &Creator,
        handle: &Handle,
        page: &Page,
        visitor: &Visitor,
    ) -> Result<bool, GrantError> {
        let content = MailContent::Granted {
            seller: handle.title.clone(),
            title: page.title.clone(),
            page_url: self.links.page(&handle.name, &page.slug),
        };
        let language = first_language(unit, &[&visitor.email, &creator.email]).await?;
        let mail = NewMail::about(handle, visitor.email.clone(), &content);
        let mail = mail.in_language(Some(language));
        let about = MailAbout { handle: handle.id, name: &handle.name, links: &*self.links };
        match self.mails.write_caused(unit, creator.id, about, mail).await {
            Ok(()) => Ok(true),
            Err(MailWriteError::Unwanted) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Records that a gift has ended: the creator took it back, or a change of address led to where one of the page is already.
/// Returns `false` if it had ended before.
pub(crate) async fn revoke_gift(
    runtime: &Runtime,
    unit: &mut dyn UnitOfWork,
    mut gift: Purchase,
    by: Option<MoveId>,
) -> Result<bool, StoreError> {
    if gift.revoked_at.is_some() {
        return Ok(false);
    }
    let reference = match by {
        Some(change) => format!("{change}/{}", gift.id),
        None => gift.id.to_string(),
    };
    let fact = Fact::new(runtime, FactKind::Revoked, &reference, gift.subject());
    if !unit.ledger().record(&fact).await? {
        return Ok(false);
    }
    let facts = unit.ledger().of_purchase(gift.id).await?;
    PurchaseState::of(&facts).apply_to(&mut gift);
    unit.purchases().store_state(&gift).await?;
    Ok(true)
}

/// Returns `now`, or an instant after all that a visitor has of a page already, whatever the clock said then: which of them came
/// first decides which payment is refunded.
fn after_all(theirs: &[Purchase], now: Timestamp) -> Timestamp {
    let newest = theirs.iter().map(|known| known.created_at).max();
    newest.map_or(now, |newest| now.max(just_after(newest)))
}

fn is_gift(purchase: &Purchase) -> bool {
    purchase.payment.is_none() && purchase.granted_as == GrantType::Complimentary
}

fn is_living_gift(purchase: &Purchase) -> bool {
    is_gift(purchase) && purchase.revoked_at.is_none()
}

from_ownership_error!(GrantError);

opaque_debug!(Grants);
