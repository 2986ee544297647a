//! Keyset paging: each part of a list starts at a cursor, so the cost does not depend on the list's
//! length.

use std::cmp::Reverse;

use jiff::Timestamp;

/// A request for a part of a list. Lists are ordered from new to old, unless they say otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The number of rows, 1 to 100.
    pub limit: u32,
    /// The last row of the previous part, if this is not the first one.
    pub after: Option<Cursor>,
}

/// A position in a list, given by the time and the id of a row. Cursors are ordered from old to new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// The time that the list is ordered by.
    pub at: Timestamp,
    /// The id, which orders rows with the same time.
    pub id: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows of this part.
    pub items: Vec<T>,
    /// The position where the next part starts, if there is one.
    pub next: Option<Cursor>,
}

impl<T> Listing<T> {
    /// Creates a listing from `rows`, limited to the requested number. `rows` MUST have been read with a
    /// limit of one more than requested, which shows whether there is a next part.
    pub fn cut(mut rows: Vec<T>, request: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = more.then(|| rows.last().map(cursor)).flatten();
        Self { items: rows, next }
    }

    /// Adds rows of a list that was read whole where they belong, so that this part still has the requested length.
    pub fn with(self, rows: Vec<T>, request: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let is_later = |row: &T| request.after.as_ref().is_none_or(|after| cursor(row) < *after);
        let Self { mut items, next } = self;
        items.extend(rows.into_iter().filter(is_later));
        items.sort_by_key(|row| Reverse(cursor(row)));
        let cut = Self::cut(items, request, cursor);
        Self { next: cut.next.or(next), items: cut.items }
    }

    /// Converts each row with `turn` and keeps the cursor.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Listing<U> {
        Listing { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { limit: 50, after: None }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at.as_microsecond(), self.id)
    }
}

impl std::str::FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ERROR: &str = "is not a cursor that this list gave";
        let (at, id) = text.split_once('.').ok_or(ERROR)?;
        let at = Timestamp::from_microsecond(at.parse().map_err(|_| ERROR)?).map_err(|_| ERROR)?;
        let well_formed = !id.is_empty()
            && id.len() <= 64
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if well_formed { Ok(Self { at, id: id.to_owned() }) } else { Err(ERROR) }
    }
}
