//! Lists of tasks. They show whether a task is done and cannot be changed, so they need no form fields.

use pulldown_cmark::{CowStr, Event, Tag};

pub(super) fn marked(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut marked = Vec::with_capacity(events.len());
    for event in events {
        let Event::TaskListMarker(is_done) = event else {
            marked.push(event);
            continue;
        };
        // The marker follows the start of its item, perhaps with a paragraph between.
        let mut before = marked.iter_mut().rev().take(2);
        if let Some(start) = before.find(|event| matches!(event, Event::Start(Tag::Item))) {
            *start = Event::Html(CowStr::Borrowed("<li class=\"task\">"));
        }
        marked.push(Event::Text(CowStr::Borrowed(if is_done { "☑ " } else { "☐ " })));
    }
    marked
}
