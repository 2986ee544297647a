//! The phase of the service on a connection.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::Waker,
};

/// The phase of the service on a connection. Clones are about the same connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Phase(pub(super) Rc<Progress>);

#[derive(Debug, Default)]
pub(super) struct Progress {
    /// How many requests were begun.
    pub(super) requests: Cell<u64>,
    pub(super) is_handling: Cell<bool>,
    /// Whether the body of an answer is being sent.
    pub(super) is_answering: Cell<bool>,
    /// How many bytes the body of the last request has; the greatest number if that is not known.
    pub(super) body: Cell<u64>,
    /// Wakes the task of the connection, which reads no more until it is woken.
    pub(super) waits: RefCell<Option<Waker>>,
}

/// A request that is being handled, until this is dropped.
pub(super) struct Handling(Phase);

/// An answer that is being sent, until this is dropped.
pub(super) struct Answering(Phase);

impl Phase {
    /// Notes that the headers of a request have arrived, which has a body of so many bytes; `None` if that is not known.
    pub(super) fn begin(&self, body: Option<u64>) -> Handling {
        self.0.requests.set(self.0.requests.get().wrapping_add(1));
        self.0.is_handling.set(true);
        self.0.body.set(body.unwrap_or(u64::MAX));
        Handling(self.clone())
    }

    /// Notes that all of a body has arrived whose length was not known.
    pub(super) fn body_ended(&self) {
        self.0.body.set(0);
    }

    /// Lets the connection read on.
    pub(super) fn read_on(&self) {
        if let Some(waker) = self.0.waits.take() {
            waker.wake();
        }
    }
}

impl Handling {
    /// Notes that the request was handled, and that its answer is sent from now on.
    pub(super) fn answer(self) -> Answering {
        self.0.0.is_answering.set(true);
        Answering(self.0.clone())
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        self.0.0.is_handling.set(false);
        self.0.read_on();
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.is_answering.set(false);
    }
}
