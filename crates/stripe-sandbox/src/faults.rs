//! Faults that control calls inject.

use serde::{Deserialize, Serialize};

/// How an API request fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum ApiFaultMode {
    #[default]
    #[serde(rename = "none")]
    None,
    /// The request is never answered.
    #[serde(rename = "timeout")]
    Timeout,
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
    /// Whether the request is carried out before its answer fails.
    #[serde(default)]
    pub(crate) after_effect: bool,
}

impl ApiFault {
    /// Returns the mode of a fault that applies to a request for `path`, with `after_effect`, and
    /// counts it down.
    pub(crate) fn take(&mut self, path: &str) -> Option<(ApiFaultMode, bool)> {
        let applies = self.mode != ApiFaultMode::None
            && self.path.as_deref().is_none_or(|prefix| path.starts_with(prefix));
        if !applies {
            return None;
        }
        match &mut self.times {
            Some(0) => return None,
            Some(times) => *times -= 1,
            None => {}
        }
        Some((self.mode, self.after_effect))
    }
}

/// How the delivery of webhooks fails, from the next event on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WebhookFaultMode {
    #[default]
    None,
    /// Events are stored but not delivered.
    Drop,
    /// Every event is delivered twice.
    Duplicate,
    /// The later one of every two events is delivered first.
    Reorder,
}

/// A fault of webhooks.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookFault {
    pub(crate) mode: WebhookFaultMode,
}

/// The current faults, and the body of the control call that changes them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) api: Option<ApiFault>,
    pub(crate) webhooks: Option<WebhookFault>,
}
