//! The part of a file that a request asks for. Source: RFC 9110, sections 13 and 14.
//!
//! The typed headers of actix are stricter: they refuse `BYTES = 2-3`, numbers beyond 64 bits, and a list of
//! tags in which one is not valid.

use std::ops::Range;

use actix_web::http::header::{self, HeaderMap};

use super::{IfMatch, header::only};

/// The result of the range and condition headers of a request for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeOutcome {
    /// No bytes, because the client wants another file than the current one.
    Mismatched,
    /// No bytes, because the client has the current file.
    NotModified,
    /// The whole file.
    Whole,
    /// These bytes. The range is not empty.
    Partial(Range<u64>),
    /// A range outside the file.
    Unsatisfiable,
}

impl RangeOutcome {
    /// Returns the result of these headers for a file of `size` bytes with the strong `tag`.
    pub(crate) fn of(headers: &HeaderMap, size: u64, tag: &str) -> Self {
        // First: RFC 9110, section 13.2.2.
        if !IfMatch::of(headers).allows(tag) {
            return Self::Mismatched;
        }
        if has_it(headers, tag) {
            return Self::NotModified;
        }
        let Some(range) = only(headers, header::RANGE) else { return Self::Whole };
        // Parts may be combined only if the tag is the same; a date does not prove that.
        if headers.contains_key(header::IF_RANGE)
            && only(headers, header::IF_RANGE).map(str::trim) != Some(tag)
        {
            return Self::Whole;
        }
        part(range, size)
    }
}

fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    // A tag from another server may contain a comma, but our tags do not.
    values.flat_map(|value| value.split(',')).map(str::trim).any(|candidate| {
        candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
    })
}

/// Parses a range. An invalid range, or several ranges, count as none.
fn part(text: &str, size: u64) -> RangeOutcome {
    let Some((unit, range)) = text.split_once('=') else { return RangeOutcome::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return RangeOutcome::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return RangeOutcome::Whole;
    }
    let range = match (first, last) {
        ("", last) => match number(last) {
            Some(length) => size.saturating_sub(length)..size,
            None => return RangeOutcome::Whole,
        },
        (first, "") => match number(first) {
            Some(first) => first..size,
            None => return RangeOutcome::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return RangeOutcome::Whole,
        },
    };
    if range.start < range.end { RangeOutcome::Partial(range) } else { RangeOutcome::Unsatisfiable }
}

/// Parses digits. A number that is too large becomes the largest one.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
#[path = "../tests/range.rs"]
mod tests;
