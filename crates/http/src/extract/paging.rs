//! Paging of lists: the query `?limit=` and `?cursor=`, and the fields `items` and `nextCursor`.

use actix_web::HttpRequest;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tollgate_domain::paging::{Cursor, Listing, PageRequest};

use crate::problem::{FieldErrors, Problem};

const MAX_LIMIT: u32 = 100;

const NOT_OURS: &str = "is not a cursor that this list gave";

/// The query of a list, before it is parsed.
#[derive(Debug)]
pub(crate) struct Paging {
    query: String,
    /// What ends the cursors of this list in the JSON interface, so that those of others are told apart.
    list: Option<String>,
}

impl Paging {
    fn of(req: &HttpRequest) -> Self {
        let path = req.path();
        let list = path.starts_with("/v2/").then(|| mark_of(path));
        Self { query: req.query_string().to_owned(), list }
    }

    pub(crate) fn read(&self) -> Result<PageRequest, Problem> {
        let (limit, after) = self.read_whole()?;
        Ok(PageRequest { limit: limit.unwrap_or(PageRequest::default().limit), after })
    }

    /// Reads the limit and the cursor for a list that is given whole if no limit is named.
    pub(crate) fn read_whole(&self) -> Result<(Option<u32>, Option<Cursor>), Problem> {
        let (mut wanted, mut after) = (None, None);
        let mut errors = FieldErrors::new();
        let mut seen = [false; 2];
        for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
            let [limit_seen, cursor_seen] = &mut seen;
            match &*name {
                "limit" if std::mem::replace(limit_seen, true) => {
                    errors.add("limit", "is there twice");
                }
                "cursor" if std::mem::replace(cursor_seen, true) => {
                    errors.add("cursor", "is there twice");
                }
                "limit" => wanted = errors.check("limit", limit(&value)),
                "cursor" => after = errors.check("cursor", self.cursor(&value)),
                _ => {}
            }
        }
        errors.finish().map_err(Problem::invalid)?;
        Ok((wanted, after))
    }

    fn cursor(&self, text: &str) -> Result<Cursor, &'static str> {
        let Some(list) = &self.list else { return text.parse() };
        let (cursor, mark) = text.rsplit_once('.').ok_or(NOT_OURS)?;
        if mark == list { cursor.parse() } else { Err(NOT_OURS) }
    }

    /// Returns a cursor as this list gives it.
    pub(crate) fn written(&self, cursor: &Cursor) -> String {
        match &self.list {
            Some(list) => format!("{cursor}.{list}"),
            None => cursor.to_string(),
        }
    }
}

/// Returns what ends the cursors of the list at a path.
fn mark_of(path: &str) -> String {
    hex::encode(Sha256::digest(path).iter().copied().take(4).collect::<Vec<_>>())
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
    #[schema(
        required = true,
        example = "1772357400000000.pag_01j9z3k5v7w8x9y0z1a2b3c4d5.5f3a09c1"
    )]
    next_cursor: Option<String>,
}

impl<T> ListBody<T> {
    pub(crate) fn of<S>(paging: &Paging, listing: Listing<S>, row: impl FnMut(S) -> T) -> Self {
        let Listing { items, next } = listing.map(row);
        Self { items, next_cursor: next.map(|cursor| paging.written(&cursor)) }
    }
}

extractor!(Paging, |req, _| Self::of(req));

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn at(address: &str) -> Paging {
        Paging::of(&TestRequest::with_uri(address).to_http_request())
    }

    #[test]
    fn limit_is_fifty_unless_asked() {
        assert_eq!(at("/v2/handles").read().unwrap(), PageRequest::default());
        assert_eq!(at("/v2/handles?limit=100&utm=x").read().unwrap().limit, 100);
        assert_eq!(at("/v2/handles").read_whole().unwrap(), (None, None));
        assert_eq!(at("/v2/handles?limit=7").read_whole().unwrap(), (Some(7), None));
    }

    #[test]
    fn cursors_of_other_lists_are_refused() {
        let last: Cursor = "1772357400000000.pag_x".parse().unwrap();
        let cursor = at("/v2/handles/ada/pages").written(&last);
        let pages = at(&format!("/v2/handles/ada/pages?cursor={cursor}"));
        assert_eq!(pages.read().unwrap().after, Some(last));
        for other in [
            format!("/v2/handles/ada/files?cursor={cursor}"),
            format!("/v2/handles/eve/pages?cursor={cursor}"),
            format!("/ada/pages?cursor={cursor}"),
            // As they were before they named their list.
            "/v2/handles/ada/pages?cursor=1772357400000000.pag_x".to_owned(),
        ] {
            let problem = at(&other).read().unwrap_err();
            let error = problem.fields().unwrap().fields()["cursor"].to_string();
            assert_eq!(error, NOT_OURS, "{other}");
        }
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
            let problem = at(&format!("/ada/pages?{query}")).read().unwrap_err();
            assert!(problem.fields().unwrap().fields().contains_key(field), "{query}");
        }
    }
}
