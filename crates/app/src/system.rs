//! The clock, the random generator and the signals of the operating system.

use std::env;

use anyhow::bail;
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

/// Returns the variables of this process, for the settings of a bucket. Of those that start with `AWS_` each has to be
/// UTF-8; others are left out.
pub(crate) fn variables() -> anyhow::Result<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for (name, value) in env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => variables.push((name, value)),
            (Ok(name), Err(_)) if name.starts_with("AWS_") => {
                bail!("{name} is not text in UTF-8");
            }
            _ => {}
        }
    }
    Ok(variables)
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
