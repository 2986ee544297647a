//! E-mail addresses.

use std::{borrow::Cow, fmt, str::FromStr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::invisible::is_ignorable;

/// An address in its canonical form: trimmed, without invisible characters, lower-cased, the domain in ASCII (IDNA) and without
/// the dot of the root. Dots and plus tags are kept: `a.b@x` and `ab@x` are two people.
///
/// `Debug` is masked, so that an address does not reach a log by accident.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Email(String);

/// The error of a text that is not a valid e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address")]
pub struct EmailError;

/// The maximum lengths of an address and of its local part that RFC 5321 §4.5.3.1 allows.
const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;

impl Email {
    /// Returns the canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the address as people read it: with the letters of an internationalized domain, unless a label of it could
    /// be taken for another one. It is the same address when it is parsed.
    pub fn shown(&self) -> String {
        let (local, domain) = self.parts();
        format!("{local}@{}", shown_domain(domain))
    }

    /// Returns the address with its local part hidden except for the first letter, as shown on the page
    /// that a magic link opens: `b•••@example.com`.
    pub fn masked(&self) -> String {
        let (local, domain) = self.parts();
        let first = local.chars().next().unwrap_or('•');
        format!("{first}•••@{}", shown_domain(domain))
    }

    /// Returns the address partly hidden, so that it does not read like `other`, which is partly hidden already: if it would,
    /// the first three letters and the last one of the local part are shown, as in `eve•••n@example.com`.
    pub fn masked_beside(&self, other: &str) -> String {
        let masked = self.masked();
        if masked != other {
            return masked;
        }
        let (local, domain) = self.parts();
        let first: String = local.chars().take(3).collect();
        let last = local.chars().skip(3).last().map(String::from).unwrap_or_default();
        format!("{first}•••{last}@{}", shown_domain(domain))
    }

    fn parts(&self) -> (&str, &str) {
        self.0.split_once('@').unwrap_or((&self.0, ""))
    }
}

/// Returns a domain with those labels in their own letters that cannot be taken for others.
fn shown_domain(domain: &str) -> String {
    let (shown, told) = Uts46::new().to_user_interface(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        |label, top, _| is_plain(label, top),
    );
    if told.is_ok() { shown.into_owned() } else { domain.to_owned() }
}

/// Returns whether a label is written in one script, and not in one whose letters look like Latin ones below a top-level
/// domain of another script. Source: Unicode Technical Report 39, "Restriction-Level Detection".
fn is_plain(label: &[char], top: &[char]) -> bool {
    let scripts = |text: &[char]| {
        let mut scripts =
            text.iter().copied().filter(|c| !c.is_ascii_digit() && *c != '-').map(Script::of);
        let first = scripts.next().flatten()?;
        scripts.all(|script| script == Some(first)).then_some(first)
    };
    match scripts(label) {
        Some(Script::Lookalike(which)) => scripts(top) == Some(Script::Lookalike(which)),
        Some(Script::Latin | Script::EastAsian) => true,
        None => false,
    }
}

/// The script of a letter, as far as it decides whether a label is shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    /// Chinese, Japanese and Korean, which are written with several of these together.
    EastAsian,
    /// Greek or Cyrillic: the first code point of its block.
    Lookalike(u32),
}

impl Script {
    fn of(letter: char) -> Option<Self> {
        match letter {
            'a'..='z' | '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{17f}' => Some(Self::Latin),
            '\u{3041}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{3005}' => Some(Self::EastAsian),
            '\u{370}'..='\u{3ff}' => Some(Self::Lookalike(0x370)),
            '\u{400}'..='\u{52f}' => Some(Self::Lookalike(0x400)),
            _ => None,
        }
    }
}

