//! The clock, the random generator and the signals of the operating system.

use std::env;

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tollgate_domain::{
    clock::{Clock, whole_micros},
    random::Random,
};

/// The system clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port to the system's clock")]
    fn now(&self) -> Timestamp {
        whole_micros(Timestamp::now())
    }
}

/// Returns the variables of this process. Those that are not UTF-8 cannot be settings of a bucket, for which these are.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The system's random generator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OsRandom;

impl Random for OsRandom {
    #[expect(clippy::disallowed_methods, reason = "this is the port to the system's generator")]
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // Every secret would be guessable without randomness, so the program stops.
            eprintln!("tollgate: the system gives no random numbers: {error}");
            std::process::abort();
        }
    }
}

/// Waits until the process receives a signal to stop.
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
