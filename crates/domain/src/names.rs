//! The names that appear in URLs: handles and slugs.

use std::{fmt, str::FromStr};

/// The name of a handle, which is the first label of its host: `^[a-z0-9](?:[a-z0-9-]{1,30}[a-z0-9])$`,
/// except the reserved names.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HandleName(String);

/// The name of a page under its handle: 1 to 64 letters, digits and inner hyphens. It never starts with
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
    "noreply",
    "no-reply",
    "ns1",
    "ns2",
    "oauth",
    "official",
    "pay",
    "payment",
    "payments",
    "pop",
    "pop3",
    "postmaster",
    "privacy",
    "proxy",
    "root",
    "sandbox",
    "security",
    "signin",
    "signup",
    "smtp",
    "ssl",
    "staff",
    "fixture",
    "staging",
    "static",
    "stats",
    "status",
    "stripe",
    "support",
    "system",
    "terms",
    "tollgate",
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
        if !is_label(text, 1, 64) {
            return Err(NameError::Form { least: 1, most: 64 });
        }
        if RESERVED_SLUGS.contains(&text) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

macro_rules! text_form {
    ($($name:ident)*) => {$(
        impl $name {
            /// Returns the name as it appears in a URL.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

text_form! { HandleName Slug }

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
        for name in ["app", "api", "www", "mail", "admin", "static", "docs", "status"] {
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
}
