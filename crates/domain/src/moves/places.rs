//! Places on the lists of files, which a change of address ends and makes anew.

use jiff::Timestamp;

use super::{AddressMove, Moves};
use crate::{
    access::{Fact, FactKind, Resource, Subject},
    email::Email,
    files::AllowlistEntry,
    id::{AllowlistId, HandleId},
    store::UnitOfWork,
    store_error::StoreError,
};

/// Returns the places of an address on the lists of a handle's files, and locks these files: nobody comes onto the list of one
/// that is just being deleted. They are locked before visitors are stored, as by whatever puts an address on a list.
pub(super) async fn locked_places(
    unit: &mut dyn UnitOfWork,
    handle: HandleId,
    email: &Email,
) -> Result<Vec<AllowlistEntry>, StoreError> {
    let mut places = Vec::new();
    for place in unit.allowlists().of_address(handle, email).await? {
        if unit.files().lock(place.file_id).await?.is_some() {
            places.push(place);
        }
    }
    Ok(places)
}

impl Moves {
    /// Ends places of the old address, gives the new one those that it does not have yet, and returns how many ended. Each end
    /// and each new place is a fact, as if the creator had changed the list.
    pub(super) async fn move_places(
        &self,
        unit: &mut dyn UnitOfWork,
        asked: &AddressMove,
        places: Vec<AllowlistEntry>,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut count = 0;
        for AllowlistEntry { file_id, .. } in places {
            // The creator may have removed it since it was read.
            let ended = unit.allowlists().remove(file_id, &asked.from, now).await?;
            let Some(ended) = ended else { continue };
            count += 1;
            self.record_place(unit, FactKind::AllowlistRemoved, asked, &ended).await?;
            let id = AllowlistId::new(now, &*self.runtime.random);
            let new = AllowlistEntry { id, file_id, email: asked.to.clone(), added_at: now };
            if unit.allowlists().insert(&new).await? {
                self.record_place(unit, FactKind::Allowlisted, asked, &new).await?;
            }
        }
        Ok(count)
    }

    async fn record_place(
        &self,
        unit: &mut dyn UnitOfWork,
        kind: FactKind,
        asked: &AddressMove,
        place: &AllowlistEntry,
    ) -> Result<(), StoreError> {
        let subject = Subject {
            handle_id: asked.handle_id,
            resource: Resource::File(place.file_id),
            visitor_id: None,
            purchase_id: None,
        };
        let fact = Fact::new(&self.runtime, kind, &place.id, subject);
        unit.ledger().record(&fact).await.map(drop)
    }
}
