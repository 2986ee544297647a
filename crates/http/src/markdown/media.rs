//! A handle's own files inside a text: `![A harvest](cover.png)` shows pictures, sound and video, and links to any
//! other file.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
    mem,
};

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd};
use tollgate_domain::{
    files::{File, FileAccess, MediaKind},
    names::composed,
};

use super::{effort, options, tame};

/// The files that a text names, and the addresses where it shows or links to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnFiles {
    files: Vec<(File, String)>,
    /// Where the file with a slug is.
    by_slug: HashMap<String, usize>,
    /// Where the first file with a name is, as [`composed`] writes it. A text may have thousands of pictures, and each
    /// is looked up.
    by_name: HashMap<String, usize>,
    /// What stands for everything that decides how the files are shown.
    fingerprint: u64,
}

impl OwnFiles {
    /// Creates the set from files and their addresses: of the content for what is shown, see
    /// [`is_shown`](Self::is_shown), and else of a page about the file.
    pub(crate) fn new(files: impl IntoIterator<Item = (File, String)>) -> Self {
        let mut own = Self { files: files.into_iter().collect(), ..Self::default() };
        let mut hasher = DefaultHasher::new();
        for (index, (file, address)) in own.files.iter().enumerate() {
            own.by_slug.entry(file.slug.to_string()).or_insert(index);
            own.by_name.entry(composed(&file.name).into_owned()).or_insert(index);
            (&file.slug, address, &file.name, &file.media).hash(&mut hasher);
        }
        own.fingerprint = hasher.finish();
        own
    }

    /// Returns the files for those who may only see public ones: the others are links to their pages, which `place` names.
    pub(crate) fn for_strangers(&self, place: impl Fn(&File) -> String) -> Self {
        Self::new(self.files.iter().map(|(file, address)| {
            if file.access == FileAccess::Public {
                return (file.clone(), address.clone());
            }
            let hidden = File { media: None, ..file.clone() };
            let address = place(&hidden);
            (hidden, address)
        }))
    }

    /// Returns whether a text shows the content of a file.
    pub(crate) fn is_shown(file: &File) -> bool {
        file.media.is_some()
    }

    /// Returns a number that is another one for files that are shown in another way.
    pub(super) const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Finds a file by its slug or its name.
    fn find(&self, name: &str) -> Option<&(File, String)> {
        let by_slug = self.by_slug.get(name);
        let index = by_slug.or_else(|| self.by_name.get(&*composed(name)))?;
        self.files.get(*index)
    }
}

/// Returns what the pictures of a text are called, if they can be files of the handle.
pub(crate) fn names(text: &str) -> Vec<String> {
    // Such a text is shown as it was written, without pictures.
    if effort::is_excessive(text) {
        return Vec::new();
    }
    let mut names: Vec<String> = Parser::new_ext(text, options())
        .filter_map(|event| match event {
            Event::Start(Tag::Image { dest_url, .. }) => Some(own_name(&dest_url)?.into_owned()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(MAX_SHOWN);
    names
}

/// The number of different files that a text shows. Of more than that, only the description is shown.
const MAX_SHOWN: usize = 100;

/// Returns the name if the address is one, without a scheme, a host or a path.
fn own_name(address: &str) -> Option<Cow<'_, str>> {
    let is_name = !address.is_empty() && !address.contains(['/', '\\', ':', '?', '#']);
    let decoded = percent_encoding::percent_decode_str(address).decode_utf8().ok();
    decoded.filter(|_| is_name)
}

/// Tames the events of a text, and puts the elements of known files in the place of their pictures. Of a file that does
/// not exist, the description is left, or else the name: a link to it would lead nowhere. What a person presses cannot be
/// in a link, so that sound, video and other files come behind one, which has their description.
pub(super) fn shown<'a>(events: impl Iterator<Item = Event<'a>>, own: &OwnFiles) -> Vec<Event<'a>> {
    let mut shown = Vec::new();
    let mut link = OpenLink::default();
    let mut events = events.into_iter();
    while let Some(event) = events.next() {
        let name = match &event {
            Event::Start(Tag::Image { dest_url, .. }) => own_name(dest_url).map(Cow::into_owned),
            _ => None,
        };
        let Some(name) = name else {
            let behind = link.passed(&event);
            shown.extend(tame(event));
            shown.extend(behind);
            continue;
        };
        let description = description(&mut events);
        shown.push(match own.find(&name) {
            Some((file, address)) if link.depth > 0 && !is_picture(file) => {
                link.behind.push(format!(" {}", element(file, address, &description)));
                let is_blank = description.trim().is_empty();
                Event::Text(CowStr::from(if is_blank { file.name.clone() } else { description }))
            }
            Some((file, address)) => {
                Event::InlineHtml(CowStr::from(element(file, address, &description)))
            }
            None if description.trim().is_empty() => Event::Text(CowStr::from(name)),
            None => Event::Text(CowStr::from(description)),
        });
    }
    shown
}

