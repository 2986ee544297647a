//! Failures that the sandbox was told to show.

use serde::{Deserialize, Serialize};

/// How an API request fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum ApiFaultMode {
    #[default]
    #[serde(rename = "none")]
    None,
    /// No answer comes.
    #[serde(rename = "timeout")]
    Timeout,
    /// Another request with the key is in progress.
    #[serde(rename = "409")]
    InUse,
    #[serde(rename = "429")]
    RateLimited,
    #[serde(rename = "500")]
    Internal,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiFault {
    pub(crate) mode: ApiFaultMode,
    /// How many requests fail; without it all do, until told otherwise.
    pub(crate) times: Option<u32>,
    /// Only requests whose path starts with this fail.
    pub(crate) path: Option<String>,
    /// The request has its effect and only the answer is lost.
    #[serde(default)]
    pub(crate) after_effect: bool,
}

impl ApiFault {
    /// The fault of this request, counted down.
    pub(crate) fn take(&mut self, path: &str) -> Option<(ApiFaultMode, bool)> {
        let concerned = self.mode != ApiFaultMode::None
            && self.path.as_deref().is_none_or(|prefix| path.starts_with(prefix));
        if !concerned {
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

/// How webhooks go wrong, from the next event on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum WebhookFaultMode {
    #[default]
    None,
    /// Events are stored and never delivered.
    Drop,
    /// Every event is delivered twice.
    Duplicate,
    /// Of every two events the later one is delivered first.
    Reorder,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookFault {
    pub(crate) mode: WebhookFaultMode,
}

/// What is in force, and the body of the control call that changes it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    pub(crate) api: Option<ApiFault>,
    pub(crate) webhooks: Option<WebhookFault>,
}
