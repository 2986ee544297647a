//! What the history of a visitor says of purchases and visits.

use jiff::Timestamp;

use super::terms_of;
use crate::memory::state::State;
use tollgate_domain::{
    access::{AccessRecord, AccessStatus, AccessType, Purchase, ResourceType},
    id::PageId,
};

impl State {
    pub(super) fn record_of_purchase(&self, purchase: &Purchase) -> Option<AccessRecord> {
        let (handle, page) = self.place_of(purchase.page_id)?;
        Some(AccessRecord {
            id: purchase.id.to_string(),
            resource_type: ResourceType::Page,
            access_type: AccessType::of_grant(purchase.granted_as),
            status: AccessStatus::of_holding(purchase.holding()),
            handle: handle.name.clone(),
            seller: handle.title.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
            granted_at: purchase.created_at,
            ended_at: purchase.revoked_at,
            amount: purchase.payment.as_ref().map(|payment| payment.paid),
        })
    }

    pub(super) fn record_of_visit(&self, page: PageId, at: Timestamp) -> Option<AccessRecord> {
        let (handle, page) = self.place_of(page)?;
        Some(AccessRecord {
            id: page.id.to_string(),
            resource_type: ResourceType::Page,
            access_type: AccessType::FreeLogin,
            status: AccessStatus::of_visit(handle.creator_id, terms_of(page)),
            handle: handle.name.clone(),
            seller: handle.title.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
            granted_at: at,
            ended_at: page.closed_at,
            amount: None,
        })
    }
}
