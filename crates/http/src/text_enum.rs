//! Enums in JSON. Their words are declared with `text_enum!`, and the domain has enums with the same variants.
//! `docs/decisions/0006-texts-of-enums.md` explains why they are not derived.

/// An enum whose variants are words in JSON.
pub(crate) trait TextEnum: Copy + 'static {
    /// All variants, in the order in which the description lists them.
    const ALL: &'static [Self];

    fn word(self) -> &'static str;

    /// Returns the variant that the word stands for, or an error that lists all words.
    fn read(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|variant| variant.word() == text);
        found.ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|variant| variant.word()).collect();
            format!("must be one of {}", words.join(", "))
        })
    }
}

/// Declares an enum with the word of each variant. With `= Domain`, it converts from and to the domain's
/// enum of the same variants.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $word:tt),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        $(#[$meta])*
        pub(crate) enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $crate::text_enum::TextEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident = $domain:ty { $($variant:ident $word:tt),+ $(,)? }) => {
        $crate::text_enum::text_enum! { $(#[$meta])* $name { $($variant $word),+ } }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}
pub(crate) use text_enum;
