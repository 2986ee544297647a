//! The people who have to do with a handle: several lists of visitors, each read along its index of
//! handle and visitor, merged and said once.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_domain::{
    id::HandleId,
    paging::{Listing, PageRequest},
    reports::{Person, Relation},
};

use super::prelude::*;
use crate::{
    rows::parse,
    schema::{file_allowlist, files, group_buy_interests, group_buys, purchases, visitors, visits},
};

/// One list: the visitors that `$from` has in `$visitor`; `$called` says which of them have an address
/// like the pattern. A new one is an entry in [`Database::people_of`] and an index.
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
        query.load::<String>(on(&mut $conn)).await?
    }};
}

/// Asked of each visitor as it comes along, however many the installation has.
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

/// Whose addresses, after which visitor, and how many.
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
        let handle = handle.to_string();
        let (relations, emails) = read!(self, |conn| {
            let bought = purchases::table.filter(purchases::handle_id.eq(handle.clone()));
            let visited = visits::table.filter(visits::handle_id.eq(handle.clone()));
            let joined = group_buy_interests::table
                .inner_join(
                    group_buys::table.on(group_buys::id.eq(group_buy_interests::group_buy_id)),
                )
                .filter(group_buys::handle_id.eq(handle.clone()));
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
            let emails: Vec<(String, String)> = visitors::table
                .filter(visitors::id.eq_any(relations.keys().cloned().collect::<Vec<_>>()))
                .select((visitors::id, visitors::email))
                .load(on(&mut conn))
                .await?;
            QueryResult::Ok((relations, emails))
        })?;
        let mut people = Vec::new();
        for (id, email) in emails {
            let relations = relations.get(&id).cloned().unwrap_or_default();
            let (id, email) = (parse("visitors.id", &id)?, parse("visitors.email", &email)?);
            people.push(Person { id, email, relations });
        }
        people.sort_by_key(|person| std::cmp::Reverse(person.id));
        Ok(Listing::cut(people, page, Person::cursor))
    }
}

/// The first `most` visitors of all lists, with the lists that they are on. Each list has as many of its
/// own, so that whoever is among the first of all is known from every list that has them.
fn merged(
    lists: impl IntoIterator<Item = (Relation, Vec<String>)>,
    most: usize,
) -> BTreeMap<String, BTreeSet<Relation>> {
    let mut people: BTreeMap<String, BTreeSet<Relation>> = BTreeMap::new();
    for (relation, visitors) in lists {
        for visitor in visitors {
            people.entry(visitor).or_default().insert(relation);
        }
    }
    people.into_iter().rev().take(most).collect()
}

/// The pattern of texts that start with `prefix`.
fn starting_with(prefix: &str) -> String {
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
