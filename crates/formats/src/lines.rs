//! Texts that people typed, as lines of a mail.

/// Returns `text` on one line, without control characters and direction marks.
pub fn one_line(text: &str) -> String {
    let text = text.replace(is_direction_mark, "");
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the lines of a text, each without control characters and direction marks; none if no character is left.
pub(crate) fn plain_lines(text: &str) -> Vec<String> {
    let lines: Vec<_> = text.lines().map(one_line).collect();
    if lines.iter().all(String::is_empty) { Vec::new() } else { lines }
}

/// Returns whether a character is an embedding, override or isolate of Unicode, which changes the
/// direction of the text after it.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
