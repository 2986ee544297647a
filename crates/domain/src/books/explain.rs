//! Why somebody sees something, or does not.
//!
//! The decision is made by [`rule`], as at the gate. What would change it is found by asking the same
//! rule about the case as it would be then, so that nothing here can know a rule of its own.

use super::{Books, BooksError, ports::PageCase};
use crate::{
    access::{Fact, GrantType, Holding, PageGate, Purchase, Reason, Rule, Viewer, rule},
    creators::{AccessMode, Creator, Handle, HandleName, Page, PageStatus, Slug},
    email::Email,
};

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A page.
    Page(Slug),
}

/// A decision about one person, and everything behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whom it is about. The person is taken to be signed in.
    pub email: Email,
    /// What it is about.
    pub page: Page,
    /// The rule that decided.
    pub rule: Rule,
    /// The rule that decides while the person is not signed in.
    pub anonymous: Rule,
    /// What the ledger says of the person and the page, oldest first.
    pub facts: Vec<Fact>,
    /// What would decide otherwise.
    pub would_change: Vec<WouldChange>,
}

/// Something that would change a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WouldChange {
    /// What would have to happen.
    pub change: Change,
    /// The rule that would decide then.
    pub rule: Rule,
}

/// What can happen to a person's access to a page.
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
}

impl Change {
    const ALL: [Self; 10] = [
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
        }
    }

    /// The case as it would be then; `None` if this cannot happen.
    fn of(
        self,
        page: &Page,
        holdings: &[Holding],
    ) -> Option<(PageStatus, AccessMode, Vec<Holding>)> {
        let (mut status, mut mode, mut after) = (page.status, page.mode, holdings.to_vec());
        let gift = |held: &Holding| held.grant_type == GrantType::Complimentary;
        match self {
            Self::Buy => {
                page.offer()?;
                after.push(active(GrantType::Purchase));
            }
            Self::Grant => after.push(active(GrantType::Complimentary)),
            Self::Refund => after.retain(gift),
            Self::RevokeGrant => after.retain(|held| !gift(held)),
            Self::WinDisputes => after.iter_mut().for_each(|held| held.suspended = false),
            Self::Publish => status = PageStatus::Published,
            Self::Archive => status = PageStatus::Archived,
            Self::MakePublic => mode = AccessMode::Public,
            Self::MakeFreeWithLogin => mode = AccessMode::FreeWithLogin,
            Self::MakePaid => mode = AccessMode::Paid,
        }
        Some((status, mode, after))
    }
}

fn active(grant_type: GrantType) -> Holding {
    Holding { grant_type, revoked: false, suspended: false }
}

impl Explanation {
    /// Explains what the gate would say to this person, who is signed in. A person of whom nothing is
    /// known has no purchases, like one who never was here.
    pub fn of(handle: &Handle, page: Page, email: Email, case: PageCase) -> Self {
        let holdings: Vec<_> = case.purchases.iter().map(Purchase::holding).collect();
        let gate = |status, mode| PageGate {
            page_id: page.id,
            handle_id: handle.id,
            creator_id: handle.creator_id,
            mode,
            status,
        };
        let decide = |status, mode, holdings: &[Holding]| {
            rule(&gate(status, mode), Viewer { signed_in: true, creator: None, holdings })
        };
        let anonymous = rule(&gate(page.status, page.mode), Viewer::default());
        let now = decide(page.status, page.mode, &holdings);
        let opens = |rule: Rule| rule.reason().is_some_and(Reason::has_access);
        let would_change = Change::ALL.into_iter().filter_map(|change| {
            let (status, mode, after) = change.of(&page, &holdings)?;
            let rule = decide(status, mode, &after);
            (opens(rule) != opens(now)).then_some(WouldChange { change, rule })
        });
        let would_change = would_change.collect();
        Self { email, page, rule: now, anonymous, facts: case.facts, would_change }
    }

    /// What the gate says; `None` if for this person there is no such page.
    pub fn reason(&self) -> Option<Reason> {
        self.rule.reason()
    }
}

impl Books {
    /// Explains what somebody would see at one of the creator's own pages.
    pub async fn explain(
        &self,
        creator: &Creator,
        handle: &HandleName,
        target: Target,
        email: Email,
    ) -> Result<Explanation, BooksError> {
        let Target::Page(slug) = target;
        let (handle, page) = self.pages.owned(creator, handle, &slug).await?;
        let case = self.reads.page_case(page.id, &email).await?;
        Ok(Explanation::of(&handle, page, email, case))
    }
}
