//! The choice of the payment provider: Stripe or the sandbox.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tollgate_domain::{
    payments::{Payments, WebhookVerifier},
    random::Random,
};
use tollgate_stripe_gateway::{StripeConfig, StripeGateway, StripeWebhooks};
use url::Url;

use crate::{config::Config, keys, sandbox::SandboxSite};

/// The directory for the sandbox's secrets and state.
pub(crate) const VAR: &str = "var";

/// The payment provider: the client of its API and the verifier of its webhooks.
pub(crate) struct Provider {
    pub(crate) payments: Arc<dyn Payments>,
    pub(crate) webhooks: Arc<dyn WebhookVerifier>,
    /// The origins of the pay pages, in addition to Stripe's own.
    pub(crate) pay_page_origins: Vec<String>,
    /// The address of the sandbox, if payments go to it.
    pub(crate) sandbox: Option<SandboxSite>,
}

impl Provider {
    /// Connects to Stripe as configured, or to the sandbox that `sandbox` provides.
    pub(crate) async fn open(
        config: &Config,
        authorities: &[Vec<u8>],
        sandbox: impl AsyncFnOnce() -> anyhow::Result<SandboxSite>,
    ) -> anyhow::Result<Self> {
        if let Some(stripe) = &config.stripe {
            let gateway = stripe.gateway().trusting(authorities);
            return Self::at(&gateway, &stripe.webhook_secrets, stripe.api_url.as_ref(), None);
        }
        let site = sandbox().await?;
        let api_url = Url::parse(&site.url).context("the sandbox's address")?;
        let webhook_secrets = [SecretString::from(site.webhook_secret.expose_secret())];
        let gateway = StripeConfig::new(site.secret_key.clone()).at(api_url.clone());
        Self::at(&gateway, &webhook_secrets, Some(&api_url), Some(site))
    }

    fn at(
        gateway: &StripeConfig,
        webhook_secrets: &[SecretString],
        api_url: Option<&Url>,
        sandbox: Option<SandboxSite>,
    ) -> anyhow::Result<Self> {
        // A server that stands in for Stripe serves its pay pages at the address of its API.
        let pay_page_origins =
            api_url.iter().map(|url| url.origin().ascii_serialization()).collect();
        let webhooks = StripeWebhooks::new(webhook_secrets.iter().cloned(), &gateway.secret_key);
        Ok(Self {
            payments: Arc::new(StripeGateway::new(gateway)?),
            webhooks: Arc::new(webhooks),
            pay_page_origins,
            sandbox,
        })
    }
}

/// Returns the secrets that sign creators' access tokens and seal queued mails.
pub(crate) fn jwt_secrets(
    config: &Config,
    random: &dyn Random,
) -> anyhow::Result<Vec<SecretString>> {
    if config.jwt_secrets.is_empty() {
        let secret = keys::kept(&Path::new(VAR).join("jwt-secret"), "", random)?;
        return Ok(vec![secret.into()]);
    }
    Ok(config.jwt_secrets.clone())
}
