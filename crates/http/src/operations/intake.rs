//! Receiving webhooks: how many at once, and what is logged of those that are refused.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use actix_web::{dev::Payload as Body, http::header::HeaderMap, rt::time::timeout, web::Bytes};

use crate::{
    edge::count,
    extract::Incoming,
    problem::{Code, Problem},
    state::Receiving,
};

const MAX_BYTES: usize = 512 * 1024;
/// The largest number of bodies that are received at the same time: 16 MiB in sum. For one more, the oldest of the slow ones
/// ends, so that strangers who send nothing keep no webhook out.
const MAX_BODIES: usize = 32;
/// The longest time from the headers to the end of the body.
const DEADLINE: Duration = Duration::from_secs(10);
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
    pub(crate) fn new() -> Self {
        Self { bodies: Receiving::new(MAX_BODIES), warned_at: Mutex::default() }
    }

    /// Counts a webhook that was refused, and logs what may be wrong here: with a wrong secret or clock all are refused,
    /// which would not be noticed otherwise.
    pub(super) fn refused(&self, problem: Problem) -> Problem {
        count::webhook("refused");
        if self.may_warn(Instant::now()) {
            tracing::warn!(
                "a webhook was refused: see whether TOLLGATE_STRIPE_WEBHOOK_SECRETS has the signing secret of each \
                 endpoint at Stripe, and whether this machine's clock is right"
            );
        }
        problem
    }

    /// Returns whether nothing was logged in the last minute.
    fn may_warn(&self, now: Instant) -> bool {
        let mut warned_at = self.warned_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_time = warned_at.is_none_or(|at| now.duration_since(at) >= WARNINGS_INTERVAL);
        if is_time {
            *warned_at = Some(now);
        }
        is_time
    }

    /// Receives a body, in time.
    pub(super) async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        let incoming = Incoming::new(headers, body, self.bodies.clone());
        let received = timeout(DEADLINE, incoming.receive(MAX_BYTES)).await;
        received.map_err(|_| Problem::new(Code::Unavailable).again_in(1))?
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, stream};

    use super::*;

    /// Returns a body of which nothing ever arrives.
    fn slow() -> Body {
        Body::Stream { payload: Box::pin(stream::pending()) }
    }

    #[test]
    fn refusals_are_logged_at_most_once_a_minute() {
        let (intake, start) = (WebhookIntake::new(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let told = [0, 1, 59, 60, 61, 119, 120].map(|seconds| intake.may_warn(after(seconds)));
        assert_eq!(told, [true, false, false, true, false, false, true]);
    }

    #[actix_web::test]
    async fn bodies_under_way_are_bounded_in_sum() {
        let (intake, headers) = (WebhookIntake::new(), HeaderMap::new());
        let mut under_way: Vec<_> =
            (0..64).map(|_| Box::pin(intake.receive(&headers, slow()))).collect();
        for body in &mut under_way {
            assert!(body.as_mut().now_or_never().is_none());
        }
        let mut refused = 0;
        under_way.retain_mut(|body| match body.as_mut().now_or_never() {
            Some(ended) => {
                assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
                refused += 1;
                false
            }
            None => true,
        });
        assert_eq!((under_way.len(), refused), (MAX_BODIES, 64 - MAX_BODIES));
        // The slow ones still hold on.
        let event = intake.receive(&headers, Body::from(Bytes::from("event"))).await;
        assert_eq!(event.unwrap(), "event");
    }
}
