//! Single-use tokens that are mailed to creators.

use jiff::Timestamp;

use crate::{
    clock::{DAY_SECONDS, plus_seconds},
    id::CreatorId,
    text_enum::text_enum,
    token::{Token, TokenHash},
};

/// What a mailed token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// Proves that the creator reads the mails of the account's address.
    VerifyEmail,
    /// Sets a new password without the current one.
    ResetPassword,
}

text_enum!(TokenPurpose, VerifyEmail = "VERIFY_EMAIL", ResetPassword = "RESET_PASSWORD");

impl TokenPurpose {
    /// Returns how long a token is valid, in seconds: a day to prove an address, and 30 minutes to set a
    /// new password.
    pub fn lifetime_seconds(self) -> i64 {
        match self {
            Self::VerifyEmail => DAY_SECONDS,
            Self::ResetPassword => 30 * 60,
        }
    }
}

/// A token that was mailed to a creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountToken {
    /// The hash of the token in the mail.
    pub token: TokenHash,
    /// What the token is for.
    pub purpose: TokenPurpose,
    /// The creator to whom the token was mailed.
    pub creator_id: CreatorId,
    /// When it was mailed.
    pub created_at: Timestamp,
    /// The instant from which the token is no longer valid.
    pub expires_at: Timestamp,
    /// When it was used, or became invalid because another one was or the password was changed.
    pub used_at: Option<Timestamp>,
}

impl AccountToken {
    /// How long a token is kept after it expired, in seconds, so that the error can still say so.
    pub const KEPT_SECONDS: i64 = DAY_SECONDS;

    /// Creates what is stored of a token that is mailed to a creator at `now`.
    pub(super) fn new(
        token: &Token,
        purpose: TokenPurpose,
        creator_id: CreatorId,
        now: Timestamp,
    ) -> Self {
        Self {
            token: token.hash(),
            purpose,
            creator_id,
            created_at: now,
            expires_at: plus_seconds(now, purpose.lifetime_seconds()),
            used_at: None,
        }
    }
}
