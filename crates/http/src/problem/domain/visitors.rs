//! The errors of what visitors do: sign in, look, buy, join and download.

use tollgate_domain::{
    access::{AccessError, ResourceType},
    checkout::{CheckoutError, NoPayments},
    files::DownloadError,
    group_buys::OfferError,
    payments::{PaymentsError, Refusal},
    visitor_auth::{RedeemLinkError, RequestLinkError},
};

use crate::problem::{Code, Problem, Reason};

/// When a checkout can be asked for again that waits for a payment in an earlier pay page, in seconds.
const CLOSING_SECONDS: u64 = 5;

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
            CheckoutError::Invalid(fields) => fields.into(),
            CheckoutError::Unauthorized => Self::new(Code::VisitorUnauthorized),
            CheckoutError::PageNotFound => Self::new(Code::PageNotFound),
            CheckoutError::PageNotPaid => Self::new(Code::PageNotPaid),
            CheckoutError::ConnectNotConfigured(why) => why.into(),
            CheckoutError::AlreadyPurchased => Self::new(Code::AlreadyPurchased),
            CheckoutError::Disputed => Self::new(Code::PurchaseDisputed),
            CheckoutError::Quarantined => {
                let detail = "A payment for this page arrived that does not match its order. The \
                              creator has been told.";
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
