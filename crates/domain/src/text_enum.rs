//! Enums that are stored as text. `docs/decisions/0006-texts-of-enums.md` explains why they are not derived.

use std::fmt;

/// The error of a text that names no variant. The field has the valid texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownVariant(pub &'static [&'static str]);

impl fmt::Display for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be one of {}", self.0.join(", "))
    }
}

impl std::error::Error for UnknownVariant {}

/// Implements `ALL`, `as_str` and `FromStr` for an enum without fields.
macro_rules! text_enum {
    ($name:ident, $($variant:ident = $text:literal),+ $(,)?) => {
        impl $name {
            /// All variants, in the order of their declaration.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// Returns the text that is stored for this variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text_enum::UnknownVariant;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::text_enum::UnknownVariant(&[$($text),+])),
                }
            }
        }
    };
}
pub(crate) use text_enum;
