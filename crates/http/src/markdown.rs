//! Renders creators' Markdown as HTML without scripts, images or styles.

use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// The greatest depth of nesting. Deeper structure is flattened, since the time to clean it grows with the
/// square of the depth.
const MAX_DEPTH: usize = 32;

/// Keeps the elements and attributes that rendering Markdown makes, and removes all others.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    cleaner
        .tags(
            [
                "a",
                "blockquote",
                "br",
                "code",
                "del",
                "em",
                "h2",
                "h3",
                "h4",
                "h5",
                "h6",
                "hr",
                "li",
                "ol",
                "p",
                "pre",
                "strong",
                "table",
                "tbody",
                "td",
                "th",
                "thead",
                "tr",
                "ul",
            ]
            .into(),
        )
        .tag_attributes([("a", ["href", "title"].into()), ("ol", ["start"].into())].into())
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("nofollow noopener ugc"));
    cleaner
});

/// Renders Markdown. HTML in it is dropped, and images become links, so that no third party learns who reads
/// a page.
pub(crate) fn render(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut depth = Depth::default();
    let events =
        Parser::new_ext(text, options).filter_map(tame).filter(|event| depth.admits(event));
    let mut rendered = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut rendered, events);
    CLEANER.clean(&rendered).to_string()
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
        // The page's title is the only heading of the first level.
        Event::Start(Tag::Heading { level, .. }) => {
            let level = below(level);
            Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        // The language after a fence would become a class, which nothing here styles.
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(
            pulldown_cmark::CodeBlockKind::Fenced(CowStr::Borrowed("")),
        )),
        other => other,
    })
}

fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
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
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html() {
        let html = render("# Hi\n\n*a* **b** [c](https://example.com)\n\n| x |\n|---|\n| y |\n");
        insta::assert_snapshot!(html, @r#"
        <h2>Hi</h2>
        <p><em>a</em> <strong>b</strong> <a href="https://example.com" rel="nofollow noopener ugc">c</a></p>
        <table><thead><tr><th>x</th></tr></thead><tbody>
        <tr><td>y</td></tr>
        </tbody></table>
        "#);
    }

    #[test]
    fn injection_is_inert() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onmouseover=alert(1)>b</b>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "![x](javascript:alert(1))",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "[x](https://a\" onmouseover=\"alert(1))",
            "<svg/onload=alert(1)>",
            "<a href='javascript:alert(1)'>x</a>",
            "[a]: javascript:alert(1)\n\n[a]",
            "```\" onclick=x\ncode\n```",
            "<style>*{display:none}</style>",
            "<iframe src=https://evil.example></iframe>",
            "<form action=https://evil.example><input name=email>",
        ] {
            let html = render(attack).to_lowercase();
            for forbidden in [
                "<script",
                "<img",
                "<svg",
                "<style",
                "<iframe",
                "<form",
                "<input",
                "href=\"javascript",
                "href=\"data",
                "href=\"vbscript",
            ] {
                assert!(!html.contains(forbidden), "{attack} -> {html}");
            }
            let tags = html.split('<').skip(1).filter_map(|rest| rest.split('>').next());
            for tag in tags {
                assert!(!tag.contains(" on") && !tag.contains("class="), "{attack} -> {html}");
            }
        }
    }

    #[test]
    fn pictures_become_links() {
        assert_eq!(
            render("![a cat](https://example.com/cat.png)").trim(),
            "<p><a href=\"https://example.com/cat.png\" rel=\"nofollow noopener ugc\">a cat</a></p>"
        );
    }

    #[test]
    fn deep_nesting_is_cheap_and_balanced() {
        for text in
            [">".repeat(30_000), "- ".repeat(15_000), "*_".repeat(15_000), "[".repeat(30_000)]
        {
            let html = render(&format!("{text} x"));
            assert!(html.matches("<blockquote>").count() <= MAX_DEPTH);
            assert_eq!(html.matches("<blockquote>").count(), html.matches("</blockquote>").count());
        }
    }
}
