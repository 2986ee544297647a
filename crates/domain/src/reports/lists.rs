//! The lists of a creator's reports.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Period, Person, ReportsError, Revenue, Sale, SaleFilter,
    ports::{PageSales, ReportReads, UnfinishedPayment},
};
use crate::{
    checkout::{ReportedStatus, may_be_processed},
    clock::Clock,
    creators::{Creator, Handle, Ownership, Page},
    email::{Email, start_of_address},
    files::ports::FileReads,
    id::{PageId, VisitorId},
    mail::LoggedMail,
    names::{HandleName, Slug},
    opaque_debug::opaque_debug,
    paging::{Listing, PageRequest},
    validation::{Field, FieldError, FieldErrors},
};

/// A filter for sales, as the creator enters it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleQuery {
    /// Only sales of the page with this slug.
    pub page: Option<Slug>,
    /// See [`SaleFilter::visitor`].
    pub visitor: Option<VisitorId>,
    /// See [`SaleFilter::email`].
    pub email: Option<Email>,
    /// See [`SaleFilter::prefix`]; as people type or paste it, and an empty text filters nothing.
    pub prefix: Option<String>,
}

/// The use cases of a creator's reports.
#[derive(Clone)]
pub struct Reports {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ownership: Ownership,
    pub(super) files: Arc<dyn FileReads>,
    pub(super) reads: Arc<dyn ReportReads>,
}

/// The maximum length of a prefix, in characters; no address is longer.
const MAX_PREFIX: usize = 254;

impl Reports {
    /// Creates the use cases.
    pub fn new(
        clock: Arc<dyn Clock>,
        ownership: Ownership,
        files: Arc<dyn FileReads>,
        reads: Arc<dyn ReportReads>,
    ) -> Self {
        Self { clock, ownership, files, reads }
    }

