//! Links whose address is refused, such as `javascript:`, leave only their text: a link that leads nowhere looks like one.

use ammonia::{Url, url::ParseError};
use pulldown_cmark::{Event, Tag, TagEnd};

/// The schemes of addresses that links may have.
pub(super) const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Removes the links whose address is refused, and keeps their texts.
pub(super) fn unwrapped(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    // Whether each open link stays.
    let mut open = Vec::new();
    let stays = |event: &Event<'_>| match event {
        Event::Start(Tag::Link { dest_url, .. }) => {
            let is_allowed = is_allowed(dest_url);
            open.push(is_allowed);
            is_allowed
        }
        Event::End(TagEnd::Link) => open.pop().unwrap_or(true),
        _ => true,
    };
    events.into_iter().filter(stays).collect()
}

/// Returns whether the cleaner leaves an address as it is.
fn is_allowed(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => SCHEMES.contains(&url.scheme()),
        Err(error) => error == ParseError::RelativeUrlWithoutBase,
    }
}

#[cfg(test)]
mod tests {
    use super::super::render;

    #[test]
    fn link_whose_address_is_refused_is_only_its_text() {
        for refused in [
            "[*x* y](javascript:alert(1))",
            "[*x* y](JaVaScRiPt:alert(1))",
            "[*x* y](data:text/html;base64,PHNjcmlwdD4=)",
            "![*x* y](vbscript:x)",
            "[*x* y](https://)",
            "[*x* y][z]\n\n[z]: javascript:alert(1)",
        ] {
            let html = render(refused);
            assert!(!html.contains("<a") && html.contains("y</p>"), "{refused} -> {html}");
        }
        assert_eq!(render("[](javascript:alert(1)) x").matches("<a").count(), 0);
        let both = render("[![x](javascript:x) y](https://a.example)");
        assert_eq!(both.matches("<a href=\"https://a.example\"").count(), 1, "{both}");
        for kept in ["guide", "/guide", "mailto:a@b.example", "tel:1", "//a.example"] {
            let html = render(&format!("[x]({kept})"));
            assert!(html.contains("<a href="), "{kept} -> {html}");
        }
        assert!(render("<bob@example.com>").contains("href=\"mailto:bob@example.com\""));
    }
}
