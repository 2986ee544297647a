//! The errors of creators' accounts, handles and pages.

use super::{Page, QuotaExceeded, from_ownership_error, ports::PasswordsError};
use crate::{
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
    validation::FieldErrors,
};

/// The error of an operation that mails other people or takes payments, by a creator whose address is not
/// proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the creator's address is not proved")]
pub struct EmailNotVerified;

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
    /// The operator has suspended the account.
    #[error("the account is suspended")]
    Suspended,
    /// There were too many attempts from this client.
    #[error("too many attempts")]
    Limited {
        /// The whole seconds until the next attempt is accepted.
        retry_after_seconds: u64,
    },
    /// The mailed token does not exist.
    #[error("the link is not valid")]
    InvalidToken,
    /// The mailed token is too old.
    #[error("the link has expired")]
    ExpiredToken,
    /// The mailed token was used before.
    #[error("the link was used already")]
    UsedToken,
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The passwords could not be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(AccountError);

/// The error of an operation on a handle.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    NotFound,
    /// The settings were changed since the version that the change is based on.
    #[error("the handle was changed in the meantime")]
    VersionConflict,
    /// The name is already in use.
    #[error("the handle is taken")]
    Taken,
    /// The creator has as many handles as the installation allows.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
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
    /// The page was changed since the version that the change is based on.
    #[error("the page was changed in between")]
    VersionConflict(Box<Page>),
    /// The handle has as many pages as the installation allows.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    /// The handle already has a page with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_ownership_error!(HandleError, NotFound);

from_ownership_error!(PageError, HandleNotFound, NotFound);
