//! What can go wrong when refunding.

use crate::{
    checkout::{FulfilmentError, PaymentsError},
    creators::PageError,
    seal::SealError,
    store::StoreError,
    validation::FieldErrors,
};

/// Why nothing was refunded.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The visitor has not paid for this page.
    #[error("no such purchase")]
    PurchaseNotFound,
    /// Everything that was paid has been given back.
    #[error("the purchase was refunded already")]
    AlreadyRefunded,
    /// The buyer's bank disputes the payment and decides who gets the money.
    #[error("the purchase is disputed")]
    Disputed,
    /// The payment provider did not play along.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// A mail could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PageError> for RefundError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::HandleNotFound => Self::HandleNotFound,
            PageError::NotFound | PageError::SlugTaken => Self::PageNotFound,
            PageError::Invalid(fields) => Self::Invalid(fields),
            PageError::Store(error) => Self::Store(error),
        }
    }
}

impl From<FulfilmentError> for RefundError {
    fn from(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(error) => Self::Payments(error),
            FulfilmentError::Seal(error) => Self::Seal(error),
            FulfilmentError::Store(error) => Self::Store(error),
        }
    }
}
