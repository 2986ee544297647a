//! Bad input, told field by field.

use std::collections::BTreeMap;

/// What is wrong with each field, in words for a person. The key is the field's name on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(BTreeMap<String, String>);

impl FieldErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A single error.
    pub fn one(field: &str, message: impl Into<String>) -> Self {
        let mut errors = Self::new();
        errors.add(field, message);
        errors
    }

    /// Notes an error; the first one of a field stays.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.entry(field.to_owned()).or_insert_with(|| message.into());
    }

    /// Takes the value, or notes why there is none.
    pub fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// `Ok` when nothing was noted.
    pub fn finish(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Field by field, in the order of their names.
    pub fn fields(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// A text of one line: like [`text`], and without line breaks, tabs, and marks that turn the direction
/// of what follows them.
pub fn line(value: &str, least: usize, most: usize) -> Result<String, String> {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || turns(c);
    if value.chars().any(breaks) {
        return Err("must be one line without control characters".into());
    }
    text(value, least, most)
}

/// A text between `least` and `most` characters, without control characters other than line breaks
/// and tabs.
pub fn text(value: &str, least: usize, most: usize) -> Result<String, String> {
    let length = value.chars().count();
    if length < least || value.trim().is_empty() && least > 0 {
        return Err(match least {
            0 | 1 => "must not be empty".into(),
            _ => format!("must have at least {least} characters"),
        });
    }
    if length > most {
        return Err(format!("must have at most {most} characters"));
    }
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("must not have control characters".into());
    }
    Ok(value.to_owned())
}
