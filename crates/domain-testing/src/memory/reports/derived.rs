//! What reports derive from what is stored.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::memory::state::{State, newest};
use tollgate_domain::{
    access::{AccessStatus, Fact, FactKind, Purchase, Resource},
    checkout::{CheckoutOrder, ReportedStatus},
    creators::Page,
    disputes::Dispute,
    email::Email,
    files::{File, FileAccess},
    id::{GroupBuyId, HandleId, PageId, VisitorId},
    names::Slug,
    payments::DisputeId,
    refunds::REFUSED_KEY,
    reports::{
        PagesGot, Relation, Sale,
        ports::{PendingPayment, UnfinishedPayment},
    },
};

impl State {
    /// Returns the newest pages about which something of a person is stored.
    pub(super) fn pages_about(&self, handle: HandleId, email: &Email, limit: u32) -> Vec<Slug> {
        let visitor = self.visitors.values().find(|visitor| visitor.email == *email);
        let Some(visitor) = visitor.map(|visitor| visitor.id) else { return Vec::new() };
        let is_known = |page: &&Page| {
            let resource = Resource::Page(page.id);
            let facts = self.facts(|fact| {
                fact.subject.resource == resource && fact.subject.visitor_id == Some(visitor)
            });
            let mut orders = self.orders.values();
            !facts.is_empty()
                || orders.any(|order| {
                    order.page_id == page.id
                        && order.visitor_id == visitor
                        && order.opened.is_some()
                })
        };
        let pages = self.pages.values().filter(|page| page.handle_id == handle);
        let pages = newest(pages.filter(is_known), limit, |page| (page.created_at, page.id));
        pages.into_iter().map(|page| page.slug.clone()).collect()
    }

    /// Returns the newest files for those on a list on which a person is or was.
    pub(super) fn files_about(&self, handle: HandleId, email: &Email, limit: u32) -> Vec<Slug> {
        let places = self.allowlist.values().map(|row| &row.entry);
        let theirs = places.filter(|place| place.email == *email);
        let listing: BTreeSet<_> = theirs.map(|place| place.file_id).collect();
        let is_meant = |file: &File| {
            file.handle_id == handle
                && file.access == FileAccess::Allowlist
                && listing.contains(&file.id)
        };
        let files = self.ready_files().filter(is_meant);
        let files = newest(files, limit, |file| (file.created_at, file.id));
        files.into_iter().map(|file| file.slug).collect()
    }

    pub(super) fn sale(&self, purchase: &Purchase) -> Option<Sale> {
        let visitor = self.visitors.get(&purchase.visitor_id)?;
        let page = self.pages.get(&purchase.page_id)?;
        Some(Sale {
            purchase: purchase.clone(),
            email: visitor.email.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
            is_disputed: self.disputes.values().any(|it| it.purchase_id == purchase.id),
            last_refund_failed: self.last_refund_failed(purchase).is_some(),
            refund_was_refused: self.was_refused(purchase),
        })
    }

    /// Returns when the last refund of a purchase failed, if its money is still to be refunded.
    pub(super) fn failed_refund(&self, purchase: &Purchase) -> Option<Timestamp> {
        let status = AccessStatus::of_holding(purchase.holding());
        if status != AccessStatus::Active || purchase.refund_reserved != 0 {
            return None;
        }
        self.last_refund_failed(purchase)
    }

    /// Returns when the last refund of a purchase failed, if it did.
    fn last_refund_failed(&self, purchase: &Purchase) -> Option<Timestamp> {
        let id = Some(purchase.id);
        let of_kind = |kind: FactKind| {
            let of_it = move |fact: &&Fact| fact.kind == kind && fact.subject.purchase_id == id;
            self.ledger.values().filter(of_it).map(|fact| fact.at)
        };
        let failed = of_kind(FactKind::RefundFailed).max()?;
        of_kind(FactKind::RefundAccepted).all(|at| at <= failed).then_some(failed)
    }

    /// Returns whether a purchase is held as a second payment since its refund was refused for good.
    fn was_refused(&self, purchase: &Purchase) -> bool {
        let of_it = |fact: &&Fact| fact.subject.purchase_id == Some(purchase.id);
        let mut held = self.ledger.values().filter(of_it);
        let held = held.find(|fact| fact.kind == FactKind::SecondPaymentHeld);
        let Some(held_at) = held.map(|fact| fact.at) else { return false };
        let is_newer = self.ledger.values().filter(of_it).any(|fact| {
            matches!(fact.kind, FactKind::RefundAccepted | FactKind::RefundFailed)
                && fact.at > held_at
        });
        let is_refused = self.refunds.values().any(|row| {
            row.request.purchase_id == purchase.id
                && row.request.idempotency_key.as_deref() == Some(REFUSED_KEY)
        });
        is_refused && !is_newer && self.has_another(purchase)
    }

