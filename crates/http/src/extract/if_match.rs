//! The versions that a change may be based on.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use tollgate_domain::version::{BasedOn, Version};

/// The `If-Match` header of a request (RFC 9110, section 13.1.1).
#[derive(Debug)]
pub(crate) struct IfMatch(BasedOn);

impl IfMatch {
    /// Returns the versions of which the stored one has to be one.
    pub(crate) fn based_on(&self) -> &BasedOn {
        &self.0
    }

    /// Reads the header, which may have several lines. Without it, any version is right.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut lines = headers.get_all(header::IF_MATCH).peekable();
        let text = |line: &HeaderValue| String::from_utf8_lossy(line.as_bytes()).into_owned();
        let is_given = lines.peek().is_some();
        let all = lines.map(text).collect::<Vec<_>>().join(",");
        Self(if is_given { Self::parse(&all) } else { BasedOn::Any })
    }

    /// Returns whether what has this strong tag is right.
    pub(super) fn allows(&self, tag: &str) -> bool {
        self.0.allows(&Version::named(unquoted(tag)))
    }

    /// Reads a list of tags. `*` stands for any version, and a weak tag for none, since only strong ones say that
    /// nothing differs. What is not a tag matches nothing; quotes may be missing, as in the `version` of a body.
    fn parse(text: &str) -> BasedOn {
        if text.trim() == "*" {
            return BasedOn::Any;
        }
        let tags = tags(text).into_iter().filter(|tag| !tag.starts_with("W/"));
        BasedOn::OneOf(tags.map(unquoted).map(Version::named).collect())
    }
}

fn unquoted(tag: &str) -> &str {
    tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(tag)
}

/// Splits a list at the commas that are outside quotes.
fn tags(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let tags = text.split(|letter: char| {
        is_quoted ^= letter == '"';
        letter == ',' && !is_quoted
    });
    tags.map(str::trim).filter(|tag| !tag.is_empty()).collect()
}

extractor!(IfMatch, |req, _| Self::of(req.headers()));

#[cfg(test)]
mod tests {
    use super::*;

    fn one_of(versions: &[&str]) -> BasedOn {
        BasedOn::OneOf(versions.iter().copied().map(Version::named).collect())
    }

    #[test]
    fn tags_are_read_as_a_list() {
        for (text, expected) in [
            ("\"1\"", one_of(&["1"])),
            ("1", one_of(&["1"])),
            ("\"1\", \"2\"", one_of(&["1", "2"])),
            ("\"1\",,\"2\" ,", one_of(&["1", "2"])),
            ("\"a,b\", \"2\"", one_of(&["a,b", "2"])),
            (" * ", BasedOn::Any),
        ] {
            assert_eq!(IfMatch::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn weak_tags_and_what_is_not_a_list_match_nothing() {
        for text in ["W/\"1\"", "W/\"1\", W/\"2\"", "", ",", "\"1\" *", "\"1", "*, W/\"1\"", "\"\""]
        {
            let based_on = IfMatch::parse(text);
            assert_ne!(based_on, BasedOn::Any, "{text}");
            assert!(!based_on.allows(&Version::named("1")), "{text}");
        }
        assert!(IfMatch::parse("W/\"1\", \"2\"").allows(&Version::named("2")));
    }
}
