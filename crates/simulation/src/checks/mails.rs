//! The mails about a handle.

use std::{collections::BTreeSet, slice::from_ref};

use tollgate_domain::{
    access::FactKind,
    email::Email,
    mail::{LoggedMail, MailKind, MailStatus},
    paging::PageRequest,
};

use super::cases;
use crate::{
    simulation::Simulation,
    violation::{Rule, Violation},
};

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
            let mut kinds = Vec::new();
            for (_, page) in cases().filter(|(its, _)| *its == who) {
                if self.place(page)?.1.shop == shop {
                    kinds.extend(self.facts(who, page)?.into_iter().map(|fact| fact.kind));
                }
            }
            let counted = Counted(kinds.iter().collect());
            let bought = counted.of(&[FactKind::Purchased, FactKind::GroupPurchased]);
            // What is held since it opens a page again is said on another receipt.
            let held = counted.of(&[FactKind::SecondPaymentHeld]);
            check(&mails, MailKind::Receipt, &to, bought..=bought + held)?;
            let granted = counted.of(&[FactKind::Granted]);
            check(&mails, MailKind::Granted, &to, granted..=granted)?;
            let accepted = counted.of(&[FactKind::RefundAccepted]);
            let failed = counted.of(&[FactKind::RefundFailed]);
            // Who heard of a refund hears that it failed, and nobody else.
            let is_not_paid =
                |mail: &&LoggedMail| mail.kind == MailKind::RefundNotPaid && to.contains(&mail.to);
            let not_paid = mails.iter().filter(is_not_paid).count();
            let announced = accepted.saturating_sub(failed) + not_paid;
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
