//! The mails about a handle.

use std::{collections::BTreeSet, slice::from_ref};

use jiff::{SignedDuration, Timestamp};
use tollgate_domain::{
    access::{Fact, FactKind, PurchaseState},
    email::Email,
    id::PurchaseId,
    mail::{LoggedMail, Mail, MailContent, MailKind, MailStatus},
    paging::PageRequest,
    refunds::{OPEN_TOLD_KEY, PAID_TWICE, REFUSED_KEY, RELEASED_TOLD_KEY},
    store_error::StoreError,
};

use super::cases;
use crate::{
    history::{PageNo, Who},
    simulation::Simulation,
    violation::{Rule, Violation},
};

/// By how much the times of a mail and of the facts that led to it may differ: an operation may be under way for so long, and
/// clocks are off.
const AROUND: SignedDuration = SignedDuration::from_secs(120);

/// The facts about a visitor and a shop, counted.
struct Counted<'a>(Vec<&'a FactKind>);

impl Counted<'_> {
    fn of(&self, kinds: &[FactKind]) -> usize {
        self.0.iter().filter(|kind| kinds.contains(kind)).count()
    }
}

impl Simulation {
    /// Each fact about a shop has its mail, and each mail was sent or given up.
    pub(super) fn check_mails(&self, shop: usize) -> Result<(), Violation> {
        let Some(it) = self.shops.get(shop) else { return Ok(()) };
        let all = PageRequest { limit: 10_000, after: None };
        let mails = self.learn(self.stores.reports.mails(it.handle.id, None, &all))?.items;
        let sent: BTreeSet<_> = self.mailer.sent().into_iter().map(|mail| mail.id).collect();
        for mail in &mails {
            let is_done = match mail.status {
                MailStatus::Queued => false,
                MailStatus::Sent => sent.contains(&mail.id),
                MailStatus::Dead => true,
            };
            Rule::FactsAreMailed
                .check(is_done, || format!("a {:?} mail is {:?}", mail.kind, mail.status))?;
        }
        let mut all_kinds = Vec::new();
        for who in 0..self.visitors.len() {
            let addresses = self.addresses(who, shop)?;
            let to: Vec<_> = addresses.into_iter().map(|address| address.email).collect();
            let mut facts = Vec::new();
            for (_, page) in cases().filter(|(its, _)| *its == who) {
                if self.place(page)?.1.shop == shop {
                    facts.extend(self.facts(who, page)?);
                }
            }
            let kinds: Vec<_> = facts.iter().map(|fact| fact.kind).collect();
            let counted = Counted(kinds.iter().collect());
            let bought = counted.of(&[FactKind::Purchased, FactKind::GroupPurchased]);
            // A payment that is not refunded after all has another receipt, and so has one that is held, since it opens a page again, and
            // one that was held and is left alone. Of one whose refund was refused for good, its buyer hears that instead.
            let refused = self.count_noted(&facts, REFUSED_KEY)?;
            let kept = self.count_noted(&facts, OPEN_TOLD_KEY)?;
            let told = bought + kept + self.count_noted(&facts, RELEASED_TOLD_KEY)?;
            let held = counted.of(&[FactKind::SecondPaymentHeld]).saturating_sub(refused);
            check(&mails, MailKind::Receipt, &to, told..=told + held)?;
            let granted = counted.of(&[FactKind::Granted]);
            check(&mails, MailKind::Granted, &to, granted..=granted)?;
            let accepted = counted.of(&[FactKind::RefundAccepted]);
            let failed = counted.of(&[FactKind::RefundFailed]);
            // People who heard of a refund hear that it failed, and nobody else does. Of a second payment the receipt may have told.
            let by_receipt = refused + self.count_failed_unseen(&facts)?;
            check(&mails, MailKind::RefundNotPaid, &to, by_receipt..=failed + refused)?;
            let is_not_paid =
                |mail: &&LoggedMail| mail.kind == MailKind::RefundNotPaid && to.contains(&mail.to);
            let not_paid = mails.iter().filter(is_not_paid).count();
            let announced = (accepted + not_paid).saturating_sub(failed + by_receipt);
            check(&mails, MailKind::Refunded, &to, announced..=announced)?;
            all_kinds.extend(kinds);
        }
        let counted = Counted(all_kinds.iter().collect());
        for (mail, kind) in [
            (MailKind::RefundFailed, FactKind::RefundFailed),
            (MailKind::Disputed, FactKind::Disputed),
            (MailKind::PaymentQuarantined, FactKind::PaymentQuarantined),
        ] {
            let count = counted.of(&[kind]);
            check(&mails, mail, from_ref(&it.creator.email), count..=count)?;
        }
        self.check_offers_were_mailed(shop, &mails)
    }

    /// Returns the number of payments about which something was noted under this key.
    fn count_noted(&self, facts: &[Fact], key: &str) -> Result<usize, Violation> {
        let purchases: BTreeSet<_> =
            facts.iter().filter_map(|fact| fact.subject.purchase_id).collect();
        let mut count = 0;
        for purchase in purchases {
            count += usize::from(self.learn(self.is_noted(purchase, key))?);
        }
        Ok(count)
    }

