//! Enums that are stored as text.

/// The error of a text that names no variant. The field lists the valid texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct UnknownVariant(pub &'static str);

/// Implements `as_str` and `FromStr` for an enum without fields.
macro_rules! text_enum {
    ($name:ident, $all:literal, $($variant:ident = $text:literal),+) => {
        impl $name {
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
                    _ => Err($crate::text_enum::UnknownVariant($all)),
                }
            }
        }
    };
}
pub(crate) use text_enum;
