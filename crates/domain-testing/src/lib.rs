//! Test support for crates that implement or embed the ports.
//!
//! [`MemoryStore`] and the other fakes are stateful: use them where a story has several steps. The
//! mocks of `tollgate_domain::mocks` (feature `testing`) are for tests in which one call matters. [`contract`] holds what every adapter of a port
//! has to keep to; a store runs it with [`store_contract!`], and adapters of other ports with the macro of theirs.

mod builders;
mod bulk;
mod clock;
pub mod contract;
mod file_store;
mod links;
mod mailer;
mod memory;
mod passwords;
mod payments;
mod random;
mod shop;
mod stored_jobs;
mod test_app;

pub use builders::*;
pub use bulk::sales_in_order;
pub use clock::{ManualClock, at, start_of_time};
pub use file_store::MemoryFileStore;
pub use links::TestLinks;
pub use mailer::{RecordingMailer, link_in};
pub use memory::MemoryStore;
pub use passwords::PlainPasswords;
pub use payments::{Call, FakePayments, Fault, SessionRecord};
pub use random::SeededRandom;
pub use shop::{Shop, open_shop};
pub use stored_jobs::STORED_JOBS;
pub use test_app::{MAX_BYTES, TestApp};

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::Poll,
};

/// A fake is still of use after a test has panicked with its lock.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets other tasks go first, once.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