    /// Returns purchases and complimentary grants, newest first. For a page that does not exist the list
    /// is empty.
    pub async fn sales(
        &self,
        creator: &Creator,
        handle: &HandleName,
        query: SaleQuery,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, ReportsError> {
        let prefix = checked_prefix(query.prefix.as_deref())?;
        let handle = self.ownership.handle(creator, handle).await?;
        let Some(filter) = self.filter(&handle, query, prefix).await? else {
            return Ok(Listing { items: Vec::new(), next: None });
        };
        Ok(self.reads.sales(handle.id, &filter, page).await?)
    }

    /// Returns the newest payments that were made and opened nothing, newest first: those that are being processed, failed
    /// or do not match their order. For a page that does not exist the list is empty.
    pub async fn unfinished_payments(
        &self,
        creator: &Creator,
        handle: &HandleName,
        query: SaleQuery,
    ) -> Result<Vec<UnfinishedPayment>, ReportsError> {
        let prefix = checked_prefix(query.prefix.as_deref())?;
        let handle = self.ownership.handle(creator, handle).await?;
        let Some(filter) = self.filter(&handle, query, prefix).await? else {
            return Ok(Vec::new());
        };
        let found = self.reads.unfinished_payments(handle.id, &filter).await?;
        let now = self.clock.now();
        let may_arrive = |one: &UnfinishedPayment| {
            one.status != ReportedStatus::Pending || may_be_processed(one.payment.since, now)
        };
        Ok(found.into_iter().filter(may_arrive).collect())
    }

    /// Reads a filter; `None` for a page that does not exist, or if no address starts like this.
    async fn filter(
        &self,
        handle: &Handle,
        query: SaleQuery,
        prefix: Prefix,
    ) -> Result<Option<SaleFilter>, ReportsError> {
        let SaleQuery { page, visitor, email, prefix: _ } = query;
        let Prefix::Of(prefix) = prefix else { return Ok(None) };
        let page = match page {
            None => None,
            Some(slug) => match self.ownership.page_of(handle, &slug).await? {
                Some(page) => Some(page.id),
                None => return Ok(None),
            },
        };
        Ok(Some(SaleFilter { page, visitor, email, prefix }))
    }

    /// Returns whether anybody ever paid for a page of the handle.
    pub async fn has_sold(
        &self,
        creator: &Creator,
        handle: &HandleName,
    ) -> Result<bool, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.sales_by_page(handle.id).await?.iter().any(|page| page.sold > 0))
    }

    /// Returns the people who are related to the handle. With a `prefix` that is not empty, only those
    /// whose address starts with it.
    pub async fn people(
        &self,
        creator: &Creator,
        handle: &HandleName,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, ReportsError> {
        let prefix = checked_prefix(prefix)?;
        let handle = self.ownership.handle(creator, handle).await?;
        match prefix {
            Prefix::Nobodys => Ok(Listing { items: Vec::new(), next: None }),
            Prefix::Of(prefix) => Ok(self.reads.people(handle.id, prefix, page).await?),
        }
    }

    /// Returns the delivery log of the mails about the handle, newest first. With a `prefix` that is not
    /// empty, only the mails to addresses that start with it.
    pub async fn mails(
        &self,
        creator: &Creator,
        handle: &HandleName,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, ReportsError> {
        let prefix = checked_prefix(prefix)?;
        let handle = self.ownership.handle(creator, handle).await?;
        match prefix {
            Prefix::Nobodys => Ok(Listing { items: Vec::new(), next: None }),
            Prefix::Of(prefix) => {
                let mails = self.reads.mails(handle.id, prefix, page).await?;
                Ok(mails.map(LoggedMail::for_creator))
            }
        }
    }

    /// Returns how often each page of the handle was sold and given, without pages that were neither.
    pub async fn sales_by_page(
        &self,
        creator: &Creator,
        handle: &HandleName,
    ) -> Result<BTreeMap<PageId, PageSales>, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let counts = self.reads.sales_by_page(handle.id).await?;
        Ok(counts.into_iter().map(|counted| (counted.page_id, counted)).collect())
    }

    /// Returns how often a page was sold and given.
    pub async fn sales_of(&self, page: &Page) -> Result<PageSales, ReportsError> {
        Ok(self.reads.sales_of_page(page.id).await?)
    }

    /// Returns the revenue by UTC day and currency, computed from the ledger. A refund counts on its own
    /// day. If it fails, it is subtracted on the day on which Tollgate learnt of the failure.
    pub async fn revenue(
        &self,
        creator: &Creator,
        handle: &HandleName,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Revenue, ReportsError> {
        let period = Period::read(from, to, self.clock.now()).map_err(ReportsError::Invalid)?;
        self.revenue_in(creator, handle, period).await
    }

    /// Returns the [`revenue`](Self::revenue) in a period.
    pub async fn revenue_in(
        &self,
        creator: &Creator,
        handle: &HandleName,
        period: Period,
    ) -> Result<Revenue, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let sums = self.reads.day_sums(handle.id, period.days()).await?;
        Ok(Revenue::of(&sums))
    }
}

/// The start of addresses that a list is limited to.
enum Prefix {
    /// The list is not limited, or only has addresses that start with the text.
    Of(Option<String>),
    /// No address starts like this.
    Nobodys,
}

fn checked_prefix(text: Option<&str>) -> Result<Prefix, ReportsError> {
    let prefix = text.map(start_of_address).filter(|text| !text.is_empty());
    if prefix.as_ref().is_some_and(|prefix| prefix.chars().count() > MAX_PREFIX) {
        return Err(ReportsError::Invalid(FieldErrors::one(
            Field::AddressPrefix,
            FieldError::TooLong(MAX_PREFIX),
        )));
    }
    // No address contains control characters, and some databases do not accept them.
    if prefix.as_ref().is_some_and(|prefix| prefix.contains(char::is_control)) {
        return Ok(Prefix::Nobodys);
    }
    Ok(Prefix::Of(prefix))
}

opaque_debug!(Reports);
