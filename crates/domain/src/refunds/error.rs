//! What can go wrong when refunding.

use crate::{
    checkout::FulfilmentError,
    creators::from_ownership_error,
    mail::{MailWriteError, from_mail_write_error},
    payments::PaymentsError,
    store_error::StoreError,
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
    /// A mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(RefundError);

from_ownership_error!(RefundError);

impl From<FulfilmentError> for RefundError {
    fn from(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(error) => Self::Payments(error),
            FulfilmentError::Mail(error) => Self::Mail(error),
            FulfilmentError::Store(error) => Self::Store(error),
        }
    }
}
