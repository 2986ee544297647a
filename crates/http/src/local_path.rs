//! Paths to come back to.

use actix_web::{HttpRequest, http::header};
use tollgate_domain::installation::Installation;

use crate::query::with_query;

/// A path of this host with its query, to come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    pub(crate) fn start() -> Self {
        Self("/".to_owned())
    }

    /// Returns the path, or `None` if a browser could take the text for the address of another host.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let is_local = text.starts_with('/') && !text.starts_with("//");
        (is_plain && is_local && text.len() <= 1_000).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the screen of the console that a request was sent from.
    pub(crate) fn of_referer(installation: &Installation, req: &HttpRequest) -> Option<Self> {
        let referer = req.headers().get(header::REFERER)?.to_str().ok()?;
        Self::parse(referer.strip_prefix(&*installation.app_origin())?)
    }

    /// Returns the address where a creator signs in and comes back to this path.
    pub(crate) fn sign_in(&self) -> String {
        self.sign_in_without("")
    }

    /// Returns the address of the same form, which tells that what was typed before is `lost`.
    pub(crate) fn sign_in_without(&self, lost: &str) -> String {
        let next = if self.0 == "/" { "" } else { &*self.0 };
        with_query("/sign-in", &[("next", next), ("lost", lost)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn way_back_never_leaves_the_host() {
        for path in ["/", "/ada/pages?tab=draft", "/a//b", "/sign-in?next=%2F%2Fevil.example"] {
            assert_eq!(LocalPath::parse(path).unwrap().as_str(), path);
        }
        for text in [
            "",
            "ada",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "/\t/evil.example",
            "/ada pages",
            "/ädä",
            "javascript:alert(1)",
        ] {
            assert_eq!(LocalPath::parse(text), None, "{text:?}");
        }
        let next = LocalPath::parse("/ada/pages?tab=draft").unwrap();
        assert_eq!(next.sign_in(), "/sign-in?next=%2Fada%2Fpages%3Ftab%3Ddraft");
        assert_eq!(LocalPath::start().sign_in(), "/sign-in");
    }
}
