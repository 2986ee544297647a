//! Conversions of the domain's errors into problems. Every match is exhaustive, so that a new error does not
//! compile until it has an answer. All are in one file, which makes it long: the stories share codes and sentences, and
//! errors with one name have one answer.

use tollgate_domain::{
    access::{AccessError, GrantError, ResourceType},
    checkout::{CheckoutError, ConnectError, NoPayments, ReceiptError},
    creators::{AccountError, HandleError, PageError, QuotaExceeded, ports::PasswordsError},
    files::{DownloadError, FileError, ports::FileStoreError},
    group_buys::{GroupBuyError, OfferError},
    mail::MailWriteError,
    moves::{ConfirmMoveError, MoveError},
    payments::{PaymentsError, Refusal, WebhookError},
    refunds::{RefundError, RefusalReason},
    reports::{ReportsError, ResendError},
    store_error::StoreError,
    validation::FieldError,
    visitor_auth::{RedeemLinkError, RequestLinkError},
};

use super::{Code, Problem, Reason};

/// When a checkout can be asked for again that waits for a payment in an earlier pay page, in seconds.
const CLOSING_SECONDS: u64 = 5;

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

impl From<RequestLinkError> for Problem {
    fn from(error: RequestLinkError) -> Self {
        match error {
            RequestLinkError::ReturnTo(error) => Self::field("returnTo", error.to_string()),
            RequestLinkError::Limited { retry_after_seconds } => Self::limited(retry_after_seconds),
            RequestLinkError::Mail(error) => error.into(),
            RequestLinkError::Store(error) => error.into(),
        }
    }
}

impl From<RedeemLinkError> for Problem {
    fn from(error: RedeemLinkError) -> Self {
        match error {
            RedeemLinkError::Invalid => Self::new(Code::InvalidMagicLink),
            RedeemLinkError::Expired => Self::new(Code::ExpiredMagicLink),
            RedeemLinkError::Used => Self::new(Code::UsedMagicLink),
            RedeemLinkError::Limited { retry_after_seconds } => Self::limited(retry_after_seconds),
            RedeemLinkError::Store(error) => error.into(),
        }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotFound(ResourceType::Page) => Self::new(Code::PageNotFound),
            AccessError::NotFound(ResourceType::File) => Self::new(Code::FileNotFound),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<NoPayments> for Problem {
    fn from(why: NoPayments) -> Self {
        Self { reason: Reason::of_no_payments(why), ..Self::new(Code::ConnectNotConfigured) }
    }
}

impl From<CheckoutError> for Problem {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::Invalid(fields) => Self::invalid_input(fields),
            CheckoutError::Unauthorized => Self::new(Code::VisitorUnauthorized),
            CheckoutError::PageNotFound => Self::new(Code::PageNotFound),
            CheckoutError::PageNotPaid => Self::new(Code::PageNotPaid),
            CheckoutError::ConnectNotConfigured(why) => why.into(),
            CheckoutError::AlreadyPurchased => Self::new(Code::AlreadyPurchased),
            CheckoutError::Disputed => Self::new(Code::PurchaseDisputed),
            CheckoutError::Quarantined => {
                let detail = "A payment for this page arrived that does not match its order. The \
                              seller has been told.";
                Self::because(Code::AlreadyPurchased, detail)
            }
            CheckoutError::GroupBuyNotActive => Self::new(Code::GroupBuyNotActive),
            CheckoutError::NotClosed(error) => {
                tracing::warn!(%error, "an earlier pay page cannot be closed");
                let detail = "An earlier pay page for this page cannot be closed now: a payment may be under \
                              way in it. Ask again in a moment.";
                Self::because(Code::PaymentProviderError, detail).again_in(CLOSING_SECONDS)
            }
            CheckoutError::NotFound => Self::new(Code::NotFound),
            // The seller has to mend it, such as the settings of taxes.
            CheckoutError::Payments(PaymentsError::Refused {
                refusal: Refusal::WithMessage,
                message,
            }) => {
                tracing::error!(message, "Stripe refused a checkout");
                let detail = "Stripe does not take payments for this page as it is set up.";
                Self::because(Code::ConnectNotConfigured, detail).with_reason(Reason::Other)
            }
            CheckoutError::Payments(error) => error.into(),
            CheckoutError::Mail(error) => error.into(),
            CheckoutError::Store(error) => error.into(),
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::HandleNotFound => Self::new(Code::HandleNotFound),
            ConnectError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            ConnectError::Suspended => AccountError::Suspended.into(),
            ConnectError::Limited { retry_after_seconds } => Self::limited(retry_after_seconds),
            ConnectError::Payments(error) => error.into(),
            ConnectError::Store(error) => error.into(),
        }
    }
}

