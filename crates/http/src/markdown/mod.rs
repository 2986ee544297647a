//! Renders creators' Markdown as HTML without scripts, foreign pictures or styles.

mod bare_links;
mod effort;
mod footnotes;
mod headings;
mod link_texts;
mod media;
mod places;
mod regions;
mod rendered;
mod safe_links;
mod sections;
mod tasks;

use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use sha2::{Digest, Sha256};

pub(crate) use self::{
    media::{OwnFiles, names as media_names},
    rendered::{Part, RenderedPages, media_names_once, off_the_loop_once, render_once},
};
use crate::locale::Texts;

/// The greatest depth of nesting. Deeper structure is flattened, since the time to clean it grows with the
/// square of the depth.
const MAX_DEPTH: usize = 32;

/// The most HTML that a text may make, in bytes. A table of many short rows below a long one makes far more than
/// its own length.
const MAX_HTML: usize = 1024 * 1024;

/// The greatest length of a summary, in characters.
const MAX_SUMMARY: usize = 160;

/// Keeps the elements and attributes that rendering Markdown makes, and removes all others.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(
            [
                "a",
                "audio",
                "blockquote",
                "br",
                "code",
                "del",
                "div",
                "em",
                "h2",
                "h3",
                "h4",
                "h5",
                "h6",
                "hr",
                "img",
                "li",
                "ol",
                "p",
                "pre",
                "strong",
                "sup",
                "table",
                "tbody",
                "td",
                "th",
                "thead",
                "tr",
                "ul",
                "video",
            ]
            .into(),
        )
        .tag_attributes(
            [
                ("a", ["href", "title", "id", "aria-label"].into()),
                ("h2", ["id"].into()),
                ("h3", ["id"].into()),
                ("h4", ["id"].into()),
                ("h5", ["id"].into()),
                ("h6", ["id"].into()),
                ("ol", ["start"].into()),
                ("img", ["src", "alt", "width", "height", "loading"].into()),
                ("audio", ["src", "controls", "preload", "aria-label"].into()),
                ("video", ["src", "controls", "preload", "aria-label"].into()),
                ("li", ["id"].into()),
                ("div", ["aria-label"].into()),
                ("pre", ["aria-label"].into()),
            ]
            .into(),
        )
        .tag_attribute_values(
            [
                ("div", [("role", ["region"].into()), ("tabindex", ["0"].into())].into()),
                ("pre", [("role", ["region"].into()), ("tabindex", ["0"].into())].into()),
            ]
            .into(),
        )
        .allowed_classes([("li", ["task"].into())].into())
        .url_schemes(safe_links::SCHEMES.into())
        .link_rel(Some("nofollow noopener ugc"));
    cleaner
});

/// Renders Markdown, with English labels. HTML in it is dropped, and pictures of other sites become links, so that no third
/// party learns who reads a page.
pub(crate) fn render(text: &str) -> String {
    render_in(Texts::default(), text)
}

/// Renders Markdown like [`render`], with labels in the language of a page.
pub(crate) fn render_in(t: Texts, text: &str) -> String {
    render_with(t, Part::Body, text, &OwnFiles::default())
}

/// Returns whether a text makes too much HTML to be shown, or such that takes too long to write.
pub(crate) fn is_too_large(text: &str) -> bool {
    // About what an element or a line of text costs besides the text itself.
    const EACH: usize = 10;
    if effort::is_excessive(text) {
        return true;
    }
    let mut size = 0_usize;
    let mut depth = Depth::default();
    let mut escaping = Escaping::default();
    let tamed = Parser::new_ext(text, options()).filter_map(tame);
    tamed.filter(|event| depth.admits(event)).any(|event| {
        let more = match &event {
            Event::Text(part) | Event::Code(part) => escaping.cost(part),
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                escaping = Escaping::default();
                Escaping::default().cost(dest_url) + Escaping::default().cost(title)
            }
            Event::Start(_) | Event::End(_) => {
                escaping = Escaping::default();
                0
            }
            _ => 0,
        };
        size = size.saturating_add(EACH).saturating_add(more);
        size > MAX_HTML
    })
}

/// What it costs to write a text between two elements. For each `&` and each character from U+0080 to U+00BF in it, the
/// HTML library looks for a `<` or `>` in the rest of the text, so the time grows with the square of their number.
#[derive(Default)]
struct Escaping {
    /// How many of these characters there are so far.
    found: usize,
}

