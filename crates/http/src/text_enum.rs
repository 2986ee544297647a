//! Enums in JSON. Their texts are declared with `text_enum!`, and the domain has enums with the same variants.
//! `docs/decisions/0006-texts-of-enums.md` explains why they are not derived.

/// An enum whose variants are texts in JSON.
pub(crate) trait TextEnum: Copy + 'static {
    /// All variants, in the order in which the description lists them.
    const ALL: &'static [Self];

    /// Returns the text that stands for this variant in JSON.
    fn as_str(self) -> &'static str;

    /// Returns the variant that `text` stands for, or an error that lists the texts of all variants.
    fn read(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|variant| variant.as_str() == text);
        found.ok_or_else(|| {
            let texts: Vec<_> = Self::ALL.iter().map(|variant| variant.as_str()).collect();
            format!("must be one of {}", texts.join(", "))
        })
    }
}

/// Declares an enum with the text of each variant. With `= Domain`, it converts from and to the domain's
/// enum of the same variants.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:tt),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        $(#[$meta])*
        pub(crate) enum $name { $(#[serde(rename = $text)] $variant),+ }

        impl $crate::text_enum::TextEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
    ($(#[$meta:meta])* $name:ident = $domain:ty { $($variant:ident $text:tt),+ $(,)? }) => {
        $crate::text_enum::text_enum! { $(#[$meta])* $name { $($variant $text),+ } }

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
