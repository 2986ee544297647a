//! Receiving webhooks: how large each may be and how long it may take, and what is logged of those that are refused.

use std::time::{Duration, Instant};

use actix_web::{dev::Payload as Body, http::header::HeaderMap, rt::time::timeout, web::Bytes};

use crate::{
    edge::count,
    extract::Incoming,
    problem::{Code, Problem},
    state::WebhookIntake,
};

const MAX_BYTES: usize = 512 * 1024;
/// The longest time from the headers to the end of the body.
const DEADLINE: Duration = Duration::from_secs(10);

impl WebhookIntake {
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

    /// Receives a body, in time.
    pub(super) async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Problem> {
        let incoming = Incoming::new(headers, body, self.bodies().clone());
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
        assert_eq!(
            (under_way.len(), refused),
            (WebhookIntake::MAX_BODIES, 64 - WebhookIntake::MAX_BODIES)
        );
        // The slow ones still hold on.
        let event = intake.receive(&headers, Body::from(Bytes::from("event"))).await;
        assert_eq!(event.unwrap(), "event");
    }
}
