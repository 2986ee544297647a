//! Addresses that are written without markup become links.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

const STARTS: [&str; 3] = ["https://", "http://", "www."];

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

fn split(mut text: &str, into: &mut Vec<Event<'_>>) {
    let mut before = String::new();
    while let Some(at) = STARTS.iter().filter_map(|start| text.find(start)).min() {
        let (left, rest) = text.split_at(at);
        before.push_str(left);
        let follows_word = before.chars().next_back().is_some_and(char::is_alphanumeric);
        let address = address(rest).filter(|_| !follows_word);
        let taken = address.map_or_else(
            || STARTS.iter().find(|start| rest.starts_with(**start)).map_or(1, |start| start.len()),
            str::len,
        );
        let (taken, rest) = rest.split_at_checked(taken).unwrap_or((rest, ""));
        if address.is_some() {
            push_text(std::mem::take(&mut before), into);
            push_link(taken, into);
        } else {
            before.push_str(taken);
        }
        text = rest;
    }
    before.push_str(text);
    push_text(before, into);
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
    let end = text.find(|c: char| c.is_whitespace() || c.is_control() || c == '<');
    let mut address = text.get(..end.unwrap_or(text.len()))?;
    loop {
        let trimmed =
            address.trim_end_matches(['?', '!', '.', ',', ':', ';', '*', '_', '~', '\'', '"']);
        let opened = trimmed.matches('(').count();
        let closed = trimmed.matches(')').count();
        let shorter = match trimmed.strip_suffix(')') {
            Some(shorter) if closed > opened => shorter,
            _ => trimmed,
        };
        if shorter.len() == address.len() {
            break;
        }
        address = shorter;
    }
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let host = rest.unwrap_or(address).split(['/', '?', '#', ':']).next()?;
    let is_host =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    (host.split('.').count() >= 2 && host.split('.').all(is_host)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::address;

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
