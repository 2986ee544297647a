//! The creators' reports. Each list is read along an index that begins with the handle.

/// A query for the later facts about refunds of the purchase of a fact in `ledger`.
macro_rules! newer_refund {
    () => {{
        let later_facts = diesel::alias!(ledger as later_facts);
        let kind = later_facts.field(ledger::kind);
        let is_refund = kind
            .eq(Literal(FactKind::RefundAccepted.as_str()))
            .or(kind.eq(Literal(FactKind::RefundFailed.as_str())));
        later_facts
            .filter(later_facts.field(ledger::purchase_id).eq(ledger::purchase_id))
            .filter(later_facts.field(ledger::at).gt(ledger::at))
            .filter(is_refund)
            .select(later_facts.field(ledger::id))
    }};
}

/// A query for the other purchases that open the page of a purchase in `purchases` to its visitor.
macro_rules! other_purchase {
    () => {{
        let others = diesel::alias!(purchases as others);
        let refunded = Literal(GrantType::Refunded.as_str());
        others
            .filter(others.field(purchases::visitor_id).eq(purchases::visitor_id))
            .filter(others.field(purchases::page_id).eq(purchases::page_id))
            .filter(others.field(purchases::id).ne(purchases::id))
            .filter(others.field(purchases::grant_type).ne(refunded))
            .filter(others.field(purchases::revoked_at).is_null())
            .filter(others.field(purchases::suspended_at).is_null())
            .select(others.field(purchases::id))
    }};
}

mod attention;
mod cases;
mod sales;

use std::ops::Range;

use diesel::dsl::{exists, not};
use tollgate_domain::{
    access::{FactKind, GrantType, Resource},
    checkout::{CheckoutOrder, OrderStatus, ReportedStatus},
    creators::FrontendOrigin,
    email::Email,
    id::{HandleId, PageId, PurchaseId},
    mail::{LoggedMail, MailStatus},
    money::{Currency, Money},
    names::Slug,
    reports::{
        Person, Sale, SaleFilter,
        ports::{
            AwaitedDispute, DaySum, FailedRefund, HeldPayment, MAX_OPEN, MAX_UNFINISHED, PageSales,
            PendingPayment, ReportReads, ResourceCase, UnfinishedPayment, UnmatchedPayment,
            UnreadOrder,
        },
    },
    visitor_auth::Visitor,
};

use super::{people::after_all, prelude::*};
use crate::{
    rows::{LoggedMailRow, OrderRow},
    schema::{
        checkout_orders, ledger, ledger_days, mail_stops, outbox, page_sales, pages, purchases,
        visitors,
    },
};

/// An order, the address of its visitor, and the slug and title of its page.
type UnfinishedRow = (OrderRow, AsText<Email>, AsText<Slug>, String);

fn unfinished((order, email, slug, title): UnfinishedRow) -> Option<UnfinishedPayment> {
    let order = CheckoutOrder::from(order);
    Some(UnfinishedPayment {
        payment: PendingPayment::of(&order),
        status: ReportedStatus::of(order.status)?,
        email: email.0,
        slug: slug.0,
        title,
    })
}

/// Day, kind, currency, number of facts, and sum of their amounts.
type SumRow = (i64, AsText<FactKind>, AsText<Currency>, i64, i64);

