//! A text for links that have none, such as foreign pictures without a description.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// The most characters of an address that stand for a link.
const MAX_CHARACTERS: usize = 80;

/// Has links without a text show where they lead, and removes those that lead nowhere, too.
pub(super) fn completed(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut completed = Vec::with_capacity(events.len());
    // Where the open link starts, as long as there is nothing to see in it.
    let mut empty = None;
    for event in events {
        match &event {
            Event::Start(Tag::Link { .. }) => empty = Some(completed.len()),
            Event::Text(text) | Event::Code(text) if text.trim().is_empty() => {}
            Event::Text(_)
            | Event::Code(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_) => empty = None,
            Event::End(TagEnd::Link) => {
                if let Some(start) = empty.take() {
                    let Some(text) = completed.get(start).and_then(text_of) else {
                        completed.truncate(start);
                        continue;
                    };
                    completed.truncate(start + 1);
                    completed.push(Event::Text(CowStr::from(text)));
                }
            }
            _ => {}
        }
        completed.push(event);
    }
    completed
}

/// Returns the text of a link; `None` if it has no address.
fn text_of(link: &Event<'_>) -> Option<String> {
    let Event::Start(Tag::Link { dest_url, .. }) = link else { return None };
    let bare = ["mailto:", "tel:"].into_iter().find_map(|scheme| dest_url.strip_prefix(scheme));
    let address = bare.unwrap_or(dest_url).trim();
    let mut text: String = address.chars().take(MAX_CHARACTERS).collect();
    if text.len() < address.len() {
        text.push('…');
    }
    Some(text).filter(|text| !text.is_empty())
}
