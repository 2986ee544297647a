//! Access decisions about pages, the hot path: one statement reads what a decision needs.

use std::collections::BTreeMap;

use diesel::{
    IntoSql,
    dsl::{case_when, exists},
    sql_types::Text,
};
use tollgate_domain::{
    access::{
        AccessRecord, PageTerms, Resource, ResourceGate, ResourceType, Terms,
        ports::{AccessReads, PageHoldings, PageWithAccess, ResourceAccess, ResourceQuery, Visits},
    },
    checkout::OrderStatus,
    creators::{AccessMode, PageStatus},
    files::ports::FileReads,
    id::{CreatorId, HandleId, PageId, VisitorId},
};

use super::prelude::*;
use crate::{
    bodies::Body,
    rows::{FileState, HandleRow, HoldingColumns, PageRow, VisitorRow, holding},
    schema::{
        checkout_orders, files, handles, pages, purchases, visitor_sessions, visitors, visits,
    },
};

/// Joins a page with the visitor whose session `$query` has, the visitor's purchases of the page and
/// first view: a row for each purchase, or one without a purchase.
macro_rules! page_of {
    ($query:expr) => {{
        let ResourceQuery { handle, slug, session, now } = $query;
        let session_is_good = visitor_sessions::token
            .nullable()
            .eq(session.map(AsBytes))
            .and(visitor_sessions::revoked_at.is_null())
            .and(visitor_sessions::expires_at.gt(AsInt(*now)));
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
            .filter(handles::name.eq(AsText(handle.clone())))
            .filter(pages::slug.eq(AsText(slug.clone())))
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

type AccessRow = (GateColumns, Option<AsText<VisitorId>>, HoldingColumns, Option<i64>);
type GateColumns =
    (AsText<PageId>, AsText<HandleId>, AsText<CreatorId>, AsText<AccessMode>, AsText<PageStatus>);

fn access_rows(query: &ResourceQuery) -> impl HotQuery<AccessRow> {
    let statement = page_of!(query).select(access_columns!());
    move |conn: ReadConn<'_>| load(statement, conn)
}

/// A page, a purchase of it if there is one, and when the newest order was stored whose payment is being processed.
type HeldRow = (AsText<PageId>, HoldingColumns, Option<AsInt<Timestamp>>);

/// A row of the page itself, with the handle and the visitor.
type PageRows = (AccessRow, (HandleRow, PageRow, Option<VisitorRow>, bool));

/// Reads a page. If its body is still the `known` one, it is left out.
fn page_rows(query: &ResourceQuery, known: Option<&Body>) -> impl HotQuery<PageRows> {
    let has_files = exists(
        files::table
            .filter(files::page_id.eq(pages::id.nullable()))
            .filter(files::state.eq(FileState::Ready.as_str())),
    );
    let is_known = pages::id
        .nullable()
        .eq(known.map(|body| AsText(body.page)))
        .and(pages::updated_at.nullable().eq(known.map(|body| AsInt(body.version))));
    let statement = page_of!(query).select((
        access_columns!(),
        (
            HandleRow::as_select(),
            // The columns of a `PageRow`.
            (
                pages::id,
                pages::handle_id,
                pages::slug,
                pages::title,
                pages::teaser,
                case_when(is_known, "".into_sql::<Text>()).otherwise(pages::body),
                pages::mode,
                (pages::price_amount, pages::price_currency),
                pages::status,
                pages::created_at,
                pages::updated_at,
                pages::closed_at,
            ),
            Option::<VisitorRow>::as_select(),
            has_files,
        ),
    ));
    move |conn: ReadConn<'_>| load(statement, conn)
}

/// Combines the rows of one page.
fn page_access(rows: &[AccessRow]) -> Option<ResourceAccess> {
    let &((page_id, handle_id, creator_id, mode, status), visitor_id, _, visited_at) =
        rows.first()?;
    let page = PageTerms { page_id: page_id.0, mode: mode.0, status: status.0 };
    Some(ResourceAccess {
        resource: Resource::Page(page.page_id),
        handle_id: handle_id.0,
        gate: ResourceGate { creator_id: creator_id.0, terms: Terms::Page(page) },
        visitor_id: visitor_id.map(|visitor| visitor.0),
        holdings: rows.iter().filter_map(|(_, _, columns, _)| holding(columns)).collect(),
        listed: false,
        visited: visited_at.is_some(),
    })
}

#[async_trait]
impl AccessReads for Database {
    async fn access(
        &self,
        resource: ResourceType,
        query: &ResourceQuery,
    ) -> Result<Option<ResourceAccess>, StoreError> {
        match resource {
            ResourceType::Page => {
                let rows = self.read_hot(access_rows(query)).traced("read").await?;
                Ok(page_access(&rows))
            }
            ResourceType::File => {
                let found = self.file_with_access(query).await?;
                Ok(found.map(|(_, access)| access))
            }
        }
    }

    async fn page_with_access(
        &self,
        query: &ResourceQuery,
    ) -> Result<Option<PageWithAccess>, StoreError> {
        let name = (query.handle.clone(), query.slug.clone());
        let known = self.bodies.of(&name);
        let rows = self.read_hot(page_rows(query, known.as_ref())).traced("read").await?;
        let (accesses, mut contents): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let content = page_access(&accesses).zip(contents.pop());
        Ok(content.map(|(access, (handle, page, visitor, has_files))| {
            let mut page = page.into();
            self.bodies.complete(name, known, &mut page);
            let (handle, visitor) = (handle.into(), visitor.map(Into::into));
            PageWithAccess { has_files, access, handle, page, visitor }
        }))
    }

    async fn history(
        &self,
        visitor: VisitorId,
        within: Option<Vec<HandleId>>,
        page: &PageRequest,
    ) -> Result<Listing<AccessRecord>, StoreError> {
        self.access_history(visitor, within, page).await
    }

    async fn holdings_of(
        &self,
        visitor: VisitorId,
        pages: &[PageId],
    ) -> Result<BTreeMap<PageId, PageHoldings>, StoreError> {
        let ids = padded(pages.iter().copied().map(AsText).collect());
        let visitor = AsText(visitor);
        let is_buyer = purchases::page_id.eq(pages::id).and(purchases::visitor_id.eq(visitor));
        // The status is in the text, as the partial index has it.
        let pending = checkout_orders::table
            .filter(checkout_orders::visitor_id.eq(visitor))
            .filter(checkout_orders::page_id.eq(pages::id))
            .filter(checkout_orders::status.eq(Literal(OrderStatus::Pending.as_str())))
            // As at the gate: without a session there was no pay page.
            .filter(checkout_orders::session.is_not_null())
            .order(checkout_orders::created_at.desc())
            .select(checkout_orders::created_at)
            .single_value();
        let held = pages::table
            .left_join(purchases::table.on(is_buyer))
            .filter(pages::id.eq_any(ids))
            .select((
                pages::id,
                (
                    purchases::grant_type.nullable(),
                    purchases::revoked_at.nullable(),
                    purchases::suspended_at.nullable(),
                ),
                pending,
            ));
        let rows: Vec<HeldRow> = read_all!(self, CachedStatement(held))?;
        let mut held: BTreeMap<PageId, PageHoldings> = BTreeMap::new();
        for (page, columns, pending) in rows {
            let held = held.entry(page.0).or_default();
            held.holdings.extend(holding(&columns));
            held.pending_since = pending.map(|since| since.0);
        }
        Ok(held)
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
        let page = AsText(page);
        let handle = pages::table.find(page).select(pages::handle_id).single_value();
        let row = (
            visits::visitor_id.eq(AsText(visitor)),
            visits::page_id.eq(page),
            visits::at.eq(AsInt(at)),
            visits::handle_id.eq(handle),
        );
        if insert!(self, visits, row)? {
            self.relate_by_page(page, AsText(visitor));
        }
        Ok(())
    }
}