impl From<RefundError> for Problem {
    fn from(error: RefundError) -> Self {
        match error {
            RefundError::Invalid(fields) => Self::invalid_input(fields),
            RefundError::HandleNotFound => Self::new(Code::HandleNotFound),
            RefundError::PageNotFound => Self::new(Code::PageNotFound),
            RefundError::PurchaseNotFound => Self::new(Code::PurchaseNotFound),
            RefundError::NotRefundable => Self::new(Code::NotRefundable),
            RefundError::AlreadyRefunded => Self::new(Code::AlreadyRefunded),
            RefundError::Lost => Self::because(
                Code::AlreadyRefunded,
                "A dispute was lost, so the bank has given the money back. Nothing is left to refund.",
            ),
            RefundError::Disputed => Self::new(Code::PurchaseDisputed),
            RefundError::Refused(reason) => {
                let detail = match reason {
                    RefusalReason::InsufficientBalance => {
                        "The balance of the Stripe account does not cover the refund. Add money to it, or \
                         try again after the next sale."
                    }
                    RefusalReason::AccountDisconnected => {
                        "The Stripe account is no longer connected. Connect it again, or refund in Stripe."
                    }
                    RefusalReason::AccountRestricted => {
                        "Stripe has restricted the account. Its dashboard says what it needs."
                    }
                };
                Self::because(Code::RefundRefused, detail).with_reason(reason.into())
            }
            RefundError::Payments(PaymentsError::Refused {
                refusal: Refusal::WithMessage,
                message,
            }) => {
                tracing::warn!(message, "Stripe refused a refund");
                let detail = format!("Stripe does not accept the refund: {message}");
                Self::because(Code::RefundRefused, detail).with_reason(Reason::Other)
            }
            RefundError::Unusable(reason) => {
                tracing::error!(reason, "what Stripe says of a refund cannot be used");
                let detail = format!(
                    "Stripe's answer cannot be right, and nothing was recorded: {reason}. Look at the payment in \
                     Stripe."
                );
                Self::because(Code::PaymentProviderError, detail)
            }
            RefundError::Payments(error) => error.into(),
            RefundError::Mail(error) => error.into(),
            RefundError::Store(error) => error.into(),
        }
    }
}

impl From<GrantError> for Problem {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::HandleNotFound => Self::new(Code::HandleNotFound),
            GrantError::PageNotFound => Self::new(Code::PageNotFound),
            GrantError::NotFound => Self::new(Code::PurchaseNotFound),
            GrantError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            GrantError::Mail(error) => error.into(),
            GrantError::Store(error) => error.into(),
        }
    }
}

impl From<ReceiptError> for Problem {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::HandleNotFound => Self::new(Code::HandleNotFound),
            ReceiptError::NotFound => Self::new(Code::PurchaseNotFound),
            ReceiptError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            ReceiptError::Mail(error) => error.into(),
            ReceiptError::Store(error) => error.into(),
        }
    }
}

impl From<MoveError> for Problem {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Invalid(fields) => Self::invalid_input(fields),
            MoveError::HandleNotFound => Self::new(Code::HandleNotFound),
            MoveError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            MoveError::Limited { retry_after_seconds } => Self::limited(retry_after_seconds),
            MoveError::Mail(error) => error.into(),
            MoveError::Store(error) => error.into(),
        }
    }
}

