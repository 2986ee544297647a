//! Explanations of why a person has access to a page or file, or does not.
//!
//! [`rule`] makes the decision, as it does at the gate. To find out what would change the decision, the
//! same rule is applied to modified cases, so this module contains no access rules of its own.

use jiff::Timestamp;

use super::{
    Reports, ReportsError,
    ports::{PendingPayment, ResourceCase, UnpaidOrder},
};
use crate::{
    access::{
        AccessStatus, Fact, GrantType, Holding, PageTerms, Purchase, Reason, Resource,
        ResourceGate, Rule, Terms, Viewer, in_order_of_events, rule,
    },
    checkout::{may_be_mended, may_be_processed},
    creators::{AccessMode, Creator, Handle, Page, PageStatus},
    email::Email,
    files::{File, FileAccess},
    names::{HandleName, Slug},
};

/// The subject of a question, as the creator names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The page with this slug.
    Page(Slug),
    /// The file with this slug.
    File(Slug),
}

/// The subject of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explained {
    /// The explained page.
    Page(Page),
    /// The explained file.
    File(File),
}

/// The rule that made a decision, and where it applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ruling {
    /// The rule that made the decision.
    pub rule: Rule,
    /// Whether the question was about a file and the rule applied to the page that the file is attached
    /// to.
    pub is_of_page: bool,
}

/// A decision about one person, with the facts that it is based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The person's address. The explanation assumes that the person is signed in.
    pub email: Email,
    /// The page or file that the question was about.
    pub about: Explained,
    /// The rule that made the decision.
    pub ruling: Ruling,
    /// The rule that applies while the person is not signed in.
    pub anonymous: Ruling,
    /// The facts in the ledger, oldest first: those about the page, then those about the file.
    pub facts: Vec<Fact>,
    /// The person's payment for the page that is being processed. It gives access when it has arrived.
    pub pending: Option<PendingPayment>,
    /// The person's payments for the page that failed after they were made, oldest first.
    pub failed: Vec<PendingPayment>,
    /// The person's payment for the page that does not match its order, until it is refunded or the creator gives access.
    pub quarantined: Option<PendingPayment>,
    /// The person's pay pages for the page that were opened and not paid, oldest first.
    pub unpaid: Vec<UnpaidOrder>,
    /// The events that would change the decision.
    pub would_change: Vec<WouldChange>,
}

/// An event that would change a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldChange {
    /// The event.
    pub change: Change,
    /// The rule that would apply after the event.
    pub ruling: Ruling,
}

/// An event that affects a person's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The person buys the page.
    Buy,
    /// The person's payment that is on its way arrives.
    PaymentArrives,
    /// The creator grants complimentary access to the page.
    Grant,
    /// The person's payment is refunded.
    Refund,
    /// The creator revokes the complimentary access.
    RevokeGrant,
    /// The creator wins the open disputes.
    WinDisputes,
    /// The page is published.
    Publish,
    /// The page is archived.
    Archive,
    /// The page becomes public.
    MakePublic,
    /// The page becomes free with login.
    MakeFreeWithLogin,
    /// The page becomes paid.
    MakePaid,
    /// The creator adds the person to the file's allowlist.
    Allow,
    /// The creator removes the person from the file's allowlist.
    Disallow,
    /// The file becomes public.
    MakeFilePublic,
}

impl Change {
    const ALL: [Self; 14] = [
        Self::Buy,
        Self::PaymentArrives,
        Self::Grant,
        Self::Refund,
        Self::RevokeGrant,
        Self::WinDisputes,
        Self::Publish,
        Self::Archive,
        Self::MakePublic,
        Self::MakeFreeWithLogin,
        Self::MakePaid,
        Self::Allow,
        Self::Disallow,
        Self::MakeFilePublic,
    ];
}

fn active(grant_type: GrantType) -> Holding {
    Holding { grant_type, revoked: false, suspended: false }
}

/// Returns whether the person should be offered to pay.
fn may_pay(of_page: &ResourceCase, now: Timestamp) -> bool {
    let mut holdings = of_page.purchases.iter().map(Purchase::holding);
    of_page.pending.is_none()
        && !awaits_creator(of_page, now)
        && holdings.all(|held| AccessStatus::of_holding(held) != AccessStatus::Suspended)
}

