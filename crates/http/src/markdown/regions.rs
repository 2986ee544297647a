//! Tables and long lines of code are wider than a phone. They scroll by themselves, and so the keyboard has to
//! reach them.

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::locale::Texts;

/// The number of characters in a line of code that fit on a small phone.
const NARROW: usize = 26;
/// The characters that a list or quotation around it takes of them.
const INDENT: usize = 5;
/// The characters that a tab takes.
const TAB: usize = 8;

/// Makes what may be wide a region that takes the focus. Each has a name of its own.
pub(super) fn focusable(t: Texts, events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    let (mut tables, mut codes) = (0_usize, 0_usize);
    let wide = wide_codes(&events);
    let mut wide = wide.into_iter();
    let mut done = Vec::with_capacity(events.len());
    for event in events {
        match event {
            Event::Start(Tag::Table(_)) => {
                tables += 1;
                let label = t.with("markdown-table", "number", tables);
                done.push(html(format!(
                    "<div role=\"region\" tabindex=\"0\" aria-label=\"{label}\">"
                )));
                done.push(event);
            }
            Event::End(TagEnd::Table) => {
                done.push(event);
                done.push(Event::Html(CowStr::Borrowed("</div>\n")));
            }
            Event::Start(Tag::CodeBlock(_)) if wide.next() == Some(true) => {
                codes += 1;
                let label = t.with("markdown-code", "number", codes);
                let pre =
                    format!("<pre role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><code>");
                done.push(html(pre));
            }
            other => done.push(other),
        }
    }
    done
}

fn html<'a>(text: String) -> Event<'a> {
    Event::Html(CowStr::from(text))
}

/// Returns for each block of code whether it is wide.
fn wide_codes(events: &[Event<'_>]) -> Vec<bool> {
    let mut wide = Vec::new();
    let mut inside = false;
    let mut depth = 0_usize;
    for event in events {
        match event {
            Event::Start(Tag::List(_) | Tag::BlockQuote(_) | Tag::FootnoteDefinition(_)) => {
                depth += 1;
            }
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition) => {
                depth = depth.saturating_sub(1);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                inside = true;
                wide.push(false);
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => {
                let most = NARROW.saturating_sub(depth.saturating_mul(INDENT));
                let width = |line: &str| -> usize {
                    line.chars().map(|c| if c == '\t' { TAB } else { 1 }).sum()
                };
                let is_wide = text.lines().any(|line| width(line) > most);
                if let Some(last) = wide.last_mut() {
                    *last |= is_wide;
                }
            }
            _ => {}
        }
    }
    wide
}