/// The link that a text is in, if it is in one. A picture of another site becomes a link, too.
#[derive(Default)]
struct OpenLink {
    depth: usize,
    /// The elements that come behind it.
    behind: Vec<String>,
}

impl OpenLink {
    /// Notes an event, and returns what comes behind the link that it ends.
    fn passed<'a>(&mut self, event: &Event<'_>) -> Vec<Event<'a>> {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => self.depth += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => {
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
        if self.depth > 0 {
            return Vec::new();
        }
        let behind = mem::take(&mut self.behind);
        behind.into_iter().map(|element| Event::InlineHtml(CowStr::from(element))).collect()
    }
}

fn is_picture(file: &File) -> bool {
    file.media.as_ref().is_some_and(|media| media.kind() == MediaKind::Image)
}

/// Reads the text of a picture up to its end.
fn description<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> String {
    let (mut text, mut depth) = (String::new(), 1_usize);
    for event in events {
        match event {
            Event::Start(Tag::Image { .. }) => depth += 1,
            Event::End(TagEnd::Image) => depth -= 1,
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    text
}

fn element(file: &File, address: &str, description: &str) -> String {
    let (src, text) = (escaped(address), escaped(description));
    let label = if text.is_empty() { escaped(&file.name) } else { text.clone() };
    let Some(media) = &file.media else {
        return format!("<a href=\"{src}\">{label}</a>");
    };
    match media.kind() {
        MediaKind::Image => {
            let mut element = format!("<img src=\"{src}\" alt=\"{text}\" loading=\"lazy\"");
            if let Some((width, height)) = media.size() {
                // Writing to a string does not fail.
                let _ = write!(element, " width=\"{width}\" height=\"{height}\"");
            }
            element + ">"
        }
        MediaKind::Audio => {
            format!(
                "<audio src=\"{src}\" controls preload=\"metadata\" aria-label=\"{label}\"></audio>"
            )
        }
        MediaKind::Video => {
            format!(
                "<video src=\"{src}\" controls preload=\"metadata\" aria-label=\"{label}\"></video>"
            )
        }
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        locale::Texts,
        markdown::{Part, render_with},
    };

    #[test]
    fn each_of_many_pictures_is_the_first_file_that_it_names() {
        let file = |slug: String, name: String| {
            let mut file = tollgate_domain_testing::a_file().build();
            file.slug = slug.parse().unwrap();
            file.name = name;
            file.media = "image/png".parse().ok();
            (file, format!("/-/{slug}"))
        };
        // Names as macOS writes them, and at the end some that others have.
        let mut files: Vec<_> =
            (0..100).map(|n| file(format!("file-{n}"), format!("U\u{308}{n}.png"))).collect();
        files.push(file("copy".to_owned(), "\u{dc}7.png".to_owned()));
        files.push(file("other".to_owned(), "file-8".to_owned()));
        let own = OwnFiles::new(files);
        let names: Vec<_> =
            (0..100).map(|n| format!("![](\u{dc}{n}.png)\n![](file-{n})\n")).collect();
        let text = names.concat().repeat(5);
        let html = render_with(Texts::default(), Part::Body, &text, &own);
        for n in 0..100 {
            assert_eq!(html.matches(&format!("<img src=\"/-/file-{n}\"")).count(), 10, "{n}");
        }
        assert_eq!(html.matches("<img ").count(), 1_000);
    }
}
