//! The ports through which reports use the store. Everything here is read outside a unit of work.

use std::ops::Range;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Person, Sale, SaleFilter};
use crate::{
    access::{Fact, FactKind, Purchase, Resource},
    checkout::{CheckoutOrder, OrderStatus, QuarantinedPayment, ReportedStatus},
    creators::FrontendOrigin,
    disputes::Dispute,
    email::Email,
    id::{CheckoutId, HandleId, PageId, PurchaseId},
    mail::LoggedMail,
    money::Money,
    names::Slug,
    paging::{Listing, PageRequest},
    store_error::StoreError,
    visitor_auth::Visitor,
};

/// How many people a page was sold and given to, also if their access has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSales {
    /// The page that was sold and given.
    pub page_id: PageId,
    /// The number of payments.
    pub sold: i64,
    /// The number of complimentary grants.
    pub given: i64,
}

/// The sum of the facts of one kind that were learnt on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySum {
    /// The day, as the number of days since 1970-01-01 (UTC).
    pub day: i64,
    /// What happened in each of the facts.
    pub kind: FactKind,
    /// The number of facts.
    pub count: i64,
    /// The total amount of money that they moved.
    pub amount: Money,
}

/// The stored data about one address and one page or file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceCase {
    /// The person's purchases of the page, newest first.
    pub purchases: Vec<Purchase>,
    /// Whether the address is on the file's allowlist.
    pub listed: bool,
    /// The facts about both, oldest first, limited to the newest [`MAX_FACTS`].
    pub facts: Vec<Fact>,
    /// The person's payment for the page that is being processed, if there is one.
    pub pending: Option<PendingPayment>,
    /// The person's payments for the page that failed after they were made, oldest first, limited to the newest
    /// [`MAX_FAILED`].
    pub failed: Vec<PendingPayment>,
    /// The person's payment for the page that was quarantined last, unless it was refunded in whole. Its `since` is when
    /// Tollgate learnt of it.
    pub quarantined: Option<PendingPayment>,
    /// The person's pay pages for the page that were opened and not paid, oldest first, limited to the newest
    /// [`MAX_UNPAID`].
    pub unpaid: Vec<UnpaidOrder>,
}

/// A pay page that was opened and not paid. A payment that still arrives is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpaidOrder {
    /// The order, and when it was stored.
    pub payment: PendingPayment,
    /// Whether the pay page was closed.
    pub is_over: bool,
}

impl UnpaidOrder {
    /// The statuses of such orders.
    pub const STATUSES: [OrderStatus; 3] =
        [OrderStatus::Open, OrderStatus::Closing, OrderStatus::Expired];

    /// Returns what is told of an order.
    pub fn of(order: &CheckoutOrder) -> Self {
        Self { payment: PendingPayment::of(order), is_over: order.status != OrderStatus::Open }
    }
}

/// A payment for an order that was made and opened nothing, such as a bank debit that has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingPayment {
    /// The order that it is for.
    pub checkout_id: CheckoutId,
    /// What the order asks for.
    pub amount: Money,
    /// Since when the payment is like this; for one that is being processed, when the order was stored.
    pub since: Timestamp,
}

impl PendingPayment {
    /// Returns the payment for an order.
    pub fn of(order: &CheckoutOrder) -> Self {
        Self { checkout_id: order.id, amount: order.price, since: order.created_at }
    }

    /// Returns a payment that does not match its order.
    pub fn of_quarantined(found: &QuarantinedPayment) -> Self {
        Self { since: found.since, ..Self::of(&found.order) }
    }
}

/// A payment for a page of a handle that was made and opened nothing, as it is listed for the creator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedPayment {
    /// What the person pays or would have paid, and since when.
    pub payment: PendingPayment,
    /// The status of the order, which says why the payment opened nothing.
    pub status: ReportedStatus,
    /// The address of the visitor who was to get the access.
    pub email: Email,
    /// The slug of the page.
    pub slug: Slug,
    /// The title of the page.
    pub title: String,
}

/// A payment that does not match its order and was not refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedPayment {
    /// What its order asks for, which need not be what was paid, and since when Tollgate knows of it.
    pub payment: UnfinishedPayment,
    /// Whether a bank disputes this payment, which is not decided yet.
    pub is_disputed: bool,
}

/// A dispute that waits for the creator's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwaitedDispute {
    /// The dispute, as it was last read from the provider.
    pub dispute: Dispute,
    /// The buyer's address.
    pub email: Email,
    /// The title of the page that was paid for.
    pub title: String,
    /// Whether the handle is still connected to the account that received the payment. The provider tells nothing new about
    /// a dispute at another one.
    pub is_connected: bool,
}

/// A refund that failed after it was accepted, so that the money is still to be refunded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedRefund {
    /// The purchase whose money was to be refunded.
    pub purchase_id: PurchaseId,
    /// The address of the visitor who has the purchase.
    pub email: Email,
}

/// A second payment that is held until the creator decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPayment {
    /// The purchase that was made by it.
    pub purchase_id: PurchaseId,
    /// The address of the visitor who has the purchase.
    pub email: Email,
}

/// An order whose session the provider does not show, although it told of the order: it is not known whether the order was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadOrder {
    /// What the order asks for, and when it was stored.
    pub payment: PendingPayment,
    /// The address of the visitor who was to get the access.
    pub email: Email,
}

