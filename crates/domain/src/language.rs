//! The languages that people read.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

/// A language that pages and mails are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Language {
    /// English, which is written to people who have said nothing else.
    #[default]
    #[serde(rename = "en")]
    English,
    /// German, in the formal address.
    #[serde(rename = "de")]
    German,
}

text_enum!(Language, English = "en", German = "de");
