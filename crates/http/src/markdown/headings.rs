//! The levels of headings. The page's title is the only heading of the first level, so the topmost heading of
//! a text has the second, and no level is left out below it.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

/// Gives each heading the level that it has in the page.
pub(super) fn shifted(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let mut above: Vec<HeadingLevel> = Vec::new();
    let mut current = HeadingLevel::H2;
    let shift = |event| match event {
        Event::Start(Tag::Heading { level, .. }) => {
            while above.last().is_some_and(|higher| *higher >= level) {
                above.pop();
            }
            current = below(above.len());
            above.push(level);
            let level = current;
            Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(current)),
        other => other,
    };
    events.into_iter().map(shift).collect()
}

/// Returns the level of a heading below this many others.
fn below(others: usize) -> HeadingLevel {
    match others {
        0 => HeadingLevel::H2,
        1 => HeadingLevel::H3,
        2 => HeadingLevel::H4,
        3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    }
}
