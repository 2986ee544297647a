//! Questions that an operator asks about the platform's own account. Answers are handed on as they are, since a
//! question must also be answered when something is wrong.

use tollgate_outbound::innermost_cause;

use crate::{
    client::{API_VERSION, ApiClient},
    config::{StripeConfig, StripeConfigError},
};

/// Asks Stripe, once and without retries.
#[derive(Debug)]
pub struct StripeProbe(ApiClient);

/// What Stripe answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeAnswer {
    /// The status of the answer.
    pub status: u16,
    /// The time by Stripe's clock, as HTTP writes it.
    pub date: Option<String>,
    /// The body, which is JSON.
    pub body: String,
}

impl StripeProbe {
    /// Creates a probe with the key and address of a configuration.
    pub fn new(config: &StripeConfig) -> Result<Self, StripeConfigError> {
        ApiClient::new(config).map(Self)
    }

    /// Reads what is at a path such as `account`. The error says why there was no answer.
    pub async fn get(&self, path: &str) -> Result<ProbeAnswer, String> {
        let answer = self.0.get_once(path).await.map_err(|error| innermost_cause(&error))?;
        let status = answer.status().as_u16();
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let date = date.map(ToOwned::to_owned);
        let body = answer.text().await.map_err(|error| innermost_cause(&error))?;
        Ok(ProbeAnswer { status, date, body })
    }

    /// Returns the version of the API that is asked for.
    pub fn version() -> &'static str {
        API_VERSION
    }
}
