//! The errors of what creators do with their account, their shops and what they sold.

use tollgate_domain::{
    access::GrantError,
    checkout::{ConnectError, ReceiptError},
    creators::{AccountError, HandleError, PageError, QuotaExceeded},
    files::FileError,
    group_buys::GroupBuyError,
    moves::{ConfirmMoveError, MoveError},
    payments::{PaymentsError, Refusal},
    refunds::{RefundError, RefusalReason},
    reports::{ReportsError, ResendError},
    validation::FieldError,
};

use crate::problem::{Code, Problem, Reason};

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
            RefundError::Invalid(fields) => fields.into(),
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
            // Only screens say how much they showed.
            RefundError::MoreThanSeen => Self::new(Code::VersionConflict),
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
            MoveError::Invalid(fields) => fields.into(),
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
            ConfirmMoveError::Invalid | ConfirmMoveError::Ended => {
                Self::new(Code::InvalidMagicLink)
            }
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
            ResendError::PageNotFound => Self::new(Code::PageNotFound),
            ResendError::PageHidden => Self::field("pageSlug", FieldError::PageHidden),
            ResendError::NoAccess => {
                let detail = "The recipient has no access to the page any more.";
                Self::because(Code::NotFound, detail)
            }
            ResendError::Past => {
                let detail =
                    "The mail reports a state that may have changed since, and is not sent twice.";
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
            ReportsError::Invalid(fields) => fields.into(),
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
            AccountError::Invalid(fields) => fields.into(),
            AccountError::EmailTaken => Self::new(Code::EmailTaken),
            AccountError::Unauthorized => {
                Self::because(Code::CreatorUnauthorized, "Unknown account or wrong credentials.")
            }
            AccountError::Suspended => Self::because(
                Code::CreatorUnauthorized,
                "This account is suspended. Ask the operator of this installation.",
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
            HandleError::Invalid(fields) => fields.into(),
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
            PageError::Invalid(fields) => fields.into(),
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
            GroupBuyError::Invalid(fields) => fields.into(),
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

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::Invalid(fields) => fields.into(),
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
