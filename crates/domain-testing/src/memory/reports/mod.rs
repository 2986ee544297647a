//! The creators' reports.

mod derived;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    MemoryStore,
    state::{at_most, newest, part},
};
use tollgate_domain::{
    access::{Fact, FactKind, GrantType, Purchase, Resource},
    checkout::{CheckoutOrder, OrderStatus},
    clock::DAY_SECONDS,
    creators::FrontendOrigin,
    disputes::Dispute,
    email::Email,
    id::{HandleId, PageId},
    mail::{LoggedMail, MailStatus},
    money::Money,
    names::Slug,
    paging::{Cursor, Listing, PageRequest},
    payments::{DisputeProgress, DisputeStage},
    reports::{
        Person, Sale, SaleFilter,
        ports::{
            AwaitedDispute, DaySum, FailedRefund, HeldPayment, MAX_FACTS, MAX_FAILED, MAX_OPEN,
            MAX_UNFINISHED, MAX_UNPAID, PageSales, PendingPayment, ReportReads, ResourceCase,
            UnfinishedPayment, UnmatchedPayment, UnpaidOrder, UnreadOrder,
        },
    },
    store_error::StoreError,
    visitor_auth::Visitor,
};

const DAY_MICROS: i64 = DAY_SECONDS * 1_000_000;

fn starts(email: &Email, filter: &SaleFilter) -> bool {
    filter.prefix.as_ref().is_none_or(|prefix| email.as_str().starts_with(prefix))
}

/// Returns the newest orders in one of these states that have a session: at most `limit`, oldest first.
fn newest_opened<'a>(
    orders: &[&'a CheckoutOrder],
    states: &[OrderStatus],
    limit: u32,
) -> Vec<&'a CheckoutOrder> {
    let is_meant =
        |order: &&CheckoutOrder| states.contains(&order.status) && order.opened.is_some();
    let mut newest: Vec<_> = orders.iter().copied().filter(is_meant).collect();
    newest.sort_by_key(|order| (order.created_at, order.id));
    newest.drain(..newest.len().saturating_sub(at_most(limit)));
    newest
}

