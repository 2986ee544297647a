//! The stable codes of what can go wrong. Source: `docs/api.md`, "Errors".

use actix_web::http::StatusCode;

/// Declares the codes. Each has a name, a status, the text on the wire and a title for people.
macro_rules! codes {
    ($($name:ident $status:ident $text:literal $title:literal;)*) => {
        /// A stable code, with the status and the title that go with it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Code { $($name),* }

        impl Code {
            /// All codes, for the interface's description.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the code as it is written on the wire.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// Returns what it says to a person.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }

            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),* }
            }
        }
    };
}

codes! {
    BadRequest BAD_REQUEST "bad_request" "The request cannot be understood";
    InvalidSignature BAD_REQUEST "invalid_signature" "The signature is not valid";
    VisitorUnauthorized UNAUTHORIZED "visitor_unauthorized" "A valid visitor session is required";
    InvalidMagicLink UNAUTHORIZED "invalid_magic_link" "This link or code is not valid";
    ExpiredMagicLink UNAUTHORIZED "expired_magic_link" "This link has expired";
    UsedMagicLink UNAUTHORIZED "used_magic_link" "This link was used already";
    CreatorUnauthorized UNAUTHORIZED "creator_unauthorized" "A valid creator token is required";
    MailServiceUnauthorized UNAUTHORIZED "mail_service_unauthorized" "The mail service has not proved itself";
    CrossSiteRequest FORBIDDEN "cross_site_request" "The request comes from another site";
    FileForbidden FORBIDDEN "file_forbidden" "This visitor has no access to the file";
    NotFound NOT_FOUND "not_found" "There is nothing here";
    PageNotFound NOT_FOUND "page_not_found" "This page does not exist or is not published";
    HandleNotFound NOT_FOUND "handle_not_found" "There is no such handle";
    FileNotFound NOT_FOUND "file_not_found" "There is no such file";
    PurchaseNotFound NOT_FOUND "purchase_not_found" "There is no such purchase";
    GroupBuyNotFound NOT_FOUND "group_buy_not_found" "There is no such group buy";
    MethodNotAllowed METHOD_NOT_ALLOWED "method_not_allowed" "The method is not allowed here";
    PageNotPaid CONFLICT "page_not_paid" "This page is not for sale";
    ConnectNotConfigured CONFLICT "connect_not_configured" "The creator can take no payments now";
    AlreadyPurchased CONFLICT "already_purchased" "This page is bought already";
    AlreadyRefunded CONFLICT "already_refunded" "The purchase was refunded already";
    NotRefundable CONFLICT "not_refundable" "Nothing was paid for this access";
    RefundRefused CONFLICT "refund_refused" "Stripe refuses the refund";
    PurchaseDisputed CONFLICT "purchase_disputed" "The purchase is disputed";
    GroupBuyNotOpen CONFLICT "group_buy_not_open" "The group buy is not open for this";
    GroupBuyTargetNotReached CONFLICT "group_buy_target_not_reached" "Too few have joined the group buy";
    GroupBuyFull CONFLICT "group_buy_full" "The group buy has no room for this quantity";
    GroupBuyNotActive CONFLICT "group_buy_not_active" "The group buy is not on offer now";
    InterestRequired CONFLICT "interest_required" "Only those who joined before it was activated can buy";
    SlugTaken CONFLICT "slug_taken" "The slug is taken";
    HandleTaken CONFLICT "handle_taken" "The handle is taken";
    EmailNotVerified CONFLICT "email_not_verified" "The address of the account is not proved yet";
    VersionConflict CONFLICT "version_conflict" "This was changed in the meantime";
    QuotaExceeded CONFLICT "quota_exceeded" "A quota of the account is used up";
    EmailTaken CONFLICT "email_taken" "There is an account with this address";
    IdempotencyConflict CONFLICT "idempotency_conflict" "The idempotency key belongs to another request";
    PreconditionFailed PRECONDITION_FAILED "precondition_failed" "The file is another one by now";
    PayloadTooLarge PAYLOAD_TOO_LARGE "payload_too_large" "The body is too large";
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The body has the wrong media type";
    RangeNotSatisfiable RANGE_NOT_SATISFIABLE "range_not_satisfiable" "The file has no such part";
    ValidationFailed UNPROCESSABLE_ENTITY "validation_failed" "The input is not valid";
    RateLimited TOO_MANY_REQUESTS "rate_limited" "Too many requests";
    InternalError INTERNAL_SERVER_ERROR "internal_error" "Something went wrong";
    PaymentProviderError BAD_GATEWAY "payment_provider_error" "The payment provider did not answer as expected";
    Unavailable SERVICE_UNAVAILABLE "unavailable" "Temporarily unavailable";
}
