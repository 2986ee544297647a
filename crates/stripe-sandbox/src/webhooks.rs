//! The delivery of events to the webhook address: signed, retried, and in a task of its own.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, redirect};
use sha2::Sha256;
use tokio::task::JoinSet;

use crate::clock;
use crate::faults::WebhookFaultMode;
use crate::model::State;
use crate::render;
use crate::shared::Shared;

/// The largest number of deliveries at the same time.
const MAX_CONCURRENT: usize = 8;
const MAX_ATTEMPTS: u32 = 10;
const TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_RETRY_MILLIS: i64 = 250;
const MAX_RETRY_MILLIS: i64 = 60_000;
/// The longest sleep of the task. It wakes earlier for a due or a new delivery.
const MAX_IDLE_MILLIS: i64 = 1_000;

/// A delivery to attempt now.
struct Job {
    delivery: String,
    body: String,
    /// Whether it is signed with the secret of the endpoint.
    is_genuine: bool,
}

/// Delivers queued events until the task is aborted.
pub(crate) async fn deliver(shared: Arc<Shared>, client: Client, address: String) {
    let mut running = JoinSet::new();
    loop {
        let free = MAX_CONCURRENT.saturating_sub(running.len());
        let (jobs, wait, version) = shared.with(|state| {
            let (jobs, wait) = state.due_deliveries(free);
            (jobs, wait, state.version)
        });
        for job in jobs {
            running.spawn(attempt(shared.clone(), client.clone(), address.clone(), version, job));
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

/// Creates the HTTP client for deliveries. Like Stripe, it follows no redirects.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    // Fails if the process already has a provider, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()
}

/// Delivers an event that the state has since `version`. What the state has is told only once it is saved: after a crash, the one
/// who was told would know of what never happened.
async fn attempt(
    shared: Arc<Shared>,
    client: Client,
    address: String,
    version: u64,
    job: Job,
) -> (String, bool) {
    if shared.wait_saved(version).await.is_err() {
        return (job.delivery, false);
    }
    let secret = shared.config.webhook_secret.clone();
    // Each attempt has a new signature, because receivers accept a time of only a few minutes ago.
    let secret = if job.is_genuine { secret } else { format!("{secret}_of_another_endpoint") };
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

/// Returns the header `t=…,v1=…`: HMAC-SHA256 with the whole secret over the time, a dot and the
/// raw body.
pub(crate) fn signature(secret: &str, time: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        // Unreachable, because HMAC accepts keys of any length. Receivers refuse an empty
        // signature.
        return String::new();
    };
    mac.update(time.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
}

impl State {
    /// Starts at most `free` due deliveries, and returns them with the time until the next one.
    fn due_deliveries(&mut self, free: usize) -> (Vec<Job>, Duration) {
        let now = clock::millis();
        let mut due = Vec::new();
        let mut wait = MAX_IDLE_MILLIS;
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
            // The event was deleted because of its age.
            self.deliveries.remove(&key);
            return None;
        };
        let fault = self.faults.webhooks.as_ref();
        let is_genuine = fault
            .is_none_or(|fault| fault.mode_for(&event.kind) != WebhookFaultMode::WrongSignature);
        let body = render::event(self, event).to_string();
        Some(Job { delivery: key, body, is_genuine })
    }

    fn end_attempt(&mut self, key: &str, delivered: bool) {
        self.version += 1;
        let Some(delivery) = self.deliveries.get_mut(key) else {
            return;
        };
        delivery.active = false;
        delivery.attempts += 1;
        let (attempts, event) = (delivery.attempts, delivery.event.clone());
        if delivered || attempts >= MAX_ATTEMPTS {
            if !delivered {
                tracing::warn!(event, "a webhook failed too often and is not tried again");
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
    fn signature_is_computed_as_stripe_does() {
        // Computed with `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_test`.
        let expected =
            "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";
        assert_eq!(signature("whsec_test", 1_700_000_000, "{}"), expected);
    }
}