impl From<ConfirmMoveError> for Problem {
    fn from(error: ConfirmMoveError) -> Self {
        match error {
            ConfirmMoveError::Invalid => Self::new(Code::InvalidMagicLink),
            ConfirmMoveError::Expired => Self::new(Code::ExpiredMagicLink),
            ConfirmMoveError::Used => Self::new(Code::UsedMagicLink),
            ConfirmMoveError::NothingToMove => Self::new(Code::NotFound),
            ConfirmMoveError::Mail(error) => error.into(),
            ConfirmMoveError::Store(error) => error.into(),
        }
    }
}

impl From<ResendError> for Problem {
    fn from(error: ResendError) -> Self {
        match error {
            ResendError::HandleNotFound => Self::new(Code::HandleNotFound),
            ResendError::NotFound | ResendError::Forgotten | ResendError::Over => {
                Self::new(Code::NotFound)
            }
            ResendError::NoAccess => {
                let detail = "The recipient has no access to the page any more.";
                Self::because(Code::NotFound, detail)
            }
            ResendError::Past => {
                let detail = "The mail tells of the past and is not sent twice.";
                Self::because(Code::NotFound, detail)
            }
            ResendError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            ResendError::Link(error) => error.into(),
            ResendError::Mail(error) => error.into(),
            ResendError::Store(error) => error.into(),
        }
    }
}

