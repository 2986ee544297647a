//! What webhooks under way share.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::Receiving;

/// The shortest time between two log lines about refused webhooks.
const WARNINGS_INTERVAL: Duration = Duration::from_mins(1);

/// What the webhooks that are being received share: their bodies are bounded in sum, and refusals are logged, but not
/// each.
#[derive(Debug)]
pub(crate) struct WebhookIntake {
    bodies: Receiving,
    /// When a refusal was logged last. It is not read from the clock of the installation, which may be what is wrong.
    warned_at: Mutex<Option<Instant>>,
}

impl WebhookIntake {
    /// The largest number of bodies that are received at the same time: 16 MiB in sum. For one more, the oldest of the slow ones
    /// ends, so that strangers who send nothing keep no webhook out.
    pub(crate) const MAX_BODIES: usize = 32;

    pub(crate) fn new() -> Self {
        Self { bodies: Receiving::new(Self::MAX_BODIES), warned_at: Mutex::default() }
    }

    pub(crate) fn bodies(&self) -> &Receiving {
        &self.bodies
    }

    /// Returns whether nothing was logged in the last minute.
    pub(crate) fn may_warn(&self, now: Instant) -> bool {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = warned_at.is_none_or(|at| now.duration_since(at) >= WARNINGS_INTERVAL);
        if is_time {
            *warned_at = Some(now);
        }
        is_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_logged_at_most_once_a_minute() {
        let (intake, start) = (WebhookIntake::new(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let told = [0, 1, 59, 60, 61, 119, 120].map(|seconds| intake.may_warn(after(seconds)));
        assert_eq!(told, [true, false, false, true, false, false, true]);
    }
}