/// Returns the start of an address, as people type or paste it into a search, in the form in which addresses are stored.
pub fn start_of_address(text: &str) -> String {
    let text = cleaned(text);
    text.parse::<Email>().map_or_else(|_| without_joiners(&text).to_lowercase(), |whole| whole.0)
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = cleaned(text);
        // A domain can be longer before its IDNA conversion than after it, but only up to a limit.
        if text.len() > 4 * MAX_LENGTH {
            return Err(EmailError);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let local = without_joiners(local).to_ascii_lowercase();
        if local.is_empty() || local.len() > MAX_LOCAL || !is_dot_atom(&local) {
            return Err(EmailError);
        }
        // A sentence may end with the address, and names of domains may end with the dot of the root.
        let domain = domain.strip_suffix('.').unwrap_or(domain);
        let domain = ascii_domain(domain).or_else(|_| ascii_domain(&without_joiners(domain)))?;
        let labels_are_sound =
            domain.split('.').all(|label| !label.is_empty() && label.len() <= 63);
        if !labels_are_sound || !domain.contains('.') || ends_in_number(&domain) {
            return Err(EmailError);
        }
        let canonical = format!("{local}@{domain}");
        if canonical.len() > MAX_LENGTH {
            return Err(EmailError);
        }
        Ok(Self(canonical))
    }
}

/// Returns a domain in ASCII (IDNA), as addresses have it.
pub fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let domain = Uts46::new().to_ascii(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        // Hyphens in the third and fourth place are registered; `xn--` is still decoded.
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    );
    domain.map(Cow::into_owned).map_err(|_| EmailError)
}

/// Returns an address without white space around it and without invisible characters. Joiners inside stay, since the domain
/// may need them.
fn cleaned(text: &str) -> String {
    let text = text.replace(|c: char| is_invisible(c) && !is_joiner(c), "");
    text.trim_matches(|c: char| c.is_whitespace() || is_joiner(c)).to_owned()
}

fn without_joiners(text: &str) -> String {
    text.replace(is_joiner, "")
}

/// Returns whether a character joins or separates the letters beside it. In domains of some scripts it tells one from another.
/// Source: RFC 5892, appendix A.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Returns whether a character has no width of its own. Such characters come along when an address is copied
/// from a web page or a chat. Source: Unicode, general category Cf and `Default_Ignorable_Code_Point`.
fn is_invisible(c: char) -> bool {
    is_ignorable(c) || matches!(c, '\u{fff9}'..='\u{fffb}')
}

/// Returns whether the text is a dot-atom: RFC 5322 §3.2.3, in the part that all mail servers accept.
fn is_dot_atom(local: &str) -> bool {
    local.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    })
}

