//! The people of a handle, by address. The table `people` has everybody who was ever related to it, and what they have
//! to do with it now is looked up for those who are shown.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::exists;
use tollgate_domain::{
    access::GrantType,
    creators::FrontendOrigin,
    email::Email,
    id::{FileId, HandleId, PageId, VisitorId},
    reports::{PagesGot, Person, Relation},
    visitor_auth::Visitor,
};

use super::prelude::*;
use crate::{
    rows::{HoldingColumns, holding},
    schema::{
        file_allowlist, files, frontend_origins, group_buy_interests, group_buys, pages, people,
        purchases, visitors, visits,
    },
};

/// Adds an address to the people of a handle. Each part is the value or a query for it.
macro_rules! relate {
    ($unit:ident, $handle:expr, $email:expr) => {{
        let row = (people::handle_id.eq($handle), people::email.eq($email));
        $unit.add(diesel::insert_into(people::table).values(row).on_conflict_do_nothing());
    }};
}

impl Unit {
    /// Notes that a visitor bought something, or joined in.
    pub(super) fn relate(&mut self, handle: AsText<HandleId>, visitor: AsText<VisitorId>) {
        relate!(self, handle, address_of!(visitor));
    }

    /// Notes that a visitor saw a page.
    pub(super) fn relate_by_page(&mut self, page: AsText<PageId>, visitor: AsText<VisitorId>) {
        let handle = pages::table.find(page).select(pages::handle_id);
        relate!(self, handle.single_value().assume_not_null(), address_of!(visitor));
    }

    /// Notes that an address was put on a list.
    pub(super) fn relate_by_file(&mut self, file: AsText<FileId>, email: AsText<Email>) {
        let handle = files::table.find(file).select(files::handle_id);
        relate!(self, handle.single_value().assume_not_null(), email);
    }
}

type Candidate = (AsText<VisitorId>, AsText<Email>);

/// A purchase or a gift: whose it is, the page, how it was granted, and what is held now.
type GotRow = (AsText<VisitorId>, AsText<PageId>, AsText<GrantType>, HoldingColumns);

/// How many of those who are noted are looked up at once, if the first of them do not make a part of the list.
const LOOKED_UP_AT_ONCE: usize = 500;

/// About how many of those who are noted are looked up for one part of the list. A part of a list in which most have
/// nothing to do with the handle any more is shorter than what was asked for, or even empty.
const MAX_LOOKED_UP: usize = 5_000;

