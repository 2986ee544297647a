//! The errors of signing in as a visitor.

use crate::{
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
};

/// The error of a request for a magic link.
#[derive(Debug, thiserror::Error)]
pub enum RequestLinkError {
    /// The place to return to is one that visitors may not be sent to.
    #[error("the place to return to {0}")]
    ReturnTo(#[from] super::ReturnToError),
    /// There were too many requests for this address or from this client.
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

from_mail_write_error!(RequestLinkError);

/// The error of redeeming a magic link or its code.
#[derive(Debug, thiserror::Error)]
pub enum RedeemLinkError {
    /// The link does not exist, the code is wrong, or there were too many wrong codes.
    #[error("the link or code is not valid")]
    Invalid,
    /// The link is older than its lifetime (15 minutes unless configured shorter).
    #[error("the link has expired")]
    Expired,
    /// The link was redeemed before, or became used when another link of the address was redeemed.
    #[error("the link was used already")]
    Used,
    /// The client has tried too many codes.
    #[error("too many codes")]
    Limited {
        /// Whole seconds until the next code is evaluated.
        retry_after_seconds: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
