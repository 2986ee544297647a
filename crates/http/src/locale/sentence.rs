//! Sentences with an instant or an address in them.

use std::fmt;

use tollgate_domain::{Timestamp, email::Email};

use super::{Texts, isolated};

/// A sentence that may have an instant in it, which templates mark up as a time, or an address, which they link. By itself it
/// is plain text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sentence {
    pub(crate) before: String,
    pub(crate) time: Option<MarkedTime>,
    pub(crate) address: Option<LinkedAddress>,
    pub(crate) after: String,
}

/// An instant for machines, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkedTime {
    pub(crate) datetime: String,
    pub(crate) words: String,
}

/// An address to write to, as a link and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkedAddress {
    pub(crate) link: String,
    pub(crate) words: String,
}

/// Stands for the instant or the address until it is known where in the text that is.
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

    /// Returns a text whose argument `email` is an address that can be written to.
    pub(crate) fn written_to(self, id: &str, email: &Email) -> Sentence {
        let text = self.with(id, "email", MARK);
        let (before, after) = text.split_once(MARK).unwrap_or((&*text, ""));
        let link = tollgate_formats::mailto(email.as_str());
        let address = Some(LinkedAddress { link, words: isolated(email.shown()) });
        Sentence { before: before.to_owned(), time: None, address, after: after.to_owned() }
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
        Self { before: before.into(), time, address: None, after: after.into() }
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Self {
        Self { before: text, ..Self::default() }
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time.as_ref().map_or("", |time| &time.words);
        let address = self.address.as_ref().map_or("", |address| &address.words);
        write!(f, "{}{time}{address}{}", self.before, self.after)
    }
}

#[cfg(test)]
mod tests {
    use tollgate_domain::language::Language;

    use super::*;

    #[test]
    fn address_of_a_sentence_is_apart_in_each_language() {
        let email: Email = "help+ada@example.com".parse().unwrap();
        for (language, before, after) in [
            (Language::English, "If you think that this is a mistake, write to ", "."),
            (Language::German, "Wenn Sie das für einen Irrtum halten, schreiben Sie an ", "."),
        ] {
            let told = Texts(language).written_to("mistake-write", &email);
            assert_eq!((&*told.before, &*told.after), (before, after));
            let address = told.address.as_ref().unwrap();
            assert_eq!(address.link, "mailto:help%2Bada@example.com");
            assert_eq!(told.to_string(), format!("{before}help+ada@example.com{after}"));
        }
    }

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
