//! Addresses that are written without markup become links.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

const STARTS: [&str; 3] = ["https://", "http://", "www."];
/// A longer address, in characters, stays text, so that the time for a text grows no faster than its length.
const MAX_ADDRESS: usize = 2_000;

/// Turns addresses in the text into links, outside of code and of other links.
pub(super) fn linked(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut inside = 0_usize;
    let mut linked = Vec::with_capacity(events.len());
    for event in events {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => inside += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => inside = inside.saturating_sub(1),
            Event::Text(text) if inside == 0 && STARTS.iter().any(|start| text.contains(start)) => {
                split(text, &mut linked);
                continue;
            }
            _ => {}
        }
        linked.push(event);
    }
    linked
}

fn split(text: &str, into: &mut Vec<Event<'_>>) {
    let mut before = String::new();
    let (mut starts, mut done) = (Starts::default(), 0);
    while let Some((at, start)) = starts.next(text, done) {
        before.push_str(text.get(done..at).unwrap_or_default());
        let follows_word = before.chars().next_back().is_some_and(char::is_alphanumeric);
        let rest = text.get(at..).unwrap_or_default();
        if let Some(address) = address(rest).filter(|_| !follows_word) {
            push_text(std::mem::take(&mut before), into);
            push_link(address, into);
            done = at + address.len();
        } else {
            before.push_str(start);
            done = at + start.len();
        }
    }
    before.push_str(text.get(done..).unwrap_or_default());
    push_text(before, into);
}

/// Where the next address may start in a text, for each way to start. Each is looked for once and not at every address anew.
#[derive(Default)]
struct Starts([Next; STARTS.len()]);

#[derive(Default, Clone, Copy)]
enum Next {
    #[default]
    Unknown,
    At(usize),
    Nowhere,
}

impl Starts {
    /// Returns the first start at or after a place of the text, which never lies before that of the last call.
    fn next(&mut self, text: &str, from: usize) -> Option<(usize, &'static str)> {
        for (next, start) in self.0.iter_mut().zip(STARTS) {
            if matches!(next, Next::Unknown) || matches!(next, Next::At(at) if *at < from) {
                let found = text.get(from..).and_then(|rest| rest.find(start));
                *next = found.map_or(Next::Nowhere, |at| Next::At(from + at));
            }
        }
        let found = self.0.iter().zip(STARTS).filter_map(|(next, start)| match next {
            Next::At(at) => Some((*at, start)),
            Next::Unknown | Next::Nowhere => None,
        });
        found.min_by_key(|(at, _)| *at)
    }
}

fn push_text(text: String, into: &mut Vec<Event<'_>>) {
    if !text.is_empty() {
        into.push(Event::Text(CowStr::from(text)));
    }
}

fn push_link(address: &str, into: &mut Vec<Event<'_>>) {
    let to =
        if address.starts_with("www.") { format!("https://{address}") } else { address.to_owned() };
    let (title, id) = (CowStr::Borrowed(""), CowStr::Borrowed(""));
    let dest_url = CowStr::from(to);
    into.push(Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, title, id }));
    into.push(Event::Text(CowStr::from(address.to_owned())));
    into.push(Event::End(TagEnd::Link));
}

/// Returns the address that a text starts with, without the punctuation of the sentence around it.
fn address(text: &str) -> Option<&str> {
    let is_end = |c: char| c.is_whitespace() || c.is_control() || c == '<';
    let mut seen = text.char_indices().take(MAX_ADDRESS + 1);
    let end = match seen.find(|(_, c)| is_end(*c)) {
        Some((end, _)) => end,
        None if text.chars().nth(MAX_ADDRESS).is_none() => text.len(),
        None => return None,
    };
    let mut address = text.get(..end)?;
    let opened = address.matches('(').count();
    let mut closed = address.matches(')').count();
    loop {
        address =
            address.trim_end_matches(['?', '!', '.', ',', ':', ';', '*', '_', '~', '\'', '"']);
        match address.strip_suffix(')') {
            Some(shorter) if closed > opened => {
                address = shorter;
                closed -= 1;
            }
            _ => break,
        }
    }
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let host = rest.unwrap_or(address).split(['/', '?', '#', ':']).next()?;
    let is_host =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    (host.split('.').count() >= 2 && host.split('.').all(is_host)).then_some(address)
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Tag};

    use super::{MAX_ADDRESS, address, split};

    /// Returns the addresses that become links.
    fn links(text: &str) -> Vec<String> {
        let mut events = Vec::new();
        split(text, &mut events);
        let link = |event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        };
        events.into_iter().filter_map(link).collect()
    }

    #[test]
    fn each_address_of_a_text_becomes_a_link() {
        let text = "www.a.example, http://b.example (https://c.example) and xhttps://d.example www.e.example";
        let expected = [
            "https://www.a.example",
            "http://b.example",
            "https://c.example",
            "https://www.e.example",
        ];
        assert_eq!(links(text), expected);
        assert_eq!(links("http://https://a.example"), ["https://a.example"]);
        assert!(links("no address").is_empty());
    }

    #[test]
    fn address_that_is_too_long_stays_text() {
        let start = "https://a.example/";
        let longest = format!("{start}{}", "x".repeat(MAX_ADDRESS - start.len()));
        assert_eq!(address(&longest), Some(&*longest));
        assert_eq!(address(&format!("{longest} and")), Some(&*longest));
        assert_eq!(address(&format!("{longest}x")), None);
    }

    #[test]
    fn many_brackets_at_the_end_are_left_out() {
        let text = format!("https://a.example/(x{}", ").".repeat(900));
        assert_eq!(address(&text), Some("https://a.example/(x)"));
    }

    #[test]
    fn address_ends_where_the_sentence_goes_on() {
        for (text, expected) in [
            ("https://a.example/x?y=1&z=2 and", Some("https://a.example/x?y=1&z=2")),
            ("https://a.example.", Some("https://a.example")),
            ("https://a.example/x).", Some("https://a.example/x")),
            ("https://a.example/x_(y)", Some("https://a.example/x_(y)")),
            ("www.a.example, then", Some("www.a.example")),
            ("https://münchen.example/ä", Some("https://münchen.example/ä")),
            ("https://", None),
            ("https://localhost", None),
            ("www.", None),
            ("www..x", None),
            ("http://a..b", None),
        ] {
            assert_eq!(address(text), expected, "{text}");
        }
    }
}