impl Escaping {
    /// Returns the cost of the next part of the text, in bytes of HTML.
    fn cost(&mut self, part: &str) -> usize {
        // About as many bytes are looked through in the time that one is made. A text of 64 KiB without any element may
        // have such a character in every ten.
        const LOOKED_THROUGH: usize = 256;
        // The characters from U+0080 to U+00BF begin with the byte C2.
        let here = part.bytes().filter(|byte| matches!(byte, b'&' | 0xC2)).count();
        // Those of this part are followed by half of it.
        let looking = self.found + here / 2;
        self.found += here;
        part.len() + looking.saturating_mul(part.len()) / LOOKED_THROUGH
    }
}

/// Renders Markdown like [`render_in`], as a part of a page, and shows these files of the handle. A text that makes too much
/// HTML is shown as it was written.
pub(crate) fn render_with(t: Texts, part: Part, text: &str, own: &OwnFiles) -> String {
    if is_too_large(text) {
        return format!("<pre>{}</pre>", media::escaped(text));
    }
    let events = link_texts::completed(safe_links::unwrapped(events(text, own)));
    let scope = scope(part, text);
    let events = headings::shifted(events);
    let events = tasks::marked(events);
    let events = bare_links::linked(events);
    let events = regions::focusable(t, events);
    let events = footnotes::at_the_end(t, &scope, events);
    // Notes that nothing refers to are gone, with their headings.
    let events = sections::linked(&scope, events);
    let mut rendered = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut rendered, events.into_iter());
    CLEANER.clean(&rendered).to_string()
}

/// Returns the beginning of the text without any markup, for search engines and messengers.
pub(crate) fn summary(text: &str) -> String {
    // Such a text is shown as it was written.
    let plain: String = if effort::is_excessive(text) {
        text.chars().take(MAX_SUMMARY * 8).collect()
    } else {
        beginning(text)
    };
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut summary: String = words.chars().take(MAX_SUMMARY).collect();
    if summary.len() < words.len() {
        // Ends with a whole word.
        let end = summary.rfind(' ').unwrap_or(summary.len());
        summary.truncate(end);
        summary.push('…');
    }
    summary
}

/// Returns the text without markup, up to somewhat more than a summary takes.
fn beginning(text: &str) -> String {
    let mut plain = String::new();
    let mut depth = Depth::default();
    let tamed = Parser::new_ext(text, options()).filter_map(tame);
    for event in TextMergeStream::new(tamed.filter(|event| depth.admits(event))) {
        match event {
            Event::Text(part) | Event::Code(part) => plain.push_str(&part),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            Event::End(end) if !is_inline(end) => plain.push(' '),
            _ => {}
        }
        if plain.len() > MAX_SUMMARY * 8 {
            break;
        }
    }
    plain
}

fn is_inline(end: TagEnd) -> bool {
    matches!(end, TagEnd::Link | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough)
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
}

fn events<'a>(text: &'a str, own: &OwnFiles) -> Vec<Event<'a>> {
    let mut depth = Depth::default();
    let tamed = media::shown(Parser::new_ext(text, options()), own).into_iter();
    TextMergeStream::new(tamed.filter(|event| depth.admits(event))).collect()
}

/// Returns what makes the ids of one text differ from those of another on the same page, which may be the same text.
fn scope(part: Part, text: &str) -> String {
    let part = match part {
        Part::Teaser => "teaser",
        Part::Body => "body",
    };
    let hash = Sha256::new().chain_update(part).chain_update("\0").chain_update(text).finalize();
    hex::encode(hash.iter().copied().take(3).collect::<Vec<_>>())
}

fn tame(event: Event<'_>) -> Option<Event<'_>> {
    Some(match event {
        Event::Html(_)
        | Event::InlineHtml(_)
        | Event::Start(Tag::HtmlBlock)
        | Event::End(TagEnd::HtmlBlock) => return None,
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // The language after a fence would become a class, which nothing here styles.
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(
            pulldown_cmark::CodeBlockKind::Fenced(CowStr::Borrowed("")),
        )),
        other => other,
    })
}

#[derive(Default)]
struct Depth(usize);

impl Depth {
    fn admits(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Start(_) => {
                self.0 += 1;
                self.0 <= MAX_DEPTH
            }
            Event::End(_) => {
                self.0 = self.0.saturating_sub(1);
                self.0 < MAX_DEPTH
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
