//! Faults that control calls inject.

use serde::{Deserialize, Serialize};

use crate::error::ApiError;
use crate::status::RefundStatus;

/// How an API request fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum ApiFaultMode {
    #[default]
    #[serde(rename = "none")]
    None,
    /// The request is never answered.
    #[serde(rename = "timeout")]
    Timeout,
    /// The connection is closed without an answer.
    #[serde(rename = "cut")]
    Cut,
    /// The request is answered correctly, but late.
    #[serde(rename = "latency")]
    Latency,
    /// The answer says that another request with the same idempotency key is in progress.
    #[serde(rename = "409")]
    InUse,
    #[serde(rename = "429")]
    RateLimited,
    #[serde(rename = "500")]
    Internal,
}

/// A fault of API requests.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiFault {
    pub(crate) mode: ApiFaultMode,
    /// The number of requests that fail. `None` fails all requests until the fault is changed.
    pub(crate) times: Option<u32>,
    /// The start of the paths that fail. `None` fails every path.
    pub(crate) path: Option<String>,
    /// The HTTP method that fails. `None` fails every method.
    pub(crate) method: Option<String>,
    /// The connected account whose requests fail. `None` fails those of all accounts.
    pub(crate) account: Option<String>,
    /// Whether the request is carried out before its answer fails.
    #[serde(default)]
    pub(crate) after_effect: bool,
    /// Whether the failure is stored as the answer under the idempotency key. Only for 500.
    #[serde(default)]
    pub(crate) kept: bool,
    /// The delay in milliseconds. Only for `latency`.
    #[serde(default)]
    pub(crate) millis: u64,
}

/// The failure of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) mode: ApiFaultMode,
    pub(crate) after_effect: bool,
    pub(crate) kept: bool,
    pub(crate) millis: u64,
}

impl ApiFault {
    /// Returns how a request fails to which the fault applies, and counts it down.
    pub(crate) fn take(
        &mut self,
        method: &str,
        path: &str,
        owner: Option<&str>,
    ) -> Option<Failure> {
        let applies = self.mode != ApiFaultMode::None
            && self.path.as_deref().is_none_or(|prefix| path.starts_with(prefix))
            && self.method.as_deref().is_none_or(|known| known == method)
            && self.account.as_deref().is_none_or(|account| owner == Some(account));
        if !applies {
            return None;
        }
        match &mut self.times {
            Some(0) => return None,
            Some(times) => *times -= 1,
            None => {}
        }
        let Self { mode, after_effect, kept, millis, .. } = *self;
        Some(Failure { mode, after_effect, kept, millis })
    }
}

/// How the delivery of webhooks fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebhookFaultMode {
    #[default]
    None,
    /// Events are stored but not delivered.
    Drop,
    /// Every event is delivered twice.
    Duplicate,
    /// The later one of every two events is delivered first.
    Reorder,
    /// Every event is delivered late.
    Delay,
    /// Deliveries are signed with another secret while the fault lasts.
    WrongSignature,
    /// Events are rendered in an older API version.
    OldVersion,
}

/// A fault of webhooks. Except for signatures, it applies to events from now on.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookFault {
    pub(crate) mode: WebhookFaultMode,
    /// The types of the events that fail; a trailing `*` stands for any rest. Empty is every type.
    #[serde(default)]
    pub(crate) types: Vec<String>,
    /// The delay in milliseconds. Only for `delay`.
    #[serde(default)]
    pub(crate) millis: u32,
}

impl WebhookFault {
    /// Returns the mode for events of a type.
    pub(crate) fn mode_for(&self, kind: &str) -> WebhookFaultMode {
        let applies = self.types.is_empty() || self.types.iter().any(|known| is_type(known, kind));
        if applies { self.mode } else { WebhookFaultMode::None }
    }
}

/// Returns whether an event's type matches a pattern like `refund.*`.
pub(crate) fn is_type(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => kind == pattern,
    }
}

/// What becomes of refunds that are made from now on.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundFault {
    /// The status that they start with. `None` depends on the payment.
    pub(crate) status: Option<RefundStatus>,
    /// The seconds after which they fail. `None` lets them be.
    pub(crate) fails_after_seconds: Option<u32>,
}

/// The current faults, and the body of the control call that changes them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    /// One fault, or several, of which the first that applies to a request takes effect.
    #[serde(default, deserialize_with = "one_or_more")]
    pub(crate) api: Option<Vec<ApiFault>>,
    pub(crate) webhooks: Option<WebhookFault>,
    pub(crate) refunds: Option<RefundFault>,
}

fn one_or_more<'de, D>(deserializer: D) -> Result<Option<Vec<ApiFault>>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    // The texts of serde's untagged enums do not say what is wrong with a fault.
    let value = serde_json::Value::deserialize(deserializer)?;
    let faults = match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::Array(faults) => faults,
        fault => vec![fault],
    };
    let read = |fault| serde_json::from_value(fault).map_err(serde::de::Error::custom);
    faults.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

impl Faults {
    /// Returns how a request fails, and counts the fault down.
    pub(crate) fn take(
        &mut self,
        method: &str,
        path: &str,
        owner: Option<&str>,
    ) -> Option<Failure> {
        let mut faults = self.api.iter_mut().flatten();
        faults.find_map(|fault| fault.take(method, path, owner))
    }

    /// Takes over the kinds of faults that `change` has. The others do not change.
    pub(crate) fn apply(&mut self, change: Self) -> Result<(), ApiError> {
        for api in change.api.iter().flatten() {
            if api.kept && api.mode != ApiFaultMode::Internal {
                return Err(ApiError::invalid("Only the mode 500 can be kept."));
            }
            if (api.millis > 0) != (api.mode == ApiFaultMode::Latency) {
                return Err(ApiError::invalid("The mode latency has a number of millis."));
            }
        }
        if let Some(webhooks) = &change.webhooks
            && (webhooks.millis > 0) != (webhooks.mode == WebhookFaultMode::Delay)
        {
            return Err(ApiError::invalid("The mode delay has a number of millis."));
        }
        self.api = change.api.or(self.api.take());
        self.webhooks = change.webhooks.or(self.webhooks.take());
        self.refunds = change.refunds.or(self.refunds.take());
        Ok(())
    }
}
