//! Why somebody sees something, or does not.
//!
//! The decision is made by [`rule`](crate::access::rule) and [`file_rule`], as at the gate. What would
//! change it is found by asking the same rules about the case as it would be then, so that nothing here
//! can know a rule of its own.

use std::borrow::Cow;

use super::{
    Reports, ReportsError,
    ports::{FileCase, PageCase},
};
use crate::{
    access::{Fact, GrantType, Holding, PageGate, Purchase, Rule, Viewer, rule},
    creators::{AccessMode, Creator, Handle, HandleName, Page, PageError, PageStatus, Slug},
    email::Email,
    files::{File, FileAccess, FileFact, FileGate, FileReason, FileRule, file_rule},
};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A page.
    Page(Slug),
    /// A file.
    File(Slug),
}

/// What an explanation is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Explained {
    /// A page.
    Page(Page),
    /// A file.
    File(File),
}

/// The rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ruling {
    /// About a page.
    Page(Rule),
    /// About a file.
    File(FileRule),
}

/// What the ledger says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Of the person and the page.
    Page(Fact),
    /// Of the person's places on the file's list.
    File(FileFact),
}

/// A decision about one person, and everything behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whom it is about. The person is taken to be signed in.
    pub email: Email,
    /// What it is about.
    pub about: Explained,
    /// The rule that decided.
    pub ruling: Ruling,
    /// The rule that decides while the person is not signed in.
    pub anonymous: Ruling,
    /// What the ledger says, oldest first.
    pub facts: Vec<Evidence>,
    /// What would decide otherwise.
    pub would_change: Vec<WouldChange>,
}

/// Something that would change a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldChange {
    /// What would have to happen.
    pub change: Change,
    /// The rule that would decide then.
    pub ruling: Ruling,
}

/// What can happen to a person's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// The person buys the page.
    Buy,
    /// The creator gives the page away.
    Grant,
    /// What the person paid is refunded.
    Refund,
    /// What was given is taken back.
    RevokeGrant,
    /// The open disputes are won.
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
    /// The creator puts the person on the file's list.
    Allow,
    /// The creator takes the person off the file's list.
    Disallow,
    /// The file becomes public.
    MakeFilePublic,
}

impl Change {
    const ALL: [Self; 13] = [
        Self::Buy,
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

    /// As it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Grant => "grant",
            Self::Refund => "refund",
            Self::RevokeGrant => "revoke_grant",
            Self::WinDisputes => "win_disputes",
            Self::Publish => "publish",
            Self::Archive => "archive",
            Self::MakePublic => "make_public",
            Self::MakeFreeWithLogin => "make_free_with_login",
            Self::MakePaid => "make_paid",
            Self::Allow => "allow",
            Self::Disallow => "disallow",
            Self::MakeFilePublic => "make_file_public",
        }
    }
}

fn active(grant_type: GrantType) -> Holding {
    Holding { grant_type, revoked: false, suspended: false }
}

/// Everything that a decision about one person comes from.
#[derive(Clone)]
struct Case<'a> {
    handle: &'a Handle,
    /// The page, or the one that the file is attached to.
    page: Option<Page>,
    holdings: Vec<Holding>,
    /// How the file's gate is set, if it is about a file.
    file: Option<FileAccess>,
    listed: bool,
}

impl Case<'_> {
    fn decide(&self, signed_in: bool) -> Option<Ruling> {
        let holdings = if signed_in { self.holdings.as_slice() } else { &[] };
        let viewer = Viewer { signed_in, creator: None, holdings };
        let gate = self.page.as_ref().map(|page| PageGate {
            page_id: page.id,
            handle_id: self.handle.id,
            creator_id: self.handle.creator_id,
            mode: page.mode,
            status: page.status,
        });
        let Some(access) = self.file else { return Some(Ruling::Page(rule(&gate?, viewer))) };
        let file = FileGate { creator_id: self.handle.creator_id, access, page: gate.as_ref() };
        Some(Ruling::File(file_rule(&file, viewer, self.listed)))
    }

    /// The case as it would be then; `None` if this cannot happen.
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
            Change::Buy => {
                page.offer()?;
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

    /// What would turn the decision round.
    fn would_change(&self, now: Ruling) -> Vec<WouldChange> {
        let changes = Change::ALL.into_iter().filter_map(|change| {
            let ruling = self.after(change)?.decide(true)?;
            (ruling.has_access() != now.has_access()).then_some(WouldChange { change, ruling })
        });
        changes.collect()
    }
}

