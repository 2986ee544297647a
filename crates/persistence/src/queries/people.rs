//! The people of a handle: several lists of visitors, each read along its index of handle and visitor,
//! and merged.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_domain::{
    email::Email,
    id::{HandleId, VisitorId},
    reports::{Person, Relation},
};

use super::prelude::*;
use crate::schema::{
    file_allowlist, files, group_buy_interests, group_buys, purchases, visitors, visits,
};

/// Reads one list: the visitors in the column `$visitor` of `$from`; `$called` selects those whose
/// address matches the pattern. A new list needs an entry in [`Database::people_of`] and an index.
macro_rules! visitors_of {
    ($conn:ident, $search:ident, $from:expr, $visitor:expr, |$pattern:ident| $called:expr) => {{
        let Search { pattern, after, limit } = $search.clone();
        let mut query =
            $from.order($visitor.desc()).limit(limit).select($visitor).distinct().into_boxed();
        if let Some($pattern) = pattern {
            query = query.filter($called);
        }
        if let Some(after) = after {
            query = query.filter($visitor.lt(after));
        }
        query.load::<AsText<VisitorId>>(on(&mut $conn)).await?
    }};
}

/// Whether the address of `$visitor` matches the pattern; looked up for each visitor of the list, not
/// for each of the installation.
macro_rules! is_called {
    ($visitor:expr, $pattern:ident) => {
        diesel::dsl::exists(
            visitors::table
                .filter(visitors::id.eq($visitor))
                .filter(visitors::email.like($pattern).escape('\\'))
                .select(visitors::id),
        )
    };
}

/// A pattern of addresses, the visitor to start after, and the number of visitors.
#[derive(Clone)]
struct Search {
    pattern: Option<String>,
    after: Option<String>,
    limit: i64,
}

impl Database {
    pub(super) async fn people_of(
        &self,
        handle: HandleId,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        let rows = i64::from(page.limit) + 1;
        let most = usize::try_from(rows).unwrap_or(usize::MAX);
        let search = Search {
            pattern: prefix.map(starting_with),
            after: page.after.as_ref().map(|cursor| cursor.id.clone()),
            limit: rows,
        };
        let handle = AsText(handle);
        let (mut relations, people) = read!(self, |conn| {
            let bought = purchases::table.filter(purchases::handle_id.eq(handle));
            let visited = visits::table.filter(visits::handle_id.eq(handle));
            let joined = group_buy_interests::table
                .inner_join(
                    group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)),
                )
                .filter(group_buys::handle_id.eq(handle));
            let listed = file_allowlist::table
                .inner_join(files::table.on(files::id.eq(file_allowlist::file_id)))
                .inner_join(visitors::table.on(visitors::email.eq(file_allowlist::email)))
                .filter(files::handle_id.eq(handle))
                .filter(file_allowlist::removed_at.is_null());
            let bought = visitors_of!(conn, search, bought, purchases::visitor_id, |pattern| {
                is_called!(purchases::visitor_id, pattern)
            });
            let visited = visitors_of!(conn, search, visited, visits::visitor_id, |pattern| {
                is_called!(visits::visitor_id, pattern)
            });
            let interested = group_buy_interests::visitor_id;
            let joined = visitors_of!(conn, search, joined, interested, |pattern| {
                is_called!(group_buy_interests::visitor_id, pattern)
            });
            let listed = visitors_of!(conn, search, listed, visitors::id, |pattern| {
                file_allowlist::email.like(pattern).escape('\\')
            });
            let lists = [
                (Relation::Purchase, bought),
                (Relation::FreeLogin, visited),
                (Relation::GroupBuy, joined),
                (Relation::Allowlist, listed),
            ];
            let relations = merged(lists, most);
            let visitors: Vec<_> = relations.keys().copied().collect();
            let people: Vec<(AsText<VisitorId>, AsText<Email>)> = visitors::table
                .filter(visitors::id.eq_any(visitors))
                .select((visitors::id, visitors::email))
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((relations, people))
        })?;
        let mut people: Vec<_> = people
            .into_iter()
            .map(|(id, email)| {
                let relations = relations.remove(&id).unwrap_or_default();
                Person { id: id.0, email: email.0, relations }
            })
            .collect();
        people.sort_by_key(|person| std::cmp::Reverse(person.id));
        Ok(Listing::cut(people, page, Person::cursor))
    }
}

/// Returns the first `most` visitors of all lists, with the lists that they are on. Each list has to have
/// its own first `most`, so that a visitor among the first of all is in every list that has the visitor.
fn merged(
    lists: impl IntoIterator<Item = (Relation, Vec<AsText<VisitorId>>)>,
    most: usize,
) -> BTreeMap<AsText<VisitorId>, BTreeSet<Relation>> {
    let mut people: BTreeMap<_, BTreeSet<Relation>> = BTreeMap::new();
    for (relation, visitors) in lists {
        for visitor in visitors {
            people.entry(visitor).or_default().insert(relation);
        }
    }
    people.into_iter().rev().take(most).collect()
}

/// Returns the pattern of texts that start with `prefix`.
pub(super) fn starting_with(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for c in prefix.chars() {
        if matches!(c, '\\' | '%' | '_') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