    /// Returns what is listed of an order whose payment was made and opened nothing.
    pub(super) fn unfinished(&self, order: &CheckoutOrder) -> Option<UnfinishedPayment> {
        let page = self.pages.get(&order.page_id)?;
        Some(UnfinishedPayment {
            payment: PendingPayment::of(order),
            status: ReportedStatus::of(order.status)?,
            email: self.visitors.get(&order.visitor_id)?.email.clone(),
            slug: page.slug.clone(),
            title: page.title.clone(),
        })
    }

    /// Returns whether a dispute about the payment in the order's own session, which made no purchase, is not decided yet.
    pub(super) fn is_disputed_unmatched(&self, order: &CheckoutOrder) -> bool {
        let Some(opened) = &order.opened else { return false };
        let is_about_it = |fact: &&Fact| {
            let dispute = DisputeId::new(fact.object());
            fact.kind == FactKind::Disputed
                && fact.subject.purchase_id.is_none()
                && fact.reference == Fact::dispute_of(&opened.session, &dispute)
        };
        let is_decided = |fact: &Fact| {
            let kinds = [FactKind::DisputeWon, FactKind::DisputeLost];
            kinds.iter().any(|kind| self.ledger.contains_key(&(*kind, fact.reference.clone())))
        };
        self.ledger.values().filter(is_about_it).any(|fact| !is_decided(fact))
    }

    /// Returns whether the handle is still connected to the account that received a disputed payment.
    pub(super) fn is_received_by_connected(&self, dispute: &Dispute) -> bool {
        let purchase = self.purchases.get(&dispute.purchase_id);
        let paid = purchase.and_then(|bought| Some((bought.handle_id, bought.payment.as_ref()?)));
        let Some((handle, payment)) = paid else { return true };
        self.accounts.values().any(|row| {
            row.account.handle_id == handle
                && row.account.account == payment.account
                && row.disconnected_at.is_none()
        })
    }

    /// Returns whether a purchase opens its page beside another one.
    pub(super) fn is_beside_another(&self, purchase: &Purchase) -> bool {
        is_open(purchase) && self.has_another(purchase)
    }

    /// Returns whether another purchase of the same visitor opens the page.
    fn has_another(&self, purchase: &Purchase) -> bool {
        self.purchases.values().any(|it| {
            it.id != purchase.id
                && it.visitor_id == purchase.visitor_id
                && it.page_id == purchase.page_id
                && is_open(it)
        })
    }

    pub(super) fn pages_got(&self, handle: HandleId, visitor: VisitorId) -> PagesGot {
        let theirs = self
            .purchases
            .values()
            .filter(|bought| bought.handle_id == handle && bought.visitor_id == visitor);
        PagesGot::of(theirs.map(|bought| (bought.page_id, bought.granted_as, bought.holding())))
    }

    pub(super) fn relations(&self, handle: HandleId) -> BTreeMap<VisitorId, BTreeSet<Relation>> {
        let mut people: BTreeMap<VisitorId, BTreeSet<Relation>> = BTreeMap::new();
        let bought = self.purchases.values().filter(|purchase| purchase.handle_id == handle);
        for purchase in bought {
            people.entry(purchase.visitor_id).or_default().insert(Relation::Purchase);
        }
        let of_handle =
            |page: &PageId| self.pages.get(page).is_some_and(|page| page.handle_id == handle);
        for (visitor, _) in self.visits.keys().filter(|(_, page)| of_handle(page)) {
            people.entry(*visitor).or_default().insert(Relation::FreeLogin);
        }
        let of_handle = |group_buy: &GroupBuyId| {
            self.group_buys.get(group_buy).is_some_and(|group_buy| group_buy.handle_id == handle)
        };
        for (_, visitor) in self.interests.keys().filter(|(group_buy, _)| of_handle(group_buy)) {
            people.entry(*visitor).or_default().insert(Relation::GroupBuy);
        }
        for place in self.allowlist.values().filter(|place| place.removed_at.is_none()) {
            let file = self.files.get(&place.entry.file_id);
            let known = self.visitors.values().find(|known| known.email == place.entry.email);
            if let (Some(file), Some(known)) = (file, known)
                && file.file.handle_id == handle
            {
                people.entry(known.id).or_default().insert(Relation::Allowlist);
            }
        }
        people
    }
}

fn is_open(purchase: &Purchase) -> bool {
    AccessStatus::of_holding(purchase.holding()) == AccessStatus::Active
}