fn ends_in_number(domain: &str) -> bool {
    domain.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

impl serde::Serialize for Email {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Email {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_trimmed_and_lower_cased_but_not_folded() {
        let parsed: Email = "  Bob.Smith+News@Example.COM ".parse().unwrap();
        assert_eq!(parsed.as_str(), "bob.smith+news@example.com");
    }

    #[test]
    fn idna_domain_becomes_ascii() {
        let parsed: Email = "a@bücher.example".parse().unwrap();
        assert_eq!(parsed.as_str(), "a@xn--bcher-kva.example");
    }

    #[test]
    fn idna_domain_is_shown_in_its_own_letters_unless_it_looks_like_another() {
        for (typed, shown) in [
            ("a@bücher.example", "a@bücher.example"),
            ("a@mail.żółw.pl", "a@mail.żółw.pl"),
            ("a@例え.jp", "a@例え.jp"),
            ("a@почта.рф", "a@почта.рф"),
            ("a@example.com", "a@example.com"),
            // All of it Cyrillic, below a Latin top-level domain; and one Cyrillic letter among Latin ones.
            ("a@аррӏе.com", "a@xn--80ak6aa92e.com"),
            ("a@pаypal.com", "a@xn--pypal-4ve.com"),
            ("a@عربي.example", "a@xn--ngbrx4e.example"),
        ] {
            let email: Email = typed.parse().unwrap();
            assert_eq!(email.shown(), shown);
            assert_eq!(email.shown().parse::<Email>().unwrap(), email);
            assert!(email.masked().ends_with(shown.trim_start_matches('a')), "{}", email.masked());
        }
    }

    #[test]
    fn invisible_characters_are_left_out() {
        for text in [
            "\u{200b}bob@example.com",
            "\u{feff}bob@example.com\u{200b} ",
            " \u{2060}\u{202a}bob@example.com\u{202c}\u{a0}",
            "\u{ad}bob@example.com\u{200e}\n",
            "bo\u{200b}b@example.com",
            "bob\u{200c}@\u{200d}exam\u{200d}ple.com\u{200c}",
            "b\u{ad}ob@exam\u{ad}ple.\u{feff}com",
            "bob@\u{2066}example.com\u{2069}",
            "\u{115f}b\u{1160}ob@example.com\u{3164}",
            "\u{17b4}bob@exam\u{17b5}ple.com\u{ffa0}",
            "bo\u{fff0}b@example\u{1bca0}.com\u{1d173}",
            "bo\u{fff9}b@example.com\u{fffb}",
        ] {
            assert_eq!(text.parse::<Email>().unwrap().as_str(), "bob@example.com", "{text:?}");
        }
        for text in ["\u{200b}@example.com", "bob@\u{200b}", "\u{200b}", "\0bob@x.y"] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text:?}");
        }
    }

    /// "Letter" in Persian; without its joiner it is the name of another domain.
    #[test]
    fn joiners_stay_in_domains_that_need_them() {
        let joined: Email = "a@نامه\u{200c}ای.com".parse().unwrap();
        let other: Email = "a@نامهای.com".parse().unwrap();
        assert_ne!(joined, other);
        assert_eq!("a@نامه\u{200c}ای\u{200b}.com".parse::<Email>().unwrap(), joined);
    }

    #[test]
    fn dot_at_the_end_of_a_domain_is_left_out() {
        assert_eq!("bob@example.com.".parse::<Email>().unwrap().as_str(), "bob@example.com");
        for text in ["bob@example.com..", "bob@example.", "bob@.", "bob@127.0.0.1."] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text:?}");
        }
    }

    #[test]
    fn start_of_an_address_is_cleaned_like_a_whole_one() {
        for (typed, start) in [
            (" Bo\u{200b}b", "bob"),
            ("bo\u{200d}b@ex", "bob@ex"),
            ("bob\u{ad}@Example.com.", "bob@example.com"),
            ("\u{feff}", ""),
        ] {
            assert_eq!(start_of_address(typed), start, "{typed:?}");
        }
    }

    #[test]
    fn hyphens_are_taken_where_registries_take_them() {
        for text in
            ["a@te--st.com", "a@a-b--c.example", "a@xn--bcher-kva.example", "a@r3---sn.example"]
        {
            assert_eq!(text.parse::<Email>().unwrap().as_str(), text);
        }
        for text in ["a@-x.example", "a@x-.example", "a@xn--.example", "a@xn--a.example"] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(400));
        for text in [
            "",
            "a",
            "@x.y",
            "a@",
            "a@b",
            "a b@x.y",
            "a@x.y\r\nBcc: c@x.y",
            "a@x.y,b@x.y",
            "a@@x.y",
            "a..b@x.y",
            ".a@x.y",
            "a@x..y",
            "a@127.0.0.1",
            "<a@x.y>",
            "а@x.y",
            "a\0@x.y",
            "a@x_y.z",
            "\"a b\"@x.y",
            &long,
        ] {
            assert_eq!(text.parse::<Email>(), Err(EmailError), "{text:?}");
        }
    }

    #[test]
    fn masked_address_does_not_read_like_the_one_beside_it() {
        for (old, new, shown) in [
            ("eve@example.com", "evelyn@example.com", "eve•••n@example.com"),
            ("evelyn@example.com", "eve@example.com", "eve•••@example.com"),
            ("eve@example.com", "evelyn@example.org", "e•••@example.org"),
            ("bob@example.com", "rob@example.com", "r•••@example.com"),
        ] {
            let [old, new] = [old, new].map(|text| text.parse::<Email>().unwrap());
            assert_eq!(new.masked_beside(&old.masked()), shown);
        }
    }

    #[test]
    fn debug_is_masked() {
        let parsed: Email = "bob@example.com".parse().unwrap();
        assert_eq!(format!("{parsed:?}"), "Email(b•••@example.com)");
    }
}
