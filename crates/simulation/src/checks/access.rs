//! Access against what was paid and given.

use tollgate_domain::{
    access::{AccessError, Reason, ResourceType, ViewerClaim},
    creators::{AccessMode, PageStatus},
    id::VisitorId,
    payments::SessionProgress,
    reports::Target,
    token::Token,
    visitor_auth::Visitor,
};

use super::payments::is_held;
use crate::{
    history::{PageNo, Who},
    machine::REPLICAS,
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    /// A visitor sees a page exactly if it was paid or given, on every replica, and the explanation says
    /// the same.
    pub(super) fn check_access(
        &self,
        (address, token): (&Visitor, &Token),
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let expected = self.expected(address.id, who, page)?;
        let ((shop, facts), email) = (self.place(page)?, address.email.clone());
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
        let sessions = self.sessions_of(address.id, who, page)?;
        let is_pending = sessions.iter().any(|it| it.state.progress == SessionProgress::Pending);
        Rule::ExplainAgrees.check(explained.pending.is_some() == is_pending, || {
            format!("money is on its way: {is_pending}, it says {:?}", explained.pending)
        })
    }

    /// What the gate has to say of a visitor who is signed in; `None` if the page does not exist for them.
    fn expected(
        &self,
        address: VisitorId,
        who: Who,
        page: PageNo,
    ) -> Result<Option<Reason>, Violation> {
        let has_paid = self.sessions_of(address, who, page)?.iter().any(is_held);
        let has_it = has_paid || self.has_gift(address, who, page)?;
        let page = self.page_now(page)?;
        Ok(match (page.status, page.mode) {
            (PageStatus::Draft | PageStatus::Archived, _) => has_it.then_some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Public) => Some(Reason::Public),
            (PageStatus::Published, AccessMode::FreeWithLogin) => Some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Paid) if has_it => Some(Reason::Entitled),
            (PageStatus::Published, AccessMode::Paid) => Some(Reason::PurchaseRequired),
        })
    }

    /// Whether a visitor has a page as a gift. If the creator does not know, or it may have moved to another address, the
    /// store decides.
    fn has_gift(&self, address: VisitorId, who: Who, page: PageNo) -> Result<bool, Violation> {
        if self.new_address(who, self.place(page)?.1.shop).is_none() {
            let Some(gift) = self.model.gifts.get(&(who, page)) else { return Ok(false) };
            if let Some(known) = gift.get() {
                return Ok(known.is_some());
            }
        }
        let purchases = self.purchases_of(address, page)?;
        Ok(purchases.iter().any(|it| it.payment.is_none() && it.revoked_at.is_none()))
    }
}