/// Returns the first text after all that start with `prefix`: no character is greater than the one added.
pub(super) fn after_all(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

impl Database {
    pub(super) async fn people_of(
        &self,
        handle: HandleId,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        let rows = usize::try_from(page.limit).unwrap_or(usize::MAX).saturating_add(1);
        let mut after = match &page.after {
            Some(cursor) => match self.address(handle, &cursor.id).await? {
                Some(address) => Some(address),
                None => return Ok(Listing { items: Vec::new(), next: None }),
            },
            None => None,
        };
        let mut people = Vec::new();
        let (mut at_once, mut looked_up) = (rows, 0);
        // Some who are noted have nothing to do with the handle any more.
        loop {
            let candidates = self.noted(handle, prefix, after.as_deref(), at_once).await?;
            let last = candidates.last().cloned().filter(|_| candidates.len() >= at_once);
            looked_up += candidates.len();
            people.extend(self.related(handle, candidates).await?);
            let Some((id, email)) = last.filter(|_| people.len() < rows) else {
                return Ok(Listing::cut(people, page, Person::cursor));
            };
            if looked_up >= MAX_LOOKED_UP {
                return Ok(Listing { items: people, next: Some(Person::cursor_at(id.0)) });
            }
            (after, at_once) = (Some(email.0.to_string()), LOOKED_UP_AT_ONCE);
        }
    }

    /// Returns whether the visitor has something to do with a handle that registered the origin.
    pub(super) async fn is_related(
        &self,
        origin: &FrontendOrigin,
        visitor: &Visitor,
    ) -> Result<bool, StoreError> {
        let (id, email) = (AsText(visitor.id), AsText(visitor.email.clone()));
        let registered = || {
            let at_it = frontend_origins::origin.eq(AsText(origin.clone()));
            frontend_origins::table.filter(at_it)
        };
        let handles = || registered().select(frontend_origins::handle_id);
        let bought = purchases::table
            .filter(purchases::visitor_id.eq(id))
            .filter(purchases::handle_id.eq_any(handles()))
            .select(purchases::id);
        let in_them = registered().select(frontend_origins::handle_id.nullable());
        let visited = visits::table
            .filter(visits::visitor_id.eq(id))
            .filter(visits::handle_id.eq_any(in_them))
            .select(visits::page_id);
        let joined = group_buy_interests::table
            .inner_join(group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)))
            .filter(group_buy_interests::visitor_id.eq(id))
            .filter(group_buys::handle_id.eq_any(handles()))
            .select(group_buys::id);
        let listed = file_allowlist::table
            .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
            .filter(file_allowlist::email.eq(email))
            .filter(file_allowlist::removed_at.is_null())
            .filter(files::handle_id.eq_any(handles()))
            .select(file_allowlist::id);
        let is_related = diesel::select(
            exists(bought).or(exists(visited)).or(exists(joined)).or(exists(listed)),
        );
        read!(self, |conn| { is_related.get_result(on(&mut conn)).await })
    }

    /// Returns the address of a visitor who is noted for the handle; `None` for others.
    async fn address(&self, handle: HandleId, visitor: &str) -> Result<Option<String>, StoreError> {
        let is_noted = people::email.eq(visitors::email).and(people::handle_id.eq(AsText(handle)));
        let address = visitors::table
            .inner_join(people::table.on(is_noted))
            .filter(visitors::id.eq(visitor.to_owned()))
            .select(visitors::email);
        report!(self, |conn| { address.first(on(&mut conn)).await.optional() })
    }

    /// Returns those who are noted, in the order of their addresses.
    async fn noted(
        &self,
        handle: HandleId,
        prefix: Option<&str>,
        after: Option<&str>,
        rows: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        let mut query = people::table
            .inner_join(visitors::table.on(visitors::email.eq(people::email)))
            .filter(people::handle_id.eq(AsText(handle)))
            .order(people::email)
            .limit(i64::try_from(rows).unwrap_or(i64::MAX))
            .select((visitors::id, people::email))
            .into_boxed();
        if let Some(prefix) = prefix {
            query = query
                .filter(people::email.ge(prefix.to_owned()))
                .filter(people::email.lt(after_all(prefix)));
        }
        if let Some(after) = after {
            query = query.filter(people::email.gt(after.to_owned()));
        }
        report_all!(self, query)
    }

    /// Returns those candidates who have something to do with the handle.
    async fn related(
        &self,
        handle: HandleId,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Person>, StoreError> {
        let handle = AsText(handle);
        let ids = padded(candidates.iter().map(|(id, _)| *id).collect());
        let (bought, lists) = report!(self, |conn| {
            let bought = purchases::table
                .filter(purchases::handle_id.eq(handle))
                .filter(purchases::visitor_id.eq_any(ids.clone()))
                .select((
                    purchases::visitor_id,
                    purchases::page_id,
                    purchases::granted_as,
                    (
                        purchases::grant_type.nullable(),
                        purchases::revoked_at,
                        purchases::suspended_at,
                    ),
                ));
            let bought: Vec<GotRow> = CachedStatement(bought).load(on(&mut conn)).await?;
            let visited = visits::table
                .filter(visits::handle_id.eq(handle))
                .filter(visits::visitor_id.eq_any(ids.clone()))
                .select(visits::visitor_id);
            let visited = CachedStatement(visited).load(on(&mut conn)).await?;
            let joined = group_buy_interests::table
                .inner_join(
                    group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)),
                )
                .filter(group_buys::handle_id.eq(handle))
                .filter(group_buy_interests::visitor_id.eq_any(ids.clone()))
                .select(group_buy_interests::visitor_id);
            let joined = CachedStatement(joined).load(on(&mut conn)).await?;
            let listed = file_allowlist::table
                .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
                .inner_join(visitors::table.on(visitors::email.eq(file_allowlist::email)))
                .filter(files::handle_id.eq(handle))
                .filter(file_allowlist::removed_at.is_null())
                .filter(visitors::id.eq_any(ids))
                .select(visitors::id);
            let listed = CachedStatement(listed).load(on(&mut conn)).await?;
            let lists = [
                (Relation::FreeLogin, visited),
                (Relation::GroupBuy, joined),
                (Relation::Allowlist, listed),
            ];
            QueryResult::Ok((bought, lists))
        })?;
        Ok(people_with(candidates, bought, lists))
    }
}

/// Returns those candidates who have something to do with the handle: they have one of these purchases, or are on one of these
/// lists.
fn people_with(
    candidates: Vec<Candidate>,
    bought: Vec<GotRow>,
    lists: [(Relation, Vec<AsText<VisitorId>>); 3],
) -> Vec<Person> {
    let mut got: BTreeMap<AsText<VisitorId>, Vec<_>> = BTreeMap::new();
    for (visitor, page, granted_as, columns) in bought {
        let held = holding(&columns).map(|held| (page.0, granted_as.0, held));
        got.entry(visitor).or_default().extend(held);
    }
    let mut relations: BTreeMap<AsText<VisitorId>, BTreeSet<Relation>> = BTreeMap::new();
    for (relation, visitors) in lists {
        for visitor in visitors {
            relations.entry(visitor).or_default().insert(relation);
        }
    }
    let person = |(id, email): Candidate| {
        let mut relations = relations.remove(&id).unwrap_or_default();
        let bought = got.remove(&id);
        relations.extend(bought.is_some().then_some(Relation::Purchase));
        if relations.is_empty() {
            return None;
        }
        let got = PagesGot::of(bought.unwrap_or_default());
        Some(Person { id: id.0, email: email.0, relations, got })
    };
    candidates.into_iter().filter_map(person).collect()
}
