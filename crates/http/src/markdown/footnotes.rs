//! Footnotes: numbers in the text, and the notes in a list at its end.

use std::collections::HashMap;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use crate::locale::Texts;

/// Moves the notes to the end, in the order in which the text refers to them. `scope` makes their ids differ
/// from those of other texts.
pub(super) fn at_the_end<'a>(t: Texts, scope: &str, events: Vec<Event<'a>>) -> Vec<Event<'a>> {
    let (main, mut notes) = apart(events);
    if notes.is_empty() {
        return main;
    }
    let mut numbers = Numbers { scope, order: Vec::new() };
    let mut done = numbers.refer(main, &notes);
    let mut end = Vec::new();
    let mut next = 0;
    // Notes may refer to other notes, which come after them.
    while let Some(name) = numbers.order.get(next).cloned() {
        next += 1;
        let note = notes.get_mut(&name).map(std::mem::take).unwrap_or_default();
        let note = numbers.refer(note, &notes);
        let id = format!("{scope}-{next}");
        let back = t.get("markdown-back");
        end.push(html(format!("<li id=\"fn-{id}\">")));
        end.extend(note);
        let link =
            format!("<p><a href=\"#fnref-{id}\" aria-label=\"{back} {next}\">↩</a></p></li>\n");
        end.push(html(link));
    }
    if !end.is_empty() {
        done.push(html("<hr>\n<ol>\n".to_owned()));
        done.extend(end);
        done.push(html("</ol>\n".to_owned()));
    }
    done
}

fn html<'a>(text: String) -> Event<'a> {
    Event::Html(CowStr::from(text))
}

type Notes<'a> = HashMap<String, Vec<Event<'a>>>;

/// Takes the notes out of the text.
fn apart(events: Vec<Event<'_>>) -> (Vec<Event<'_>>, Notes<'_>) {
    let (mut main, mut notes) = (Vec::with_capacity(events.len()), Notes::new());
    let mut open: Vec<(String, Vec<Event<'_>>)> = Vec::new();
    for event in events {
        match event {
            Event::Start(Tag::FootnoteDefinition(name)) => {
                open.push((name.to_string(), Vec::new()));
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                if let Some((name, note)) = open.pop() {
                    notes.entry(name).or_insert(note);
                }
            }
            other => match open.last_mut() {
                Some((_, note)) => note.push(other),
                None => main.push(other),
            },
        }
    }
    (main, notes)
}

/// The notes that were referred to so far, by name.
struct Numbers<'a> {
    scope: &'a str,
    order: Vec<String>,
}

impl Numbers<'_> {
    /// Replaces the references in a text by numbers that lead to the notes.
    fn refer<'a>(&mut self, events: Vec<Event<'a>>, notes: &Notes<'_>) -> Vec<Event<'a>> {
        let mut number = |event| match event {
            Event::FootnoteReference(name) if notes.contains_key(&*name) => {
                Event::InlineHtml(CowStr::from(self.reference(&name)))
            }
            Event::FootnoteReference(name) => Event::Text(CowStr::from(format!("[^{name}]"))),
            other => other,
        };
        events.into_iter().map(&mut number).collect()
    }

    fn reference(&mut self, name: &str) -> String {
        let scope = self.scope;
        if let Some(before) = self.order.iter().position(|known| known == name) {
            return format!("<sup><a href=\"#fn-{scope}-{0}\">{0}</a></sup>", before + 1);
        }
        self.order.push(name.to_owned());
        let number = self.order.len();
        let id = format!("{scope}-{number}");
        format!("<sup><a href=\"#fn-{id}\" id=\"fnref-{id}\">{number}</a></sup>")
    }
}