    async fn is_noted(&self, purchase: PurchaseId, key: &str) -> Result<bool, StoreError> {
        let mut unit = self.stores.store.begin().await?;
        let note = unit.refund_requests().by_key(&[purchase], key).await?;
        Ok(note.is_some())
    }

    /// How many refunds of second payments had failed when they were first seen, so that nothing but the receipt had announced
    /// them. Wishes that such a refund met have no reason in histories.
    fn count_failed_unseen(&self, facts: &[Fact]) -> Result<usize, Violation> {
        let purchases: Vec<_> = facts.iter().filter_map(|fact| fact.subject.purchase_id).collect();
        let reasons = self.learn(self.stores.refunds.refund_reasons(&purchases))?;
        let accepted = self.learn(self.stores.refunds.accepted_refunds(&purchases))?;
        let is_of_second = |fact: &Fact| {
            let mut reasons = reasons.iter();
            reasons.any(|(refund, why)| why == PAID_TWICE && refund.as_str() == fact.reference)
        };
        let was_accepted = |fact: &Fact| {
            accepted.iter().any(|it| {
                it.request.reason.as_deref() == Some(PAID_TWICE)
                    && it.refund.as_str() == fact.reference
            })
        };
        let failed = facts.iter().filter(|fact| fact.kind == FactKind::RefundFailed);
        Ok(failed.filter(|fact| is_of_second(fact) && !was_accepted(fact)).count())
    }

    /// Nobody hears that a page is open again that another purchase or a gift kept open all the time.
    pub(super) fn check_access_mails(&self, who: Who, page: PageNo) -> Result<(), Violation> {
        let (_, its) = self.place(page)?;
        // What moved to another address keeps the page open for that one.
        if self.new_address(who, its.shop).is_some() {
            return Ok(());
        }
        let (visitor, address) = (self.visitor(who)?, format!("/{}", its.slug));
        let sent = self.mailer.sent();
        let told = sent.iter().filter(|mail| mail.to == visitor.email && is_back(mail, &address));
        let told: Vec<_> = told.map(|mail| mail.queued_at).collect();
        if told.is_empty() {
            return Ok(());
        }
        let (facts, purchases) = (self.facts(who, page)?, self.purchases(who, page)?);
        for at in told {
            let kept = purchases.iter().find(|purchase| was_kept(&facts, purchase.id, at));
            Rule::AccessMailsAreTrue.check(kept.is_none(), || {
                format!("{:?} is told that {page} is open again, and {kept:?}", visitor.email)
            })?;
        }
        Ok(())
    }

    /// Each visitor who was committed to a group buy got one mail.
    fn check_offers_were_mailed(&self, shop: usize, mails: &[LoggedMail]) -> Result<(), Violation> {
        if self.place(0)?.1.shop != shop {
            return Ok(());
        }
        for visitor in &self.visitors {
            let mut offers = 0;
            for number in 0..self.model.groups.len() {
                let is_active = self.activated(number)?;
                let interests = self.interests(number)?;
                offers += usize::from(is_active && interests.contains_key(&visitor.id));
            }
            check(mails, MailKind::GroupBuyActivated, from_ref(&visitor.email), offers..=offers)?;
        }
        Ok(())
    }

    fn activated(&self, number: usize) -> Result<bool, Violation> {
        let (shop, _) = self.place(0)?;
        let Some(group) = self.model.groups.get(number) else { return Ok(false) };
        let (creator, name) = (&shop.creator, &shop.handle.name);
        let owned = self.learn(self.witness.group_buys.owned(creator, name, &group.slug))?;
        Ok(owned.details.view.group_buy.activated_at.is_some())
    }
}

fn check(
    mails: &[LoggedMail],
    kind: MailKind,
    to: &[Email],
    expected: std::ops::RangeInclusive<usize>,
) -> Result<(), Violation> {
    let count = mails.iter().filter(|mail| mail.kind == kind && to.contains(&mail.to)).count();
    Rule::FactsAreMailed.check(expected.contains(&count), || {
        format!("{count} {kind:?} mails for {expected:?} facts")
    })
}

/// Whether a mail says that the page at this address is open again after a dispute.
fn is_back(mail: &Mail, address: &str) -> bool {
    let MailContent::AccessDisputed { is_over: true, page_url: Some(url), .. } = &mail.content
    else {
        return false;
    };
    url.ends_with(address)
}

/// Whether a purchase gave access for some time before and after an instant.
fn was_kept(facts: &[Fact], purchase: PurchaseId, at: Timestamp) -> bool {
    let of_it = facts.iter().filter(|fact| fact.subject.purchase_id == Some(purchase));
    let (earlier, others): (Vec<_>, Vec<_>) =
        of_it.partition(|fact| fact.id.made_at() < at - AROUND);
    let is_quiet = others.iter().all(|fact| fact.id.made_at() > at + AROUND);
    is_quiet && PurchaseState::of(earlier).is_active()
}
