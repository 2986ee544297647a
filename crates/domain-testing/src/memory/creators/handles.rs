//! Handles and their settings.

use async_trait::async_trait;

use crate::memory::unit::MemoryUnit;
use tollgate_domain::{
    creators::{Handle, HandleChange, HandleSettings, ports::HandleRepository},
    id::{CreatorId, HandleId},
    names::Slug,
    store_error::StoreError,
};

#[async_trait]
impl HandleRepository for MemoryUnit {
    async fn insert(&mut self, handle: &Handle) -> Result<bool, StoreError> {
        let handles = self.state().await?.handles.edit();
        if handles.values().any(|known| known.name == handle.name) {
            return Ok(false);
        }
        handles.insert(handle.id, handle.clone());
        Ok(true)
    }

    async fn change(&mut self, id: HandleId, change: &HandleChange) -> Result<(), StoreError> {
        let state = self.state().await?;
        let Some(handle) = state.handles.edit().get_mut(&id) else { return Ok(()) };
        if let Some(title) = &change.title {
            handle.title.clone_from(title);
        }
        if let Some(support_email) = &change.support_email {
            handle.texts.support_email.clone_from(support_email);
        }
        if let Some(mail_footer) = &change.mail_footer {
            handle.texts.mail_footer.clone_from(mail_footer);
        }
        if let Some(description) = &change.description {
            handle.description.clone_from(description);
        }
        if let Some(picture) = &change.picture {
            handle.picture.clone_from(picture);
        }
        let extras = &mut handle.extras;
        extras.invoice = change.invoice.unwrap_or(extras.invoice);
        extras.automatic_tax = change.automatic_tax.unwrap_or(extras.automatic_tax);
        extras.tax_id = change.tax_id.unwrap_or(extras.tax_id);
        handle.second_payments = change.second_payments.unwrap_or(handle.second_payments);
        if let Some(origins) = &change.frontend_origins {
            state.frontend_origins.edit().insert(id, origins.clone());
        }
        Ok(())
    }

    async fn find(&mut self, id: HandleId) -> Result<Option<Handle>, StoreError> {
        Ok(self.state().await?.handles.get(&id).cloned())
    }

    async fn lock(&mut self, id: HandleId) -> Result<Option<HandleSettings>, StoreError> {
        // Units run one after the other, so nothing changes in between.
        let state = self.state().await?;
        let Some(handle) = state.handles.get(&id).cloned() else { return Ok(None) };
        let frontend_origins = state.frontend_origins.get(&id).cloned().unwrap_or_default();
        Ok(Some(HandleSettings { handle, frontend_origins }))
    }

    async fn replace_picture(
        &mut self,
        id: HandleId,
        from: &Slug,
        to: Option<Slug>,
    ) -> Result<(), StoreError> {
        let handle = self.state().await?.handles.edit().get_mut(&id);
        if let Some(handle) = handle.filter(|handle| handle.picture.as_ref() == Some(from)) {
            handle.picture = to;
        }
        Ok(())
    }

    async fn count_of(&mut self, creator: CreatorId) -> Result<u64, StoreError> {
        let handles = &self.state().await?.handles;
        let count = handles.values().filter(|handle| handle.creator_id == creator).count();
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
