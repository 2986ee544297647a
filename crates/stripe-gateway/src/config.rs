//! How the gateway reaches Stripe.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// How Stripe is reached. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// The platform's secret key (`sk_…`), or a restricted one (`rk_…`).
    pub secret_key: SecretString,
    /// Where the API is, without `/v1`.
    pub base_url: Url,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long one try may take, from connecting to the last byte of the answer.
    pub request_timeout: Duration,
    /// How long a call may take with all its tries and the pauses between them.
    pub total_timeout: Duration,
    /// How often a call is tried at most.
    pub tries: u32,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StripeConfigError {
    /// The key cannot be a key.
    #[error("TOLLGATE_STRIPE_SECRET_KEY is empty or has characters that no key has")]
    SecretKey,
    /// The address cannot be the address of an API.
    #[error("TOLLGATE_STRIPE_API_URL {0}")]
    ApiUrl(&'static str),
    /// The HTTP client cannot be made.
    #[error("the client for Stripe cannot be made: {0}")]
    Client(String),
}

const STRIPE: &str = "https://api.stripe.com";

impl StripeConfig {
    /// Stripe itself, with the time limits that suit it.
    pub fn new(secret_key: SecretString) -> Self {
        Self {
            secret_key,
            base_url: stripe(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(25),
            tries: 3,
        }
    }

    /// The same, at another address.
    pub fn at(self, base_url: Url) -> Self {
        Self { base_url, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), StripeConfigError> {
        let key = self.secret_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StripeConfigError::SecretKey);
        }
        let url = &self.base_url;
        let refused = if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            "must be an http or https address"
        } else if !url.username().is_empty() || url.password().is_some() {
            "must not have a user name or a password"
        } else if url.query().is_some() || url.fragment().is_some() {
            "must not have a query or a fragment"
        } else if url.scheme() == "http" && is_live(key) == Some(true) && !self.is_local() {
            "must be https: a live key is not sent in the clear"
        } else {
            return Ok(());
        };
        Err(StripeConfigError::ApiUrl(refused))
    }

    /// Whether the API is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant, and read by a test")]
fn stripe() -> Url {
    Url::parse(STRIPE).expect("the address is a URL")
}

/// Whether a key moves real money; `None` for a key that does not say.
pub(crate) fn is_live(secret_key: &str) -> Option<bool> {
    let (kind, rest) = secret_key.split_once('_')?;
    if !matches!(kind, "sk" | "rk") {
        return None;
    }
    match rest.split_once('_')?.0 {
        "live" => Some(true),
        "test" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str, url: &str) -> StripeConfig {
        StripeConfig::new(key.into()).at(Url::parse(url).unwrap())
    }

    #[test]
    fn stripe_itself_is_the_default() {
        let config = StripeConfig::new("sk_live_1".into());
        assert_eq!(config.base_url.as_str(), "https://api.stripe.com/");
        assert!(config.check().is_ok());
    }

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for key in ["", " ", "sk_test_1\n", "sk test", "sk_tést"] {
            let checked = config(key, STRIPE).check();
            assert!(matches!(checked, Err(StripeConfigError::SecretKey)), "{key:?}");
        }
    }

    #[test]
    fn addresses_that_would_leak_the_key_are_refused() {
        for (key, url) in [
            ("sk_test_1", "ftp://stripe.test"),
            ("sk_test_1", "unix:/run/stripe"),
            ("sk_test_1", "https://user@stripe.test"),
            ("sk_test_1", "https://:word@stripe.test"),
            ("sk_test_1", "https://stripe.test/?a=b"),
            ("sk_test_1", "https://stripe.test/#a"),
            ("sk_live_1", "http://stripe.test"),
            ("rk_live_1", "http://stripe.test"),
        ] {
            let checked = config(key, url).check();
            assert!(matches!(checked, Err(StripeConfigError::ApiUrl(_))), "{url}");
        }
        for (key, url) in [
            ("sk_test_1", "http://stripe.test:9000/"),
            ("sk_live_1", "http://127.0.0.1:9000"),
            ("sk_live_1", "http://[::1]:9000"),
            ("sk_live_1", "http://stripe.localhost"),
            ("anything", "https://stripe.test/under/a/path"),
        ] {
            assert!(config(key, url).check().is_ok(), "{url}");
        }
    }

    #[test]
    fn keys_say_whether_they_are_live() {
        for (key, live) in [
            ("sk_live_1", Some(true)),
            ("rk_live_1", Some(true)),
            ("sk_test_1", Some(false)),
            ("rk_test_1", Some(false)),
            ("pk_live_1", None),
            ("sk_liver_1", None),
            ("sk_live", None),
            ("anything", None),
            ("", None),
        ] {
            assert_eq!(is_live(key), live, "{key}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", StripeConfig::new("sk_live_mine".into()));
        assert!(!shown.contains("mine"), "{shown}");
    }
}
