//! What can go wrong with group buys.

use crate::{
    checkout::CheckoutError,
    creators::from_ownership_error,
    mail::{MailWriteError, from_mail_write_error},
    store_error::StoreError,
    validation::FieldErrors,
};

/// Why a creator's group buy was not made, found, changed, activated or called off.
#[derive(Debug, thiserror::Error)]
pub enum GroupBuyError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The page is not for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// The handle has no such group buy.
    #[error("no such group buy")]
    NotFound,
    /// The handle has a group buy with this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// It is active or over, so this cannot be done any more.
    #[error("the group buy is not open")]
    NotOpen,
    /// Too few have joined.
    #[error("the target is not reached")]
    TargetNotReached,
    /// A mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(GroupBuyError);

/// Why a visitor was not shown a group buy, did not join or leave, or cannot pay.
#[derive(Debug, thiserror::Error)]
pub enum OfferError {
    /// There is no such group buy, or its page is not published.
    #[error("no such group buy")]
    NotFound,
    /// The page is no longer for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// It is too late to join, to raise a quantity or to leave.
    #[error("the group buy is not open")]
    NotOpen,
    /// The maximum would be exceeded.
    #[error("the group buy is full")]
    Full,
    /// The visitor has the page already.
    #[error("the page is bought already")]
    AlreadyPurchased,
    /// It is not activated, or its offer has ended.
    #[error("the group buy is not active")]
    NotActive,
    /// The visitor was not interested when it was activated.
    #[error("only those who were interested can buy")]
    InterestRequired,
    /// No checkout was started.
    #[error(transparent)]
    Checkout(CheckoutError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_ownership_error!(GroupBuyError);

/// What a checkout says of the page is told as what it is to this offer.
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
            | CheckoutError::ConnectNotConfigured
            | CheckoutError::NotFound
            | CheckoutError::Payments(_)
            | CheckoutError::Mail(_)) => Self::Checkout(error),
        }
    }
}
