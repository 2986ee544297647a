//! Versions of what creators edit, so that an edit of something that was changed in the meantime is refused.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Identifies one version of something that its creator edits. It is a short opaque text without quotes or commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(String);

/// The versions that an edit may be based on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BasedOn {
    /// Any version that is stored.
    #[default]
    Any,
    /// One of these versions.
    OneOf(Vec<Version>),
}

impl Version {
    /// Creates a version from a text of a client. A text that no version has equals none.
    pub fn named(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Creates the version of something that consists of these parts, the same one whenever they are the same.
    pub(crate) fn of_content<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // With its length, so that no text is taken for two others.
            let length = part.map_or_else(|| "-".to_owned(), |text| text.len().to_string());
            hash.update(length);
            hash.update(":");
            hash.update(part.unwrap_or_default());
        }
        Self(URL_SAFE_NO_PAD.encode(hash.finalize()))
    }
}

impl BasedOn {
    /// Returns whether an edit of this version is allowed.
    pub fn allows(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(version),
        }
    }
}

/// The version of something that has another instant of its last change in each version.
impl From<Timestamp> for Version {
    fn from(changed_at: Timestamp) -> Self {
        Self(changed_at.as_microsecond().to_string())
    }
}

impl From<Version> for BasedOn {
    fn from(version: Version) -> Self {
        Self::OneOf(vec![version])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_with_their_content() {
        let contents: [&[Option<&str>]; 6] = [
            &[Some("ab"), Some("c")],
            &[Some("a"), Some("bc")],
            &[Some("abc"), Some("")],
            &[Some("abc"), None],
            &[Some("abc")],
            &[],
        ];
        let versions = contents.map(|parts| Version::of_content(parts.iter().copied()));
        for (number, version) in versions.iter().enumerate() {
            assert_eq!(versions.iter().position(|other| other == version), Some(number));
        }
        let again = Version::of_content([Some("abc"), None]);
        assert!(versions.contains(&again));
    }

    #[test]
    fn an_edit_is_allowed_of_the_versions_that_it_names() {
        let (first, second) = (Version::named("1"), Version::named("2"));
        assert!(BasedOn::Any.allows(&first));
        assert!(!BasedOn::OneOf(Vec::new()).allows(&first));
        assert!(!BasedOn::from(second.clone()).allows(&first));
        assert!(BasedOn::OneOf(vec![second, first.clone()]).allows(&first));
    }
}
