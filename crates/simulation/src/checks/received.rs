//! What has to hold before a sweep: what was answered and received has had its effect.

use std::collections::BTreeSet;

use tollgate_domain::{
    access::{Fact, FactKind, Purchase},
    payments::{DisputeId, DisputeProgress, RefundProgress, SessionProgress},
    reports::Target,
};
use tollgate_domain_testing::SessionRecord;

use crate::{
    history::{PageNo, Who},
    model::PayPage,
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// An event is tried for three days; a history with longer waits may end before it is tried again.
const EVENTS_ARE_TRIED: i64 = 2 * 24 * 3600;

impl Simulation {
    pub(super) fn check_received(&self) -> Result<(), Violation> {
        let sessions = self.payments.session_records();
        for pay_page in &self.model.pay_pages {
            let is_it = |record: &&SessionRecord| record.state.session == pay_page.session;
            let Some(record) = sessions.iter().find(is_it) else { continue };
            self.check_events_of(pay_page, record)?;
            let is_certain = !self.model.was_out_of_reach.contains(&record.account);
            if is_certain && record.state.progress == SessionProgress::Open {
                self.check_is_on_offer(pay_page.who, pay_page.page, record)?;
            }
        }
        for ((who, page), disputes) in &self.model.refused_as_disputed {
            self.check_known_disputes(*who, *page, disputes)?;
        }
        Ok(())
    }

    /// Whether the newest event about an object was received, so that its state has to be known.
    fn is_received(&self, object: &str) -> bool {
        let newest = self.model.newest_events.get(object);
        newest.is_some_and(|event| self.model.answered_events.contains(event))
    }

    fn check_events_of(&self, at: &PayPage, record: &SessionRecord) -> Result<(), Violation> {
        // What an event names cannot be read while its account is out of reach.
        if self.model.was_out_of_reach.contains(&record.account) {
            return Ok(());
        }
        if self.model.had_not_found && self.model.passed_seconds > EVENTS_ARE_TRIED {
            return Ok(());
        }
        let purchases = self.purchases(at.who, at.page)?;
        let purchase = purchases.iter().find(|purchase| {
            purchase.payment.as_ref().is_some_and(|payment| payment.session == at.session)
        });
        let Some(purchase) = purchase else {
            let is_paid = record.state.progress == SessionProgress::Paid;
            let is_lost = is_paid && self.is_received(at.session.as_str());
            return Rule::EventsAreApplied.check(!is_lost, || {
                format!("{} is paid, and its event has no effect", at.session)
            });
        };
        let facts = self.facts(at.who, at.page)?;
        let knows = |kind: FactKind, reference: &str| {
            facts.iter().any(|fact| fact.kind == kind && fact.reference == reference)
        };
        for refund in record.refunds.iter().filter(|it| self.is_received(it.refund.as_str())) {
            let kind = match refund.progress {
                RefundProgress::Failed => FactKind::RefundFailed,
                RefundProgress::Pending | RefundProgress::Succeeded => FactKind::RefundAccepted,
            };
            Rule::EventsAreApplied.check(knows(kind, refund.refund.as_str()), || {
                format!("{} is {:?}, and its event has no effect", refund.refund, refund.progress)
            })?;
        }
        let is_certain =
            |id: &DisputeId| self.is_received(id.as_str()) && !self.model.turned.contains(id);
        for (dispute, progress) in record.disputes.iter().filter(|(id, _)| is_certain(id)) {
            let is_suspended = purchase.suspended_at.is_some();
            let is_known = is_suspended == (*progress == DisputeProgress::Open);
            Rule::EventsAreApplied.check(is_known, || {
                format!("{dispute} is {progress:?}, and its event has no effect")
            })?;
        }
        Ok(())
    }

    /// The facts about a visitor and a page, as they are shown to the creator.
    pub(super) fn facts(&self, who: Who, page: PageNo) -> Result<Vec<Fact>, Violation> {
        let (shop, facts) = self.place(page)?;
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let mut all: Vec<Fact> = Vec::new();
        for address in self.addresses(who, facts.shop)? {
            let target = Target::Page(facts.slug.clone());
            let explained = self.witness.reports.explain(creator, name, target, address.email);
            // Facts about what has moved are shown for both addresses.
            for fact in self.learn(explained)?.facts {
                if all.iter().all(|known| known.id != fact.id) {
                    all.push(fact);
                }
            }
        }
        Ok(all)
    }

    /// A session that can be paid is for what is on offer now, to somebody who does not have it.
    pub(super) fn check_is_on_offer(
        &self,
        who: Who,
        page: PageNo,
        record: &SessionRecord,
    ) -> Result<(), Violation> {
        let offer = self.page_now(page)?.offer().map(|price| price.amount);
        let is_offered = match record.state.amount {
            crate::simulation::GROUP_PRICE => offer.is_some(),
            amount => offer == Some(amount),
        };
        let session = &record.state.session;
        Rule::OneOpenSession.check(is_offered, || {
            let amount = record.state.amount;
            format!("{session} can be paid with {amount}, and the offer is {offer:?}")
        })?;
        let has_it = self.own_purchases(who, page)?.iter().any(|it| it.holding().is_active());
        let is_needed = !has_it || self.model.restored.contains(&(who, page));
        Rule::OneOpenSession
            .check(is_needed, || format!("{session} can be paid for a page that is theirs already"))
    }

    /// The disputes that there were when a refund was refused because of one have their effect.
    fn check_known_disputes(
        &self,
        who: Who,
        page: PageNo,
        disputes: &BTreeSet<DisputeId>,
    ) -> Result<(), Violation> {
        let records = self.sessions_for(who, page)?;
        for purchase in self.purchases(who, page)? {
            let Some(record) = record_of(&records, &purchase) else { continue };
            if self.model.was_out_of_reach.contains(&record.account) {
                continue;
            }
            let is_against =
                |progress| matches!(progress, DisputeProgress::Open | DisputeProgress::Lost);
            let is_disputed = record.disputes.iter().any(|(dispute, progress)| {
                let is_certain = !self.model.turned.contains(dispute);
                is_certain && disputes.contains(dispute) && is_against(*progress)
            });
            let is_active = purchase.holding().is_active();
            Rule::AccessEqualsPayments.check(!is_disputed || !is_active, || {
                "a refund was refused as disputed, and access goes on".into()
            })?;
        }
        Ok(())
    }
}

/// The session that a purchase was paid with.
pub(super) fn record_of<'a>(
    records: &'a [SessionRecord],
    purchase: &Purchase,
) -> Option<&'a SessionRecord> {
    let session = &purchase.payment.as_ref()?.session;
    records.iter().find(|record| record.state.session == *session)
}
