//! Texts that would take the parser far more memory or time than their length: it builds its whole tree before the first
//! event, so they are told from others line by line, without it.

use tollgate_domain::creators::Page;

use super::MAX_HTML;

/// The most cells of all tables together. The parser adds the cells that a row lacks, up to 2^18 in each table. Each cell
/// is two events, of which each counts ten bytes of HTML, so that a text with more cells makes too much of it.
const MAX_CELLS: usize = MAX_HTML / 20;

/// The most steps through containers. For some lines, such as empty ones in code, the parser walks through all lists that it
/// is in, however short the line is.
const MAX_STEPS: usize = 16 * 1024 * 1024;

/// Returns whether a text is longer than that of any page, or would take the parser too much memory or time.
pub(super) fn is_excessive(text: &str) -> bool {
    if text.len() > Page::MAX_BODY {
        return true;
    }
    let (mut columns, mut cells) = (0_usize, 0_usize);
    let (mut lines, mut deepest) = (0_usize, 0_usize);
    // A carriage return ends a line, too, but not twice before a line feed.
    let all = text.split('\n');
    for line in all.flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r')) {
        // A table ends at an empty line, also in a quotation. All other lines are taken for rows, though some end it, too.
        columns = if line.trim_start_matches(is_margin).is_empty() {
            0
        } else {
            columns.max(columns_of(line))
        };
        cells = cells.saturating_add(columns);
        lines += 1;
        deepest = deepest.max(line.len() - line.trim_start_matches(is_container).len());
    }
    cells > MAX_CELLS || lines.saturating_mul(deepest) > MAX_STEPS
}

/// Returns the number of columns if a line is one below the head of a table, such as `|---|:-:|`, else zero.
fn columns_of(line: &str) -> usize {
    let line = line.trim_start_matches(is_margin);
    let is_one =
        line.contains('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':') || is_margin(c));
    if is_one { line.split('|').filter(|column| column.contains('-')).count() } else { 0 }
}

/// Returns whether a character may stand before a line of a table, without a part in it.
fn is_margin(c: char) -> bool {
    matches!(c, '>' | ' ' | '\t' | '\u{b}' | '\u{c}')
}

/// Returns whether a character may be a part of the marks before a line that is in quotations and lists.
fn is_container(c: char) -> bool {
    is_margin(c) || c.is_ascii_digit() || matches!(c, '-' | '*' | '+' | '.' | ')')
}