#[async_trait]
impl ReportReads for MemoryStore {
    async fn sales(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError> {
        let state = self.read().await?;
        let fits = |sale: &Sale| {
            filter.page.is_none_or(|page| sale.purchase.page_id == page)
                && filter.visitor.is_none_or(|visitor| sale.purchase.visitor_id == visitor)
                && filter.email.as_ref().is_none_or(|email| sale.email == *email)
                && starts(&sale.email, filter)
        };
        let of_handle = state.purchases.values().filter(|purchase| purchase.handle_id == handle);
        let sales = of_handle.filter_map(|purchase| state.sale(purchase)).filter(fits).collect();
        let cursor =
            |sale: &Sale| Cursor { at: sale.purchase.created_at, id: sale.purchase.id.to_string() };
        Ok(part(sales, page, cursor))
    }

    async fn unfinished_payments(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
    ) -> Result<Vec<UnfinishedPayment>, StoreError> {
        let state = self.read().await?;
        let of_handle = state.orders.values().filter(|order| order.handle_id == handle);
        let unfinished = of_handle.filter(|order| order.opened.is_some()).filter_map(|order| {
            let told = state.unfinished(order)?;
            let fits = filter.page.is_none_or(|page| order.page_id == page)
                && filter.visitor.is_none_or(|visitor| order.visitor_id == visitor)
                && filter.email.as_ref().is_none_or(|sought| told.email == *sought)
                && starts(&told.email, filter);
            fits.then_some(told)
        });
        let key = |one: &UnfinishedPayment| (one.payment.since, one.payment.checkout_id);
        Ok(newest(unfinished, MAX_UNFINISHED, key))
    }

    async fn awaited_disputes(
        &self,
        handle: HandleId,
        now: Timestamp,
    ) -> Result<Vec<AwaitedDispute>, StoreError> {
        let state = self.read().await?;
        let is_awaited = |dispute: &&Dispute| {
            let purchase = state.purchases.get(&dispute.purchase_id);
            let is_question = dispute.progress == DisputeProgress::Inquiry;
            let is_unsettled = |it: &Purchase| !is_question || it.grant_type != GrantType::Refunded;
            purchase.is_some_and(|it| it.handle_id == handle && is_unsettled(it))
                && dispute.stage == DisputeStage::NeedsResponse
                && dispute.respond_by.is_none_or(|until| now < until)
        };
        let mut awaited: Vec<_> = state.disputes.values().filter(is_awaited).cloned().collect();
        awaited.sort_by_key(|it| (it.respond_by.is_none(), it.respond_by, it.id.clone()));
        awaited.truncate(at_most(MAX_OPEN));
        let awaited = awaited.into_iter().filter_map(|dispute| {
            let purchase = state.purchases.get(&dispute.purchase_id)?;
            let email = state.visitors.get(&purchase.visitor_id)?.email.clone();
            let title = state.pages.get(&purchase.page_id)?.title.clone();
            let is_connected = state.is_received_by_connected(&dispute);
            Some(AwaitedDispute { dispute, email, title, is_connected })
        });
        Ok(awaited.collect())
    }

    async fn quarantined_payments(
        &self,
        handle: HandleId,
        limit: u32,
    ) -> Result<Vec<UnmatchedPayment>, StoreError> {
        let state = self.read().await?;
        let is_unmatched =
            |order: &&CheckoutOrder| order.handle_id == handle && state.is_unmatched(order);
        let unmatched = state.orders.values().filter(is_unmatched).filter_map(|order| {
            let payment = state.unfinished(order)?;
            Some(UnmatchedPayment { payment, is_disputed: state.is_disputed_unmatched(order) })
        });
        Ok(newest(unmatched, limit, |UnmatchedPayment { payment, .. }| {
            (payment.payment.since, payment.payment.checkout_id)
        }))
    }

    async fn failed_refunds(&self, handle: HandleId) -> Result<Vec<FailedRefund>, StoreError> {
        let state = self.read().await?;
        let of_handle = state.purchases.values().filter(|purchase| purchase.handle_id == handle);
        let failed = of_handle.filter_map(|purchase| {
            let at = state.failed_refund(purchase)?;
            let email = state.visitors.get(&purchase.visitor_id)?.email.clone();
            Some((at, FailedRefund { purchase_id: purchase.id, email }))
        });
        let failed = newest(failed, MAX_OPEN, |(at, refund)| (*at, refund.purchase_id));
        Ok(failed.into_iter().map(|(_, refund)| refund).collect())
    }

    async fn held_payments(&self, handle: HandleId) -> Result<Vec<HeldPayment>, StoreError> {
        let state = self.read().await?;
        let of_kind = state.ledger.values().filter(|it| it.kind == FactKind::SecondPaymentHeld);
        let held = of_kind.filter_map(|fact| {
            let purchase = state.purchases.get(&fact.subject.purchase_id?)?;
            let email = state.visitors.get(&purchase.visitor_id)?.email.clone();
            let is_held = purchase.handle_id == handle && state.is_beside_another(purchase);
            is_held.then_some((fact.at, HeldPayment { purchase_id: purchase.id, email }))
        });
        let held = newest(held, MAX_OPEN, |(at, payment)| (*at, payment.purchase_id));
        Ok(held.into_iter().map(|(_, payment)| payment).collect())
    }

    async fn unread_orders(&self, handle: HandleId) -> Result<Vec<UnreadOrder>, StoreError> {
        let state = self.read().await?;
        let of_handle = state.orders.values().filter(|order| order.handle_id == handle);
        let unread = of_handle.filter_map(|order| {
            let at = state.unread_since(order)?;
            let email = state.visitors.get(&order.visitor_id)?.email.clone();
            Some((at, UnreadOrder { payment: PendingPayment::of(order), email }))
        });
        let unread = newest(unread, MAX_OPEN, |(at, order)| (*at, order.payment.checkout_id));
        Ok(unread.into_iter().map(|(_, order)| order).collect())
    }

    async fn people(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        let state = self.read().await?;
        let related = state.relations(handle);
        let is_related: Vec<_> = related.keys().map(ToString::to_string).collect();
        let people = related.into_iter().filter_map(|(id, relations)| {
            let email = state.visitors.get(&id)?.email.clone();
            let fits = prefix.as_ref().is_none_or(|prefix| email.as_str().starts_with(prefix));
            fits.then(|| Person { id, email, relations, got: state.pages_got(handle, id) })
        });
        let mut people: Vec<_> = people.collect();
        people.sort_by(|one, other| one.email.as_str().cmp(other.email.as_str()));
        if let Some(after) = &page.after {
            let last = state
                .visitors
                .values()
                .find(|known| known.id.to_string() == after.id && is_related.contains(&after.id));
            people.retain(|person| {
                last.is_some_and(|last| person.email.as_str() > last.email.as_str())
            });
        }
        Ok(Listing::cut(people, page, Person::cursor))
    }

    async fn is_among_people(
        &self,
        origin: &FrontendOrigin,
        visitor: &Visitor,
    ) -> Result<bool, StoreError> {
        let state = self.read().await?;
        let mut registered =
            state.frontend_origins.iter().filter(|(_, origins)| origins.contains(origin));
        Ok(registered.any(|(handle, _)| state.relations(*handle).contains_key(&visitor.id)))
    }

    async fn mails(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, StoreError> {
        let state = self.read().await?;
        let fits = |to: &Email| {
            prefix.as_ref().is_none_or(|prefix| to.as_str().starts_with(prefix.as_str()))
        };
        let about_it = state
            .mails
            .values()
            .filter(|row| row.mail.handle_id == Some(handle) && fits(&row.mail.to));
        let mails = about_it.map(|row| row.logged(&state));
        let cursor = |mail: &LoggedMail| Cursor { at: mail.queued_at, id: mail.id.to_string() };
        Ok(part(mails.collect(), page, cursor))
    }

    async fn dead_mails(
        &self,
        handle: HandleId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<LoggedMail>, StoreError> {
        let state = self.read().await?;
        let of_handle = state.mails.values().filter(|row| row.mail.handle_id == Some(handle));
        let is_meant =
            |mail: &LoggedMail| mail.status == MailStatus::Dead && mail.queued_at > since;
        let dead = of_handle.map(|row| row.logged(&state)).filter(is_meant);
        Ok(newest(dead, most, |mail| (mail.queued_at, mail.id)))
    }

    async fn sales_by_page(&self, handle: HandleId) -> Result<Vec<PageSales>, StoreError> {
        let state = self.read().await?;
        let mut counts: BTreeMap<PageId, PageSales> = BTreeMap::new();
        for purchase in state.purchases.values().filter(|known| known.handle_id == handle) {
            let none = PageSales { page_id: purchase.page_id, sold: 0, given: 0 };
            let counted = counts.entry(purchase.page_id).or_insert(none);
            match purchase.payment {
                Some(_) => counted.sold += 1,
                None => counted.given += 1,
            }
        }
        Ok(counts.into_values().collect())
    }

    async fn sales_of_page(&self, page: PageId) -> Result<PageSales, StoreError> {
        let state = self.read().await?;
        let (sold, given): (Vec<_>, Vec<_>) = state
            .purchases
            .values()
            .filter(|known| known.page_id == page)
            .partition(|known| known.payment.is_some());
        let count = |all: &[&Purchase]| i64::try_from(all.len()).unwrap_or(i64::MAX);
        Ok(PageSales { page_id: page, sold: count(&sold), given: count(&given) })
    }

    async fn day_sums(
        &self,
        handle: HandleId,
        days: Range<i64>,
    ) -> Result<Vec<DaySum>, StoreError> {
        let state = self.read().await?;
        let mut sums: BTreeMap<(i64, FactKind, &str), DaySum> = BTreeMap::new();
        let day_of = |at: Timestamp| at.as_microsecond().div_euclid(DAY_MICROS);
        for fact in state
            .ledger
            .values()
            .filter(|fact| fact.subject.handle_id == handle && days.contains(&day_of(fact.at)))
        {
            let Some(Money { amount, currency }) = fact.amount else { continue };
            let day = day_of(fact.at);
            let nothing =
                DaySum { day, kind: fact.kind, count: 0, amount: Money::new(0, currency) };
            let sum = sums.entry((day, fact.kind, currency.code())).or_insert(nothing);
            sum.count += 1;
            sum.amount.amount += amount;
        }
        Ok(sums.into_values().collect())
    }

    async fn case(&self, resource: Resource, email: &Email) -> Result<ResourceCase, StoreError> {
        let state = self.read().await?;
        let visitor = state.visitors.values().find(|visitor| visitor.email == *email);
        let visitor = visitor.map(|visitor| visitor.id);
        let is_theirs = |bought: &&Purchase| {
            Some(bought.page_id) == resource.page() && Some(bought.visitor_id) == visitor
        };
        let mut purchases: Vec<_> = state.purchases.values().filter(is_theirs).cloned().collect();
        purchases.sort_by_key(|bought| Reverse((bought.created_at, bought.id)));
        let places = state
            .allowlist
            .values()
            .filter(|row| Some(row.entry.file_id) == resource.file() && row.entry.email == *email);
        let places: Vec<_> = places.collect();
        let is_of_visitor = |fact: &Fact| {
            let is_theirs = visitor.is_some() && fact.subject.visitor_id == visitor;
            fact.subject.resource == resource && is_theirs
        };
        let known = state.facts(is_of_visitor);
        let known: BTreeSet<_> = known.iter().filter_map(|fact| fact.subject.purchase_id).collect();
        let mut facts = state.facts(|fact| {
            let is_of_place =
                places.iter().any(|place| place.entry.id.to_string() == fact.reference);
            let is_of_purchase =
                fact.subject.purchase_id.is_some_and(|purchase| known.contains(&purchase));
            is_of_purchase
                || is_of_visitor(fact)
                || (fact.subject.resource == resource && is_of_place)
        });
        facts.drain(..facts.len().saturating_sub(at_most(MAX_FACTS)));
        let listed = places.iter().any(|place| place.removed_at.is_none());
        let theirs = state.orders.values().filter(|order| {
            Some(order.visitor_id) == visitor && Some(order.page_id) == resource.page()
        });
        let theirs: Vec<_> = theirs.collect();
        let pending = theirs.iter().find(|order| order.status == OrderStatus::Pending);
        let failed = newest_opened(&theirs, &[OrderStatus::Failed], MAX_FAILED);
        let unpaid = newest_opened(&theirs, &UnpaidOrder::STATUSES, MAX_UNPAID);
        let quarantined = visitor.zip(resource.page());
        let quarantined = quarantined.and_then(|(visitor, page)| state.quarantined(visitor, page));
        Ok(ResourceCase {
            purchases,
            listed,
            facts,
            pending: pending.copied().map(PendingPayment::of),
            failed: failed.into_iter().map(PendingPayment::of).collect(),
            quarantined: quarantined.as_ref().map(PendingPayment::of_quarantined),
            unpaid: unpaid.into_iter().map(UnpaidOrder::of).collect(),
        })
    }

    async fn opens(&self, page: PageId, email: &Email) -> Result<bool, StoreError> {
        let state = self.read().await?;
        let mut visitors = state.visitors.values();
        let visitor = visitors.find(|visitor| visitor.email == *email).map(|visitor| visitor.id);
        let mut theirs = state
            .purchases
            .values()
            .filter(|purchase| purchase.page_id == page && Some(purchase.visitor_id) == visitor);
        Ok(theirs.any(|purchase| purchase.holding().is_active()))
    }

    async fn pages_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        Ok(self.read().await?.pages_about(handle, email, limit))
    }

    async fn files_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        Ok(self.read().await?.files_about(handle, email, limit))
    }
}