#[async_trait]
impl ReportReads for Database {
    async fn sales(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError> {
        self.sales_of(handle, filter, page).await
    }

    async fn unfinished_payments(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
    ) -> Result<Vec<UnfinishedPayment>, StoreError> {
        let statuses = ReportedStatus::ALL.map(|status| AsText(OrderStatus::from(status)));
        let mut query = checkout_orders::table
            .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
            .inner_join(pages::table.on(pages::id.eq(checkout_orders::page_id)))
            .filter(pages::handle_id.eq(AsText(handle)))
            .filter(checkout_orders::status.eq_any(statuses))
            // Without a session there was no pay page.
            .filter(checkout_orders::session.is_not_null())
            .order((checkout_orders::created_at.desc(), checkout_orders::id.desc()))
            .limit(MAX_UNFINISHED.into())
            .select((OrderRow::as_select(), visitors::email, pages::slug, pages::title))
            .into_boxed();
        if let Some(page) = filter.page {
            query = query.filter(checkout_orders::page_id.eq(AsText(page)));
        }
        if let Some(visitor) = filter.visitor {
            query = query.filter(checkout_orders::visitor_id.eq(AsText(visitor)));
        }
        if let Some(email) = filter.email.clone() {
            query = query.filter(visitors::email.eq(AsText(email)));
        }
        if let Some(prefix) = filter.prefix.clone() {
            // The address of the order cannot be used: it is compared by the database's locale, and not byte by byte.
            query = query
                .filter(visitors::email.lt(after_all(&prefix)))
                .filter(visitors::email.ge(prefix));
        }
        let rows: Vec<UnfinishedRow> = report_all!(self, CachedStatement(query))?;
        Ok(rows.into_iter().filter_map(unfinished).collect())
    }

    async fn awaited_disputes(
        &self,
        handle: HandleId,
        now: Timestamp,
    ) -> Result<Vec<AwaitedDispute>, StoreError> {
        self.awaited(handle, now).await
    }

    async fn quarantined_payments(
        &self,
        handle: HandleId,
        limit: u32,
    ) -> Result<Vec<UnmatchedPayment>, StoreError> {
        self.unmatched(handle, limit).await
    }

    async fn failed_refunds(&self, handle: HandleId) -> Result<Vec<FailedRefund>, StoreError> {
        // Few refunds fail, so that they are looked for by their kind, however many facts the handle has.
        let failed = ledger::table
            .inner_join(purchases::table.on(ledger::purchase_id.eq(purchases::id.nullable())))
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .filter(ledger::kind.eq(Literal(FactKind::RefundFailed.as_str())))
            .filter(ledger::handle_id.eq(AsText(handle)))
            .filter(purchases::grant_type.ne(Literal(GrantType::Refunded.as_str())))
            .filter(purchases::revoked_at.is_null())
            .filter(purchases::suspended_at.is_null())
            .filter(purchases::refund_reserved.eq(0_i64))
            .filter(not(exists(newer_refund!())))
            .order((ledger::at.desc(), purchases::id.desc()))
            .limit(MAX_OPEN.into())
            .select((purchases::id, visitors::email));
        let mut rows: Vec<(AsText<PurchaseId>, AsText<Email>)> = report_all!(self, failed)?;
        // Two refunds of one purchase can fail at once.
        rows.dedup_by_key(|(purchase, _)| purchase.0);
        let failed = |(id, email): (AsText<PurchaseId>, AsText<Email>)| FailedRefund {
            purchase_id: id.0,
            email: email.0,
        };
        Ok(rows.into_iter().map(failed).collect())
    }

    async fn held_payments(&self, handle: HandleId) -> Result<Vec<HeldPayment>, StoreError> {
        // The kind is in the text, as the partial index has it.
        let held = ledger::table
            .inner_join(purchases::table.on(ledger::purchase_id.eq(purchases::id.nullable())))
            .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
            .filter(ledger::kind.eq(Literal(FactKind::SecondPaymentHeld.as_str())))
            .filter(ledger::handle_id.eq(AsText(handle)))
            .filter(purchases::grant_type.ne(Literal(GrantType::Refunded.as_str())))
            .filter(purchases::revoked_at.is_null())
            .filter(purchases::suspended_at.is_null())
            .filter(exists(other_purchase!()))
            .order((ledger::at.desc(), purchases::id.desc()))
            .limit(MAX_OPEN.into())
            .select((purchases::id, visitors::email));
        let rows: Vec<(AsText<PurchaseId>, AsText<Email>)> = report_all!(self, held)?;
        let held = |(id, email): (AsText<PurchaseId>, AsText<Email>)| HeldPayment {
            purchase_id: id.0,
            email: email.0,
        };
        Ok(rows.into_iter().map(held).collect())
    }

    async fn unread_orders(&self, handle: HandleId) -> Result<Vec<UnreadOrder>, StoreError> {
        let unread = checkout_orders::table
            .inner_join(visitors::table.on(visitors::id.eq(checkout_orders::visitor_id)))
            .filter(checkout_orders::handle_id.eq(AsText(handle)))
            .filter(checkout_orders::unread_at.is_not_null())
            .filter(checkout_orders::reread_at.is_null())
            .filter(checkout_orders::status.ne(Literal(OrderStatus::Paid.as_str())))
            .order((checkout_orders::unread_at.desc(), checkout_orders::id.desc()))
            .limit(MAX_OPEN.into())
            .select((OrderRow::as_select(), visitors::email));
        let rows: Vec<(OrderRow, AsText<Email>)> = report_all!(self, unread)?;
        let unread = |(order, email): (OrderRow, AsText<Email>)| UnreadOrder {
            payment: PendingPayment::of(&CheckoutOrder::from(order)),
            email: email.0,
        };
        Ok(rows.into_iter().map(unread).collect())
    }

    async fn people(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        self.people_of(handle, prefix.as_deref(), page).await
    }

    async fn is_among_people(
        &self,
        origin: &FrontendOrigin,
        visitor: &Visitor,
    ) -> Result<bool, StoreError> {
        self.is_related(origin, visitor).await
    }

    async fn mails(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, StoreError> {
        let mails =
            outbox::table.filter(outbox::handle_id.eq(AsText(handle))).select(logged_mail!());
        let mut query = seek!(page, outbox::queued_at, outbox::id, mails);
        if let Some(prefix) = prefix {
            query = query
                .filter(outbox::recipient.lt(after_all(&prefix)))
                .filter(outbox::recipient.ge(prefix));
        }
        let rows: Vec<LoggedMailRow> = report_all!(self, query)?;
        Ok(listing(rows, page, |mail: &LoggedMail| (mail.queued_at, mail.id)))
    }

    async fn dead_mails(
        &self,
        handle: HandleId,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<LoggedMail>, StoreError> {
        // The status is in the text, as the partial index has it.
        let dead = outbox::table
            .filter(outbox::handle_id.eq(AsText(handle)))
            .filter(outbox::status.eq(Literal(MailStatus::Dead.as_str())))
            .filter(outbox::queued_at.gt(AsInt(since)))
            .order((outbox::queued_at.desc(), outbox::id.desc()))
            .limit(most.into())
            .select(logged_mail!());
        let rows: Vec<LoggedMailRow> = report_all!(self, dead)?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    async fn sales_by_page(&self, handle: HandleId) -> Result<Vec<PageSales>, StoreError> {
        let sales = page_sales::table.filter(page_sales::handle_id.eq(AsText(handle)));
        let columns = (page_sales::page_id, page_sales::sold, page_sales::given);
        let rows: Vec<(AsText<PageId>, i64, i64)> = report_all!(self, sales.select(columns))?;
        let sales = |(page_id, sold, given): (AsText<PageId>, i64, i64)| PageSales {
            page_id: page_id.0,
            sold,
            given,
        };
        Ok(rows.into_iter().map(sales).collect())
    }

    async fn sales_of_page(&self, page: PageId) -> Result<PageSales, StoreError> {
        let sales = page_sales::table.find(AsText(page));
        let sales = sales.select((page_sales::sold, page_sales::given));
        let found: Option<(i64, i64)> =
            report!(self, |conn| { sales.first(on(&mut conn)).await.optional() })?;
        let (sold, given) = found.unwrap_or_default();
        Ok(PageSales { page_id: page, sold, given })
    }

    async fn day_sums(
        &self,
        handle: HandleId,
        days: Range<i64>,
    ) -> Result<Vec<DaySum>, StoreError> {
        let sums = ledger_days::table
            .filter(ledger_days::handle_id.eq(AsText(handle)))
            .filter(ledger_days::day.ge(days.start))
            .filter(ledger_days::day.lt(days.end))
            .select((
                ledger_days::day,
                ledger_days::kind,
                ledger_days::currency,
                ledger_days::facts,
                ledger_days::amount,
            ));
        let rows: Vec<SumRow> = report_all!(self, sums)?;
        let sum = |(day, kind, currency, count, amount): SumRow| DaySum {
            day,
            kind: kind.0,
            count,
            amount: Money::new(amount, currency.0),
        };
        Ok(rows.into_iter().map(sum).collect())
    }

    async fn case(&self, resource: Resource, email: &Email) -> Result<ResourceCase, StoreError> {
        match resource {
            Resource::Page(id) => self.page_case(id, email).await,
            Resource::File(id) => self.file_case(id, email).await,
        }
    }

    async fn opens(&self, page: PageId, email: &Email) -> Result<bool, StoreError> {
        self.is_open_to(page, email).await
    }

    async fn pages_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        self.known_pages(handle, email, limit).await
    }

    async fn files_about(
        &self,
        handle: HandleId,
        email: &Email,
        limit: u32,
    ) -> Result<Vec<Slug>, StoreError> {
        self.listing_files(handle, email, limit).await
    }
}
