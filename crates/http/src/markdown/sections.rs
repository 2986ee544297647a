//! Links to headings of the same text: `[Prices](#prices)` leads to `## Prices`.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use tollgate_domain::names::composed;

/// The places that are on pages whatever their text: the top, what asks for the payment, and the files. A heading that is
/// called the same is meant instead.
const PLACES: [&str; 3] = ["top", "gate", "files"];

/// Has the links to headings lead to them. Of a link to a heading that does not exist, the text is left: it would lead
/// nowhere. `scope` makes the ids differ from those of other texts.
pub(super) fn linked<'a>(scope: &str, events: Vec<Event<'a>>) -> Vec<Event<'a>> {
    let wanted: HashSet<String> = events.iter().filter_map(wanted).collect();
    if wanted.is_empty() {
        return events;
    }
    let numbers = numbers(&events, &wanted);
    let targets: HashSet<usize> = numbers.values().copied().collect();
    let id = |number: usize| format!("h-{scope}-{number}");
    let mut done = Vec::with_capacity(events.len());
    // Whether each of the open links leads somewhere.
    let mut open = Vec::new();
    let mut number = 0;
    for event in events {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id: reference }) => {
                let dest_url = match heading_of(&dest_url) {
                    Some(name) => match numbers.get(&name) {
                        Some(number) => Some(CowStr::from(format!("#{}", id(*number)))),
                        None => is_place(&dest_url).then_some(dest_url),
                    },
                    None => Some(dest_url),
                };
                open.push(dest_url.is_some());
                if let Some(dest_url) = dest_url {
                    let link = Tag::Link { link_type, dest_url, title, id: reference };
                    done.push(Event::Start(link));
                }
            }
            Event::End(TagEnd::Link) => {
                if open.pop().unwrap_or(true) {
                    done.push(Event::End(TagEnd::Link));
                }
            }
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                number += 1;
                let id = targets.contains(&number).then(|| CowStr::from(id(number)));
                done.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
            }
            other => done.push(other),
        }
    }
    done
}

/// Returns the name of the heading that a link leads to.
fn wanted(event: &Event<'_>) -> Option<String> {
    let Event::Start(Tag::Link { dest_url, .. }) = event else { return None };
    heading_of(dest_url)
}

/// Returns the name of the heading that an address means.
fn heading_of(address: &str) -> Option<String> {
    let fragment = address.strip_prefix('#').filter(|fragment| !fragment.is_empty())?;
    Some(name(&percent_decode_str(fragment).decode_utf8_lossy()))
}

fn is_place(address: &str) -> bool {
    address.strip_prefix('#').is_some_and(|fragment| PLACES.contains(&fragment))
}

/// Returns the numbers of the headings that are wanted, counted from 1, by their names. As elsewhere, the second of two that
/// are called the same has `-1` at its end.
fn numbers(events: &[Event<'_>], wanted: &HashSet<String>) -> HashMap<String, usize> {
    let mut numbers = HashMap::new();
    let mut earlier: HashMap<String, usize> = HashMap::new();
    let (mut number, mut text) = (0, String::new());
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                number += 1;
                text.clear();
            }
            Event::Text(part) | Event::Code(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Heading(_)) => {
                let name = name(&text);
                let count = earlier.entry(name.clone()).or_default();
                let own = if *count == 0 { name } else { format!("{name}-{count}") };
                *count += 1;
                if wanted.contains(&own) {
                    numbers.entry(own).or_insert(number);
                }
            }
            _ => {}
        }
    }
    numbers
}

/// Returns the name of a heading, as other programs make it of its text.
fn name(text: &str) -> String {
    // Some systems write a letter and its mark as two characters.
    let text = composed(text.trim());
    let lower = text.chars().flat_map(char::to_lowercase);
    let kept = lower.filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}
