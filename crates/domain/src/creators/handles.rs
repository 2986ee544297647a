//! Making and changing handles.

use std::sync::Arc;

use super::{Creator, FrontendOrigin, Handle, HandleError, Ownership, ports::CreatorReads};
use crate::{
    email::Email,
    id::HandleId,
    mail::HandleTexts,
    names::HandleName,
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    store::Runtime,
    store_error::StoreError,
    validation::{self, FieldErrors},
};

/// What a creator sets up for a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandleSettings {
    /// The handle.
    pub handle: Handle,
    /// Where frontends of the creator's own may call from, with the visitor's cookie.
    pub frontend_origins: Vec<FrontendOrigin>,
}

/// Changes to a handle; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandleChange {
    /// See [`Handle::title`].
    pub title: Option<String>,
    /// See [`HandleTexts::support_email`]; `Some(None)` takes it away.
    pub support_email: Option<Option<Email>>,
    /// See [`HandleTexts::mail_footer`]; `Some(None)` takes it away.
    pub mail_footer: Option<Option<String>>,
    /// All origins: those that are not named are no longer registered.
    pub frontend_origins: Option<Vec<FrontendOrigin>>,
}

/// Each origin costs a row; more frontends than this are a mistake.
const MAX_ORIGINS: usize = 20;
const MAX_FOOTER: usize = 500;

/// The handles of creators. A handle of somebody else is not found, like one that does not exist.
#[derive(Clone)]
pub struct Handles {
    runtime: Runtime,
    reads: Arc<dyn CreatorReads>,
    ownership: Ownership,
}

impl Handles {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, reads: Arc<dyn CreatorReads>) -> Self {
        let ownership = Ownership::new(reads.clone());
        Self { runtime, reads, ownership }
    }

    /// Makes a handle for `creator`.
    pub async fn create(
        &self,
        creator: &Creator,
        name: HandleName,
        title: &str,
    ) -> Result<Handle, HandleError> {
        let now = self.runtime.now();
        let handle = Handle {
            id: HandleId::new(now, &*self.runtime.random),
            creator_id: creator.id,
            name,
            title: checked_title(title)?,
            texts: HandleTexts::default(),
            created_at: now,
        };
        let mut unit = self.runtime.begin().await?;
        if !unit.handles().insert(&handle).await? {
            return Err(HandleError::Taken);
        }
        unit.commit().await?;
        Ok(handle)
    }

    /// Returns the creator's handle of this name.
    pub async fn owned(&self, creator: &Creator, name: &HandleName) -> Result<Handle, HandleError> {
        Ok(self.ownership.handle(creator, name).await?)
    }

    /// The creator's handles, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        self.reads.handles_of(creator.id, page).await
    }

    /// The creator's handle of this name, with what is set up for it.
    pub async fn settings(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<HandleSettings, HandleError> {
        let handle = self.ownership.handle(creator, name).await?;
        let frontend_origins = self.reads.frontend_origins(handle.id).await?;
        Ok(HandleSettings { handle, frontend_origins })
    }

    /// Changes what is set up for a handle. Origins count, and cease to count, from the answer on.
    pub async fn change(
        &self,
        creator: &Creator,
        name: &HandleName,
        mut change: HandleChange,
    ) -> Result<HandleSettings, HandleError> {
        let handle = self.ownership.handle(creator, name).await?;
        change.check().map_err(HandleError::Invalid)?;
        let mut unit = self.runtime.begin().await?;
        unit.handles().change(handle.id, &change).await?;
        unit.commit().await?;
        self.settings(creator, name).await
    }

    /// Whether frontends at `origin` may call with the visitor's cookie: about the handle of this name,
    /// or at all without one. It is asked anew with each request, so that an edit counts at once.
    pub async fn is_frontend(
        &self,
        origin: &FrontendOrigin,
        handle: Option<&HandleName>,
    ) -> Result<bool, StoreError> {
        self.reads.is_frontend_origin(origin, handle.cloned()).await
    }
}

impl HandleChange {
    /// Says each origin once and takes empty texts away, or tells what cannot be.
    fn check(&mut self) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        if let Some(title) = &self.title {
            errors.check("name", validation::line(title, 1, 100));
        }
        if let Some(footer) = &mut self.mail_footer {
            *footer = footer.take().filter(|text| !text.trim().is_empty());
            let text = footer.as_deref().unwrap_or_default();
            errors.check("mail_footer", validation::text(text, 0, MAX_FOOTER));
        }
        if let Some(origins) = &mut self.frontend_origins {
            let mut seen = std::collections::BTreeSet::new();
            origins.retain(|origin| seen.insert(origin.clone()));
            if origins.len() > MAX_ORIGINS {
                errors.add("frontend_origins", format!("must be at most {MAX_ORIGINS}"));
            }
        }
        errors.finish()
    }
}

fn checked_title(title: &str) -> Result<String, HandleError> {
    validation::line(title, 1, 100)
        .map_err(|error| HandleError::Invalid(FieldErrors::one("name", error)))
}

opaque_debug!(Handles);
