//! The creators' books. Each list is read along an index that begins with the handle.

use tollgate_domain::{
    access::{Fact, Purchase},
    email::Email,
    id::{FileId, HandleId, PageId},
    paging::{Cursor, Listing, PageRequest},
    reports::{
        LoggedMail, Person, Sale, SaleFilter,
        ports::{DaySum, FileCase, MAX_FACTS, PageCase, ReportReads},
    },
};

use super::prelude::*;
use crate::{
    rows::{FactRow, FileFactRow, LoggedMailRow, PurchaseRow, money, parse},
    schema::{file_allowlist, file_facts, ledger_facts, outbox, pages, purchases, visitors},
};

/// Day, kind, currency, how many, how much.
type SumRow = (i64, String, String, i64, i64);

#[async_trait]
impl ReportReads for Database {
    async fn sales(
        &self,
        handle: HandleId,
        filter: &SaleFilter,
        page: &PageRequest,
    ) -> Result<Listing<Sale>, StoreError> {
        let (handle, filter) = (handle.to_string(), filter.clone());
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<(PurchaseRow, String, (String, String))> = read!(self, |conn| {
            let mut query = purchases::table
                .inner_join(visitors::table.on(visitors::id.eq(purchases::visitor_id)))
                .inner_join(pages::table.on(pages::id.eq(purchases::page_id)))
                .filter(purchases::handle_id.eq(handle))
                .order((purchases::created_at.desc(), purchases::id.desc()))
                .limit(limit)
                .select((PurchaseRow::as_select(), visitors::email, (pages::slug, pages::title)))
                .into_boxed();
            if let Some(page) = filter.page {
                query = query.filter(purchases::page_id.eq(page.to_string()));
            }
            if let Some(visitor) = filter.visitor {
                query = query.filter(purchases::visitor_id.eq(visitor.to_string()));
            }
            if let Some(email) = filter.email {
                query = query.filter(visitors::email.eq(email.to_string()));
            }
            if let Some(Cursor { at, id }) = after {
                let at = micros(at);
                query = query
                    .filter(purchases::created_at.le(at))
                    .filter(purchases::created_at.lt(at).or(purchases::id.lt(id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let sales = rows.into_iter().map(|(purchase, email, (slug, title))| {
            let purchase = Purchase::try_from(purchase)?;
            let email = parse("visitors.email", &email)?;
            Ok(Sale { purchase, email, slug: parse("pages.slug", &slug)?, title })
        });
        let sales = sales.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Listing::cut(sales, page, |sale| Cursor {
            at: sale.purchase.created_at,
            id: sale.purchase.id.to_string(),
        }))
    }

    async fn people(
        &self,
        handle: HandleId,
        prefix: Option<String>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        self.people_of(handle, prefix.as_deref(), page).await
    }

    async fn mails(
        &self,
        handle: HandleId,
        page: &PageRequest,
    ) -> Result<Listing<LoggedMail>, StoreError> {
        let handle = handle.to_string();
        let (after, limit) = (page.after.clone(), i64::from(page.limit) + 1);
        let rows: Vec<LoggedMailRow> = read!(self, |conn| {
            let mut query = outbox::table
                .filter(outbox::handle_id.eq(handle))
                .order((outbox::queued_at.desc(), outbox::id.desc()))
                .limit(limit)
                .select(LoggedMailRow::as_select())
                .into_boxed();
            if let Some(Cursor { at, id }) = after {
                let at = micros(at);
                query = query
                    .filter(outbox::queued_at.le(at))
                    .filter(outbox::queued_at.lt(at).or(outbox::id.lt(id)));
            }
            query.load(on(&mut conn)).await
        })?;
        let mails = rows.into_iter().map(LoggedMail::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::cut(mails, page, |mail| Cursor { at: mail.queued_at, id: mail.id.to_string() }))
    }

    async fn day_sums(
        &self,
        handle: HandleId,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<DaySum>, StoreError> {
        use diesel::{
            dsl::sql,
            sql_types::{BigInt, Text},
        };

        let handle = handle.to_string();
        let rows: Vec<SumRow> = read!(self, |conn| {
            ledger_facts::table
                .filter(ledger_facts::handle_id.eq(handle))
                .filter(ledger_facts::at.ge(micros(from)))
                .filter(ledger_facts::at.lt(micros(until)))
                .filter(ledger_facts::amount.is_not_null())
                .group_by(sql::<BigInt>("1, 2, 3"))
                .select((
                    // Days of 86,400 seconds; both databases divide whole numbers into whole numbers.
                    sql::<BigInt>("at / 86400000000"),
                    sql::<Text>("kind"),
                    sql::<Text>("currency"),
                    sql::<BigInt>("COUNT(*)"),
                    sql::<BigInt>("CAST(SUM(amount) AS BIGINT)"),
                ))
                .load(on(&mut conn))
                .await
        })?;
        let sums = rows.into_iter().map(|(day, kind, currency, count, amount)| {
            let kind = parse("ledger_facts.kind", &kind)?;
            let amount = money("ledger_facts.currency", amount, &currency)?;
            Ok(DaySum { day, kind, count, amount })
        });
        sums.collect()
    }

    async fn page_case(&self, page: PageId, email: &Email) -> Result<PageCase, StoreError> {
        let (page, email) = (page.to_string(), email.to_string());
        let (bought, facts): (Vec<PurchaseRow>, Vec<FactRow>) = read!(self, |conn| {
            let visitor: Option<String> = visitors::table
                .filter(visitors::email.eq(email))
                .select(visitors::id)
                .first(on(&mut conn))
                .await
                .optional()?;
            let Some(visitor) = visitor else { return Ok((Vec::new(), Vec::new())) };
            let bought = purchases::table
                .filter(purchases::page_id.eq(page.clone()))
                .filter(purchases::visitor_id.eq(visitor.clone()))
                .order((purchases::created_at.desc(), purchases::id.desc()))
                .select(PurchaseRow::as_select())
                .load(on(&mut conn))
                .await?;
            let facts = ledger_facts::table
                .filter(ledger_facts::page_id.eq(page))
                .filter(ledger_facts::visitor_id.eq(visitor))
                .order((ledger_facts::at.desc(), ledger_facts::id.desc()))
                .limit(i64::from(MAX_FACTS))
                .select(FactRow::as_select())
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((bought, facts))
        })?;
        let purchases = bought.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        let facts = facts.into_iter().rev().map(Fact::try_from).collect::<Result<_, _>>()?;
        Ok(PageCase { purchases, facts })
    }
    async fn file_case(&self, file: FileId, email: &Email) -> Result<FileCase, StoreError> {
        let (file, email) = (file.to_string(), email.to_string());
        let (places, facts): (Vec<(String, Option<i64>)>, Vec<FileFactRow>) =
            read!(self, |conn| {
                let places: Vec<(String, Option<i64>)> = file_allowlist::table
                    .filter(file_allowlist::file_id.eq(file))
                    .filter(file_allowlist::email.eq(email))
                    .order((file_allowlist::added_at.desc(), file_allowlist::id.desc()))
                    .limit(i64::from(MAX_FACTS))
                    .select((file_allowlist::id, file_allowlist::removed_at))
                    .load(on(&mut conn))
                    .await?;
                let ids: Vec<_> = places.iter().map(|(id, _)| id.clone()).collect();
                let facts = file_facts::table
                    .filter(file_facts::reference.eq_any(ids))
                    .order((file_facts::at.desc(), file_facts::id.desc()))
                    .limit(i64::from(MAX_FACTS))
                    .select(FileFactRow::as_select())
                    .load(on(&mut conn))
                    .await?;
                QueryResult::Ok((places, facts))
            })?;
        let listed = places.iter().any(|(_, removed_at)| removed_at.is_none());
        let facts = facts.into_iter().rev().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok(FileCase { listed, facts })
    }
}
