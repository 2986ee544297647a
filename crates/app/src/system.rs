//! The operating system: its clock, its random generator, and its signals.

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_domain::{
    clock::{Clock, whole_micros},
    random::Random,
};

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port to the system's clock")]
    fn now(&self) -> Timestamp {
        whole_micros(Timestamp::now())
    }
}

/// The system's random generator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the port to the system's generator")]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // Without randomness every secret would be guessable: nothing can go on.
            eprintln!("tollgate: the system gives no random numbers: {error}");
            std::process::abort();
        }
    }
}

/// Returns when the process is asked to end.
pub(crate) async fn interrupted() {
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::error!(%error, "cannot listen for signals");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
