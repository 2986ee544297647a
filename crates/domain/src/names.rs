//! The names that appear in URLs: handles and slugs.

use std::{borrow::Cow, iter, str::FromStr};

use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};

use crate::text_form::text_form;

/// The name of a handle, which is the first label of its host: `^[a-z0-9](?:[a-z0-9-]{1,30}[a-z0-9])$`,
/// except the reserved names.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandleName(String);

/// The name of a page, a file or a group buy under its handle: 1 to 64 letters, digits and inner hyphens. It never starts with
/// a hyphen, so paths that start with `/-/` are available for the site's own URLs.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

/// The error of a text that is not a valid name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The text does not have the required form.
    #[error("must be {least} to {most} lower-case letters, digits and inner hyphens")]
    Form {
        /// The minimum number of characters.
        least: usize,
        /// The maximum number of characters.
        most: usize,
    },
    /// The name is reserved for the installation itself.
    #[error("is a reserved name")]
    Reserved,
}

/// Returns a text with each letter and its marks as one character where there is one, so that texts that look the same are the
/// same.
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizer::new_nfc().normalize(text)
}

/// Names that an installation, its mail or its certificates may need, or that visitors could mistake for
/// the installation itself.
const RESERVED: &[&str] = &[
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "cdn",
    "checkout",
    "console",
    "dashboard",
    "dns",
    "docs",
    "download",
    "downloads",
    "email",
    "files",
    "ftp",
    "gateway",
    "healthz",
    "help",
    "host",
    "hostmaster",
    "imap",
    "info",
    "internal",
    "legal",
    "localhost",
    "login",
    "logout",
    "mail",
    "media",
    "metrics",
    "mx",
    "new-handle",
    "no-reply",
    "noreply",
    "ns1",
    "ns2",
    "oauth",
    "official",
    "password-reset",
    "pay",
    "payment",
    "payments",
    "pop",
    "pop3",
    "postmaster",
    "privacy",
    "proxy",
    "readyz",
    "root",
    "sandbox",
    "security",
    "sign-in",
    "sign-out",
    "sign-up",
    "signin",
    "signup",
    "smtp",
    "ssl",
    "staff",
    "stage",
    "staging",
    "static",
    "stats",
    "status",
    "stripe",
    "support",
    "system",
    "terms",
    "tollgate",
    "verify-email",
    "web",
    "webhook",
    "webhooks",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

/// Paths that the installation serves on every host.
const RESERVED_SLUGS: &[&str] = &["docs", "healthz", "metrics", "readyz", "v2"];

fn is_label(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl FromStr for HandleName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if !is_label(text, 3, 32) {
            return Err(NameError::Form { least: 3, most: 32 });
        }
        if RESERVED.contains(&text) || text.starts_with("xn--") {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for Slug {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if !is_label(text, 1, Self::MAX) {
            return Err(NameError::Form { least: 1, most: Self::MAX });
        }
        if RESERVED_SLUGS.contains(&text) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl HandleName {
    /// Returns the name as it appears in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Slug {
    /// The maximum length, in characters.
    pub const MAX: usize = 64;

    /// Returns the name as it appears in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns this slug with a number at its end, such as `guide-2`; for 0 and 1, the slug itself.
    pub fn numbered(&self, number: u32) -> Self {
        if number < 2 {
            return self.clone();
        }
        let end = format!("-{number}");
        let start: String = self.0.chars().take(Self::MAX.saturating_sub(end.len())).collect();
        Self(format!("{}{end}", start.trim_end_matches('-')))
    }

    /// Returns the slug that a title or the name of a file makes, such as `january-pots` for “January: pots!”;
    /// `None` if the text has no letter or digit that a slug can have.
    pub fn suggest(text: &str) -> Option<Self> {
        let mut slug = String::new();
        // Some systems write a letter and its mark as two characters.
        let text = spelt_out(text);
        let text = composed(&text);
        let decomposing = DecomposingNormalizer::new_nfd();
        for c in text.chars().flat_map(char::to_lowercase) {
            match latin(c) {
                "" => slug.extend(decomposing.normalize_iter(iter::once(c)).filter_map(plain)),
                letters => slug.push_str(letters),
            }
        }
        let words: Vec<_> = slug.split('-').filter(|word| !word.is_empty()).collect();
        let slug: String = words.join("-").chars().take(Self::MAX).collect();
        slug.trim_end_matches('-').parse().ok()
    }
}

/// Returns a text with the usual letters and digits in place of those in another form, such as `fi` for a ligature. Other signs
/// stay, since they make no part of a slug.
fn spelt_out(text: &str) -> String {
    let composing = ComposingNormalizer::new_nfkc();
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_alphanumeric() {
            spelt.extend(composing.normalize_iter(iter::once(c)));
        } else {
            spelt.push(c);
        }
    }
    spelt
}

/// Returns what stands for a character in a slug; `None` for a mark that belongs to the letter before it.
fn plain(c: char) -> Option<char> {
    match c {
        '\u{300}'..='\u{36f}' | '\'' | '’' => None,
        c if c.is_ascii_lowercase() || c.is_ascii_digit() => Some(c),
        _ => Some('-'),
    }
}

/// Returns the plain letters for a lower-case letter with a mark; empty for every other character.
fn latin(c: char) -> &'static str {
    match c {
        'ä' | 'æ' => "ae",
        'ö' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' | 'ľ' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ő' | 'ō' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

text_form!(HandleName, Slug);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handle_keeps_to_its_pattern() {
        for good in ["ada", "a-b", "0x0", &"a".repeat(32)] {
            assert_eq!(good.parse::<HandleName>().unwrap().as_str(), good);
        }
        for bad in ["", "a", "ab", "-ab", "ab-", "Ada", "a.b", "a_b", "ädä", &"a".repeat(33)] {
            assert_eq!(
                bad.parse::<HandleName>(),
                Err(NameError::Form { least: 3, most: 32 }),
                "{bad}"
            );
        }
    }

    #[test]
    fn reserved_handles_are_refused() {
        assert!(RESERVED.is_sorted());
        for name in ["app", "api", "www", "mail", "admin", "static", "docs", "status", "stage"] {
            assert_eq!(name.parse::<HandleName>(), Err(NameError::Reserved), "{name}");
        }
        assert_eq!("xn--80ak6aa92e".parse::<HandleName>(), Err(NameError::Reserved));
    }

    #[test]
    fn slug_never_starts_with_a_hyphen() {
        assert!("a".parse::<Slug>().is_ok());
        for bad in ["", "-", "-a", "a/b", "A", "a b", &"a".repeat(65)] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
        assert_eq!("v2".parse::<Slug>(), Err(NameError::Reserved));
    }

    #[test]
    fn numbered_slug_is_a_slug() {
        let slug: Slug = "a".repeat(61).parse().unwrap();
        assert_eq!(slug.numbered(1), slug);
        assert_eq!(slug.numbered(12).as_str(), format!("{}-12", "a".repeat(61)));
        let slug: Slug = format!("{}-b", "a".repeat(61)).parse().unwrap();
        assert_eq!(slug.numbered(12).as_str(), format!("{}-12", "a".repeat(61)));
        assert!(slug.numbered(u32::MAX).as_str().parse::<Slug>().is_ok());
    }

    #[test]
    fn title_makes_a_slug() {
        for (title, slug) in [
            ("January: pots!", "january-pots"),
            ("  Ada’s  Guide ", "adas-guide"),
            ("Grüße aus Łódź", "gruesse-aus-lodz"),
            ("Cafe\u{301} № 5", "cafe-5"),
            ("U\u{308}bersicht", "uebersicht"),
            ("x\u{308}y", "xy"),
            ("IMG_0123.JPG", "img-0123-jpg"),
            ("🪴 pots 🪴", "pots"),
            ("ﬁne １２", "fine-12"),
            ("Ｕ\u{308}ber x² ½", "ueber-x2-1-2"),
            ("Pots™", "pots"),
        ] {
            assert_eq!(Slug::suggest(title).unwrap().as_str(), slug, "{title}");
        }
        let long = Slug::suggest(&"word ".repeat(40)).unwrap();
        assert!(long.as_str().len() <= Slug::MAX && long.as_str().ends_with("-word"), "{long}");
        for title in ["", "متجر", "🪴", "---", "docs"] {
            assert_eq!(Slug::suggest(title), None, "{title}");
        }
    }
}
