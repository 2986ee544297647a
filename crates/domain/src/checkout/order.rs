//! Orders of visitors for pages.

use jiff::Timestamp;

use crate::{
    access::{FactKind, GrantType, Resource, Subject},
    clock::{DAY_SECONDS, plus_seconds},
    email::Email,
    id::{CheckoutId, GroupBuyId, HandleId, PageId, VisitorId},
    money::Money,
    payments::{AccountId, CheckoutSessionId, OpenedSession, PaymentExtras, SessionState},
    text_enum::text_enum,
};

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// The order is stored; the provider may not know of it yet.
    Creating,
    /// The visitor can pay.
    Open,
    /// The visitor has completed the pay page; the payment is still being processed.
    Pending,
    /// The order must not be paid any more, and its session is about to be closed. A payment that still
    /// arrives is accepted.
    Closing,
    /// The order was paid and led to a purchase.
    Paid,
    /// The order was closed without payment. A payment that still arrives is accepted.
    Expired,
    /// The payment failed.
    Failed,
    /// The order was paid, but the payment does not match it.
    Quarantined,
}

text_enum!(
    OrderStatus,
    Creating = "CREATING",
    Open = "OPEN",
    Pending = "PENDING",
    Closing = "CLOSING",
    Paid = "PAID",
    Expired = "EXPIRED",
    Failed = "FAILED",
    Quarantined = "QUARANTINED"
);

/// How long a visitor can take to pay, in seconds. Stripe allows up to 24 hours; the remaining hour
/// allows for clock differences and for orders whose session is opened late.
pub(super) const ORDER_SECONDS: i64 = 23 * 3600;
/// How long the opening of a new order is retried, in seconds. It is short enough that the provider
/// still remembers the idempotency key and accepts the expiry.
pub(super) const REOPENING_SECONDS: i64 = 3600;
/// The longest time that a payment is processed, in seconds: a voucher that is paid in a shop is good for 60 days. If
/// nothing was heard until then, such as from an account that is disconnected, nothing is expected any more.
const MAX_PROCESSING_SECONDS: i64 = 65 * DAY_SECONDS;
/// For how long a visitor is told of a payment that failed, in seconds.
pub(super) const FAILURE_SECONDS: i64 = 30 * DAY_SECONDS;

impl OrderStatus {
    /// The statuses in which a visitor cannot have another order for the page.
    pub const LIVE: [Self; 4] = [Self::Creating, Self::Open, Self::Pending, Self::Closing];

    /// The statuses in which the visitor can still complete the pay page.
    pub const PAYABLE: [Self; 3] = [Self::Creating, Self::Open, Self::Closing];

    /// The statuses of orders whose payment has begun. The visitor is then no longer told of
    /// an earlier failure.
    pub const BEGUN: [Self; 4] = [Self::Pending, Self::Paid, Self::Failed, Self::Quarantined];

    /// The statuses of orders that led to no purchase although somebody has paid or is paying for them.
    pub const PAID_FOR: [Self; 2] = [Self::Pending, Self::Quarantined];

    /// The statuses from which an order can become paid.
    pub const UNPAID: [Self; 6] =
        [Self::Creating, Self::Open, Self::Pending, Self::Closing, Self::Expired, Self::Failed];

    /// The statuses of orders that are not known to be paid: those of [`UNPAID`](Self::UNPAID), and that of an order whose payment did not
    /// match it when it was read before.
    pub const NOT_PAID: [Self; 7] = [
        Self::Creating,
        Self::Open,
        Self::Pending,
        Self::Closing,
        Self::Expired,
        Self::Failed,
        Self::Quarantined,
    ];

    /// Returns whether the order prevents its visitor from having another one for the page.
    pub fn is_live(self) -> bool {
        Self::LIVE.contains(&self)
    }

    /// Returns whether the payment of an order in this status may turn out to be processed although the order was closed: its
    /// session may have been out of reach then, or the answer to opening it lost. An order whose payment failed has a session.
    pub(crate) fn may_come_back(self, has_session: bool) -> bool {
        self == Self::Expired || (self == Self::Failed && !has_session)
    }
}

/// A status of an order that gave no access, and that its visitor is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportedStatus {
    /// The payment is being processed.
    Pending,
    /// The payment failed.
    Failed,
    /// The payment does not match the order.
    Quarantined,
}

impl ReportedStatus {
    /// All variants, in the order of their declaration.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Failed, Self::Quarantined];

    /// Returns the reported status of an order, if it has one.
    pub fn of(status: OrderStatus) -> Option<Self> {
        Self::ALL.into_iter().find(|reported| OrderStatus::from(*reported) == status)
    }
}