impl Ruling {
    /// The rule's name, which stays the same.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page(rule) => rule.as_str(),
            Self::File(rule) => rule.as_str(),
        }
    }

    /// The rule in words, for the creator.
    pub fn text(self) -> Cow<'static, str> {
        match self {
            Self::Page(rule) => Cow::Borrowed(rule.text()),
            Self::File(rule) => rule.text(),
        }
    }

    /// What the gate says; `None` if for this person there is no such page or file.
    pub fn reason(self) -> Option<FileReason> {
        match self {
            Self::Page(rule) => rule.reason().map(FileReason::Gate),
            Self::File(rule) => rule.reason(),
        }
    }

    /// Whether it lets the person in.
    pub fn has_access(self) -> bool {
        self.reason().is_some_and(FileReason::has_access)
    }
}

impl Explained {
    /// Explains what the gate would say to this person, who is signed in. A person of whom nothing is
    /// known has no purchases and no place on a list, like one who never was here.
    fn to(
        self,
        email: Email,
        case: &Case<'_>,
        of_page: Vec<Fact>,
        of_file: Vec<FileFact>,
    ) -> Option<Explanation> {
        let (ruling, anonymous) = (case.decide(true)?, case.decide(false)?);
        let of_page = of_page.into_iter().map(Evidence::Page);
        let facts = of_page.chain(of_file.into_iter().map(Evidence::File)).collect();
        let would_change = case.would_change(ruling);
        Some(Explanation { email, about: self, ruling, anonymous, facts, would_change })
    }
}

impl Reports {
    /// Explains what somebody would see at one of the creator's own pages or files.
    pub async fn explain(
        &self,
        creator: &Creator,
        handle: &HandleName,
        target: Target,
        email: Email,
    ) -> Result<Explanation, ReportsError> {
        let (handle, file, slug) = match target {
            Target::Page(slug) => (self.handles.owned(creator, handle).await?, None, Some(slug)),
            Target::File(slug) => {
                let handle = self.handles.owned(creator, handle).await?;
                let file = self.files.file(handle.id, &slug).await?;
                let file = file.ok_or(ReportsError::FileNotFound)?;
                let page = file.page.as_ref().map(|page| page.slug.clone());
                (handle, Some(file), page)
            }
        };
        let page = match slug {
            Some(slug) => match self.pages.owned(creator, &handle.name, &slug).await {
                Ok((_, page)) => Some(page),
                // The page that a file was attached to may be gone.
                Err(PageError::NotFound) if file.is_some() => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let (of_page, of_file) = self.known_of(page.as_ref(), file.as_ref(), &email).await?;
        let case = Case {
            handle: &handle,
            holdings: of_page.purchases.iter().map(Purchase::holding).collect(),
            file: file.as_ref().map(|file| file.access),
            listed: of_file.listed,
            page: page.clone(),
        };
        let about = file.map(Explained::File).or(page.map(Explained::Page));
        let explanation = about.and_then(|it| it.to(email, &case, of_page.facts, of_file.facts));
        explanation.ok_or(ReportsError::PageNotFound)
    }

    async fn known_of(
        &self,
        page: Option<&Page>,
        file: Option<&File>,
        email: &Email,
    ) -> Result<(PageCase, FileCase), ReportsError> {
        let of_page = match page {
            Some(page) => self.reads.page_case(page.id, email).await?,
            None => PageCase::default(),
        };
        let of_file = match file {
            Some(file) => self.reads.file_case(file.id, email).await?,
            None => FileCase::default(),
        };
        Ok((of_page, of_file))
    }
}
