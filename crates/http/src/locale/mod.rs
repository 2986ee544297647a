//! The languages of pages, their texts, and how they write money, numbers and dates.
//!
//! The texts are Fluent catalogues in `locales/`. A template asks for one with `t.get("id")`, or with one of
//! the methods that fill in arguments. A test finds ids that a catalogue lacks.

mod format;
mod names;
mod sentence;
mod time_left;

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::HashMap,
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{AcceptLanguage, Header, Preference, Quality},
};
use fluent_templates::{
    LanguageIdentifier, Loader, fluent_bundle::FluentValue, langid, static_loader,
};
use tollgate_domain::language::Language;

pub(crate) use self::{
    names::{isolated, unmarked},
    sentence::Sentence,
    time_left::TimeLeft,
};

static_loader! {
    static CATALOGUES = {
        locales: "./locales",
        fallback_language: "en",
        // Isolation marks around all arguments would end up in titles, values and copied text; see `isolated`.
        customise: |bundle| {
            bundle.set_use_isolating(false);
            if bundle.locales.first() == Some(&catalogue(Language::German)) {
                bundle.set_formatter(Some(in_german));
            } else {
                bundle.set_formatter(Some(in_english));
            }
        },
    };
}

/// The texts without arguments that were looked up so far, by their id. A page has dozens of them.
#[derive(Default)]
struct Known {
    english: HashMap<String, String>,
    german: HashMap<String, String>,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// The texts of one language, as templates use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Texts(pub(crate) Language);

/// Returns the language that a request prefers; `None` if it names none that Tollgate speaks.
pub(crate) fn named_language(req: &HttpRequest) -> Option<Language> {
    let mut accepted = AcceptLanguage::parse(req).ok()?;
    // A quality of zero means that the language is not wanted.
    accepted.0.retain(|item| item.quality > Quality::ZERO);
    let preferred = accepted.ranked().into_iter().find_map(|tag| match tag {
        Preference::Specific(tag) => {
            let known = |language: &Language| language.as_str() == tag.primary_language();
            Language::ALL.into_iter().find(known).map(Some)
        }
        // Any other language would do as well, so that those after it are not preferred.
        Preference::Any => Some(None),
    });
    preferred.flatten()
}

/// Returns the name of a language's catalogue.
const fn catalogue(language: Language) -> LanguageIdentifier {
    match language {
        Language::English => langid!("en"),
        Language::German => langid!("de"),
    }
}

/// Writes a number inside an English text.
fn in_english<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(Language::English, value)
}

/// Writes a number inside a German text.
fn in_german<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    grouped(Language::German, value)
}

/// Writes a number that chooses the plural like one that is written by itself: with its digits grouped.
fn grouped(language: Language, value: &FluentValue<'_>) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let whole = number.as_string().parse().ok()?;
    Some(tollgate_formats::decimal(language, whole, 0))
}

/// A whole number, as templates pass it: by value or by reference.
pub(crate) trait Count {
    fn count(&self) -> i64;
}

/// Implements [`Count`] for integer types. Numbers above [`i64::MAX`] count as that.
macro_rules! counts {
    ($($name:ty)*) => {$(
        impl Count for $name {
            fn count(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

counts! { i32 i64 u32 u64 usize }

impl<T: Count> Count for &T {
    fn count(&self) -> i64 {
        (**self).count()
    }
}

impl Texts {
    /// Returns the texts in the language that a request prefers, or in English.
    pub(crate) fn of(req: &HttpRequest) -> Self {
        Self(named_language(req).unwrap_or_default())
    }

    /// Returns the language tag, for `lang` attributes.
    pub(crate) const fn tag(self) -> &'static str {
        self.0.as_str()
    }

    /// Returns a text without arguments.
    pub(crate) fn get(self, id: &str) -> String {
        KNOWN.with_borrow_mut(|known| {
            let texts = match self.0 {
                Language::English => &mut known.english,
                Language::German => &mut known.german,
            };
            if let Some(text) = texts.get(id) {
                return text.clone();
            }
            let Some(text) = self.find(id, &HashMap::new()) else { return missing(id) };
            texts.insert(id.to_owned(), text.clone());
            text
        })
    }

    pub(crate) fn with(self, id: &str, name: &'static str, value: impl ToString) -> String {
        self.lookup(id, &HashMap::from([argument(name, value)]))
    }

    /// Returns a text with two arguments.
    pub(crate) fn with2(
        self,
        id: &str,
        name: &'static str,
        value: impl ToString,
        other: &'static str,
        and: impl ToString,
    ) -> String {
        self.lookup(id, &HashMap::from([argument(name, value), argument(other, and)]))
    }

    /// Returns a text with any number of arguments.
    pub(crate) fn with_all(self, id: &str, arguments: &[(&'static str, String)]) -> String {
        let arguments = arguments.iter().map(|(name, value)| argument(name, value));
        self.lookup(id, &arguments.collect())
    }

    /// Returns a text with the number `count`, which may choose the plural.
    pub(crate) fn count(self, id: &str, count: impl Count) -> String {
        let count = FluentValue::from(count.count());
        self.lookup(id, &HashMap::from([(Cow::Borrowed("count"), count)]))
    }

    /// Returns a text with the number `count` and one argument.
    pub(crate) fn count_with(
        self,
        id: &str,
        count: impl Count,
        name: &'static str,
        value: impl ToString,
    ) -> String {
        let count = FluentValue::from(count.count());
        let arguments = [(Cow::Borrowed("count"), count), argument(name, value)];
        self.lookup(id, &HashMap::from(arguments))
    }

    fn lookup(self, id: &str, arguments: &HashMap<Cow<'static, str>, FluentValue<'_>>) -> String {
        self.find(id, arguments).unwrap_or_else(|| missing(id))
    }

    fn find(
        self,
        id: &str,
        arguments: &HashMap<Cow<'static, str>, FluentValue<'_>>,
    ) -> Option<String> {
        CATALOGUES.try_lookup_with_args(&catalogue(self.0), id, arguments)
    }
}

fn missing(id: &str) -> String {
    tracing::error!(id, "a text is missing");
    id.to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "callers write values of many kinds as they are")]
fn argument(name: &'static str, value: impl ToString) -> (Cow<'static, str>, FluentValue<'static>) {
    (Cow::Borrowed(name), FluentValue::from(value.to_string()))
}

impl FromRequest for Texts {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_one_sentence_are_written_in_one_way() {
        let told = |language, count: i64| {
            let t = Texts(language);
            t.count_with("group-room", count, "most", t.number(2_500))
        };
        assert_eq!(told(Language::English, 1_200), "1,200 of at most 2,500 places left");
        assert_eq!(told(Language::English, 1), "1 of at most 2,500 places left");
        assert!(told(Language::German, 1_200).contains("1.200 von höchstens 2.500"));
        assert_eq!(Texts(Language::English).count("gate-minutes", 1), "About 1 minute to read");
    }
}
