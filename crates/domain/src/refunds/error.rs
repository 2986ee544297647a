//! The errors of refunds.

use crate::{
    checkout::FulfilmentError,
    creators::from_ownership_error,
    mail::{MailWriteError, from_mail_write_error},
    payments::{PaymentsError, Refusal},
    store_error::StoreError,
    validation::FieldErrors,
};

/// Why the provider refuses a refund that a person can make possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// The balance of the creator's account does not cover the refund.
    InsufficientBalance,
    /// The creator's account is no longer connected.
    AccountDisconnected,
    /// The creator's account is restricted.
    AccountRestricted,
}

/// The error of a refund request.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// The input is not valid.
    #[error("the input is not valid")]
    Invalid(FieldErrors),
    /// The handle does not exist or belongs to another creator.
    #[error("no such handle")]
    HandleNotFound,
    /// The handle has no such page.
    #[error("no such page")]
    PageNotFound,
    /// The visitor has not paid for this page.
    #[error("no such purchase")]
    PurchaseNotFound,
    /// The access was given without a payment, so there is nothing to refund.
    #[error("nothing was paid")]
    NotRefundable,
    /// The full payment has already been refunded.
    #[error("the purchase was refunded already")]
    AlreadyRefunded,
    /// More is left of the payment than the wish says that was seen, such as after an earlier refund failed. Nothing was refunded.
    #[error("more is left to refund than was seen")]
    MoreThanSeen,
    /// A dispute was lost, and nothing is left of the payment.
    #[error("a lost dispute gave the payment back already")]
    Lost,
    /// The payment is disputed, and the buyer's bank decides who gets the money.
    #[error("the purchase is disputed")]
    Disputed,
    /// The provider refuses for a reason that a person can mend.
    #[error("the refund is refused: {0:?}")]
    Refused(RefusalReason),
    /// The provider says of a refund what cannot be, such as that it is in another currency than the payment. Nothing was
    /// recorded. A request that it may be the answer to stays open, so that no second refund is made.
    #[error("the payment provider's answer cannot be used: {0}")]
    Unusable(String),
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

impl RefundError {
    /// Returns the error of a read that failed, with the reason if a person can mend it.
    pub(super) fn with_reason(self) -> Self {
        match self {
            Self::Payments(error) => explained(error),
            error => error,
        }
    }
}

from_mail_write_error!(RefundError);

from_ownership_error!(RefundError);

impl From<FulfilmentError> for RefundError {
    fn from(error: FulfilmentError) -> Self {
        match error {
            FulfilmentError::Payments(error) | FulfilmentError::SessionOutOfReach { error, .. } => {
                Self::Payments(error)
            }
            FulfilmentError::Unusable(reason) => Self::Unusable(reason),
            FulfilmentError::Mail(error) => Self::Mail(error),
            FulfilmentError::Store(error) => Self::Store(error),
        }
    }
}

/// Returns the error of a call about a refund that failed like this. What a person can mend has a reason.
pub(super) fn explained(error: PaymentsError) -> RefundError {
    let PaymentsError::Refused { refusal, .. } = &error else { return error.into() };
    let refusal = *refusal;
    match refusal {
        Refusal::AlreadyRefunded => RefundError::AlreadyRefunded,
        Refusal::Disputed => RefundError::Disputed,
        Refusal::InsufficientBalance => RefundError::Refused(RefusalReason::InsufficientBalance),
        Refusal::AccountDisconnected => RefundError::Refused(RefusalReason::AccountDisconnected),
        Refusal::AccountRestricted => RefundError::Refused(RefusalReason::AccountRestricted),
        Refusal::NotFound | Refusal::WithMessage | Refusal::Other => error.into(),
    }
}
