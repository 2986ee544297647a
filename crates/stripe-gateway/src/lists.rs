//! The requests for lists of an account's objects.

use jiff::Timestamp;
use stripe_checkout::checkout_session::ListCheckoutSession;
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_core::{dispute::ListDispute, refund::ListRefund};
use stripe_types::RangeQueryTs;

use crate::{failure::CallError, ids::plain};

/// Stripe's limit of a page.
pub(crate) const PER_PAGE: i64 = 100;
/// Lists sessions. The payment shows whether a completed session's payment failed, and its charge when it was made.
pub(crate) fn sessions(since: Timestamp, after: Option<&str>) -> Result<RequestBuilder, CallError> {
    let list = ListCheckoutSession::new().created(RangeQueryTs::gte(since.as_second()));
    let list = list.limit(PER_PAGE).expand(["data.payment_intent.latest_charge".to_owned()]);
    let list = match after {
        Some(after) => list.starting_after(plain(after)?),
        None => list,
    };
    Ok(list.build())
}

/// Lists refunds. The charge names the payment of a refund that does not name it itself.
pub(crate) fn refunds(since: Timestamp, after: Option<&str>) -> Result<RequestBuilder, CallError> {
    let list = ListRefund::new().created(RangeQueryTs::gte(since.as_second())).limit(PER_PAGE);
    let list = list.expand(["data.charge".to_owned()]);
    let list = match after {
        Some(after) => list.starting_after(plain(after)?),
        None => list,
    };
    Ok(list.build())
}

/// Lists disputes. The charge names the payment of a dispute that does not name it itself.
pub(crate) fn disputes(since: Timestamp, after: Option<&str>) -> Result<RequestBuilder, CallError> {
    let list = ListDispute::new().created(RangeQueryTs::gte(since.as_second())).limit(PER_PAGE);
    let list = list.expand(["data.charge".to_owned()]);
    let list = match after {
        Some(after) => list.starting_after(plain(after)?),
        None => list,
    };
    Ok(list.build())
}
