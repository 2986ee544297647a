//! The errors of checkout.

use super::NoPayments;
use crate::{
    creators::{EmailNotVerified, from_ownership_error},
    id::CheckoutId,
    mail::{MailWriteError, from_mail_write_error},
    payments::{PaymentsError, Refusal},
    store_error::StoreError,
    validation::FieldErrors,
};

/// The error of starting a checkout or returning from it.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The visitor is not signed in.
    #[error("a visitor session is required")]
    Unauthorized,
    /// The page does not exist for this visitor.
    #[error("no such page")]
    PageNotFound,
    /// The page is not for sale.
    #[error("the page is not paid")]
    PageNotPaid,
    /// The handle has no payment account that can take money.
    #[error("payments are not connected")]
    ConnectNotConfigured(NoPayments),
    /// The visitor has already bought the page.
    #[error("the page is bought already")]
    AlreadyPurchased,
    /// The bank disputes the visitor's payment, which may still turn out to be good.
    #[error("an earlier payment is disputed")]
    Disputed,
    /// A payment of the visitor arrived that does not match its order. The seller has been told, and may still mend it.
    #[error("an earlier payment does not match its order")]
    Quarantined,
    /// The group buy of the requested price is not active.
    #[error("the group buy is not active")]
    GroupBuyNotActive,
    /// The provider refuses to close the session of an earlier order for the page now, for example since a payment in it is
    /// under way. No other session is opened before.
    #[error("an earlier session cannot be closed now: {0}")]
    NotClosed(PaymentsError),
    /// The order does not exist.
    #[error("no such checkout")]
    NotFound,
    /// The request to the payment provider failed.
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

/// The error of connecting a payment account or reading its status.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The operator has suspended the creator.
    #[error("the account is suspended")]
    Suspended,
    /// Too many links to the provider's onboarding were asked for.
    #[error("too many requests")]
    Limited {
        /// The whole seconds until the request would be admitted.
        retry_after_seconds: u64,
    },
    /// The request to the payment provider failed.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_ownership_error!(ConnectError, HandleNotFound);

/// The error of reading or resending a receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// There is no such payment.
    #[error("no such purchase")]
    NotFound,
    /// The creator's address is not proved.
    #[error(transparent)]
    EmailNotVerified(#[from] EmailNotVerified),
    /// The mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(ReceiptError);

from_ownership_error!(ReceiptError, HandleNotFound);

/// The error of applying a report of the payment provider. The operation is retried.
#[derive(Debug, thiserror::Error)]
pub enum FulfilmentError {
    /// The request to the payment provider failed.
    #[error(transparent)]
    Payments(#[from] PaymentsError),
    /// The provider does not show the session of an order whose payment it has, or shows it as it was before the payment.
    #[error("the session of a payment is out of reach: {error}")]
    SessionOutOfReach {
        /// The order.
        checkout: CheckoutId,
        /// The error of reading the session.
        error: PaymentsError,
    },
    /// The provider answered with what cannot be true, such as a refund in another currency than its payment.
    #[error("the payment provider's answer cannot be used: {0}")]
    Unusable(String),
    /// A mail could not be written.
    #[error(transparent)]
    Mail(MailWriteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

from_mail_write_error!(FulfilmentError);

impl CheckoutError {
    /// Returns the error of a checkout for which an earlier session was not closed. A refusal that is about the account or the
    /// platform is the same as that of any call.
    pub(super) fn of_closing(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(
                error @ PaymentsError::Refused { refusal: Refusal::WithMessage, .. },
            ) => Self::NotClosed(error),
            error => error.into(),
        }
    }
}

impl From<FulfilmentError> for CheckoutError {
    fn from(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(error) | FulfilmentError::SessionOutOfReach { error, .. } => {
                Self::Payments(error)
            }
            FulfilmentError::Unusable(reason) => Self::Payments(PaymentsError::Unavailable(reason)),
            FulfilmentError::Mail(error) => Self::Mail(error),
            FulfilmentError::Store(error) => Self::Store(error),
        }
    }
}
