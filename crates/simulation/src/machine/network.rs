//! Requests to the provider that their senders have stopped waiting for.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tollgate_domain_testing::Call;

/// A request that is carried out later.
pub(crate) type Request = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The way to the provider, on which a request can be late: its sender gets no answer in time, and it is
/// carried out afterwards.
#[derive(Default)]
pub(crate) struct Network(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many of the next requests of each kind are late.
    late: BTreeMap<Call, u32>,
    posted: Vec<Request>,
    keys: Vec<String>,
}

/// The idempotency key of a request that is under way, until it is dropped.
pub(crate) struct InUse {
    network: Arc<Network>,
    key: String,
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.network.state().keys.retain(|key| *key != self.key);
    }
}

impl Network {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the next request of this kind late.
    pub(crate) fn delay_next(&self, call: Call) {
        *self.state().late.entry(call).or_default() += 1;
    }

    /// Returns whether this request is late.
    pub(super) fn takes_long(&self, call: Call) -> bool {
        let mut state = self.state();
        match state.late.get_mut(&call) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// Takes a key; `None` if another request with it is under way.
    pub(super) fn take_key(self: &Arc<Self>, key: String) -> Option<InUse> {
        let mut state = self.state();
        if state.keys.contains(&key) {
            return None;
        }
        state.keys.push(key.clone());
        Some(InUse { network: self.clone(), key })
    }

    /// Leaves a request to be carried out later.
    pub(super) fn post(&self, request: Request) {
        self.state().posted.push(request);
    }

    /// Returns the requests that were left since the last time.
    pub(crate) fn take_posted(&self) -> Vec<Request> {
        std::mem::take(&mut self.state().posted)
    }

    /// Returns whether no request is told to be late.
    pub(crate) fn is_calm(&self) -> bool {
        self.state().late.values().all(|left| *left == 0)
    }

    /// Makes no further request late.
    pub(crate) fn heal(&self) {
        self.state().late.clear();
    }
}
