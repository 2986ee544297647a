//! Keyset paging: a page of a list starts where the cursor points, however long the list is.

use jiff::Timestamp;

/// How many rows, and after which one. Lists run from new to old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows wanted, 1 to 100.
    pub limit: u32,
    /// The last row of the page before, if this is not the first.
    pub after: Option<Cursor>,
}

/// A place in a list: the time and the id of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When the row came about.
    pub at: Timestamp,
    /// Tells rows of one instant apart.
    pub id: String,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next part starts, if there is one.
    pub next: Option<Cursor>,
}

impl<T> Listing<T> {
    /// Cuts what was read to the limit. `rows` MUST have been read with a limit of one more than
    /// asked for, so that it is known whether something follows.
    pub fn cut(mut rows: Vec<T>, request: &PageRequest, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = more.then(|| rows.last().map(cursor)).flatten();
        Self { items: rows, next }
    }

    /// The same part of the list with each row turned into something else.
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
