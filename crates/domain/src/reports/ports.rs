//! What the books need from a store. Everything here is read outside a unit of work.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Person, Sale, SaleFilter};
use crate::{
    access::{Fact, FactKind, Purchase, Resource},
    email::Email,
    id::HandleId,
    mail::LoggedMail,
    money::Money,
    paging::{Listing, PageRequest},
    store_error::StoreError,
};

/// Facts of one kind that were learnt on one day, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DaySum {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// What happened.
    pub kind: FactKind,
    /// How often.
    pub count: i64,
    /// How much money it moved.
    pub amount: Money,
}

/// What is known of one address and one page or file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceCase {
    /// That person's purchases of the page, newest first.
    pub purchases: Vec<Purchase>,
    /// Whether the address is on the file's allowlist.
    pub listed: bool,
    /// The ledger's facts about both, oldest first: the newest [`MAX_FACTS`] of them.
    pub facts: Vec<Fact>,
}

/// The most facts that a case holds.
pub const MAX_FACTS: u32 = 200;

/// The books of one handle. Lists MUST take the same time for every part, however long they are, and MUST
/// NOT hold anything of another handle.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReportReads: Send + Sync {
    /// What was sold and given away, newest first.
    async fn sales(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError>;

    /// The people who have to do with the handle, each once, the newest to the installation first; only
    /// those whose address starts with `prefix`, if there is one. Cursors are at 1970-01-01 and name the
    /// visitor.
    async fn people(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError>;

    /// The mails about the handle, newest first.
    async fn mails(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, StoreError>;

    /// The facts with an amount that were learnt from `from` until before `until`, by day, kind and
    /// currency.
    async fn day_sums(
        &self,
        handle: HandleId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DaySum>, StoreError>;

    /// Returns what is known of an address and a page or file; nothing of an address that is unknown.
    async fn case(&self, resource: Resource, email: &Email) -> Result<ResourceCase, StoreError>;
}
