//! The use cases for creating and changing handles.

use std::sync::Arc;

use super::{
    Creator, FrontendOrigin, Handle, HandleChange, HandleError, HandleSettings, Ownership, Quotas,
    SecondPayments, ports::CreatorReads,
};
use crate::{
    id::HandleId,
    mail::HandleTexts,
    names::HandleName,
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    payments::PaymentExtras,
    store::Runtime,
    store_error::StoreError,
    validation::{self, Field, FieldErrors},
    version::BasedOn,
};

/// How many names are suggested in place of one that is taken.
const SUGGESTIONS: usize = 3;

/// The use cases of creators' handles. Handles of other creators are reported as not found.
#[derive(Clone)]
pub struct Handles {
    runtime: Runtime,
    reads: Arc<dyn CreatorReads>,
    ownership: Ownership,
    quotas: Quotas,
}

impl Handles {
    /// Creates the use cases.
    pub fn new(runtime: Runtime, reads: Arc<dyn CreatorReads>, quotas: Quotas) -> Self {
        let ownership = Ownership::new(reads.clone());
        Self { runtime, reads, ownership, quotas }
    }

    /// Creates a handle for `creator`, within the quota.
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
            description: None,
            picture: None,
            extras: PaymentExtras::default(),
            second_payments: SecondPayments::default(),
            created_at: now,
        };
        let mut unit = self.runtime.begin().await?;
        unit.creators().lock(creator.id).await?;
        self.quotas.check_handles(unit.handles().count_of(creator.id).await? + 1)?;
        if !unit.handles().insert(&handle).await? {
            return Err(HandleError::Taken);
        }
        unit.commit().await?;
        Ok(handle)
    }

    /// Returns whether a handle with this name exists now.
    pub async fn is_taken(&self, name: &HandleName) -> Result<bool, StoreError> {
        Ok(!self.reads.taken_names(std::slice::from_ref(name)).await?.is_empty())
    }

    /// Returns up to three names like `name` that are free now. It need not be one that a handle can have, such as one that is
    /// reserved.
    pub async fn suggest(&self, name: &str) -> Result<Vec<HandleName>, StoreError> {
        let endings = ["-hq", "-shop", "-studio", "-pages", "-1", "-2", "-3", "-4", "-5"];
        let stem: String = name.chars().take(25).collect();
        let stem = stem.trim_end_matches('-');
        let like = endings.iter().filter_map(|end| format!("{stem}{end}").parse().ok());
        let like: Vec<HandleName> = like.collect();
        let taken = self.reads.taken_names(&like).await?;
        Ok(like.into_iter().filter(|name| !taken.contains(name)).take(SUGGESTIONS).collect())
    }

    /// Returns the creator's handle with this name.
    pub async fn owned(&self, creator: &Creator, name: &HandleName) -> Result<Handle, HandleError> {
        Ok(self.ownership.handle(creator, name).await?)
    }

    /// Returns the creator's handles, newest first.
    pub async fn list(
        &self,
        creator: &Creator,
        page: &PageRequest,
    ) -> Result<Listing<Handle>, StoreError> {
        self.reads.handles_of(creator.id, page).await
    }

    /// Returns the creator's handle with this name and its settings.
    pub async fn settings(
        &self,
        creator: &Creator,
        name: &HandleName,
    ) -> Result<HandleSettings, HandleError> {
        let handle = self.ownership.handle(creator, name).await?;
        let frontend_origins = self.reads.frontend_origins(handle.id).await?;
        Ok(HandleSettings { handle, frontend_origins })
    }

    /// Changes the settings of a handle if their [`version`](HandleSettings::version) is one that the change may be
    /// based on. Changes to origins take effect before this returns.
    pub async fn change(
        &self,
        creator: &Creator,
        name: &HandleName,
        mut change: HandleChange,
        based_on: &BasedOn,
    ) -> Result<HandleSettings, HandleError> {
        let handle = self.ownership.handle(creator, name).await?;
        change.check().map_err(HandleError::Invalid)?;
        let mut unit = self.runtime.begin().await?;
        if *based_on != BasedOn::Any {
            let before = unit.handles().lock(handle.id).await?.ok_or(HandleError::NotFound)?;
            if !based_on.allows(&before.version()) {
                return Err(HandleError::VersionConflict);
            }
        }
        unit.handles().change(handle.id, &change).await?;
        unit.commit().await?;
        self.settings(creator, name).await
    }

    /// Returns whether frontends at `origin` may call with the visitor's cookie, for the handle with
    /// this name, or for any handle if no name is given. It is read for each request, so that changes
    /// take effect at once.
    pub async fn is_frontend(
        &self,
        origin: &FrontendOrigin,
        handle: Option<&HandleName>,
    ) -> Result<bool, StoreError> {
        self.reads.is_frontend_origin(origin, handle.cloned()).await
    }
}

fn checked_title(title: &str) -> Result<String, HandleError> {
    validation::line(title, 1, 100)
        .map_err(|error| HandleError::Invalid(FieldErrors::one(Field::HandleTitle, error)))
}

opaque_debug!(Handles);
