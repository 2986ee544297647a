//! What can go wrong when a visitor signs in.

use crate::{
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
};

/// Why no magic link was sent.
#[derive(Debug, thiserror::Error)]
pub enum RequestLinkError {
    /// `returnTo` points somewhere it must not.
    #[error("returnTo {0}")]
    ReturnTo(#[from] super::ReturnToError),
    /// Too many requests, by this address or by this client.
    #[error("too many requests")]
    Limited {
        /// Whole seconds until the next one is answered.
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

/// Why a magic link or its code let nobody in.
#[derive(Debug, thiserror::Error)]
pub enum RedeemLinkError {
    /// No such link, a wrong code, or too many wrong codes.
    #[error("the link or code is not valid")]
    Invalid,
    /// Older than its lifetime (15 minutes unless configured shorter).
    #[error("the link has expired")]
    Expired,
    /// Redeemed before, or spent when another link of the same address was redeemed.
    #[error("the link was used already")]
    Used,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
