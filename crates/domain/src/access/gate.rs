//! The use cases of the gate.

use std::sync::Arc;

use super::{
    AccessRecord, Reason, Viewer, decide,
    ports::{AccessReads, PageAccess, PageQuery},
};
use crate::{
    clock::Clock,
    creators::{AccessMode, Handle, HandleName, Page, PageStatus, Slug, ports::CreatorReads},
    id::{CreatorId, VisitorId},
    paging::{Listing, PageRequest},
    store::{Store, StoreError},
    token::TokenHash,
    visitor_auth::Visitor,
};

/// Why there is no decision.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// For whoever asks there is no such page.
    #[error("no such page")]
    PageNotFound,
    /// The store failed: nobody is let in.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who asks, as far as the request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewerClaim {
    /// The token in the visitor's cookie; it is checked in the same statement as everything else.
    pub session: Option<TokenHash>,
    /// The creator, whose token was checked before.
    pub creator: Option<CreatorId>,
}

/// A page as one viewer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageView {
    /// The handle.
    pub handle: Handle,
    /// The page; its body is empty unless the reason gives access.
    pub page: Page,
    /// Why it is open or closed.
    pub reason: Reason,
    /// Who is signed in.
    pub visitor: Option<Visitor>,
}

/// The gate.
#[derive(Clone)]
pub struct Gate {
    reads: Arc<dyn AccessReads>,
    creators: Arc<dyn CreatorReads>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Gate {
    /// A gate in front of what `reads` knows.
    pub fn new(
        reads: Arc<dyn AccessReads>,
        creators: Arc<dyn CreatorReads>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { reads, creators, store, clock }
    }

    /// Whether the viewer may see the page now. One round trip to the store, but for the first time
    /// that a visitor sees a page that is free with login, which is recorded.
    pub async fn check(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<Reason, AccessError> {
        let query = self.query(handle, slug, claim);
        let access = self.reads.page_access(&query).await?;
        let access = access.ok_or(AccessError::PageNotFound)?;
        let reason = judge(&access, claim).ok_or(AccessError::PageNotFound)?;
        self.record_first_visit(&access, reason).await?;
        Ok(reason)
    }

    /// The page as the viewer may see it now.
    pub async fn view(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<PageView, AccessError> {
        let query = self.query(handle, slug, claim);
        let found = self.reads.page_with_content(&query).await?;
        let mut found = found.ok_or(AccessError::PageNotFound)?;
        let reason = judge(&found.access, claim).ok_or(AccessError::PageNotFound)?;
        self.record_first_visit(&found.access, reason).await?;
        if !reason.has_access() {
            found.page.body.clear();
        }
        Ok(PageView { handle: found.handle, page: found.page, reason, visitor: found.visitor })
    }

    /// The published pages of a handle, newest first; `None` if there is no such handle.
    pub async fn storefront(
        &self,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Option<(Handle, Listing<Page>)>, StoreError> {
        let Some(handle) = self.creators.handle(handle).await? else {
            return Ok(None);
        };
        let pages = self.creators.pages_of(handle.id, Some(PageStatus::Published), page).await?;
        Ok(Some((handle, pages)))
    }

    /// What the visitor was ever let into, newest first.
    pub async fn history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        self.reads.history(visitor, page).await
    }

    fn query(&self, handle: HandleName, slug: Slug, claim: ViewerClaim) -> PageQuery {
        PageQuery { handle, slug, session: claim.session, now: self.clock.now() }
    }

    async fn record_first_visit(
        &self,
        access: &PageAccess,
        reason: Reason,
    ) -> Result<(), StoreError> {
        let (Some(visitor), AccessMode::FreeWithLogin, Reason::Entitled, false) =
            (access.visitor_id, access.gate.mode, reason, access.visited)
        else {
            return Ok(());
        };
        let mut unit = self.store.begin().await?;
        unit.visits().record(visitor, access.gate.page_id, self.clock.now()).await?;
        unit.commit().await
    }
}

fn judge(access: &PageAccess, claim: ViewerClaim) -> Option<Reason> {
    let viewer = Viewer {
        signed_in: access.visitor_id.is_some(),
        creator: claim.creator,
        holdings: &access.holdings,
    };
    decide(&access.gate, viewer)
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gate")
    }
}
