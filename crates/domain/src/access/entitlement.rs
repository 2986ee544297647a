//! The decision whether somebody may see a page or have a file now. It is made here and nowhere else.

use super::purchase::Holding;
use crate::{
    creators::{AccessMode, PageStatus},
    id::{CreatorId, PageId},
};

/// The gate of a page or file: the creator whom it lets in, and the terms for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceGate {
    /// The creator who owns the handle of the page or file.
    pub creator_id: CreatorId,
    /// The terms of the gate.
    pub terms: Terms,
}

/// The terms on which a gate lets viewers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// A page's own terms.
    Page(PageTerms),
    /// A file that is open to everyone.
    PublicFile,
    /// A file that is attached to a page and has the page's gate; `None` after the page was deleted.
    PageFile(Option<PageTerms>),
    /// A file for the visitors on its allowlist.
    AllowlistedFile,
}

/// The terms on which the gate of a page lets viewers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageTerms {
    /// The page that is bought or signed in for.
    pub page_id: PageId,
    /// Whether visitors have to sign in or to pay.
    pub mode: AccessMode,
    /// Whether the page is published.
    pub status: PageStatus,
}

impl Terms {
    /// Returns the page whose gate decides, if a page's gate decides.
    pub fn page(&self) -> Option<&PageTerms> {
        match self {
            Self::Page(page) | Self::PageFile(Some(page)) => Some(page),
            Self::PublicFile | Self::PageFile(None) | Self::AllowlistedFile => None,
        }
    }
}

/// The facts about the person who asks on which a decision depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewer<'a> {
    /// Whether there is a valid visitor session.
    pub signed_in: bool,
    /// The creator who asks, if a creator asks.
    pub creator: Option<CreatorId>,
    /// The visitor's purchases of the page whose gate decides.
    pub holdings: &'a [Holding],
    /// Whether the visitor's address is on the file's allowlist.
    pub listed: bool,
    /// Whether a payment of the visitor for the page is on its way. It opens nothing: only the rule is another one, for
    /// explanations.
    pub pending: bool,
}

/// Why a page or file is open or closed. Source: `docs/api.md`, "May this visitor see the page?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Open to everyone.
    Public,
    /// Closed until the visitor signs in.
    VisitorAuthRequired,
    /// Open to this visitor.
    Entitled,
    /// Closed until the visitor buys the page.
    PurchaseRequired,
    /// Closed: the visitor is not on the file's allowlist.
    FileForbidden,
}

impl Reason {
    /// Returns whether it opens the gate.
    pub fn has_access(self) -> bool {
        matches!(self, Self::Public | Self::Entitled)
    }
}

/// The rule that decides. Each gives one reason, or says that the page or file does not exist for the
/// viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A public page, asked for by its creator.
    CreatorsPublicPage,
    /// A page that is not public, asked for by its creator.
    CreatorsPage,
    /// A page that is not published and that the visitor has bought.
    UnpublishedButBought,
    /// A page that is not published.
    Unpublished,
    /// A published page that is open to everyone.
    PublicPage,
    /// A page that is not public, asked for without a visitor session.
    SignInFirst,
    /// A page that is free for visitors who are signed in.
    FreeWithLogin,
    /// A paid page of which the visitor has an active purchase.
    Bought,
    /// A paid page of which the visitor has no active purchase.
    NotBought,
    /// A paid page of which the visitor has no active purchase, and a payment for it is on its way.
    PaymentPending,
    /// A file that is open to everyone.
    PublicFile,
    /// A file that was attached to a page that is deleted.
    PageGone,
    /// A file that is not public, asked for by its creator.
    CreatorsFile,
    /// A file with an allowlist, asked for without a visitor session.
    SignInToBeListed,
    /// The visitor is on the file's allowlist.
    Listed,
    /// The visitor is not on the file's allowlist.
    NotListed,
}

impl Rule {
    /// Returns what the rule decides; `None` if the page or file does not exist for the viewer.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::CreatorsPublicPage | Self::PublicPage | Self::PublicFile => Some(Reason::Public),
            Self::CreatorsPage
            | Self::UnpublishedButBought
            | Self::FreeWithLogin
            | Self::Bought
            | Self::CreatorsFile
            | Self::Listed => Some(Reason::Entitled),
            Self::Unpublished | Self::PageGone => None,
            Self::SignInFirst | Self::SignInToBeListed => Some(Reason::VisitorAuthRequired),
            Self::NotBought | Self::PaymentPending => Some(Reason::PurchaseRequired),
            Self::NotListed => Some(Reason::FileForbidden),
        }
    }
}

/// Returns the decision; `None` if the page or file does not exist for the viewer.
pub fn decide(gate: &ResourceGate, viewer: Viewer<'_>) -> Option<Reason> {
    rule(gate, viewer).reason()
}

/// Finds the rule that decides.
///
/// Source: `docs/api.md`, "May this visitor see the page?", and `docs/files.md`.
pub fn rule(gate: &ResourceGate, viewer: Viewer<'_>) -> Rule {
    let is_own = viewer.creator == Some(gate.creator_id);
    match &gate.terms {
        Terms::Page(page) | Terms::PageFile(Some(page)) => page_rule(page, is_own, viewer),
        Terms::PublicFile => Rule::PublicFile,
        Terms::PageFile(None) | Terms::AllowlistedFile if is_own => Rule::CreatorsFile,
        Terms::PageFile(None) => Rule::PageGone,
        Terms::AllowlistedFile if !viewer.signed_in => Rule::SignInToBeListed,
        Terms::AllowlistedFile if viewer.listed => Rule::Listed,
        Terms::AllowlistedFile => Rule::NotListed,
    }
}

/// Finds the rule of a page. One that is not published exists for its creator and for visitors with an active purchase
/// only.
fn page_rule(page: &PageTerms, is_own: bool, viewer: Viewer<'_>) -> Rule {
    let bought = viewer.signed_in && viewer.holdings.iter().any(Holding::is_active);
    if is_own {
        return match page.mode {
            AccessMode::Public => Rule::CreatorsPublicPage,
            AccessMode::FreeWithLogin | AccessMode::Paid => Rule::CreatorsPage,
        };
    }
    if page.status != PageStatus::Published {
        return if bought { Rule::UnpublishedButBought } else { Rule::Unpublished };
    }
    match page.mode {
        AccessMode::Public => Rule::PublicPage,
        _ if !viewer.signed_in => Rule::SignInFirst,
        AccessMode::FreeWithLogin => Rule::FreeWithLogin,
        AccessMode::Paid if bought => Rule::Bought,
        AccessMode::Paid if viewer.pending => Rule::PaymentPending,
        AccessMode::Paid => Rule::NotBought,
    }
}
