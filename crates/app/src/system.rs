//! The clock, the random generator and the signals of the operating system.

use std::{env, fs, future};

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
            note!("tollgate: the system gives no random numbers: {error}");
            std::process::abort();
        }
    }
}

/// Waits until the process receives a signal to stop, or its terminal is closed.
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
        () = hung_up() => {}
    }
}

/// Waits until the terminal of the process is closed, unless the process is to outlive it, as with `nohup`.
pub(crate) async fn hung_up() {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    // Listening for the signal would end its being ignored, so where that is not known the signal is left alone.
    if ignores_hangup(&status) == Some(false) {
        match signal(SignalKind::hangup()) {
            Ok(mut hangup) => {
                hangup.recv().await;
                return;
            }
            Err(error) => tracing::error!(%error, "cannot listen for the end of the terminal"),
        }
    }
    future::pending::<()>().await;
}

/// Returns whether a process ignores SIGHUP, from what the system tells of it.
/// Source: proc(5), `/proc/pid/status`.
fn ignores_hangup(status: &str) -> Option<bool> {
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    // The lowest bit is signal 1.
    Some(u64::from_str_radix(ignored.trim(), 16).ok()? & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::ignores_hangup;

    #[test]
    fn process_under_nohup_ignores_the_end_of_its_terminal() {
        for (mask, is_ignored) in [
            ("0000000000000001", Some(true)),
            ("0000000000001001", Some(true)),
            ("0000000000001000", Some(false)),
            ("0000000000000000", Some(false)),
            ("", None),
        ] {
            let status = format!("Name:\ttollgate\nSigBlk:\t0000000000000001\nSigIgn:\t{mask}\n");
            assert_eq!(ignores_hangup(&status), is_ignored, "{mask}");
        }
        assert_eq!(ignores_hangup(""), None);
    }
}
