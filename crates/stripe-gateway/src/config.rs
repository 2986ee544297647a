//! The configuration of the gateway.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// The configuration of the gateway. Its `Debug` output contains no secret.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// The platform's secret key (`sk_…`) or restricted key (`rk_…`).
    pub secret_key: SecretString,
    /// The URL of the API, without `/v1`.
    pub base_url: Url,
    /// The time limit of connecting.
    pub connect_timeout: Duration,
    /// The time limit of one try, from connecting to the last byte of the answer.
    pub request_timeout: Duration,
    /// The time limit of a call with all its tries and the pauses between them.
    pub total_timeout: Duration,
    /// The same for a call that only reads. It is shorter, since such a call often follows another one that was not
    /// answered, while somebody waits.
    pub total_read_timeout: Duration,
    /// The largest number of tries.
    pub tries: u32,
    /// How many reads of one account this process begins in a second; `None` to begin each at once.
    pub reads_per_second: Option<u32>,
    /// Certificates to trust besides the built-in ones, in DER.
    pub authorities: Vec<Vec<u8>>,
}

/// An error in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum StripeConfigError {
    /// The key is empty or has characters that cannot be sent.
    #[error("TOLLGATE_STRIPE_SECRET_KEY is empty or contains invalid characters")]
    SecretKey,
    /// The URL cannot be used for the API.
    #[error("TOLLGATE_STRIPE_API_URL {0}")]
    ApiUrl(&'static str),
    /// The HTTP client cannot be built.
    #[error("cannot build the HTTP client for Stripe: {0}")]
    Client(String),
}

const STRIPE: &str = "https://api.stripe.com";

/// How many reads of one account a process begins in a second. Stripe takes 100 requests of an account in a second in live mode,
/// and 25 otherwise (<https://docs.stripe.com/rate-limits>), of all replicas together; the rest is left to these and to what
/// changes something.
const LIVE_READS: u32 = 30;
const TEST_READS: u32 = 8;

impl StripeConfig {
    /// Returns a configuration for Stripe's own API.
    pub fn new(secret_key: SecretString) -> Self {
        let is_live = is_live(secret_key.expose_secret()) == Some(true);
        Self {
            secret_key,
            base_url: stripe(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(25),
            total_read_timeout: Duration::from_secs(12),
            tries: 3,
            reads_per_second: Some(if is_live { LIVE_READS } else { TEST_READS }),
            authorities: Vec::new(),
        }
    }

    /// Replaces the URL of the API. A server on this machine stands in for Stripe, and has no limits of Stripe's.
    pub fn at(self, base_url: Url) -> Self {
        let mut config = Self { base_url, ..self };
        if config.is_local() {
            config.reads_per_second = None;
        }
        config
    }

    /// Trusts these certificates (DER) besides the built-in ones.
    pub fn trusting(self, authorities: &[Vec<u8>]) -> Self {
        Self { authorities: authorities.to_vec(), ..self }
    }

    /// Checks the key and the URL, without connecting to it.
    pub fn check(&self) -> Result<(), StripeConfigError> {
        let key = self.secret_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StripeConfigError::SecretKey);
        }
        let url = &self.base_url;
        let refused = if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
            "must be an http or https URL"
        } else if !url.username().is_empty() || url.password().is_some() {
            "must not have a user name or a password"
        } else if url.query().is_some() || url.fragment().is_some() {
            "must not have a query or a fragment"
        } else if url.scheme() == "http" && is_live(key) == Some(true) && !self.is_local() {
            "must be https, because a live key is not sent unencrypted"
        } else {
            return Ok(());
        };
        Err(StripeConfigError::ApiUrl(refused))
    }

    /// Returns whether the API is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

#[expect(clippy::expect_used, reason = "a constant that a test parses")]
fn stripe() -> Url {
    Url::parse(STRIPE).expect("the address is a URL")
}

/// Returns whether a key is a live key, or `None` if that cannot be told from the key.
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
    fn invalid_keys_are_refused() {
        for key in ["", " ", "sk_test_1\n", "sk test", "sk_tést"] {
            let checked = config(key, STRIPE).check();
            assert!(matches!(checked, Err(StripeConfigError::SecretKey)), "{key:?}");
        }
    }

    #[test]
    fn urls_that_would_leak_the_key_are_refused() {
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
    fn live_keys_are_told_from_test_keys() {
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
    fn reads_stay_below_the_limit_of_the_mode() {
        let reads = |key, url| config(key, url).reads_per_second;
        assert!(reads("sk_live_1", STRIPE).is_some_and(|reads| reads < 100));
        for key in ["sk_test_1", "anything"] {
            assert!(reads(key, STRIPE).is_some_and(|reads| reads < 25), "{key}");
        }
        assert_eq!(reads("sk_test_1", "http://127.0.0.1:9000"), None);
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", StripeConfig::new("sk_live_mine".into()));
        assert!(!shown.contains("mine"), "{shown}");
    }
}
