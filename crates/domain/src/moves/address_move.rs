//! A change of address as it is stored.

use jiff::Timestamp;

use super::ConfirmMoveError;
use crate::{
    clock::DAY_SECONDS,
    email::Email,
    id::{HandleId, MoveId},
    token::TokenHash,
};

/// A change of address that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressMove {
    /// The identifier of the move.
    pub id: MoveId,
    /// The hash of the token in the mail to the new address.
    pub token: TokenHash,
    /// The handle whose purchases, grants and list entries move.
    pub handle_id: HandleId,
    /// The address that they are under.
    pub from: Email,
    /// The address that they move to.
    pub to: Email,
    /// When the creator asked for it.
    pub created_at: Timestamp,
    /// The instant from which it can no longer be confirmed. If it was ended before, it is that at which it was asked for.
    pub expires_at: Timestamp,
    /// When it was confirmed.
    pub used_at: Option<Timestamp>,
}

impl AddressMove {
    /// How long a change of address that was not confirmed is kept after its link expired, in seconds.
    pub const KEPT_SECONDS: i64 = 30 * DAY_SECONDS;

    /// Checks that it can be confirmed at `now`.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), ConfirmMoveError> {
        if self.used_at.is_some() {
            Err(ConfirmMoveError::Used)
        } else if self.expires_at <= self.created_at {
            Err(ConfirmMoveError::Ended)
        } else if now >= self.expires_at {
            Err(ConfirmMoveError::Expired)
        } else {
            Ok(())
        }
    }
}
