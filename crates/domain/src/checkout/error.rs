//! What can go wrong when selling.

use crate::{
    creators::OwnershipError,
    mail::{MailWriteError, from_mail_write_error},
    payments::PaymentsError,
    store_error::StoreError,
    validation::FieldErrors,
};

/// Why no checkout was started.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The input is not sound.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// Nobody is signed in.
    #[error("a visitor session is required")]
    Unauthorized,
    /// For this visitor there is no such page.
    #[error("no such page")]
    PageNotFound,
    /// The page is not for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// The handle has no payment account that can take money.
    #[error("payments are not connected")]
    ConnectNotConfigured,
    /// The visitor has the page already.
    #[error("the page is bought already")]
    AlreadyPurchased,
    /// The group buy whose price was asked for is no offer now.
    #[error("the group buy is not active")]
    GroupBuyNotActive,
    /// There is no such order.
    #[error("no such checkout")]
    NotFound,
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

from_mail_write_error!(CheckoutError);

/// Why a payment account was not connected or told about.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no such handle, or it is somebody else's.
    #[error("no such handle")]
    HandleNotFound,
    /// The payment provider did not play along.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OwnershipError> for ConnectError {
    fn from(error: OwnershipError) -> Self {
        match error {
            OwnershipError::HandleNotFound | OwnershipError::PageNotFound => Self::HandleNotFound,
            OwnershipError::Store(error) => Self::Store(error),
        }
    }
}

/// Why what was seen at the provider was not written down. It is tried again.
#[derive(Debug, thiserror::Error)]
pub enum FulfilmentError {
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

from_mail_write_error!(FulfilmentError);

impl From<FulfilmentError> for CheckoutError {
    fn from(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(error) => Self::Payments(error),
            FulfilmentError::Mail(error) => Self::Mail(error),
            FulfilmentError::Store(error) => Self::Store(error),
        }
    }
}