/// Returns whether the person is asked to wait for the creator, who may still mend a payment that does not match its order.
fn awaits_creator(of_page: &ResourceCase, now: Timestamp) -> bool {
    of_page.quarantined.is_some_and(|it| {
        let mut purchases = of_page.purchases.iter();
        may_be_mended(it.since, now) && purchases.all(|purchase| purchase.created_at < it.since)
    })
}

/// The data that a decision about one person is based on.
#[derive(Clone)]
struct Case<'a> {
    handle: &'a Handle,
    /// The page, or the page that the file is attached to.
    page: Option<Page>,
    holdings: Vec<Holding>,
    /// The file's access setting, if the question is about a file.
    file: Option<FileAccess>,
    listed: bool,
    /// Whether a payment of the person for the page is on its way.
    pending: bool,
    /// Whether the person should be offered to pay: not while an earlier payment may still open the page, or has just arrived
    /// without opening it.
    may_pay: bool,
}

impl Case<'_> {
    fn decide(&self, signed_in: bool) -> Option<Ruling> {
        let holdings = if signed_in { self.holdings.as_slice() } else { &[] };
        let Self { listed, pending, .. } = *self;
        let viewer = Viewer { signed_in, creator: None, holdings, listed, pending };
        let page = self.page.as_ref().map(|page| PageTerms {
            page_id: page.id,
            mode: page.mode,
            status: page.status,
        });
        let terms = match self.file {
            Some(access) => access.terms(page),
            None => Terms::Page(page?),
        };
        let gate = ResourceGate { creator_id: self.handle.creator_id, terms };
        let is_of_page = matches!(terms, Terms::PageFile(Some(_)));
        Some(Ruling { rule: rule(&gate, viewer), is_of_page })
    }

    /// Returns the case after `change`, or `None` if the change is not possible.
    fn after(&self, change: Change) -> Option<Self> {
        let mut case = self.clone();
        match change {
            Change::Allow | Change::Disallow if case.file? == FileAccess::Allowlist => {
                case.listed = change == Change::Allow;
                return Some(case);
            }
            Change::Allow | Change::Disallow => return None,
            Change::MakeFilePublic => {
                case.file = Some(case.file.map(|_| FileAccess::Public)?);
                return Some(case);
            }
            _ => {}
        }
        let page = case.page.as_mut()?;
        let gift = |held: &Holding| held.grant_type == GrantType::Complimentary;
        match change {
            Change::Buy if !case.may_pay => return None,
            Change::Buy => {
                page.offer()?;
                case.holdings.push(active(GrantType::Purchase));
            }
            Change::PaymentArrives if !case.pending => return None,
            Change::PaymentArrives => {
                case.pending = false;
                case.holdings.push(active(GrantType::Purchase));
            }
            Change::Grant => case.holdings.push(active(GrantType::Complimentary)),
            Change::Refund => case.holdings.retain(gift),
            Change::RevokeGrant => case.holdings.retain(|held| !gift(held)),
            Change::WinDisputes => case.holdings.iter_mut().for_each(|held| held.suspended = false),
            Change::Publish => page.status = PageStatus::Published,
            Change::Archive => page.status = PageStatus::Archived,
            Change::MakePublic => page.mode = AccessMode::Public,
            Change::MakeFreeWithLogin => page.mode = AccessMode::FreeWithLogin,
            Change::MakePaid => page.mode = AccessMode::Paid,
            Change::Allow | Change::Disallow | Change::MakeFilePublic => return None,
        }
        Some(case)
    }

    /// Returns the changes that would reverse the decision.
    fn would_change(&self, now: Ruling) -> Vec<WouldChange> {
        let changes = Change::ALL.into_iter().filter_map(|change| {
            let ruling = self.after(change)?.decide(true)?;
            (ruling.has_access() != now.has_access()).then_some(WouldChange { change, ruling })
        });
        changes.collect()
    }
}

impl Ruling {
    /// Returns the reason of the decision, or `None` if the page or file does not exist for this person.
    pub fn reason(self) -> Option<Reason> {
        self.rule.reason()
    }

