//! Conversions of the domain's errors into problems. Every match is exhaustive, so that a new error does not
//! compile until it has an answer.

mod creators;
mod visitors;

use tollgate_domain::{
    creators::ports::PasswordsError,
    files::ports::FileStoreError,
    mail::MailWriteError,
    payments::{PaymentsError, WebhookError},
    store_error::StoreError,
    validation::FieldError,
};

use super::{Code, Problem};

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // The same request may succeed when it is repeated.
            StoreError::Conflict => Self::new(Code::Unavailable).again_in(1),
            StoreError::Unavailable(cause) => {
                tracing::error!(cause, "the store is unavailable");
                Self::new(Code::Unavailable).again_in(1)
            }
            StoreError::Corrupt(column) => {
                tracing::error!(column, "stored data cannot be read");
                Self::new(Code::InternalError)
            }
        }
    }
}

impl From<FileStoreError> for Problem {
    fn from(error: FileStoreError) -> Self {
        tracing::error!(%error, "the file store failed");
        Self::new(Code::Unavailable).again_in(1)
    }
}

impl From<PaymentsError> for Problem {
    fn from(error: PaymentsError) -> Self {
        match error {
            PaymentsError::Refused { refusal, message } => {
                tracing::error!(?refusal, message, "the payment provider refused");
            }
            PaymentsError::Unavailable(cause) | PaymentsError::Failed(cause) => {
                tracing::error!(cause, "the payment provider is unavailable");
            }
            PaymentsError::Busy { reason, retry_after_seconds } => {
                tracing::error!(reason, retry_after_seconds, "the payment provider is busy");
                return Self::new(Code::PaymentProviderError).again_in(retry_after_seconds);
            }
        }
        Self::new(Code::PaymentProviderError)
    }
}

impl From<MailWriteError> for Problem {
    fn from(error: MailWriteError) -> Self {
        match error {
            MailWriteError::Limited { retry_after_seconds } => Self::because(
                Code::RateLimited,
                "Too many mails: to this person, or of this account in one day.",
            )
            .again_in(retry_after_seconds)
            .of_a_day(),
            MailWriteError::Unwanted => Self::field("email", FieldError::MailUnwanted),
            MailWriteError::Store(error) => error.into(),
            MailWriteError::Seal(error) => {
                tracing::error!(%error, "a mail could not be sealed");
                Self::new(Code::InternalError)
            }
        }
    }
}

impl From<PasswordsError> for Problem {
    fn from(error: PasswordsError) -> Self {
        match error {
            PasswordsError::Busy => Self::new(Code::Unavailable).again_in(1),
            PasswordsError::Failed(cause) => {
                tracing::error!(cause, "password hashing failed");
                Self::new(Code::InternalError)
            }
        }
    }
}

/// Returns the problem of a webhook that is refused; `None` if it is about something else and is ignored.
pub(crate) fn of_webhook(error: WebhookError) -> Option<Problem> {
    match error {
        WebhookError::InvalidSignature => Some(Problem::new(Code::InvalidSignature)),
        WebhookError::BadRequest => Some(Problem::new(Code::BadRequest)),
        WebhookError::WrongMode => None,
    }
}
