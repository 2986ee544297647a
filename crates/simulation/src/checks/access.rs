//! Access against what was paid and given.

use tollgate_domain::{
    access::{AccessError, Reason, ResourceType, ViewerClaim},
    creators::{AccessMode, PageStatus},
    payments::SessionProgress,
    reports::Target,
    token::Token,
};

use super::payments::is_held;
use crate::{
    history::{PageNo, Who},
    machine::REPLICAS,
    violation::{Rule, Violation},
    world::World,
};

impl World {
    /// A visitor sees a page exactly if it was paid or given, on every replica, and the explanation says
    /// the same.
    pub(super) fn check_access(
        &self,
        who: Who,
        page: PageNo,
        token: &Token,
    ) -> Result<(), Violation> {
        let expected = self.expected(who, page)?;
        let ((shop, facts), email) = (self.place(page)?, self.visitor(who)?.email);
        for replica in 0..REPLICAS {
            let claim = ViewerClaim { session: Some(token.hash()), ..ViewerClaim::default() };
            let (name, slug) = (shop.handle.name.clone(), facts.slug.clone());
            let app = self.app(replica);
            let decided = app.gate.check(ResourceType::Page, name, slug, claim);
            let decided = match self.ask(decided)? {
                Ok(reason) => Some(reason),
                Err(AccessError::NotFound(_)) => None,
                Err(AccessError::Store(error)) => {
                    return Err(Rule::UndisturbedSucceeds.broken(error.to_string()));
                }
            };
            Rule::AccessEqualsPayments.check(decided == expected, || {
                format!("the gate says {decided:?} instead of {expected:?} of {email:?} and {page}")
            })?;
        }
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let target = Target::Page(facts.slug);
        let explained = self.witness.reports.explain(creator, name, target, email);
        let explained = self.learn(explained)?;
        let reason = explained.ruling.reason();
        Rule::ExplainAgrees.check(reason == expected, || {
            format!("it says {reason:?}, and the gate says {expected:?}")
        })?;
        let sessions = self.sessions_for(who, page)?;
        let is_pending = sessions.iter().any(|it| it.state.progress == SessionProgress::Pending);
        Rule::ExplainAgrees.check(explained.pending.is_some() == is_pending, || {
            format!("money is on its way: {is_pending}, it says {:?}", explained.pending)
        })
    }

    /// What the gate has to say of a visitor who is signed in; `None` if the page does not exist for them.
    fn expected(&self, who: Who, page: PageNo) -> Result<Option<Reason>, Violation> {
        let has_paid = self.sessions_for(who, page)?.iter().any(is_held);
        let has_it = has_paid || self.has_gift(who, page)?;
        let page = self.page_now(page)?;
        Ok(match (page.status, page.mode) {
            (PageStatus::Draft | PageStatus::Archived, _) => has_it.then_some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Public) => Some(Reason::Public),
            (PageStatus::Published, AccessMode::FreeWithLogin) => Some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Paid) if has_it => Some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Paid) => Some(Reason::PurchaseRequired),
        })
    }

    /// Whether a visitor has a page as a gift. If the creator does not know, the store decides.
    fn has_gift(&self, who: Who, page: PageNo) -> Result<bool, Violation> {
        let Some(gift) = self.model.gifts.get(&(who, page)) else { return Ok(false) };
        if let Some(known) = gift.get() {
            return Ok(known.is_some());
        }
        let purchases = self.purchases(who, page)?;
        Ok(purchases.iter().any(|it| it.payment.is_none() && it.revoked_at.is_none()))
    }
}
