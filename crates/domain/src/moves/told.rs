//! What is told of changes of address: to the creator, to the one who opens a used link, and to the old address.

use super::{AddressMove, MAX_SHOWN, MoveError, MovePreview, Moves};
use crate::{
    creators::{Creator, Handle},
    email::Email,
    id::HandleId,
    names::HandleName,
    store_error::StoreError,
    token::Token,
    visitor_auth::Visitor,
};

impl Moves {
    /// Returns what a mailed link has moved; `None` if it has moved nothing, or if what is under the new address was moved away from
    /// there since.
    pub async fn moved(&self, token: &Token) -> Result<Option<MovePreview>, StoreError> {
        let found = self.ports.reads.address_move(token.hash()).await?;
        let used = found.filter(|(asked, _)| asked.used_at.is_some());
        let Some((asked, handle)) = used else { return Ok(None) };
        if self.has_moved_on(&asked).await? {
            return Ok(None);
        }
        Ok(Some(MovePreview { handle, from: asked.from.masked(), to: asked.to }))
    }

    /// Returns whether a later change of address led away from the new address of this one.
    async fn has_moved_on(&self, asked: &AddressMove) -> Result<bool, StoreError> {
        let last = self.ports.reads.last_move_from(asked.handle_id, &asked.to).await?;
        Ok(last.is_some_and(|last| (last.used_at, last.id) > (asked.used_at, asked.id)))
    }

    /// Returns the storefront that a mailed link is about, whether or not it can still be used.
    pub async fn seller(&self, token: &Token) -> Result<Option<Handle>, StoreError> {
        let found = self.ports.reads.address_move(token.hash()).await?;
        Ok(found.map(|(_, handle)| handle))
    }

    /// Returns the confirmed changes of address from or to `email` at the creator's handle, newest first, at most
    /// [`MAX_SHOWN`].
    pub async fn confirmed(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: &Email,
    ) -> Result<Vec<AddressMove>, MoveError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.ports.reads.confirmed_moves(handle.id, email, MAX_SHOWN).await?)
    }

    /// Returns the changes of address from or to `email` at the creator's handle that wait for their confirmation, newest
    /// first, at most [`MAX_SHOWN`]. One that was asked for several times is returned once, with the link that is valid longest.
    pub async fn waiting(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: &Email,
    ) -> Result<Vec<AddressMove>, MoveError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let now = self.runtime.now();
        let asked = self.ports.reads.waiting_moves(handle.id, email, now, MAX_SHOWN).await?;
        let mut waiting: Vec<AddressMove> = Vec::new();
        for asked in asked {
            let is_same = |it: &AddressMove| it.from == asked.from && it.to == asked.to;
            if !waiting.iter().any(is_same) {
                waiting.push(asked);
            }
        }
        Ok(waiting)
    }

    /// Returns the last change of address at a handle, if what was under `email` there is under another address since. The
    /// new address is for the owner of the old one only.
    pub async fn moved_away(
        &self,
        handle: HandleId,
        email: &Email,
    ) -> Result<Option<AddressMove>, StoreError> {
        let last = self.ports.reads.confirmed_moves(handle, email, 1).await?.pop();
        Ok(last.filter(|last| last.from == *email))
    }

    /// Returns what [`moved_away`](Self::moved_away) does for each handle where the visitor has ordered something, with the
    /// handle, newest first.
    pub async fn all_moved_away(
        &self,
        visitor: &Visitor,
    ) -> Result<Vec<(AddressMove, Handle)>, StoreError> {
        let email = &visitor.email;
        let mut away: Vec<(AddressMove, Handle)> = Vec::new();
        for (asked, handle) in self.ports.reads.moves_of_buyer(visitor.id, email, MAX_SHOWN).await?
        {
            let is_told = away.iter().any(|(_, told)| told.id == handle.id);
            if !is_told && self.moved_away(handle.id, email).await?.is_some() {
                away.push((asked, handle));
            }
        }
        Ok(away)
    }
}
