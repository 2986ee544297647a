//! The errors of group buys.

use crate::{
    checkout::CheckoutError,
    creators::{EmailNotVerified, QuotaExceeded, from_ownership_error},
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
    validation::FieldErrors,
};

/// The error of a creator's operation on a group buy.
#[derive(Debug, thiserror::Error)]
pub enum GroupBuyError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page, or it is not published.
    #[error("no such page")]
    PageNotFound,
    /// The page is not for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// The handle has no such group buy.
    #[error("no such group buy")]
    NotFound,
    /// The group buy was changed since the version that the change is based on.
    #[error("the group buy was changed in the meantime")]
    VersionConflict,
    /// The handle already has a group buy with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The handle has as many group buys as the installation allows.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    /// The group buy is active or has ended, so the operation is no longer possible.
    #[error("the group buy is not open")]
    NotOpen,
    /// The sum of the quantities is below the target.
    #[error("the target is not reached")]
    TargetNotReached,
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// A mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(GroupBuyError);

/// The error of a visitor's operation on a group buy.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// The group buy does not exist, or its page is not published and the visitor has not joined.
    #[error("no such group buy")]
    NotFound,
    /// The page is no longer for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// The group buy no longer allows joining or raising a quantity, or was activated, after which nobody leaves.
    #[error("the group buy is not open")]
    NotOpen,
    /// The maximum would be exceeded.
    #[error("the group buy is full")]
    Full,
    /// The visitor has already bought the page.
    #[error("the page is bought already")]
    AlreadyPurchased,
    /// The group buy is not activated, or its offer has ended.
    #[error("the group buy is not active")]
    NotActive,
    /// The visitor was not interested when the group buy was activated.
    #[error("only those who were interested can buy")]
    InterestRequired,
    /// The checkout could not be started.
    #[error(transparent)]
    Checkout(CheckoutError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_ownership_error!(GroupBuyError);

/// Translates the errors of a checkout into those of an offer.
impl From<CheckoutError> for OfferError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::PageNotFound => Self::NotFound,
            CheckoutError::PageNotPaid => Self::PageNotPaid,
            CheckoutError::AlreadyPurchased => Self::AlreadyPurchased,
            CheckoutError::GroupBuyNotActive => Self::NotActive,
            CheckoutError::Store(error) => Self::Store(error),
            error @ (CheckoutError::Invalid(_)
            | CheckoutError::Unauthorized
            | CheckoutError::ConnectNotConfigured(_)
            | CheckoutError::Disputed
            | CheckoutError::Quarantined
            | CheckoutError::NotClosed(_)
            | CheckoutError::NotFound
            | CheckoutError::Payments(_)
            | CheckoutError::Mail(_)) => Self::Checkout(error),
        }
    }
}
