//! What all lists have: pages and an interval of creation.

use serde_json::Value;

use crate::error::ApiError;
use crate::params::Fields;
use crate::render;

/// The parameters of a page.
#[derive(Debug)]
pub(super) struct Paging {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

impl Paging {
    pub(super) fn take(fields: &mut Fields) -> Result<Self, ApiError> {
        let limit = fields.integer("limit")?.unwrap_or(10);
        let limit = usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=100).contains(limit))
            .ok_or_else(|| fields.invalid("limit", "integer between 1 and 100"))?;
        let starting_after = fields.text("starting_after")?;
        let ending_before = fields.text("ending_before")?;
        if starting_after.is_some() && ending_before.is_some() {
            return Err(ApiError::invalid("You cannot use both starting_after and ending_before."));
        }
        Ok(Self { limit, starting_after, ending_before })
    }

    /// Returns the list of the rows that `admits`, which are given newest first. `kind` is the kind of
    /// the objects and `id` returns theirs.
    pub(super) fn list<T>(
        &self,
        (kind, url): (&str, &str),
        mut rows: Vec<&T>,
        id: impl Fn(&T) -> &str,
        admits: impl Fn(&T) -> bool,
        render: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let position = |rows: &[&T], cursor: &str, param: &str| {
            let index = rows.iter().position(|row| id(row) == cursor);
            index.ok_or_else(|| ApiError::missing(kind, cursor).param(param))
        };
        // The cursor is applied before the filter, because the filter may exclude its object.
        if let Some(cursor) = &self.starting_after {
            let index = position(&rows, cursor, "starting_after")?;
            rows.drain(..=index);
        }
        if let Some(cursor) = &self.ending_before {
            rows.truncate(position(&rows, cursor, "ending_before")?);
        }
        rows.retain(|row| admits(row));
        let has_more = rows.len() > self.limit;
        if self.ending_before.is_some() && has_more {
            rows.drain(..rows.len() - self.limit);
        }
        let page: Vec<Value> = rows.into_iter().take(self.limit).map(render).collect();
        Ok(render::list(url, &page, has_more))
    }
}

/// An interval of creation.
#[derive(Debug, Default)]
pub(super) struct Created {
    from: Option<i64>,
    to: Option<i64>,
}

impl Created {
    /// Takes `created`, which is a time or a map with the ends of an interval.
    pub(super) fn take(fields: &mut Fields) -> Result<Self, ApiError> {
        if !fields.is_map("created") {
            let at = fields.integer("created")?;
            return Ok(Self { from: at, to: at });
        }
        let Some(mut interval) = fields.fields("created")? else {
            return Ok(Self::default());
        };
        let after = interval.integer("gt")?.map(|time| time.saturating_add(1));
        let before = interval.integer("lt")?.map(|time| time.saturating_sub(1));
        let from = interval.integer("gte")?.max(after);
        let to = match (interval.integer("lte")?, before) {
            (Some(to), Some(before)) => Some(to.min(before)),
            (to, before) => to.or(before),
        };
        interval.finish()?;
        Ok(Self { from, to })
    }

    pub(super) fn admits(&self, created: i64) -> bool {
        self.from.is_none_or(|from| created >= from) && self.to.is_none_or(|to| created <= to)
    }
}
