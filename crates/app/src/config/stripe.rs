//! The settings for payments at Stripe.

use anyhow::{Context, bail};
use secrecy::SecretString;
use tollgate_stripe_gateway::StripeConfig;
use url::{Host, Url};

use super::values::Values;

/// A Stripe account, or a server that is compatible with Stripe.
#[derive(Debug)]
pub(crate) struct StripeSettings {
    pub(crate) secret_key: SecretString,
    pub(crate) webhook_secrets: Vec<SecretString>,
    pub(crate) api_url: Option<Url>,
}

impl StripeSettings {
    /// Reads the settings; `None` if the sandbox takes the payments.
    pub(super) fn read(values: &Values) -> anyhow::Result<Option<Self>> {
        let Some(secret_key) = values.get("STRIPE_SECRET_KEY") else {
            for name in ["STRIPE_WEBHOOK_SECRETS", "STRIPE_API_URL"] {
                if values.get(name).is_some() {
                    bail!("TOLLGATE_STRIPE_SECRET_KEY is required when TOLLGATE_{name} is set");
                }
            }
            return Ok(None);
        };
        let beginnings = ["sk_live_", "sk_test_", "rk_live_", "rk_test_"];
        if !beginnings.into_iter().any(|start| is_secret_of(start, secret_key)) {
            bail!(
                "TOLLGATE_STRIPE_SECRET_KEY must be a whole secret key (sk_live_…, sk_test_…) or restricted \
                 one (rk_live_…, rk_test_…), as Stripe's dashboard shows it"
            );
        }
        if values.list("STRIPE_WEBHOOK_SECRETS").any(|secret| !is_secret_of("whsec_", secret)) {
            bail!(
                "TOLLGATE_STRIPE_WEBHOOK_SECRETS must be whole signing secrets (whsec_…), as Stripe shows them \
                 where the webhook endpoint is set up"
            );
        }
        let webhook_secrets: Vec<_> =
            values.list("STRIPE_WEBHOOK_SECRETS").map(Into::into).collect();
        if webhook_secrets.is_empty() {
            bail!(
                "TOLLGATE_STRIPE_WEBHOOK_SECRETS is required with TOLLGATE_STRIPE_SECRET_KEY: Stripe \
                 shows it (whsec_…) where the webhook endpoint is set up"
            );
        }
        let api_url = values
            .get("STRIPE_API_URL")
            .map(|text| Url::parse(text).context("TOLLGATE_STRIPE_API_URL must be an address"))
            .transpose()?;
        let has_more = |url: &Url| {
            !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some()
        };
        if api_url.as_ref().is_some_and(has_more) {
            bail!(
                "TOLLGATE_STRIPE_API_URL must be a host without a path or query; /v1 is added to it"
            );
        }
        if api_url.as_ref().is_some_and(is_in_clear_text) {
            bail!(
                "TOLLGATE_STRIPE_API_URL must be https, or http on this machine (127.0.0.1, localhost): the \
                 secret key would be sent in clear text, and nobody is sent to a page for payments that is"
            );
        }
        let settings = Self { secret_key: secret_key.into(), webhook_secrets, api_url };
        // The gateway checks it once more when it is opened, which is after the database was.
        settings.gateway().check()?;
        Ok(Some(settings))
    }

    /// Returns what the gateway is opened with.
    pub(crate) fn gateway(&self) -> StripeConfig {
        let gateway = StripeConfig::new(self.secret_key.clone());
        match &self.api_url {
            Some(url) => gateway.at(url.clone()),
            None => gateway,
        }
    }
}

/// Returns whether what is sent there could be read on its way.
fn is_in_clear_text(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    url.scheme() == "http" && !is_here
}

/// Returns whether a secret has this beginning and more, in the letters that Stripe's have and those of the sandbox: a template for
/// it may end with dots.
fn is_secret_of(beginning: &str, secret: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    secret.strip_prefix(beginning).is_some_and(|rest| {
        rest.bytes().all(is_letter) && rest.bytes().any(|byte| byte.is_ascii_alphanumeric())
    })
}
