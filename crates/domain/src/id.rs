//! Identifiers: a prefix that names the kind, then 128 bits as a ULID writes them. Most are ULIDs (48 bits
//! of time, 80 random bits). Those of visitors are random throughout: creators see them, and the time would
//! tell whether a person was another creator's visitor before.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use ulid::Ulid;

use crate::random::{self, Random};

/// The error of a text that is not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier such as {prefix}01j9z3k5v7w8x9y0z1a2b3c4d5")]
pub struct IdError {
    /// The prefix that the text must start with.
    pub prefix: &'static str,
}

fn fresh(now: Timestamp, random: &dyn Random) -> Ulid {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
    let mut wide = [0; 16];
    if let Some(low) = wide.get_mut(6..) {
        low.copy_from_slice(&random::bytes::<10>(random));
    }
    Ulid::from_parts(milliseconds, u128::from_be_bytes(wide))
}

/// Declares types of identifiers, each with its prefix. Those that are `timed` begin with the time of their creation;
/// those that are `random` do not.
macro_rules! ids {
    (@new timed $name:ident) => {
        impl $name {
            /// Creates a new identifier. Identifiers sort by the time of their creation.
            pub fn new(now: Timestamp, random: &dyn Random) -> Self {
                Self(fresh(now, random))
            }

            /// Returns the time of creation, to the millisecond.
            pub fn made_at(&self) -> Timestamp {
                let milliseconds = i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX);
                Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
            }
        }
    };
    (@new random $name:ident) => {
        impl $name {
            /// Creates an identifier of 128 random bits, which do not reveal when it was created.
            pub fn new(random: &dyn Random) -> Self {
                Self(Ulid::from(u128::from_be_bytes(random::bytes(random))))
            }
        }
    };
    ($($(#[$doc:meta])* $name:ident $prefix:literal $kind:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The prefix of all identifiers of this kind.
            pub const PREFIX: &'static str = $prefix;
        }

        ids!(@new $kind $name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = self.0.to_string();
                text.make_ascii_lowercase();
                write!(f, "{}{text}", Self::PREFIX)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let error = IdError { prefix: Self::PREFIX };
                let encoded = text.strip_prefix(Self::PREFIX).ok_or(error)?;
                let parsed = Self(Ulid::from_string(encoded).map_err(|_| error)?);
                // Only the canonical spelling of an identifier is accepted.
                if parsed.to_string() == text { Ok(parsed) } else { Err(error) }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// Identifies a visitor.
    VisitorId "vis_" random;
    /// Identifies a session of a visitor.
    VisitorSessionId "vse_" timed;
    /// Identifies a sign-in link.
    MagicLinkId "mln_" timed;
    /// Identifies the account of a creator.
    CreatorId "cre_" timed;
    /// Identifies a session of a creator: a chain of refresh tokens.
    CreatorSessionId "cse_" timed;
    /// Identifies a handle.
    HandleId "hdl_" timed;
    /// Identifies a page.
    PageId "pag_" timed;
    /// Identifies an order of one visitor for one page.
    CheckoutId "chk_" timed;
    /// Identifies a purchase or a complimentary grant.
    PurchaseId "pur_" timed;
    /// Identifies a refund request of Tollgate. The payment provider has an id of its own for each refund.
    RefundId "rfd_" timed;
    /// Identifies a fact in the ledger.
    FactId "fct_" timed;
    /// Identifies a mail in the outbox.
    MailId "mal_" timed;
    /// Identifies a group buy.
    GroupBuyId "gb_" timed;
    /// Identifies a file, and its object in the file store.
    FileId "fil_" timed;
    /// Identifies an entry on a file's allowlist.
    AllowlistId "alw_" timed;
    /// Identifies a change of address.
    MoveId "mov_" timed;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up, so that each call gives other bytes.
    struct Bytes(std::sync::atomic::AtomicU8);

    impl Random for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn id_of_a_visitor_is_random_throughout_and_is_read_again() {
        let random = Bytes(std::sync::atomic::AtomicU8::new(200));
        let (first, second) = (VisitorId::new(&random), VisitorId::new(&random));
        let (first, second) = (first.to_string(), second.to_string());
        assert_eq!(first.len(), "vis_01j9z3k5v7w8x9y0z1a2b3c4d5".len());
        // Ten characters of a ULID are its time.
        assert_ne!(first.get(4..14), second.get(4..14));
        assert_eq!(first.parse::<VisitorId>().unwrap().to_string(), first);
    }

    #[test]
    fn error_shows_what_an_id_looks_like() {
        let error = "mal_x".parse::<MailId>().unwrap_err().to_string();
        let example = error.rsplit(' ').next().unwrap();
        assert!(example.parse::<MailId>().is_ok(), "{error}");
    }

    #[test]
    fn other_ids_start_with_the_time_of_their_creation() {
        let random = Bytes(std::sync::atomic::AtomicU8::new(0));
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(PageId::new(now, &random).made_at(), now);
    }
}
