//! The origins of creators' own frontends.

use std::str::FromStr;

use url::Url;

use crate::{text_form::text_form, validation::FieldError, web_address};

/// An origin that a creator registered, as browsers write it: scheme, host in lower case and ASCII, and
/// the port unless it is the scheme's own. `https`, or `http` on this machine only.
///
/// Source: RFC 6454 §6.2; quality bar, "CORS".
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FrontendOrigin(String);

/// The maximum length, which is more than that of any host name.
const MAX_LENGTH: usize = 300;

impl FrontendOrigin {
    /// Returns the origin as browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the host, with the port if the origin has one.
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or(self.as_str(), |(_, host)| host)
    }

    /// Returns the origin of an absolute URL, if it can be registered.
    pub(crate) fn of_url(url: &Url) -> Option<Self> {
        web_address::is_sound(url).then(|| Self(url.origin().ascii_serialization()))
    }
}

impl FromStr for FrontendOrigin {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, FieldError> {
        let (scheme, authority) = text.split_once("://").ok_or(FieldError::Origin)?;
        // The URL parser would correct these characters or interpret them differently.
        let odd = |c: char| c.is_whitespace() || c.is_control() || "/\\@?#*%".contains(c);
        let is_plain = scheme.chars().all(|c| c.is_ascii_alphabetic());
        let is_odd = authority.is_empty() || authority.chars().any(odd);
        if text.len() > MAX_LENGTH || !is_plain || is_odd {
            return Err(FieldError::Origin);
        }
        let url = Url::parse(text).map_err(|_| FieldError::Origin)?;
        let origin = Self::of_url(&url).ok_or(FieldError::Origin)?;
        // A text that is not written as browsers write it may be read differently elsewhere.
        (text == origin.as_str()).then_some(origin).ok_or(FieldError::Origin)
    }
}

text_form!(FrontendOrigin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for text in [
            "https://shop.example.com",
            "https://shop.example.com:8443",
            "https://xn--bcher-kva.example",
            "http://localhost:3000",
            "http://shop.localhost",
            "http://127.0.0.1:5173",
            "http://[::1]:5173",
        ] {
            assert_eq!(text.parse::<FrontendOrigin>().unwrap().as_str(), text);
        }
        for other in [
            "HTTPS://shop.example.com",
            "https://Shop.example.com",
            "https://shop.example.com:443",
            "https://bücher.example",
            "http://shop.localhost:80",
        ] {
            assert_eq!(other.parse::<FrontendOrigin>(), Err(FieldError::Origin), "{other}");
        }
    }

    #[test]
    fn the_host_has_no_scheme() {
        for (origin, host) in
            [("https://shop.example.com", "shop.example.com"), ("http://[::1]:5173", "[::1]:5173")]
        {
            assert_eq!(origin.parse::<FrontendOrigin>().unwrap().host(), host);
        }
    }

    #[test]
    fn what_is_not_an_origin_is_refused() {
        for text in [
            "",
            "null",
            "*",
            "https://",
            "https://*.example.com",
            "https://shop.example.com/",
            "https://shop.example.com/app",
            "https://shop.example.com?x",
            "https://shop.example.com#x",
            "https://user@shop.example.com",
            "https://user:secret@shop.example.com",
            "https://shop.example.com\\@evil.example",
            "https://shop.example.com evil.example",
            " https://shop.example.com",
            "https://shop.example.com\n",
            "https://shop.exa\tmple.com",
            "https:shop.example.com",
            "http://shop.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://shop.example.com",
            "file://localhost",
            "javascript://shop.example.com",
            "shop.example.com",
            "https://shop.example.com:99999",
            "https://%73hop.example.com",
            "https://x;sandbox",
            "https://x;sandbox.example",
            "https://x,https:",
            "https://x'self'",
            "https://shop.example.",
        ] {
            assert_eq!(text.parse::<FrontendOrigin>(), Err(FieldError::Origin), "{text:?}");
        }
        let long = format!("https://{}.example", "a.".repeat(200));
        assert_eq!(long.parse::<FrontendOrigin>(), Err(FieldError::Origin));
    }
}
