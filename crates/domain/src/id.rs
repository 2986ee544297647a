//! Identifiers: a prefix that names the kind, then a ULID (48 bits of time, 80 random bits).

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use ulid::Ulid;

use crate::random::{self, Random};

/// The error of a text that is not an identifier of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier that starts with {prefix}")]
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

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The prefix of all identifiers of this kind.
            pub const PREFIX: &'static str = $prefix;

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
    /// A visitor.
    VisitorId "vis_";
    /// A session of a visitor.
    VisitorSessionId "vse_";
    /// A magic link.
    MagicLinkId "mln_";
    /// A creator.
    CreatorId "cre_";
    /// A session of a creator, to which a chain of refresh tokens belongs.
    CreatorSessionId "cse_";
    /// A handle.
    HandleId "hdl_";
    /// A page.
    PageId "pag_";
    /// A checkout: one order of one visitor for one page.
    CheckoutId "chk_";
    /// A purchase.
    PurchaseId "pur_";
    /// A refund that was asked for here or seen at the payment provider.
    RefundId "rfd_";
    /// A fact in the ledger.
    FactId "fct_";
    /// A mail in the outbox.
    MailId "mal_";
    /// A group buy.
    GroupBuyId "gb_";
    /// A file, and its object in the file store.
    FileId "fil_";
    /// An entry on a file's allowlist.
    AllowlistId "alw_";
    /// Identifies a change of address.
    MoveId "mov_";
}