    /// Returns whether the rule gives the person access.
    pub fn has_access(self) -> bool {
        self.reason().is_some_and(Reason::has_access)
    }
}

impl Reports {
    /// Explains a person's access to one of the creator's own pages or files. An unknown address is
    /// treated as a person without purchases who is on no allowlist.
    pub async fn explain(
        &self,
        creator: &Creator,
        handle: &HandleName,
        target: Target,
        email: Email,
    ) -> Result<Explanation, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        let (file, page) = self.explained(&handle, target).await?;
        let of_page = self.page_case(page.as_ref(), &email).await?;
        let of_file = file.as_ref().map(|file| Resource::File(file.id));
        let of_file = self.case(of_file, &email).await?;
        let case = Case {
            handle: &handle,
            holdings: of_page.purchases.iter().map(Purchase::holding).collect(),
            file: file.as_ref().map(|file| file.access),
            listed: of_file.listed,
            page: page.clone(),
            pending: of_page.pending.is_some(),
            may_pay: may_pay(&of_page, self.clock.now()),
        };
        let about = file.map(Explained::File).or(page.map(Explained::Page));
        let (Some(about), Some(ruling), Some(anonymous)) =
            (about, case.decide(true), case.decide(false))
        else {
            return Err(ReportsError::PageNotFound);
        };
        Ok(Explanation {
            email,
            about,
            ruling,
            anonymous,
            facts: in_order_of_events(of_page.facts)
                .into_iter()
                .chain(in_order_of_events(of_file.facts))
                .collect(),
            pending: of_page.pending,
            failed: of_page.failed,
            quarantined: of_page.quarantined,
            unpaid: of_page.unpaid,
            would_change: case.would_change(ruling),
        })
    }

    /// Returns the newest files on whose lists this address is or was, at most `limit`. It can be listed before its owner
    /// comes.
    pub async fn files_about(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.files_about(handle.id, email, limit).await?)
    }

    /// Returns the newest pages about which something of this address is stored, at most `limit`: also an order
    /// whose pay page was opened, and what moved to another address since.
    pub async fn pages_about(
        &self,
        creator: &Creator,
        handle: &HandleName,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, ReportsError> {
        let handle = self.ownership.handle(creator, handle).await?;
        Ok(self.reads.pages_about(handle.id, email, limit).await?)
    }

    /// Returns the file that a question is about, if it is about one, and the page that it is about or that the file is
    /// attached to.
    async fn explained(
        &self,
        handle: &Handle,
        target: Target,
    ) -> Result<(Option<File>, Option<Page>), ReportsError> {
        let (file, slug) = match target {
            Target::Page(slug) => (None, Some(slug)),
            Target::File(slug) => {
                let file = self.files.file(handle.id, &slug).await?;
                let file = file.ok_or(ReportsError::FileNotFound)?;
                let page = file.page.as_ref().map(|page| page.slug.clone());
                (Some(file), page)
            }
        };
        let page = match slug {
            Some(slug) => self.ownership.page_of(handle, &slug).await?,
            None => None,
        };
        Ok((file, page))
    }

    /// Returns what is stored of a person and a page. It leaves out a pending payment that is not expected to arrive any more, and a
    /// payment that does not match its order if the creator has given access since.
    async fn page_case(
        &self,
        page: Option<&Page>,
        email: &Email,
    ) -> Result<ResourceCase, ReportsError> {
        let mut case = self.case(page.map(|page| Resource::Page(page.id)), email).await?;
        let now = self.clock.now();
        case.pending = case.pending.filter(|it| may_be_processed(it.since, now));
        let purchases = &case.purchases;
        case.quarantined = case.quarantined.filter(|it| {
            let is_answer =
                |purchase: &Purchase| purchase.payment.is_none() && purchase.created_at >= it.since;
            !purchases.iter().any(|given| is_answer(given) && given.holding().is_active())
        });
        Ok(case)
    }

    async fn case(
        &self,
        resource: Option<Resource>,
        email: &Email,
    ) -> Result<ResourceCase, ReportsError> {
        match resource {
            Some(resource) => Ok(self.reads.case(resource, email).await?),
            None => Ok(ResourceCase::default()),
        }
    }
}
