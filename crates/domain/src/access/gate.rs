//! The use cases of the gate in front of pages and files.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    AccessRecord, Holding, Reason, ResourceType, Viewer, Views, decide,
    ports::{AccessReads, ResourceAccess, ResourceQuery},
};
use crate::{
    activity::{Activity, ActivityKind},
    creators::{AccessMode, Handle, Page, PageLabel, PageStatus, ports::CreatorReads},
    id::{CreatorId, HandleId, PageId, VisitorId},
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    store::Runtime,
    store_error::StoreError,
    token::TokenHash,
    visitor_auth::Visitor,
};

/// The error of a request for a decision.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The page or file does not exist for the viewer.
    #[error("no such page or file")]
    NotFound(ResourceType),
    /// The store failed, so access is denied.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The viewer of a page or file, as identified by the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ViewerClaim {
    /// The hash of the token in the visitor's cookie. It is verified in the same statement that reads
    /// the other facts.
    pub session: Option<TokenHash>,
    /// The creator, whose token has already been verified.
    pub creator: Option<CreatorId>,
    /// Whether and when the view is recorded.
    pub recording: Recording,
}

/// Whether and when a view is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recording {
    /// Before the decision is returned.
    #[default]
    Now,
    /// When [`Views::store`] is called next.
    Later,
    /// Like [`Later`](Self::Later), but without the first view of a page that is free with login, which would tell its
    /// creator who came: a page embeds the file, or another site led to the page, as the pay page does.
    PaidOnly,
    /// Not at all, because the visitor did not ask for the page: a prefetch, a request for headers alone, or
    /// a script of another site.
    Never,
}

/// A page as one viewer may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageView {
    /// The handle that the page belongs to.
    pub handle: Handle,
    /// The page; its body is empty unless the reason gives access.
    pub page: Page,
    /// Whether files are attached to the page.
    pub has_files: bool,
    /// The reason of the decision.
    pub reason: Reason,
    /// The visitor who is signed in, if any.
    pub visitor: Option<Visitor>,
    /// That visitor's purchases of the page, whether or not they still give access.
    pub holdings: Vec<Holding>,
    /// The length of the body in characters, if the viewer may not see it; 0 otherwise.
    pub hidden_characters: usize,
}

/// The use cases of the gate.
#[derive(Clone)]
pub struct Gate {
    runtime: Runtime,
    reads: Arc<dyn AccessReads>,
    creators: Arc<dyn CreatorReads>,
    views: Views,
}

impl Gate {
    /// Creates the use cases.
    pub fn new(
        runtime: Runtime,
        reads: Arc<dyn AccessReads>,
        creators: Arc<dyn CreatorReads>,
    ) -> Self {
        let views = Views::new(runtime.clone());
        Self { runtime, reads, creators, views }
    }

