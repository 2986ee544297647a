//! Enums that are stored as text. `docs/decisions/0006-texts-of-enums.md` explains why they are not derived.

/// The error of a text that names no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text of no variant")]
pub struct UnknownVariant;

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
                    _ => Err($crate::text_enum::UnknownVariant),
                }
            }
        }
    };
}
pub(crate) use text_enum;
