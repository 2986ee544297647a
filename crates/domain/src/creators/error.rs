//! What can go wrong when creators manage what is theirs.

use super::{OwnershipError, ports::PasswordsError};
use crate::{store_error::StoreError, validation::FieldErrors};

/// Why nobody was signed up or in.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Another creator has the address.
    #[error("the address is taken")]
    EmailTaken,
    /// Unknown address, wrong password, or a token that is no longer good.
    #[error("unknown account or wrong credentials")]
    Unauthorized,
    /// Too many attempts, by this address or this client.
    #[error("too many attempts")]
    Limited {
        /// Whole seconds until the next one is answered.
        retry_after_seconds: u64,
    },
    /// Passwords could not be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a handle was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    NotFound,
    /// The name is taken.
    #[error("the handle is taken")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a page was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    NotFound,
    /// The handle has a page with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnershipError> for HandleError {
    fn from(error: OwnershipError) -> Self {
        match error {
            OwnershipError::HandleNotFound | OwnershipError::PageNotFound => Self::NotFound,
            OwnershipError::Store(error) => Self::Store(error),
        }
    }
}

impl From<OwnershipError> for PageError {
    fn from(error: OwnershipError) -> Self {
        match error {
            OwnershipError::HandleNotFound => Self::HandleNotFound,
            OwnershipError::PageNotFound => Self::NotFound,
            OwnershipError::Store(error) => Self::Store(error),
        }
    }
}
