//! Which part of a file a request wants, if it wants any. Source: RFC 9110, sections 13 and 14.

use std::ops::Range;

use actix_web::http::header::{self, HeaderMap, HeaderName};

/// What a request for a file asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RangeOutcome {
    /// The file, unless the client has it.
    NotModified,
    /// All of it.
    Whole,
    /// These bytes, of which there is at least one.
    Partial(Range<u64>),
    /// Bytes that the file does not have.
    Unsatisfiable,
}

impl RangeOutcome {
    /// What these headers ask for of a file of `size` bytes that has the strong `tag`.
    pub(crate) fn of(headers: &HeaderMap, size: u64, tag: &str) -> Self {
        if has_it(headers, tag) {
            return Self::NotModified;
        }
        let Some(range) = only(headers, &header::RANGE) else { return Self::Whole };
        // Only what is the very same may be put together from parts; a date never says so.
        if headers.contains_key(header::IF_RANGE)
            && only(headers, &header::IF_RANGE).map(str::trim) != Some(tag)
        {
            return Self::Whole;
        }
        part(range, size)
    }
}

/// A header that is there once, as text.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}

fn has_it(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    // Our own tags hold no comma, so it does not matter that others may.
    values.flat_map(|value| value.split(',')).map(str::trim).any(|candidate| {
        candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag
    })
}

/// A range that is not understood, and several at once, are as good as none.
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

/// Digits; more than fit are as many as there can be.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
#[path = "../tests/range.rs"]
mod tests;
