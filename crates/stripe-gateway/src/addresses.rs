//! Addresses in Stripe's answers, which people's browsers are sent to.

use url::Url;

use crate::{config::StripeConfig, failure::CallError};

/// The longest address of Stripe's, in bytes, as its description of the API says.
const MAX_BYTES: usize = 5_000;

/// Checks addresses. They are `https`, or `http` if the API is on this machine, as a sandbox's is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses {
    allow_http: bool,
}

impl Addresses {
    pub(crate) fn of(config: &StripeConfig) -> Self {
        Self { allow_http: config.is_local() }
    }

    /// Returns an address that people can be sent to.
    pub(crate) fn check(self, text: &str) -> Result<String, CallError> {
        // Line breaks and backslashes would be removed or replaced silently.
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let url = Url::parse(text).ok().filter(|_| is_plain && text.len() <= MAX_BYTES);
        let url = url.filter(|url| match url.scheme() {
            "https" => url.has_host(),
            "http" => url.has_host() && self.allow_http,
            _ => false,
        });
        // As it was understood: `https:pay.test` would be taken for a path of the page that leads to it.
        let url = url.map(String::from);
        url.ok_or_else(|| CallError::bad_answer("nobody can be sent to its address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(allow_http: bool, text: &str) -> Option<String> {
        Addresses { allow_http }.check(text).ok()
    }

    #[test]
    fn people_are_sent_to_addresses_of_the_web_alone() {
        for text in [
            "https://pay.test/cs_1",
            "https://checkout.stripe.com/c/pay/cs_test_a1#fid%2Fd'W~x!$&()*+,;=:@/?",
            "https://pay.test:8443/a?b=c",
        ] {
            assert_eq!(checked(false, text).as_deref(), Some(text));
        }
        assert_eq!(checked(false, "https:pay.test/a").as_deref(), Some("https://pay.test/a"));
        let long = format!("https://pay.test/{}", "x".repeat(MAX_BYTES));
        for text in [
            "",
            " ",
            "//evil",
            "/path",
            "pay.test",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://pay.test/",
            "https://",
            "https://pay.test\r\nX: y",
            "https://pay.test/\n",
            " https://pay.test/",
            "https://pay.test/ü",
            r"https:\\pay.test",
            &long,
        ] {
            assert_eq!(checked(true, text), None, "{text:?}");
        }
    }

    #[test]
    fn addresses_without_encryption_are_a_local_servers() {
        let text = "http://127.0.0.1:12111/pay/cs_1";
        assert_eq!(checked(true, text).as_deref(), Some(text));
        assert_eq!(checked(false, text), None);
        for (url, is_local) in [
            ("https://api.stripe.com", false),
            ("http://stripe.test:9000", false),
            ("http://127.0.0.1:9000", true),
            ("http://stripe.localhost", true),
        ] {
            let config = StripeConfig::new("sk_test_1".into()).at(Url::parse(url).unwrap());
            assert_eq!(Addresses::of(&config).allow_http, is_local, "{url}");
        }
    }
}
