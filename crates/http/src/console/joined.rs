//! Lists inside sentences.

use crate::locale::Texts;

/// Returns the parts of a list as a sentence has them, such as `this, that and those`.
pub(super) fn joined(t: Texts, parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, before)) if !before.is_empty() => {
            t.with2("console-list-and", "before", before.join(", "), "last", last)
        }
        _ => parts.concat(),
    }
}