/// The maximum number of disputes, of failed refunds, of held payments, and of unread orders that are listed as open.
pub const MAX_OPEN: u32 = 50;

/// The maximum number of facts in a case.
pub const MAX_FACTS: u32 = 200;

/// The maximum number of failed payments in a case.
pub const MAX_FAILED: u32 = 20;

/// The maximum number of pay pages without payment in a case.
pub const MAX_UNPAID: u32 = 20;

/// The maximum number of unfinished payments that are listed.
pub const MAX_UNFINISHED: u32 = 50;

/// The reports of one handle. Lists MUST take the same time for every part, however long they are, and
/// MUST NOT contain anything of another handle.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReportReads: Send + Sync {
    /// Returns purchases and complimentary grants, newest first.
    async fn sales(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError>;

    /// Returns the handle's payments that were made and opened nothing, newest first, at most [`MAX_UNFINISHED`]: those that
    /// are being processed, failed or do not match their order. The filter has the same meaning as that of sales.
    async fn unfinished_payments(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
    ) -> Result<Vec<UnfinishedPayment>, StoreError>;

    /// Returns the disputes and inquiries about the handle's payments that wait for an answer whose time has not ended `now`,
    /// at most [`MAX_OPEN`]: those whose time ends first come first, and those without an end last. An inquiry about a payment that
    /// is refunded in whole waits for no answer. MUST be one statement.
    async fn awaited_disputes(
        &self,
        handle: HandleId,
        now: Timestamp,
    ) -> Result<Vec<AwaitedDispute>, StoreError>;

    /// Returns the handle's payments that do not match their orders and were not refunded, those of the newest orders first,
    /// at most `limit`. MUST NOT read orders in other states, and MUST tell payments of one visitor for one page apart.
    async fn quarantined_payments(
        &self,
        handle: HandleId,
        limit: u32,
    ) -> Result<Vec<UnmatchedPayment>, StoreError>;

    /// Returns the refunds of the handle's purchases that failed last, newest first and each purchase once, at most
    /// [`MAX_OPEN`]. A purchase MUST NOT be among them if a refund of it was accepted since or waits for the provider's
    /// answer, or if it was refunded in full, revoked or suspended.
    async fn failed_refunds(&self, handle: HandleId) -> Result<Vec<FailedRefund>, StoreError>;

    /// Returns the handle's second payments that are held, newest first, at most [`MAX_OPEN`]. A purchase MUST NOT be among them
    /// if it was refunded in full, revoked or suspended, or if no other purchase of the visitor opens the page.
    async fn held_payments(&self, handle: HandleId) -> Result<Vec<HeldPayment>, StoreError>;

    /// Returns the handle's orders that were noted as [unread](crate::checkout::ports::CheckoutOrders::unread) and neither read
    /// again nor paid, those first that were noted last, at most [`MAX_OPEN`].
    async fn unread_orders(&self, handle: HandleId) -> Result<Vec<UnreadOrder>, StoreError>;

    /// Returns the people who are related to the handle, each once, in the order of the bytes of their
    /// addresses. If there is a `prefix`, only those whose address starts with it. Cursors have the time
    /// 1970-01-01 and contain the visitor's id. A part may be shorter than asked for although another one follows: the
    /// work for one part MUST be bounded, however many were related to the handle and are not any more.
    async fn people(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError>;

    /// Returns whether the visitor is among the people of a handle that registered the origin. MUST be one
    /// statement, however many handles did.
    async fn is_among_people(
        &self,
        origin: &FrontendOrigin,
        visitor: &Visitor,
    ) -> Result<bool, StoreError>;

    /// Returns the mails about the handle, newest first. If there is a `prefix`, only those to addresses that
    /// start with it.
    async fn mails(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, StoreError>;

    /// Returns the mails about the handle that were queued after `since` and given up, newest first, at most `most`. MUST NOT
    /// read other mails.
    async fn dead_mails(
        &self,
        handle: HandleId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<LoggedMail>, StoreError>;

    /// Returns how often each page of the handle was sold and given, without pages that were neither.
    async fn sales_by_page(&self, handle: HandleId) -> Result<Vec<PageSales>, StoreError>;

    /// Returns how often a page was sold and given. MUST NOT read other pages.
    async fn sales_of_page(&self, page: PageId) -> Result<PageSales, StoreError>;

    /// Returns the sums of the facts with an amount that were learnt on these days (see [`DaySum::day`]),
    /// by day, kind and currency. MUST take a time that depends on the number of days alone.
    async fn day_sums(&self, handle: HandleId, days: Range<i64>)
    -> Result<Vec<DaySum>, StoreError>;

    /// Returns the stored data about an address and a page or file. It is empty for an unknown address. The
    /// facts about a purchase that moved to another address are returned for both.
    async fn case(&self, resource: Resource, email: &Email) -> Result<ResourceCase, StoreError>;

    /// Returns whether a purchase or a gift opens the page to the owner of an address. MUST be one statement.
    async fn opens(&self, page: PageId, email: &Email) -> Result<bool, StoreError>;

    /// Returns the newest files of a handle for those on a list on which this address is or was, at most `limit`. MUST be one
    /// statement.
    async fn files_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError>;

    /// Returns the newest pages of a handle about which something of the visitor with this address is stored: a
    /// fact, or an order whose pay page was opened. There are at most `limit`.
    async fn pages_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError>;
}
