//! The place that a visitor is sent to after signing in.

use std::fmt;

use url::Url;

use crate::{
    creators::FrontendOrigin,
    installation::{HostKind, Installation},
    names::HandleName,
    web_address,
};

/// An absolute URL on one of the installation's own hosts, or on an origin that a creator registered. It
/// is checked when a link is requested, so a later redirect needs no further check.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnTo(String);

/// The error of a place that visitors may not be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a path or an address of this site, or of a registered frontend")]
pub struct ReturnToError;

impl ReturnTo {
    /// Parses a path, which is on the host of `handle` (or the root host without one), or a URL on any
    /// host of the installation.
    pub fn parse(
        text: &str,
        installation: &Installation,
        handle: Option<&HandleName>,
    ) -> Result<Self, ReturnToError> {
        match Self::read(text, installation, handle)? {
            (place, None) => Ok(place),
            (_, Some(_)) => Err(ReturnToError),
        }
    }

    /// Parses the same places as [`ReturnTo::parse`], or a URL elsewhere together with its origin. The
    /// latter is valid only if that origin is registered, which the caller MUST check.
    pub(super) fn read(
        text: &str,
        installation: &Installation,
        handle: Option<&HandleName>,
    ) -> Result<(Self, Option<FrontendOrigin>), ReturnToError> {
        if web_address::is_treacherous(text) {
            return Err(ReturnToError);
        }
        let absolute = if text.starts_with('/') {
            if text.starts_with("//") {
                return Err(ReturnToError);
            }
            let origin =
                handle.map_or_else(|| installation.origin(), |h| installation.handle_origin(h));
            format!("{origin}{text}")
        } else {
            text.to_owned()
        };
        let url = Url::parse(&absolute).map_err(|_| ReturnToError)?;
        // `/.//host` becomes `//host`, which alone means another host.
        if url.path().starts_with("//") {
            return Err(ReturnToError);
        }
        let elsewhere = match installation.own_host_of(&absolute) {
            Some(HostKind::Foreign) | None => {
                Some(FrontendOrigin::of_url(&url).ok_or(ReturnToError)?)
            }
            Some(_) => None,
        };
        Ok((Self(url.into()), elsewhere))
    }

    /// Creates the place from a stored text that [`ReturnTo::as_str`] returned.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the absolute URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path and everything after it, without scheme and host.
    pub fn path(&self) -> String {
        Url::parse(&self.0)
            .map_or_else(|_| "/".to_owned(), |url| url[url::Position::BeforePath..].to_owned())
    }

    /// Returns the registered origin of the URL, if it is not on a host of the installation.
    pub fn frontend(&self, installation: &Installation) -> Option<FrontendOrigin> {
        let is_elsewhere = self.host(installation) == HostKind::Foreign;
        let url = Url::parse(&self.0).ok().filter(|_| is_elsewhere)?;
        FrontendOrigin::of_url(&url)
    }

    /// Returns the kind of host that the URL is on.
    pub fn host(&self, installation: &Installation) -> HostKind {
        installation.own_host_of(&self.0).unwrap_or(HostKind::Foreign)
    }
}

impl fmt::Debug for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnTo({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, ReturnToError> {
        let installation = Installation::new("tollgate.localhost:8080").unwrap();
        let handle = "ada".parse().unwrap();
        ReturnTo::parse(text, &installation, Some(&handle)).map(|r| r.as_str().to_owned())
    }

    #[test]
    fn path_is_on_the_handle_that_was_asked() {
        assert_eq!(parse("/guide?x=1").unwrap(), "http://ada.tollgate.localhost:8080/guide?x=1");
    }

    #[test]
    fn own_address_is_kept() {
        let own = "http://bob.tollgate.localhost:8080/x";
        assert_eq!(parse(own).unwrap(), own);
    }

    #[test]
    fn every_way_out_is_refused() {
        for text in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "javascript:alert(1)",
            "https://evil.example/",
            "http://tollgate.localhost:8080@evil.example/",
            "http://user@ada.tollgate.localhost:8080/",
            "http://ada.tollgate.localhost:8080.evil.example/",
            "/a\nb",
            "/a b",
            "data:text/html,x",
            "/\t/evil.example",
            "http:/\\evil.example",
            "http://tollgate.localhost:81/",
            "guide",
            "http:evil.example",
            "//ada.tollgate.localhost:8080/x",
            "/.//evil.example",
            "/x/..//evil.example",
            "/%2e//evil.example",
            "http://ada.tollgate.localhost:8080//evil.example",
        ] {
            assert_eq!(parse(text), Err(ReturnToError), "{text:?}");
        }
        assert_eq!(parse(&format!("/{}", "a".repeat(3_000))), Err(ReturnToError));
    }
}