    /// Returns the views that are noted. A program that records them later stores them every few seconds,
    /// and before it ends.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// Decides whether the viewer may see a page or download a file now. It needs one round trip to the
    /// store, and a second one to record a visitor's first view of a page that is free with login.
    pub async fn check(
        &self,
        resource: ResourceType,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<Reason, AccessError> {
        let query = self.query(handle, slug, claim);
        let access = self.reads.access(resource, &query).await?;
        let access = access.ok_or(AccessError::NotFound(resource))?;
        let (reason, is_first) = self.decide(&access, claim)?;
        self.record(&access, claim, is_first).await?;
        Ok(reason)
    }

    /// Returns the page as the viewer may see it now.
    pub async fn view(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> Result<PageView, AccessError> {
        let query = self.query(handle, slug, claim);
        let found = self.reads.page_with_access(&query).await?;
        let mut found = found.ok_or(AccessError::NotFound(ResourceType::Page))?;
        let (reason, is_first) = self.decide(&found.access, claim)?;
        let is_use = self.note(&found.access, claim, ActivityKind::Viewed, &found.page.slug);
        self.record(&found.access, claim, is_first || is_use).await?;
        let mut hidden_characters = 0;
        if !reason.has_access() {
            hidden_characters = found.page.body.chars().count();
            found.page.body.clear();
        }
        Ok(PageView {
            handle: found.handle,
            page: found.page,
            has_files: found.has_files,
            reason,
            visitor: found.visitor,
            holdings: found.access.holdings,
            hidden_characters,
        })
    }

    /// Returns the handle with this name, for pages that name the seller.
    pub async fn seller(&self, handle: &HandleName) -> Result<Option<Handle>, StoreError> {
        self.creators.handle(handle).await
    }

    /// Returns the published pages of a handle without their texts, newest first; `None` if there is no such handle.
    pub async fn storefront(
        &self,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Option<(Handle, Listing<PageLabel>)>, StoreError> {
        let Some(handle) = self.creators.handle(handle).await? else {
            return Ok(None);
        };
        let pages = self.creators.labels_of(handle.id, Some(PageStatus::Published), page).await?;
        Ok(Some((handle, pages)))
    }

    /// Returns which of these pages the visitor has bought or was given, and may open for that.
    pub async fn owned(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeSet<PageId>, StoreError> {
        if pages.is_empty() {
            return Ok(BTreeSet::new());
        }
        let held = self.reads.holdings_of(visitor, pages).await?;
        let open = held.into_iter().filter(|(_, held)| held.is_open());
        Ok(open.map(|(page, _)| page).collect())
    }

    /// Returns the visitor's access history, newest first.
    pub async fn history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        self.reads.history(visitor, None, page).await
    }

    /// Returns the part of the visitor's access history that is about these handles, newest first.
    pub async fn history_at(
        &self,
        visitor: VisitorId,
        handles: Vec<HandleId>,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        self.reads.history(visitor, Some(handles), page).await
    }

    pub(crate) fn query(
        &self,
        handle: HandleName,
        slug: Slug,
        claim: ViewerClaim,
    ) -> ResourceQuery {
        ResourceQuery { handle, slug, session: claim.session, now: self.runtime.now() }
    }

    /// Makes the decision from the facts that were read, and returns whether a first view was noted with it.
    pub(crate) fn decide(
        &self,
        access: &ResourceAccess,
        claim: ViewerClaim,
    ) -> Result<(Reason, bool), AccessError> {
        let viewer = Viewer {
            signed_in: access.visitor_id.is_some(),
            creator: claim.creator,
            holdings: &access.holdings,
            listed: access.listed,
            ..Viewer::default()
        };
        let not_found = AccessError::NotFound(access.resource.resource_type());
        let reason = decide(&access.gate, viewer).ok_or(not_found)?;
        let page = access.gate.terms.page();
        let page = page.filter(|page| page.mode == AccessMode::FreeWithLogin);
        if let (Some(visitor), Some(page), Reason::Entitled, false) =
            (access.visitor_id, page, reason, access.visited)
            && !matches!(claim.recording, Recording::PaidOnly | Recording::Never)
        {
            let now = self.runtime.now();
            self.views.note_first(visitor, claim.session, page.page_id, now);
            return Ok((reason, true));
        }
        Ok((reason, false))
    }

    /// Stores the views that were noted of this viewer, if `has_noted` and the claim asks for it. Views of other visitors stay noted, since
    /// storing them might fail the decision.
    pub(crate) async fn record(
        &self,
        access: &ResourceAccess,
        claim: ViewerClaim,
        has_noted: bool,
    ) -> Result<(), StoreError> {
        if let Some(visitor) = access.visitor_id
            && has_noted
            && claim.recording == Recording::Now
        {
            self.views.store_of(visitor).await?;
        }
        Ok(())
    }

    /// Notes that a visitor viewed or downloaded something that was bought or given. Returns `false` if there is nothing to note.
    pub(crate) fn note(
        &self,
        access: &ResourceAccess,
        claim: ViewerClaim,
        kind: ActivityKind,
        slug: &Slug,
    ) -> bool {
        let has_paid = access.holdings.iter().any(Holding::is_active);
        if let Some(visitor) = access.visitor_id
            && has_paid
            && claim.recording != Recording::Never
        {
            let at = self.runtime.now();
            self.views.note(Activity::once(visitor, access.handle_id, kind, Some(slug), at));
            return true;
        }
        false
    }
}

opaque_debug!(Gate);
