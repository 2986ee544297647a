//! Paging of lists: the query `?limit=` and `?cursor=`, and the fields `items` and `nextCursor`.

use serde::Serialize;
use tollgate_domain::{
    paging::{Listing, PageRequest},
    validation::FieldErrors,
};

use crate::problem::Problem;

const MAX_LIMIT: u32 = 100;

/// The query of a list, before it is parsed.
#[derive(Debug)]
pub(crate) struct Paging(String);

impl Paging {
    pub(crate) fn read(&self) -> Result<PageRequest, Problem> {
        let mut request = PageRequest::default();
        let mut errors = FieldErrors::new();
        let mut seen = [false; 2];
        for (name, value) in form_urlencoded::parse(self.0.as_bytes()) {
            let [limit_seen, cursor_seen] = &mut seen;
            match &*name {
                "limit" if std::mem::replace(limit_seen, true) => {
                    errors.add("limit", "is there twice");
                }
                "cursor" if std::mem::replace(cursor_seen, true) => {
                    errors.add("cursor", "is there twice");
                }
                "limit" => {
                    request.limit = errors.check("limit", limit(&value)).unwrap_or_default();
                }
                "cursor" => request.after = errors.check("cursor", value.parse()),
                _ => {}
            }
        }
        errors.finish().map_err(Problem::invalid)?;
        Ok(request)
    }
}

fn limit(text: &str) -> Result<u32, &'static str> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && (1..=MAX_LIMIT).contains(number));
    number.ok_or("must be a number from 1 to 100")
}

/// A part of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListBody<T> {
    /// The rows, in the order of the list.
    items: Vec<T>,
    /// What to pass as `cursor` for the rows that follow; null at the end.
    #[schema(required = true, example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5")]
    next_cursor: Option<String>,
}

impl<T> ListBody<T> {
    pub(crate) fn of<S>(listing: Listing<S>, row: impl FnMut(S) -> T) -> Self {
        let listing = listing.map(row);
        Self { items: listing.items, next_cursor: listing.next.map(|cursor| cursor.to_string()) }
    }
}

extractor!(Paging, |req, _| Self(req.query_string().to_owned()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_fifty_unless_asked() {
        assert_eq!(Paging(String::new()).read().unwrap(), PageRequest::default());
        assert_eq!(Paging("limit=100&utm=x".into()).read().unwrap().limit, 100);
    }

    #[test]
    fn bad_queries_name_their_field() {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=", "limit"),
            ("limit=+1", "limit"),
            ("limit=1&limit=1", "limit"),
            ("limit=9999999999999", "limit"),
            ("cursor=x", "cursor"),
            ("cursor=", "cursor"),
            ("cursor=1.%00", "cursor"),
            ("cursor=99999999999999999999.a", "cursor"),
        ] {
            let problem = Paging(query.into()).read().unwrap_err();
            assert!(problem.fields().unwrap().fields().contains_key(field), "{query}");
        }
    }
}
