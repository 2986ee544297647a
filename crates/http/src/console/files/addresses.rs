//! Addresses in what somebody pastes or uploads: a list, or a table with separators (CSV).

use std::collections::BTreeSet;

use tollgate_domain::email::Email;

/// What a list or table contains.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// The addresses, and the lines without one, in order.
    pub(super) entries: Vec<Entry>,
    /// The first line, if it was taken for the headings of a table.
    pub(super) headings: Option<String>,
    /// What else looks like an address in a table whose columns have headings. It may be of somebody else, so that only the
    /// first address of a line is an entry.
    pub(super) beside: Vec<Entry>,
}

/// An address, or the text of a line without one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number of the line, from 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// A line of a table. A quoted cell may go on in the lines below.
struct Record {
    line: usize,
    cells: Vec<String>,
}

/// Returns the text of a file; `None` if it is not a text.
pub(super) fn decoded(bytes: &[u8]) -> Option<String> {
    let wide = |from: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let (pairs, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| from(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => wide(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        // Letters of other encodings are in names only; addresses are ASCII.
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    (!text.contains('\0')).then_some(text)
}

pub(super) fn found(text: &str) -> Found {
    let records = records(text, true).or_else(|| records(text, false)).unwrap_or_default();
    let mut found = Found::default();
    let mut has_columns = false;
    for record in records {
        let cells: Vec<&str> = record.cells.iter().map(|cell| cell.trim()).collect();
        let cells: Vec<&str> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
        if cells.is_empty() {
            continue;
        }
        let mut addresses = addresses_in(&cells);
        let line = record.line;
        if !addresses.is_empty() {
            if has_columns
                && let Some(first) = addresses.iter().position(|text| address(text).is_some())
            {
                let first = addresses.remove(first);
                found.beside.extend(addresses.into_iter().map(|text| Entry { line, text }));
                addresses = vec![first];
            }
            found.entries.extend(addresses.into_iter().map(|text| Entry { line, text }));
        } else if found.entries.is_empty() && found.headings.is_none() && are_headings(&cells) {
            found.headings = Some(cells.join(", "));
            // Below a single heading is a list.
            has_columns = record.cells.len() > 1;
        } else {
            found.entries.push(Entry { line, text: cells.join(", ") });
        }
    }
    found
}

impl Found {
    /// Returns each address once, in its canonical form.
    pub(super) fn addresses(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let emails = self.entries.iter().filter_map(|entry| entry.text.parse::<Email>().ok());
        let emails = emails.filter(|email| seen.insert(email.clone()));
        emails.map(|email| email.to_string()).collect()
    }
}

/// Returns the addresses of a line, and those of its cells beside them that are meant for some but are none; nothing if the
/// line has no address. Other cells are names and whatever else a table has.
fn addresses_in(cells: &[&str]) -> Vec<String> {
    let mut entries = Vec::new();
    let mut has_address = false;
    for cell in cells {
        if let Some(addresses) = addresses_of(cell) {
            has_address = true;
            entries.extend(addresses);
        } else if seems_address(cell) {
            entries.push((*cell).to_owned());
        }
    }
    if has_address { entries } else { Vec::new() }
}

/// Returns the addresses of a cell if it has nothing else: one, or several like `Ann <a@example.com> b@example.com`.
fn addresses_of(cell: &str) -> Option<Vec<String>> {
    let mut addresses = Vec::new();
    for part in cell.split_inclusive('>').filter(|part| !part.trim().is_empty()) {
        if let Some(one) = address(part) {
            addresses.push(one);
        } else {
            // Addresses with nothing but spaces between them.
            let words: Option<Vec<_>> = part.split_whitespace().map(address).collect();
            addresses.extend(words?);
        }
    }
    (!addresses.is_empty()).then_some(addresses)
}

/// Returns whether a cell has what is meant for an address, such as `bob @example.com`. What begins with an `@` is a name
/// elsewhere, unless a domain follows.
fn seems_address(cell: &str) -> bool {
    let Some((before, after)) = cell.split_once('@') else { return false };
    let is_domain = after.starts_with(char::is_alphanumeric) && after.contains('.');
    !before.is_empty() || after.contains('@') || is_domain
}

/// Returns the address of a cell such as `bob@example.com` or `Bob <bob@example.com>`.
fn address(cell: &str) -> Option<String> {
    let cell = cell.trim();
    let inner = cell.strip_suffix('>').and_then(|cell| cell.rsplit_once('<')).map(|(_, it)| it);
    let text = inner.unwrap_or(cell);
    let text = text.strip_prefix("mailto:").unwrap_or(text).trim();
    text.parse::<Email>().is_ok().then(|| text.to_owned())
}

/// Returns whether the first line names the columns of a table.
fn are_headings(cells: &[&str]) -> bool {
    let names_addresses = |cell: &str| {
        let cell = cell.to_lowercase();
        ["mail", "address", "adresse"].iter().any(|word| cell.contains(word))
    };
    let has_address = cells.iter().any(|cell| cell.contains('@'));
    !has_address && (cells.len() > 1 || cells.iter().any(|cell| names_addresses(cell)))
}

/// Splits a table into its lines and cells. Cells in quotes may contain separators and line breaks; `None` if
/// a quote never ends.
fn records(text: &str, has_quotes: bool) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut line, mut first_line, mut is_quoted) = (1, 1, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if is_quoted => is_quoted = false,
            '"' if has_quotes && cell.trim().is_empty() => is_quoted = true,
            '\r' if rest.peek() == Some(&'\n') => {}
            '\r' | '\n' => {
                line += 1;
                if is_quoted {
                    cell.push(' ');
                    continue;
                }
                cells.push(std::mem::take(&mut cell));
                records.push(Record { line: first_line, cells: std::mem::take(&mut cells) });
                first_line = line;
            }
            ',' | ';' | '\t' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    records.push(Record { line: first_line, cells });
    (!is_quoted).then_some(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(usize, String)> {
        found(text).entries.into_iter().map(|entry| (entry.line, entry.text)).collect()
    }

    fn of(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect()
    }

    #[test]
    fn list_is_read_line_by_line() {
        let read = entries("a@x.example\r\n\r\n  B@x.example \nnobody\n");
        assert_eq!(read, of(&[(1, "a@x.example"), (3, "B@x.example"), (4, "nobody")]));
    }

    #[test]
    fn list_on_one_line_is_read() {
        let all = of(&[(1, "a@x.example"), (1, "b@x.example"), (1, "c@x.example")]);
        for text in [
            "a@x.example, b@x.example; c@x.example",
            "a@x.example b@x.example  c@x.example",
            "Ann <a@x.example>, \"B, b\" <b@x.example>, <c@x.example>",
            "mailto:a@x.example\tb@x.example\tc@x.example",
        ] {
            assert_eq!(entries(text), all, "{text}");
        }
    }

    #[test]
    fn table_gives_the_first_address_of_each_line() {
        let table = "Name;E-Mail;Note\nAnn;a@x.example;\"two\nlines; b@x.example\"\n\
                     Bob;b@x.example;c@x.example\n;;\nEve;eve at x;\nTim;t@x.example;@tim\n";
        let read = found(table);
        assert_eq!(read.headings.as_deref(), Some("Name, E-Mail, Note"));
        assert_eq!(
            entries(table),
            of(&[(2, "a@x.example"), (4, "b@x.example"), (6, "Eve, eve at x"), (7, "t@x.example")])
        );
        let beside: Vec<_> =
            read.beside.into_iter().map(|entry| (entry.line, entry.text)).collect();
        assert_eq!(beside, of(&[(2, "two lines; b@x.example"), (4, "c@x.example")]));
    }

    #[test]
    fn only_columns_with_headings_have_what_is_left_out() {
        let table = "Name,E-Mail,Referred by\nAnn,ann@x.example,rep@agency.example\n";
        let read = found(table);
        assert_eq!(read.addresses(), ["ann@x.example"]);
        assert_eq!(read.beside.len(), 1);
        for list in ["ann@x.example,rep@agency.example", "Addresses:\na@x.example, b@x.example"] {
            let read = found(list);
            assert_eq!((read.addresses().len(), read.beside.len()), (2, 0), "{list}");
        }
    }

    #[test]
    fn names_with_commas_hide_no_address() {
        let all = of(&[(1, "a@x.example"), (1, "b@x.example"), (1, "c@x.example")]);
        for text in [
            "Smith, Ann <a@x.example>; Doe, Bob <b@x.example>; Roe, Cy <c@x.example>",
            "Smith, Ann <a@x.example>, Doe, Bob <b@x.example>, Roe, Cy <c@x.example>",
            "'Smith, Ann' <a@x.example>; 'Doe, Bob' <b@x.example>; <c@x.example>",
            "a@x.example, Ann; b@x.example, Bob; c@x.example, Cy",
            "Smith, Ann <a@x.example>; b@x.example; c@x.example",
            "Ann <a@x.example> Bob <b@x.example> c@x.example",
            "a@x.example b@x.example, c@x.example, Cy",
        ] {
            assert_eq!(entries(text), all, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_address_beside_others_is_named() {
        for (text, expected) in [
            ("a@x.example; b@; c@x.example", &["a@x.example", "b@", "c@x.example"][..]),
            ("a@x.example; Bob b@x.example", &["a@x.example", "Bob b@x.example"]),
            ("Doe, Bob <b@x>; a@x.example", &["Bob <b@x>", "a@x.example"]),
            ("Ann,a@x.example,\"asks for b@x.example\"", &["a@x.example", "asks for b@x.example"]),
            ("a@x.example; bob @x.example", &["a@x.example", "bob @x.example"]),
            ("a@x.example; bob.@x.example", &["a@x.example", "bob.@x.example"]),
            ("a@x.example; Bob <bob @ x.example>", &["a@x.example", "Bob <bob @ x.example>"]),
            ("a@x.example; @x.example; @bob", &["a@x.example", "@x.example"]),
        ] {
            let texts: Vec<_> = entries(text).into_iter().map(|(_, text)| text).collect();
            assert_eq!(texts, expected, "{text}");
        }
    }

    #[test]
    fn only_a_first_line_without_address_is_taken_for_headings() {
        assert_eq!(found("E-Mail\na@x.example").headings.as_deref(), Some("E-Mail"));
        assert_eq!(found("bob.example.com\na@x.example").headings, None);
        assert_eq!(found("a@x.example\nName,E-Mail").headings, None);
        assert_eq!(found("Name,bob@\na@x.example").headings, None);
    }

    #[test]
    fn quote_without_an_end_is_a_letter() {
        assert_eq!(entries("\"a\na@x.example"), of(&[(1, "\"a"), (2, "a@x.example")]));
    }

    #[test]
    fn address_is_there_once() {
        let found = found("a@x.example\nA@X.example\nb@x.example");
        assert_eq!(found.addresses(), ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn files_of_spreadsheets_are_read() {
        assert_eq!(decoded(b"\xef\xbb\xbfa@x.example").as_deref(), Some("a@x.example"));
        assert_eq!(decoded(b"\xff\xfea\0@\0").as_deref(), Some("a@"));
        assert_eq!(decoded(b"\xfe\xff\0a\0@").as_deref(), Some("a@"));
        assert_eq!(decoded(b"M\xfcller,a@x.example").as_deref(), Some("M\u{fffd}ller,a@x.example"));
        assert_eq!(decoded(b"PK\x03\x04\0\0"), None);
        assert_eq!(decoded(b""), Some(String::new()));
    }
}
