//! The people who have to do with a handle: several lists of visitors, each read along its index of
//! handle and visitor, merged and said once.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_domain::{
    books::{Person, Relation},
    id::HandleId,
    paging::{Listing, PageRequest},
};

use super::prelude::*;
use crate::{
    rows::parse,
    schema::{purchases, visitors, visits},
};

/// One list: the visitors of a table that names handle and visitor. A new one is a line in
/// [`Database::people_of`] and an index.
macro_rules! visitors_of {
    ($conn:ident, $table:ident, $handle:expr, $pattern:expr, $after:expr, $limit:expr) => {{
        let mut query = $table::table
            .filter($table::handle_id.eq($handle))
            .order($table::visitor_id.desc())
            .limit($limit)
            .select($table::visitor_id)
            .distinct()
            .into_boxed();
        if let Some(pattern) = $pattern {
            // Asked of each as it comes along, however many visitors the installation has.
            let called = visitors::table
                .filter(visitors::id.eq($table::visitor_id))
                .filter(visitors::email.like(pattern).escape('\\'))
                .select(visitors::id);
            query = query.filter(diesel::dsl::exists(called));
        }
        if let Some(after) = $after {
            query = query.filter($table::visitor_id.lt(after));
        }
        query.load::<String>(on(&mut $conn)).await?
    }};
}

impl Database {
    pub(super) async fn people_of(
        &self,
        handle: HandleId,
        prefix: Option<&str>,
        page: &PageRequest,
    ) -> Result<Listing<Person>, StoreError> {
        let (handle, pattern) = (handle.to_string(), prefix.map(starting_with));
        let (after, limit) = (page.after.as_ref().map(|cursor| cursor.id.clone()), page.limit);
        let rows = i64::from(limit) + 1;
        let most = usize::try_from(rows).unwrap_or(usize::MAX);
        let (relations, emails) = read!(self, |conn| {
            let lists = [
                (
                    Relation::Purchase,
                    visitors_of!(
                        conn,
                        purchases,
                        handle.clone(),
                        pattern.clone(),
                        after.clone(),
                        rows
                    ),
                ),
                (
                    Relation::FreeLogin,
                    visitors_of!(
                        conn,
                        visits,
                        handle.clone(),
                        pattern.clone(),
                        after.clone(),
                        rows
                    ),
                ),
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
