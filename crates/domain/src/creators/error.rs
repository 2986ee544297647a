//! The errors of creators' accounts, handles and pages.

use super::{OwnershipError, ports::PasswordsError};
use crate::{store_error::StoreError, validation::FieldErrors};

/// The error of signing up or signing in.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Another creator has the address.
    #[error("the address is taken")]
    EmailTaken,
    /// The address is unknown, the password is wrong, or the token is no longer valid.
    #[error("unknown account or wrong credentials")]
    Unauthorized,
    /// There were too many attempts from this client.
    #[error("too many attempts")]
    Limited {
        /// The whole seconds until the next attempt is accepted.
        retry_after_seconds: u64,
    },
    /// The passwords could not be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of an operation on a handle.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    NotFound,
    /// The name is already in use.
    #[error("the handle is taken")]
    Taken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The error of an operation on a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    NotFound,
    /// The handle already has a page with this slug.
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
