//! Names inside our own sentences, in HTML. What is written from right to left would otherwise turn the words and marks
//! beside it round.

/// The marks between which a browser lays a name out by itself. Source: Unicode Standard Annex 9, "Explicit Directional
/// Isolates".
const OPENS: char = '\u{2068}';
const CLOSES: char = '\u{2069}';

/// Returns a name as a sentence holds it that is shown as text of HTML. Sentences for titles, attributes, mails and files take
/// the name as it is.
pub(crate) fn isolated(name: impl AsRef<str>) -> String {
    let name = name.as_ref();
    if name.chars().any(is_right_to_left) {
        format!("{OPENS}{name}{CLOSES}")
    } else {
        name.to_owned()
    }
}

/// Returns a sentence without the marks around its names, for the title of a window.
pub(crate) fn unmarked(sentence: impl AsRef<str>) -> String {
    sentence.as_ref().replace([OPENS, CLOSES], "")
}

/// Returns whether a character belongs to a script that is written from right to left. Source: the blocks of the classes R and
/// AL in the Unicode Character Database, `DerivedBidiClass.txt`.
fn is_right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefe}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_from_right_to_left_are_marked() {
        for name in ["", "Bees & gardens", "Täglich", "日本語", "Пчёлы", "👩🏾‍🌾 \u{feff}"]
        {
            assert_eq!(isolated(name), name);
        }
        for name in ["גינה", "حديقة", "3 גינות!", "Guide (ו)", "\u{1e900}"] {
            let marked = isolated(name);
            assert_eq!(marked, format!("\u{2068}{name}\u{2069}"));
            assert_eq!(unmarked(format!("Delete “{marked}”?")), format!("Delete “{name}”?"));
        }
    }
}