impl From<ReportedStatus> for OrderStatus {
    fn from(status: ReportedStatus) -> Self {
        match status {
            ReportedStatus::Pending => Self::Pending,
            ReportedStatus::Failed => Self::Failed,
            ReportedStatus::Quarantined => Self::Quarantined,
        }
    }
}

/// A visitor's order for a page. Requests to the provider are built from the stored order, and payments
/// are compared with it. Only `status`, `opened` and `success_url` change, and with a change of address
/// also the visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutOrder {
    /// The identifier of the order.
    pub id: CheckoutId,
    /// The visitor who gets the access.
    pub visitor_id: VisitorId,
    /// The handle that the page belongs to.
    pub handle_id: HandleId,
    /// The page that is bought.
    pub page_id: PageId,
    /// The group buy that sets the price, if it is not the page's own.
    pub group_buy_id: Option<GroupBuyId>,
    /// The connected account that receives the money.
    pub account: AccountId,
    /// The title shown to the visitor on the pay page.
    pub title: String,
    /// The amount to charge.
    pub price: Money,
    /// The platform fee in minor units, included in the price.
    pub fee: i64,
    /// The visitor's verified address.
    pub customer_email: Email,
    /// The URL that the visitor returns to after paying, if it is not the page.
    pub success_url: Option<String>,
    /// The URL that the visitor returns to after cancelling, if it is not the page.
    pub cancel_url: Option<String>,
    /// The current status.
    pub status: OrderStatus,
    /// The provider's session, once it was opened.
    pub opened: Option<OpenedSession>,
    /// When the order was stored.
    pub created_at: Timestamp,
    /// When the session closes if it has not been paid.
    pub expires_at: Timestamp,
    /// Additional services of the provider, which the seller can turn on.
    pub extras: PaymentExtras,
}

impl CheckoutOrder {
    /// Returns what facts about a payment for the order are about that led to no purchase.
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            handle_id: self.handle_id,
            resource: Resource::Page(self.page_id),
            visitor_id: Some(self.visitor_id),
            purchase_id: None,
        }
    }

    /// Returns how the access is granted once the order is paid, and the kind of the fact that says so.
    pub(crate) fn granted_as(&self) -> (GrantType, FactKind) {
        if self.group_buy_id.is_some() {
            (GrantType::GroupBuy, FactKind::GroupPurchased)
        } else {
            (GrantType::Purchase, FactKind::Purchased)
        }
    }

    /// Returns how much was paid in a session of the order, in minor units, and the code of the currency. A payment that does not
    /// match its order may lack its amount or its currency.
    pub(crate) fn paid_in<'a>(&'a self, session: &'a SessionState) -> (i64, &'a str) {
        let paid = if session.amount > 0 { session.amount } else { self.price.amount };
        let ordered = self.price.currency.code();
        (paid, if session.currency.is_empty() { ordered } else { session.currency.as_str() })
    }

    /// Returns whether the order has a session, and it is not this one.
    pub(crate) fn has_other_session(&self, session: &CheckoutSessionId) -> bool {
        self.opened.as_ref().is_some_and(|opened| opened.session != *session)
    }

    /// Returns whether a session in which the payment is being processed makes the order [`OrderStatus::Pending`] again; see
    /// [`OrderStatus::may_come_back`].
    pub(crate) fn may_come_back_at(&self, now: Timestamp) -> bool {
        self.status.may_come_back(self.opened.is_some()) && may_be_processed(self.created_at, now)
    }

    /// Returns whether the payment may still be processed at `now`.
    pub(crate) fn is_processed_at(&self, now: Timestamp) -> bool {
        self.status == OrderStatus::Pending && may_be_processed(self.created_at, now)
    }

    /// Returns whether the visitor is still told at `now` that the payment failed.
    pub(super) fn is_news_at(&self, now: Timestamp) -> bool {
        now < plus_seconds(self.created_at, FAILURE_SECONDS)
    }
}

/// A payment that does not match its order and was not refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedPayment {
    /// The order whose session was paid. Its price may differ from the amount that was paid.
    pub order: CheckoutOrder,
    /// When Tollgate learnt of the payment.
    pub since: Timestamp,
}

/// How long a visitor whose payment did not match its order is asked to wait for the seller, in seconds.
const QUARANTINE_SECONDS: i64 = 3 * DAY_SECONDS;

/// Returns whether the seller of a payment that was quarantined at `since` may still be about to mend that at `now`.
pub(crate) fn may_be_mended(since: Timestamp, now: Timestamp) -> bool {
    now < plus_seconds(since, QUARANTINE_SECONDS)
}

/// Returns whether a payment that began at `since` may still be processed at `now`.
pub(crate) fn may_be_processed(since: Timestamp, now: Timestamp) -> bool {
    now < plus_seconds(since, MAX_PROCESSING_SECONDS)
}
