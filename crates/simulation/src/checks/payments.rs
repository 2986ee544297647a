//! Purchases against the provider's books.

use jiff::SignedDuration;
use tollgate_domain::{
    access::{Fact, FactKind, Purchase, PurchaseState},
    checkout::{CheckoutError, ReturnUrls},
    id::PurchaseId,
    paging::PageRequest,
    payments::{DisputeProgress, RefundProgress, SessionProgress},
    refunds::{PAID_TWICE, RefundRequest},
    reports::SaleFilter,
    store_error::StoreError,
    token::Token,
};
use tollgate_domain_testing::SessionRecord;

use super::received::record_of;
use crate::{
    history::{PageNo, Who},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// By how much the times of two replicas may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// Whether a session's payment is there, not refunded and not disputed.
pub(super) fn is_held(record: &SessionRecord) -> bool {
    record.state.progress == SessionProgress::Paid
        && record.refunded() < record.state.amount
        && !record.has_dispute(DisputeProgress::Open)
        && !record.has_dispute(DisputeProgress::Lost)
}

/// For how long the refund of a second payment is tried whose account is out of reach, in seconds.
const REFUNDS_ARE_TRIED: i64 = 7 * 24 * 3600;

impl Simulation {
    /// What is refunded and reserved is never more than what was paid, and what a request asks the provider for
    /// stays reserved until its answer is known.
    pub(super) fn check_refund_sums(&self, who: Who, page: PageNo) -> Result<(), Violation> {
        let records = self.sessions_for(who, page)?;
        for purchase in self.purchases(who, page)? {
            let Some(payment) = &purchase.payment else { continue };
            let (refunded, reserved) = (purchase.refunded, purchase.refund_reserved);
            let paid = payment.paid.amount;
            let adds_up = refunded <= paid && (0..=paid).contains(&reserved);
            Rule::RefundsAddUp.check(adds_up, || {
                format!("{refunded} are refunded and {reserved} reserved of {paid}")
            })?;
            let refunds = record_of(&records, &purchase).map(|record| &record.refunds);
            let mut awaited = 0;
            for id in refunds.into_iter().flatten().filter_map(|refund| refund.refund_id) {
                let request = self.learn(self.stores.refunds.unanswered_refund(id))?;
                awaited += request.map_or(0, |request| request.amount.amount);
            }
            if !self.gates.is_unit_open() {
                let request = self.learn(self.unanswered_refund(purchase.id))?;
                awaited = awaited.max(request.map_or(0, |request| request.amount.amount));
            }
            Rule::RefundsAddUp.check(awaited <= reserved, || {
                format!("{awaited} are asked for, and {reserved} are reserved")
            })?;
        }
        Ok(())
    }

    /// Refunds that are asked for once it is known that a dispute was lost leave what that has taken out.
    fn check_losses(
        &self,
        purchase: &Purchase,
        record: &SessionRecord,
        facts: &[Fact],
    ) -> Result<(), Violation> {
        let all = record.refunded().saturating_add(record.lost);
        if purchase.lost == 0 || all <= record.state.amount {
            return Ok(());
        }
        let of_it = facts.iter().filter(|fact| fact.subject.purchase_id == Some(purchase.id));
        let losses = of_it.filter(|fact| fact.kind == FactKind::DisputeLost);
        // When it was recorded, which may be long after it was read.
        let Some(known_at) = losses.map(|fact| fact.id.made_at()).max() else { return Ok(()) };
        let asked = self.learn(self.stores.refunds.accepted_refunds(&[purchase.id]))?;
        for refund in record.refunds.iter().filter(|it| it.progress != RefundProgress::Failed) {
            // The wishes that it met later have requests of their own.
            let for_it = asked.iter().filter(|it| it.refund == refund.refund);
            let asked_at = for_it.map(|it| it.request.requested_at).min();
            let is_late = asked_at.is_some_and(|at| at > known_at + SKEW);
            Rule::RefundsAddUp.check(!is_late, || {
                let id = &refund.refund;
                format!("{id} was asked for after a loss, and {all} were refunded in all")
            })?;
        }
        Ok(())
    }

    /// Returns the request of a purchase that has no answer yet, also one that the provider does not know.
    async fn unanswered_refund(
        &self,
        purchase: PurchaseId,
    ) -> Result<Option<RefundRequest>, StoreError> {
        self.stores.store.begin().await?.refund_requests().unanswered_of(purchase).await
    }

    /// Each paid session has its purchase, and each purchase its paid session.
    pub(super) fn check_payments(&self, who: Who, page: PageNo) -> Result<(), Violation> {
        let records = self.sessions_for(who, page)?;
        let purchases = self.purchases(who, page)?;
        for record in records.iter().filter(|it| it.state.progress == SessionProgress::Paid) {
            let session = &record.state.session;
            let of_it = purchases.iter().filter(|purchase| {
                purchase.payment.as_ref().is_some_and(|payment| payment.session == *session)
            });
            let count = of_it.count();
            Rule::OnePurchasePerPayment
                .check(count == 1, || format!("{session} is paid and has {count} purchases"))?;
        }
        let facts = self.facts(who, page)?;
        for purchase in &purchases {
            let record = record_of(&records, purchase);
            check_purchase(purchase, record, &facts)?;
            if let Some(record) = record {
                self.check_losses(purchase, record, &facts)?;
            }
        }
        let is_forged = |fact: &&Fact| {
            fact.kind == FactKind::PaymentQuarantined && !self.is_forged_here(page, &fact.reference)
        };
        let quarantined = facts.iter().find(is_forged).map(|fact| fact.reference.clone());
        Rule::HandlesAreSeparate.check(quarantined.is_none(), || {
            format!("{quarantined:?} is quarantined, which is not of this account or was ours")
        })?;
        for address in self.addresses(who, self.place(page)?.1.shop)? {
            let records = self.sessions_of(address.id, who, page)?;
            let purchases = self.purchases_of(address.id, page)?;
            self.check_second_payments(&records, &purchases, &facts)?;
        }
        self.check_held_payments(self.place(page)?.1.shop, &purchases)
    }

    /// Whether a session was made in the account of a page without Tollgate.
    fn is_forged_here(&self, page: PageNo, session: &str) -> bool {
        let Ok((_, facts)) = self.place(page) else { return false };
        let (listed, accounts) = (self.payments.session_records(), self.accounts_of(facts.shop));
        let is_forged = |it: &&SessionRecord| it.email.is_none() && accounts.contains(&it.account);
        let mut forged = listed.iter().filter(is_forged);
        forged.any(|it| it.state.session.as_str() == session)
    }

    /// Whether a payment is there again since the refund of it as a second payment failed. Its seller decides what becomes of
    /// it.
    fn is_left_to_its_seller(
        &self,
        records: &[SessionRecord],
        purchases: &[Purchase],
    ) -> Result<bool, Violation> {
        let has_failed = |record: &SessionRecord| {
            let mut refunds = record.refunds.iter();
            is_held(record) && refunds.any(|refund| refund.progress == RefundProgress::Failed)
        };
        let failed = purchases.iter().filter(|it| record_of(records, it).is_some_and(has_failed));
        let failed: Vec<_> = failed.map(|purchase| purchase.id).collect();
        let reasons = self.learn(self.stores.refunds.refund_reasons(&failed))?;
        Ok(reasons.iter().any(|(_, reason)| reason == PAID_TWICE))
    }

    /// Whether a refund of one of these payments as a second payment may not be tried any more, since its account was out of
    /// reach for too long.
    fn is_given_up(&self, records: &[SessionRecord]) -> bool {
        let is_gone = |it: &SessionRecord| self.model.was_out_of_reach.contains(&it.account);
        self.model.passed_seconds > REFUNDS_ARE_TRIED && records.iter().any(is_gone)
    }

    /// Checks that one of several payments for a page is left, and one of a payment and a gift, also if one had been out of
    /// force in between.
    fn check_second_payments(
        &self,
        records: &[SessionRecord],
        purchases: &[Purchase],
        facts: &[Fact],
    ) -> Result<(), Violation> {
        if self.is_left_to_its_seller(records, purchases)? || self.is_given_up(records) {
            return Ok(());
        }
        // Its creator was told to decide.
        let is_kept = |purchase: &Purchase| {
            let (kind, id) = (FactKind::SecondPaymentHeld, purchase.id.to_string());
            facts.iter().any(|fact| fact.kind == kind && fact.reference == id)
        };
        let is_of_kept = |record: &SessionRecord| {
            let mut kept = purchases.iter().filter(|purchase| is_kept(purchase));
            kept.any(|it| it.payment.as_ref().is_some_and(|it| it.session == record.state.session))
        };
        let held = records.iter().filter(|record| is_held(record) && !is_of_kept(record));
        let held: Vec<_> = held.collect();
        let sessions = || held.iter().map(|it| it.state.session.to_string()).collect::<Vec<_>>();
        Rule::SecondPaymentsGoBack
            .check(held.len() <= 1, || format!("{:?} are all paid", sessions()))?;
        let gifts = purchases.iter().filter(|it| it.payment.is_none());
        for gift in gifts.filter(|gift| gift.revoked_at.is_none()) {
            let is_later = |purchase: &&Purchase| {
                purchase.created_at.duration_since(gift.created_at) > SKEW
                    && !is_kept(purchase)
                    && record_of(records, purchase).is_some_and(is_held)
            };
            let later = purchases.iter().find(is_later).map(|purchase| purchase.id);
            Rule::SecondPaymentsGoBack
                .check(later.is_none(), || format!("{later:?} is paid for a gift"))?;
        }
        Ok(())
    }

    /// What was paid after its shop had second payments held is not refunded by itself.
    fn check_held_payments(&self, shop: usize, purchases: &[Purchase]) -> Result<(), Violation> {
        let Some(since) = self.model.held_since.get(&shop) else { return Ok(()) };
        let is_later = |it: &&Purchase| it.created_at.duration_since(*since) > SKEW;
        let later: Vec<_> = purchases.iter().filter(is_later).map(|it| it.id).collect();
        let reasons = self.learn(self.stores.refunds.refund_reasons(&later))?;
        let refunded = reasons.into_iter().find(|(_, reason)| reason == PAID_TWICE);
        Rule::SecondPaymentsGoBack.check(refunded.is_none(), || {
            format!("{refunded:?} was made by itself, and second payments are held")
        })
    }

    /// At most one session of a visitor for a page can be paid, and only for what is on offer.
    pub(super) fn check_open_sessions(&self, who: Who, page: PageNo) -> Result<(), Violation> {
        let mut open = self.sessions_for(who, page)?;
        open.retain(|record| record.state.progress == SessionProgress::Open);
        Rule::OneOpenSession.check(open.len() <= 1, || {
            let sessions = open.iter().map(|it| it.state.session.as_str());
            format!("{:?} can all be paid", sessions.collect::<Vec<_>>())
        })?;
        open.iter().try_for_each(|record| self.check_is_on_offer(who, page, record))
    }

    /// A shop has exactly the sales of its accounts and its pages.
    pub(super) fn check_sales(&self, shop: usize) -> Result<(), Violation> {
        let Some(it) = self.shops.get(shop) else { return Ok(()) };
        let all = PageRequest { limit: 1_000, after: None };
        let unfiltered = SaleFilter::default();
        let sales = self.stores.reports.sales(it.handle.id, &unfiltered, &all);
        let sales = self.learn(sales)?.items;
        let is_own = |page| self.pages.iter().any(|its| its.shop == shop && its.id == page);
        let is_separate = sales.iter().all(|sale| is_own(sale.purchase.page_id));
        Rule::HandlesAreSeparate.check(is_separate, || "a sale of another handle".into())?;
        let (listed, accounts) = (self.payments.session_records(), self.accounts_of(shop));
        let paid = listed.iter().filter(|record| {
            accounts.contains(&record.account)
                && record.email.is_some()
                && record.state.progress == SessionProgress::Paid
        });
        let (paid, sold) =
            (paid.count(), sales.iter().filter(|sale| sale.purchase.payment.is_some()).count());
        Rule::OnePurchasePerPayment
            .check(paid == sold, || format!("{sold} sales of {paid} paid sessions"))
    }

    /// Those who do not have a page that is on offer get a pay page, and nobody else does.
    pub(super) fn check_can_buy(
        &self,
        who: Who,
        page: PageNo,
        token: &Token,
    ) -> Result<(), Violation> {
        let (shop, facts) = self.place(page)?;
        let (name, urls) = (shop.handle.name, ReturnUrls::default());
        let started = self.witness.checkouts.start(name, facts.slug, Some(token.hash()), urls);
        let started = self.ask(started)?;
        let purchases = self.own_purchases(who, page)?;
        let has_it = purchases.iter().any(|it| it.holding().is_active());
        let is_disputed = purchases.iter().any(|it| it.holding().suspended);
        let is_on_offer = self.page_now(page)?.offer().is_some();
        let is_right = match &started {
            Ok(_) => is_on_offer && !has_it,
            Err(CheckoutError::AlreadyPurchased) => has_it,
            Err(CheckoutError::Disputed) => is_disputed && !has_it,
            Err(CheckoutError::PageNotFound | CheckoutError::PageNotPaid) => !is_on_offer,
            Err(_) => false,
        };
        Rule::UndisturbedSucceeds.check(is_right, || {
            format!("asking for a pay page: {started:?}; has it: {has_it}, offered: {is_on_offer}")
        })?;
        self.check_open_sessions(who, page)
    }
}

/// A purchase follows from its facts, and agrees with the session that it was paid with.
fn check_purchase(
    purchase: &Purchase,
    record: Option<&SessionRecord>,
    facts: &[Fact],
) -> Result<(), Violation> {
    let of_it = facts.iter().filter(|fact| fact.subject.purchase_id == Some(purchase.id));
    let mut computed = purchase.clone();
    PurchaseState::of(of_it.clone()).apply_to(&mut computed);
    let is_granted = PurchaseState::of(of_it).granted_as == Some(purchase.granted_as);
    Rule::StateFollowsFacts.check(is_granted && computed == *purchase, || {
        format!("{computed:?} follows from the facts, and {purchase:?} is stored")
    })?;
    let Some(payment) = &purchase.payment else { return Ok(()) };
    let Some(record) = record else {
        let session = &payment.session;
        return Err(Rule::OnePurchasePerPayment
            .broken(format!("a purchase of {session}, which is not theirs")));
    };
    let is_paid = record.state.progress == SessionProgress::Paid
        && record.state.amount == payment.paid.amount
        && record.account == payment.account;
    Rule::OnePurchasePerPayment.check(is_paid, || format!("{purchase:?} for {record:?}"))?;
    let (refunded, stored) = (record.refunded(), purchase.refunded);
    Rule::RefundsAddUp.check(refunded == stored, || {
        format!("{refunded} are refunded, and {stored} are stored as refunded")
    })?;
    let reserved = purchase.refund_reserved;
    Rule::RefundsAddUp.check(reserved == 0, || format!("{reserved} stay reserved for a refund"))?;
    let is_suspended = purchase.suspended_at.is_some();
    let is_disputed = record.has_dispute(DisputeProgress::Open);
    Rule::AccessEqualsPayments.check(is_suspended == is_disputed, || {
        format!("suspended: {is_suspended}, disputed: {is_disputed}")
    })
}
