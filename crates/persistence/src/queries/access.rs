//! The hot path: what a decision needs, in one statement.

use tollgate_domain::{
    access::{
        AccessRecord, Fact, Holding, PageGate,
        ports::{AccessReads, Ledger, PageAccess, PageAccessWithContent, PageQuery, Visits},
    },
    id::{PageId, PurchaseId, VisitorId},
    paging::{Listing, PageRequest},
};

use super::prelude::*;
use crate::{
    rows::{FactRow, HandleRow, PageRow, VisitorRow, parse, parse_option},
    schema::{handles, ledger_facts, pages, purchases, visitor_sessions, visitors, visits},
};

/// A page, with who holds the session and what that visitor has: a row for each purchase, or one
/// without a purchase. `$visitors` joins more tables where more is asked.
macro_rules! page_of {
    ($query:expr) => {{
        let PageQuery { handle, slug, session, now } = $query;
        let token = session.map(|session| session.as_bytes().to_vec());
        let session_is_good = visitor_sessions::token
            .nullable()
            .eq(token)
            .and(visitor_sessions::revoked_at.is_null())
            .and(visitor_sessions::expires_at.gt(micros(*now)));
        let is_buyer = purchases::page_id
            .eq(pages::id)
            .and(purchases::visitor_id.nullable().eq(visitor_sessions::visitor_id.nullable()));
        let is_visitor = visits::page_id
            .eq(pages::id)
            .and(visits::visitor_id.nullable().eq(visitor_sessions::visitor_id.nullable()));
        handles::table
            .inner_join(pages::table.on(pages::handle_id.eq(handles::id)))
            .left_join(visitor_sessions::table.on(session_is_good))
            .left_join(purchases::table.on(is_buyer))
            .left_join(visits::table.on(is_visitor))
            .left_join(
                visitors::table
                    .on(visitors::id.nullable().eq(visitor_sessions::visitor_id.nullable())),
            )
            .filter(handles::name.eq(handle.to_string()))
            .filter(pages::slug.eq(slug.to_string()))
    }};
}

/// The columns of [`AccessRow`].
macro_rules! access_columns {
    () => {
        (
            (pages::id, handles::id, handles::creator_id, pages::mode, pages::status),
            visitor_sessions::visitor_id.nullable(),
            (
                purchases::grant_type.nullable(),
                purchases::revoked_at.nullable(),
                purchases::suspended_at.nullable(),
            ),
            visits::at.nullable(),
        )
    };
}

type AccessRow = (
    (String, String, String, String, String),
    Option<String>,
    (Option<String>, Option<i64>, Option<i64>),
    Option<i64>,
);

/// Puts the rows of one page together.
fn page_access(rows: &[AccessRow]) -> Result<Option<PageAccess>, StoreError> {
    let Some(((page_id, handle_id, creator_id, mode, status), visitor_id, _, visited_at)) =
        rows.first()
    else {
        return Ok(None);
    };
    let mut holdings = Vec::new();
    for (_, _, (grant_type, revoked_at, suspended_at), _) in rows {
        if let Some(grant_type) = grant_type {
            holdings.push(Holding {
                grant_type: parse("purchases.grant_type", grant_type)?,
                revoked: revoked_at.is_some(),
                suspended: suspended_at.is_some(),
            });
        }
    }
    Ok(Some(PageAccess {
        gate: PageGate {
            page_id: parse("pages.id", page_id)?,
            handle_id: parse("handles.id", handle_id)?,
            creator_id: parse("handles.creator_id", creator_id)?,
            mode: parse("pages.mode", mode)?,
            status: parse("pages.status", status)?,
        },
        visitor_id: parse_option("visitor_sessions.visitor_id", visitor_id.as_deref())?,
        holdings,
        visited: visited_at.is_some(),
    }))
}

#[async_trait]
impl AccessReads for Database {
    async fn page_access(&self, query: &PageQuery) -> Result<Option<PageAccess>, StoreError> {
        let statement = page_of!(query).select(access_columns!());
        let rows: Vec<AccessRow> = read_hot!(self, statement)?;
        page_access(&rows)
    }

    async fn page_with_content(
        &self,
        query: &PageQuery,
    ) -> Result<Option<PageAccessWithContent>, StoreError> {
        let statement = page_of!(query).select((
            access_columns!(),
            (HandleRow::as_select(), PageRow::as_select(), Option::<VisitorRow>::as_select()),
        ));
        let rows: Vec<(AccessRow, (HandleRow, PageRow, Option<VisitorRow>))> =
            read_hot!(self, statement)?;
        let (accesses, mut contents): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let (Some(access), Some((handle, page, visitor))) =
            (page_access(&accesses)?, contents.pop())
        else {
            return Ok(None);
        };
        Ok(Some(PageAccessWithContent {
            access,
            handle: handle.try_into()?,
            page: page.try_into()?,
            visitor: visitor.map(TryInto::try_into).transpose()?,
        }))
    }

    async fn history(
        &self,
        visitor: VisitorId,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        self.access_history(visitor, page).await
    }
}

#[async_trait]
impl Visits for Unit {
    async fn record(
        &mut self,
        visitor: VisitorId,
        page: PageId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let page = page.to_string();
        let handle = pages::table.find(page.clone()).select(pages::handle_id).single_value();
        let row = (
            visits::visitor_id.eq(visitor.to_string()),
            visits::page_id.eq(page),
            visits::at.eq(micros(at)),
            visits::handle_id.eq(handle),
        );
        run!(self, |conn| {
            diesel::insert_into(visits::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await
                .map(drop)
        })
    }
}

#[async_trait]
impl Ledger for Unit {
    async fn append(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        let row = FactRow::from(fact);
        run!(self, |conn| {
            let affected = diesel::insert_into(ledger_facts::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(conn)
                .await?;
            Ok(affected == 1)
        })
    }

    async fn of_purchase(&mut self, purchase: PurchaseId) -> Result<Vec<Fact>, StoreError> {
        let purchase = purchase.to_string();
        run!(self, |conn| {
            ledger_facts::table
                .filter(ledger_facts::purchase_id.eq(purchase))
                .order((ledger_facts::at, ledger_facts::id))
                .select(FactRow::as_select())
                .load(conn)
                .await
        })?
        .into_iter()
        .map(TryInto::try_into)
        .collect()
    }
}
