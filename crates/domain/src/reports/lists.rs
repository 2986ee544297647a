//! The lists of the books.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{Period, ReportsError, Revenue, ports::ReportReads};
use crate::{
    access::{AccessStatus, Purchase},
    clock::Clock,
    creators::{Creator, Ownership},
    email::Email,
    files::ports::FileReads,
    id::{PageId, VisitorId},
    mail::LoggedMail,
    names::{HandleName, Slug},
    paging::{Cursor, Listing, PageRequest},
    validation::FieldErrors,
};

/// Something that was sold or given away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The purchase.
    pub purchase: Purchase,
    /// Whose it is.
    pub email: Email,
    /// The page's slug.
    pub slug: Slug,
    /// The page's title.
    pub title: String,
}

impl Sale {
    /// How the purchase stands now.
    pub fn status(&self) -> AccessStatus {
        AccessStatus::of_holding(self.purchase.holding())
    }
}

/// Which sales; every part that is set has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleFilter {
    /// Of this page.
    pub page: Option<PageId>,
    /// To this visitor.
    pub visitor: Option<VisitorId>,
    /// To the visitor with this address.
    pub email: Option<Email>,
}

/// Which sales, as the creator says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleQuery {
    /// Of the page with this slug.
    pub page: Option<Slug>,
    /// See [`SaleFilter::visitor`].
    pub visitor: Option<VisitorId>,
    /// See [`SaleFilter::email`].
    pub email: Option<Email>,
}

/// What a person has to do with a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// Bought a page, or was given one.
    Purchase,
    /// Saw a page that is free with login.
    FreeLogin,
    /// Joined a group buy.
    GroupBuy,
    /// Is on the list of a file.
    Allowlist,
}

/// Somebody who has to do with a handle. What they have to do with others stays out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The visitor.
    pub id: VisitorId,
    /// The visitor's address.
    pub email: Email,
    /// What they have to do with the handle.
    pub relations: BTreeSet<Relation>,
}

impl Person {
    /// Where lists of people go on. People have no instant that is the handle's business.
    pub fn cursor(&self) -> Cursor {
        Cursor { at: Timestamp::UNIX_EPOCH, id: self.id.to_string() }
    }
}

/// Reports on the handles of a creator.
#[derive(Clone)]
pub struct Reports {
    clock: Arc<dyn Clock>,
    pub(super) ownership: Ownership,
    pub(super) files: Arc<dyn FileReads>,
    pub(super) reads: Arc<dyn ReportReads>,
}

/// Longer than any address.
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

    /// What was sold and given away, newest first. A page that is not there sold nothing.
    pub async fn sales(
        &self,
        creator: &Creator,
        handle: &HandleName,
        query: SaleQuery,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let SaleQuery { page: slug, visitor, email } = query;
        let sold = match slug {
            None => None,
            Some(slug) => match self.ownership.page_of(&handle, &slug).await? {
                Some(page) => Some(page.id),
                None => return Ok(Listing { items: Vec::new(), next: None }),
            },
        };
        let filter = SaleFilter { page: sold, visitor, email };
        Ok(self.reads.sales(handle.id, &filter, page).await?)
    }

    /// The people who have to do with the handle; only those whose address starts with `prefix`, if it
    /// says something.
    pub async fn people(
        &self,
        creator: &Creator,
        handle: &HandleName,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, ReportsError> {
        let prefix = prefix.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        if prefix.as_ref().is_some_and(|prefix| prefix.chars().count() > MAX_PREFIX) {
            let message = format!("must have at most {MAX_PREFIX} characters");
            return Err(ReportsError::Invalid(FieldErrors::one("q", message)));
        }
        let handle = self.ownership.handle(creator, handle).await?;
        // No address has such a character, and not every database takes it.
        if prefix.as_ref().is_some_and(|prefix| prefix.contains(char::is_control)) {
            return Ok(Listing { items: Vec::new(), next: None });
        }
        Ok(self.reads.people(handle.id, prefix, page).await?)
    }

    /// The delivery log of the mails about the handle, newest first.
    pub async fn mails(
        &self,
        creator: &Creator,
        handle: &HandleName,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.mails(handle.id, page).await?)
    }

    /// What was earned, by UTC day and currency, from the ledger. A refund counts on its own day, and one
    /// that failed is taken back on the day on which that was learnt.
    pub async fn revenue(
        &self,
        creator: &Creator,
        handle: &HandleName,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Revenue, ReportsError> {
        let period = Period::read(from, to, self.clock.now()).map_err(ReportsError::Invalid)?;
        let handle = self.ownership.handle(creator, handle).await?;
        let sums = self.reads.day_sums(handle.id, period.from, period.until).await?;
        Ok(Revenue::of(&sums))
    }
}

impl std::fmt::Debug for Reports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Books")
    }
}
