//! Validation errors, reported for each field.

use std::collections::BTreeMap;

/// The errors of invalid fields, as messages for people. The key is the field's name in the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<String, String>);

impl FieldErrors {
    /// Creates an empty set of errors.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a set with a single error.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::new();
        errors.add(field, message);
        errors
    }

    /// Adds an error. The first error of a field is kept.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    /// Returns the value, or adds the error and returns `None`.
    pub fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// Returns `Ok` if there are no errors.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Returns the errors, ordered by field name.
    pub fn fields(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// Checks a text of one line: like [`text`], but without line breaks, tabs and marks that change the
/// writing direction.
pub fn line(value: &str, least: usize, most: usize) -> Result<String, String> {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns(c);
    if value.chars().any(breaks) {
        return Err("must be one line without control characters".into());
    }
    text(value, least, most)
}

/// Checks that a text has between `least` and `most` characters and no control characters other than
/// line breaks and tabs.
pub fn text(value: &str, least: usize, most: usize) -> Result<String, String> {
    let length = value.chars().count();
    if length < least || is_blank(value) && least > 0 {
        return Err(match least {
            0 | 1 => "must not be empty".into(),
            _ => format!("must have at least {least} characters"),
        });
    }
    if length > most {
        return Err(format!("must have at most {most} characters"));
    }
    printable(value)
}

/// Returns whether a text shows nothing: it has only white space and characters without a width.
fn is_blank(value: &str) -> bool {
    let is_invisible = |c| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{3164}');
    value.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Checks that a text has at most `most` bytes, which are whole KiB, and no control characters other than
/// line breaks and tabs.
pub fn large_text(value: &str, most: usize) -> Result<String, String> {
    if value.len() > most {
        return Err(format!("must have at most {} KiB", most / 1024));
    }
    printable(value)
}

fn printable(value: &str) -> Result<String, String> {
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("must not have control characters".into());
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_shows_nothing_is_empty() {
        for blank in ["", " ", "\u{a0}", "\u{200b}", "\u{feff}\u{2060} ", "\u{ad}"] {
            assert_eq!(text(blank, 1, 9), Err("must not be empty".to_owned()), "{blank:?}");
            assert!(text(blank, 0, 9).is_ok());
        }
        // A joiner is a part of what is shown.
        assert!(line("\u{1f469}\u{200d}\u{1f33e}", 1, 9).is_ok());
    }
}
