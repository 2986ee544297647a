//! The errors of changes of address.

use crate::{
    creators::{EmailNotVerified, from_ownership_error},
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
    validation::FieldErrors,
};

/// The error of asking for a change of address.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// There were too many requests for this address.
    #[error("too many requests")]
    Limited {
        /// Whole seconds until the next request is accepted.
        retry_after_seconds: u64,
    },
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(MoveError);

from_ownership_error!(MoveError, HandleNotFound);

/// The error of confirming a change of address.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmMoveError {
    /// The link does not exist.
    #[error("the link is not valid")]
    Invalid,
    /// The link is too old.
    #[error("the link has expired")]
    Expired,
    /// The move was ended: another from the same address was confirmed or asked for since, or it was called off.
    #[error("the link does not count any more")]
    Ended,
    /// The move was confirmed before.
    #[error("the link was used already")]
    Used,
    /// Nothing is under the old address any more.
    #[error("nothing is under the old address")]
    NothingToMove,
    /// A mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(ConfirmMoveError);
