//! The lines of a mail, made from texts that people typed.

pub(crate) use tollgate_formats::one_line;

/// The limit of a title or name in a header, in characters. Mail programs show fewer.
const MAX_IN_HEADER: usize = 80;

/// Returns a title or name as a header contains it.
pub(crate) fn shortened(line: &str) -> String {
    if line.chars().count() <= MAX_IN_HEADER {
        return line.to_owned();
    }
    let start: String = line.chars().take(MAX_IN_HEADER - 1).collect();
    format!("{}…", start.trim_end())
}

/// Breaks the lines of `text` that are longer than `max` bytes, after a space if there is one.
pub(crate) fn wrapped(text: &str, max: usize) -> String {
    let mut lines = Vec::new();
    for mut line in text.split('\n') {
        while line.len() > max {
            let fitting = line.split_at(line.floor_char_boundary(max)).0;
            let end = fitting.rfind(' ').filter(|space| *space > 0).unwrap_or(fitting.len());
            let (start, rest) = line.split_at(end);
            lines.push(start);
            line = rest.trim_start_matches(' ');
        }
        lines.push(line);
    }
    lines.join("\n")
}
