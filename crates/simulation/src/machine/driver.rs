//! Polling: the one place that depends on what the stores are made of.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use super::gates::Gates;

/// Polls operations.
#[derive(Debug)]
pub(crate) enum Driver {
    /// Everything is in memory: an operation that waits is only letting others go first.
    Memory,
    /// The store does I/O on this runtime: an operation goes on until it comes to a gate.
    #[cfg(feature = "stores")]
    Tokio(tokio::runtime::Runtime),
}

/// More polls than any sound operation needs.
const MAX_POLLS: u32 = 1_000_000;

impl Driver {
    /// Lets an operation go on until the next point at which others can.
    pub(crate) fn advance<T>(
        &self,
        mut future: Pin<&mut (dyn Future<Output = T> + Send)>,
        gates: &Gates,
    ) -> Poll<T> {
        match self {
            Self::Memory => {
                let _ = gates;
                future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            }
            #[cfg(feature = "stores")]
            Self::Tokio(runtime) => runtime.block_on(std::future::poll_fn(|context| match future
                .as_mut()
                .poll(context)
            {
                Poll::Pending if !gates.is_at_gate() => Poll::Pending,
                outcome => Poll::Ready(outcome),
            })),
        }
    }

    /// Does something that may drop operations where they are, such as open units of work.
    pub(crate) fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Memory => work(),
            #[cfg(feature = "stores")]
            Self::Tokio(runtime) => {
                let _entered = runtime.enter();
                work()
            }
        }
    }

    /// Runs something to its end while nothing else goes on; `None` if it has no end.
    pub(crate) fn complete<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        match self {
            Self::Memory => {
                let mut future = pin!(future);
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..MAX_POLLS {
                    if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
                        return Some(outcome);
                    }
                }
                None
            }
            #[cfg(feature = "stores")]
            Self::Tokio(runtime) => Some(runtime.block_on(future)),
        }
    }
}
