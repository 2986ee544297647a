//! Sentences with an instant in them.

use std::fmt;

use tollgate_domain::Timestamp;

use super::Texts;

/// A sentence that may have an instant in it, which templates mark up as a time. By itself it is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sentence {
    pub(crate) before: String,
    pub(crate) time: Option<MarkedTime>,
    pub(crate) after: String,
}

/// An instant for machines, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkedTime {
    pub(crate) datetime: String,
    pub(crate) words: String,
}

/// Stands for the instant until it is known where in the text that is.
const MARK: char = '\u{1}';

impl Texts {
    /// Returns a text whose argument `day` is an instant in these words.
    pub(crate) fn dated(
        self,
        id: &str,
        at: Timestamp,
        words: String,
        others: &[(&'static str, String)],
    ) -> Sentence {
        let mut arguments = others.to_vec();
        arguments.push(("day", MARK.to_string()));
        let text = self.with_all(id, &arguments);
        let (before, after) = text.split_once(MARK).unwrap_or((&*text, ""));
        Sentence::around(before, at, words, after)
    }
}

impl Sentence {
    /// Creates a sentence from the parts around an instant.
    pub(crate) fn around(
        before: impl Into<String>,
        at: Timestamp,
        words: String,
        after: impl Into<String>,
    ) -> Self {
        let time = Some(MarkedTime { datetime: at.to_string(), words });
        Self { before: before.into(), time, after: after.into() }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self { before: text, ..Self::default() }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.time.as_ref().map_or("", |time| &time.words);
        write!(f, "{}{words}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use tollgate_domain::language::Language;

    use super::*;

    #[test]
    fn day_of_a_sentence_is_apart_in_each_language() {
        for (language, before, after) in [
            (Language::English, "Your payment of ", " did not arrive: "),
            (Language::German, "Ihre Zahlung vom ", " ist nicht angekommen: "),
        ] {
            let at = Timestamp::from_second(0).unwrap();
            let told = Texts(language).dated("gate-failed", at, "today".to_owned(), &[]);
            assert_eq!(told.before, before);
            assert!(told.after.starts_with(after), "{told}");
            assert_eq!(told.time.as_ref().unwrap().datetime, "1970-01-01T00:00:00Z");
            assert!(told.to_string().starts_with(&format!("{before}today{after}")), "{told}");
        }
    }
}
