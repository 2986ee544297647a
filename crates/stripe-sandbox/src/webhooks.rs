//! Events on their way to the webhook address: signed, retried, and never in an API answer's way.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, redirect};
use sha2::Sha256;
use tokio::task::JoinSet;

use crate::clock;
use crate::model::State;
use crate::render;
use crate::shared::Shared;

/// Deliveries under way at a time.
const CONCURRENT: usize = 8;
const ATTEMPTS: u32 = 10;
const TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_RETRY_MILLIS: i64 = 250;
const MAX_RETRY_MILLIS: i64 = 60_000;
/// The longest sleep; what falls due earlier, or is queued, wakes the task before.
const IDLE_MILLIS: i64 = 1_000;

/// A delivery that is to be tried now.
struct Job {
    delivery: String,
    body: String,
}

/// Delivers what is queued, for ever.
pub(crate) async fn deliver(shared: Arc<Shared>, client: Client, address: String) {
    let mut running = JoinSet::new();
    loop {
        let free = CONCURRENT.saturating_sub(running.len());
        let (jobs, wait) = shared.with(|state| state.due_deliveries(free));
        for job in jobs {
            let attempt =
                attempt(client.clone(), address.clone(), shared.config.webhook_secret.clone(), job);
            running.spawn(attempt);
        }
        tokio::select! {
            () = shared.deliver.notified() => {}
            Some(ended) = running.join_next(), if !running.is_empty() => {
                if let Ok((delivery, delivered)) = ended {
                    shared.with(|state| state.end_attempt(&delivery, delivered));
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// The client of the deliveries. It follows no redirects, as Stripe does not.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    // Fails when the process has a provider, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()
}

async fn attempt(client: Client, address: String, secret: String, job: Job) -> (String, bool) {
    // Each attempt is signed anew: the receiver tolerates only a few minutes.
    let signature = signature(&secret, clock::seconds(), &job.body);
    let sent = client
        .post(address)
        .header("Stripe-Signature", signature)
        .header("Content-Type", "application/json; charset=utf-8")
        .body(job.body)
        .send()
        .await;
    let delivered = match sent {
        Ok(answer) => answer.status().is_success(),
        Err(error) => {
            tracing::debug!(error = %error.without_url(), "a webhook was not delivered");
            false
        }
    };
    (job.delivery, delivered)
}

/// `t=…,v1=…`: HMAC-SHA256 with the whole secret over the time, a dot and the raw body.
pub(crate) fn signature(secret: &str, time: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        // Not reached: HMAC takes keys of any length. An empty signature is refused everywhere.
        return String::new();
    };
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let mut signature = format!("t={time},v1=");
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(signature, "{byte:02x}");
    }
    signature
}

impl State {
    /// At most `free` deliveries to try now, and how long to wait for more.
    fn due_deliveries(&mut self, free: usize) -> (Vec<Job>, Duration) {
        let now = clock::millis();
        let mut due = Vec::new();
        let mut wait = IDLE_MILLIS;
        for (key, delivery) in self.deliveries.iter() {
            let earlier = delivery.after.as_ref();
            let blocked = earlier.is_some_and(|earlier| self.deliveries.contains_key(earlier));
            if delivery.active || blocked {
                continue;
            }
            if delivery.due > now {
                wait = wait.min(delivery.due - now);
            } else if due.len() < free {
                due.push(key.clone());
            }
        }
        let jobs = due.into_iter().filter_map(|key| self.begin_attempt(key));
        (jobs.collect(), Duration::from_millis(wait.unsigned_abs()))
    }

    fn begin_attempt(&mut self, key: String) -> Option<Job> {
        let delivery = self.deliveries.get_mut(&key)?;
        delivery.active = true;
        delivery.held = false;
        let id = delivery.event.clone();
        let event = self.events.values().rev().find(|event| event.id == id);
        let Some(event) = event else {
            // The event is older than events are kept.
            self.deliveries.remove(&key);
            return None;
        };
        let body = render::event(self, event).to_string();
        Some(Job { delivery: key, body })
    }

    fn end_attempt(&mut self, key: &str, delivered: bool) {
        self.version += 1;
        let Some(delivery) = self.deliveries.get_mut(key) else {
            return;
        };
        delivery.active = false;
        delivery.attempts += 1;
        let (attempts, event) = (delivery.attempts, delivery.event.clone());
        if delivered || attempts >= ATTEMPTS {
            if !delivered {
                tracing::warn!(event, "a webhook was given up");
            }
            self.deliveries.remove(key);
            return;
        }
        let backoff = FIRST_RETRY_MILLIS << (attempts - 1);
        delivery.due = clock::millis() + backoff.min(MAX_RETRY_MILLIS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_stripes() {
        // Computed with `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`.
        let expected =
            "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(signature("whsec_test", 1_700_000_000, "{}"), expected);
    }
}
