//! The state that all requests and tasks share, with its lock and its saving.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::{Notify, watch};

use crate::config::SandboxConfig;
use crate::error::ApiError;
use crate::model::State;
use crate::store::Store;

/// The number of requests that are kept.
const MAX_RECORDED: usize = 10_000;

/// A request to the API as it arrived.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// The HTTP method in capital letters.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The raw query string, or an empty string.
    pub query: String,
    /// The `Stripe-Account` header.
    pub stripe_account: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The `Stripe-Version` header.
    pub stripe_version: Option<String>,
    /// The raw form-encoded body.
    pub form: String,
}

/// The result of the last save.
#[derive(Clone, Copy, Debug)]
struct Saved {
    version: u64,
    succeeded: bool,
}

/// The state and everything that waits for its changes.
pub(crate) struct Shared {
    pub(crate) config: SandboxConfig,
    state: Mutex<State>,
    requests: Mutex<VecDeque<RecordedRequest>>,
    store: Option<Store>,
    changed: Notify,
    saved: watch::Sender<Saved>,
    /// Wakes the delivery of webhooks.
    pub(crate) deliver: Notify,
}

impl Shared {
    pub(crate) fn new(config: SandboxConfig, state: State, store: Option<Store>) -> Self {
        let saved = Saved { version: state.version, succeeded: true };
        Self {
            config,
            state: Mutex::new(state),
            requests: Mutex::default(),
            store,
            changed: Notify::new(),
            saved: watch::Sender::new(saved),
            deliver: Notify::new(),
        }
    }

    /// Calls `work` with the state, after expiring what is due.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let mut state = lock(&self.state);
        let (version, waiting) = (state.version, state.deliveries.len());
        state.expire_due();
        let result = work(&mut state);
        let (changed, queued) = (state.version != version, state.deliveries.len() > waiting);
        drop(state);
        if changed {
            self.changed.notify_one();
        }
        if queued {
            self.deliver.notify_one();
        }
        result
    }

    /// Changes the state, and waits until the change is saved.
    pub(crate) async fn change<R>(
        &self,
        work: impl FnOnce(&mut State) -> R,
    ) -> Result<R, ApiError> {
        let (result, version) = self.with(|state| {
            state.version += 1;
            let result = work(state);
            (result, state.version)
        });
        self.wait_saved(version).await?;
        Ok(result)
    }

    /// Waits until this version of the state, or a later one, is saved.
    pub(crate) async fn wait_saved(&self, version: u64) -> Result<(), ApiError> {
        if self.store.is_none() {
            return Ok(());
        }
        let mut saved = self.saved.subscribe();
        let reached = saved.wait_for(|saved| saved.version >= version).await;
        match reached {
            Ok(saved) if saved.succeeded => Ok(()),
            _ => Err(ApiError::internal()),
        }
    }

    /// Saves the state after each change. Changes that are made during a write are saved together
    /// in the next one.
    pub(crate) async fn keep_saving(self: Arc<Self>) {
        loop {
            self.changed.notified().await;
            self.save(false).await;
        }
    }

    /// Saves the changed rows, or all rows if `complete`.
    pub(crate) async fn save(&self, complete: bool) {
        let Some(store) = &self.store else {
            return;
        };
        let complete = complete || store.wants_all();
        let (version, batch) = {
            let mut state = lock(&self.state);
            (state.version, state.drain(complete))
        };
        let written = match batch {
            Ok(batch) => store.write(batch).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &written {
            tracing::error!(%error, "the sandbox's state could not be saved");
        }
        let succeeded = written.is_ok();
        self.saved.send_replace(Saved { version, succeeded });
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        let mut requests = lock(&self.requests);
        if requests.len() >= MAX_RECORDED {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.requests).iter().cloned().collect()
    }
}

/// Locks a mutex, also after a panic: every change is completed under one lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