impl From<ReportsError> for Problem {
    fn from(error: ReportsError) -> Self {
        match error {
            ReportsError::Invalid(fields) => Self::invalid_input(fields),
            ReportsError::HandleNotFound => Self::new(Code::HandleNotFound),
            ReportsError::PageNotFound => Self::new(Code::PageNotFound),
            ReportsError::FileNotFound => Self::new(Code::FileNotFound),
            ReportsError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(fields) => Self::invalid_input(fields),
            AccountError::EmailTaken => Self::new(Code::EmailTaken),
            AccountError::Unauthorized => {
                Self::because(Code::CreatorUnauthorized, "Unknown account or wrong credentials.")
            }
            AccountError::Suspended => Self::because(
                Code::CreatorUnauthorized,
                "This account is suspended. Ask the operator of this site.",
            )
            .with_reason(Reason::AccountSuspended),
            AccountError::Limited { retry_after_seconds } => Self::limited(retry_after_seconds),
            AccountError::InvalidToken => Self::new(Code::InvalidMagicLink),
            AccountError::ExpiredToken => Self::new(Code::ExpiredMagicLink),
            AccountError::UsedToken => Self::new(Code::UsedMagicLink),
            AccountError::Mail(error) => error.into(),
            AccountError::Passwords(error) => error.into(),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<HandleError> for Problem {
    fn from(error: HandleError) -> Self {
        match error {
            HandleError::Invalid(fields) => Self::invalid_input(fields),
            HandleError::NotFound => Self::new(Code::HandleNotFound),
            HandleError::VersionConflict => Self::new(Code::VersionConflict),
            HandleError::Taken => Self::new(Code::HandleTaken),
            HandleError::QuotaExceeded(error) => error.into(),
            HandleError::Store(error) => error.into(),
        }
    }
}

impl From<QuotaExceeded> for Problem {
    fn from(error: QuotaExceeded) -> Self {
        let (detail, reason) = match error {
            QuotaExceeded::Handles(most) => {
                (format!("An account may have at most {most} handles here."), Reason::Handles)
            }
            QuotaExceeded::Pages(most) => {
                (format!("A handle may have at most {most} pages."), Reason::Pages)
            }
            QuotaExceeded::Files(most) => {
                (format!("A handle may have at most {most} files."), Reason::Files)
            }
            QuotaExceeded::GroupBuys(most) => {
                (format!("A handle may have at most {most} group buys."), Reason::GroupBuys)
            }
            QuotaExceeded::Allowed(most) => {
                (format!("A file's list may have at most {most} addresses."), Reason::Allowlist)
            }
        };
        Self::because(Code::QuotaExceeded, detail).with_reason(reason)
    }
}

impl From<PageError> for Problem {
    fn from(error: PageError) -> Self {
        match error {
            PageError::Invalid(fields) => Self::invalid_input(fields),
            PageError::HandleNotFound => Self::new(Code::HandleNotFound),
            PageError::NotFound => Self::new(Code::PageNotFound),
            PageError::SlugTaken => Self::new(Code::SlugTaken),
            PageError::VersionConflict(_) => Self::new(Code::VersionConflict),
            PageError::QuotaExceeded(error) => error.into(),
            PageError::Store(error) => error.into(),
        }
    }
}

impl From<GroupBuyError> for Problem {
    fn from(error: GroupBuyError) -> Self {
        match error {
            GroupBuyError::Invalid(fields) => Self::invalid_input(fields),
            GroupBuyError::HandleNotFound => Self::new(Code::HandleNotFound),
            GroupBuyError::PageNotFound => Self::new(Code::PageNotFound),
            GroupBuyError::PageNotPaid => Self::new(Code::PageNotPaid),
            GroupBuyError::NotFound => Self::new(Code::GroupBuyNotFound),
            GroupBuyError::VersionConflict => Self::new(Code::VersionConflict),
            GroupBuyError::SlugTaken => Self::new(Code::SlugTaken),
            GroupBuyError::QuotaExceeded(error) => error.into(),
            GroupBuyError::NotOpen => Self::new(Code::GroupBuyNotOpen),
            GroupBuyError::TargetNotReached => Self::new(Code::GroupBuyTargetNotReached),
            GroupBuyError::EmailNotVerified(_) => Self::new(Code::EmailNotVerified),
            GroupBuyError::Mail(error) => error.into(),
            GroupBuyError::Store(error) => error.into(),
        }
    }
}

impl From<OfferError> for Problem {
    fn from(error: OfferError) -> Self {
        match error {
            OfferError::NotFound => Self::new(Code::GroupBuyNotFound),
            OfferError::PageNotPaid => Self::new(Code::PageNotPaid),
            OfferError::NotOpen => Self::new(Code::GroupBuyNotOpen),
            OfferError::Full => Self::new(Code::GroupBuyFull),
            OfferError::AlreadyPurchased => Self::new(Code::AlreadyPurchased),
            OfferError::NotActive => Self::new(Code::GroupBuyNotActive),
            OfferError::InterestRequired => Self::new(Code::InterestRequired),
            OfferError::Checkout(error) => error.into(),
            OfferError::Store(error) => error.into(),
        }
    }
}

impl From<FileStoreError> for Problem {
    fn from(error: FileStoreError) -> Self {
        tracing::error!(%error, "the file store failed");
        Self::new(Code::Unavailable).again_in(1)
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Invalid(fields) => Self::invalid_input(fields),
            FileError::HandleNotFound => Self::new(Code::HandleNotFound),
            FileError::NotFound => Self::new(Code::FileNotFound),
            FileError::VersionConflict => Self::new(Code::VersionConflict),
            FileError::SlugTaken => Self::new(Code::SlugTaken),
            FileError::TooLarge { max_bytes } => Self::because(
                Code::PayloadTooLarge,
                format!("At most {max_bytes} bytes are taken."),
            ),
            FileError::QuotaExceeded { max_bytes } => {
                let detail =
                    format!("An account may store at most {max_bytes} bytes of files here.");
                Self::because(Code::QuotaExceeded, detail).with_reason(Reason::StoredBytes)
            }
            FileError::TooMany(error) => error.into(),
            FileError::Objects(error) => error.into(),
            FileError::Store(error) => error.into(),
        }
    }
}

impl From<DownloadError> for Problem {
    fn from(error: DownloadError) -> Self {
        match error {
            DownloadError::NotFound => Self::new(Code::FileNotFound),
            DownloadError::Unauthorized => Self::new(Code::VisitorUnauthorized),
            DownloadError::Forbidden => Self::new(Code::FileForbidden),
            DownloadError::Lost => Self::new(Code::InternalError),
            DownloadError::Objects(error) => error.into(),
            DownloadError::Store(error) => error.into(),
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
